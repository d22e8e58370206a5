//! Which code there is: packages, targets and files, from cargo or from plain paths.
//!
//! Nothing else in this program knows cargo. Nothing here parses: [`join()`] hangs the files into the
//! module trees once their summaries are there.

mod call;
mod cargo;
mod check;
mod inside;
mod join;
mod loose;
mod manifests;
mod memory;
mod paths;
mod purpose;
mod walk;

pub(crate) use crate::read::io_message;
pub use call::Cargo;
pub use cargo::{discover, find_manifest};
pub use check::{Build, BuildError};
pub use join::{Joined, Known, join};
pub use loose::{discover_loose, manifests_among, stdin};
pub use memory::{CrateInput, DependencyInput};
pub use paths::{absolute, normalize, shown};

use crate::report::{Origin, Problem, Repository};
use spawnlint_analysis::crates::{CrateKind, Requirement};
use std::path::{Path, PathBuf};

/// The code of a run before anything of it has been read.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// Printed paths are relative to this folder.
    pub root: PathBuf,
    /// Packages of the workspace, sorted by folder; none for loose files.
    pub packages: Vec<Package>,
    /// Absolute paths of the files that were found, sorted and distinct.
    pub files: Vec<PathBuf>,
    /// Those of `files` that belong to no package. Which of them are crate roots shows when they are read.
    pub loose: Vec<PathBuf>,
    /// Where cargo would have summaries kept between runs; [`Project::cache_folder`] says whether they are.
    pub cache_dir: Option<PathBuf>,
    /// Whether the user, and not the project, has chosen the target folder, and so the cache's.
    pub is_cache_chosen: bool,
    /// What was named to find plain files: files and folders, without links.
    pub named: Vec<PathBuf>,
    /// Folders that could not be read, and why cargo did not say what there is.
    pub problems: Vec<Problem>,
    /// Manifests that are not for reading.
    pub unread_manifests: Vec<PathBuf>,
    /// Whether the files exist on disk, so that `mod` may lead to ones that were not found.
    pub on_disk: bool,
}

/// One package of the workspace.
#[derive(Debug, Clone)]
pub struct Package {
    /// Name as cargo writes it: `my-crate`.
    pub name: String,
    /// `1.2.3`.
    pub version: String,
    /// The folder of its Cargo.toml.
    pub dir: PathBuf,
    /// Whether it is meant for others: it may be published, and has a description and a licence.
    pub is_published: bool,
    /// Whether it says itself that it is for nobody else.
    pub is_private: bool,
    /// Whether its library is loaded by other languages.
    pub is_loaded: bool,
    /// Whether a command without `-p` and `--workspace` speaks of it.
    pub is_default: bool,
    /// What cargo builds from it: the library first, then programs, examples, tests, benches, build script.
    pub targets: Vec<Target>,
    /// Its dependencies, each once.
    pub dependencies: Vec<PackageDependency>,
}

/// One crate of a package.
#[derive(Debug, Clone)]
pub struct Target {
    /// Name as code writes it.
    pub name: String,
    /// What it builds.
    pub kind: CrateKind,
    /// Edition year.
    pub edition: u16,
    /// The root file.
    pub root: PathBuf,
    /// Cargo's words for it.
    pub origin: Origin,
}

/// A dependency of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageDependency {
    /// Name in code, if cargo renames it.
    pub rename: Option<String>,
    /// The real package's name as code would write it.
    pub real_name: String,
    /// The package, if it is one of [`Project::packages`].
    pub package: Option<usize>,
    /// Whether only build scripts see it.
    pub for_build: bool,
    /// Whether only tests, examples and benches see it.
    pub for_tests: bool,
    /// What the manifest asks for; `None` where there is no manifest.
    pub asked: Option<Requirement>,
}

impl Package {
    /// Its library.
    pub fn lib(&self) -> Option<&Target> {
        self.targets.iter().find(|target| target.kind == CrateKind::Lib)
    }
}

impl Project {
    /// A path as it is printed: relative to the root where possible, `/` between folders.
    pub fn shown(&self, path: &Path) -> String {
        shown(&self.root, path)
    }

    /// The folder that printed paths start from, with a `/` at the end.
    pub fn printed_root(&self) -> String {
        let root = shown(Path::new(""), &self.root);
        if !self.on_disk || !self.root.is_absolute() || root.ends_with('/') { String::new() } else { root + "/" }
    }

    /// The git repository around the root. A pipeline knows files by their paths in it.
    pub fn repository(&self) -> Repository {
        let has_git = |folder: &&Path| folder.join(".git").exists();
        let Some(folder) = self.root.ancestors().find(has_git).filter(|_| self.on_disk) else {
            return Repository::default();
        };
        let with_slash = |text: String| if text.ends_with('/') { text } else { text + "/" };
        let prefix = if folder == self.root { String::new() } else { with_slash(shown(folder, &self.root)) };
        Repository { root: with_slash(shown(Path::new(""), folder)), prefix }
    }

    /// The package in whose folder a path lies: the innermost one.
    pub fn package_of(&self, path: &Path) -> Option<usize> {
        let around = self.packages.iter().enumerate().filter(|(_, package)| path.starts_with(&package.dir));
        around.max_by_key(|(_, package)| package.dir.as_os_str().len()).map(|(at, _)| at)
    }

    /// Adds a file that was named on the command line and that no walk found.
    pub fn add_file(&mut self, path: PathBuf) {
        if let Err(place) = self.files.binary_search(&path) {
            self.files.insert(place, path);
        }
    }
}
