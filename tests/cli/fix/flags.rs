//! Flags that contradict one another, and what each of them prints.

use super::{fix, run};
use crate::support::{Folder, Run};
use cargo_spawnlint::Exit;

#[test]
fn contradictions_are_told() {
    let folder = Folder::package(&[("src/lib.rs", "fn safe_a() {}\n")]);
    for (args, words) in [
        (&["--fix", "--diff"][..], "'--fix' cannot be used with '--diff'"),
        (&["--unsafe-fixes"], "<--fix|--diff>"),
        (&["--fix", "--verify", "--no-verify"], "'--verify' cannot be used with '--no-verify'"),
        (&["--verify"], "--fix"),
        (&["--diff", "--verify"], "'--diff' cannot be used with '--verify'"),
        (&["--diff", "--allow-dirty"], "'--diff' cannot be used with '--allow-dirty'"),
        (&["--allow-no-vcs"], "--fix"),
        (&["--diff", "--message-format", "json"], "'--diff' cannot be used with '--message-format <FORMAT[=FILE]>'"),
        (&["--fix", "-"], "standard input cannot be changed in place"),
        (&["tasks", "--fix"], "'--fix'"),
    ] {
        let out = run(&folder, args);
        assert_eq!(out.exit, Exit::Usage, "{args:?}");
        assert!(out.stderr.contains(words), "{args:?}: {}", out.stderr);
        assert_eq!(super::text(&folder, "src/lib.rs"), "fn safe_a() {}\n");
    }
}

#[test]
fn the_help_tells_of_them() {
    let out = run(&Folder::new(&[]), &["--help"]);
    for word in ["Fixing:", "--fix", "--diff", "--unsafe-fixes", "--no-verify", "--allow-no-vcs", "With --fix"] {
        assert!(out.stdout.contains(word), "no {word} in {}", out.stdout);
    }
}

#[test]
fn quiet_tells_of_nothing_but_failures() {
    let folder = Folder::package(&[("src/lib.rs", "fn safe_a() {}\n")]);
    let out = fix(&folder, &["-q"]);
    assert_eq!((out.stdout.as_str(), out.stderr.as_str()), ("", ""));
}

#[test]
fn standard_input_as_a_patch() {
    let out = Run::default()
        .rules(super::MENDS)
        .args(&["--diff", "-"])
        .stdin("fn safe_a() {}\n")
        .run_in(&Folder::new(&[]).path());
    assert!(out.stdout.ends_with("@@ -1 +1 @@\n-fn safe_a() {}\n+fn done_a() {}\n"), "{}", out.stdout);
    assert_eq!(out.exit, Exit::Clean);
}

#[test]
fn what_is_left_is_reported_in_any_format() {
    let folder = Folder::package(&[("src/lib.rs", "fn safe_a() {}\nfn gaps_b() {}\n")]);
    let out = fix(&folder, &["--message-format", "short"]);
    assert_eq!(out.stdout, "src/lib.rs:2:4: warning[spawnlint::fixable_name]: `gaps_b` can be mended\n");
    folder.write("src/lib.rs", "fn safe_a() {}\n");
    let out = fix(&folder, &["--message-format", "json"]);
    assert_eq!(out.stdout, "{\"reason\":\"build-finished\",\"success\":true}\n");
    assert!(out.stderr.starts_with("applied: src/lib.rs:1:4: "), "{}", out.stderr);
}
