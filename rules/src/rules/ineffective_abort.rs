//! An abort that cannot end its task.

use crate::{
    declare_rule,
    evidence::Evidenced,
    finding::{Finding, Label},
    rewrite::proposals,
    rule::Cx,
};
use spawnlint_analysis::questions::{VainAbort, VainCall};

declare_rule! {
    /// A task is aborted in a way that cannot end it.
    ///
    /// ## What it does
    /// Reports
    ///
    /// - a blocking closure (`spawn_blocking`) that loops forever or sleeps long, and that is aborted through its
    ///   handle, an owner or a set: abort works only while the closure is queued;
    /// - a task that loops forever, when only an `AbortHandle` (of tokio, or of a futures `Abortable`) could end it and
    ///   nobody calls `abort()` on it: it is dropped, unused, or kept in a field that is never used;
    /// - an aborted task whose loop never yields: none of its `.await`s can be pending;
    /// - `AbortHandle::new_pair()` whose registration is dropped while the handle is used;
    /// - `task.cancel();` of async-std without `.await`: the handle moves into a future that is dropped.
    ///
    /// The labels show the abort and the loop that keeps running.
    ///
    /// Not reported: short blocking closures, for which abort is best effort, and those that a channel, flag or token
    /// ends; tasks that are started once per process; loops with any `.await` that is not known to be ready
    /// immediately; `cancel()` on handles of other runtimes.
    ///
    /// ## Why it leaks
    /// `abort()` asks the runtime to drop the task the next time it yields. A closure on a thread and a loop without a
    /// pending `.await` never yield. And neither tokio's nor futures' `AbortHandle` aborts when it is dropped, unlike
    /// `AbortOnDropHandle`. The task keeps running with everything it captured, although the code reads as if it had
    /// been ended.
    ///
    /// ## Example
    /// ```rust
    /// use std::{fs, thread, time::Duration};
    /// use tokio::task::JoinHandle;
    ///
    /// pub struct Watcher {
    ///     task: JoinHandle<()>,
    /// }
    ///
    /// impl Watcher {
    ///     pub fn start(path: String) -> Watcher {
    ///         let task = tokio::task::spawn_blocking(move || {
    ///             loop {
    ///                 println!("{}", fs::metadata(&path).is_ok());
    ///                 thread::sleep(Duration::from_secs(1));
    ///             }
    ///         });
    ///         Watcher { task }
    ///     }
    /// }
    ///
    /// impl Drop for Watcher {
    ///     fn drop(&mut self) {
    ///         self.task.abort();
    ///     }
    /// }
    /// ```
    ///
    /// ## Use instead
    /// ```rust
    /// use std::{fs, sync::Arc, sync::atomic::{AtomicBool, Ordering}, thread, time::Duration};
    ///
    /// pub struct Watcher {
    ///     is_over: Arc<AtomicBool>,
    /// }
    ///
    /// impl Watcher {
    ///     pub fn start(path: String) -> Watcher {
    ///         let is_over = Arc::new(AtomicBool::new(false));
    ///         let asked = is_over.clone();
    ///         tokio::task::spawn_blocking(move || {
    ///             while !asked.load(Ordering::Relaxed) {
    ///                 println!("{}", fs::metadata(&path).is_ok());
    ///                 thread::sleep(Duration::from_secs(1));
    ///             }
    ///         });
    ///         Watcher { is_over }
    ///     }
    /// }
    ///
    /// impl Drop for Watcher {
    ///     fn drop(&mut self) {
    ///         self.is_over.store(true, Ordering::Relaxed);
    ///     }
    /// }
    /// ```
    ///
    /// ## Rewrite safety
    /// A flag or token that the loop checks ends it between two iterations, never within one. An abort that works stops
    /// the task at an `.await`, so a loop that gets its first `.await` can be ended in the middle of an iteration.
    /// `.await` after `cancel()` is what was meant; it waits for the task to end. For a blocking closure only a comment
    /// is proposed: how it learns that it should stop is your decision. A field or variable that held an `AbortHandle`
    /// holds an owner that aborts on drop instead; a variable only in a function that waits afterwards.
    ///
    /// ## Known limits
    /// A handle that goes where the code cannot be followed is not judged, and neither is one that may be shared.
    /// Whether an `.await` is ever pending is judged by the source alone: a lock that is always free counts as one that
    /// can be.
    ineffective_abort, Leak
}

fn check(cx: &mut Cx<'_>) {
    cx.each_task(|cx, it| {
        if !it.can_leak() {
            return;
        }
        let Some(vain) = it.program.vain_abort(it.task, it.fate, it.ending) else { return };
        let mut finding = it.finding(RULE.name, message(&it, &vain), "the task is spawned here".to_owned());
        finding.labels.extend(it.spawn_label());
        finding.labels.extend(it.loop_labels());
        let (aborted, why, help) = words(&vain);
        let place = place(&vain);
        // `tokio::spawn(f).abort_handle();`, and a set: both places are the same.
        match place.file == finding.at.file && place.range.contains(finding.at.range) {
            true => finding.label = aborted.to_owned(),
            false => finding.labels.push(Label::new(place, aborted)),
        }
        let keeps = it.captured_words().map(|names| format!("; the task keeps {names} alive"));
        finding.notes.push(format!("{why}{}", keeps.unwrap_or_default()));
        finding.helps.push(help.to_owned());
        finding.rewrites = it.rewrites_of_abort(RULE.name, &vain);
        cx.report(finding);
    });
    cx.each(cx.program.vain_calls(), |cx, call| {
        let rewrites = proposals::rewrites_of_call(cx.program, RULE.name, &call);
        let (at, message, label, note, help) = match call {
            VainCall::Cancel(at) => (
                at,
                "`cancel()` is not awaited, so it detaches the task instead of ending it",
                "the future that would cancel the task is dropped here, and the handle with it",
                "`cancel()` moves an async-std handle into the future it returns; dropped unpolled, that detaches the task",
                "await it: `.cancel().await`",
            ),
            VainCall::Registration(at) => (
                at,
                "this abort handle aborts nothing: its registration is dropped",
                "only the handle of this pair is kept",
                "`abort()` on a handle without registration sets a flag that nothing reads",
                "pass the registration to the work: `Abortable::new(work, registration)`",
            ),
        };
        cx.report(Finding {
            rule: RULE.name,
            at: cx.program.span(at),
            task: cx.program.task_of_call(at),
            message: message.to_owned(),
            label: label.to_owned(),
            labels: Vec::new(),
            notes: vec![note.to_owned()],
            helps: vec![help.to_owned()],
            rewrites,
        });
    });
}

fn message(it: &Evidenced<'_>, vain: &VainAbort) -> String {
    let name = it.program.task_name(it.task);
    match vain {
        VainAbort::Started(_) => format!("aborting {name} does nothing once it has started: it is a blocking closure"),
        VainAbort::NeverPauses(..) => format!("aborting {name} does nothing: its loop never yields"),
        VainAbort::HandleDropped(_) | VainAbort::AbortableDropped(_) => {
            format!("{name} never ends, and its abort handle is dropped, which aborts nothing")
        }
    }
}

fn place(vain: &VainAbort) -> spawnlint_analysis::span::Span {
    match vain {
        VainAbort::Started(at)
        | VainAbort::NeverPauses(at, _)
        | VainAbort::HandleDropped(at)
        | VainAbort::AbortableDropped(at) => *at,
    }
}

/// The label of the abort, why it has no effect, and what to do.
fn words(vain: &VainAbort) -> (&'static str, &'static str, &'static str) {
    match vain {
        VainAbort::Started(_) => (
            "this abort comes too late for a closure that has started",
            "a blocking closure can only be aborted while it waits for a thread; once it has started, it runs to its end",
            "pass a flag or a token into the closure, check it in each iteration, and set it where the task is aborted now",
        ),
        VainAbort::NeverPauses(..) => (
            "this abort takes effect when the task yields, which it never does",
            "an abort drops the task at a pending `.await`, and the loop has none; it also blocks its worker thread",
            "yield in each iteration (`tokio::task::yield_now().await`, or an async sleep), or check a flag or token",
        ),
        VainAbort::HandleDropped(_) | VainAbort::AbortableDropped(_) => (
            "this handle does not abort when it is dropped",
            "dropping an `AbortHandle` does nothing: only calling `abort()` does",
            "call `.abort()` in the `Drop` of whatever the task works for, or hold an `AbortOnDropHandle` from tokio-util instead",
        ),
    }
}
