//! What all commands that read code have in common: the engine with its progress, and what is told beside the report.

use super::{
    args::{Look, Running, Settings, Tell},
    input::{input, manifest_hint, selection},
    io::{Exit, Io},
    named::Lines,
    progress,
};
use crate::{
    config::Config,
    engine::{Engine, Options, Texts},
    levels::Levels,
    output::{fill, printable_line},
    project::{Cargo, Project},
    report::{Phase, Problem, Report},
};
use anyhow::Result;
use indicatif::ProgressBar;
use std::{
    io::{self, ErrorKind},
    time::Instant,
};

/// The flags that each of these commands has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flags<'a> {
    pub(super) look: &'a Look,
    pub(super) settings: &'a Settings,
    pub(super) tell: &'a Tell,
    pub(super) running: &'a Running,
}

/// An engine that has read what the flags name.
#[derive(Debug)]
pub(super) struct Run<'a> {
    pub(super) engine: Engine,
    pub(super) cargo: Cargo,
    pub(super) lines: Lines,
    flags: Flags<'a>,
    found: Phase,
    hint: Option<String>,
    bar: Option<ProgressBar>,
}

/// Finds and reads what the flags name.
pub(super) fn open<'a>(flags: Flags<'a>, levels: Levels, io: &mut Io<'_>) -> Result<Run<'a>> {
    open_if(flags, levels, |_| Ok(()), io)
}

/// As [`open`], if what is found will do. Nothing has been written by then, not even to the cache.
pub(super) fn open_if<'a>(
    flags: Flags<'a>,
    levels: Levels,
    will_do: impl FnOnce(&Project) -> Result<()>,
    io: &mut Io<'_>,
) -> Result<Run<'a>> {
    let start = Instant::now();
    let input = input(flags.look, io)?;
    let config = config(&input.project, flags.settings, &levels)?;
    will_do(&input.project)?;
    let found = Phase {
        name: "find",
        time: start.elapsed(),
        detail: format!("{} packages, {} files", input.project.packages.len(), input.project.files.len()),
    };
    let hint = manifest_hint(&io.cwd, &input);
    let mut options = Options {
        jobs: flags.running.jobs.map_or(0, usize::from),
        selection: selection(flags.look, &input)?,
        use_cache: !flags.running.no_cache,
        texts: Texts::Reported,
        ..Options::new(levels.rules())
    };
    options.config = config;
    options.levels = levels;
    let bar = (io.stderr_terminal.is_some() && !io.is_dumb() && !flags.tell.quiet).then(progress::bar);
    options.progress = bar.as_ref().map(|(_, progress)| progress.clone());
    let engine = match input.text {
        Some(text) if input.project.on_disk => {
            // The file as it is on disk counts no more than any other text of before.
            let path = input.paths[0].to_string_lossy().into_owned();
            let mut engine = Engine::open(input.project, options)?;
            engine.update(&path, text);
            engine
        }
        Some(text) => {
            let name = input.project.files[0].to_string_lossy().into_owned();
            Engine::from_texts(input.project, vec![(name, text)], options)?
        }
        None => Engine::open(input.project, options)?,
    };
    Ok(Run { engine, cargo: input.cargo, lines: input.lines, flags, found, hint, bar: bar.map(|(bar, _)| bar) })
}

impl Run<'_> {
    /// The report is there: the bar goes, and the time before the engine counts too.
    pub(super) fn done(&self, report: &mut Report) {
        report.stats.phases.insert(0, self.found.clone());
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// Tells on standard error what goes with the report, with its closing line. Standard error may be closed, and
    /// nothing hangs on it.
    pub(super) fn tell_more(&self, report: &Report, closing_line: Option<&str>, io: &mut Io<'_>) {
        let tell = self.flags.tell;
        let width = io.stderr_terminal.and_then(|it| it.width);
        if tell.has_phases() {
            write_phases(report, io).ok();
        }
        if tell.quiet {
            return;
        }
        write_left_out(report, tell.is_verbose(), io).ok();
        if report.stats.files == 0 {
            writeln!(
                io.stderr,
                "note: nothing was selected; tests, benches and examples need --tests or --all-targets"
            )
            .ok();
        }
        for idle in self.engine.idle_settings() {
            writeln!(io.stderr, "{}", printable_line(&format!("note: {idle}"))).ok();
        }
        if let Some(line) = closing_line {
            writeln!(io.stderr, "{}", fill(line, width)).ok();
        }
        if let Some(hint) = &self.hint {
            writeln!(io.stderr, "{}", printable_line(hint)).ok();
        }
    }
}

/// What holds for a project: what its files say, unless they do not count, and what the flags say.
pub(super) fn config(project: &Project, settings: &Settings, levels: &Levels) -> Result<Config> {
    let mut config = if settings.isolated { Config::default() } else { Config::load(project, levels.rules())? };
    config.long_wait = settings.long_wait;
    Ok(config)
}

/// How the run ends if its report was not written to the end.
pub(super) fn unwritten(written: io::Result<()>, exit: Exit, io: &mut Io<'_>) -> Option<Exit> {
    match written.and_then(|()| io.stdout.flush()) {
        // Whoever read the report has seen enough; that says nothing about the code.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Some(exit),
        Err(error) => {
            writeln!(io.stderr, "error: cannot write the report: {error}").ok();
            Some(Exit::Incomplete)
        }
        Ok(()) => None,
    }
}

/// Files that belong to no crate are worth one line, however many they are.
fn write_left_out(report: &Report, is_verbose: bool, io: &mut Io<'_>) -> io::Result<()> {
    let mut told: Vec<&Problem> = report.left_out.iter().collect();
    // A file may have several errors, of which the first says enough.
    told.dedup_by(|a, b| a.path == b.path);
    let (files, were) = match told.len() {
        0 => return Ok(()),
        1 => ("1 file".to_owned(), "was"),
        many => (format!("{many} files"), "were"),
    };
    let hint = if is_verbose { "" } else { "; -v names them" };
    writeln!(io.stderr, "note: {files} that no `mod` reaches could not be read as Rust and {were} left out{hint}")?;
    if is_verbose {
        for problem in told {
            writeln!(io.stderr, "  {}", printable_line(&format!("{}: {}", problem.path, problem.message)))?;
        }
    }
    Ok(())
}

fn write_phases(report: &Report, io: &mut Io<'_>) -> io::Result<()> {
    for phase in &report.stats.phases {
        let milliseconds = phase.time.as_secs_f64() * 1000.0;
        writeln!(io.stderr, "{:>10} {milliseconds:8.1} ms  {}", phase.name, phase.detail)?;
    }
    let stats = &report.stats;
    writeln!(
        io.stderr,
        "{:>10} {} of {} files reported on, {} lines",
        "in all", stats.files, stats.linked_files, stats.lines
    )
}
