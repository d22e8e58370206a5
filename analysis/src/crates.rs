//! Which crates a workspace has, which files belong to them, and how they depend on one another.

use crate::{facts::ModuleId, span::FileId};

/// Index of a crate in [`CrateGraph::crates`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CrateId(pub u32);

impl CrateId {
    /// The id as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What cargo builds from a crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CrateKind {
    /// A library, whatever its crate type.
    Lib,
    /// A program.
    Bin,
    /// An example program.
    Example,
    /// An integration test.
    Test,
    /// A benchmark.
    Bench,
    /// A build script.
    BuildScript,
    /// A file that was named on the command line and belongs to no package.
    Loose,
}

/// One crate (cargo target).
#[derive(Debug, Clone)]
pub struct Crate {
    /// Name as code writes it: `my_crate`.
    pub name: String,
    /// Package name as cargo writes it: `my-crate`.
    pub package: String,
    /// What it builds.
    pub kind: CrateKind,
    /// Whether it is meant for others: its package may be published, and says what a registry asks for.
    pub is_published: bool,
    /// Whether it is there for tests, so that what it calls does not show how often others call that.
    pub is_for_tests: bool,
    /// Edition year: 2015, 2018, 2021, 2024.
    pub edition: u16,
    /// The file of `lib.rs`, `main.rs`, ..; `None` if it could not be read.
    pub root: Option<FileId>,
    /// What `name::` may stand for in this crate.
    pub dependencies: Vec<Dependency>,
}

/// A dependency under the name that code uses for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// Name in code, after cargo's renaming: `rt` for `rt = { package = "tokio" }`.
    pub name: String,
    /// Name of the real crate as code would write it without renaming: `tokio`.
    pub real_name: String,
    /// The crate, if it is one of the workspace's own.
    pub workspace_crate: Option<CrateId>,
    /// What the manifest asks for; `None` where there is no manifest.
    pub asked: Option<Requirement>,
}

/// What a manifest asks of a dependency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The lowest version that it allows: major, minor, patch.
    pub version: (u64, u64, u64),
    /// Features that it names, `default` not among them.
    pub features: Vec<String>,
    /// Whether only some builds have it: it is optional, or for one target alone.
    pub is_conditional: bool,
    /// Whether a build with the default features has it.
    pub is_default: bool,
}

/// Where a file hangs in the module tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilePlace {
    /// The crate it belongs to. A file that several crates include belongs to the first.
    pub krate: CrateId,
    /// The `mod name;` that brought it in; `None` for a crate root and for a file that no `mod` reaches.
    pub parent: Option<(FileId, ModuleId)>,
    /// Whether it is part of a test, bench, example or build script, or hangs below a `cfg(test)` module.
    pub is_test: bool,
}

/// The crates of a workspace and the place of every file in them.
#[derive(Debug, Clone, Default)]
pub struct CrateGraph {
    /// By [`CrateId`].
    pub crates: Vec<Crate>,
    /// By [`FileId`], as long as the list of files.
    pub files: Vec<FilePlace>,
}
