//! What the formats have in common: how a part of an entry is called, with nothing in it that steers a terminal.

use super::super::located::shown;
use crate::inventory::Listed;
use spawnlint_analysis::questions::{
    Ending, EndingKind, Fate, Owner, PeerOrigin, Signal, SignalKind, TaskEntry, WaitLength, Work,
};
use spawnlint_rules::words::duration_words;

/// What runs.
pub(crate) fn work(work: &Work) -> String {
    match work {
        Work::Function(named) => shown(&named.name),
        Work::Block(_, Some(call)) => format!("async {{ {} }}", shown(&call.name)),
        Work::Block(_, None) => "async block".to_owned(),
        Work::Closure(_, Some(call)) => format!("|| {}", shown(&call.name)),
        Work::Closure(_, None) => "closure".to_owned(),
        Work::Wrapper(named) => format!("{} {{ .. }}", shown(&named.name)),
        Work::Other(text, _) => shown(text),
    }
}

/// When it ends: `within 10 min`, `on token stop`.
pub(crate) fn ending(ending: &Ending) -> String {
    let mut text = ending.kind.plain_word().to_owned();
    if ending.kind == EndingKind::OnPeer(PeerOrigin::Connected) {
        text.push_str(" (opened here)");
    }
    // Where it never ends, no wait is worth telling of.
    if ending.kind != EndingKind::Never {
        let known = ending.waits.iter().filter_map(|wait| match wait.length {
            WaitLength::Known(length) => Some(length),
            WaitLength::Unknown(_) => None,
        });
        let unknown = ending.waits.iter().find_map(|wait| match &wait.length {
            WaitLength::Known(_) => None,
            WaitLength::Unknown(text) => Some(text),
        });
        match (known.max(), unknown) {
            (Some(longest), _) => text.push_str(&format!(" {}", duration_words(longest))),
            (None, Some(length)) => text.push_str(&format!(" {}", shown(length))),
            (None, None) => {}
        }
    }
    let mut signals: Vec<String> = Vec::new();
    for signal in ending.signals.iter().map(signal) {
        // The same sign may be listened to in several places.
        if !signals.contains(&signal) {
            signals.push(signal);
        }
    }
    match (signals.is_empty(), ending.kind) {
        (true, _) => text,
        (false, EndingKind::OnSignal) => format!("on {}", signals.join(" or ")),
        (false, _) => format!("{text}, {}", signals.join(" or ")),
    }
}

/// `token stop`.
pub(crate) fn signal(signal: &Signal) -> String {
    let name = match signal.kind {
        // `tokio::signal::ctrl_c()`: of a function of a library the name is enough.
        SignalKind::Process => signal.name.rsplit("::").next().unwrap_or_default(),
        // What is no name or field has no text.
        _ if signal.name == ".." => "",
        _ => &signal.name,
    };
    format!("{} {}", signal_kind(signal.kind), shown(name)).trim_end().to_owned()
}

/// One word for a kind of signal.
pub(crate) fn signal_kind(kind: SignalKind) -> &'static str {
    match kind {
        SignalKind::Channel => "channel",
        SignalKind::Token => "token",
        SignalKind::Closed => "closed",
        SignalKind::Notify => "notify",
        SignalKind::Weak => "weak",
        SignalKind::Flag => "flag",
        SignalKind::Shutdown => "shutdown",
        SignalKind::Abort => "abort",
        SignalKind::Client => "client",
        SignalKind::Process => "process",
    }
}

/// What becomes of the handle, and who has it: `stored in Player.watchdog`.
pub(crate) fn handle(entry: &TaskEntry) -> String {
    let fate = entry.fate.word();
    let dropped = matches!(entry.fate, Fate::Dropped { .. });
    match (&entry.owner, owner(&entry.owner)) {
        (Owner::Set(_), Some(set)) if dropped => format!("{fate}, ends with {set}"),
        (Owner::Set(_), Some(set)) => format!("{fate} by {set}"),
        (Owner::Field { is_used, .. }, Some(field)) => {
            let rest = match is_used {
                Some(true) => "",
                Some(false) => ", never used",
                None => ", unknown use",
            };
            format!("{fate} in {field}{rest}")
        }
        (Owner::Taker(_), Some(taker)) => format!("{fate} into {taker}"),
        // Where it is started is told anyway.
        (Owner::Function(named), _) if *named == entry.starter => fate.to_owned(),
        (Owner::Function(_), Some(function)) => format!("{fate} in {function}"),
        _ => fate.to_owned(),
    }
}

/// Who has a task, if that has a name.
pub(crate) fn owner(owner: &Owner) -> Option<String> {
    match owner {
        Owner::Field { owner, field, .. } => Some(shown(&format!("{owner}.{field}"))),
        Owner::Set(name) | Owner::Taker(name) => Some(shown(name)),
        Owner::Function(named) => Some(shown(&named.name)),
        Owner::Nobody | Owner::Caller | Owner::Guard | Owner::Handle | Owner::Unknown => None,
    }
}

/// The rules that report a task: `unbounded_task_loop`, `double_spawn (suppressed)`.
pub(crate) fn rules(task: &Listed) -> String {
    let rules = task.rules.iter().map(|it| match it.is_allowed {
        true => format!("{} (suppressed)", it.rule),
        false => it.rule.to_owned(),
    });
    rules.collect::<Vec<_>>().join(", ")
}
