//! A task that keeps running after the value that holds its handle is gone.

use crate::{
    declare_rule,
    evidence::Evidenced,
    finding::{Finding, Label},
    rule::Cx,
    words::duration_words,
};
use spawnlint_analysis::questions::{Act, EndingKind, Fate, FieldUse, PeerOrigin, TypeRef};

declare_rule! {
    /// A struct keeps a task's handle but neither aborts nor awaits the task, so the task outlives the struct.
    ///
    /// ## What it does
    /// Reports a task whose handle is stored in a field (bare, in an `Option` or a collection, behind a lock, or in an
    /// enum variant), if nothing in the workspace aborts, awaits or hands out that handle, and the task
    ///
    /// - loops or waits forever, and no signal that can be sent ends it; or
    /// - sleeps or waits for a long time, and nothing cuts that short; or
    /// - reads from a connection that this workspace itself opened, until the peer closes it.
    ///
    /// What matters is what the code does with the handle. A `Drop`, `stop`, `shutdown` or `close` that aborts, awaits
    /// or hands out the handle counts as a use. `tasks.clear()`, `self.task = None`, `take()` without a use, and
    /// `is_finished()` do not count, and neither does a private method that is never called. An abort that only makes
    /// room for the next task, as in
    /// `if let Some(task) = self.task.take() { task.abort() } self.task = Some(spawn(..));`, leaves the last task
    /// alive. If a `Drop` aborts the task in one field but forgets another field, the forgotten field is reported, and
    /// the `Drop` gets a label.
    ///
    /// If a `reset` or `Drop` only clears the handles, or the map of structs that hold them, it shows that the work is
    /// meant to be over. In that case, every task that is not known to be short is reported.
    ///
    /// Not reported:
    ///
    /// - fields whose type ends the task on drop (`JoinSet`, `AbortOnDropHandle`, a guard type from the workspace);
    /// - a library's public fields;
    /// - tasks that end with a sender, token or drop guard that is stored alongside the handle;
    /// - tasks that serve an accepted connection and end with it;
    /// - structs that are created once per process or are in a static;
    /// - tasks that keep the struct itself alive.
    ///
    /// ## Why it leaks
    /// Dropping a `JoinHandle` detaches its task, even when the handle is dropped as part of a struct. The struct looks
    /// like the task's owner but is not: each value that is created and dropped leaves a task behind, along with
    /// everything that the task captured.
    ///
    /// ## Example
    /// ```rust
    /// use std::time::Duration;
    /// use tokio::task::JoinHandle;
    ///
    /// pub struct Session {
    ///     heartbeat: JoinHandle<()>,
    /// }
    ///
    /// impl Session {
    ///     pub fn open(peer: String) -> Session {
    ///         let heartbeat = tokio::spawn(async move {
    ///             loop {
    ///                 tokio::time::sleep(Duration::from_secs(5)).await;
    ///                 println!("ping {peer}");
    ///             }
    ///         });
    ///         Session { heartbeat }
    ///     }
    ///
    ///     pub fn is_alive(&self) -> bool {
    ///         !self.heartbeat.is_finished()
    ///     }
    /// }
    /// ```
    ///
    /// ## Use instead
    /// ```rust
    /// use std::time::Duration;
    /// use tokio::task::JoinHandle;
    ///
    /// pub struct Session {
    ///     heartbeat: JoinHandle<()>,
    /// }
    ///
    /// impl Session {
    ///     pub fn open(peer: String) -> Session {
    ///         let heartbeat = tokio::spawn(async move {
    ///             loop {
    ///                 tokio::time::sleep(Duration::from_secs(5)).await;
    ///                 println!("ping {peer}");
    ///             }
    ///         });
    ///         Session { heartbeat }
    ///     }
    ///
    ///     pub fn is_alive(&self) -> bool {
    ///         !self.heartbeat.is_finished()
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
    /// If everything that is written into the field is visible, the field becomes an `AbortOnDropHandle`, and every
    /// spawn whose handle is stored there is wrapped. If nothing is moved out of the struct and the field is not
    /// cleared earlier, the type's `Drop` can abort the task instead. An abort stops the task at its next `.await`: a
    /// task that must finish what it writes needs a signal and an exit instead. If clones of the struct share the
    /// handle (`Arc<JoinHandle<()>>`), dropping one clone must not abort the task while the others need it: put the
    /// abort into the type behind the `Arc`.
    ///
    /// ## Known limits
    /// A field is not judged if it is used through a receiver whose type the code does not show, or if a macro mentions
    /// its name. A `stop` that others can call counts as a use, whether or not they call it.
    task_outlives_owner, Leak
}

fn check(cx: &mut Cx<'_>) {
    cx.each_task(|cx, it| {
        if let Some(finding) = outlives(&it).or_else(|| cleared(&it)) {
            cx.report(finding);
        }
    });
}

/// A field that is never used.
fn outlives(it: &Evidenced<'_>) -> Option<Finding> {
    let Fate::Stored { owner, field, at, use_: FieldUse::Nothing } = it.fate else { return None };
    if !it.can_leak() || it.program.keeps_alive(it.task, *owner) || it.program.lives_with_process(*owner) {
        return None;
    }
    let lives = lives_on(it)?;
    let name = it.program.type_name(*owner);
    let message =
        format!("{} outlives the `{name}` that holds its handle: the task {lives}", it.program.task_name(it.task));
    let mut finding = it.finding(RULE.name, message, format!("the handle is stored in `{name}.{field}`"));
    finding.labels.extend(it.spawn_label());
    finding.labels.extend(it.loop_labels());
    finding.labels.extend(it.evidence_labels());
    finding.labels.extend(it.wait_labels());
    if *at != finding.at
        && it.program.span(it.task.site) != *at
        && !at.range.contains(it.program.span(it.task.site).range)
    {
        finding.labels.push(Label::new(*at, "the handle is stored here"));
    }
    finding.labels.extend(owner_labels(it, *owner, field));
    let outlives = format!("dropping the `{name}` drops the handle and detaches the task, which keeps running");
    finding.notes.push(it.with_costs(&outlives));
    finding.helps.push(it.owner_help(name, field));
    finding.rewrites.extend(it.keepers(RULE.name));
    Some(finding)
}

/// `self.tasks.clear()` where the tasks are meant to end.
fn cleared(it: &Evidenced<'_>) -> Option<Finding> {
    let Fate::Stored { owner, field, .. } = it.fate else { return None };
    let is_judged = it.can_leak() && !it.ending.is_short() && !it.program.keeps_alive(it.task, *owner);
    let found = it.program.cleared(it.fate, it.ending).filter(|_| is_judged)?;
    let by = it.program.qualified_name(found.by);
    let name = it.program.task_name(it.task);
    let message = format!("`{by}` drops the handle of {name}, and the task keeps running");
    let mut finding = it.finding(RULE.name, message, format!("the handle is stored in `{field}`"));
    finding.labels.push(Label::new(found.at, "this drops the handle but does not end the task"));
    finding.labels.extend(it.spawn_label());
    finding.labels.extend(it.loop_labels());
    finding.labels.extend(it.evidence_labels());
    finding.notes.push("dropping a handle detaches the task instead of stopping it".to_owned());
    finding.helps.push(format!("abort the task in `{field}` before the handle is dropped"));
    finding.rewrites.extend(it.keepers(RULE.name));
    Some(finding)
}

/// How long the task keeps running, if that is long.
fn lives_on(it: &Evidenced<'_>) -> Option<String> {
    match it.ending.kind {
        // `loop { tick().await; }`
        EndingKind::Never => Some("never ends by itself".to_owned()),
        // `while let Some(frame) = stream.next().await`, on a stream that was opened here.
        EndingKind::OnPeer(PeerOrigin::Connected) if it.ending.signals.is_empty() => {
            Some("keeps reading until the peer closes the connection".to_owned())
        }
        _ => {
            let waits = it.reportable_waits();
            let longest = waits.iter().filter_map(|wait| wait.known()).max()?;
            Some(format!("may keep running for {}", duration_words(longest)))
        }
    }
}

/// Where the field is declared, and the code that looks as if it ended the task.
fn owner_labels(it: &Evidenced<'_>, owner: TypeRef, field: &str) -> Vec<Label> {
    let program = it.program;
    let mut labels = Vec::new();
    let acts = program.field_acts(owner, field);
    let replaced = acts.iter().any(|used| used.act == Act::Replaces);
    if let Some(at) = program.field_span(owner, field) {
        let text = match replaced {
            true => "nothing ends the last task whose handle is stored here",
            false => "nothing aborts, awaits or hands out this handle",
        };
        labels.push(Label::new(at, text));
    }
    for used in &acts {
        if used.act == Act::Replaces {
            labels.push(Label::new(used.at, "this aborts the task only to start the next one"));
        } else if used.act == Act::Clears {
            labels.push(Label::new(used.at, "this drops the handle, and the task keeps running"));
        } else if let Some(by) = used.by.filter(|_| used.act.keeps()) {
            labels.push(Label::new(used.at, format!("nobody calls `{}`", program.qualified_name(by))));
        }
    }
    // `impl Drop` that ends one task and forgets the other.
    let drops = program.drop_functions(owner);
    if let Some(drop) = drops.first().filter(|_| !acts.iter().any(|used| used.by.is_some_and(|by| drops.contains(&by))))
    {
        labels.push(Label::new(program.name_span(*drop), format!("this `drop` ignores `{field}`")));
    }
    labels
}
