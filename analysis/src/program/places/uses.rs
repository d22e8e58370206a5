//! What becomes of a local, and of what is called.

use crate::{
    catalogue::Macro,
    facts::{Expr, Pat, Visibility},
    program::{Def, ExprRef, FnRef, Origin, PatRef, Program, Statement},
    span::Span,
};

impl Program {
    /// The binding of a local that is no reference: its `let` may become `let mut`.
    pub fn own_local(&self, expr: ExprRef) -> Option<PatRef> {
        let (pat, binding) = self.local(expr)?;
        match binding.origin {
            Origin::Value(init) if binding.root == pat.id => {
                (!matches!(self.file(expr.file)[init], Expr::Ref { .. })).then_some(pat)
            }
            _ => None,
        }
    }

    /// Whether a binding is `mut`: its place holds more than its name.
    pub fn is_mut(&self, pat: PatRef) -> bool {
        let file = self.file(pat.file);
        let Pat::Bind { name, sub: None } = file[pat.id] else { return false };
        let range = file.pat_range(pat.id);
        (range.end - range.start) as usize > file[name].len()
    }

    /// The `_` to which a `let` gives its value, or a part of it.
    pub fn wildcard_of(&self, it: Statement) -> Option<PatRef> {
        let file = self.file(it.stmt.file);
        let Expr::Local { pat, .. } = file[it.stmt.id] else { return None };
        match file[pat] {
            Pat::Wild => Some(it.stmt.with(pat)),
            Pat::Tuple(pats) => {
                file.list(pats).find(|pat| matches!(file[*pat], Pat::Wild)).map(|wild| it.stmt.with(wild))
            }
            _ => None,
        }
    }

    /// Whether what an `.await` waits for is that local.
    pub fn is_local_of(&self, awaited: ExprRef, pat: PatRef) -> bool {
        let file = self.file(awaited.file);
        let Expr::Await(inner) = file[awaited.id] else { return false };
        self.local(awaited.with(inner)).is_some_and(|(found, _)| found == pat)
    }

    /// Whether a use of a variable only prints it.
    pub fn is_printed(&self, used: ExprRef) -> bool {
        let file = self.file(used.file);
        let is_log =
            |expr: ExprRef| matches!(file[expr.id], Expr::Macro(id) if file.macro_of(id).is_some_and(Macro::peeks));
        is_log(used) || self.parent(used).is_some_and(is_log)
    }

    /// Whether some variable is used in that code and nowhere else, apart from those that are bound in what stands
    /// around it.
    pub fn is_last_use_in(&self, near: ExprRef, code: Span, around: Span) -> bool {
        let file = self.file(near.file);
        let Some(place) = self.place(near) else { return true };
        let body = self.body(place);
        body.uses.iter().any(|(pat, uses)| {
            let is_bound_there = around.range.contains(file.pat_range(*pat));
            !is_bound_there && uses.iter().all(|used| code.range.contains(file.range(*used)))
        })
    }

    /// The foreign function that a callee is.
    pub fn external_path(&self, callee: ExprRef) -> Option<String> {
        match self.callee(callee) {
            Def::External(path) => Some(path.to_string()),
            _ => None,
        }
    }

    /// Whether a function of the workspace has no other callers than this one, and cannot get any.
    pub fn is_called_once(&self, function: FnRef) -> bool {
        let item = self.function(function);
        let is_hidden = item.visibility != Visibility::Public || !self.is_library(function.file);
        is_hidden && self.callers(function).len() == 1 && self.value_uses(function).is_empty()
    }

    /// The future that a direct call of `tokio::spawn`, or of its like, starts.
    pub fn spawned_work(&self, spawn: ExprRef) -> Option<ExprRef> {
        let file = self.file(spawn.file);
        let Expr::Call { args, .. } = file[spawn.id] else { return None };
        let task = self.tasks().iter().find(|task| task.inner == spawn)?;
        (args.len == 1 && task.runs == crate::catalogue::Runs::Future).then_some(spawn.with(file.at(args, 0)?))
    }
}
