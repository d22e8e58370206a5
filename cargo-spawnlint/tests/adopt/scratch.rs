//! A repository in which scripts are run.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// The tasks that were there before anybody looked.
pub(crate) const OLD: &str = "\
pub fn start_reports() {
    tokio::spawn(async {
        loop {
            report().await;
        }
    });
}

pub fn start_cleaning() {
    tokio::spawn(async {
        loop {
            clean().await;
        }
    });
}

async fn report() {}
async fn clean() {}
";

/// What a pull request adds.
pub(crate) const NEW: &str = "
pub fn start_counting() {
    tokio::spawn(async {
        loop {
            count().await;
        }
    });
}

async fn count() {}
";

/// In the place of cargo: remembers what is to be installed, and installs the program that is tested.
const CARGO: &str = r#"#!/bin/bash
if [ "$1" != install ]; then exec "$REAL_CARGO" "$@"; fi
echo "$*; in $PWD" >> "$INSTALLED"
env | grep -E '^(RUSTUP_TOOLCHAIN|RUSTFLAGS|CARGO_ENCODED_RUSTFLAGS|CARGO_BUILD_.*)=' >> "$INSTALLED"
while [ $# -gt 0 ]; do
    if [ "$1" = --root ]; then root=$2; fi
    shift
done
mkdir -p "$root/bin"
ln -sf "$PROGRAM" "$root/bin/cargo-spawnlint"
"#;

pub(crate) struct Scratch {
    folder: TempDir,
}

/// What a script left behind.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Scratch {
    /// A repository with the old tasks in it.
    pub(crate) fn new() -> Scratch {
        let scratch = Scratch { folder: tempfile::tempdir().unwrap() };
        for folder in ["project/src", "bin", "stand-in", "temp"] {
            fs::create_dir_all(scratch.path(folder)).unwrap();
        }
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_cargo-spawnlint"), scratch.path("bin/cargo-spawnlint")).unwrap();
        let cargo = scratch.path("stand-in/cargo");
        fs::write(&cargo, CARGO).unwrap();
        fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
        let manifest = "[package]\nname = \"demo\"\nedition = \"2024\"\n\n[dependencies]\ntokio = \"1\"\n";
        scratch.write("Cargo.toml", manifest);
        scratch.write(".gitignore", "/target\n");
        scratch.write("src/lib.rs", OLD);
        scratch.git("git init -q -b main && git add -A && git commit -q -m all");
        scratch
    }

    /// A path beside the repository, which is in `project`.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(path)
    }

    pub(crate) fn project(&self) -> PathBuf {
        self.path("project")
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.project().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        fs::write(self.project().join(path), text).unwrap();
    }

    /// Runs lines of a document, as somebody does who has installed the program.
    pub(crate) fn sh(&self, script: &str) -> Ran {
        ran(self.command("sh", "bin").args(["-e", "-c", script]))
    }

    /// Runs what has to work.
    pub(crate) fn git(&self, script: &str) {
        let ran = self.sh(script);
        assert_eq!(ran.code, 0, "{script}: {}", ran.stderr);
    }

    /// A program in the repository. `tools` is `bin`, where the program is installed, or `stand-in`, where it is not.
    pub(crate) fn command(&self, program: &str, tools: &str) -> Command {
        let cargo = Path::new(env!("CARGO"));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let first = [self.path(tools), cargo.parent().unwrap().to_owned()];
        let mut command = Command::new(program);
        command.current_dir(self.project());
        command.env("PATH", std::env::join_paths(first.into_iter().chain(std::env::split_paths(&path))).unwrap());
        command.env("REAL_CARGO", cargo).env("PROGRAM", env!("CARGO_BIN_EXE_cargo-spawnlint"));
        command.env("INSTALLED", self.path("temp/installed"));
        // Whatever the machine that runs the tests has configured.
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "test").env(format!("GIT_{who}_EMAIL"), "test@example.invalid");
        }
        for name in ["GITHUB_STEP_SUMMARY", "RUSTFLAGS", "CARGO_TARGET_DIR", "CARGO_TERM_COLOR"] {
            command.env_remove(name);
        }
        // The tests may be run by a hook, to which git tells where its own repository is.
        cargo_spawnlint::git::PLACES.iter().for_each(|name| {
            command.env_remove(name);
        });
        command
    }
}

pub(crate) fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    let [stdout, stderr] = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap());
    Ran { code: output.status.code().unwrap(), stdout, stderr }
}
