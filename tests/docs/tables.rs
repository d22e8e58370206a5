//! Tables that people keep by hand, compared with what they speak of.

use spawnlint_rules::rules::STORY;
use std::collections::BTreeSet;

/// The dependencies that a manifest names, for all systems or for some; those of tests left out.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let text = crate::read(manifest);
    let mut is_inside = false;
    let mut names = BTreeSet::new();
    for line in text.lines() {
        if line.starts_with('[') {
            is_inside = line == "[dependencies]" || line.ends_with(".dependencies]");
        } else if is_inside {
            names.extend(line.split(['.', ' ']).next().filter(|name| !name.is_empty()).map(str::to_owned));
        }
    }
    names
}

#[test]
fn every_dependency_has_its_reason() {
    let text = crate::read("docs/decisions.md");
    let section = text.split("\n## ").find(|it| it.starts_with("Dependencies\n")).expect("a section on dependencies");
    let told: BTreeSet<String> = section
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .flat_map(|line| line.split(" | ").next().unwrap_or_default().split('`').step_by(2).map(str::to_owned))
        .filter(|name| !name.is_empty())
        .collect();
    let manifests = ["analysis/Cargo.toml", "rules/Cargo.toml", "cargo-spawnlint/Cargo.toml"];
    let mut used: BTreeSet<String> = manifests.into_iter().flat_map(dependencies).collect();
    used.retain(|name| !name.starts_with("spawnlint-"));
    assert_eq!(told, used);
}

#[test]
fn every_layer_is_on_the_map() {
    let map = crate::read("docs/architecture.md");
    let told = first_cells(&map, "| layer | what it answers | what it asks |");
    let library = crate::read("analysis/src/lib.rs");
    let modules = library.lines().filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod "));
    let there: BTreeSet<String> = modules.map(|line| line.trim_end_matches(';').to_owned()).collect();
    assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), there);
}

#[test]
fn the_exit_codes_are_documented() {
    let page = crate::read("docs/ci.md");
    let codes: Vec<u8> = page
        .lines()
        .skip_while(|line| !line.starts_with("| exit code |"))
        .skip(2)
        .map_while(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok())
        .collect();
    use cargo_spawnlint::Exit::{Clean, Findings, Incomplete, Usage};
    assert_eq!(codes, [Clean, Findings, Usage, Incomplete].map(|exit| exit as u8));
}

/// What is quoted first in the rows of a table, given by its head.
fn first_cells(text: &str, head: &str) -> Vec<String> {
    let rows = text.lines().skip_while(|line| *line != head).skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.split('`').nth(1).unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_order_of_the_story_is_told() {
    let text = crate::read("docs/decisions.md");
    let order = first_cells(&text, "| rule | what it says about the task | why it comes before the rules below |");
    assert_eq!(order, STORY);
}
