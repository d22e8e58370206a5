//! What a piece of code says, whatever its layout: for those who compare code and not text.

use ra_ap_rustc_lexer::{FrontmatterAllowed, TokenKind, tokenize};

/// The tokens of a piece of code that begins and ends between tokens. Spaces and comments are left out, and so is what
/// rustfmt adds and takes away: trailing commas and semicolons, braces of closures and arms, parentheses, leading `|`.
pub fn telling_tokens(code: &str) -> impl Iterator<Item = &str> {
    let mut end = 0;
    let tokens = tokenize(code, FrontmatterAllowed::No).map(move |token| {
        let start = end;
        end += token.len as usize;
        (token.kind, &code[start..end])
    });
    tokens.filter(|(kind, _)| tells(*kind)).map(|(_, text)| text)
}

fn tells(kind: TokenKind) -> bool {
    !matches!(
        kind,
        TokenKind::Whitespace
            | TokenKind::LineComment { .. }
            | TokenKind::BlockComment { .. }
            | TokenKind::OpenParen
            | TokenKind::CloseParen
            | TokenKind::OpenBrace
            | TokenKind::CloseBrace
            | TokenKind::Comma
            | TokenKind::Semi
            | TokenKind::Or
    )
}
