//! What the formats of pipelines have in common: findings and problems alike as entries, with paths from the root of
//! the repository and texts that steer nothing.

use super::{
    rewrites::title,
    visible::{self, line},
};
use crate::{
    fingerprint::hash_of,
    levels::Level,
    report::{Diagnostic, Problem, Report, Severity},
};
use spawnlint_analysis::span::{FileId, Sources, Span};

/// How the program is called in reports.
pub(super) const TOOL: &str = "cargo-spawnlint";

/// A finding or a problem.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    /// The finding; `None` for a problem.
    pub(super) finding: Option<&'a Diagnostic>,
    /// Whether it fails the run.
    pub(super) is_error: bool,
    /// Whether code was not analysed.
    pub(super) is_gap: bool,
    /// Where; `None` if it concerns no file.
    pub(super) place: Option<Place>,
    /// What is wrong, on one line.
    pub(super) message: String,
    /// What stands at the place itself.
    pub(super) label: String,
    /// The other places.
    pub(super) evidence: Vec<(Place, String)>,
    /// Why it matters.
    pub(super) notes: Vec<String>,
    /// What to do: helps, then the titles of rewrites.
    pub(super) helps: Vec<String>,
    /// Module and items around it; empty for problems.
    pub(super) item: String,
    /// What it is known by on the next run: 32 hexadecimal digits.
    pub(super) fingerprint: String,
}

/// A range of a file, as people count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// From the root of the repository, as the file is called; it may hold any character.
    pub(super) path: String,
    /// The file, if it was read.
    pub(super) span: Option<Span>,
    /// First line, from 1 on; `None` for the file as a whole.
    pub(super) start: Option<(u32, u32)>,
    /// One past the last character; as `start` if that is not known.
    pub(super) end: Option<(u32, u32)>,
}

impl Entry<'_> {
    /// `spawnlint::rule`, or `spawnlint` for a problem.
    pub(super) fn code(&self) -> String {
        self.finding.map_or_else(|| "spawnlint".to_owned(), |it| format!("spawnlint::{}", it.finding.rule))
    }

    /// `error` or `warning`.
    pub(super) fn level(&self) -> &'static str {
        if self.is_error { "error" } else { "warning" }
    }

    /// Everything but the message, a line for each thing.
    pub(super) fn details(&self) -> Vec<String> {
        let here = self.place.as_ref().filter(|_| !self.label.is_empty()).map(|it| format!("{it}: {}", self.label));
        let evidence = self.evidence.iter().map(|(place, text)| format!("{place}: {text}"));
        let notes = self.notes.iter().map(|note| format!("note: {note}"));
        let helps = self.helps.iter().map(|help| format!("help: {help}"));
        here.into_iter().chain(evidence).chain(notes).chain(helps).collect()
    }

    /// The message, and everything else below it.
    pub(super) fn full_text(&self) -> String {
        [vec![self.message.clone()], self.details()].concat().join("\n")
    }
}

/// `src/lib.rs:3:5`, harmless.
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&line(&self.path))?;
        self.start.map_or(Ok(()), |(row, column)| write!(f, ":{row}:{column}"))
    }
}

/// All findings, then all problems.
pub(super) fn entries(report: &Report) -> Vec<Entry<'_>> {
    let findings = report.diagnostics.iter().map(|it| finding(report, it));
    findings.chain(report.problems.iter().map(|it| problem(report, it))).collect()
}

fn finding<'a>(report: &'a Report, it: &'a Diagnostic) -> Entry<'a> {
    let finding = &it.finding;
    let package = report.origin(finding.at.file).and_then(|origin| origin.package.as_deref());
    let rewrites = finding.rewrites.iter().map(|rewrite| title(rewrite, package));
    let site = &it.site;
    Entry {
        finding: Some(it),
        is_error: it.level == Level::Deny,
        is_gap: false,
        place: Some(place(report, finding.at)),
        message: line(&finding.message).into_owned(),
        label: line(&finding.label).into_owned(),
        evidence: finding.labels.iter().map(|it| (place(report, it.at), line(&it.text).into_owned())).collect(),
        notes: finding.notes.iter().map(|it| one_line(it)).collect(),
        helps: finding.helps.iter().map(|it| one_line(it)).chain(rewrites).collect(),
        item: [&*site.module, &*site.item].into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join("::"),
        fingerprint: it.fingerprint.hash(),
    }
}

fn problem<'a>(report: &'a Report, it: &'a Problem) -> Entry<'a> {
    let whole = || Place { path: report.repository.path(&it.path), span: None, start: None, end: None };
    let place = it.span.map(|span| place(report, span)).or_else(|| (!it.path.is_empty()).then(whole));
    Entry {
        finding: None,
        is_error: it.severity != Severity::Warning,
        is_gap: it.severity == Severity::Error,
        place,
        message: line(&it.message).into_owned(),
        label: String::new(),
        evidence: Vec::new(),
        notes: Vec::new(),
        helps: it.help.iter().map(|it| one_line(it)).collect(),
        item: String::new(),
        fingerprint: hash_of([&*it.path, &*it.message].into_iter()),
    }
}

/// A range as people count.
pub(super) fn place(report: &Report, span: Span) -> Place {
    let source = report.sources.get(span.file);
    Place {
        path: report.repository.path(&source.path),
        span: Some(span),
        start: Some(source.line_column(span.range.start)),
        end: Some(source.line_column(span.range.end)),
    }
}

/// The path of a file from the root of the repository.
pub(super) fn path_of(report: &Report, file: FileId) -> String {
    report.repository.path(&report.sources.get(file).path)
}

/// Whether a printed path is none of the workspace's.
pub(super) fn is_absolute(path: &str) -> bool {
    path.starts_with('/') || path.as_bytes().get(1) == Some(&b':') && path.as_bytes().get(2) == Some(&b'/')
}

/// Line and column (from 1, in bytes of UTF-8) of an offset.
pub(super) fn byte_column(sources: &Sources, file: FileId, offset: u32) -> (u32, u32) {
    let source = sources.get(file);
    let (row, _) = source.line_column(offset);
    let start = source.line_range(row).map_or(0, |range| range.start);
    (row, offset.saturating_sub(start) + 1)
}

/// A text of several lines on one.
fn one_line(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    line(&lines.join(" ")).into_owned()
}

/// A document in JSON, with nothing in it that steers a terminal.
pub(super) fn json(document: &impl serde::Serialize) -> std::io::Result<String> {
    Ok(visible::json(&serde_json::to_string_pretty(document)?).into_owned() + "\n")
}
