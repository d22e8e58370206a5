//! The linked program: what names mean, what each task does, who can stop it.

use crate::{crates::CrateGraph, summary::FileSummary};
use std::{sync::Arc, time::Duration};

/// What the user may set about linking.
#[derive(Debug, Clone)]
pub struct LinkOptions {
    /// From which duration on a wait counts as long. Default: 60 s.
    pub long_wait: Duration,
    /// Whether tasks in tests, benches and examples are judged too. Default: no.
    pub include_tests: bool,
}

impl Default for LinkOptions {
    fn default() -> LinkOptions {
        LinkOptions { long_wait: Duration::from_secs(60), include_tests: false }
    }
}

/// How many tasks there are, and what became of those that nobody holds.
/// Every detached task that is not in a finding of a leak rule is in exactly one of the counts below `detached`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Census {
    /// Spawns outside tests (or all of them, if tests are included).
    pub tasks: usize,
    /// Those whose handle is dropped.
    pub detached: usize,
    /// Detached and judged short.
    pub short: usize,
    /// Detached and ended by a signal that somebody holds.
    pub stoppable: usize,
    /// Detached and ended by their peer.
    pub peer: usize,
    /// Detached and started once per process.
    pub process: usize,
    /// Detached, long-lived, and reported or reportable by a leak rule.
    pub leaking: usize,
    /// Detached, and nothing is known about their ending.
    pub unknown: usize,
}

/// The linked program.
#[derive(Debug)]
pub struct Program {
    /// Summaries by file.
    pub files: Vec<Arc<FileSummary>>,
    /// Crates and places.
    pub crates: CrateGraph,
    /// What the user set.
    pub options: LinkOptions,
}

impl Program {
    /// Links the files of a workspace. `files` is parallel to `crates.files`.
    pub fn link(files: Vec<Arc<FileSummary>>, crates: CrateGraph, options: LinkOptions) -> Program {
        Program { files, crates, options }
    }

    /// Counts tasks by what was judged of them.
    pub fn census(&self) -> Census {
        Census::default()
    }
}
