//! Futures that nobody drops half-way: what `main` runs, what blocks a thread, and tasks that nobody aborts.

use super::{Def, ExprRef, Fate, Program};
use crate::{
    catalogue::{self, Does, Function},
    facts::{BlockKind, Expr},
};
use rustc_hash::FxHashSet;

impl Program {
    /// Whether the future of an async body is always polled to its end: it is awaited by `main`, in a `block_on`, or in a
    /// task that nobody aborts, wherever it is awaited, and by nobody who is not seen.
    pub(super) fn runs_to_end(&self, body: ExprRef) -> bool {
        self.is_run_to_end(body, &mut FxHashSet::default())
    }

    fn is_run_to_end(&self, body: ExprRef, seen: &mut FxHashSet<ExprRef>) -> bool {
        self.steps.step();
        if !seen.insert(body) {
            return true;
        }
        if matches!(self.file(body.file)[body.id], Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. }) {
            return self.is_awaited_to_end(body, seen);
        }
        let Some(function) = self.enclosing_fn(body) else { return false };
        if self.function(function).attrs.is_entry {
            return true;
        }
        if self.is_open_to_others(function) || self.is_of_trait(function) || !self.value_uses(function).is_empty() {
            return false;
        }
        let callers = self.callers(function);
        !callers.is_empty() && callers.into_iter().all(|call| self.is_awaited_to_end(call, seen))
    }

    /// The same of an expression that gives a future.
    fn is_awaited_to_end(&self, future: ExprRef, seen: &mut FxHashSet<ExprRef>) -> bool {
        let Some(parent) = self.parent(future) else { return false };
        let file = self.file(parent.file);
        match file[parent.id] {
            _ if self.is_plain_tail(parent, future) => self.is_awaited_to_end(parent, seen),
            Expr::Await(_) => self.async_body(parent).is_some_and(|body| self.is_run_to_end(body, seen)),
            Expr::Call { .. } | Expr::MethodCall { .. } if self.blocks_on(parent) => true,
            Expr::Call { .. } | Expr::MethodCall { .. } => match self.spawn_at(parent) {
                Some(task) => matches!(self.fate(task), Fate::Dropped { .. } | Fate::Awaited(_)),
                None => self.is_dressed_by(parent, future) && self.is_awaited_to_end(parent, seen),
            },
            _ => false,
        }
    }

    /// `Handle::block_on(future)`, `futures::executor::block_on(future)`.
    pub(super) fn blocks_on(&self, call: ExprRef) -> bool {
        let file = self.file(call.file);
        let blocks = |name: &str| {
            let known = catalogue::method(name);
            known.does(Does::RunsFuture) && known.does(Does::Blocks)
        };
        match file[call.id] {
            Expr::MethodCall { method, .. } => blocks(&file[method]),
            Expr::Call { callee, .. } => match self.callee(call.with(callee)) {
                Def::External(path) => blocks(path.rsplit("::").next().unwrap_or(&path)),
                _ => false,
            },
            _ => false,
        }
    }

    /// `future.instrument(span)`, `Box::pin(future)`: a future that is polled as the one inside is.
    pub(super) fn is_dressed_by(&self, call: ExprRef, future: ExprRef) -> bool {
        let file = self.file(call.file);
        match file[call.id] {
            Expr::MethodCall { receiver, method, .. } => {
                receiver == future.id && catalogue::method(&file[method]).does_any(&[Does::Dresses, Does::Wraps])
            }
            Expr::Call { callee, .. } => match self.callee(call.with(callee)) {
                Def::External(path) => catalogue::function(&path).is_some_and(Function::gives_future),
                _ => false,
            },
            _ => false,
        }
    }
}
