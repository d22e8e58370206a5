//! Lines of inked text: what codespan writes and what stands below it, wrapped at the width of the terminal.

use super::style::{Color, Style};
use codespan_reporting::{
    diagnostic::{LabelStyle, Severity},
    term::WriteStyle,
};
use std::io::{self, Write};
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};
use unicode_width::UnicodeWidthStr;

/// Text in fewer columns is a ladder: rather less of an indent.
const NARROW: usize = 24;

/// What a piece of text is, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Plain,
    Severity(Severity),
    Message,
    /// Line numbers, borders and what points to a place.
    Border,
    Primary(Severity),
    Secondary,
    Old,
    New,
    Dim,
}

#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) ink: Ink,
    pub(super) text: String,
    /// Where a click leads to.
    pub(super) link: Option<String>,
}

/// A line in the making.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    pub(super) pieces: Vec<Piece>,
}

impl Line {
    pub(super) fn push(&mut self, ink: Ink, text: impl Into<String>) {
        self.pieces.push(Piece { ink, text: text.into(), link: None });
    }

    pub(super) fn text(&self) -> String {
        self.pieces.iter().map(|piece| piece.text.as_str()).collect()
    }

    fn width(&self) -> usize {
        self.pieces.iter().map(|piece| piece.text.width()).sum()
    }

    fn last_mut(&mut self) -> Option<&mut Piece> {
        self.pieces.last_mut()
    }
}

/// Some lines, and the ink that goes on.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) lines: Vec<Line>,
    ink: Ink,
    is_new_piece: bool,
}

impl Page {
    pub(super) fn new() -> Page {
        Page { lines: Vec::new(), ink: Ink::Plain, is_new_piece: true }
    }

    pub(super) fn line(&mut self, ink: Ink, text: impl Into<String>) -> &mut Line {
        let mut line = Line::default();
        line.push(ink, text);
        self.lines.push(line);
        self.lines.last_mut().expect("it was pushed")
    }

    /// A text behind what `head` says, its later lines below it: `   = note: ..`.
    pub(super) fn hanging(&mut self, head: Line, text: &str, width: Option<usize>) {
        let column = head.width();
        let indent = match width {
            // So little is left that it is better used from the left.
            Some(width) if width < column + NARROW => column.min(2),
            _ => column,
        };
        let mut head = Some(head);
        for paragraph in text.split('\n') {
            let first = if head.is_some() { column } else { indent };
            for part in wrapped(paragraph, width, first, indent) {
                let mut line = head.take().unwrap_or_else(|| {
                    let mut line = Line::default();
                    line.push(Ink::Plain, " ".repeat(indent));
                    line
                });
                line.push(Ink::Plain, part);
                self.lines.push(line);
            }
        }
    }

    /// Writes all lines.
    pub(super) fn print(&self, style: Style, out: &mut dyn Write) -> io::Result<()> {
        self.lines.iter().try_for_each(|line| print(line, style, out))
    }

    fn open(&mut self, ink: Ink) -> io::Result<()> {
        self.ink = ink;
        self.is_new_piece = true;
        Ok(())
    }
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for (at, text) in String::from_utf8_lossy(bytes).split('\n').enumerate() {
            if at > 0 {
                self.lines.push(Line::default());
                self.is_new_piece = true;
            }
            if text.is_empty() {
                continue;
            }
            if self.lines.is_empty() {
                self.lines.push(Line::default());
            }
            let line = self.lines.last_mut().expect("there is one");
            match line.last_mut().filter(|_| !self.is_new_piece) {
                Some(piece) => piece.text.push_str(text),
                None => line.push(self.ink, text),
            }
            self.is_new_piece = false;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl WriteStyle for Page {
    fn set_header(&mut self, severity: Severity) -> io::Result<()> {
        self.open(Ink::Severity(severity))
    }

    fn set_header_message(&mut self) -> io::Result<()> {
        self.open(Ink::Message)
    }

    fn set_line_number(&mut self) -> io::Result<()> {
        self.open(Ink::Border)
    }

    fn set_note_bullet(&mut self) -> io::Result<()> {
        self.open(Ink::Border)
    }

    fn set_source_border(&mut self) -> io::Result<()> {
        self.open(Ink::Border)
    }

    fn set_label(&mut self, severity: Severity, style: LabelStyle) -> io::Result<()> {
        self.open(match style {
            LabelStyle::Primary => Ink::Primary(severity),
            LabelStyle::Secondary => Ink::Secondary,
        })
    }

    fn reset(&mut self) -> io::Result<()> {
        self.open(Ink::Plain)
    }
}

/// `   = help: `.
pub(super) fn bullet(border: Option<usize>, kind: &str) -> Line {
    let mut head = Line::default();
    head.push(Ink::Plain, " ".repeat(border.unwrap_or(1)));
    head.push(Ink::Border, "= ");
    head.push(Ink::Message, kind);
    head.push(Ink::Plain, ": ");
    head
}

/// The lines of an excerpt, with the texts of its labels wrapped. Source was cut before: it is never wrapped.
pub(super) fn wrap_labels(lines: Vec<Line>, border: usize, width: Option<usize>) -> Vec<Line> {
    let Some(width) = width else { return lines };
    let mut all = Vec::with_capacity(lines.len());
    for at in 0..lines.len() {
        match label_of(&lines[at], border) {
            Some((carets, text)) if lines[at].width() > width => {
                let below = lines.get(at + 1).filter(|next| label_of(next, border).is_some());
                all.extend(wrap_label(&lines[at], (carets, &text), border, below, width));
            }
            _ => all.push(lines[at].clone()),
        }
    }
    all
}

/// The text that ends a line below source, and the column at which its own carets begin.
fn label_of(line: &Line, border: usize) -> Option<(usize, String)> {
    let is_source = line.text().get(..border).is_none_or(|gutter| !gutter.trim().is_empty());
    let (last, before) = line.pieces.split_last()?;
    if is_source || !matches!(last.ink, Ink::Primary(_) | Ink::Secondary) {
        return None;
    }
    let own = |piece: &Piece| piece.text.contains(['^', '-']) && piece.ink == last.ink;
    let carets = before.iter().rposition(own).unwrap_or(before.len());
    let column = before[..carets].iter().map(|piece| piece.text.width()).sum();
    let text = last.text.trim();
    text.contains(char::is_alphanumeric).then(|| (column, text.to_owned()))
}

fn wrap_label(line: &Line, label: (usize, &str), border: usize, below: Option<&Line>, width: usize) -> Vec<Line> {
    let (carets, text) = label;
    let (last, before) = line.pieces.split_last().expect("it has a label");
    let column: usize = before.iter().map(|piece| piece.text.width()).sum();
    let mut lines = Vec::new();
    let mut first = Line { pieces: before.to_vec() };
    let indent = if width >= column + NARROW {
        column
    } else {
        // The carets keep a line of their own, if there are any.
        if carets < column {
            let end = first.pieces.iter().rposition(|piece| !piece.text.trim().is_empty());
            first.pieces.truncate(end.map_or(0, |end| end + 1));
            lines.push(std::mem::take(&mut first));
        }
        if width >= carets + NARROW { carets } else { border + 3 }
    };
    let bars = below.map(Line::text).unwrap_or_default();
    for (at, part) in wrapped(text, Some(width), indent, indent).into_iter().enumerate() {
        let mut next = match at {
            0 if lines.is_empty() && indent == column => std::mem::take(&mut first),
            _ => gutter(border, indent, &bars),
        };
        next.push(last.ink, part);
        lines.push(next);
    }
    lines
}

/// What stands in front of text below source: the border, and what points from further down to further up.
fn gutter(border: usize, indent: usize, below: &str) -> Line {
    let mut line = Line::default();
    line.push(Ink::Plain, " ".repeat(border));
    line.push(Ink::Border, "|");
    let bar = |column: usize| below.chars().nth(column).is_some_and(|it| it == '|');
    let text: String = (border + 1..indent).map(|column| if bar(column) { '|' } else { ' ' }).collect();
    line.push(Ink::Secondary, text);
    line
}

/// A paragraph in lines, of which the first begins in column `first` and the others in column `indent`.
fn wrapped(text: &str, width: Option<usize>, first: usize, indent: usize) -> Vec<String> {
    let Some(width) = width else { return vec![text.to_owned()] };
    let blanks = " ".repeat(first.max(indent));
    let options = Options::new(width)
        .initial_indent(&blanks[..first])
        .subsequent_indent(&blanks[..indent])
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    let lines = textwrap::wrap(text, options).into_iter().enumerate();
    lines.map(|(at, line)| line[if at == 0 { first } else { indent }.min(line.len())..].to_owned()).collect()
}

/// Lines of text for people that stand by themselves.
pub fn fill(text: &str, width: Option<usize>) -> String {
    wrapped(text, width, 0, 2)
        .into_iter()
        .enumerate()
        .fold(String::new(), |all, (at, line)| if at == 0 { line } else { format!("{all}\n  {line}") })
}

fn print(line: &Line, style: Style, out: &mut dyn Write) -> io::Result<()> {
    // Blanks at the end are nobody's.
    let end = line.pieces.iter().rposition(|piece| !piece.text.trim_end().is_empty()).map_or(0, |at| at + 1);
    for (at, Piece { ink, text, link }) in line.pieces[..end].iter().enumerate() {
        let text = if at + 1 == end { text.trim_end() } else { text };
        let code = if style.color == Color::Ansi { code(*ink) } else { "" };
        let link = link.as_ref().filter(|_| style.has_links);
        if let Some(link) = link {
            write!(out, "\x1b]8;;{link}\x1b\\")?;
        }
        match code {
            "" => write!(out, "{text}")?,
            code => write!(out, "\x1b[{code}m{text}\x1b[0m")?,
        }
        if link.is_some() {
            write!(out, "\x1b]8;;\x1b\\")?;
        }
    }
    writeln!(out)
}

/// The colours of rustc.
fn code(ink: Ink) -> &'static str {
    match ink {
        Ink::Plain => "",
        Ink::Severity(Severity::Bug | Severity::Error) => "1;91",
        Ink::Severity(Severity::Warning) => "1;33",
        Ink::Severity(Severity::Note | Severity::Help) => "1;96",
        Ink::Primary(Severity::Bug | Severity::Error) => "1;91",
        Ink::Primary(_) => "1;33",
        Ink::Message => "1",
        Ink::Border | Ink::Secondary => "1;94",
        Ink::Old => "31",
        Ink::New => "32",
        Ink::Dim => "2",
    }
}
