//! What a run has to say: findings with their levels, problems, and figures. Plain data for the writers.

use crate::{
    fingerprint::{Fingerprint, Site},
    levels::{Level, Levels},
    statistics::Statistics,
};
use spawnlint_analysis::{
    questions::{GivenUp, Verdict},
    span::{FileId, Sources, Span},
};
use spawnlint_rules::finding::Finding;
use std::{sync::Arc, time::Duration};

/// Everything that came out of one check.
#[derive(Debug, Clone)]
pub struct Report {
    /// Findings at warn or deny level that are selected and not suppressed, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
    /// What could not be read, parsed or judged, sorted by path.
    pub problems: Vec<Problem>,
    /// Files that could not be read and that no crate needs, such as templates, with why.
    pub left_out: Vec<Problem>,
    /// How many findings are not told, since nobody asked for them.
    pub held_back: HeldBack,
    /// Tasks that are spawned in files whose findings are reported.
    pub census: Census,
    /// What was not looked into to the end.
    pub given_up: GivenUp,
    /// Figures about the run.
    pub stats: Stats,
    /// Figures about findings and tasks, if somebody asked for them.
    pub statistics: Option<Statistics>,
    /// The files that spans point into.
    pub sources: Arc<Sources>,
    /// Which cargo target each file belongs to: an index into `origins`, by [`FileId`].
    pub origin_of: Vec<u32>,
    /// Cargo's words for the crates.
    pub origins: Vec<Origin>,
    /// The rules, with the levels that they had.
    pub levels: Levels,
    /// Where files are for those who see the repository.
    pub repository: Repository,
    /// The folder that printed paths start from, with a `/` at the end; empty if they are on no disk.
    pub root: String,
}

impl Report {
    /// How many findings are at deny level.
    pub fn denied(&self) -> usize {
        self.diagnostics.iter().filter(|it| it.level == Level::Deny).count()
    }

    /// Whether everything that was selected could be analysed.
    pub fn is_complete(&self) -> bool {
        self.problems.iter().all(|problem| problem.severity != Severity::Error)
    }

    /// The cargo target that a file belongs to.
    pub fn origin(&self, file: FileId) -> Option<&Origin> {
        self.origins.get(*self.origin_of.get(file.index())? as usize)
    }
}

/// Findings that are there and are not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HeldBack {
    /// Those that the baseline has.
    pub known: usize,
    /// Those that touch no line that changed.
    pub unchanged: usize,
}

/// How many tasks there are of each verdict: every task is in exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Census {
    /// In the order of [`Verdict::ALL`].
    counts: [usize; Verdict::ALL.len()],
    /// Those that leak and that comments allow.
    pub allowed: usize,
    /// Those that were given up after too much work.
    pub given_up: usize,
    /// How many questions about other things were: names, guards, sets, tracing spans.
    pub given_up_elsewhere: usize,
}

impl Census {
    /// Counts a task.
    pub fn add(&mut self, verdict: Verdict) {
        let at = Verdict::ALL.iter().position(|it| *it == verdict);
        at.into_iter().for_each(|at| self.counts[at] += 1);
    }

    /// How many are judged so.
    pub fn of(&self, verdict: Verdict) -> usize {
        let counts = Verdict::ALL.iter().zip(self.counts);
        counts.filter(|(it, _)| **it == verdict).map(|(_, count)| count).sum()
    }

    /// How many there are.
    pub fn tasks(&self) -> usize {
        self.counts.iter().sum()
    }
}

/// A finding at the level that the user gave its rule.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// What the rule said.
    pub finding: Finding,
    /// Warn or deny.
    pub level: Level,
    /// Where it stands, in words that outlive an edit elsewhere.
    pub site: Site,
    /// What it is known by on the next run.
    pub fingerprint: Fingerprint,
}

/// Something that kept a part of the code from being analysed, or a comment that does not do what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file or folder, as it is printed; empty if it concerns none.
    pub path: String,
    /// Where in the file, if that is known.
    pub span: Option<Span>,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// How bad it is.
    pub severity: Severity,
}

impl Problem {
    /// An error without a place inside the file.
    pub fn error(path: impl Into<String>, message: impl Into<String>) -> Problem {
        Problem { path: path.into(), span: None, message: message.into(), help: None, severity: Severity::Error }
    }
}

/// What a problem means for the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; the result stands.
    Warning,
    /// Something that was selected was not analysed.
    Error,
}

impl Severity {
    /// As it is printed.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// Figures about a run.
#[derive(Debug, Clone, Default)]
pub struct Stats {
    /// Files whose findings are reported.
    pub files: usize,
    /// Lines of these.
    pub lines: usize,
    /// Files that were read and linked, selected or not.
    pub linked_files: usize,
    /// Of these, the ones whose summary came from the cache.
    pub cached: usize,
    /// What took how long, in order.
    pub phases: Vec<Phase>,
}

impl Stats {
    /// The sum of all phases.
    pub fn total(&self) -> Duration {
        self.phases.iter().map(|phase| phase.time).sum()
    }
}

/// A part of the run.
#[derive(Debug, Clone)]
pub struct Phase {
    /// What was done.
    pub name: &'static str,
    /// How long it took.
    pub time: Duration,
    /// To how much.
    pub detail: String,
}

/// Where a crate comes from, in cargo's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The package's name as cargo writes it; `None` for plain files.
    pub package: Option<String>,
    /// Cargo's package id.
    pub package_id: String,
    /// Path of the Cargo.toml; for a loose file the path that one would have.
    pub manifest_path: String,
    /// The target as `cargo metadata` describes it.
    pub target: serde_json::Value,
}

/// The repository around the code, as far as paths go. Empty if there is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Repository {
    /// Its root as absolute paths are printed, with a `/` at the end.
    pub root: String,
    /// What leads from there to the folder that printed paths start from: empty, or it ends with a `/`.
    pub prefix: String,
}

impl Repository {
    /// A printed path from the root of the repository; that of a file outside stays as it is.
    pub fn path(&self, printed: &str) -> String {
        let is_absolute = printed.starts_with('/') || printed.get(1..3) == Some(":/");
        match printed.strip_prefix(&self.root).filter(|_| !self.root.is_empty()) {
            Some(inside) => inside.to_owned(),
            None if is_absolute => printed.to_owned(),
            None => format!("{}{printed}", self.prefix),
        }
    }
}
