//! Who holds the other half of a channel, and for how long.

mod closed;
mod elsewhere;
mod passed;
mod stays;

use super::{Dead, DeadCause, SignalKind};
use crate::{
    catalogue::{self, Call, Does, Function},
    effects::{AccessPath, Act, Def, Effects, ExprRef, Origin, PatRef, Place, Root, Type, TypeRef, Value},
    facts::{Expr, ExprId, Pat},
};
use rustc_hash::FxHashSet;

/// A task, and what it waits for.
#[derive(Clone, Copy)]
struct Waiting<'a> {
    task: ExprRef,
    source: &'a Value,
    /// How the task is called: the one that is asked about, or a neighbour of it.
    who: &'static str,
}

/// The task that is asked about.
const ITSELF: &str = "the task itself";

impl Effects {
    /// Why a channel that a task receives from can never close, if the text proves it.
    pub(super) fn dead_channel(&self, source: &Value, task: ExprRef) -> Option<Dead> {
        // What needs no task is asked in `may_be_held`.
        let waiting = Waiting { task, source, who: ITSELF };
        let origin = self.made(source);
        if let Some(sender) = self.subscribed_to(&origin) {
            return self.keeps_sender(&sender, waiting);
        }
        if let Some((base, field)) = self.field_below(origin.expr) {
            return self.dead_channel_field(&origin.at(base.id), &field, waiting);
        }
        let (root, at) = self.root_binding(source)?;
        match self.other_half(root, &at) {
            Some(sender) => self.holds(sender, waiting),
            None => self.held_for_callers(root, waiting),
        }
    }

    /// Whether the task that waits may be what keeps a channel open, as far as can be told of any task.
    pub(super) fn may_be_held(&self, source: &Value) -> bool {
        let origin = self.made(source);
        if self.is_closed_by_hand(&origin) {
            return false;
        }
        match self.field_below(origin.expr) {
            _ if self.subscribed_to(&origin).is_some() => true,
            Some((base, _)) => self.type_of(&origin.at(base.id)).innermost().item().is_some(),
            None => self.root_binding(source).is_some(),
        }
    }

    /// Whether some code closes the receiver itself: `rx.close()` lets it run dry whoever has senders.
    fn is_closed_by_hand(&self, receiver: &Value) -> bool {
        let Some(path) = self.access_path(receiver) else { return false };
        self.calls_named("close").iter().any(|call| {
            let Expr::MethodCall { receiver, args, .. } = self.file(call.file)[call.id] else { return false };
            args.is_empty()
                && self.access_path(&Value::bare(call.with(receiver))).is_some_and(|closed| {
                    closed.is_same(&path) || (path.owner.is_some() && closed.last_field() == path.last_field())
                })
        })
    }

    /// The sender of `hub.tx.subscribe()`.
    fn subscribed_to(&self, receiver: &Value) -> Option<Value> {
        let Expr::MethodCall { receiver: sender, method, args, .. } = self.expr(receiver) else { return None };
        let sender = receiver.at(sender);
        let is_sender = match self.type_of(&sender).innermost() {
            Type::External(path, _) => path.ends_with("Sender"),
            Type::Unknown => true,
            _ => false,
        };
        let subscribes = catalogue::method(&self.file(receiver.expr.file)[method]).does(Does::Subscribes);
        (subscribes && args.is_empty() && is_sender).then_some(sender)
    }

    /// Whether the task keeps the sender of a subscription alive, or a static does.
    fn keeps_sender(&self, sender: &Value, waiting: Waiting<'_>) -> Option<Dead> {
        let task = waiting.task;
        let path = self.access_path(sender)?;
        if let Some(dead) = self.lives_in_static(&path) {
            return Some(dead);
        }
        if let (Root::Local(pat), true) = (path.root, path.fields.is_empty())
            && pat.file == task.file
            && let Some(dead) = self.holds(pat, waiting)
        {
            return Some(dead);
        }
        let dead = self.takes_along(&path, waiting)?;
        if path.fields.is_empty() {
            return Some(dead);
        }
        let (owner, field) = path.last_field()?;
        let is_silent = self.is_silent_sender(owner, field);
        (!self.field_is_emptied(owner, field)).then_some(Dead { is_silent, ..dead })
    }

    /// Whether nothing is sent through the sender in a field, but by the drop of what holds it.
    fn is_silent_sender(&self, owner: TypeRef, field: &str) -> bool {
        let by_drop = self.drop_functions(owner);
        self.field_acts(owner, field).iter().all(|used| match used.act {
            Act::Looks => true,
            Act::Signals => used.by.is_some_and(|by| self.runs_only_in_drop(by, &by_drop)),
            _ => false,
        })
    }

    /// Whether a static keeps what is at `path` for ever.
    fn lives_in_static(&self, path: &AccessPath) -> Option<Dead> {
        let Root::Static(item) = path.root else { return None };
        let file = self.file(item.file);
        let constant = &file.consts[item.index as usize];
        let takes = |call: &ExprRef| {
            let Expr::MethodCall { receiver, .. } = self.file(call.file)[call.id] else { return false };
            self.access_path(&Value::bare(call.with(receiver))).is_some_and(|taken| taken.root == path.root)
        };
        let mut names = catalogue::methods_that(|method| {
            method.takes_out() || method.does_any(&[Does::Exchanges, Does::DrainsInPlace])
        });
        let is_taken = names.any(|name| self.calls_named(name).iter().any(takes));
        let at = Some(constant.range.in_file(item.file));
        let why = format!("the channel's sender is in the static `{}`", &file[constant.name]);
        (!is_taken).then_some(Dead { cause: DeadCause::LastingSender, why, at, is_silent: false })
    }

    /// What the task takes along that has the thing at `path` inside, or is it.
    pub(crate) fn takes(&self, path: &AccessPath, task: ExprRef) -> Option<ExprRef> {
        let taken = self.taken_values(task);
        if taken.iter().any(|taken| self.lets_go(*taken)) {
            return None;
        }
        taken.into_iter().find(|taken| {
            let Some(found) = self.access_path(&Value::bare(*taken)) else { return false };
            found.contains(path) || self.contains_for_callers(&found, path)
        })
    }

    /// Whether the task takes along what has the sender at `path` inside.
    fn takes_along(&self, path: &AccessPath, waiting: Waiting<'_>) -> Option<Dead> {
        let who = waiting.who;
        let holder = self.takes(path, waiting.task)?;
        let fields: Vec<&str> = path.fields.iter().map(|field| &**field).collect();
        if !self.keeps(holder, &fields, waiting) {
            return None;
        }
        let value = Value::bare(holder);
        let name = self.text_of(self.without_clone(holder));
        let is_sender = self.access_path(&value).is_some_and(|found| found.is_same(path));
        let field = path.fields.last().map_or_else(String::new, |field| format!(" in `{field}`"));
        let (cause, why) = match is_sender {
            true => (DeadCause::OwnSender, format!("{who} holds the channel's sender `{name}`")),
            false if self.is_shared(&value) => {
                (DeadCause::SharedOwner, format!("{who} keeps `{name}` alive, which holds the sender{field}"))
            }
            false => (DeadCause::OwnSender, format!("{who} has `{name}`, which holds the sender{field}")),
        };
        Some(Dead { cause, why, at: Some(self.span(holder)), is_silent: false })
    }

    /// Whether some code takes the value out of a field, or puts another one there.
    pub(crate) fn field_is_emptied(&self, owner: TypeRef, field: &str) -> bool {
        let may_be = |ty: Type| ty == Type::Unknown || ty.item() == Some(owner);
        // A drop that the task itself prevents takes nothing out.
        let by_drop = self.drop_functions(owner);
        let is_in_drop = |used: ExprRef| self.enclosing_fn(used).is_some_and(|by| self.runs_only_in_drop(by, &by_drop));
        let in_field = self.fields_named(field).iter().any(|used| {
            let Expr::Field { base, .. } = self.file(used.file)[used.id] else { return false };
            !is_in_drop(*used)
                && self.takes_out(*used)
                && may_be(self.type_of(&Value::bare(used.with(base))).innermost())
        });
        in_field || self.pattern_acts(owner, field).iter().any(|used| used.act != Act::Looks)
    }

    /// `self.tx.lock().take()`, `self.tx = None`, `self.tx.close()`, `send(self.tx)`.
    fn takes_out(&self, used: ExprRef) -> bool {
        if self.is_moved(used) {
            return true;
        }
        let mut here = used;
        let mut is_locked = false;
        while let Some(parent) = self.parents(here.file).parent(here.id).map(|at| here.with(at)) {
            match self.file(here.file)[parent.id] {
                Expr::MethodCall { receiver, method, .. } if receiver == here.id => {
                    let known = catalogue::method(&self.file(here.file)[method]);
                    is_locked |= known.does(Does::Locks);
                    if known.does_any(&[Does::Takes, Does::Exchanges, Does::Closes, Does::Empties]) {
                        return true;
                    }
                    if !known.sees_through() {
                        return false;
                    }
                }
                Expr::Assign { lhs, .. } => return lhs == here.id,
                // `let mut guard = self.tx.lock(); if let Some(tx) = guard.take() { .. }`
                Expr::Local { pat, .. } if is_locked => {
                    let is_name = matches!(self.file(here.file)[pat], Pat::Bind { .. });
                    let named = self.uses_of(here, here.with(pat));
                    return is_name && named.into_iter().any(|named| !self.lets_go(named) && self.takes_out(named));
                }
                Expr::Unary { .. } | Expr::Ref { .. } | Expr::Await(_) | Expr::Try(_) => {}
                _ => return false,
            }
            here = parent;
        }
        false
    }

    /// Whether the sender of a receiver is a local that is only used in place, so that it dies with its scope.
    pub(crate) fn sender_is_local(&self, source: &Value) -> bool {
        let Some((root, at)) = self.root_binding(source) else { return false };
        let Some(sender) = self.other_half(root, &at) else { return false };
        let Some(place) = self.place(at.expr) else { return false };
        let body = self.body(place);
        let file = self.file(sender.file);
        let parents = self.parents(sender.file);
        body.uses(sender.id).iter().all(|used| match parents.parent(*used).map(|at| file[at]) {
            Some(Expr::MethodCall { receiver, method, .. }) => receiver == *used && &file[method] != "clone",
            Some(Expr::Call { .. }) => self.lets_go(sender.with(*used)),
            _ => false,
        })
    }

    /// Whether the body that a receiver stands in made its channel, and so knows all who send.
    pub(crate) fn has_sender_here(&self, source: &Value) -> bool {
        self.root_binding(source).is_some_and(|(root, at)| self.other_half(root, &at).is_some())
    }

    /// The sender of `let (tx, rx) = channel();`, given `rx`.
    fn other_half(&self, receiver: PatRef, at: &Value) -> Option<PatRef> {
        self.half_of_pair(receiver, at, 0)
    }

    /// The half of a channel whose drop gives a signal, and the body that makes it: the sender that ends a `recv`, the
    /// receiver that ends a `closed`.
    pub(crate) fn half_that_signals(&self, kind: SignalKind, source: &Value) -> Option<(PatRef, Place)> {
        let (root, at) = self.root_binding(source)?;
        let half = match kind {
            SignalKind::Closed => self.receiver_of(root, &at)?,
            _ => self.other_half(root, &at)?,
        };
        Some((half, self.place(at.expr)?))
    }

    /// The receiver of `let (tx, rx) = channel();`, given `tx`.
    fn receiver_of(&self, sender: PatRef, at: &Value) -> Option<PatRef> {
        self.half_of_pair(sender, at, 1)
    }

    /// What one half of a channel was made with, by its place in the pair.
    fn half_of_pair(&self, half: PatRef, at: &Value, wanted: usize) -> Option<PatRef> {
        let body = self.body(self.place(at.expr)?);
        let binding = body.bindings.get(&half.id)?;
        let file = self.file(half.file);
        let Origin::Value(init) = binding.origin else { return None };
        let Pat::Tuple(pats) = file[binding.root] else { return None };
        let Expr::Call { callee, .. } = file[init] else { return None };
        let Def::External(path) = self.callee(half.with(callee)) else { return None };
        crate::catalogue::returns(&path).filter(|pair| pair.len() == 2)?;
        let mut found = None;
        file.each_binding(file.at(pats, wanted)?, &mut |pat, _| found = Some(pat));
        found.filter(|pat| *pat != half.id).map(|pat| half.with(pat))
    }

    /// Whether the task holds a sender for as long as it lives, or somebody forgot one.
    fn holds(&self, sender: PatRef, waiting: Waiting<'_>) -> Option<Dead> {
        let who = waiting.who;
        let task = waiting.task;
        let dead = |cause, why| Some(Dead { cause, why, at: None, is_silent: false });
        let name = self.binding_name(sender)?;
        let place = self.place(task)?;
        let body = self.body(place);
        // A channel that a function makes which the task runs: the function has the sender until it returns.
        if sender.file != task.file || !body.bindings.contains_key(&sender.id) {
            let stays = self.made_in(sender)?;
            let uses = self.body(stays).uses(sender.id).to_vec();
            let lets_go =
                |used: &ExprId| self.lets_go(sender.with(*used)) || !self.stays_in_call(sender.with(*used), waiting);
            return (!uses.iter().any(lets_go))
                .then(|| dead(DeadCause::OwnSender, format!("{who} holds the channel's sender `{name}`")))
                .flatten();
        }
        let first = self.first_below(task);
        let mut inside = false;
        // A sender that the task made itself may be given away by it.
        let is_made_inside =
            body.bindings.get(&sender.id).and_then(|it| it.at).is_some_and(|at| first <= at && at <= task.id);
        if is_made_inside && body.uses(sender.id).iter().any(|used| self.gives_away(sender.with(*used))) {
            return None;
        }
        for used in body.uses(sender.id) {
            let used = sender.with(*used);
            if first <= used.id && used.id <= task.id {
                // `drop(tx)` in the task lets go of it, `tx.downgrade()` holds nothing.
                if self.lets_go(used) {
                    return None;
                }
                if !self.stays_with(used, &[], waiting) {
                    return None;
                }
                inside = true;
            } else if let Some(lasting) = self.lasts(used, &name) {
                return Some(lasting);
            }
        }
        // A clone made outside: `let tx2 = tx.clone();` moved into the task.
        if !inside {
            inside = self.clones_of(sender, place).iter().any(|clone| {
                let mut used =
                    body.uses(clone.id).iter().filter(|used| first <= **used && **used <= task.id).peekable();
                used.peek().is_some() && used.all(|used| self.stays_with(sender.with(*used), &[], waiting))
            });
        }
        if inside {
            return dead(DeadCause::OwnSender, format!("{who} holds the channel's sender `{name}`"));
        }
        self.captured_with(sender, waiting, place)
    }

    /// The body that makes a local.
    fn made_in(&self, local: PatRef) -> Option<Place> {
        let file = self.file(local.file);
        let range = file.pat_range(local.id);
        let around = file.functions.iter().enumerate().filter(|(_, it)| it.body.is_some() && it.range.contains(range));
        let (at, _) = around.min_by_key(|(_, it)| it.range.end - it.range.start)?;
        Some(Place::Fn(crate::effects::FnRef::from_index(local.file, at)))
    }

    /// What the task takes along that was built with the sender: `let c = C { tx, .. }; spawn(run(c.clone(), rx))`.
    fn captured_with(&self, sender: PatRef, waiting: Waiting<'_>, place: Place) -> Option<Dead> {
        let who = waiting.who;
        let task = waiting.task;
        let first = self.first_below(task);
        let taken = self.taken_values(task);
        if taken.iter().any(|taken| self.lets_go(*taken)) {
            return None;
        }
        taken.into_iter().find_map(|used| {
            let value = Value::bare(used);
            let origin = self.origin(&value);
            if origin.expr.file != sender.file || self.place(origin.expr) != Some(place) {
                return None;
            }
            // A literal inside the task is not what it captured.
            let is_inside = first <= origin.expr.id && origin.expr.id <= task.id;
            let (field, is_silent) = (!is_inside).then(|| self.built_with(&origin, sender)).flatten()?;
            if !self.keeps(used, &field.split('.').collect::<Vec<_>>(), waiting) {
                return None;
            }
            let why =
                format!("{who} holds the channel's sender in `{}.{field}`", self.text_of(self.without_clone(used)));
            let cause = if self.is_shared(&value) { DeadCause::SharedOwner } else { DeadCause::OwnSender };
            Some(Dead { cause, why, at: Some(self.span(used)), is_silent })
        })
    }

    /// `hub` of `hub.clone()` and `Arc::clone(&hub)`.
    pub(crate) fn without_clone(&self, expr: ExprRef) -> ExprRef {
        let file = self.file(expr.file);
        let below = match file[expr.id] {
            Expr::MethodCall { receiver, method, .. } if &file[method] == "clone" => Some(receiver),
            Expr::Call { args, .. } => file.at(args, 0),
            Expr::Ref { expr, .. } => Some(expr),
            _ => None,
        };
        below.map_or(expr, |below| self.without_clone(expr.with(below)))
    }

    /// Where a value that is made here has the sender (`tx`, `hub.tx`), and whether nothing is sent through it.
    /// Literals, also behind constructors.
    fn built_with(&self, made: &Value, sender: PatRef) -> Option<(String, bool)> {
        let made = self.origin(made);
        let find = || self.find_built_with(&made, sender);
        self.memo.built_with.get((made.expr, made.frame.as_ref().map(|frame| frame.id), sender), || None, find)
    }

    fn find_built_with(&self, made: &Value, sender: PatRef) -> Option<(String, bool)> {
        let file = self.file(made.expr.file);
        match self.expr(made) {
            Expr::Struct { path, fields, .. } => {
                let place = self.place(made.expr)?;
                let owner = match self.resolve_in(made.expr.file, place, path) {
                    Def::Type(owner) => Some(owner),
                    _ => None,
                };
                file.list(fields).find_map(|field| {
                    let Expr::FieldInit { name, value } = file[field] else { return None };
                    let name = &file[name];
                    let value = made.at(value);
                    if owner.is_some_and(|owner| self.field_is_emptied(owner, name)) {
                        return None;
                    }
                    if self.holds_binding(&value, sender) {
                        let is_silent = owner.is_some_and(|owner| self.is_silent_sender(owner, name));
                        return Some((name.to_owned(), is_silent));
                    }
                    let (below, is_silent) = self.built_with(&value, sender)?;
                    Some((format!("{name}.{below}"), is_silent))
                })
            }
            // `Ok(x)`, `Mutex::new(x)`: what is inside.
            Expr::Call { args, .. } if self.called_fn(made).is_none() && !self.is_weak(made) => {
                let first = file.at(args, 0)?;
                self.built_with(&made.at(first), sender)
            }
            Expr::Call { .. } | Expr::MethodCall { .. } => {
                let function = self.called_fn(made)?;
                let tail = self.tail(function.with(self.function(function).body?))?;
                let frame = self.enter_once(made, function);
                self.built_with(&Value { expr: function.with(tail), frame }, sender)
            }
            Expr::Await(inner) | Expr::Try(inner) => self.built_with(&made.at(inner), sender),
            _ => None,
        }
    }

    /// Whether a value is a local, or a clone of it, or that in a cell or option.
    fn holds_binding(&self, value: &Value, local: PatRef) -> bool {
        let mut here = value.clone();
        let mut seen = FxHashSet::default();
        while seen.insert(here.key()) {
            if self.root_binding(&here).is_some_and(|(root, _)| root == local) {
                return true;
            }
            let origin = self.origin(&here);
            let Expr::Call { args, .. } = self.expr(&origin) else { return false };
            if self.is_weak(&origin) {
                return false;
            }
            let (Some(first), None) = (self.file(origin.expr.file).at(args, 0), self.called_fn(&origin)) else {
                return false;
            };
            here = origin.at(first);
        }
        false
    }

    /// `Arc::downgrade(&x)`, which does not hold what is inside.
    fn is_weak(&self, call: &Value) -> bool {
        let Expr::Call { callee, .. } = self.expr(call) else { return false };
        matches!(self.callee(call.expr.with(callee)), Def::External(path) if path.ends_with("::downgrade"))
    }

    fn clones_of(&self, pat: PatRef, place: Place) -> Vec<PatRef> {
        let body = self.body(place);
        let file = self.file(pat.file);
        let mut found: Vec<PatRef> = (body.bindings.iter())
            .filter(|(_, binding)| {
                let Origin::Value(init) = binding.origin else { return false };
                let Expr::MethodCall { receiver, method, .. } = file[init] else { return false };
                &file[method] == "clone" && body.binding_of.get(&receiver) == Some(&pat.id)
            })
            .map(|(clone, _)| pat.with(*clone))
            .collect();
        found.sort();
        found
    }

    fn lets_go(&self, used: ExprRef) -> bool {
        let parent = self.parents(used.file).parent(used.id).map(|at| used.with(at));
        let Some(parent) = parent else { return false };
        match self.file(used.file)[parent.id] {
            Expr::Call { callee, .. } => {
                matches!(self.callee(parent.with(callee)), Def::External(path) if &*path == "std::mem::drop")
            }
            Expr::MethodCall { receiver, method, .. } => {
                receiver == used.id && &self.file(used.file)[method] == "downgrade"
            }
            _ => false,
        }
    }

    /// Whether a use keeps the sender for ever: forgotten, leaked, or put into a static.
    fn lasts(&self, used: ExprRef, name: &str) -> Option<Dead> {
        let lasting =
            |why, at| Some(Dead { cause: DeadCause::LastingSender, why, at: Some(self.span(at)), is_silent: false });
        let mut here = used;
        while let Some(parent) = self.parents(here.file).parent(here.id).map(|at| here.with(at)) {
            let file = self.file(here.file);
            match file[parent.id] {
                Expr::Call { callee, .. } => match self.callee(parent.with(callee)) {
                    Def::External(path)
                        if matches!(catalogue::function(&path), Some(Function::Forgets | Function::Leaks)) =>
                    {
                        return lasting(format!("the channel's sender `{name}` is never dropped"), parent);
                    }
                    Def::External(_) => {}
                    _ => return None,
                },
                Expr::MethodCall { receiver, method, .. } => {
                    let keeps = receiver != here.id && catalogue::method(&file[method]).puts();
                    if !keeps && receiver == here.id && &file[method] == "clone" {
                        here = parent;
                        continue;
                    }
                    let path = keeps.then(|| self.access_path(&Value::bare(parent.with(receiver)))).flatten()?;
                    return self.lives_in_static(&path);
                }
                Expr::Assign { lhs, rhs, .. } if rhs == here.id => {
                    return self.lives_in_static(&self.access_path(&Value::bare(parent.with(lhs)))?);
                }
                Expr::Ref { .. } => {}
                _ => return None,
            }
            here = parent;
        }
        None
    }

    /// A receiver that stands in a struct which was built with both halves of the channel, if the task keeps
    /// that struct alive.
    fn dead_channel_field(&self, base: &Value, field: &str, waiting: Waiting<'_>) -> Option<Dead> {
        let task = waiting.task;
        let Type::Item(owner, _) = self.type_of(base).innermost() else { return None };
        // `spawn(run(pair.receiver))` gives the task the field and not the struct.
        let path = self.access_path(base)?;
        let is_whole = self.is_made_by_task(&path, base, task) || self.runs_in_task(base.expr, task);
        let held = match is_whole {
            true => None,
            false => Some(self.takes_along(&path, waiting)?),
        };
        let inits = self.inits_of(owner, field);
        let mut sibling = None;
        let mut is_silent = true;
        for init in &inits {
            let (root, at) = self.root_binding(&self.unwrapped(&Value::bare(*init)))?;
            let sender = self.other_half(root, &at)?;
            let literal = (self.parents(init.file).ancestors(init.id))
                .find(|at| matches!(self.file(init.file)[*at], Expr::Struct { .. }))?;
            let Expr::Struct { fields, .. } = self.file(init.file)[literal] else { return None };
            let named = self.file(init.file).list(fields).find_map(|other| {
                let Expr::FieldInit { name, value } = self.file(init.file)[other] else { return None };
                let value = Value::bare(init.with(value));
                self.holds_binding(&value, sender).then(|| self.file(init.file)[name].to_owned())
            })?;
            if self.field_is_emptied(owner, &named) {
                return None;
            }
            is_silent &= self.is_silent_sender(owner, &named);
            sibling = Some(named);
        }
        let why = format!("the channel's sender is stored alongside the receiver, in `{}`", sibling?);
        let is_shared = held.as_ref().is_some_and(|held| held.cause == DeadCause::SharedOwner) || self.is_shared(base);
        let cause = if is_shared { DeadCause::SharedOwner } else { DeadCause::OwnSender };
        Some(Dead { cause, why, at: held.and_then(|held| held.at), is_silent })
    }

    /// Whether a value begins in a function that the task runs, and not where the task is started.
    fn is_made_by_task(&self, path: &AccessPath, value: &Value, task: ExprRef) -> bool {
        let Root::Local(root) = path.root else { return false };
        let (Some(here), Some(there)) = (self.place(value.expr), self.place(task)) else { return false };
        let is_param = self.parameter_of(root).is_some();
        value.frame.is_some() && here != there && !is_param && !self.body(there).bindings.contains_key(&root.id)
    }

    /// What is inside `Some(x)`, `Mutex::new(Some(x))`.
    fn unwrapped(&self, value: &Value) -> Value {
        let mut here = value.clone();
        let mut seen = FxHashSet::default();
        while seen.insert(here.key()) {
            let origin = self.origin(&here);
            let Expr::Call { args, callee } = self.expr(&origin) else { break };
            let is_cell = matches!(self.callee(origin.expr.with(callee)), Def::External(path)
                if catalogue::call_does(&path, Call::Holds));
            match (is_cell, self.file(origin.expr.file).at(args, 0)) {
                (true, Some(first)) => here = origin.at(first),
                _ => break,
            }
        }
        here
    }
}
