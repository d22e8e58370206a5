//! What becomes of a local, and of what is called.

use crate::rewrite::places::Statement;
use spawnlint_analysis::{
    catalogue::Macro,
    facts::{Expr, Pat, Visibility},
    questions::{Def, ExprRef, FnRef, Origin, PatRef, Program},
    span::Span,
};

/// The binding of a local that is no reference: its `let` may become `let mut`.
pub fn own_local(program: &Program, expr: ExprRef) -> Option<PatRef> {
    let (pat, binding) = program.local(expr)?;
    match binding.origin {
        Origin::Value(init) if binding.root == pat.id => {
            (!matches!(program.file(expr.file)[init], Expr::Ref { .. })).then_some(pat)
        }
        _ => None,
    }
}

/// Whether a binding is `mut`: its place holds more than its name.
pub fn is_mut(program: &Program, pat: PatRef) -> bool {
    let file = program.file(pat.file);
    let Pat::Bind { name, sub: None } = file[pat.id] else { return false };
    let range = file.pat_range(pat.id);
    (range.end - range.start) as usize > file[name].len()
}

/// The `_` to which a `let` gives its value, or a part of it.
pub fn wildcard_of(program: &Program, it: Statement) -> Option<PatRef> {
    let file = program.file(it.stmt.file);
    let Expr::Local { pat, .. } = file[it.stmt.id] else { return None };
    match file[pat] {
        Pat::Wild => Some(it.stmt.with(pat)),
        Pat::Tuple(pats) => file.list(pats).find(|pat| matches!(file[*pat], Pat::Wild)).map(|wild| it.stmt.with(wild)),
        _ => None,
    }
}

/// Whether what an `.await` waits for is that local.
pub fn is_local_of(program: &Program, awaited: ExprRef, pat: PatRef) -> bool {
    let file = program.file(awaited.file);
    let Expr::Await(inner) = file[awaited.id] else { return false };
    program.local(awaited.with(inner)).is_some_and(|(found, _)| found == pat)
}

/// Whether a use of a variable only prints it.
pub fn is_printed(program: &Program, used: ExprRef) -> bool {
    let file = program.file(used.file);
    let is_log =
        |expr: ExprRef| matches!(file[expr.id], Expr::Macro(id) if file.macro_of(id).is_some_and(Macro::peeks));
    is_log(used) || program.parent(used).is_some_and(is_log)
}

/// Whether some variable is used in that code and nowhere else, apart from those that are bound in what stands
/// around it.
pub fn is_last_use_in(program: &Program, near: ExprRef, code: Span, around: Span) -> bool {
    let file = program.file(near.file);
    let Some(place) = program.place(near) else { return true };
    let body = program.body(place);
    body.used().any(|(pat, uses)| {
        let is_bound_there = around.range.contains(file.pat_range(pat));
        !is_bound_there && uses.iter().all(|used| code.range.contains(file.range(*used)))
    })
}

/// The foreign function that a callee is.
pub fn external_path(program: &Program, callee: ExprRef) -> Option<String> {
    match program.callee(callee) {
        Def::External(path) => Some(path.to_string()),
        _ => None,
    }
}

/// Whether a function of the workspace has no other callers than this one, and cannot get any.
pub fn is_called_once(program: &Program, function: FnRef) -> bool {
    let item = program.function(function);
    let is_hidden = item.visibility != Visibility::Public || !program.is_library(function.file);
    is_hidden && program.callers(function).len() == 1 && program.value_uses(function).is_empty()
}

/// The future that a direct call of `tokio::spawn`, or of its like, starts.
pub fn spawned_work(program: &Program, spawn: ExprRef) -> Option<ExprRef> {
    let file = program.file(spawn.file);
    let Expr::Call { args, .. } = file[spawn.id] else { return None };
    let task = program.tasks().iter().find(|task| task.inner == spawn)?;
    (args.len == 1 && task.runs == spawnlint_analysis::catalogue::Runs::Future).then_some(spawn.with(file.at(args, 0)?))
}
