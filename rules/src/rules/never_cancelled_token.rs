//! A task that only a cancellation token would end, but nothing cancels the token.

use crate::{declare_rule, evidence::Evidenced, finding::Label, rule::Cx};
use spawnlint_analysis::questions::{Dead, DeadCause, EndingKind, Fate};

declare_rule! {
    /// A task waits for a `CancellationToken` that nothing ever cancels.
    ///
    /// ## What it does
    /// Reports a task that only a cancellation token could end, if nothing in the workspace calls `cancel()` on that
    /// token, on a clone of it or on its parent, and nothing creates a drop guard for it. The task's handle is dropped,
    /// or is in a field that is never used.
    ///
    /// The token is followed through `let`s, clones, children, fields, statics, function parameters and function
    /// results, across files: backward to the place where it is created (that place gets a label), and forward to
    /// everything that is done with it.
    ///
    /// Not reported:
    ///
    /// - a token that comes from or goes to code outside the workspace (a public function's parameter or result, a
    ///   public field, an argument to another crate's function);
    /// - a token that cannot be followed completely;
    /// - tasks that are started once per process;
    /// - tasks that can be stopped through their handle.
    ///
    /// ## Why it leaks
    /// Dropping a token cancels nothing, even if it is the last clone, or the parent of the token that the task waits
    /// for; `cancelled()` then waits forever. The code looks as if the task could be stopped, but the task keeps
    /// running, with everything that it captured, until the process ends.
    ///
    /// ## Example
    /// ```rust
    /// use std::time::Duration;
    /// use tokio_util::sync::CancellationToken;
    ///
    /// pub struct Session {
    ///     stop: CancellationToken,
    /// }
    ///
    /// impl Session {
    ///     pub fn open(peer: String) -> Session {
    ///         let stop = CancellationToken::new();
    ///         let stopped = stop.child_token();
    ///         tokio::spawn(async move {
    ///             loop {
    ///                 tokio::select! {
    ///                     _ = stopped.cancelled() => break,
    ///                     _ = tokio::time::sleep(Duration::from_secs(5)) => println!("ping {peer}"),
    ///                 }
    ///             }
    ///         });
    ///         Session { stop }
    ///     }
    ///
    ///     pub fn is_open(&self) -> bool {
    ///         !self.stop.is_cancelled()
    ///     }
    /// }
    /// ```
    ///
    /// ## Use instead
    /// ```rust
    /// use std::time::Duration;
    /// use tokio_util::sync::{CancellationToken, DropGuard};
    ///
    /// pub struct Session {
    ///     _stop: DropGuard,
    /// }
    ///
    /// impl Session {
    ///     pub fn open(peer: String) -> Session {
    ///         let stop = CancellationToken::new();
    ///         let stopped = stop.child_token();
    ///         tokio::spawn(async move {
    ///             loop {
    ///                 tokio::select! {
    ///                     _ = stopped.cancelled() => break,
    ///                     _ = tokio::time::sleep(Duration::from_secs(5)) => println!("ping {peer}"),
    ///                 }
    ///             }
    ///         });
    ///         Session { _stop: stop.drop_guard() }
    ///     }
    /// }
    /// ```
    ///
    /// ## Rewrite safety
    /// A drop guard for the token goes where an owner would go (see `dropped_join_handle`); if the token is in a struct
    /// that the task does not keep alive, the struct's `Drop` cancels it. A drop guard cancels the token on every exit,
    /// including a panic. If the guard is bound to `_`, or created as a statement, it is dropped immediately, which
    /// cancels the token. If the struct is cloned and each clone has its own guard, dropping any clone cancels the
    /// token for all clones: keep one guard behind an `Arc`.
    ///
    /// ## Known limits
    /// Tokens in collections, in generic types and in a library's statics are assumed to be cancelled. So are tokens
    /// that a workspace macro mentions together with `cancel`.
    never_cancelled_token, Leak
}

fn check(cx: &mut Cx<'_>) {
    cx.each_task(|cx, it| {
        if it.ending.kind != EndingKind::Never || !it.can_leak() || !it.is_unheld() {
            return;
        }
        // A task of an owner that lives as long as the process may run for as long.
        if matches!(it.fate, Fate::Stored { owner, .. } if it.program.lives_with_process(*owner)) {
            return;
        }
        let Some(dead) = never_cancelled(&it) else { return };
        let message = format!("{} waits for a token, but {}", it.program.task_name(it.task), dead.why);
        let mut finding = it.finding(RULE.name, message, it.lost_words());
        finding.labels.extend(it.spawn_label());
        finding.labels.extend(it.loop_labels());
        finding.labels.extend(it.evidence_labels());
        finding.labels.extend(it.lost_label());
        if let Some(at) = dead.at {
            finding.labels.push(Label::new(at, "the token is created here, and nothing keeps a drop guard for it"));
        }
        finding.notes.push(it.with_costs("dropping a token cancels nothing, so the task runs until the process ends"));
        finding.helps.push(
            "keep `token.clone().drop_guard()` in the type that should own the task, or call `cancel()` in that type's `Drop`"
                .to_owned(),
        );
        finding.rewrites.extend(it.token_keepers(dead.at, RULE.name));
        cx.report(finding);
    });
}

/// Why the token never ends the task, if the task waits for one.
fn never_cancelled<'a>(it: &Evidenced<'a>) -> Option<&'a Dead> {
    let exits = it.ending.loops.iter().flat_map(|fact| &fact.dead_exits).map(|exit| &exit.dead);
    let waits = it.ending.evidence.iter().filter_map(|evidence| evidence.dead.as_ref());
    exits.chain(waits).find(|dead| dead.cause == DeadCause::NeverCancelled)
}
