//! What a run touches of the process, so that tests can run it without one.

use super::args::ColorChoice;
use std::{
    io::{IsTerminal, Read, Write},
    path::PathBuf,
};

/// How a run ends. The number is the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Everything was analysed, and nothing at deny level was found. Warnings alone end here.
    Clean = 0,
    /// Something at deny level was found.
    Findings = 1,
    /// The command line, the configuration or a path is wrong; nothing was analysed.
    Usage = 2,
    /// Something could not be analysed. Outranks [`Exit::Findings`]: what was found may not be all.
    Incomplete = 3,
}

/// The surroundings of a run.
pub struct Io<'a> {
    /// Read for the path `-`.
    pub stdin: &'a mut dyn Read,
    /// Gets the report.
    pub stdout: &'a mut dyn Write,
    /// Gets progress, figures and usage errors.
    pub stderr: &'a mut dyn Write,
    /// Whether a person looks at `stdout`.
    pub stdout_is_terminal: bool,
    /// Whether a person looks at `stderr`.
    pub stderr_is_terminal: bool,
    /// Relative paths start here.
    pub cwd: PathBuf,
    /// Looks up an environment variable.
    pub env: &'a dyn Fn(&str) -> Option<String>,
}

impl std::fmt::Debug for Io<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Io").field("cwd", &self.cwd).finish_non_exhaustive()
    }
}

impl Io<'_> {
    /// Runs something with the streams and the environment of this process.
    pub fn with_process<T>(body: impl FnOnce(&mut Io<'_>) -> T) -> T {
        let mut stdout = std::io::BufWriter::new(std::io::stdout().lock());
        let result = body(&mut Io {
            stdin: &mut std::io::stdin(),
            stdout: &mut stdout,
            stderr: &mut std::io::stderr(),
            stdout_is_terminal: std::io::stdout().is_terminal(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
            cwd: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
            env: &|name| std::env::var(name).ok(),
        });
        // A pipe that is closed by now has already been answered for.
        stdout.flush().ok();
        result
    }

    pub(super) fn stdout_color(&self, choice: ColorChoice) -> bool {
        self.has_color(choice, self.stdout_is_terminal)
    }

    pub(super) fn stderr_color(&self, choice: ColorChoice) -> bool {
        self.has_color(choice, self.stderr_is_terminal)
    }

    fn has_color(&self, choice: ColorChoice, is_terminal: bool) -> bool {
        let choice = match choice {
            ColorChoice::Auto => self.color_of_environment(),
            other => other,
        };
        match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => is_terminal && (self.env)("TERM").is_none_or(|term| term != "dumb"),
        }
    }

    fn color_of_environment(&self) -> ColorChoice {
        if (self.env)("NO_COLOR").is_some_and(|it| !it.is_empty()) {
            return ColorChoice::Never;
        }
        match (self.env)("CARGO_TERM_COLOR").as_deref() {
            Some("always") => ColorChoice::Always,
            Some("never") => ColorChoice::Never,
            _ => ColorChoice::Auto,
        }
    }
}

/// A message with nothing in it that steers a terminal: it may quote a manifest or a path.
pub(super) fn printable(text: &str) -> String {
    crate::output::printable(text).into_owned()
}
