//! Sets and lists that a loop fills: finished tasks are taken out before the next one goes in.

use super::accept::accept_at;
use crate::{
    finding::{Applicability::MaybeIncorrect, Piece, Rewrite},
    rewrite::{Draft, FUTURE_EXT, STREAM_EXT, Toolbox, places},
};
use spawnlint_analysis::{
    facts::Expr,
    questions::{GrowingSet, Program, SetKind, Type},
};

/// What empties a set in each turn of the loop that fills it, best first.
pub fn rewrites_of_growing_set(program: &Program, rule: &str, set: &GrowingSet) -> Vec<Rewrite> {
    let taken = match set.kind {
        SetKind::Joined => joined(program, set),
        SetKind::List => list(program, set),
        SetKind::Futures => futures(program, set),
    };
    taken.into_iter().chain(accept_at(program, rule, set.filled)).collect()
}

/// `while set.try_join_next().is_some() {}`
fn joined(program: &Program, set: &GrowingSet) -> Option<Rewrite> {
    before_it_is_filled(program, set, "join finished tasks before spawning the next one", |kept| {
        vec![Piece::New("while ".into()), kept, Piece::New(".try_join_next().is_some() {}\n".into())]
    })
}

/// `handles.retain(|task| !task.is_finished());`
fn list(program: &Program, set: &GrowingSet) -> Option<Rewrite> {
    if !(set.ty.is("std::vec::Vec") || set.ty.is("std::collections::VecDeque")) {
        return None;
    }
    let (pattern, handle) = match set.ty.inside() {
        Type::Tuple(members) => {
            let is_handle = |it: &Type| it.external().is_some_and(|path| path.starts_with("tokio"));
            let at = members.iter().position(is_handle)?;
            let names: Vec<&str> = (0..members.len()).map(|it| if it == at { "task" } else { "_" }).collect();
            (format!("({})", names.join(", ")), "task")
        }
        Type::External(..) | Type::Unknown => ("task".to_owned(), "task"),
        _ => return None,
    };
    let statement = places::statement(program, set.filled)?;
    // Behind it: before the first one goes in, the compiler may not know yet what the list holds.
    if statement.is_tail {
        return before_it_is_filled(program, set, "remove finished tasks before spawning the next one", |kept| {
            vec![kept, Piece::New(format!(".retain(|{pattern}| !{handle}.is_finished());\n"))]
        });
    }
    let file = program.file(set.filled.file);
    let Expr::MethodCall { receiver, .. } = file[set.filled.id] else { return None };
    let kept = Piece::Kept(program.span(set.filled.with(receiver)));
    let retains = vec![kept, Piece::New(format!(".retain(|{pattern}| !{handle}.is_finished());"))];
    Draft::new("remove finished tasks when spawning the next one", MaybeIncorrect)
        .stmt_behind_of(program, statement, retains)
        .finish_in(program)
}

/// `while let Some(Some(_)) = stream.next().now_or_never() {}`, written so that no trait has to be imported.
fn futures(program: &Program, set: &GrowingSet) -> Option<Rewrite> {
    let file = program.file(set.filled.file);
    let Expr::MethodCall { receiver, .. } = file[set.filled.id] else { return None };
    let pat = places::own_local(program, set.filled.with(receiver))?;
    let tools = Toolbox::new(program, set.filled);
    let (next, now) = (tools.path(STREAM_EXT), tools.path(FUTURE_EXT));
    let statement = places::statement(program, set.filled)?;
    let name = Piece::Kept(program.span(set.filled.with(receiver)));
    let text = vec![
        Piece::New(format!("while let Some(Some(_)) = {now}::now_or_never({next}::next(&mut ")),
        name,
        Piece::New(")) {}\n".into()),
    ];
    let draft = Draft::new("remove finished tasks before spawning the next one", MaybeIncorrect);
    let draft = match places::is_mut(program, pat) {
        true => draft,
        false => draft.before(places::pat_span(program, pat), "mut "),
    };
    draft.replace(statement.at.start(), text).needs(tools.lacks(STREAM_EXT)).finish_in(program)
}

fn before_it_is_filled(
    program: &Program,
    set: &GrowingSet,
    title: &str,
    text: impl FnOnce(Piece) -> Vec<Piece>,
) -> Option<Rewrite> {
    let file = program.file(set.filled.file);
    let Expr::MethodCall { receiver, .. } = file[set.filled.id] else { return None };
    let statement = places::statement(program, set.filled)?;
    let kept = Piece::Kept(program.span(set.filled.with(receiver)));
    Draft::new(title, MaybeIncorrect).replace(statement.at.start(), text(kept)).finish_in(program)
}
