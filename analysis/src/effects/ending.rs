//! When a task ends by itself: in a bounded time, on a signal, with its peer, with what the library's user hands in,
//! never, or nobody knows.

mod asking;
mod circles;
mod futures;
mod loops;
mod outside;
mod peers;
mod polls;
mod pools;
mod twins;
mod walk;

pub(super) use asking::{About, Answer, Question, keep_for};
pub(crate) use asking::{Asking, RunBy};
pub(super) use circles::Circles;
pub(super) use futures::bare_future;
pub(super) use outside::Given;
pub(super) use twins::Twins;

use super::{Dead, Effects, FnRef, IgnoredClose, LoopKind, OpenReason, Signal, SignalKind, Value, ValueId};
use crate::span::Span;
use std::time::Duration;

/// Who opened the connection that a task serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PeerOrigin {
    /// It was accepted, or handed in by somebody unknown.
    Accepted,
    /// This workspace opened it: `connect`, a client's stream, a subscription.
    Connected,
}

/// When a task ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EndingKind {
    /// After a bounded time. Long waits are listed beside.
    Within,
    /// When somebody outside the task gives a sign.
    OnSignal,
    /// When the other end of a connection does.
    OnPeer(PeerOrigin),
    /// When something does that code outside of the workspace hands in or writes: a closure, a future, a method of
    /// a public trait. The text of a library says who decides, and not what they decide.
    OnCaller,
    /// Cannot be told.
    Unknown,
    /// Never.
    Never,
}

impl EndingKind {
    /// How long a task of that kind may live, for comparison only.
    fn rank(self) -> u32 {
        match self {
            EndingKind::Within => 0,
            EndingKind::OnSignal => 1,
            EndingKind::OnPeer(PeerOrigin::Accepted) => 2,
            EndingKind::OnPeer(PeerOrigin::Connected) => 3,
            EndingKind::OnCaller => 4,
            EndingKind::Unknown => 5,
            EndingKind::Never => 6,
        }
    }

    /// Whether the workspace does not show when: nobody knows, or code outside of it decides.
    pub fn is_open(self) -> bool {
        matches!(self, EndingKind::OnCaller | EndingKind::Unknown)
    }

    /// One word for it.
    pub fn word(self) -> &'static str {
        match self {
            EndingKind::Within => "within",
            EndingKind::OnSignal => "on signal",
            EndingKind::OnPeer(PeerOrigin::Accepted) => "on peer",
            EndingKind::OnPeer(PeerOrigin::Connected) => "on peer (opened here)",
            EndingKind::OnCaller => "on caller",
            EndingKind::Unknown => "unknown",
            EndingKind::Never => "never",
        }
    }
}

/// How long a wait is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaitLength {
    /// Evaluated.
    Known(Duration),
    /// Written as this expression, whose value the text does not show.
    Unknown(String),
}

/// A wait under a timeout or sleep that is long, or of unknown length, and that nothing cuts short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LongWait {
    /// The call.
    pub at: Span,
    /// How long.
    pub length: WaitLength,
    /// Whether it is a timeout around something; otherwise a plain sleep.
    pub is_timeout: bool,
    /// What is waited for under the timeout.
    pub inner: EndingKind,
    /// Signals that would end the inner wait earlier, if their other half is dropped.
    pub signals: Vec<Signal>,
}

impl LongWait {
    /// How long it is, where the text shows that.
    pub fn known(&self) -> Option<Duration> {
        match self.length {
            WaitLength::Known(length) => Some(length),
            WaitLength::Unknown(_) => None,
        }
    }
}

/// A loop without end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoopFact {
    /// The whole loop.
    pub at: Span,
    /// How it loops.
    pub keyword: LoopKind,
    /// What looks like an exit and is none.
    pub dead_exits: Vec<DeadExit>,
    /// The function in which it stands, if it is not the task's own block.
    pub function: Option<FnRef>,
}

/// An exit that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadExit {
    /// The exit.
    pub at: Span,
    /// Why it cannot be taken.
    pub dead: Dead,
}

/// A place that explains an ending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Where.
    pub at: Span,
    /// What is there.
    pub text: String,
    /// Of a wait without end: why what it waits for never comes.
    pub dead: Option<Dead>,
}

/// What a task does not get past before one of some signs comes: a loop that nothing else ends, or a plain wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// The loop, if it is one.
    pub looped: Option<LoopFact>,
    /// The signs, and the exits that they open.
    pub exits: Vec<(Span, Signal)>,
}

/// When a task ends, with the evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The answer.
    pub kind: EndingKind,
    /// Long waits on the way that nothing cuts short.
    pub waits: Vec<LongWait>,
    /// Loops without end.
    pub loops: Vec<LoopFact>,
    /// Waits without end outside loops, and where a peer or signal decides.
    pub evidence: Vec<Evidence>,
    /// What stops it.
    pub signals: Vec<Signal>,
    /// What it has to get past, one after another.
    pub gates: Vec<Gate>,
    /// Closes that a loop passes over, and that nothing beside it makes up for.
    pub ignored: Vec<IgnoredClose>,
    /// A loop that ends on a condition of its own, after nobody knows how many turns.
    pub open_loop: Option<Span>,
    /// Whether a peer has a say in it.
    pub has_peer: bool,
    /// What code outside of the workspace decides.
    pub given: Option<(OpenReason, Span)>,
    /// Why it is not known.
    pub unknown: Option<(OpenReason, Span)>,
}

impl Ending {
    pub(crate) fn of(kind: EndingKind) -> Ending {
        Ending {
            kind,
            waits: vec![],
            loops: vec![],
            evidence: vec![],
            signals: vec![],
            gates: vec![],
            ignored: vec![],
            open_loop: None,
            has_peer: matches!(kind, EndingKind::OnPeer(_)),
            given: None,
            unknown: None,
        }
    }

    pub(crate) fn short() -> Ending {
        Ending::of(EndingKind::Within)
    }

    pub(crate) fn unknown(why: OpenReason, at: Span) -> Ending {
        Ending { unknown: Some((why, at)), ..Ending::of(EndingKind::Unknown) }
    }

    pub(crate) fn on_caller(what: OpenReason, at: Span) -> Ending {
        Ending { given: Some((what, at)), ..Ending::of(EndingKind::OnCaller) }
    }

    pub(crate) fn signal(signal: Signal) -> Ending {
        match &signal.dead {
            None => {
                // A message is enough for a plain wait for a channel.
                let is_plain = !matches!(signal.kind, SignalKind::Channel | SignalKind::Flag | SignalKind::Notify);
                let gate = || Gate { looped: None, exits: vec![(signal.at, signal.clone())] };
                let gates = is_plain.then(gate).into_iter().collect();
                Ending { gates, signals: vec![signal], ..Ending::of(EndingKind::OnSignal) }
            }
            Some(dead) => {
                let text = format!("waits here for {}, but {}", signal.kind.words(), dead.why);
                let evidence = Evidence { at: signal.at, text, dead: Some(dead.clone()) };
                Ending { evidence: vec![evidence], ..Ending::of(EndingKind::Never) }
            }
        }
    }

    /// Whether the workspace's own code shows that it may go on: it runs a method of a trait of the workspace.
    /// Futures from elsewhere, or handed in, show nothing, and a loop with a condition of its own mostly ends.
    pub fn may_go_on(&self) -> bool {
        let own_trait =
            self.open_reason().is_some_and(|(why, _)| matches!(why, OpenReason::TraitMethod | OpenReason::UserMethod));
        own_trait && self.signals.is_empty() && !self.has_peer
    }

    /// Why the workspace does not show when it ends, and where; only where it does not.
    pub fn open_reason(&self) -> Option<(OpenReason, Span)> {
        match self.kind {
            EndingKind::OnCaller => self.given,
            EndingKind::Unknown => self.unknown,
            _ => None,
        }
    }

    /// Whether it repeats something until a condition of its own holds, and nothing else can end that.
    pub fn repeats(&self) -> bool {
        self.kind == EndingKind::Unknown && self.signals.is_empty() && self.open_loop.is_some() && !self.has_peer
    }

    /// Whether the task has a long wait of known length that nothing cuts short.
    pub fn has_unraced_long_wait(&self) -> bool {
        self.waits.iter().any(|wait| matches!(wait.length, WaitLength::Known(_)))
    }

    /// Whether the task is known to be over soon: no wait, or only short ones.
    pub fn is_short(&self) -> bool {
        self.kind == EndingKind::Within && self.waits.is_empty()
    }

    /// First one, then the other.
    pub(crate) fn then(mut self, other: Ending) -> Ending {
        self.go_on_with(other);
        self
    }

    /// [`Ending::then`] in place.
    fn go_on_with(&mut self, other: Ending) {
        if self.kind == EndingKind::Never || other.says_nothing() {
            return;
        }
        if other.kind.rank() > self.kind.rank() {
            self.kind = other.kind;
        }
        add_new(&mut self.waits, other.waits);
        add_new(&mut self.loops, other.loops);
        add_new(&mut self.evidence, other.evidence);
        add_new(&mut self.ignored, other.ignored);
        add_new(&mut self.signals, other.signals);
        add_new(&mut self.gates, other.gates);
        self.has_peer |= other.has_peer;
        self.open_loop = self.open_loop.or(other.open_loop);
        self.given = self.given.or(other.given);
        self.unknown = self.unknown.or(other.unknown);
    }

    /// What is waited for on one of several ways: `None => pending().await` switches a timer off, and does not show that
    /// the task never ends.
    fn on_one_way(self, at: Span) -> Ending {
        let only_waits = !self.loops.is_empty() && self.loops.iter().all(|fact| fact.keyword == LoopKind::Wait);
        match self.kind == EndingKind::Never && only_waits {
            true => Ending::unknown(OpenReason::OwnCondition, at),
            false => self,
        }
    }

    /// Whether it is over at once, and there is nothing to tell of it.
    fn says_nothing(&self) -> bool {
        self.kind == EndingKind::Within && self.size() == 0 && self.given.is_none() && self.unknown.is_none()
    }

    /// Whichever comes first: the loser is dropped.
    pub(crate) fn race(self, other: Ending) -> Ending {
        let (mut first, second) = if other.kind.rank() < self.kind.rank() { (other, self) } else { (self, other) };
        // A wait is cut short by a signal; beside something unknown, who can say.
        let cuts = |kind: EndingKind| !matches!(kind, EndingKind::Never | EndingKind::Within);
        if cuts(second.kind) || (second.kind == EndingKind::Within && second.waits.is_empty()) {
            first.waits.clear();
        }
        // What is raced with something that may come first ends by that.
        match (first.kind, second.kind) {
            (EndingKind::Never, EndingKind::Never) => add_new(&mut first.ignored, second.ignored),
            // Until that comes, a loop that spins does so all the same.
            (kind, EndingKind::Never) if kind != EndingKind::Unknown => {
                let spins = second.ignored.into_iter().filter(IgnoredClose::spins);
                add_new(&mut first.ignored, spins.collect());
            }
            _ => first.ignored.clear(),
        }
        first.gates = race_gates(first.gates, second.kind, second.gates);
        add_new(&mut first.signals, second.signals);
        // What looks like a way out and is none is worth telling.
        if second.kind == EndingKind::Never {
            add_new(&mut first.evidence, second.evidence);
        }
        first
    }

    /// Whether nothing is known but that it runs itself again.
    fn calls_itself(&self) -> bool {
        self.kind == EndingKind::Unknown && self.unknown.is_some_and(|(why, _)| why == OpenReason::CallsItself)
    }

    /// How much it tells.
    fn size(&self) -> usize {
        let Ending { waits, loops, evidence, signals, gates, ignored, .. } = self;
        let flags = usize::from(self.has_peer) + usize::from(self.open_loop.is_some());
        waits.len() + loops.len() + evidence.len() + signals.len() + gates.len() + ignored.len() + flags
    }

    /// The values that it speaks of.
    fn sources(&self) -> impl Iterator<Item = ValueId> {
        let exits = self.gates.iter().flat_map(|gate| gate.exits.iter().map(|(_, signal)| signal));
        let waits = self.waits.iter().flat_map(|wait| &wait.signals);
        self.signals.iter().chain(waits).chain(exits).map(|signal| signal.source)
    }

    /// Puts in order what comes from all around a circle, wherever that was entered. `at` is what calls itself.
    fn order(&mut self, at: Span) {
        self.waits.sort_by_key(|it| it.at);
        self.loops.sort_by_key(|it| it.at);
        self.evidence.sort_by_key(|it| it.at);
        self.signals.sort_by_key(|it| it.at);
        self.ignored.sort_by_key(|it| it.at);
        self.gates.sort_by_key(|it| it.exits.first().map(|(at, _)| *at));
        if let Some((OpenReason::CallsItself, place)) = &mut self.unknown {
            *place = at;
        }
    }
}

/// What is left to get past, where something may come first.
fn race_gates(first: Vec<Gate>, second: EndingKind, mut others: Vec<Gate>) -> Vec<Gate> {
    match (second, first.as_slice(), others.as_mut_slice()) {
        (EndingKind::Never, ..) => first,
        (EndingKind::OnSignal, [one], [other]) => {
            let looped = one.looped.clone().or_else(|| other.looped.take());
            let mut exits = one.exits.clone();
            add_new(&mut exits, std::mem::take(&mut other.exits));
            vec![Gate { looped, exits }]
        }
        _ => Vec::new(),
    }
}

/// Adds what is not there yet.
fn add_new<T: PartialEq>(all: &mut Vec<T>, more: Vec<T>) {
    if all.is_empty() {
        *all = more;
        return;
    }
    for one in more {
        if !all.contains(&one) {
            all.push(one);
        }
    }
}

impl Effects {
    /// When a closure, or a function that stands for one, ends; of one that gives a future, that future, too.
    pub(crate) fn closure_ending(&self, closure: &Value, asking: &Asking) -> Ending {
        use crate::facts::Expr;
        match self.expr(closure) {
            Expr::Closure { body, .. } => {
                let body = closure.at(body);
                let here = self.flow(&body, asking);
                match asking.blocking {
                    true => here,
                    false => here.then(self.future_ending(&body, asking)),
                }
            }
            // `spawn_blocking(work)`: the function itself.
            Expr::Path(_) => match self.callee(closure.expr) {
                super::Def::Fn(function) => self.fn_ending(function, None, closure, asking),
                _ => self.given_closure(closure),
            },
            _ => self.given_closure(closure),
        }
    }

    /// When a future ends, with nothing known of the task that awaits it.
    pub fn ending_for_any_task(&self, value: &Value) -> Ending {
        self.future_ending(value, &Asking::new(None, false))
    }
}
