//! A task that waits for its channel to close, and the channel cannot close.

use crate::{declare_rule, finding::Label, rewrite::keepers::Strong, rule::Cx};
use spawnlint_analysis::questions::{DeadCause, EndingKind};

declare_rule! {
    /// A task ends when its channel closes, and the channel cannot close.
    ///
    /// ## What it does
    /// Reports a task that nobody holds and whose only way out is that a channel closes, when a sender of that
    /// channel provably lives on:
    ///
    /// - the task itself has it: the sender, a clone of it, or a value that the sender was put into, in the same
    ///   function, behind a constructor, or one or two fields deep; or
    /// - it stands in a `static`, a `OnceLock` or a `LazyLock`; or
    /// - it is forgotten or leaked (`mem::forget`, `Box::leak`, `ManuallyDrop`); or
    /// - another task has it that nobody holds either, and that ends only when this one does, or never: one reads a
    ///   channel, and the other has its sender until a send fails. So with three in a ring, `watch`, `closed()` and
    ///   tokens. The channel and the tasks stand in one function, and no message, time limit, peer or condition of
    ///   their own ends any of them.
    ///
    /// The same holds for a receiver that was made with `subscribe()` on such a sender, and for a wait on a
    /// `oneshot` outside of loops.
    ///
    /// Silent: the task drops the sender before it waits, moves it on (in a message, into a map, to a function that
    /// does not wait itself) or keeps only a `WeakSender`; the sender's field is emptied or replaced somewhere
    /// (`self.tx.take()`); the loop also ends on a message, a token, a failed send,
    /// a time limit or a condition of its own; the task is started once per process, or somebody keeps its handle.
    /// Where the sender goes to is not always shown: then nothing is said.
    ///
    /// Labels: the spawn, the wait that the close would end, where the task has the sender or the static that
    /// keeps it. What is shared through an `Arc` with the task's owner is the story of `self_sustaining_task`.
    ///
    /// ## Why it leaks
    /// `while let Some(x) = rx.recv().await` reads as "until everybody is done". A receiver gets its `None` when
    /// the last sender is dropped. A sender that the task holds itself is dropped when the task ends, and the task
    /// ends when it is dropped: neither happens. Each task that is started like this stays, with all it captured.
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
    /// With a weak sender the task ends as soon as the last outside sender is gone, with what is still in the
    /// channel handled first. A retry that the task sends to itself is lost if it comes after that. Where the sender
    /// stays for good, the task gets an owner, as in `dropped_join_handle`.
    ///
    /// ## Known limits
    /// A sender that is passed to another crate, or stored where the text does not show the way back to the task,
    /// is taken to be dropped some day.
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
        let message = format!("{name} ends when its channel closes, and the channel cannot close");
        let is_own = first.cause == DeadCause::OwnSender;
        let mut finding = it.finding(RULE.name, message, it.lost_words());
        finding.labels.extend(it.spawn_label());
        for (at, dead) in &signs {
            finding.labels.push(Label::new(*at, format!("would end when the channel closes, but {}", dead.why)));
            if let Some(holder) = dead.at.filter(|holder| holder != at) {
                let text = match dead.cause {
                    DeadCause::OwnSender => "the sender goes along here",
                    DeadCause::OtherSender => "the sender goes along here, with a task that does not end before this one",
                    _ => "the sender stays here",
                };
                finding.labels.push(Label::new(holder, text));
            }
        }
        finding.labels.extend(it.lost_label());
        let keeps = it.captured_words().map(|names| format!(", with {names} kept alive"));
        let often = it.reach_words().map(|words| format!("; {words}"));
        finding.notes.push(format!(
            "a channel closes when its last sender is dropped, and this one never is: the task waits until the process ends{}{}",
            keeps.unwrap_or_default(),
            often.unwrap_or_default()
        ));
        let help = match first.cause {
            DeadCause::OwnSender => {
                "let the task keep a weak sender (`let weak = tx.downgrade();`, then `weak.upgrade()`), or drop its sender before it waits"
            }
            DeadCause::OtherSender => {
                "let the other task keep a weak sender (`let weak = tx.downgrade();`, then `weak.upgrade()` on each turn), or end it by something from outside of the two"
            }
            _ => {
                "end the task by something else than the channel's close: race `recv()` with a cancellation token in `select!`, or keep an abort handle"
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
