//! `--add-suppressions`: a comment with a reason for every finding there is.

use super::{
    args::Check,
    check::exit,
    fix::{ensure_all_restorable, restorable},
    io::{Exit, Io},
    outputs::Outputs,
    run::{Flags, open_if},
};
use crate::{
    fix::{Added, Refusal, add_suppressions, replace},
    git::Git,
    levels::Levels,
    output::printable_line,
};
use anyhow::{Result, bail};

pub(super) fn allow(
    args: &Check,
    reason: &str,
    flags: Flags<'_>,
    levels: Levels,
    outputs: &Outputs,
    io: &mut Io<'_>,
) -> Result<Exit> {
    let reason = reason.trim();
    if reason.is_empty() {
        bail!("--add-suppressions needs a reason to write into the comments");
    }
    if reason.chars().any(char::is_control) {
        bail!("the reason for --add-suppressions goes into a one-line comment and cannot contain line breaks");
    }
    if args.look.paths.iter().any(|path| path.as_os_str() == "-") {
        bail!("standard input cannot be changed in place; --add-suppressions needs files");
    }
    let git = Git::at(&io.cwd, io.env);
    let mut run = open_if(flags, levels, |project| restorable(project, &args.fixing, &git), io)?;
    let mut report = run.engine.check();
    run.lines.narrow(&run.engine, &mut report);
    let added = add_suppressions(&run.engine, &report, reason);
    ensure_all_restorable(run.engine.project(), run.engine.territory(), &args.fixing, &git, &added.changes)?;
    let mut is_written = true;
    let mut files = 0;
    for change in &added.changes {
        let is_ours = run.engine.territory().ensure_writable(&change.path).map_err(Refusal::NotOurs);
        match is_ours.and_then(|()| replace(&change.path, &change.old, &change.new)) {
            Ok(()) => {
                files += 1;
                run.engine.update(&change.path.to_string_lossy(), change.new.to_string());
            }
            Err(why) => {
                is_written = false;
                let line = format!("error: {} was not changed: {why}", change.shown);
                writeln!(io.stderr, "{}", printable_line(&line)).ok();
            }
        }
    }
    // What is told to be left is what is on the disk now.
    let mut left = run.engine.check();
    run.done(&mut left);
    let exit = exit(left.is_complete() && is_written, left.denied());
    let cut_short = outputs.write(&left, exit, io);
    if !args.tell.quiet {
        tell(&added, files, io);
    }
    if let Some(exit) = cut_short {
        return Ok(exit);
    }
    run.tell_more(&left, None, io);
    Ok(exit)
}

fn tell(added: &Added, files: usize, io: &mut Io<'_>) {
    for left in &added.left {
        let line = format!("not suppressed: {}: no place for a comment [{}]", left.at, left.rule);
        writeln!(io.stderr, "{}", printable_line(&line)).ok();
    }
    let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let line = match files {
        0 => "no file was changed".to_owned(),
        files => format!("wrote comments for {} into {}", count(added.allowed, "finding"), count(files, "file")),
    };
    writeln!(io.stderr, "{line}").ok();
}
