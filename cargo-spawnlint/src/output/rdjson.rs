//! reviewdog's diagnostic format.

use super::facts::{Entry, TOOL, byte_column, entries, json, path_of};
use crate::{fix::resolve, report::Report};
use serde::Serialize;
use spawnlint_analysis::span::Span;
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

/// Rewrites of one edit: each suggestion is applied by itself.
fn suggestions(report: &Report, entry: &Entry<'_>) -> Vec<RdSuggestion> {
    let Some(diagnostic) = entry.finding else { return Vec::new() };
    let finding = &diagnostic.finding;
    let complete = finding.rewrites.iter().filter(|it| it.applicability != Applicability::HasPlaceholders);
    let resolved = complete.filter_map(|rewrite| resolve(&report.sources, rewrite).ok());
    let alone = resolved.filter_map(|it| <[_; 1]>::try_from(it.edits).ok().map(|[edit]| edit));
    let here = alone.filter(|edit| edit.at.file == finding.at.file);
    here.map(|edit| RdSuggestion { range: range(report, edit.at), text: edit.text }).collect()
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
