//! Places of a text as the protocol counts them, and where they are after an edit.

use lsp_types::{Position, PositionEncodingKind, Range};
use spawnlint_analysis::span::TextRange;

/// In what columns are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Encoding {
    Utf8,
    #[default]
    Utf16,
    Utf32,
}

impl Encoding {
    /// The best of those that a client knows.
    pub(super) fn among(offered: &[PositionEncodingKind]) -> Encoding {
        let has = |kind| offered.contains(&kind);
        match () {
            () if has(PositionEncodingKind::UTF8) => Encoding::Utf8,
            () if has(PositionEncodingKind::UTF16) => Encoding::Utf16,
            () if has(PositionEncodingKind::UTF32) => Encoding::Utf32,
            () => Encoding::Utf16,
        }
    }

    pub(super) fn kind(self) -> PositionEncodingKind {
        match self {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
            Encoding::Utf32 => PositionEncodingKind::UTF32,
        }
    }

    fn len(self, it: char) -> usize {
        match self {
            Encoding::Utf8 => it.len_utf8(),
            Encoding::Utf16 => it.len_utf16(),
            Encoding::Utf32 => 1,
        }
    }

    /// How many columns a text takes.
    pub(super) fn columns(self, text: &str) -> u32 {
        text.chars().map(|it| self.len(it)).sum::<usize>() as u32
    }
}

/// A text with its lines, which end with `\n`, `\r\n` or `\r`.
#[derive(Debug)]
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    encoding: Encoding,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str, encoding: Encoding) -> Lines<'t> {
        let bytes = text.as_bytes();
        let is_end = |at: &usize| bytes[*at] == b'\n' || bytes[*at] == b'\r' && bytes.get(at + 1) != Some(&b'\n');
        let starts = [0].into_iter().chain((0..bytes.len()).filter(is_end).map(|at| at + 1)).collect();
        Lines { text, starts, encoding }
    }

    /// The place of an offset. One past the end, or inside of a character, is moved back.
    pub(super) fn position(&self, offset: usize) -> Position {
        let offset = self.text.floor_char_boundary(offset.min(self.text.len()));
        let line = self.starts.partition_point(|start| *start <= offset) - 1;
        Position::new(line as u32, self.encoding.columns(&self.text[self.starts[line]..offset]))
    }

    pub(super) fn range(&self, range: TextRange) -> Range {
        Range::new(self.position(range.start as usize), self.position(range.end as usize))
    }

    /// The offset of a place. One past the end of a line is the end of that line, and one past the last line the end of
    /// the text.
    pub(super) fn offset(&self, at: Position) -> usize {
        let Some(start) = self.starts.get(at.line as usize).copied() else { return self.text.len() };
        let end = self.starts.get(at.line as usize + 1).copied().unwrap_or(self.text.len());
        let line = self.text[start..end].trim_end_matches(['\n', '\r']);
        let mut column = 0;
        for (offset, it) in line.char_indices() {
            column += self.encoding.len(it);
            if column > at.character as usize {
                return start + offset;
            }
        }
        start + line.len()
    }
}

/// An edit of a text: what stands before and behind it is the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Moved {
    prefix: usize,
    /// Where the same text begins again, in the old text and in the new one.
    suffix: (usize, usize),
}

impl Moved {
    pub(super) fn between(old: &str, new: &str) -> Moved {
        let most = old.len().min(new.len());
        let pairs = || old.bytes().zip(new.bytes());
        let prefix = pairs().position(|(a, b)| a != b).unwrap_or(most);
        let prefix = old.floor_char_boundary(prefix);
        let ends = old.bytes().rev().zip(new.bytes().rev()).take(most - prefix);
        let suffix = ends.clone().position(|(a, b)| a != b).unwrap_or(ends.len());
        let start = old.ceil_char_boundary(old.len() - suffix);
        Moved { prefix, suffix: (start, start + new.len() - old.len()) }
    }

    /// Where a range is now; `None` if it was edited.
    pub(super) fn range(self, range: TextRange) -> Option<TextRange> {
        let (start, end) = (range.start as usize, range.end as usize);
        if end <= self.prefix {
            return Some(range);
        }
        let moved = |at: usize| (at - self.suffix.0 + self.suffix.1) as u32;
        (start >= self.suffix.0).then(|| TextRange::new(moved(start), moved(end)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_as_the_client_does() {
        let text = "a\r\nü😀b\rc\n";
        for (encoding, columns) in
            [(Encoding::Utf8, [2, 6, 7]), (Encoding::Utf16, [1, 3, 4]), (Encoding::Utf32, [1, 2, 3])]
        {
            let lines = Lines::new(text, encoding);
            for (column, offset) in columns.into_iter().zip([5, 9, 10]) {
                assert_eq!(lines.position(offset), Position::new(1, column));
                assert_eq!(lines.offset(Position::new(1, column)), offset);
            }
            assert_eq!(lines.position(11), Position::new(2, 0));
            assert_eq!(lines.offset(Position::new(0, 99)), 1);
            assert_eq!(lines.offset(Position::new(1, 99)), 10);
            assert_eq!(lines.offset(Position::new(99, 0)), text.len());
            assert_eq!(lines.position(99), Position::new(3, 0));
        }
        // The middle of a character is its start.
        assert_eq!(Lines::new(text, Encoding::Utf16).offset(Position::new(1, 2)), 5);
        assert_eq!(Lines::new(text, Encoding::Utf8).position(6), Position::new(1, 2));
    }

    #[test]
    fn what_was_not_edited_moves_along() {
        let moved = |old: &str, new: &str, range: (u32, u32)| {
            let range = Moved::between(old, new).range(TextRange::new(range.0, range.1))?;
            Some((range.start, range.end))
        };
        assert_eq!(moved("abc def", "abc def", (4, 7)), Some((4, 7)));
        assert_eq!(moved("abc def", "abcx def", (4, 7)), Some((5, 8)));
        assert_eq!(moved("abc def", "def", (4, 7)), Some((0, 3)));
        assert_eq!(moved("abc def", "abc dxf", (4, 7)), None);
        assert_eq!(moved("abc def", "abc", (0, 3)), Some((0, 3)));
        assert_eq!(moved("ü", "ö", (0, 2)), None);
        assert_eq!(moved("aa", "aaa", (1, 2)), Some((1, 2)));
    }
}
