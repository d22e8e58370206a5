//! `cargo spawnlint owners`: the inventory by type.

use super::{
    args::{Owners, OwnersFormat},
    io::{Exit, Io},
    run::{Flags, open, unwritten},
};
use crate::{
    levels::Levels,
    output::{given_up, human, owners},
};
use anyhow::Result;
use spawnlint_rules::rule::Rule;

pub(super) fn list(rules: &'static [&'static Rule], args: &Owners, io: &mut Io<'_>) -> Result<Exit> {
    let flags = Flags { look: &args.look, settings: &args.settings, tell: &args.tell, running: &args.running };
    let mut run = open(flags, Levels::new(rules), io)?;
    let (mut found, mut report) = run.engine.owners();
    run.done(&mut report);
    let exit = if report.is_complete() { Exit::Clean } else { Exit::Incomplete };
    if !run.lines.is_empty() {
        found.retain(|entry| run.lines.include(&run.engine, &report.sources, entry.owner.at, std::iter::empty()));
    }
    for entry in &mut found {
        entry
            .fields
            .retain(|field| args.verdict.is_empty() || args.verdict.iter().any(|it| it == field.verdict.word()));
    }
    found.retain(|entry| !entry.fields.is_empty());
    let color = io.stdout_color(args.tell.color);
    let written = match args.format {
        OwnersFormat::Human => owners::human::write(&found, &report.sources, color, io.stdout),
        OwnersFormat::Json => owners::json::write(&found, &report, io.stdout),
    };
    if let Some(exit) = unwritten(written, exit, io) {
        return Ok(exit);
    }
    let style = io.stderr_style(&args.tell);
    for problem in &report.problems {
        human::write_problem(&report.sources, problem, style, io.stderr).ok();
    }
    let fields: usize = found.iter().map(|entry| entry.fields.len()).sum();
    let closing_line = match (found.len(), fields) {
        (0, _) => "no types found that can end tasks".to_owned(),
        (1, 1) => "listed 1 field of 1 type".to_owned(),
        (1, fields) => format!("listed {fields} fields of 1 type"),
        (types, fields) => format!("listed {fields} fields of {types} types"),
    };
    run.tell_more(&report, Some(&(closing_line + &given_up(&report.census))), io);
    Ok(exit)
}
