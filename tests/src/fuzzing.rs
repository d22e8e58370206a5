//! What the fuzzers do with their input. `tests/fuzz` hands each of these to libFuzzer; the tests here run them over the
//! seeds and over what once went wrong, so that neither needs a nightly compiler.
//!
//! A target panics if the program does what it never may: that is what a fuzzer looks for.

mod program;
mod report;
mod seeds;

pub use program::files;
pub use report::formats;
pub use seeds::seeds;

use arbitrary::Unstructured;
use cargo_spawnlint::{
    baseline::{self, Sight},
    cache,
    changed::Changed,
    config::{Config, show},
    engine::{Engine, Options},
    fingerprint::Fingerprint,
    git::{blobs, differences, index},
    levels::{Level, Levels},
    lower::{Lowered, lower},
    project::{CrateInput, DependencyInput, Project},
    report::Report,
    select::Selection,
};
use spawnlint_analysis::{crates::CrateKind, span::TextRange};
use spawnlint_rules::rules::RULES;
use std::{path::Path, time::Duration};

/// A target by its name, which is also that of its file in `tests/fuzz/fuzz_targets`.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: &[Target] = &[
    ("lower", text),
    ("link", link),
    ("config", config),
    ("baseline", known),
    ("changes", changes),
    ("suppressions", suppressions),
    ("formats", formats),
];

/// The text of a file.
///
/// # Panics
/// If it is read wrongly.
pub fn text(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Lowered { summary, errors, old } = lower(&text);
    let is_in_text = |range: TextRange| text.get(range.start as usize..range.end as usize).is_some();
    assert!(summary.expr_ranges.iter().all(|range| is_in_text(*range)), "an expression stands outside of its text");
    assert!(summary.functions.iter().all(|it| is_in_text(it.range)), "a function stands outside of its text");
    for error in errors.iter().chain(old.iter().map(|it| &it.error)) {
        assert!(is_in_text(error.range), "{error:?} stands outside of its text");
        assert!(!error.message.contains("bug of"), "{error:?}");
        assert!(!error.message.contains('\n'), "{error:?}");
    }
    let decoded = cache::decode(&cache::encode(&summary)).expect("what was encoded can be decoded");
    assert_eq!(summary, decoded, "the cache changes the summary");
}

/// A program out of a grammar of the ways in which tasks are started, kept and lost.
///
/// # Panics
/// If it does not parse, or the program fails on it.
pub fn link(data: &[u8]) {
    let Ok(files) = program::files(&mut Unstructured::new(data)) else { return };
    for (path, text) in &files {
        let errors = lower(text).errors;
        assert!(errors.is_empty(), "{path}: {errors:?}\n{text}");
    }
    checked(files);
}

/// The report of a program with one crate for each folder, all rules being on.
fn checked(files: Vec<(String, String)>) -> Report {
    let mut options = Options::new(RULES);
    options.jobs = 1;
    options.levels = levels();
    options.selection = Selection::default();
    let mut engine = Engine::from_texts(project(&files), files, options).expect("the engine starts");
    let report = engine.inventory().report;
    for problem in &report.problems {
        assert!(!problem.help.as_ref().is_some_and(|help| help.contains("this is a bug")), "{problem:?}");
    }
    report
}

fn levels() -> Levels {
    let mut levels = Levels::new(RULES);
    levels.set("all", Level::Warn).expect("`all` is a group");
    levels
}

fn project(files: &[(String, String)]) -> Project {
    let roots = files.iter().filter(|(path, _)| path.ends_with("lib.rs") || path.ends_with("main.rs"));
    let crates: Vec<CrateInput> = roots
        .map(|(path, _)| {
            let name = path.split('/').next().unwrap_or_default().to_owned();
            let kind = if path.ends_with("main.rs") { CrateKind::Bin } else { CrateKind::Lib };
            let known = ["a", "tokio", "tokio_util", "futures"].into_iter().filter(|it| *it != name);
            let known = known.map(|it| DependencyInput { name: it.to_owned(), real_name: it.to_owned() });
            let dependencies = known.collect();
            CrateInput { package: name.clone(), name, kind, edition: 2024, root: path.clone(), dependencies }
        })
        .collect();
    Project::described(&crates)
}

/// The text of a `spawnlint.toml`.
///
/// # Panics
/// If it is read wrongly.
pub fn config(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let folder = Path::new("/work");
    let config = match Config::of_text(RULES, folder, &text) {
        Ok(config) => config,
        Err(error) => {
            assert!(error.to_string().starts_with("spawnlint.toml"), "{error}");
            return;
        }
    };
    let file = folder.join("src/lib.rs");
    let held = config.for_file(&file, None);
    let mut levels = Levels::new(RULES);
    for (name, level) in &held.levels {
        levels.set(name, *level).expect("names were checked");
    }
    config.extra();
    let shown = show(&config, &levels, Duration::from_secs(60), &file, None, &|path| path.display().to_string());
    assert!(!shown.contains(report::steers), "{shown:?}");
    // What is shown is a configuration itself, and says the same.
    let again = Config::of_text(RULES, folder, &shown);
    let again = again.unwrap_or_else(|error| panic!("what is shown cannot be read: {error}\n{shown}"));
    let held_again = again.for_file(&file, None);
    assert_eq!(held.require_reason, held_again.require_reason);
    let is_same = |rule: &&&spawnlint_rules::rule::Rule| {
        let mut levels_again = Levels::new(RULES);
        for (name, level) in &held_again.levels {
            levels_again.set(name, *level).expect("names were checked");
        }
        levels.of(rule.name) == levels_again.of(rule.name)
    };
    assert!(RULES.iter().all(|rule| is_same(&rule)), "other levels are shown than hold\n{shown}");
}

/// The text of a baseline.
///
/// # Panics
/// If it is read, compared or written wrongly.
pub fn known(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(known) = baseline::read(&text) else { return };
    let again = baseline::read(&known.to_string()).expect("what was written can be read");
    assert_eq!(known, again, "a baseline changes when it is written");
    let rule = RULES[0].name;
    let findings: Vec<Fingerprint> = known
        .entries()
        .iter()
        .enumerate()
        .filter(|(at, _)| at % 3 != 1)
        .map(|(at, entry)| Fingerprint {
            file: if at % 2 == 0 { entry.file.clone() } else { "elsewhere.rs".to_owned() },
            rule: RULES.iter().map(|it| it.name).find(|name| **name == entry.rule).unwrap_or(rule),
            item: entry.item.clone(),
            snippet: entry.snippet.clone(),
            ..Fingerprint::default()
        })
        .collect();
    let sight = |path: &str| match path.len() % 4 {
        0 => Sight::Checked,
        1 => Sight::Unseen,
        2 => Sight::Gone,
        _ => Sight::GoneUnseen,
    };
    let compared = known.compare(&findings, |at| at % 5 == 0, sight, |_, _| true);
    assert_eq!(compared.is_known.len(), findings.len());
    let again = compared.pruned.compare(&findings, |at| at % 5 == 0, sight, |_, _| true);
    assert_eq!(compared.is_known, again.is_known, "a pruned baseline knows something else");
}

/// What git prints, and a text as it was committed, as it is staged and as it is on disk, with zeros between.
///
/// # Panics
/// If it is read wrongly.
pub fn changes(data: &[u8]) {
    for difference in differences::parse(data).into_iter().flatten() {
        assert!(!difference.path.contains(&0), "{difference:?}");
    }
    for entry in index::parse(data).into_iter().flatten() {
        assert!(!entry.path.contains(&0), "{entry:?}");
    }
    blobs::parse(data);
    let mut texts = data.splitn(3, |byte| *byte == 0);
    let mut next = || texts.next().unwrap_or_default();
    let (old, staged, now) = (next(), next(), next());
    let file = Path::new("/work/a.rs");
    let of_texts = |old, staged, now| Changed::of_texts(file.to_owned(), old, staged, now);
    let lines = now.split(|byte| *byte == b'\n').count() as u32;
    let changed = of_texts(old, staged, now);
    assert!(!changed.touches(file, lines + 2, u32::MAX), "a line that is not there changed");
    assert!(!changed.touches(Path::new("/work/b.rs"), 1, u32::MAX), "a change reaches another file");
    assert!(!of_texts(now, now, now).touches(file, 0, u32::MAX), "a text differs from itself");
    assert!(!of_texts(old, old, now).touches(file, 0, u32::MAX), "what is not staged counts");
    let is_new = of_texts(b"", now, now);
    let all = if now.ends_with(b"\n") { lines - 1 } else { lines };
    assert!(now.is_empty() || (1..=all).all(|line| is_new.touches(file, line, line)), "a new line did not change");
}

/// Comments that speak to the linter, in the places where they may stand.
///
/// # Panics
/// If a comment keeps the code from being read, or the program fails on it.
pub fn suppressions(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.lines();
    let mut next = || {
        let line = lines.next().unwrap_or_default();
        // What would end the comment, or be no text of a comment.
        line.replace(['*', '\r'], "")
    };
    let text = format!(
        "//! spawnlint:{}\nuse std::time::Duration;\n// spawnlint:{}\npub fn a() {{\n    /* spawnlint:{} */\n    \
         tokio::spawn(async {{ loop {{ tick().await }} }}); // spawnlint:{}\n}}\n\nimpl S {{\n    //! spawnlint:{}\n    \
         // spawnlint:{}\n    #[inline]\n    fn b(&mut self) {{\n        //spawnlint:{}\n        match c {{\n            \
         // spawnlint:{}\n            _ => tokio::spawn(d()), // {}\n        }};\n    }}\n}}\n// spawnlint:{}\n",
        next(),
        next(),
        next(),
        next(),
        next(),
        next(),
        next(),
        next(),
        next(),
        next(),
    );
    let errors = lower(&text).errors;
    assert!(errors.is_empty(), "{errors:?}\n{text}");
    let report = checked(vec![("a/src/lib.rs".to_owned(), text)]);
    let source = report.sources.get(spawnlint_analysis::span::FileId(0));
    for it in &report.diagnostics {
        let range = it.finding.at.range;
        assert!(source.text.get(range.start as usize..range.end as usize).is_some(), "{:?}", it.finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// Runs a target over its seeds, over texts cut short, and over what once went wrong.
    fn run(name: &str) {
        let (_, target) = TARGETS.iter().find(|(it, _)| *it == name).expect("there is such a target");
        let seeds = seeds(name);
        assert!(seeds.len() >= 4, "{name} has {} seeds", seeds.len());
        for seed in &seeds {
            target(seed);
            target(&seed[..seed.len() / 2]);
        }
        let folder = crate::root().join("tests/fuzz/regressions").join(name);
        let past = if folder.is_dir() { crate::fixture::entries(&folder) } else { Vec::new() };
        for path in past {
            target(&fs::read(&path).expect("the file can be read"));
        }
    }

    #[test]
    fn every_target_has_a_fuzzer() {
        let folder = crate::root().join("tests/fuzz/fuzz_targets");
        let manifest = fs::read_to_string(crate::root().join("tests/fuzz/Cargo.toml")).unwrap();
        for (name, _) in TARGETS {
            assert!(folder.join(format!("{name}.rs")).is_file(), "{name}");
            assert!(manifest.contains(&format!("fuzz_targets/{name}.rs")), "{name}");
        }
        assert_eq!(fs::read_dir(folder).unwrap().count(), TARGETS.len());
    }

    #[test]
    fn lower_takes_its_seeds() {
        run("lower");
    }

    #[test]
    fn link_takes_its_seeds() {
        run("link");
    }

    #[test]
    fn config_takes_its_seeds() {
        run("config");
    }

    #[test]
    fn baseline_takes_its_seeds() {
        run("baseline");
    }

    #[test]
    fn changes_take_their_seeds() {
        run("changes");
    }

    #[test]
    fn suppressions_take_their_seeds() {
        run("suppressions");
    }

    #[test]
    fn formats_take_their_seeds() {
        run("formats");
    }

    #[test]
    fn programs_of_the_grammar_have_findings() {
        let mut rules = std::collections::BTreeSet::new();
        for seed in seeds("link") {
            let Ok(files) = program::files(&mut Unstructured::new(&seed)) else { continue };
            rules.extend(checked(files).diagnostics.iter().map(|it| it.finding.rule));
        }
        // Otherwise the fuzzer would look at nothing but the parser.
        assert!(rules.len() >= 8, "{rules:?}");
    }
}
