//! What methods and calls do with a handle that they are given.

use super::{DropHow, Fate, Steps, Use, better, dropped};
use crate::{
    catalogue::{self, Call, Does, Function, Poll},
    facts::{Expr, Pat, PatId},
    flow::{Def, ExprRef, Flow, FnRef, MovedInto, OpenReason, Origin, RaceKind, Type, Value},
};

impl Flow {
    /// A method that is called on a handle, or on something that holds it.
    pub(super) fn method_use(&self, call: ExprRef, method: &str, steps: Steps) -> Use {
        let file = self.file(call.file);
        let on = || self.use_of(call, steps.next());
        let known = catalogue::method(method);
        // An adaptor of a future, or of an `Option` or iterator with a closure that takes the handle.
        let adapts = known.adapts_future() && !known.does(Does::Explains);
        match method {
            _ if known.does(Does::Aborts) => return Some(Fate::Aborted(self.span(call))),
            _ if known.does(Does::Nexts) && self.is_left_with_more(call) => return self.raced_as_arm(call),
            _ if known.does_any(&[Does::Joins, Does::Awaits, Does::Nexts])
                || catalogue::poll(method) == Some(Poll::Future) =>
            {
                return Some(Fate::Awaited(self.span(call)));
            }
            _ if known.does_any(&[
                Does::AsksState,
                Does::Counts,
                Does::AsksContent,
                Does::AsksTask,
                Does::Reserves,
                Does::Appends,
                Does::Stores,
                Does::Extends,
                Does::Clears,
                Does::Retains,
            ]) =>
            {
                return None;
            }
            _ if known.does(Does::Bounds) => return self.raced_by(call, RaceKind::Timeout),
            _ if known.does(Does::Races) => return self.raced_by(call, RaceKind::Select),
            _ if known.does(Does::Detaches) => return dropped(DropHow::Detach, self.span(call)),
            "abort_handle" => {
                return match on() {
                    Some(Fate::Dropped { .. }) | None => dropped(DropHow::AbortHandleUnused, self.span(call)),
                    found => found,
                };
            }
            _ if known.does(Does::Walks) => {
                return self.closure_takes(call, steps).or(Some(Fate::Unknown(OpenReason::IteratorNotFollowed)));
            }
            _ if adapts || known.does_any(&[Does::Chains, Does::Flattens]) => {
                let taken = self.closure_takes(call, steps);
                let adapted = match on() {
                    Some(Fate::Dropped { how: DropHow::Statement | DropHow::LetUnderscore, at }) => {
                        dropped(DropHow::Adapted(method.to_owned()), at)
                    }
                    found => found,
                };
                return better(taken.filter(|fate| !fate.is_dropped()), adapted);
            }
            _ => {}
        }
        let passes = known.does_any(&[
            Does::Clones,
            Does::Views,
            Does::Locks,
            Does::Unwraps,
            Does::Defaults,
            Does::Converts,
            Does::Loads,
            Does::Upgrades,
            Does::Explains,
            Does::Oks,
            Does::GivesOld,
            Does::Pops,
            Does::Drains,
            Does::Iterates,
            Does::Finds,
            Does::Enters,
            Does::Ensures,
            Does::EnsuresBy,
            Does::Arranges,
            Does::Gathers,
        ]);
        // Of what is known by its name alone, a method of the workspace's own that has the name shows nothing.
        let is_known = || match file[call.id] {
            Expr::MethodCall { receiver, .. } => self.type_of(&Value::bare(call.with(receiver))) != Type::Unknown,
            _ => true,
        };
        // The method of the workspace's own extension trait: `.abort_on_drop()`.
        if (!passes || is_known())
            && let Some(fate) = self.joined(&self.called_fns(&Value::bare(call)), |function| {
                match self.self_fate(function, steps.next()) {
                    Fate::Returned { .. } => on(),
                    fate => Some(fate),
                }
            })
        {
            return fate;
        }
        if passes {
            return match on() {
                Some(Fate::Dropped { how: DropHow::Statement, at }) => dropped(DropHow::Discarded, at),
                found => found,
            };
        }
        let named = match file[call.id] {
            Expr::MethodCall { method, .. } => &file[method],
            _ => method,
        };
        let into = MovedInto::Code(named.to_owned());
        Some(Fate::Moved { into, at: self.span(call) })
    }

    /// What the closure among the arguments does with its first parameter.
    fn closure_takes(&self, call: ExprRef, steps: Steps) -> Use {
        let file = self.file(call.file);
        let Expr::MethodCall { args, .. } = file[call.id] else { return None };
        let (closure, params) = file.list(args).find_map(|arg| match file[arg] {
            Expr::Closure { params, .. } => Some((arg, params)),
            _ => None,
        })?;
        let pat = file.list(params).next_back()?;
        let pat = match file[pat] {
            Pat::Typed { pat, .. } => pat,
            _ => pat,
        };
        match file[pat] {
            Pat::Bind { .. } => match self.binding_fate(call.with(closure), call.with(pat), steps.next()) {
                Fate::Dropped { .. } => None,
                fate => Some(fate),
            },
            Pat::Wild => None,
            _ => self.any_binding(call.with(closure), &[pat], steps.next()).filter(|fate| !fate.is_dropped()),
        }
    }

    /// What a closure that gives the handle is used for: `opt.map(|x| spawn(x))`.
    pub(super) fn closure_result(&self, closure: ExprRef, steps: Steps) -> Use {
        let file = self.file(closure.file);
        let parent = self.parents(closure.file).parent(closure.id).map(|at| closure.with(at));
        match parent.map(|parent| (parent, file[parent.id])) {
            Some((call, Expr::MethodCall { receiver, method, .. })) if receiver != closure.id => {
                match catalogue::method(&file[method]).does(Does::GivesOn) {
                    true => self.collection_use(call, steps),
                    false => {
                        Some(Fate::Moved { into: MovedInto::ClosureOf(file[method].to_owned()), at: self.span(call) })
                    }
                }
            }
            _ => Some(Fate::Moved { into: MovedInto::ClosureResult, at: self.span(closure) }),
        }
    }

    /// A handle that is an argument of a method.
    pub(super) fn argument_of_method(
        &self,
        call: ExprRef,
        receiver: ExprRef,
        method: &str,
        at: usize,
        steps: Steps,
    ) -> Use {
        if let Some(used) = self.given_to_called(call, at, steps) {
            return used;
        }
        match catalogue::method(method) {
            known if known.does(Does::Races) => self.raced_by(call, RaceKind::Select),
            known if known.does(Does::UntilCancelled) => self.raced_by(call, RaceKind::Token),
            known if known.keeps_argument() => self.pushed(receiver),
            _ => Some(Fate::Moved { into: MovedInto::Code(method.to_owned()), at: self.span(call) }),
        }
    }

    /// A handle that is put into a collection.
    pub(super) fn pushed(&self, collection: ExprRef) -> Use {
        let at = self.span(collection);
        if let Some((base, field)) = self.field_below(collection) {
            return Some(self.stored(base, &field, at));
        }
        match self.local(collection) {
            Some((pat, binding)) => match binding.origin {
                Origin::Value(init) if self.is_lent(collection.with(init)) => {
                    Some(Fate::Moved { into: MovedInto::Code(self.text_of(collection)), at })
                }
                Origin::Value(_) | Origin::Unset => match self.binding_fate(collection, pat, Steps::FAR) {
                    Fate::Dropped { how: DropHow::EndOfScope(_) | DropHow::Unused(_), at } => {
                        dropped(DropHow::Discarded, at)
                    }
                    fate => Some(fate),
                },
                _ => Some(Fate::Moved { into: MovedInto::Code(self.text_of(collection)), at }),
            },
            None => Some(Fate::Moved { into: MovedInto::Code(self.text_of(collection)), at }),
        }
    }

    /// Whether a value is a guard of, or a reference into, what somebody else has: `tasks.lock().unwrap()`, where `tasks`
    /// is a parameter.
    fn is_lent(&self, value: ExprRef) -> bool {
        let file = self.file(value.file);
        match file[value.id] {
            Expr::Ref { expr, .. } | Expr::Await(expr) | Expr::Try(expr) => self.is_lent(value.with(expr)),
            Expr::MethodCall { receiver, method, .. } => {
                let known = catalogue::method(&file[method]);
                (known.sees_through() || known.does(Does::Lends)) && self.is_lent(value.with(receiver))
            }
            Expr::Path(_) => match self.local(value).map(|(_, binding)| binding.origin) {
                Some(Origin::Value(init)) => init < value.id && self.is_lent(value.with(init)),
                Some(Origin::Unset) | None => false,
                Some(_) => true,
            },
            _ => false,
        }
    }

    /// A handle that is an argument of a call.
    pub(super) fn argument_use(&self, call: ExprRef, callee: ExprRef, at: usize, steps: Steps) -> Use {
        let moved = |text: String| Some(Fate::Moved { into: MovedInto::Code(text), at: self.span(call) });
        match self.callee(callee) {
            Def::External(path) => match (catalogue::function(&path), &*path) {
                (Some(Function::Drops), _) => dropped(DropHow::DropCall, self.span(call)),
                (Some(Function::Forgets), _) => dropped(DropHow::Forget, self.span(call)),
                (_, path) if catalogue::method(last(path)).does(Does::Forgets) => {
                    dropped(DropHow::Forget, self.span(call))
                }
                (_, path) if self.makes_owner(path) => Some(Fate::AbortOnDrop(self.span(call))),
                // `scopeguard::guard(handle, |handle| handle.abort())`: what its closure does, it does on drop.
                (Some(Function::Guards), _) if at == 0 => match self.guarded(call, steps) {
                    Some(Fate::Aborted(at)) => Some(Fate::AbortOnDrop(at)),
                    found => found,
                },
                // What is taken out goes where the call's value goes.
                (Some(Function::TakesOut), _) if at == 0 => self.collection_use(call, steps),
                (_, path) if catalogue::call_does(path, Call::AwaitsArgument) => {
                    match self.use_of(call, steps.next()) {
                        // `timeout(d, join_all(handles))`
                        Some(Fate::Raced(race)) => Some(Fate::Raced(race)),
                        _ => Some(Fate::Awaited(self.span(call))),
                    }
                }
                (_, path) if catalogue::call_does(path, Call::Holds) || catalogue::call_does(path, Call::Clones) => {
                    self.collection_use(call, steps)
                }
                (_, path) => self.raced_by_call(call, path, at, steps).or_else(|| moved(path.to_owned())),
            },
            Def::Fn(_) => self.given_to_called(call, at, steps).unwrap_or_else(|| moved(self.text_of(callee))),
            Def::Type(owner) if self.is_transparent_handle(owner) => self.collection_use(call, steps),
            Def::Variant(owner, variant) => {
                let field = format!("{variant}.{at}");
                let use_ = self.field_use(owner, &field);
                let stored = Fate::Stored { owner, field, at: self.span(call), use_ };
                // `Task::Tokio(spawn(f))`: who has that has the handle.
                match self.is_handle_of_any_runtime(owner).then(|| self.collection_use(call, steps)).flatten() {
                    Some(lost @ (Fate::Dropped { .. } | Fate::Returned { .. })) => Some(lost),
                    _ => Some(stored),
                }
            }
            Def::Type(owner) => {
                let field = at.to_string();
                let use_ = self.field_use(owner, &field);
                Some(Fate::Stored { owner, field, at: self.span(call), use_ })
            }
            _ => match self.given_to_closure(call, callee, at, steps) {
                Some(fate) => fate,
                None => moved(self.text_of(callee)),
            },
        }
    }

    /// What a closure that has a name does with an argument: `let keep = |task| all.push(task); keep(handle);`
    fn given_to_closure(&self, call: ExprRef, callee: ExprRef, at: usize, steps: Steps) -> Option<Use> {
        let (named, binding) = self.local(callee)?;
        let Origin::Value(init) = binding.origin else { return None };
        let closure = call.with(init);
        let file = self.file(call.file);
        let Expr::Closure { params, .. } = file[init] else { return None };
        if binding.root != named.id {
            return None;
        }
        let pat = match file[file.at(params, at)?] {
            Pat::Typed { pat, .. } => pat,
            _ => file.at(params, at)?,
        };
        let Pat::Bind { .. } = file[pat] else { return None };
        Some(match self.binding_fate(closure, call.with(pat), steps.next()) {
            // What it gives back goes where the call's value goes.
            Fate::Moved { at, .. } if at == self.span(closure) => self.use_of(call, steps.next()),
            Fate::Dropped { at, .. } => dropped(DropHow::EndOfScope(self.text_of(callee)), at),
            fate => Some(fate),
        })
    }

    /// What the closure of a guard does with the value that it guards.
    fn guarded(&self, call: ExprRef, steps: Steps) -> Use {
        let file = self.file(call.file);
        let Expr::Call { args, .. } = file[call.id] else { return None };
        let closure = file.at(args, 1)?;
        let Expr::Closure { params, .. } = file[closure] else {
            return Some(Fate::Moved { into: MovedInto::Guard, at: self.span(call) });
        };
        let pat = match file[file.at(params, 0)?] {
            Pat::Typed { pat, .. } => pat,
            _ => file.at(params, 0)?,
        };
        match file[pat] {
            Pat::Bind { .. } => Some(self.binding_fate(call.with(closure), call.with(pat), steps.next())),
            _ => Some(Fate::Unknown(OpenReason::GuardNotFollowed)),
        }
    }

    /// A handle that is passed to what a call may run, if the workspace shows that.
    fn given_to_called(&self, call: ExprRef, at: usize, steps: Steps) -> Option<Use> {
        self.joined(&self.called_fns(&Value::bare(call)), |function| self.given_to(call, function, at, steps))
    }

    /// What the functions that a call may run do with a handle. That one of them keeps it does not show that it is kept,
    /// and that one loses it does not show that it is lost.
    fn joined(&self, functions: &[FnRef], used_by: impl Fn(FnRef) -> Use) -> Option<Use> {
        let uses: Vec<Use> = functions.iter().map(|function| used_by(*function)).collect();
        let (lost, kept): (Vec<Use>, Vec<Use>) =
            uses.into_iter().partition(|used| used.as_ref().is_none_or(Fate::is_dropped));
        match (lost.is_empty(), kept.is_empty()) {
            (true, true) => None,
            (false, true) => Some(lost.into_iter().reduce(Option::or).flatten()),
            (true, false) => Some(kept.into_iter().flatten().max_by_key(Fate::rank)),
            (false, false) => Some(Some(Fate::Unknown(OpenReason::TraitMethod))),
        }
    }

    /// A handle that is passed to a function of the workspace.
    fn given_to(&self, call: ExprRef, function: FnRef, at: usize, steps: Steps) -> Use {
        let item = self.function(function);
        // `Type::method(handle, ..)` passes the receiver as an argument.
        let is_path_call = matches!(self.file(call.file)[call.id], Expr::Call { .. });
        let shift = usize::from(item.self_param.is_some() && is_path_call);
        let fate = match (at < shift, item.params.get(at.wrapping_sub(shift))) {
            (true, _) => self.self_fate(function, steps.next()),
            (false, Some(param)) => self.parameter_fate(function, param.pat, steps.next()),
            (false, None) => Fate::Unknown(OpenReason::NoParameter),
        };
        match fate {
            Fate::Returned { .. } => self.use_of(call, steps.next()),
            Fate::Dropped { at, .. } => dropped(DropHow::EndOfScope(self.function_name(function).to_owned()), at),
            fate => Some(fate),
        }
    }

    fn parameter_fate(&self, function: FnRef, pat: PatId, steps: Steps) -> Fate {
        let item = self.function(function);
        let Some(body) = item.body else { return Fate::Unknown(OpenReason::NoBody) };
        self.steps.step();
        match self.file(function.file)[pat] {
            Pat::Bind { .. } => self.binding_fate(function.with(body), function.with(pat), steps),
            Pat::Wild => Fate::Dropped {
                how: DropHow::LetUnderscore,
                at: self.file(function.file).pat_range(pat).in_file(function.file),
            },
            _ => Fate::Unknown(OpenReason::ParameterTakenApart),
        }
    }

    fn self_fate(&self, function: FnRef, steps: Steps) -> Fate {
        match self.function(function).self_param {
            Some(param) => self.parameter_fate(function, param.pat, steps),
            None => Fate::Unknown(OpenReason::NoReceiver),
        }
    }
}

/// The last segment of a foreign path.
fn last(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}
