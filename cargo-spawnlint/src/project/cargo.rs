//! What cargo says about a workspace, or what its manifests say where cargo cannot be asked.

use super::{
    Package, PackageDependency, Project, Target,
    call::{Cargo, Silence},
    manifests::{self, Manifests},
    normalize, shown,
    walk::{Found, Limits, walk},
};
use crate::report::{Origin, Problem};
use cargo_metadata::{Dependency, DependencyKind, Edition, Metadata, TargetKind};
use rustc_hash::{FxHashMap, FxHashSet};
use spawnlint_analysis::crates::{CrateKind, Requirement};
use std::path::{Path, PathBuf};

/// The Cargo.toml of a folder or of the nearest one around it.
pub fn find_manifest(from: &Path) -> Option<PathBuf> {
    from.ancestors().map(|folder| folder.join("Cargo.toml")).find(|manifest| manifest.exists())
}

/// The workspace of a manifest, with all its packages, targets and files. If cargo does not say what they are, they are
/// what the manifests say, and one of [`Project::problems`] tells why.
pub fn discover(cargo: &Cargo, manifest: &Path) -> Project {
    let text = manifests::read(manifest);
    let unread = text.refused.iter().filter_map(|(path, _)| Some(real(path.parent()?).join("Cargo.toml"))).collect();
    let answer = match text.refused.as_slice() {
        [] => cargo.metadata(manifest).map_err(|silence| unanswered(&silence)),
        refused => Err(unreadable(&text, refused)),
    };
    let mut project = match answer {
        Ok(metadata) => project(&metadata),
        Err(problem) => {
            let target_dir = cargo.own_target_dir().unwrap_or_else(|| text.root.join("target"));
            let metadata = serde_json::from_value(text.metadata(&target_dir));
            let mut project = project(&metadata.expect("it has the fields that cargo prints"));
            project.problems.push(problem);
            project
        }
    };
    project.unread_manifests = unread;
    project
}

/// That cargo has no answer. The manifest of the root stands for the workspace.
fn unanswered(silence: &Silence) -> Problem {
    let (message, help) = match silence {
        Silence::NotRun(why) => (
            format!("cargo was not run for this workspace: {why}"),
            "install cargo (https://rustup.rs), or set CARGO to its path; ",
        ),
        Silence::Refused(why) => (format!("cargo cannot read this workspace: {why}"), ""),
    };
    let help = format!("{help}{READ_AS_TEXT}");
    Problem { help: Some(help), ..Problem::error("Cargo.toml", message) }
}

/// That cargo is not asked, since it would read whatever a manifest leads to.
fn unreadable(text: &Manifests, refused: &[(PathBuf, String)]) -> Problem {
    let (path, why) = &refused[0];
    let more = match refused.len() {
        1 => String::new(),
        2 => "; another manifest cannot be used either".to_owned(),
        many => format!("; {} other manifests cannot be used either", many - 1),
    };
    let message = format!("cannot read this manifest: {why}; so cargo was not run for this workspace{more}");
    Problem { help: Some(READ_AS_TEXT.to_owned()), ..Problem::error(shown(&text.root, path), message) }
}

const READ_AS_TEXT: &str = "manifests were read as text; packages, targets and dependencies may be missing";

fn project(metadata: &Metadata) -> Project {
    let mut project = Project {
        cache_dir: Some(metadata.target_directory.as_std_path().join("spawnlint/cache")),
        packages: packages(metadata),
        on_disk: true,
        root: real(metadata.workspace_root.as_std_path()),
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
    project
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
        is_published: package.publish.as_ref().is_none_or(|registries| !registries.is_empty())
            && package.description.is_some()
            && (package.license.is_some() || package.license_file.is_some()),
        is_private: package.publish.as_ref().is_some_and(Vec::is_empty),
        is_loaded: package.targets.iter().any(is_loaded),
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

/// Whether what it builds is for other languages.
fn is_loaded(target: &cargo_metadata::Target) -> bool {
    target.kind.iter().any(|kind| matches!(kind, TargetKind::CDyLib | TargetKind::StaticLib | TargetKind::DyLib))
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
    let enabled = enabled_by_default(package);
    for dependency in &package.dependencies {
        let row = PackageDependency {
            rename: dependency.rename.as_ref().map(|name| name.replace('-', "_")),
            real_name: dependency.name.replace('-', "_"),
            package: member(dependency, members, dirs),
            for_build: dependency.kind == DependencyKind::Build,
            for_tests: dependency.kind == DependencyKind::Development,
            asked: Some(requirement(dependency, &enabled)),
        };
        if !all.contains(&row) {
            all.push(row);
        }
    }
    all
}

/// The features and optional dependencies that the feature `default` enables, itself among them.
fn enabled_by_default(package: &cargo_metadata::Package) -> FxHashSet<&str> {
    let mut enabled = FxHashSet::default();
    let mut open = vec!["default"];
    while let Some(name) = open.pop() {
        if enabled.insert(name) {
            let values = package.features.get(name).into_iter().flatten();
            // `dep:tokio`, `tokio/rt`, but not `tokio?/rt`, which enables nothing that is not there.
            let names = values.map(|value| value.strip_prefix("dep:").unwrap_or(value));
            open.extend(names.map(|name| name.split_once('/').map_or(name, |(name, _)| name)));
        }
    }
    enabled
}

fn requirement(dependency: &Dependency, enabled: &FxHashSet<&str>) -> Requirement {
    let lowest = dependency.req.comparators.iter().map(|it| (it.major, it.minor.unwrap_or(0), it.patch.unwrap_or(0)));
    Requirement {
        version: lowest.max().unwrap_or_default(),
        features: dependency.features.clone(),
        is_conditional: dependency.optional || dependency.target.is_some(),
        is_default: !dependency.optional
            || enabled.contains(dependency.rename.as_ref().unwrap_or(&dependency.name).as_str()),
    }
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
