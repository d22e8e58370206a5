//! Markdown, as in a comment or a job's summary.

use super::facts::{Entry, entries};
use crate::{report::Report, statistics::Statistics};
use std::{
    collections::BTreeMap,
    io::{self, Write},
};

/// Writes a table of the rules, and each message with its evidence behind a fold.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    write_at_most(report, usize::MAX, out)
}

/// As [`write()`], with the first messages only, for a place with no room for all.
///
/// # Errors
/// Those of `out`.
pub fn write_at_most(report: &Report, most: usize, out: &mut dyn Write) -> io::Result<()> {
    let entries = entries(report);
    writeln!(out, "## cargo-spawnlint\n")?;
    let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let (files, tasks) = (count(report.stats.files, "file"), count(report.census.tasks(), "task"));
    match entries.len() {
        0 => writeln!(out, "Nothing was found in {files} and {tasks}.")?,
        many => writeln!(out, "{} on {files} and {tasks}.\n", count(many, "message"))?,
    }
    let mut counts: BTreeMap<(String, &str), usize> = BTreeMap::new();
    entries.iter().for_each(|it| *counts.entry((it.code(), it.level())).or_default() += 1);
    if !counts.is_empty() {
        writeln!(out, "| rule | level | count |\n|---|---|---:|")?;
    }
    for ((code, level), count) in counts {
        writeln!(out, "| {} | {level} | {count} |", text(&code))?;
    }
    for entry in entries.iter().take(most) {
        write_entry(entry, out)?;
    }
    match entries.len().saturating_sub(most) {
        0 => Ok(()),
        more => writeln!(out, "\n… and {more} more."),
    }?;
    report.statistics.as_ref().map_or(Ok(()), |figures| write_statistics(figures, out))
}

fn write_statistics(figures: &Statistics, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n| crate | findings | tasks |\n|---|---:|---:|")?;
    for it in &figures.crates {
        writeln!(out, "| {} | {} | {} |", entities(&it.name), it.findings, it.tasks)?;
    }
    let tables = [("fate", &figures.tasks.fates), ("ending", &figures.tasks.endings)];
    for (name, rows) in tables.into_iter().filter(|(_, rows)| !rows.is_empty()) {
        writeln!(out, "\n| {name} | tasks |\n|---|---:|")?;
        rows.iter().try_for_each(|(name, count)| writeln!(out, "| {} | {count} |", entities(name)))?;
    }
    Ok(())
}

fn write_entry(entry: &Entry<'_>, out: &mut dyn Write) -> io::Result<()> {
    let place = entry.place.as_ref().map(|it| format!("<code>{}</code> ", entities(&it.to_string())));
    let head =
        format!("{}**{}** {}: {}", place.unwrap_or_default(), entry.level(), text(&entry.code()), text(&entry.message));
    writeln!(out, "\n- {head}")?;
    let details = entry.details();
    if !details.is_empty() {
        writeln!(out, "  <details><summary>evidence</summary>\n")?;
        details.iter().try_for_each(|it| writeln!(out, "  - {}", text(it)))?;
        writeln!(out, "\n  </details>")?;
    }
    Ok(())
}

/// A text in which backticks mean code and nothing else means anything.
fn text(message: &str) -> String {
    let parts: Vec<&str> = message.split('`').collect();
    // A backtick without a partner is one of the text.
    let pairs = (parts.len() - 1) / 2 * 2;
    let mut out = String::new();
    for (at, part) in parts.iter().enumerate() {
        match (at % 2, at > pairs) {
            (1, false) => out.push_str(&format!("<code>{}</code>", entities(part))),
            (_, false) => out.push_str(&entities(part)),
            (_, true) => out.push_str(&format!("&#96;{}", entities(part))),
        }
    }
    out
}

/// Every character that may mean something in Markdown or HTML becomes an entity, which never does.
fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let line = super::visible::line(text);
    let mut previous = None;
    for it in line.chars() {
        let means_something = match it {
            '\\' | '`' | '*' | '{' | '}' | '[' | ']' | '#' | '+' | '!' | '|' | '<' | '>' | '&' | '~' | '$' | '@'
            | ':' => true,
            // Between letters it is a name's.
            '_' => !previous.is_some_and(char::is_alphanumeric),
            // A list begins with `1.`, a link with `www.`.
            '.' | ')' => previous.is_some_and(|it: char| it.is_ascii_digit() || it == 'w'),
            '-' | '=' => previous.is_none(),
            _ => false,
        };
        if means_something {
            out.push_str(&format!("&#{};", it as u32))
        } else {
            out.push(it)
        }
        previous = Some(it);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_backticks_mean_something() {
        assert_eq!(text("a `b|c` <i>"), "a <code>b&#124;c</code> &#60;i&#62;");
        assert_eq!(text("one ` and [x](y)"), "one &#96; and &#91;x&#93;(y)");
        assert_eq!(text("`a` ` b"), "<code>a</code> &#96; b");
        assert_eq!(text("x\n# head"), "x␊&#35; head");
    }
}
