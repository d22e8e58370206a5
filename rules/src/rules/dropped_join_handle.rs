//! A long-lived task whose handle is thrown away.

use crate::{declare_rule, evidence::Evidenced, rule::Cx};
use spawnlint_analysis::questions::{DropHow, EndingKind, Fate};

declare_rule! {
    /// Nobody can stop or observe a task that lives long.
    ///
    /// ## What it does
    /// Reports a task whose handle is dropped, when
    ///
    /// - the task is known to live long and nobody can end it: it loops for ever, waits long, waits for
    ///   something that no signal ends, or reads from a connection that this workspace itself opened; or
    /// - somebody wrote the handle down only to lose it (`let _task = spawn(..)`, a collection that dies unread,
    ///   `spawn(f).instrument(span);`), and the code shows that the task may go on: it runs a method of a
    ///   trait of the workspace; or
    /// - the handle is used on some ways out of its scope and lost on others, and the task is known to live long or
    ///   may go on in the same way; or
    /// - a `Drop` spawns clean-up without a bound: it reads until a peer is done, or repeats something until a
    ///   condition of its own holds.
    ///
    /// A dropped handle alone is no defect, and most are sound. Silent: short tasks, tasks that a signal ends,
    /// tasks that are started once per process, tasks that serve an accepted connection and end with it,
    /// explicit detach (`drop(spawn(..))`, `let _: JoinHandle<_> = ..`) of a task that is not known to live long.
    ///
    /// ## Why it leaks
    /// Dropping a tokio `JoinHandle` does not stop the task. Nobody can abort it any more, its panics are not
    /// seen, and what it captured stays until it ends by itself.
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
    /// Who owns the task is a decision, so each rewrite may be wrong. Best first: a field of the struct that the
    /// function builds, a guard that lives to the end of a block that goes on to wait, the owner as (a part of) what
    /// the function gives back, with its callers changed too. What is kept aborts the task at its next `.await`: an
    /// `AbortOnDropHandle` of tokio-util where the package has it, a small guard around the `AbortHandle` else, a
    /// `DropGuard` of a token or futures' `abortable` where there is no handle of tokio. A guard is never bound in
    /// a function that returns at once: that would kill the task before its first turn. Clean-up that a `Drop`
    /// starts gets a bound of a few seconds instead.
    ///
    /// ## Known limits
    /// A handle that goes to where the text does not show what happens (another crate, a trait object) is not
    /// judged. A future from another crate, or one that was handed in, is taken neither for short nor for long:
    /// losing its handle is not reported. Locks and semaphores are taken to be free soon, a `Notify` to be
    /// notified if anything in the workspace notifies the same field, and a foreign future that came in one
    /// tuple with a client half to end with that half.
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

/// Whether clean-up goes on for as long as a peer, or a loop's own condition, likes.
fn has_no_bound(it: &Evidenced<'_>) -> bool {
    match it.ending.kind {
        EndingKind::OnPeer(_) => true,
        EndingKind::Unknown => it.ending.repeats(),
        _ => false,
    }
}

/// What is wrong with a task, or `None`.
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
            Some(format!("{name} is clean-up without a bound"))
        }
        // `let _task = tokio::spawn(f);`
        Fate::Dropped { how, .. } if how.is_written_down() && maybe_long => Some(match how {
            DropHow::Adapted(method) => {
                format!("the handle of {name} is thrown away in the future that `.{method}` made of it")
            }
            DropHow::Discarded => format!("the handle of {name} is thrown away with what holds it"),
            DropHow::AbortHandleUnused => format!("the abort handle of {name} is thrown away, which aborts nothing"),
            _ => format!("the handle of {name} is written down only to be lost"),
        }),
        // `let task = tokio::spawn(f); check()?; task.await`
        Fate::PartlyDropped { lost, .. }
            if lives_long.is_some() || (maybe_long && !it.program.touches_captured(it.task, *lost)) =>
        {
            Some(format!("the handle of {name} is lost on one way out"))
        }
        _ => None,
    }
}
