//! A list for people: each type, its fields with what they hold and what ends their tasks, and who does it.

use super::super::{
    Color,
    located::{place_from, shown},
    visible::{line, short_words},
};
use codespan_reporting::term::termcolor::{Ansi, Color as Tint, ColorSpec, NoColor, WriteColor};
use spawnlint_analysis::{
    questions::{OwnerEntry, OwnerField, OwnerVerdict},
    span::{FileId, Sources},
};
use std::io::{self, Write};

/// More uses of a field are counted.
const MANY_ACTS: usize = 4;

/// Writes the types, and how many fields there are of each verdict.
///
/// # Errors
/// Those of `out`.
pub fn write(entries: &[OwnerEntry], sources: &Sources, color: Color, out: &mut dyn Write) -> io::Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let mut buffer = Vec::new();
    let colored: &mut dyn WriteColor = match color {
        Color::Ansi => &mut Ansi::new(&mut buffer),
        Color::Plain => &mut NoColor::new(&mut buffer),
    };
    for entry in entries {
        write_type(entry, sources, colored)?;
    }
    let count = |verdict: OwnerVerdict| {
        let fields = entries.iter().flat_map(|entry| &entry.fields);
        (fields.filter(|field| field.verdict == verdict).count(), verdict.word())
    };
    let counts = OwnerVerdict::ALL.map(count).into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, word)| format!("{count} {word}")).collect();
    writeln!(colored, "\nverdicts  {}", counts.join(", "))?;
    out.write_all(&buffer)
}

fn write_type(entry: &OwnerEntry, sources: &Sources, out: &mut dyn WriteColor) -> io::Result<()> {
    let source = sources.get(entry.owner.at.file);
    out.set_color(ColorSpec::new().set_bold(true))?;
    write!(out, "{}", short_words(&shown(&entry.owner.name)))?;
    out.reset()?;
    writeln!(out, "  {}:{}", line(&source.path), source.line_column(entry.owner.at.range.start).0)?;
    let name_width = entry.fields.iter().map(|field| field.name.chars().count()).max().unwrap_or_default();
    let holds_width = entry.fields.iter().map(|field| field.holds.words().chars().count()).max().unwrap_or_default();
    for field in &entry.fields {
        let number = source.line_column(field.at.range.start).0;
        let (name, holds) = (shown(&field.name), shown(&field.holds.words()));
        write!(out, " {number:>4}  {name:name_width$}  {holds:holds_width$}  ")?;
        if let Some(color) = tint(field.verdict) {
            out.set_color(&color)?;
        }
        write!(out, "{}", field.verdict.word())?;
        out.reset()?;
        writeln!(out)?;
        write_details(field, entry.owner.at.file, sources, out)?;
    }
    Ok(())
}

/// The tasks behind a field, why its verdict is so, and what else is done with it.
fn write_details(field: &OwnerField, file: FileId, sources: &Sources, out: &mut dyn WriteColor) -> io::Result<()> {
    let mut lines = Vec::new();
    for task in &field.tasks {
        lines.push((format!("task: {}", task.name), Some(task.at)));
    }
    lines.extend(field.why.iter().map(|(why, at)| (why.clone(), *at)));
    let is_told = |at| field.why.as_ref().is_some_and(|(_, told)| *told == Some(at));
    let acts: Vec<_> = field.acts.iter().filter(|act| !is_told(act.at)).collect();
    for act in acts.iter().take(MANY_ACTS) {
        lines.push((format!("`{}` {}", act.by.name, act.act.phrase()), Some(act.at)));
    }
    if acts.len() > MANY_ACTS {
        lines.push((format!("and {} more; --format json lists all", acts.len() - MANY_ACTS), None));
    }
    let mut dim = ColorSpec::new();
    dim.set_dimmed(true);
    for (text, at) in lines {
        out.set_color(&dim)?;
        let place = at.map(|at| format!(" ({})", place_from(sources, file, at))).unwrap_or_default();
        write!(out, "         {}{place}", line(&text))?;
        out.reset()?;
        writeln!(out)?;
    }
    Ok(())
}

fn tint(verdict: OwnerVerdict) -> Option<ColorSpec> {
    let mut spec = ColorSpec::new();
    match verdict {
        OwnerVerdict::NeverEnded => spec.set_fg(Some(Tint::Red)).set_bold(true),
        OwnerVerdict::OnlyByMethod | OwnerVerdict::Unknown => spec.set_fg(Some(Tint::Yellow)),
        _ => return None,
    };
    Some(spec)
}
