//! Texts that nobody would write: real ones with a few changes that come from a seed.

use cargo_spawnlint::lower::lower;
use fastrand::Rng;
use ra_ap_rustc_lexer::{FrontmatterAllowed, TokenKind, tokenize};
use std::ops::Range;

/// What may be put between two tokens.
const WORDS: &[&str] = &[
    " async ",
    " move ",
    ".await",
    " loop ",
    "?",
    "&",
    " mut ",
    " return ",
    " unsafe ",
    ";",
    ",",
    "!",
    " await ",
    " dyn ",
    "::",
    " break ",
    " continue ",
    " else ",
    " ref ",
    " static ",
    "'a ",
    " box ",
    " yield ",
    "..",
    "=> ",
    "| ",
    "#",
    "$",
];

/// What may be put around a statement.
const AROUND_STATEMENTS: &[(&str, &str)] = &[
    ("{ ", " }"),
    ("loop { ", " }"),
    ("if true { ", " }"),
    ("while let Some(_) = it.next() { ", " }"),
    ("for _ in 0..9 { ", " }"),
    ("match () { () => { ", " } }"),
    ("unsafe { ", " }"),
    ("async move { ", " };"),
    ("tokio::spawn(async move { ", " });"),
    ("let _ = { ", " };"),
    ("let task = move || { ", " };"),
    ("mod inner { ", " }"),
    ("fn inner() { ", " }"),
    ("tokio::select! { _ = wait => { ", " } }"),
];

/// What may be put around the insides of brackets.
const AROUND_EXPRESSIONS: &[(&str, &str)] = &[
    ("(", ")"),
    ("{ ", " }"),
    ("Some(", ")"),
    ("drop(", ")"),
    ("tokio::spawn(", ")"),
    ("async move { ", " }"),
    ("(|| ", ")()"),
    ("vec![", "]"),
    ("Box::pin(", ")"),
    ("std::sync::Arc::new(", ")"),
    ("AbortOnDropHandle::new(", ")"),
    ("if x { ", " } else { y }"),
];

/// What may stand anywhere.
const ODD: &[&str] = &[
    "\u{202e}",
    "\u{feff}",
    "é",
    "🦀",
    "\0",
    "\r",
    "\t",
    "\"",
    "'",
    "/*",
    "*/",
    "//",
    "r#\"",
    "\\",
    "\u{2028}",
    "`",
    "\n\n",
    "0x",
    "1e",
    "b'",
    "//! x\n",
    "/// x\n",
    "#![x]",
    "#[cfg(x)]",
    "// spawnlint: allow(all): x\n",
    "\r\n",
    "{",
    "}",
    "(",
    ")",
];

/// How often something else is tried where a change leaves no Rust.
const TRIES: usize = 8;

/// A mutant of a text, with pieces of another one. Most of them are Rust: what is not is soon dealt with.
pub fn mutant(text: &str, other: &str, rng: &mut Rng) -> String {
    let mut text = text.to_owned();
    let tries = if rng.u8(0..10) == 0 { 1 } else { TRIES };
    for _ in 0..rng.usize(1..=3) {
        let mut changes = (0..tries).map(|_| changed(&text, other, rng));
        let rust = changes.find(|it| *it != text && lower(it).errors.is_empty());
        text = rust.unwrap_or_else(|| changed(&text, other, rng));
    }
    text
}

fn changed(text: &str, other: &str, rng: &mut Rng) -> String {
    match rng.u8(0..20) {
        0..4 => of_tokens(text, rng),
        4..10 => of_statements(text, other, rng),
        10..14 => of_brackets(text, other, rng),
        14..18 => of_names(text, rng),
        _ => of_bytes(text, rng),
    }
}

/// Tokens that are left out, doubled, exchanged or put in.
fn of_tokens(text: &str, rng: &mut Rng) -> String {
    let tokens = tokens(text);
    let Some(at) = rng.choice(tokens.iter()).map(|it| it.range.clone()) else { return text.to_owned() };
    match rng.u8(0..5) {
        0 => replaced(text, at, ""),
        1 => replaced(text, at.clone(), &format!("{0} {0}", &text[at])),
        2 | 3 => replaced(text, at.end..at.end, rng.choice(WORDS).expect("there are some")),
        _ => {
            let other = rng.choice(tokens.iter()).map_or(at.clone(), |it| it.range.clone());
            exchanged(text, at, other)
        }
    }
}

/// Statements and items: left out, doubled, exchanged, moved, brought in from elsewhere, put into blocks.
fn of_statements(text: &str, other: &str, rng: &mut Rng) -> String {
    let statements = statements(text);
    let mut any = || rng.choice(statements.iter()).cloned();
    let (Some(at), Some(second)) = (any(), any()) else { return text.to_owned() };
    match rng.u8(0..8) {
        0 => replaced(text, at, ""),
        1 => replaced(text, at.end..at.end, &format!("\n{}", &text[at])),
        2 => exchanged(text, at, second),
        3 => {
            let moved = text[second.clone()].to_owned();
            let place = if at.start >= second.end { at.start - second.len() } else { at.start };
            let is_apart = at.start >= second.end || at.start <= second.start;
            if is_apart { replaced(&replaced(text, second, ""), place..place, &moved) } else { text.to_owned() }
        }
        4 => match rng.choice(self::statements(other).iter()) {
            Some(from) => replaced(text, at.start..at.start, &format!("{}\n", &other[from.clone()])),
            None => text.to_owned(),
        },
        _ => around(text, at, rng.choice(AROUND_STATEMENTS).expect("there are some")),
    }
}

/// What stands in brackets: left out, exchanged, brought in from elsewhere, wrapped.
fn of_brackets(text: &str, other: &str, rng: &mut Rng) -> String {
    let groups = groups(text);
    let Some(at) = rng.choice(groups.iter()).cloned() else { return text.to_owned() };
    let bracket = text.as_bytes()[at.start - 1];
    match rng.u8(0..5) {
        0 => replaced(text, at, ""),
        1 => {
            let alike = groups.iter().filter(|it| text.as_bytes()[it.start - 1] == bracket).collect::<Vec<_>>();
            let second = rng.choice(alike).expect("it is like itself");
            exchanged(text, at, second.clone())
        }
        2 => replaced(text, at.clone(), &format!("{0}, {0}", &text[at])),
        3 => {
            let mut from = self::groups(other);
            from.retain(|it| other.as_bytes()[it.start - 1] == bracket);
            let from = rng.choice(from.iter());
            from.map_or_else(|| text.to_owned(), |from| replaced(text, at, &other[from.clone()]))
        }
        _ => around(text, at, rng.choice(AROUND_EXPRESSIONS).expect("there are some")),
    }
}

/// Another name for a name, another literal for a literal, both from the same text.
fn of_names(text: &str, rng: &mut Rng) -> String {
    let is_literal = rng.u8(0..5) == 0;
    let tokens: Vec<Range<usize>> =
        tokens(text).into_iter().filter(|it| it.is_literal == is_literal && it.is_word).map(|it| it.range).collect();
    let mut any = || rng.choice(tokens.iter()).cloned();
    let (Some(at), Some(other)) = (any(), any()) else { return text.to_owned() };
    replaced(text, at, &text[other])
}

/// Bytes that are cut off or put in, other line ends, other indentation.
fn of_bytes(text: &str, rng: &mut Rng) -> String {
    let place = |rng: &mut Rng| {
        let near = rng.usize(0..=text.len());
        (0..=near).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
    };
    let start = place(rng);
    match rng.u8(0..10) {
        0 => text[..start].to_owned(),
        1 => text[start..].to_owned(),
        2 => {
            let end = place(rng);
            replaced(text, start.min(end)..start.max(end), "")
        }
        3 => text.replace('\n', "\r\n"),
        4 => text.replace("    ", "\t"),
        5 => text.trim_end().to_owned(),
        6 => text.replace('\n', " "),
        7 => format!("\u{feff}{text}"),
        _ => replaced(text, start..start, rng.choice(ODD).expect("there are some")),
    }
}

struct Token {
    range: Range<usize>,
    /// Whether another one of its kind could stand there.
    is_word: bool,
    is_literal: bool,
}

/// The tokens of a text, but for spaces and comments.
fn tokens(text: &str) -> Vec<Token> {
    let mut end = 0;
    let all = tokenize(text, FrontmatterAllowed::No).map(|token| {
        let start = end;
        end += token.len as usize;
        (token.kind, start..end)
    });
    let is_code = |kind: &TokenKind| {
        !matches!(kind, TokenKind::Whitespace | TokenKind::LineComment { .. } | TokenKind::BlockComment { .. })
    };
    all.filter(|(kind, _)| is_code(kind))
        .map(|(kind, range)| {
            let is_literal = matches!(kind, TokenKind::Literal { .. });
            Token { is_word: is_literal || kind == TokenKind::Ident, is_literal, range }
        })
        .collect()
}

/// The insides of brackets.
fn groups(text: &str) -> Vec<Range<usize>> {
    let (mut open, mut groups) = (Vec::new(), Vec::new());
    for token in tokens(text) {
        match &text[token.range.clone()] {
            "(" | "[" | "{" => open.push(token.range.end),
            ")" | "]" | "}" => groups.extend(open.pop().map(|start| start..token.range.start)),
            _ => {}
        }
    }
    groups
}

/// The items of a file.
pub(crate) fn items(text: &str) -> Vec<&str> {
    let mut items: Vec<Range<usize>> = Vec::new();
    for it in statements(text) {
        // What is around others comes behind them.
        items.retain(|inner| inner.start < it.start);
        match items.last_mut().filter(|_| &text[it.clone()] == ";") {
            // That of an import with braces.
            Some(last) => last.end = it.end,
            None => items.push(it),
        }
    }
    items.into_iter().map(|it| &text[it]).collect()
}

/// What stands between `{`, `;` and `}`, with its end: statements, items, fields and arms, roughly.
fn statements(text: &str) -> Vec<Range<usize>> {
    let mut statements = Vec::new();
    // For each open bracket where the statement in it begins; `None` where none does.
    let mut open: Vec<Option<usize>> = vec![None];
    for token in tokens(text) {
        let is = &text[token.range.clone()];
        if matches!(is, ")" | "]" | "}")
            && open.len() > 1
            && let Some(start) = open.pop().flatten()
        {
            statements.push(start..token.range.start);
        }
        let begun = open.last_mut().expect("the file is never closed");
        let start = *begun.get_or_insert(token.range.start);
        match is {
            "(" | "[" | "{" => open.push(None),
            ";" | "}" => {
                statements.push(start..token.range.end);
                *begun = None;
            }
            _ => {}
        }
    }
    statements
}

fn replaced(text: &str, at: Range<usize>, by: &str) -> String {
    format!("{}{by}{}", &text[..at.start], &text[at.end..])
}

fn around(text: &str, at: Range<usize>, (before, behind): &(&str, &str)) -> String {
    replaced(text, at.clone(), &format!("{before}{}{behind}", &text[at]))
}

/// Two pieces of a text in each other's place, unless one is in the other.
fn exchanged(text: &str, a: Range<usize>, b: Range<usize>) -> String {
    let (first, second) = if a.start <= b.start { (a, b) } else { (b, a) };
    if first.end > second.start {
        return text.to_owned();
    }
    let (one, two) = (&text[first.clone()], &text[second.clone()]);
    format!("{}{two}{}{one}{}", &text[..first.start], &text[first.end..second.start], &text[second.end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_a_text() {
        let text = "fn a() { let x = b(1); c() }\nstruct S;";
        let pieces = |ranges: Vec<Range<usize>>| ranges.into_iter().map(|it| text[it].to_owned()).collect::<Vec<_>>();
        assert_eq!(pieces(groups(text)), ["", "1", "", " let x = b(1); c() "]);
        let found = pieces(statements(text));
        assert_eq!(found, ["1", "let x = b(1);", "c() ", "fn a() { let x = b(1); c() }", "struct S;"]);
        assert_eq!(items(text), ["fn a() { let x = b(1); c() }", "struct S;"]);
        assert_eq!(items("use a::{b, c}; fn d() {}"), ["use a::{b, c};", "fn d() {}"]);
    }

    #[test]
    fn the_same_seed_gives_the_same_mutant() {
        let text = "fn a() { let x = b(1); c() }\n";
        let mutants = |seed| (0..50).scan(Rng::with_seed(seed), |rng, _| Some(mutant(text, text, rng))).collect();
        let (first, again, other): (Vec<_>, Vec<_>, Vec<_>) = (mutants(1), mutants(1), mutants(2));
        assert!(first == again && first != other);
        assert!(first.iter().filter(|it| *it != text).count() > 40);
    }
}
