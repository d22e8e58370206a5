//! Guards: values that end a task when they are dropped, and those that are dropped as soon as they are made.

use super::{Act, Def, ExprRef, Program, Task, Type, Value};
use crate::{
    catalogue::{self, Call, Does, Function, Handle, Macro, OnDrop, Runs},
    facts::{BlockKind, Expr, ExprId, Pat, PatId, Ty, TyId},
    span::Span,
};
use rustc_hash::FxHashSet;

/// What a guard is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GuardKind {
    /// A handle that aborts its task: `AbortOnDropHandle`, a smol `Task`, a `RemoteHandle`.
    Handle,
    /// A guard that cancels a token; the token as the code writes it.
    Token(String),
    /// A set that aborts its tasks.
    Set,
    /// A type of the workspace that ends a task when it is dropped; its name, and where it does so.
    Owner(String, Option<Span>),
}

/// How a guard is dropped as soon as it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loss {
    /// `AbortOnDropHandle::new(task);`
    Statement,
    /// `let _ = AbortOnDropHandle::new(task);`
    Underscore,
    /// `AbortOnDropHandle::new(task).id()`: it is a temporary.
    Temporary,
    /// `let _guard = ..;` with nothing behind it; the name.
    EndOfFunction(String),
}

/// A guard that is dropped as soon as it is made.
#[derive(Debug, Clone)]
pub struct DiscardedGuard {
    /// What it is.
    pub kind: GuardKind,
    /// The expression that gives it, where it is lost.
    pub at: ExprRef,
    /// How it is lost.
    pub loss: Loss,
    /// Where it is made, if a function in between hands it out.
    pub made: Option<Span>,
    /// The task that it ends, for a message; unknown of a token.
    pub task: Option<String>,
}

/// A value on its way from where a task is started to where it is dropped.
struct Walked {
    kind: Option<GuardKind>,
    /// The call or literal that gave the guard its last form.
    at: ExprRef,
    calls: Vec<ExprRef>,
}

enum Step {
    /// It is, or is part of, this value now.
    On(ExprRef),
    /// The function gives it to its callers.
    Returned,
    /// It is dropped.
    Lost(Loss),
}

impl Program {
    /// Guards that are dropped as soon as they are made, by place.
    pub fn discarded_guards(&self) -> Vec<DiscardedGuard> {
        let mut found = Vec::new();
        let mut seen = FxHashSet::default();
        // The closure of a blocking task that has started goes on, whatever is dropped.
        let tasks = self.tasks().iter().filter(|task| task.runs != Runs::Blocking);
        for task in tasks.filter(|task| seen.insert(task.inner)) {
            let kind = match task.handle {
                Handle::Detach | Handle::ResultDetach => None,
                Handle::Cancel if !self.has_other_callee(task.inner) => Some(GuardKind::Handle),
                Handle::Owned => {
                    found.extend(self.ask(Some(task.site), || self.dropped_set(task)).into_iter().flatten());
                    continue;
                }
                _ => continue,
            };
            self.ask(Some(task.site), || self.follow_guard(task.inner, kind, &mut found));
        }
        let names = catalogue::methods_that(|method| method.does(Does::MakesGuard));
        let guards = names.flat_map(|name| self.calls_named(name));
        for call in guards.filter(|call| self.options.include_tests || !self.in_test(**call)) {
            let Expr::MethodCall { receiver, .. } = self.file(call.file)[call.id] else { continue };
            self.ask(None, || {
                if self.type_of(&Value::bare(*call)).is("tokio_util::sync::DropGuard") && !self.is_drop(*call) {
                    let token = self.text_of(call.with(receiver));
                    self.follow_guard(*call, Some(GuardKind::Token(token)), &mut found);
                }
            });
        }
        for call in self.calls_named("remote_handle") {
            if self.options.include_tests || !self.in_test(*call) {
                found.extend(self.ask(None, || self.dropped_remote_handle(*call)).into_iter().flatten());
            }
        }
        found.sort_by_key(|guard| self.span(guard.at));
        found.dedup_by_key(|guard| guard.at);
        found
    }

    /// Whether a call may be one of something else: its name is imported twice.
    fn has_other_callee(&self, call: ExprRef) -> bool {
        let file = self.file(call.file);
        let Expr::Call { callee, .. } = file[call.id] else { return false };
        let (Expr::Path(path), Some(place)) = (file[callee], self.place(call)) else { return false };
        self.view().is_ambiguous(call.file, self.module_of(place), path)
    }

    fn follow_guard(&self, made: ExprRef, kind: Option<GuardKind>, found: &mut Vec<DiscardedGuard>) {
        let Some(start) = self.given_expr(made) else { return };
        self.follow(made, start, &mut Walked { kind, at: made, calls: Vec::new() }, &mut FxHashSet::default(), found);
    }

    /// What the task runs that one spawn starts, as the last of some calls sees it.
    fn guarded_name(&self, spawn: ExprRef, calls: &[ExprRef]) -> Option<String> {
        let tasks = || self.tasks().iter().filter(|task| task.inner == spawn);
        let task =
            tasks().find(|task| calls.contains(&task.site)).or_else(|| tasks().find(|task| task.site == spawn))?;
        Some(self.task_name(task))
    }

    /// `seen` are the calls to whose callers a guard was followed.
    fn follow(
        &self,
        made: ExprRef,
        start: ExprRef,
        walked: &mut Walked,
        seen: &mut FxHashSet<ExprRef>,
        found: &mut Vec<DiscardedGuard>,
    ) {
        let mut here = start;
        // Each step leads outwards, or to what stands behind.
        loop {
            match self.step(here, walked) {
                Some(Step::On(next)) => here = next,
                Some(Step::Lost(loss)) => {
                    if let Some(kind) = walked.kind.clone() {
                        let task = self.guarded_name(made, &walked.calls);
                        let made = (!walked.calls.is_empty()).then(|| self.span(made));
                        found.push(DiscardedGuard { kind, at: walked.at, loss, made, task });
                    }
                    return;
                }
                Some(Step::Returned) => return self.follow_to_callers(made, here, walked, seen, found),
                None => return,
            }
        }
    }

    fn follow_to_callers(
        &self,
        made: ExprRef,
        at: ExprRef,
        walked: &Walked,
        seen: &mut FxHashSet<ExprRef>,
        found: &mut Vec<DiscardedGuard>,
    ) {
        let Some(function) = self.enclosing_fn(at) else { return };
        // What is lent is not dropped, and what a trait object or generic gives may be anything.
        let lends = self.function(function).ret.is_none_or(|ret| self.mentions_reference(function.file, ret));
        if lends || walked.kind.is_none() {
            return;
        }
        for call in self.callers(function) {
            let Some(given) = self.given_expr(call).filter(|_| seen.insert(call)) else { continue };
            let mut walked =
                Walked { kind: walked.kind.clone(), at: call, calls: [walked.calls.as_slice(), &[call]].concat() };
            self.follow(made, given, &mut walked, seen, found);
        }
    }

    fn mentions_reference(&self, file: crate::span::FileId, ty: TyId) -> bool {
        let summary = self.file(file);
        match summary[ty] {
            Ty::Ref(_) | Ty::Pointer(_) => true,
            Ty::Path(path) => summary.list(summary[path].args).any(|arg| self.mentions_reference(file, arg)),
            _ => false,
        }
    }

    /// What the expression around a value does with it.
    fn step(&self, here: ExprRef, walked: &mut Walked) -> Option<Step> {
        let file = self.file(here.file);
        let Some(parent) = self.parents(here.file).parent(here.id) else { return Some(Step::Returned) };
        let outer = here.with(parent);
        // A name keeps its value to the end of the scope, whatever is asked of it.
        let is_named = matches!(file[here.id], Expr::Path(_));
        match file[parent] {
            Expr::Try(_) => Some(Step::On(outer)),
            Expr::MethodCall { receiver, method, .. } if receiver == here.id => match &file[method] {
                method if catalogue::method(method).does(Does::Unwraps) => Some(Step::On(outer)),
                method
                    if catalogue::method(method).does(Does::AsksHandle) && walked.kind == Some(GuardKind::Handle) =>
                {
                    (!is_named).then_some(Step::Lost(Loss::Temporary))
                }
                // What aborts is only a guard within a type that does so in its `Drop`.
                "abort_handle" if walked.kind.is_none() => Some(Step::On(outer)),
                _ => None,
            },
            Expr::Call { callee, args } => {
                let at = file.list(args).position(|arg| arg == here.id)?;
                self.step_into_call(outer, callee, at, walked)
            }
            Expr::FieldInit { name, .. } => {
                let literal = here.with(self.parents(here.file).parent(parent)?);
                let Expr::Struct { path, .. } = file[literal.id] else { return None };
                let key = match self.resolve_in(here.file, self.place(here)?, path) {
                    Def::Variant(_, variant) => format!("{variant}.{}", &file[name]),
                    _ => file[name].to_owned(),
                };
                self.becomes_owner(literal, &key, walked).then_some(Step::On(literal))
            }
            Expr::Block { kind, stmts, has_tail, .. } => {
                let is_tail = has_tail && file.list(stmts).next_back() == Some(here.id);
                match (is_tail, kind) {
                    (true, BlockKind::Plain) => Some(Step::On(outer)),
                    // The tail of the function, if what stands behind it is compiled away.
                    (false, BlockKind::Plain) if self.is_alternative_tail(here) => Some(Step::On(outer)),
                    (false, _) => Some(Step::Lost(Loss::Statement)),
                    (true, _) => None,
                }
            }
            Expr::Return(_) => {
                let is_inside = self.parents(here.file).ancestors(parent).any(|at| {
                    matches!(
                        file[at],
                        Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. }
                    )
                });
                (!is_inside).then_some(Step::Returned)
            }
            Expr::Local { pat, init: Some(init), .. } if init == here.id => self.step_into_pattern(here, parent, pat),
            Expr::Assign { lhs, .. } if matches!(file[lhs], Expr::Underscore) && !is_named => {
                Some(Step::Lost(Loss::Underscore))
            }
            _ => None,
        }
    }

    fn step_into_call(&self, call: ExprRef, callee: ExprId, at: usize, walked: &mut Walked) -> Option<Step> {
        match self.callee(call.with(callee)) {
            Def::External(path) if self.makes_owner(&path) && at == 0 => {
                walked.kind = Some(GuardKind::Handle);
                walked.at = call;
                Some(Step::On(call))
            }
            Def::External(path) => {
                let keeps = matches!(catalogue::function(&path), Some(Function::Carries | Function::Boxes));
                keeps.then_some(Step::On(call))
            }
            Def::Type(_) => self.becomes_owner(call, &at.to_string(), walked).then_some(Step::On(call)),
            Def::Variant(_, variant) => {
                self.becomes_owner(call, &format!("{variant}.{at}"), walked).then_some(Step::On(call))
            }
            _ => None,
        }
    }

    /// Whether a value of the workspace's own type, made with what was followed in that field, ends the task when
    /// it is dropped.
    fn becomes_owner(&self, made: ExprRef, field: &str, walked: &mut Walked) -> bool {
        let Type::Item(owner, _) = self.type_of(&Value::bare(made)) else { return false };
        let drops = self.drop_functions(owner);
        let mut acts = self.field_acts(owner, field);
        acts.retain(|it| it.by.is_some_and(|by| drops.contains(&by)));
        let file = self.file(owner.file);
        let name = file[file[owner.id].name].to_owned();
        match &walked.kind {
            Some(GuardKind::Token(_)) => {}
            // A guard in a field is dropped with the struct, unless the struct's `Drop` lets go of it.
            Some(GuardKind::Owner(_, at)) => walked.kind = Some(GuardKind::Owner(name, *at)),
            Some(_) => {
                let declared = self.declared_field(owner, field);
                walked.kind = Some(GuardKind::Owner(name, declared.map(|it| it.range.in_file(owner.file))));
            }
            None => {
                let Some(aborts) = acts.iter().find(|it| it.act == Act::Aborts) else { return false };
                walked.kind = Some(GuardKind::Owner(name, Some(aborts.at)));
            }
        }
        walked.at = made;
        acts.iter().all(|it| matches!(it.act, Act::Aborts | Act::Looks))
    }

    /// `let guard = ..;`
    fn step_into_pattern(&self, here: ExprRef, local: ExprId, pat: PatId) -> Option<Step> {
        let file = self.file(here.file);
        match file[pat] {
            // `let _ = guard;` leaves the guard where it is.
            Pat::Wild => (!matches!(file[here.id], Expr::Path(_))).then_some(Step::Lost(Loss::Underscore)),
            Pat::Typed { pat, .. } => self.step_into_pattern(here, local, pat),
            Pat::Bind { name, sub: None } => {
                let body = self.body(self.place(here)?);
                match body.uses(pat) {
                    [] if self.nothing_follows(here.with(local)) => {
                        Some(Step::Lost(Loss::EndOfFunction(file[name].to_owned())))
                    }
                    // Given on once, and not from a closure or loop.
                    [used] => Some(Step::On(here.with(*used))),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Whether behind a statement of a function's own block nothing is done that takes time.
    fn nothing_follows(&self, stmt: ExprRef) -> bool {
        let file = self.file(stmt.file);
        let parents = self.parents(stmt.file);
        let Some(block) = parents.parent(stmt.id).filter(|block| parents.parent(*block).is_none()) else {
            return false;
        };
        let Expr::Block { stmts, .. } = file[block] else { return false };
        file.list(stmts).skip_while(|at| *at != stmt.id).skip(1).all(|at| self.takes_no_time(stmt.with(at)))
    }

    /// A name, a literal, `Ok(())`, `Self { .. }`, a log line.
    fn takes_no_time(&self, expr: ExprRef) -> bool {
        let file = self.file(expr.file);
        let all_below = || {
            let mut children = Vec::new();
            file.each_child(expr.id, &mut |child| children.push(child));
            children.into_iter().all(|child| self.takes_no_time(expr.with(child)))
        };
        match file[expr.id] {
            Expr::Path(_) | Expr::Lit(_) => true,
            Expr::Tuple(_)
            | Expr::Struct { .. }
            | Expr::FieldInit { .. }
            | Expr::Field { .. }
            | Expr::Ref { .. }
            | Expr::Return(_) => all_below(),
            Expr::Call { callee, .. } => {
                let is_constructor = match self.callee(expr.with(callee)) {
                    Def::External(path) => {
                        matches!(catalogue::function(&path), Some(Function::Carries | Function::Fails))
                    }
                    Def::Type(_) | Def::Variant(..) => true,
                    _ => false,
                };
                is_constructor && all_below()
            }
            Expr::MethodCall { method, .. } => &file[method] == "clone" && all_below(),
            Expr::Macro(id) => file.macro_of(id).is_some_and(Macro::peeks) && all_below(),
            _ => false,
        }
    }

    /// `JoinSet::new().spawn(work);`
    fn dropped_set(&self, task: &Task) -> Option<DiscardedGuard> {
        let file = self.file(task.inner.file);
        let Expr::MethodCall { receiver, .. } = file[task.inner.id] else { return None };
        let Expr::Call { callee, .. } = file[receiver] else { return None };
        let Def::External(path) = self.callee(task.inner.with(callee)) else { return None };
        let (owner, name) = path.rsplit_once("::")?;
        let is_set = catalogue::call_does(name, Call::MakesEmpty) && self.foreign_on_drop(owner) == Some(OnDrop::Ends);
        is_set.then(|| DiscardedGuard {
            kind: GuardKind::Set,
            at: task.inner,
            loss: Loss::Temporary,
            made: None,
            task: Some(self.task_name(task)),
        })
    }

    /// `let (remote, _) = work.remote_handle();`
    fn dropped_remote_handle(&self, call: ExprRef) -> Option<DiscardedGuard> {
        let file = self.file(call.file);
        let Expr::MethodCall { args, .. } = file[call.id] else { return None };
        let Expr::Local { pat, .. } = file[self.parents(call.file).parent(call.id)?] else { return None };
        let Pat::Tuple(pats) = file[pat] else { return None };
        let is_lost = args.is_empty() && pats.len == 2 && matches!(file[file.at(pats, 1)?], Pat::Wild);
        let is_foreign = self.called_fn(&Value::bare(call)).is_none();
        (is_lost && is_foreign).then_some(DiscardedGuard {
            kind: GuardKind::Handle,
            at: call,
            loss: Loss::Underscore,
            made: None,
            task: None,
        })
    }
}
