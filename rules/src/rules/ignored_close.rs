//! A loop that keeps running although its channel is closed.

use crate::{declare_rule, evidence::Evidenced, finding::Label, rule::Cx};
use spawnlint_analysis::questions::{ClosedHalf, IgnoredClose, Passing};

declare_rule! {
    /// A loop keeps running after its channel has closed, so it can neither end nor do anything useful.
    ///
    /// ## What it does
    /// Reports a task whose handle nobody holds, if it runs a loop that ignores the end of its channel and then has no
    /// other exit. Such a loop ignores
    ///
    /// - a receiver's `None` or `Err(Closed)`: `if let Some(x) = rx.recv().await {}` in a `loop`, `None => continue`,
    ///   `Err(e) => warn!(..)`, `let Ok(x) = .. else { continue }`, `let _ = rx.changed().await`, `try_recv` in a
    ///   polling loop, or an inner `while let` in an outer `loop`, each with or without a `timeout` around the wait;
    /// - a `select!` branch that becomes disabled (`Some(x) = rx.recv() => ..`) while another branch stays enabled; or
    /// - the error from a producer's own send (`let _ = tx.send(x).await`), when the loop has no exit at all, or when
    ///   the function returns the receiver and the loop ends only with its own work. Sends on `broadcast` and `watch`
    ///   channels are not reported, since somebody may subscribe again.
    ///
    /// An exit that needs a message from the same channel (`Some(Stop) => break`) cannot be taken once the channel is
    /// closed.
    ///
    /// A task is not reported if
    ///
    /// - the branch for the close leaves the loop, panics, or does anything but log, wait and continue (the branch may
    ///   reconnect);
    /// - the loop has another exit that can be taken;
    /// - the channel is created or replaced inside the loop;
    /// - the loop is raced against a stop signal; or
    /// - the task is started once per process, or its handle is kept.
    ///
    /// Errors other than a close (`Lagged`, `Empty`, `Full`, `Timeout`) may be ignored.
    ///
    /// The labels show the spawn, the wait, the branch that continues, and the loop.
    ///
    /// ## Why it leaks
    /// The other side closes the channel to say that it is gone, and often has no other way to say so. A loop that
    /// ignores the close runs forever and keeps everything that its task captured. Receiving from a closed channel
    /// returns immediately, so such a loop usually keeps a whole core busy, too.
    ///
    /// ## Example
    /// ```rust
    /// use tokio::sync::broadcast;
    ///
    /// pub fn print_all(mut events: broadcast::Receiver<String>) {
    ///     tokio::spawn(async move {
    ///         loop {
    ///             match events.recv().await {
    ///                 Ok(event) => println!("{event}"),
    ///                 Err(error) => eprintln!("{error}"),
    ///             }
    ///         }
    ///     });
    /// }
    /// ```
    ///
    /// ## Use instead
    /// ```rust
    /// use tokio::sync::broadcast::{self, error::RecvError};
    ///
    /// pub fn print_all(mut events: broadcast::Receiver<String>) {
    ///     tokio::spawn(async move {
    ///         loop {
    ///             match events.recv().await {
    ///                 Ok(event) => println!("{event}"),
    ///                 Err(RecvError::Lagged(missed)) => eprintln!("{missed} events missed"),
    ///                 Err(RecvError::Closed) => break,
    ///             }
    ///         }
    ///     });
    /// }
    /// ```
    ///
    /// ## Rewrite safety
    /// Leaving the loop is right if the task exists only to serve the channel. If other branches still do something
    /// useful, decide whether the task should continue; if it should, disable the branch with a precondition
    /// (`, if !closed`). For a broadcast channel, the rewrite leaves the loop only when the channel is closed, not when
    /// messages were missed.
    ///
    /// ## Known limits
    /// The end of a byte stream (`Ok(0)`) is not checked, and streams whose type the code does not show are not checked
    /// either. A result that is used more than once is not followed.
    ignored_close, Leak
}

fn check(cx: &mut Cx<'_>) {
    cx.each_task(|cx, it| {
        let Some(first) = it.ending.ignored.first() else { return };
        if !it.can_leak() || !it.is_unheld() {
            return;
        }
        let name = it.program.task_name(it.task);
        let message = match first.half {
            ClosedHalf::Receiver => format!("{name} does not notice that its channel is closed, and keeps running"),
            ClosedHalf::Sender => format!("{name} does not notice that the receiver is gone, and keeps running"),
        };
        let mut finding = it.finding(RULE.name, message, it.lost_words());
        finding.labels.extend(it.spawn_label());
        for close in &it.ending.ignored {
            finding.labels.push(Label::new(close.at, words(close)));
            finding.labels.extend(close.branch.map(|branch| Label::new(branch, "the loop continues here")));
        }
        let keyword = it.program.keyword_span(first.loop_at, first.keyword);
        finding.labels.push(Label::new(
            keyword,
            match (first.until_another, first.half) {
                (false, _) => "this loop has no other exit",
                (true, ClosedHalf::Receiver) => "this loop spins until it takes another exit",
                (true, ClosedHalf::Sender) => "this loop keeps working until its source ends",
            },
        ));
        finding.labels.extend(it.lost_label());
        finding.notes.push(why(&it, first));
        finding.helps.push(help(first));
        finding.helps.push(it.keep_help());
        finding.rewrites.extend(it.leavers(&it.ending.ignored, RULE.name));
        cx.report(finding);
    });
}

fn words(close: &IgnoredClose) -> &'static str {
    match (close.half, close.passing) {
        // The code may log it.
        (ClosedHalf::Sender, _) => "when the receiver is gone, this fails, and the loop continues",
        (_, Passing::Discarded) => "when the channel is closed, this returns immediately, and the loop continues",
        (_, Passing::NoMatch) => "when the channel is closed, this does not match, and the loop continues",
        (_, Passing::GoesOn) => "when the channel is closed, this does not leave the loop",
        (_, Passing::DeadArm) => {
            "when the channel is closed, this branch is disabled, and another branch keeps the loop running"
        }
    }
}

fn why(it: &Evidenced<'_>, close: &IgnoredClose) -> String {
    let spins = match (close.half, close.passing) {
        (ClosedHalf::Sender, _) => "nobody receives the task's results",
        (_, Passing::DeadArm) => "nobody can reach the task",
        _ => "receiving from a closed channel returns immediately, so the loop may also keep a core busy",
    };
    let until = if close.until_another { "something else ends it" } else { "the process ends" };
    it.with_costs(&format!("{spins}; the task runs until {until}"))
}

fn help(close: &IgnoredClose) -> String {
    match (close.half, close.passing) {
        (ClosedHalf::Sender, _) => "leave the loop when the send fails: `if tx.send(..).await.is_err() { break }`",
        (_, Passing::DeadArm) => "match the whole result in the branch, and leave the loop when the channel closes: `x = rx.recv() => { let Some(x) = x else { break }; .. }`",
        _ => "leave the loop when the channel closes: `while let Some(x) = rx.recv().await { .. }`, or `break` in the branch for a closed channel",
    }
    .to_owned()
}
