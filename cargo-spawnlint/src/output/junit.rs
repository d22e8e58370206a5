//! JUnit's XML: a test for each rule that found nothing, and a failed one for each finding.

use super::{
    facts::{Entry, TOOL, entries},
    visible::line,
    xml::escape,
};
use crate::{
    levels::{Level, with_comments},
    report::Report,
};
use std::io::{self, Write};

/// Writes one suite.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let entries = entries(report);
    let is_silent = |rule: &str| entries.iter().all(|it| it.finding.is_none_or(|it| it.finding.rule != rule));
    let rules = with_comments(report.levels.rules()).map(|rule| rule.name);
    let silent: Vec<&str> = rules.filter(|rule| report.levels.of(rule) != Level::Allow && is_silent(rule)).collect();
    let errors = entries.iter().filter(|it| it.is_gap).count();
    let figures = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{errors}\"",
        silent.len() + entries.len(),
        entries.len() - errors
    );
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"{TOOL}\" {figures} time=\"0\">")?;
    writeln!(out, "  <testsuite name=\"{TOOL}\" {figures} skipped=\"0\" time=\"0\">")?;
    for rule in silent {
        writeln!(out, "    <testcase classname=\"spawnlint\" name=\"{rule}\" time=\"0\"/>")?;
    }
    for entry in &entries {
        write_failure(entry, out)?;
    }
    writeln!(out, "  </testsuite>\n</testsuites>")
}

fn write_failure(entry: &Entry<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (path, row) = match &entry.place {
        Some(place) => (place.path.as_str(), place.start.map(|(row, _)| row)),
        None => ("", None),
    };
    // The name is that of the test on the next run too: no line in it.
    let what = entry.finding.map_or("checked", |it| it.finding.rule);
    let name = if entry.item.is_empty() { path } else { &entry.item };
    write!(
        out,
        "    <testcase classname=\"{}\" name=\"{}\"",
        escape(&entry.code()),
        escape(&line(format!("{what} {name}").trim_end()))
    )?;
    if !path.is_empty() {
        write!(out, " file=\"{}\"", escape(&line(path)))?;
    }
    if let Some(row) = row {
        write!(out, " line=\"{row}\"")?;
    }
    let (tag, kind) = (if entry.is_gap { "error" } else { "failure" }, entry.level());
    writeln!(out, " time=\"0\">")?;
    write!(out, "      <{tag} type=\"{kind}\" message=\"{}\">", escape(&entry.message))?;
    let place = entry.place.as_ref().map(|place| format!("{place}: "));
    writeln!(
        out,
        "{}{}</{tag}>",
        escape(&place.unwrap_or_default()),
        escape(&entry.full_text()).replace("&#10;", "\n")
    )?;
    writeln!(out, "    </testcase>")
}
