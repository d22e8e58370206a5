//! Tasks that are detached when the future that waits for them is dropped.

use crate::{declare_rule, finding::Label, rule::Cx};
use spawnlint_analysis::tasks::Reach;

declare_rule! {
    /// Handles are awaited in a future; dropping that future detaches their tasks.
    ///
    /// ## What it does
    /// Reports a task whose handle is a local variable in an `async` body, is held across an `.await` there, and is
    /// awaited or aborted only after that `.await`. If that body's future is dropped (by a timeout, a `select!`, a
    /// client that disconnects), the handle is dropped with the future, which detaches the task. If the handles in a
    /// `Vec` are awaited one after another, or with `join_all`, they count as held across these awaits.
    ///
    /// This rule belongs to the strict suite. Not reported: short tasks, `JoinSet`, `AbortOnDropHandle`, bodies that
    /// run only once per process, and `spawn(f).await`, which keeps the work running if the caller is dropped.
    ///
    /// ## Why it leaks
    /// Dropping a future ends it, but dropping a handle does not end its task. Once the future that waits for the task
    /// is gone, nobody can stop the task or see its result. The task keeps running, and keeps alive everything that it
    /// captured.
    ///
    /// ## Example
    /// ```rust
    /// use std::future::Future;
    ///
    /// pub async fn both<F: Future<Output = u64> + Send + 'static>(left: F, right: F) -> u64 {
    ///     let left = tokio::spawn(left);
    ///     let right = tokio::spawn(right);
    ///     left.await.unwrap_or_default() + right.await.unwrap_or_default()
    /// }
    /// ```
    ///
    /// ## Use instead
    /// ```rust
    /// use std::future::Future;
    /// use tokio::task::JoinSet;
    ///
    /// pub async fn both<F: Future<Output = u64> + Send + 'static>(left: F, right: F) -> u64 {
    ///     let mut halves = JoinSet::new();
    ///     halves.spawn(left);
    ///     halves.spawn(right);
    ///     let mut sum = 0;
    ///     while let Some(half) = halves.join_next().await {
    ///         sum += half.unwrap_or_default();
    ///     }
    ///     sum
    /// }
    /// ```
    ///
    /// ## Rewrite safety
    /// Awaiting an `AbortOnDropHandle` from tokio-util has the same output. Dropping the handle aborts the task
    /// immediately, and the task stops at its next `.await`. Work that must finish even if nobody waits for it should
    /// be detached explicitly.
    ///
    /// ## Known limits
    /// The rule does not check whether anything actually drops the future; where the code shows that something does,
    /// `detached_by_await` reports the task.
    cancel_unsafe_join, Ownership
}

fn check(cx: &mut Cx<'_>) {
    cx.each_task(|cx, it| {
        // What all callers run to the end of the program, nobody drops half-way.
        if !it.can_outlive_owner() || it.reach == Reach::Process || it.ending.is_short() {
            return;
        }
        let Some(join) = it.program.cancel_unsafe_join(it.task, it.fate) else { return };
        let name = it.program.task_name(it.task);
        let message = format!("{name} is detached if the future that waits for it is dropped");
        let mut finding = it.finding(RULE.name, message, "the task's handle is a local variable in this future".to_owned());
        finding.labels.push(Label::new(join.waits, "dropping the future here drops the handle, too"));
        if join.at != join.waits {
            finding
                .labels
                .push(Label::new(join.at, if join.is_abort { "aborted only here" } else { "awaited only here" }));
        }
        finding.labels.extend(it.spawn_label());
        finding.notes.push(it.detached_note());
        finding.helps.push(
            "hold an `AbortOnDropHandle` from tokio-util, or spawn on a `JoinSet`: both abort their tasks when they are dropped"
                .to_owned(),
        );
        finding.rewrites.extend(it.joined_keepers(&join, RULE.name));
        cx.report(finding);
    });
}
