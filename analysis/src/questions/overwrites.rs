//! Fields that hold a live handle when the next one is written over it.

use super::{
    Act, Def, Ending, ExprRef, Fate, FieldUse, FnRef, Origin, Place, Program, Reach, SignalKind, Task, Type, TypeRef,
    Value,
};
use crate::{
    catalogue::{self, Does, Handle, WrapperKind},
    facts::{BlockKind, Expr, ExprId, Id, Owner, Pat, Visibility},
    span::Span,
};
use rustc_hash::FxHashSet;

/// A handle that is written over the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overwrite {
    /// The owner's type and field, as `Owner::field`.
    pub field: String,
    /// The place that is written to.
    pub at: Span,
    /// The assignment.
    pub assigned: ExprRef,
    /// The method that does it.
    pub method: FnRef,
    /// A call that runs it again and again; `None` if only others may call it.
    pub again: Option<Span>,
    /// Where the workspace stops or awaits what is in the field.
    pub kept: Option<Span>,
}

/// What a method does that tells a task to stop.
const TELLS: &[Does] = &[Does::Cancels, Does::Notifies, Does::Sends, Does::Closes];

/// A handle that a method lets go of, without ending its task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cleared {
    /// Where.
    pub at: Span,
    /// The method.
    pub by: FnRef,
}

impl Program {
    /// Where the handle of a task is let go of on purpose, though the task goes on: `self.tasks.clear()` in a `reset` or
    /// `Drop` that ends nothing else either.
    pub fn cleared(&self, fate: &Fate, ending: &Ending) -> Option<Cleared> {
        let Fate::Stored { owner, field, .. } = fate else { return None };
        let hears_flag = ending.signals.iter().any(|it| it.kind == SignalKind::Flag && it.dead.is_none());
        // A task that takes its own entry out when it is done lets go of nothing that runs.
        let stored_there: Vec<&Task> = self
            .answers()
            .filter(|(_, fate, ..)| {
                matches!(fate, Fate::Stored { owner: other, field: name, .. } if other == owner && name == field)
            })
            .map(|(task, ..)| task)
            .collect();
        let is_own_of = |task: &Task, cleared: Cleared| {
            let started = self.span(task.inner);
            self.called_fn(&self.origin(&task.future)) == Some(cleared.by)
                || self.is_inside(cleared.at, started)
                || self.is_taken_along(cleared.at, started)
        };
        let is_own = |cleared: Cleared| stored_there.iter().any(|task| is_own_of(task, cleared));
        let own = self.cleared_in(*owner, field, hears_flag, |cleared| !is_own(cleared));
        own.or_else(|| {
            // `sessions: HashMap<Id, Session>`: whoever clears that lets go of what each session holds.
            let is_end = |cleared: Cleared| {
                self.is_drop_function(cleared.by) || catalogue::says_end(self.function_name(cleared.by))
            };
            let mut around = self.holders_of(*owner).iter();
            around.find_map(|(holder, field)| self.cleared_in(*holder, field, hears_flag, is_end))
        })
    }

    /// `let own = Arc::clone(&self.tasks);`, if only what is started goes on to use that.
    fn is_taken_along(&self, at: Span, started: Span) -> bool {
        let Some(field) = self.expr_at(at, |expr| matches!(expr, Expr::Field { .. })) else { return false };
        let file = self.file(field.file);
        let mut above = self.parents(field.file).ancestors(field.id);
        let bound = above.find_map(|at| match file[at] {
            Expr::Local { pat, .. } => Some(matches!(file[pat], Pat::Bind { .. }).then_some(pat)),
            Expr::MethodCall { .. } | Expr::Call { .. } | Expr::Ref { .. } => None,
            _ => Some(None),
        });
        let (Some(Some(pat)), Some(place)) = (bound, self.place(field)) else { return false };
        let body = self.body(place);
        let uses = body.uses(pat);
        !uses.is_empty() && uses.iter().all(|used| self.is_inside(self.span(field.with(*used)), started))
    }

    fn is_inside(&self, at: Span, around: Span) -> bool {
        at.file == around.file && around.range.contains(at.range)
    }

    /// Where what stands in a field is let go of by a function of that kind, which ends nothing.
    fn cleared_in(
        &self,
        owner: TypeRef,
        field: &str,
        hears_flag: bool,
        is_meant: impl Fn(Cleared) -> bool,
    ) -> Option<Cleared> {
        let declared = self.declared_field(owner, field)?;
        if self.ends_task_on_drop(&self.declared_type(owner, declared)).is_some() {
            return None;
        }
        let acts = self.field_acts(owner, field);
        // `disarm` of a guard: whoever has a drop that ends the task, and lets go of it elsewhere, means it.
        let by_drop = self.drop_functions(owner);
        if acts.iter().any(|used| used.act.keeps() && used.by.is_some_and(|by| by_drop.contains(&by))) {
            return None;
        }
        let clears = acts.iter().filter(|used| used.act == Act::Clears);
        let cleared = clears.filter_map(|used| Some(Cleared { at: used.at, by: used.by? }));
        let mut found =
            cleared.filter(|found| (self.may_run(found.by) || self.is_drop_function(found.by)) && is_meant(*found));
        found.find(|found| !self.ends_something(found.by, hears_flag, &mut FxHashSet::default()))
    }

    /// Whether the function around a place, or a method of the same type that calls it, tells tasks to stop: whoever tells
    /// a task to, and waits for it with a bound, has done enough.
    pub fn tells_to_stop(&self, at: Span) -> bool {
        let Some(function) = self.function_at(at) else { return false };
        let owner = self.self_def(Place::Fn(function));
        let mut open = vec![function];
        let mut seen = FxHashSet::default();
        while let Some(function) = open.pop() {
            if !seen.insert(function) {
                continue;
            }
            if self.gives_signs(function) {
                return true;
            }
            let callers = self.callers(function).into_iter().filter_map(|call| self.enclosing_fn(call));
            open.extend(callers.filter(|caller| owner.is_some() && self.self_def(Place::Fn(*caller)) == owner));
        }
        false
    }

    /// Whether a function cancels, notifies, sends, closes or drops something; what a task that it starts does aside.
    fn gives_signs(&self, function: FnRef) -> bool {
        let Some(body) = self.function(function).body else { return false };
        let mut gives = false;
        self.walk(function.with(body), &mut |at, kind| {
            gives |= match kind {
                Expr::MethodCall { method, .. } => catalogue::method(&self.file(at.file)[method]).does_any(TELLS),
                Expr::Call { callee, .. } => {
                    matches!(self.callee(at.with(callee)), Def::External(path) if &*path == "std::mem::drop")
                }
                Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => {
                    return false;
                }
                _ => false,
            };
            !gives
        });
        gives
    }

    /// Whether a function does anything that may end or await a task, itself or by what it calls; a flag that is set counts
    /// for a task that hears one. `seen` are the functions that were looked into.
    pub(super) fn ends_something(&self, function: FnRef, hears_flag: bool, seen: &mut FxHashSet<FnRef>) -> bool {
        let Some(body) = self.function(function).body else { return true };
        if !seen.insert(function) {
            return false;
        }
        let mut ends = false;
        self.walk(function.with(body), &mut |at, kind| {
            ends |= match kind {
                Expr::Await(_) => true,
                Expr::MethodCall { method, .. } => {
                    let name = &self.file(at.file)[method];
                    let known = catalogue::method(name);
                    known.does_any(TELLS)
                        || known.does_any(&[Does::Aborts, Does::EndsAll, Does::AsksTask])
                        || hears_flag && known.does_any(&[Does::Marks, Does::Stores])
                        || catalogue::poll(name).is_some()
                        || catalogue::says_end(name)
                        || self
                            .called_fn(&Value::bare(at))
                            .is_some_and(|called| self.ends_something(called, hears_flag, seen))
                }
                Expr::Call { .. } => {
                    self.called_fn(&Value::bare(at)).is_some_and(|called| self.ends_something(called, hears_flag, seen))
                }
                _ => false,
            };
            !ends
        });
        ends
    }

    /// Whether a task's handle is put into a field over the handle of the task that was started before it, while
    /// that one may still run: in a method that can run twice and does not look at the field first.
    pub fn overwrites(&self, task: &Task, fate: &Fate) -> Option<Overwrite> {
        let Fate::Stored { owner, field, at, use_ } = fate else { return None };
        // Of a field that nobody touches there is more to say than that it is overwritten.
        let kept = match use_ {
            FieldUse::Kept(at) => Some(*at),
            FieldUse::Raced(race) => Some(race.at),
            FieldUse::Unknown(_) => None,
            FieldUse::Nothing => return None,
        };
        if !matches!(task.handle, Handle::Detach | Handle::ResultDetach) || !self.holds_one_handle(*owner, field) {
            return None;
        }
        let assigned = self.assignment_at(*at)?;
        let method = self.enclosing_fn(assigned)?;
        let Expr::Assign { lhs, .. } = self.file(assigned.file)[assigned.id] else { return None };
        if self.async_body(assigned).map(|body| body.id) != self.function(method).body
            || !self.is_longer_lived(assigned.with(lhs))
            || self.looks_before(assigned, *owner, field)
        {
            return None;
        }
        let again = match self.is_in_loop(assigned) {
            true => Some(Some(self.span(assigned))),
            false => self.runs_again(method, *owner, field, &mut FxHashSet::default()),
        }?;
        let file = self.file(owner.file);
        let field = format!("{}::{field}", &file[file[owner.id].name]);
        Some(Overwrite { field, at: *at, assigned, method, again, kept })
    }

    /// Whether a field holds at most one handle, which its drop does not stop.
    fn holds_one_handle(&self, owner: TypeRef, field: &str) -> bool {
        let mut ty = self.field_type(owner, field);
        loop {
            let Type::External(path, args) = &ty else { return false };
            if catalogue::is_handle(path) || &**path == "tokio::task::AbortHandle" {
                return true;
            }
            match (catalogue::wrapper_kind(path), args.last()) {
                (Some(WrapperKind::Many) | None, _) | (_, None) => return false,
                (Some(_), Some(inside)) => ty = inside.clone(),
            }
        }
    }

    /// The assignment whose left side stands at a place.
    fn assignment_at(&self, at: Span) -> Option<ExprRef> {
        let lhs = self.expr_at(at, |expr| matches!(expr, Expr::Field { .. } | Expr::Unary { .. }))?;
        let parent = self.parents(lhs.file).parent(lhs.id)?;
        matches!(self.file(lhs.file)[parent], Expr::Assign { op: None, lhs: to, .. } if to == lhs.id)
            .then(|| lhs.with(parent))
    }

    /// Whether what is written to was there before the function was called: reached from `self` or from a
    /// parameter, not made here.
    fn is_longer_lived(&self, place: ExprRef) -> bool {
        let file = self.file(place.file);
        let go = |id: ExprId| self.is_longer_lived(place.with(id));
        match file[place.id] {
            Expr::Field { base: inner, .. }
            | Expr::Unary { expr: inner, .. }
            | Expr::Ref { expr: inner, .. }
            | Expr::MethodCall { receiver: inner, .. }
            | Expr::Await(inner)
            | Expr::Try(inner) => go(inner),
            Expr::Path(_) => match self.local(place) {
                Some((_, binding)) => match binding.origin {
                    Origin::SelfParam => true,
                    Origin::Param(_) => binding.ty.is_some_and(|ty| matches!(file[ty], crate::facts::Ty::Ref(_))),
                    Origin::Value(init) if init < place.id => go(init),
                    _ => false,
                },
                None => false,
            },
            _ => false,
        }
    }

    /// Whether code looks at the field, or at anything that decides, before it comes to `place`: then the old
    /// handle may be gone.
    fn looks_before(&self, place: ExprRef, owner: TypeRef, field: &str) -> bool {
        let Some(function) = self.enclosing_fn(place) else { return true };
        let item = self.function(function);
        let (Some(first), Some(body)) = (item.first_expr, item.body) else { return true };
        let file = self.file(place.file);
        let parents = self.parents(place.file);
        let mut child = place.id;
        for at in parents.ancestors(place.id).take_while(|at| *at != body) {
            match file[at] {
                Expr::If { cond, .. } if cond != child => return true,
                Expr::Match { scrutinee, .. } if scrutinee != child => return true,
                Expr::Closure { .. } | Expr::Select(_) => return true,
                Expr::Local { otherwise, .. } if otherwise == Some(child) => return true,
                _ => {}
            }
            child = at;
        }
        // In a loop, what stands behind it runs before its next turn.
        let looped = parents
            .ancestors(place.id)
            .filter(|at| matches!(file[*at], Expr::Loop { .. } | Expr::While { .. } | Expr::For { .. }) && *at < body);
        let last = looped.last().unwrap_or(place.id);
        let written = match file[place.id] {
            Expr::Assign { lhs, .. } => Some((parents.first_below(lhs), lhs)),
            _ => None,
        };
        (first.index()..last.index()).map(ExprId::from_index).filter(|id| *id != place.id).any(|id| match file[id] {
            Expr::Field { name, .. } => {
                &file[name] == field && !written.is_some_and(|(from, to)| from <= id && id <= to)
            }
            Expr::Return(_) => id < place.id,
            Expr::Call { .. } | Expr::MethodCall { .. } => {
                let called = self.called_fn(&super::Value::bare(place.with(id)));
                called.is_some_and(|called| self.mentions_field(called, owner, field, &mut FxHashSet::default()))
            }
            _ => false,
        })
    }

    /// Whether a function looks at a field, or calls one that does and stands with the type: others cannot, or do so by
    /// its methods. `seen` are the functions that were looked into.
    fn mentions_field(&self, function: FnRef, owner: TypeRef, field: &str, seen: &mut FxHashSet<FnRef>) -> bool {
        let Some(body) = self.function(function).body.filter(|_| seen.insert(function)) else { return false };
        let file = self.file(function.file);
        let mut found = false;
        self.walk(function.with(body), &mut |at, expr| {
            found |= match expr {
                Expr::Field { name, .. } => &file[name] == field,
                Expr::Call { .. } | Expr::MethodCall { .. } => self
                    .called_fn(&super::Value::bare(at))
                    .filter(|called| called.file == owner.file || self.is_method_of(*called, owner))
                    .is_some_and(|called| self.mentions_field(called, owner, field, seen)),
                _ => false,
            };
            !found
        });
        found
    }

    fn is_method_of(&self, function: FnRef, owner: TypeRef) -> bool {
        self.self_def(Place::Fn(function)) == Some(Def::Type(owner))
    }

    /// Whether a method can run a second time for the same value: `Some` with a call that shows it, or with
    /// `None` where it is public and nobody here calls it.
    /// `seen` are the methods that were asked.
    fn runs_again(
        &self,
        method: FnRef,
        owner: TypeRef,
        field: &str,
        seen: &mut FxHashSet<FnRef>,
    ) -> Option<Option<Span>> {
        let item = self.function(method);
        // Once for each value that it makes or consumes.
        let receiver = item.self_param?;
        if !seen.insert(method) || !(receiver.is_ref || receiver.ty.is_some()) {
            return None;
        }
        let callers = self.callers(method);
        if callers.is_empty() {
            let file = self.file(method.file);
            let is_own = matches!(item.owner, Owner::Impl(block) if file[block].trait_path.is_none());
            let is_offered = is_own && item.visibility == Visibility::Public && self.value_uses(method).is_empty();
            return (is_offered && !is_for_once(self.function_name(method), item.params.len())).then_some(None);
        }
        callers.into_iter().filter(|call| !self.looks_before(*call, owner, field)).find_map(|call| {
            let caller = self.enclosing_fn(call)?;
            let same_value = self.function(caller).self_param.is_some();
            match same_value && (self.is_in_loop(call) || self.reach_of(call) == Reach::Request) {
                true => Some(Some(self.call_head(call))),
                false => self.runs_again(caller, owner, field, seen),
            }
        })
    }
}

/// Whether a method is meant to be called once for each value, by its name: to make it ready, or to set it going
/// without saying more.
fn is_for_once(name: &str, params: usize) -> bool {
    catalogue::makes_ready(name) || params == 0 && catalogue::sets_going(name)
}
