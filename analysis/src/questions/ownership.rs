//! What ends a task when it is dropped: the owner of a sign that the task waits for, or of its handle. And where
//! there is no such owner, the method that alone ends the task.

use super::{
    Act, Ending, EndingKind, ExprRef, Fate, FieldUse, FnRef, OpenReason, PatRef, Program, Signal, SignalKind, Task,
    Type, TypeRef, Value, gives_signal, signs::Sign,
};
use crate::{
    catalogue::{self, Does},
    facts::{Expr, ExprId, FunctionId, Id, Owner},
    questions::{AccessPath, Root},
    span::Span,
};
use rustc_hash::FxHashSet;

/// What the drop of those that have a task's signs or its handle does to the task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndedByDrop {
    /// Something ends it soon by being dropped.
    Soon,
    /// Only a method ends it.
    OnlyBy(Stop),
    /// Cannot be told.
    Unknown,
    /// Nothing.
    Nothing,
}

/// A method that ends a task which the drop of its type leaves alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// The type that has the field.
    pub owner: TypeRef,
    /// The type whose method it is: when a value of it is dropped, the task goes on.
    pub dropped: TypeRef,
    /// The field through which it ends the task.
    pub field: String,
    /// The method.
    pub by: FnRef,
    /// What it does there.
    pub at: Span,
    /// Whether the field holds the handle itself, and no sign.
    pub is_handle: bool,
}

/// Where a sign comes from.
#[derive(Debug, Default)]
pub(super) struct Homes {
    /// The fields that it stands in.
    pub(super) fields: Vec<(TypeRef, String)>,
    /// Whether a guard gives it when it is dropped.
    is_guarded: bool,
    /// Whether it goes to, or comes from, where nobody looks here.
    is_open: bool,
}

impl Program {
    /// What ends a task by being dropped.
    pub fn ended_by_drop(&self, task: &Task, fate: &Fate, ending: &Ending) -> EndedByDrop {
        let signs =
            ending.signals.iter().filter(|signal| signal.dead.is_none()).map(|signal| self.given_by_drop(signal));
        let by_handle = match fate {
            Fate::AbortOnDrop(_) | Fate::Owned | Fate::Cancelled => EndedByDrop::Soon,
            Fate::Stored { owner, field, use_: FieldUse::Kept(_), .. } => {
                self.ends_by_field(*owner, field, Sign::Handle)
            }
            Fate::Dropped { .. } | Fate::PartlyDropped { .. } | Fate::Stored { use_: FieldUse::Nothing, .. } => {
                EndedByDrop::Nothing
            }
            _ => EndedByDrop::Unknown,
        };
        match signs.fold(by_handle, EndedByDrop::or) {
            _ if task.ends_with_local_runtime => EndedByDrop::Soon,
            EndedByDrop::Nothing | EndedByDrop::OnlyBy(_) if self.ends_with_runtime_around(task) => EndedByDrop::Soon,
            ended => ended,
        }
    }

    /// A method that ends what a type does, and leaves alone the task that another method of it has started: it touches
    /// nothing through which a task could be ended.
    pub fn forgotten_by_stop(&self, task: &Task) -> Option<FnRef> {
        let by = self.enclosing_fn(task.site)?;
        let owner = self.self_type(by)?;
        self.function(by).self_param?;
        let stops = self.stops_of_type(owner);
        if !stops.iter().any(|stop| self.ends_something(*stop, true, &mut FxHashSet::default())) {
            return None;
        }
        let ends_tasks = |ty: &Type| {
            let is_foreign = ty.innermost().item().is_none();
            is_foreign
                && (gives_signal(&ty.innermost()) || self.stands_for_task(ty) || self.ends_task_on_drop(ty).is_some())
        };
        let fields = self.file(owner.file)[owner.id].fields.iter();
        let touching: FxHashSet<FnRef> = fields
            .filter(|field| ends_tasks(&self.declared_type(owner, field)))
            .flat_map(|field| self.field_acts(owner, &self.field_key(owner, field)))
            .filter_map(|used| used.by)
            .collect();
        // A `stop` that calls the one that does it.
        let forgets = |stop: &FnRef| !self.called_within(vec![*stop], owner).iter().any(|it| touching.contains(it));
        stops.iter().all(forgets).then(|| stops[0])
    }

    /// A method that ends what a type does, by its name and by what it does.
    pub fn stop_of_type(&self, owner: TypeRef) -> Option<FnRef> {
        let ends = |stop: &FnRef| self.ends_something(*stop, true, &mut FxHashSet::default());
        self.stops_of_type(owner).into_iter().find(ends)
    }

    /// The methods of a type whose names say that they end what it does.
    fn stops_of_type(&self, owner: TypeRef) -> Vec<FnRef> {
        let is_stop = |method: &FnRef| {
            let item = self.function(*method);
            let name = self.function_name(*method);
            catalogue::says_end(name)
                && !catalogue::sets_going(name)
                && item.self_param.is_some_and(|receiver| receiver.is_ref)
                && !self.is_test(*method)
                && self.may_run(*method)
        };
        let mut stops = self.methods_of_type(owner);
        stops.retain(is_stop);
        stops
    }

    /// The methods of a type in the blocks of the workspace, in the order in which they stand.
    fn methods_of_type(&self, owner: TypeRef) -> Vec<FnRef> {
        let mut found = Vec::new();
        for block in self.names.impls_of(owner) {
            let functions = &self.file(block.file).functions;
            let own = functions.iter().enumerate().filter(|(_, item)| item.owner == Owner::Impl(block.id));
            found.extend(own.map(|(at, _)| FnRef::new(block.file, FunctionId::from_index(at))));
        }
        found.sort();
        found
    }

    /// What the drop of those that can give a sign does.
    fn given_by_drop(&self, signal: &Signal) -> EndedByDrop {
        match signal.kind {
            // Whoever drops the other half closes it.
            SignalKind::Channel | SignalKind::Client | SignalKind::Weak => EndedByDrop::Soon,
            // A send that fails is noticed when there is something to send.
            SignalKind::Closed if signal.is_only_tested && !self.waits_only_to_send(signal) => EndedByDrop::Nothing,
            SignalKind::Closed => EndedByDrop::Soon,
            SignalKind::Token | SignalKind::Notify => self.given_from_homes(&self.value_of(signal.source), Sign::Call),
            SignalKind::Flag => {
                let source = self.value_of(signal.source);
                self.given_from_homes(&source, Sign::Flag(self.ends_loop_at(source.expr)))
            }
            SignalKind::Abort | SignalKind::Shutdown => EndedByDrop::Unknown,
            SignalKind::Process => EndedByDrop::Nothing,
        }
    }

    fn given_from_homes(&self, source: &Value, sign: Sign) -> EndedByDrop {
        let mut homes = Homes::default();
        self.find_homes(source, &mut homes);
        let start = match (homes.is_guarded, homes.is_open) {
            (true, _) => EndedByDrop::Soon,
            (false, true) => EndedByDrop::Unknown,
            (false, false) => EndedByDrop::Nothing,
        };
        homes.fields.iter().fold(start, |found, (owner, field)| found.or(self.ends_by_field(*owner, field, sign)))
    }

    /// Where a token, notification or flag stands, beside the task that listens to it.
    pub(super) fn find_homes(&self, source: &Value, homes: &mut Homes) {
        let made = self.parent_token(source);
        let Some(path) = self.access_path(&made) else {
            homes.is_open = true;
            return;
        };
        if let Some((owner, field)) = path.last_field() {
            homes.fields.push((owner, field.to_owned()));
            return;
        }
        match path.root {
            Root::Static(_) => homes.is_open = true,
            Root::Local(_) if !path.fields.is_empty() => homes.is_open = true,
            Root::Local(_) => match self.root_binding(&made) {
                Some((pat, near)) => self.homes_of_local(pat, &near, &path, homes),
                None => homes.is_open = true,
            },
        }
    }

    /// The token of which a child, or a future, is listened to.
    fn parent_token(&self, source: &Value) -> Value {
        let mut here = source.clone();
        loop {
            let made = self.origin(&here);
            let Expr::MethodCall { receiver, method, .. } = self.expr(&made) else { return here };
            let known = catalogue::method(&self.file(made.expr.file)[method]);
            if !known.does_any(&[Does::Listens, Does::UntilCancelled]) {
                return here;
            }
            here = made.at(receiver);
        }
    }

    fn homes_of_local(&self, pat: PatRef, near: &Value, path: &AccessPath, homes: &mut Homes) {
        if self.parameter_of(pat).is_some() {
            homes.is_open = true;
            return;
        }
        let Some(place) = self.place(near.expr).filter(|_| near.expr.file == pat.file) else {
            homes.is_open = true;
            return;
        };
        let body = self.body(place);
        let clones = body.bindings.iter().filter(|(clone, _)| **clone != pat.id).filter_map(|(clone, binding)| {
            let super::Origin::Value(init) = binding.origin else { return None };
            let is_it = self.access_path(&Value::bare(pat.with(init))).is_some_and(|other| other.is_same(path));
            is_it.then_some(*clone)
        });
        let mut names: Vec<_> = clones.chain([pat.id]).collect();
        names.sort_unstable();
        for name in names {
            for used in body.uses(name) {
                self.home_of_use(pat.with(*used), homes);
            }
        }
    }

    /// Where one use of a local puts it.
    pub(super) fn home_of_use(&self, used: ExprRef, homes: &mut Homes) {
        let file = self.file(used.file);
        let mut here = used;
        while let Some(parent) = self.parent(here) {
            match file[parent.id] {
                Expr::MethodCall { receiver, method, .. } if receiver == here.id => {
                    let known = catalogue::method(&file[method]);
                    if known.does(Does::MakesGuard) {
                        homes.is_guarded = true;
                        return;
                    }
                    if !known.gives_same() {
                        return;
                    }
                }
                Expr::Call { callee, .. } if matches!(self.callee(parent.with(callee)), super::Def::External(_)) => {}
                Expr::Call { .. } | Expr::MethodCall { .. } => {
                    homes.is_open |= self.task_of_call(parent).is_none();
                    return;
                }
                Expr::FieldInit { name, .. } => {
                    let literal = self.parent(parent).map(|literal| (literal, file[literal.id]));
                    if let Some((literal, Expr::Struct { path, .. })) = literal
                        && let Some(place) = self.place(literal)
                        && let super::Def::Type(owner) = self.resolve_in(used.file, place, path)
                    {
                        homes.fields.push((owner, file[name].to_owned()));
                    } else {
                        homes.is_open = true;
                    }
                    return;
                }
                Expr::Assign { lhs, rhs, .. } if rhs == here.id => {
                    match self.access_path(&Value::bare(parent.with(lhs))).as_ref().and_then(AccessPath::last_field) {
                        Some((owner, field)) => homes.fields.push((owner, field.to_owned())),
                        None => homes.is_open = true,
                    }
                    return;
                }
                Expr::Ref { .. } | Expr::Await(_) | Expr::Try(_) => {}
                Expr::Tuple(_) | Expr::Return(_) => {
                    homes.is_open = true;
                    return;
                }
                Expr::Block { stmts, has_tail: true, .. } if file.list(stmts).next_back() == Some(here.id) => {
                    homes.is_open |=
                        self.enclosing_fn(here).is_some_and(|by| self.function(by).body == Some(parent.id));
                    return;
                }
                _ => return,
            }
            here = parent;
        }
    }

    /// What the drop of a type does to the task that stands behind one of its fields, or else which method ends it.
    fn ends_by_field(&self, owner: TypeRef, field: &str, sign: Sign) -> EndedByDrop {
        let Some(declared) = self.declared_field(owner, field) else { return EndedByDrop::Unknown };
        if self.ends_task_on_drop(&self.declared_type(owner, declared)).is_some() {
            return EndedByDrop::Soon;
        }
        let acts = self.acts_on_sign(owner, field, sign);
        if acts.iter().any(|(_, _, by)| self.is_run_by_drop(*by)) || self.has_guard_beside(owner, field) {
            return EndedByDrop::Soon;
        }
        let stop = acts
            .into_iter()
            .find(|(act, _, by)| matches!(act, Act::Aborts | Act::Awaits | Act::Signals) && self.may_run(*by));
        match stop {
            // What is shared with the task stands in a field of what is dropped: the method's own type.
            Some((_, at, by)) => {
                let dropped = self.self_type(by).unwrap_or(owner);
                let is_handle = sign == Sign::Handle;
                EndedByDrop::OnlyBy(Stop { owner, dropped, field: field.to_owned(), by, at, is_handle })
            }
            None => EndedByDrop::Unknown,
        }
    }

    /// Whether a function is the `drop` of a type, or a method of it that its `drop` calls.
    pub(super) fn is_run_by_drop(&self, by: FnRef) -> bool {
        self.is_drop_function(by) || self.self_type(by).is_some_and(|owner| self.drop_functions(owner).contains(&by))
    }

    /// Whether another field of a type ends tasks when it is dropped: the guard of the token in this one.
    fn has_guard_beside(&self, owner: TypeRef, field: &str) -> bool {
        let fields = &self.file(owner.file)[owner.id].fields;
        fields.iter().any(|other| {
            self.field_key(owner, other) != field
                && self
                    .ends_task_on_drop(&self.declared_type(owner, other))
                    .is_some_and(|found| found.does == catalogue::OnDrop::Signals && !found.how.ends_with("Sender"))
        })
    }
}

impl Program {
    /// Whether a task repeats its waits, or waits for signals, in what it runs itself or in a function that it awaits
    /// there. One that does not makes a single request, which is over when it is answered.
    pub fn is_ongoing(&self, task: &Task, ending: &Ending) -> bool {
        let is_open = ending.unknown.or(ending.given).is_some_and(|(why, _)| {
            use OpenReason::{GivenFuture, HandedInFuture, OtherTask, OtherTasks, UnknownStream};
            matches!(why, GivenFuture | HandedInFuture | OtherTask | OtherTasks | UnknownStream)
        });
        let is_told = matches!(ending.kind, EndingKind::Never | EndingKind::OnPeer(_));
        if is_open || is_told || !ending.waits.is_empty() {
            return true;
        }
        let root = self.origin(&task.future);
        let Some(own) = self.body_that_runs(&root) else { return true };
        let mut bodies = vec![own];
        let mut waits_for_name = false;
        self.walk(own, &mut |expr, kind| {
            if let Expr::Await(inner) = kind {
                // A frame is known of what stands in the text of the task itself.
                let awaited = if own == root.expr { root.at(inner) } else { Value::bare(expr.with(inner)) };
                // `server.await`: what was made elsewhere may be anything.
                waits_for_name |= matches!(self.expr(&awaited), Expr::Path(_) | Expr::Field { .. });
                let called = self.called_fns(&awaited);
                bodies.extend(called.iter().filter_map(|by| Some(by.with(self.function(*by).body?))));
            }
            !self.is_spawn(expr)
        });
        let is_there = |at: Span| {
            bodies.iter().any(|body| self.span(*body).file == at.file && self.span(*body).range.contains(at.range))
        };
        let signals = ending.signals.iter().map(|signal| signal.at);
        waits_for_name
            || signals.chain(ending.evidence.iter().map(|it| it.at)).any(is_there)
            || bodies.iter().any(|body| self.repeats_waits(*body, *body == own))
    }

    /// Whether a task waits for one of several things again and again, in its own body or in a function that it awaits.
    pub fn repeats_races(&self, task: &Task) -> bool {
        let Some(own) = self.body_that_runs(&self.origin(&task.future)) else { return false };
        let mut bodies = vec![own];
        self.walk(own, &mut |expr, kind| {
            if let Expr::Await(inner) = kind {
                let called = self.called_fns(&Value::bare(expr.with(inner)));
                bodies.extend(called.iter().filter_map(|by| Some(by.with(self.function(*by).body?))));
            }
            !self.is_spawn(expr)
        });
        bodies.into_iter().any(|body| self.has_race_in_loop(body))
    }

    fn has_race_in_loop(&self, body: ExprRef) -> bool {
        let mut found = false;
        self.walk(body, &mut |expr, kind| {
            if matches!(kind, Expr::Loop { .. } | Expr::While { .. } | Expr::For { .. }) {
                self.walk(expr, &mut |_, inner| {
                    found |= matches!(inner, Expr::Select(_));
                    !found
                });
            }
            !found && !self.is_spawn(expr)
        });
        found
    }

    /// The block or the body of the function that a task runs.
    fn body_that_runs(&self, future: &Value) -> Option<ExprRef> {
        match self.expr(future) {
            Expr::Block { .. } => Some(future.expr),
            Expr::Closure { body, .. } => Some(future.expr.with(body)),
            _ => {
                let function = self.called_fn(future)?;
                Some(function.with(self.function(function).body?))
            }
        }
    }

    /// Whether a loop with a wait in it, or the walk over a stream, stands in a body. Of a function that is only awaited,
    /// the loop has to wait for what arrives: others page through an answer, or try again.
    fn repeats_waits(&self, body: ExprRef, is_own: bool) -> bool {
        let file = self.file(body.file);
        let does = |awaited: ExprId, any: &[Does]| match file[awaited] {
            Expr::MethodCall { method, .. } => catalogue::method(&file[method]).does_any(any),
            _ => false,
        };
        const ARRIVES: [Does; 5] = [Does::Nexts, Does::Arrives, Does::MayStay, Does::GivesMessage, Does::Listens];
        let mut found = false;
        self.walk(body, &mut |expr, kind| {
            match kind {
                Expr::Loop { .. } | Expr::While { .. } | Expr::For { .. } => {
                    self.walk(expr, &mut |_, inner| {
                        found |= match inner {
                            Expr::Await(awaited) => is_own || does(awaited, &ARRIVES),
                            Expr::Select(_) => true,
                            _ => false,
                        };
                        !found
                    });
                }
                // `stream.for_each(..).await`, `server.serve(..).await`
                Expr::Await(inner) => found |= does(inner, &[Does::Pours, Does::Collects, Does::MayStay]),
                _ => {}
            }
            !found && !self.is_spawn(expr)
        });
        found
    }
}

impl EndedByDrop {
    /// What two ways to end one task come to: the better one.
    fn or(self, other: EndedByDrop) -> EndedByDrop {
        let rank = |it: &EndedByDrop| match it {
            EndedByDrop::Soon => 0,
            EndedByDrop::OnlyBy(stop) if stop.is_handle => 2,
            EndedByDrop::OnlyBy(_) => 1,
            EndedByDrop::Unknown => 3,
            EndedByDrop::Nothing => 4,
        };
        if rank(&other) < rank(&self) { other } else { self }
    }
}
