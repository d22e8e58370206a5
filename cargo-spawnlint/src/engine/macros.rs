//! Which macros by example there are in a program, and which of them a file calls.
//!
//! Names are all that is looked at: neither the order of a text nor what is imported. A name means what the file itself
//! defines, or else its package, or else what another package exports; where that are several, it means nothing.

use crate::{
    cache::{self, Key},
    lower::{Definition, Definitions, called_in, definitions, only},
    project::Project,
};
use rustc_hash::{FxHashMap, FxHashSet};
use spawnlint_analysis::catalogue;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// All definitions of a program, by name.
#[derive(Debug, Default)]
pub(super) struct Macros {
    known: FxHashMap<String, Vec<Known>>,
    /// The names that each file defines.
    by_file: FxHashMap<PathBuf, Vec<String>>,
    /// The packages by their folders.
    packages: FxHashMap<PathBuf, usize>,
    /// Whether tests are judged, too.
    with_tests: bool,
}

#[derive(Debug)]
struct Known {
    path: PathBuf,
    package: Option<usize>,
    it: Arc<Definition>,
}

impl Macros {
    pub(super) fn new(project: &Project, with_tests: bool) -> Macros {
        let packages = project.packages.iter().enumerate().map(|(at, it)| (it.dir.clone(), at)).collect();
        Macros { packages, with_tests, ..Macros::default() }
    }

    /// What a text defines that counts. What the catalogue knows by name means that, whoever defines it.
    pub(super) fn defined_in(&self, project: &Project, path: &Path, text: &str) -> Vec<Definition> {
        if self.is_left_out(project, path) {
            return vec![];
        }
        let mut all = definitions(text);
        all.retain(|it| catalogue::macro_named(&it.name).is_none());
        all
    }

    /// Takes what a file defines for what was known of it before. Tells whether that makes a difference.
    pub(super) fn set(&mut self, path: &Path, new: Vec<Definition>) -> bool {
        let names = new.iter().map(|it| it.name.clone()).collect();
        let mut old = vec![];
        for name in self.by_file.insert(path.to_owned(), names).unwrap_or_default() {
            let known = self.known.entry(name).or_default();
            old.extend(known.extract_if(.., |it| it.path == path).map(|it| it.it));
        }
        let package = if new.is_empty() { None } else { self.package_of(path) };
        let mut is_changed = old.len() != new.len();
        for it in new {
            is_changed |= !old.iter().any(|old| **old == it);
            let name = it.name.clone();
            let known = Known { path: path.to_owned(), package, it: Arc::new(it) };
            self.known.entry(name).or_default().push(known);
        }
        is_changed
    }

    /// What the macro calls in a text mean.
    pub(super) fn called(&self, project: &Project, path: &Path, text: &str) -> Definitions {
        let mut found = Definitions::default();
        found.are_for_tests = self.with_tests;
        if self.known.is_empty() || self.is_left_out(project, path) {
            return found;
        }
        let mut seen: FxHashSet<&str> = FxHashSet::default();
        let mut open: Vec<&str> = called_in(text).filter(|name| self.known.contains_key(*name)).collect();
        if open.is_empty() {
            return found;
        }
        let package = self.package_of(path);
        while let Some(name) = open.pop() {
            if !seen.insert(name) {
                continue;
            }
            let Some((it, of)) = self.meant(name, path, package) else { continue };
            let krate = of.filter(|of| Some(*of) != package).and_then(|of| project.packages[of].lib());
            open.extend(it.calls.iter().map(String::as_str));
            found.add(Arc::clone(it), krate.map(|lib| lib.name.replace('-', "_")));
        }
        found
    }

    /// What a name means in a file, and the package that defines it.
    fn meant(&self, name: &str, path: &Path, package: Option<usize>) -> Option<(&Arc<Definition>, Option<usize>)> {
        let known = self.known.get(name)?;
        let levels: [&dyn Fn(&&Known) -> bool; 3] =
            [&|it| it.path == path, &|it| it.package == package, &|it| it.it.is_exported];
        let nearest = levels.into_iter().find(|is_near| known.iter().any(|it| is_near(&it)))?;
        let it = only(known.iter().filter(nearest).map(|it| &it.it))?;
        let of = known.iter().filter(nearest).find(|known| Arc::ptr_eq(&known.it, it))?.package;
        Some((it, of))
    }

    /// Whether a file is a test that nobody judges, or lies in the folder of those that cargo knows by their place.
    fn is_left_out(&self, project: &Project, path: &Path) -> bool {
        if self.with_tests {
            return false;
        }
        let Some(package) = self.package_of(path) else { return false };
        let below = path.strip_prefix(&project.packages[package].dir).unwrap_or(path);
        below.starts_with("tests") || below.starts_with("benches")
    }

    fn package_of(&self, path: &Path) -> Option<usize> {
        path.ancestors().find_map(|folder| self.packages.get(folder).copied())
    }
}

/// What the macro calls mean in each of some texts, tests left out.
pub fn meanings(project: &Project, files: &[(&Path, &str)]) -> Vec<Definitions> {
    let mut macros = Macros::new(project, false);
    for (path, text) in files {
        let defined = macros.defined_in(project, path, text);
        macros.set(path, defined);
    }
    files.iter().map(|(path, text)| macros.called(project, path, text)).collect()
}

/// What a summary is known by: the text that it was made from, and what its macro calls mean.
pub(super) fn key(text: Key, definitions: &Definitions) -> Key {
    if definitions.is_empty() {
        return text;
    }
    let mut all = text.to_string();
    for text in definitions.texts() {
        all.push('\0');
        all.push_str(text);
    }
    cache::key(&all)
}
