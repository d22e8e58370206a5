//! Rewrites in each format: a diff for people, suggestions for programs, a patch for git.

use super::{MENDS, fix, run, text};
use crate::support::{Folder, Run, git_command, git_in};
use expect_test::expect;
use rustfix::{Filter, apply_suggestions, collect_suggestions, diagnostics::Diagnostic};
use std::{collections::HashSet, io::Write as _};

const EITHER: &str = "mod m {\n    fn either_x() {}\n}\nfn needy_y() {}\n";

/// All that people can see.
fn verbose(folder: &Folder) -> String {
    run(folder, &["-v"]).stdout
}

#[test]
fn people_see_the_best_one_and_the_titles_of_the_others() {
    let folder = Folder::package(&[("src/lib.rs", EITHER)]);
    expect![[r#"
        warning[spawnlint::fixable_name]: `either_x` can be mended
          --> src/lib.rs:2:8
        2 |     fn either_x() {}
          |        ^^^^^^^^ this name
          = help: call it perhaps (may be incorrect)
        2 ~     fn done_x() {}

        warning[spawnlint::fixable_name]: `needy_y` can be mended
          --> src/lib.rs:4:4
        4 | fn needy_y() {}
          |    ^^^^^^^ this name
          = help: call it done (machine applicable; needs `cargo add tokio-util@0.7.12 --features rt -p demo`)
        4 ~ fn done_y() {}

    "#]]
    .assert_eq(&run(&folder, &["-q"]).stdout);
    expect![[r#"
        warning[spawnlint::fixable_name]: `either_x` can be mended
          --> src/lib.rs:2:8
          |
        2 |     fn either_x() {}
          |        ^^^^^^^^ this name
          |
          = help: call it perhaps (may be incorrect)
                  --> src/lib.rs
                  2 -     fn either_x() {}
                  2 +     fn done_x() {}
          = help: or call it done (machine applicable)

        warning[spawnlint::fixable_name]: `needy_y` can be mended
          --> src/lib.rs:4:4
          |
        4 | fn needy_y() {}
          |    ^^^^^^^ this name
          |
          = help: call it done (machine applicable; needs `cargo add tokio-util@0.7.12 --features rt -p demo`)
                  --> src/lib.rs
                  4 - fn needy_y() {}
                  4 + fn done_y() {}

    "#]]
    .assert_eq(&verbose(&folder));
    let args = ["--message-format", "human=r.txt", "-v", "--color", "always"];
    let colored = run(&folder, &args[2..]).stdout;
    assert!(colored.contains("\x1b[31m          2 -     fn either_x() {}\x1b[0m\n"), "{colored:?}");
    assert!(colored.contains("\x1b[32m          2 +     fn done_x() {}\x1b[0m\n"), "{colored:?}");
    // A file has no colours, and as much in it.
    run(&folder, &args);
    assert_eq!(text(&folder, "r.txt"), verbose(&folder));
}

#[test]
fn edits_in_several_places_and_files() {
    let folder = Folder::package(&[
        ("src/lib.rs", "mod a;\n\tfn grow_x() {}\r\n// \u{1b}[31m\u{202e}\r\n"),
        ("src/a.rs", "fn plain() {}\nfn pair_y() {}\n"),
    ]);
    expect![[r#"
        src/a.rs: 1 finding
        warning[spawnlint::fixable_name]: `pair_y` can be mended
          --> src/a.rs:2:4
          |
        2 | fn pair_y() {}
          |    ^^^^^^ this name
          |
          = help: call it done (machine applicable)
                  --> src/a.rs
                  1 + // paired
                  2 - fn pair_y() {}
                  3 + fn done_y() {}

        src/lib.rs: 1 finding
        warning[spawnlint::fixable_name]: `grow_x` can be mended
          --> src/lib.rs:2:5
          |
        2 |     fn grow_x() {}
          |        ^^^^^^ this name
          |
          = help: call it done (machine applicable)
                  --> src/lib.rs
                   2 - 	fn grow_x() {}
                   2 + 	#[inline]
                   3 + 	#[must_use]
                   4 + 	fn done_x() {}
                   6 +
                   7 + fn added() {
                   8 + 	if true {
                   9 + 		run();
                  10 + 	}
                  11 + }

    "#]]
    .assert_eq(&verbose(&folder));
}

#[test]
fn long_lines_and_long_rewrites_are_cut() {
    let long = format!("/* {} */ fn safe_x() {{}} /* {} */\n", "ä".repeat(50_000), "b".repeat(50_000));
    let folder = Folder::package(&[("src/lib.rs", &long)]);
    let out = run(&folder, &["-q"]).stdout;
    assert!(out.len() < 3_000, "{} bytes", out.len());
    assert!(out.contains("ää */ fn done_x() {} /* b"), "{out}");
    let many = format!("fn outer_x() {{\n{}}}\n", "    // kept\n".repeat(100));
    let folder = Folder::package(&[("src/lib.rs", &many)]);
    let out = run(&folder, &["-q"]).stdout;
    assert_eq!(out.matches("// kept").count(), 0, "what stays is not shown: {out}");
}

#[test]
fn one_line_each_knows_no_rewrites() {
    let folder = Folder::package(&[("src/lib.rs", EITHER)]);
    let out = run(&folder, &["--message-format", "short"]).stdout;
    assert_eq!(out.lines().count(), 2, "{out}");
}

/// The messages of a run as rustfix reads them.
fn diagnostics(folder: &Folder) -> Vec<Diagnostic> {
    let out = run(folder, &["--message-format", "json"]).stdout;
    let messages = out.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let messages = messages.filter(|message| message["reason"] == "compiler-message");
    messages.map(|message| serde_json::from_value(message["message"].clone()).unwrap()).collect()
}

fn applied_by_rustfix(text: &str, filter: Filter) -> String {
    let folder = Folder::package(&[("src/lib.rs", text)]);
    let all = HashSet::<String>::new();
    let suggestions: Vec<_> =
        diagnostics(&folder).iter().filter_map(|it| collect_suggestions(it, &all, filter)).collect();
    apply_suggestions(text, &suggestions).unwrap()
}

#[test]
fn rustfix_applies_what_is_machine_applicable() {
    for text in [
        "fn safe_x() {}\nfn maybe_y() {}\nfn gaps_z() {}\n",
        "/* 🦀 */ fn grow_x() {}\r\n",
        "mod m {\n\tfn grow_x() {}\n}",
        "fn outer_x() { /* kept */ }\n",
    ] {
        let folder = Folder::package(&[("src/lib.rs", text)]);
        fix(&folder, &[]);
        let ours = super::text(&folder, "src/lib.rs");
        assert_eq!(applied_by_rustfix(text, Filter::MachineApplicableOnly), ours);
    }
    let all = applied_by_rustfix("fn safe_x() {}\nfn maybe_y() {}\nfn gaps_z() {}\n", Filter::Everything);
    assert_eq!(all, "fn done_x() {}\nfn done_y() {}\nfn done_z() {}\n");
}

#[test]
fn programs_are_not_led_to_apply_two_or_what_does_not_compile() {
    // rustfix applies everything of a message that is machine applicable.
    let text = "fn either_x() {}\nfn needy_y() {}\n";
    assert_eq!(applied_by_rustfix(text, Filter::MachineApplicableOnly), text);
    let folder = Folder::package(&[("src/lib.rs", text)]);
    let diagnostics = diagnostics(&folder);
    let titles: Vec<&str> = diagnostics.iter().flat_map(|it| &it.children).map(|it| it.message.as_str()).collect();
    let needy = "call it done; needs `cargo add tokio-util@0.7.12 --features rt -p demo`";
    assert_eq!(titles, ["call it perhaps", "call it done", needy]);
    let levels = diagnostics.iter().flat_map(|it| &it.children).flat_map(|it| &it.spans);
    let levels: Vec<String> = levels.map(|it| format!("{:?}", it.suggestion_applicability.unwrap())).collect();
    assert_eq!(levels, ["MaybeIncorrect", "MaybeIncorrect", "MaybeIncorrect"]);
}

#[test]
fn the_patch_is_one_that_git_applies() {
    let files = [
        ("src/lib.rs", "mod a;\nmod b;\n\n\n\n\n\n\n\n\nfn safe_x() {}\n"),
        ("src/a.rs", "fn grow_y() {}\r\n// 🦀\r\nfn plain() {}"),
        ("src/b.rs", "fn safe_z() {}"),
        ("my file.rs", "fn safe_w() {}\n"),
    ];
    let folder = Folder::package(&files);
    let patch = run(&folder, &["--diff"]).stdout;
    for (path, old) in files {
        assert_eq!(text(&folder, path), old);
    }
    // In a folder of a repository, and in none.
    for is_inside in [false, true] {
        let copy = Folder::package(&files);
        if is_inside {
            git_in(&copy.path().join("src"), &["init", "-q", ".."]);
        }
        let mut git = git_command();
        git.args(["apply", "-"]).current_dir(copy.path()).stdin(std::process::Stdio::piped());
        let mut child = git.stderr(std::process::Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(patch.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}\n{patch}", String::from_utf8_lossy(&output.stderr));
        fix(&folder, &[]);
        for (path, _) in files {
            assert_eq!(text(&copy, path), text(&folder, path), "{path}");
        }
    }
    assert_eq!(run(&folder, &["--diff"]).stdout, "");
}

#[test]
fn a_patch_for_people_steers_no_terminal() {
    let folder = Folder::package(&[("src/lib.rs", "fn safe_x() {} // \u{1b}[31m\u{202e}\n")]);
    let run = |args: &[&str]| Run::default().rules(MENDS).args(args).run_in(&folder.path()).stdout;
    assert!(run(&["--diff"]).contains('\u{1b}'), "a program gets every byte");
    let colored = run(&["--diff", "--color", "always"]);
    assert!(colored.contains("\x1b[32m+fn done_x() {} // ␛[31m�\x1b[0m\n"), "{colored:?}");
}
