//! A task whose failure nobody notices.

use crate::{declare_rule, finding::Label, rule::Cx};
use spawnlint_analysis::questions::Failure;

declare_rule! {
    /// A detached task returns an error or panics, and nobody notices.
    ///
    /// ## What it does
    /// Lists tasks whose handle is dropped in any way, and whose failures only the handle can show:
    ///
    /// - the task returns a `Result`: its function is declared to return one, or its block ends with `Ok(..)` or
    ///   another `Result` and returns early with `?` or `return Err(..)`; or
    /// - the task returns something else, and the block or function that it runs contains an explicit panic:
    ///   `.unwrap()`, `.expect(..)`, `panic!`, `todo!`, `unimplemented!`, `assert!` and the like.
    ///
    /// The label shows the first place where the task can fail. It makes no difference whether the task is short, can
    /// be stopped or runs for the life of the process: its errors are lost either way.
    ///
    /// Not reported:
    ///
    /// - a task whose handle is awaited, returned, stored or passed on;
    /// - a task that handles its errors itself (`if let Err(e) = run().await { .. }` as its last step,
    ///   `.inspect_err(..)`, a `map_err` that logs, `#[instrument(err)]`);
    /// - a `Result` that cannot be an error (`Infallible`, a body that only ever returns `Ok`);
    /// - an `unwrap` on a lock (which panics only after another panic), on a clock, on a value built from literals, or
    ///   on a variable that was checked before.
    ///
    /// ## Why it leaks
    /// Such a task leaks no memory, but its errors are lost. A `JoinHandle` returns the task's output, or a panic as a
    /// `JoinError`; both are lost with the handle. If the task panics, the panic hook prints the panic, and the program
    /// continues as if the task had done its work. If the task returns an error, the error is not even printed.
    ///
    /// ## Example
    /// ```rust
    /// use std::io;
    ///
    /// async fn save(text: String) -> io::Result<()> {
    ///     tokio::fs::write("notes.txt", text).await?;
    ///     Ok(())
    /// }
    ///
    /// pub fn save_in_background(text: String) {
    ///     tokio::spawn(save(text));
    /// }
    /// ```
    ///
    /// ## Use instead
    /// ```rust
    /// use std::io;
    ///
    /// async fn save(text: String) -> io::Result<()> {
    ///     tokio::fs::write("notes.txt", text).await?;
    ///     Ok(())
    /// }
    ///
    /// pub fn save_in_background(text: String) {
    ///     tokio::spawn(async move {
    ///         if let Err(error) = save(text).await {
    ///             eprintln!("notes are not saved: {error}");
    ///         }
    ///     });
    /// }
    /// ```
    ///
    /// ## Rewrite safety
    /// Logging an error inside the task changes nothing else. Whether something should wait for the result, retry, or
    /// stop the program is up to you.
    ///
    /// ## Known limits
    /// The rule looks for panics in the block or function that the task runs, not in the functions that it calls;
    /// indexing and division do not count, even though they may panic. If a function logs an error before it returns
    /// the error, the task is still reported. The output of a future from another crate is not known.
    lost_task_error, Audit
}

fn check(cx: &mut Cx<'_>) {
    cx.each_task(|cx, it| {
        if !it.fate.is_dropped() {
            return;
        }
        let Some(failure) = it.program.failure(it.task) else { return };
        let name = it.program.task_name(it.task);
        let message = match &failure {
            // `tokio::spawn(save(text));`
            Failure::Error { .. } => format!("an error from {name} is lost when the task's handle is dropped"),
            // `tokio::spawn(async move { first.unwrap(); });`
            Failure::Panic { .. } => format!("a panic in {name} is lost when the task's handle is dropped"),
        };
        let mut finding = it.finding(RULE.name, message, it.lost_words());
        finding.labels.extend(it.spawn_label());
        match failure {
            Failure::Error { at, function } => {
                finding.labels.push(Label::new(at, "nobody sees an error from here"));
                if let Some(function) = function {
                    let name_range = it.program.function(function).name_range.in_file(function.file);
                    finding.labels.push(Label::new(name_range, "returns a `Result`"));
                }
                finding.notes.push("only the handle receives the task's output".to_owned());
                finding.helps.push(
                    "handle the error inside the task: `if let Err(error) = .. { error!(..) }`, or await the handle"
                        .to_owned(),
                );
            }
            Failure::Panic { at, what } => {
                finding.labels.push(Label::new(at, format!("a panic in `{what}` ends the task here")));
                finding
                    .notes
                    .push("the panic hook may print the panic, and the program continues without the task".to_owned());
                finding.helps.push(
                    "handle the error instead of unwrapping it, or await the handle and check for a `JoinError`"
                        .to_owned(),
                );
            }
        }
        finding.labels.extend(it.lost_label());
        cx.report(finding);
    });
}
