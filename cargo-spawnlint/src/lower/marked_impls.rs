//! Impl blocks that only an attribute macro makes legal: `#[ext(name = X)] pub impl Trait for T { .. }`.
//!
//! rustc's grammar takes a visibility and `default` before any `impl`, and complains only when they are still
//! there after macros have run. The parser refuses them, so they are taken out for it.

use ra_ap_rustc_lexer::{FrontmatterAllowed, TokenKind, tokenize};

/// The text with blanks for what stands before an `impl` and may not stand there; `None` if nothing does.
/// Nothing moves.
pub(super) fn without_marks(text: &str) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    let mut at = 0;
    // Where the words begin that may be blanked, if an `impl` follows.
    let mut marks = None;
    // Open parentheses of a `pub(..)`.
    let mut depth = 0_u32;
    let mut has_changed = false;
    for token in tokenize(text, FrontmatterAllowed::No) {
        let range = at..at + token.len as usize;
        at = range.end;
        match (token.kind, &text[range.clone()]) {
            (TokenKind::Whitespace | TokenKind::LineComment { .. } | TokenKind::BlockComment { .. }, _) => {}
            (TokenKind::Ident, "pub") => (marks, depth) = (Some(Marks::at(range)), 0),
            (TokenKind::Ident, "default") if depth == 0 => {
                marks = Some(marks.unwrap_or_else(|| Marks::at(range.clone())).up_to(range.end));
            }
            (TokenKind::OpenParen, _) if marks.is_some() => depth += 1,
            (TokenKind::CloseParen, _) if depth > 0 => {
                depth -= 1;
                marks = marks.map(|marks| marks.up_to(range.end));
            }
            // What `pub(in a::b)` names.
            (TokenKind::Ident | TokenKind::Colon, _) if depth > 0 => {}
            (TokenKind::Ident, "unsafe" | "const") => {}
            (TokenKind::Ident, "impl") => {
                if let Some(Marks { start, end }) = marks.take() {
                    // Line breaks stay, for the lines of comments.
                    bytes[start..end].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
                    has_changed = true;
                }
            }
            _ => (marks, depth) = (None, 0),
        }
    }
    String::from_utf8(bytes).ok().filter(|_| has_changed)
}

struct Marks {
    start: usize,
    end: usize,
}

impl Marks {
    fn at(range: std::ops::Range<usize>) -> Marks {
        Marks { start: range.start, end: range.end }
    }

    fn up_to(self, end: usize) -> Marks {
        Marks { end, ..self }
    }
}
