//! Which folders a workspace is made of.

use super::{Reader, package_table, strings};
use crate::project::normalize;
use crate::read::Territory;
use glob::Pattern;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};
use toml::{Table, Value};

/// The root of the workspace that a folder is in, or the folder.
pub(super) fn root_around(reader: &mut Reader, dir: &Path) -> PathBuf {
    let table = reader.table(dir).unwrap_or_default();
    if table.contains_key("workspace") {
        return dir.to_owned();
    }
    if let Some(root) = named_root(&table, dir) {
        return root;
    }
    for folder in dir.ancestors().skip(1) {
        let Some(table) = reader.table(folder) else { continue };
        if let Some(workspace) = table.get("workspace") {
            let is_excluded = workspace.as_table().is_some_and(|it| is_excluded(folder, it, dir));
            return if is_excluded { dir.to_owned() } else { folder.to_owned() };
        }
        if let Some(root) = named_root(&table, folder) {
            return root;
        }
    }
    dir.to_owned()
}

fn named_root(table: &Table, dir: &Path) -> Option<PathBuf> {
    let root = package_table(table)?.get("workspace")?.as_str()?;
    Some(normalize(&dir.join(root)))
}

/// Whether a workspace leaves a folder out. What it names as a member stays in.
pub(super) fn is_excluded(root: &Path, workspace: &Table, dir: &Path) -> bool {
    let lists = |key: &str| strings(workspace.get(key)).any(|it| dir.starts_with(normalize(&root.join(it))));
    lists("exclude") && !lists("members")
}

/// The folders with manifests that a pattern of `members` means.
pub(super) fn expand(territory: &Territory, root: &Path, pattern: &str) -> Vec<PathBuf> {
    let is_glob = |part: &str| part.contains(['*', '?', '[']);
    let mut folders = vec![root.to_owned()];
    let pattern = if cfg!(windows) { pattern.replace('\\', "/") } else { pattern.to_owned() };
    if pattern.starts_with('/') {
        folders = vec![PathBuf::from("/")];
    }
    for part in pattern.split('/').filter(|it| !it.is_empty()) {
        folders = match part {
            part if !is_glob(part) => folders.iter().map(|it| normalize(&it.join(part))).collect(),
            // All folders of the machine are nobody's workspace.
            _ if folders.iter().any(|it| !territory.holds(it)) => return Vec::new(),
            "**" => distinct(folders.iter().flat_map(|it| all_below(it)).collect()),
            part => {
                let Ok(glob) = Pattern::new(part) else { return Vec::new() };
                let matching = |it: &PathBuf| it.file_name().is_some_and(|name| glob.matches(&name.to_string_lossy()));
                distinct(folders.iter().flat_map(|it| entries(it)).filter(matching).collect())
            }
        };
    }
    let mut folders: Vec<PathBuf> = folders.into_iter().filter(|it| it.join("Cargo.toml").exists()).collect();
    folders.sort();
    folders
}

/// Each folder under one path: links that lead back would double them at every step.
fn distinct(mut folders: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut seen = BTreeSet::new();
    folders.sort();
    folders.retain(|it| it.canonicalize().is_ok_and(|real| real.is_dir() && seen.insert(real)));
    folders
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    folder.read_dir().into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

/// A folder and all below it, but for those that are hidden or behind links.
fn all_below(folder: &Path) -> Vec<PathBuf> {
    let mut all = vec![folder.to_owned()];
    let mut at = 0;
    while let Some(folder) = all.get(at) {
        let inner = entries(folder);
        let is_hidden = |it: &Path| it.file_name().is_some_and(|it| it.as_encoded_bytes().starts_with(b"."));
        all.extend(inner.into_iter().filter(|it| it.is_dir() && !it.is_symlink() && !is_hidden(it)));
        at += 1;
    }
    all
}

/// Whether a value names a folder of the workspace.
pub(super) fn path_of(value: &Value, dir: &Path) -> Option<PathBuf> {
    Some(normalize(&dir.join(value.as_table()?.get("path")?.as_str()?)))
}
