//! Both halves of a channel, handed to the function that starts the task: only its callers show that they belong
//! together.

use super::Waiting;
use crate::effects::{AccessPath, Dead, DeadCause, Effects, ExprRef, FnRef, Frame, PatRef, Place, Root, Value};
use std::rc::Rc;

impl Effects {
    /// Whether a task holds the sender of the receiver that is a parameter of the function around it, as each of that
    /// function's callers passes both.
    pub(super) fn held_for_callers(&self, receiver: PatRef, waiting: Waiting<'_>) -> Option<Dead> {
        let Some(Place::Fn(function)) = self.place(waiting.task) else { return None };
        let (of, _) = self.parameter_of(receiver)?;
        (of == function).then(|| self.held_from(receiver, waiting, &mut Vec::new(), function)).flatten()
    }

    /// The same, through the calls that lead to the function: innermost first. `outermost` is the function that the
    /// last of them stands in.
    fn held_from(
        &self,
        receiver: PatRef,
        waiting: Waiting<'_>,
        calls: &mut Vec<ExprRef>,
        outermost: FnRef,
    ) -> Option<Dead> {
        self.steps.step();
        if self.has_unseen_callers(outermost) {
            return None;
        }
        let mut found = None;
        for call in self.callers(outermost) {
            let around = self.enclosing_fn(call);
            if calls.contains(&call) || around == Some(outermost) {
                return None;
            }
            calls.push(call);
            let dead = self.held_through(receiver, waiting, calls);
            calls.pop();
            found = Some(dead?);
        }
        found
    }

    fn held_through(&self, receiver: PatRef, waiting: Waiting<'_>, calls: &mut Vec<ExprRef>) -> Option<Dead> {
        let frame = self.frame_of(calls)?;
        let (root, at) = self.root_binding(&frame.passed(receiver)?)?;
        if let Some(sender) = self.other_half(root, &at) {
            return self.takes_argument_with(sender, &at, waiting, &frame);
        }
        let (caller, _) = self.parameter_of(root)?;
        self.held_from(receiver, waiting, calls, caller)
    }

    /// The parameters of the innermost function that is called.
    fn frame_of(&self, calls: &[ExprRef]) -> Option<Rc<Frame>> {
        let mut frame = None;
        for call in calls.iter().rev() {
            let value = Value { expr: *call, frame };
            frame = self.enter(&value, self.called_fn(&value)?);
        }
        frame
    }

    /// What was passed for the parameter that a value comes from, and the fields on the way from there.
    fn passed_for(&self, used: ExprRef, frame: &Rc<Frame>) -> Option<(Value, Vec<String>)> {
        let value = Value::bare(used);
        let named = self.root_binding(&value).and_then(|(param, _)| frame.passed(param));
        if let Some(passed) = named {
            return Some((passed, Vec::new()));
        }
        let AccessPath { root: Root::Local(param), fields, .. } = self.access_path(&value)? else { return None };
        Some((frame.passed(param)?, fields))
    }

    /// Whether the task takes along what was passed with the sender inside, or the sender itself.
    fn takes_argument_with(&self, sender: PatRef, at: &Value, waiting: Waiting<'_>, frame: &Rc<Frame>) -> Option<Dead> {
        let who = waiting.who;
        let made_in = self.place(at.expr);
        let taken = self.taken_values(waiting.task);
        if taken.iter().any(|taken| self.lets_go(*taken)) {
            return None;
        }
        taken.into_iter().find_map(|used| {
            let (passed, fields) = self.passed_for(used, frame)?;
            let name = self.text_of(self.without_clone(used));
            let dead = |cause, why, is_silent| Some(Dead { cause, why, at: Some(self.span(used)), is_silent });
            if fields.is_empty() && self.holds_binding(&passed, sender) {
                let stays = self.keeps(used, &[], waiting);
                let why = format!("{who} holds the channel's sender `{name}`");
                return stays.then(|| dead(DeadCause::OwnSender, why, false)).flatten();
            }
            let origin = self.origin(&passed);
            if origin.expr.file != sender.file || self.place(origin.expr) != made_in {
                return None;
            }
            let (field, is_silent) = self.built_with(&origin, sender)?;
            // Of `self.server`, what is in there: `server.env.tx` is in `env.tx`.
            let way: Vec<&str> = field.split('.').collect();
            let way = way.strip_prefix(fields.iter().map(String::as_str).collect::<Vec<_>>().as_slice())?;
            if !self.keeps(used, way, waiting) {
                return None;
            }
            let inside: String = way.iter().flat_map(|field| [".", field]).collect();
            let why = format!("{who} holds the channel's sender in `{name}{inside}`");
            let is_shared = match fields.is_empty() {
                true => self.is_shared(&passed),
                false => self.is_shared(&Value::bare(used)),
            };
            let cause = if is_shared { DeadCause::SharedOwner } else { DeadCause::OwnSender };
            dead(cause, why, is_silent)
        })
    }
}
