//! A handle that is lost while somebody waits for its task, or by the next one that is written over it.

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
    /// A handle is lost half-way: its waiter gives up, or the next handle is written over it, and the task goes on.
    ///
    /// ## What it does
    /// Reports a task that lives long and that nothing but its handle can end, when
    ///
    /// - the handle is moved into a `timeout`, an arm of `select!` or another race (also inside `join_all`, `Either` or
    ///   an `async` block, and out of a field of which nothing else is done): if the other side wins, the handle is
    ///   dropped; or it is given as `&mut handle`, and nobody aborts or awaits it after the race; or it is one of a
    ///   stream of handles, and another arm of the `select!` leaves the loop before all results are there; or
    /// - the handle is held across an `.await` of a function or block that is itself dropped half-way: its
    ///   caller races it or puts it under a timeout, or the task that runs it is aborted; what stands behind that
    ///   `.await`, the `abort()` too, is never reached; or
    /// - the handle is in a field, and the next one is written over it (`self.task = Some(spawn(..))`) in a method
    ///   that can run twice and does not abort, await or take the old one first.
    ///
    /// Lives long means: it loops for ever, waits long, reads from a connection that this workspace opened, or (where
    /// the handle is overwritten) runs a method of a trait of the workspace. Whoever races or bounds the handle itself
    /// means the work to be over then, so there every task counts that is not known to be short.
    ///
    /// Silent: tasks that end after a bounded time (short, or as long as a setting says), tasks that the same function tells to stop (a shutdown that signals and then waits with a
    /// bound is sound), `&mut handle` or an `abort_handle()` that is aborted later, `AbortOnDropHandle`, a race that only
    /// the end of the process wins, blocking closures that end (`abandoned_blocking`), tasks that are started once per
    /// process. A field that nobody ever touches is told by other rules.
    ///
    /// ## Why it leaks
    /// `timeout` and `select!` drop the future that loses. For a plain future that is its end; for a `JoinHandle`
    /// it is a detach: the task goes on, with all that it captured, and nobody can stop it any more. The same
    /// holds for a handle that is a local of a future which is dropped, and for one that is overwritten.
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
    /// `AbortOnDropHandle::new(tokio::spawn(..))` from tokio-util has the same output and can stand wherever the
    /// handle is awaited. It is only proposed where all that is done with the handle is seen, and the types that are
    /// written on its way (a variable's, a parameter's, a private field's) change with it. Where the handle itself is
    /// the operand of the race and the dependency is there, the edit can be applied by machine. Without tokio-util
    /// the task is aborted where the time is over (`&mut handle`), or by a guard of three lines beside the handle.
    ///
    /// All of them stop the task at its next `.await` when the race is lost, or when its handle is replaced; work
    /// that must be finished wants a token instead. A plain future in place of a task is dropped with the race, and
    /// often enough.
    ///
    /// ## Known limits
    /// Where its handle is not raced itself, a task of which nothing is known is not reported. `select(a, b)` gives the loser back: it is only reported
    /// where the result is thrown away. A method that looks at the field, returns early or decides anything before
    /// it writes is taken to know that the old task is gone. Who calls a public method is not known: it is taken to
    /// be called twice, unless it is named like one that is called once (`init`, or `start` without arguments).
    detached_by_await, Leak
}

fn check(cx: &mut Cx<'_>) {
    cx.each_task(|cx, it| {
        if !it.can_leak() {
            return;
        }
        // Whoever bounds or races a handle means the work to be over: only short work is excused. A blocking closure is
        // told by `abandoned_blocking`.
        let lives = it.lives_long().or(it.ending.may_go_on().then_some("may go on"));
        let is_told = |at| it.ending.kind != EndingKind::Never && it.program.tells_to_stop(at);
        let is_bounded = matches!(it.fate, Fate::Raced(race) if race.inner.is_none()) && it.task.runs != Runs::Blocking;
        let lives =
            lives.or((is_bounded && it.ending.kind != EndingKind::Within).then_some("is not known to end soon"));
        let Some(lives) = lives else { return };
        let name = it.program.task_name(it.task);
        let mut finding = match it.fate {
            // `spawn(f).await` in what may be dropped shields short work from that.
            Fate::Raced(race) if race.inner.is_some() && it.lives_long().is_none() => return,
            Fate::Raced(race) if is_told(race.at) => return,
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
        (RaceKind::Timeout, None) => ("and a timeout drops its handle", "when the time is over, the handle is dropped"),
        (_, None) => ("and a race that it loses drops its handle", "when the other side wins, the handle is dropped"),
        (RaceKind::Timeout, _) => (
            "and a timeout drops what holds its handle",
            "when the time is over, this is dropped, and the handle with it",
        ),
        (RaceKind::Abort, _) => {
            ("and what holds its handle is aborted", "the task that is started here is aborted, and the handle dropped")
        }
        _ => (
            "and what holds its handle may be dropped half-way",
            "when the other side wins, this is dropped, and the handle with it",
        ),
    };
    let mut finding = it.finding(RULE.name, format!("{lives}, {message}"), it.lost_words());
    finding.labels.push(Label::new(race.at, winner));
    if let Some(inner) = race.inner {
        finding.labels.push(Label::new(inner, "the handle is still held here"));
    }
    finding
        .notes
        .push(why(it, "dropping a future ends it, but dropping the handle of a task detaches the task: it goes on"));
    finding.helps.push(match race.inner {
        None => "race `&mut handle` and call `handle.abort()` when the other side wins, or race an `AbortOnDropHandle` from tokio-util".to_owned(),
        Some(_) => "hold an `AbortOnDropHandle` from tokio-util across the `.await`: it aborts the task when it is dropped".to_owned(),
    });
    finding
}

/// `self.task = Some(tokio::spawn(..));`
fn overwritten(it: &Evidenced<'_>, overwrite: &Overwrite, lives: &str) -> Finding {
    let field = &overwrite.field;
    let message = format!("{lives}, and the next handle is written over its own in `{field}`");
    let mut finding = it.finding(RULE.name, message, "each run starts one more task".to_owned());
    finding.labels.push(Label::new(overwrite.at, "the handle that was here is dropped, and its task goes on"));
    let method = it.program.function_name(overwrite.method);
    if let Some(again) = overwrite.again.filter(|again| !again.range.contains(overwrite.at.range)) {
        finding.labels.push(Label::new(again, format!("runs `{method}` again and again")));
    }
    if let Some(kept) = overwrite.kept {
        finding.labels.push(Label::new(kept, "only the last one is reached here"));
    }
    finding.notes.push(why(it, "assigning to a field drops the old handle, which detaches its task"));
    finding.helps.push(format!("abort the old task first: `if let Some(old) = self.{}.take() {{ old.abort(); }}`, or keep an `AbortOnDropHandle` from tokio-util in the field", field.rsplit("::").next().unwrap_or(field)));
    finding
}

fn why(it: &Evidenced<'_>, what: &str) -> String {
    let keeps = it.captured_words().map(|names| format!(" and keeps {names} alive"));
    let often = it.reach_words().map(|words| format!("; {words}"));
    format!("{what}{}{}", keeps.unwrap_or_default(), often.unwrap_or_default())
}
