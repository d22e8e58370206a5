//! Every Rust file below a folder, without following links into other folders.

use super::shown;
use crate::{
    read::{Territory, io_message},
    report::Problem,
};
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) files: Vec<PathBuf>,
    pub(super) problems: Vec<Problem>,
}

/// What a walk leaves out beside hidden folders and build output.
pub(super) struct Limits<'a> {
    /// Cargo's target folder.
    pub(super) target_dir: Option<&'a Path>,
    /// Whether folders with a Cargo.toml of their own are somebody else's.
    pub(super) stop_at_packages: bool,
}

/// Walks a folder. Links to folders are not followed, so there are no loops; where `mod` leads through
/// such a link, the file is found when the module tree is joined.
pub(super) fn walk(root: &Path, dir: &Path, limits: &Limits<'_>, found: &mut Found) {
    let entries = WalkDir::new(dir).sort_by_file_name().into_iter().filter_entry(|entry| enters(entry, limits));
    for entry in entries {
        match entry {
            Ok(entry) if is_rust_file(&entry) => found.files.push(path_without_links(dir, entry)),
            Ok(_) => {}
            Err(error) => {
                let path = error.path().unwrap_or(dir).to_owned();
                let why = error.io_error().map_or_else(|| error.to_string(), io_message);
                found.problems.push(Problem::error(shown(root, &path), format!("cannot list this folder: {why}")));
            }
        }
    }
}

/// One file has one path. A link that leads nowhere, or out of the repository, keeps its own: reading it then says so.
fn path_without_links(dir: &Path, entry: DirEntry) -> PathBuf {
    let real = entry.path_is_symlink().then(|| Territory::around(dir).admit(entry.path()).ok());
    real.flatten().unwrap_or_else(|| entry.into_path())
}

fn enters(entry: &DirEntry, limits: &Limits<'_>) -> bool {
    if entry.depth() == 0 {
        return true;
    }
    if entry.file_name().as_encoded_bytes().starts_with(b".") {
        return false;
    }
    if !entry.file_type().is_dir() {
        return true;
    }
    let path = entry.path();
    // A module may be called `target`; cargo's folder is at the top, or says what it is.
    let is_build_output = entry.file_name() == "target" && (entry.depth() == 1 || path.join("CACHEDIR.TAG").exists());
    let is_package = limits.stop_at_packages && path.join("Cargo.toml").exists();
    !is_build_output && !is_package && limits.target_dir != Some(path)
}

fn is_rust_file(entry: &DirEntry) -> bool {
    let leads_to_folder = || entry.path_is_symlink() && entry.path().is_dir();
    entry.path().extension().is_some_and(|it| it == "rs") && !entry.file_type().is_dir() && !leads_to_folder()
}
