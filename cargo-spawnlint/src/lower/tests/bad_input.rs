//! Texts that are no programs, or programs that nobody wrote by hand: never a panic.

use super::sample::SAMPLE;
use super::{check_order, lowered};
use crate::lower::{MAX_BYTES, MAX_LEVELS, lower};
use expect_test::{Expect, expect};
use ra_ap_rustc_lexer::{FrontmatterAllowed, tokenize};
use spawnlint_analysis::facts::Expr;

#[track_caller]
fn errors(text: &str, expected: Expect) {
    let lowered = lower(text);
    let printed: Vec<String> = lowered
        .errors
        .iter()
        .map(|error| format!("{}..{}: {}\n", error.range.start, error.range.end, error.message))
        .collect();
    assert!(lowered.summary.functions.is_empty() && lowered.summary.modules.len() == 1);
    expected.assert_eq(&printed.concat());
}

#[test]
fn deep_sources_are_read() {
    let nested = |open: &str, middle: &str, close: &str, times: usize| {
        format!("fn f() {{ {}{middle}{} }}", open.repeat(times), close.repeat(times))
    };
    for text in [
        nested("(", "a", ")", 10_000),
        nested("{", "a", "}", 3_000),
        nested("[", "a", "]", 3_000),
        nested("if a {", "", "}", 3_000),
        nested("if a {} else ", "{}", "", 5_000),
        nested("!", "a", "", 10_000),
        nested("-", "a", "", 3_000),
        nested("&", "a", "", 3_000),
        nested("a + ", "a", "", 10_000),
        nested("a = ", "a", "", 3_000),
        nested("a && b == c || ", "a", "", 2_000),
        nested("", "a", ".a()", 5_000),
        nested("", "a", ".a", 5_000),
        nested("", "a", "?", 5_000),
        nested("", "a", "(1)", 5_000),
        nested("", "a", "[1]", 5_000),
        nested("", "a", " as u8", 3_000),
        nested("|a| ", "b", "", 3_000),
        nested("|| ", "b", "", 3_000),
        nested("move || async {", "b", "}", 1_000),
        nested("return ", "b", "", 3_000),
        nested("break 'a ", "b", "", 3_000),
        nested("f(", "b", ")", 3_000),
        nested("S { a: ", "b", "}", 3_000),
        nested("match a { _ => ", "b", "}", 3_000),
        nested("vec![", "b", "]", 300),
        nested("select! { _ = a => ", "b", "}", 300),
        nested("fn a() {", "b", "}", 1_000),
        format!("type A = {}u8{};", "Vec<".repeat(3_000), ">".repeat(3_000)),
        format!("type A = {}u8{};", "Map<u8, ".repeat(3_000), ">".repeat(3_000)),
        format!("type A = {}u8;", "&'static ".repeat(3_000)),
        format!("type A = {}u8;", "*const ".repeat(3_000)),
        format!("type A = {}u8;", "fn() -> ".repeat(3_000)),
        format!("type A = {}u8{};", "(".repeat(3_000), ")".repeat(3_000)),
        format!("{}{}", "mod a {".repeat(3_000), "}".repeat(3_000)),
        format!("use {}b{};", "a::{".repeat(3_000), "}".repeat(3_000)),
        format!("use {}b;", "a::".repeat(3_000)),
        format!("fn f() {{ let {}a = 1; }}", "&".repeat(3_000)),
        format!("fn f() {{ let {}a = 1; }}", "a @ ".repeat(3_000)),
        format!("fn f() {{ let {}a{} = 1; }}", "S(".repeat(3_000), ")".repeat(3_000)),
    ] {
        let lowered = lower(&text);
        let start: String = text.chars().take(60).collect();
        assert!(lowered.errors.is_empty(), "{start}: {:?}", lowered.errors);
        check_order(&lowered.summary);
    }
}

#[test]
fn what_is_deeper_still_is_refused() {
    let text = format!("fn f() {{ {}a{} }}", "(".repeat(100_000), ")".repeat(100_000));
    errors(
        &text,
        expect![[r#"
            100008..100009: nested too deeply (100001 levels; at most 20000)
        "#]],
    );
    for open in ["!", "a+", "|a|", "Vec<", "if a {} else ", "&", "a.b().", "{", "a!["] {
        assert!(!lower(&format!("fn f() {{ {}", open.repeat(100_000))).errors.is_empty());
    }
}

#[test]
fn calls_of_macros_in_one_another_are_read_up_to_a_depth() {
    for (open, close) in [("m!{", "}"), ("println!(", ")"), ("m!{ fn f() { m!{", "} } }")] {
        let read = |levels: usize| {
            let summary = lowered(&format!("fn f() {{ {}a(){} }}", open.repeat(levels), close.repeat(levels)));
            summary.exprs.iter().any(|expr| matches!(expr, Expr::Call { .. }))
        };
        assert!(read(50), "{open}");
        assert!(!read(400), "{open}");
    }
}

#[test]
fn long_sources_are_not_deep() {
    let many = |line: &str| format!("fn f() {{ {} }}", line.repeat(30_000));
    for text in [
        many("a.b(1, &c)?; "),
        many("if a { b } else { c }\n"),
        many("for a in b { c }\n"),
        many("let a = |b| -c; "),
        many("m!{}\n"),
        format!("enum E {{ {} }}", (0..20_000).map(|at| format!("A{at} = 1 << {at},\n")).collect::<String>()),
        format!("const A: &[(u8, f32)] = &[{}];", "(1, -2.5), ".repeat(50_000)),
        format!("fn f() {{ match a {{ {} }} }}", "A | B if c < d => {}\n".repeat(20_000)),
        "impl<T: Clone> A<T> for B<T> { fn f(&self) -> C<T> { d } }\n".repeat(20_000),
    ] {
        lowered(&text);
    }
    const { assert!(MAX_LEVELS < 30_000) };
}

#[test]
fn large_files_are_refused() {
    errors(
        &" ".repeat(MAX_BYTES + 1),
        expect![[r#"
        0..0: the file is too large (16777217 bytes; at most 16777216)
    "#]],
    );
}

#[test]
fn what_stands_before_the_program_is_skipped() {
    for text in [
        "\u{feff}#!/usr/bin/env run\nfn f() {}",
        "\u{feff}fn f() {}",
        "#![allow(x)]\nfn f() {}",
        "#!/bin/sh\n---\n[dependencies]\n---\nfn f() {}",
        "---\n---\nfn f() {}",
        "fn f() {\r\n    g();\r\n}\r\n",
    ] {
        let summary = lowered(text);
        let range = summary.functions[0].range;
        assert!(text[range.start as usize..].starts_with("fn f"), "{text}");
    }
    for text in ["", "\u{feff}", "#!/bin/sh", "// only a comment", "\n\n"] {
        assert_eq!(lowered(text).modules.len(), 1);
    }
}

#[test]
fn errors_say_what_and_where() {
    errors(
        "fn f() { let x = ; }",
        expect![[r#"
        17..18: expected an expression
    "#]],
    );
    errors(
        "fn f() { a(]; }",
        expect![[r#"
        11..12: this `]` does not match what was opened before it
    "#]],
    );
    errors(
        "fn f() {",
        expect![[r#"
        7..8: this `{` is never closed
    "#]],
    );
    errors(
        "fn f() { } }",
        expect![[r#"
        11..12: this `}` closes nothing
    "#]],
    );
    errors(
        "const A: &str = \"abc",
        expect![[r#"
        16..20: this literal is never closed
    "#]],
    );
    errors(
        "/* abc",
        expect![[r#"
        0..6: this comment is never closed
    "#]],
    );
    errors(
        "fn f() { \0 }",
        expect![[r#"
        9..10: this character is not part of Rust
    "#]],
    );
    errors(
        "fn f() -> ",
        expect![[r#"
        10..10: unexpected end of input, expected one of: `for`, parentheses, `unsafe`, `fn`, `extern`, identifier, `::`, `<`, `dyn`, square brackets, `*`, `&`, `!`, `impl`, `_`, lifetime
    "#]],
    );
    errors(
        "\u{feff}#!/bin/sh\nfn ä( ) { let = 1 }",
        expect![[r#"
        28..29: expected one of: identifier, `::`, `<`, `_`, literal, `const`, `ref`, `mut`, `&`, parentheses, square brackets, `..`, `const`
    "#]],
    );
    errors(
        "struct",
        expect![[r#"
        6..6: unexpected end of input, expected identifier
    "#]],
    );
}

#[test]
fn a_file_cut_short_anywhere_is_an_error_or_a_file() {
    let mut at = 0;
    for token in tokenize(SAMPLE, FrontmatterAllowed::No) {
        at += token.len as usize;
        check_order(&lower(&SAMPLE[..at]).summary);
        check_order(&lower(&SAMPLE[at..]).summary);
    }
}

#[test]
fn a_token_may_be_missing_anywhere() {
    let mut at = 0;
    for token in tokenize(SAMPLE, FrontmatterAllowed::No) {
        let end = at + token.len as usize;
        check_order(&lower(&format!("{}{}", &SAMPLE[..at], &SAMPLE[end..])).summary);
        at = end;
    }
}
