//! Large texts are lowered piece by piece, and nobody can tell.

use super::sample::SAMPLE;
use crate::lower::cx::Cx;
use crate::lower::{Definitions, Look, Lowered, look, lower_here, lower_pieces};

/// A text of many items, some of them with characters of several bytes, each with what `more` says of its number.
fn many(more: impl Fn(usize) -> String) -> String {
    let item = |i: usize| {
        let more = more(i);
        format!(
            "/// Ä {i}\nmod m{i} {{\n{SAMPLE}\n}}\nconst Ü{i}: &str = \"ö\"; fn f{i}() {{ let x = é(|| {{ 1 }}); }}\n{more}"
        )
    };
    (0..)
        .map(item)
        .scan(0, |len, item| {
            *len += item.len();
            (*len < 200_000).then_some(item)
        })
        .collect()
}

/// Lowers a text as it is done, and as a whole.
fn both(text: &str) -> (Lowered, Lowered) {
    let found = look(text);
    assert!(found.cuts.len() > 2, "{} cuts", found.cuts.len());
    let whole = Look { cuts: vec![], ..look(text) };
    (lower_here(text, &found, &Definitions::default()), lower_here(text, &whole, &Definitions::default()))
}

fn is_cut(text: &str) -> bool {
    let found = look(text);
    lower_pieces(Cx::new(text, found.scan.start), &found.plain, &found.scan, &found.cuts).is_some()
}

#[test]
fn pieces_give_the_same_as_the_whole() {
    let texts = [
        many(|_| String::new()),
        format!("#!/bin/sh\n\n#![cfg(test)]\n{}", many(|_| String::new())),
        many(|i| format!("// spawnlint: allow(detached_task): number {i}\nfn g{i}() {{ spawn(x); }}\n")),
    ];
    for text in texts {
        let (pieces, whole) = both(&text);
        assert_eq!(whole.errors, []);
        assert!(pieces.summary == whole.summary);
        assert!(is_cut(&text));
    }
}

#[test]
fn what_cannot_be_cut_is_read_as_a_whole() {
    let attribute = many(|i| if i > 5 { "#![allow(x)]\n".to_owned() } else { String::new() });
    let value = many(|i| format!("const C{i}: u8 = {{\n1 }}\n+ 1;\n"));
    let broken = many(|i| if i == 9 { "fn ;\n".to_owned() } else { String::new() });
    for text in [attribute, value, broken] {
        let (pieces, whole) = both(&text);
        assert!(!is_cut(&text) || whole.errors.is_empty());
        assert_eq!(pieces.errors, whole.errors);
        assert!(pieces.summary == whole.summary);
    }
}
