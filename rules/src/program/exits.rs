//! The ways out of a loop, and what has to happen for each to be taken.

use super::{ExprRef, PeerOrigin, Program, Signal, SignalKind, Type, Value, body::Origin, names::Def};
use crate::{
    apis::Wait,
    span::Span,
    summary::{BinaryOp, BlockKind, Expr, ExprId, FileSummary, Lit, Name, Pat, PatId, UnaryOp},
};

/// What has to happen for an exit to be taken.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Trigger {
    /// Somebody outside gives a sign, if it is alive.
    Signal(Signal),
    /// The other end of a connection decides.
    Peer(PeerOrigin),
    /// Time passes.
    Time,
    /// The loop is left in its first turn.
    Always,
    /// A condition of the task's own, or one that is not understood.
    Own(&'static str),
    /// It looks like an exit and cannot be taken.
    Impossible(&'static str),
}

impl Trigger {
    fn rank(&self) -> u32 {
        match self {
            Trigger::Signal(signal) if signal.dead.is_none() => 0,
            Trigger::Always => 1,
            Trigger::Time => 2,
            Trigger::Peer(_) => 3,
            Trigger::Own(_) => 4,
            Trigger::Signal(_) => 5,
            Trigger::Impossible(_) => 6,
        }
    }
}

/// A way out of a loop.
#[derive(Debug, Clone)]
pub(crate) struct Exit {
    /// The `break`, `return`, `?`, or the head of the loop.
    pub(crate) at: Span,
    /// What it takes.
    pub(crate) trigger: Trigger,
}

/// Which result of a wait leads to the exit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// That something comes.
    Arrival,
    /// That nothing comes any more: `None`, `Err`, 0.
    Failure,
}

impl Program {
    /// The ways out of a loop. `task` is what the task runs, to tell what it holds itself.
    pub(crate) fn exits(&self, value: &Value, task: Option<ExprRef>) -> Vec<Exit> {
        let mut scan = Scan { program: self, task, looped: value, exits: Vec::new() };
        match self.expr(value) {
            Expr::Loop { label, body } => scan.body(body, label),
            Expr::While { label, cond, body } => {
                scan.head(cond, Outcome::Failure);
                scan.below(cond, label, true);
                scan.body(body, label);
            }
            Expr::For { label, iter, body, is_await, .. } => {
                scan.iterator(iter, is_await);
                scan.body(body, label);
            }
            _ => {}
        }
        scan.exits
    }
}

struct Scan<'a> {
    program: &'a Program,
    task: Option<ExprRef>,
    looped: &'a Value,
    exits: Vec<Exit>,
}

impl Scan<'_> {
    fn file(&self) -> &FileSummary {
        self.program.file(self.looped.expr.file)
    }

    fn push(&mut self, at: ExprId, trigger: Trigger) {
        self.exits.push(Exit { at: self.program.span(self.looped.expr.with(at)), trigger });
    }

    /// The condition of a `while`: the loop ends when it fails.
    fn head(&mut self, cond: ExprId, outcome: Outcome) {
        let trigger = self.condition(cond, outcome).unwrap_or(Trigger::Own("a condition of its own"));
        if !matches!(self.file()[cond], Expr::Lit(Lit::Bool(true))) {
            self.push(cond, trigger);
        }
    }

    fn iterator(&mut self, iter: ExprId, is_await: bool) {
        let program = self.program;
        let value = self.looped.at(iter);
        let trigger = match is_await {
            true => self.source(&value, Outcome::Failure),
            false if program.is_endless_iterator(&value, 0) => return,
            false => match program.wait_of_method(&value) {
                // A blocking receiver as an iterator ends with its senders.
                _ if is_receiver(&program.type_of(&value)) => self.signal(SignalKind::Channel, &value),
                _ => Trigger::Always,
            },
        };
        self.push(iter, trigger);
    }

    fn body(&mut self, body: ExprId, label: Option<Name>) {
        self.below(body, label, true);
    }

    /// Looks for exits below an expression. `own` says whether an unlabelled `break` is ours.
    fn below(&mut self, id: ExprId, label: Option<Name>, own: bool) {
        match self.file()[id] {
            Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => return,
            Expr::Break { label: target, .. } => {
                let ours = match target {
                    None => own,
                    Some(target) => Some(target) == label || !self.is_inside(target, id),
                };
                if ours {
                    self.exit(id);
                }
            }
            Expr::Continue { label: Some(target) } if !self.is_inside(target, id) && Some(target) != label => {
                self.exit(id);
            }
            Expr::Return(_) => self.exit(id),
            Expr::Try(inner) => {
                let trigger = self.condition(inner, Outcome::Failure).unwrap_or(Trigger::Own("an error"));
                let outer = self.climb(id);
                self.push(id, best(trigger, outer));
            }
            Expr::Call { .. } if self.diverges(id) => self.exit(id),
            Expr::Macro(call) => match self.file().last_segment(self.file()[call].path) {
                "panic" | "unreachable" | "bail" | "todo" | "unimplemented" => self.exit(id),
                "ensure" => self.push(id, Trigger::Own("a condition of its own")),
                _ => {}
            },
            Expr::Select(call) => self.exhausted(id, call),
            _ => {}
        }
        let inner_loop = matches!(self.file()[id], Expr::Loop { .. } | Expr::While { .. } | Expr::For { .. });
        let mut children = Vec::new();
        self.file().each_child(id, &mut |child| children.push(child));
        for child in children {
            self.below(child, label, own && !inner_loop);
        }
    }

    /// A `select!` whose arms all can be disabled, without `else`, panics when they are.
    fn exhausted(&mut self, id: ExprId, call: crate::summary::MacroId) {
        let file = self.file();
        let arms: Vec<_> = file.list(file[call].arms).map(|arm| file[arm]).collect();
        let all_refutable = !arms.is_empty() && arms.iter().all(|arm| is_refutable(file, arm.pat));
        if !all_refutable || file[call].otherwise.is_some() {
            return;
        }
        let futures: Vec<ExprId> = arms.iter().filter_map(|arm| arm.future).collect();
        let triggers: Vec<Trigger> =
            futures.into_iter().map(|future| self.source(&self.looped.at(future), Outcome::Failure)).collect();
        // All have to fail: the hardest decides.
        if let Some(hardest) = triggers.into_iter().max_by_key(Trigger::rank) {
            self.push(id, hardest);
        }
    }

    /// Whether a label belongs to something between an expression and the loop, the loop excluded.
    fn is_inside(&self, target: Name, id: ExprId) -> bool {
        let parents = self.program.parents(self.looped.expr.file);
        let between = parents.ancestors(id).take_while(|at| *at != self.looped.expr.id);
        between.into_iter().any(|at| match self.file()[at] {
            Expr::Loop { label, .. }
            | Expr::While { label, .. }
            | Expr::For { label, .. }
            | Expr::Block { label, .. } => label == Some(target),
            _ => false,
        })
    }

    fn diverges(&self, id: ExprId) -> bool {
        let name = self.program.call_name(self.looped.expr.with(id));
        name.is_some_and(|name| name.ends_with("process::exit") || name.ends_with("process::abort"))
    }

    fn exit(&mut self, id: ExprId) {
        let trigger = self.climb(id).unwrap_or(Trigger::Always);
        self.push(id, trigger);
    }

    /// The conditions between an exit and the loop: the most reachable one decides.
    fn climb(&self, id: ExprId) -> Option<Trigger> {
        let file = self.file();
        let parents = self.program.parents(self.looped.expr.file);
        let mut found: Option<Trigger> = None;
        let mut add = |trigger: Option<Trigger>| {
            if let Some(trigger) = trigger {
                found = Some(match found.take() {
                    // A tick brings the exit nearer, and the condition behind it decides.
                    Some(Trigger::Time) => trigger,
                    Some(known) if trigger == Trigger::Time || known.rank() <= trigger.rank() => known,
                    _ => trigger,
                });
            }
        };
        let mut child = id;
        for at in parents.ancestors(id) {
            if at == self.looped.expr.id {
                break;
            }
            match file[at] {
                Expr::If { cond, .. } if cond != child => {
                    add(self.condition(cond, Outcome::Failure).or(Some(Trigger::Own("a condition of its own"))));
                }
                Expr::Match { scrutinee, .. } if scrutinee != child => {
                    add(self.condition(scrutinee, Outcome::Failure).or(Some(Trigger::Own("a condition of its own"))));
                }
                Expr::Local { init: Some(init), otherwise, .. } if otherwise == Some(child) => {
                    add(self.condition(init, Outcome::Failure).or(Some(Trigger::Own("a condition of its own"))));
                }
                Expr::While { cond, .. } if cond != child => {
                    add(self.condition(cond, Outcome::Arrival).or(Some(Trigger::Own("a condition of its own"))));
                }
                Expr::For { .. } => add(Some(Trigger::Own("a condition of its own"))),
                Expr::Select(call) => {
                    if let Some(arm) = file.list(file[call].arms).map(|arm| file[arm]).find(|arm| arm.body == child) {
                        let outcome = if is_failure(file, arm.pat) { Outcome::Failure } else { Outcome::Arrival };
                        add(arm.future.map(|future| self.source(&self.looped.at(future), outcome)));
                    } else if file[call].otherwise == Some(child) {
                        add(Some(self.all_disabled(call)));
                    }
                }
                // `a && return`: rare, its own condition.
                Expr::Binary { .. } => add(Some(Trigger::Own("a condition of its own"))),
                _ => {}
            }
            child = at;
        }
        found
    }

    /// `else =>`: every arm's pattern has to fail.
    fn all_disabled(&self, call: crate::summary::MacroId) -> Trigger {
        let file = self.file();
        let mut hardest = Trigger::Always;
        for arm in file.list(file[call].arms).map(|arm| file[arm]) {
            let trigger = match arm.future {
                Some(_) if !is_refutable(file, arm.pat) => Trigger::Impossible("an arm beside it never goes dead"),
                Some(future) => self.source(&self.looped.at(future), Outcome::Failure),
                None => Trigger::Own("a condition of its own"),
            };
            if trigger.rank() > hardest.rank() {
                hardest = trigger;
            }
        }
        hardest
    }

    /// What has to happen for a condition, a matched value, or an error.
    fn condition(&self, id: ExprId, outcome: Outcome) -> Option<Trigger> {
        self.cause(&self.looped.at(id), outcome, 0)
    }

    fn cause(&self, value: &Value, outcome: Outcome, depth: u32) -> Option<Trigger> {
        if depth > 16 {
            return None;
        }
        let program = self.program;
        let file = program.file(value.expr.file);
        let go = |id: ExprId| self.cause(&value.at(id), outcome, depth + 1);
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
                        Some(Trigger::Own("what it is sent"))
                    }
                    Origin::Value(init) if init < value.expr.id => self.cause(&value.at(init), outcome, depth + 1),
                    Origin::Output(future) => Some(self.source(&value.at(future), outcome)),
                    _ => {
                        let origin = program.origin(value);
                        (origin.expr != value.expr).then(|| self.cause(&origin, outcome, depth + 1)).flatten()
                    }
                }
            }
            Expr::MethodCall { receiver, method, args, .. } => {
                self.method_cause(value, receiver, &file[method], args, outcome, depth)
            }
            Expr::Call { callee, args } => match program.callee(value.expr.with(callee)) {
                Def::External(path) if path.ends_with("::upgrade") => {
                    let arg = file.at(args, 0)?;
                    Some(self.signal(SignalKind::Weak, &value.at(arg)))
                }
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

    /// Whether a binding takes a message apart: `Some(x) = rx.recv()`, `Ok(x) = ..`.
    fn is_received(&self, value: &Value, origin: Origin) -> bool {
        let (Origin::Value(init) | Origin::Output(init)) = origin else { return false };
        let mut here = value.at(init);
        while let Expr::Await(inner) | Expr::Try(inner) = self.program.expr(&here) {
            here = here.at(inner);
        }
        matches!(self.program.wait_of_method(&here), Some((Wait::Recv, _)))
    }

    fn method_cause(
        &self,
        value: &Value,
        receiver: ExprId,
        method: &str,
        args: crate::summary::List<ExprId>,
        outcome: Outcome,
        depth: u32,
    ) -> Option<Trigger> {
        let program = self.program;
        let base = value.at(receiver);
        match method {
            "upgrade" => return Some(self.signal(SignalKind::Weak, &base)),
            "load" if args.len == 1 => return Some(self.signal(SignalKind::Flag, &base)),
            "is_cancelled" => return Some(self.signal(SignalKind::Token, &base)),
            "is_closed" | "is_canceled" | "is_aborted" => return Some(self.signal(SignalKind::Closed, &base)),
            "try_recv" | "blocking_recv" | "recv_timeout" | "has_changed" | "borrow_and_update" | "try_next" => {
                return Some(self.signal(SignalKind::Channel, &base));
            }
            "borrow" if is_receiver(&program.type_of(&base)) => return Some(self.signal(SignalKind::Channel, &base)),
            "send" | "try_send" | "unbounded_send" | "blocking_send" | "send_replace" | "send_modify"
            | "start_send"
                if args.len == 1 && program.called_fn(value).is_none() =>
            {
                return Some(self.signal(SignalKind::Closed, &base));
            }
            "recv" | "accept" if args.is_empty() && program.called_fn(value).is_none() => {
                return Some(self.source(value, outcome));
            }
            _ => {}
        }
        if program.called_fn(value).is_some() {
            return None;
        }
        // `timeout(..).await.is_err()`, `rx.recv().await.map(..)`.
        let below = self.cause(&base, outcome, depth + 1);
        below.or_else(|| {
            let args: Vec<ExprId> = program.file(value.expr.file).list(args).collect();
            args.into_iter().find_map(|arg| self.cause(&value.at(arg), outcome, depth + 1))
        })
    }

    /// What has to happen for an awaited future to arrive, or to fail.
    fn source(&self, value: &Value, outcome: Outcome) -> Trigger {
        self.source_at(value, outcome, 0)
    }

    fn source_at(&self, value: &Value, outcome: Outcome, depth: u32) -> Trigger {
        let program = self.program;
        let unknown = Trigger::Own("a future whose end is not known");
        if depth > 10 {
            return unknown;
        }
        let file = program.file(value.expr.file);
        match program.expr(value) {
            Expr::MethodCall { receiver, method, .. } => {
                if let Some((wait, args)) = program.wait_of_method(value)
                    && program.called_fn(value).is_none()
                {
                    let second = args.first().map(|arg| value.at(*arg));
                    return self.wait(wait, &value.at(receiver), second, outcome, depth);
                }
                if let Some(found) = self.called(value, outcome) {
                    return found;
                }
                match &file[method] {
                    "map" | "map_ok" | "map_err" | "fuse" | "boxed" | "next" | "try_next" | "then" | "into_future"
                    | "by_ref" | "as_mut" | "instrument" | "skip" | "take" | "filter" | "filter_map" | "inspect" => {
                        match &file[method] {
                            "next" | "try_next" => self.stream(&value.at(receiver), outcome, depth),
                            _ => self.source_at(&value.at(receiver), outcome, depth + 1),
                        }
                    }
                    "send" | "feed" | "reserve" | "send_async" => self.signal(SignalKind::Closed, &value.at(receiver)),
                    "take_until" | "with_cancellation_token" => self.signal(SignalKind::Shutdown, value),
                    _ => self.opaque(value, &unknown),
                }
            }
            Expr::Call { callee, args } => match program.callee(value.expr.with(callee)) {
                Def::External(path) => match crate::apis::wait(&path) {
                    Some(wait) => {
                        let second = file.at(args, 1).map(|arg| value.at(arg));
                        self.wait(wait, value, second, outcome, depth)
                    }
                    None => unknown,
                },
                _ => self.called(value, outcome).unwrap_or_else(|| self.opaque(value, &unknown)),
            },
            Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => self.arrival_of(value, &unknown),
            Expr::Await(inner) | Expr::Try(inner) => self.source_at(&value.at(inner), outcome, depth + 1),
            Expr::If { then, .. } => self.source_at(&value.at(then), outcome, depth + 1),
            _ => {
                let origin = program.origin(value);
                if origin.expr != value.expr {
                    return self.source_at(&origin, outcome, depth + 1);
                }
                match program.type_of(value).pointee() {
                    Type::External(path, _) => match &*path {
                        "tokio::sync::oneshot::Receiver" | "futures::channel::oneshot::Receiver" => {
                            self.signal(SignalKind::Channel, value)
                        }
                        "tokio_util::sync::WaitForCancellationFuture"
                        | "tokio_util::sync::WaitForCancellationFutureOwned" => self.signal(SignalKind::Token, value),
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
    fn stream(&self, stream: &Value, outcome: Outcome, depth: u32) -> Trigger {
        let program = self.program;
        let ty = program.type_of(stream).pointee();
        if let Some(wait) = ty.external().and_then(|path| crate::apis::method_wait(path, "next")) {
            return self.wait(wait, stream, None, outcome, depth);
        }
        let origin = program.origin(stream);
        // `select(a, b)` ends when both have: the one that lives longer decides.
        if let Expr::Call { callee, args } = program.expr(&origin)
            && depth < 6
            && matches!(program.callee(origin.expr.with(callee)), Def::External(path) if path.ends_with("stream::select"))
        {
            let args: Vec<ExprId> = program.file(origin.expr.file).list(args).collect();
            let halves = args.into_iter().map(|half| self.stream(&origin.at(half), outcome, depth + 1));
            return halves.max_by_key(Trigger::rank).unwrap_or(Trigger::Own("a stream whose end is not known"));
        }
        // `ReceiverStream::new(rx)` and adaptors keep the end of what is inside.
        match program.expr(&origin) {
            Expr::MethodCall { receiver, .. } if depth < 8 && program.called_fn(&origin).is_none() => {
                self.stream(&origin.at(receiver), outcome, depth + 1)
            }
            _ => match program.peer_origin(stream) {
                PeerOrigin::Connected => Trigger::Peer(PeerOrigin::Connected),
                PeerOrigin::Accepted => Trigger::Own("a stream whose end is not known"),
            },
        }
    }

    /// A function of the workspace: what makes it return.
    fn called(&self, value: &Value, outcome: Outcome) -> Option<Trigger> {
        self.program.called_fn(value)?;
        Some(match outcome {
            Outcome::Arrival => self.arrival_of(value, &Trigger::Own("a function of its own")),
            Outcome::Failure => Trigger::Own("the result of a function"),
        })
    }

    fn arrival_of(&self, value: &Value, otherwise: &Trigger) -> Trigger {
        use super::EndingKind;
        let ending = self.program.ending_of(value);
        match ending.kind {
            EndingKind::OnSignal => {
                ending.signals.into_iter().next().map_or_else(|| otherwise.clone(), Trigger::Signal)
            }
            EndingKind::OnPeer(origin) => Trigger::Peer(origin),
            EndingKind::Never => Trigger::Impossible("what it waits for never comes"),
            EndingKind::Within if ending.waits.is_empty() => otherwise.clone(),
            EndingKind::Within => Trigger::Time,
            EndingKind::Unknown => otherwise.clone(),
        }
    }

    fn opaque(&self, value: &Value, unknown: &Trigger) -> Trigger {
        match self.program.peer_origin(value) {
            PeerOrigin::Connected => Trigger::Peer(PeerOrigin::Connected),
            PeerOrigin::Accepted => unknown.clone(),
        }
    }

    fn wait(&self, wait: Wait, source: &Value, inner: Option<Value>, outcome: Outcome, depth: u32) -> Trigger {
        match (wait, outcome) {
            (Wait::Recv, Outcome::Failure) => self.signal(SignalKind::Channel, source),
            (Wait::Recv, Outcome::Arrival) => match self.signal(SignalKind::Channel, source) {
                // A sender that the task holds keeps the channel open; others may still send.
                Trigger::Signal(signal) if signal.dead.is_some() => Trigger::Own("what it is sent"),
                found => found,
            },
            (Wait::Token, _) => self.signal(SignalKind::Token, source),
            (Wait::Closed | Wait::Send, _) => self.signal(SignalKind::Closed, source),
            (Wait::Notify, _) => self.signal(SignalKind::Notify, source),
            (Wait::Shutdown, _) | (Wait::OsSignal, Outcome::Arrival) => self.signal(SignalKind::Process, source),
            (Wait::OsSignal, Outcome::Failure) => Trigger::Impossible("a signal stream never ends"),
            (Wait::Peer, _) => Trigger::Peer(self.program.peer_origin(source)),
            (Wait::Sleep | Wait::SleepUntil, _) => Trigger::Time,
            (Wait::Tick, Outcome::Arrival) => Trigger::Time,
            (Wait::Tick, Outcome::Failure) => Trigger::Impossible("an interval never ends"),
            (Wait::Accept, Outcome::Failure) => Trigger::Impossible("a listener never ends"),
            (Wait::Accept, Outcome::Arrival) => Trigger::Own("what it is sent"),
            (Wait::Forever, _) => Trigger::Impossible("it waits for ever"),
            (Wait::Timeout | Wait::TimeoutAt, _) => {
                let inner = inner.map(|inner| self.source_at(&inner, outcome, depth + 1));
                match inner {
                    Some(Trigger::Impossible(_)) | None => Trigger::Time,
                    Some(found) => found,
                }
            }
            (Wait::TimeoutMethod, _) => self.source_at(source, outcome, depth + 1),
            (Wait::UntilCancelled, _) => self.signal(SignalKind::Token, source),
            (Wait::Race | Wait::JoinAll | Wait::Task | Wait::Lock | Wait::Short, _) => {
                Trigger::Own("what other code gives")
            }
        }
    }

    fn signal(&self, kind: SignalKind, source: &Value) -> Trigger {
        let program = self.program;
        let dead = self.task.and_then(|task| program.dead_signal(kind, source, task));
        let at = program.span(source.expr);
        Trigger::Signal(Signal { kind, name: program.text_of(source.expr), at, dead, sender_is_local: false })
    }
}

impl Program {
    /// When a future ends, asked for from the inside of another answer: a fresh, small budget.
    fn ending_of(&self, value: &Value) -> super::Ending {
        self.small_ending(value)
    }

    /// Iterators that never end: `0..`, `repeat(..)`, `.cycle()`, and functions that return one.
    fn is_endless_iterator(&self, value: &Value, depth: u32) -> bool {
        if depth > 8 {
            return false;
        }
        let value = self.origin(value);
        let file = self.file(value.expr.file);
        match self.expr(&value) {
            Expr::Range { start: Some(_), end: None } => true,
            Expr::MethodCall { receiver, method, .. } => match &file[method] {
                "cycle" => true,
                "map" | "enumerate" | "inspect" | "into_iter" | "iter" | "skip" | "step_by" | "by_ref" => {
                    self.is_endless_iterator(&value.at(receiver), depth + 1)
                }
                _ => self.called_fn(&value).is_some_and(|function| self.gives_endless_iterator(function, depth)),
            },
            Expr::Call { callee, .. } => match self.callee(value.expr.with(callee)) {
                Def::External(path) => matches!(&*path, "std::iter::repeat" | "std::iter::repeat_with"),
                Def::Fn(function) => self.gives_endless_iterator(function, depth),
                _ => false,
            },
            _ => false,
        }
    }

    fn gives_endless_iterator(&self, function: super::FnRef, depth: u32) -> bool {
        let Some(body) = self.function(function).body else { return false };
        let tail = self.tail(function.with(body));
        tail.is_some_and(|tail| self.is_endless_iterator(&Value::bare(function.with(tail)), depth + 1))
    }
}

fn best(a: Trigger, b: Option<Trigger>) -> Trigger {
    match b {
        // `?` on something that cannot fail stays dead whatever stands around it.
        Some(b) if !matches!(a, Trigger::Impossible(_)) && b.rank() < a.rank() => b,
        _ => a,
    }
}

fn easier(a: Trigger, b: Trigger) -> Trigger {
    if b.rank() < a.rank() { b } else { a }
}

fn is_receiver(ty: &Type) -> bool {
    ty.pointee().external().is_some_and(|path| path.ends_with("::Receiver") || path.ends_with("::UnboundedReceiver"))
}

/// Whether a pattern can fail to match: `Some(x)`, `Ok(x)`, but not `x`, `_`, `(a, b)`.
fn is_refutable(file: &FileSummary, pat: PatId) -> bool {
    match file[pat] {
        Pat::Wild | Pat::Bind { sub: None, .. } | Pat::Rest => false,
        Pat::Tuple(pats) => file.list(pats).any(|pat| is_refutable(file, pat)),
        Pat::Ref(pat) | Pat::Typed { pat, .. } => is_refutable(file, pat),
        Pat::Bind { sub: Some(pat), .. } => is_refutable(file, pat),
        _ => true,
    }
}

/// Whether a pattern is that of an end: `None`, `Err(_)`.
fn is_failure(file: &FileSummary, pat: PatId) -> bool {
    match file[pat] {
        Pat::TupleStruct { path, .. } | Pat::Path(path) => matches!(file.last_segment(path), "Err" | "None"),
        Pat::Bind { name, .. } => &file[name] == "None",
        _ => false,
    }
}
