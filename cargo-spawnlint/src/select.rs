//! Which part of a program the user asked about. Linking always sees all of it; findings are told for this part.

use crate::project::{Package, Project};
use anyhow::{Result, bail};
use spawnlint_analysis::crates::{Crate, CrateKind};
use std::path::{Path, PathBuf};

/// The part of the program whose findings are reported.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Names of packages; `None` for all.
    pub packages: Option<Vec<String>>,
    /// Kinds of crates.
    pub targets: Targets,
    /// Files and folders, absolute; none for everywhere.
    pub paths: Vec<PathBuf>,
}

/// Which kinds of crates are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Targets {
    /// Libraries.
    pub lib: bool,
    /// Programs.
    pub bins: bool,
    /// Integration tests and code under `cfg(test)`.
    pub tests: bool,
    /// Examples, benches and build scripts.
    pub others: bool,
}

impl Targets {
    /// What is meant if nothing is said: the code that ships.
    pub const SHIPPED: Targets = Targets { lib: true, bins: true, tests: false, others: false };
    /// Everything.
    pub const ALL: Targets = Targets { lib: true, bins: true, tests: true, others: true };

    /// Whether crates of this kind are meant.
    pub fn include(self, kind: CrateKind) -> bool {
        match kind {
            CrateKind::Lib => self.lib,
            CrateKind::Bin => self.bins,
            CrateKind::Test => self.tests,
            CrateKind::Example | CrateKind::Bench | CrateKind::BuildScript => self.others,
            CrateKind::Loose => true,
        }
    }
}

impl Default for Targets {
    fn default() -> Targets {
        Targets::SHIPPED
    }
}

impl Selection {
    /// Whether tasks in tests, benches and examples are to be judged.
    pub fn includes_tests(&self) -> bool {
        self.targets.tests || self.targets.others
    }

    /// Whether findings in this file are told.
    pub fn includes(&self, krate: &Crate, path: &Path) -> bool {
        let in_package = self.packages.as_ref().is_none_or(|names| names.contains(&krate.package));
        let in_paths = self.paths.is_empty() || self.paths.iter().any(|it| path.starts_with(it));
        in_package && in_paths && self.targets.include(krate.kind)
    }

    /// Whether the user named this very file.
    pub fn names(&self, path: &Path) -> bool {
        self.paths.iter().any(|it| it == path)
    }
}

/// The packages that `-p`, `--workspace` and `--exclude` speak of; `None` for all.
///
/// # Errors
/// If a name is not that of a package of the workspace; the message names the nearest one.
pub fn packages(
    project: &Project,
    wanted: &[String],
    workspace: bool,
    excluded: &[String],
) -> Result<Option<Vec<String>>> {
    for spec in wanted.iter().chain(excluded) {
        if !project.packages.iter().any(|package| matches(package, spec)) {
            bail!("{}", unknown_package(project, spec));
        }
    }
    let is_meant = |package: &&Package| match wanted {
        [] => workspace || package.is_default,
        specs => specs.iter().any(|spec| matches(package, spec)),
    };
    let is_excluded = |package: &&Package| excluded.iter().any(|spec| matches(package, spec));
    let chosen: Vec<String> =
        project.packages.iter().filter(is_meant).filter(|it| !is_excluded(it)).map(|it| it.name.clone()).collect();
    if chosen.is_empty() && !project.packages.is_empty() {
        bail!("every package is excluded; there is nothing left to check");
    }
    Ok((chosen.len() < project.packages.len()).then_some(chosen))
}

fn matches(package: &Package, spec: &str) -> bool {
    match spec.split_once('@') {
        Some((name, version)) => package.name == name && package.version == version,
        None => package.name == spec,
    }
}

fn unknown_package(project: &Project, spec: &str) -> String {
    if project.packages.is_empty() {
        return format!("there is no package `{spec}`: no Cargo.toml was read, as only plain files were given");
    }
    let names = project.packages.iter().map(|package| package.name.as_str());
    let root = project.root.display();
    match crate::levels::nearest(spec, names.clone()) {
        Some(near) => format!("the workspace at {root} has no package `{spec}`; did you mean `{near}`?"),
        None if project.packages.len() > 20 => {
            format!("the workspace at {root} has no package `{spec}`; it has {} others", project.packages.len())
        }
        None => {
            let names: Vec<&str> = names.collect();
            format!("the workspace at {root} has no package `{spec}`; it has {}", names.join(", "))
        }
    }
}
