//! What awaiting a future takes.

use super::{About, Asking, Ending, EndingKind, Evidence, LoopFact, PeerOrigin, RunBy};
use crate::{
    catalogue::{self, Call, Does, Function, Macro, Runs, Wait},
    effects::{
        Def, Effects, ExtraCall, FOREVER, FnRef, Frame, LoopKind, OpenReason, Origin, Signal, SignalKind, Type, Value,
    },
    facts::{BlockKind, Expr, ExprId, MacroShape},
};
use std::rc::Rc;

impl Effects {
    /// What awaiting a future takes. Making it is not part of the answer.
    pub(crate) fn future_ending(&self, value: &Value, asking: &Asking) -> Ending {
        let file = self.file(value.expr.file);
        match self.expr(value) {
            Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => {
                let about = About::Block(value.expr, value.frame.as_ref().map(|frame| frame.id));
                let found = self.kept(about, asking, |asking| {
                    let mut ending = Ending::short();
                    file.each_child(value.expr.id, &mut |child| {
                        if ending.kind != EndingKind::Never {
                            ending.go_on_with(self.flow(&value.at(child), asking));
                        }
                    });
                    Some(ending)
                });
                found.expect("a block has an ending")
            }
            Expr::Block { stmts, has_tail, .. } => {
                let tail = file.list(stmts).next_back().filter(|_| has_tail);
                tail.map_or_else(Ending::short, |tail| self.future_ending(&value.at(tail), asking))
            }
            Expr::If { then, otherwise, .. } => {
                let then = self.future_ending(&value.at(then), asking);
                otherwise.map(|other| self.future_ending(&value.at(other), asking)).into_iter().fold(then, Ending::then)
            }
            Expr::Match { arms, .. } => {
                let bodies: Vec<ExprId> = file.list(arms).map(|arm| file[arm].body).collect();
                bodies
                    .into_iter()
                    .fold(Ending::short(), |ending, body| ending.then(self.future_ending(&value.at(body), asking)))
            }
            Expr::Call { .. } | Expr::MethodCall { .. } if let Some(extra) = self.extra_call(value) => match extra {
                ExtraCall::Stop => {
                    Ending::signal(self.signal(SignalKind::Shutdown, value, self.span(value.expr), None))
                }
                ExtraCall::Wraps(future) | ExtraCall::Spawns(_, future) => {
                    self.future_ending(&value.at(future), asking)
                }
            },
            Expr::Call { callee, args } => {
                let args: Vec<ExprId> = file.list(args).collect();
                self.call_future(value, callee, &args, asking)
            }
            Expr::MethodCall { receiver, method, args, .. } => {
                let args: Vec<ExprId> = file.list(args).collect();
                self.method_future(value, receiver, &file[method], &args, asking)
            }
            Expr::Macro(id) if file[id].shape == MacroShape::Exprs && file.macro_of(id) == Some(Macro::Pins) => {
                match file.at(file[id].args, 0) {
                    Some(arg) => self.future_ending(&value.at(arg), asking),
                    None => Ending::short(),
                }
            }
            _ => self.followed_future(value, asking),
        }
    }

    /// What awaiting a future takes that has a name, or that a function gives: once for each.
    fn kept_future(&self, value: &Value, asking: &Asking) -> Ending {
        let about = About::Future(value.expr, value.frame.as_ref().map(|frame| frame.id));
        let found = self.kept(about, asking, |asking| Some(self.future_ending(value, asking)));
        found.expect("a future has an ending")
    }

    /// A future that has a name, or comes out of something else.
    fn followed_future(&self, value: &Value, asking: &Asking) -> Ending {
        let origin = self.origin(value);
        if origin.expr != value.expr {
            return self.kept_future(&origin, asking);
        }
        if let Some(inner) = self.inside_abortable(value) {
            return self.abortable_ending(value, &inner, asking);
        }
        if let Some(found) = self.result_of_call(value, asking) {
            return found;
        }
        let at = self.span(value.expr);
        match bare_future(self.type_of(value).pointee()) {
            Type::External(path, _) => match &*path {
                path if catalogue::is_oneshot_receiver(path) => {
                    Ending::signal(self.signal(SignalKind::Channel, value, at, Some(asking.task())))
                }
                // The other side answers the handshake, or hangs up.
                "hyper::upgrade::OnUpgrade" => Ending::short(),
                path if catalogue::is_handle(path) => Ending::unknown(OpenReason::OtherTask, at),
                _ if self.is_driver(value) => Ending::signal(self.signal(SignalKind::Client, value, at, None)),
                path if path.rsplit("::").next().is_some_and(catalogue::is_stop_signal) => {
                    Ending::signal(self.signal(SignalKind::Shutdown, value, at, None))
                }
                _ => Ending::unknown(OpenReason::ForeignFuture, at),
            },
            _ if self.is_driver(value) => Ending::signal(self.signal(SignalKind::Client, value, at, None)),
            Type::Item(owner, _) => match self.own_future_ending(owner, "poll", asking) {
                Some(found) if !found.kind.is_open() => found,
                _ if catalogue::is_stop_signal(self.type_name(owner)) => {
                    Ending::signal(self.signal(SignalKind::Shutdown, value, at, None))
                }
                Some(found) => found,
                None if self.is_given_from_outside(value) => Ending::on_caller(OpenReason::GivenFuture, at),
                None => Ending::unknown(OpenReason::OwnFuture, at),
            },
            _ if self.is_given_from_outside(value) => Ending::on_caller(OpenReason::GivenFuture, at),
            Type::Future(_) => Ending::unknown(OpenReason::HandedInFuture, at),
            _ => match self.local(value.expr).map(|(_, binding)| binding.origin) {
                Some(Origin::Param(_) | Origin::ClosureParam(..)) => Ending::unknown(OpenReason::HandedInFuture, at),
                _ => Ending::unknown(OpenReason::UnknownValue, at),
            },
        }
    }

    /// `self.start(..).await?`, a future that a function of the workspace gives as the value of `Ok` or `Some`.
    fn result_of_call(&self, value: &Value, asking: &Asking) -> Option<Ending> {
        let mut call = value.clone();
        while let Expr::Await(inner) | Expr::Try(inner) = self.expr(&call) {
            call = call.at(inner);
        }
        if call.expr == value.expr {
            return None;
        }
        let function = self.called_fn(&call)?;
        let body = function.with(self.function(function).body?);
        let mut tail = Value { expr: function.with(self.tail(body)?), frame: self.enter_once(&call, function) };
        if let Expr::Call { callee, args } = self.expr(&tail)
            && let Def::External(path) = self.callee(tail.expr.with(callee))
            && catalogue::function(&path) == Some(Function::Carries)
        {
            tail = tail.at(self.file(tail.expr.file).at(args, 0)?);
        }
        let found = self.kept_future(&tail, asking);
        // Other ways out of that function may give something else: that it never ends is not shown.
        (!found.kind.is_open() && found.kind != EndingKind::Never).then_some(Ending { gates: Vec::new(), ..found })
    }

    /// `let (connection, client) = connect(..).await?;`, and the task is `connection`: a driver ends when
    /// its client half is dropped, which is how such pairs are made.
    fn is_driver(&self, value: &Value) -> bool {
        let Some((pat, binding)) = self.local(value.expr) else { return false };
        let file = self.file(value.expr.file);
        let Origin::Value(init) = binding.origin else { return false };
        if !matches!(file[binding.root], crate::facts::Pat::Tuple(_)) || binding.root == pat.id {
            return false;
        }
        let mut call = value.at(init);
        while let Expr::Await(inner) | Expr::Try(inner) = self.expr(&call) {
            call = call.at(inner);
        }
        let is_foreign = match self.expr(&call) {
            Expr::Call { callee, .. } => matches!(self.callee(call.expr.with(callee)), Def::External(_) | Def::Unknown),
            Expr::MethodCall { .. } => self.called_fn(&call).is_none(),
            _ => false,
        };
        is_foreign && self.type_of(value) == Type::Unknown
    }

    /// A function of the workspace whose result is awaited. One that is neither `async` nor declared to return a
    /// future returns something that is one: `Worker::new(rx)`, a receiver, a builder.
    fn awaited_fn(&self, function: FnRef, value: &Value, asking: &Asking) -> Ending {
        let frame = self.enter_once_to_run(value, function);
        let found = self.awaited_in(function, frame.clone(), value, asking);
        if let Some(frame) = frame {
            self.ask_if_asked(&frame, value, function);
        }
        found
    }

    fn awaited_in(&self, function: FnRef, frame: Option<Rc<Frame>>, value: &Value, asking: &Asking) -> Ending {
        let ending = self.fn_ending(function, frame.clone(), value, asking);
        let item = self.function(function);
        let is_one = *self.called_fns(value) == [function];
        if item.is_async || item.body.is_none() || !is_one {
            return ending;
        }
        let returned = match self.return_type(function) {
            Type::Item(owner, _) if !self.is_trait(owner) => match self.own_future_ending(owner, "poll", asking) {
                Some(found) => Some(found),
                None => match self.names.methods(owner, "into_future").first() {
                    Some(into) => self.returned_ending(*into, None, asking),
                    None => Some(Ending::unknown(OpenReason::OwnFuture, self.span(value.expr))),
                },
            },
            Type::External(path, _) if catalogue::is_handle(&path) || path.ends_with("oneshot::Receiver") => {
                self.returned_ending(function, frame, asking)
            }
            // `fn traced(self) -> Instrumented<Self>`, which only dresses what it is given.
            Type::External(..) if self.dresses_argument(function) => self.returned_ending(function, frame, asking),
            _ => None,
        };
        match returned {
            Some(returned) => ending.then(returned),
            None => ending,
        }
    }

    /// Whether all a function does is to dress a future that it is given: `Instrument::instrument(self, span)`.
    fn dresses_argument(&self, function: FnRef) -> bool {
        let Some(given) = self.only_value(function) else { return false };
        let file = self.file(given.file);
        let adapts = |name: &str| catalogue::method(name).adapts_future();
        let dressed = match file[given.id] {
            Expr::MethodCall { receiver, method, .. } if adapts(&file[method]) => Some(receiver),
            Expr::Call { callee, args, .. } => match self.callee(given.with(callee)) {
                Def::External(path) if adapts(path.rsplit("::").next().unwrap_or(&path)) => file.at(args, 0),
                _ => None,
            },
            _ => None,
        };
        let binding = dressed.and_then(|dressed| self.root_binding(&Value::bare(given.with(dressed))));
        binding.is_some_and(|(pat, _)| self.parameter_of(pat).is_some())
    }

    /// What awaiting the value of a function's body takes.
    fn returned_ending(&self, function: FnRef, frame: Option<Rc<Frame>>, asking: &Asking) -> Option<Ending> {
        let tail = self.tail(function.with(self.function(function).body?))?;
        Some(self.kept_future(&Value { expr: function.with(tail), frame }, asking))
    }

    fn call_future(&self, value: &Value, callee: ExprId, args: &[ExprId], asking: &Asking) -> Ending {
        // A closure that was handed in, or bound before, or stands in a field.
        let is_path = matches!(self.expr(&value.at(callee)), Expr::Path(_));
        if !is_path || self.local(value.expr.with(callee)).is_some() {
            let closure = self.origin(&value.at(callee));
            let args: Vec<Value> = args.iter().map(|arg| value.at(*arg)).collect();
            return self.run_closure(value, &closure, &args, asking);
        }
        match self.callee(value.expr.with(callee)) {
            Def::Fn(function) => self.awaited_fn(self.with_body(function), value, asking),
            Def::External(path) => self.foreign_future_ending(value, &path, args, asking),
            _ => {
                let origin = self.origin(value);
                match origin.expr == value.expr {
                    true => Ending::unknown(OpenReason::ForeignFunction, self.span(value.expr)),
                    false => self.kept_future(&origin, asking),
                }
            }
        }
    }

    /// What a callable gives when it is called and awaited.
    fn run_closure(&self, call: &Value, closure: &Value, args: &[Value], asking: &Asking) -> Ending {
        match self.expr(closure) {
            Expr::Closure { body, is_async, .. } => {
                let frame = self.enter_closure(closure, args);
                let about = About::Closure(closure.expr, frame.as_ref().map(|frame| frame.id));
                let body = Value { expr: closure.expr.with(body), frame: frame.clone() };
                let found = self.kept(about, asking, |asking| {
                    let here = self.flow(&body, asking);
                    Some(if is_async { here } else { here.then(self.future_ending(&body, asking)) })
                });
                if let Some(frame) = frame {
                    self.ask_if_closure_asked(&frame, closure, args);
                }
                found.expect("a closure has an ending")
            }
            Expr::Path(_) if let Def::Fn(function) = self.callee(closure.expr) => {
                self.fn_ending(function, None, call, asking)
            }
            _ => self.given_closure(closure),
        }
    }

    fn foreign_future_ending(&self, value: &Value, path: &str, args: &[ExprId], asking: &Asking) -> Ending {
        if let Some(row) = catalogue::spawn(path)
            && let Some(work) = args.get(row.arg)
        {
            return self.work_ending(&value.at(*work), row.runs, asking);
        }
        let first = args.first().copied();
        let second = args.get(1).copied();
        if let Some(wait) = catalogue::wait(path) {
            return self.wait_ending(value, wait, None, first, second, args, asking);
        }
        let (owner, last) = path.rsplit_once("::").unwrap_or(("", path));
        if args.len() > 1 && catalogue::method(last).does(Does::StopsWith) {
            return Ending::signal(self.signal(SignalKind::Shutdown, value, self.span(value.expr), None));
        }
        let adapts = catalogue::method(last).adapts_future();
        if let Some(first) = first.filter(|_| adapts || owner.ends_with("Ext")) {
            // `FutureExt::catch_unwind(future)`, `Instrument::instrument(future, span)`, `AsyncReadExt::read(&mut stream, ..)`.
            return match adapts {
                true => self.future_ending(&value.at(first), asking),
                false => match catalogue::foreign_wait_by_name(last, args.len() - 1) {
                    Some(wait) => {
                        self.wait_ending(value, wait, Some(first), second, args.get(2).copied(), &args[1..], asking)
                    }
                    None => Ending::unknown(OpenReason::ForeignFunction, self.span(value.expr)),
                },
            };
        }
        match first {
            // Constructors that take the future along.
            Some(first) if catalogue::call_does(last, Call::RunsArgument) && !path.contains("::Abortable::") => {
                let origin = self.origin(value);
                match origin.expr == value.expr {
                    true if matches!(self.type_of(&value.at(first)), Type::Future(_)) => {
                        self.future_ending(&value.at(first), asking)
                    }
                    true => Ending::unknown(OpenReason::ForeignFuture, self.span(value.expr)),
                    false => self.kept_future(&origin, asking),
                }
            }
            Some(first) if last == "new" => {
                // `Abortable::new(future, registration)`
                self.abortable_ending(value, &value.at(first), asking)
            }
            _ => Ending::unknown(OpenReason::ForeignFunction, self.span(value.expr)),
        }
    }

    /// What is given to a runtime, and awaited there and then.
    fn work_ending(&self, work: &Value, runs: Runs, asking: &Asking) -> Ending {
        match runs {
            Runs::Future => self.future_ending(work, asking),
            Runs::FutureFn | Runs::Blocking => {
                let is_blocking = runs == Runs::Blocking;
                asking.on_thread(is_blocking, |asking| self.closure_ending(&self.origin(work), asking))
            }
        }
    }

    /// A future that an abort handle ends, if somebody holds that.
    fn abortable_ending(&self, value: &Value, inner: &Value, asking: &Asking) -> Ending {
        let at = self.span(value.expr);
        let inner = self.future_ending(inner, asking);
        let abort = match self.dead_abort(value) {
            None => Ending::signal(self.signal(SignalKind::Abort, value, at, None)),
            Some((dead, at)) => {
                let text = "dropping this handle does not abort the task".to_owned();
                let evidence = vec![Evidence { at, text, dead: Some(dead) }];
                Ending { evidence, ..Ending::of(EndingKind::Never) }
            }
        };
        inner.race(abort)
    }

    fn method_future(&self, value: &Value, receiver: ExprId, method: &str, args: &[ExprId], asking: &Asking) -> Ending {
        if let Some(function) = self.called_fn(value) {
            return self.awaited_fn(function, value, asking);
        }
        let base = value.at(receiver);
        let known = catalogue::method(method);
        match args {
            [_, ..] if known.does(Does::StopsWith) => {
                let signal = self.signal(SignalKind::Shutdown, value, self.span(value.expr), None);
                return Ending::signal(signal);
            }
            [other] if known.does(Does::Races) => {
                return self.future_ending(&base, asking).race(self.future_ending(&value.at(*other), asking));
            }
            [duration] if known.does(Does::Bounds) => {
                return self.timeout(value, Some(*duration), false, &base, asking);
            }
            _ if known.adapts_future() => return self.future_ending(&base, asking),
            [next] if known.does(Does::Chains) => {
                let first = self.future_ending(&base, asking);
                let next = match self.expr(&value.at(*next)) {
                    Expr::Closure { body, .. } => self.future_ending(&value.at(body), asking),
                    _ => Ending::unknown(OpenReason::HandedInClosure, self.span(value.expr)),
                };
                return first.then(next);
            }
            _ => {}
        }
        match args {
            // `TASK_LOCAL.scope(value, future)`
            [_, future] if method == "scope" => return self.future_ending(&value.at(*future), asking),
            [] if known.does(Does::Nexts) && self.is_pool(&base) => {
                return self.pool_ending(&base, asking);
            }
            _ => {}
        }
        if let Some(found) = self.method_wait(value, receiver, asking) {
            return found;
        }
        match args {
            [] if known.does(Does::Nexts) => {
                if let Some(owner) = self.type_of(&base).pointee().item()
                    && let Some(found) = self.own_future_ending(owner, "poll_next", asking)
                {
                    return found;
                }
                let found = self.stream_ending(&base, false, asking);
                if !found.kind.is_open() {
                    return found;
                }
            }
            // The whole stream: it ends when that does.
            [_, _] | [_] | [] if known.does(if args.is_empty() { Does::Collects } else { Does::Pours }) => {
                let end = self.stream_ending(&base, true, asking);
                return match args.last().map(|arg| self.expr(&value.at(*arg))) {
                    Some(Expr::Closure { body, .. }) => end.then(self.future_ending(&value.at(body), asking)),
                    _ => end,
                };
            }
            _ => {}
        }
        let origin = self.origin(value);
        if origin.expr != value.expr {
            return self.kept_future(&origin, asking);
        }
        // `handle.spawn(future).await`, `set.spawn(..)`.
        let ty = self.type_of(&base).pointee();
        if let Some(row) = ty.external().and_then(|path| catalogue::method_spawn(path, method))
            && let Some(work) = args.get(row.arg)
        {
            return self.work_ending(&value.at(*work), row.runs, asking);
        }
        if ty == Type::Unknown && self.is_given_from_outside(&base) {
            return Ending::on_caller(OpenReason::GivenFuture, self.span(value.expr));
        }
        let why = match ty {
            Type::Unknown => OpenReason::MethodOnUnknown,
            Type::Item(..) => OpenReason::MethodFromElsewhere,
            _ => OpenReason::ForeignMethod,
        };
        Ending::unknown(why, self.span(value.expr))
    }

    /// What the catalogue says of a method on that receiver.
    pub(super) fn method_wait(&self, value: &Value, receiver: ExprId, asking: &Asking) -> Option<Ending> {
        let (wait, args) = self.wait_of_method(value)?;
        let (first, second) = (args.first().copied(), args.get(1).copied());
        Some(self.wait_ending(value, wait, Some(receiver), first, second, &args, asking))
    }

    /// The catalogue's row for a method call, by the receiver's type or by a name with one meaning.
    pub(crate) fn wait_of_method(&self, value: &Value) -> Option<(Wait, Vec<ExprId>)> {
        let file = self.file(value.expr.file);
        let Expr::MethodCall { receiver, method, args, .. } = self.expr(value) else { return None };
        let args: Vec<ExprId> = file.list(args).collect();
        let method = &file[method];
        let ty = self.type_of(&value.at(receiver)).pointee();
        let by_type = ty.external().and_then(|path| catalogue::method_wait(path, method));
        let wait = by_type.or_else(|| match ty.item() {
            // A method that the workspace does not give its own type comes from a trait of a library.
            Some(item) => (!self.is_trait(item) && !self.has_method(method, args.len()))
                .then(|| catalogue::foreign_wait_by_name(method, args.len()))
                .flatten(),
            None if ty == Type::Unknown && self.has_method(method, args.len()) => {
                catalogue::method_wait_by_name(method, args.len())
            }
            None => catalogue::foreign_wait_by_name(method, args.len()),
        })?;
        Some((wait, args))
    }

    /// Whether the workspace has a method of that name and number of arguments, on whatever type.
    fn has_method(&self, method: &str, args: usize) -> bool {
        let named = self.names.methods_named(method).iter();
        named.map(|function| self.function(*function)).any(|it| it.self_param.is_some() && it.params.len() == args)
    }

    fn is_pool(&self, value: &Value) -> bool {
        let ty = self.type_of(value).pointee();
        ty.external().is_some_and(catalogue::is_pool)
    }

    fn is_trait(&self, item: crate::effects::TypeRef) -> bool {
        self.file(item.file)[item.id].kind == crate::facts::TypeKind::Trait
    }

    fn timeout(
        &self,
        value: &Value,
        duration: Option<ExprId>,
        is_deadline: bool,
        inner: &Value,
        asking: &Asking,
    ) -> Ending {
        let length = duration.and_then(|duration| match is_deadline {
            true => self.deadline(&value.at(duration)),
            false => self.duration(&value.at(duration)),
        });
        let inner = self.future_ending(inner, asking);
        match length {
            // No timer at all.
            Some(FOREVER) => inner,
            _ if inner.is_short() => inner,
            Some(length) if length < self.options.long_wait_in(value.expr.file) => Ending::short(),
            // What a living signal or a shorter wait ends anyway needs no bound to end.
            _ => self.wait_of(value, duration, length, true, inner),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one row of the catalogue with all that rows may need")]
    fn wait_ending(
        &self,
        value: &Value,
        wait: Wait,
        receiver: Option<ExprId>,
        first: Option<ExprId>,
        second: Option<ExprId>,
        args: &[ExprId],
        asking: &Asking,
    ) -> Ending {
        let at = self.span(value.expr);
        let other = receiver.map_or_else(|| value.clone(), |receiver| value.at(receiver));
        let signal = |kind| Ending::signal(self.signal(kind, &other, at, Some(asking.task())));
        match wait {
            Wait::Sleep => self.sleep(value, first),
            Wait::SleepUntil => {
                let length = first.and_then(|deadline| self.deadline(&value.at(deadline)));
                self.wait_of(value, first, length, false, Ending::short())
            }
            Wait::Timeout | Wait::TimeoutAt => match second {
                Some(inner) => self.timeout(value, first, wait == Wait::TimeoutAt, &value.at(inner), asking),
                None => Ending::short(),
            },
            Wait::TimeoutMethod => self.timeout(value, first, false, &other, asking),
            Wait::Recv => signal(SignalKind::Channel),
            Wait::Token => signal(SignalKind::Token),
            Wait::Closed => signal(SignalKind::Closed),
            Wait::Notify => signal(SignalKind::Notify),
            Wait::Shutdown | Wait::OsSignal => signal(SignalKind::Process),
            Wait::Tick | Wait::Send | Wait::Lock | Wait::Short | Wait::Answer => Ending::short(),
            Wait::Accept => Ending::of(EndingKind::OnPeer(PeerOrigin::Accepted)),
            Wait::Peer => {
                let origin = self.peer_origin(&other);
                let text = "ends only when the peer closes the connection".to_owned();
                Ending { evidence: vec![Evidence { at, text, dead: None }], ..Ending::of(EndingKind::OnPeer(origin)) }
            }
            Wait::Task => self.pool_ending(&other, asking),
            Wait::Forever => {
                let fact = LoopFact { at, keyword: LoopKind::Wait, dead_exits: Vec::new(), function: None };
                Ending { loops: vec![fact], ..Ending::of(EndingKind::Never) }
            }
            Wait::UntilCancelled => {
                let stopped = signal(SignalKind::Token);
                match first {
                    Some(inner) => stopped.race(self.future_ending(&value.at(inner), asking)),
                    None => stopped,
                }
            }
            Wait::Join => args
                .iter()
                .fold(Ending::short(), |ending, arg| ending.then(self.future_ending(&value.at(*arg), asking))),
            Wait::JoinAll => first.map_or_else(Ending::short, |all| self.joined_ending(&value.at(all), asking)),
            Wait::Race => (args.iter())
                .map(|arg| self.future_ending(&value.at(*arg), asking))
                .reduce(Ending::race)
                .unwrap_or_else(Ending::short),
        }
    }

    /// A signal that ends a wait, with what is known of its other half.
    pub(super) fn signal(
        &self,
        kind: SignalKind,
        source: &Value,
        at: crate::span::Span,
        task: Option<&RunBy>,
    ) -> Signal {
        let dead = task.and_then(|task| self.dead_signal(kind, source, task));
        let sender_is_local = kind == SignalKind::Channel && self.sender_is_local(source);
        let is_only_tested = matches!(kind, SignalKind::Flag | SignalKind::Weak);
        let name = self.text_of(source.expr);
        Signal { kind, name, at, dead, sender_is_local, is_only_tested, opens_otherwise: false, source: source.id() }
    }
}

/// The type inside of those that only dress a future: `Shared<Fuse<Receiver<()>>>`.
pub(in crate::effects) fn bare_future(ty: Type) -> Type {
    match (ty.external(), ty.args()) {
        (Some(path), [inner]) if catalogue::is_dressed_future(path) => bare_future(inner.clone()),
        _ => ty,
    }
}
