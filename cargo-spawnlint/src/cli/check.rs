//! `cargo spawnlint [check]`: from flags to a project, from a project to a report, from a report to an exit code.

use super::{
    args::{Check, MessageFormat},
    io::{Exit, Io},
    progress,
};
use crate::{
    engine::{Engine, Options, Texts},
    levels::{Level, Levels, nearest},
    output::{
        human::{self, Color},
        json, printable_line, short,
    },
    project::{self, Cargo, Project, absolute, discover, discover_loose, find_manifest, manifests_among},
    report::{Phase, Problem, Report},
    select::{self, Selection, Targets},
};
use anyhow::{Context, Result, bail};
use clap::ArgMatches;
use spawnlint_rules::{program::LinkOptions, rule::Rule};
use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Instant,
};

pub(super) fn check(
    rules: &'static [&'static Rule],
    args: &Check,
    matches: &ArgMatches,
    io: &mut Io<'_>,
) -> Result<Exit> {
    let levels = levels(rules, matches)?;
    let start = Instant::now();
    let input = input(args, io)?;
    let found = Phase {
        name: "find",
        time: start.elapsed(),
        detail: format!("{} packages, {} files", input.project.packages.len(), input.project.files.len()),
    };
    let selection = selection(args, &input)?;
    let hint = manifest_hint(&io.cwd, &input);
    let mut options = Options {
        jobs: args.jobs.map_or(0, usize::from),
        link: LinkOptions { long_wait: args.long_wait, ..LinkOptions::default() },
        selection,
        use_cache: !args.no_cache,
        texts: Texts::Reported,
        ..Options::new(rules)
    };
    options.levels = levels;
    let bar = (io.stderr_is_terminal && !args.quiet).then(progress::bar);
    options.progress = bar.as_ref().map(|(_, progress)| progress.clone());
    let mut engine = match input.text {
        Some(text) => {
            let name = input.project.files[0].to_string_lossy().into_owned();
            Engine::from_texts(input.project, vec![(name, text)], options)?
        }
        None => Engine::open(input.project, options)?,
    };
    let mut report = engine.check();
    report.stats.phases.insert(0, found);
    if let Some((bar, _)) = bar {
        bar.finish_and_clear();
    }
    let exit = tell(&report, args, io)?;
    if let Some(hint) = hint.filter(|_| !args.quiet) {
        // Standard error may be closed, and nothing hangs on it.
        writeln!(io.stderr, "{}", printable_line(&hint)).ok();
    }
    Ok(exit)
}

/// What a run is about.
struct Input {
    project: Project,
    /// Files and folders that findings are told for; absolute.
    paths: Vec<PathBuf>,
    /// The text of standard input.
    text: Option<String>,
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

fn input(args: &Check, io: &mut Io<'_>) -> Result<Input> {
    if args.paths.iter().any(|path| path.as_os_str() == "-") {
        return stdin(args, io);
    }
    let paths: Vec<PathBuf> = args.paths.iter().map(|path| existing(&io.cwd, path)).collect::<Result<_>>()?;
    let cargo = Cargo { program: cargo_program(io), cwd: io.cwd.clone(), target_dir: (io.env)("CARGO_TARGET_DIR") };
    let manifest = match &args.manifest_path {
        Some(path) => Some(given_manifest(&io.cwd, path)?),
        None => find_manifest(paths.first().unwrap_or(&io.cwd)),
    };
    let Some(manifest) = manifest else {
        if paths.is_empty() {
            bail!(
                "there is no Cargo.toml in {} or any folder above it; go to a cargo project, name one with --manifest-path, or name files and folders to check",
                io.cwd.display()
            );
        }
        return loose(&io.cwd, paths);
    };
    let mut project = discover(&cargo, &manifest)?;
    let in_project = |path: &&PathBuf| is_in_project(&project, path);
    let strangers: Vec<&PathBuf> = paths.iter().filter(|path| !in_project(path)).collect();
    match strangers.first() {
        None => {}
        Some(_) if strangers.len() == paths.len() && args.manifest_path.is_none() => return loose(&io.cwd, paths),
        Some(path) => bail!(
            "{} belongs to no package of the workspace at {}; check it in a run of its own",
            path.display(),
            project.root.display()
        ),
    }
    for path in paths.iter().filter(|path| path.is_file()) {
        project.add_file(path.clone());
    }
    ensure_rust(&project, &project.root)?;
    Ok(Input { project, paths, text: None })
}

fn stdin(args: &Check, io: &mut Io<'_>) -> Result<Input> {
    if args.paths.len() > 1 {
        bail!("`-` stands for one file on standard input, and cannot be combined with other paths");
    }
    let mut bytes = Vec::new();
    io.stdin.read_to_end(&mut bytes).context("cannot read standard input")?;
    let text = String::from_utf8(bytes).ok().context("standard input is not UTF-8; rustc reads only UTF-8")?;
    Ok(Input { project: project::stdin(), paths: Vec::new(), text: Some(text) })
}

/// The path without links, as the files of a project are known.
fn existing(cwd: &Path, path: &Path) -> Result<PathBuf> {
    let absolute = absolute(cwd, path);
    if let Ok(real) = absolute.canonicalize() {
        return Ok(real);
    }
    if absolute.is_symlink() {
        // It leads nowhere; reading it says so.
        return Ok(absolute);
    }
    let text = path.to_string_lossy();
    match nearest(&text, ["check", "rules", "explain"].into_iter()) {
        Some(command) if command == text => {
            bail!("a command comes before its flags: `cargo spawnlint {command} [OPTIONS]`")
        }
        Some(command) => bail!("there is no file or folder `{text}`; did you mean the command `{command}`?"),
        None => bail!("there is no file or folder `{text}`{}", what_else(&absolute, path)),
    }
}

/// What somebody may have meant by a path that does not exist: its neighbour, or a command.
fn what_else(absolute: &Path, given: &Path) -> String {
    let entries = absolute.parent().and_then(|folder| folder.read_dir().ok()).into_iter().flatten().flatten();
    // Of two that are equally near, the same one every time.
    let mut neighbours: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    neighbours.sort();
    let name = given.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    if let Some(near) = nearest(&name, neighbours.iter().map(String::as_str)) {
        return format!("; did you mean `{}`?", given.with_file_name(near).display());
    }
    let is_word = name.chars().all(|it| it.is_alphanumeric() || it == '-') && given.components().count() == 1;
    if is_word { "; the commands are `check`, `rules` and `explain`".to_owned() } else { String::new() }
}

fn given_manifest(cwd: &Path, path: &Path) -> Result<PathBuf> {
    let manifest = absolute(cwd, path);
    if manifest.is_dir() {
        bail!("`{}` is a folder; --manifest-path takes the path of a Cargo.toml", path.display());
    }
    if !manifest.exists() {
        bail!("there is no `{}`; --manifest-path takes the path of a Cargo.toml", path.display());
    }
    Ok(manifest)
}

/// cargo sets CARGO for its subcommands; a bare name is looked up on the PATH.
fn cargo_program(io: &Io<'_>) -> PathBuf {
    (io.env)("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

/// A folder is in the project if packages are in it, or it is in one.
fn is_in_project(project: &Project, path: &Path) -> bool {
    if path.is_dir() && project.packages.iter().any(|package| package.dir.starts_with(path)) {
        return true;
    }
    // The nearest manifest must be that of a package of this workspace.
    let manifest = find_manifest(path);
    let folder = manifest.as_deref().and_then(Path::parent);
    let is_member = folder.is_some_and(|folder| project.packages.iter().any(|package| package.dir == folder));
    is_member || project.files.binary_search_by(|file| file.as_path().cmp(path)).is_ok()
}

fn loose(cwd: &Path, paths: Vec<PathBuf>) -> Result<Input> {
    let project = discover_loose(cwd, &paths)?;
    let place = paths.first().map_or(cwd, PathBuf::as_path);
    ensure_rust(&project, place)?;
    Ok(Input { project, paths, text: None })
}

/// Without its manifest nobody knows what a package depends on, and what `tokio` means in it.
fn manifest_hint(cwd: &Path, input: &Input) -> Option<String> {
    let manifests = manifests_among(&input.project, &input.paths);
    let cwd = cwd.canonicalize().unwrap_or_else(|_| cwd.to_owned());
    let first = project::shown(&cwd, manifests.first()?);
    let (what, each) = match manifests.len() {
        1 => ("a cargo package or workspace was".to_owned(), ""),
        many => (format!("{many} cargo packages or workspaces were"), ", one run for each,"),
    };
    Some(format!(
        "hint: {what} read as plain files, so nothing is known of dependencies; `--manifest-path {first}`{each} gives better answers"
    ))
}

fn ensure_rust(project: &Project, place: &Path) -> Result<()> {
    if project.files.is_empty() && project.problems.is_empty() && project.packages.is_empty() {
        bail!("there are no Rust files in {}", place.display());
    }
    Ok(())
}

fn selection(args: &Check, input: &Input) -> Result<Selection> {
    let project = &input.project;
    // Who names paths means these, whatever package they are in.
    let everywhere = args.workspace || (!input.paths.is_empty() && args.package.is_empty());
    let targets = Targets {
        lib: args.lib || args.tests || args.all_targets || !args.bins,
        bins: args.bins || args.tests || args.all_targets || !args.lib,
        tests: args.tests || args.all_targets,
        others: args.all_targets,
    };
    Ok(Selection {
        packages: select::packages(project, &args.package, everywhere, &args.exclude)?,
        targets,
        paths: input.paths.clone(),
    })
}

fn tell(report: &Report, args: &Check, io: &mut Io<'_>) -> Result<Exit> {
    let exit = if !report.is_complete() {
        Exit::Incomplete
    } else if report.denied() > 0 {
        Exit::Findings
    } else {
        Exit::Clean
    };
    let color = if io.stdout_color(args.color) { Color::Ansi } else { Color::Plain };
    let written = match args.message_format {
        MessageFormat::Human => human::write(report, color, io.stdout),
        MessageFormat::Short => short::write(report, io.stdout),
        MessageFormat::Json => json::write(report, exit == Exit::Clean, io.stdout),
    };
    match written.and_then(|()| io.stdout.flush()) {
        // Whoever read the report has seen enough; that says nothing about the code.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(exit),
        Err(error) => {
            writeln!(io.stderr, "error: cannot write the report: {error}").ok();
            return Ok(Exit::Incomplete);
        }
        Ok(()) => {}
    }
    // Standard error may be closed as well, and nothing hangs on it.
    if args.verbose {
        write_phases(report, io).ok();
    }
    if !args.quiet {
        write_left_out(report, args, io).ok();
    }
    if report.stats.files == 0 && !args.quiet {
        writeln!(io.stderr, "note: nothing was selected; tests, benches and examples need --tests or --all-targets")
            .ok();
    }
    if args.message_format == MessageFormat::Human && !args.quiet {
        writeln!(io.stderr, "{}", human::closing_line(report)).ok();
    }
    Ok(exit)
}

/// Files that belong to no crate are worth one line, however many they are.
fn write_left_out(report: &Report, args: &Check, io: &mut Io<'_>) -> std::io::Result<()> {
    let mut told: Vec<&Problem> = report.left_out.iter().collect();
    // A file may have several errors, of which the first says enough.
    told.dedup_by(|a, b| a.path == b.path);
    let (files, were) = match told.len() {
        0 => return Ok(()),
        1 => ("1 file".to_owned(), "was"),
        many => (format!("{many} files"), "were"),
    };
    let hint = if args.verbose { "" } else { "; -v names them" };
    writeln!(io.stderr, "note: {files} that no `mod` leads to could not be read as Rust and {were} left out{hint}")?;
    if args.verbose {
        for problem in told {
            writeln!(io.stderr, "  {}", printable_line(&format!("{}: {}", problem.path, problem.message)))?;
        }
    }
    Ok(())
}

fn write_phases(report: &Report, io: &mut Io<'_>) -> std::io::Result<()> {
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
