//! What is known of a workspace at one moment: all that answers are made of.

use crate::{
    fix::Suggestion,
    inventory::Inventory,
    read::{Territory, read_regular},
    report::Report,
};
use spawnlint_analysis::span::FileId;
use std::path::{Path, PathBuf};

/// The result of a check.
#[derive(Debug)]
pub(super) struct Snapshot {
    /// Findings and tasks.
    pub(super) inventory: Inventory,
    /// Where each file is, by [`FileId`].
    pub(super) paths: Vec<PathBuf>,
    /// Where files may be changed.
    pub(super) territory: Territory,
    /// Which findings are in the baseline, in their order.
    pub(super) is_known: Vec<bool>,
    /// The machine applicable rewrites that go together, each with the number of its finding.
    pub(super) sure: Vec<(usize, Suggestion)>,
    /// What is wrong with configuration files and the baseline.
    pub(super) mistakes: Vec<Mistake>,
}

/// Something that is wrong with a file that is no Rust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) path: PathBuf,
    /// Line (from 0), what it says, column (from 0, in characters) and length; `None` for the whole file.
    pub(super) place: Option<(usize, String, usize, usize)>,
    pub(super) message: String,
}

impl Snapshot {
    pub(super) fn report(&self) -> &Report {
        &self.inventory.report
    }

    /// The file of a path.
    pub(super) fn file(&self, path: &Path) -> Option<FileId> {
        self.paths.iter().position(|it| it == path).map(|at| FileId(at as u32))
    }

    pub(super) fn path(&self, file: FileId) -> &Path {
        &self.paths[file.index()]
    }

    /// Whether a file that is not open may be changed, and still says on disk what it said when it was checked.
    pub(super) fn is_current_on_disk(&self, file: FileId) -> bool {
        let (path, text) = (self.path(file), self.text(file));
        self.territory.ensure_writable(path).is_ok()
            && read_regular(path, text.len() as u64).is_ok_and(|bytes| bytes == text.as_bytes())
    }

    /// The text that places are counted in.
    pub(super) fn text(&self, file: FileId) -> &str {
        &self.report().sources.get(file).text
    }
}
