//! A statement in which a handle is lost, written anew so that what ends the task is made there.

use super::holder::{Holder, Making};
use crate::{
    finding::Piece,
    rewrite::{
        Draft,
        keepers::{self, Each, LostForm, LostValue},
        places,
    },
};
use spawnlint_analysis::questions::Program;

/// The expression that has the value once it is bound.
pub(super) fn held(holder: &Holder, name: &str) -> String {
    match &holder.making {
        Making::Apart { value, .. } => value.clone(),
        _ => name.to_owned(),
    }
}

/// A name for the value: the author's, if there is one.
pub(super) fn wanted_name<'a>(lost: &'a LostValue, holder: &Holder) -> &'a str {
    match (&holder.making, &lost.form) {
        (Making::Apart { .. }, _) => "stop",
        (Making::Behind(_), _) => "guard",
        (_, LostForm::Named { name, .. }) => name.trim_start_matches('_'),
        (_, LostForm::Several { name: Some(name), .. }) => name,
        (_, LostForm::Several { .. }) => "tasks",
        _ => "task",
    }
}

pub(super) fn field_name(holder: &Holder) -> &'static str {
    match holder.making {
        Making::Apart { .. } => "stop",
        Making::Behind(_) => "guard",
        _ => "task",
    }
}

/// What becomes of the value in its statement.
pub(super) enum Bound<'a> {
    /// `let name = value;`
    Let(&'a str),
    /// `value`
    Tail,
}

/// Changes the statement in which a handle is lost so that the value is made there, and has a name.
pub(super) fn bind(
    program: &Program,
    draft: Draft,
    lost: &LostValue,
    holder: &Holder,
    bound: Bound<'_>,
) -> Option<Draft> {
    let value = program.span(lost.value);
    let whole = lost.statement.at;
    let (head, tail) = places::parts_around(whole, value);
    let start = whole.start();
    let new = |text: String| vec![Piece::New(text)];
    if let Some(guard) = guard_of_long(program, lost, holder) {
        return bind_guard(program, draft, lost, guard, &bound);
    }
    Some(match (&holder.making, &lost.form) {
        (Making::Around(before, after), LostForm::Alone) => {
            let (open, close) = match bound {
                Bound::Let(name) => (format!("let {name} = {before}"), format!("{after};")),
                Bound::Tail => (before.clone(), after.clone()),
            };
            draft.replace(head, new(open)).replace(tail, new(close))
        }
        (Making::Around(before, after), LostForm::Named { given_up: None, .. }) if matches!(bound, Bound::Tail) => {
            draft.replace(head, new(before.clone())).replace(tail, new(after.clone()))
        }
        (Making::Around(before, after), LostForm::Named { name, pat, given_up }) => {
            let Bound::Let(wanted) = bound else { return None };
            let mut draft = draft.around(value, before.clone(), after.clone());
            if wanted != name {
                draft = draft.replace(*pat, new(wanted.to_owned()));
            }
            if given_up.is_some() && wanted.starts_with('_') {
                return None;
            }
            draft
        }
        (Making::Around(before, after), LostForm::Several { name, handle_type, each, .. }) => {
            let Bound::Let(wanted) = bound else { return None };
            let mut draft = match each {
                Each::Value => draft.around(value, before.clone(), after.clone()),
                // `AbortOnDropHandle::new(` as a function.
                Each::Behind(at) => draft.replace(*at, new(format!(".map({})", before.trim_end_matches('(')))),
            };
            if let Some(at) = handle_type {
                // A guard of the file's own has no arguments.
                let ty = before.strip_suffix("::new(")?;
                draft = draft.replace(*at, new(ty.to_owned()));
            }
            match name {
                Some(name) if name == wanted => draft,
                Some(_) => return None,
                None => draft.replace(start, new(format!("let {wanted} = "))),
            }
        }
        (Making::Behind(value), _) => {
            let Bound::Let(wanted) = bound else { return None };
            draft.after(whole, format!("\nlet {wanted} = {value};"))
        }
        (Making::Beside(before, after), LostForm::Used { name }) => {
            let Bound::Let(wanted) = bound else { return None };
            draft.after(whole, format!("\nlet {wanted} = {before}{name}{after};"))
        }
        (Making::Beside(before, after), LostForm::Within) => {
            let Bound::Let(wanted) = bound else { return None };
            let handle = places::free_name(program, lost.value, "handle");
            let prelude = vec![
                Piece::New(format!("let {handle} = ")),
                Piece::Kept(value),
                Piece::New(format!(";\nlet {wanted} = {before}{handle}{after};\n")),
            ];
            draft.replace(start, prelude).replace(value, new(handle))
        }
        (Making::Apart { prelude, future, value }, _) => {
            let draft = draft.replace(start, prelude.clone()).replace(future.0, future.1.clone());
            match bound {
                Bound::Let(name) if name.starts_with('_') => {
                    let semicolon = if places::needs_semicolon_now(program, lost.statement) { ";" } else { "" };
                    draft.after(whole, format!("{semicolon}\nlet {name} = {value};"))
                }
                _ => draft,
            }
        }
        _ => return None,
    })
}

/// How long a spawn may be for what is written around it to fit into the line.
const SHORT: u32 = 45;

/// `AbortGuard(` and `.abort_handle())`, around a spawn that fills several lines: behind these, a method call would
/// move every one of them.
fn guard_of_long<'a>(program: &Program, lost: &LostValue, holder: &'a Holder) -> Option<(&'a str, &'a str)> {
    let Making::Around(before, after) = &holder.making else { return None };
    let value = program.span(lost.value).range;
    let is_long = value.end - value.start > SHORT || keepers::has_block(program, lost.value);
    let is_one = matches!(lost.form, LostForm::Alone | LostForm::Named { .. });
    (is_one && is_long && after.starts_with('.')).then_some((before.as_str(), after.as_str()))
}

/// `let task = tokio::spawn(f);`, and the guard as a statement of its own.
fn bind_guard(
    program: &Program,
    draft: Draft,
    lost: &LostValue,
    (before, after): (&str, &str),
    bound: &Bound<'_>,
) -> Option<Draft> {
    let whole = lost.statement.at;
    let (head, tail) = places::parts_around(whole, program.span(lost.value));
    let name = match (&lost.form, bound) {
        (LostForm::Named { given_up: Some(_), .. }, Bound::Let(name)) if name.starts_with('_') => return None,
        (_, Bound::Let(name)) => places::own_name_or_free(program, lost.value, name.trim_start_matches('_')),
        (LostForm::Named { name, .. }, Bound::Tail) => name.trim_start_matches('_').to_owned(),
        (_, Bound::Tail) => places::free_name(program, lost.value, "task"),
    };
    let guard = match bound {
        Bound::Let(wanted) => format!("let {wanted} = {before}{name}{after};"),
        Bound::Tail => format!("{before}{name}{after}"),
    };
    let new = |text: String| vec![Piece::New(text)];
    Some(draft.replace(head, new(format!("let {name} = "))).replace(tail, new(format!(";\n{guard}"))))
}
