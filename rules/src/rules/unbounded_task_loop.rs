//! A task that loops forever and that nobody can stop.

use crate::{declare_rule, evidence::Evidenced, rule::Cx};
use spawnlint_analysis::questions::{DeadCause, EndingKind, Fate};

declare_rule! {
    /// A task loops forever and nobody can stop it.
    ///
    /// ## What it does
    /// Reports a spawned task that runs a loop without an exit, in its own block or in a function that it calls, if the
    /// task's handle is dropped, or stored where nothing aborts the task.
    ///
    /// An exit is a `break`, `return` or `?` that can actually be reached, a `select!` branch on a stop signal that
    /// leaves the loop, a `while let` on a receiver whose senders can go away, an iterator that ends, or a `timeout`,
    /// `Abortable` or `run_until_cancelled` around the whole loop. The following are not exits:
    ///
    /// - a branch that becomes disabled (`Some(x) = rx.recv() => ..` without `else`);
    /// - a channel whose sender the task itself holds;
    /// - a signal from a task that ends only when this task ends;
    /// - a flag that is only ever set to the value with which the loop continues;
    /// - the `None` of an interval or a listener;
    /// - the `JoinError` of work that the loop itself spawns and awaits immediately, since such work fails only by
    ///   panicking.
    ///
    /// An async function that returns `!` never ends, whatever it waits for.
    ///
    /// Where the code shows why the exit is never taken, or who should have ended the task, the rule for that cause
    /// reports the task instead: `ignored_close`, `forgotten_channel`, `self_sustaining_task`, `never_cancelled_token`,
    /// `ineffective_abort`, `task_outlives_owner`, `detached_by_await`.
    ///
    /// Not reported: tasks that are started once per process, tasks with a stop signal that can be sent, tasks whose
    /// handle is kept and aborted, and tasks whose owner aborts them when it is dropped.
    ///
    /// ## Why it leaks
    /// Dropping a tokio `JoinHandle` detaches the task. A task without an exit then runs until the process ends, and
    /// keeps alive everything that it captured. If such a task is started per connection, request or object, the
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
    /// The task gets an owner, as in `dropped_join_handle`; a task that is started in a branch or loop goes into a
    /// `JoinSet` that is drained in each iteration. Aborting stops the task at its next `.await`, so work that must not
    /// be interrupted needs a cancellation token and a `select!` branch that breaks instead. A loop without any
    /// `.await` that can be pending cannot be aborted at all.
    ///
    /// ## Known limits
    /// A loop that exits on a condition of its own, or on something outside the workspace, is assumed to end. A method
    /// is not followed if the code does not show the type of its receiver. A panic does not count as an exit: a loop
    /// that ends only by a panic in `sender.send(it).unwrap()`, once the receiver is gone, is reported.
    unbounded_task_loop, Leak
}

fn check(cx: &mut Cx<'_>) {
    cx.each_task(|cx, it| {
        let can_leak = it.can_leak_despite(&[DeadCause::NeverSet]);
        if it.ending.kind != EndingKind::Never || it.ending.loops.is_empty() || !can_leak || !it.is_unheld() {
            return;
        }
        let message = format!("{} loops forever and nobody can stop it", it.program.task_name(it.task));
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

/// How to make an exit possible that cannot be taken.
fn way_out(cause: DeadCause) -> &'static str {
    match cause {
        DeadCause::OwnSender | DeadCause::LastingSender | DeadCause::SharedOwner => {
            "make the marked exit possible: `break` when the channel is closed, and make sure that the task holds no sender of its own"
        }
        DeadCause::OtherSender | DeadCause::OtherTask => {
            "the two tasks wait for each other; end one of them from outside with a cancellation token or a stored abort handle, or keep only a weak sender in it"
        }
        DeadCause::NeverCancelled => "make the marked exit possible: cancel the token when the work is over",
        DeadCause::NeverNotified => "make the marked exit possible: notify the task when the work is over",
        DeadCause::NeverSet => "make the marked exit possible: set the flag when the work is over",
        DeadCause::NeverAborted => "make the marked exit possible: keep the abort handle and use it",
        DeadCause::NoExit => {
            "or give the loop another exit: race the loop against a cancellation token, or against a channel that its owner closes"
        }
    }
}

fn why(it: &Evidenced<'_>) -> String {
    let lives = match it.fate {
        Fate::Stored { .. } => "dropping the owner drops the handle and detaches the task",
        _ => "dropping the handle detaches the task",
    };
    it.with_costs(&format!("{lives}, which runs until the process ends"))
}
