//! `--fix` and `--diff`: what is applied, written, built and told.

mod site;
mod words;

use super::{
    args::{Check, Fixing},
    check::{excess, exit, tell_excess},
    io::{Exit, Io},
    narrow::{Narrowing, touches_any},
    outputs::Outputs,
    run::{Flags, Run, open_if, unwritten},
};
use crate::{
    beside,
    engine::Engine,
    fix::{Allowed, Change, Mended, Policy, Refusal, ensure_restorable, mend_some, verify},
    git::Git,
    levels::Levels,
    lower::MAX_BYTES,
    output::{
        Color, closing_line, human,
        patch::{self, Reader},
    },
    project::{BuildError, Project},
    read::{Territory, repository_around},
    report::{Diagnostic, Report},
};
use anyhow::{Context, Result, bail};
use site::Disk;
use std::{collections::BTreeSet, path::Path};

/// What became of the changes, by their number.
#[derive(Debug, Default)]
struct Written {
    /// Not written, with why.
    refused: Vec<(usize, Refusal)>,
    /// Not written, since another file of the same rewrite was not.
    dropped: Vec<usize>,
    /// Written, and taken back since it does not build.
    rolled_back: Vec<(usize, BuildError)>,
    /// Written, does not build, and could not be taken back.
    stuck: Vec<(usize, Refusal)>,
    /// Written, and nobody knows whether it builds.
    unverified: Option<anyhow::Error>,
}

pub(super) fn fix(args: &Check, flags: Flags<'_>, levels: Levels, outputs: &Outputs, io: &mut Io<'_>) -> Result<Exit> {
    let fixing = &args.fixing;
    if fixing.fix && args.look.paths.iter().any(|path| path.as_os_str() == "-") {
        bail!("standard input cannot be changed in place; `--diff -` prints what would change");
    }
    let git = Git::at(&io.cwd, io.env);
    let mut narrowing = Narrowing::new(&args.narrow, &args.look, io)?;
    let will_do = |project: &Project| {
        narrowing.begin(project)?;
        if fixing.fix { restorable(project, fixing, &git) } else { Ok(()) }
    };
    let mut run = open_if(flags, levels, will_do, io)?;
    let changed = narrowing.changed()?;
    let is_changed = |engine: &Engine, report: &Report, it: &Diagnostic| {
        changed.as_ref().is_none_or(|changed| touches_any(changed, engine, report, it))
    };
    let lines = run.lines.clone();
    let mut mended =
        mend_some(&mut run.engine, Policy { unsafe_fixes: fixing.unsafe_fixes, nth: 0 }, |engine, report, it| {
            is_changed(engine, report, it) && lines.include_finding(engine, report, it)
        });
    run.done(&mut mended.report);
    if fixing.diff {
        return diff(args, &run, &mended, io);
    }
    ensure_all_restorable(run.engine.project(), run.engine.territory(), fixing, &git, &mended.changes)?;
    change(args, run, mended, outputs, io)
}

/// Whether version control could bring back what is about to change in the repository of a project. What killed runs have
/// left behind goes before it is asked.
pub(super) fn restorable(project: &Project, fixing: &Fixing, git: &Git) -> Result<()> {
    let territory = project.territory();
    let folders: BTreeSet<&Path> = project.files.iter().filter_map(|file| file.parent()).collect();
    folders.into_iter().filter(|folder| territory.may_change(folder)).for_each(beside::sweep);
    // The cache lies two folders below the target folder, in which nothing is worth committing.
    let target = project.cache_dir.as_ref().and_then(|folder| folder.ancestors().nth(2));
    ensure_restorable(flag(fixing), &git.elsewhere(&project.root), target, allowed(fixing))
}

/// The same for each other repository, such as a submodule, that has one of the files.
pub(super) fn ensure_all_restorable(
    project: &Project,
    territory: &Territory,
    fixing: &Fixing,
    git: &Git,
    changes: &[Change],
) -> Result<()> {
    let known = repository_around(&project.root);
    let changed = changes.iter().filter(|it| territory.ensure_writable(&it.path).is_ok());
    let repositories: BTreeSet<&Path> = changed.filter_map(|it| repository_around(it.path.parent()?)).collect();
    let mut others = repositories.into_iter().filter(|folder| known != Some(*folder));
    others.try_for_each(|folder| ensure_restorable(flag(fixing), &git.nested(folder), None, allowed(fixing)))
}

fn flag(fixing: &Fixing) -> &'static str {
    if fixing.fix { "--fix" } else { "--add-suppressions" }
}

fn allowed(fixing: &Fixing) -> Allowed {
    Allowed { dirty: fixing.allow_dirty, staged: fixing.allow_staged, no_vcs: fixing.allow_no_vcs }
}

fn diff(args: &Check, run: &Run<'_>, mended: &Mended, io: &mut Io<'_>) -> Result<Exit> {
    let exit = exit(mended.report.is_complete(), mended.denied);
    let color = io.stdout_color(args.tell.color);
    let is_for_people = io.stdout_terminal.is_some() || color == Color::Ansi;
    let reader = if is_for_people { Reader::Person(color) } else { Reader::Program };
    if let Some(exit) = unwritten(patch::write(&mended.changes, reader, io.stdout), exit, io) {
        return Ok(exit);
    }
    let style = io.stderr_style(&args.tell);
    for problem in &mended.report.problems {
        human::write_problem(&mended.report.sources, problem, style, io.stderr).ok();
    }
    if !args.tell.quiet {
        words::would_apply(mended, args.tell.is_verbose(), io);
    }
    run.tell_more(&mended.report, None, io);
    Ok(exit)
}

fn change(args: &Check, mut run: Run<'_>, mut mended: Mended, outputs: &Outputs, io: &mut Io<'_>) -> Result<Exit> {
    let written = if mended.changes.is_empty() {
        Written::default()
    } else {
        let (packages, names) = concerned(run.engine.project(), &mended.changes);
        let wants_verify = args.fixing.verify || (args.fixing.unsafe_fixes && !args.fixing.no_verify);
        if wants_verify && packages.is_empty() && !args.tell.quiet {
            writeln!(io.stderr, "note: plain files belong to no package, so the changes cannot be verified by a build")
                .ok();
        }
        let mut disk = Disk {
            cargo: &run.cargo,
            root: &run.engine.project().root,
            territory: run.engine.territory(),
            packages: &packages,
            names: &names,
            flags: &args.running.building.flags(),
        };
        write_all(&mended.changes, wants_verify && !packages.is_empty(), args.tell.quiet, &mut disk, io)?
    };
    let lost = written.lost();
    if !lost.is_empty() {
        // What is told to be left is what is on the disk now.
        for change in lost.iter().map(|at| &mended.changes[*at]) {
            let bytes = run.engine.territory().read(&change.path, MAX_BYTES as u64).ok();
            let text = bytes.and_then(|it| String::from_utf8(it).ok()).unwrap_or_else(|| change.old.to_string());
            run.engine.update(&change.path.to_string_lossy(), text);
        }
        mended.report = run.engine.check();
        run.done(&mut mended.report);
    }
    let denied = mended.report.denied() + excess(&mended.report, args);
    let exit = exit(mended.report.is_complete() && written.is_as_told(), denied);
    let cut_short = outputs.write(&mended.report, exit, io);
    // Whoever has seen enough of the report is still to know what became of the files.
    words::failures(&mended.changes, &written, io);
    if !args.tell.quiet {
        words::applied(&mended, &lost, args.tell.is_verbose(), io);
    }
    if let Some(exit) = cut_short {
        return Ok(exit);
    }
    run.tell_more(&mended.report, Some(&closing_line(&mended.report)), io);
    outputs.tell_hints(&mended.report, io);
    tell_excess(&mended.report, args, io);
    Ok(exit)
}

impl Written {
    /// Whether each file could be written, and taken back if it had to be.
    fn is_as_told(&self) -> bool {
        self.refused.is_empty() && self.stuck.is_empty() && self.unverified.is_none()
    }

    /// Changes that are not in place.
    fn lost(&self) -> BTreeSet<usize> {
        let refused = self.refused.iter().map(|(at, _)| *at);
        refused.chain(self.dropped.iter().copied()).chain(self.rolled_back.iter().map(|(at, _)| *at)).collect()
    }
}

/// Writes the files, and builds before and after if asked to.
fn write_all(
    changes: &[Change],
    wants_verify: bool,
    is_quiet: bool,
    disk: &mut Disk<'_>,
    io: &mut Io<'_>,
) -> Result<Written> {
    use crate::fix::Site as _;
    let mut before = None;
    if wants_verify {
        if !is_quiet {
            writeln!(io.stderr, "{}", words::verifying(disk)).ok();
        }
        let build = disk.build();
        let build =
            build.context("nothing was changed, because the verification build failed; --no-verify skips the build")?;
        words::broken_before(&build, io);
        before = Some(build);
    }
    let mut written = Written::default();
    let mut in_place: Vec<usize> = Vec::new();
    for (at, change) in changes.iter().enumerate() {
        if written.refused.iter().any(|(other, _)| changes[*other].group == change.group) {
            written.dropped.push(at);
            continue;
        }
        match disk.put(change, true) {
            Ok(()) => in_place.push(at),
            Err(refusal) => {
                written.refused.push((at, refusal));
                let (half, whole) = in_place.into_iter().partition(|other| changes[*other].group == change.group);
                in_place = whole;
                for other in half {
                    match disk.put(&changes[other], false) {
                        Ok(()) => written.dropped.push(other),
                        Err(refusal) => written.stuck.push((other, refusal)),
                    }
                }
            }
        }
    }
    if let Some(before) = before {
        let placed: Vec<Change> = in_place.iter().map(|at| changes[*at].clone()).collect();
        match verify(&placed, &before, disk) {
            Ok(verified) => {
                written.rolled_back.extend(verified.rolled_back.into_iter().map(|(at, error)| (in_place[at], error)));
                written.stuck.extend(verified.stuck.into_iter().map(|(at, refusal)| (in_place[at], refusal)));
            }
            Err(error) => written.unverified = Some(error),
        }
    }
    Ok(written)
}

/// The packages that the changes may break, those of the files and whatever depends on these: their ids, and names.
fn concerned(project: &Project, changes: &[Change]) -> (Vec<String>, Vec<String>) {
    let mut concerned: BTreeSet<usize> = changes.iter().filter_map(|it| project.package_of(&it.path)).collect();
    loop {
        let depends = |at: &usize| {
            let mut dependencies = project.packages[*at].dependencies.iter().filter_map(|it| it.package);
            dependencies.any(|it| concerned.contains(&it))
        };
        let more: Vec<usize> =
            (0..project.packages.len()).filter(|at| !concerned.contains(at)).filter(depends).collect();
        if more.is_empty() {
            break;
        }
        concerned.extend(more);
    }
    let packages = concerned.into_iter().map(|at| &project.packages[at]);
    packages.filter_map(|it| Some((it.targets.first()?.origin.package_id.clone(), it.name.clone()))).unzip()
}
