//! What `--fix` would change, as a patch.

use super::visible::lines;
use crate::{
    fix::{Change, Side, unified},
    output::Color,
};
use std::io::{self, Write};

/// Who reads the patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// A program: every byte counts.
    Program,
    /// A person at a terminal, which no text may steer.
    Person(Color),
}

/// Writes the changes in the unified format, for `git apply` or `patch -p1` in the folder that paths start from.
///
/// # Errors
/// Those of `out`.
pub fn write(changes: &[Change], reader: Reader, out: &mut dyn Write) -> io::Result<()> {
    for change in changes {
        for (side, line) in unified(&change.shown, &change.old, &change.new) {
            write_line(side, &line, reader, out)?;
        }
    }
    Ok(())
}

fn write_line(side: Side, line: &str, reader: Reader, out: &mut dyn Write) -> io::Result<()> {
    let Reader::Person(color) = reader else { return out.write_all(line.as_bytes()) };
    let shown = lines(line.trim_end_matches(['\r', '\n']));
    let tint = match side {
        Side::Header => "\x1b[1m",
        Side::Old => "\x1b[31m",
        Side::New => "\x1b[32m",
        Side::Both => "",
    };
    match color {
        Color::Ansi if !tint.is_empty() => writeln!(out, "{tint}{shown}\x1b[0m"),
        _ => writeln!(out, "{shown}"),
    }
}
