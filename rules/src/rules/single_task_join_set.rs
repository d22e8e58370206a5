//! A `JoinSet` that only ever holds one task.

use crate::{
    declare_rule,
    finding::{Finding, Label},
    rewrite::proposals,
    rule::Cx,
};

declare_rule! {
    /// A `JoinSet` only ever holds one task.
    ///
    /// ## What it does
    /// Reports a `JoinSet` in a local variable if exactly one task is spawned into it on every path, outside any loop.
    ///
    /// Not reported: a set that is passed on, returned or stored, or that is filled in a loop, in one branch only, or
    /// in a closure that may be called many times.
    ///
    /// ## Why it leaks
    /// It does not leak: a set aborts its tasks when it is dropped, which is often why it was chosen. But the set costs
    /// an allocation, a lock and an `Option` around each result, and it hides the fact that there is one task with one
    /// owner. Do not replace the set with a plain `JoinHandle`: that would turn a simplification into a leak.
    ///
    /// ## Example
    /// ```rust
    /// use tokio::task::JoinSet;
    ///
    /// async fn work() {}
    ///
    /// pub async fn run() {
    ///     let mut tasks = JoinSet::new();
    ///     tasks.spawn(work());
    ///     tasks.join_next().await;
    /// }
    /// ```
    ///
    /// ## Use instead
    /// ```rust
    /// use tokio_util::task::AbortOnDropHandle;
    ///
    /// async fn work() {}
    ///
    /// pub async fn run() {
    ///     let task = AbortOnDropHandle::new(tokio::spawn(work()));
    ///     let _ = task.await;
    /// }
    /// ```
    ///
    /// ## Rewrite safety
    /// `join_next().await` returns an `Option<Result<..>>`, while awaiting the handle returns a `Result<..>`. So the
    /// call is rewritten only where the `Option` is unwrapped or ignored (`?`, `unwrap`, `and_then(Result::ok)`,
    /// `while let Some(..)`, `let _`). Like the set, an `AbortOnDropHandle` or a plain handle with a guard aborts the
    /// task on drop; a plain handle without a guard does not abort it, and is never proposed. `join_all` propagates a
    /// panic; code that ignores the task's result does not.
    ///
    /// ## Known limits
    /// If a helper function fills the set, the set is not judged.
    single_task_join_set, Waste
}

fn check(cx: &mut Cx<'_>) {
    cx.each(cx.program.local_sets(), |cx, set| {
        if !set.holds_exactly_one {
            return;
        }
        let mut labels: Vec<Label> =
            set.spawns.iter().map(|at| Label::new(cx.program.span(*at), "the only task that the set ever gets")).collect();
        labels.extend(set.joined.map(|at| Label::new(at, "the task is awaited here")));
        cx.report(Finding {
            rule: RULE.name,
            at: cx.program.span(set.made),
            task: set.spawns.first().and_then(|spawn| cx.program.task_of_call(*spawn)),
            message: format!("the set `{}` only ever holds one task", set.name),
            label: "this set is created for one task".to_owned(),
            labels,
            notes: vec!["a set aborts its tasks when it is dropped, which is often why it is used; dropping a plain `JoinHandle` aborts nothing".to_owned()],
            helps: vec![
                "hold the task itself: `let task = AbortOnDropHandle::new(tokio::spawn(..));` from tokio-util, and `task.await` instead of `join_next().await`; or keep the `AbortHandle` that the set's `spawn` returns"
                    .to_owned(),
            ],
            rewrites: proposals::rewrites_of_set(cx.program, RULE.name, &set),
        });
    });
}
