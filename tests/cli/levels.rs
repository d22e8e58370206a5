//! Levels, suppressions, and the exit codes that follow from them.

use crate::support::{Folder, Run};
use cargo_spawnlint::Exit;

fn all_three() -> Folder {
    Folder::package(&[("src/lib.rs", "fn leak() {}\nfn waste() {}\nfn list() {}\n")])
}

/// The rules that spoke, with their level.
fn told(args: &[&str]) -> (String, Exit) {
    let args = [&["--message-format", "short"], args].concat();
    let out = all_three().run(&args);
    assert_eq!(out.notes(), "");
    let lines = out.stdout.lines().map(|line| {
        let (head, _) = line.split_once("]: ").unwrap();
        let (level, rule) = head.rsplit_once("[spawnlint::").unwrap();
        format!("{} {rule}", level.rsplit(' ').next().unwrap())
    });
    (lines.collect::<Vec<_>>().join(", "), out.exit)
}

#[test]
fn leaks_and_waste_warn_and_audits_are_silent() {
    assert_eq!(told(&[]), ("warning leaky_name, warning wasteful_name".into(), Exit::Clean));
}

#[test]
fn rules_groups_and_warnings_have_levels() {
    let both = "error leaky_name, error wasteful_name";
    assert_eq!(told(&["-D", "warnings"]), (both.into(), Exit::Findings));
    assert_eq!(told(&["-D", "leak"]), ("error leaky_name, warning wasteful_name".into(), Exit::Findings));
    assert_eq!(told(&["-A", "spawnlint::leaky-name"]), ("warning wasteful_name".into(), Exit::Clean));
    assert_eq!(told(&["-Aall", "-Wlisted-name"]), ("warning listed_name".into(), Exit::Clean));
    assert_eq!(told(&["-A", "warnings"]), (String::new(), Exit::Clean));
}

#[test]
fn the_last_flag_wins() {
    assert_eq!(told(&["-D", "leaky_name", "-A", "leak"]), ("warning wasteful_name".into(), Exit::Clean));
    assert_eq!(told(&["-A", "leak", "-D", "leaky_name", "-A", "waste"]), ("error leaky_name".into(), Exit::Findings));
    let both = "warning leaky_name, warning wasteful_name";
    assert_eq!(told(&["-D", "warnings", "-W", "warnings"]), (both.into(), Exit::Clean));
    let mixed = "error leaky_name, error wasteful_name, warning listed_name";
    assert_eq!(told(&["-D", "warnings", "-W", "audit"]), (mixed.into(), Exit::Findings));
}

#[test]
fn comments_silence_what_they_name() {
    let text = "// spawnlint: allow(leaky_name): on purpose\nfn leak_1() {}\n\
                fn leak_2() {} // spawnlint: allow(leak): a group\n\
                // spawnlint: allow(wasteful-name): another rule\nfn leak_3() {}\n\
                mod inner {\n// spawnlint: allow(spawnlint::leaky_name, waste): two\nfn leak_4() {}\nfn leak_5() {}\n}\n";
    let folder = Folder::package(&[
        ("src/lib.rs", text),
        ("src/whole.rs", "//! spawnlint: allow(all): generated\nfn leak_6() {}\nfn waste() {}\n"),
    ]);
    let out = folder.run(&["--message-format", "short", "-D", "warnings", "-A", "comment"]);
    let names: Vec<&str> = out.stdout.lines().map(|line| line.split('`').nth(1).unwrap()).collect();
    assert_eq!((names, out.exit), (vec!["leak_3", "leak_5"], Exit::Findings));
}

#[test]
fn comments_that_say_nothing_are_told() {
    let folder = Folder::package(&[("src/lib.rs", "// spawnlint: allow(leeky_name): typo\nfn leak() {}\n")]);
    let out = folder.run(&["--message-format", "short"]);
    let near = "unknown rule or group `leeky_name`; did you mean `leaky_name`?";
    let told = format!("src/lib.rs:1:21: warning[spawnlint::invalid_suppression]: {near}\n");
    assert!(out.stdout.starts_with(&told), "{}", out.stdout);
    assert_eq!((out.stdout.lines().count(), out.exit), (2, Exit::Clean));
}

#[test]
fn comments_that_say_nothing_are_warnings_as_all_others() {
    let comments = [("allow(leeky_name): typo", "unknown rule or group"), ("alow(leaky_name)", ""), ("allow()", "")];
    for (comment, message) in comments {
        let folder = Folder::package(&[("src/lib.rs", &format!("// spawnlint: {comment}\nfn f() {{}}\n"))]);
        let told = |args: &[&str]| {
            let out = folder.run(&[&["--message-format", "short"], args].concat());
            assert!(out.stdout.contains(message), "{}", out.stdout);
            let level = out.stdout.lines().map(|line| line.split(['[', ' ']).nth(1).unwrap().to_owned());
            (level.collect::<Vec<_>>().join(" "), out.exit)
        };
        assert_eq!(told(&[]), ("warning".into(), Exit::Clean), "{comment}");
        assert_eq!(told(&["-D", "warnings"]), ("error".into(), Exit::Findings), "{comment}");
        assert_eq!(told(&["-D", "warnings", "-W", "warnings"]), ("warning".into(), Exit::Clean), "{comment}");
        assert_eq!(told(&["-D", "leak"]), ("warning".into(), Exit::Clean), "{comment}");
        let out = folder.run(&["--message-format", "short", "-A", "warnings"]);
        assert_eq!((out.stdout.as_str(), out.exit), ("", Exit::Clean), "{comment}");
        let out = folder.run(&["-D", "warnings"]);
        assert!(out.stderr.contains(": 1 finding;") || out.stderr.contains(": 1 finding\n"), "{}", out.stderr);
    }
}

#[test]
fn the_rules_are_listed() {
    let out = all_three().run(&["rules"]);
    expect_test::expect![[r#"
        rule                        group    level  summary
        leaky_name                  leak     warn   Finds functions whose name begins with `leak`.
        wasteful_name               waste    warn   Finds functions whose name begins with `waste`.
        listed_name                 audit    allow  Lists functions whose name begins with `list`.
        unused_suppression          comment  warn   A comment suppresses a finding that does not exist.
        suppression_without_reason  comment  warn   A comment suppresses a finding and does not say why.
        invalid_suppression         comment  warn   A comment is meant to suppress a finding, but cannot be parsed or names an unknown rule.

        `cargo spawnlint explain <RULE>` explains a rule; -A, -W and -D set the level of a rule or group
    "#]]
    .assert_eq(&out.stdout);
    assert_eq!(out.exit, Exit::Clean);
}

#[test]
fn a_rule_is_explained() {
    let out = all_three().run(&["explain", "spawnlint::leaky-name"]);
    expect_test::expect![[r#"
        spawnlint::leaky_name (group leak, warn by default)

        Finds functions whose name begins with `leak`.

        More about it.
    "#]]
    .assert_eq(&out.stdout);
    let out = all_three().run(&["explain", "leeky_name"]);
    assert_eq!(out.stderr, "error: unknown rule or group `leeky_name`; did you mean `leaky_name`?\n");
    assert_eq!(out.exit, Exit::Usage);
    let out = all_three().run(&["explain", "leak"]);
    assert_eq!(out.stderr, "error: `leak` is a group; its rules are leaky_name\n");
}

#[test]
fn help_and_version_are_no_errors() {
    for args in [&["--help"][..], &["-h"], &["check", "--help"], &["--version"], &["help", "explain"]] {
        let out = all_three().run(args);
        assert_eq!((out.exit, out.stderr.as_str()), (Exit::Clean, ""), "{args:?}");
        assert!(!out.stdout.is_empty());
    }
    // Without cargo before it, too.
    let direct = Run::default().args(&["check", "--message-format", "short"]);
    assert_eq!(direct.run_in(&all_three().path()).stdout.lines().count(), 2);
}
