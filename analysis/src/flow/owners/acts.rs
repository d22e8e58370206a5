//! What the code of a type really does with what stands in one of its fields.

use super::gives_signal;
use crate::{
    catalogue::{self, Does},
    facts::{BlockKind, Expr, Field, Pat, PatId, TypeKind},
    flow::{
        Def, DropHow, ExprRef, Fate, FieldUse, Flow, FnRef, OpenReason, PatRef, Race, Steps, Type, TypeRef, Value,
        by_name::Write,
    },
    span::Span,
};

/// What one use does with the handle, token or sender in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// Aborts the task.
    Aborts,
    /// Waits for the task.
    Awaits,
    /// Waits for the task in a race: where the other side wins, the handle is lost.
    Races(Race),
    /// Tells the task to stop: cancels, sends, notifies, drops the sender.
    Signals,
    /// Gives it to somebody else.
    HandsOut,
    /// Aborts it to put the next one in its place, which goes on.
    Replaces,
    /// Lets go of it, which ends nothing: `clear()`, `= None`, `take()` without use.
    Clears,
    /// Only looks at it, or puts it there.
    Looks,
    /// Cannot be told.
    Unknown(OpenReason),
}

impl Act {
    /// Whether the task can be ended or waited for by it.
    pub fn keeps(self) -> bool {
        matches!(self, Act::Aborts | Act::Awaits | Act::Races(_) | Act::Signals | Act::HandsOut)
    }

    /// What is done with it, as a clause.
    pub fn phrase(self) -> &'static str {
        match self {
            Act::Aborts => "aborts it",
            Act::Awaits | Act::Races(_) => "awaits it",
            Act::Signals => "signals it",
            Act::HandsOut => "hands it out",
            Act::Replaces => "replaces it",
            Act::Clears => "drops it",
            Act::Looks => "looks at it",
            Act::Unknown(_) => "uses it in a way that is not analyzed",
        }
    }

    /// One word for it.
    pub fn word(self) -> &'static str {
        match self {
            Act::Aborts => "aborts",
            Act::Awaits | Act::Races(_) => "awaits",
            Act::Signals => "signals",
            Act::HandsOut => "gives away",
            Act::Replaces => "replaces",
            Act::Clears => "drops",
            Act::Looks => "looks at",
            Act::Unknown(_) => "unknown",
        }
    }
}

/// One use of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldAct {
    /// Where.
    pub at: Span,
    /// What it does.
    pub act: Act,
    /// The function that does it.
    pub by: Option<FnRef>,
}

/// A place where something may be done with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldPlace {
    /// `x.field`.
    Own(ExprRef),
    /// The same, where the type of `x` cannot be told.
    OnUnknown(ExprRef),
    /// A pattern binds what stands in the field; the function around it.
    Bound(PatRef, FnRef),
}

impl Flow {
    /// All that the workspace does with a field, outside of tests, by place.
    pub fn field_acts(&self, owner: TypeRef, field: &str) -> Vec<FieldAct> {
        self.places_of_field(owner, field).into_iter().flat_map(|(at, place)| self.acts_at(at, place)).collect()
    }

    /// All places where the workspace may do something with a field, outside of tests, in their order.
    pub(crate) fn places_of_field(&self, owner: TypeRef, field: &str) -> Vec<(Span, FieldPlace)> {
        let mut found = Vec::new();
        let name = field.rsplit('.').next().unwrap_or(field);
        if self.file(owner.file)[owner.id].kind != TypeKind::Enum {
            let uses = self.uses_of_fields(name);
            found.extend(uses.of(owner).iter().map(|used| (self.span(*used), FieldPlace::Own(*used))));
            found.extend(uses.on_unknown().iter().map(|used| (self.span(*used), FieldPlace::OnUnknown(*used))));
        }
        found.extend(self.pattern_places(owner, field));
        found.sort_by_key(|(at, _)| *at);
        found
    }

    /// The calls of the function around a use of a field, if that does nothing but give the field to its callers, and
    /// these are all seen.
    fn accessor_calls(&self, place: FieldPlace) -> Option<Vec<ExprRef>> {
        let FieldPlace::Own(used) = place else { return None };
        let by = self.enclosing_fn(used)?;
        let given = self.only_value(by)?;
        if self.origin(&Value::bare(given)).expr != used
            || self.has_unseen_callers(by)
            || self.is_named_in_macro(self.function_name(by))
        {
            return None;
        }
        // A call of that name on who knows what may be one of them.
        let may_be_it = |call: &&ExprRef| match self.file(call.file)[call.id] {
            Expr::MethodCall { receiver, .. } => self.type_of(&Value::bare(call.with(receiver))) == Type::Unknown,
            _ => false,
        };
        if self.calls_named(self.function_name(by)).iter().any(|call| may_be_it(&call)) {
            return None;
        }
        let calls: Vec<ExprRef> = self.callers(by).into_iter().filter(|call| !self.in_test(*call)).collect();
        (!calls.is_empty()).then_some(calls)
    }

    /// What is done with the field at a place.
    pub(crate) fn acts_at(&self, at: Span, place: FieldPlace) -> Vec<FieldAct> {
        let (act, by) = match place {
            FieldPlace::Own(used) => {
                let act = match self.act_of(used) {
                    Act::Aborts if self.is_replaced_after(used) => Act::Replaces,
                    act => act,
                };
                (act, self.enclosing_fn(used))
            }
            FieldPlace::OnUnknown(used) => {
                let act = match self.act_of(used) {
                    Act::Looks => Act::Looks,
                    _ => Act::Unknown(OpenReason::FieldOnUnknown),
                };
                (act, self.enclosing_fn(used))
            }
            FieldPlace::Bound(binding, function) => (self.act_of_binding(binding, function), Some(function)),
        };
        match (act == Act::HandsOut).then(|| self.accessor_calls(place)).flatten() {
            // `fn token(&self) -> &CancellationToken`: what its callers do is what is done.
            Some(calls) => {
                let act_of_call =
                    |call| FieldAct { at: self.span(call), act: self.act_of(call), by: self.enclosing_fn(call) };
                calls.into_iter().map(act_of_call).collect()
            }
            None => vec![FieldAct { at, act, by }],
        }
    }

    /// What the expression around `x.field` does with it.
    pub(crate) fn act_of(&self, used: ExprRef) -> Act {
        let ty = self.type_of(&Value::bare(used)).innermost();
        if gives_signal(&ty) {
            return self.signal_act(used, &ty);
        }
        if let Some(act) = self.loses(used) {
            return act;
        }
        // A task that is spawned on a set goes in; nothing comes out.
        if ty.is("tokio::task::JoinSet") && self.is_spawned_on(used) {
            return Act::Looks;
        }
        match self.act_of_fate(self.use_of(used, Steps::NONE.next())) {
            Act::Clears if self.is_only_borrowed(used) => Act::Looks,
            act => act,
        }
    }

    /// `let mut task = self.task.lock().unwrap();`, `let task = self.tasks.get(&name)?;`: what dies at the end of the scope
    /// is a guard, or a reference into the collection.
    fn is_only_borrowed(&self, used: ExprRef) -> bool {
        let file = self.file(used.file);
        let mut here = used.id;
        let mut is_locked = false;
        for at in self.parents(used.file).ancestors(used.id) {
            match file[at] {
                Expr::MethodCall { receiver, method, .. } if receiver == here => {
                    let known = catalogue::method(&file[method]);
                    if known.does_any(&[Does::Finds, Does::Iterates]) {
                        return true;
                    }
                    is_locked |= known.does(Does::Locks);
                    if !known.does_any(&[Does::Locks, Does::Unwraps, Does::Views]) {
                        return false;
                    }
                }
                Expr::Await(_) | Expr::Unary { .. } | Expr::Ref { .. } | Expr::Try(_) => {}
                Expr::Local { .. } => return is_locked,
                _ => return false,
            }
            here = at;
        }
        false
    }

    /// What a fate means for the field in which the handle stood.
    fn act_of_fate(&self, fate: Option<Fate>) -> Act {
        match fate {
            None => Act::Looks,
            Some(fate) => match fate {
                Fate::Aborted(_) | Fate::AbortOnDrop(_) | Fate::Owned => Act::Aborts,
                Fate::Awaited(_) | Fate::PartlyDropped { .. } => Act::Awaits,
                Fate::Raced(race) | Fate::Stored { use_: FieldUse::Raced(race), .. } => Act::Races(race),
                Fate::Returned { .. } | Fate::Moved { .. } => Act::HandsOut,
                Fate::Dropped { .. } => Act::Clears,
                Fate::Cancelled => Act::Aborts,
                Fate::Stored { use_: FieldUse::Kept(_), .. } => Act::HandsOut,
                Fate::Stored { use_: FieldUse::Nothing, .. } => Act::Clears,
                Fate::Stored { use_: FieldUse::Unknown(why), .. } | Fate::Unknown(why) => Act::Unknown(why),
            },
        }
    }

    /// `self.tasks.lock().unwrap().spawn(..)`.
    fn is_spawned_on(&self, used: ExprRef) -> bool {
        let file = self.file(used.file);
        let mut here = used.id;
        for at in self.parents(used.file).ancestors(used.id) {
            match file[at] {
                Expr::MethodCall { receiver, method, .. } if receiver == here => {
                    if catalogue::method(&file[method]).does(Does::Spawns) {
                        return true;
                    }
                }
                Expr::Await(_) | Expr::Unary { .. } | Expr::Ref { .. } | Expr::Try(_) => {}
                _ => return false,
            }
            here = at;
        }
        false
    }

    /// `self.task = None`, `self.tasks.clear()`, `self.tasks = Vec::new()`: the handle is gone, the task is not.
    fn loses(&self, used: ExprRef) -> Option<Act> {
        let file = self.file(used.file);
        let mut here = used.id;
        for at in self.parents(used.file).ancestors(used.id) {
            match file[at] {
                Expr::Assign { op: None, lhs, rhs } if lhs == here => {
                    return Some(match file[rhs] {
                        Expr::Path(path) if file.last_segment(path) == "None" => Act::Clears,
                        Expr::Call { args, .. } if args.len == 0 => Act::Clears,
                        _ => Act::Looks,
                    });
                }
                Expr::MethodCall { receiver, method, .. } if receiver == here => match catalogue::method(&file[method])
                {
                    known if known.does(Does::Clears) => return Some(Act::Clears),
                    known if known.sees_through() => here = at,
                    _ => return None,
                },
                Expr::Await(_) | Expr::Unary { .. } | Expr::Ref { .. } | Expr::Try(_) => here = at,
                // `let mut task = self.task.lock().unwrap(); *task = Some(next);`
                Expr::Local { pat, .. } if here != used.id && matches!(file[pat], Pat::Bind { .. }) => {
                    let body = self.body(self.place(used)?);
                    let uses = body.uses(pat).iter().map(|again| self.loses(used.with(*again)));
                    let acts: Vec<Act> = uses.collect::<Option<_>>()?;
                    return acts.into_iter().max_by_key(|act| *act == Act::Clears);
                }
                _ => return None,
            }
        }
        None
    }

    /// Whether the function puts the next handle into a field after `used`, whatever happens, and is the only one
    /// that puts something there:
    /// `if let Some(task) = self.task.take() { task.abort() } self.task = Some(spawn(..));`.
    fn is_replaced_after(&self, used: ExprRef) -> bool {
        let Some(by) = self.enclosing_fn(used) else { return false };
        let Some(field) = self.access_path(&Value::bare(used)) else { return false };
        let Some((owner, name)) = field.last_field() else { return false };
        let is_next = |write: &Write| {
            self.first_below(write.expr) > used.id
                && write.path.is_same(&field)
                && self.is_certain(write.expr, by)
                && self.is_some_handle(write.value)
        };
        let writes = self.writes_to_fields(name);
        let writes = writes.get(&owner).map_or(&[][..], Vec::as_slice);
        writes.iter().all(|write| write.by == by) && writes.iter().any(is_next)
    }

    /// Whether a function always comes to an expression, but for early ways out.
    fn is_certain(&self, expr: ExprRef, by: FnRef) -> bool {
        let body = self.function(by).body;
        let parents = self.parents(expr.file);
        let mut above = parents.ancestors(expr.id).take_while(|at| Some(*at) != body);
        above.all(|at| matches!(self.file(expr.file)[at], Expr::Block { kind: BlockKind::Plain, .. }))
    }

    /// `Some(task)`, or a handle itself.
    fn is_some_handle(&self, value: ExprRef) -> bool {
        let file = self.file(value.file);
        let is_some = match file[value.id] {
            Expr::Call { callee, .. } => {
                matches!(file[callee], Expr::Path(path) if file.last_segment(path) == "Some")
            }
            _ => false,
        };
        is_some || self.type_of(&Value::bare(value)).external().is_some_and(catalogue::is_handle)
    }

    /// What is done with a token, a sender or a notification.
    fn signal_act(&self, used: ExprRef, ty: &Type) -> Act {
        let file = self.file(used.file);
        let is_sender = ty.external().is_some_and(|path| path.ends_with("Sender"));
        let parents = self.parents(used.file);
        let Some(parent) = parents.parent(used.id) else { return Act::HandsOut };
        let method = match file[parent] {
            Expr::MethodCall { receiver, method, .. } if receiver == used.id => &file[method],
            _ => match self.loses(used) {
                Some(Act::Clears) if is_sender => return Act::Signals,
                Some(act) => return act,
                None => {
                    return match self.use_of(used, Steps::NONE.next()) {
                        Some(Fate::Dropped { .. }) if is_sender => Act::Signals,
                        fate => self.act_of_fate(fate),
                    };
                }
            },
        };
        let known = catalogue::method(method);
        match method {
            _ if known.does_any(&[Does::Cancels, Does::Notifies, Does::Sends, Does::Closes]) => Act::Signals,
            _ if known.does(Does::Listens) => Act::Looks,
            // `if let Some(stop) = self.stop.take() { stop.send(()) }`: whatever becomes of the sender, it is a sign.
            "take" if is_sender => Act::Signals,
            _ => match self.loses(used) {
                Some(Act::Clears) if is_sender => Act::Signals,
                _ => self.act_of_fate(self.use_of(used, Steps::NONE.next())),
            },
        }
    }

    /// What becomes of a field that a pattern takes out.
    pub(crate) fn pattern_acts(&self, owner: TypeRef, field: &str) -> Vec<FieldAct> {
        self.pattern_places(owner, field).into_iter().flat_map(|(at, place)| self.acts_at(at, place)).collect()
    }

    /// Where a pattern takes out a field: `State::Running(task) => ..`, `let Self { task, .. } = self`.
    fn pattern_places(&self, owner: TypeRef, field: &str) -> Vec<(Span, FieldPlace)> {
        let mut found = Vec::new();
        for (pat, function) in self.field_patterns(owner, field) {
            let file = self.file(pat.file);
            file.each_binding(pat.id, &mut |binding, _| {
                let at = file.pat_range(binding).in_file(pat.file);
                found.push((at, FieldPlace::Bound(pat.with(binding), function)));
            });
        }
        found
    }

    /// The patterns that stand for a field, outside of tests, each with the function around it.
    pub fn field_patterns(&self, owner: TypeRef, field: &str) -> Vec<(PatRef, FnRef)> {
        let file = self.file(owner.file);
        let (variant, name) = match field.split_once('.') {
            Some((variant, name)) => (Some(variant), name),
            None => (None, field),
        };
        let type_name = &file[file[owner.id].name];
        let names = [variant.unwrap_or(type_name), "Self"];
        let aliases = self.aliases(names[0]).iter().map(String::as_str);
        let mut found = Vec::new();
        for (pat, function) in names.into_iter().chain(aliases).flat_map(|it| self.patterns_of(it).of(owner, variant)) {
            let summary = self.file(pat.file);
            let sub = match summary[pat.id] {
                Pat::TupleStruct { pats, .. } => self.tuple_member(pat, pats, name),
                Pat::Struct { fields, .. } => summary.list(fields).find_map(|field| match summary[field] {
                    Pat::Field { name: written, pat } if &summary[written] == name => Some(pat),
                    _ => None,
                }),
                _ => None,
            };
            found.extend(sub.map(|sub| (pat.with(sub), function)));
        }
        found
    }

    fn tuple_member(&self, pat: PatRef, pats: crate::facts::List<PatId>, name: &str) -> Option<PatId> {
        let file = self.file(pat.file);
        let rest = file.list(pats).position(|sub| matches!(file[sub], Pat::Rest));
        let at: usize = name.parse().ok()?;
        match rest {
            // `State::Running(.., task)`: which member it is depends on how many there are.
            Some(rest) if at >= rest => file.list(pats).next_back().filter(|sub| !matches!(file[*sub], Pat::Rest)),
            _ => file.at(pats, at),
        }
    }

    fn act_of_binding(&self, binding: PatRef, function: FnRef) -> Act {
        let Some(body) = self.function(function).body else { return Act::Looks };
        match self.binding_fate(function.with(body), binding, Steps::FAR) {
            Fate::Dropped { how, .. } if how != DropHow::DropCall => Act::Looks,
            fate => self.act_of_fate(Some(fate)),
        }
    }

    /// How a field is called in answers: its name, of an enum with the variant before it.
    pub(crate) fn field_key(&self, owner: TypeRef, field: &Field) -> String {
        let file = self.file(owner.file);
        match field.variant {
            Some(variant) => format!("{}.{}", &file[variant], &file[field.name]),
            None => file[field.name].to_owned(),
        }
    }

    /// The declaration of a field, by what it is called in answers.
    pub fn declared_field(&self, owner: TypeRef, key: &str) -> Option<&Field> {
        let fields = &self.file(owner.file)[owner.id].fields;
        fields.iter().find(|field| self.field_key(owner, field) == key)
    }

    /// Where values of a type are put together, outside of tests: its literals by one of their fields, and the
    /// calls of its constructors.
    pub(crate) fn literals_of(&self, owner: TypeRef) -> Vec<ExprRef> {
        let file = self.file(owner.file);
        let item = &file[owner.id];
        let mut found = Vec::new();
        for field in &item.fields {
            found.extend(self.inits_of(owner, &file[field.name]));
        }
        let own = &file[item.name];
        let variants = file.list(item.variants).map(|variant| &file[variant]);
        for name in [own, "Self"].into_iter().chain(variants).chain(self.aliases(own).iter().map(String::as_str)) {
            let calls = self.calls_named(name).iter().copied().filter(|call| !self.in_test(*call));
            found.extend(calls.filter(|call| {
                let Expr::Call { callee, .. } = self.file(call.file)[call.id] else { return false };
                matches!(self.callee(call.with(callee)), Def::Type(made) | Def::Variant(made, _) if made == owner)
            }));
        }
        found
    }

    /// Where the name of a function stands in its item.
    pub fn name_span(&self, function: FnRef) -> Span {
        self.function(function).name_range.in_file(function.file)
    }

    /// The place of a field's declaration.
    pub fn field_span(&self, owner: TypeRef, key: &str) -> Option<Span> {
        Some(self.declared_field(owner, key)?.range.in_file(owner.file))
    }
}
