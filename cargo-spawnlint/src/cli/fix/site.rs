//! The disk and cargo, as a place where changes are made and built.

use crate::{
    fix::{Change, Refusal, Site, replace},
    project::{Build, Cargo},
    read::Territory,
};
use anyhow::Result;
use std::path::Path;

/// Files on disk, and the packages that are built to see whether they still do.
#[derive(Debug)]
pub(super) struct Disk<'a> {
    pub(super) cargo: &'a Cargo,
    pub(super) root: &'a Path,
    /// Where files may be changed.
    pub(super) territory: &'a Territory,
    /// Cargo's ids of the packages.
    pub(super) packages: &'a [String],
    /// Their names.
    pub(super) names: &'a [String],
    /// Flags for cargo.
    pub(super) flags: &'a [String],
}

impl Site for Disk<'_> {
    fn put(&mut self, change: &Change, is_new: bool) -> Result<(), Refusal> {
        let (there, wanted) = if is_new { (&change.old, &change.new) } else { (&change.new, &change.old) };
        self.territory.ensure_writable(&change.path).map_err(Refusal::NotOurs)?;
        replace(&change.path, there, wanted)
    }

    fn build(&mut self) -> Result<Build> {
        self.cargo.check(self.root, self.packages, self.flags)
    }
}
