//! The first look never sees less than the lexer, and takes the same comments for documentation.

use super::sample::SAMPLE;
use crate::lower::quick::{Quick, quick, without_docs};
use crate::lower::scan::scan;
use ra_ap_rustc_lexer::{FrontmatterAllowed, TokenKind, tokenize};
use std::fs;
use std::path::Path;
use walkdir::WalkDir;

/// Where the lexer sees doc comments.
fn docs(text: &str, start: usize) -> Vec<usize> {
    let mut at = start;
    let mut docs = vec![];
    for token in tokenize(&text[start..], FrontmatterAllowed::No) {
        let is_doc = match token.kind {
            TokenKind::LineComment { doc_style } | TokenKind::BlockComment { doc_style, .. } => doc_style.is_some(),
            _ => false,
        };
        if is_doc {
            docs.push(at + 2);
        }
        at += token.len as usize;
    }
    docs
}

/// Whether a first look was enough; if so, it must be right.
#[track_caller]
fn is_enough(text: &str, name: &str) -> bool {
    let Some(it) = quick(text) else { return false };
    let scan = scan(text);
    if scan.problem.is_some() {
        // The parser will refuse these tokens before it recurses.
        return true;
    }
    assert_eq!(it.start, scan.start, "{name}");
    assert!(it.units >= scan.units, "{name}: {} units, but the lexer sees {}", it.units, scan.units);
    assert_eq!(it.docs, docs(text, it.start), "{name}");
    let plain = without_docs(text, &it);
    assert_eq!((plain.len(), docs(&plain, it.start)), (text.len(), vec![]), "{name}");
    true
}

#[test]
fn the_lexer_agrees_on_all_sources_here() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let is_source = |path: &Path| path.extension().is_some_and(|it| it == "rs");
    let mut enough = 0;
    for folder in ["cargo-spawnlint", "rules", "tests", "test-fixtures"] {
        for entry in WalkDir::new(repository.join(folder)).into_iter().filter_map(Result::ok) {
            if let Ok(text) = fs::read_to_string(entry.path())
                && is_source(entry.path())
            {
                enough += usize::from(is_enough(&text, &entry.path().to_string_lossy()));
            }
        }
    }
    assert!(enough > 100);
    assert!(is_enough(SAMPLE, "sample"));
}

#[test]
fn the_lexer_agrees_on_texts_cut_short() {
    for (end, _) in SAMPLE.char_indices() {
        is_enough(&SAMPLE[..end], "head");
        is_enough(&SAMPLE[end..], "tail");
    }
}

#[test]
fn the_lexer_agrees_on_what_looks_like_something_else() {
    for text in [
        r#"let a = "/// no \" doc"; /// doc"#,
        r##"let a = r#"/// no " doc"#; /// doc"##,
        "let a = r\"\\\"; /// doc",
        "let a = br\"\\\"; let b = b\"\\\"///\"; let c = cr#\"\"#; /// doc",
        "let a = '\"'; /// doc '\"'",
        "let a = '\\''; /// doc",
        "let a = b'\\\\'; /// doc '",
        "let a = '\\u{1F600}'; /// doc",
        "let a = '\u{1F600}'; /// doc",
        "let a = 'ä'; let b: &'ä str = \"\"; /// doc",
        "let a = '/'; /// doc",
        "fn a<'a>(b: &'a str, c: &'static str) -> &'a str { 'a: loop { break 'a; } } /// doc",
        "//// no doc\n/***/ /**/ /*** no doc */ /** doc /* in */ */ /*! doc */ //! doc",
        "/* \" */ /// doc",
        "// \" ' \n/// doc",
        "let r#if = r#else; } r#if /// doc",
        "let a = 1.0e-5 + 1..2 + 0xfe_u8; a.0.1 /// doc",
        "#!/usr/bin/env run\n/// doc",
        "\u{feff}#![allow(a)] /// doc",
        "match a { b'{' => '{', _ => '}' } /// doc",
        "/// doc\r\n/// doc\r\n",
        "a - -b => c < d <= e >> f -> g /// doc",
    ] {
        assert!(is_enough(text, text), "{text}");
    }
}

#[test]
fn what_is_never_closed_is_left_to_the_lexer() {
    for text in ["\"", "\"\\", "'\\", "r#\"\"", "/* /* */", "'", "---\na\n---\nfn f() {}"] {
        assert_eq!(quick(text), None, "{text}");
    }
}

#[test]
fn the_lexer_need_not_look_at_ordinary_code() {
    let Some(Quick { units, .. }) = quick(SAMPLE) else { panic!("nothing is wrong with it") };
    assert!(units < 256, "{units}");
}
