//! The README's first command is run, and what it prints stands there; so does the table of the rules.
//!
//! A comment `<!-- name -->` is followed by a part that is written by this test, up to the next blank line outside
//! of a code block.

use cargo_spawnlint::{Exit, Io, levels::Level, run};
use spawnlint_rules::rules::RULES;
use spawnlint_tests::{expect_file, root};
use std::ffi::OsString;

const FIRST_COMMAND: &str = "cargo run -p cargo-spawnlint -- ";

#[test]
fn the_readme_shows_what_the_program_prints() {
    let old = crate::read("README.md");
    let command = old.lines().find_map(|line| line.strip_prefix(FIRST_COMMAND)).expect("the first command");
    let (report, closing_line) = output_of(command);
    let one = report.split_inclusive("\n\n").find(|it| it.contains("[spawnlint::long_timeout_in_task]"));
    let one = one.expect("the finding that the README tells of").trim_end();
    // The heading of its file stands above it.
    let one = one.find("warning[").map_or(one, |start| &one[start..]);
    let (tasks, _) = run_with(&tasks_command(command));
    let parts = [
        ("output: long_timeout_in_task", code(one)),
        ("output: closing line", code(&closing_line)),
        ("output: everything", code(&format!("{report}{closing_line}"))),
        ("output: tasks", code(tasks.trim_end())),
        ("rules", rules()),
    ];
    let new = parts.iter().fold(old, |text, (name, part)| with_part(&text, name, part));
    if let Err(problem) = expect_file(&root().join("README.md"), &new) {
        panic!("{problem}");
    }
}

/// The first command with `tasks` in it.
fn tasks_command(command: &str) -> String {
    command.replace("spawnlint ", "spawnlint tasks ")
}

/// The report, and the line that follows it.
fn output_of(command: &str) -> (String, String) {
    let (stdout, stderr) = run_with(command);
    for rule in RULES.iter().filter(|rule| Level::default_of(rule.group) != Level::Allow) {
        assert!(stdout.contains(&format!("[spawnlint::{}]", rule.name)), "no finding of {}", rule.name);
    }
    (stdout, timeless(&stderr))
}

/// What a command prints, and what it tells beside that.
fn run_with(command: &str) -> (String, String) {
    let args = ["cargo-spawnlint"].into_iter().chain(command.split(' ')).chain(["--no-cache"]);
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut io = Io {
        stdin: &mut std::io::empty(),
        stdout: &mut stdout,
        stderr: &mut stderr,
        stdout_terminal: None,
        stderr_terminal: None,
        cwd: root(),
        env: &|name| std::env::var(name).ok().filter(|_| name == "CARGO"),
    };
    let exit = run(args.map(OsString::from), &mut io);
    let [stdout, stderr] = [stdout, stderr].map(|bytes| String::from_utf8(bytes).expect("it prints UTF-8"));
    assert_eq!(exit, Exit::Clean, "{stdout}{stderr}");
    (stdout, stderr)
}

/// The closing line with a time that does not change.
fn timeless(line: &str) -> String {
    let (head, rest) = line.trim_end().split_once(" in ").expect("the time follows");
    let (_, tail) = rest.split_once(" s: ").expect("the findings follow");
    format!("{head} in 0.02 s: {tail}")
}

fn code(text: &str) -> String {
    format!("```text\n{text}\n```")
}

fn rules() -> String {
    let mut table = "| rule | group | level | it finds |\n|---|---|---|---|".to_owned();
    for rule in RULES {
        let (name, group) = (rule.name, rule.group);
        let level = Level::default_of(group).name();
        let summary = rule.summary();
        table += &format!("\n| [`{name}`](docs/rules/{name}.md) | {} | {level} | {summary} |", group.name());
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
