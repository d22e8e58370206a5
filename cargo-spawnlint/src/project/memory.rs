//! Projects that are described rather than found, for tests and editors.

use super::{Package, PackageDependency, Project, Target};
use crate::report::Origin;
use spawnlint_analysis::crates::CrateKind;
use std::path::{Path, PathBuf};

/// A crate, in words of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrateInput {
    /// Name as code writes it.
    pub name: String,
    /// The package; crates of one package see its library without a row.
    pub package: String,
    /// What it builds.
    pub kind: CrateKind,
    /// Edition year.
    pub edition: u16,
    /// Path of the root file.
    pub root: String,
    /// What it depends on.
    pub dependencies: Vec<DependencyInput>,
}

/// A dependency under its name in code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DependencyInput {
    /// Name in code.
    pub name: String,
    /// Name of the real crate; if a library of the project has it, that one is meant.
    pub real_name: String,
}

impl Project {
    /// The project of these crates. Files come with [`Engine::from_texts`](crate::engine::Engine::from_texts).
    pub fn described(crates: &[CrateInput]) -> Project {
        let mut packages: Vec<Package> = Vec::new();
        for krate in crates {
            let target = target(krate);
            match packages.iter_mut().find(|package| package.name == krate.package) {
                Some(package) => package.targets.push(target),
                None => packages.push(package(krate, target)),
            }
        }
        let libs: Vec<Option<String>> = packages.iter().map(|it| it.lib().map(|lib| lib.name.clone())).collect();
        for krate in crates {
            let rows = krate.dependencies.iter().map(|it| PackageDependency {
                rename: Some(it.name.clone()),
                real_name: it.real_name.clone(),
                package: libs.iter().position(|lib| lib.as_ref() == Some(&it.real_name)),
                for_build: krate.kind == CrateKind::BuildScript,
                for_tests: matches!(krate.kind, CrateKind::Test | CrateKind::Example | CrateKind::Bench),
                asked: None,
            });
            let package = packages.iter_mut().find(|package| package.name == krate.package);
            package.expect("it was added above").dependencies.extend(rows);
        }
        Project { packages, ..Project::default() }
    }
}

fn package(krate: &CrateInput, target: Target) -> Package {
    let folder = Path::new(&krate.root).parent().unwrap_or(Path::new(""));
    let dir = if folder.ends_with("src") { folder.parent().unwrap_or(folder) } else { folder };
    Package {
        name: krate.package.clone(),
        version: "0.0.0".to_owned(),
        dir: dir.to_owned(),
        is_published: false,
        is_private: false,
        is_loaded: false,
        is_default: true,
        targets: vec![target],
        dependencies: Vec::new(),
    }
}

fn target(krate: &CrateInput) -> Target {
    let description = serde_json::json!({
        "kind": ["lib"], "crate_types": ["lib"], "name": krate.name, "src_path": krate.root,
        "edition": krate.edition.to_string(), "doc": true, "doctest": true, "test": true,
    });
    Target {
        name: krate.name.clone(),
        kind: krate.kind,
        edition: krate.edition,
        root: PathBuf::from(&krate.root),
        origin: Origin {
            package: Some(krate.package.clone()),
            package_id: format!("path+file:///{}#0.0.0", krate.package),
            manifest_path: "Cargo.toml".to_owned(),
            target: description,
        },
    }
}
