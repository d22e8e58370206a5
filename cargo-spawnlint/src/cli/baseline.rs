//! `cargo spawnlint baseline`: writes down what there is to find.

use super::{
    args,
    check::levels,
    io::{Exit, Io},
    narrow::{compare, stored},
    run::{Flags, open_if},
};
use crate::{
    baseline::{Baseline, FILE_NAME},
    fingerprint::fingerprints,
    fix::{Refusal, put, replace},
    output::{human, printable_line},
    project::{Project, absolute, shown},
    read::{MAX_BASELINE, ensure_no_link_out},
    report::Severity,
};
use anyhow::{Context as _, Result, bail};
use clap::ArgMatches;
use spawnlint_rules::rule::Rule;
use std::path::{Path, PathBuf};

pub(super) fn write(
    rules: &'static [&'static Rule],
    args: &args::Baseline,
    matches: &ArgMatches,
    io: &mut Io<'_>,
) -> Result<Exit> {
    if args.look.paths.iter().any(|path| path.as_os_str() == "-") {
        bail!("standard input cannot be part of a baseline; name files or folders");
    }
    let flags = Flags { look: &args.look, settings: &args.settings, tell: &args.tell, running: &args.running };
    let levels = levels(rules, matches)?;
    let cwd = io.cwd.clone();
    // What stands there is read first: nothing that cannot be read is written over.
    let name_of = |path: &Path| shown(&cwd.canonicalize().unwrap_or_else(|_| cwd.clone()), path);
    let mut target = (PathBuf::new(), None);
    let find_target = |project: &Project| {
        let path = args.output.as_ref().map_or_else(|| project.root.join(FILE_NAME), |path| absolute(&cwd, path));
        ensure_no_link_out(&path).with_context(|| format!("cannot use the baseline `{}`", name_of(&path)))?;
        // Whatever is written to a device or pipe, nothing of it is there to be read.
        let is_kept = path.is_file() || path.is_dir() || !path.exists();
        let old = if is_kept { stored(&cwd, &path)? } else { None };
        target = (path, old);
        Ok(())
    };
    let mut run = open_if(flags, levels, find_target, io)?;
    let (path, old) = target;
    if !run.lines.is_empty() {
        bail!("a baseline cannot be limited to a line; name files or folders");
    }
    let mut report = run.engine.check();
    run.done(&mut report);
    let style = io.stderr_style(&args.tell);
    for problem in &report.problems {
        human::write_problem(&report.sources, problem, style, io.stderr).ok();
    }
    if report.problems.iter().any(|it| it.severity == Severity::Error && it.path.is_empty()) {
        bail!("the workspace could not be checked, so no baseline was written");
    }
    let exit = if report.is_complete() { Exit::Clean } else { Exit::Incomplete };
    let found = Baseline::of(fingerprints(&report).iter());
    // What this run did not look at stays as it is.
    let compared = old.as_ref().map(|old| compare(old.baseline(), &run.engine, &report, |_| false));
    let kept = compared.as_ref().map_or(0, |it| it.unseen);
    let new = match compared {
        Some(compared) => found.with(compared.pruned),
        None => found,
    };
    let name = name_of(&path);
    let text = new.to_string();
    if text.len() as u64 > MAX_BASELINE {
        bail!("the baseline would have {} bytes; at most {MAX_BASELINE} can be read back", text.len());
    }
    let written = match &old {
        Some(old) => replace(&path, old.text(), &text),
        None => put(&path, text.as_bytes()),
    };
    // Whoever reads it from a pipe may have had enough, as with a report.
    if let Some(refusal) = written.err().filter(|it| !it.is_closed_pipe()) {
        let why = match refusal {
            Refusal::Changed => "another program wrote to it in the meantime".to_owned(),
            other => other.to_string(),
        };
        bail!("cannot write the baseline {name}: {why}");
    }
    let entries = new.entries();
    let files = entries.chunk_by(|a, b| a.file == b.file).count();
    let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let mut line = format!("wrote {name}: {} in {}", count(new.len(), "finding"), count(files, "file"));
    if kept > 0 {
        line += &format!(", {kept} of them kept from the old file, for code that this run did not check");
    }
    if exit == Exit::Incomplete {
        line += "; files that could not be checked may have more";
    }
    run.tell_more(&report, Some(&printable_line(&line)), io);
    Ok(exit)
}
