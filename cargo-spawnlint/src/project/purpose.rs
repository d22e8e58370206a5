//! Which packages of a workspace are there for its tests.

use super::{Package, Project};
use spawnlint_analysis::crates::CrateKind;
use std::path::{Component, Path};

/// What a package is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Anything.
    Any,
    /// A library that starts programs of the workspace for its own tests: what it calls does not show how often others
    /// call that.
    Harness,
    /// Nothing but tests use it: it is test code itself.
    Support,
}

/// The purpose of each package.
pub(super) fn purposes(project: &Project) -> Vec<Purpose> {
    let mut found = vec![Purpose::Any; project.packages.len()];
    loop {
        let next: Vec<Purpose> = (0..found.len())
            .map(|at| if found[at] == Purpose::Any { purpose(project, &found, at) } else { found[at] })
            .collect();
        if next == found {
            return found;
        }
        found = next;
    }
}

/// The purpose of a package, as far as those of its users are known.
fn purpose(project: &Project, known: &[Purpose], at: usize) -> Purpose {
    let package = &project.packages[at];
    if package.is_published {
        return Purpose::Any;
    }
    let users = || uses_of(project, at);
    let is_for_others = users().any(|(user, is_in_tests)| !is_in_tests && known[user] == Purpose::Any);
    if is_for_others {
        return Purpose::Any;
    }
    if stands_among_tests(&project.root, &package.dir) {
        return Purpose::Support;
    }
    // Of a program, or what other languages load, the users are elsewhere.
    if has(package, CrateKind::Bin) || package.is_loaded || package.lib().is_none() {
        return Purpose::Any;
    }
    match users().next() {
        Some(_) if package.is_private || is_named_for_tests(&package.name) => Purpose::Support,
        None if !has(package, CrateKind::Test) => Purpose::Any,
        _ if starts_programs(project, package) => Purpose::Harness,
        _ => Purpose::Any,
    }
}

/// The packages that use another one, and whether only their tests do.
fn uses_of(project: &Project, at: usize) -> impl Iterator<Item = (usize, bool)> {
    let users = project.packages.iter().enumerate().filter(move |(user, _)| *user != at);
    users.flat_map(move |(user, package)| {
        let rows = package.dependencies.iter().filter(move |row| row.package == Some(at));
        rows.map(move |row| (user, row.for_tests))
    })
}

/// Whether a package depends on one whose library is there for a program of its own.
fn starts_programs(project: &Project, package: &Package) -> bool {
    let used = package.dependencies.iter().filter(|row| !row.for_tests && !row.for_build).filter_map(|row| row.package);
    used.map(|at| &project.packages[at]).any(|used| has(used, CrateKind::Bin))
}

fn has(package: &Package, kind: CrateKind) -> bool {
    package.targets.iter().any(|target| target.kind == kind)
}

/// Whether a folder stands where cargo has tests: `tests/simulation`.
fn stands_among_tests(root: &Path, dir: &Path) -> bool {
    let below = dir.strip_prefix(root).unwrap_or(Path::new(""));
    below.components().any(|it| matches!(it, Component::Normal(name) if name == "tests" || name == "benches"))
}

/// Whether a package is called what crates for tests are called: `test-helpers`, `db_testing`.
fn is_named_for_tests(name: &str) -> bool {
    name.split(['-', '_']).any(|word| word.starts_with("test") || word == "mock" || word == "mocks")
}
