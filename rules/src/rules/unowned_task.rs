//! A task that keeps running after whatever started it is gone.

use crate::{declare_rule, finding::Label, rule::Cx};
use spawnlint_analysis::questions::{EndedByDrop, EndingKind, Fate, FieldUse, PeerOrigin, SignalKind};

declare_rule! {
    /// A task keeps running after the code that started it is gone, and no drop ends the task soon.
    ///
    /// ## What it does
    /// Reports a task whose handle nobody keeps, that is not known to be short, and that does not end soon after
    /// anything is dropped: there is no sender whose drop closes a channel that the task waits for, no `Weak` that the
    /// task upgrades, no token guard, and no `Drop` that cancels the task, notifies it or sets a flag for it. The rule
    /// also reports a task that a type starts, if the type's `stop`, `close` or `shutdown` ends other work but leaves
    /// this task running.
    ///
    /// This rule belongs to the strict suite: it requires every task to have an owner whose drop ends it. A task that
    /// ends by itself at some point, or on a call to `stop()`, still runs for nobody until then. If a task learns only
    /// from a failed `send` that nobody is listening, it keeps working until it has something to send.
    ///
    /// Not reported:
    ///
    /// - short tasks;
    /// - single requests (tasks that repeat no wait, and wait for no signal, peer or stream, either themselves or in a
    ///   function that they await);
    /// - tasks that are started once per process;
    /// - tasks whose handle is kept, returned or passed on;
    /// - tasks that serve an accepted connection;
    /// - cleanup that a `Drop` starts;
    /// - tasks that wait for a signal that was passed in.
    ///
    /// ## Why it leaks
    /// Dropping a tokio `JoinHandle` detaches the task. When the request is cancelled, the stream is dropped or the
    /// object is gone, the task keeps running until it ends by itself, and keeps alive everything that it captured.
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
    /// As in `dropped_join_handle`, the task gets an owner. Dropping the owner aborts the task, which stops at its next
    /// `.await`. Who should own the task is up to you.
    ///
    /// ## Known limits
    /// A single request is not reported, no matter how long its peer takes. The rule does not check who holds the
    /// sender for a channel that was passed in: the sender is assumed to be dropped in time.
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
        if !it.program.is_ongoing(it.task, it.ending) {
            return;
        }
        let name = it.program.task_name(it.task);
        let ended = it.program.ended_by_drop(it.task, it.fate, it.ending);
        let forgotten = match ended {
            EndedByDrop::Soon => it.program.forgotten_by_stop(it.task),
            _ => None,
        };
        let message = match forgotten {
            Some(stop) => format!("{name} keeps running after `{}`", it.program.qualified_name(stop)),
            None if ended == EndedByDrop::Nothing => {
                format!("{name} has no owner, and outlives the code that started it")
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

/// How the task listens to a signal that no drop sends in time.
fn listens(kind: SignalKind, is_only_tested: bool) -> String {
    match is_only_tested {
        true => "the task notices only here that nobody is listening".to_owned(),
        false => format!("this waits for {}, but dropping a value does not end the wait", kind.words()),
    }
}
