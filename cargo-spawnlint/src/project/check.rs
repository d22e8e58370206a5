//! `cargo check`: whether packages build. It runs their build scripts and procedural macros, so it is asked for.

use super::{Cargo, call::not_run, normalize};
use anyhow::{Result, anyhow, bail};
use cargo_metadata::{
    Message,
    diagnostic::{Diagnostic, DiagnosticLevel},
};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// What the compiler has to complain of.
#[derive(Debug, Clone, Default)]
pub struct Build {
    /// Each once, in the order in which cargo tells them.
    pub errors: Vec<BuildError>,
}

/// An error of the compiler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildError {
    /// The file that it points at.
    pub path: Option<PathBuf>,
    /// What is wrong, in a line.
    pub message: String,
    /// The line of code that it points at, so that an error is known again elsewhere in the file.
    pub code: String,
    /// As rustc prints it.
    pub rendered: String,
}

impl Build {
    /// The errors that were not there before.
    pub fn since(&self, before: &Build) -> Vec<BuildError> {
        let old: BTreeSet<_> = before.errors.iter().map(BuildError::key).collect();
        self.errors.iter().filter(|error| !old.contains(&error.key())).cloned().collect()
    }
}

impl BuildError {
    fn key(&self) -> (&Option<PathBuf>, &str, &str) {
        (&self.path, &self.message, &self.code)
    }
}

impl Cargo {
    /// The arguments of [`Cargo::check`]. `flags` are those of cargo that the user gave.
    pub fn check_args(packages: &[String], flags: &[String]) -> Vec<String> {
        let mut args = vec!["check".to_owned(), "--all-targets".to_owned(), "--keep-going".to_owned()];
        args.extend_from_slice(flags);
        args.extend(packages.iter().flat_map(|package| ["-p".to_owned(), package.clone()]));
        args
    }

    /// Checks all targets of packages of the workspace at `root`.
    ///
    /// # Errors
    /// If cargo cannot be run, or fails before it comes to compile anything.
    pub fn check(&self, root: &Path, packages: &[String], flags: &[String]) -> Result<Build> {
        let (program, mut command) = self.command_in(root).map_err(|why| anyhow!("cannot run cargo: {why}"))?;
        command.args(Cargo::check_args(packages, flags)).args(["--quiet", "--message-format", "json"]);
        let output = command.output().map_err(|error| anyhow!(not_run(&program, &error)))?;
        let mut build = Build::default();
        let mut known = BTreeSet::new();
        for message in Message::parse_stream(output.stdout.as_slice()) {
            let Ok(Message::CompilerMessage(message)) = message else { continue };
            let Some(error) = error(root, message.message) else { continue };
            if known.insert((error.path.clone(), error.message.clone(), error.code.clone())) {
                build.errors.push(error);
            }
        }
        if !output.status.success() && build.errors.is_empty() {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!("`cargo check` fails: {}", said.trim().trim_start_matches("error: "));
        }
        Ok(build)
    }
}

fn error(root: &Path, message: Diagnostic) -> Option<BuildError> {
    let is_error = matches!(message.level, DiagnosticLevel::Error | DiagnosticLevel::Ice);
    // The last line of a crate that fails says only that it does.
    if !is_error || (message.spans.is_empty() && message.message.starts_with("aborting due to")) {
        return None;
    }
    let primary = message.spans.iter().find(|span| span.is_primary);
    let path = primary.map(|span| {
        let path = normalize(&root.join(&span.file_name));
        path.canonicalize().unwrap_or(path)
    });
    let code = primary.and_then(|span| span.text.first()).map(|line| line.text.trim().to_owned());
    Some(BuildError {
        path,
        code: code.unwrap_or_default(),
        rendered: message.rendered.unwrap_or_else(|| message.message.clone()),
        message: message.message,
    })
}
