//! One pass over the tokens before parsing: how deep the text nests, where its comments for the
//! linter stand, and why it may not be tokens at all.

use super::SyntaxError;
use ra_ap_rustc_lexer::{DocStyle, FrontmatterAllowed, LiteralKind, TokenKind, strip_shebang, tokenize};
use spawnlint_analysis::span::TextRange;

/// What one pass over the tokens shows.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// Where the text of the program begins: after byte order mark, shebang and frontmatter.
    pub(super) start: usize,
    /// An upper bound for the stack that a recursive parser needs, in [`UNITS_PER_LEVEL`]ths of what
    /// a pair of delimiters costs it. Operators and method chains are cheaper than delimiters.
    pub(super) units: u32,
    /// The token at which that is reached.
    pub(super) deepest: TextRange,
    /// Comments that speak to the linter.
    pub(super) comments: Vec<Comment>,
    /// Why the text cannot be cut into a tree of tokens.
    pub(super) problem: Option<SyntaxError>,
}

/// Units that one pair of delimiters takes.
pub(super) const UNITS_PER_LEVEL: u32 = 4;

/// A comment whose text begins with `spawnlint:`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comment {
    /// The comment.
    pub(super) range: TextRange,
    /// Whether `//!`.
    pub(super) is_inner_doc: bool,
    /// Whether code stands before it on its line.
    pub(super) is_trailing: bool,
}

/// Looks at all tokens of a text.
pub(super) fn scan(text: &str) -> Scan {
    let mut start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    start += strip_shebang(&text[start..]).unwrap_or(0);
    let mut it = Scanner { scan: Scan { start, ..Scan::default() }, ..Scanner::default() };
    let mut at = start;
    for token in tokenize(&text[start..], FrontmatterAllowed::Yes) {
        let end = at + token.len as usize;
        if token.kind != TokenKind::Whitespace {
            it.token(token.kind, TextRange::new(at as u32, end as u32), text);
        }
        at = end;
    }
    if let Some(open) = it.open.last() {
        it.scan.problem.get_or_insert_with(|| {
            let message = format!("this `{}` is never closed", &text[open.at.start as usize..open.at.end as usize]);
            SyntaxError { range: open.at, message }
        });
    }
    it.scan
}

#[derive(Default)]
struct Scanner {
    scan: Scan,
    open: Vec<Open>,
    /// Units that the open delimiters take.
    base: u32,
    /// Units that the tokens since the last separator may take without any delimiter: operators,
    /// method chains, `else if`, closures, generics.
    chain: u32,
    /// `<` that may be open generics; a comma in them separates nothing.
    angles: u32,
    /// Whether the last `<` compares or shifts.
    compares: bool,
    previous: Option<TokenKind>,
    previous_was_else: bool,
    /// End of the last token that is no comment and no space.
    code_end: u32,
}

struct Open {
    kind: TokenKind,
    at: TextRange,
    base: u32,
    chain: u32,
    angles: u32,
}

impl Scanner {
    fn token(&mut self, kind: TokenKind, at: TextRange, text: &str) {
        let mut is_else = false;
        match kind {
            TokenKind::LineComment { doc_style } => {
                self.comment(doc_style, at, text);
                return;
            }
            TokenKind::BlockComment { doc_style, terminated } => {
                if !terminated {
                    self.problem(at, "this comment is never closed");
                }
                self.comment(doc_style, at, text);
                return;
            }
            TokenKind::Frontmatter { .. } => {
                self.scan.start = at.end as usize;
                return;
            }
            TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace => self.open(kind, at),
            TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace => self.close(kind, at, text),
            TokenKind::Semi => self.separate(0),
            TokenKind::Comma => self.separate(self.angles * UNITS_PER_LEVEL),
            TokenKind::Ident => {
                let word = &text[at.start as usize..at.end as usize];
                is_else = word == "else";
                self.ident(word);
            }
            TokenKind::Lt => {
                // No generics follow a literal or a closed group; nor does `<` in `1 << 2`.
                self.compares = match self.previous {
                    Some(TokenKind::Literal { .. } | TokenKind::CloseParen | TokenKind::CloseBracket) => true,
                    Some(TokenKind::Lt) => self.compares,
                    _ => false,
                };
                self.angles += u32::from(!self.compares);
                self.chain += UNITS_PER_LEVEL;
            }
            TokenKind::Gt if self.previous == Some(TokenKind::Eq) => self.separate(0),
            TokenKind::Gt => {
                if self.previous != Some(TokenKind::Minus) {
                    self.angles = self.angles.saturating_sub(1);
                }
                self.chain += 1;
            }
            TokenKind::Literal { kind: literal, .. } if !is_terminated(literal) => {
                self.problem(at, "this literal is never closed");
            }
            TokenKind::Unknown | TokenKind::InvalidIdent => self.problem(at, "this character is not part of Rust"),
            TokenKind::Literal { .. } | TokenKind::RawIdent | TokenKind::Pound | TokenKind::Dollar => {}
            TokenKind::And | TokenKind::Minus => self.chain += 2,
            _ => self.chain += 1,
        }
        self.previous_was_else = is_else;
        self.previous = Some(kind);
        self.code_end = at.end;
        let units = self.base + self.chain;
        if units > self.scan.units {
            self.scan.units = units;
            self.scan.deepest = at;
        }
    }

    fn separate(&mut self, chain: u32) {
        self.chain = chain;
        self.angles = chain / UNITS_PER_LEVEL;
    }

    fn ident(&mut self, word: &str) {
        // After a brace any other word begins an item, a statement or an arm.
        if self.previous == Some(TokenKind::CloseBrace) && !matches!(word, "else" | "as" | "in") {
            self.separate(0);
        }
        if !(word == "if" && self.previous_was_else) {
            self.chain += word_units(word.as_bytes());
        }
    }

    fn open(&mut self, kind: TokenKind, at: TextRange) {
        // `f()()()`, `a[0][0][0]`.
        let is_postfix = matches!(
            self.previous,
            Some(TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace | TokenKind::Question)
        );
        self.chain += u32::from(is_postfix && kind != TokenKind::OpenBrace);
        self.open.push(Open { kind, at, base: self.base, chain: self.chain, angles: self.angles });
        self.base += self.chain + UNITS_PER_LEVEL;
        self.separate(0);
    }

    fn close(&mut self, kind: TokenKind, at: TextRange, text: &str) {
        let token = &text[at.start as usize..at.end as usize];
        let Some(open) = self.open.pop() else {
            self.problem(at, format!("this `{token}` closes nothing"));
            return;
        };
        let expected = match open.kind {
            TokenKind::OpenParen => TokenKind::CloseParen,
            TokenKind::OpenBracket => TokenKind::CloseBracket,
            _ => TokenKind::CloseBrace,
        };
        if kind != expected {
            self.problem(at, format!("this `{token}` does not match what was opened before it"));
        }
        (self.base, self.chain, self.angles) = (open.base, open.chain, open.angles);
    }

    fn problem(&mut self, range: TextRange, message: impl Into<String>) {
        self.scan.problem.get_or_insert_with(|| SyntaxError { range, message: message.into() });
    }

    fn comment(&mut self, doc_style: Option<DocStyle>, range: TextRange, text: &str) {
        let body = &text[range.start as usize + 2..range.end as usize];
        let is_inner_doc = doc_style == Some(DocStyle::Inner);
        let body = if is_inner_doc { &body[1..] } else { body };
        if doc_style == Some(DocStyle::Outer) || !body.trim_start().starts_with("spawnlint:") {
            return;
        }
        // The lexer ends a line at its line feed.
        let range = TextRange::new(range.start, range.end - u32::from(body.ends_with('\r')));
        let line = text[..range.start as usize].rfind('\n').map_or(0, |at| at + 1);
        let is_trailing = self.code_end as usize > line;
        self.scan.comments.push(Comment { range, is_inner_doc, is_trailing });
    }
}

/// Units that a word may take, if it is a keyword.
pub(super) fn word_units(word: &[u8]) -> u32 {
    if word.len() > "become".len() {
        return 0;
    }
    match word {
        b"dyn" | b"impl" | b"fn" | b"for" | b"if" | b"match" | b"while" => 2,
        b"else" | b"move" | b"return" | b"break" | b"yield" | b"async" | b"as" | b"let" | b"loop" | b"in" | b"box"
        | b"const" | b"unsafe" | b"ref" | b"mut" | b"static" | b"become" | b"try" | b"do" => 1,
        _ => 0,
    }
}

fn is_terminated(kind: LiteralKind) -> bool {
    match kind {
        LiteralKind::Int { .. } | LiteralKind::Float { .. } => true,
        LiteralKind::Char { terminated }
        | LiteralKind::Byte { terminated }
        | LiteralKind::Str { terminated }
        | LiteralKind::ByteStr { terminated }
        | LiteralKind::CStr { terminated } => terminated,
        LiteralKind::RawStr { n_hashes } | LiteralKind::RawByteStr { n_hashes } | LiteralKind::RawCStr { n_hashes } => {
            n_hashes.is_some()
        }
    }
}
