//! What mutants are made of: programs whose files are known, one of which is changed.

use crate::{
    fixture::{self, Fixture, dependency_lines, entries},
    mutants::items,
};
use cargo_spawnlint::project::{CrateInput, DependencyInput, Project};
use fastrand::Rng;
use spawnlint_analysis::crates::CrateKind;
use std::{fs, path::Path};

/// How many files are put into one package at most.
const MANY_TOGETHER: usize = 4;

/// How many items a piece of a file has.
const FEW: usize = 6;

/// How many bytes a small program has.
const SMALL: usize = 3000;

/// A program.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Its crates.
    pub crates: Vec<CrateInput>,
    /// Paths and texts.
    pub files: Vec<(String, String)>,
}

/// Programs, and files that can be put together to others.
#[derive(Debug, Clone, Default)]
pub struct Pool {
    programs: Vec<Subject>,
    /// Paths and texts.
    files: Vec<(String, String)>,
}

impl Pool {
    /// The fixtures, and the workspaces beside them.
    ///
    /// # Panics
    /// If one cannot be read.
    pub fn of_fixtures() -> Pool {
        let mut pool = Pool::default();
        for it in fixture::all() {
            if !it.is_split() {
                pool.files.extend(it.texts());
            }
            pool.programs.push(Subject::of_fixture(&it));
        }
        for workspace in entries(&crate::root().join("test-fixtures/workspaces")) {
            pool.programs.push(Subject::of_workspace(&workspace));
        }
        pool
    }

    /// The same, with files of a few items each, and without the larger programs: these are soon checked.
    #[must_use]
    pub fn in_pieces(self) -> Pool {
        let size = |it: &Subject| it.files.iter().map(|(_, text)| text.len()).sum::<usize>();
        let files = self.files.iter().flat_map(|(path, text)| pieces(text).map(move |piece| (path.clone(), piece)));
        Pool { files: files.collect(), programs: self.programs.iter().filter(|it| size(it) < SMALL).cloned().collect() }
    }

    /// All Rust files below a folder, sorted.
    ///
    /// # Panics
    /// If the folder cannot be read.
    pub fn of_folder(folder: &Path) -> Pool {
        let mut pool = Pool::default();
        let mut open = vec![folder.to_owned()];
        while let Some(folder) = open.pop() {
            for path in entries(&folder) {
                if path.is_dir() {
                    open.push(path);
                } else if path.extension().is_some_and(|it| it == "rs")
                    && let Ok(text) = fs::read_to_string(&path)
                {
                    pool.files.push((path.to_string_lossy().into_owned(), text));
                }
            }
        }
        pool.files.sort();
        pool
    }

    /// A program, which of its files is to be changed, and a text to take pieces from.
    ///
    /// # Panics
    /// If the pool is empty.
    pub fn choose(&self, rng: &mut Rng) -> (Subject, usize, &str) {
        let subject = match rng.choice(self.programs.iter()).filter(|_| self.files.is_empty() || rng.bool()) {
            Some(program) => program.clone(),
            None => {
                let count = if rng.bool() { 1 } else { rng.usize(1..=MANY_TOGETHER) };
                let files = (0..count).filter_map(|_| rng.choice(self.files.iter()));
                Subject::of_files(files.map(|(_, text)| text.clone()).collect())
            }
        };
        let changed = rng.usize(0..subject.files.len());
        let others = self.files.iter().chain(self.programs.iter().flat_map(|it| &it.files));
        let (_, other) = rng.choice(others.collect::<Vec<_>>()).expect("the pool is not empty");
        (subject, changed, other)
    }
}

impl Subject {
    fn of_fixture(fixture: &Fixture) -> Subject {
        Subject { crates: fixture.crates.clone(), files: fixture.texts() }
    }

    /// One package with these texts as its modules; a single one is the root.
    fn of_files(texts: Vec<String>) -> Subject {
        let mut files: Vec<(String, String)> = Vec::new();
        if texts.len() > 1 {
            let modules = (0..texts.len()).map(|at| format!("pub mod part_{at};\n")).collect();
            files.push(("demo/src/lib.rs".to_owned(), modules));
        }
        let name = |at: usize| if files.is_empty() { "lib".to_owned() } else { format!("part_{at}") };
        let parts = texts.into_iter().enumerate().map(|(at, text)| (format!("demo/src/{}.rs", name(at)), text));
        let parts: Vec<_> = parts.collect();
        files.extend(parts);
        Subject { crates: vec![krate("demo", "demo/src/lib.rs", CrateKind::Lib, Vec::new())], files }
    }

    /// Each folder of a workspace is a package that depends on all others.
    fn of_workspace(folder: &Path) -> Subject {
        let mut subject = Subject { crates: Vec::new(), files: Vec::new() };
        let packages: Vec<_> = entries(folder).into_iter().filter(|it| it.join("src").is_dir()).collect();
        let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let libraries: Vec<String> = packages.iter().map(|it| name(it).replace('-', "_")).collect();
        for (package, library) in packages.iter().zip(&libraries) {
            let is_program = package.join("src/main.rs").is_file();
            let (root, kind) = if is_program { ("main", CrateKind::Bin) } else { ("lib", CrateKind::Lib) };
            let source = format!("{}/src", name(package));
            let others = libraries.iter().filter(|it| *it != library).cloned().collect();
            subject.crates.push(krate(library, &format!("{source}/{root}.rs"), kind, others));
            for file in entries(&package.join("src")).into_iter().filter(|it| it.is_file()) {
                let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
                subject.files.push((format!("{source}/{}", name(&file)), text));
            }
        }
        subject
    }

    /// Its crates, as the engine wants them.
    pub fn project(&self) -> Project {
        Project::described(&self.crates)
    }

    /// It with other texts for some of its files.
    #[must_use]
    pub fn with<'a>(&self, texts: impl Iterator<Item = (&'a str, &'a str)>) -> Subject {
        let mut subject = self.clone();
        for (path, text) in texts {
            let file = subject.files.iter_mut().find(|(it, _)| it == path);
            file.expect("only files of the subject change").1 = text.to_owned();
        }
        subject
    }
}

/// The items of a file, a few at a time, each time with all imports.
fn pieces(text: &str) -> impl Iterator<Item = String> {
    let (imports, others): (Vec<&str>, Vec<&str>) = items(text).into_iter().partition(|it| it.starts_with("use "));
    let imports = imports.concat();
    let pieces: Vec<String> = others.chunks(FEW).map(|it| format!("{imports}\n\n{}\n", it.join("\n\n"))).collect();
    pieces.into_iter()
}

fn krate(name: &str, root: &str, kind: CrateKind, others: Vec<String>) -> CrateInput {
    let foreign = dependency_lines().into_iter().map(|(name, _)| name);
    let dependencies = foreign.chain(others).map(|name| DependencyInput { real_name: name.clone(), name }).collect();
    CrateInput {
        name: name.to_owned(),
        package: name.to_owned(),
        kind,
        edition: 2024,
        root: root.to_owned(),
        dependencies,
    }
}
