//! `cargo spawnlint [check]`: from flags to a report, and from a report to an exit code.

use super::{
    allow,
    args::Check,
    fix,
    io::{Exit, Io},
    narrow::Narrowing,
    outputs::Outputs,
    run::{Flags, open_if},
};
use crate::{
    engine::Engine,
    levels::{Level, Levels},
    output::closing_line,
    report::Report,
    statistics::Statistics,
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
    let outputs = Outputs::of(args, io)?;
    if let Some(reason) = &args.fixing.add_suppressions {
        return allow::allow(args, reason, flags, levels, &outputs, io);
    }
    if args.fixing.fix || args.fixing.diff {
        return fix::fix(args, flags, levels, &outputs, io);
    }
    let mut narrowing = Narrowing::new(&args.narrow, &args.look, io)?;
    let mut run = open_if(flags, levels, |project| narrowing.begin(project), io)?;
    let mut report = if args.statistics { with_statistics(&mut run.engine) } else { run.engine.check() };
    run.done(&mut report);
    let mut narrowed = narrowing.narrow(&run.engine, &mut report)?;
    let pruned = narrowed.prune(io);
    let exit = exit(report.is_complete() && pruned, report.denied() + excess(&report, args));
    if let Some(exit) = outputs.write(&report, exit, io) {
        return Ok(exit);
    }
    run.tell_more(&report, Some(&closing_line(&report)), io);
    if !args.tell.quiet {
        narrowed.tell(args.tell.is_verbose(), io);
    }
    outputs.tell_hints(&report, io);
    tell_excess(&report, args, io);
    Ok(exit)
}

fn with_statistics(engine: &mut Engine) -> Report {
    let inventory = engine.inventory();
    let statistics = Some(Statistics::of(&inventory));
    Report { statistics, ..inventory.report }
}

/// How many findings there are above what `--max-findings` grants.
pub(super) fn excess(report: &Report, args: &Check) -> usize {
    args.max_findings.map_or(0, |most| report.diagnostics.len().saturating_sub(most))
}

/// Says why the run fails although there may be nothing at deny level.
pub(super) fn tell_excess(report: &Report, args: &Check, io: &mut Io<'_>) {
    if let Some(most) = args.max_findings.filter(|_| excess(report, args) > 0) {
        let found = report.diagnostics.len();
        writeln!(io.stderr, "error: {found} findings are more than --max-findings {most} allows").ok();
    }
}

/// How a run ends that found so much at deny level.
pub(super) fn exit(is_complete: bool, denied: usize) -> Exit {
    match denied {
        _ if !is_complete => Exit::Incomplete,
        0 => Exit::Clean,
        _ => Exit::Findings,
    }
}

pub(super) fn levels(rules: &'static [&'static Rule], matches: &ArgMatches) -> Result<Levels> {
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
