//! Fixtures: real Rust with the findings that are expected of it written at the end of lines.
//!
//! `//~ rule, rule` stands at the end of the line where a finding's primary place begins, `//~^ rule` on the line
//! below. `//! enable: rule` switches a rule on for the file. `//- /app/src/lib.rs crate:app deps:rt,time=tokio`
//! begins a file of a crate; files without `crate:` belong to the crate in whose folder they stand.

use cargo_spawnlint::project::{CrateInput, DependencyInput, Project};
use spawnlint_analysis::crates::CrateKind;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A fixture.
#[derive(Debug, Clone)]
pub struct Fixture {
    /// The folder below `test-fixtures`: a rule's name, mostly.
    pub folder: String,
    /// File name without `.rs`.
    pub name: String,
    /// Where it stands.
    pub path: PathBuf,
    /// Rules that are off by default, and on here.
    pub enable: Vec<String>,
    /// Its files; one, unless it has `//-` lines.
    pub files: Vec<FixtureFile>,
    /// Its crates.
    pub crates: Vec<CrateInput>,
}

/// A file of a fixture.
#[derive(Debug, Clone)]
pub struct FixtureFile {
    /// Path as reports print it.
    pub path: String,
    /// Text.
    pub text: String,
}

/// A finding that should be, or is: path, line, rule.
pub type Place = (String, u32, String);

impl Fixture {
    /// Reads the fixture at a path.
    ///
    /// # Panics
    /// If it cannot be read, or a `//-` line cannot.
    pub fn read(path: &Path) -> Fixture {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Fixture::of_text(path, text)
    }

    /// The fixture that a text is, as if it stood at that path.
    ///
    /// # Panics
    /// If a `//-` line cannot be read.
    pub fn of_text(path: &Path, text: String) -> Fixture {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let folder = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
        let head = text.lines().take_while(|line| line.starts_with("//!"));
        let enable = head.filter_map(|line| line.strip_prefix("//! enable: "));
        let enable = enable.flat_map(|rules| rules.split(',')).map(|rule| rule.trim().to_owned()).collect();
        let mut fixture =
            Fixture { folder, name, path: path.to_owned(), enable, files: Vec::new(), crates: Vec::new() };
        if text.lines().any(|line| line.starts_with("//- ")) {
            fixture.split(&text);
        } else {
            fixture.take_whole(text);
        }
        fixture
    }

    fn take_whole(&mut self, text: String) {
        let path = format!("{}/{}.rs", self.folder, self.name);
        let dependencies = dependency_lines().into_iter().map(|(name, _)| same_name(&name)).collect();
        self.crates.push(CrateInput {
            name: self.name.clone(),
            package: self.name.clone(),
            kind: CrateKind::Lib,
            edition: 2024,
            root: path.clone(),
            dependencies,
        });
        self.files.push(FixtureFile { path, text });
    }

    fn split(&mut self, text: &str) {
        for line in text.split_inclusive('\n') {
            if let Some(header) = line.strip_prefix("//- ") {
                self.begin_file(header.trim());
            } else if let Some(file) = self.files.last_mut() {
                file.text.push_str(line);
            }
        }
    }

    fn begin_file(&mut self, header: &str) {
        let mut words = header.split_whitespace();
        let path = words.next().unwrap_or_default();
        assert!(path.starts_with('/'), "{}: `//- {header}` needs a path", self.path.display());
        let path = format!("{}/{}{path}", self.folder, self.name);
        let mut name = None;
        let mut dependencies = Vec::new();
        for word in words {
            match word.split_once(':') {
                Some(("crate", it)) => name = Some(it.to_owned()),
                Some(("deps", it)) => dependencies.extend(it.split(',').map(dependency)),
                _ => panic!("{}: `{word}` in `//- {header}` means nothing", self.path.display()),
            }
        }
        if let Some(name) = name {
            let kind = if path.ends_with("/src/main.rs") { CrateKind::Bin } else { CrateKind::Lib };
            let (package, root) = (name.clone(), path.clone());
            self.crates.push(CrateInput { name, package, kind, edition: 2024, root, dependencies });
        }
        self.files.push(FixtureFile { path, text: String::new() });
    }

    /// Whether it consists of several files.
    pub fn is_split(&self) -> bool {
        self.files.iter().any(|file| !file.path.ends_with(&format!("{}.rs", self.name)))
    }

    /// Its crates, as the engine wants them.
    pub fn project(&self) -> Project {
        Project::described(&self.crates)
    }

    /// Paths and texts, as the engine wants them.
    pub fn texts(&self) -> Vec<(String, String)> {
        self.files.iter().map(|file| (file.path.clone(), file.text.clone())).collect()
    }

    /// The findings that its comments ask for, sorted.
    pub fn expected(&self) -> Vec<Place> {
        let mut places: Vec<Place> = self.files.iter().flat_map(|file| expected(&file.path, &file.text)).collect();
        places.sort();
        places
    }
}

/// The findings that the comments of a text ask for.
pub fn expected(path: &str, text: &str) -> Vec<Place> {
    let mut places = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let Some((_, rules)) = line.split_once("//~") else { continue };
        let names = rules.trim_start_matches('^');
        let above = (rules.len() - names.len()) as u32;
        let line = at as u32 + 1 - above;
        places.extend(names.split(',').map(|rule| (path.to_owned(), line, rule.trim().to_owned())));
    }
    places
}

/// All fixtures, sorted by path.
///
/// # Panics
/// If a folder cannot be read.
pub fn all() -> Vec<Fixture> {
    let mut paths = Vec::new();
    for folder in entries(&crate::root().join("test-fixtures")) {
        let is_project = folder.ends_with("compile") || folder.ends_with("workspaces");
        if folder.is_dir() && !is_project {
            let files = entries(&folder);
            paths.extend(files.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "rs")));
        }
    }
    paths.iter().map(|path| Fixture::read(path)).collect()
}

/// The entries of a folder, sorted.
///
/// # Panics
/// If it cannot be read.
pub fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = read.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

/// Names (with `_`) and lines of the dependencies that fixtures may use: those of the package that compiles them.
///
/// # Panics
/// If that package is not there.
pub fn dependency_lines() -> Vec<(String, String)> {
    let manifest = crate::root().join("test-fixtures/compile/Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap_or_else(|error| panic!("{}: {error}", manifest.display()));
    let lines = text.lines().skip_while(|line| *line != "[dependencies]").skip(1);
    let lines = lines.take_while(|line| !line.starts_with('['));
    let rows = lines.filter_map(|line| line.split_once(" = "));
    rows.map(|(name, value)| (name.replace('-', "_"), value.to_owned())).collect()
}

fn same_name(name: &str) -> DependencyInput {
    DependencyInput { name: name.to_owned(), real_name: name.to_owned() }
}

fn dependency(word: &str) -> DependencyInput {
    match word.split_once('=') {
        Some((name, real_name)) => DependencyInput { name: name.to_owned(), real_name: real_name.to_owned() },
        None => same_name(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotations_speak_of_their_line_or_of_one_above() {
        let text = "a(); //~ one, two\nb(|| {\n    //~^ three\n    //~^^ four\n});\n";
        let places = expected("p", text);
        let lines: Vec<(u32, &str)> = places.iter().map(|(_, line, rule)| (*line, rule.as_str())).collect();
        assert_eq!(lines, [(1, "one"), (1, "two"), (2, "three"), (2, "four")]);
    }

    #[test]
    fn split_fixtures_have_files_and_crates() {
        let path = crate::root().join("test-fixtures/dropped_join_handle/cross_crate.rs");
        let fixture = Fixture::read(&path);
        assert!(fixture.is_split() && fixture.enable.is_empty());
        let names: Vec<&str> = fixture.crates.iter().map(|krate| krate.name.as_str()).collect();
        assert_eq!(names, ["rt", "store", "app"]);
        let store = &fixture.crates[1];
        assert_eq!(store.root, "dropped_join_handle/cross_crate/store/src/lib.rs");
        let renamed = DependencyInput { name: "async_rt".to_owned(), real_name: "tokio".to_owned() };
        assert_eq!(store.dependencies, [renamed]);
        assert!(fixture.files.iter().any(|file| file.path.ends_with("/app/src/jobs.rs")));
    }
}
