//! Where things are and how they are called, as the inventories print it: for people with nothing that steers a terminal,
//! in JSON as the code has it.

use super::visible::line;
use crate::report::Report;
use serde::Serialize;
use spawnlint_analysis::{
    questions::Named,
    span::{FileId, Sources, Span},
};

/// Longer texts are cut, in characters: the name of a thing may be a whole expression.
const LONG_TEXT: usize = 60;

/// A text of the code on one line, of bearable length.
pub(super) fn shown(text: &str) -> String {
    let text = line(text);
    match text.char_indices().nth(LONG_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}

/// `src/lib.rs:3:5`.
pub(super) fn place(sources: &Sources, span: Span) -> String {
    let source = sources.get(span.file);
    let (number, column) = source.line_column(span.range.start);
    format!("{}:{number}:{column}", line(&source.path))
}

/// `3:5`, or with the path if it is another file.
pub(super) fn place_from(sources: &Sources, file: FileId, span: Span) -> String {
    if file != span.file {
        return place(sources, span);
    }
    let (number, column) = sources.get(file).line_column(span.range.start);
    format!("{number}:{column}")
}

#[derive(Serialize)]
pub(super) struct JsonPlace<'a> {
    pub(super) path: &'a str,
    pub(super) line: u32,
    pub(super) column: u32,
}

#[derive(Serialize)]
pub(super) struct JsonNamed<'a> {
    pub(super) name: &'a str,
    pub(super) at: JsonPlace<'a>,
}

#[derive(Serialize)]
pub(super) struct JsonProblem<'a> {
    pub(super) severity: &'static str,
    pub(super) path: &'a str,
    pub(super) at: Option<JsonPlace<'a>>,
    pub(super) message: &'a str,
}

/// A place of a document.
pub(super) fn site(sources: &Sources, span: Span) -> JsonPlace<'_> {
    let source = sources.get(span.file);
    let (line, column) = source.line_column(span.range.start);
    JsonPlace { path: &source.path, line, column }
}

/// Something with its name and place.
pub(super) fn named<'a>(sources: &'a Sources, named: &'a Named) -> JsonNamed<'a> {
    JsonNamed { name: &named.name, at: site(sources, named.at) }
}

/// What kept code from being analyzed.
pub(super) fn problems(report: &Report) -> Vec<JsonProblem<'_>> {
    let problems = report.problems.iter().map(|problem| JsonProblem {
        severity: problem.severity.name(),
        path: &problem.path,
        at: problem.span.map(|at| site(&report.sources, at)),
        message: &problem.message,
    });
    problems.collect()
}
