//! Messages with their source, for people: codespan's rich layout, and a closing line with the figures.

use super::{
    excerpt::Excerpts,
    rewrites, statistics,
    visible::{line, lines},
};
use crate::{
    levels::Level,
    report::{Census, Diagnostic, HeldBack, Problem, Report, Severity},
};
use codespan_reporting::{
    diagnostic::{self as codespan, Label},
    files::Error,
    term::{self, Config, termcolor::Ansi},
};
use spawnlint_analysis::{
    questions::Verdict,
    span::{FileId, Sources},
};
use std::{
    collections::BTreeMap,
    io::{self, Write},
};

/// Whether messages are coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// With ANSI escapes.
    Ansi,
    /// As plain text.
    Plain,
}

/// Writes all findings, then all problems.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &Report, color: Color, out: &mut dyn Write) -> io::Result<()> {
    for diagnostic in &report.diagnostics {
        write_finding(report, diagnostic, color, out)?;
    }
    for problem in &report.problems {
        write_problem(&report.sources, problem, color, out)?;
    }
    report.statistics.as_ref().map_or(Ok(()), |figures| statistics::write(figures, out))
}

/// Writes one finding of a report.
///
/// # Errors
/// Those of `out`.
pub fn write_finding(report: &Report, it: &Diagnostic, color: Color, out: &mut dyn Write) -> io::Result<()> {
    let finding = &it.finding;
    let spans = finding.labels.iter().map(|label| label.at).chain([finding.at]);
    let excerpts = Excerpts::new(&report.sources, spans);
    let primary = Label::primary(finding.at.file, excerpts.range(finding.at)).with_message(line(&finding.label));
    let others = finding
        .labels
        .iter()
        .map(|label| Label::secondary(label.at.file, excerpts.range(label.at)).with_message(line(&label.text)));
    let severity = if it.level == Level::Deny { codespan::Severity::Error } else { codespan::Severity::Warning };
    let notes = finding.notes.iter().map(|note| note_text("note", note));
    let helps = finding.helps.iter().map(|help| note_text("help", help));
    let rewrites = rewrites::texts(report, finding, color).into_iter().map(|text| hanging("help", &text));
    let message = codespan::Diagnostic::new(severity)
        .with_code(format!("spawnlint::{}", finding.rule))
        .with_message(line(&finding.message))
        .with_labels([primary].into_iter().chain(others).collect())
        .with_notes(notes.chain(helps).chain(rewrites).collect());
    emit(&excerpts, &message, color, out)
}

/// Writes one problem.
///
/// # Errors
/// Those of `out`.
pub fn write_problem(sources: &Sources, problem: &Problem, color: Color, out: &mut dyn Write) -> io::Result<()> {
    let excerpts = Excerpts::new(sources, problem.span.into_iter());
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
    let message = codespan::Diagnostic::new(severity)
        .with_message(text)
        .with_labels(labels)
        .with_notes(problem.help.iter().map(|help| note_text("help", help)).collect());
    emit(&excerpts, &message, color, out)
}

/// One line that says what was checked and what came out.
pub fn closing_line(report: &Report) -> String {
    let stats = &report.stats;
    let mut text = format!(
        "checked {} and {} in {:.2} s: {}",
        count(stats.files, "file"),
        count(report.census.tasks(), "task"),
        stats.total().as_secs_f64(),
        count(report.diagnostics.len(), "finding"),
    );
    let HeldBack { known, unchanged } = report.held_back;
    for (number, place) in [(known, "in the baseline"), (unchanged, "away from what changed")] {
        if number > 0 {
            text.push_str(&format!(", {number} more {place}"));
        }
    }
    let errors = report.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    if errors > 0 {
        text.push_str(&format!(", {} that kept code from being checked", count(errors, "problem")));
    }
    text + &tasks(&report.census) + &given_up(&report.census)
}

/// What became of the tasks: each is in one of the numbers.
fn tasks(census: &Census) -> String {
    let sound = [
        (Verdict::Short, "short"),
        (Verdict::Stoppable, "stoppable"),
        (Verdict::Peer, "ended by the peer"),
        (Verdict::Process, "as long as the process"),
    ]
    .map(|(verdict, what)| (census.of(verdict), what))
    .into_iter()
    .filter(|(number, _)| *number > 0);
    let total: usize = sound.clone().map(|(number, _)| number).sum();
    let kinds: Vec<String> = sound.map(|(number, what)| format!("{number} {what}")).collect();
    let (leaks, held, unknown) = (census.of(Verdict::Leaks), census.of(Verdict::Held), census.of(Verdict::Unknown));
    let or = |number: usize, one: &'static str, many: &'static str| if number == 1 { one } else { many };
    let allowed = if census.allowed > 0 { format!(" ({} allowed)", census.allowed) } else { String::new() };
    let parts = [
        (leaks, format!("{}{allowed}", or(leaks, "leaks", "leak"))),
        (held, format!("{} held by somebody", or(held, "is", "are"))),
        (total, format!("{} judged sound ({})", or(total, "was", "were"), kinds.join(", "))),
        (unknown, "could not be judged".to_owned()),
    ];
    let told = parts.into_iter().filter(|(number, _)| *number > 0).enumerate().map(|(at, (number, what))| {
        if at == 0 { format!("{} {what}", count(number, "task")) } else { format!("{number} {what}") }
    });
    let told: Vec<String> = told.collect();
    match (census.tasks(), unknown) {
        (0, _) => String::new(),
        (_, 0) => format!("; {}; `cargo spawnlint tasks` lists them", told.join(", ")),
        _ => format!("; {}; `cargo spawnlint tasks --verdict unknown` says why", told.join(", ")),
    }
}

/// What was too much work, so that nobody takes silence for soundness.
pub fn given_up(census: &Census) -> String {
    let parts = [(census.given_up, "task"), (census.given_up_elsewhere, "other question")];
    let told: Vec<String> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, it)| count(*number, it)).collect();
    if told.is_empty() { String::new() } else { format!("; gave up on {}: too much work", told.join(" and ")) }
}

/// Where the inventory is blind, the crates with the most such calls first.
pub fn unfollowed(by_crate: &BTreeMap<String, usize>) -> String {
    /// More would not fit into a line.
    const SHOWN: usize = 4;
    if by_crate.is_empty() {
        return String::new();
    }
    let mut crates: Vec<(&String, &usize)> = by_crate.iter().collect();
    crates.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
    let mut named: Vec<String> = crates.iter().take(SHOWN).map(|(name, calls)| format!("{calls} in {name}")).collect();
    if crates.len() > SHOWN {
        named.push(format!("{} in others", crates[SHOWN..].iter().map(|(_, calls)| **calls).sum::<usize>()));
    }
    let calls = by_crate.values().sum::<usize>();
    let are = if calls == 1 { "says" } else { "say" };
    format!("; {} {are} `spawn` and could not be followed ({})", count(calls, "more call"), named.join(", "))
}

/// `1 file`, `2 files`.
fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn note_text(kind: &str, text: &str) -> String {
    hanging(kind, &lines(text.trim_end()))
}

/// Later lines stand below the first one's text, not below its kind.
fn hanging(kind: &str, text: &str) -> String {
    let indent = format!("\n{:1$}", "", kind.len() + 2);
    format!("{kind}: {}", text.replace('\n', &indent))
}

fn emit(
    excerpts: &Excerpts<'_>,
    message: &codespan::Diagnostic<FileId>,
    color: Color,
    out: &mut dyn Write,
) -> io::Result<()> {
    let config = Config::default();
    let mut buffer = Vec::new();
    let written = match color {
        Color::Ansi => term::emit_to_write_style(&mut Ansi::new(&mut buffer), &config, excerpts, message),
        Color::Plain => term::emit_to_io_write(&mut buffer, &config, excerpts, message),
    };
    match written {
        Ok(()) => out.write_all(&buffer),
        Err(Error::Io(error)) => Err(error),
        // The message is worth more than its picture.
        Err(_) => writeln!(out, "{}", message.message),
    }
}
