//! `cargo check --message-format=json`, message for message, so that whatever reads cargo reads this too.

use super::{
    human, short,
    style::{Color, Detail, Style},
    visible,
};
use crate::{
    fix::{cargo_add, resolve},
    levels::Level,
    report::{Diagnostic, Origin, Problem, Report},
    statistics::Statistics,
};
use serde::Serialize;
use spawnlint_analysis::span::{FileId, Source, Sources, Span};
use spawnlint_rules::finding::{Applicability, Finding};
use std::{
    borrow::Cow,
    io::{self, Write},
};

/// What `rendered` is, in cargo's words: `json-diagnostic-short`, `json-diagnostic-rendered-ansi` and
/// `json-render-diagnostics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rendering {
    /// One line for each message.
    pub is_short: bool,
    /// With colours.
    pub is_colored: bool,
    /// Somebody else prints what is rendered: there are no messages.
    pub is_apart: bool,
}

/// Longer lines of source are cut, in bytes. None may be left out: readers look lines up by their number.
const LONG_LINE: usize = 10_000;
/// Of a longer range, the first lines are told.
const MANY_LINES: usize = 100;

impl Rendering {
    fn style(self, detail: Detail) -> Style {
        Style { color: if self.is_colored { Color::Ansi } else { Color::Plain }, ..Style::plain(detail) }
    }
}

#[derive(Serialize)]
struct CompilerMessage<'a> {
    reason: &'static str,
    package_id: &'a str,
    manifest_path: &'a str,
    target: &'a serde_json::Value,
    message: Message<'a>,
}

#[derive(Serialize)]
struct Message<'a> {
    rendered: Option<String>,
    #[serde(rename = "$message_type", skip_serializing_if = "Option::is_none")]
    message_type: Option<&'static str>,
    children: Vec<Message<'a>>,
    code: Option<Code>,
    level: &'static str,
    message: Cow<'a, str>,
    spans: Vec<JsonSpan<'a>>,
}

#[derive(Serialize)]
struct Code {
    code: String,
    explanation: Option<String>,
}

#[derive(Serialize)]
struct JsonSpan<'a> {
    file_name: &'a str,
    byte_start: u32,
    byte_end: u32,
    line_start: u32,
    line_end: u32,
    column_start: u32,
    column_end: u32,
    is_primary: bool,
    text: Vec<Line<'a>>,
    label: Option<&'a str>,
    suggested_replacement: Option<String>,
    suggestion_applicability: Option<&'static str>,
    expansion: Option<()>,
}

#[derive(Serialize)]
struct Line<'a> {
    text: &'a str,
    highlight_start: u32,
    highlight_end: u32,
}

#[derive(Serialize)]
struct BuildFinished {
    reason: &'static str,
    success: bool,
}

/// Writes one message for each finding and each problem, and a last one that says whether the run succeeded.
///
/// # Errors
/// Those of `out`.
pub fn write(
    report: &Report,
    success: bool,
    detail: Detail,
    rendering: Rendering,
    out: &mut dyn Write,
) -> io::Result<()> {
    let shown = usize::from(!rendering.is_apart);
    for diagnostic in report.diagnostics.iter().take(report.diagnostics.len() * shown) {
        let origin = report.origin(diagnostic.finding.at.file);
        write_line(&envelope(report, origin, finding(report, diagnostic, detail, rendering)?), out)?;
    }
    for it in report.problems.iter().take(report.problems.len() * shown) {
        let file = it.span.map(|span| span.file).or_else(|| file_of(&report.sources, &it.path));
        let origin = file.and_then(|file| report.origin(file));
        write_line(&envelope(report, origin, problem(&report.sources, it, rendering)?), out)?;
    }
    if let Some(figures) = &report.statistics {
        write_line(&statistics(figures), out)?;
    }
    write_line(&BuildFinished { reason: "build-finished", success }, out)
}

/// Whoever reads cargo's messages passes over those of a reason that it does not know.
fn statistics(figures: &Statistics) -> serde_json::Value {
    let counts = |rows: &[(&'static str, usize)]| -> serde_json::Value {
        rows.iter().map(|(name, count)| ((*name).to_owned(), serde_json::Value::from(*count))).collect()
    };
    let crates = figures.crates.iter();
    let crates = crates.map(|it| serde_json::json!({ "name": it.name, "findings": it.findings, "tasks": it.tasks }));
    serde_json::json!({
        "reason": "spawnlint-statistics",
        "rules": counts(&figures.rules),
        "crates": crates.collect::<Vec<_>>(),
        "tasks": {
            "total": figures.tasks.tasks,
            "verdicts": counts(&figures.tasks.verdicts),
            "fates": counts(&figures.tasks.fates),
            "endings": counts(&figures.tasks.endings),
        },
    })
}

fn write_line(line: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", visible::json(&serde_json::to_string(line)?))
}

/// A message that concerns no file speaks of the first crate: cargo's format has no message without one.
fn envelope<'a>(report: &'a Report, origin: Option<&'a Origin>, message: Message<'a>) -> CompilerMessage<'a> {
    static NONE: std::sync::LazyLock<serde_json::Value> = std::sync::LazyLock::new(
        || serde_json::json!({ "name": "", "kind": ["lib"], "crate_types": ["lib"], "src_path": "" }),
    );
    let origin = origin.or(report.origins.first());
    CompilerMessage {
        reason: "compiler-message",
        package_id: origin.map_or("", |it| &it.package_id),
        manifest_path: origin.map_or("", |it| &it.manifest_path),
        target: origin.map_or(&NONE, |it| &it.target),
        message,
    }
}

fn finding<'a>(
    report: &'a Report,
    diagnostic: &'a Diagnostic,
    detail: Detail,
    rendering: Rendering,
) -> io::Result<Message<'a>> {
    let mut rendered = Vec::new();
    match rendering.is_short {
        true => short::write_finding(report, diagnostic, &mut rendered)?,
        false => human::write_finding(report, diagnostic, rendering.style(detail), &mut rendered)?,
    }
    let finding = &diagnostic.finding;
    let sources = &*report.sources;
    let helps = finding.helps.iter().map(|help| child("help", help.as_str()));
    let notes = finding.notes.iter().map(|note| child("note", note.as_str()));
    let labels = finding.labels.iter().map(|label| span(sources, label.at, &label.text, false));
    Ok(Message {
        rendered: Some(String::from_utf8_lossy(&rendered).into_owned()),
        message_type: Some("diagnostic"),
        children: notes.chain(helps).chain(suggestions(report, finding)).collect(),
        code: Some(Code { code: format!("spawnlint::{}", finding.rule), explanation: None }),
        level: if diagnostic.level == Level::Deny { "error" } else { "warning" },
        message: (&finding.message).into(),
        spans: [span(sources, finding.at, &finding.label, true)].into_iter().chain(labels).collect(),
    })
}

fn problem<'a>(sources: &'a Sources, problem: &'a Problem, rendering: Rendering) -> io::Result<Message<'a>> {
    let mut rendered = Vec::new();
    match rendering.is_short {
        true => short::write_problem(sources, problem, &mut rendered)?,
        false => human::write_problem(sources, problem, rendering.style(Detail::Full), &mut rendered)?,
    }
    // A whole file that could not be read is named by a span at its start.
    let whole = || Some(Span { file: file_of(sources, &problem.path)?, range: Default::default() });
    let place = problem.span.or_else(whole);
    Ok(Message {
        rendered: Some(String::from_utf8_lossy(&rendered).into_owned()),
        message_type: Some("diagnostic"),
        children: problem.help.iter().map(|help| child("help", help.as_str())).collect(),
        code: None,
        level: problem.severity.name(),
        message: (&problem.message).into(),
        spans: place.into_iter().map(|place| span(sources, place, "", true)).collect(),
    })
}

fn file_of(sources: &Sources, path: &str) -> Option<FileId> {
    sources.iter().find(|(_, source)| source.path == path).map(|(file, _)| file)
}

fn child<'a>(level: &'static str, message: impl Into<Cow<'a, str>>) -> Message<'a> {
    Message {
        rendered: None,
        message_type: None,
        children: Vec::new(),
        code: None,
        level,
        message: message.into(),
        spans: Vec::new(),
    }
}

/// One child for each rewrite that fits the text, as rustc has it: its spans say what to put where.
fn suggestions<'a>(report: &'a Report, finding: &'a Finding) -> Vec<Message<'a>> {
    let package = report.origin(finding.at.file).and_then(|origin| origin.package.as_deref());
    let mut children = Vec::new();
    for rewrite in &finding.rewrites {
        let Ok(suggestion) = resolve(&report.sources, rewrite) else { continue };
        let applicability = match suggestion.applicability {
            // Whoever applies what is machine applicable applies all of it: so only the best is, and only if it
            // compiles as things stand.
            Applicability::MachineApplicable if children.is_empty() && suggestion.needs.is_empty() => {
                "MachineApplicable"
            }
            Applicability::MachineApplicable | Applicability::MaybeIncorrect => "MaybeIncorrect",
            Applicability::HasPlaceholders => "HasPlaceholders",
        };
        let needs = suggestion.needs.iter().map(|need| format!("; needs `{}`", cargo_add(need, package)));
        let title = format!("{}{}", suggestion.title, needs.collect::<String>());
        let spans = suggestion.edits.into_iter().map(|edit| JsonSpan {
            suggested_replacement: Some(edit.text),
            suggestion_applicability: Some(applicability),
            ..span(&report.sources, edit.at, "", true)
        });
        children.push(Message { spans: spans.collect(), ..child("help", title) });
    }
    children
}

fn span<'a>(sources: &'a Sources, span: Span, label: &'a str, is_primary: bool) -> JsonSpan<'a> {
    let source = sources.get(span.file);
    let (line_start, column_start) = source.line_column(span.range.start);
    let (line_end, column_end) = source.line_column(span.range.end);
    let lines = (line_start..=line_end).take(MANY_LINES);
    JsonSpan {
        file_name: &source.path,
        byte_start: span.range.start,
        byte_end: span.range.end,
        line_start,
        line_end,
        column_start,
        column_end,
        is_primary,
        text: lines
            .filter_map(|line| text_line(source, line, (line_start, column_start), (line_end, column_end)))
            .collect(),
        label: (!label.is_empty()).then_some(label),
        suggested_replacement: None,
        suggestion_applicability: None,
        expansion: None,
    }
}

fn text_line(source: &Source, line: u32, start: (u32, u32), end: (u32, u32)) -> Option<Line<'_>> {
    let text = source.snippet(source.line_range(line)?);
    let text = &text[..text.floor_char_boundary(LONG_LINE)];
    let last = text.chars().count() as u32 + 1;
    Some(Line {
        text,
        highlight_start: if line == start.0 { start.1.min(last) } else { 1 },
        highlight_end: if line == end.0 { end.1.min(last) } else { last },
    })
}
