//! What ends a report: how many findings there are of which rule, and one line with the figures.

use super::{
    page::{Ink, Page},
    style::{Detail, Style},
};
use crate::{
    levels::with_comments,
    report::{Census, HeldBack, Report, Severity},
};
use spawnlint_analysis::questions::Verdict;
use spawnlint_rules::rule::Group;
use std::{
    collections::BTreeMap,
    io::{self, Write},
};

/// Columns of a table that goes to no terminal.
const USUAL_WIDTH: usize = 100;

/// How many findings there are of each rule, in as many columns as fit.
pub(super) fn table(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    report.diagnostics.iter().for_each(|it| *counts.entry(it.finding.rule).or_default() += 1);
    let mut rows: Vec<(&str, usize)> = counts.into_iter().collect();
    rows.sort_by_key(|(rule, count)| (std::cmp::Reverse(*count), *rule));
    let digits = rows.first().map_or(1, |(_, count)| count.to_string().len());
    let widest = rows.iter().map(|(rule, _)| rule.len()).max().unwrap_or(0);
    let cell = 2 + digits + 1 + widest;
    let columns = (style.width.unwrap_or(USUAL_WIDTH) / cell).clamp(1, 3).min(rows.len());
    let height = rows.len().div_ceil(columns.max(1));
    let mut page = Page::new();
    page.line(Ink::Message, "findings by rule:");
    for row in 0..height {
        let line = page.line(Ink::Plain, "");
        for (rule, count) in (row..rows.len()).step_by(height).map(|at| rows[at]) {
            line.push(Ink::Plain, format!("  {count:>digits$} {rule:widest$}"));
        }
    }
    page.line(Ink::Plain, "");
    page.print(style, out)
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
    text += &groups(report);
    let HeldBack { known, unchanged } = report.held_back;
    for (number, place) in [(known, "in the baseline"), (unchanged, "in unchanged code")] {
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

/// How many findings there are of each group, where some are of groups that report tasks which do not leak.
fn groups(report: &Report) -> String {
    let group_of = |name: &str| with_comments(report.levels.rules()).find(|it| it.name == name).map(|it| it.group);
    let groups: Vec<Group> = report.diagnostics.iter().filter_map(|it| group_of(it.finding.rule)).collect();
    if !groups.iter().any(|it| matches!(it, Group::Ownership | Group::Audit)) {
        return String::new();
    }
    let counts = Group::ALL.map(|group| (group.name(), groups.iter().filter(|it| **it == group).count()));
    let told = counts.iter().filter(|(_, number)| *number > 0).map(|(name, number)| format!("{number} {name}"));
    format!(" ({})", told.collect::<Vec<_>>().join(", "))
}

/// What became of the tasks: each is in one of the numbers.
fn tasks(census: &Census) -> String {
    let sound = [
        (Verdict::Short, "short"),
        (Verdict::Stoppable, "stoppable"),
        (Verdict::Peer, "ended by a peer"),
        (Verdict::Process, "started once per process"),
    ]
    .map(|(verdict, what)| (census.of(verdict), what))
    .into_iter()
    .filter(|(number, _)| *number > 0);
    let total: usize = sound.clone().map(|(number, _)| number).sum();
    let kinds: Vec<String> = sound.map(|(number, what)| format!("{number} {what}")).collect();
    let (leaks, held, unknown) = (census.of(Verdict::Leaks), census.of(Verdict::Held), census.of(Verdict::Unknown));
    let or = |number: usize, one: &'static str, many: &'static str| if number == 1 { one } else { many };
    let allowed = if census.allowed > 0 { format!(" ({} suppressed)", census.allowed) } else { String::new() };
    let parts = [
        (leaks, format!("{}{allowed}", or(leaks, "leaks", "leak"))),
        (held, format!("{} held by an owner", or(held, "is", "are"))),
        (total, format!("{} not leak ({})", or(total, "does", "do"), kinds.join(", "))),
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

/// Where the inventory is blind, the crates with the most such calls first. `more` says how to see all of them.
pub fn unfollowed(by_crate: &[(String, usize)], more: &str) -> String {
    /// More would not fit into a line.
    const SHOWN: usize = 4;
    if by_crate.is_empty() {
        return String::new();
    }
    let mut crates: Vec<&(String, usize)> = by_crate.iter().collect();
    crates.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let mut named: Vec<String> = crates.iter().take(SHOWN).map(|(name, calls)| format!("{calls} in {name}")).collect();
    if crates.len() > SHOWN {
        named.push(format!("{} in others", crates[SHOWN..].iter().map(|(_, calls)| calls).sum::<usize>()));
    }
    let calls = by_crate.iter().map(|(_, calls)| calls).sum::<usize>();
    let (have, their) = if calls == 1 { ("has", "its") } else { ("have", "their") };
    let named = named.join(", ");
    format!("; {} {have} `spawn` in {their} name and could not be followed ({named}){more}", count(calls, "more call"))
}

/// What was too much work, so that nobody takes silence for soundness.
pub fn given_up(census: &Census) -> String {
    let parts = [(census.given_up, "task"), (census.given_up_elsewhere, "other question")];
    let told: Vec<String> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, it)| count(*number, it)).collect();
    if told.is_empty() { String::new() } else { format!("; gave up on {}: too much work", told.join(" and ")) }
}

/// `1 file`, `2 files`.
fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// What may be done with findings, said once below all of them.
pub fn hints(report: &Report, detail: Detail) -> Vec<String> {
    if report.diagnostics.is_empty() {
        return Vec::new();
    }
    let more = if detail == Detail::Brief { "; -v shows all evidence and fixes" } else { "" };
    vec![
        format!("help: `cargo spawnlint explain RULE` says what a rule reports and how to fix it{more}"),
        "help: to suppress a finding, write `// spawnlint: allow(RULE): REASON` on the line above it".to_owned(),
    ]
}
