//! Tasks that are detached when the future that waits for them is dropped.

use crate::{declare_rule, finding::Label, rule::Cx};

declare_rule! {
    /// Handles are awaited in a future whose own drop would detach their tasks.
    ///
    /// ## What it does
    /// Reports a task whose handle is a local of an `async` body, is held there across an `.await`, and is awaited or
    /// aborted behind that. Whoever drops the future of that body (a timeout, a `select!`, a client that hangs
    /// up) drops the handle, which detaches the task. Handles in a `Vec` that are awaited one after another, or by
    /// `join_all`, count as held across these awaits.
    ///
    /// This is a rule of the strict suite. Silent: short tasks, `JoinSet`, `AbortOnDropHandle`, `spawn(f).await`, which
    /// shields the work from the drop of its caller, and bodies that only run once per process.
    ///
    /// ## Why it leaks
    /// A future is ended by dropping it, and a task is not: with the future that waits for it nobody is left who could
    /// stop it or see its result. It works on, and keeps alive all that it captured.
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
    /// An `AbortOnDropHandle` of tokio-util has the same output and aborts its task when it is dropped, at the task's
    /// next `.await`. Work that must be finished even if nobody waits for it any more is meant to be detached: say so.
    ///
    /// ## Known limits
    /// Whether somebody really drops the future is not asked; where that is seen, `detached_by_await` says so.
    cancel_unsafe_join, Ownership
}

fn check(cx: &mut Cx<'_>) {
    cx.each_task(|cx, it| {
        if !it.can_outlive_owner() || it.ending.is_short() {
            return;
        }
        let Some(join) = it.program.cancel_unsafe_join(it.task, it.fate) else { return };
        let name = it.program.task_name(it.task);
        let message = format!("{name} is detached if the future that waits for it is dropped");
        let mut finding = it.finding(RULE.name, message, "its handle is a local of this future".to_owned());
        finding.labels.push(Label::new(join.waits, "dropping the future here drops the handle, too"));
        if join.at != join.waits {
            finding
                .labels
                .push(Label::new(join.at, if join.is_abort { "aborted only here" } else { "awaited only here" }));
        }
        finding.labels.extend(it.spawn_label());
        finding.notes.push(it.detached_note());
        finding.helps.push(
            "hold an `AbortOnDropHandle` from tokio-util, or spawn on a `JoinSet`: both abort when they are dropped"
                .to_owned(),
        );
        finding.rewrites.extend(it.keepers(RULE.name));
        cx.report(finding);
    });
}
