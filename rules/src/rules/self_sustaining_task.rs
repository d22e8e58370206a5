//! A task that keeps its owner alive, whose drop would end the task.

use crate::{
    declare_rule,
    evidence::Evidenced,
    finding::{Finding, Label},
    rewrite::keepers::Strong,
    rule::Cx,
};
use spawnlint_analysis::{
    questions::{DeadCause, EndingKind, Fate, Outliving, Sustained},
    span::Span,
};

declare_rule! {
    /// A task holds a strong `Arc` to its owner, whose drop would end the task.
    ///
    /// ## What it does
    /// Reports a task that has no exit of its own and would end when its owner is dropped, if the task itself has a
    /// strong pointer to that owner (`self: Arc<Self>`, `self.clone()`, `Arc::clone(&this)`, or one field deeper). The
    /// owner would end the task through
    ///
    /// - the handle: the owner's `Drop` aborts the task, or the field is an `AbortOnDropHandle`, a `JoinSet` or another
    ///   type that ends its task when it is dropped, and no other reachable code aborts, awaits or hands out the
    ///   handle;
    /// - a sender in the owner: the task receives from that sender's channel, which closes only when the sender is
    ///   dropped;
    /// - a token in the owner that only the owner's `Drop` cancels; or
    /// - the owner itself: the task uses a `Weak` to check whether the owner is still there.
    ///
    /// The rule also reports a task that has a strong pointer to the value returned by the function that starts the
    /// task, if the task ends only with a stream that was passed in: dropping the returned value ends nothing while the
    /// stream lasts.
    ///
    /// A task is not reported if
    ///
    /// - it has a `Weak` and drops the upgraded pointer before it waits;
    /// - it shares only an inner part that does not hold the handle;
    /// - a `stop`, `close` or `cancel` ends it and is called, or can be called by a library's users;
    /// - the field is emptied or handed out;
    /// - the loop has another exit; or
    /// - the owner lives for the life of the process.
    ///
    /// The labels show the spawn, the place where the task captures its owner, the place where the handle is put into
    /// the owner, what would end the task, and the loop.
    ///
    /// ## Why it leaks
    /// The value in an `Arc` is dropped with the last clone, and the task holds a clone until it ends. But the task
    /// ends only when the owner is dropped, so neither ever happens: each such owner stays alive forever, along with
    /// its task, however carefully the owner's `Drop` is written.
    ///
    /// ## Example
    /// ```rust
    /// use std::{sync::Arc, sync::Mutex, time::Duration};
    /// use tokio_util::task::AbortOnDropHandle;
    ///
    /// #[derive(Default)]
    /// pub struct Cache {
    ///     sweeper: Mutex<Option<AbortOnDropHandle<()>>>,
    /// }
    ///
    /// impl Cache {
    ///     fn sweep(&self) {}
    ///
    ///     pub fn start(self: &Arc<Self>) {
    ///         let cache = Arc::clone(self);
    ///         let task = tokio::spawn(async move {
    ///             loop {
    ///                 tokio::time::sleep(Duration::from_secs(1)).await;
    ///                 cache.sweep();
    ///             }
    ///         });
    ///         *self.sweeper.lock().unwrap() = Some(AbortOnDropHandle::new(task));
    ///     }
    /// }
    /// ```
    ///
    /// ## Use instead
    /// ```rust
    /// use std::{sync::Arc, sync::Mutex, time::Duration};
    /// use tokio_util::task::AbortOnDropHandle;
    ///
    /// #[derive(Default)]
    /// pub struct Cache {
    ///     sweeper: Mutex<Option<AbortOnDropHandle<()>>>,
    /// }
    ///
    /// impl Cache {
    ///     fn sweep(&self) {}
    ///
    ///     pub fn start(self: &Arc<Self>) {
    ///         let cache = Arc::downgrade(self);
    ///         let task = tokio::spawn(async move {
    ///             loop {
    ///                 tokio::time::sleep(Duration::from_secs(1)).await;
    ///                 let Some(cache) = cache.upgrade() else { break };
    ///                 cache.sweep();
    ///             }
    ///         });
    ///         *self.sweeper.lock().unwrap() = Some(AbortOnDropHandle::new(task));
    ///     }
    /// }
    /// ```
    ///
    /// ## Rewrite safety
    /// The task holds a weak pointer to its owner, and upgrades the pointer in each iteration, after the wait. With a
    /// weak pointer, the owner's `Drop` may run inside the task, and the task ends in its next iteration, not
    /// immediately. Where the owner is used across an `.await`, the rewrite is left to you: `upgrade` returns a strong
    /// pointer, so drop that pointer before the next wait.
    ///
    /// ## Known limits
    /// If an owner is reached through another crate, a map or a trait object, it is not recognized as the same owner.
    self_sustaining_task, Leak
}

fn check(cx: &mut Cx<'_>) {
    cx.each_task(|cx, it| {
        if !it.can_leak_despite(&[DeadCause::SharedOwner]) {
            return;
        }
        if it.can_leak()
            && it.is_unheld()
            && let Some(found) = it.program.outliving(it.task, it.ending)
        {
            return outlives(cx, &it, &found);
        }
        if it.ending.kind != EndingKind::Never {
            return;
        }
        let signs = it.dead_signs(&[DeadCause::SharedOwner]);
        if it.is_unheld() && !signs.is_empty() {
            let name = it.program.task_name(it.task);
            let message = format!("{name} keeps alive the value whose drop would end the task");
            let mut finding = it.finding(RULE.name, message, it.lost_words());
            let taken = signs.iter().find_map(|(_, dead)| dead.at);
            for (at, dead) in signs {
                finding.labels.push(Label::new(at, format!("would end here, but {}", dead.why)));
                finding.labels.extend(dead.at.map(|taken| Label::new(taken, "a strong pointer is captured here")));
            }
            tell(cx, &it, finding, taken, CIRCLE);
        } else if it.can_leak()
            && let Some(found) = it.program.sustained(it.task, it.fate)
        {
            let name = it.program.task_name(it.task);
            let message = format!("{name} keeps alive the owner whose drop would end the task");
            let mut finding = it.finding(RULE.name, message, handle_words(&it, &found));
            let Sustained { taken, field, .. } = &found;
            finding
                .labels
                .push(Label::new(found.taken_at, format!("the task holds `{taken}`, a strong pointer to its owner")));
            finding.labels.push(Label::new(found.stored_at, format!("`{field}` holds the task")));
            finding.labels.push(Label::new(found.ended_by, "only this ends the task, but this code never runs"));
            tell(cx, &it, finding, Some(found.taken_at), CIRCLE);
        }
    });
}

fn outlives(cx: &mut Cx<'_>, it: &Evidenced<'_>, found: &Outliving) {
    let Outliving { taken, .. } = found;
    let name = it.program.task_name(it.task);
    let message = format!("{name} keeps `{taken}` alive, and does not end when the caller drops its pointer");
    let mut finding = it.finding(RULE.name, message, it.lost_words());
    finding.labels.push(Label::new(found.taken_at, "a strong pointer is captured here"));
    finding.labels.push(Label::new(found.given_at, "the caller gets this pointer, and dropping it ends nothing"));
    finding.labels.push(Label::new(found.stream_at, "runs for as long as this stream lasts"));
    tell(
        cx,
        it,
        finding,
        Some(found.taken_at),
        "dropping the caller's pointer ends nothing, since the task holds its own",
    );
}

const CIRCLE: &str = "the task ends only when its owner is dropped, and the owner is dropped only when the task ends";

fn tell(cx: &mut Cx<'_>, it: &Evidenced<'_>, mut finding: Finding, taken: Option<Span>, why: &str) {
    finding.labels.extend(it.spawn_label());
    finding.labels.extend(it.loop_labels());
    finding.labels.dedup_by_key(|label| label.at);
    let keeps = it.captured_words().map(|names| format!(": {names} can never be dropped"));
    let often = it.reach_words().map(|words| format!("; {words}"));
    finding.notes.push(format!("{why}{}{}", keeps.unwrap_or_default(), often.unwrap_or_default()));
    finding.helps.push(
        "give the task a `Weak`: `let weak = Arc::downgrade(..)`, and in each iteration `let Some(owner) = weak.upgrade() else { break }`; drop `owner` before the next wait".to_owned(),
    );
    finding.helps.push(
        "or give the task only an inner `Arc` that holds the data, and keep the handle in an outer struct".to_owned(),
    );
    finding.rewrites.extend(it.weakeners(taken, Strong::Pointer, RULE.name));
    cx.report(finding);
}

fn handle_words(it: &Evidenced<'_>, found: &Sustained) -> String {
    let owner = it.program.type_name(found.owner);
    match it.fate {
        Fate::Owned => format!("`{owner}.{}` ends the task when the field is dropped", found.field),
        _ => format!("the handle is stored in `{owner}.{}`", found.field),
    }
}
