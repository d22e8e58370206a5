//! A task that goes on when whatever started it is gone.

use crate::{declare_rule, finding::Label, rule::Cx};
use spawnlint_analysis::questions::{EndedByDrop, EndingKind, Fate, FieldUse, PeerOrigin, SignalKind};

declare_rule! {
    /// A task goes on when what started it is gone: nothing that is dropped then ends it soon.
    ///
    /// ## What it does
    /// Reports a task whose handle nobody keeps, which is not known to be short, and which nothing ends soon by being
    /// dropped: no sender of a channel that it waits for, no `Weak` that it upgrades, no guard of a token, and no `Drop`
    /// that cancels, notifies or sets a flag for it. Also one that its type starts and that the type's `stop`, `close`
    /// or `shutdown` leaves alone while it ends other work.
    ///
    /// This is a rule of the strict suite: it asks that every task has an owner whose drop ends it. A task that
    /// ends by itself at some time, or by a call of `stop()`, still runs for nobody until then. A task that notices only
    /// when its next `send` fails works on until it has something to send.
    ///
    /// Silent: short tasks, tasks that are started once per process, handles that are kept, returned or handed on,
    /// connections that were accepted, clean-up that a `Drop` starts, and whatever waits for a sign that was handed in.
    ///
    /// ## Why it leaks
    /// Dropping a tokio `JoinHandle` detaches the task. When the request is cancelled, the stream is dropped or the
    /// object is gone, the task works on, and keeps alive all that it captured, until it ends by itself.
    ///
    /// ## Example
    /// ```rust
    /// use tokio::sync::mpsc;
    ///
    /// pub fn numbers(mut source: mpsc::Receiver<u64>) -> mpsc::Receiver<u64> {
    ///     let (tx, rx) = mpsc::channel(1);
    ///     tokio::spawn(async move {
    ///         loop {
    ///             let number = expensive(source.try_recv().unwrap_or_default()).await;
    ///             if tx.send(number).await.is_err() {
    ///                 break;
    ///             }
    ///         }
    ///     });
    ///     rx
    /// }
    ///
    /// async fn expensive(number: u64) -> u64 {
    ///     tokio::time::sleep(std::time::Duration::from_secs(90)).await;
    ///     number
    /// }
    /// ```
    ///
    /// ## Use instead
    /// ```rust
    /// use tokio::{sync::mpsc, task::AbortHandle};
    ///
    /// pub struct Numbers {
    ///     pub numbers: mpsc::Receiver<u64>,
    ///     task: AbortHandle,
    /// }
    ///
    /// impl Drop for Numbers {
    ///     fn drop(&mut self) {
    ///         self.task.abort();
    ///     }
    /// }
    ///
    /// pub fn numbers(mut source: mpsc::Receiver<u64>) -> Numbers {
    ///     let (tx, numbers) = mpsc::channel(1);
    ///     let task = tokio::spawn(async move {
    ///         loop {
    ///             let number = expensive(source.try_recv().unwrap_or_default()).await;
    ///             if tx.send(number).await.is_err() {
    ///                 break;
    ///             }
    ///         }
    ///     });
    ///     Numbers { numbers, task: task.abort_handle() }
    /// }
    ///
    /// async fn expensive(number: u64) -> u64 {
    ///     tokio::time::sleep(std::time::Duration::from_secs(90)).await;
    ///     number
    /// }
    /// ```
    ///
    /// ## Rewrite safety
    /// As in `dropped_join_handle`: the task gets an owner, which is a decision, and is stopped at its next `.await`.
    ///
    /// ## Known limits
    /// Of a task of which nothing is known it is not known that it is short, so it is reported. Who holds the sender of
    /// a channel that was handed in is not asked: that it is dropped in time is taken for granted.
    unowned_task, Ownership
}

fn check(cx: &mut Cx<'_>) {
    cx.each_task(|cx, it| {
        let is_lost = match it.fate {
            Fate::Dropped { .. } | Fate::PartlyDropped { .. } => true,
            Fate::Stored { owner, use_: FieldUse::Nothing, .. } => {
                !it.program.keeps_alive(it.task, *owner) && !it.program.lives_with_process(*owner)
            }
            _ => false,
        };
        let is_served = it.ending.kind == EndingKind::OnPeer(PeerOrigin::Accepted);
        if !is_lost || !it.can_outlive_owner() || it.ending.is_short() || is_served || it.is_started_by_drop() {
            return;
        }
        let name = it.program.task_name(it.task);
        let ended = it.program.ended_by_drop(it.task, it.fate, it.ending);
        let forgotten = match ended {
            EndedByDrop::Soon => it.program.forgotten_by_stop(it.task),
            _ => None,
        };
        let message = match forgotten {
            Some(stop) => format!("{name} goes on after `{}`, which leaves it alone", it.program.qualified_name(stop)),
            None if ended == EndedByDrop::Nothing => {
                format!("{name} has no owner: it goes on when what started it is gone")
            }
            None => return,
        };
        let mut finding = it.finding(RULE.name, message, it.lost_words());
        finding.labels.extend(forgotten.map(|stop| Label::new(it.program.name_span(stop), "this ends other work")));
        finding.labels.extend(it.spawn_label());
        finding.labels.extend(it.loop_labels());
        finding.labels.extend(it.evidence_labels());
        finding.labels.extend(it.wait_labels());
        finding.labels.extend(it.open_wait_labels());
        finding.labels.extend(it.lost_label());
        for signal in it.ending.signals.iter().filter(|signal| signal.dead.is_none()) {
            finding.labels.push(Label::new(signal.at, listens(signal.kind, signal.is_only_tested)));
        }
        if let Some((why, at)) = it.ending.open_reason() {
            finding.labels.push(Label::new(at, format!("not known to end soon: {}", why.words())));
        }
        finding.notes.push(it.detached_note());
        finding.helps.push(it.keep_help());
        finding.rewrites.extend(it.keepers(RULE.name));
        cx.report(finding);
    });
}

/// How a sign that nobody's drop gives in time is listened to.
fn listens(kind: SignalKind, is_only_tested: bool) -> String {
    match is_only_tested {
        true => "that nobody listens any more is noticed here, and no earlier".to_owned(),
        false => format!("this waits for {}, which no drop gives", kind.words()),
    }
}
