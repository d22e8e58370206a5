//! Wrappers: functions and closures that start a task for their callers, be it that they spawn what they are given or
//! that they give the handle back.

use super::{
    ExprRef, Fate, FnRef, Frame, MovedInto, Origin, Place, Tasks, Type, Value,
    spawns::{Task, Via, Wrapped, Wrapper},
};
use crate::{
    catalogue::{self, Handle},
    facts::{Expr, Ty},
};
use rustc_hash::FxHashSet;
use std::rc::Rc;

/// From how many calls on what starts a task counts as something that many do: one task is told of then, where the
/// wrapper starts it, and not hundreds. It holds for one wrapper, and for all ways out through several.
const MANY_CALLS: usize = 400;
/// What one more task counts for, which all questions will be asked about.
const STEPS_OF_TASK: usize = 50;

/// A task that is followed outwards through its wrappers.
struct Expansion<'a> {
    task: &'a Task,
    /// The calls so far, innermost first.
    way: Vec<Wrapped>,
    /// Calls through a trait that were followed already.
    seen: FxHashSet<ExprRef>,
    /// The task as its outermost callers see it.
    found: Vec<Task>,
    /// Whether wrappers call one another in a circle: a call inside of it is nobody's task.
    has_circle: bool,
}

impl Tasks {
    /// A task as those see it who call what starts it.
    pub(super) fn expanded(&self, task: &Task) -> Vec<Task> {
        let mut expansion =
            Expansion { task, way: Vec::new(), seen: FxHashSet::default(), found: Vec::new(), has_circle: false };
        self.expand(&mut expansion, matches!(task.handle, Handle::Detach | Handle::ResultDetach));
        let only_circles = expansion.found.is_empty() && expansion.has_circle;
        match only_circles || expansion.found.len() > MANY_CALLS {
            true => vec![task.clone()],
            false => expansion.found,
        }
    }

    /// Puts a task, or instead of it what its wrapper's callers start, into `tasks`. `is_given` says whether the
    /// outermost call so far may give the handle, or something that has it.
    fn expand(&self, expansion: &mut Expansion<'_>, is_given: bool) {
        let (task, way) = (expansion.task, &expansion.way);
        let outermost = way.last().map_or(task.site, |it| it.call);
        if expansion.found.len() > MANY_CALLS {
            return;
        }
        if let Some(closure) = self.closure_around(outermost) {
            let hands_out = is_given && self.closure_hands_out(outermost, closure);
            let may_give = hands_out || is_given && self.may_leave(outermost);
            if hands_out || self.runs_closure_parameter(task, outermost, closure) {
                let calls = self.calls_of_closure(closure);
                let recursive = way.iter().any(|it| it.by == Wrapper::Closure(closure));
                if !calls.is_empty() && !recursive {
                    return self.expand_calls(expansion, &calls, Wrapper::Closure(closure), may_give);
                }
            }
        }
        let Some(Place::Fn(function)) = self.place(outermost) else { return self.put(expansion) };
        let hands_out = is_given && self.hands_out(outermost);
        let is_wrapper = hands_out || self.spawns_parameter(task, outermost, function);
        if is_wrapper && self.is_extra_spawn(function) {
            // Its calls are tasks by what the user says of them.
            return;
        }
        let callers = if is_wrapper { self.callers(function) } else { Vec::new() };
        if is_wrapper && way.iter().any(|it| it.by == Wrapper::Fn(function)) {
            expansion.has_circle = true;
            return;
        }
        let recursive = callers.iter().any(|call| self.enclosing_fn(*call) == Some(function));
        if callers.is_empty() || callers.len() > MANY_CALLS || recursive {
            return self.put(expansion);
        }
        let may_give = hands_out || is_given && self.may_leave(outermost);
        self.expand_calls(expansion, &callers, Wrapper::Fn(function), may_give);
    }

    fn expand_calls(&self, expansion: &mut Expansion<'_>, calls: &[ExprRef], by: Wrapper, is_given: bool) {
        for call in calls {
            // Implementations that call one another through their trait have the same callers: each is asked once.
            let is_exact = match by {
                Wrapper::Fn(function) => self.called_fn(&Value::bare(*call)) == Some(function),
                Wrapper::Closure(_) => true,
            };
            if is_exact || expansion.seen.insert(*call) {
                expansion.way.push(Wrapped { call: *call, by });
                self.expand(expansion, is_given);
                expansion.way.pop();
            }
        }
    }

    fn put(&self, expansion: &mut Expansion<'_>) {
        let found = self.instantiate(expansion.task, &expansion.way);
        expansion.found.push(found);
    }

    /// The innermost closure that an expression stands in.
    fn closure_around(&self, expr: ExprRef) -> Option<ExprRef> {
        let file = self.file(expr.file);
        let found = self.parents(expr.file).ancestors(expr.id).find(|at| matches!(file[*at], Expr::Closure { .. }));
        found.map(|at| expr.with(at))
    }

    /// Whether a closure gives the handle that a call in it gives.
    fn closure_hands_out(&self, call: ExprRef, closure: ExprRef) -> bool {
        let handed_out = Fate::Moved { into: MovedInto::ClosureResult, at: self.span(closure) };
        self.given_expr(call).is_some_and(|site| self.fate_of(site) == handed_out)
    }

    /// The calls of a closure that does not call itself.
    fn calls_of_closure(&self, closure: ExprRef) -> Vec<ExprRef> {
        let mut calls = self.calls_of_value(closure).calls;
        calls.retain(|call| self.options.include_tests || !self.in_test(*call));
        let calls_itself = calls.iter().any(|call| self.closure_around(*call) == Some(closure));
        if calls_itself || calls.len() > MANY_CALLS { Vec::new() } else { calls }
    }

    /// Whether what is spawned is a parameter of a closure, what calling it gives, or a block that awaits one.
    fn runs_closure_parameter(&self, task: &Task, outermost: ExprRef, closure: ExprRef) -> bool {
        let mut found = false;
        for value in self.spawned_values(task, outermost) {
            let origin = self.origin(&value).expr;
            let is_run = |at: ExprRef| {
                let file = self.file(at.file);
                at == origin
                    || self.parents(at.file).parent(at.id).is_some_and(|parent| match file[parent] {
                        Expr::Await(_) => true,
                        Expr::Call { callee, .. } => callee == at.id,
                        _ => false,
                    })
            };
            self.walk(origin, &mut |at, kind| {
                found |= matches!(kind, Expr::Path(_))
                    && self.local(at).is_some_and(
                        |(_, binding)| matches!(binding.origin, Origin::ClosureParam(of, _) if of == closure.id),
                    )
                    && is_run(at);
                !found
            });
        }
        found
    }

    /// The task as its outermost caller sees it: `way` holds the calls, innermost first.
    fn instantiate(&self, task: &Task, way: &[Wrapped]) -> Task {
        self.steps.take(STEPS_OF_TASK);
        let mut frame: Option<Rc<Frame>> = None;
        for it in way.iter().rev() {
            let value = Value { expr: it.call, frame: frame.clone() };
            frame = match it.by {
                Wrapper::Fn(function) => self.enter(&value, function),
                Wrapper::Closure(closure) => {
                    let is_near = self.place(closure) == self.place(it.call);
                    let made = Value { expr: closure, frame: frame.clone().filter(|_| is_near) };
                    let file = self.file(it.call.file);
                    let Expr::Call { args, .. } = file[it.call.id] else { break };
                    let args: Vec<Value> = file.list(args).map(|arg| value.at(arg)).collect();
                    self.enter_closure(&made, &args)
                }
            };
        }
        let mut task = task.clone();
        if let Some(outermost) = way.last() {
            task.site = outermost.call;
            task.via = Via::Wrapper(way.iter().rev().copied().collect());
            task.future.frame = frame;
        }
        task
    }

    /// What may be spawned at a place: what the library is given, or of a call of a wrapper each argument.
    fn spawned_values(&self, task: &Task, outermost: ExprRef) -> Vec<Value> {
        if outermost == task.site {
            return vec![task.future.clone()];
        }
        let file = self.file(outermost.file);
        let (Expr::Call { args, .. } | Expr::MethodCall { args, .. }) = file[outermost.id] else { return Vec::new() };
        file.list(args).map(|arg| Value::bare(outermost.with(arg))).collect()
    }

    /// Whether what is spawned comes, wholly or in part, from the parameters of the function around it.
    fn spawns_parameter(&self, task: &Task, outermost: ExprRef, function: FnRef) -> bool {
        let values = self.spawned_values(task, outermost);
        values.iter().any(|value| self.takes_runnable_parameter(value, function))
    }

    fn takes_runnable_parameter(&self, value: &Value, function: FnRef) -> bool {
        let params = self.function(function).params.len();
        let runnable: Vec<bool> = (0..params).map(|at| self.is_runnable_parameter(function, at)).collect();
        let is_extension = self.is_future_extension(function);
        if !is_extension && !runnable.contains(&true) {
            return false;
        }
        // What is named, and what the lets behind those names name: each once.
        let mut found = false;
        let mut seen = FxHashSet::default();
        let mut to_read = vec![value.expr];
        while let Some(root) = to_read.pop() {
            self.walk(root, &mut |expr, kind| {
                if let Expr::Path(_) = kind
                    && let Some((pat, binding)) = self.local(expr)
                    && seen.insert(pat)
                {
                    match binding.origin {
                        Origin::Param(at) => found |= runnable.get(at) == Some(&true),
                        Origin::SelfParam => found |= is_extension,
                        // `let fut = Box::pin(fut);` and `let fut = async move { fut.await };`
                        Origin::Value(init) => to_read.push(expr.with(init)),
                        _ => {}
                    }
                }
                !found
            });
        }
        found
    }

    /// Whether a method stands in `impl<T: Future> Trait for T`, so that `self` is the future.
    fn is_future_extension(&self, function: FnRef) -> bool {
        let file = self.file(function.file);
        let crate::facts::Owner::Impl(block) = self.function(function).owner else { return false };
        let Ty::Path(path) = file[file[block].self_ty] else { return false };
        let generic =
            file.as_ident(path).and_then(|name| file[block].generics.iter().find(|it| &file[it.name] == name));
        generic.is_some_and(|generic| file.list(generic.bounds).any(|bound| file.last_segment(bound) == "Future"))
    }

    /// Whether a parameter is a future, or a closure that may make or be one.
    pub fn is_runnable_parameter(&self, function: FnRef, at: usize) -> bool {
        let file = self.file(function.file);
        let item = self.function(function);
        let Some(param) = item.params.get(at) else { return false };
        if matches!(self.lower_ty(function.file, Place::Fn(function), param.ty).pointee(), Type::Future(_)) {
            return true;
        }
        self.is_callable(function, param.ty, file)
    }

    fn is_callable(&self, function: FnRef, ty: crate::facts::TyId, file: &crate::facts::FileSummary) -> bool {
        let is_callable = |bound| catalogue::is_callable_trait(file.last_segment(bound));
        match file[ty] {
            Ty::Impl(bounds) | Ty::Dyn(bounds) => file.list(bounds).any(is_callable),
            Ty::Fn { .. } => true,
            Ty::Ref(inner) => self.is_callable(function, inner, file),
            Ty::Path(path) => {
                let args = file.list(file[path].args);
                if file.last_segment(path) == "Box" {
                    return args.clone().any(|arg| self.is_callable(function, arg, file));
                }
                let item = self.function(function);
                let generic =
                    file.as_ident(path).and_then(|name| item.generics.iter().find(|it| &file[it.name] == name));
                generic.is_some_and(|generic| file.list(generic.bounds).any(is_callable))
            }
            _ => false,
        }
    }

    /// Whether the function around a call gives the handle that the call gives to its caller.
    fn hands_out(&self, call: ExprRef) -> bool {
        self.given_expr(call).is_some_and(|site| matches!(self.fate_of(site), Fate::Returned { .. }))
    }

    /// Whether what the function around a call gives to its caller may have the handle in it: a guard, a pair.
    fn may_leave(&self, call: ExprRef) -> bool {
        self.given_expr(call).is_some_and(|site| {
            matches!(
                self.fate_of(site),
                Fate::Stored { .. } | Fate::Moved { .. } | Fate::AbortOnDrop(_) | Fate::Unknown(_)
            )
        })
    }
}
