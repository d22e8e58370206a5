//! What running a piece of a body takes: one thing after another.

use super::{Asking, Ending, EndingKind, LongWait, WaitLength};
use crate::{
    catalogue::{self, Macro, Wait},
    effects::{Def, Effects, FnRef, Frame, OpenReason, Value},
    facts::{BlockKind, Expr, ExprId, MacroId},
};
use std::rc::Rc;

impl Effects {
    /// What evaluating an expression takes, everything in it included that runs at once.
    /// Closures and async blocks are only made here, not run.
    pub(super) fn flow(&self, value: &Value, asking: &mut Asking) -> Ending {
        if !asking.spend() {
            return Ending::unknown(OpenReason::TooLarge, self.span(value.expr));
        }
        let file = self.file(value.expr.file);
        match self.expr(value) {
            Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => Ending::short(),
            Expr::Await(inner) => {
                let before = self.flow_parts(&value.at(inner), asking);
                before.then(self.future_ending(&value.at(inner), asking))
            }
            Expr::Loop { .. } | Expr::While { .. } | Expr::For { .. } => self.loop_ending(value, asking),
            Expr::Call { callee, args } => {
                let parts = self.flow_parts(value, asking);
                parts.then(self.sync_call(value, callee, file.at(args, 0), asking))
            }
            Expr::MethodCall { receiver, method, args, .. } => {
                let parts = self.flow_parts(value, asking);
                let rest = match &file[method] {
                    "block_on" => file.at(args, 0).map(|arg| self.future_ending(&value.at(arg), asking)),
                    method if asking.blocking => {
                        let wait = catalogue::method_wait_by_name(method, args.len as usize);
                        let waits = matches!(wait, Some(Wait::Recv | Wait::Accept | Wait::Peer));
                        waits.then(|| self.method_wait(value, receiver, asking)).flatten()
                    }
                    _ => None,
                };
                parts.then(rest.unwrap_or_else(|| self.sync_fn(value, asking)))
            }
            Expr::Macro(id) => self.macro_flow(value, id, asking),
            Expr::Select(id) => self.select_ending(value, id, asking),
            _ => self.flow_parts(value, asking),
        }
    }

    /// What evaluating the parts of an expression takes, in order.
    pub(super) fn flow_parts(&self, value: &Value, asking: &mut Asking) -> Ending {
        let file = self.file(value.expr.file);
        match self.expr(value) {
            Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => {
                return Ending::short();
            }
            _ => {}
        }
        let mut ending = Ending::short();
        file.each_child(value.expr.id, &mut |child| {
            if ending.kind == EndingKind::Never {
                return;
            }
            // Names and numbers take no time: there is nothing to put together.
            if matches!(file[child], Expr::Path(_) | Expr::Lit(_)) && asking.spend() {
                return;
            }
            let before = std::mem::replace(&mut ending, Ending::short());
            ending = before.then(self.flow(&value.at(child), asking));
        });
        ending
    }

    fn macro_flow(&self, value: &Value, id: MacroId, asking: &mut Asking) -> Ending {
        let file = self.file(value.expr.file);
        match file.macro_of(id) {
            Some(Macro::Joins) => {
                let args: Vec<ExprId> = file.list(file[id].args).collect();
                args.into_iter().fold(Ending::short(), |ending, arg| {
                    let parts = self.flow_parts(&value.at(arg), asking);
                    ending.then(parts).then(self.future_ending(&value.at(arg), asking))
                })
            }
            _ => self.flow_parts(value, asking),
        }
    }

    /// `select!` once: the first arm decides, then its handler runs.
    fn select_ending(&self, value: &Value, id: MacroId, asking: &mut Asking) -> Ending {
        let file = self.file(value.expr.file);
        let mut first: Option<Ending> = None;
        let mut handlers = Ending::short();
        for arm in file.list(file[id].arms) {
            let arm = file[arm];
            if let Some(future) = arm.future {
                let future = value.at(future);
                let parts = self.flow_parts(&future, asking);
                let ending = parts.then(self.future_ending(&future, asking));
                first = Some(match first {
                    Some(first) => first.race(ending),
                    None => ending,
                });
            }
            handlers = handlers.then(self.flow(&value.at(arm.body), asking));
        }
        if let Some(otherwise) = file[id].otherwise {
            handlers = handlers.then(self.flow(&value.at(otherwise), asking));
        }
        first.unwrap_or_else(Ending::short).then(handlers)
    }

    /// A call that is not awaited.
    fn sync_call(&self, value: &Value, callee: ExprId, first: Option<ExprId>, asking: &mut Asking) -> Ending {
        if let Def::External(path) = self.callee(value.expr.with(callee)) {
            let path: &str = &path;
            if path.ends_with("::block_on") {
                return first.map_or_else(Ending::short, |arg| self.future_ending(&value.at(arg), asking));
            }
            return match path {
                "std::thread::sleep" => self.sleep(value, first),
                "std::thread::park" => Ending::unknown(OpenReason::ParkedThread, self.span(value.expr)),
                _ => Ending::short(),
            };
        }
        self.sync_fn(value, asking)
    }

    /// A function of the workspace that is called without `.await`: only whether it ever comes back counts.
    fn sync_fn(&self, value: &Value, asking: &mut Asking) -> Ending {
        let Some(function) = self.called_fn(value) else { return Ending::short() };
        let item = self.function(function);
        if item.is_async || matches!(self.return_type(function), crate::effects::Type::Future(_)) {
            return Ending::short();
        }
        let called = self.called_fns(value);
        if called.len() < 2 {
            let ending = self.fn_ending(function, None, value, asking);
            return if ending.kind == EndingKind::Never { ending } else { Ending::short() };
        }
        if self.is_for_users(function) {
            return Ending::short();
        }
        // One implementation that comes back is enough.
        let mut never = None;
        for body in called.iter() {
            let ending = self.body_ending(*body, None, value, asking);
            if ending.kind != EndingKind::Never {
                return Ending::short();
            }
            never.get_or_insert(ending);
        }
        never.unwrap_or_else(Ending::short)
    }

    /// A function of the workspace, run to its end.
    pub(super) fn fn_ending(
        &self,
        function: FnRef,
        frame: Option<Rc<Frame>>,
        call: &Value,
        asking: &mut Asking,
    ) -> Ending {
        let is_of_several = || self.called_fn(call) == Some(function) && *self.called_fns(call) != [function];
        match self.function(function).body.is_none() || is_of_several() {
            true => self.trait_method_ending(function, call, asking),
            false => self.body_ending(function, frame, call, asking),
        }
    }

    /// The body of a function, run to its end.
    pub(super) fn body_ending(
        &self,
        function: FnRef,
        frame: Option<Rc<Frame>>,
        call: &Value,
        asking: &mut Asking,
    ) -> Ending {
        let item = self.function(function);
        let Some(body) = item.body else {
            return Ending::unknown(OpenReason::TraitMethod, self.span(call.expr));
        };
        if asking.is_inside(function) {
            return Ending::unknown(OpenReason::CallsItself, self.span(call.expr));
        }
        if asking.is_too_deep() {
            return Ending::unknown(OpenReason::TooManyCalls, self.span(call.expr));
        }
        self.remembered(function, frame.as_ref(), asking, |asking| {
            let body = Value { expr: function.with(body), frame: frame.clone() };
            asking.enter(function);
            let mut ending = self.flow(&body, asking);
            if !item.is_async && matches!(self.return_type(function), crate::effects::Type::Future(_)) {
                // `fn f() -> impl Future`: what it returns is what runs.
                let tail = self.tail(body.expr).map_or_else(|| body.clone(), |tail| body.at(tail));
                ending = ending.then(self.future_ending(&tail, asking));
            }
            asking.leave();
            for fact in &mut ending.loops {
                fact.function.get_or_insert(function);
            }
            ending
        })
    }

    /// A plain wait.
    pub(super) fn sleep(&self, value: &Value, duration: Option<ExprId>) -> Ending {
        let length = duration.and_then(|duration| self.duration(&value.at(duration)));
        self.wait_of(value, duration, length, false, Ending::of(EndingKind::Within))
    }

    /// A wait of a length, around something or not.
    pub(super) fn wait_of(
        &self,
        value: &Value,
        duration: Option<ExprId>,
        length: Option<std::time::Duration>,
        is_timeout: bool,
        inner: Ending,
    ) -> Ending {
        let estimate = || duration.and_then(|duration| self.usual_duration(&value.at(duration)));
        let length = match length {
            None if estimate().is_some_and(|usual| usual < self.options.long_wait_in(value.expr.file)) => {
                return Ending::short();
            }
            Some(length) if length < self.options.long_wait_in(value.expr.file) => return Ending::short(),
            Some(length) => WaitLength::Known(length),
            None => {
                let text = duration.map(|duration| self.text_of(value.expr.with(duration)));
                WaitLength::Unknown(text.unwrap_or_else(|| "..".to_owned()))
            }
        };
        let wait = LongWait {
            at: self.span(value.expr),
            length,
            is_timeout,
            inner: inner.kind,
            signals: inner.signals.clone(),
        };
        Ending { waits: vec![wait], signals: Vec::new(), ..Ending::of(EndingKind::Within) }
    }
}
