//! Places in source text: which file, which bytes, which line.

use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock};

/// Index of a file in [`Sources`]. Stable for the life of one analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileId(pub u32);

impl FileId {
    /// The id as an index into a vector that is parallel to the files.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Half-open range of byte offsets in one file's text, `start <= end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct TextRange {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl TextRange {
    /// The range `start..end`.
    pub fn new(start: u32, end: u32) -> TextRange {
        TextRange { start, end }
    }

    /// Whether `other` lies wholly inside `self`.
    pub fn contains(self, other: TextRange) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The smallest range that holds both.
    pub fn cover(self, other: TextRange) -> TextRange {
        TextRange::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// This range in the given file.
    pub fn in_file(self, file: FileId) -> Span {
        Span { file, range: self }
    }
}

/// A range in a file. Ordered by file, then by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The bytes.
    pub range: TextRange,
}

impl Span {
    /// The empty place where it ends.
    #[must_use]
    pub fn end(self) -> Span {
        TextRange::new(self.range.end, self.range.end).in_file(self.file)
    }

    /// The empty place where it begins.
    #[must_use]
    pub fn start(self) -> Span {
        TextRange::new(self.range.start, self.range.start).in_file(self.file)
    }
}

/// One file as the user knows it: how it is called and what it says.
#[derive(Debug, Clone)]
pub struct Source {
    /// Path as it is printed, `/` between folders, relative to the workspace root where possible.
    pub path: String,
    /// The text.
    pub text: Arc<str>,
    /// Made when somebody asks for a line: most files are never shown.
    line_starts: OnceLock<Vec<u32>>,
}

impl Source {
    /// A file with its text. Lines end with `\n`.
    pub fn new(path: impl Into<String>, text: impl Into<Arc<str>>) -> Source {
        Source { path: path.into(), text: text.into(), line_starts: OnceLock::new() }
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let breaks = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(breaks.map(|(at, _)| at as u32 + 1)).collect()
        })
    }

    /// Line (1-based) and column (1-based, in characters) of a byte offset.
    /// An offset past the end, or inside a character, is moved back to the nearest one that exists.
    pub fn line_column(&self, offset: u32) -> (u32, u32) {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line_starts = self.line_starts();
        let line = line_starts.partition_point(|start| *start as usize <= offset) - 1;
        let column = self.text[line_starts[line] as usize..offset].chars().count();
        (line as u32 + 1, column as u32 + 1)
    }

    /// The bytes of a line (1-based) without its line break; `None` past the last line.
    pub fn line_range(&self, line: u32) -> Option<TextRange> {
        let start = *self.line_starts().get(line.checked_sub(1)? as usize)?;
        let end = self.line_starts().get(line as usize).map_or(self.text.len() as u32, |next| next - 1);
        let has_cr = self.text[start as usize..end as usize].ends_with('\r');
        Some(TextRange::new(start, end - u32::from(has_cr)))
    }

    /// Number of lines; a text that ends with a line break has an empty last one.
    pub fn line_count(&self) -> u32 {
        let breaks = || self.text.bytes().filter(|byte| *byte == b'\n').count() + 1;
        self.line_starts.get().map_or_else(breaks, Vec::len) as u32
    }

    /// The text of a range, or `""` if the range does not fit.
    pub fn snippet(&self, range: TextRange) -> &str {
        self.text.get(range.start as usize..range.end as usize).unwrap_or("")
    }
}

/// All files of an analysis, by [`FileId`].
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Adds a file and returns its id.
    pub fn add(&mut self, source: Source) -> FileId {
        self.files.push(source);
        FileId(self.files.len() as u32 - 1)
    }

    /// Puts a new text in the place of an old one.
    ///
    /// # Panics
    /// If `file` was not handed out by [`Sources::add`].
    pub fn replace(&mut self, file: FileId, source: Source) {
        self.files[file.index()] = source;
    }

    /// The file of that id.
    ///
    /// # Panics
    /// If `file` was not handed out by [`Sources::add`].
    pub fn get(&self, file: FileId) -> &Source {
        &self.files[file.index()]
    }

    /// Every file with its id, in order of id.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.files.iter().enumerate().map(|(at, source)| (FileId(at as u32), source))
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}
