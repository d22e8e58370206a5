//! Where the files of a project may be, and what of it lies elsewhere.

use super::{Project, normalize};
use crate::{
    read::{Territory, ensure_no_link_out},
    report::Problem,
};
use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

/// What cargo and other tools put into folders of what can be made anew.
const CACHE_TAG: &str = "CACHEDIR.TAG";
const CACHE_SIGNATURE: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55";

impl Project {
    /// Where its files may be: in the repository around its root or, without version control, below the root. Packages
    /// elsewhere that agree to be members are read, too, and not changed. Plain files may be in the repository, package
    /// or workspace around what was named, or below that.
    pub fn territory(&self) -> Territory {
        if !self.named.is_empty() {
            let folder = |path: &PathBuf| if path.is_dir() { path.clone() } else { path.join("..") };
            return Territory::joined(self.named.iter().map(|path| Territory::around(&normalize(&folder(path)))));
        }
        let mut territory = Territory::of_root(&self.root);
        for package in &self.packages {
            // Their own manifests name the workspace, or cargo would not take them for members. Behind a link it does.
            if !territory.holds(&package.dir) && package.manifest().is_some_and(|it| ensure_no_link_out(it).is_ok()) {
                territory.add_read_only(&package.dir);
            }
        }
        territory
    }

    /// Takes out the packages that lie elsewhere, and gives back where files may be. Roots of crates that lie elsewhere
    /// have the paths by which the manifest has them, so that what is told of them is not where a link leads.
    pub fn stay_inside(&mut self) -> Territory {
        let territory = self.territory();
        if !self.on_disk {
            return territory;
        }
        for package in &mut self.packages {
            if let (false, Some(manifest)) = (territory.holds(&package.dir), package.manifest()) {
                let why = ensure_no_link_out(manifest).err().map(|why| why.to_string()).unwrap_or_default();
                let shown = super::shown(&self.root, manifest);
                self.problems.push(Problem::error(shown, format!("cannot read this package: {why}")));
                self.files.retain(|file| !file.starts_with(&package.dir) || territory.holds(file));
                package.targets.clear();
            }
            for target in package.targets.iter_mut().filter(|target| !territory.holds(&target.root)) {
                let Some(named) = target.origin.target["src_path"].as_str().map(|it| normalize(Path::new(it))) else {
                    continue;
                };
                self.files.retain(|file| *file != target.root);
                self.files.extend(named.exists().then(|| named.clone()));
                target.root = named;
            }
        }
        self.files.sort();
        self.files.dedup();
        territory
    }

    /// Where summaries may be kept between runs: in the target folder, if that lies in the repository, if the user has
    /// chosen it, or if it is marked as one of those whose content can be made anew. No link leads on from there.
    pub fn cache_folder(&self, territory: &Territory) -> Option<PathBuf> {
        let inner = ["spawnlint", "cache"];
        let target = self.cache_dir.as_ref()?.ancestors().nth(inner.len())?;
        let real = resolved(target)?;
        let is_chosen = || self.is_cache_chosen && ensure_no_link_out(target).is_ok();
        if !territory.holds(&real) && !is_chosen() && !is_marked(&real) {
            return None;
        }
        let mut folder = real;
        for part in inner {
            folder.push(part);
            if fs::symlink_metadata(&folder).is_ok_and(|it| !it.is_dir()) {
                return None;
            }
        }
        Some(folder)
    }
}

impl super::Package {
    /// Its Cargo.toml, as cargo names it: with the links on the way there.
    fn manifest(&self) -> Option<&Path> {
        self.targets.first().map(|target| Path::new(&target.origin.manifest_path))
    }
}

/// The path without links of a folder that need not be there yet.
fn resolved(folder: &Path) -> Option<PathBuf> {
    match folder.canonicalize() {
        Ok(real) => Some(real),
        // A link that leads nowhere is no place to make a folder.
        Err(_) if folder.is_symlink() => None,
        Err(_) => Some(resolved(folder.parent()?)?.join(folder.file_name()?)),
    }
}

fn is_marked(folder: &Path) -> bool {
    let path = folder.join(CACHE_TAG);
    let mut start = Vec::new();
    let is_file = fs::symlink_metadata(&path).is_ok_and(|it| it.is_file());
    let file = is_file.then(|| fs::File::open(&path).ok()).flatten();
    let read = file.map(|file| file.take(CACHE_SIGNATURE.len() as u64).read_to_end(&mut start));
    read.is_some_and(|it| it.is_ok()) && start == CACHE_SIGNATURE
}
