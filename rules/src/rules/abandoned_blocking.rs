//! A blocking closure that its waiter stops waiting for.

use crate::{declare_rule, finding::Label, rule::Cx};
use spawnlint_analysis::{
    catalogue::Runs,
    questions::{Fate, FieldUse, Race, RaceKind},
};

declare_rule! {
    /// A timeout, race or abort cannot stop the `spawn_blocking` closure that it is meant to bound.
    ///
    /// ## What it does
    /// Reports a blocking closure whose handle is wrapped in a timeout, raced in a `select!`, or aborted. None of these
    /// stops a closure that has started: the closure keeps running and keeps its thread busy.
    ///
    /// Not reported: a closure that checks a flag or a token and returns when the flag is set or the token is
    /// cancelled.
    ///
    /// This rule belongs to the strict suite. In the default suite, a closure that loops forever is reported by
    /// `detached_by_await` or `ineffective_abort`.
    ///
    /// ## Why it leaks
    /// The thread pool for blocking work is limited (512 threads by default). Each abandoned closure occupies a thread
    /// until it returns. When all threads are occupied, nothing that needs the pool (files, DNS) makes progress.
    ///
    /// ## Example
    /// ```rust
    /// use std::time::Duration;
    ///
    /// pub async fn digest(path: String) -> Option<Vec<u8>> {
    ///     let work = tokio::task::spawn_blocking(move || std::fs::read(path));
    ///     tokio::time::timeout(Duration::from_secs(5), work).await.ok()?.ok()?.ok()
    /// }
    /// ```
    ///
    /// ## Use instead
    /// ```rust
    /// use std::{
    ///     io::Read,
    ///     time::{Duration, Instant},
    /// };
    ///
    /// pub async fn digest(path: String) -> Option<Vec<u8>> {
    ///     let deadline = Instant::now() + Duration::from_secs(5);
    ///     let work = tokio::task::spawn_blocking(move || {
    ///         let mut file = std::fs::File::open(path)?;
    ///         let (mut all, mut part) = (Vec::new(), [0; 65536]);
    ///         while Instant::now() < deadline {
    ///             match file.read(&mut part)? {
    ///                 0 => return Ok(Some(all)),
    ///                 read => all.extend_from_slice(&part[..read]),
    ///             }
    ///         }
    ///         std::io::Result::Ok(None)
    ///     });
    ///     work.await.ok()?.ok()?
    /// }
    /// ```
    ///
    /// ## Rewrite safety
    /// Only the closure itself can end its work: pass a deadline or a flag to the closure, and check it between steps.
    ///
    /// ## Known limits
    /// The code rarely shows whether a closure ends soon by itself, so every such closure is reported.
    abandoned_blocking, Ownership
}

fn check(cx: &mut Cx<'_>) {
    cx.each_task(|cx, it| {
        // A closure that checks a flag or a token is told to stop in the one way there is.
        let is_told = it.ending.signals.iter().any(|signal| signal.dead.is_none());
        if it.task.runs != Runs::Blocking || is_told {
            return;
        }
        let (what, at) = match it.fate {
            Fate::Raced(race) | Fate::Stored { use_: FieldUse::Raced(race), .. } => (bound(race), race.at),
            Fate::Aborted(at) | Fate::AbortOnDrop(at) => ("an abort", *at),
            _ => return,
        };
        let message = format!("{what} does not stop this closure, which keeps its thread until it returns");
        let mut finding = it.finding(RULE.name, message, "this blocking closure keeps running".to_owned());
        // Report the place that gives up, not each of its callers.
        let inner = it.program.span(it.task.inner);
        let gives_up = it.program.place_range(it.task.inner);
        if gives_up.file == at.file && gives_up.range.contains(at.range) {
            finding.at = it.program.call_head(it.task.inner);
            finding.task = Some(inner);
        }
        finding.labels.push(Label::new(at, "this only stops waiting"));
        finding.notes.push("a blocking closure that has started cannot be aborted".to_owned());
        finding.helps.push(it.keep_help());
        finding.rewrites.extend(it.told_to_stop(at, RULE.name));
        cx.report(finding);
    });
}

/// What abandons the closure.
fn bound(race: &Race) -> &'static str {
    match race.kind {
        RaceKind::Timeout => "the timeout",
        RaceKind::Select => "losing the race",
        RaceKind::Token => "cancelling the token",
        RaceKind::Abort => "aborting the waiting task",
    }
}
