//! What cargo says about a workspace: `cargo metadata --no-deps`, which needs neither network nor lock file.

use super::{
    Package, PackageDependency, Project, Target, normalize,
    walk::{Found, Limits, walk},
};
use crate::report::Origin;
use anyhow::{Context, Result, bail};
use cargo_metadata::{Dependency, DependencyKind, Edition, Metadata, MetadataCommand, TargetKind};
use rustc_hash::FxHashMap;
use spawnlint_rules::crates::{CrateKind, Requirement};
use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    process::Command,
};

/// How cargo is called.
#[derive(Debug, Clone)]
pub struct Cargo {
    /// The program.
    pub program: PathBuf,
    /// Where it runs.
    pub cwd: PathBuf,
    /// Its `CARGO_TARGET_DIR`. That of this process is hidden from it.
    pub target_dir: Option<String>,
}

/// The Cargo.toml of a folder or of the nearest one around it.
pub fn find_manifest(from: &Path) -> Option<PathBuf> {
    from.ancestors().map(|folder| folder.join("Cargo.toml")).find(|manifest| manifest.exists())
}

/// The workspace of a manifest, with all its packages, targets and files.
///
/// # Errors
/// If cargo cannot be run, or cannot read a manifest of the workspace.
pub fn discover(cargo: &Cargo, manifest: &Path) -> Result<Project> {
    let metadata = read_metadata(cargo, manifest)?;
    let root = real(metadata.workspace_root.as_std_path());
    let mut project = Project {
        cache_dir: Some(metadata.target_directory.as_std_path().join("spawnlint/cache")),
        packages: packages(&metadata),
        on_disk: true,
        root,
        ..Project::default()
    };
    let target_dir = real(metadata.target_directory.as_std_path());
    let limits = Limits { target_dir: Some(&target_dir), stop_at_packages: true };
    let mut found = Found::default();
    for package in &project.packages {
        walk(&project.root, &package.dir, &limits, &mut found);
        for target in &package.targets {
            // A root may lie outside the package, or in a folder that is left out.
            if target.root.exists() {
                found.files.push(target.root.clone());
            }
        }
    }
    found.files.sort();
    found.files.dedup();
    project.files = found.files;
    project.problems = found.problems;
    Ok(project)
}

fn read_metadata(cargo: &Cargo, manifest: &Path) -> Result<Metadata> {
    let mut command = MetadataCommand::new();
    command.cargo_path(&cargo.program).manifest_path(manifest).current_dir(&cargo.cwd).no_deps();
    command.other_options(vec!["--offline".to_owned()]);
    let mut command = command.cargo_command();
    cargo.set_env(&mut command);
    let output = command.output().map_err(|error| failed_to_run(cargo, manifest, &error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = super::told::tellable(said.trim().trim_start_matches("error: "), manifest, &cargo.cwd);
        bail!("cargo cannot read the workspace of {}: {said}", manifest.display());
    }
    let text = String::from_utf8(output.stdout).context("`cargo metadata` did not answer in UTF-8")?;
    MetadataCommand::parse(text).context("`cargo metadata` answered in a format that is not known here")
}

impl Cargo {
    pub(super) fn set_env(&self, command: &mut Command) {
        // A toolchain file in the linted project must not make rustup download that toolchain.
        command.env("RUSTUP_AUTO_INSTALL", "0");
        // Where in cargo or rustup an error came up is of no use to whoever mends a manifest.
        command.env("RUST_BACKTRACE", "0").env("RUST_LIB_BACKTRACE", "0");
        match &self.target_dir {
            Some(folder) => command.env("CARGO_TARGET_DIR", folder),
            None => command.env_remove("CARGO_TARGET_DIR"),
        };
    }
}

/// Why there is no answer about what is at `place`.
pub(super) fn failed_to_run(cargo: &Cargo, place: &Path, error: &std::io::Error) -> anyhow::Error {
    match error.kind() {
        ErrorKind::NotFound => anyhow::anyhow!(
            "cannot run `{}`: it is not on the PATH; cargo lists the packages of {}, so install it (https://rustup.rs) or set CARGO to where it is",
            cargo.program.display(),
            place.display(),
        ),
        _ => anyhow::anyhow!("cannot run `{}`: {error}", cargo.program.display()),
    }
}

fn packages(metadata: &Metadata) -> Vec<Package> {
    let defaults = &metadata.workspace_default_members;
    let mut members = metadata.workspace_packages();
    members.sort_by(|a, b| a.manifest_path.cmp(&b.manifest_path));
    let dirs: FxHashMap<PathBuf, usize> =
        members.iter().enumerate().map(|(at, package)| (folder_of(package), at)).collect();
    let build = |package: &&cargo_metadata::Package| Package {
        name: package.name.to_string(),
        version: package.version.to_string(),
        dir: folder_of(package),
        // Cargo before 1.71 does not tell the default members.
        is_default: defaults.is_missing() || defaults.contains(&package.id),
        targets: targets(package),
        dependencies: dependencies(package, &members, &dirs),
    };
    members.iter().map(build).collect()
}

fn targets(package: &cargo_metadata::Package) -> Vec<Target> {
    let mut targets: Vec<Target> = package.targets.iter().map(|target| self::target(package, target)).collect();
    targets.sort_by(|a, b| (rank(a.kind), &a.name).cmp(&(rank(b.kind), &b.name)));
    targets
}

fn target(package: &cargo_metadata::Package, target: &cargo_metadata::Target) -> Target {
    Target {
        name: target.name.replace('-', "_"),
        kind: kind(target),
        edition: match target.edition {
            Edition::E2015 => 2015,
            Edition::E2018 => 2018,
            Edition::E2021 => 2021,
            _ => 2024,
        },
        root: real(target.src_path.as_std_path()),
        origin: Origin {
            package: Some(package.name.to_string()),
            package_id: package.id.repr.clone(),
            manifest_path: package.manifest_path.to_string(),
            target: serde_json::to_value(target).expect("it was made from JSON"),
        },
    }
}

fn kind(target: &cargo_metadata::Target) -> CrateKind {
    match target.kind.first() {
        Some(TargetKind::Bin) => CrateKind::Bin,
        Some(TargetKind::Example) => CrateKind::Example,
        Some(TargetKind::Test) => CrateKind::Test,
        Some(TargetKind::Bench) => CrateKind::Bench,
        Some(TargetKind::CustomBuild) => CrateKind::BuildScript,
        _ => CrateKind::Lib,
    }
}

/// A file that several crates include belongs to the first of them.
fn rank(kind: CrateKind) -> u8 {
    match kind {
        CrateKind::Lib => 0,
        CrateKind::Bin => 1,
        CrateKind::Example => 2,
        CrateKind::Test => 3,
        CrateKind::Bench => 4,
        CrateKind::BuildScript | CrateKind::Loose => 5,
    }
}

fn dependencies(
    package: &cargo_metadata::Package,
    members: &[&cargo_metadata::Package],
    dirs: &FxHashMap<PathBuf, usize>,
) -> Vec<PackageDependency> {
    let mut all: Vec<PackageDependency> = Vec::new();
    for dependency in &package.dependencies {
        let row = PackageDependency {
            rename: dependency.rename.as_ref().map(|name| name.replace('-', "_")),
            real_name: dependency.name.replace('-', "_"),
            package: member(dependency, members, dirs),
            for_build: dependency.kind == DependencyKind::Build,
            asked: Some(requirement(dependency)),
        };
        if !all.contains(&row) {
            all.push(row);
        }
    }
    all
}

fn requirement(dependency: &Dependency) -> Requirement {
    let lowest = dependency.req.comparators.iter().map(|it| (it.major, it.minor.unwrap_or(0), it.patch.unwrap_or(0)));
    Requirement { version: lowest.max().unwrap_or_default(), features: dependency.features.clone() }
}

fn member(
    dependency: &Dependency,
    members: &[&cargo_metadata::Package],
    dirs: &FxHashMap<PathBuf, usize>,
) -> Option<usize> {
    if let Some(path) = &dependency.path {
        return dirs.get(&real(path.as_std_path())).copied();
    }
    // `[patch]` leads a plain version to a member, and does not show here. Where it does not, the member
    // is the same crate in another state, which is nearer to the truth than knowing nothing.
    members.iter().position(|it| it.name.as_str() == dependency.name && dependency.req.matches(&it.version))
}

fn folder_of(package: &cargo_metadata::Package) -> PathBuf {
    let manifest = package.manifest_path.as_std_path();
    real(manifest.parent().unwrap_or(manifest))
}

/// The path without links, so that one file has one path; as it is if it does not exist.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| normalize(path))
}
