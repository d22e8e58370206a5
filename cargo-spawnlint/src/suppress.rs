//! `// spawnlint: allow(rule): reason`: which findings such comments silence, and which comments are wrong.

use crate::{
    levels::{self, Level, Levels, Subject},
    report::{Problem, Severity},
};
use rustc_hash::FxHashMap;
use spawnlint_rules::{
    finding::Finding,
    rule::Rule,
    span::{FileId, TextRange},
    summary::FileSummary,
};

/// The comments of a program, understood.
#[derive(Debug, Default)]
pub struct Suppressions {
    by_file: FxHashMap<FileId, Vec<(TextRange, Subject)>>,
    /// Comments that could not be read or name no rule, as loud as other warnings. The path is left empty: the
    /// span has it.
    pub problems: Vec<Problem>,
}

impl Suppressions {
    /// Reads the comments of some files.
    pub fn collect<'a>(levels: &Levels, files: impl Iterator<Item = (FileId, &'a FileSummary)>) -> Suppressions {
        let rules = levels.rules();
        let mut all = Suppressions::default();
        for (file, summary) in files {
            for comment in &summary.suppressions {
                if let Some(problem) = &comment.problem {
                    let place = "it stands above the code that it is about, or behind it on the same line";
                    all.problems.push(warning(file, comment.range, problem.clone(), Some(place)));
                }
                for (name, range) in &comment.rules {
                    match levels::find(rules, name) {
                        Some(subject) => all.by_file.entry(file).or_default().push((comment.covers, subject)),
                        None => {
                            all.problems.push(warning(file, *range, levels::unknown_rule(rules, name, &["all"]), None));
                        }
                    }
                }
            }
        }
        match levels.of_warnings() {
            Level::Allow => all.problems.clear(),
            Level::Warn => {}
            Level::Deny => all.problems.iter_mut().for_each(|problem| problem.severity = Severity::Denied),
        }
        all
    }

    /// Whether a comment allows this finding.
    pub fn silence(&self, rules: &[&'static Rule], finding: &Finding) -> bool {
        let Some(comments) = self.by_file.get(&finding.at.file) else { return false };
        let Some(rule) = rules.iter().find(|rule| rule.name == finding.rule) else { return false };
        // A spawn ends many lines below the one where its comment stands.
        let start = TextRange::new(finding.at.range.start, finding.at.range.start);
        comments.iter().any(|(covers, subject)| covers.contains(start) && subject.includes(rule))
    }
}

fn warning(file: FileId, range: TextRange, message: String, help: Option<&str>) -> Problem {
    Problem {
        path: String::new(),
        span: Some(range.in_file(file)),
        message,
        help: help.map(str::to_owned),
        severity: Severity::Warning,
    }
}
