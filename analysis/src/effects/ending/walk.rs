//! What running a piece of a body takes: one thing after another.

use super::{About, Asking, Ending, EndingKind, Evidence, LongWait, WaitLength};
use crate::{
    catalogue::{self, Macro, Wait},
    effects::{Def, Effects, FnRef, Frame, OpenReason, Value},
    facts::{BlockKind, Expr, ExprId, MacroId, Ty},
};
use std::rc::Rc;

impl Effects {
    /// What evaluating an expression takes, everything in it included that runs at once.
    /// Closures and async blocks are only made here, not run.
    pub(super) fn flow(&self, value: &Value, asking: &Asking) -> Ending {
        let file = self.file(value.expr.file);
        match self.expr(value) {
            Expr::Path(_)
            | Expr::Lit(_)
            | Expr::Closure { .. }
            | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => Ending::short(),
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
    pub(super) fn flow_parts(&self, value: &Value, asking: &Asking) -> Ending {
        let file = self.file(value.expr.file);
        match self.expr(value) {
            Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => {
                return Ending::short();
            }
            _ => {}
        }
        let before_ways = match self.expr(value) {
            Expr::If { cond, .. } => Some(cond),
            Expr::Match { scrutinee, arms } if arms.len > 1 => Some(scrutinee),
            _ => None,
        };
        let mut ending = Ending::short();
        file.each_child(value.expr.id, &mut |child| {
            // Names and numbers take no time: there is nothing to put together.
            if ending.kind != EndingKind::Never && !matches!(file[child], Expr::Path(_) | Expr::Lit(_)) {
                let found = self.flow(&value.at(child), asking);
                ending.go_on_with(match before_ways.is_some_and(|before| before != child) {
                    true => found.on_one_way(self.span(value.expr.with(child))),
                    false => found,
                });
            }
        });
        ending
    }

    fn macro_flow(&self, value: &Value, id: MacroId, asking: &Asking) -> Ending {
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
    fn select_ending(&self, value: &Value, id: MacroId, asking: &Asking) -> Ending {
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
    fn sync_call(&self, value: &Value, callee: ExprId, first: Option<ExprId>, asking: &Asking) -> Ending {
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
    fn sync_fn(&self, value: &Value, asking: &Asking) -> Ending {
        let Some(function) = self.called_fn(value) else { return Ending::short() };
        let item = self.function(function);
        if item.is_async || matches!(self.return_type(function), crate::effects::Type::Future(_)) {
            return Ending::short();
        }
        let ending = match self.is_of_several(function, value) {
            true => self.return_ending(function, asking),
            false => self.body_ending(function, None, value, asking),
        };
        if ending.kind == EndingKind::Never { ending } else { Ending::short() }
    }

    /// Whether a call may run one of several functions.
    fn is_of_several(&self, function: FnRef, call: &Value) -> bool {
        self.called_fn(call) == Some(function) && *self.called_fns(call) != [function]
    }

    /// A function of the workspace, run to its end.
    pub(super) fn fn_ending(&self, function: FnRef, frame: Option<Rc<Frame>>, call: &Value, asking: &Asking) -> Ending {
        match self.function(function).body.is_none() || self.is_of_several(function, call) {
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
        asking: &Asking,
    ) -> Ending {
        if self.function(function).body.is_none() {
            return Ending::unknown(OpenReason::TraitMethod, self.span(call.expr));
        }
        let twins = self.twins(function);
        if twins.is_empty() {
            return self.kept_body(function, frame.as_ref(), asking);
        }
        // Each is the one that runs in some build: one that never ends is a leak there. Else the first one decides.
        let about = About::Twins(function, frame.as_ref().map(|frame| frame.id));
        let found = self.kept(about, asking, |asking| {
            let own = self.kept_body(function, frame.as_ref(), asking);
            Some(twins.iter().filter(|twin| **twin != function).fold(own, |ending, twin| {
                let entered = frame.as_ref().and_then(|_| self.enter_once_to_run(call, *twin));
                let found = self.kept_body(*twin, entered.as_ref(), asking);
                if let (Some(entered), Some(frame)) = (entered, &frame) {
                    // It was passed the same.
                    self.ask_if_asked(&entered, call, *twin);
                    frame.ask(entered.asked());
                }
                match found {
                    found if found.kind == EndingKind::Never => ending.then(found),
                    _ => ending,
                }
            }))
        });
        found.expect("each of them has an ending")
    }

    pub(super) fn find_body_ending(&self, function: FnRef, frame: Option<&Rc<Frame>>, asking: &Asking) -> Ending {
        let item = self.function(function);
        let body = item.body.expect("it was asked for its body");
        let body = Value { expr: function.with(body), frame: frame.cloned() };
        let mut ending = self.flow(&body, asking);
        if !item.is_async && matches!(self.return_type(function), crate::effects::Type::Future(_)) {
            // `fn f() -> impl Future`: what it returns is what runs.
            let tail = self.tail(body.expr).map_or_else(|| body.clone(), |tail| body.at(tail));
            ending = ending.then(self.future_ending(&tail, asking));
        }
        if self.never_returns(function) && !ending.is_short() && ending.kind != EndingKind::Never {
            // What is written behind its last wait can only panic: what ends that wait ends nothing in good order.
            let at = self.function(function).name_range.in_file(function.file);
            let text = "its return type is `!`, so this function never returns".to_owned();
            ending = Ending { waits: ending.waits, ..Ending::of(EndingKind::Never) };
            ending.evidence.push(Evidence { at, text, dead: None });
        }
        let looped = ending.gates.iter_mut().filter_map(|gate| gate.looped.as_mut());
        for fact in ending.loops.iter_mut().chain(looped) {
            fact.function.get_or_insert(function);
        }
        ending
    }

    /// Whether a function is declared to never return, and does not end the process either.
    fn never_returns(&self, function: FnRef) -> bool {
        let item = self.function(function);
        let file = self.file(function.file);
        let Some(body) = item.body.filter(|_| item.ret.is_some_and(|ty| file[ty] == Ty::Never)) else { return false };
        let mut exits = false;
        self.walk(function.with(body), &mut |at, expr| {
            exits |= matches!(expr, Expr::Call { .. })
                && self.call_name(at).is_some_and(|name| catalogue::ends_process(&name));
            !exits
        });
        !exits
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
        let bound = || {
            let duration = duration.map(|duration| value.at(duration))?;
            self.usual_duration(&duration).or_else(|| self.longest(&duration))
        };
        let length = match length {
            None if bound().is_some_and(|bound| bound < self.options.long_wait_in(value.expr.file)) => {
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
