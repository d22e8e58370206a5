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
    /// - a blocking closure (`spawn_blocking`) that loops forever or sleeps for a long time, and that is aborted
    ///   through its handle, an owner or a set: an abort works only while the closure is still queued;
    /// - a task that loops forever, if only an `AbortHandle` (from tokio, or of an `Abortable` from futures) could end
    ///   the task and nobody calls `abort()` on that handle: the handle is dropped, unused, or kept in a field that is
    ///   never used;
    /// - an aborted task whose loop never yields, because none of its `.await`s can be pending;
    /// - an `AbortHandle::new_pair()` whose registration is dropped while the handle is used;
    /// - async-std's `task.cancel();` without `.await`, which moves the handle into a future that is dropped.
    ///
    /// The labels show the abort and the loop that keeps running.
    ///
    /// Not reported: short blocking closures, for which an abort is best effort; blocking closures that a channel, flag
    /// or token ends; tasks that are started once per process; loops with any `.await` that is not known to be ready
    /// immediately; and `cancel()` on the handles of other runtimes.
    ///
    /// ## Why it leaks
    /// `abort()` asks the runtime to drop the task the next time the task yields. A closure on a thread never yields,
    /// and neither does a loop without a pending `.await`. And unlike dropping an `AbortOnDropHandle`, dropping an
    /// `AbortHandle` from tokio or futures does not abort the task. The task keeps running with everything that it
    /// captured, although the code reads as if the task had been stopped.
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
    /// A flag or token that the loop checks ends the loop between two iterations, never within one. An abort that works
    /// stops the task at an `.await`, so a loop that gets its first `.await` can be stopped in the middle of an
    /// iteration. `cancel()` is meant to be awaited: `.await` waits for the task to end. For a blocking closure, only a
    /// comment is proposed: how the closure learns that it should stop is up to you. A field or variable that held an
    /// `AbortHandle` now holds an owner that aborts the task on drop; a variable is changed only in a function that
    /// waits afterwards.
    ///
    /// ## Known limits
    /// If a handle goes where the code cannot be followed, it is not judged, and neither is a handle that may be
    /// shared. Whether an `.await` is ever pending is judged from the source alone: a wait for a lock that is always
    /// free counts as a wait that can be pending.
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
                "the future that would cancel the task is dropped here, together with the handle",
                "`cancel()` moves an async-std handle into the future that it returns; dropping that future unpolled detaches the task",
                "await it: `.cancel().await`",
            ),
            VainCall::Registration(at) => (
                at,
                "this abort handle aborts nothing: its registration is dropped",
                "only the handle of this pair is kept",
                "`abort()` on a handle without a registration sets a flag that nothing reads",
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
        VainAbort::Started(_) => {
            format!("aborting {name} does nothing: a blocking closure that has started cannot be aborted")
        }
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
            "a blocking closure can only be aborted while it waits for a thread; once started, the closure runs to completion",
            "pass a flag or a token into the closure, check it in each iteration, and set the flag or cancel the token where the code currently aborts the task",
        ),
        VainAbort::NeverPauses(..) => (
            "this abort takes effect when the task yields, which it never does",
            "an abort drops the task at a pending `.await`, and the loop has none; the loop also blocks its worker thread",
            "yield in each iteration (`tokio::task::yield_now().await`, or an async sleep), or check a flag or token",
        ),
        VainAbort::HandleDropped(_) | VainAbort::AbortableDropped(_) => (
            "dropping this handle does not abort the task",
            "dropping an `AbortHandle` does not abort the task; only calling `abort()` does",
            "call `.abort()` in the `Drop` of the type that should own the task, or hold an `AbortOnDropHandle` from tokio-util instead",
        ),
    }
}
