//! A handle that is dropped while its task is awaited, or when the next one overwrites it.

use crate::{
    declare_rule,
    evidence::Evidenced,
    finding::{Finding, Label},
    rule::Cx,
};
use spawnlint_analysis::{
    catalogue::Runs,
    questions::{EndingKind, Fate, Overwrite, Race, RaceKind},
};

declare_rule! {
    /// A handle is dropped by a timeout, a lost race or an overwrite, and its task keeps running.
    ///
    /// ## What it does
    /// Reports a long-lived task that only its handle can end, when
    ///
    /// - the handle is moved into a `timeout`, a branch of `select!` or another race (possibly inside `join_all`,
    ///   `Either` or an `async` block, or out of a field that is used for nothing else), so that it is dropped if the
    ///   other side wins; or
    /// - the race gets `&mut handle`, and the handle is neither aborted nor awaited afterwards; or
    /// - the handle is part of a stream of handles, and a different branch of the `select!` leaves the loop before all
    ///   results have arrived; or
    /// - the handle is held across an `.await` in a function or block that may itself be dropped before it finishes,
    ///   because the caller races it or wraps it in a timeout, or because the task that runs it is aborted: the code
    ///   after that `.await`, including any `abort()`, then never runs; or
    /// - the handle is in a field and is overwritten by the next one (`self.task = Some(spawn(..))`), in a method that
    ///   can run twice and does not abort, await or take the old handle first.
    ///
    /// A task is long-lived if it loops forever, waits for a long time, reads from a connection that this workspace
    /// opened, or (where the handle is overwritten) runs a method of a workspace trait. Where the handle itself is
    /// raced or bounded, the work is meant to be over once the race or the time limit ends, so every task that is not
    /// known to be short is reported.
    ///
    /// Not reported:
    ///
    /// - tasks that end after a bounded time (a short time, or a time taken from a setting);
    /// - tasks that the same function tells to stop (it is sound to signal a shutdown and then wait with a time limit);
    /// - an `abort_handle()` or `&mut handle` through which the task is aborted later, or an `AbortOnDropHandle`;
    /// - a race that only the end of the process wins;
    /// - a timeout of a few milliseconds (it only checks whether the task fails immediately);
    /// - blocking closures that end (see `abandoned_blocking`);
    /// - tasks that are started once per process.
    ///
    /// A field that is never used is left to other rules.
    ///
    /// ## Why it leaks
    /// `timeout` and `select!` drop the future that loses the race. That ends a plain future, but dropping a
    /// `JoinHandle` detaches its task: the task keeps running with everything that it captured, and nobody can stop it.
    /// The same happens when the handle is a local variable in a future that is dropped, and when the handle is
    /// overwritten.
    ///
    /// ## Example
    /// ```rust
    /// use std::time::Duration;
    /// use tokio::time::{interval, timeout};
    ///
    /// async fn poll_status(device: String) {
    ///     let mut tick = interval(Duration::from_secs(1));
    ///     loop {
    ///         tick.tick().await;
    ///         println!("asking {device}");
    ///     }
    /// }
    ///
    /// pub async fn watch(device: String) {
    ///     let poller = tokio::spawn(poll_status(device));
    ///     let _ = timeout(Duration::from_secs(30), poller).await;
    /// }
    /// ```
    ///
    /// ## Use instead
    /// ```rust
    /// use std::time::Duration;
    /// use tokio::time::{interval, timeout};
    ///
    /// async fn poll_status(device: String) {
    ///     let mut tick = interval(Duration::from_secs(1));
    ///     loop {
    ///         tick.tick().await;
    ///         println!("asking {device}");
    ///     }
    /// }
    ///
    /// pub async fn watch(device: String) {
    ///     let mut poller = tokio::spawn(poll_status(device));
    ///     if timeout(Duration::from_secs(30), &mut poller).await.is_err() {
    ///         poller.abort();
    ///     }
    /// }
    /// ```
    ///
    /// ## Rewrite safety
    /// `AbortOnDropHandle::new(tokio::spawn(..))` from tokio-util has the same output and can be used wherever the
    /// handle is awaited. This fix is proposed only where every use of the handle is visible; it also changes the types
    /// of the variables, parameters and private fields along the way. The fix is machine-applicable where the handle
    /// itself is the operand of the race and the package depends on tokio-util. Without tokio-util, the task is aborted
    /// when the time is up (`&mut handle`), or by a three-line guard alongside the handle.
    ///
    /// All of these fixes stop the task at its next `.await` once the race is lost or the handle is replaced; work that
    /// must finish needs a token instead. Often, no task is needed: a plain future is dropped with the race.
    ///
    /// ## Known limits
    /// If nothing is known about a task, it is reported only if its handle itself is raced. `select(a, b)` returns the
    /// loser, so a handle in such a race is reported only where the result is dropped. A method that reads the field,
    /// returns early or branches before it writes the field is assumed to know that the old task is gone. The callers
    /// of a public method are not known, so the method is assumed to be called twice, unless its name suggests a single
    /// call (`init`, or `start` without arguments).
    detached_by_await, Leak
}

fn check(cx: &mut Cx<'_>) {
    cx.each_task(|cx, it| {
        if !it.can_leak() {
            return;
        }
        // Bounding or racing a handle shows that the work is meant to be over: only short work is excused. A blocking
        // closure is reported by `abandoned_blocking`.
        let lives = it.lives_long().or(it.ending.may_go_on().then_some("may keep running"));
        let is_told = |at| it.ending.kind != EndingKind::Never && it.program.tells_to_stop(at);
        let is_bounded = matches!(it.fate, Fate::Raced(race) if race.inner.is_none()) && it.task.runs != Runs::Blocking;
        let lives =
            lives.or((is_bounded && it.ending.kind != EndingKind::Within).then_some("is not known to end soon"));
        let Some(lives) = lives else { return };
        let name = it.program.task_name(it.task);
        let mut finding = match it.fate {
            // `spawn(f).await` in a future that may be dropped shields short work from that.
            Fate::Raced(race) if race.inner.is_some() && it.lives_long().is_none() => return,
            Fate::Raced(race) if is_told(race.at) || it.program.is_probe(race) => return,
            Fate::Raced(race) => {
                let mut finding = raced(&it, race, &format!("{name} {lives}"));
                finding.rewrites = it.rewrites_of_race(RULE.name, race);
                finding
            }
            _ => match it.program.overwrites(it.task, it.fate) {
                Some(overwrite) if is_told(overwrite.at) => return,
                Some(overwrite) => {
                    let mut finding = overwritten(&it, &overwrite, &format!("{name} {lives}"));
                    finding.rewrites = it.rewrites_of_overwrite(RULE.name, &overwrite);
                    finding
                }
                None => return,
            },
        };
        finding.labels.extend(it.spawn_label());
        finding.labels.extend(it.loop_labels());
        finding.labels.extend(it.evidence_labels());
        if let Some((why, at)) = it.ending.open_reason().filter(|_| it.lives_long().is_none()) {
            finding.labels.push(Label::new(at, format!("not known to end soon: {}", why.words())));
        }
        cx.report(finding);
    });
}

/// `timeout(d, handle).await`
fn raced(it: &Evidenced<'_>, race: &Race, lives: &str) -> Finding {
    let (message, winner) = match (race.kind, race.inner) {
        (RaceKind::Timeout, None) => ("and a timeout drops its handle", "on timeout, the handle is dropped"),
        (_, None) => ("and losing a race drops its handle", "if the other branch wins, the handle is dropped"),
        (RaceKind::Timeout, _) => (
            "and a timeout drops the value that holds its handle",
            "on timeout, this is dropped together with the handle",
        ),
        (RaceKind::Abort, _) => (
            "and the task that holds its handle is aborted",
            "the task spawned here is aborted, which drops the handle",
        ),
        _ => (
            "and the future that holds its handle may be dropped before it finishes",
            "if the other branch wins, this is dropped together with the handle",
        ),
    };
    let mut finding = it.finding(RULE.name, format!("{lives}, {message}"), it.lost_words());
    finding.labels.push(Label::new(race.at, winner));
    if let Some(inner) = race.inner {
        finding.labels.push(Label::new(inner, "the handle is still held here"));
    }
    finding.notes.push(
        it.with_costs("dropping a future ends it, but dropping a task's handle detaches the task, which keeps running"),
    );
    finding.helps.push(match race.inner {
        None => "race `&mut handle` and call `handle.abort()` when the other side wins, or race an `AbortOnDropHandle` from tokio-util".to_owned(),
        Some(_) => "hold an `AbortOnDropHandle` from tokio-util across the `.await`: dropping it aborts the task".to_owned(),
    });
    finding
}

/// `self.task = Some(tokio::spawn(..));`
fn overwritten(it: &Evidenced<'_>, overwrite: &Overwrite, lives: &str) -> Finding {
    let field = &overwrite.field;
    let message = format!("{lives}, and its handle in `{field}` is overwritten");
    let mut finding = it.finding(RULE.name, message, "each run spawns another task".to_owned());
    finding.labels.push(Label::new(overwrite.at, "the old handle is dropped here, and its task keeps running"));
    let method = it.program.function_name(overwrite.method);
    if let Some(again) = overwrite.again.filter(|again| !again.range.contains(overwrite.at.range)) {
        finding.labels.push(Label::new(again, format!("calls `{method}` repeatedly")));
    }
    if let Some(kept) = overwrite.kept {
        finding.labels.push(Label::new(kept, "only the last handle is used here"));
    }
    finding.notes.push(it.with_costs("assigning to a field drops the old handle, which detaches its task"));
    finding.helps.push(format!("abort the old task first: `if let Some(old) = self.{}.take() {{ old.abort(); }}`, or keep an `AbortOnDropHandle` from tokio-util in the field", field.rsplit("::").next().unwrap_or(field)));
    finding
}
