//! A task whose failure nobody hears of.

use crate::{declare_rule, finding::Label, rule::Cx};
use spawnlint_analysis::questions::Failure;

declare_rule! {
    /// A detached task returns an error, or panics, and nobody would know.
    ///
    /// ## What it does
    /// Lists tasks whose handle is dropped, in whatever way, and that can fail in a way that only the handle tells:
    ///
    /// - the task returns a `Result`: its function is declared so, or its block ends with `Ok(..)` or a result and
    ///   leaves early by `?`, `return Err(..)`; or
    /// - the task returns something else, and there is an explicit panic in the block or function that it runs:
    ///   `.unwrap()`, `.expect(..)`, `panic!`, `todo!`, `unimplemented!`, `assert!` and its like.
    ///
    /// The label shows the first such place. Whether the task is short, stoppable or runs as long as the process
    /// makes no difference: all lose their errors.
    ///
    /// Silent: a handle that somebody awaits, returns, stores or hands on; a task that looks at its errors itself
    /// (`if let Err(e) = run().await { .. }` as its last step, `.inspect_err(..)`, a `map_err` that logs,
    /// `#[instrument(err)]`); a `Result` that cannot be an error (`Infallible`, a body that only ever says `Ok`);
    /// the `unwrap` of a lock, which only panics after another panic, of a clock, of what is made of literals, and
    /// of a variable that was looked at before.
    ///
    /// ## Why it leaks
    /// It does not leak memory, but errors. A `JoinHandle` gives the task's output, and a panic as a `JoinError`;
    /// with the handle both are gone. The panic hook prints a panic, and the program goes on as if the task had
    /// done its work; an error is not even printed.
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
    /// Logging an error inside of the task changes nothing else. Whether somebody should wait for the result, try
    /// again, or stop the program is a decision.
    ///
    /// ## Known limits
    /// Panics are looked for in the block or function that the task runs, not in what that calls, and an index or a
    /// division that may panic is not counted. An error that a function logs before it returns it is told all the
    /// same. What a future from another crate gives is not known.
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
            Failure::Error { .. } => format!("an error of {name} is lost with its handle"),
            // `tokio::spawn(async move { first.unwrap(); });`
            Failure::Panic { .. } => format!("a panic of {name} is lost with its handle"),
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
                finding.notes.push("only the handle of a task gets its output".to_owned());
                finding.helps.push(
                    "handle the error inside the task: `if let Err(error) = .. { error!(..) }`, or await the handle"
                        .to_owned(),
                );
            }
            Failure::Panic { at, what } => {
                finding.labels.push(Label::new(at, format!("a panic of `{what}` ends the task here")));
                finding
                    .notes
                    .push("the panic hook may print it, and the program continues without the task".to_owned());
                finding.helps.push(
                    "handle the error instead of unwrapping it, or await the handle and look at its `JoinError`"
                        .to_owned(),
                );
            }
        }
        finding.labels.extend(it.lost_label());
        cx.report(finding);
    });
}
