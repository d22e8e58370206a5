//! Writing what a new rule consists of: one file, one folder of fixtures, and two lines that register it.

use crate::{Group, name};
use anyhow::{Context, Result, ensure};
use std::{fs, path::Path};

/// The file that registers all rules.
const REGISTRY: &str = "rules/src/rules.rs";

/// Fixtures by file name.
const FIXTURES: [(&str, &str); 3] = [
    ("leaks.rs", include_str!("templates/leaks.rs.txt")),
    ("sound.rs", include_str!("templates/sound.rs.txt")),
    ("cross_crate.rs", include_str!("templates/cross_crate.rs.txt")),
];

/// Writes the files of a rule into the repository at `root`, and gives their paths from there.
pub(crate) fn lay_down(root: &Path, name: &str, group: Group) -> Result<Vec<String>> {
    name::check(name)?;
    let folder = format!("test-fixtures/{name}");
    let mut new =
        vec![(format!("rules/src/rules/{name}.rs"), fill(include_str!("templates/rule.rs.txt"), name, group))];
    new.extend(FIXTURES.map(|(file, template)| (format!("{folder}/{file}"), fill(template, name, group))));
    for path in new.iter().map(|(path, _)| path).chain([&folder]) {
        ensure!(!root.join(path).exists(), "{path} already exists");
    }
    let registry = fs::read_to_string(root.join(REGISTRY)).context(REGISTRY)?;
    let registered = with_rule(&registry, name).with_context(|| format!("{REGISTRY} is not as expected"))?;
    fs::create_dir(root.join(&folder)).with_context(|| folder.clone())?;
    new.push((REGISTRY.to_owned(), registered));
    for (path, text) in &new {
        fs::write(root.join(path), text).with_context(|| path.clone())?;
    }
    Ok(new.into_iter().map(|(path, _)| path).collect())
}

/// A template with its gaps filled in.
fn fill(template: &str, name: &str, group: Group) -> String {
    let is_audit = group == Group::Audit;
    let is_off = matches!(group, Group::Ownership | Group::Audit);
    let enable = if is_off { format!("//! enable: {name}\n") } else { String::new() };
    // An inventory lists what may be sound, so it proposes nothing.
    let rewrites = if is_audit { "" } else { "        finding.rewrites.extend(it.keepers(RULE.name));\n" };
    template
        .replace("{enable}\n", &enable)
        .replace("{rewrites}\n", rewrites)
        .replace("{group}", &format!("{group:?}"))
        .replace("{name}", name)
}

/// The registry with two more lines: the module in its place, the entry behind the last one.
fn with_rule(registry: &str, name: &str) -> Result<String> {
    let mut lines: Vec<String> = registry.lines().map(str::to_owned).collect();
    let module = format!("mod {name};");
    let modules = lines.iter().enumerate().filter(|(_, line)| line.starts_with("mod ") && line.ends_with(';'));
    let (last, _) = modules.clone().next_back().context("no `mod` found")?;
    let after = modules.clone().find(|(_, line)| **line > module).map_or(last + 1, |(at, _)| at);
    lines.insert(after, module);
    let head = lines.iter().position(|line| line.starts_with("pub static RULES:")).context("no `RULES` found")?;
    let length = lines[head..].iter().position(|line| line == "];").context("`RULES` has no end")?;
    lines.insert(head + length, format!("    &{name}::RULE,"));
    Ok(lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use spawnlint_rules::rules::RULES;
    use spawnlint_tests::{
        copy_folder,
        fixture::{Fixture, entries},
        root,
    };
    use std::{
        collections::BTreeSet,
        env,
        fs::File,
        path::PathBuf,
        process::{Command, Output},
    };

    /// A folder with what a rule is laid down in: the crate `rules`, and no fixtures.
    fn copy_into(folder: &Path) {
        copy_folder(&root().join("rules"), &folder.join("rules"));
        fs::create_dir(folder.join("test-fixtures")).unwrap();
    }

    /// All files below a folder, with their texts.
    fn texts(folder: &Path) -> BTreeSet<(PathBuf, String)> {
        let mut found = BTreeSet::new();
        for path in entries(folder) {
            if path.is_dir() {
                found.extend(texts(&path));
            } else {
                let text = fs::read_to_string(&path).unwrap();
                found.insert((path, text));
            }
        }
        found
    }

    /// The lines of a text that another one lacks.
    fn added(old: &str, new: &str) -> Vec<String> {
        let mut old = old.lines().peekable();
        let is_new = |line: &&str| old.next_if(|it| it == line).is_none();
        let lines = new.lines().filter(is_new).map(str::to_owned).collect();
        assert_eq!(old.next(), None, "a line is gone");
        lines
    }

    #[test]
    fn a_rule_is_one_file_one_folder_and_two_lines() {
        let folder = tempfile::tempdir().unwrap();
        copy_into(folder.path());
        let old = fs::read_to_string(folder.path().join(REGISTRY)).unwrap();
        let written = lay_down(folder.path(), "leaked_interval", Group::Leak).unwrap();
        let wanted = ["rules/src/rules/leaked_interval.rs", "test-fixtures/leaked_interval/leaks.rs"];
        assert_eq!(written[..2], wanted);
        assert_eq!(written.len(), 5);
        let new = fs::read_to_string(folder.path().join(REGISTRY)).unwrap();
        assert_eq!(added(&old, &new), ["mod leaked_interval;", "    &leaked_interval::RULE,"]);
        let modules: Vec<&str> = new.lines().filter(|line| line.starts_with("mod ")).collect();
        assert!(modules.is_sorted(), "{modules:?}");
    }

    #[test]
    fn the_first_and_the_last_module_have_their_places() {
        let old = "mod b_c;\nmod b_d;\n\npub static RULES: &[&Rule] = &[\n    &b_c::RULE,\n];\npub static STORY: A = &[\n];\n";
        assert!(with_rule(old, "a_b").unwrap().starts_with("mod a_b;\nmod b_c;\n"));
        let new = with_rule(old, "z_y").unwrap();
        assert!(new.starts_with("mod b_c;\nmod b_d;\nmod z_y;\n\n"), "{new}");
        assert!(new.contains("    &b_c::RULE,\n    &z_y::RULE,\n];\npub static STORY"), "{new}");
        assert_eq!(with_rule("mod a;\n", "z_y").unwrap_err().to_string(), "no `RULES` found");
    }

    #[test]
    fn nothing_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        copy_into(folder.path());
        lay_down(folder.path(), "leaked_interval", Group::Leak).unwrap();
        let before = texts(folder.path());
        let said = lay_down(folder.path(), "leaked_interval", Group::Audit).unwrap_err().to_string();
        assert_eq!(said, "rules/src/rules/leaked_interval.rs already exists");
        fs::remove_file(folder.path().join("rules/src/rules/leaked_interval.rs")).unwrap();
        fs::remove_dir_all(folder.path().join("test-fixtures/leaked_interval")).unwrap();
        fs::create_dir(folder.path().join("test-fixtures/leaked_interval")).unwrap();
        let said = lay_down(folder.path(), "leaked_interval", Group::Leak).unwrap_err().to_string();
        assert_eq!(said, "test-fixtures/leaked_interval already exists");
        lay_down(folder.path(), "LeakedInterval", Group::Leak).unwrap_err();
        let kept = before.iter().filter(|(path, _)| !path.to_string_lossy().contains("leaked_interval"));
        assert!(kept.eq(&texts(folder.path())), "something was written");
    }

    #[test]
    fn the_templates_are_fixtures_that_ask_for_nothing_yet() {
        let folder = tempfile::tempdir().unwrap();
        copy_into(folder.path());
        lay_down(folder.path(), "leaked_interval", Group::Leak).unwrap();
        lay_down(folder.path(), "listed_interval", Group::Audit).unwrap();
        for (name, enabled) in [("leaked_interval", None), ("listed_interval", Some("listed_interval"))] {
            for path in entries(&folder.path().join("test-fixtures").join(name)) {
                let fixture = Fixture::read(&path);
                assert_eq!(fixture.enable.first().map(String::as_str), enabled, "{}", path.display());
                assert!(fixture.expected().is_empty(), "{}", path.display());
                assert_eq!(fixture.is_split(), fixture.name == "cross_crate", "{}", path.display());
            }
        }
    }

    /// Runs cargo on the copy, with builds kept for the next time.
    fn cargo_check(folder: &Path, target: &Path) -> Output {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let arguments = ["check", "--quiet", "--offline", "--package", "spawnlint-rules", "--target-dir"];
        Command::new(cargo).args(arguments).arg(target).current_dir(folder).output().unwrap()
    }

    /// The copy has a place of its own beside what this test was built from, so that cargo knows it again.
    #[test]
    fn what_is_laid_down_compiles_without_a_warning() {
        let executable = env::current_exe().unwrap();
        let place = executable.ancestors().nth(3).unwrap().join("new_rule");
        fs::create_dir_all(&place).unwrap();
        let lock = File::create(place.join("lock")).unwrap();
        lock.lock().unwrap();
        let folder = place.join("copy");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        copy_into(&folder);
        // The crate in a workspace of its own, which takes the analysis from this one.
        let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
        let (before, members) = manifest.split_once("members = [").unwrap();
        let (_, after) = members.split_once(']').unwrap();
        let analysis = format!("path = {:?}", root().join("analysis"));
        let manifest = format!("{before}members = [\"rules\"]{after}").replace("path = \"analysis\"", &analysis);
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        lay_down(&folder, "leaked_interval", Group::Leak).unwrap();
        lay_down(&folder, "listed_interval", Group::Audit).unwrap();
        let output = cargo_check(&folder, &place.join("target"));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{said}");
    }

    #[test]
    fn the_page_has_the_sections_of_all_pages() {
        let sections = |text: &str, mark: &str| -> Vec<String> {
            text.lines().filter_map(|line| line.trim_start().strip_prefix(mark)).map(str::to_owned).collect()
        };
        let template = fill(include_str!("templates/rule.rs.txt"), "leaked_interval", Group::Waste);
        assert_eq!(sections(&template, "/// ## "), sections(RULES[0].page, "## "));
        assert!(template.contains("    leaked_interval, Waste\n"), "{template}");
        assert!(!template.contains("{name}") && !template.contains("{group}") && !template.contains("{rewrites}"));
    }
}
