//! A task that exists only to wait for another task.

use crate::{declare_rule, finding::Label, rule::Cx};
use spawnlint_analysis::questions::Errand;

declare_rule! {
    /// A task exists only to spawn or await another task.
    ///
    /// ## What it does
    /// Reports a spawned task whose only work is to await another task's handle (and to log, count, send or ignore the
    /// result), to spawn another task, or to drain a set of tasks that was passed in.
    ///
    /// Not reported: a task that supervises several others, restarts them, bounds them with a timeout or a `select!`,
    /// or also does other work; and a `spawn(f).await` outside a spawned task, since it keeps `f` running if the caller
    /// is dropped.
    ///
    /// ## Why it leaks
    /// Each such pair costs two tasks where one would do, and stopping the outer task does not stop the work: aborting
    /// the outer task drops the inner handle, which detaches the inner task. The very task that was meant to manage the
    /// inner task makes the inner task unstoppable.
    ///
    /// ## Example
    /// ```rust
    /// async fn work() {}
    ///
    /// pub fn start() {
    ///     tokio::spawn(async move {
    ///         let worker = tokio::spawn(work());
    ///         if let Err(error) = worker.await {
    ///             eprintln!("the worker failed: {error}");
    ///         }
    ///     });
    /// }
    /// ```
    ///
    /// ## Use instead
    /// ```rust
    /// async fn work() -> Result<(), String> {
    ///     Ok(())
    /// }
    ///
    /// pub fn start() {
    ///     tokio::spawn(async move {
    ///         if let Err(error) = work().await {
    ///             eprintln!("the worker failed: {error}");
    ///         }
    ///     });
    /// }
    /// ```
    ///
    /// ## Rewrite safety
    /// The inner task catches panics in the work. In a single task, a panic also skips the code after the work, and
    /// there is no `JoinError` to handle. A single task is proposed only where the code shows how the result is
    /// destructured (`match`, `if let`, `.ok()`, `.is_ok()`, ..) and where no variable becomes unused. Where panics
    /// matter, make the waiting task own the inner one: `AbortOnDropHandle::new(handle)` has the same result, and both
    /// tasks end together. Nothing is proposed for a task that drains a set: who owns the set is up to you.
    ///
    /// ## Known limits
    /// Any call counts as work of its own, except log macros, counters and sends.
    double_spawn, Waste
}

fn check(cx: &mut Cx<'_>) {
    cx.each_task(|cx, it| {
        if it.task.runs != spawnlint_analysis::catalogue::Runs::Future
            || it.task.handle == spawnlint_analysis::catalogue::Handle::Unknown
        {
            return;
        }
        let Some(chore) = it.program.errand(it.task) else { return };
        let errand = &chore.errand;
        let (message, label) = match errand {
            // tokio::spawn(async move { handle.await })
            Errand::Awaits(at) => {
                ("this task exists only to await another task", Label::new(*at, "the task does nothing but wait here"))
            }
            // tokio::spawn(async move { tokio::spawn(f); })
            Errand::Spawns(at) => (
                "this task exists only to spawn another task",
                Label::new(*at, "the outer task does nothing but spawn this task"),
            ),
            // tokio::spawn(async move { tokio::spawn(f).await })
            Errand::SpawnsAndAwaits(at) => (
                "this task exists only to spawn another task and wait for it",
                Label::new(*at, "the outer task does nothing but wait for this task"),
            ),
            // tokio::spawn(async move { while let Some(done) = set.join_next().await {} })
            Errand::Drains(at) => (
                "this task exists only to drain a set of tasks",
                Label::new(*at, "the task does nothing but wait here"),
            ),
        };
        let mut finding = it.finding(RULE.name, message.to_owned(), "this task is unnecessary".to_owned());
        finding.labels.extend(it.spawn_label());
        finding.labels.push(label);
        finding.notes.push(
            "aborting the outer task drops the inner handle, which detaches the inner task instead of stopping it"
                .to_owned(),
        );
        finding.helps.push(help(errand));
        finding.rewrites = it.rewrites_of_chore(RULE.name, &chore);
        cx.report(finding);
    });
}

fn help(errand: &Errand) -> String {
    match errand {
        Errand::Awaits(_) | Errand::Spawns(_) | Errand::SpawnsAndAwaits(_) => {
            "run the work in one task, or keep the inner task's abort handle; inside a task that is itself aborted, await `AbortOnDropHandle::new(handle)`"
        }
        Errand::Drains(_) => {
            "keep the set in the type that should own the tasks, so that dropping the set aborts them, and drain the set there; a `TaskTracker` frees finished tasks on its own"
        }
    }
    .to_owned()
}
