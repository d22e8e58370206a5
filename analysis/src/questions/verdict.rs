//! The verdict on a task, in one word: what its fate, ending and reach come to.

use super::{Ending, EndingKind, Fate, FieldUse, LongWait, PeerOrigin, Program, Reach, Task, WaitLength};
use crate::span::{FileId, Span};

/// What is to be thought of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// It lives long, nobody can end it, and a rule of the leak group says so.
    Leaks,
    /// Too little is known of its ending, or of who holds it.
    Unknown,
    /// Somebody awaits it, aborts it or owns it.
    Held,
    /// It is over soon.
    Short,
    /// A signal ends it, and somebody can give that.
    Stoppable,
    /// It ends when the other end of a connection does.
    Peer,
    /// It is started once per process.
    Process,
}

impl Verdict {
    /// All of them, in the order in which they are told.
    pub const ALL: [Verdict; 7] = [
        Verdict::Leaks,
        Verdict::Unknown,
        Verdict::Held,
        Verdict::Short,
        Verdict::Stoppable,
        Verdict::Peer,
        Verdict::Process,
    ];

    /// One word for it.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Leaks => "leaks",
            Verdict::Unknown => "unknown",
            Verdict::Held => "held",
            Verdict::Short => "short",
            Verdict::Stoppable => "stoppable",
            Verdict::Peer => "peer",
            Verdict::Process => "process",
        }
    }

    /// What is to be thought of a task, as far as the answers about it tell. A rule may know more.
    pub fn of(task: &Task, fate: &Fate, ending: &Ending, reach: Reach) -> Verdict {
        let hold = Hold::of(fate);
        if hold == Hold::Somebody || task.ends_with_local_runtime {
            return Verdict::Held;
        }
        if reach == Reach::Process {
            return Verdict::Process;
        }
        let loops_for_ever = ending.kind == EndingKind::Never && !ending.loops.is_empty();
        match (Verdict::of_ending(ending), hold) {
            (Verdict::Leaks, Hold::Nobody) => Verdict::Leaks,
            // Who keeps a handle in a field and forgets it there is reported for what is sure to go on.
            (Verdict::Leaks, Hold::Field) if loops_for_ever || ending.waits.iter().any(LongWait::is_the_end) => {
                Verdict::Leaks
            }
            (Verdict::Leaks, _) => Verdict::Unknown,
            (verdict, _) => verdict,
        }
    }

    /// What is to be thought of a task that nobody holds.
    fn of_ending(ending: &Ending) -> Verdict {
        match ending.kind {
            EndingKind::Never => Verdict::Leaks,
            _ if ending.waits.iter().any(LongWait::is_the_end) => Verdict::Leaks,
            EndingKind::Within => ending.waits.iter().find_map(LongWait::ends_earlier).unwrap_or(Verdict::Short),
            EndingKind::OnSignal => Verdict::Stoppable,
            // It was opened here, and nobody here can close it.
            EndingKind::OnPeer(PeerOrigin::Connected) if ending.signals.is_empty() => Verdict::Leaks,
            EndingKind::OnPeer(_) => Verdict::Peer,
            EndingKind::OnCaller | EndingKind::Unknown => Verdict::Unknown,
        }
    }
}

impl LongWait {
    /// What ends it before its time is up: a connection under an idle bound, a task under a token. The bound is
    /// only a belt then.
    pub fn ends_earlier(&self) -> Option<Verdict> {
        match self.inner {
            EndingKind::OnPeer(_) => Some(Verdict::Peer),
            EndingKind::OnSignal if self.signals.iter().any(|signal| signal.ends_with_request()) => {
                Some(Verdict::Stoppable)
            }
            _ => None,
        }
    }

    /// Whether it is known to be long, and nothing ends it earlier.
    fn is_the_end(&self) -> bool {
        matches!(self.length, WaitLength::Known(_)) && self.ends_earlier().is_none()
    }
}

/// Whether somebody holds a handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hold {
    Nobody,
    /// A field that nobody touches.
    Field,
    Somebody,
    Unknown,
}

impl Hold {
    fn of(fate: &Fate) -> Hold {
        match fate {
            Fate::Dropped { .. } | Fate::PartlyDropped { .. } | Fate::Raced(_) => Hold::Nobody,
            Fate::Stored { use_: FieldUse::Raced(_), .. } => Hold::Nobody,
            Fate::Stored { use_: FieldUse::Nothing, .. } => Hold::Field,
            Fate::Awaited(_)
            | Fate::Aborted(_)
            | Fate::AbortOnDrop(_)
            | Fate::Returned { .. }
            | Fate::Stored { use_: FieldUse::Kept(_), .. }
            | Fate::Owned
            | Fate::Cancelled => Hold::Somebody,
            Fate::Stored { use_: FieldUse::Unknown(_), .. } | Fate::Moved { .. } | Fate::Unknown(_) => Hold::Unknown,
        }
    }
}

/// A task with what the answers about it come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    /// The call that starts it, in the code that wants it.
    pub site: Span,
    /// The name of the call that spawns it, which may be in a wrapper.
    pub spawn: Span,
    /// What is to be thought of it. A rule may know more.
    pub verdict: Verdict,
    /// Whether something about it was given up.
    pub gave_up: bool,
}

impl Program {
    /// The tasks that are spawned in some files, with what is to be thought of each.
    pub fn verdicts(&self, is_selected: &dyn Fn(FileId) -> bool) -> Vec<Judged> {
        let answers = self.answers().filter(|(task, ..)| is_selected(task.site.file));
        let judged = answers.map(|(task, fate, ending, reach)| Judged {
            site: self.span(task.site),
            spawn: self.call_head(task.inner),
            verdict: self.verdict(task, fate, ending, *reach),
            gave_up: self.gave_up_on(task.site),
        });
        judged.collect()
    }

    /// What is to be thought of a task. Of one that a rule gave up nobody knows.
    pub(crate) fn verdict(&self, task: &Task, fate: &Fate, ending: &Ending, reach: Reach) -> Verdict {
        match self.gave_up_on(task.site) {
            true => Verdict::Unknown,
            false => Verdict::of(task, fate, ending, reach),
        }
    }
}
