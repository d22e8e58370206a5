//! Files and folders without a Cargo.toml, and standard input.

use super::{
    Project, absolute,
    walk::{Found, Limits, walk},
};
use anyhow::{Result, bail};
use rustc_hash::FxHashSet;
use std::path::{Path, PathBuf};

/// The name that standard input has in messages.
const STDIN: &str = "<stdin>";

/// The Rust files at and below some paths, none of which cargo knows.
///
/// # Errors
/// If a path does not exist.
pub fn discover_loose(cwd: &Path, paths: &[PathBuf]) -> Result<Project> {
    let mut found = Found::default();
    let root = printed_root(cwd, paths);
    let mut named = Vec::new();
    for path in paths {
        let absolute = absolute(cwd, path);
        let real = absolute.canonicalize().unwrap_or(absolute);
        named.push(real.clone());
        if real.is_dir() {
            walk(&root, &real, &Limits { target_dir: None, stop_at_packages: false }, &mut found);
        } else if real.exists() {
            found.files.push(real);
        } else {
            bail!("no such file or folder: `{}`", path.display());
        }
    }
    found.files.sort();
    found.files.dedup();
    Ok(Project {
        root,
        named,
        loose: found.files.clone(),
        files: found.files,
        problems: found.problems,
        on_disk: true,
        ..Project::default()
    })
}

/// The outermost manifests at or below some folders, around files that were found there: of packages and
/// workspaces that were read as plain files.
pub fn manifests_among(project: &Project, paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut manifests: Vec<PathBuf> = Vec::new();
    let mut seen: FxHashSet<&Path> = FxHashSet::default();
    for file in &project.loose {
        let folders: Vec<&Path> =
            file.ancestors().skip(1).take_while(|it| paths.iter().any(|path| it.starts_with(path))).collect();
        for folder in folders.into_iter().rev() {
            if manifests.iter().any(|manifest| manifest.parent() == Some(folder)) {
                break;
            }
            let manifest = folder.join("Cargo.toml");
            if seen.insert(folder) && manifest.is_file() {
                manifests.push(manifest);
                break;
            }
        }
    }
    manifests
}

/// Standard input as a project of one file, whose text the caller has.
pub fn stdin() -> Project {
    let file = PathBuf::from(STDIN);
    Project { files: vec![file.clone()], loose: vec![file], ..Project::default() }
}

/// Paths are printed as seen from the current folder, or from the one given folder if that lies elsewhere.
fn printed_root(cwd: &Path, paths: &[PathBuf]) -> PathBuf {
    let cwd = cwd.canonicalize().unwrap_or_else(|_| cwd.to_owned());
    let [folder] = paths else { return cwd };
    let folder = absolute(&cwd, folder);
    let folder = folder.canonicalize().unwrap_or(folder);
    if folder.is_dir() && !folder.starts_with(&cwd) { folder } else { cwd }
}
