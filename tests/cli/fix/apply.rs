//! Which rewrites are applied, and what the text is then.

use super::{fix, run, text, told};
use crate::support::{Folder, MANIFEST};
use cargo_spawnlint::Exit;
use expect_test::expect;

const MIXED: &str = "fn safe_a() {}\nfn maybe_b() {}\nfn gaps_c() {}\nfn hopeless_d() {}\nfn either_e() {}\n";

#[test]
fn machine_applicable_rewrites_only() {
    let folder = Folder::package(&[("src/lib.rs", MIXED)]);
    let out = fix(&folder, &[]);
    let expected = "fn done_a() {}\nfn maybe_b() {}\nfn gaps_c() {}\nfn hopeless_d() {}\nfn done_e() {}\n";
    assert_eq!(text(&folder, "src/lib.rs"), expected);
    expect![[r#"
        applied: src/lib.rs:1:4: call it done [fixable_name]
        applied: src/lib.rs:5:4: call it done [fixable_name]
        applied 2 fixes to 1 file; 1 fix needs --unsafe-fixes; 1 finding to fix or suppress by hand; 1 finding without a fix; -v names them
    "#]]
    .assert_eq(told(&out));
    assert!(!out.stdout.contains("safe_a") && out.stdout.contains("`maybe_b` can be mended"), "{}", out.stdout);
    assert_eq!(out.exit, Exit::Clean);
    let again = fix(&folder, &["-v"]);
    assert_eq!(text(&folder, "src/lib.rs"), expected, "a second run changes nothing");
    let left: Vec<&str> = again.stderr.lines().filter(|line| line.starts_with("not applied")).collect();
    assert_eq!(
        left,
        [
            "not applied: src/lib.rs:2:4: call it done [fixable_name]: it may be incorrect; --unsafe-fixes applies it",
            "not applied: src/lib.rs:3:4: fill it in [fixable_name]: it has placeholders for you to fill in",
            "not applied: src/lib.rs:4:4: [fixable_name]: no fix is known",
        ]
    );
    assert!(again.stderr.contains("\nnothing was applied; 1 fix needs --unsafe-fixes; "), "{}", again.stderr);
}

#[test]
fn those_that_may_be_incorrect_too() {
    let folder = Folder::package(&[("src/lib.rs", MIXED)]);
    let out = fix(&folder, &["--unsafe-fixes", "--no-verify"]);
    let expected = "fn done_a() {}\nfn done_b() {}\nfn gaps_c() {}\nfn hopeless_d() {}\nfn done_e() {}\n";
    assert_eq!(text(&folder, "src/lib.rs"), expected);
    assert!(out.stderr.contains("src/lib.rs:5:4: call it perhaps"), "the best one that may be applied: {}", out.stderr);
}

#[test]
fn findings_that_are_left_decide_the_exit_code() {
    let folder = Folder::package(&[("src/lib.rs", "fn safe_a() {}\n")]);
    assert_eq!(run(&folder, &["-D", "warnings", "--diff"]).exit, Exit::Findings);
    assert_eq!(fix(&folder, &["-D", "warnings"]).exit, Exit::Clean);
    folder.write("src/lib.rs", "fn safe_a() {}\nfn maybe_b() {}\n");
    assert_eq!(fix(&folder, &["-D", "warnings"]).exit, Exit::Findings);
}

#[test]
fn rewrites_in_one_another_s_way_take_a_round_each() {
    let folder = Folder::package(&[("src/lib.rs", "fn outer_a() {\n    fn safe_b() {}\n    fn outer_c() {}\n}\n")]);
    let out = fix(&folder, &[]);
    assert_eq!(text(&folder, "src/lib.rs"), "fn done_outer() {\n    fn done_b() {}\n    fn done_outer() {}\n}\n");
    expect![[r#"
        applied: src/lib.rs:1:4: call it done [fixable_name]
        applied: src/lib.rs:2:8: call it done [fixable_name]
        applied: src/lib.rs:3:8: call it done [fixable_name]
        applied 3 fixes to 1 file
    "#]]
    .assert_eq(told(&out));
}

#[test]
fn as_many_rounds_as_it_takes() {
    let depth = 40;
    let nested = "fn outer_x() { ".repeat(depth) + &"}".repeat(depth) + "\n";
    let folder = Folder::package(&[("src/lib.rs", &nested)]);
    let out = fix(&folder, &[]);
    assert_eq!(text(&folder, "src/lib.rs").matches("done_outer").count(), depth, "{}", out.stderr);
    assert!(fix(&folder, &[]).stderr.contains("nothing was applied\n"));
}

#[test]
fn a_rewrite_that_ends_nothing_is_taken_back() {
    let folder = Folder::package(&[("src/lib.rs", "fn safe_a() {}\nfn stays_b() {}\nfn safe_c() {}\n")]);
    for told in ["applied 2 fixes to 1 file\n", "nothing was applied\n"] {
        let out = fix(&folder, &[]);
        assert_eq!(text(&folder, "src/lib.rs"), "fn done_a() {}\nfn stays_b() {}\nfn done_c() {}\n");
        let why = "tried and reverted, since the finding is still reported afterwards\n";
        let line = format!("not applied: src/lib.rs:2:4: say it again [fixable_name]: {why}");
        assert!(out.stderr.contains(&line) && out.stderr.contains(told), "{}", out.stderr);
    }
}

#[test]
fn the_next_rewrite_has_its_turn_where_the_best_ends_nothing() {
    let folder = Folder::package(&[("src/lib.rs", "fn stubborn_a() {}\n")]);
    let out = fix(&folder, &[]);
    assert_eq!(text(&folder, "src/lib.rs"), "fn done_a() {}\n", "{}", out.stderr);
}

#[test]
fn a_rewrite_that_leads_to_more_findings_is_taken_back() {
    let folder = Folder::package(&[("src/lib.rs", "fn split_a() {}\nfn safe_b() {}\n")]);
    for _ in 0..2 {
        let out = fix(&folder, &[]);
        assert_eq!(text(&folder, "src/lib.rs"), "fn split_a() {}\nfn done_b() {}\n");
        let why = "tried and reverted, since it leads to a new finding from fixable_name\n";
        assert!(out.stderr.contains(why), "{}", out.stderr);
    }
}

#[test]
fn two_that_undo_one_another_are_taken_back() {
    let folder = Folder::package(&[("src/lib.rs", "fn ping_a() {}\nfn pong_b() {}\n")]);
    for _ in 0..2 {
        let out = fix(&folder, &[]);
        assert_eq!(text(&folder, "src/lib.rs"), "fn ping_a() {}\nfn pong_b() {}\n", "{}", out.stderr);
        assert_eq!(out.stderr.matches("tried and reverted").count(), 2, "{}", out.stderr);
    }
}

#[test]
fn two_that_help_together_stay_together() {
    let folder = Folder::package(&[("src/lib.rs", "fn stays_a() {}\nfn first_b() {}\n")]);
    let out = fix(&folder, &[]);
    assert_eq!(text(&folder, "src/lib.rs"), "fn stays_a() {}\nfn done_b() {}\n");
    expect![[r#"
        applied: src/lib.rs:2:4: call it second [fixable_name]
        applied: src/lib.rs:2:4: call it done [fixable_name]
        not applied: src/lib.rs:1:4: say it again [fixable_name]: tried and reverted, since the finding is still reported afterwards
        applied 2 fixes to 1 file
    "#]]
    .assert_eq(told(&out));
}

#[test]
fn a_missing_dependency_is_named() {
    let folder = Folder::package(&[("src/lib.rs", "fn needy_a() {}\n")]);
    let out = fix(&folder, &[]);
    assert_eq!(text(&folder, "src/lib.rs"), "fn needy_a() {}\n");
    expect![[r#"
        not applied: src/lib.rs:1:4: call it done [fixable_name]: run `cargo add tokio-util@0.7.12 --features rt -p demo` first
        nothing was applied
    "#]]
    .assert_eq(told(&out));
    assert!(out.stdout.contains("needs `cargo add tokio-util@0.7.12 --features rt -p demo`"), "{}", out.stdout);
    assert_eq!(text(&folder, "Cargo.toml"), MANIFEST, "the manifest is nobody's but its author's");
}

#[test]
fn a_rewrite_of_text_that_is_not_there() {
    let folder = Folder::package(&[("src/lib.rs", "fn beyond_a() {}\nfn safe_b() {}\n")]);
    let out = fix(&folder, &[]);
    assert_eq!(text(&folder, "src/lib.rs"), "fn beyond_a() {}\nfn done_b() {}\n");
    assert!(out.stderr.contains("it refers to text that is not there"), "{}", out.stderr);
    assert!(out.stdout.contains("help: call it done (machine applicable)\n"), "{}", out.stdout);
    assert!(out.stdout.contains("not shown: it refers to text that is not there"), "{}", out.stdout);
}

#[test]
fn a_rewrite_that_leaves_no_rust() {
    let folder = Folder::package(&[("src/lib.rs", "fn garbled_a() {}\nfn safe_b() {}\n")]);
    let out = fix(&folder, &[]);
    assert_eq!(text(&folder, "src/lib.rs"), "fn garbled_a() {}\nfn done_b() {}\n");
    assert!(out.stderr.contains("the result would not parse, which is a bug in spawnlint"), "{}", out.stderr);
}

#[test]
fn new_text_is_written_as_the_file_is() {
    let grown = |old: &str| {
        let folder = Folder::package(&[("src/lib.rs", old)]);
        fix(&folder, &[]);
        let new = text(&folder, "src/lib.rs");
        fix(&folder, &[]);
        assert_eq!(text(&folder, "src/lib.rs"), new);
        new
    };
    let added = "fn added() {\n    if true {\n        run();\n    }\n}\n";
    assert_eq!(
        grown("mod m {\n    fn grow_a() {}\n}\n"),
        format!("mod m {{\n    #[inline]\n    #[must_use]\n    fn done_a() {{}}\n}}\n\n{added}")
    );
    // Line ends.
    let crlf =
        format!("mod m {{\n    #[inline]\n    #[must_use]\n    fn done_a() {{}}\n}}\n\n{added}").replace('\n', "\r\n");
    assert_eq!(grown("mod m {\r\n    fn grow_a() {}\r\n}\r\n"), crlf);
    // Tabs.
    assert_eq!(
        grown("mod m {\n\tfn grow_a() {}\n}\n"),
        format!("mod m {{\n\t#[inline]\n\t#[must_use]\n\tfn done_a() {{}}\n}}\n\n{}", added.replace("    ", "\t"))
    );
    // A last line that does not end.
    assert_eq!(grown("fn grow_a() {}"), format!("#[inline]\n#[must_use]\nfn done_a() {{}}\n\n{added}"));
    // What stands before.
    assert_eq!(
        grown("\u{feff}/* 🦀 é */ fn grow_a() {} // ü\n"),
        format!("\u{feff}/* 🦀 é */ #[inline]\n#[must_use]\nfn done_a() {{}} // ü\n\n{added}")
    );
}

#[test]
fn several_files_and_what_stands_around_stays() {
    let folder = Folder::package(&[
        ("src/lib.rs", "mod a;\n\tmod b;\r\nfn   safe_x( ) { /* odd   */ }   \n\n\n"),
        ("src/a.rs", "fn safe_y() {}"),
        ("src/b.rs", "fn  plain ( ) {}"),
    ]);
    let out = fix(&folder, &[]);
    assert_eq!(text(&folder, "src/lib.rs"), "mod a;\n\tmod b;\r\nfn   done_x( ) { /* odd   */ }   \n\n\n");
    assert_eq!(text(&folder, "src/a.rs"), "fn done_y() {}");
    assert_eq!(text(&folder, "src/b.rs"), "fn  plain ( ) {}");
    assert!(out.stderr.contains("applied 2 fixes to 2 files\n"), "{}", out.stderr);
}

#[test]
fn plain_files_without_a_manifest() {
    let folder = Folder::new(&[("a.rs", "fn maybe_a() {}\n")]);
    let out = fix(&folder, &["--unsafe-fixes", "a.rs"]);
    assert_eq!(text(&folder, "a.rs"), "fn done_a() {}\n");
    assert!(
        out.stderr.starts_with("note: plain files belong to no package, so the changes cannot be verified"),
        "{}",
        out.stderr
    );
}

#[test]
fn what_its_edition_does_not_have_any_more_is_left_alone() {
    let folder = Folder::package(&[("src/lib.rs", "fn safe_a(b: &Fn()) {}\n")]);
    let out = fix(&folder, &[]);
    assert_eq!(text(&folder, "src/lib.rs"), "fn safe_a(b: &Fn()) {}\n");
    assert!(out.stderr.contains("the file does not parse in its edition"), "{}", out.stderr);
}
