//! From texts to findings, whole through the engine or step by step.

use crate::fixture::{Fixture, Place};
use cargo_spawnlint::{
    cache,
    engine::{Engine, Options, meanings},
    inventory::Listed,
    levels::{Level, Levels},
    lower::lower_with,
    project::{Cargo, Known, Project, discover, join},
    report::Report,
};
use spawnlint_analysis::{
    facts::FileSummary,
    questions::{LinkOptions, Owner, Program, Work},
    span::{Source, Sources},
};
use spawnlint_rules::{
    finding::Finding,
    rewrite::{keepers, rewrap},
    rules::RULES,
};
use std::{path::Path, sync::Arc};

/// The options of a fixture.
///
/// # Panics
/// If it switches on a rule that does not exist.
pub fn options(fixture: &Fixture) -> Options {
    let mut options = Options::new(RULES);
    options.levels = levels(&fixture.enable);
    options.jobs = 1;
    options
}

/// All rules at their levels, and `enable` at warn.
fn levels(enable: &[String]) -> Levels {
    let mut levels = Levels::new(RULES);
    for rule in enable {
        // A rule that is not there yet finds nothing, which the annotations tell.
        let _ = levels.set(rule, Level::Warn);
    }
    levels
}

/// The engine with a fixture in it.
///
/// # Panics
/// If the engine cannot start its threads.
pub fn engine(fixture: &Fixture, options: Options) -> Engine {
    Engine::from_texts(fixture.project(), fixture.texts(), options).expect("the engine starts")
}

/// What the engine says about a fixture.
pub fn check(fixture: &Fixture) -> Report {
    engine(fixture, options(fixture)).check()
}

/// What the engine says about a cargo workspace on disk.
///
/// # Panics
/// If cargo cannot describe it, or the engine cannot start its threads.
pub fn check_workspace(root: &Path, options: Options) -> Report {
    let program = std::env::var_os("CARGO").map_or_else(|| "cargo".into(), Into::into);
    let cargo = Cargo { program, cwd: root.to_owned(), target_dir: None };
    let project = discover(&cargo, &root.join("Cargo.toml"));
    assert!(project.problems.is_empty(), "cargo describes the workspace: {:?}", project.problems);
    Engine::open(project, options).expect("the engine starts").check()
}

/// Where the findings of a report begin, sorted.
pub fn places(report: &Report) -> Vec<Place> {
    let place = |finding: &Finding| {
        let source = report.sources.get(finding.at.file);
        (source.path.clone(), source.line_column(finding.at.range.start).0, finding.rule.to_owned())
    };
    let mut places: Vec<Place> = report.diagnostics.iter().map(|it| place(&it.finding)).collect();
    places.sort();
    places
}

/// Findings in words that do not depend on the order of files, sorted.
pub fn told(sources: &Sources, findings: &[Finding]) -> Vec<String> {
    let mut told: Vec<String> = findings.iter().map(|finding| tell(sources, finding)).collect();
    told.sort();
    told
}

/// The findings of a report in words.
pub fn told_by(report: &Report) -> Vec<String> {
    let findings: Vec<Finding> = report.diagnostics.iter().map(|it| it.finding.clone()).collect();
    told(&report.sources, &findings)
}

fn tell(sources: &Sources, finding: &Finding) -> String {
    let place = |span: spawnlint_analysis::span::Span| {
        let source = sources.get(span.file);
        let (line, column) = source.line_column(span.range.start);
        format!("{}:{line}:{column}", source.path)
    };
    let mut labels: Vec<String> = finding.labels.iter().map(|it| format!("{} {}", place(it.at), it.text)).collect();
    labels.sort();
    format!(
        "{} {}: {} ({}) {labels:?} {:?} {:?}",
        place(finding.at),
        finding.rule,
        finding.message,
        finding.label,
        finding.notes,
        finding.helps
    )
}

/// The tasks of a fixture with all that is known of them, as text.
///
/// # Panics
/// If a file belongs to no crate.
pub fn print_tasks(fixture: &Fixture) -> String {
    let order: Vec<usize> = (0..fixture.files.len()).collect();
    let (program, sources) = linked(fixture, &order);
    program.print_tasks(&sources)
}

/// The types of a fixture that own tasks, with what becomes of them, as text.
///
/// # Panics
/// If a file belongs to no crate.
pub fn print_owners(fixture: &Fixture) -> String {
    let order: Vec<usize> = (0..fixture.files.len()).collect();
    let (program, sources) = linked(fixture, &order);
    program.print_owners(&sources)
}

/// The inventory of a fixture as text: one line for each task.
///
/// # Panics
/// If the engine cannot start its threads.
pub fn print_inventory(fixture: &Fixture) -> String {
    let inventory = engine(fixture, options(fixture)).inventory();
    let line = |task: &Listed| {
        let entry = &task.entry;
        let (number, _) = inventory.report.sources.get(entry.site.file).line_column(entry.site.range.start);
        let work = match &entry.work {
            Work::Function(named) => named.name.clone(),
            Work::Block(_, call) => format!("block {}", call.as_ref().map_or("", |it| &it.name)),
            Work::Closure(_, call) => format!("closure {}", call.as_ref().map_or("", |it| &it.name)),
            Work::Wrapper(named) => format!("wrapper {}", named.name),
            Work::Other(text, _) => format!("other {text}"),
        };
        let owner = match &entry.owner {
            Owner::Field { owner, field, is_used } => format!("{owner}.{field} {is_used:?}"),
            Owner::Function(named) => format!("in {}", named.name),
            owner => format!("{owner:?}"),
        };
        let verdict = task.verdict.word();
        format!("{number} {}: {} | {owner} | {verdict}\n", entry.starter.name, work.trim_end())
    };
    inventory.tasks.iter().map(line).collect()
}

/// The sets of a fixture that grow with a loop, as text.
///
/// # Panics
/// If a file belongs to no crate.
pub fn print_sets(fixture: &Fixture) -> String {
    let order: Vec<usize> = (0..fixture.files.len()).collect();
    let (program, sources) = linked(fixture, &order);
    program.print_sets(&sources)
}

/// What the tasks of a fixture take along, with the ways to it, as text.
///
/// # Panics
/// If a file belongs to no crate.
pub fn print_taken(fixture: &Fixture) -> String {
    let order: Vec<usize> = (0..fixture.files.len()).collect();
    let (program, sources) = linked(fixture, &order);
    program.print_taken(&sources)
}

/// The guards of a fixture that are dropped as soon as they are made, as text.
///
/// # Panics
/// If a file belongs to no crate.
pub fn print_guards(fixture: &Fixture) -> String {
    let order: Vec<usize> = (0..fixture.files.len()).collect();
    let (program, sources) = linked(fixture, &order);
    program.print_guards(&sources)
}

/// The aborts of a fixture that end nothing, as text.
///
/// # Panics
/// If a file belongs to no crate.
pub fn print_aborts(fixture: &Fixture) -> String {
    let order: Vec<usize> = (0..fixture.files.len()).collect();
    let (program, sources) = linked(fixture, &order);
    program.print_aborts(&sources)
}

/// The tasks of a fixture with what changes if their handles are wrapped, as text.
///
/// # Panics
/// If a file belongs to no crate.
pub fn print_rewraps(fixture: &Fixture) -> String {
    let order: Vec<usize> = (0..fixture.files.len()).collect();
    let (program, sources) = linked(fixture, &order);
    rewrap::print_rewraps(&program, &sources)
}

/// The lost tasks of a fixture with who could keep them, as text.
///
/// # Panics
/// If a file belongs to no crate.
pub fn print_keepers(fixture: &Fixture) -> String {
    let order: Vec<usize> = (0..fixture.files.len()).collect();
    let (program, sources) = linked(fixture, &order);
    keepers::print_keepers(&program, &sources)
}

/// The long-lived spans of a fixture with what is opened below them, as text.
///
/// # Panics
/// If a file belongs to no crate.
pub fn print_spans(fixture: &Fixture) -> String {
    let order: Vec<usize> = (0..fixture.files.len()).collect();
    let (program, sources) = linked(fixture, &order);
    program.print_spans(&sources)
}

/// The program that a fixture is, and its texts.
///
/// # Panics
/// If a file belongs to no crate.
pub fn program(fixture: &Fixture) -> (Program, Sources) {
    let order: Vec<usize> = (0..fixture.files.len()).collect();
    linked(fixture, &order)
}

/// The steps of the engine, one by one, with the files in the given order.
///
/// # Panics
/// If a summary does not survive the cache's encoding, or a file belongs to no crate.
pub fn steps(fixture: &Fixture, order: &[usize]) -> Vec<String> {
    let (program, sources) = linked(fixture, order);
    let outcome = spawnlint_rules::check(&program, &levels(&fixture.enable).active());
    assert!(outcome.panics.is_empty(), "{}: {:?}", fixture.path.display(), outcome.panics);
    told(&sources, &outcome.findings)
}

fn linked(fixture: &Fixture, order: &[usize]) -> (Program, Sources) {
    let project: Project = fixture.project();
    let texts: Vec<(&Path, &str)> =
        order.iter().map(|at| &fixture.files[*at]).map(|file| (Path::new(&file.path), file.text.as_str())).collect();
    let mut sources = Sources::default();
    let mut summaries: Vec<FileSummary> = Vec::new();
    for (at, definitions) in order.iter().zip(meanings(&project, &texts)) {
        let file = &fixture.files[*at];
        sources.add(Source::new(file.path.clone(), file.text.clone()));
        let summary = lower_with(&file.text, &definitions).summary;
        let decoded = cache::decode(&cache::encode(&summary)).expect("what was encoded can be decoded");
        assert_eq!(summary, decoded, "{}: the cache changes the summary", file.path);
        summaries.push(decoded);
    }
    let paths: Vec<&Path> = order.iter().map(|at| Path::new(&fixture.files[*at].path)).collect();
    let borrowed: Vec<&FileSummary> = summaries.iter().collect();
    let joined = join(&project, Known { paths: &paths, summaries: &borrowed, aliases: &Default::default() });
    let lost = paths.iter().zip(&joined.is_reached).find(|(_, is_reached)| !**is_reached);
    assert!(lost.is_none(), "no `mod` leads to {lost:?}");
    let program = Program::link(summaries.into_iter().map(Arc::new).collect(), joined.graph, LinkOptions::default());
    (program, sources)
}
