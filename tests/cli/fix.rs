//! `--fix` and `--diff`, on real files: what is applied, what is left alone, and what is told of both.

mod apply;
mod disk;
mod flags;
pub(crate) mod mends;
mod owners;
mod real;
mod shown;
mod vcs;
mod verify;

use crate::support::{Folder, Output, Run};
use mends::MENDS;
use std::fs;

/// Runs with rules that have rewrites.
fn run(folder: &Folder, args: &[&str]) -> Output {
    Run::default().rules(MENDS).args(args).run_in(&folder.path())
}

/// The same, without version control.
fn fix(folder: &Folder, args: &[&str]) -> Output {
    run(folder, &[&["--fix", "--allow-no-vcs"], args].concat())
}

fn text(folder: &Folder, path: &str) -> String {
    fs::read_to_string(folder.path().join(path)).unwrap()
}

/// What is told, without the figures of the last line.
fn told(out: &Output) -> &str {
    out.stderr.split("checked ").next().unwrap()
}
