//! Checkstyle's XML, file by file.

use super::{
    facts::{Entry, entries},
    visible::line,
    xml::escape,
};
use crate::report::Report;
use std::io::{self, Write};

/// Writes all findings and problems, each with its file.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let entries = entries(report);
    let path = |entry: &Entry<'_>| entry.place.as_ref().map(|it| it.path.clone()).unwrap_or_default();
    let mut files: Vec<String> = entries.iter().map(path).collect();
    files.sort();
    files.dedup();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"8.0\">")?;
    for file in files {
        writeln!(out, "  <file name=\"{}\">", escape(&line(&file)))?;
        for entry in entries.iter().filter(|it| path(it) == file) {
            write_error(entry, out)?;
        }
        writeln!(out, "  </file>")?;
    }
    writeln!(out, "</checkstyle>")
}

fn write_error(entry: &Entry<'_>, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "    <error")?;
    if let Some((row, column)) = entry.place.as_ref().and_then(|it| it.start) {
        write!(out, " line=\"{row}\" column=\"{column}\"")?;
    }
    writeln!(
        out,
        " severity=\"{}\" message=\"{}\" source=\"{}\"/>",
        entry.level(),
        escape(&entry.full_text()),
        entry.code().replace("::", ".")
    )
}
