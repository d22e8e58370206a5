//! A first look at a text, byte by byte: enough to know that the lexer need not look at it.
//!
//! Most files neither nest deeply nor speak to the linter. For these, a whole pass of the lexer would only
//! confirm that, at a tenth of the price of parsing. On the way this finds the doc comments, which parsers
//! turn into attributes; in a well documented file they are a quarter of all tokens, and say nothing about tasks.

use super::scan::{UNITS_PER_LEVEL, word_units};
use ra_ap_rustc_lexer::strip_shebang;
use std::borrow::Cow;

/// What the first look shows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Quick {
    /// Where the text of the program begins.
    pub(super) start: usize,
    /// At least what [`Scan::units`](super::scan::Scan::units) says.
    pub(super) units: u32,
    /// Of each doc comment the byte that makes it one.
    pub(super) docs: Vec<usize>,
    /// Lines that begin behind an item, so that what stands before and what comes after are whole items, or neither is
    /// Rust. Each is [`PIECE`] bytes behind the one before, at least.
    pub(super) cuts: Vec<usize>,
}

/// A syntax tree takes up to eighty times the bytes of its text. In bytes.
const PIECE: usize = 32 << 10;

/// Looks at a text; `None` if it is better left to the lexer.
pub(super) fn quick(text: &str) -> Option<Quick> {
    let mut start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    start += strip_shebang(&text[start..]).unwrap_or(0);
    if text[start..].trim_start().starts_with("---") {
        // Frontmatter.
        return None;
    }
    let mut it = Looker { text, bytes: text.as_bytes(), at: start, ..Looker::default() };
    it.found.start = start;
    it.run()?;
    Some(it.found)
}

/// The text with its doc comments made ordinary ones. Nothing moves.
pub(super) fn without_docs<'t>(text: &'t str, quick: &Quick) -> Cow<'t, str> {
    if quick.docs.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut bytes = text.as_bytes().to_vec();
    for at in &quick.docs {
        bytes[*at] = b' ';
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// The last token, as far as the next one needs to know it.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Previous {
    CloseBrace,
    Else,
    Eq,
    Minus,
    #[default]
    Other,
}

#[derive(Default)]
struct Looker<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    found: Quick,
    /// `base`, `chain` and `angles` at each open delimiter; see the scanner.
    open: Vec<(u32, u32, u32)>,
    base: u32,
    chain: u32,
    angles: u32,
    previous: Previous,
}

impl Looker<'_> {
    fn run(&mut self) -> Option<()> {
        while let Some(byte) = self.peek(0) {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => self.word()?,
                b'/' if self.peek(1) == Some(b'/') => self.line_comment(),
                b'/' if self.peek(1) == Some(b'*') => self.block_comment()?,
                b'0'..=b'9' => {
                    self.at = self.word_end(self.at);
                    self.previous = Previous::Other;
                }
                b'"' => self.string()?,
                b'\'' => self.quote()?,
                _ => self.punct(byte),
            }
        }
        Some(())
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn word_end(&self, from: usize) -> usize {
        let is_end = |byte: &u8| !(byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80);
        self.bytes[from..].iter().position(is_end).map_or(self.bytes.len(), |len| from + len)
    }

    fn word(&mut self) -> Option<()> {
        let end = self.word_end(self.at);
        let word = &self.bytes[self.at..end];
        self.at = end;
        let is_prefix = matches!(self.peek(0), Some(b'"' | b'\'' | b'#'));
        if is_prefix && matches!(word, b"r" | b"br" | b"cr") {
            return self.raw();
        }
        if self.previous == Previous::CloseBrace && !is_prefix && !matches!(word, b"else" | b"as" | b"in") {
            self.separate(0);
        }
        let units = if word == b"if" && self.previous == Previous::Else { 0 } else { word_units(word) };
        self.add(units + u32::from(is_prefix));
        self.previous = if word == b"else" { Previous::Else } else { Previous::Other };
        Some(())
    }

    /// What follows `r`, `br` or `cr`: a raw string, or the rest of a raw identifier.
    fn raw(&mut self) -> Option<()> {
        self.previous = Previous::Other;
        let hashes = self.bytes[self.at..].iter().take_while(|byte| **byte == b'#').count();
        if self.peek(hashes) != Some(b'"') {
            self.at += hashes;
            // The identifier itself is no word: `r#if` branches nowhere.
            self.at = self.word_end(self.at);
            self.add(1);
            return Some(());
        }
        self.at += hashes + 1;
        loop {
            self.skip_past(b'"')?;
            let closing = &self.bytes[self.at..];
            if closing.len() >= hashes && closing[..hashes].iter().all(|byte| *byte == b'#') {
                self.at += hashes;
                return Some(());
            }
        }
    }

    fn skip_past(&mut self, byte: u8) -> Option<()> {
        self.at += self.bytes[self.at..].iter().position(|it| *it == byte)? + 1;
        Some(())
    }

    fn string(&mut self) -> Option<()> {
        self.previous = Previous::Other;
        self.at += 1;
        loop {
            self.at += self.bytes[self.at..].iter().position(|it| matches!(it, b'"' | b'\\'))?;
            if self.bytes[self.at] == b'"' {
                self.at += 1;
                return Some(());
            }
            self.at += 2;
            if self.at > self.bytes.len() {
                return None;
            }
        }
    }

    /// A character or a lifetime.
    fn quote(&mut self) -> Option<()> {
        self.previous = Previous::Other;
        if self.peek(1)? == b'\\' {
            self.at += 3;
            if self.at > self.bytes.len() {
                return None;
            }
            return self.skip_past(b'\'');
        }
        let first = self.text[self.at + 1..].chars().next()?;
        if self.peek(1 + first.len_utf8()) == Some(b'\'') {
            self.at += 2 + first.len_utf8();
            return Some(());
        }
        if !(first.is_alphanumeric() || first == '_') {
            return None;
        }
        self.at = self.word_end(self.at + 1);
        self.add(1);
        Some(())
    }

    fn line_comment(&mut self) {
        let is_doc = match self.peek(2) {
            Some(b'!') => true,
            Some(b'/') => self.peek(3) != Some(b'/'),
            _ => false,
        };
        if is_doc {
            self.found.docs.push(self.at + 2);
        }
        self.at = self.text[self.at..].find('\n').map_or(self.bytes.len(), |len| self.at + len);
    }

    fn block_comment(&mut self) -> Option<()> {
        let is_doc = match self.peek(2) {
            Some(b'!') => true,
            Some(b'*') => !matches!(self.peek(3), Some(b'*' | b'/') | None),
            _ => false,
        };
        if is_doc {
            self.found.docs.push(self.at + 2);
        }
        self.at += 2;
        let mut depth = 1;
        while depth > 0 {
            match (self.peek(0)?, self.peek(1)) {
                (b'/', Some(b'*')) => (self.at, depth) = (self.at + 2, depth + 1),
                (b'*', Some(b'/')) => (self.at, depth) = (self.at + 2, depth - 1),
                _ => self.at += 1,
            }
        }
        Some(())
    }

    fn punct(&mut self, byte: u8) {
        let previous = std::mem::take(&mut self.previous);
        self.at += 1;
        match byte {
            b'(' | b'[' | b'{' => self.open(byte),
            b')' | b']' | b'}' => {
                if let Some(outer) = self.open.pop() {
                    (self.base, self.chain, self.angles) = outer;
                }
                if byte == b'}' {
                    self.previous = Previous::CloseBrace;
                    self.cut();
                }
            }
            b';' => {
                self.separate(0);
                self.cut();
            }
            b',' => self.separate(self.angles * UNITS_PER_LEVEL),
            b'<' => {
                self.angles += 1;
                self.add(UNITS_PER_LEVEL);
            }
            b'>' if previous == Previous::Eq => self.separate(0),
            b'>' => {
                if previous != Previous::Minus {
                    self.angles = self.angles.saturating_sub(1);
                }
                self.add(1);
            }
            b'#' | b'$' => {}
            b'=' => {
                self.previous = Previous::Eq;
                self.add(1);
            }
            b'-' => {
                self.previous = Previous::Minus;
                self.add(2);
            }
            b'&' => self.add(2),
            _ => self.add(1),
        }
    }

    fn open(&mut self, byte: u8) {
        self.add(u32::from(byte != b'{'));
        self.open.push((self.base, self.chain, self.angles));
        self.base += self.chain + UNITS_PER_LEVEL;
        self.separate(0);
        self.add(0);
    }

    /// Notes the next line as one to cut before, if an item of the file ends this one.
    fn cut(&mut self) {
        let last = self.found.cuts.last().copied().unwrap_or(self.found.start);
        let next = self.at + 1;
        if self.open.is_empty() && self.peek(0) == Some(b'\n') && next - last >= PIECE {
            self.found.cuts.push(next);
        }
    }

    fn separate(&mut self, chain: u32) {
        self.chain = chain;
        self.angles = chain / UNITS_PER_LEVEL;
        self.add(0);
    }

    fn add(&mut self, units: u32) {
        self.chain += units;
        self.found.units = self.found.units.max(self.base + self.chain);
    }
}
