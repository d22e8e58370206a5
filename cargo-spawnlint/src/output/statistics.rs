//! Figures as a table of plain text.

use super::visible::line;
use crate::statistics::Statistics;
use std::io::{self, Write};

/// Writes the figures; nothing of what there is none of.
///
/// # Errors
/// Those of `out`.
pub fn write(figures: &Statistics, out: &mut dyn Write) -> io::Result<()> {
    let rows = |rows: &[(&'static str, usize)]| rows.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
    let crates = |count: fn(&crate::statistics::CrateFigures) -> usize| {
        let rows = figures.crates.iter().map(|it| (line(&it.name).into_owned(), count(it)));
        rows.filter(|(_, count)| *count > 0).collect()
    };
    table("findings by rule", rows(&figures.rules), out)?;
    table("findings by crate", crates(|it| it.findings), out)?;
    table("tasks by crate", crates(|it| it.tasks), out)?;
    table("tasks by verdict", rows(&figures.tasks.verdicts), out)?;
    table("tasks by fate of their handle", rows(&figures.tasks.fates), out)?;
    table("tasks by ending", rows(&figures.tasks.endings), out)
}

fn table(title: &str, rows: Vec<(String, usize)>, out: &mut dyn Write) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "{title}:")?;
    rows.iter().try_for_each(|(name, count)| writeln!(out, "{count:>8}  {name}"))?;
    writeln!(out)
}
