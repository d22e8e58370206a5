//! Aborts that end nothing: of a closure that has started, of a loop that never yields, by a handle that is only
//! dropped.

use super::{Act, DeadCause, Def, Ending, EndingKind, ExprRef, Fate, FnRef, Program, Task, Type, Value};
use crate::flow::Steps;
use crate::{
    catalogue::{self, Function, Handle, Macro, Runs},
    facts::{BlockKind, Expr, MacroShape, Pat},
    questions::{DropHow, FieldUse, LoopKind},
    span::Span,
};
use rustc_hash::FxHashSet;

/// Why an abort cannot end a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VainAbort {
    /// It is a blocking closure, which goes on once it has started; where it is aborted.
    Started(Span),
    /// Its loop never pauses; where it is aborted, and the loop.
    NeverPauses(Span, Span),
    /// Nobody calls `abort()` on the abort handle; where that is dropped, or the field that keeps it.
    HandleDropped(Span),
    /// The same of the handle of an `Abortable`.
    AbortableDropped(Span),
}

/// A call that looks like an abort and is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VainCall {
    /// `task.cancel();` of async-std, not awaited: the handle is dropped with the future, which detaches the task.
    Cancel(ExprRef),
    /// `let (stop, _) = AbortHandle::new_pair();`: nothing is registered with the handle.
    Registration(ExprRef),
}

impl Program {
    /// Why the abort that is to end a long-lived task cannot do so; `None` if there is none, or if it can.
    pub fn vain_abort(&self, task: &Task, fate: &Fate, ending: &Ending) -> Option<VainAbort> {
        let is_endless = ending.kind == EndingKind::Never;
        if is_endless && let Some(at) = self.dropped_abort_handle(fate) {
            return Some(VainAbort::HandleDropped(at));
        }
        if is_endless && fate.is_dropped() {
            let of_abort = |dead: &super::Dead| dead.cause == DeadCause::NeverAborted;
            let found = ending.evidence.iter().find(|it| it.dead.as_ref().is_some_and(of_abort))?;
            return Some(VainAbort::AbortableDropped(found.at));
        }
        let at = self.abort_of(task, fate)?;
        match task.runs {
            Runs::Blocking => (is_endless || ending.has_unraced_long_wait()).then_some(VainAbort::Started(at)),
            Runs::Future | Runs::FutureFn if is_endless => {
                let looped = ending.loops.iter().find(|fact| fact.keyword != LoopKind::Wait)?.at;
                let never_pauses =
                    self.loop_at(looped).is_some_and(|looped| !self.pauses_below(looped, &mut FxHashSet::default()));
                never_pauses.then_some(VainAbort::NeverPauses(at, looped))
            }
            _ => None,
        }
    }

    /// Where an abort handle dies that was all that could end a task.
    fn dropped_abort_handle(&self, fate: &Fate) -> Option<Span> {
        match fate {
            Fate::Dropped { how: DropHow::AbortHandleUnused, at } => Some(*at),
            Fate::Stored { owner, field, use_: FieldUse::Nothing, .. } => {
                let declared = self.declared_field(*owner, field)?;
                let is_abort_handle = matches!(self.declared_type(*owner, declared).innermost(),
                    Type::External(path, _) if &*path == "tokio::task::AbortHandle");
                is_abort_handle.then(|| declared.range.in_file(owner.file))
            }
            _ => None,
        }
    }

    /// Where a task is aborted, if that is how it is to end.
    fn abort_of(&self, task: &Task, fate: &Fate) -> Option<Span> {
        match fate {
            Fate::Aborted(at) | Fate::AbortOnDrop(at) => Some(*at),
            Fate::Owned if task.handle == Handle::Owned => Some(self.span(task.inner)),
            Fate::Stored { owner, field, use_: FieldUse::Kept(kept), .. } => {
                let declared = self.declared_field(*owner, field)?;
                if self.ends_task_on_drop(&self.declared_type(*owner, declared)).is_some() {
                    return Some(*kept);
                }
                let acts = self.field_acts(*owner, field);
                let is_other = |act: Act| matches!(act, Act::HandsOut | Act::Signals | Act::Unknown(_));
                if acts.iter().any(|it| is_other(it.act)) {
                    return None;
                }
                acts.iter().find(|it| it.act == Act::Aborts).map(|it| it.at)
            }
            _ => None,
        }
    }

    fn loop_at(&self, at: Span) -> Option<ExprRef> {
        let file = self.file(at.file);
        let found = file.exprs.iter().zip(&file.expr_ranges).position(|(expr, range)| {
            *range == at.range && matches!(expr, Expr::Loop { .. } | Expr::While { .. } | Expr::For { .. })
        })?;
        Some(ExprRef::from_index(at.file, found))
    }

    /// Whether something below an expression may give way to other tasks, where an abort takes hold.
    /// What is not known may. `seen` are the functions that were looked into: one that calls itself does not pause by that.
    fn pauses_below(&self, root: ExprRef, seen: &mut FxHashSet<FnRef>) -> bool {
        let file = self.file(root.file);
        let mut found = false;
        file.each_child(root.id, &mut |child| found = found || self.pauses(root.with(child), seen));
        found
    }

    fn pauses(&self, expr: ExprRef, seen: &mut FxHashSet<FnRef>) -> bool {
        let file = self.file(expr.file);
        match file[expr.id] {
            Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => false,
            Expr::Await(inner) => self.may_pend(expr.with(inner), seen) || self.pauses_below(expr, seen),
            Expr::Select(_) | Expr::Yield(_) | Expr::For { is_await: true, .. } => true,
            Expr::Macro(id) => {
                let known = file.macro_of(id);
                let is_log = known.is_some_and(Macro::peeks);
                known == Some(Macro::Joins)
                    || (!is_log && file[id].shape == MacroShape::Opaque)
                    || self.pauses_below(expr, seen)
            }
            _ => self.pauses_below(expr, seen),
        }
    }

    /// Whether awaiting a future may take more than one turn.
    fn may_pend(&self, future: ExprRef, seen: &mut FxHashSet<FnRef>) -> bool {
        let origin = self.origin(&Value::bare(future));
        match self.expr(&origin) {
            Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => self.pauses_below(origin.expr, seen),
            Expr::Call { callee, .. } => match self.callee(origin.expr.with(callee)) {
                Def::External(path) => catalogue::function(&path) != Some(Function::Ready),
                Def::Fn(_) => self.function_pauses(&origin, seen),
                _ => true,
            },
            Expr::MethodCall { .. } => self.function_pauses(&origin, seen),
            _ => true,
        }
    }

    fn function_pauses(&self, call: &Value, seen: &mut FxHashSet<FnRef>) -> bool {
        let Some(function) = self.called_fn(call) else { return true };
        let item = self.function(function);
        match item.body {
            Some(body) if item.is_async => seen.insert(function) && self.pauses_below(function.with(body), seen),
            _ => true,
        }
    }

    /// Calls that look like an abort and are none, by place.
    pub fn vain_calls(&self) -> Vec<VainCall> {
        let judged = |call: &&ExprRef| self.options.include_tests || !self.in_test(**call);
        let cancels = self.calls_named("cancel").iter().filter(judged);
        let mut found: Vec<(ExprRef, VainCall)> = cancels
            .filter(|call| self.ask(None, || self.is_cancel_unawaited(**call)) == Some(true))
            .map(|call| (*call, VainCall::Cancel(*call)))
            .collect();
        let pairs = self.calls_named("new_pair").iter().filter(judged);
        found.extend(
            pairs
                .filter(|call| self.ask(None, || self.loses_registration(**call)) == Some(true))
                .map(|call| (*call, VainCall::Registration(*call))),
        );
        found.sort_by_key(|(call, _)| self.span(*call));
        found.into_iter().map(|(_, call)| call).collect()
    }

    /// `task.cancel();` or `let _ = task.cancel();` on a handle of async-std.
    fn is_cancel_unawaited(&self, call: ExprRef) -> bool {
        let file = self.file(call.file);
        let Expr::MethodCall { receiver, args, .. } = file[call.id] else { return false };
        let ty = self.type_of(&Value::bare(call.with(receiver)));
        if !args.is_empty() || !ty.is("async_std::task::JoinHandle") {
            return false;
        }
        match self.parents(call.file).parent(call.id).map(|at| file[at]) {
            Some(Expr::Block { stmts, has_tail, .. }) => !has_tail || file.list(stmts).next_back() != Some(call.id),
            Some(Expr::Local { pat, .. }) => matches!(file[pat], Pat::Wild),
            _ => false,
        }
    }

    /// Whether a pair is taken apart so that the registration is lost and the handle is used.
    fn loses_registration(&self, call: ExprRef) -> bool {
        let file = self.file(call.file);
        let Expr::Call { callee, .. } = file[call.id] else { return false };
        let is_pair = matches!(self.callee(call.with(callee)), Def::External(path)
            if &*path == "futures::future::AbortHandle::new_pair");
        let local = self.parents(call.file).parent(call.id).map(|at| file[at]);
        let (true, Some(Expr::Local { pat, .. })) = (is_pair, local) else { return false };
        let Pat::Tuple(pats) = file[pat] else { return false };
        let (Some(handle), Some(registration)) = (file.at(pats, 0), file.at(pats, 1)) else { return false };
        let is_lost = |pat| match self.pattern_use(call, call.with(pat), false, Steps::NONE) {
            None => true,
            Some(fate) => fate.is_dropped(),
        };
        is_lost(registration) && !is_lost(handle)
    }
}
