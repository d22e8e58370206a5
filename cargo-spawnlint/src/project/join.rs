//! Hangs files into module trees: follows each `mod name;` as rustc does.

use super::{
    Package, Project, Target, normalize,
    purpose::{Purpose, purposes},
};
use crate::report::Origin;
use rustc_hash::FxHashMap;
use spawnlint_analysis::{
    crates::{Crate, CrateGraph, CrateId, CrateKind, Dependency, FilePlace, Requirement},
    facts::{FileSummary, Id, ModuleId, ModuleKind},
    span::FileId,
};
use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
};

/// The files that have been read, as joining sees them.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Absolute path of each file, by [`FileId`].
    pub paths: &'a [&'a Path],
    /// Summary of each file, by [`FileId`].
    pub summaries: &'a [&'a FileSummary],
    /// Other paths under which files are reached, through links.
    pub aliases: &'a FxHashMap<PathBuf, PathBuf>,
}

/// The crates, and what is missing to complete them.
#[derive(Debug, Clone, Default)]
pub struct Joined {
    /// Crates and the place of each file.
    pub graph: CrateGraph,
    /// Cargo's words, parallel to the crates.
    pub origins: Vec<Origin>,
    /// Whether any `mod`, or being a root, leads to a file; by [`FileId`].
    pub is_reached: Vec<bool>,
    /// For each `mod` that leads to no known file: where that file might be, best guess first.
    pub wanted: Vec<Vec<PathBuf>>,
}

/// Joins the files of a project. Every file gets a place, also those that no `mod` reaches.
pub fn join(project: &Project, known: Known<'_>) -> Joined {
    let mut joiner = Joiner::new(known);
    let first_crates = joiner.add_packages(project);
    joiner.follow();
    joiner.add_loose_roots(project);
    let is_reached = joiner.places.iter().map(Option::is_some).collect();
    joiner.place_the_rest(project, &first_crates);
    joiner.finish(is_reached)
}

/// The folder in which the modules of a file, or of an inline module, stand.
#[derive(Debug, Clone)]
struct Folder {
    path: PathBuf,
    /// The name of a file that is neither a root nor `mod.rs`: its modules stand one folder deeper,
    /// while its `#[path]`s do not.
    stem: Option<String>,
}

#[derive(Debug)]
struct Step {
    file: FileId,
    folder: Folder,
    place: FilePlace,
}

struct Joiner<'a> {
    known: Known<'a>,
    index: FxHashMap<&'a Path, FileId>,
    crates: Vec<Crate>,
    origins: Vec<Origin>,
    places: Vec<Option<FilePlace>>,
    code: VecDeque<Step>,
    /// Followed when all other code is placed, so that a file which tests share with code counts as code.
    tests: VecDeque<Step>,
    wanted: Vec<Vec<PathBuf>>,
}

impl<'a> Joiner<'a> {
    fn new(known: Known<'a>) -> Joiner<'a> {
        Joiner {
            index: known.paths.iter().enumerate().map(|(at, path)| (*path, FileId(at as u32))).collect(),
            crates: Vec::new(),
            origins: Vec::new(),
            places: vec![None; known.paths.len()],
            code: VecDeque::new(),
            tests: VecDeque::new(),
            wanted: Vec::new(),
            known,
        }
    }

    /// Adds the crates of all packages; returns where those of each package begin.
    fn add_packages(&mut self, project: &Project) -> Vec<CrateId> {
        let purposes = purposes(project);
        let mut first_crates = Vec::new();
        let mut next = 0;
        for package in &project.packages {
            first_crates.push(CrateId(next));
            next += package.targets.len() as u32;
        }
        for ((package, first), purpose) in project.packages.iter().zip(&first_crates).zip(purposes) {
            for target in &package.targets {
                let dependencies = dependencies(project, &first_crates, package, *first, target);
                self.add_crate(target, Some((package, purpose)), dependencies);
            }
        }
        first_crates
    }

    fn add_crate(&mut self, target: &Target, package: Option<(&Package, Purpose)>, dependencies: Vec<Dependency>) {
        let (package, purpose) = package.unzip();
        let root = self.find(&target.root);
        self.crates.push(Crate {
            name: target.name.clone(),
            package: package.map_or_else(String::new, |it| it.name.clone()),
            kind: target.kind,
            is_published: package.is_some_and(|it| it.is_published),
            is_for_tests: purpose.is_some_and(|it| it != Purpose::Any),
            edition: target.edition,
            root,
            dependencies,
        });
        self.origins.push(target.origin.clone());
        let Some(file) = root else { return };
        let is_test = purpose == Some(Purpose::Support)
            || !matches!(target.kind, CrateKind::Lib | CrateKind::Bin | CrateKind::Loose);
        let place = FilePlace { krate: CrateId(self.crates.len() as u32 - 1), parent: None, is_test };
        self.enqueue(Step { file, folder: Folder::of_root(&target.root), place });
    }

    fn find(&self, path: &Path) -> Option<FileId> {
        let path = self.known.aliases.get(path).map_or(path, PathBuf::as_path);
        self.index.get(path).copied()
    }

    fn enqueue(&mut self, step: Step) {
        let queue = if step.place.is_test { &mut self.tests } else { &mut self.code };
        queue.push_back(step);
    }

    fn follow(&mut self) {
        while let Some(step) = self.code.pop_front().or_else(|| self.tests.pop_front()) {
            let place = &mut self.places[step.file.index()];
            if place.is_none() {
                *place = Some(step.place);
                self.follow_modules(&step);
            }
        }
    }

    fn follow_modules(&mut self, step: &Step) {
        let summary = self.known.summaries[step.file.index()];
        for (at, module) in summary.modules.iter().enumerate() {
            if module.kind != ModuleKind::Declared {
                continue;
            }
            let id = ModuleId::from_index(at);
            let candidates = candidates(summary, id, &step.folder);
            let hit = candidates.iter().find_map(|(path, folder)| Some((self.find(path)?, folder.clone())));
            let Some((file, folder)) = hit else {
                self.wanted.push(candidates.into_iter().map(|(path, _)| path).collect());
                continue;
            };
            let is_test = step.place.is_test || module.is_test;
            let place = FilePlace { krate: step.place.krate, parent: Some((step.file, id)), is_test };
            self.enqueue(Step { file, folder, place });
        }
    }

    /// Loose files: `lib.rs` and `main.rs` are roots, then every file that no other one declares, then the rest.
    fn add_loose_roots(&mut self, project: &Project) {
        let named_root = |path: &&PathBuf| path.ends_with("lib.rs") || path.ends_with("main.rs");
        let (named, others): (Vec<_>, Vec<_>) = project.loose.iter().partition(|path| named_root(path));
        self.add_loose(project, &named);
        let declared = self.declared_by(&others);
        let (children, parents): (Vec<_>, Vec<_>) =
            others.into_iter().partition(|path| self.find(path).is_some_and(|file| declared[file.index()]));
        self.add_loose(project, &parents);
        self.add_loose(project, &children);
    }

    fn add_loose(&mut self, project: &Project, roots: &[&PathBuf]) {
        for root in roots {
            if self.is_unplaced(root) {
                self.add_crate(&loose_target(project, root), None, Vec::new());
                self.follow();
            }
        }
    }

    /// Which files are declared by one of these, were it a root or a module.
    fn declared_by(&self, files: &[&PathBuf]) -> Vec<bool> {
        let mut declared = vec![false; self.places.len()];
        for path in files {
            let Some(file) = self.find(path) else { continue };
            let summary = self.known.summaries[file.index()];
            for folder in [Folder::of_root(path), Folder::of_module(path)] {
                let modules = (0..summary.modules.len()).map(ModuleId::from_index);
                let modules = modules.filter(|id| summary[*id].kind == ModuleKind::Declared);
                let paths = modules.flat_map(|id| candidates(summary, id, &folder));
                let hits = paths.filter_map(|(path, _)| self.find(&path)).filter(|hit| *hit != file);
                hits.for_each(|hit| declared[hit.index()] = true);
            }
        }
        declared
    }

    /// Files that nothing reaches belong to the first crate of the package around them.
    fn place_the_rest(&mut self, project: &Project, first_crates: &[CrateId]) {
        let rest: Vec<&PathBuf> = project.files.iter().filter(|path| self.is_unplaced(path)).collect();
        let declared = self.declared_by(&rest);
        let (children, parents): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|path| self.find(path).is_some_and(|file| declared[file.index()]));
        for path in parents.into_iter().chain(children) {
            let Some(file) = self.find(path).filter(|_| self.is_unplaced(path)) else { continue };
            if self.crates.is_empty() {
                self.add_crate(&loose_target(project, path), None, Vec::new());
            }
            let package = project.package_of(path);
            let first = package.map_or(0, |package| first_crates[package].0);
            // A package may have no targets at all.
            let krate = CrateId(first.min(self.crates.len() as u32 - 1));
            let is_test = package.is_some_and(|it| stands_in_test_folder(&project.packages[it].dir, path));
            let folder = if path.ends_with("mod.rs") { Folder::of_root(path) } else { Folder::of_module(path) };
            self.enqueue(Step { file, folder, place: FilePlace { krate, parent: None, is_test } });
            self.follow();
        }
    }

    fn is_unplaced(&self, path: &Path) -> bool {
        self.find(path).is_some_and(|file| self.places[file.index()].is_none())
    }

    fn finish(self, is_reached: Vec<bool>) -> Joined {
        let nowhere = FilePlace { krate: CrateId(0), parent: None, is_test: false };
        Joined {
            is_reached,
            graph: CrateGraph {
                crates: self.crates,
                files: self.places.into_iter().map(|place| place.unwrap_or(nowhere)).collect(),
            },
            origins: self.origins,
            wanted: self.wanted,
        }
    }
}

fn dependencies(
    project: &Project,
    first_crates: &[CrateId],
    package: &Package,
    first: CrateId,
    target: &Target,
) -> Vec<Dependency> {
    let for_build = target.kind == CrateKind::BuildScript;
    let mut rows: Vec<Dependency> = Vec::new();
    // Everything but the library and the build script sees the library under its name.
    if let Some(lib) = package.lib().filter(|_| !matches!(target.kind, CrateKind::Lib | CrateKind::BuildScript)) {
        rows.push(Dependency {
            name: lib.name.clone(),
            real_name: lib.name.clone(),
            workspace_crate: Some(first),
            asked: None,
        });
    }
    for dependency in package.dependencies.iter().filter(|it| it.for_build == for_build) {
        // The library of a package may have a name of its own; it is the package's first target.
        let lib = dependency.package.and_then(|at| Some((first_crates[at], project.packages[at].lib()?)));
        let real_name = lib.map_or(&dependency.real_name, |(_, lib)| &lib.name).clone();
        let name = dependency.rename.clone().unwrap_or_else(|| real_name.clone());
        // The same crate may be asked for on several platforms, and for tests with more features.
        match rows.iter_mut().find(|row| row.name == name) {
            Some(row) => widen(&mut row.asked, dependency.asked.as_ref()),
            None => {
                let asked = dependency.asked.clone();
                rows.push(Dependency { name, real_name, workspace_crate: lib.map(|(id, _)| id), asked });
            }
        }
    }
    rows
}

/// What two rows of one dependency ask for together.
fn widen(row: &mut Option<Requirement>, other: Option<&Requirement>) {
    if let (Some(row), Some(other)) = (row, other) {
        row.version = row.version.max(other.version);
        row.features.extend(other.features.iter().cloned());
        row.is_conditional &= other.is_conditional;
        row.is_default |= other.is_default;
    }
}

impl Folder {
    fn of_root(file: &Path) -> Folder {
        Folder { path: file.parent().unwrap_or(Path::new("")).to_owned(), stem: None }
    }

    fn of_module(file: &Path) -> Folder {
        let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        Folder { stem, ..Folder::of_root(file) }
    }

    /// The folder of an inline module in this one.
    fn enter(&mut self, summary: &FileSummary, module: ModuleId) {
        let module = &summary[module];
        if let Some(path) = module.path_attr {
            self.path = normalize(&self.path.join(&summary[path]));
            self.stem = None;
            return;
        }
        self.path.extend(self.stem.take());
        if let Some(name) = module.name {
            self.path.push(&summary[name]);
        }
    }
}

/// Where the file of a declared module may be, and where the modules in that file stand.
fn candidates(summary: &FileSummary, module: ModuleId, file_folder: &Folder) -> Vec<(PathBuf, Folder)> {
    let mut around = Vec::new();
    let mut next = summary[module].parent;
    while let Some(id) = next {
        if summary[id].kind == ModuleKind::Inline {
            around.push(id);
        }
        next = summary[id].parent;
    }
    let mut folder = file_folder.clone();
    for id in around.into_iter().rev() {
        folder.enter(summary, id);
    }
    if let Some(path) = summary[module].path_attr {
        // Such a file counts as a `mod.rs`, whatever its name.
        let path = normalize(&folder.path.join(&summary[path]));
        let inner = Folder::of_root(&path);
        return vec![(path, inner)];
    }
    let Some(name) = summary[module].name.map(|name| &summary[name]) else { return Vec::new() };
    folder.path.extend(folder.stem.take());
    let plain = folder.path.join(format!("{name}.rs"));
    let nested = folder.path.join(name).join("mod.rs");
    let (inner, nested_inner) = (Folder::of_module(&plain), Folder::of_root(&nested));
    vec![(plain, inner), (nested, nested_inner)]
}

fn stands_in_test_folder(package: &Path, file: &Path) -> bool {
    let first = file.strip_prefix(package).ok().and_then(|path| path.components().next());
    let first = first.map(|it| it.as_os_str().to_owned());
    first.is_some_and(|it| it == "tests" || it == "benches" || it == "examples" || it == "build.rs")
}

fn loose_target(project: &Project, root: &Path) -> Target {
    let is_named = root.ends_with("lib.rs") || root.ends_with("main.rs");
    let folders = root.ancestors().skip(1).find(|folder| !folder.ends_with("src"));
    let stem = if is_named { folders.and_then(Path::file_name) } else { root.file_stem() };
    let name = stem.map_or_else(|| "loose".to_owned(), |stem| stem.to_string_lossy().replace('-', "_"));
    let folder = root.parent().unwrap_or(&project.root);
    let target = serde_json::json!({
        "kind": ["lib"], "crate_types": ["lib"], "name": name, "src_path": root.to_string_lossy(),
        "edition": "2024", "doc": false, "doctest": false, "test": false,
    });
    let origin = Origin {
        package: None,
        package_id: format!("path+file://{}#{name}@0.0.0", folder.display()),
        manifest_path: folder.join("Cargo.toml").to_string_lossy().into_owned(),
        target,
    };
    Target { name, kind: CrateKind::Loose, edition: 2024, root: root.to_owned(), origin }
}
