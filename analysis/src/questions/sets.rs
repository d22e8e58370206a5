//! Sets and lists of handles: which loops without end fill them, and what empties them.

mod touches;
mod turns;

use super::{Def, ExprRef, FnRef, LoopKind, Origin, PatRef, Place, Program, Type, TypeRef, Value};
use crate::{
    catalogue::{self, Call, Does, Macro, Method, Variant, WrapperKind},
    facts::{Expr, Id, Pat, PatId, Visibility},
    span::{Span, TextRange},
};
use rustc_hash::FxHashSet;
use std::iter::once;
use touches::Touch;

/// The way from a set outwards through the functions that it is lent to.
#[derive(Debug, Default)]
struct Way {
    /// The calls, innermost first.
    calls: Vec<ExprRef>,
    /// Parameters whose callers were asked: where the set comes from, or for a loop.
    seen: FxHashSet<(PatRef, Sought)>,
}

/// What callers are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Sought {
    Home,
    Loop,
}

/// What a set keeps of a task that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetKind {
    /// A `JoinSet`: the task's result, until it is joined.
    Joined,
    /// `FuturesUnordered` and `FuturesOrdered`: what was pushed, until it is polled to its end.
    Futures,
    /// A list: the handle.
    List,
}

/// What a loop waits for in each turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The next connection or datagram.
    Connection,
    /// The next message.
    Message,
    /// A timer.
    Time,
}

/// A set that a loop without end fills, and that nothing empties while the loop turns.
#[derive(Debug, Clone)]
pub struct GrowingSet {
    /// How it reads where it is filled: `self.tasks`.
    pub name: String,
    /// What it is.
    pub kind: SetKind,
    /// Its type, without locks and shared pointers.
    pub ty: Type,
    /// The `let` or the field that holds it.
    pub held: Span,
    /// The call that fills it.
    pub filled: ExprRef,
    /// Calls between the loop and that call, the loop's own first.
    pub calls: Vec<Span>,
    /// The loop, and its keyword.
    pub looped: (Span, LoopKind),
    /// What the loop waits for in each turn.
    pub turn: Turn,
    /// Where it is emptied, if it is, when the loop is over or its owner is closed.
    pub emptied_late: Option<Span>,
}

/// Where a set lives.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Home {
    Local(PatRef),
    Field(TypeRef, String),
}

/// Whether a method puts something into a set or list.
fn is_filling(method: Method) -> bool {
    method.does_any(&[Does::Spawns, Does::Appends])
}

impl Program {
    /// Sets of handles that grow for as long as a loop turns, by the place where they are filled.
    pub fn growing_sets(&self) -> Vec<GrowingSet> {
        let calls = catalogue::methods_that(is_filling).flat_map(|name| self.calls_named(name));
        let calls = calls.filter(|call| self.options.include_tests || !self.in_test(**call));
        let mut found: Vec<(Home, ExprRef, GrowingSet)> =
            calls.filter_map(|call| self.ask(None, || self.growing_set(*call)).flatten()).collect();
        found.sort_by_key(|(.., set)| self.span(set.filled));
        // A set that a loop fills in several places is one defect.
        let mut told = FxHashSet::default();
        found.retain(|(home, looped, _)| told.insert((home.clone(), *looped)));
        found.into_iter().map(|(.., set)| set).collect()
    }

    fn growing_set(&self, call: ExprRef) -> Option<(Home, ExprRef, GrowingSet)> {
        let Expr::MethodCall { receiver, .. } = self.file(call.file)[call.id] else { return None };
        let kind = self.fills(call)?;
        let receiver = call.with(receiver);
        let mut way = Way::default();
        let (home, looped, turn) = self.home_and_loop(receiver, call, &mut way)?;
        if matches!(home, Home::Field(..)) && way.calls.iter().chain([&call]).any(|at| self.is_done_once(*at)) {
            return None;
        }
        let emptied_late = match &home {
            Home::Local(pat) => self.emptied_after(*pat, (looped, turn))?,
            Home::Field(owner, field) => self.emptied_elsewhere(*owner, field, looped)?,
        };
        let held = match &home {
            Home::Local(pat) => self.file(pat.file).pat_range(pat.id).in_file(pat.file),
            Home::Field(owner, field) => self.field_span(*owner, field)?,
        };
        let keyword = LoopKind::of(self.file(looped.file)[looped.id])?;
        way.calls.reverse();
        let set = GrowingSet {
            name: self.set_name(receiver, &home),
            kind,
            ty: held_type(&self.type_of(&Value::bare(receiver))),
            held,
            filled: call,
            calls: way.calls.into_iter().map(|call| self.call_head(call)).collect(),
            looped: (self.span(looped), keyword),
            turn,
            emptied_late,
        };
        Some((home, looped, set))
    }

    /// What a call puts a handle into, if it does.
    fn fills(&self, call: ExprRef) -> Option<SetKind> {
        let file = self.file(call.file);
        let Expr::MethodCall { receiver, method, args, .. } = file[call.id] else { return None };
        let ty = held_type(&self.type_of(&Value::bare(call.with(receiver))));
        let path = ty.external()?;
        if path == "tokio::task::JoinSet" {
            return catalogue::method_spawn(path, &file[method]).map(|_| SetKind::Joined);
        }
        if !catalogue::method(&file[method]).does(Does::Appends)
            || catalogue::wrapper_kind(path) != Some(WrapperKind::Many)
        {
            return None;
        }
        if path.starts_with("futures::stream::Futures") {
            return Some(SetKind::Futures);
        }
        let pushed = file.at(args, 0)?;
        let element = match ty.inside() {
            Type::Unknown => self.type_of(&Value::bare(call.with(pushed))),
            known => known,
        };
        holds_handle(&element).then_some(SetKind::List)
    }

    /// Where a set lives, and the innermost loop without end, here or in a caller, that fills it again and
    /// again. `way` gets the calls that lead there, innermost first.
    fn home_and_loop(&self, set: ExprRef, at: ExprRef, way: &mut Way) -> Option<(Home, ExprRef, Turn)> {
        let (set, field) = self.below_guards(set)?;
        let home = field.and_then(|(owner, name)| self.field_home(owner, name));
        if home.is_some() != field.is_some() {
            return None;
        }
        let root = self.root(set)?;
        let (pat, binding) = self.local(root)?;
        let place = self.place(root)?;
        let is_parameter = matches!(binding.origin, Origin::SelfParam | Origin::Param(_));
        let home = match home {
            Some(home) => home,
            // A set that was lent is its caller's.
            None if is_parameter => return self.lent_set(pat, place, way),
            None => Home::Local(pat),
        };
        if let Home::Local(_) = home
            && !matches!(binding.origin, Origin::Value(_) | Origin::Unset)
        {
            return None;
        }
        if let Some((looped, turn)) = self.endless_loop_around(at, binding.at) {
            return Some((home, looped, turn));
        }
        match home {
            Home::Field(..) if is_parameter => {
                let (looped, turn) = self.endless_loop_of_callers(pat, place, way)?;
                Some((home, looped, turn))
            }
            _ => None,
        }
    }

    /// A loop without end that runs a function again and again on one and the same value of a parameter.
    fn endless_loop_of_callers(&self, param: PatRef, place: Place, way: &mut Way) -> Option<(ExprRef, Turn)> {
        let Place::Fn(function) = place else { return None };
        if !way.seen.insert((param, Sought::Loop)) {
            return None;
        }
        for call in self.callers(function) {
            let Some(root) = self.argument(call, function, param).and_then(|argument| self.root(argument)) else {
                continue;
            };
            let Some((pat, binding)) = self.local(root) else { continue };
            let is_parameter = matches!(binding.origin, Origin::SelfParam | Origin::Param(_));
            way.calls.push(call);
            let found = self.endless_loop_around(call, binding.at).or_else(|| match self.place(root) {
                Some(place) if is_parameter => self.endless_loop_of_callers(pat, place, way),
                _ => None,
            });
            if found.is_some() {
                return found;
            }
            way.calls.pop();
        }
        None
    }

    /// Where a set lives that a parameter stands for, by what callers pass.
    fn lent_set(&self, param: PatRef, place: Place, way: &mut Way) -> Option<(Home, ExprRef, Turn)> {
        let Place::Fn(function) = place else { return None };
        if !way.seen.insert((param, Sought::Home)) {
            return None;
        }
        for call in self.callers(function) {
            let Some(argument) = self.argument(call, function, param) else { continue };
            way.calls.push(call);
            let found = self.home_and_loop(argument, call, way);
            if found.is_some() {
                return found;
            }
            way.calls.pop();
        }
        None
    }

    /// What a call passes for a parameter, its receiver included.
    fn argument(&self, call: ExprRef, function: FnRef, param: PatRef) -> Option<ExprRef> {
        let item = self.function(function);
        let file = self.file(call.file);
        let (receiver, args) = match file[call.id] {
            Expr::MethodCall { receiver, args, .. } => (Some(receiver), args),
            Expr::Call { args, .. } => (None, args),
            _ => return None,
        };
        let params = item.self_param.map(|it| it.pat).into_iter().chain(item.params.iter().map(|it| it.pat));
        let at = params.into_iter().position(|pat| pat == param.id)?;
        let mut passed = receiver.into_iter().chain(file.list(args));
        passed.nth(at).map(|argument| call.with(argument))
    }

    /// The set below `lock().unwrap()`, `&mut`, `let mut guard = ..` and their like, with its field if it is one.
    fn below_guards(&self, set: ExprRef) -> Option<(ExprRef, Option<(TypeRef, &str)>)> {
        let mut here = set;
        loop {
            let file = self.file(here.file);
            here = match file[here.id] {
                Expr::MethodCall { receiver, method, .. } if touches::is_guard(&file[method]) => here.with(receiver),
                Expr::Await(inner) | Expr::Try(inner) | Expr::Ref { expr: inner, .. } => here.with(inner),
                Expr::Unary { expr, .. } => here.with(expr),
                Expr::Field { base, name } => {
                    let owner = self.type_of(&Value::bare(here.with(base))).pointee().item()?;
                    return Some((here.with(base), Some((owner, &file[name]))));
                }
                Expr::Path(_) => match self.local(here)?.1.origin {
                    Origin::Value(init) if self.is_guard_of_another(here.with(init)) => here.with(init),
                    _ => return Some((here, None)),
                },
                _ => return None,
            };
        }
    }

    /// Whether the value of a `let` is another place's set: `&mut self.tasks`, `self.tasks.lock().await`.
    fn is_guard_of_another(&self, init: ExprRef) -> bool {
        let file = self.file(init.file);
        match file[init.id] {
            Expr::MethodCall { receiver, method, .. } => {
                touches::is_guard(&file[method]) && self.is_guard_of_another(init.with(receiver))
            }
            Expr::Await(inner) | Expr::Try(inner) | Expr::Ref { expr: inner, .. } | Expr::Unary { expr: inner, .. } => {
                self.is_guard_of_another(init.with(inner))
            }
            Expr::Field { .. } => true,
            Expr::Path(_) => self.local(init).is_some(),
            _ => false,
        }
    }

    /// The variable that a value is reached through, clones and shared pointers followed back.
    fn root(&self, expr: ExprRef) -> Option<ExprRef> {
        let mut here = expr;
        loop {
            let origin = self.origin(&Value::bare(here)).expr;
            // A variable whose value is made by a call is the root itself.
            let file = self.file(origin.file);
            match file[origin.id] {
                Expr::Field { base, .. } => here = origin.with(base),
                Expr::MethodCall { receiver, method, .. } if touches::is_guard(&file[method]) => {
                    here = origin.with(receiver);
                }
                Expr::Await(inner) | Expr::Try(inner) => here = origin.with(inner),
                Expr::Path(_) if self.local(origin).is_some() => return Some(origin),
                _ => return self.local(here).map(|_| here),
            }
        }
    }

    /// A field in which nobody outside the workspace, and nobody with another name for it, has a hand.
    fn field_home(&self, owner: TypeRef, name: &str) -> Option<Home> {
        let file = self.file(owner.file);
        let item = &file[owner.id];
        let field = item.fields.iter().find(|field| &file[field.name] == name)?;
        let is_public = item.visibility == Visibility::Public && field.visibility == Visibility::Public;
        let is_shared = has_shared_pointer(&self.field_type(owner, name));
        let is_own = !is_shared || self.inits_of(owner, name).into_iter().all(|init| self.is_fresh(init));
        (!is_public && is_own).then(|| Home::Field(owner, name.to_owned()))
    }

    /// Whether a value is made where it is written down, so that nobody else has it.
    fn is_fresh(&self, init: ExprRef) -> bool {
        let file = self.file(init.file);
        match file[init.id] {
            Expr::Lit(_) => true,
            Expr::Call { callee, args } => {
                let is_constructor = matches!(file[callee], Expr::Path(path)
                    if catalogue::call_does(file.last_segment(path), Call::MakesEmpty));
                let is_foreign = !matches!(self.callee(init.with(callee)), Def::Fn(_));
                is_constructor && is_foreign && file.list(args).all(|arg| self.is_fresh(init.with(arg)))
            }
            Expr::Path(_) => self.local(init).is_some_and(|(pat, binding)| {
                let body = self.place(init).map(|place| self.body(place));
                let is_used_once = body.is_some_and(|body| body.uses(pat.id).len() == 1);
                is_used_once && matches!(binding.origin, Origin::Value(value) if self.is_fresh(init.with(value)))
            }),
            _ => false,
        }
    }

    fn set_name(&self, receiver: ExprRef, home: &Home) -> String {
        match home {
            Home::Local(pat) => match self.file(pat.file)[pat.id] {
                Pat::Bind { name, .. } => self.file(pat.file)[name].to_owned(),
                _ => self.text_of(receiver),
            },
            Home::Field(_, field) => field.clone(),
        }
    }

    /// What is done to a local set besides filling it: `None` if it is emptied while the loop turns, or may be;
    /// otherwise where it is emptied afterwards.
    fn emptied_after(&self, set: PatRef, (looped, turn): (ExprRef, Turn)) -> Option<Option<Span>> {
        let place = self.place(looped)?;
        let mut late = None;
        for used in self.body(place).uses(set.id) {
            let used = set.with(*used);
            match self.touch(used, &mut FxHashSet::default()) {
                Touch::Fills | Touch::Looks => {}
                // Messages come to an end that the code counts on; connections do not. In post-order, what is numbered
                // past the loop stands behind it.
                Touch::Other(_) if used.id > looped.id && turn == Turn::Message && self.gives_results(used) => {
                    return None;
                }
                Touch::Other(at) if used.id > looped.id => {
                    late.get_or_insert(at);
                }
                Touch::Other(_) => return None,
            }
        }
        Some(late)
    }

    /// `while let Some(done) = set.join_next().await { match done { Ok(rows) => total += rows, .. } }`: the results of a
    /// set whose members are counted or summed up are wanted all together, when all are there.
    fn gives_results(&self, drained: ExprRef) -> bool {
        let file = self.file(drained.file);
        let mut above = self.parents(drained.file).ancestors(drained.id);
        let looped = above.find(|at| matches!(file[*at], Expr::While { .. } | Expr::For { .. } | Expr::Local { .. }));
        let (Some(looped), Some(place)) = (looped, self.place(drained)) else { return false };
        let whole = file.range(looped);
        let body = self.body(place);
        let stands_in = |pat: PatId, around: TextRange| around.contains(file.pat_range(pat));
        let is_used = |pat: PatId| body.uses(pat).iter().any(|used| !self.is_only_told(drained.with(*used)));
        let named = |around: TextRange| body.used().any(|(pat, _)| stands_in(pat, around) && is_used(pat));
        (0..file.pats.len()).map(PatId::from_index).filter(|pat| stands_in(*pat, whole)).any(|pat| match file[pat] {
            Pat::TupleStruct { path, .. } => {
                catalogue::variant(file.last_segment(path)) == Some(Variant::Ok) && named(file.pat_range(pat))
            }
            _ => false,
        })
    }

    /// Whether a value only goes into a log line.
    fn is_only_told(&self, used: ExprRef) -> bool {
        let file = self.file(used.file);
        let mut from = once(used.id).chain(self.parents(used.file).ancestors(used.id));
        from.any(|at| matches!(file[at], Expr::Macro(id) if file.macro_of(id).is_some_and(Macro::tells)))
    }

    /// The same of a field, over the whole workspace.
    fn emptied_elsewhere(&self, owner: TypeRef, field: &str, looped: ExprRef) -> Option<Option<Span>> {
        let mut late = None;
        // What a pattern takes out of its struct has another name.
        if !self.pattern_acts(owner, field).is_empty() {
            return None;
        }
        for used in self.fields_named(field) {
            let Expr::Field { base, .. } = self.file(used.file)[used.id] else { continue };
            match self.type_of(&Value::bare(used.with(base))).pointee() {
                Type::Item(found, _) if found == owner => {}
                Type::Unknown => {}
                _ => continue,
            }
            if self.in_test(*used) && !self.options.include_tests {
                continue;
            }
            match self.touch(*used, &mut FxHashSet::default()) {
                Touch::Fills | Touch::Looks => {}
                Touch::Other(at) if self.is_late(*used, looped) => {
                    late.get_or_insert(at);
                }
                Touch::Other(_) => return None,
            }
        }
        Some(late)
    }

    /// Whether an expression runs only when a loop is over: it stands behind it, or where its owner is closed.
    fn is_late(&self, expr: ExprRef, looped: ExprRef) -> bool {
        match expr.file == looped.file && self.place(expr) == self.place(looped) {
            true => expr.id > looped.id,
            false => self.is_at_the_end(expr) && self.endless_loop_around(expr, None).is_none(),
        }
    }
}

/// What locks, shared pointers and options hold.
fn held_type(ty: &Type) -> Type {
    let mut here = ty.clone();
    while matches!(
        here.external().and_then(catalogue::wrapper_kind),
        Some(WrapperKind::Pointer | WrapperKind::Cell | WrapperKind::Maybe)
    ) {
        here = here.inside();
    }
    here
}

fn has_shared_pointer(ty: &Type) -> bool {
    let mut here = ty.clone();
    while here.external().and_then(catalogue::wrapper_kind).is_some() {
        if here.external().is_some_and(catalogue::is_shared_pointer) {
            return true;
        }
        here = here.inside();
    }
    false
}

/// Whether a value of that type keeps something of a task for as long as it lives.
fn holds_handle(ty: &Type) -> bool {
    match ty.innermost() {
        Type::Tuple(members) => members.iter().any(holds_handle),
        Type::External(path, _) => catalogue::keeps_task(&path),
        _ => false,
    }
}
