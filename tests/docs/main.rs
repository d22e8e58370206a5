//! What the documents say is what the program does.

mod commands;
mod configuration;
mod links;
mod picture;
mod readme;
mod syntax;
mod tables;

use cargo_spawnlint::{Exit, Io, run};
use std::{ffi::OsString, fs, path::Path};

/// The text of a file of the repository.
fn read(path: &str) -> String {
    fs::read_to_string(spawnlint_tests::root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// How a command ends, what it prints, and what it writes to standard error.
fn run_in(folder: &Path, args: impl IntoIterator<Item = String>) -> (Exit, String, String) {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut io = Io {
        stdin: &mut std::io::empty(),
        stdout: &mut stdout,
        stderr: &mut stderr,
        stdout_terminal: None,
        stderr_terminal: None,
        cwd: folder.to_owned(),
        env: &|name| std::env::var(name).ok().filter(|_| ["CARGO", "PATH"].contains(&name)),
    };
    let args = ["cargo-spawnlint".to_owned()].into_iter().chain(args).map(OsString::from);
    let exit = run(args, &mut io);
    let [stdout, stderr] = [stdout, stderr].map(|bytes| String::from_utf8(bytes).expect("it prints UTF-8"));
    (exit, stdout, stderr)
}
