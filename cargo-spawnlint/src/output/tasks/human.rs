//! A table for people: one line for each task below the function that starts it, and why what is unknown is so.

use super::{
    super::{
        located::{place, place_from, shown},
        visible::{line, short_words},
    },
    words,
};
use crate::{
    inventory::{Inventory, Listed, Summary},
    output::{Color, Detail},
};
use codespan_reporting::term::termcolor::{Ansi, Color as Tint, ColorSpec, NoColor, WriteColor};
use spawnlint_analysis::{
    questions::{EndingKind, Verdict},
    span::{Sources, Span},
};
use std::io::{self, Write};

/// What stands above the columns.
const HEADER: [&str; COLUMNS] = ["line", "verdict", "what runs", "reach", "ending", "handle", ""];
const COLUMNS: usize = 7;
/// Wider columns are no help: a longer text pushes the rest of its line.
const WIDEST: [usize; COLUMNS] = [8, 9, 28, 7, 16, 7, 0];
const VERDICT: usize = 1;

/// Writes the tasks, how many there are of each kind, and in full detail also where the inventory is blind.
///
/// # Errors
/// Those of `out`.
pub fn write(inventory: &Inventory, color: Color, detail: Detail, out: &mut dyn Write) -> io::Result<()> {
    let mut buffer = Vec::new();
    let colored: &mut dyn WriteColor = match color {
        Color::Ansi => &mut Ansi::new(&mut buffer),
        Color::Plain => &mut NoColor::new(&mut buffer),
    };
    if !inventory.tasks.is_empty() {
        write_tasks(inventory, colored)?;
    }
    if detail == Detail::Full && !inventory.unfollowed.is_empty() {
        write_unfollowed(inventory, colored)?;
    }
    out.write_all(&buffer)
}

fn write_tasks(inventory: &Inventory, colored: &mut dyn WriteColor) -> io::Result<()> {
    let sources = &inventory.report.sources;
    let mut rows: Vec<[String; COLUMNS]> = inventory.tasks.iter().map(|task| row(sources, task)).collect();
    tell_apart(inventory, &mut rows);
    let widths = widths(&rows);
    write_row(&HEADER.map(str::to_owned), &widths, Some(dim()), colored)?;
    let mut starter = None;
    for (task, row) in inventory.tasks.iter().zip(&rows) {
        if starter.replace(&task.entry.starter) != Some(&task.entry.starter) {
            write_starter(sources, &task.entry.starter, colored)?;
        }
        write_row(row, &widths, tint(task.verdict), colored)?;
        write_reasons(sources, task, colored)?;
    }
    write_summary(&inventory.summary(), colored)
}

/// Calls that may start tasks which are not in the table.
fn write_unfollowed(inventory: &Inventory, out: &mut dyn WriteColor) -> io::Result<()> {
    let sources = &inventory.report.sources;
    let above = if inventory.tasks.is_empty() { "" } else { "\n" };
    writeln!(out, "{above}calls that could not be followed")?;
    for at in inventory.unfollowed.values().flatten() {
        let lines: String = sources.get(at.file).snippet(at.range).lines().map(str::trim).collect();
        writeln!(out, "  {}  {}", place(sources, *at), end_of(&lines))?;
    }
    Ok(())
}

fn row(sources: &Sources, task: &Listed) -> [String; COLUMNS] {
    let entry = &task.entry;
    let cells = [
        place_from(sources, entry.head.file, entry.head),
        task.verdict.word().to_owned(),
        words::work(&entry.work),
        entry.reach.word().to_owned(),
        words::ending(&entry.ending),
        words::handle(entry),
        words::rules(task),
    ];
    cells.map(|cell| short_words(&cell).into_owned())
}

/// One call of a wrapper may start several tasks: the spawn inside of it tells which is which.
fn tell_apart(inventory: &Inventory, rows: &mut [[String; COLUMNS]]) {
    let tasks: Vec<_> = inventory.tasks.iter().map(|task| &task.entry).collect();
    for (at, entry) in tasks.iter().enumerate() {
        let neighbours = &tasks[at.saturating_sub(1)..tasks.len().min(at + 2)];
        if neighbours.iter().filter(|other| other.site == entry.site).count() > 1 {
            let spawn = place_from(&inventory.report.sources, entry.site.file, entry.spawn);
            let last = &mut rows[at][COLUMNS - 1];
            *last = format!("{last}  spawned at {spawn}").trim_start().to_owned();
        }
    }
}

fn widths(rows: &[[String; COLUMNS]]) -> [usize; COLUMNS] {
    let mut widths = HEADER.map(str::len);
    for row in rows {
        for (at, cell) in row.iter().enumerate() {
            // What does not fit anyway does not push the others.
            let width = cell.chars().count();
            if width <= WIDEST[at] {
                widths[at] = widths[at].max(width);
            }
        }
    }
    widths
}

fn write_row(
    row: &[String; COLUMNS],
    widths: &[usize; COLUMNS],
    color: Option<ColorSpec>,
    out: &mut dyn WriteColor,
) -> io::Result<()> {
    let last = row.iter().rposition(|cell| !cell.is_empty()).unwrap_or(0);
    write!(out, " ")?;
    for (at, cell) in row.iter().enumerate().take(last + 1) {
        if at > 0 {
            write!(out, "  ")?;
        }
        if let Some(color) = color.as_ref().filter(|_| at == VERDICT) {
            out.set_color(color)?;
        }
        write!(out, "{cell}")?;
        if at == VERDICT {
            out.reset()?;
        }
        if at < last {
            write!(out, "{:1$}", "", widths[at].saturating_sub(cell.chars().count()))?;
        }
    }
    writeln!(out)
}

fn write_starter(
    sources: &Sources,
    starter: &spawnlint_analysis::questions::Named,
    out: &mut dyn WriteColor,
) -> io::Result<()> {
    let source = sources.get(starter.at.file);
    let number = source.line_column(starter.at.range.start).0;
    out.set_color(ColorSpec::new().set_bold(true))?;
    write!(out, "{}", short_words(&shown(&starter.name)))?;
    out.reset()?;
    writeln!(out, "  {}:{number}", line(&source.path))
}

/// Why something is not known, and what only looks like an end.
fn write_reasons(sources: &Sources, task: &Listed, out: &mut dyn WriteColor) -> io::Result<()> {
    let entry = &task.entry;
    let causes = entry.causes().into_iter().map(|cause| (format!("{} unknown: {}", cause.of, cause.why), cause.at));
    let given = entry.ending.given.filter(|_| entry.ending.kind == EndingKind::OnCaller);
    let given = given.map(|(what, at)| (format!("ends with {}", what.words()), Some(at)));
    let dead = entry.dead_signs().into_iter().map(|(at, dead)| (format!("cannot end here: {}", dead.why), Some(at)));
    // Where a task ends after all, its waits are told as the ending.
    let is_endless = entry.ending.kind == EndingKind::Never;
    let waits = entry.ending.evidence.iter().filter(|it| is_endless && it.dead.is_none());
    let waits = waits.map(|it| (it.text.clone(), Some(it.at)));
    let place = |at: Span| format!(" ({})", place_from(sources, entry.site.file, at));
    for (why, at) in causes.chain(given).chain(dead).chain(waits) {
        out.set_color(&dim())?;
        write!(out, "         {}{}", line(&why), at.map(place).unwrap_or_default())?;
        out.reset()?;
        writeln!(out)?;
    }
    Ok(())
}

/// The end of a chain of calls, which names what starts something.
fn end_of(text: &str) -> String {
    /// More is no help, in characters.
    const LONGEST: usize = 60;
    let text = line(text);
    match text.char_indices().nth_back(LONGEST - 1) {
        Some((start, _)) if start > 0 => format!("…{}", &text[start..]),
        _ => text.into_owned(),
    }
}

fn write_summary(summary: &Summary, out: &mut dyn WriteColor) -> io::Result<()> {
    let list = |counts: &[(&'static str, usize)]| {
        let parts: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
        parts.join(", ")
    };
    writeln!(out, "\nverdicts  {}", list(&summary.verdicts))?;
    writeln!(out, "endings   {}", list(&summary.endings))?;
    writeln!(out, "fates     {}", list(&summary.fates))?;
    let causes = [("endings", &summary.unknown_endings), ("fates", &summary.unknown_fates)];
    for (what, causes) in causes.into_iter().filter(|(_, causes)| !causes.is_empty()) {
        writeln!(out, "\nwhy {what} are unknown")?;
        for (why, count) in causes {
            writeln!(out, "  {count:>4}  {}", line(why))?;
        }
    }
    Ok(())
}

fn tint(verdict: Verdict) -> Option<ColorSpec> {
    let mut spec = ColorSpec::new();
    match verdict {
        Verdict::Leaks => spec.set_fg(Some(Tint::Red)).set_bold(true),
        Verdict::Unknown => spec.set_fg(Some(Tint::Yellow)),
        _ => return None,
    };
    Some(spec)
}

fn dim() -> ColorSpec {
    let mut spec = ColorSpec::new();
    spec.set_dimmed(true);
    spec
}
