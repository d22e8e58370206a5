//! The README's first command is run, and what it prints is in the documents; so are the rules and their groups.
//!
//! A comment `<!-- name -->` is followed by a part that is written by this test, up to the next blank line outside
//! of a code block.

use crate::run_in;
use cargo_spawnlint::{
    Exit,
    levels::{self, Level},
};
use spawnlint_rules::{
    rule::{Group, Rule},
    rules::RULES,
};
use spawnlint_tests::{expect_file, root};

const FIRST_COMMAND: &str = "cargo run -p cargo-spawnlint -- ";

/// The rules that the project was begun for; the README has them first.
const FIRST_RULES: [&str; 6] = [
    "dropped_join_handle",
    "long_timeout_in_task",
    "unbounded_task_loop",
    "double_spawn",
    "single_task_join_set",
    "span_child_accumulation",
];

#[test]
fn the_documents_show_what_the_program_prints() {
    let command = first_command();
    let (report, closing_line) = output_of(&command);
    let one = report.split_inclusive("\n\n").find(|it| it.contains("[spawnlint::long_timeout_in_task]"));
    let one = one.expect("the finding that the README shows").trim_end();
    // The heading of its file stands above it.
    let one = one.find("warning[").map_or(one, |start| &one[start..]);
    let (tasks, _) = run_with(&command.replace("spawnlint ", "spawnlint tasks "));
    let (owners, _) = run_with(&command.replace("spawnlint ", "spawnlint owners "));
    let parts = [
        ("README.md", "output: long_timeout_in_task", code(one)),
        ("README.md", "rules", rules()),
        ("docs/configuring.md", "groups", groups()),
        ("docs/demonstration.md", "output: everything", code(&format!("{report}{closing_line}"))),
        ("docs/inventory.md", "output: tasks", code(tasks.trim_end())),
        ("docs/inventory.md", "output: owners", code(owners.trim_end())),
    ];
    for (path, name, part) in parts {
        let new = with_part(&crate::read(path), name, &part);
        if let Err(problem) = expect_file(&root().join(path), &new) {
            panic!("{problem}");
        }
    }
}

#[test]
fn the_readme_is_short() {
    let readme = crate::read("README.md");
    let lines = readme.lines().count();
    assert!((150..=200).contains(&lines), "{lines} lines");
    let install = readme.lines().position(|line| line.starts_with("cargo install")).expect("how to install it");
    let used =
        readme.lines().skip(install).take(40 - install).filter(|line| line.starts_with("cargo spawnlint")).count();
    assert_eq!(used, 5, "commands within the first 40 lines");
}

/// The arguments of the command that the README begins with.
fn first_command() -> String {
    let readme = crate::read("README.md");
    readme.lines().find_map(|line| line.strip_prefix(FIRST_COMMAND)).expect("the first command").to_owned()
}

/// The report, and the line that follows it.
fn output_of(command: &str) -> (String, String) {
    let (stdout, stderr) = run_with(command);
    for rule in RULES.iter().filter(|rule| Level::default_of(rule.group) != Level::Allow) {
        assert!(stdout.contains(&format!("[spawnlint::{}]", rule.name)), "no finding of {}", rule.name);
    }
    (stdout, timeless(&stderr))
}

/// What a command prints, and what it writes to standard error.
fn run_with(command: &str) -> (String, String) {
    let args = command.split(' ').chain(["--no-cache"]).map(str::to_owned);
    let (exit, stdout, stderr) = run_in(&root(), args);
    assert_eq!(exit, Exit::Clean, "{stdout}{stderr}");
    (stdout, stderr)
}

/// The closing line with a time that does not change.
pub(crate) fn timeless(line: &str) -> String {
    let (head, rest) = line.trim_end().split_once(" in ").expect("the time follows");
    let (_, tail) = rest.split_once(" s: ").expect("the findings follow");
    format!("{head} in 0.02 s: {tail}")
}

fn code(text: &str) -> String {
    format!("```text\n{text}\n```")
}

fn rules() -> String {
    let mut table = "| rule | suite | what it reports |\n|---|---|---|".to_owned();
    let (first, others): (Vec<&Rule>, Vec<&Rule>) = RULES.iter().partition(|rule| FIRST_RULES.contains(&rule.name));
    let place = |rule: &&Rule| FIRST_RULES.iter().position(|name| *name == rule.name);
    let mut first = first;
    first.sort_by_key(place);
    for rule in first.into_iter().chain(others) {
        let (name, summary) = (rule.name, rule.summary());
        let suite = match (rule.group, Level::default_of(rule.group)) {
            (Group::Ownership, _) => "strict",
            (_, Level::Allow) => "off",
            _ => "default",
        };
        table += &format!("\n| [`{name}`](docs/rules/{name}.md) | {suite} | {summary} |");
    }
    table
}

fn groups() -> String {
    let mut table = "| group | by default | rules |\n|---|---|---|".to_owned();
    for group in Group::ALL {
        let rules = levels::with_comments(RULES).filter(|rule| rule.group == group);
        let names: Vec<String> = rules.map(|rule| format!("`{}`", rule.name)).collect();
        let level = Level::default_of(group).name();
        table += &format!("\n| `{}` | {level} | {} |", group.name(), names.join(", "));
    }
    table
}

/// The text with what follows `<!-- name -->` replaced.
fn with_part(text: &str, name: &str, part: &str) -> String {
    let mark = format!("<!-- {name} -->\n");
    let (head, rest) = text.split_once(&mark).unwrap_or_else(|| panic!("no {mark}"));
    let mut is_code = false;
    let mut end = 0;
    for line in rest.split_inclusive('\n') {
        is_code ^= line.starts_with("```");
        if line == "\n" && !is_code {
            break;
        }
        end += line.len();
    }
    format!("{head}{mark}{part}\n{}", &rest[end..])
}
