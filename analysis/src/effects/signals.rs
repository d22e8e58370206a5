//! Stop signals, and whether anybody outside the task can still give them.

mod abortable;
mod channels;
mod flags;
mod owned;
mod tokens;

pub(super) use tokens::Spot;

use super::{Def, Effects, PatRef, RunBy, Value, ValueId};
use crate::{
    catalogue::{self, Does},
    facts::{Expr, Pat},
    span::Span,
};

/// What kind of sign ends a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SignalKind {
    /// A channel that closes, or brings a message.
    Channel,
    /// A cancellation token.
    Token,
    /// The other half of a channel is dropped (`closed()`, a failed send).
    Closed,
    /// A notification.
    Notify,
    /// A weak pointer whose owner is gone.
    Weak,
    /// A flag that is tested.
    Flag,
    /// A shutdown future that was handed in.
    Shutdown,
    /// An abort handle of `Abortable`.
    Abort,
    /// The client half of a connection that a task drives.
    Client,
    /// The end of the process: Ctrl-C, SIGTERM.
    Process,
}

impl SignalKind {
    /// What it is, with its article.
    pub fn words(self) -> &'static str {
        match self {
            SignalKind::Channel => "a channel",
            SignalKind::Token => "a cancellation token",
            SignalKind::Closed => "the other half of a channel to be dropped",
            SignalKind::Notify => "a notification",
            SignalKind::Weak => "a weak pointer to expire",
            SignalKind::Flag => "a flag",
            SignalKind::Shutdown => "a shutdown future",
            SignalKind::Abort => "an abort handle",
            SignalKind::Client => "the client half of a connection to be dropped",
            SignalKind::Process => "a signal from the operating system",
        }
    }
}

/// What makes it impossible that a sign comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DeadCause {
    /// The task itself holds the sender, or a value that holds it.
    OwnSender,
    /// The sender stands in a static, is leaked or forgotten.
    LastingSender,
    /// What the task shares with its owner holds the sender, or is what the weak pointer points to.
    SharedOwner,
    /// Another task holds the sender, and ends only with this one, or never.
    OtherSender,
    /// Another task holds the receiver or the owner, and ends only with this one, or never.
    OtherTask,
    /// Nothing cancels the token.
    NeverCancelled,
    /// Nothing notifies.
    NeverNotified,
    /// Nothing sets the flag.
    NeverSet,
    /// The abort handle is dropped without being used.
    NeverAborted,
    /// Not a sign at all: an exit that cannot be taken.
    NoExit,
}

/// Why a sign can never come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dead {
    /// What makes it impossible.
    pub cause: DeadCause,
    /// The same in words: a clause without full stop.
    pub why: String,
    /// The place that shows it: where the sender is kept, where the token is made.
    pub at: Option<Span>,
    /// Whether the text shows too that nothing is ever sent, but perhaps by the drop of what holds the sender.
    pub is_silent: bool,
}

/// A sign that a task listens to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// What kind.
    pub kind: SignalKind,
    /// How the source reads in the code.
    pub name: String,
    /// Where it is listened to.
    pub at: Span,
    /// Why nobody can give it; `None` if somebody can, or may.
    pub dead: Option<Dead>,
    /// Of a channel: whether its sender is seen to be a local that dies with the function around the spawn.
    pub sender_is_local: bool,
    /// Whether it is only tested between other waits: a send that fails, a flag that is read.
    pub is_only_tested: bool,
    /// Of an exit: whether anything but this sign opens it, too: a message that comes before the channel closes.
    pub opens_otherwise: bool,
    /// What is listened to.
    pub source: ValueId,
}

impl Signal {
    /// Whether it ends a wait at the latest when the request or owner that the task serves ends.
    /// Of a channel that is so only where the sender is seen; anything else is a sign made for stopping.
    pub fn ends_with_request(&self) -> bool {
        self.dead.is_none() && (self.kind != SignalKind::Channel || self.sender_is_local)
    }
}

impl Effects {
    /// Why a signal can never come, if the text proves it. Which task waits is asked only where it decides: other
    /// answers hold for all.
    pub(crate) fn dead_signal(&self, kind: SignalKind, source: &Value, task: &RunBy) -> Option<Dead> {
        let dead = |cause| move |why| Dead { cause, why, at: None, is_silent: false };
        match kind {
            SignalKind::Channel if !self.may_be_held(source) => None,
            SignalKind::Channel => self.dead_channel(source, task.get()?),
            SignalKind::Token => {
                let task = task.get()?;
                self.dead_token(source).or_else(|| self.cancelled_only_by_owner(source, task))
            }
            SignalKind::Notify => task.get().and_then(|_| self.dead_notify(source)).map(dead(DeadCause::NeverNotified)),
            SignalKind::Weak => {
                let why = self.held_owner(source, task).map(|owner| format!("the task itself holds `{owner}`"));
                why.map(dead(DeadCause::SharedOwner))
            }
            SignalKind::Closed => self.dead_closed(source, task),
            SignalKind::Flag => self.dead_flag(source).map(dead(DeadCause::NeverSet)),
            SignalKind::Shutdown | SignalKind::Abort | SignalKind::Client | SignalKind::Process => None,
        }
    }

    pub(crate) fn binding_name(&self, pat: PatRef) -> Option<String> {
        let file = self.file(pat.file);
        match file[pat.id] {
            Pat::Bind { name, .. } => Some(file[name].to_owned()),
            _ => None,
        }
    }

    /// A `Notify` that nobody notifies.
    fn dead_notify(&self, source: &Value) -> Option<String> {
        let wanted = self.last_name(source);
        let mut names = catalogue::methods_that(|method| method.does(Does::Notifies));
        let notified = names.any(|name| {
            self.calls_named(name).iter().filter(|call| !self.in_test(**call)).any(|call| {
                let Expr::MethodCall { receiver, .. } = self.file(call.file)[call.id] else { return true };
                match (&wanted, self.last_name(&Value::bare(call.with(receiver)))) {
                    (Some(wanted), Some(name)) => *wanted == name,
                    _ => true,
                }
            })
        });
        let name = self.text_of(source.expr);
        (!notified).then(|| format!("nothing ever notifies `{name}`"))
    }

    /// The field that a value comes from, if it does.
    fn last_name(&self, value: &Value) -> Option<String> {
        let origin = self.origin(value);
        match self.expr(&origin) {
            Expr::Field { name, .. } => Some(self.file(origin.expr.file)[name].to_owned()),
            _ => None,
        }
    }

    /// The owner of a weak pointer that the task itself keeps alive.
    fn held_owner(&self, source: &Value, task: &RunBy) -> Option<String> {
        let origin = self.origin(source);
        let Expr::Call { callee, args } = self.expr(&origin) else { return None };
        let Def::External(path) = self.callee(origin.expr.with(callee)) else { return None };
        if !path.ends_with("::downgrade") {
            return None;
        }
        let task = task.get().filter(|task| origin.expr.file == task.file)?;
        let owner = self.file(origin.expr.file).at(args, 0)?;
        let (owner, _) = self.root_binding(&origin.at(owner))?;
        let body = self.body(self.place(task)?);
        let first = self.first_below(task);
        let captured = body.uses(owner.id).iter().any(|used| {
            first <= *used && *used <= task.id && !(self.first_below(origin.expr) <= *used && *used <= origin.expr.id)
        });
        let name = self.binding_name(owner)?;
        captured.then_some(name)
    }
}
