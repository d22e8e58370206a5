//! From places and pieces to byte ranges and text: indentation, tabs and line ends are the file's.

mod gap;

use spawnlint_analysis::span::{FileId, Source, Sources, Span, TextRange};
use spawnlint_rules::finding::{Applicability, Edit, Need, Piece, Rewrite};
use std::fmt;

/// A rewrite whose edits are text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What it does.
    pub title: String,
    /// How far it can be trusted.
    pub applicability: Applicability,
    /// What the package lacks for it.
    pub needs: Vec<Need>,
    /// In order of place, never overlapping, at most one for each place.
    pub edits: Vec<Replacement>,
}

/// New text for a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// What is replaced.
    pub at: Span,
    /// By what.
    pub text: String,
    /// The author's text in it: where it begins in `text`, and where it was.
    pub kept: Vec<(u32, Span)>,
}

/// Why a rewrite has no edits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unresolved {
    /// There is no text to go with the places.
    Changed(FileId),
    /// A place is none of the text.
    OutOfBounds(FileId),
    /// Two edits are about the same text.
    Overlapping,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unresolved::Changed(_) => "the file changed since it was read",
            Unresolved::OutOfBounds(_) => "it refers to text that is not there, which is a bug in spawnlint",
            Unresolved::Overlapping => "two of its edits overlap, which is a bug in spawnlint",
        })
    }
}

/// The edits of a rewrite as text.
///
/// # Errors
/// If a place of it does not fit the text.
pub fn resolve(sources: &Sources, rewrite: &Rewrite) -> Result<Suggestion, Unresolved> {
    let mut edits: Vec<&Edit> = rewrite.edits.iter().collect();
    edits.sort_by_key(|edit| edit.at);
    let mut suggestion = Suggestion {
        title: rewrite.title.clone(),
        applicability: rewrite.applicability,
        needs: rewrite.needs.clone(),
        edits: Vec::new(),
    };
    for edit in edits {
        let source = sources.get(edit.at.file);
        ensure_fits(source, edit.at)?;
        let mut writer = Writer::new(source, edit.at.range);
        // Of several texts at the end of the file, the first one closes the line.
        writer.is_behind_open_line &= suggestion.edits.last().is_none_or(|last| last.at != edit.at);
        let mut kept = Vec::new();
        for piece in &edit.text {
            match piece {
                Piece::New(text) => writer.write_new(text),
                Piece::Kept(span) => {
                    let source = sources.get(span.file);
                    ensure_fits(source, *span)?;
                    let at = writer.write_kept(source.snippet(span.range));
                    kept.push((at as u32, *span));
                }
            }
        }
        let text = writer.finish();
        match suggestion.edits.last_mut().filter(|last| last.at.file == edit.at.file) {
            Some(last) if last.at == edit.at && is_insertion(edit.at.range) => {
                let behind = last.text.len() as u32;
                last.kept.extend(kept.into_iter().map(|(at, span)| (behind + at, span)));
                last.text.push_str(&text);
            }
            Some(last) if edit.at.range.start < last.at.range.end || last.at == edit.at => {
                return Err(Unresolved::Overlapping);
            }
            _ => suggestion.edits.push(Replacement { at: edit.at, text, kept }),
        }
    }
    close_gaps(sources, &mut suggestion.edits);
    Ok(suggestion)
}

/// Lets each deletion take with it what would be left of its line, as far as no other edit is there.
fn close_gaps(sources: &Sources, edits: &mut [Replacement]) {
    for at in 0..edits.len() {
        let Span { file, range } = edits[at].at;
        if !edits[at].text.is_empty() || is_insertion(range) {
            continue;
        }
        let closed = gap::closed(&sources.get(file).text, range);
        let before = at.checked_sub(1).map(|at| edits[at].at);
        let behind = edits.get(at + 1).map(|edit| edit.at);
        let is_free = before.is_none_or(|it| it.file != file || it.range.end <= closed.start)
            && behind.is_none_or(|it| it.file != file || closed.end <= it.range.start);
        if is_free {
            edits[at].at.range = closed;
        }
    }
}

fn is_insertion(range: TextRange) -> bool {
    range.start == range.end
}

fn ensure_fits(source: &Source, at: Span) -> Result<(), Unresolved> {
    let (start, end) = (at.range.start as usize, at.range.end as usize);
    if source.text.is_empty() {
        // Nobody has findings in an empty file: it could not be read once more.
        Err(Unresolved::Changed(at.file))
    } else if source.text.get(start..end).is_some() {
        Ok(())
    } else {
        Err(Unresolved::OutOfBounds(at.file))
    }
}

/// Writes the text of one edit as its surroundings are written.
struct Writer<'a> {
    text: String,
    indent: &'a str,
    line_end: &'static str,
    has_tabs: bool,
    /// A line has been begun, with so many spaces of its own; it is indented if something follows in it.
    begun: Option<usize>,
    /// The rest of the file.
    behind: &'a str,
    /// Whether the edit begins where the file ends, behind a line that does not.
    is_behind_open_line: bool,
}

impl<'a> Writer<'a> {
    fn new(source: &'a Source, at: TextRange) -> Writer<'a> {
        let (before, behind) = source.text.split_at(at.start as usize);
        let line = before.rfind('\n').map_or(0, |place| place + 1);
        let line = source.text[line..].trim_start_matches('\u{feff}');
        let indent = indent_of(line);
        let next_end = behind.find('\n').map(|place| at.start as usize + place).or_else(|| before.rfind('\n'));
        let has_cr = next_end.is_some_and(|place| source.text[..place].ends_with('\r'));
        let is_inserted_last = behind.is_empty() && is_insertion(at);
        Writer {
            text: String::new(),
            indent,
            line_end: if has_cr { "\r\n" } else { "\n" },
            has_tabs: indent.contains('\t') || (indent.is_empty() && is_indented_by_tabs(&source.text)),
            begun: None,
            behind: &source.text[at.end as usize..],
            is_behind_open_line: is_inserted_last && !before.is_empty() && !before.ends_with('\n'),
        }
    }

    fn write_new(&mut self, text: &str) {
        if self.is_behind_open_line && text.contains('\n') {
            self.text.push_str(self.line_end);
        }
        self.is_behind_open_line = false;
        for (at, line) in text.split('\n').enumerate() {
            let code = line.trim_start_matches(' ');
            let width = line.len() - code.len();
            if at > 0 {
                self.text.push_str(self.line_end);
                self.begun = Some(width);
            } else if let Some(begun) = &mut self.begun {
                *begun += width;
            }
            match self.begun {
                Some(_) if code.is_empty() => {}
                Some(_) => {
                    self.begin_line();
                    self.text.push_str(code);
                }
                None => self.text.push_str(line),
            }
        }
    }

    /// Returns where the text begins.
    fn write_kept(&mut self, text: &str) -> usize {
        if text.is_empty() {
            return self.text.len();
        }
        self.is_behind_open_line = false;
        if text.starts_with(['\n', '\r']) {
            self.begun = None;
        }
        self.begin_line();
        let at = self.text.len();
        self.text.push_str(text);
        at
    }

    /// Indents the line that has been begun: as the line that the edit begins on, then by what is its own.
    fn begin_line(&mut self) {
        let Some(width) = self.begun.take() else { return };
        let tabs = if self.has_tabs { width / 4 } else { 0 };
        self.text.push_str(self.indent);
        self.text.extend(std::iter::repeat_n('\t', tabs));
        self.text.extend(std::iter::repeat_n(' ', width - tabs * 4));
    }

    fn finish(mut self) -> String {
        if !self.behind.is_empty() && !self.behind.starts_with(['\n', '\r']) {
            self.begin_line();
        }
        self.text
    }
}

fn indent_of(line: &str) -> &str {
    let code = line.trim_start_matches([' ', '\t']);
    &line[..line.len() - code.len()]
}

/// Whether the first line of the file that is indented at all begins with a tab.
fn is_indented_by_tabs(text: &str) -> bool {
    text.lines().map(indent_of).find(|indent| !indent.is_empty()).is_some_and(|indent| indent.starts_with('\t'))
}

#[cfg(test)]
mod tests;
