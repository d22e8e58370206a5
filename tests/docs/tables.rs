//! Tables that people keep by hand, compared with what they speak of.

use spawnlint_rules::rules::{RULES, STORY};
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
    let text = crate::read("docs/architecture.md");
    let section = text.split("\n## ").find(|it| it.starts_with("Dependencies\n")).expect("a section on dependencies");
    let told: BTreeSet<String> = section
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .flat_map(|line| line.split(" | ").next().unwrap_or_default().split('`').step_by(2).map(str::to_owned))
        .filter(|name| !name.is_empty())
        .collect();
    let mut used = dependencies("cargo-spawnlint/Cargo.toml");
    used.extend(dependencies("rules/Cargo.toml"));
    used.remove("spawnlint-rules");
    assert_eq!(told, used);
}

#[test]
fn the_readme_tells_the_exit_codes() {
    let readme = crate::read("README.md");
    let codes: Vec<u8> = readme
        .lines()
        .skip_while(|line| !line.starts_with("| exit code |"))
        .skip(2)
        .map_while(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok())
        .collect();
    use cargo_spawnlint::Exit::{Clean, Findings, Incomplete, Usage};
    assert_eq!(codes, [Clean, Findings, Usage, Incomplete].map(|exit| exit as u8));
}

/// The rules that begin the rows of a table, given by its head.
fn rules_of_table(text: &str, head: &str) -> Vec<String> {
    let rows = text.lines().skip_while(|line| *line != head).skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.split('`').nth(1).unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_order_of_the_story_is_told() {
    let text = crate::read("docs/architecture.md");
    let order = rules_of_table(&text, "| rule | it says of the task | and so it comes before what follows |");
    assert_eq!(order, STORY);
    let beside: BTreeSet<String> = rules_of_table(&text, "| rule | its story |").into_iter().collect();
    let others = RULES.iter().map(|rule| rule.name).filter(|rule| !STORY.contains(rule));
    assert_eq!(beside, others.map(str::to_owned).collect());
}
