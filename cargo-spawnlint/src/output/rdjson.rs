//! reviewdog's diagnostic format.

use super::facts::{Entry, TOOL, byte_column, entries, json, path_of};
use crate::{
    fix::{Replacement, resolve},
    report::Report,
};
use serde::Serialize;
use spawnlint_analysis::span::{FileId, Span, TextRange};
use spawnlint_rules::finding::Applicability;
use std::io::{self, Write};

#[derive(Serialize)]
struct DiagnosticResult {
    source: Source,
    diagnostics: Vec<RdDiagnostic>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
}

#[derive(Serialize)]
struct RdDiagnostic {
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location>,
    severity: &'static str,
    code: Code,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<RdSuggestion>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Related>,
}

#[derive(Serialize)]
struct Code {
    value: String,
}

#[derive(Serialize)]
struct Location {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
}

#[derive(Serialize)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct RdSuggestion {
    range: Range,
    text: String,
}

#[derive(Serialize)]
struct Related {
    message: String,
    location: Location,
}

/// Writes all findings, then all problems.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let diagnostics = entries(report).iter().map(|entry| diagnostic(report, entry)).collect();
    let result = DiagnosticResult { source: Source { name: TOOL }, diagnostics };
    out.write_all(json(&result)?.as_bytes())
}

fn diagnostic(report: &Report, entry: &Entry<'_>) -> RdDiagnostic {
    let location = entry.place.as_ref().map(|place| match place.span {
        Some(span) => location(report, span),
        None => Location { path: place.path.clone(), range: None },
    });
    let related = entry.evidence.iter().filter_map(|(place, text)| {
        Some(Related { message: text.clone(), location: location_of(report, place.span)? })
    });
    let notes = entry.notes.iter().map(|it| format!("note: {it}"));
    let helps = entry.helps.iter().map(|it| format!("help: {it}"));
    RdDiagnostic {
        message: [entry.message.clone()].into_iter().chain(notes).chain(helps).collect::<Vec<_>>().join("\n"),
        location,
        severity: if entry.is_error { "ERROR" } else { "WARNING" },
        code: Code { value: entry.code() },
        suggestions: suggestions(report, entry),
        related_locations: related.collect(),
    }
}

/// A suggestion of more lines hides what it changes.
const MOST_LINES: u32 = 100;

/// Rewrites of one file. A suggestion is one text for one range and is applied by itself: so several edits become one,
/// with what stands between them.
fn suggestions(report: &Report, entry: &Entry<'_>) -> Vec<RdSuggestion> {
    let Some(diagnostic) = entry.finding else { return Vec::new() };
    let finding = &diagnostic.finding;
    let complete = finding.rewrites.iter().filter(|it| it.applicability != Applicability::HasPlaceholders);
    let resolved = complete.filter_map(|rewrite| resolve(&report.sources, rewrite).ok());
    let file = finding.at.file;
    let here = resolved.filter(|it| it.edits.iter().all(|edit| edit.at.file == file));
    here.filter_map(|it| joined(report, file, &it.edits)).collect()
}

/// Edits of a file, in order of place, as one.
fn joined(report: &Report, file: FileId, edits: &[Replacement]) -> Option<RdSuggestion> {
    let (first, last) = (edits.first()?.at.range, edits.last()?.at.range);
    let source = report.sources.get(file);
    let (from, to) = (source.line_column(first.start).0, source.line_column(last.end).0);
    if to - from >= MOST_LINES {
        return None;
    }
    let mut text = String::new();
    let mut at = first.start;
    for edit in edits {
        text += source.text.get(at as usize..edit.at.range.start as usize)?;
        text += &edit.text;
        at = edit.at.range.end;
    }
    Some(RdSuggestion { range: range(report, TextRange::new(first.start, last.end).in_file(file)), text })
}

fn location_of(report: &Report, span: Option<Span>) -> Option<Location> {
    span.map(|span| location(report, span))
}

fn location(report: &Report, span: Span) -> Location {
    Location { path: path_of(report, span.file), range: Some(range(report, span)) }
}

fn range(report: &Report, span: Span) -> Range {
    let position = |offset| {
        let (line, column) = byte_column(&report.sources, span.file, offset);
        Position { line, column }
    };
    Range { start: position(span.range.start), end: position(span.range.end) }
}
