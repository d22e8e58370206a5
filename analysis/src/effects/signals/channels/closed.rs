//! Senders that watch for their receiver to go: who has that.

use super::{ITSELF, Waiting};
use crate::{
    effects::{Dead, DeadCause, Effects, ExprRef, PatRef, Place, RunBy, Value},
    facts::{BlockKind, Expr, ExprId},
};

impl Effects {
    /// Why the receiver of a sender can never go, if the text proves it: the task itself has it.
    pub(in crate::effects) fn dead_closed(&self, source: &Value, task: &RunBy) -> Option<Dead> {
        let (sender, at) = self.root_binding(source)?;
        let receiver = self.receiver_of(sender, &at)?;
        self.held_receiver(receiver, Waiting { task: task.get()?, source, who: ITSELF })
    }

    /// Whether a task has a receiver until it has waited.
    pub(super) fn held_receiver(&self, receiver: PatRef, waiting: Waiting<'_>) -> Option<Dead> {
        let who = waiting.who;
        let task = waiting.task;
        let place = self.place(task).filter(|_| receiver.file == task.file)?;
        let first = self.first_below(task);
        let uses = self.body(place).uses(receiver.id).to_vec();
        let is_inside = |used: &ExprId| first <= *used && *used <= task.id;
        let stays = |used: &ExprId| {
            let used = receiver.with(*used);
            // `rx.close()` behind the wait comes too late.
            is_inside(&used.id) && (self.is_called_on(used) || self.stays_with(used, &[], waiting))
        };
        if uses.is_empty() || !uses.iter().all(stays) {
            return None;
        }
        let why = format!("{who} holds the channel's receiver `{}`", self.binding_name(receiver)?);
        Some(Dead {
            cause: DeadCause::OwnSender,
            why,
            at: Some(self.span(receiver.with(*uses.first()?))),
            is_silent: true,
        })
    }

    /// Whether the receiver of a sender goes to the caller of the function that makes both: `ReceiverStream::new(rx)`
    /// as its result.
    pub(in crate::effects) fn is_given_back(&self, sender: &Value) -> bool {
        let Some((pat, at)) = self.root_binding(sender) else { return false };
        let (Some(receiver), Some(place)) = (self.receiver_of(pat, &at), self.place(at.expr)) else { return false };
        let Place::Fn(function) = place else { return false };
        let whole = self.function(function).body;
        let file = self.file(receiver.file);
        self.body(place).uses(receiver.id).iter().any(|used| {
            let mut here = *used;
            loop {
                let Some(parent) = self.parents(receiver.file).parent(here) else { return false };
                match file[parent] {
                    Expr::Return(_) => return true,
                    Expr::Block { kind: BlockKind::Plain, stmts, has_tail, .. } => {
                        if !has_tail || file.list(stmts).next_back() != Some(here) {
                            return false;
                        }
                        if Some(parent) == whole {
                            return true;
                        }
                    }
                    Expr::Call { callee, .. } if callee != here => {}
                    Expr::MethodCall { .. } | Expr::Tuple(_) | Expr::FieldInit { .. } | Expr::Struct { .. } => {}
                    _ => return false,
                }
                here = parent;
            }
        })
    }

    /// Whether a use is the receiver of a method call.
    fn is_called_on(&self, used: ExprRef) -> bool {
        let parent = self.parent(used).map(|parent| self.file(used.file)[parent.id]);
        matches!(parent, Some(Expr::MethodCall { receiver, .. }) if receiver == used.id)
    }
}
