//! A task that waits for its channel to close, although the channel cannot close.

use crate::{declare_rule, finding::Label, rewrite::keepers::Strong, rule::Cx};
use spawnlint_analysis::questions::{DeadCause, EndingKind};

declare_rule! {
    /// A task would end when its channel closes, but the channel cannot close.
    ///
    /// ## What it does
    /// Reports a task that ends only when a channel closes and whose handle nobody holds, if a sender for that channel
    /// provably stays alive:
    ///
    /// - the task itself holds the sender, a clone of the sender, or a value that contains the sender; that value may
    ///   be built in the same function or by a constructor, and the sender may be one or two fields deep; or
    /// - the sender is in a `static`, a `OnceLock` or a `LazyLock`; or
    /// - the sender is forgotten or leaked (`mem::forget`, `Box::leak`, `ManuallyDrop`); or
    /// - another unowned task has the sender, and that task ends only when this one does, if ever: one task reads from
    ///   a channel, and the other keeps the channel's sender until a send fails. The same applies to three tasks in a
    ///   ring, and to `watch`, `closed()` and tokens. The channel and the tasks are in one function, and no message,
    ///   time limit, peer or condition of their own ends any of the tasks.
    ///
    /// The same applies to a receiver that was created with `subscribe()` on such a sender, and to a wait on a
    /// `oneshot` outside a loop.
    ///
    /// A task is not reported if
    ///
    /// - it drops the sender before the wait, moves the sender away (in a message, into a map, to a function that does
    ///   not itself wait) or keeps only a `WeakSender`;
    /// - the sender's field is emptied or replaced somewhere (`self.tx.take()`);
    /// - the loop also ends on a message, a token, a failed send, a time limit or a condition of its own;
    /// - the task is started once per process, or its handle is kept; or
    /// - the code does not show where the sender goes.
    ///
    /// The labels show the spawn, the wait that the close would end, and the place where the task holds the sender or
    /// the static that keeps the sender alive. If the task shares the sender with its owner through an `Arc`,
    /// `self_sustaining_task` reports the task.
    ///
    /// ## Why it leaks
    /// `while let Some(x) = rx.recv().await` reads as "until everybody is done". A receiver gets `None` when the last
    /// sender is dropped. A sender that the task itself holds is dropped when the task ends, and the task ends when the
    /// sender is dropped, so neither ever happens. Each such task stays alive forever, with everything that it
    /// captured.
    ///
    /// ## Example
    /// ```rust
    /// use tokio::sync::mpsc;
    ///
    /// pub fn worker() -> mpsc::Sender<u32> {
    ///     let (jobs, mut inbox) = mpsc::channel(16);
    ///     let again = jobs.clone();
    ///     tokio::spawn(async move {
    ///         while let Some(job) = inbox.recv().await {
    ///             if job % 2 == 1 {
    ///                 let _ = again.try_send(job + 1);
    ///             }
    ///         }
    ///     });
    ///     jobs
    /// }
    /// ```
    ///
    /// ## Use instead
    /// ```rust
    /// use tokio::sync::mpsc;
    ///
    /// pub fn worker() -> mpsc::Sender<u32> {
    ///     let (jobs, mut inbox) = mpsc::channel(16);
    ///     let again = jobs.downgrade();
    ///     tokio::spawn(async move {
    ///         while let Some(job) = inbox.recv().await {
    ///             if job % 2 == 1
    ///                 && let Some(again) = again.upgrade()
    ///             {
    ///                 let _ = again.try_send(job + 1);
    ///             }
    ///         }
    ///     });
    ///     jobs
    /// }
    /// ```
    ///
    /// ## Rewrite safety
    /// With a weak sender, the task ends as soon as the last sender outside the task is gone and the remaining messages
    /// in the channel are handled. If the task then sends a retry to itself, the retry is lost. Where the sender stays
    /// alive for good, the task gets an owner, as in `dropped_join_handle`.
    ///
    /// ## Known limits
    /// If a sender is passed to another crate, or stored where the code does not show how it gets back to the task, it
    /// is assumed to be dropped at some point.
    forgotten_channel, Leak
}

fn check(cx: &mut Cx<'_>) {
    cx.each_task(|cx, it| {
        let signs = it.dead_signs(&[DeadCause::OwnSender, DeadCause::LastingSender, DeadCause::OtherSender]);
        let Some((_, first)) = signs.first() else { return };
        if it.ending.kind != EndingKind::Never || !it.can_leak() || !it.is_unheld() {
            return;
        }
        let name = it.program.task_name(it.task);
        let message = format!("{name} ends when its channel closes, but the channel cannot close");
        let is_own = first.cause == DeadCause::OwnSender;
        let mut finding = it.finding(RULE.name, message, it.lost_words());
        finding.labels.extend(it.spawn_label());
        for (at, dead) in &signs {
            finding.labels.push(Label::new(*at, format!("would end when the channel closes, but {}", dead.why)));
            if let Some(holder) = dead.at.filter(|holder| holder != at) {
                let text = match dead.cause {
                    DeadCause::OwnSender => "the sender is captured here",
                    DeadCause::OtherSender => "the sender is captured here, by a task that does not end before this one",
                    _ => "the sender is kept here",
                };
                finding.labels.push(Label::new(holder, text));
            }
        }
        finding.labels.extend(it.lost_label());
        finding.notes.push(it.with_costs(
            "a channel closes when its last sender is dropped, but this sender never is, so the task waits until the process ends",
        ));
        let help = match first.cause {
            DeadCause::OwnSender => {
                "keep only a weak sender in the task (`let weak = tx.downgrade();`, then `weak.upgrade()`), or drop the task's sender before the wait"
            }
            DeadCause::OtherSender => {
                "keep only a weak sender in the other task (`let weak = tx.downgrade();`, then `weak.upgrade()` in each iteration), or end that task from outside the two tasks"
            }
            _ => {
                "end the task in a different way: race `recv()` against a cancellation token in `select!`, or keep an abort handle"
            }
        };
        finding.helps.push(help.to_owned());
        finding.helps.push(it.keep_help());
        finding.rewrites = match is_own {
            true => it.weakeners(first.at, Strong::Sender, RULE.name),
            false => it.keepers(RULE.name),
        };
        cx.report(finding);
    });
}
