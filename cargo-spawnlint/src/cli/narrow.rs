//! `--baseline`, `--since` and `--staged`: which findings of a report are told.

use super::{
    args::{Look, Narrow},
    io::Io,
};
use crate::{
    baseline::{self, Baseline, Comparison, FILE_NAME, Sight},
    changed::{Changed, Since},
    engine::Engine,
    fingerprint::fingerprints,
    fix::replace,
    git::Git,
    levels::Level,
    output::printable_line,
    project::{Project, absolute, shown},
    read::{MAX_BASELINE, ensure_no_link_out, read_named},
    report::{Diagnostic, HeldBack, Phase, Problem, Report, Severity},
};
use anyhow::{Context, Result, bail};
use spawnlint_analysis::span::Span;
use std::{
    path::{Path, PathBuf},
    thread::JoinHandle,
    time::Instant,
};

/// A baseline as it is on disk.
pub(super) struct Stored {
    path: PathBuf,
    /// As the user knows it.
    name: String,
    text: String,
    baseline: Baseline,
}

/// What a report is to be narrowed to.
pub(super) struct Narrowing {
    stored: Option<Stored>,
    is_pruned: bool,
    since: Option<Since>,
    /// Asks from where this runs.
    git: Git,
    /// Whether this is a hook of git's: git tells it where the repository is, seen from there.
    is_hook: bool,
    /// git takes as long as reading a few files; both are done at once.
    changed: Option<JoinHandle<Result<Changed>>>,
}

/// What there is to tell when that is done.
#[derive(Default)]
pub(super) struct Narrowed {
    notes: Vec<String>,
    /// What is behind the notes, one by one.
    details: Vec<String>,
    /// A baseline to be written.
    pruned: Option<(Stored, String)>,
}

impl Narrowing {
    pub(super) fn new(args: &Narrow, look: &Look, io: &Io<'_>) -> Result<Narrowing> {
        let since = match &args.since {
            Some(revision) => Some(Since::Revision(revision.clone())),
            None => args.staged.then_some(Since::Staged),
        };
        if since.is_some() && look.paths.iter().any(|path| path.as_os_str() == "-") {
            bail!("standard input has no history; --since and --staged need files");
        }
        let stored = args.baseline.as_deref().map(|path| existing(&io.cwd, path)).transpose()?;
        let (git, is_hook) = (Git::at(&io.cwd, io.env), (io.env)("GIT_DIR").is_some());
        Ok(Narrowing { stored, is_pruned: args.prune_baseline, since, git, is_hook, changed: None })
    }

    /// Asks git in the meantime.
    pub(super) fn begin(&mut self, project: &Project) -> Result<()> {
        let Some(since) = self.since.take() else { return Ok(()) };
        // Plain files may lie anywhere.
        let loose = project.loose.first().filter(|_| project.packages.is_empty()).and_then(|file| file.parent());
        let root = loose.unwrap_or(&project.root).to_owned();
        let place = if self.is_hook { self.git.clone() } else { self.git.elsewhere(&root) };
        let work = move || Changed::find(&root, &place, &since);
        let thread = std::thread::Builder::new().name("git".to_owned()).spawn(work);
        self.changed = Some(thread.context("cannot start a thread to ask git which lines changed")?);
        Ok(())
    }

    /// Which lines changed, if somebody asked for those only.
    pub(super) fn changed(self) -> Result<Option<Changed>> {
        self.changed.map(finished).transpose()
    }

    /// Takes out of a report what nobody asked for.
    pub(super) fn narrow(self, engine: &Engine, report: &mut Report) -> Result<Narrowed> {
        let mut narrowed = Narrowed::default();
        if self.stored.is_none() && self.changed.is_none() {
            return Ok(narrowed);
        }
        let start = Instant::now();
        let changed = self.changed.map(finished).transpose()?;
        let touches = |span: Span| changed.as_ref().is_none_or(|changed| touches(changed, engine, report, span));
        let is_changed: Vec<bool> = (report.diagnostics.iter())
            .map(|it| changed.as_ref().is_none_or(|changed| touches_any(changed, engine, report, it)))
            .collect();
        // What cannot be read is told wherever it is.
        let is_told = |it: &Problem| it.severity == Severity::Error || it.span.is_none_or(touches);
        let problems = report.problems.iter().filter(|it| is_told(it)).cloned().collect();
        let is_known = match self.stored {
            Some(stored) => narrowed.look_up(stored, self.is_pruned, engine, report, &is_changed),
            None => vec![false; is_changed.len()],
        };
        report.problems = problems;
        let known = is_known.iter().filter(|it| **it).count();
        let mut is_told = is_known.iter().zip(&is_changed).map(|(is_known, is_changed)| !is_known && *is_changed);
        let all = is_known.len();
        report.diagnostics.retain(|_| is_told.next().unwrap_or(true));
        let unchanged = all - known - report.diagnostics.len();
        report.held_back = HeldBack { known, unchanged };
        narrowed.notes.extend(changed.into_iter().flat_map(|changed| changed.notes));
        let detail = format!("{known} findings are known, {unchanged} are in unchanged code");
        report.stats.phases.push(Phase { name: "narrow", time: start.elapsed(), detail });
        Ok(narrowed)
    }
}

impl Narrowed {
    /// Which findings a baseline has.
    fn look_up(
        &mut self,
        stored: Stored,
        is_pruned: bool,
        engine: &Engine,
        report: &Report,
        is_changed: &[bool],
    ) -> Vec<bool> {
        let Comparison { is_known, gone, pruned, .. } = compare(&stored.baseline, engine, report, |at| is_changed[at]);
        if report.is_complete() {
            self.tell_gone(&stored.name, &gone, is_pruned);
            let text = pruned.to_string();
            if is_pruned && text != stored.text {
                self.pruned = Some((stored, text));
            }
        } else if is_pruned {
            // What is not found may stand in what could not be read.
            self.notes.push(format!("{} was not pruned, because not everything could be checked", stored.name));
        }
        is_known
    }

    fn tell_gone(&mut self, name: &str, gone: &[baseline::Entry], is_pruned: bool) {
        let number: u32 = gone.iter().map(|entry| entry.count.get()).sum();
        self.notes.extend(match (number, is_pruned) {
            (0, _) => None,
            (1, true) => Some(format!("removed 1 finding from {name} that no longer occurs")),
            (_, true) => Some(format!("removed {number} findings from {name} that no longer occur")),
            (1, false) => Some(format!("1 finding in {name} no longer occurs; --prune-baseline removes it")),
            (_, false) => Some(format!("{number} findings in {name} no longer occur; --prune-baseline removes them")),
        });
        self.details.extend(gone.iter().map(|it| {
            let times = if it.count.get() > 1 { format!(" ({} times)", it.count) } else { String::new() };
            let place = if it.item.is_empty() { "outside any item" } else { &it.item };
            format!("{}: {} in {place}{times}", it.file, it.rule)
        }));
    }

    /// Writes the baseline, if it is to be pruned; whether all is well.
    pub(super) fn prune(&mut self, io: &mut Io<'_>) -> bool {
        let Some((stored, text)) = &self.pruned else { return true };
        match replace(&stored.path, &stored.text, text) {
            Ok(()) => true,
            Err(refusal) => {
                let line = format!("error: {} was not pruned: {refusal}", stored.name);
                writeln!(io.stderr, "{}", printable_line(&line)).ok();
                (self.notes, self.details) = Default::default();
                false
            }
        }
    }

    /// Tells on standard error what goes with the report.
    pub(super) fn tell(&self, is_verbose: bool, io: &mut Io<'_>) {
        for note in &self.notes {
            writeln!(io.stderr, "{}", printable_line(&format!("note: {note}"))).ok();
        }
        for detail in self.details.iter().filter(|_| is_verbose) {
            writeln!(io.stderr, "  {}", printable_line(detail)).ok();
        }
    }
}

/// A report beside a baseline.
pub(super) fn compare(
    baseline: &Baseline,
    engine: &Engine,
    report: &Report,
    is_late: impl Fn(usize) -> bool,
) -> Comparison {
    let (sight, level_at) = (engine.sight(), engine.level_at());
    // A rule that this version does not know may be one of a newer one.
    baseline.compare(
        &fingerprints(report),
        is_late,
        |path| -> Sight { sight(path) },
        // A file may have levels of its own.
        |rule, path| level_at(rule, path).unwrap_or(report.levels.of(rule)) != Level::Allow,
    )
}

fn finished(thread: JoinHandle<Result<Changed>>) -> Result<Changed> {
    match thread.join() {
        Ok(changed) => changed,
        Err(_) => bail!("spawnlint failed to read the output of git; this is a bug in spawnlint: please report it"),
    }
}

/// Whether a finding, or something that belongs to its evidence, stands in a line that changed.
pub(super) fn touches_any(changed: &Changed, engine: &Engine, report: &Report, it: &Diagnostic) -> bool {
    let labels = it.finding.labels.iter().map(|label| label.at);
    labels.chain([it.finding.at]).any(|at| touches(changed, engine, report, at))
}

fn touches(changed: &Changed, engine: &Engine, report: &Report, span: Span) -> bool {
    let source = report.sources.get(span.file);
    let (first, _) = source.line_column(span.range.start);
    let (last, _) = source.line_column(span.range.end.saturating_sub(1).max(span.range.start));
    changed.touches(engine.path(span.file), first, last)
}

/// A baseline that is to be there.
fn existing(cwd: &Path, given: &Path) -> Result<Stored> {
    if let Some(stored) = stored(cwd, given)? {
        return Ok(stored);
    }
    let name = given.display();
    let above = cwd.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file());
    match above {
        Some(path) => bail!("no such baseline: `{name}`; did you mean {}?", path.display()),
        None => bail!("no such baseline: `{name}`; `cargo spawnlint baseline` writes one"),
    }
}

/// Whether something is no file at all, but stands where files do.
#[cfg(unix)]
pub(super) fn is_device(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    path.metadata().is_ok_and(|it| it.file_type().is_char_device() || it.file_type().is_block_device())
}

#[cfg(not(unix))]
pub(super) fn is_device(_: &Path) -> bool {
    false
}

/// Reads a baseline if there is one.
pub(super) fn stored(cwd: &Path, given: &Path) -> Result<Option<Stored>> {
    let path = absolute(cwd, given);
    let name = shown(&cwd.canonicalize().unwrap_or_else(|_| cwd.to_owned()), &path);
    // Nothing is told of what a link of the repository leads to.
    if let Err(why) = ensure_no_link_out(&path) {
        bail!("cannot use the baseline `{name}`: {why}");
    }
    if path.is_dir() {
        bail!("the baseline `{name}` is a folder, not a file");
    }
    // Some have no end.
    if is_device(&path) {
        bail!("the baseline `{name}` is a device, not a file");
    }
    let text = match read_named(&path, MAX_BASELINE) {
        Ok(bytes) => String::from_utf8(bytes).ok().with_context(|| format!("the baseline `{name}` is not UTF-8"))?,
        Err(refusal) if refusal.is_absent() => return Ok(None),
        Err(refusal) => bail!("cannot read the baseline `{name}`: {refusal}"),
    };
    let baseline = baseline::read(&text).with_context(|| format!("cannot use the baseline `{name}`"))?;
    Ok(Some(Stored { path, name, text, baseline }))
}

impl Stored {
    pub(super) fn baseline(&self) -> &Baseline {
        &self.baseline
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }
}
