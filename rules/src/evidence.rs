//! The evidence of a finding about a task, in words that all rules share.

mod drafts;

pub use drafts::{Drafts, Wrapped};

use crate::{
    finding::{Finding, Label},
    words::duration_words,
};
use spawnlint_analysis::{
    catalogue::{Handle, Runs, Runtime, SpawnRow},
    questions::{
        Act, Dead, DeadCause, DropHow, Ending, EndingKind, Fate, FieldUse, LongWait, LoopKind, PeerOrigin, Program,
        Reach, Task, Type, Value, Via, WaitLength,
    },
    span::Span,
};

/// How many captured names a note lists.
const MAX_CAPTURES: usize = 3;

/// A task with everything that is known about it.
#[derive(Debug, Clone, Copy)]
pub struct Evidenced<'a> {
    /// The program.
    pub program: &'a Program,
    /// The task.
    pub task: &'a Task,
    /// What happens to its handle.
    pub fate: &'a Fate,
    /// When it ends by itself.
    pub ending: &'a Ending,
    /// How often it is started.
    pub reach: Reach,
    /// Rewrites that it may share with other tasks.
    pub drafts: &'a Drafts,
}

impl Evidenced<'_> {
    /// Whether the leak rules consider it: it is not started once per process and does not end with a local runtime.
    pub fn can_leak(&self) -> bool {
        self.reach != Reach::Process && !self.task.ends_with_local_runtime
    }

    /// The same of a task for which a sign was made that can never come: that it is started once in the programs at hand
    /// does not make it meant to stay, where a library's type starts it.
    pub fn can_leak_despite(&self, causes: &[DeadCause]) -> bool {
        self.can_leak()
            || !self.task.ends_with_local_runtime
                && self.program.is_started_by_type(self.task.site)
                && !self.dead_signs(causes).is_empty()
    }

    /// The same for the strict suite, where the caller of a published function is an owner too.
    pub fn can_outlive_owner(&self) -> bool {
        !self.task.ends_with_local_runtime
            && (self.reach != Reach::Process || self.program.reach_of_owner(self.task.site) != Reach::Process)
    }

    /// Whether nobody can stop it through its handle: it is dropped, or in a field that is never used.
    pub fn is_unheld(&self) -> bool {
        match self.fate {
            Fate::Dropped { .. } => true,
            Fate::Stored { use_, .. } => *use_ == FieldUse::Nothing,
            _ => false,
        }
    }

    /// The signals that would end it but never come for one of these reasons: where it waits for them, and why.
    pub fn dead_signs(&self, causes: &[DeadCause]) -> Vec<(Span, &Dead)> {
        let exits = self.ending.loops.iter().flat_map(|fact| &fact.dead_exits).map(|exit| (exit.at, &exit.dead));
        let waits = self.ending.evidence.iter().filter_map(|it| Some((it.at, it.dead.as_ref()?)));
        let mut found: Vec<_> = exits.chain(waits).filter(|(_, dead)| causes.contains(&dead.cause)).collect();
        found.sort_by_key(|(at, _)| *at);
        found.dedup();
        found
    }

    /// What it does, if it is known to live long and only its handle can end it.
    pub fn lives_long(&self) -> Option<&'static str> {
        match self.ending.kind {
            EndingKind::Never => Some("never ends"),
            _ if !self.reportable_waits().is_empty() => Some("waits for a long time"),
            EndingKind::OnPeer(PeerOrigin::Connected) if self.ending.signals.is_empty() => {
                Some("keeps reading until the peer closes the connection")
            }
            _ => None,
        }
    }

    /// Whether it is started by a `Drop`.
    pub fn is_started_by_drop(&self) -> bool {
        self.program.is_drop(self.task.site)
    }

    /// Long waits that are worth a report: see `long_timeout_in_task`.
    pub fn reportable_waits(&self) -> Vec<&LongWait> {
        let per_request = self.reach == Reach::Request || self.is_started_by_drop();
        let captures = self.program.captures(self.task);
        let holds_state = |length: &str| {
            // Whatever a `Drop` hands to a task is state, however small.
            let weighs = |ty: &Type| self.is_started_by_drop() || !self.program.is_light(ty);
            let is_state = |name: &str, ty: &Type| !length.contains(name) && weighs(ty);
            captures.iter().any(|(name, ty, _)| is_state(name, ty))
        };
        (self.ending.waits.iter())
            .filter(|wait| {
                match &wait.length {
                    _ if wait.ends_earlier().is_some() => false,
                    WaitLength::Known(_) => true,
                    WaitLength::Unknown(length) => {
                        // A bound of a setting's length around work is a guard, not the cause.
                        let is_guard = wait.is_timeout && wait.inner != EndingKind::Never;
                        let is_meant = matches!(
                            self.fate,
                            Fate::Dropped { how: DropHow::Detach | DropHow::DropCall | DropHow::TypedUnderscore, .. }
                        );
                        let is_bare = self.fate.is_dropped() && !is_meant && self.ending.signals.is_empty();
                        let shares_state =
                            || !wait.is_timeout && captures.iter().any(|(_, ty, _)| self.program.shares_state(ty));
                        per_request && is_bare && !is_guard && (holds_state(length) || shares_state())
                    }
                }
            })
            .collect()
    }

    /// Starts a finding at the spawn.
    pub fn finding(&self, rule: &'static str, message: String, label: String) -> Finding {
        Finding {
            rule,
            at: self.program.call_head(self.task.site),
            task: Some(self.program.span(self.task.site)),
            message,
            label,
            labels: Vec::new(),
            notes: Vec::new(),
            helps: Vec::new(),
            rewrites: Vec::new(),
        }
    }

    /// How the handle is dropped, as the label of the spawn.
    pub fn lost_words(&self) -> String {
        let wrapper = self.task.way().first().map(|wrapper| self.program.wrapper_name(*wrapper));
        match (self.fate, wrapper) {
            (Fate::Dropped { how, .. }, Some(wrapper)) if !self.is_lost_at_site() => match how {
                DropHow::NoHandle => format!("`{wrapper}` starts the task and returns no handle"),
                _ => format!("`{wrapper}` starts the task and drops its handle"),
            },
            (Fate::Dropped { how, .. }, _) => match how {
                DropHow::Statement => "the handle is dropped at the end of this statement".to_owned(),
                DropHow::LetUnderscore => "`let _` drops the handle immediately".to_owned(),
                DropHow::TypedUnderscore => "`let _` drops the handle immediately".to_owned(),
                DropHow::Unused(name) => format!("the handle is bound to `{name}` and never used"),
                DropHow::EndOfScope(name) => format!("the handle is dropped when `{name}` goes out of scope"),
                DropHow::DropCall => "the handle is dropped on purpose".to_owned(),
                DropHow::Forget => "the handle is forgotten".to_owned(),
                DropHow::Detach => "the task is detached here".to_owned(),
                DropHow::Discarded => "the handle is part of a value that is dropped".to_owned(),
                DropHow::AbortHandleUnused => "dropping an abort handle does not abort the task".to_owned(),
                DropHow::NoHandle => "this call returns no handle".to_owned(),
                DropHow::Adapted(method) => {
                    format!("`.{method}` wraps the handle, not the task, and the wrapped handle is dropped")
                }
            },
            (Fate::Stored { owner, field, .. }, _)
                if self.program.field_acts(*owner, field).iter().any(|used| used.act == Act::Replaces) =>
            {
                format!("the handle is stored in `{field}`, and the task is aborted only to start the next one")
            }
            (Fate::Stored { field, .. }, _) => {
                format!("the handle is stored in `{field}` and never used again")
            }
            (Fate::PartlyDropped { .. }, _) => "the handle is used on some paths and dropped on others".to_owned(),
            (Fate::Raced(_), _) => "the waiter may give up while the task keeps running".to_owned(),
            _ => "spawned here".to_owned(),
        }
    }

    /// Whether the call that starts it gives its handle with something else: `let (tx, task) = start();`.
    fn comes_in_tuple(&self) -> bool {
        let given = self.program.given_expr(self.task.site).unwrap_or(self.task.site);
        let is_tuple = |ty: Type| matches!(ty, Type::Tuple(_));
        let ty = self.program.type_of(&Value::bare(given));
        !self.task.is_direct() && (is_tuple(ty.inside()) || is_tuple(ty))
    }

    /// Whether a wrapper drops the handle, so that its callers never had it.
    fn is_lost_in_wrapper(&self) -> bool {
        !self.task.is_direct() && !self.is_lost_at_site()
    }

    /// Whether the handle is lost where the task is started, and not in a wrapper.
    pub fn is_lost_at_site(&self) -> bool {
        match self.fate {
            Fate::Dropped { at, .. } => {
                let site = self.program.place_range(self.task.site);
                at.file == site.file && site.range.contains(at.range)
            }
            _ => true,
        }
    }

    /// Where the handle is dropped, if that is not at the spawn itself.
    pub fn lost_label(&self) -> Option<Label> {
        let site = self.program.span(self.task.site);
        match self.fate {
            Fate::Dropped { at, how }
                if *at != site && !at.range.contains(site.range) && !self.is_lost_in_wrapper() =>
            {
                let text = match how {
                    // The spawn's own label says it.
                    DropHow::Unused(_) | DropHow::LetUnderscore | DropHow::TypedUnderscore => return None,
                    DropHow::EndOfScope(name) => format!("only `{name}` holds the handle"),
                    DropHow::DropCall | DropHow::Forget => "the handle is dropped here".to_owned(),
                    _ => "the handle is dropped here".to_owned(),
                };
                Some(Label { at: *at, text })
            }
            Fate::PartlyDropped { lost, .. } => {
                Some(Label { at: *lost, text: "this path drops the handle".to_owned() })
            }
            _ => None,
        }
    }

    /// Where a wrapper really spawns.
    pub fn spawn_label(&self) -> Option<Label> {
        match &self.task.via {
            Via::Direct => None,
            Via::Wrapper(_) => {
                let text = match self.is_lost_in_wrapper() {
                    true => format!("`{}` is called here, and its handle is dropped", self.task.api),
                    false => format!("`{}` is called here", self.task.api),
                };
                Some(Label { at: self.program.call_head(self.task.inner), text })
            }
        }
    }

    /// The endless loops, and what only looks like an exit of them.
    pub fn loop_labels(&self) -> Vec<Label> {
        let mut labels = Vec::new();
        for fact in &self.ending.loops {
            labels.push(match fact.keyword {
                LoopKind::Wait => Label::new(fact.at, "this wait never ends"),
                keyword => Label::new(self.program.keyword_span(fact.at, keyword), "this loop has no exit"),
            });
            for exit in &fact.dead_exits {
                labels.push(Label { at: exit.at, text: format!("this never ends the loop: {}", exit.dead.why) });
            }
        }
        labels
    }

    /// What else explains how long it lives.
    pub fn evidence_labels(&self) -> Vec<Label> {
        self.ending.evidence.iter().map(|it| Label { at: it.at, text: it.text.clone() }).collect()
    }

    /// The long waits.
    pub fn wait_labels(&self) -> Vec<Label> {
        let label = |wait: &LongWait| Label::new(wait.at, format!("waits here {}", length_words(wait)));
        self.reportable_waits().iter().filter(|wait| wait.known().is_some()).map(|wait| label(wait)).collect()
    }

    /// Waits of a length that the text does not show.
    pub fn open_wait_labels(&self) -> Vec<Label> {
        let open = self.ending.waits.iter().filter(|wait| wait.known().is_none());
        open.map(|wait| Label::new(wait.at, format!("waits here {}", length_words(wait)))).collect()
    }

    /// What the task keeps alive, as the end of a sentence: ``keeps `client` and `body` alive``.
    pub fn captured_words(&self) -> Option<String> {
        let captures: Vec<String> = (self.program.captures(self.task).into_iter())
            .filter(|(name, ty, _)| name != "_" && !is_plain(ty))
            .map(|(name, _, _)| format!("`{name}`"))
            .collect();
        match captures.len() {
            0 => None,
            many if many > MAX_CAPTURES => {
                Some(format!("{} and {} more", captures[..MAX_CAPTURES].join(", "), many - MAX_CAPTURES))
            }
            _ => Some(file_list(&captures)),
        }
    }

    /// What dropping its handle leads to.
    pub fn detached_note(&self) -> String {
        self.with_costs("dropping the handle detaches the task, which keeps running")
    }

    /// A sentence about the task, followed by what the task keeps alive and how often one is started.
    pub fn with_costs(&self, sentence: &str) -> String {
        let keeps = self.captured_words().map(|names| format!(" and keeps {names} alive"));
        let often = self.reach_words().map(|words| format!("; {words}"));
        format!("{sentence}{}{}", keeps.unwrap_or_default(), often.unwrap_or_default())
    }

    /// How often such a task is started, as a clause; empty where it is not known.
    pub fn reach_words(&self) -> Option<&'static str> {
        match self.reach {
            Reach::Request if self.program.is_in_loop(self.task.site) => {
                Some("a new task is started on every iteration of the enclosing loop")
            }
            Reach::Request => Some("a new task is started for every request or connection"),
            Reach::Owner if self.is_started_by_drop() => Some("a new task is started by every drop"),
            Reach::Owner | Reach::Unknown | Reach::Process => None,
        }
    }

    /// How the owner of the field that holds the handle can end the task, in the words of its runtime.
    pub fn owner_help(&self, owner: &str, field: &str) -> String {
        let is_detached = |row: &SpawnRow| {
            row.runtime == Runtime::Tokio
                && row.runs == Runs::Future
                && matches!(row.handle, Handle::Detach | Handle::ResultDetach)
                && !row.ends_with_receiver
        };
        match self.task.row {
            Some(row) if is_detached(row) => format!(
                "abort the task in the `Drop` of `{owner}`, or keep an `AbortOnDropHandle` from tokio-util in `{field}` instead of the handle"
            ),
            _ => self.keep_help(),
        }
    }

    /// What to keep, in the words of the runtime that the task runs on.
    pub fn keep_help(&self) -> String {
        if self.task.runs == Runs::Blocking {
            return "pass a flag or a token into the closure, and check it in the loop: aborting does not stop a blocking closure that has started"
                .to_owned();
        }
        let call = format!("{}(..)", self.program.spawn_name(self.task));
        match self.task.runtime() {
            Some(Runtime::AsyncStd) => {
                "keep the handle and await `.cancel()` before the owner is dropped, or wrap the future in `futures::future::abortable`"
                    .to_owned()
            }
            Some(Runtime::Smol) => {
                "keep the `Task` in its owner instead of detaching it: dropping a `Task` cancels the work".to_owned()
            }
            Some(Runtime::Monoio) => {
                "race the work against a cancellation token: monoio has no abort".to_owned()
            }
            _ if matches!(self.fate, Fate::Dropped { how: DropHow::NoHandle, .. }) => {
                "wrap the future in `futures::future::abortable`, and call `.abort()` when the owner is dropped".to_owned()
            }
            _ if self.is_lost_in_wrapper() => format!(
                "return the handle from `{}`, and abort the task in the `Drop` of the type that should own the task: `let abort = {call}.abort_handle();` with `self.abort.abort()` in `Drop`",
                self.program.spawn_name(self.task)
            ),
            _ if self.comes_in_tuple() => format!(
                "store the handle returned by `{call}` in the type that should own the task, and abort the task in that type's `Drop`"
            ),
            _ => format!(
                "keep an abort handle in the type that should own the task, and abort the task in that type's `Drop`: `let abort = {call}.abort_handle();` with `self.abort.abort()` in `Drop`, or hold `AbortOnDropHandle::new({call})` from tokio-util"
            ),
        }
    }
}

fn is_plain(ty: &Type) -> bool {
    match ty {
        Type::Tuple(members) => members.is_empty(),
        Type::External(path, _) => &**path == "std::primitive" || &**path == "std::time::Duration",
        _ => false,
    }
}

/// `a`, `a and b`, `a, b and c`.
pub fn file_list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

impl Label {
    /// A label, if its place is not that of the finding.
    pub fn new(at: Span, text: impl Into<String>) -> Label {
        Label { at, text: text.into() }
    }
}

/// How long a wait lasts: `for up to 10 min`, ``for `self.ttl` ``.
pub(crate) fn length_words(wait: &LongWait) -> String {
    match (&wait.length, wait.is_timeout) {
        (WaitLength::Known(length), true) => format!("for up to {}", duration_words(*length)),
        (WaitLength::Known(length), false) => format!("for {}", duration_words(*length)),
        (WaitLength::Unknown(text), _) => format!("for `{text}`"),
    }
}
