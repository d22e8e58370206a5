//! What is told of a `--fix` or `--diff`, on standard error. That may be closed, and nothing hangs on it.

use super::{Written, site::Disk};
use crate::{
    cli::io::{Io, printable},
    fix::{Change, Mended, Told, Why},
    output::printable_line,
    project::{Build, Cargo},
};
use std::{collections::BTreeSet, io};

/// The build before the changes: the one thing of the project that is run.
pub(super) fn verifying(disk: &Disk<'_>) -> String {
    let args = Cargo::check_args(disk.names, disk.flags).join(" ");
    printable(&format!(
        "verifying with `cargo {args}` before and after, which runs build scripts and procedural macros; --no-verify skips the build"
    ))
}

pub(super) fn broken_before(build: &Build, io: &mut Io<'_>) {
    let Some(first) = build.errors.first() else { return };
    let text = printable(&format!(
        "warning: this does not build as it is ({}), so only new errors can be recognized; the first existing error is\n{}",
        count(build.errors.len(), "error"),
        indented(&first.rendered)
    ));
    writeln!(io.stderr, "{text}").ok();
}

/// Files that are not as they were to be.
pub(super) fn failures(changes: &[Change], written: &Written, io: &mut Io<'_>) {
    let mut lines = Vec::new();
    for (at, why) in &written.refused {
        lines.push(format!("error: {} was not changed: {why}", changes[*at].shown));
    }
    for at in &written.dropped {
        lines.push(format!(
            "error: {} was not changed: its fix also has to change a file that could not be changed",
            changes[*at].shown
        ));
    }
    for (at, error) in &written.rolled_back {
        let (shown, rendered) = (&changes[*at].shown, indented(&error.rendered));
        lines.push(format!("warning: {shown} was reverted, since it did not build:\n{rendered}"));
    }
    for (at, why) in &written.stuck {
        lines.push(format!("error: {} should have been reverted, but could not be: {why}", changes[*at].shown));
    }
    if let Some(error) = &written.unverified {
        lines.push(format!("error: the changes were applied, but it could not be verified that they build: {error:#}"));
    }
    for line in lines {
        writeln!(io.stderr, "{}", printable(&line)).ok();
    }
}

pub(super) fn would_apply(mended: &Mended, is_verbose: bool, io: &mut Io<'_>) {
    write_lines(mended, &BTreeSet::new(), ["would apply", "would be"], is_verbose, io).ok();
}

pub(super) fn applied(mended: &Mended, lost: &BTreeSet<usize>, is_verbose: bool, io: &mut Io<'_>) {
    write_lines(mended, lost, ["applied", "was"], is_verbose, io).ok();
}

fn write_lines(
    mended: &Mended,
    lost: &BTreeSet<usize>,
    [did, was]: [&str; 2],
    is_verbose: bool,
    io: &mut Io<'_>,
) -> io::Result<()> {
    let is_lost =
        |told: &Told| lost.iter().map(|at| &mended.changes[*at].shown).any(|shown| told.files.contains(shown));
    let (lost, in_place): (Vec<&Told>, Vec<&Told>) = mended.applied.iter().partition(|told| is_lost(told));
    for told in &in_place {
        writeln!(io.stderr, "{}", printable_line(&format!("{did}: {}", line(told))))?;
    }
    for told in &lost {
        writeln!(io.stderr, "{}", printable_line(&format!("not applied: {}", line(told))))?;
    }
    let (mut unsafe_ones, mut gaps, mut none) = (0, 0, 0);
    for (told, why) in &mended.left {
        match why {
            Why::NotSafe => unsafe_ones += 1,
            Why::HasPlaceholders => gaps += 1,
            Why::NoRewrite => none += 1,
            _ => {}
        }
        let is_counted = matches!(why, Why::NotSafe | Why::HasPlaceholders | Why::NoRewrite);
        if is_verbose || !is_counted {
            writeln!(io.stderr, "{}", printable_line(&format!("not applied: {}: {why}", line(told))))?;
        }
    }
    let files: BTreeSet<&String> = in_place.iter().flat_map(|told| &told.files).collect();
    let mut parts = vec![match in_place.len() {
        0 => format!("nothing {was} applied"),
        many => format!("{did} {} to {}", fixes(many), count(files.len(), "file")),
    }];
    if unsafe_ones > 0 {
        let need = if unsafe_ones == 1 { "needs" } else { "need" };
        parts.push(format!("{} {need} --unsafe-fixes", fixes(unsafe_ones)));
    }
    if gaps > 0 {
        parts.push(format!("{} to fix or suppress by hand", count(gaps, "finding")));
    }
    if none > 0 {
        parts.push(format!("{} without a fix", count(none, "finding")));
    }
    if parts.len() > 1 && !is_verbose {
        parts.push("-v names them".to_owned());
    }
    writeln!(io.stderr, "{}", parts.join("; "))
}

fn line(told: &Told) -> String {
    let title = if told.title.is_empty() { String::new() } else { format!(" {}", told.title) };
    format!("{}:{title} [{}]", told.at, told.rule)
}

fn indented(text: &str) -> String {
    text.trim_end().lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

/// `1 file`, `2 files`.
fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn fixes(number: usize) -> String {
    format!("{number} {}", if number == 1 { "fix" } else { "fixes" })
}
