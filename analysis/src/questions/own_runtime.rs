//! Tasks on a runtime that is a local value, or a type's own: entered around the spawn, or blocked on what spawns.

use super::{ExprRef, Program, Reach, Task, Value};
use crate::{
    catalogue::Runtime,
    facts::{BlockKind, Expr, ExprId, Pat},
};
use rustc_hash::FxHashSet;

impl Program {
    /// Whether a task runs on a runtime that somebody owns and that goes with its owner: the task does, too. Of a runtime
    /// that `main` makes that says nothing.
    pub(super) fn ends_with_runtime_around(&self, task: &Task) -> bool {
        let is_on_current = task.row.is_some_and(|row| row.runtime == Runtime::Tokio && row.method.is_empty());
        is_on_current && self.is_run_by_own(task.inner, &mut FxHashSet::default())
    }

    /// Whether the runtime that is current where an expression runs is such a one. `seen` are the bodies on the way.
    fn is_run_by_own(&self, expr: ExprRef, seen: &mut FxHashSet<ExprRef>) -> bool {
        self.steps.step();
        let file = self.file(expr.file);
        let mut last = expr;
        for at in self.parents(expr.file).ancestors(expr.id) {
            let here = expr.with(at);
            match file[at] {
                Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => {
                    return seen.insert(here) && self.is_polled_by_own(here, seen);
                }
                Expr::Block { kind: BlockKind::Plain, stmts, .. } => {
                    let before = file.list(stmts).take_while(|stmt| *stmt != last.id);
                    if before.into_iter().any(|stmt| self.enters_own(expr.with(stmt))) {
                        return true;
                    }
                }
                Expr::Closure { .. } => return false,
                _ => {}
            }
            last = here;
        }
        let Some(function) = self.enclosing_fn(expr).filter(|_| seen.insert(last)) else { return false };
        if self.is_open_to_others(function) || self.is_of_trait(function) || !self.value_uses(function).is_empty() {
            return false;
        }
        let callers = self.callers(function);
        let is_async = self.function(function).is_async;
        !callers.is_empty()
            && callers.into_iter().all(|call| match is_async {
                true => self.is_polled_by_own(call, seen),
                false => self.is_run_by_own(call, seen),
            })
    }

    /// Whether such a runtime polls a future.
    fn is_polled_by_own(&self, future: ExprRef, seen: &mut FxHashSet<ExprRef>) -> bool {
        let Some(parent) = self.parent(future) else { return false };
        let file = self.file(parent.file);
        match file[parent.id] {
            Expr::Await(_) => self.is_run_by_own(parent, seen),
            _ if self.is_plain_tail(parent, future) => self.is_polled_by_own(parent, seen),
            Expr::Local { pat, init: Some(init), .. } if init == future.id => {
                let Some(place) = self.place(parent) else { return false };
                match self.body(place).uses(pat) {
                    [used] => self.is_polled_by_own(parent.with(*used), seen),
                    _ => false,
                }
            }
            Expr::MethodCall { receiver, .. } if receiver != future.id && self.blocks_on(parent) => {
                self.is_own(parent, receiver)
            }
            Expr::MethodCall { .. } | Expr::Call { .. } => {
                self.is_dressed_by(parent, future) && self.is_polled_by_own(parent, seen)
            }
            _ => false,
        }
    }

    /// `let _guard = runtime.enter();`
    fn enters_own(&self, stmt: ExprRef) -> bool {
        let file = self.file(stmt.file);
        let Expr::Local { pat, init: Some(init), .. } = file[stmt.id] else { return false };
        let Expr::MethodCall { receiver, method, args, .. } = file[init] else { return false };
        let is_kept = matches!(file[pat], Pat::Bind { .. });
        is_kept && &file[method] == "enter" && args.len == 0 && self.is_own(stmt.with(init), receiver)
    }

    /// Whether the receiver of a call is a runtime that is made here, or stands by value in a type, and not once for all.
    /// What a type makes for a thread of its own is that type's.
    fn is_own(&self, call: ExprRef, receiver: ExprId) -> bool {
        let is_in_closure = || {
            let mut above = self.parents(call.file).ancestors(call.id);
            above.any(|at| matches!(self.file(call.file)[at], Expr::Closure { .. }))
        };
        let is_types = || is_in_closure() && self.enclosing_fn(call).is_some_and(|by| self.self_type(by).is_some());
        self.is_owned_runtime(&Value::bare(call.with(receiver)))
            && (self.reach_of(call) != Reach::Process || is_types())
    }
}
