//! Comments for the linter, and what they speak of.

use super::{at, lowered};
use expect_test::{Expect, expect};

/// Each comment: its rules with their texts, its reason, its problem, and what it covers.
#[track_caller]
fn check(text: &str, expected: Expect) {
    let mut printed = String::new();
    for it in lowered(text).suppressions {
        let rules: Vec<String> = it.rules.iter().map(|(rule, range)| format!("{rule}={}", at(text, *range))).collect();
        printed += &format!("{} [{}] {:?}\n", at(text, it.range), rules.join(" "), it.reason);
        match it.problem {
            Some(problem) => printed += &format!("  problem: {problem}\n"),
            None => printed += &format!("  covers: {:?}\n", at(text, it.covers)),
        }
    }
    expected.assert_eq(&printed);
}

#[test]
fn a_comment_behind_code_speaks_of_its_line() {
    check(
        "fn f() {\n    a(); b(); // spawnlint: allow(x): short\n    c();\n}",
        expect![[r#"
        // spawnlint: allow(x): short [x=x] "short"
          covers: "    a(); b(); // spawnlint: allow(x): short"
    "#]],
    );
}

#[test]
fn a_comment_above_speaks_of_what_begins_below() {
    check(
        "// spawnlint: allow(on_import): a
use a::b;

// spawnlint: allow(on_struct): b
// more words
/// doc
#[derive(Debug)]
pub struct S {
    // spawnlint: allow(on_field): c
    #[serde(skip)]
    pub x: Vec<u8>,
    y: u8, }
impl S {
    /* spawnlint: allow(on_method): d */
    #[inline] pub async fn m(&self) {
        // spawnlint: allow(on_statement): e
        let x = a
            // spawnlint: allow(in_chain): f
            .b()
            .c();
        match x {
            // spawnlint: allow(on_arm): g
            A | B if c => { d }
            _ => f(
                // spawnlint: allow(on_argument): h
                g(1),
            ),
        }
        select! {
            // spawnlint: allow(on_branch): i
            _ = a() => {}
        }
        // spawnlint: allow(on_tail): j
        tokio::spawn(async {
            x
        });
    }
}
// spawnlint: allow(on_macro): k
thread_local! { static X: u8 = 1; }
",
        expect![[r##"
            // spawnlint: allow(on_import): a [on_import=on_import] "a"
              covers: "use a::b;"
            // spawnlint: allow(on_struct): b [on_struct=on_struct] "b"
              covers: "#[derive(Debug)]\npub struct S {\n    // spawnlint: allow(on_field): c\n    #[serde(skip)]\n    pub x: Vec<u8>,\n    y: u8, }"
            // spawnlint: allow(on_field): c [on_field=on_field] "c"
              covers: "#[serde(skip)]\n    pub x: Vec<u8>"
            /* spawnlint: allow(on_method): d */ [on_method=on_method] "d"
              covers: "#[inline] pub async fn m(&self) {\n        // spawnlint: allow(on_statement): e\n        let x = a\n            // spawnlint: allow(in_chain): f\n            .b()\n            .c();\n        match x {\n            // spawnlint: allow(on_arm): g\n            A | B if c => { d }\n            _ => f(\n                // spawnlint: allow(on_argument): h\n                g(1),\n            ),\n        }\n        select! {\n            // spawnlint: allow(on_branch): i\n            _ = a() => {}\n        }\n        // spawnlint: allow(on_tail): j\n        tokio::spawn(async {\n            x\n        });\n    }"
            // spawnlint: allow(on_statement): e [on_statement=on_statement] "e"
              covers: "let x = a\n            // spawnlint: allow(in_chain): f\n            .b()\n            .c();"
            // spawnlint: allow(in_chain): f [in_chain=in_chain] "f"
              covers: "            .b()"
            // spawnlint: allow(on_arm): g [on_arm=on_arm] "g"
              covers: "A | B if c => { d }"
            // spawnlint: allow(on_argument): h [on_argument=on_argument] "h"
              covers: "g(1)"
            // spawnlint: allow(on_branch): i [on_branch=on_branch] "i"
              covers: "_ = a() => {}"
            // spawnlint: allow(on_tail): j [on_tail=on_tail] "j"
              covers: "tokio::spawn(async {\n            x\n        })"
            // spawnlint: allow(on_macro): k [on_macro=on_macro] "k"
              covers: "thread_local! { static X: u8 = 1; }"
        "##]],
    );
}

#[test]
fn a_comment_with_nothing_below_says_so() {
    check(
        "fn f() {\n a();\n // spawnlint: allow(x): y\n}\n// spawnlint: allow(z): y",
        expect![[r#"
        // spawnlint: allow(x): y [x=x] "y"
          problem: no code follows that this comment could apply to
        // spawnlint: allow(z): y [z=z] "y"
          problem: no code follows that this comment could apply to
    "#]],
    );
}

#[test]
fn inner_doc_comments_speak_of_the_file() {
    check(
        "//! About.\n#![allow(x)]\n//! spawnlint: allow(y): all\nfn f() {}",
        expect![[r#"
        //! spawnlint: allow(y): all [y=y] "all"
          covers: "//! About.\n#![allow(x)]\n//! spawnlint: allow(y): all\nfn f() {}"
    "#]],
    );
    check(
        "mod m {\n//! spawnlint: allow(y): all\n}",
        expect![[r#"
        //! spawnlint: allow(y): all [y=y] "all"
          problem: `//! spawnlint:` applies to the whole file and must be at its top
    "#]],
    );
}

#[test]
fn names_may_be_written_in_several_ways() {
    check(
        "// spawnlint: allow(a_b, c-d , spawnlint::e-f,): because: of it \nfn f() {}",
        expect![[r#"
        // spawnlint: allow(a_b, c-d , spawnlint::e-f,): because: of it  [a_b=a_b c_d=c-d e_f=spawnlint::e-f] "because: of it"
          covers: "fn f() {}"
    "#]],
    );
    check(
        "//spawnlint:allow (a)\nfn f() {}",
        expect![[r#"
        //spawnlint:allow (a) [a=a] ""
          covers: "fn f() {}"
    "#]],
    );
    check(
        "fn f() {} // spawnlint: allow(a): crlf\r\n",
        expect![[r#"
        // spawnlint: allow(a): crlf [a=a] "crlf"
          covers: "fn f() {} // spawnlint: allow(a): crlf"
    "#]],
    );
}

#[test]
fn malformed_comments_are_told() {
    for comment in ["alow(x)", "", "allow", "allow x", "allow()", "allow(x", "allow(x y)", "allow(x) why", "allow(,)"] {
        let summary = lowered(&format!("// spawnlint: {comment}\nfn f() {{}}"));
        assert_eq!(summary.suppressions.len(), 1, "{comment}");
        assert!(summary.suppressions[0].problem.is_some(), "{comment}");
    }
    check(
        "// spawnlint: alow(x): y\n// spawnlint: allow x\n// spawnlint: allow(a b): c\nfn f() {}",
        expect![[r#"
        // spawnlint: alow(x): y [] ""
          problem: expected `spawnlint: allow(rule): reason`, found `alow`
        // spawnlint: allow x [] ""
          problem: expected `spawnlint: allow(rule): reason`: rules go in parentheses
        // spawnlint: allow(a b): c [] ""
          problem: expected `spawnlint: allow(rule): reason`: `a b` is not a rule
    "#]],
    );
}

#[test]
fn prose_and_strings_are_no_comments_for_the_linter() {
    check(
        "// spawnlint finds tasks; see spawnlint: allow(x)
/// spawnlint: allow(x): y
fn f() { g(\"// spawnlint: allow(x): y\") }",
        expect![[""]],
    );
}
