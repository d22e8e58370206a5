//! `cargo spawnlint [check]`: from flags to a report, and from a report to an exit code.

use super::{
    args::{Check, MessageFormat},
    fix,
    io::{Exit, Io},
    run::{Flags, open, unwritten},
};
use crate::{
    levels::{Level, Levels},
    output::{Color, human, json, short},
    report::Report,
};
use anyhow::Result;
use clap::ArgMatches;
use spawnlint_rules::rule::Rule;

pub(super) fn check(
    rules: &'static [&'static Rule],
    args: &Check,
    matches: &ArgMatches,
    io: &mut Io<'_>,
) -> Result<Exit> {
    let flags = Flags { look: &args.look, long: &args.long, tell: &args.tell, running: &args.running };
    let levels = levels(rules, matches)?;
    if args.fixing.fix || args.fixing.diff {
        return fix::fix(args, flags, levels, io);
    }
    let mut run = open(flags, levels, io)?;
    let mut report = run.engine.check();
    run.done(&mut report);
    let exit = exit(report.is_complete(), report.denied());
    if let Some(exit) = write(&report, args, exit, io) {
        return Ok(exit);
    }
    let closing_line = (args.message_format == MessageFormat::Human).then(|| human::closing_line(&report));
    run.tell_more(&report, closing_line.as_deref(), io);
    Ok(exit)
}

/// How a run ends that found so much at deny level.
pub(super) fn exit(is_complete: bool, denied: usize) -> Exit {
    match denied {
        _ if !is_complete => Exit::Incomplete,
        0 => Exit::Clean,
        _ => Exit::Findings,
    }
}

/// Writes the report as asked for; an exit code if that came to an early end.
pub(super) fn write(report: &Report, args: &Check, exit: Exit, io: &mut Io<'_>) -> Option<Exit> {
    let color = if io.stdout_color(args.tell.color) { Color::Ansi } else { Color::Plain };
    let written = match args.message_format {
        MessageFormat::Human => human::write(report, color, io.stdout),
        MessageFormat::Short => short::write(report, io.stdout),
        MessageFormat::Json => json::write(report, exit == Exit::Clean, io.stdout),
    };
    unwritten(written, exit, io)
}

fn levels(rules: &'static [&'static Rule], matches: &ArgMatches) -> Result<Levels> {
    let mut given: Vec<(usize, &String, Level)> = Vec::new();
    for (flag, level) in [("allow", Level::Allow), ("warn", Level::Warn), ("deny", Level::Deny)] {
        let names = matches.get_many::<String>(flag).into_iter().flatten();
        let places = matches.indices_of(flag).into_iter().flatten();
        given.extend(places.zip(names).map(|(at, name)| (at, name, level)));
    }
    // The last flag wins, whichever it is.
    given.sort_by_key(|(at, ..)| *at);
    let mut levels = Levels::new(rules);
    for (_, name, level) in given {
        levels.set(name, level)?;
    }
    Ok(levels)
}
