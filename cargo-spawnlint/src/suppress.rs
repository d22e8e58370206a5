//! `// spawnlint: allow(rule): reason`: which findings such comments silence, and which comments are wrong.

use crate::levels::{
    self, INVALID_SUPPRESSION, Level, Levels, SUPPRESSION_WITHOUT_REASON, Subject, UNUSED_SUPPRESSION,
};
use rustc_hash::FxHashMap;
use spawnlint_analysis::{
    facts::{FileSummary, Suppression},
    span::{FileId, TextRange},
};
use spawnlint_rules::{
    finding::{Applicability, Edit, Finding, Rewrite},
    rule::{Group, Rule},
};
use std::sync::Arc;

/// A file whose comments count.
#[derive(Debug, Clone, Copy)]
pub struct Commented<'a> {
    /// The file.
    pub file: FileId,
    /// What it says.
    pub summary: &'a FileSummary,
    /// The levels that hold there.
    pub levels: &'a Levels,
    /// Whether a reason is needed; `None` if that hangs on the level.
    pub require_reason: Option<bool>,
    /// Whether everything in it was judged, tests too.
    pub judges_tests: bool,
    /// Whether it was judged at all: what does not parse has no findings, and no comment there is superfluous.
    pub is_judged: bool,
}

/// The comments of a program, understood.
#[derive(Debug, Default)]
pub struct Suppressions {
    by_file: FxHashMap<FileId, Vec<Entry>>,
    /// Comments that are wrong whatever they speak of.
    findings: Vec<Finding>,
}

/// One name in one comment.
#[derive(Debug)]
struct Entry {
    /// The comment.
    comment: TextRange,
    /// The name.
    name: TextRange,
    text: String,
    covers: TextRange,
    subject: Subject,
    /// Whether a finding would have been there if there were one.
    is_judged: bool,
    is_used: bool,
}

impl Suppressions {
    /// Reads the comments of some files.
    pub fn collect<'a>(files: impl Iterator<Item = Commented<'a>>) -> Suppressions {
        let mut all = Suppressions::default();
        for of in files {
            for comment in &of.summary.suppressions {
                all.add(&of, comment);
            }
        }
        all
    }

    fn add(&mut self, of: &Commented<'_>, comment: &Suppression) {
        let rules = of.levels.rules();
        if let Some(problem) = &comment.problem {
            let mut it = finding(&INVALID_SUPPRESSION, of.file, comment.range, problem.clone());
            it.helps
                .push("put the comment above the code that it applies to, or at the end of the same line".to_owned());
            self.findings.push(it);
        }
        let mut needs_reason = of.require_reason == Some(true);
        for (name, range) in &comment.rules {
            let Some(subject) = levels::find(rules, name) else {
                let message = levels::unknown_rule(rules, name, &["all"]);
                self.findings.push(finding(&INVALID_SUPPRESSION, of.file, *range, message));
                continue;
            };
            needs_reason |= of.require_reason.is_none()
                && levels::with_comments(rules)
                    .any(|rule| subject.includes(rule) && of.levels.of(rule.name) == Level::Deny);
            let is_silent = of.is_judged && comment.problem.is_none();
            self.by_file.entry(of.file).or_default().push(Entry {
                comment: comment.range,
                name: *range,
                text: name.clone(),
                covers: comment.covers,
                subject,
                is_judged: is_silent && is_on(of.levels, subject) && (of.judges_tests || !is_in_test(of, comment)),
                is_used: false,
            });
        }
        if needs_reason && comment.reason.is_empty() && !comment.rules.is_empty() && comment.problem.is_none() {
            let message = "this comment does not say why the finding is suppressed".to_owned();
            let mut it = finding(&SUPPRESSION_WITHOUT_REASON, of.file, comment.range, message);
            it.helps.push("write the reason after a colon: `spawnlint: allow(rule): reason`".to_owned());
            self.findings.push(it);
        }
    }

    /// Whether a comment allows this finding; that comment is of use, then.
    pub fn silence(&mut self, rules: &[&'static Rule], finding: &Finding) -> bool {
        let Some(rule) = levels::with_comments(rules).find(|rule| rule.name == finding.rule) else { return false };
        let Some(entries) = self.by_file.get_mut(&finding.at.file) else { return false };
        // A spawn ends many lines below the one where its comment stands.
        let start = TextRange::new(finding.at.range.start, finding.at.range.start);
        let mut is_silenced = false;
        // `all` is every rule about code: it must not hide that it is itself of no use.
        let speaks = |entry: &Entry| {
            entry.subject.includes(rule) && (rule.group != Group::Comment || entry.subject != Subject::All)
        };
        for entry in entries.iter_mut().filter(|entry| entry.covers.contains(start) && speaks(entry)) {
            entry.is_used = true;
            is_silenced = true;
        }
        is_silenced
    }

    /// What is wrong with the comments, once all findings have been asked about. `is_whole` says whether all rules
    /// could judge, so that what is not there is no leak.
    pub fn into_findings(mut self, rules: &[&'static Rule], is_whole: bool) -> Vec<Finding> {
        let mut found = std::mem::take(&mut self.findings);
        for (file, entries) in self.by_file.iter().filter(|_| is_whole) {
            for entry in entries.iter().filter(|it| it.is_judged && !it.is_used) {
                found.push(unused(*file, entry, entries));
            }
        }
        found.retain(|finding| !self.silence(rules, finding));
        found.sort_by(|a, b| (a.at, a.rule, &a.message).cmp(&(b.at, b.rule, &b.message)));
        found
    }
}

/// Whether what a name stands for is judged there. Inventories are off in most places, and a comment for everything is
/// no worse for that.
fn is_on(levels: &Levels, subject: Subject) -> bool {
    let mut meant = levels.rules().iter().copied().filter(|rule| subject.includes(rule)).peekable();
    let is_on = |rule: &'static Rule| levels.of(rule.name) != Level::Allow;
    match subject {
        Subject::Rule(_) => meant.peek().is_some() && meant.all(is_on),
        Subject::Group(_) | Subject::All => {
            let mut by_default = meant.filter(|rule| Level::default_of(rule.group) != Level::Allow).peekable();
            by_default.peek().is_some() && by_default.all(is_on)
        }
    }
}

fn is_in_test(of: &Commented<'_>, comment: &Suppression) -> bool {
    let at = TextRange::new(comment.covers.start, comment.covers.start);
    let holds = |range: TextRange| range.contains(at) || comment.covers.contains(range);
    let is_whole_file = comment.covers.start == 0 && comment.range.end < comment.covers.end;
    let functions = of.summary.functions.iter().filter(|it| it.attrs.is_test).map(|it| it.range);
    let modules = of.summary.modules.iter().filter(|it| it.is_test).map(|it| it.range);
    !is_whole_file && functions.chain(modules).any(holds)
}

fn unused(file: FileId, entry: &Entry, entries: &[Entry]) -> Finding {
    let message = format!("`{}` finds nothing here, so there is nothing to suppress", entry.text);
    let mut it = finding(&UNUSED_SUPPRESSION, file, entry.name, message);
    let mut same = entries.iter().filter(|other| other.comment == entry.comment);
    if same.all(|other| other.is_judged && !other.is_used) {
        it.rewrites.push(Rewrite {
            title: "remove the comment".to_owned(),
            applicability: Applicability::MachineApplicable,
            edits: Arc::new(vec![Edit { at: entry.comment.in_file(file), text: Vec::new() }]),
            needs: Vec::new(),
        });
        it.helps.push("remove the comment".to_owned());
    } else {
        it.helps.push("remove the rule from the list".to_owned());
    }
    it
}

fn finding(rule: &'static Rule, file: FileId, range: TextRange, message: String) -> Finding {
    Finding {
        rule: rule.name,
        at: range.in_file(file),
        task: None,
        message,
        label: String::new(),
        labels: Vec::new(),
        notes: Vec::new(),
        helps: Vec::new(),
        rewrites: Vec::new(),
    }
}
