//! `cargo spawnlint tasks`: the inventory.

use super::{
    args::{Tasks, TasksFormat},
    io::{Exit, Io},
    run::{Flags, open, unwritten},
};
use crate::{
    inventory::Filter,
    levels::Levels,
    output::{given_up, human, tasks, unfollowed},
};
use anyhow::Result;
use spawnlint_analysis::span::Span;
use spawnlint_rules::rule::Rule;

pub(super) fn list(rules: &'static [&'static Rule], args: &Tasks, io: &mut Io<'_>) -> Result<Exit> {
    let flags = Flags { look: &args.look, settings: &args.settings, tell: &args.tell, running: &args.running };
    let mut run = open(flags, Levels::new(rules), io)?;
    let mut inventory = run.engine.inventory();
    run.done(&mut inventory.report);
    let exit = if inventory.report.is_complete() { Exit::Clean } else { Exit::Incomplete };
    if !run.lines.is_empty() {
        let report = &inventory.report;
        let is_meant = |site: Span| run.lines.include(&run.engine, &report.sources, site, std::iter::empty());
        inventory.tasks.retain(|task| is_meant(task.entry.site));
    }
    let all = inventory.tasks.len();
    inventory.retain(&Filter {
        fates: args.fate.clone(),
        endings: args.ending.clone(),
        verdicts: args.verdict.clone(),
    });
    let color = io.stdout_color(args.tell.color);
    let written = match args.format {
        TasksFormat::Human => tasks::human::write(&inventory, color, args.tell.detail(), io.stdout),
        TasksFormat::Json => tasks::json::write(&inventory, io.stdout),
        TasksFormat::Dot => tasks::dot::write(&inventory, io.stdout),
        TasksFormat::Mermaid => tasks::mermaid::write(&inventory, io.stdout),
    };
    if let Some(exit) = unwritten(written, exit, io) {
        return Ok(exit);
    }
    // A graph has no room for problems, and whoever reads a table in a pipe wants nothing else in it.
    let style = io.stderr_style(&args.tell);
    for problem in &inventory.report.problems {
        human::write_problem(&inventory.report.sources, problem, style, io.stderr).ok();
    }
    let closing_line = match (inventory.tasks.len(), all) {
        (0, 0) => "no spawned tasks found".to_owned(),
        (0, 1) => "the only task spawned here does not match".to_owned(),
        (0, all) => format!("none of the {all} tasks matches"),
        (listed, all) if listed < all => format!("listed {listed} of {all} tasks"),
        (1, _) => "listed 1 task".to_owned(),
        (listed, _) => format!("listed {listed} tasks"),
    };
    // The table lists them with -v, and JSON always does.
    let more = if args.format == TasksFormat::Human && !args.tell.is_verbose() { "; -v lists them" } else { "" };
    let unfollowed = unfollowed(&inventory.summary().unfollowed, more);
    let closing_line = closing_line + &unfollowed + &given_up(&inventory.report.census);
    run.tell_more(&inventory.report, Some(&closing_line), io);
    Ok(exit)
}
