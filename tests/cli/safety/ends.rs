//! Texts that made questions run for ever.

use crate::support::Folder;
use cargo_spawnlint::{
    Exit,
    engine::{Engine, Options},
    inventory::Inventory,
    output::{Color, Detail, closing_line, tasks},
    project::Project,
};
use spawnlint_analysis::questions::{Bounds, OpenReason, Verdict};
use spawnlint_rules::rules::RULES;
use spawnlint_tests::shapes::{SHAPES, Shape};

/// As little as a test can wait for without optimisation.
const TIGHT: Bounds = Bounds { question: 60_000, run: 600_000, expression: 0 };

fn inventory(text: &str, bounds: Bounds, jobs: usize) -> Inventory {
    let mut options = Options::new(RULES);
    RULES.iter().for_each(|rule| options.levels.set(rule.name, cargo_spawnlint::levels::Level::Warn).unwrap());
    options.link.bounds = bounds;
    options.jobs = jobs;
    let files = vec![("main.rs".to_owned(), text.to_owned())];
    Engine::from_texts(Project::default(), files, options).unwrap().inventory()
}

fn listed(inventory: &Inventory) -> String {
    let mut out = Vec::new();
    tasks::human::write(inventory, Color::Plain, Detail::Brief, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn shape(name: &str) -> &'static Shape {
    SHAPES.iter().find(|it| it.name == name).unwrap()
}

#[test]
fn every_shape_ends_within_its_steps_and_tells_what_it_gave_up() {
    for shape in SHAPES {
        let found = inventory(&(shape.text)(shape.bad), TIGHT, 1);
        assert_eq!(found.report.problems, [], "{}", shape.name);
        let given_up = &found.report.given_up;
        assert!(given_up.largest <= TIGHT.question, "{}: {given_up:?}", shape.name);
        // The question in which the last step is taken may be inside of another.
        assert!(given_up.steps <= TIGHT.run + TIGHT.question, "{}: {given_up:?}", shape.name);
        assert!(!given_up.is_empty() || !shape.explodes, "{}: {given_up:?}", shape.name);
        tells(shape.name, &found);
    }
}

fn tells(name: &str, found: &Inventory) {
    let census = &found.report.census;
    let given_up = found.tasks.iter().filter(|it| it.entry.gave_up);
    assert_eq!(census.given_up, given_up.clone().count(), "{name}");
    let (tasks, others) = (census.given_up, census.given_up_elsewhere);
    let closing_line = closing_line(&found.report);
    assert_eq!(closing_line.contains(&format!("gave up on {tasks} task")), tasks > 0, "{name}: {closing_line}");
    assert_eq!(closing_line.contains(&format!(" {others} other question")), others > 0, "{name}: {closing_line}");
    assert_eq!(closing_line.ends_with(": too much work"), tasks + others > 0, "{name}: {closing_line}");
    assert_eq!(listed(found).contains(OpenReason::GaveUp.words()), tasks > 0, "{name}");
    for task in given_up {
        assert!(matches!(task.verdict, Verdict::Unknown | Verdict::Leaks), "{name}");
        assert!(task.entry.causes().iter().any(|cause| cause.why == OpenReason::GaveUp.words()), "{name}");
    }
}

#[test]
fn a_leak_next_to_it_is_still_found() {
    let hostile = (shape("handle_ref").text)(20);
    let text = format!("{hostile}pub fn other() {{ tokio::spawn(async {{ loop {{ work().await; }} }}); }}\n");
    let found = inventory(&text, TIGHT, 1);
    let other = found.tasks.iter().find(|task| task.entry.starter.name == "other").unwrap();
    assert!(!other.entry.gave_up);
    assert_eq!(other.verdict, Verdict::Leaks);
}

#[test]
fn nothing_half_done_is_remembered() {
    // The second task asks what the first one asked, after it was given up.
    let text = "pub struct A { b: B } pub struct B { a: Box<A>, t: tokio::task::JoinHandle<()> }
impl Drop for B { fn drop(&mut self) { self.t.abort(); } }
pub fn go() -> A { A { b: B { a: todo!(), t: tokio::spawn(async { loop { work().await; } }) } } }
";
    let whole = listed(&inventory(text, Bounds::default(), 1));
    for question in 1..400 {
        let found = inventory(text, Bounds { question, ..Bounds::default() }, 1);
        if found.report.given_up.is_empty() {
            assert_eq!(listed(&found), whole);
        } else {
            assert!(found.tasks.iter().all(|it| it.entry.gave_up || it.verdict == Verdict::Held), "{question}");
        }
    }
}

#[test]
fn the_same_text_has_the_same_answers() {
    for name in ["assign_loop", "globs_cross", "store_cycle", "callers_fanin_handle"] {
        let text = (shape(name).text)(shape(name).bad);
        let [first, second, third] = [1, 1, 4].map(|jobs| inventory(&text, TIGHT, jobs));
        for other in [second, third] {
            assert_eq!(first.report.given_up, other.report.given_up, "{name}");
            assert_eq!(listed(&first), listed(&other), "{name}");
            assert_eq!(format!("{:?}", first.report.diagnostics), format!("{:?}", other.report.diagnostics), "{name}");
        }
    }
}

#[test]
fn the_program_gives_up_by_itself() {
    let folder = Folder::package(&[("src/lib.rs", &(shape("aliases_twice").text)(30))]);
    let check = folder.run(&["--no-cache"]);
    assert_eq!(check.exit, Exit::Clean, "{}", check.stderr);
    assert!(check.stderr.contains("; gave up on 1 task: too much work"), "{}", check.stderr);
    let tasks = folder.run(&["tasks", "--no-cache", "--format", "json"]);
    assert!(tasks.stdout.contains(OpenReason::GaveUp.words()), "{}", tasks.stdout);
    assert!(tasks.stderr.contains("listed 1 task; gave up on 1 task: too much work"), "{}", tasks.stderr);
}

#[test]
fn a_suppression_is_not_called_unused_where_a_rule_gave_up() {
    let hostile = (shape("assign_loop").text)(200);
    let text = hostile.replacen("if c()", "// spawnlint: allow(detached_by_await)\nif c()", 1);
    let found = inventory(&text, TIGHT, 1);
    assert!(!found.report.given_up.is_empty());
    let rules: Vec<&str> = found.report.diagnostics.iter().map(|it| it.finding.rule).collect();
    assert!(!rules.iter().any(|rule| rule.contains("unused")), "{rules:?}");
}
