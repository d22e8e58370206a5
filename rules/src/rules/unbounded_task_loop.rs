//! A task that loops for ever, and that nobody can end.

use crate::{declare_rule, evidence::Evidenced, rule::Cx};
use spawnlint_analysis::questions::{DeadCause, EndingKind, Fate};

declare_rule! {
    /// A task loops for ever and nobody can end it.
    ///
    /// ## What it does
    /// Reports a spawned task that runs a loop without a way out, in its own block or in a function that
    /// it calls, when its handle is dropped or stored where nothing aborts it.
    ///
    /// A way out is a `break`, `return` or `?` that can really be taken, a `select!` arm on a stop signal that
    /// leaves, a `while let` on a receiver whose senders can go away, an iterator that ends, or a `timeout`,
    /// `Abortable` or `run_until_cancelled` around the whole loop. An arm that goes dead
    /// (`Some(x) = rx.recv() => ..` without `else`), a channel whose sender the task itself holds, a flag in a field
    /// that is only ever set to go on, and the `None` of an interval or a listener are no ways out.
    ///
    /// Where it is seen why the way out never comes, or who should have ended the task, the rule of that cause speaks
    /// in place of this one: `ignored_close`, `forgotten_channel`, `self_sustaining_task`, `never_cancelled_token`,
    /// `ineffective_abort`, `task_outlives_owner`, `detached_by_await`.
    ///
    /// Silent: tasks that are started once per process, a signal that somebody can give, a kept handle that
    /// is aborted, an owner that aborts when it is dropped.
    ///
    /// ## Why it leaks
    /// Dropping a tokio `JoinHandle` detaches the task. A task without an exit then lives until the process
    /// ends, and keeps alive all that it captured. If it is started per connection, request or object, the
    /// process grows with each of them.
    ///
    /// ## Example
    /// ```rust
    /// use std::time::Duration;
    ///
    /// pub struct Session;
    ///
    /// impl Session {
    ///     pub fn start(peer: String) -> Session {
    ///         tokio::spawn(async move {
    ///             let mut tick = tokio::time::interval(Duration::from_secs(5));
    ///             loop {
    ///                 tick.tick().await;
    ///                 println!("{peer} is alive");
    ///             }
    ///         });
    ///         Session
    ///     }
    /// }
    /// ```
    ///
    /// ## Use instead
    /// ```rust
    /// use std::time::Duration;
    /// use tokio::task::AbortHandle;
    ///
    /// pub struct Session {
    ///     heartbeat: AbortHandle,
    /// }
    ///
    /// impl Session {
    ///     pub fn start(peer: String) -> Session {
    ///         let task = tokio::spawn(async move {
    ///             let mut tick = tokio::time::interval(Duration::from_secs(5));
    ///             loop {
    ///                 tick.tick().await;
    ///                 println!("{peer} is alive");
    ///             }
    ///         });
    ///         Session { heartbeat: task.abort_handle() }
    ///     }
    /// }
    ///
    /// impl Drop for Session {
    ///     fn drop(&mut self) {
    ///         self.heartbeat.abort();
    ///     }
    /// }
    /// ```
    ///
    /// ## Rewrite safety
    /// The task gets an owner, as in `dropped_join_handle`; started in a branch or loop it goes into a `JoinSet`
    /// which is drained on each turn. Aborting stops the task at its next `.await`, so work that must not be cut in
    /// two wants a cancellation token and a `select!` arm that breaks instead. A loop without any `.await` that can
    /// be pending cannot be aborted at all.
    ///
    /// ## Known limits
    /// A loop that leaves on a condition of its own, or on something outside the workspace, is taken to end.
    /// A method on a receiver whose type the text does not show is not followed. A panic is no way out that is looked for:
    /// a loop that ends by `sender.send(it).unwrap()` when the receiver is gone is reported.
    unbounded_task_loop, Leak
}

fn check(cx: &mut Cx<'_>) {
    cx.each_task(|cx, it| {
        if it.ending.kind != EndingKind::Never || it.ending.loops.is_empty() || !it.can_leak() || !it.is_unheld() {
            return;
        }
        let message = format!("{} loops for ever and nobody can end it", it.program.task_name(it.task));
        let mut finding = it.finding(RULE.name, message, it.lost_words());
        finding.labels.extend(it.spawn_label());
        finding.labels.extend(it.loop_labels());
        finding.labels.extend(it.lost_label());
        finding.notes.push(why(&it));
        finding.helps.push(it.keep_help());
        let first_dead = it.ending.loops.iter().find_map(|fact| fact.dead_exits.first());
        finding.helps.extend(first_dead.map(|exit| way_out(exit.dead.cause).to_owned()));
        finding.rewrites.extend(it.keepers(RULE.name));
        cx.report(finding);
    });
}

/// What opens an exit that cannot be taken.
fn way_out(cause: DeadCause) -> &'static str {
    match cause {
        DeadCause::OwnSender | DeadCause::LastingSender | DeadCause::SharedOwner => {
            "make the marked exit one that can be taken: `break` when the channel is closed, and let the task hold no sender of its own"
        }
        DeadCause::NeverCancelled => {
            "make the marked exit one that can be taken: cancel its token when the work is over"
        }
        DeadCause::NeverNotified => "make the marked exit one that can be taken: notify it when the work is over",
        DeadCause::NeverSet => "make the marked exit one that can be taken: set the flag when the work is over",
        DeadCause::NeverAborted => "make the marked exit one that can be taken: keep its abort handle and use it",
        DeadCause::NoExit => {
            "or give the loop a way out beside the marked one: race it with a cancellation token, or with a channel that its owner closes"
        }
    }
}

fn why(it: &Evidenced<'_>) -> String {
    let lives = match it.fate {
        Fate::Stored { .. } => "a handle in a field that is dropped with its owner detaches the task",
        _ => "a dropped handle detaches the task",
    };
    let keeps = it.captured_words().map(|names| format!(", with {names} kept alive"));
    let often = it.reach_words().map(|words| format!("; {words}"));
    format!("{lives}: it runs until the process ends{}{}", keeps.unwrap_or_default(), often.unwrap_or_default())
}
