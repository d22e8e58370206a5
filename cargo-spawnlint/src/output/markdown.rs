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
        0 => writeln!(out, "No findings in {files} and {tasks}.")?,
        many => writeln!(out, "{} on {files} and {tasks}.\n", count(many, "message"))?,
    }
    let mut counts: BTreeMap<(String, &str), usize> = BTreeMap::new();
    entries.iter().for_each(|it| *counts.entry((it.code(), it.level())).or_default() += 1);
    if !counts.is_empty() {
        writeln!(out, "| rule | level | count |\n|---|---|---:|")?;
    }
    for ((name, level), count) in counts {
        writeln!(out, "| {} | {level} | {count} |", code(&name))?;
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
        writeln!(out, "| {} | {} | {} |", escaped(&it.name, true), it.findings, it.tasks)?;
    }
    let tables = [("fate", &figures.tasks.fates), ("ending", &figures.tasks.endings)];
    for (name, rows) in tables.into_iter().filter(|(_, rows)| !rows.is_empty()) {
        writeln!(out, "\n| {name} | tasks |\n|---|---:|")?;
        rows.iter().try_for_each(|(name, count)| writeln!(out, "| {} | {count} |", escaped(name, true)))?;
    }
    Ok(())
}

fn write_entry(entry: &Entry<'_>, out: &mut dyn Write) -> io::Result<()> {
    let place = entry.place.as_ref().map(|it| code(&it.to_string()) + " ");
    let head =
        format!("{}**{}** {}: {}", place.unwrap_or_default(), entry.level(), code(&entry.code()), text(&entry.message));
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
            (1, false) => out.push_str(&code(part)),
            (_, false) => out.push_str(&escaped(part, at == 0)),
            (_, true) => out.push_str(&format!("\\`{}", escaped(part, false))),
        }
    }
    out
}

/// A code span with this text. What could end one, or a cell of a table, stands in HTML with escapes: in a code span there
/// are none.
fn code(text: &str) -> String {
    let line = super::visible::line(text);
    if line.contains(['|', '`', '\\']) || line.trim().is_empty() {
        return format!("<code>{}</code>", escaped(&line, false));
    }
    // One blank at each end is no part of the code, so whoever has some gets one more.
    let pad = if line.starts_with(' ') || line.ends_with(' ') { " " } else { "" };
    format!("`{pad}{line}{pad}`")
}

/// Every character that means something where it stands gets a backslash, with which it never does.
fn escaped(text: &str, is_start: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let line = super::visible::line(text);
    let chars: Vec<char> = line.chars().collect();
    let mut only_digits = is_start;
    for (at, it) in chars.iter().copied().enumerate() {
        let (previous, next) = (at.checked_sub(1).map(|at| chars[at]), chars.get(at + 1).copied());
        let is_word = |it: Option<char>| it.is_some_and(char::is_alphanumeric);
        let means_something = match it {
            '\\' | '`' | '*' | '[' | ']' | '<' | '|' | '&' | '~' | '$' | '@' | '{' | '}' => true,
            // Between letters it is a name's.
            '_' => !is_word(previous),
            // Links begin with `http:` and `www.`, emojis with `:` and a letter.
            ':' => next.is_some_and(|it| it == '/' || it.is_alphanumeric() || "+-_".contains(it)),
            '.' | ')' => only_digits && at > 0 || previous == Some('w'),
            // What begins a heading, list, quote or line.
            '#' | '+' | '-' | '=' | '>' => is_start && previous.is_none(),
            '!' => next == Some('['),
            _ => false,
        };
        only_digits &= it.is_ascii_digit();
        if means_something {
            out.push('\\');
        }
        out.push(it);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_backticks_mean_something() {
        assert_eq!(text("note: a `b` is done by itself (c - d)"), "note: a `b` is done by itself (c - d)");
        assert_eq!(text("a `b|c` <i>"), "a <code>b\\|c</code> \\<i>");
        assert_eq!(text("one ` and [x](y)"), "one \\` and \\[x\\](y)");
        assert_eq!(text("`a` ` b"), "`a` \\` b");
        assert_eq!(text("x\n# head"), "x␊# head");
        assert_eq!(text("1. one 2. two :tada: http://x www.x"), "1\\. one 2. two \\:tada: http\\://x www\\.x");
        assert_eq!(text("- a_b _c"), "\\- a_b \\_c");
        assert_eq!(code(" a"), "`  a `");
    }
}
