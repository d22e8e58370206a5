//! A long-lived task whose handle is dropped.

use crate::{declare_rule, evidence::Evidenced, rule::Cx};
use spawnlint_analysis::questions::{DropHow, EndedByDrop, EndingKind, Fate, OpenReason};

declare_rule! {
    /// A long-lived task's handle is dropped, so nobody can stop or observe the task.
    ///
    /// ## What it does
    /// Reports a task whose handle is dropped, when
    ///
    /// - the task is known to live for a long time and nobody can end it: it loops forever, waits for a long time,
    ///   waits for something that no signal ends, or reads from a connection that this workspace itself opened; or
    /// - the handle was kept only to be dropped (`let _task = spawn(..)`, a collection that is dropped unread,
    ///   `spawn(f).instrument(span);`), and the code shows that the task may keep running: it runs a method of a
    ///   workspace trait, or, where the handle has a name, it repeats a `select!`, none of whose branches completes
    ///   when the code that started the task is done; or
    /// - the handle is dropped on some paths and used on others, and the task is known to live for a long time, or the
    ///   code shows in the same way that it may keep running; or
    /// - a `Drop` spawns cleanup without a time limit: the cleanup reads until a peer is done, or repeats something
    ///   until a condition of its own holds.
    ///
    /// A dropped handle is not a defect in itself, and most dropped handles are sound. Not reported:
    ///
    /// - short tasks;
    /// - tasks that a signal ends;
    /// - tasks that are started once per process;
    /// - tasks that serve an accepted connection and end with it;
    /// - an explicit detach (`drop(spawn(..))`, `let _: JoinHandle<_> = ..`) of a task that is not known to live for a
    ///   long time.
    ///
    /// ## Why it leaks
    /// Dropping a tokio `JoinHandle` does not stop the task. Nobody can abort the task, its panics go unseen, and
    /// everything that it captured stays alive until the task ends by itself.
    ///
    /// ## Example
    /// ```rust
    /// use std::sync::Arc;
    /// use tokio::sync::Notify;
    ///
    /// pub fn watch(changed: Arc<Notify>, name: String) {
    ///     tokio::spawn(async move {
    ///         changed.notified().await;
    ///         println!("{name} changed");
    ///     });
    /// }
    /// ```
    ///
    /// ## Use instead
    /// ```rust
    /// use std::sync::Arc;
    /// use tokio::{sync::Notify, task::JoinHandle};
    ///
    /// pub fn watch(changed: Arc<Notify>, name: String) -> JoinHandle<()> {
    ///     tokio::spawn(async move {
    ///         changed.notified().await;
    ///         println!("{name} changed");
    ///     })
    /// }
    /// ```
    ///
    /// ## Rewrite safety
    /// Who owns the task is up to you, so any of these fixes may be wrong. From best to worst, the owner is
    ///
    /// 1. a field of the struct that the function builds;
    /// 2. a guard that lives until the end of a block that waits after the spawn;
    /// 3. the function's return value, or part of it; the callers are changed, too.
    ///
    /// Dropping the owner aborts the task immediately, and the task stops at its next `.await`. The owner is an
    /// `AbortOnDropHandle` if the package depends on tokio-util, and a small guard around the `AbortHandle` otherwise.
    /// For handles that are not tokio's, it is a token's `DropGuard` or futures' `abortable`. A guard is never bound in
    /// a function that returns immediately: that would end the task before it is first polled. Cleanup that a `Drop`
    /// spawns gets a time limit of a few seconds instead.
    ///
    /// ## Known limits
    /// If a handle goes where the code cannot be followed (another crate, a trait object), it is not judged. A future
    /// that comes from another crate or is passed in counts neither as short nor as long, so a dropped handle to its
    /// task is not reported. Locks and semaphores are assumed to become free soon, and a `Notify` is assumed to be
    /// notified if anything in the workspace notifies the same field. If an external function returns a future in a
    /// tuple with a client half, the future is assumed to end with that half.
    dropped_join_handle, Leak
}

fn check(cx: &mut Cx<'_>) {
    cx.each_task(|cx, it| {
        if !it.can_leak() {
            return;
        }
        let Some(message) = judge(&it) else { return };
        let mut finding = it.finding(RULE.name, message, it.lost_words());
        finding.labels.extend(it.spawn_label());
        finding.labels.extend(it.loop_labels());
        finding.labels.extend(it.evidence_labels());
        finding.labels.extend(it.lost_label());
        if let Some((why, at)) = it.ending.open_reason() {
            finding.labels.push(crate::finding::Label::new(at, format!("not known to end soon: {}", why.words())));
        }
        finding.notes.push(it.detached_note());
        finding.helps.push(it.keep_help());
        finding.rewrites.extend(it.keepers(RULE.name));
        cx.report(finding);
    });
}

/// Whether cleanup runs for as long as a peer, or a loop's own condition, allows.
fn has_no_bound(it: &Evidenced<'_>) -> bool {
    match it.ending.kind {
        EndingKind::OnPeer(_) => true,
        EndingKind::Unknown => it.ending.repeats(),
        _ => false,
    }
}

/// Whether a handle has a name where its task is started, and the task waits for one of several things again and again, of
/// which none ends together with what started it.
fn is_named_and_races(it: &Evidenced<'_>, how: &DropHow) -> bool {
    use OpenReason::{GivenFuture, HandedInFuture, OwnFuture, OwnStream, UnknownFuture, UnknownStream, WhatIsSent};
    let is_given = |why| {
        matches!(why, GivenFuture | HandedInFuture | OwnFuture | OwnStream | UnknownFuture | UnknownStream | WhatIsSent)
    };
    matches!(how, DropHow::Unused(_) | DropHow::EndOfScope(_))
        && it.is_lost_at_site()
        && it.ending.kind == EndingKind::Unknown
        && it.ending.open_reason().is_none_or(|(why, _)| !is_given(why))
        && it.ending.signals.is_empty()
        && !it.ending.has_peer
        && it.program.repeats_races(it.task)
        && it.program.ended_by_drop(it.task, it.fate, it.ending) == EndedByDrop::Nothing
}

/// What is wrong with a task, if anything.
fn judge(it: &Evidenced<'_>) -> Option<String> {
    let name = it.program.task_name(it.task);
    let lives_long = it.lives_long();
    let maybe_long = it.ending.may_go_on();
    match it.fate {
        // `tokio::spawn(endless());`
        Fate::Dropped { .. } if lives_long.is_some() => {
            Some(format!("{name} {}, and its handle is dropped", lives_long.unwrap_or_default()))
        }
        // `impl Drop for X { fn drop(&mut self) { tokio::spawn(read_on(..)); } }`
        Fate::Dropped { .. } if it.is_started_by_drop() && has_no_bound(it) => {
            Some(format!("{name} does cleanup without a time limit"))
        }
        // `let _task = tokio::spawn(f);`
        Fate::Dropped { how, .. } if how.is_written_down() && (maybe_long || is_named_and_races(it, how)) => {
            Some(match how {
                DropHow::Adapted(method) => {
                    format!("`.{method}` moves the handle of {name} into a future that is dropped")
                }
                DropHow::Discarded => format!("the value that holds the handle of {name} is dropped"),
                DropHow::AbortHandleUnused => format!("the abort handle of {name} is dropped, which aborts nothing"),
                _ => format!("the handle of {name} is bound but never used"),
            })
        }
        // `let task = tokio::spawn(f); check()?; task.await`
        Fate::PartlyDropped { lost, .. } if it.program.leaves_for_good(it.task.site, *lost) => None,
        Fate::PartlyDropped { lost, .. }
            if lives_long.is_some() || (maybe_long && !it.program.touches_captured(it.task, *lost)) =>
        {
            Some(format!("the handle of {name} is dropped on some paths and used on others"))
        }
        _ => None,
    }
}
