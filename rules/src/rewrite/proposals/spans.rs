//! Spans that are open for as long as a server: each turn gets a root span of its own.

use super::accept::{accept, accept_at};
use crate::{
    finding::{Applicability::MaybeIncorrect, Rewrite},
    rewrite::{Draft, SPAN, Toolbox, places},
};
use spawnlint_analysis::{
    facts::{Expr, Lit, Pat},
    questions::{ExprRef, LongLivedSpan, Opened, Program},
    span::TextRange,
};

/// What takes the spans of each turn out of one that stays open, best first.
pub fn rewrites_of_span(program: &Program, rule: &str, span: &LongLivedSpan) -> Vec<Rewrite> {
    if span.children.is_empty() {
        return accepted(program, rule, span).into_iter().collect();
    }
    let roots = Draft::new("give each iteration its own root span", MaybeIncorrect);
    let mut found: Vec<Rewrite> =
        roots_of_turns(program, span, roots).and_then(|draft| draft.finish_in(program)).into_iter().collect();
    found.extend(following_roots(program, span));
    found.extend(accepted(program, rule, span));
    found
}

/// The comment that suppresses the finding.
fn accepted(program: &Program, rule: &str, span: &LongLivedSpan) -> Option<Rewrite> {
    match span.opened {
        Opened::Attribute => accept(program, rule, span.at),
        _ => places::expr_spanning(program, span.at).and_then(|at| accept_at(program, rule, at)),
    }
}

/// `info_span!(parent: None, ..)` and `#[instrument(parent = None, ..)]` for all that a turn opens.
fn roots_of_turns(program: &Program, span: &LongLivedSpan, draft: Draft) -> Option<Draft> {
    let mut functions = Vec::new();
    span.children.iter().try_fold(draft, |draft, (opened, function)| match function {
        Some(function) if functions.contains(function) => Some(draft),
        Some(function) => {
            functions.push(*function);
            let attribute = program.function(*function).attrs.instrument?;
            let point = |at: u32| TextRange::new(at, at).in_file(function.file);
            Some(match attribute.arguments {
                Some(inside) if inside.start < inside.end => draft.before(point(inside.start), "parent = None, "),
                Some(inside) => draft.before(point(inside.start), "parent = None"),
                None => draft.before(point(attribute.path_end), "(parent = None)"),
            })
        }
        None => Some(draft.before(program.span(before_name(program, *opened)?), "parent: None, ")),
    })
}

/// The same for spans that have a name, which then tell what they follow from.
fn following_roots(program: &Program, span: &LongLivedSpan) -> Option<Rewrite> {
    let draft = Draft::new("give each iteration a root span that follows from this one", MaybeIncorrect);
    let draft = roots_of_turns(program, span, draft)?;
    let follows = span.children.iter().try_fold(draft, |draft, (opened, _)| {
        let pat = program.let_of(*opened)?;
        let statement = places::statement(program, *opened)?;
        let file = program.file(pat.file);
        let Pat::Bind { name, .. } = file[pat.id] else { return None };
        let current = Toolbox::new(program, *opened).path(SPAN);
        let text = format!("{}.follows_from({current}::current());", &file[name]);
        Some(draft.stmt_behind(program, statement, &text))
    });
    follows?.finish_in(program)
}

/// The argument of a span macro before which a parent is written: its name or level, behind a `target:`.
fn before_name(program: &Program, opened: ExprRef) -> Option<ExprRef> {
    let file = program.file(opened.file);
    let Expr::Macro(id) = file[opened.id] else { return None };
    let args: Vec<_> = file.list(file[id].args).collect();
    let is_text = |at: usize| args.get(at).is_some_and(|arg| matches!(file[*arg], Expr::Lit(Lit::Str(_))));
    let is_level = |at: usize| args.get(at).is_some_and(|arg| matches!(file[*arg], Expr::Path(_)));
    let has_level = file.last_segment(file[id].path) == "span";
    let at = match (has_level, is_text(0)) {
        (true, false) if is_level(0) && is_text(1) => 0,
        (true, true) if is_level(1) && is_text(2) => 1,
        (false, true) if is_text(1) => 1,
        (false, true) => 0,
        _ => return None,
    };
    args.get(at).map(|arg| opened.with(*arg))
}
