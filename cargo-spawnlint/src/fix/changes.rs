//! What a run has changed, or would change: plain data.

use super::round::Why;
use crate::report::Report;
use spawnlint_rules::finding::Applicability;
use std::{fmt, path::PathBuf, sync::Arc};

/// All rewrites that could be applied have been, in memory.
#[derive(Debug)]
pub struct Mended {
    /// Files whose text is another one now, by path.
    pub changes: Vec<Change>,
    /// What was applied, in order.
    pub applied: Vec<Told>,
    /// Findings that are still there, each with the rewrite that came nearest, if it has one, and why not.
    pub left: Vec<(Told, Why)>,
    /// How many findings and warnings at deny level there were at first.
    pub denied: usize,
    /// What a check says now.
    pub report: Report,
}

/// A file with another text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where it is.
    pub path: PathBuf,
    /// As it is printed.
    pub shown: String,
    /// What was read.
    pub old: Arc<str>,
    /// What is to be written.
    pub new: Arc<str>,
    /// Files of one group share a rewrite: they change together, or not at all.
    pub group: usize,
}

/// A rewrite, told in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The rule.
    pub rule: &'static str,
    /// What the rewrite does; empty if there is none.
    pub title: String,
    /// How far it can be trusted, if it was applied.
    pub applicability: Option<Applicability>,
    /// Where the finding is, in the text as it was read.
    pub at: Place,
    /// The files that it changes, as they are printed.
    pub files: Vec<String>,
}

/// A place as people name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub path: String,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path, self.line, self.column)
    }
}
