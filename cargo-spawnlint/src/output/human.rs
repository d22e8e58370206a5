//! Messages with their source, for people: rustc's layout by codespan, and a closing line with the figures.

use super::{
    closing::table,
    excerpt::Excerpts,
    page::{Ink, Line, Page, Piece, bullet, wrap_labels},
    rewrites, statistics,
    style::{Detail, Style},
    visible::{line, lines, short_words},
};
use crate::{
    levels::Level,
    report::{Diagnostic, Problem, Report, Severity},
};
use codespan_reporting::{
    diagnostic::{self as codespan, Label},
    files::Error,
    term::{self, Chars, Config},
};
use spawnlint_analysis::span::{FileId, Sources, Span, TextRange};
use spawnlint_rules::finding::{Applicability, Finding};
use std::{
    collections::BTreeMap,
    io::{self, Write},
};

/// With more findings, a table at the end says of what rules they are.
const MANY: usize = 10;
/// How many labels a brief excerpt has beside the primary one.
const BRIEF_LABELS: usize = 2;

/// Writes all findings, then all problems, and how many findings there are of each rule if they are many.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut by_file: BTreeMap<FileId, usize> = BTreeMap::new();
    report.diagnostics.iter().for_each(|it| *by_file.entry(it.finding.at.file).or_default() += 1);
    let mut file = None;
    for diagnostic in &report.diagnostics {
        let this = diagnostic.finding.at.file;
        if by_file.len() > 1 && file.replace(this) != Some(this) {
            heading(&report.sources.get(this).path, by_file[&this], style, out)?;
        }
        write_finding(report, diagnostic, style, out)?;
    }
    for problem in &report.problems {
        write_problem(&report.sources, problem, style, out)?;
    }
    match &report.statistics {
        Some(figures) => statistics::write(figures, out),
        None if report.diagnostics.len() > MANY => table(report, style, out),
        None => Ok(()),
    }
}

/// What stands above the findings of a file.
fn heading(path: &str, findings: usize, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new();
    let heading = page.line(Ink::Message, line(path));
    heading.push(Ink::Dim, format!(": {findings} finding{}", if findings == 1 { "" } else { "s" }));
    page.print(style, out)
}

/// Writes one finding of a report, with an empty line behind it.
///
/// # Errors
/// Those of `out`.
pub fn write_finding(report: &Report, it: &Diagnostic, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let finding = &it.finding;
    let is_brief = style.detail == Detail::Brief;
    let shown = |at: Span| if is_brief { first_line(&report.sources, at) } else { at };
    let evidence: Vec<(Span, &str)> = labels(finding, style.detail);
    let spans = evidence.iter().map(|(at, _)| shown(*at)).chain([shown(finding.at)]);
    let excerpts = Excerpts::new(&report.sources, spans, style.width);
    let label = |label: Label<FileId>, text: &str| label.with_message(short_words(&line(text)));
    let range = |at: Span| excerpts.range(shown(at));
    let primary = label(Label::primary(finding.at.file, range(finding.at)), &finding.label);
    let others = evidence.iter().map(|(at, text)| label(Label::secondary(at.file, range(*at)), text));
    let severity = if it.level == Level::Deny { codespan::Severity::Error } else { codespan::Severity::Warning };
    let message = codespan::Diagnostic::new(severity)
        .with_code(format!("spawnlint::{}", finding.rule))
        .with_message(short_words(&line(&finding.message)))
        .with_labels([primary].into_iter().chain(others).collect());
    let mut page = excerpt(&excerpts, &message, &report.root, style)?;
    if is_brief {
        // Of several the last one has the most to do with this very place: the first says why in general.
        below(&mut page, Some(excerpts.border()), "note", finding.notes.last(), style);
        let number = |at: Span| report.sources.get(at.file).line_column(at.range.start).0 as usize;
        let near = evidence.iter().map(|(at, _)| *at).chain([finding.at]).filter(|at| at.file == finding.at.file);
        brief_help(&mut page, excerpts.border(), report, finding, &near.map(number).collect::<Vec<_>>(), style);
    } else {
        below(&mut page, Some(excerpts.border()), "note", &finding.notes, style);
        below(&mut page, Some(excerpts.border()), "help", &finding.helps, style);
        rewrites::all(&mut page, excerpts.border(), report, finding, style);
    }
    page.line(Ink::Plain, "");
    page.print(style, out)
}

/// The labels that are shown beside the primary one. In brief those in its file come first: they tell most.
fn labels(finding: &Finding, detail: Detail) -> Vec<(Span, &str)> {
    let all = finding.labels.iter().map(|label| (label.at, label.text.as_str()));
    if detail == Detail::Full {
        return all.collect();
    }
    let (near, far): (Vec<_>, Vec<_>) = all.partition(|(at, _)| at.file == finding.at.file);
    if near.is_empty() { far.into_iter().take(1).collect() } else { near.into_iter().take(BRIEF_LABELS).collect() }
}

/// As much of a place as stands in its first line.
fn first_line(sources: &Sources, at: Span) -> Span {
    let source = sources.get(at.file);
    let (number, _) = source.line_column(at.range.start);
    let end = source.line_range(number).map_or(at.range.end, |line| line.end.min(at.range.end));
    Span { range: TextRange { end: end.max(at.range.start), ..at.range }, ..at }
}

/// The best rewrite, or what to do instead if none cures the finding.
fn brief_help(page: &mut Page, border: usize, report: &Report, finding: &Finding, shown: &[usize], style: Style) {
    // One with gaps says that all is well, which the end of the report tells once.
    let best = finding.rewrites.first().filter(|it| it.applicability != Applicability::HasPlaceholders);
    match best {
        Some(rewrite) => rewrites::brief(page, border, report, finding, (rewrite, shown), style),
        None => below(page, Some(border), "help", finding.helps.iter().take(1), style),
    }
}

/// Writes one problem, with an empty line behind it.
///
/// # Errors
/// Those of `out`.
pub fn write_problem(sources: &Sources, problem: &Problem, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let excerpts = Excerpts::new(sources, problem.span.into_iter(), style.width);
    let severity = match problem.severity {
        Severity::Error => codespan::Severity::Error,
        Severity::Warning => codespan::Severity::Warning,
    };
    let labels: Vec<Label<FileId>> =
        problem.span.iter().map(|span| Label::primary(span.file, excerpts.range(*span))).collect();
    let text = if labels.is_empty() && !problem.path.is_empty() {
        format!("{}: {}", line(&problem.path), line(&problem.message))
    } else {
        line(&problem.message).into_owned()
    };
    let border = (!labels.is_empty()).then_some(excerpts.border());
    let message = codespan::Diagnostic::new(severity).with_message(short_words(&text)).with_labels(labels);
    let mut page = excerpt(&excerpts, &message, "", style)?;
    below(&mut page, border, "help", problem.help.iter(), style);
    page.line(Ink::Plain, "");
    page.print(style, out)
}

/// What stands below an excerpt, each with its kind: `   = note: ..`.
pub(super) fn below<'a>(
    page: &mut Page,
    border: Option<usize>,
    kind: &str,
    texts: impl IntoIterator<Item = &'a String>,
    style: Style,
) {
    for text in texts {
        page.hanging(bullet(border, kind), &short_words(&lines(text.trim_end())), style.width);
    }
}

/// The message and its excerpt, up to the first empty line.
fn excerpt(
    excerpts: &Excerpts<'_>,
    message: &codespan::Diagnostic<FileId>,
    root: &str,
    style: Style,
) -> io::Result<Page> {
    let config = Config { chars: Chars::ascii(), ..Config::default() };
    let mut page = Page::new();
    match term::emit_to_write_style(&mut page, &config, excerpts, message) {
        Ok(()) => {}
        Err(Error::Io(error)) => return Err(error),
        // The message is worth more than its picture.
        Err(_) => {
            page = Page::new();
            page.line(Ink::Message, message.message.clone());
        }
    }
    let border = excerpts.border();
    while page.lines.last().is_some_and(|line| matches!(line.text().trim(), "" | "|")) {
        page.lines.pop();
    }
    match style.detail {
        Detail::Brief => condense(&mut page.lines, border),
        Detail::Full if !message.labels.is_empty() => {
            page.line(Ink::Plain, " ".repeat(border)).push(Ink::Border, "|");
        }
        Detail::Full => {}
    }
    let places = page.lines.iter_mut().filter(|line| line.text().trim_start().starts_with("--> "));
    places.enumerate().for_each(|(at, line)| place(line, at == 0, root));
    // The first line is never wrapped: whoever looks for `warning[..]: ..` and a place below it reads lines.
    page.lines = wrap_labels(page.lines, border, style.width);
    Ok(page)
}

/// Takes out what only makes room: borders, pointers without a text, and source that no label is about.
fn condense(lines: &mut Vec<Line>, border: usize) {
    lines.retain(|line| line.text().contains(|it: char| !it.is_whitespace() && it != '|' && it != '.'));
    let is_source = |line: &Line| line.text().get(..border).is_some_and(|gutter| gutter.trim_start().ends_with(' '));
    let mut at = 0;
    while at < lines.len() {
        let is_bare = is_source(&lines[at]) && lines.get(at + 1).is_none_or(|next| !is_label(next, border));
        if is_bare {
            lines.remove(at);
        } else {
            at += 1;
        }
    }
}

/// Whether a line stands below source.
fn is_label(line: &Line, border: usize) -> bool {
    let text = line.text();
    text.len() > border && text[..border].trim().is_empty() && text[border..].starts_with('|')
}

/// The line with a place: the first one of a message has an arrow, the others colons, as rustc has them.
fn place(line: &mut Line, is_first: bool, root: &str) {
    let Some(piece) = line.pieces.pop() else { return };
    let text = piece.text.trim_start();
    let path = text.rsplitn(3, ':').nth(2).unwrap_or(text);
    let is_absolute = path.starts_with('/');
    let link = (is_absolute || !root.is_empty()).then(|| link(if is_absolute { "" } else { root }, path));
    line.push(Ink::Plain, " ");
    line.pieces.push(Piece { ink: Ink::Plain, text: text.to_owned(), link });
    if !is_first && let Some(arrow) = line.pieces.iter_mut().find(|piece| piece.text == "-->") {
        arrow.text = ":::".to_owned();
    }
}

/// The address of a file. Nothing of a path steers a terminal, as little as it ends the address.
fn link(root: &str, path: &str) -> String {
    let mut address = "file://".to_owned();
    for byte in root.bytes().chain(path.bytes()) {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' => address.push(byte as char),
            byte if byte.is_ascii_alphanumeric() => address.push(byte as char),
            byte => address.push_str(&format!("%{byte:02X}")),
        }
    }
    address
}
