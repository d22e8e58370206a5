//! `cargo spawnlint [check]`: from flags to a report, and from a report to an exit code.

use super::{
    allow,
    args::Check,
    fix,
    io::{Exit, Io},
    narrow::Narrowing,
    outputs::Outputs,
    rules,
    run::{Flags, open_if},
};
use crate::{
    engine::Engine,
    levels::{Level, Levels},
    output::closing_line,
    report::Report,
    statistics::Statistics,
};
use anyhow::{Result, bail};
use clap::ArgMatches;
use spawnlint_rules::rule::{Group, Rule};

pub(super) fn check(
    rules: &'static [&'static Rule],
    args: &Check,
    matches: &ArgMatches,
    io: &mut Io<'_>,
) -> Result<Exit> {
    if let Some(rule) = &args.explain {
        return rules::explain(rules, rule, io);
    }
    let flags = Flags { look: &args.look, settings: &args.settings, tell: &args.tell, running: &args.running };
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
    run.lines.narrow(&run.engine, &mut report);
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
        let findings = if found == 1 { "finding is" } else { "findings are" };
        writeln!(io.stderr, "error: {found} {findings} more than --max-findings {most} allows").ok();
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
    if matches.get_flag("strict") {
        levels.set(Group::Ownership.name(), Level::Warn)?;
    }
    for (_, name, level) in given {
        levels.set(name, level)?;
    }
    let after: Vec<&String> = matches.try_get_many("after").ok().flatten().into_iter().flatten().collect();
    for (level, name) in levels_after(&after)? {
        levels.set(&name, level)?;
    }
    Ok(levels)
}

/// What stands behind `--` for rustc and clippy: levels. There is none above deny here, so `-F` is `-D`.
fn levels_after(words: &[&String]) -> Result<Vec<(Level, String)>> {
    const FLAGS: [(&str, &str, Level); 4] = [
        ("-A", "--allow", Level::Allow),
        ("-W", "--warn", Level::Warn),
        ("-D", "--deny", Level::Deny),
        ("-F", "--forbid", Level::Deny),
    ];
    let mut levels = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let found = FLAGS.iter().find_map(|(short, long, level)| {
            let rest = word.strip_prefix(long).or_else(|| word.strip_prefix(short))?;
            Some((*level, rest.strip_prefix('=').unwrap_or(rest)))
        });
        let Some((level, rest)) = found else {
            bail!(
                "`{word}` is not a level; after `--`, only -A, -W, -D and -F are allowed, each with a rule or group, as in `-- -D warnings`"
            );
        };
        let name = match rest {
            "" => words.next().map(|it| it.as_str()),
            rest => Some(rest),
        };
        let Some(name) = name else { bail!("`{word}` lacks a rule or group, as in `-- {word} warnings`") };
        levels.push((level, name.to_owned()));
    }
    Ok(levels)
}
