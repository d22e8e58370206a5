//! A task that holds what it captured for a long timeout or sleep.

use crate::{
    declare_rule,
    evidence::{Evidenced, length_words},
    finding::Label,
    rule::Cx,
    words::{bytes_words, count_words},
};
use spawnlint_analysis::questions::{LongWait, Reach, WaitLength};

declare_rule! {
    /// A task holds what it captured during a long timeout or sleep that nothing can cut short.
    ///
    /// ## What it does
    /// Reports a spawned task that waits for at least `long-wait` (60 s by default) in a `timeout`, `sleep` or similar
    /// call, directly or in a function that the task runs, if the task's handle is dropped and the wait is not raced
    /// against a stop signal. Durations are evaluated through constants, arithmetic and deadlines
    /// (`Instant::now() + d`).
    ///
    /// If the code does not show the duration (it is a field, an argument or a setting), a wait is reported only in a
    /// detached task that is started per request or from a `Drop`, and that holds state across the wait: more than
    /// numbers, senders, tokens and permits. A plain sleep in a task that holds a shared pointer is reported, too, if
    /// the pointer shares a struct that the workspace creates per owner or per request: the struct's owner may be gone
    /// long before the sleep is over. A timeout of that kind around work is a safeguard and is not reported; a plain
    /// sleep is reported, as is a time limit on a wait that nothing else ends. If the workspace itself only ever sets a
    /// field to short durations, the field is assumed to be short.
    ///
    /// Not reported:
    ///
    /// - a wait on a receiver whose sender is a local variable that is dropped with the request;
    /// - the period of a timer loop;
    /// - a task whose handle is kept and aborted;
    /// - a wait that is raced against a token, `closed()` or a shutdown future;
    /// - a served connection with an idle timeout.
    ///
    /// ## Why it leaks
    /// The client is gone, but the task remains: until the timeout expires, it keeps the request's buffers, the
    /// connection and everything else that it captured. At a hundred requests per second, 30% of which are abandoned, a
    /// timeout of ten minutes leads to 18,000 waiting tasks.
    ///
    /// ## Example
    /// ```rust
    /// use std::time::Duration;
    /// use tokio::sync::mpsc;
    ///
    /// pub fn log_stream(mut lines: mpsc::Receiver<String>, body: Vec<u8>) {
    ///     tokio::spawn(async move {
    ///         let first = tokio::time::timeout(Duration::from_secs(600), lines.recv()).await;
    ///         println!("{first:?} of {} bytes", body.len());
    ///     });
    /// }
    /// ```
    ///
    /// ## Use instead
    /// ```rust
    /// use std::time::Duration;
    /// use tokio::{sync::mpsc, task::AbortHandle};
    ///
    /// /// Aborts the logging when the client is gone.
    /// pub struct LogGuard(AbortHandle);
    ///
    /// impl Drop for LogGuard {
    ///     fn drop(&mut self) {
    ///         self.0.abort();
    ///     }
    /// }
    ///
    /// pub fn log_stream(mut lines: mpsc::Receiver<String>, body: Vec<u8>) -> LogGuard {
    ///     let task = tokio::spawn(async move {
    ///         let first = tokio::time::timeout(Duration::from_secs(600), lines.recv()).await;
    ///         println!("{first:?} of {} bytes", body.len());
    ///     });
    ///     LogGuard(task.abort_handle())
    /// }
    /// ```
    ///
    /// ## Rewrite safety
    /// The task gets an owner, as in `dropped_join_handle`. The owner decides how long the task lives: put the owner in
    /// the response body or the connection, not in a local variable in a function that returns immediately. If a `Drop`
    /// starts the wait, the wait is left alone, since cutting it short would leave the cleanup unfinished. A shorter
    /// timeout only reduces the number of waiting tasks.
    ///
    /// ## Known limits
    /// A duration from outside the workspace is not known. A wait in a loop is assumed to be the loop's period.
    long_timeout_in_task, Leak
}

fn check(cx: &mut Cx<'_>) {
    cx.each_task(|cx, it| {
        if !it.can_leak() || !it.is_unheld() {
            return;
        }
        let waits = it.reportable_waits();
        let Some(longest) = waits.iter().max_by_key(|wait| length(wait)) else { return };
        let long = length_words(longest);
        let message = match longest.is_timeout {
            true => format!("{} may wait {long}, and nothing can cut it short", it.program.task_name(it.task)),
            false => format!("{} sleeps {long}, and nothing can cut it short", it.program.task_name(it.task)),
        };
        let mut finding = it.finding(RULE.name, message, it.lost_words());
        finding.labels.extend(it.spawn_label());
        for wait in &waits {
            finding.labels.push(Label::new(wait.at, format!("waits here {}", length_words(wait))));
        }
        finding.labels.extend(it.evidence_labels());
        finding.labels.extend(it.lost_label());
        finding.notes.push(why(&it, longest));
        finding.notes.extend(plateau(&it, longest));
        finding.helps.push(it.keep_help());
        finding.helps.push(
            "or race the wait against a signal that the client is gone, such as `tx.closed()` or a cancellation token"
                .to_owned(),
        );
        finding.rewrites.extend(it.keepers(RULE.name));
        cx.report(finding);
    });
}

fn length(wait: &LongWait) -> std::time::Duration {
    match &wait.length {
        WaitLength::Known(length) => *length,
        WaitLength::Unknown(_) => std::time::Duration::ZERO,
    }
}

fn why(it: &Evidenced<'_>, wait: &LongWait) -> String {
    let keeps = match it.captured_words() {
        Some(names) => format!("keeps {names} alive"),
        None => "stays alive".to_owned(),
    };
    let often = it.reach_words().map(|words| format!("; {words}"));
    format!("each abandoned task {keeps} {}{}", length_words(wait), often.unwrap_or_default())
}

/// How many such tasks are alive in the steady state, from the figures in the configuration.
fn plateau(it: &Evidenced<'_>, wait: &LongWait) -> Option<String> {
    let cost = it.program.options.cost_in(it.task.site.file)?;
    let WaitLength::Known(length) = wait.length else { return None };
    if it.reach == Reach::Process {
        return None;
    }
    let alive = cost.arrivals_per_second * cost.abandoned * length.as_secs_f64();
    let bytes = cost.bytes_per_task.map(|bytes| {
        let all = bytes_words(alive * bytes as f64);
        format!(", holding {all} at {} each", bytes_words(bytes as f64))
    });
    Some(format!(
        "at {} per second, with {}% of them abandoned, {} are alive at a time{}",
        count_words(cost.arrivals_per_second),
        count_words(cost.abandoned * 100.0),
        count_words(alive.round()),
        bytes.unwrap_or_default()
    ))
}
