//! Reports on terminals: narrow ones, none, ones that know nothing, and more findings and longer names than anybody reads.

use crate::support::{Folder, Run};
use cargo_spawnlint::{
    Exit,
    engine::{Engine, Options},
    output::{Color, Detail, Style, human},
    project::Project,
};
use expect_test::expect;
use spawnlint_rules::rules::RULES;
use std::time::{Duration, Instant};
use unicode_width::UnicodeWidthStr as _;

/// What the demonstration prints on a terminal of so many columns.
fn demonstration(width: Option<usize>, args: &[&str], env: &[(&str, &str)]) -> (String, String) {
    let root = spawnlint_tests::root();
    let manifest = root.join("test-fixtures/workspaces/streaming-service/Cargo.toml");
    let run = Run::default().rules(RULES).args(&["--no-cache", "--manifest-path", manifest.to_str().unwrap()]);
    let run = env.iter().fold(run.args(args), |run, (name, value)| run.env(name, value));
    let run = if width == Some(0) { run } else { run.terminal(width) };
    let out = run.run_in(&root);
    assert_eq!(out.exit, Exit::Clean, "{}", out.stderr);
    (out.stdout, out.stderr)
}

/// No terminal at all.
const NONE: Option<usize> = Some(0);

/// The lines that a reader of lines has to find: a message, and the place right below it.
fn messages(text: &str) -> Vec<(&str, &str)> {
    let lines: Vec<&str> = text.lines().collect();
    let is_message = |line: &str| line.starts_with("warning[");
    (0..lines.len()).filter(|at| is_message(lines[*at])).map(|at| (lines[at], lines[at + 1].trim_start())).collect()
}

#[test]
fn the_demonstration_is_short() {
    let (report, _) = demonstration(NONE, &[], &[]);
    assert!(report.lines().count() <= 200, "{} lines", report.lines().count());
    assert!(!report.contains('\x1b'));
    let (full, _) = demonstration(NONE, &["-v"], &[]);
    assert!(full.lines().count() > 300, "{} lines", full.lines().count());
    assert!(full.contains("= help: or suppress the finding"), "{full}");
    // What is said once is said at the end, and each rule is in the table.
    let table = report.rsplit_once("findings by rule:\n").unwrap().1;
    assert!(table.starts_with("  2 unbounded_task_loop "), "{table}");
    let rules: usize = table.split_whitespace().filter_map(|it| it.parse::<usize>().ok()).sum();
    assert_eq!(rules, messages(&report).len());
}

#[test]
fn lines_fit_the_terminal() {
    let (plain, _) = demonstration(NONE, &[], &[]);
    for width in [40, 60, 80, 120] {
        for args in [&["--color", "never"][..], &["--color", "never", "-v"]] {
            let (report, told) = demonstration(Some(width), args, &[]);
            assert_eq!(messages(&report).len(), messages(&plain).len());
            for (_, place) in messages(&report) {
                let (path, column) = place.strip_prefix("--> ").unwrap().rsplit_once(':').unwrap();
                assert!(column.parse::<u32>().is_ok() && path.contains(".rs:"), "{place}");
            }
            // Readers of lines find a message in one line, and a path in one word.
            let is_whole = |line: &&str| line.starts_with("warning[") || line.contains("--> ") || line.contains("::: ");
            for line in report.lines().chain(told.lines()).filter(|line| !is_whole(line)) {
                assert!(line.width() <= width, "{width}: {line}");
            }
        }
    }
}

#[test]
fn forty_columns() {
    let text = "fn leak_which_has_a_name_that_is_rather_long_but_not_too_long() { /* and something behind it */ }\n";
    let folder = Folder::package(&[("src/lib.rs", text)]);
    let run = |args: &[&str]| Run::default().args(args).terminal(Some(40)).run_in(&folder.path()).stdout;
    expect![[r#"
        warning[spawnlint::leaky_name]: `leak_which_has_a_name_that_is_rather_long_but_not_too_long` of `demo` is called `leak`
          --> src/lib.rs:1:4
        1 | fn leak_which_has_a_name_that_is_…
          | ---^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^-
          | |  this name
          | of this function
          = note: names tell
          = help: call it otherwise:
                  fn sound() {}

    "#]]
    .assert_eq(&run(&["--color", "never"]));
}

#[test]
fn places_are_links_where_the_terminal_has_them() {
    let folder = Folder::package(&[("src/a b.rs", "fn leak() {}\n"), ("src/lib.rs", "#[path = \"a b.rs\"]\nmod a;\n")]);
    let run = |env: &[(&str, &str)], args: &[&str]| {
        let run = env.iter().fold(Run::default().args(args), |run, (name, value)| run.env(name, value));
        run.terminal(Some(80)).run_in(&folder.path()).stdout
    };
    let path = folder.path();
    let link = format!("\x1b]8;;file://{}/src/a%20b.rs\x1b\\src/a b.rs:1:4\x1b]8;;\x1b\\\n", path.display());
    assert!(run(&[], &[]).contains(&link), "{:?}", run(&[], &[]));
    for (env, args) in [
        (&[("TERM", "dumb")][..], &[][..]),
        (&[("NO_COLOR", "1")], &[]),
        (&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], &[]),
        (&[("CARGO_TERM_COLOR", "never")], &[]),
        (&[("CLICOLOR", "0")], &[]),
        (&[], &["--color", "never"]),
    ] {
        let plain = run(env, args);
        assert!(!plain.contains('\x1b'), "{env:?} {args:?}: {plain:?}");
        assert!(plain.contains("--> src/a b.rs:1:4\n"), "{plain}");
    }
    // Whoever asks for colours in a pipe asks for no links.
    let piped = Run::default().env("CLICOLOR_FORCE", "1").run_in(&folder.path()).stdout;
    assert!(piped.contains("\x1b[") && !piped.contains("\x1b]"), "{piped:?}");
}

#[test]
fn a_terminal_that_does_not_tell_its_width_wraps_by_itself() {
    let (plain, _) = demonstration(NONE, &[], &[]);
    assert_eq!(demonstration(None, &["--color", "never"], &[]).0, plain);
}

#[test]
fn twenty_thousand_findings() {
    let text: String = (0..200).map(|at| format!("fn leak_{at}() {{}}\n")).collect();
    let files = vec![("a.rs".to_owned(), text)];
    let mut engine = Engine::from_texts(Project::default(), files, Options::new(crate::probes::PROBES)).unwrap();
    let mut report = engine.check();
    report.diagnostics = report.diagnostics.iter().cycle().take(20_000).cloned().collect();
    let start = Instant::now();
    let mut out = Vec::new();
    let style = Style { color: Color::Ansi, width: Some(80), has_links: true, detail: Detail::Brief };
    human::write(&report, style, &mut out).unwrap();
    // Optimised it takes a twentieth of that.
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    let text = String::from_utf8(out).unwrap();
    assert!(text.ends_with("findings by rule:\x1b[0m\n  20000 leaky_name\n\n"), "{:?}", &text[text.len() - 80..]);
}

#[test]
fn names_of_ten_thousand_characters() {
    let name = format!("leak_{}", "x".repeat(10_000));
    let folder = Folder::package(&[("src/lib.rs", &format!("fn {name}() {{}}\n"))]);
    for width in [None, Some(40), Some(120)] {
        let run = Run::default().args(&["--color", "never"]);
        let out = if width.is_none() { run } else { run.terminal(width) }.run_in(&folder.path());
        assert_eq!(out.exit, Exit::Clean, "{}", out.stderr);
        assert!(out.stdout.lines().all(|line| line.chars().count() < 800), "{}", out.stdout);
        assert!(out.stdout.contains("leak_xxx") && out.stdout.contains('…'), "{}", out.stdout);
    }
    // Whoever reads by program gets all of it.
    assert!(folder.run(&["--message-format", "short"]).stdout.contains(&name));
    let tasks = format!("async fn {name}() {{}}\nfn f() {{ tokio::spawn({name}()); }}\n");
    let folder = Folder::new(&[("a.rs", &tasks)]);
    let out = Run::default().args(&["tasks", "a.rs"]).run_in(&folder.path());
    assert!(out.stdout.lines().all(|line| line.chars().count() < 400), "{}", out.stdout);
}
