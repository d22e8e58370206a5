//! A type that ends its task only if a method is called.

use crate::{declare_rule, evidence::Evidenced, finding::Label, rule::Cx};
use spawnlint_analysis::questions::{EndedByDrop, Stop, TypeRef};
use std::collections::BTreeMap;

declare_rule! {
    /// A type ends its task only in a method such as `stop()`, not when it is dropped.
    ///
    /// ## What it does
    /// Reports a field that holds the means to end a task (its handle, an abort handle, a `CancellationToken`, a
    /// `Notify`, a flag), if a method uses the field to end the task, but neither the type's own `Drop` nor a field's
    /// `Drop` ends it. The field is reported only if the task is not short and no other drop ends the task. Each field
    /// is reported once.
    ///
    /// This rule belongs to the strict suite. Not reported: types that live for the life of the process.
    ///
    /// ## Why it leaks
    /// A call to `stop()` is easily skipped: by an early return, a `?`, a panic, or a cancelled request. The value is
    /// then dropped, its task keeps running, and nobody can reach the task. Dropping a `CancellationToken` cancels
    /// nothing, and dropping a `JoinHandle` detaches its task.
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
    ///         let stopped = stop.clone();
    ///         tokio::spawn(async move {
    ///             loop {
    ///                 tokio::select! {
    ///                     () = stopped.cancelled() => break,
    ///                     () = tokio::time::sleep(Duration::from_secs(5)) => println!("ping {peer}"),
    ///                 }
    ///             }
    ///         });
    ///         Session { stop }
    ///     }
    ///
    ///     pub fn close(&self) {
    ///         self.stop.cancel();
    ///     }
    /// }
    /// ```
    ///
    /// ## Use instead
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
    ///         let stopped = stop.clone();
    ///         tokio::spawn(async move {
    ///             loop {
    ///                 tokio::select! {
    ///                     () = stopped.cancelled() => break,
    ///                     () = tokio::time::sleep(Duration::from_secs(5)) => println!("ping {peer}"),
    ///                 }
    ///             }
    ///         });
    ///         Session { stop }
    ///     }
    ///
    ///     pub fn close(&self) {
    ///         self.stop.cancel();
    ///     }
    /// }
    ///
    /// impl Drop for Session {
    ///     fn drop(&mut self) {
    ///         self.close();
    ///     }
    /// }
    /// ```
    ///
    /// ## Rewrite safety
    /// A `Drop` that aborts the task stops it at its next `.await`. A task that must finish its work needs a token, so
    /// that it can finish when the token is cancelled. Fields cannot be moved out of a type that has a `Drop`.
    ///
    /// ## Known limits
    /// If a token, flag or notification was passed in, others may have it, too, so such a field is not judged. The rule
    /// does not check whether all owners call the method on every path.
    stop_without_drop, Ownership
}

fn check(cx: &mut Cx<'_>) {
    let mut fields: BTreeMap<(TypeRef, String), (Stop, usize)> = BTreeMap::new();
    let (program, drafts) = (cx.program, cx.drafts);
    let answers: Vec<_> = program.answers().collect();
    for (at, (task, fate, ending, reach)) in answers.iter().enumerate() {
        let it = Evidenced { program, task, fate, ending, reach: **reach, drafts };
        if !it.can_outlive_owner() || ending.is_short() {
            continue;
        }
        let found = program.ask(Some(task.site), || program.ended_by_drop(task, fate, ending));
        if let Some(EndedByDrop::OnlyBy(stop)) = found
            && !program.lives_with_process(stop.dropped)
        {
            fields.entry((stop.owner, stop.field.clone())).or_insert((stop, at));
        }
    }
    for ((owner, field), (stop, at)) in fields {
        let (task, fate, ending, reach) = answers[at];
        let it = Evidenced { program, task, fate, ending, reach: *reach, drafts };
        let type_name = program.type_name(stop.dropped);
        let by = program.qualified_name(stop.by);
        let message =
            format!("only `{by}` ends {}: dropping the `{type_name}` leaves the task running", program.task_name(task));
        let mut finding = it.finding(RULE.name, message, "this task keeps running".to_owned());
        if let Some(declared) = program.field_span(owner, &field) {
            finding.labels.push(Label::new(declared, format!("dropping `{field}` does not end the task")));
        }
        finding.labels.push(Label::new(stop.at, "calling this ends the task"));
        finding.labels.extend(it.spawn_label());
        finding.labels.extend(it.loop_labels());
        finding.labels.extend(it.evidence_labels());
        finding.labels.extend(it.wait_labels());
        finding.labels.extend(it.open_wait_labels());
        finding.helps.push(match stop.is_handle {
            true => it.owner_help(type_name, &field),
            false => {
                format!("end the task in a `Drop` of `{type_name}`, or keep a `DropGuard` for the token in that type")
            }
        });
        finding.rewrites.extend(it.stop_keepers(&stop, RULE.name));
        cx.report(finding);
    }
}
