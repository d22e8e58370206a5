//! Futures and streams that are written by hand: what their `poll` polls.

use super::{About, Asking, Ending, EndingKind, Evidence, PeerOrigin};
use crate::{
    catalogue::{self, Poll},
    effects::{Effects, ExprRef, FnRef, OpenReason, Place, SignalKind, TypeRef, Value},
    facts::{Expr, ExprId, Pat},
};

impl Effects {
    /// What a future of the workspace's own type waits for. `None` if it is not written out.
    pub(super) fn own_future_ending(&self, owner: TypeRef, method: &str, asking: &Asking) -> Option<Ending> {
        let polls = self.names.methods(owner, method);
        let poll = polls.iter().find(|function| self.function(**function).body.is_some()).copied()?;
        self.poll_ending(poll, asking)
    }

    /// All that a `poll_..` function polls, one after another: which of them makes it ready is not asked.
    fn poll_ending(&self, function: FnRef, asking: &Asking) -> Option<Ending> {
        self.kept(About::Poll(function), asking, |asking| self.find_poll_ending(function, asking))
    }

    fn find_poll_ending(&self, function: FnRef, asking: &Asking) -> Option<Ending> {
        let body = function.with(self.function(function).body?);
        let mut calls = Vec::new();
        self.walk(body, &mut |expr, kind| {
            if matches!(kind, Expr::MethodCall { .. } | Expr::Call { .. }) && self.takes_context(expr, function) {
                calls.push(expr);
            }
            !matches!(kind, Expr::Closure { .. })
        });
        let mut found: Option<Ending> = None;
        for call in calls {
            let ending = self.polled(call, asking);
            found = Some(match found {
                Some(found) => found.then(ending),
                None => ending,
            });
        }
        // What is not polled and is never told who waits has nothing to wait for.
        let found = match found {
            Some(found) => found,
            None if self.uses_context(function) => return None,
            None => Ending::short(),
        };
        // One of several may make it ready: that it never ends is not shown.
        Some(match found.kind {
            EndingKind::Never => Ending::unknown(OpenReason::OwnFuture, self.span(body)),
            _ => Ending { loops: Vec::new(), gates: Vec::new(), ..found },
        })
    }

    /// Whether a `poll_..` function does anything with the context of the task.
    fn uses_context(&self, function: FnRef) -> bool {
        let context = self.function(function).params.iter().find(|param| self.is_context(function, param.ty));
        let body = self.body(Place::Fn(function));
        context.is_none_or(|param| match self.file(function.file)[param.pat] {
            Pat::Bind { .. } => !body.uses(param.pat).is_empty(),
            Pat::Wild => false,
            _ => true,
        })
    }

    /// Whether a call is given the context of the task: it polls something.
    fn takes_context(&self, call: ExprRef, function: FnRef) -> bool {
        let file = self.file(call.file);
        let (Expr::MethodCall { args, .. } | Expr::Call { args, .. }) = file[call.id] else { return false };
        let context = self.function(function).params.iter().find(|param| self.is_context(function, param.ty));
        let Some(context) = context.map(|param| param.pat) else { return false };
        let is_context = |arg: ExprId| {
            let mut arg = arg;
            while let Expr::Ref { expr, .. } | Expr::Unary { expr, .. } = file[arg] {
                arg = expr;
            }
            self.local(call.with(arg)).is_some_and(|(pat, _)| pat.id == context)
        };
        file.list(args).any(is_context)
    }

    fn is_context(&self, function: FnRef, ty: crate::facts::TyId) -> bool {
        use crate::facts::Ty;
        let file = self.file(function.file);
        match file[ty] {
            Ty::Ref(inner) => self.is_context(function, inner),
            Ty::Path(path) => file.last_segment(path) == "Context",
            _ => false,
        }
    }

    /// What one call in a `poll` waits for.
    fn polled(&self, call: ExprRef, asking: &Asking) -> Ending {
        let value = Value::bare(call);
        let at = self.span(call);
        let file = self.file(call.file);
        let (polled, method) = match file[call.id] {
            Expr::MethodCall { receiver, method, .. } => (value.at(receiver), file[method].to_owned()),
            // `Future::poll(Pin::new(&mut self.inner), cx)`
            Expr::Call { args, .. } => match (file.at(args, 0), self.call_name(call)) {
                (Some(first), Some(name)) => (value.at(first), name.rsplit("::").next().unwrap_or(&name).to_owned()),
                _ => return Ending::unknown(OpenReason::OwnFuture, at),
            },
            _ => return Ending::unknown(OpenReason::OwnFuture, at),
        };
        match catalogue::poll(&method) {
            Some(Poll::Future) => self.future_ending(&polled, asking),
            Some(Poll::Recv) => Ending::signal(self.signal(SignalKind::Channel, &polled, at, None)),
            Some(Poll::Closed) => Ending::signal(self.signal(SignalKind::Closed, &polled, at, None)),
            Some(Poll::Soon) => Ending::short(),
            Some(Poll::Accept) => Ending::of(EndingKind::OnPeer(PeerOrigin::Accepted)),
            Some(Poll::Peer) => {
                let text = "ends only when the peer closes the connection".to_owned();
                let origin = self.peer_origin(&polled);
                Ending { evidence: vec![Evidence { at, text, dead: None }], ..Ending::of(EndingKind::OnPeer(origin)) }
            }
            Some(Poll::Stream) => match self.type_of(&polled).pointee().item() {
                Some(owner) => self
                    .own_future_ending(owner, "poll_next", asking)
                    .unwrap_or_else(|| Ending::unknown(OpenReason::OwnStream, at)),
                None => self.stream_ending(&polled, false, asking),
            },
            None => match self.called_fn(&value) {
                Some(function) if self.function(function).body.is_some() => {
                    self.poll_ending(function, asking).unwrap_or_else(|| Ending::unknown(OpenReason::OwnFuture, at))
                }
                _ => Ending::unknown(OpenReason::OwnFuture, at),
            },
        }
    }
}
