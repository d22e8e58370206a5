//! How cargo is called: which one, from where, and with what of the environment. The only place that starts it.
//!
//! `cargo metadata` is asked so that the linted project has no say in what runs: see `docs/security.md`.

use crate::programs;
use cargo_metadata::{Metadata, MetadataCommand};
use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use toml::Table;

/// How much of what cargo says is told, in characters.
const MAX_SAID: usize = 300;

/// How cargo is called.
#[derive(Debug, Clone)]
pub struct Cargo {
    /// The program: an absolute path, or a name to look up on the PATH.
    pub program: PathBuf,
    /// The current folder of the user. Relative paths start there.
    pub cwd: PathBuf,
    /// Its `CARGO_TARGET_DIR`. That of this process is hidden from it.
    pub target_dir: Option<String>,
}

/// Why there is no answer of cargo's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Silence {
    /// There is no such program, or it failed to start.
    NotRun(String),
    /// It ran, and has this to say.
    Refused(String),
}

impl Cargo {
    /// The answer of `cargo metadata`, without dependencies of dependencies: it needs neither network nor lock file.
    pub(super) fn metadata(&self, manifest: &Path) -> Result<Metadata, Silence> {
        let folder = manifest.parent().unwrap_or(manifest);
        let program = self.found(folder).map_err(Silence::NotRun)?;
        let answer = self.metadata_of(&program, manifest);
        match (&answer, pinned(folder)) {
            (Err(Silence::Refused(_)), Some(pinned)) if pinned != program => {
                // What is told is what the user's own cargo says.
                self.metadata_of(&pinned, manifest).or(answer)
            }
            _ => answer,
        }
    }

    fn metadata_of(&self, program: &Path, manifest: &Path) -> Result<Metadata, Silence> {
        let mut command = MetadataCommand::new();
        command.cargo_path(program).manifest_path(manifest).current_dir(neutral(program)).no_deps();
        command.other_options(vec!["--offline".to_owned()]);
        let mut command = command.cargo_command();
        self.set_env(&mut command);
        keep_to_itself(&mut command, program);
        let output =
            command.stdin(Stdio::null()).output().map_err(|error| Silence::NotRun(not_run(program, &error)))?;
        if !output.status.success() {
            return Err(Silence::Refused(brief(&String::from_utf8_lossy(&output.stderr), neutral(program))));
        }
        let text =
            String::from_utf8(output.stdout).map_err(|_| Silence::Refused("its output is not UTF-8".to_owned()))?;
        MetadataCommand::parse(text).map_err(|_| Silence::Refused("its output has an unknown format".to_owned()))
    }

    /// A command that runs cargo in a folder, as somebody would who works there: with all that its files say.
    ///
    /// # Errors
    /// If there is no cargo, in words.
    pub(super) fn command_in(&self, folder: &Path) -> Result<(PathBuf, Command), String> {
        let program = self.found(folder)?;
        let mut command = Command::new(&program);
        command.current_dir(folder).stdin(Stdio::null());
        self.set_env(&mut command);
        Ok((program, command))
    }

    /// The program, which nothing in the linted folder chooses.
    fn found(&self, linted: &Path) -> Result<PathBuf, String> {
        let name = &self.program;
        if name.is_absolute() {
            return Ok(name.clone());
        }
        let shown = name.display();
        if name.components().count() != 1 {
            return Err(format!("CARGO is `{shown}`, which is neither an absolute path nor a plain name"));
        }
        programs::find(&name.to_string_lossy(), linted).map_err(|_| format!("no `{shown}` found on the PATH"))
    }

    /// The folder for build output, as the user's environment says.
    pub(super) fn own_target_dir(&self) -> Option<PathBuf> {
        self.target_dir.as_ref().filter(|it| !it.is_empty()).map(|folder| self.cwd.join(folder))
    }

    fn set_env(&self, command: &mut Command) {
        // A toolchain file in the linted project must not make rustup download that toolchain.
        command.env("RUSTUP_AUTO_INSTALL", "0");
        // Where in cargo or rustup an error came up is of no use to whoever mends a manifest.
        command.env("RUST_BACKTRACE", "0").env("RUST_LIB_BACKTRACE", "0");
        match self.own_target_dir() {
            Some(folder) => command.env("CARGO_TARGET_DIR", folder),
            None => command.env_remove("CARGO_TARGET_DIR"),
        };
    }
}

/// A folder that no project is in. cargo reads `.cargo/config.toml`, and rustup `rust-toolchain.toml`, in the current
/// folder and those around it, wherever the manifest is.
fn neutral(program: &Path) -> &Path {
    program.ancestors().last().unwrap_or(program)
}

/// `cargo metadata` compiles nothing, so it needs none of what compiles; and it asks no registry.
fn keep_to_itself(command: &mut Command, program: &Path) {
    for name in ["RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "CARGO_BUILD_RUSTC_WRAPPER"] {
        // An empty one also outranks what the user's own configuration says.
        command.env(name, "");
    }
    let rustc = program.with_file_name(format!("rustc{}", env::consts::EXE_SUFFIX));
    match rustc.is_file() {
        true => command.env("RUSTC", rustc),
        false => command.env_remove("RUSTC"),
    };
    for (name, _) in env::vars_os() {
        let is_of_registry = name.to_string_lossy().to_uppercase().starts_with("CARGO_REGISTR");
        if is_of_registry {
            command.env_remove(name);
        }
    }
}

/// The cargo of the toolchain that a project pins, if that is one of Rust's own and installed. It may understand a
/// manifest that the user's usual one does not.
fn pinned(folder: &Path) -> Option<PathBuf> {
    if env::var_os("RUSTUP_TOOLCHAIN").is_some() {
        return None;
    }
    let channel = folder.ancestors().find_map(|folder| {
        let files = ["rust-toolchain", "rust-toolchain.toml"].map(|name| folder.join(name));
        files
            .iter()
            .filter(|it| it.metadata().is_ok_and(|it| it.is_file() && it.len() < 4096))
            .find_map(|it| channel(it))
    })?;
    let home = env::var_os("RUSTUP_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".rustup")))?;
    let toolchains = home.join("toolchains").read_dir().ok()?.flatten();
    // `1.80` is installed as `1.80-x86_64-unknown-linux-gnu`.
    let is_meant = |name: &str| {
        name == channel || name.strip_prefix(&channel).is_some_and(|it| it.starts_with('-') && !it.starts_with("-20"))
    };
    let mut meant: Vec<PathBuf> =
        toolchains.filter(|it| is_meant(&it.file_name().to_string_lossy())).map(|it| it.path()).collect();
    meant.sort();
    let program = meant.first()?.join("bin").join(format!("cargo{}", env::consts::EXE_SUFFIX));
    let is_foreign = programs::repository_around(folder).is_some_and(|it| program.starts_with(it));
    (program.is_absolute() && !is_foreign && program.is_file()).then_some(program)
}

/// The channel that a toolchain file names. Names of the user's own toolchains are not taken, and paths even less.
fn channel(file: &Path) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let table: Option<Table> = text.parse().ok();
    let of_table = table.and_then(|it| Some(it.get("toolchain")?.get("channel")?.as_str()?.to_owned()));
    let channel = of_table.unwrap_or_else(|| text.trim().to_owned());
    let is_plain = channel.chars().all(|it| it.is_ascii_alphanumeric() || "-._".contains(it));
    let is_release = ["stable", "beta", "nightly"].iter().any(|it| channel.starts_with(it))
        || channel.starts_with(|it: char| it.is_ascii_digit());
    (is_plain && is_release).then_some(channel)
}

pub(super) fn not_run(program: &Path, error: &io::Error) -> String {
    let why = super::io_message(error);
    format!("cannot run `{}`: {why}", program.display())
}

/// What cargo says, in a line: what it could not do, and the innermost reason. The text that it quotes is left out,
/// since nobody knows which file that is of.
fn brief(said: &str, cwd: &Path) -> String {
    let lines: Vec<&str> = said.lines().map(str::trim).collect();
    let first = lines.iter().position(|line| line.starts_with("error")).unwrap_or(0);
    let lines = lines.get(first..).unwrap_or_default();
    let told = lines.first().map_or("", |line| line.trim_start_matches("error: "));
    let cause = lines.iter().rposition(|line| *line == "Caused by:").and_then(|at| lines.get(at + 1));
    let place = lines.get(1).and_then(|line| line.strip_prefix("--> "));
    let brief = match (cause, place) {
        (_, Some(place)) => format!("{told} ({})", cwd.join(place).display()),
        (Some(cause), None) => format!("{told}: {cause}"),
        (None, None) if told.is_empty() => "it failed without an error message".to_owned(),
        (None, None) => told.to_owned(),
    };
    match brief.char_indices().nth(MAX_SAID) {
        Some((end, _)) => format!("{}..", &brief[..end]),
        None => brief,
    }
}
