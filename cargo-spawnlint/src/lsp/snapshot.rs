//! What is known of a workspace at one moment: all that answers are made of.

use crate::{inventory::Inventory, report::Report};
use spawnlint_analysis::span::FileId;
use std::path::{Path, PathBuf};

/// The result of a check.
#[derive(Debug)]
pub(super) struct Snapshot {
    /// Findings and tasks.
    pub(super) inventory: Inventory,
    /// Where each file is, by [`FileId`].
    pub(super) paths: Vec<PathBuf>,
    /// Which findings are in the baseline, in their order.
    pub(super) is_known: Vec<bool>,
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

    /// The text that places are counted in.
    pub(super) fn text(&self, file: FileId) -> &str {
        &self.report().sources.get(file).text
    }
}
