//! What makes a condition true, a value arrive, a future fail.

use super::{Followed, Outcome, Scan, Trigger, Way};
use crate::{
    catalogue::{self, Does, Wait},
    effects::ending::bare_future,
    effects::{
        Def, Ending, EndingKind, ExtraCall, NoExit, OpenReason, Origin, PeerOrigin, Signal, SignalKind, Type, Value,
    },
    facts::{BinaryOp, BlockKind, Expr, ExprId, UnaryOp},
};

impl Scan<'_> {
    /// What has to happen for a condition, a matched value, or an error.
    pub(super) fn condition(&self, id: ExprId, outcome: Outcome) -> Option<Trigger> {
        self.cause(&self.looped.at(id), outcome)
    }

    /// The answer for a value that has a name, or that a function gives: once for each.
    fn kept(&self, way: Way, value: &Value, outcome: Outcome) -> Option<Trigger> {
        let (expr, frame) = (value.expr, value.frame.as_ref().map(|frame| frame.id));
        let find = || match way {
            Way::Cause => self.cause(value, outcome),
            Way::Source => Some(self.source(value, outcome)),
            Way::Stream => Some(self.stream(value, outcome)),
        };
        self.known.get(Followed { way, expr, frame, outcome }, || None, find)
    }

    fn cause(&self, value: &Value, outcome: Outcome) -> Option<Trigger> {
        let program = self.program;
        let file = program.file(value.expr.file);
        let go = |id: ExprId| self.cause(&value.at(id), outcome);
        match program.expr(value) {
            Expr::Await(inner) => Some(self.source(&value.at(inner), outcome)),
            Expr::Try(inner)
            | Expr::Let { expr: inner, .. }
            | Expr::Unary { op: UnaryOp::Not | UnaryOp::Deref, expr: inner }
            | Expr::Ref { expr: inner, .. }
            | Expr::Cast { expr: inner, .. }
            | Expr::Field { base: inner, .. } => go(inner),
            Expr::Binary { op, lhs, rhs } => match (go(lhs), go(rhs)) {
                (Some(a), Some(b)) if matches!(op, BinaryOp::And | BinaryOp::Or) => Some(easier(a, b)),
                (a, b) => a.or(b),
            },
            Expr::Path(_) => {
                let (pat, binding) = program.local(value.expr)?;
                let is_part = binding.root != pat.id;
                match binding.origin {
                    // What a message says: somebody sent it, whatever becomes of the channel.
                    Origin::Value(_) | Origin::Output(_) if is_part && self.is_received(value, binding.origin) => {
                        Some(Trigger::Own(OpenReason::WhatIsSent))
                    }
                    Origin::Value(init) if init < value.expr.id => self.kept(Way::Cause, &value.at(init), outcome),
                    Origin::Output(future) => self.kept(Way::Source, &value.at(future), outcome),
                    _ => {
                        let origin = program.origin(value);
                        (origin.expr != value.expr).then(|| self.kept(Way::Cause, &origin, outcome)).flatten()
                    }
                }
            }
            Expr::MethodCall { receiver, method, args, .. } => {
                self.method_cause(value, receiver, &file[method], args, outcome)
            }
            Expr::Call { callee, args } => match program.callee(value.expr.with(callee)) {
                Def::External(path) if path.ends_with("::upgrade") => {
                    let arg = file.at(args, 0)?;
                    Some(self.signal(SignalKind::Weak, &value.at(arg)))
                }
                Def::Fn(_) => self.inside(value, outcome),
                _ => {
                    let args: Vec<ExprId> = file.list(args).collect();
                    args.into_iter().find_map(go)
                }
            },
            Expr::Macro(id) => {
                let args: Vec<ExprId> = file.list(file[id].args).collect();
                args.into_iter().find_map(go)
            }
            Expr::Select(id) => {
                // A `select!` as a value: any arm may have given it.
                let futures: Vec<ExprId> = file.list(file[id].arms).filter_map(|arm| file[arm].future).collect();
                let causes = futures.into_iter().map(|future| self.source(&value.at(future), Outcome::Arrival));
                causes.min_by_key(Trigger::rank)
            }
            Expr::Block { stmts, has_tail: true, .. } => file.list(stmts).next_back().and_then(go),
            Expr::Match { scrutinee, .. } => go(scrutinee),
            Expr::If { cond, .. } => go(cond),
            Expr::Tuple(list) => {
                let parts: Vec<ExprId> = file.list(list).collect();
                parts.into_iter().find_map(go)
            }
            _ => None,
        }
    }

    /// What a function of the workspace looks at: `self.is_stopped()`, `still_wanted(&weak)`.
    fn inside(&self, call: &Value, outcome: Outcome) -> Option<Trigger> {
        let program = self.program;
        let function = program.called_fn(call)?;
        let body = function.with(program.function(function).body?);
        let tail = program.tail(body)?;
        let tail = Value { expr: function.with(tail), frame: program.enter_once_to_run(call, function) };
        let found = self.kept(Way::Cause, &tail, outcome);
        if let Some(frame) = &tail.frame {
            program.ask_if_asked(frame, call, function);
        }
        found
    }

    /// Whether a binding takes a message apart: `Some(x) = rx.recv()`, `Ok(x) = ..`.
    fn is_received(&self, value: &Value, origin: Origin) -> bool {
        let (Origin::Value(init) | Origin::Output(init)) = origin else { return false };
        let mut here = value.at(init);
        while let Expr::Await(inner) | Expr::Try(inner) = self.program.expr(&here) {
            here = here.at(inner);
        }
        matches!(self.program.wait_of_method(&here), Some((Wait::Recv, _)))
    }

    /// Whether a flag is made by the task itself and not shared: nobody else can set it.
    fn is_own_flag(&self, flag: &Value) -> bool {
        let program = self.program;
        let Some((named, binding)) = program.local(flag.expr) else { return false };
        let Origin::Value(init) = binding.origin else { return false };
        binding.root == named.id
            && program.type_of(flag).external().is_some_and(|path| path.starts_with("std::sync::atomic::"))
            && self.task.get().is_some_and(|task| {
                task.file == flag.expr.file && (program.first_below(task)..=task.id).contains(&init)
            })
    }

    fn method_cause(
        &self,
        value: &Value,
        receiver: ExprId,
        method: &str,
        args: crate::facts::List<ExprId>,
        outcome: Outcome,
    ) -> Option<Trigger> {
        let program = self.program;
        let base = value.at(receiver);
        let known = catalogue::method(method);
        match method {
            "upgrade" => return Some(self.signal(SignalKind::Weak, &base)),
            "load" if args.len == 1 && self.is_own_flag(&base) => return Some(Trigger::Own(OpenReason::OwnFlag)),
            "load" if args.len == 1 => return Some(self.signal(SignalKind::Flag, &base)),
            "is_cancelled" => return Some(self.signal(SignalKind::Token, &base)),
            _ if known.does(Does::TellsClosed) => return Some(self.failed_send(&base)),
            // These also give nothing when there is nothing yet.
            _ if known.does(Does::TriesRecv) => {
                return Some(match self.signal(SignalKind::Channel, &base) {
                    Trigger::Signal(signal) if signal.dead.is_some() => Trigger::Own(OpenReason::NothingWaiting),
                    found => found,
                });
            }
            _ if known.does(Does::BlocksRecv) => return Some(self.signal(SignalKind::Channel, &base)),
            "borrow" if is_receiver(&program.type_of(&base)) => return Some(self.signal(SignalKind::Channel, &base)),
            _ if known.does(Does::Sends) && args.len == 1 && program.called_fn(value).is_none() => {
                return Some(self.failed_send(&base));
            }
            _ if known.does(Does::Arrives) && args.is_empty() && program.called_fn(value).is_none() => {
                return Some(self.source(value, outcome));
            }
            _ => {}
        }
        if program.called_fn(value).is_some() {
            return self.inside(value, outcome);
        }
        // `timeout(..).await.is_err()`, `rx.recv().await.map(..)`.
        let below = self.cause(&base, outcome);
        below.or_else(|| {
            let args: Vec<ExprId> = program.file(value.expr.file).list(args).collect();
            args.into_iter().find_map(|arg| self.cause(&value.at(arg), outcome))
        })
    }

    /// What has to happen for an awaited future to arrive, or to fail.
    pub(super) fn source(&self, value: &Value, outcome: Outcome) -> Trigger {
        let program = self.program;
        let unknown = Trigger::Own(OpenReason::UnknownFuture);
        let file = program.file(value.expr.file);
        match program.expr(value) {
            Expr::Call { .. } | Expr::MethodCall { .. } if let Some(extra) = program.extra_call(value) => match extra {
                ExtraCall::Stop => self.signal(SignalKind::Shutdown, value),
                ExtraCall::Wraps(future) => self.source(&value.at(future), outcome),
                ExtraCall::Spawns(..) => unknown,
            },
            Expr::MethodCall { receiver, method, .. } => {
                if let Some((wait, args)) = program.wait_of_method(value)
                    && program.called_fn(value).is_none()
                {
                    let second = args.first().map(|arg| value.at(*arg));
                    return self.wait(wait, &value.at(receiver), second, outcome);
                }
                if let Some(found) = self.called(value, outcome) {
                    return found;
                }
                let known = catalogue::method(&file[method]);
                match known {
                    _ if known.does(Does::Nexts) => self.stream(&value.at(receiver), outcome),
                    _ if known.adapts_future() || known.does_any(&[Does::Chains, Does::Selects, Does::Reborrows]) => {
                        self.source(&value.at(receiver), outcome)
                    }
                    _ if known.does(Does::AwaitsRoom) => self.failed_send(&value.at(receiver)),
                    _ if known.does(Does::StopsWith) => self.signal(SignalKind::Shutdown, value),
                    _ => self.opaque(value, &unknown),
                }
            }
            Expr::Call { callee, args } => match program.callee(value.expr.with(callee)) {
                Def::External(path) => match crate::catalogue::wait(&path) {
                    // Whichever comes first; a timer beside it only goes round.
                    Some(Wait::Race) => {
                        let args: Vec<ExprId> = file.list(args).collect();
                        let sources = args.into_iter().map(|arg| self.source(&value.at(arg), outcome));
                        let first = sources.filter(|it| *it != Trigger::Time).min_by_key(Trigger::rank);
                        match first {
                            Some(Trigger::Impossible(_)) | None => unknown,
                            Some(Trigger::Signal(signal)) if signal.dead.is_some() => unknown,
                            Some(found) => found,
                        }
                    }
                    Some(wait) => {
                        let second = file.at(args, 1).map(|arg| value.at(arg));
                        self.wait(wait, value, second, outcome)
                    }
                    None => unknown,
                },
                _ => self.called(value, outcome).unwrap_or_else(|| self.opaque(value, &unknown)),
            },
            Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => self.arrival_of(value, &unknown),
            Expr::Await(inner) | Expr::Try(inner) => self.source(&value.at(inner), outcome),
            Expr::If { then, .. } => self.source(&value.at(then), outcome),
            _ => {
                let origin = program.origin(value);
                if origin.expr != value.expr {
                    return self.kept(Way::Source, &origin, outcome).unwrap_or(unknown);
                }
                match bare_future(program.type_of(value).pointee()) {
                    Type::External(path, _) => match &*path {
                        path if catalogue::is_oneshot_receiver(path) => self.signal(SignalKind::Channel, value),
                        path if catalogue::is_cancelled_future(path) => self.signal(SignalKind::Token, value),
                        "tokio::time::Sleep" => Trigger::Time,
                        _ => unknown,
                    },
                    // A future that was handed in: a shutdown future is one.
                    Type::Future(_) => self.signal(SignalKind::Shutdown, value),
                    _ => unknown,
                }
            }
        }
    }

    /// A stream's next item, by the stream's type.
    pub(super) fn stream(&self, stream: &Value, outcome: Outcome) -> Trigger {
        let program = self.program;
        let ty = program.type_of(stream).pointee();
        if ty.external().is_some_and(crate::catalogue::is_pool) {
            return self.pool(stream);
        }
        if let Some(wait) = ty.external().and_then(|path| crate::catalogue::method_wait(path, "next")) {
            return self.wait(wait, stream, None, outcome);
        }
        let origin = program.origin(stream);
        // `select(a, b)` ends when both have: the one that lives longer decides.
        if let Expr::Call { callee, args } = program.expr(&origin)
            && matches!(program.callee(origin.expr.with(callee)), Def::External(path) if path.ends_with("stream::select"))
        {
            let args: Vec<ExprId> = program.file(origin.expr.file).list(args).collect();
            let halves = args.into_iter().filter_map(|half| self.kept(Way::Stream, &origin.at(half), outcome));
            return halves.max_by_key(Trigger::rank).unwrap_or(Trigger::Own(OpenReason::UnknownStream));
        }
        // `unfold(receiver, |mut receiver| async move { .. })` goes on for as long as what it takes its items from.
        if let Expr::Call { callee, args } = program.expr(&origin)
            && let Def::External(path) = program.callee(origin.expr.with(callee))
            && catalogue::unfolds(&path)
            && let Some(state) = program.file(origin.expr.file).at(args, 0)
        {
            let state = program.origin(&origin.at(state));
            return match is_receiver(&program.type_of(&state).pointee()) {
                true => self.signal(SignalKind::Channel, &state),
                false => Trigger::Own(OpenReason::UnknownStream),
            };
        }
        // `Abortable::new(stream, registration)`
        if let Expr::Call { callee, .. } = program.expr(&origin)
            && matches!(program.callee(origin.expr.with(callee)), Def::External(path) if path.ends_with("::Abortable::new"))
            && program.dead_abort(&origin).is_none()
        {
            return self.signal(SignalKind::Abort, &origin);
        }
        // `ReceiverStream::new(rx)` and adaptors keep the end of what is inside.
        match program.expr(&origin) {
            Expr::MethodCall { receiver, .. } if program.called_fn(&origin).is_none() => {
                self.kept(Way::Stream, &origin.at(receiver), outcome).unwrap_or(Trigger::Own(OpenReason::UnknownStream))
            }
            _ => match program.peer_origin(stream) {
                PeerOrigin::Connected => Trigger::Peer(PeerOrigin::Connected),
                PeerOrigin::Accepted => Trigger::Own(OpenReason::UnknownStream),
            },
        }
    }

    /// A collection of futures gives nothing more when all have ended, unless the loop puts new ones into it.
    fn pool(&self, pool: &Value) -> Trigger {
        let program = self.program;
        let unknown = Trigger::Own(OpenReason::OtherCode);
        let Some((pat, _)) = program.local(pool.expr) else { return unknown };
        let Some(place) = program.place(pool.expr) else { return unknown };
        let looped = self.looped.expr;
        if looped.file != pool.expr.file {
            return unknown;
        }
        let first = program.first_below(looped);
        let body = program.body(place);
        let fills = body.uses(pat.id).iter().any(|used| {
            first <= *used && *used <= looped.id && !program.put_into(pat.with(*used)).is_some_and(|it| it.is_empty())
        });
        if fills { unknown } else { Trigger::Always }
    }

    /// A function of the workspace: what makes it return.
    fn called(&self, value: &Value, outcome: Outcome) -> Option<Trigger> {
        self.program.called_fn(value)?;
        Some(match outcome {
            Outcome::Arrival => self.arrival_of(value, &Trigger::Own(OpenReason::OwnFunction)),
            // It fails with what it waits for.
            Outcome::Failure => match self.program.ending_for_any_task(&Value::bare(value.expr)) {
                Ending { kind: EndingKind::OnPeer(origin), .. } => Trigger::Peer(origin),
                Ending { kind: EndingKind::OnSignal, signals, .. } if !signals.is_empty() => {
                    Trigger::Signal(signals[0].clone())
                }
                _ => Trigger::Own(OpenReason::ResultOfFunction),
            },
        })
    }

    fn arrival_of(&self, value: &Value, otherwise: &Trigger) -> Trigger {
        let ending = self.program.ending_for_any_task(value);
        match ending.kind {
            EndingKind::OnSignal => {
                ending.signals.into_iter().next().map_or_else(|| otherwise.clone(), Trigger::Signal)
            }
            EndingKind::OnPeer(origin) => Trigger::Peer(origin),
            EndingKind::Never => Trigger::Impossible(NoExit::NeverComes),
            EndingKind::Within if ending.waits.is_empty() => otherwise.clone(),
            EndingKind::Within => Trigger::Time,
            EndingKind::OnCaller | EndingKind::Unknown => otherwise.clone(),
        }
    }

    /// A call of which nothing is known: on a connection that was opened here it waits for the peer.
    /// Opening one is no such wait.
    fn opaque(&self, value: &Value, unknown: &Trigger) -> Trigger {
        let file = self.program.file(value.expr.file);
        let source = match self.program.expr(value) {
            Expr::MethodCall { receiver, .. } => Some(receiver),
            Expr::Call { args, .. } => file.at(args, 0),
            _ => None,
        };
        let Some(source) = source else { return unknown.clone() };
        match self.program.peer_origin(&value.at(source)) {
            PeerOrigin::Connected => Trigger::Peer(PeerOrigin::Connected),
            PeerOrigin::Accepted => unknown.clone(),
        }
    }

    fn wait(&self, wait: Wait, source: &Value, inner: Option<Value>, outcome: Outcome) -> Trigger {
        match (wait, outcome) {
            (Wait::Recv, Outcome::Failure) => self.signal(SignalKind::Channel, source),
            (Wait::Recv, Outcome::Arrival) => match self.signal(SignalKind::Channel, source) {
                // A sender that the task holds keeps the channel open; others may still send.
                Trigger::Signal(signal) if signal.dead.as_ref().is_some_and(|dead| !dead.is_silent) => {
                    Trigger::Own(OpenReason::WhatIsSent)
                }
                found => found,
            },
            (Wait::Token, _) => self.signal(SignalKind::Token, source),
            (Wait::Closed, _) => self.signal(SignalKind::Closed, source),
            (Wait::Send, _) => self.failed_send(source),
            (Wait::Notify, _) => self.signal(SignalKind::Notify, source),
            (Wait::Shutdown, _) | (Wait::OsSignal, Outcome::Arrival) => self.signal(SignalKind::Process, source),
            (Wait::OsSignal, Outcome::Failure) => Trigger::Impossible(NoExit::SignalStream),
            (Wait::Peer, _) => Trigger::Peer(self.program.peer_origin(source)),
            (Wait::Sleep | Wait::SleepUntil, _) => Trigger::Time,
            (Wait::Tick, Outcome::Arrival) => Trigger::Time,
            (Wait::Tick, Outcome::Failure) => Trigger::Impossible(NoExit::Interval),
            // An endpoint gives `None` once somebody has closed it.
            (Wait::Accept, Outcome::Failure) if self.program.is_taken_as_option(source) => {
                self.signal(SignalKind::Closed, source)
            }
            (Wait::Accept, Outcome::Failure) => Trigger::Impossible(NoExit::Listener),
            (Wait::Accept, Outcome::Arrival) => Trigger::Own(OpenReason::WhatIsSent),
            (Wait::Forever, _) => Trigger::Impossible(NoExit::Forever),
            (Wait::Timeout | Wait::TimeoutAt, _) => {
                let inner = inner.map(|inner| self.source(&inner, outcome));
                match inner {
                    Some(Trigger::Impossible(_)) | None => Trigger::Time,
                    Some(found) => found,
                }
            }
            (Wait::Task, Outcome::Failure) => self.pool(source),
            (Wait::TimeoutMethod, _) => self.source(source, outcome),
            (Wait::UntilCancelled, _) => self.signal(SignalKind::Token, source),
            (Wait::Race | Wait::Join | Wait::JoinAll | Wait::Task | Wait::Lock | Wait::Short | Wait::Answer, _) => {
                Trigger::Own(OpenReason::OtherCode)
            }
        }
    }

    pub(super) fn signal(&self, kind: SignalKind, source: &Value) -> Trigger {
        let program = self.program;
        let dead = program.dead_signal(kind, source, self.task);
        let at = program.span(source.expr);
        let name = program.text_of(source.expr);
        let is_only_tested = matches!(kind, SignalKind::Flag | SignalKind::Weak);
        let source = source.id();
        Trigger::Signal(Signal {
            kind,
            name,
            at,
            dead,
            sender_is_local: false,
            is_only_tested,
            opens_otherwise: false,
            source,
        })
    }

    /// A send that fails: who listens only learns of it when there is something to send.
    fn failed_send(&self, sender: &Value) -> Trigger {
        match self.signal(SignalKind::Closed, sender) {
            Trigger::Signal(signal) => Trigger::Signal(Signal { is_only_tested: true, ..signal }),
            found => found,
        }
    }
}

fn easier(a: Trigger, b: Trigger) -> Trigger {
    if b.rank() < a.rank() { b } else { a }
}

pub(super) fn is_receiver(ty: &Type) -> bool {
    ty.pointee().external().is_some_and(catalogue::is_receiver)
}
