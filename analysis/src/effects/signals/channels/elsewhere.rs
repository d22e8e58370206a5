//! Other halves of channels that another task has.

use super::{super::tokens::Late, Waiting};
use crate::{
    effects::{Dead, DeadCause, Effects, ExprRef, Place, RunBy, Signal, SignalKind, Value},
    span::Span,
};

/// The task that has what the one that is asked about waits for.
const OTHER: &str = "the other task";

impl Effects {
    /// Why a sign cannot come for as long as another task lives: that has the other half. `holder` is what that task
    /// runs, `until` what it waits for while it has it, and `wait` the whole wait.
    pub(crate) fn held_by(&self, signal: &Signal, holder: ExprRef, until: &Value, wait: Span) -> Option<Dead> {
        let source = self.value_of(signal.source);
        let waiting = Waiting { task: holder, source: until, who: OTHER };
        let dead = match signal.kind {
            SignalKind::Channel => self.sender_held_by(&source, waiting),
            SignalKind::Closed => self.receiver_held_by(&source, waiting),
            SignalKind::Weak => {
                let is_same = self.place(holder).is_some() && self.place(holder) == self.place(source.expr);
                let owner = is_same.then(|| self.held_owner(&source, &RunBy::task(holder))).flatten()?;
                let why = format!("{OTHER} holds `{owner}`");
                Some(Dead { cause: DeadCause::SharedOwner, why, at: None, is_silent: false })
            }
            SignalKind::Token => self.cancelled_late(&source, Late { task: self.span(holder), behind: wait }),
            _ => None,
        }?;
        let at = dead.at.or_else(|| Some(self.span(holder)));
        let cause = match signal.kind {
            SignalKind::Channel => DeadCause::OtherSender,
            _ => DeadCause::OtherTask,
        };
        Some(Dead { cause, why: dead.why, at, is_silent: false })
    }

    /// Whether another task, which stands in the body that makes the channel, has its sender.
    fn sender_held_by(&self, source: &Value, waiting: Waiting<'_>) -> Option<Dead> {
        let origin = self.made(source);
        if self.is_closed_by_hand(&origin) {
            return None;
        }
        let place = self.place(waiting.task)?;
        let sender = match self.subscribed_to(&origin) {
            Some(sender) => self.root_binding(&sender)?.0,
            None => {
                let (root, at) = self.root_binding(source)?;
                self.other_half(root, &at)?
            }
        };
        self.is_made_at(sender, place).then(|| self.holds(sender, waiting)).flatten()
    }

    /// Whether another task has the receiver of a sender.
    fn receiver_held_by(&self, source: &Value, waiting: Waiting<'_>) -> Option<Dead> {
        let (sender, at) = self.root_binding(source)?;
        let receiver = self.receiver_of(sender, &at)?;
        self.held_receiver(receiver, waiting)
    }

    fn is_made_at(&self, local: super::PatRef, place: Place) -> bool {
        let file = match place {
            Place::Fn(function) => function.file,
            Place::Const(item) => item.file,
        };
        file == local.file && self.body(place).bindings.contains_key(&local.id)
    }
}
