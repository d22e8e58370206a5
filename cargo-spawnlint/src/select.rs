//! Which part of a program the user asked about. Linking always sees all of it; findings are told for this part.

use crate::project::{Package, Project, Target};
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
    /// Single crates beside these, by their names in code.
    pub named: Vec<(CrateKind, String)>,
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
    /// Examples.
    pub examples: bool,
    /// Benches.
    pub benches: bool,
    /// Build scripts.
    pub build_scripts: bool,
}

impl Targets {
    /// What is meant if nothing is said: the code that ships.
    pub const SHIPPED: Targets =
        Targets { lib: true, bins: true, tests: false, examples: false, benches: false, build_scripts: false };
    /// Everything.
    pub const ALL: Targets =
        Targets { lib: true, bins: true, tests: true, examples: true, benches: true, build_scripts: true };

    /// Whether crates of this kind are meant.
    pub fn include(self, kind: CrateKind) -> bool {
        match kind {
            CrateKind::Lib => self.lib,
            CrateKind::Bin => self.bins,
            CrateKind::Test => self.tests,
            CrateKind::Example => self.examples,
            CrateKind::Bench => self.benches,
            CrateKind::BuildScript => self.build_scripts,
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
        let Targets { tests, examples, benches, build_scripts, .. } = self.targets;
        tests || examples || benches || build_scripts || self.named.iter().any(|(kind, _)| *kind != CrateKind::Bin)
    }

    /// Whether findings in this file are told.
    pub fn includes(&self, krate: &Crate, path: &Path) -> bool {
        let in_package = self.packages.as_ref().is_none_or(|names| names.contains(&krate.package));
        let in_paths = self.paths.is_empty() || self.paths.iter().any(|it| path.starts_with(it));
        let is_named = self.named.iter().any(|(kind, name)| *kind == krate.kind && *name == krate.name);
        in_package && in_paths && (is_named || self.targets.include(krate.kind))
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

/// The crates that `--bin`, `--test`, `--example` and `--bench` name, in the packages that are meant.
///
/// # Errors
/// If a package that is meant has none of that name; the message names the nearest one.
pub fn targets<'a>(
    project: &Project,
    packages: Option<&[String]>,
    named: impl Iterator<Item = (CrateKind, &'a str)>,
) -> Result<Vec<(CrateKind, String)>> {
    let meant = project.packages.iter().filter(|it| packages.is_none_or(|names| names.contains(&it.name)));
    let targets: Vec<&Target> = meant.flat_map(|package| &package.targets).collect();
    let mut found = Vec::new();
    for (kind, name) in named {
        let pattern = pattern(name);
        let in_code = name.replace('-', "_");
        let of_kind = || targets.iter().filter(|it| it.kind == kind).map(|it| it.name.as_str());
        let is_meant = |it: &&str| *it == in_code || pattern.as_ref().is_some_and(|it2| it2.matches(it));
        let before = found.len();
        found.extend(of_kind().filter(is_meant).map(|it| (kind, it.to_owned())));
        if found.len() == before {
            let word = match kind {
                CrateKind::Bin => "binary",
                CrateKind::Test => "integration test",
                CrateKind::Example => "example",
                _ => "bench",
            };
            let near = crate::levels::nearest(&in_code, of_kind());
            let near = match (near, of_kind().next()) {
                (Some(near), _) => format!("; did you mean `{near}`?"),
                (None, Some(_)) => format!("; there are {}", of_kind().collect::<Vec<_>>().join(", ")),
                (None, None) => "; the workspace has none".to_owned(),
            };
            bail!("unknown {word} `{name}`{near}");
        }
    }
    Ok(found)
}

fn pattern(spec: &str) -> Option<glob::Pattern> {
    // Crates are written with `_`, packages with either.
    spec.contains(['*', '?', '[']).then(|| glob::Pattern::new(spec).ok()).flatten()
}

fn matches(package: &Package, spec: &str) -> bool {
    if let Some(pattern) = pattern(spec) {
        return pattern.matches(&package.name);
    }
    if spec.contains("://") {
        return is_id_of(package, spec);
    }
    match spec.split_once(['@', ':']) {
        Some((name, version)) => package.name == name && package.version == version,
        None => package.name == spec,
    }
}

/// Whether a spec is cargo's id of a package, as editors write it: `path+file:///work/demo#0.1.0`. The part behind `#`,
/// and the kind in front, may be left out.
fn is_id_of(package: &Package, spec: &str) -> bool {
    let plain = |id: &str| match id.split_once('+') {
        Some((kind, url)) if !kind.contains(':') => url.to_owned(),
        _ => id.to_owned(),
    };
    package.targets.iter().map(|target| target.origin.package_id.as_str()).any(|id| {
        let (id, spec) = (plain(id), plain(spec));
        id == spec || id.split('#').next() == Some(spec.as_str())
    })
}

fn unknown_package(project: &Project, spec: &str) -> String {
    if project.packages.is_empty() {
        return format!("no package `{spec}` found: only plain files were given, so no Cargo.toml was read");
    }
    if spec.ends_with(".rs") || spec.contains(['/', '\\']) && !spec.contains("://") {
        return format!("`{spec}` is a path, not a package; pass paths without a flag");
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
