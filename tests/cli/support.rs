//! Runs the program in process, in a folder of its own.

use crate::probes::PROBES;
use cargo_spawnlint::{Exit, Io, Terminal, run_with};
use spawnlint_rules::rule::Rule;
use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// A manifest of a package without dependencies.
pub(crate) const MANIFEST: &str = "[package]\nname = \"demo\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";

/// A folder with files.
pub(crate) struct Folder {
    dir: TempDir,
}

/// How the lines begin that stand at the end of each report with findings.
const HINT: [&str; 2] = ["help: `cargo spawnlint explain RULE`", "help: to suppress a finding, "];

/// What a run left behind.
pub(crate) struct Output {
    pub(crate) exit: Exit,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Output {
    /// What is told beside the report, without the closing line, in which the time stands, and what follows that.
    pub(crate) fn notes(&self) -> String {
        let is_ending =
            |line: &str| line.starts_with("checked ") || line.starts_with(HINT[0]) || line.starts_with(HINT[1]);
        self.stderr.split_inclusive('\n').filter(|line| !is_ending(line)).collect()
    }
}

impl Folder {
    pub(crate) fn new(files: &[(&str, &str)]) -> Folder {
        let folder = Folder { dir: tempfile::tempdir().unwrap() };
        files.iter().for_each(|(path, text)| folder.write(path, text));
        folder
    }

    /// A package `demo` with these files.
    pub(crate) fn package(files: &[(&str, &str)]) -> Folder {
        let folder = Folder::new(files);
        folder.write("Cargo.toml", MANIFEST);
        folder
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().canonicalize().unwrap()
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        Run::default().args(args).run_in(&self.path())
    }

    /// The short lines of a run, sorted as they are printed.
    pub(crate) fn short(&self, args: &[&str]) -> String {
        let args = [&["--message-format", "short"], args].concat();
        self.run(&args).stdout
    }
}

/// git, with nothing of what the machine and a hook that runs the tests have set.
pub(crate) fn git_command() -> Command {
    let mut command = Command::new("git");
    // Whatever the machine that runs the tests has configured.
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    // A hook that runs the tests has been told where its own repository is.
    cargo_spawnlint::git::PLACES.iter().for_each(|name| {
        command.env_remove(name);
    });
    command
}

/// Runs git in a folder, and gives what it prints.
pub(crate) fn git_in(folder: &Path, args: &[&str]) -> String {
    let mut command = git_command();
    command.args(["-c", "user.name=test", "-c", "user.email=test@example.invalid"]);
    command.args(["-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main"]);
    let output = command.args(args).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn git(folder: &Folder, args: &[&str]) {
    git_in(&folder.path(), args);
}

/// A run with its surroundings.
pub(crate) struct Run {
    args: Vec<OsString>,
    env: Vec<(String, String)>,
    stdin: Vec<u8>,
    rules: &'static [&'static Rule],
    terminal: Option<Terminal>,
}

impl Default for Run {
    fn default() -> Run {
        Run {
            args: vec!["cargo-spawnlint".into(), "spawnlint".into()],
            env: Vec::new(),
            stdin: Vec::new(),
            rules: PROBES,
            terminal: None,
        }
    }
}

impl Run {
    pub(crate) fn args(mut self, args: &[&str]) -> Run {
        self.args.extend(args.iter().map(OsString::from));
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Run {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn stdin(mut self, text: impl AsRef<[u8]>) -> Run {
        self.stdin = text.as_ref().to_owned();
        self
    }

    /// A person looks at both streams.
    pub(crate) fn terminal(mut self, width: Option<usize>) -> Run {
        self.terminal = Some(Terminal { width, has_links: true });
        self
    }

    pub(crate) fn rules(mut self, rules: &'static [&'static Rule]) -> Run {
        self.rules = rules;
        self
    }

    pub(crate) fn run_in(self, cwd: &Path) -> Output {
        let mut stdout = Vec::new();
        let (exit, stderr) = self.run_into(cwd, &mut stdout);
        Output { exit, stdout: String::from_utf8(stdout).unwrap(), stderr }
    }

    /// Runs with a standard output of the caller's.
    pub(crate) fn run_into(self, cwd: &Path, stdout: &mut dyn std::io::Write) -> (Exit, String) {
        let mut stderr = Vec::new();
        let env = |name: &str| {
            let given = self.env.iter().find(|(it, _)| it == name).map(|(_, value)| value.clone());
            // The cargo that runs the tests is the one to ask.
            given.or_else(|| std::env::var(name).ok().filter(|_| name == "CARGO"))
        };
        let mut io = Io {
            stdin: &mut self.stdin.as_slice(),
            stdout,
            stderr: &mut stderr,
            stdout_terminal: self.terminal,
            stderr_terminal: self.terminal,
            cwd: cwd.to_owned(),
            env: &env,
        };
        let exit = run_with(self.rules, self.args, &mut io);
        (exit, String::from_utf8(stderr).unwrap())
    }
}
