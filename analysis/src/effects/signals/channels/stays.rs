//! Whether what a task takes along stays with it until it has waited.

use super::Waiting;
use crate::{
    catalogue::{self, Does, Macro},
    effects::{Effects, ExprRef, Place, Type, Value},
    facts::{BlockKind, Expr, ExprId, Pat},
};
use rustc_hash::FxHashSet;

/// What is followed through the names that it gets.
struct Stay<'a> {
    /// What has the sender inside.
    fields: &'a [&'a str],
    waiting: Waiting<'a>,
    /// Uses that were looked at: all have to stay, so one that comes back says nothing new.
    seen: FxHashSet<ExprRef>,
}

impl Stay<'_> {
    fn holds(&mut self, program: &Effects, used: ExprRef, is_first: bool) -> bool {
        if !self.seen.insert(used) {
            return true;
        }
        let waiting = self.waiting;
        let task = waiting.task;
        let file = program.file(used.file);
        let parents = program.parents(used.file);
        let moves = |at: &ExprId| {
            matches!(file[*at], Expr::Block { kind: BlockKind::AsyncMove, .. } | Expr::Closure { is_move: true, .. })
        };
        // A block inside the task's own that takes it along.
        let between = parents.ancestors(used.id).take_while(|at| used.file != task.file || *at < task.id);
        let own = usize::from(used.file == task.file && !moves(&task.id) && is_first);
        if between.filter(moves).count() > own {
            return false;
        }
        let Some(parent) = parents.parent(used.id).map(|at| used.with(at)) else { return false };
        // A call that has it by value drops it, unless the wait is part of what is called.
        let waits_there = || waiting.source.frame.as_ref().is_some_and(|frame| program.leads_to(parent, frame));
        match file[parent.id] {
            Expr::MethodCall { receiver, method, .. } if receiver == used.id => {
                // What the task is given is the clone.
                let is_beside = program.place(used) == program.place(task) && !program.runs_in_task(used, task);
                if &file[method] == "clone" && is_beside {
                    return self.holds(program, parent, false);
                }
                !program.is_consumed(used, parent)
                    || (waits_there() && program.called_fn(&Value::bare(parent)).is_some())
            }
            Expr::Ref { .. } => true,
            Expr::Macro(call) => file.macro_of(call).is_some_and(Macro::peeks),
            Expr::Field { name, .. } => !self.fields.contains(&&file[name]) || self.holds(program, parent, false),
            Expr::Local { pat, .. } => {
                let (Some(place), Pat::Bind { .. }) = (program.place(used), file[pat]) else { return false };
                let uses = program.body(place).uses(pat).to_vec();
                uses.iter().all(|again| self.holds(program, used.with(*again), false))
            }
            Expr::Call { args, .. } | Expr::MethodCall { args, .. } if waits_there() => {
                let at = file.list(args).position(|arg| arg == used.id);
                let (Some(at), Some(function)) = (at, program.called_fn(&Value::bare(parent))) else { return false };
                let item = program.function(function);
                let is_path = matches!(file[parent.id], Expr::Call { .. });
                let skipped = usize::from(is_path && item.self_param.is_some());
                let pat = match at.checked_sub(skipped) {
                    Some(at) => item.params.get(at).map(|param| param.pat),
                    None => item.self_param.map(|param| param.pat),
                };
                let Some(pat) = pat else { return false };
                let uses = program.body(Place::Fn(function)).uses(pat).to_vec();
                matches!(program.file(function.file)[pat], Pat::Bind { .. })
                    && uses.iter().all(|again| self.holds(program, function.with(*again), false))
            }
            _ => false,
        }
    }
}

impl Effects {
    /// Whether what a task takes along stays with it until it has waited, wherever the task names it.
    pub(super) fn keeps(&self, taken: ExprRef, fields: &[&str], waiting: Waiting<'_>) -> bool {
        let root = |taken: ExprRef| {
            let mut here = taken;
            while let Expr::Field { base, .. } = self.file(here.file)[here.id] {
                here = here.with(base);
            }
            here
        };
        let binding = |taken| self.local(root(taken)).map(|(pat, _)| pat);
        let Some(pat) = binding(taken) else { return self.stays_with(taken, fields, waiting) };
        let all = self.taken_values(waiting.task);
        all.into_iter()
            .filter(|other| binding(*other) == Some(pat))
            .all(|other| self.stays_with(root(other), fields, waiting))
    }

    /// Whether a sender that is used here, or what has it in one of the fields, stays with the task until that has
    /// waited: it is not moved to where the text does not show when it is dropped.
    pub(super) fn stays_with(&self, used: ExprRef, fields: &[&str], waiting: Waiting<'_>) -> bool {
        Stay { fields, waiting, seen: FxHashSet::default() }.holds(self, used, true)
    }

    /// The same of a sender that a function makes which the task runs.
    pub(super) fn stays_in_call(&self, used: ExprRef, waiting: Waiting<'_>) -> bool {
        Stay { fields: &[], waiting, seen: FxHashSet::default() }.holds(self, used, false)
    }

    /// Whether a method takes what it is called on by value, or closes the channel.
    fn is_consumed(&self, used: ExprRef, call: ExprRef) -> bool {
        let Expr::MethodCall { method, .. } = self.file(call.file)[call.id] else { return false };
        let method = &self.file(call.file)[method];
        if let Some(function) = self.called_fn(&Value::bare(call)) {
            return self.function(function).self_param.is_some_and(|param| !param.is_ref);
        }
        let is_once =
            || matches!(self.type_of(&Value::bare(used)), Type::External(path, _) if path.contains("oneshot"));
        method.starts_with("into_")
            || catalogue::method(method).does(Does::Closes)
            || (!catalogue::method(method).does(Does::Listens) && is_once())
    }

    /// Whether a field is moved out of what it stands in.
    pub(super) fn is_moved(&self, used: ExprRef) -> bool {
        let file = self.file(used.file);
        let Some(parent) = self.parents(used.file).parent(used.id) else { return true };
        match file[parent] {
            Expr::MethodCall { receiver, .. } if receiver == used.id => self.is_consumed(used, used.with(parent)),
            Expr::Call { callee, .. } => callee != used.id,
            Expr::MethodCall { .. } | Expr::FieldInit { .. } | Expr::Tuple(_) | Expr::Array(_) | Expr::Return(_) => {
                true
            }
            Expr::Local { pat, .. } => matches!(file[pat], Pat::Bind { .. }),
            Expr::Block { stmts, has_tail, .. } => has_tail && file.list(stmts).next_back() == Some(used.id),
            _ => false,
        }
    }

    /// Whether a use moves the value somewhere else: anything but a method call on it.
    pub(super) fn gives_away(&self, used: ExprRef) -> bool {
        let parent = self.parents(used.file).parent(used.id);
        !parent.is_some_and(|at| {
            matches!(self.file(used.file)[at], Expr::MethodCall { receiver, method, .. }
                if receiver == used.id && &self.file(used.file)[method] != "clone")
        })
    }

    /// Whether an expression is part of an async block of the task, and not of what is evaluated to spawn it.
    pub(super) fn runs_in_task(&self, expr: ExprRef, task: ExprRef) -> bool {
        let file = self.file(expr.file);
        let parents = self.parents(expr.file);
        let mut above = parents.ancestors(expr.id).take_while(|at| *at <= task.id);
        let is_async = |at| {
            matches!(file[at], Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } | Expr::Closure { .. })
        };
        above.any(is_async)
    }
}
