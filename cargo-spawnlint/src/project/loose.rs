//! Files and folders without a Cargo.toml, and standard input.

use super::{
    Project, absolute,
    walk::{Found, Limits, walk},
};
use anyhow::{Result, bail};
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
    for path in paths {
        let absolute = absolute(cwd, path);
        let real = absolute.canonicalize().unwrap_or(absolute);
        if real.is_dir() {
            walk(&root, &real, &Limits { target_dir: None, stop_at_packages: false }, &mut found);
        } else if real.exists() {
            found.files.push(real);
        } else {
            bail!("there is no file or folder `{}`", path.display());
        }
    }
    found.files.sort();
    found.files.dedup();
    Ok(Project {
        root,
        loose: found.files.clone(),
        files: found.files,
        problems: found.problems,
        on_disk: true,
        ..Project::default()
    })
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
