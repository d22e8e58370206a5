//! The inventory of detached tasks.

use crate::{declare_rule, evidence::Evidenced, rule::Cx};
use spawnlint_analysis::questions::{EndingKind, PeerOrigin, Reach};

declare_rule! {
    /// A task is detached.
    ///
    /// ## What it does
    /// Lists every task whose handle nobody holds, and says what is known about how the task ends: soon, on a signal,
    /// with its peer, with the process, or at an unknown time. If a leak rule reports a task, this rule does not list
    /// it.
    ///
    /// ## Why it leaks
    /// It may not leak: most detached tasks are sound. This rule is an inventory for teams that want a written reason
    /// next to each detached task, and it shows what the other rules did not report.
    ///
    /// ## Example
    /// ```rust
    /// pub fn greet() {
    ///     tokio::spawn(async {
    ///         println!("hello");
    ///     });
    /// }
    /// ```
    ///
    /// ## Use instead
    /// ```rust
    /// pub async fn greet() {
    ///     let greeting = tokio::spawn(async {
    ///         println!("hello");
    ///     });
    ///     let _ = greeting.await;
    /// }
    /// ```
    ///
    /// ## Rewrite safety
    /// Often, there is nothing to rewrite: write down the reason, as in `// spawnlint: allow(detached_task): reason`.
    ///
    /// ## Known limits
    /// Tasks whose spawn is not in the source (because a dependency's macro or a library spawns them) are not listed.
    detached_task, Audit
}

fn check(cx: &mut Cx<'_>) {
    cx.each_task(|cx, it| {
        if !it.fate.is_dropped() {
            return;
        }
        let message = format!("{} is detached; it {}", it.program.task_name(it.task), ending_words(&it));
        let mut finding = it.finding(RULE.name, message, it.lost_words());
        finding.labels.extend(it.spawn_label());
        finding.labels.extend(it.evidence_labels());
        if it.ending.kind == EndingKind::OnSignal {
            for signal in it.ending.signals.iter().filter(|signal| signal.dead.is_none()) {
                let text = format!("waits here for {}", signal.kind.words());
                finding.labels.push(crate::finding::Label::new(signal.at, text));
            }
        }
        if let Some((why, at)) = it.ending.open_reason() {
            finding.labels.push(crate::finding::Label::new(at, why.words()));
        }
        finding.notes.push("nothing can abort the task or see its result".to_owned());
        finding.helps.push(
            "keep the handle, or write down why it may be dropped: `// spawnlint: allow(detached_task): reason`"
                .to_owned(),
        );
        cx.report(finding);
    });
}

fn ending_words(it: &Evidenced<'_>) -> &'static str {
    if it.task.ends_with_local_runtime {
        return "ends with the runtime it is spawned on";
    }
    match (it.ending.kind, it.reach) {
        (_, Reach::Process) => "is started once per process",
        (EndingKind::Never, _) => "never ends",
        _ if it.ending.has_unraced_long_wait() => "waits for a long time",
        (EndingKind::Within, _) => "ends soon",
        (EndingKind::OnSignal, _) => "ends on a signal",
        (EndingKind::OnPeer(PeerOrigin::Accepted), _) => "ends when its peer closes the connection",
        (EndingKind::OnPeer(PeerOrigin::Connected), _) => {
            "ends when the peer that it connected to closes the connection"
        }
        (EndingKind::OnCaller, _) => "ends when its caller's code ends",
        (EndingKind::Unknown, _) => "may end at any time, or never",
    }
}
