//! One line for each message: `path:line:column: level[spawnlint::rule]: message`.

use super::visible::line;
use crate::{
    levels::Level,
    report::{Diagnostic, Problem, Report},
};
use spawnlint_analysis::span::{Sources, Span};
use std::io::{self, Write};

/// Writes all findings, then all problems.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    report.diagnostics.iter().try_for_each(|it| write_finding(report, it, out))?;
    report.problems.iter().try_for_each(|it| write_problem(&report.sources, it, out))
}

/// Writes one finding of a report.
pub(super) fn write_finding(report: &Report, it: &Diagnostic, out: &mut dyn Write) -> io::Result<()> {
    let level = if it.level == Level::Deny { "error" } else { "warning" };
    let place = place(&report.sources, it.finding.at);
    writeln!(out, "{place}: {level}[spawnlint::{}]: {}", it.finding.rule, line(&it.finding.message))
}

/// Writes one problem.
pub(super) fn write_problem(sources: &Sources, problem: &Problem, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", problem_line(sources, problem))
}

fn problem_line(sources: &Sources, problem: &Problem) -> String {
    let severity = problem.severity.name();
    let message = line(&problem.message);
    match problem.span {
        Some(span) => format!("{}: {severity}: {message}", place(sources, span)),
        None if problem.path.is_empty() => format!("{severity}: {message}"),
        None => format!("{}: {severity}: {message}", line(&problem.path)),
    }
}

fn place(sources: &Sources, span: Span) -> String {
    let source = sources.get(span.file);
    let (number, column) = source.line_column(span.range.start);
    format!("{}:{number}:{column}", line(&source.path))
}
