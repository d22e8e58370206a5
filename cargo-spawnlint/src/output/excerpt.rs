//! The lines of source that a message shows, as codespan sees them: harmless, and of bearable length.

use super::visible::{line as visible_line, visible_char};
use codespan_reporting::files::{Error, Files};
use spawnlint_analysis::span::{FileId, Source, Sources, Span, TextRange};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};
use unicode_width::UnicodeWidthChar;

/// Longer lines are cut to what stands around the labels.
const LONG_LINE: usize = 400;
/// Bytes that are kept on each side of a label's ends in a long line.
const AROUND: usize = 80;
/// Columns for source, however narrow the terminal is.
const NARROWEST: usize = 20;
/// What a tab takes.
const TAB: usize = 4;

/// The excerpts of one message, by file.
#[derive(Debug)]
pub(super) struct Excerpts<'a> {
    files: BTreeMap<FileId, Excerpt<'a>>,
    border: usize,
}

#[derive(Debug)]
struct Excerpt<'a> {
    source: &'a Source,
    name: String,
    text: String,
    /// Line number (from 0) and its place in `text`, line break included.
    lines: BTreeMap<usize, Range<usize>>,
    /// For each character of `text`: its offset in the source and in `text`.
    offsets: Vec<(usize, usize)>,
}

impl<'a> Excerpts<'a> {
    /// What is needed to show these places, on a terminal of so many columns.
    pub(super) fn new(sources: &'a Sources, spans: impl Iterator<Item = Span>, width: Option<usize>) -> Excerpts<'a> {
        let mut ranges: BTreeMap<FileId, Vec<TextRange>> = BTreeMap::new();
        spans.for_each(|span| ranges.entry(span.file).or_default().push(span.range));
        let last = |(file, ranges): (&FileId, &Vec<TextRange>)| {
            ranges.iter().map(|range| sources.get(*file).line_column(range.end).0).max()
        };
        let digits = ranges.iter().filter_map(last).max().unwrap_or(1).to_string().len();
        // Line numbers and the border stand in front.
        let room = width.map(|width| width.saturating_sub(digits + "  | ".len()).max(NARROWEST));
        let files = ranges.into_iter().map(|(file, ranges)| (file, Excerpt::new(sources.get(file), &ranges, room)));
        Excerpts { files: files.collect(), border: digits + 1 }
    }

    /// The column of the border.
    pub(super) fn border(&self) -> usize {
        self.border
    }

    /// A place in the text that codespan sees.
    pub(super) fn range(&self, span: Span) -> Range<usize> {
        self.files.get(&span.file).map_or(0..0, |it| {
            let start = it.shown(span.range.start as usize);
            start..it.shown(span.range.end as usize).max(start)
        })
    }

    fn file(&self, id: FileId) -> Result<&Excerpt<'a>, Error> {
        self.files.get(&id).ok_or(Error::FileMissing)
    }
}

impl<'a> Excerpt<'a> {
    fn new(source: &'a Source, ranges: &[TextRange], room: Option<usize>) -> Excerpt<'a> {
        let mut excerpt = Excerpt {
            source,
            name: visible_line(&source.path).into_owned(),
            text: String::new(),
            lines: BTreeMap::new(),
            offsets: Vec::new(),
        };
        for number in shown_lines(source, ranges) {
            excerpt.add_line(number, ranges, room);
        }
        excerpt.offsets.push((source.text.len() + 1, excerpt.text.len()));
        excerpt
    }

    fn add_line(&mut self, number: usize, ranges: &[TextRange], room: Option<usize>) {
        let Some(range) = self.source.line_range(number as u32 + 1) else { return };
        let (start, end) = (range.start as usize, range.end as usize);
        let source = self.source;
        let first = self.text.len();
        let mut at = start;
        let parts = match room {
            Some(room) => vec![window(&source.text, start..end, ranges, room)],
            None => kept_parts(&source.text, start..end, ranges),
        };
        for kept in parts {
            self.skip(at, kept.start);
            for (offset, it) in source.text[kept.clone()].char_indices() {
                // A byte order mark at the start is no part of the code, and takes no column.
                if kept.start + offset > 0 || it != '\u{feff}' {
                    self.push(kept.start + offset, visible_char(it));
                }
            }
            at = kept.end;
        }
        self.skip(at, end);
        self.push(end, '\n');
        self.lines.insert(number, first..self.text.len());
    }

    fn skip(&mut self, from: usize, to: usize) {
        if from < to {
            self.push(from, '…');
        }
    }

    fn push(&mut self, offset: usize, shown: char) {
        self.offsets.push((offset, self.text.len()));
        self.text.push(shown);
    }

    fn shown(&self, offset: usize) -> usize {
        let after = self.offsets.partition_point(|(original, _)| *original <= offset);
        self.offsets.get(after.saturating_sub(1)).map_or(0, |(_, shown)| *shown)
    }

    fn original(&self, shown: usize) -> usize {
        let after = self.offsets.partition_point(|(_, it)| *it <= shown);
        self.offsets.get(after.saturating_sub(1)).map_or(0, |(original, _)| *original)
    }
}

impl<'a> Files<'a> for Excerpts<'_> {
    type FileId = FileId;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: FileId) -> Result<&'a str, Error> {
        Ok(&self.file(id)?.name)
    }

    fn source(&'a self, id: FileId) -> Result<&'a str, Error> {
        Ok(&self.file(id)?.text)
    }

    fn line_index(&'a self, id: FileId, byte_index: usize) -> Result<usize, Error> {
        let lines = &self.file(id)?.lines;
        let before = lines.iter().take_while(|(_, range)| range.start <= byte_index);
        Ok(before.last().map_or(0, |(number, _)| *number))
    }

    fn column_number(&'a self, id: FileId, _line_index: usize, byte_index: usize) -> Result<usize, Error> {
        let file = self.file(id)?;
        Ok(file.source.line_column(file.original(byte_index) as u32).1 as usize)
    }

    fn line_range(&'a self, id: FileId, line_index: usize) -> Result<Range<usize>, Error> {
        let file = self.file(id)?;
        // codespan asks for every line of a long label, and prints only the ones at its ends.
        Ok(file.lines.get(&line_index).cloned().unwrap_or(file.text.len()..file.text.len()))
    }
}

/// The lines (from 0) at both ends of each range, with as many around them as codespan may print.
fn shown_lines(source: &Source, ranges: &[TextRange]) -> BTreeSet<usize> {
    let mut lines = BTreeSet::new();
    for range in ranges {
        let first = source.line_column(range.start).0 as usize - 1;
        let last = source.line_column(range.end).0 as usize - 1;
        lines.extend(first.saturating_sub(1)..=(first + 4).min(last + 1));
        lines.extend(last.saturating_sub(2).max(first)..=last + 1);
    }
    lines
}

/// The parts of a line that are printed: all of it, or what stands around the ends of labels.
fn kept_parts(text: &str, line: Range<usize>, ranges: &[TextRange]) -> Vec<Range<usize>> {
    if line.len() <= LONG_LINE {
        return vec![line];
    }
    let ends = ranges.iter().flat_map(|range| [range.start as usize, range.end as usize]);
    let mut marks: Vec<usize> = ends.filter(|at| (line.start..=line.end).contains(at)).collect();
    marks.push(line.start);
    marks.sort_unstable();
    let mut parts: Vec<Range<usize>> = Vec::new();
    for mark in marks {
        let start = text.floor_char_boundary(mark.saturating_sub(AROUND).max(line.start));
        let end = text.ceil_char_boundary((mark + AROUND).min(line.end));
        match parts.last_mut().filter(|last| start <= last.end) {
            Some(last) => last.end = last.end.max(end),
            None => parts.push(start..end),
        }
    }
    parts
}

/// The part of a line that fits into so many columns: its beginning if what is labelled can be seen then, else from its
/// first word on, else from a little before what is labelled.
fn window(text: &str, line: Range<usize>, ranges: &[TextRange], room: usize) -> Range<usize> {
    if columns(&text[line.clone()]).take(room + 1).count() <= room {
        return line;
    }
    let blank = text[line.clone()].len() - text[line.clone()].trim_start().len();
    let words = line.start + blank;
    let inside = |at: &usize| (words..=line.end).contains(at);
    let starts = ranges.iter().map(|range| range.start as usize).filter(inside);
    let first = starts.min().unwrap_or(words);
    let last = ranges.iter().map(|range| range.end as usize).filter(inside).max().unwrap_or(first);
    // An ellipsis stands at each end.
    let room = room.saturating_sub(2);
    let fits = |start: usize| columns(&text[start..last]).take(room + 1).count() <= room;
    let start = if fits(line.start) {
        line.start
    } else if fits(words) {
        words
    } else {
        let before = text[words..first].char_indices().rev().take(room / 6).last();
        before.map_or(first, |(at, _)| words + at)
    };
    let end = fitting(&text[start..line.end], room);
    start..start + end
}

/// One item for each column that a text takes.
fn columns(text: &str) -> impl Iterator<Item = ()> {
    text.chars().flat_map(|it| std::iter::repeat_n((), columns_of(it)))
}

fn columns_of(it: char) -> usize {
    if it == '\t' { TAB } else { visible_char(it).width().unwrap_or(1) }
}

/// How many bytes of a text fit into so many columns.
fn fitting(text: &str, room: usize) -> usize {
    let mut taken = 0;
    let end = text.char_indices().find(|(_, it)| {
        taken += columns_of(*it);
        taken > room
    });
    end.map_or(text.len(), |(at, _)| at)
}
