//! What a run touches of the process, so that tests can run it without one.

use super::args::{ColorChoice, Tell};
use crate::output::{Color, Style};
use console::Term;
use std::{
    io::{Read, Write},
    path::PathBuf,
};
use supports_hyperlinks::Stream;

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

/// What is known of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Terminal {
    /// Its columns; `None` where it does not say.
    pub width: Option<usize>,
    /// Whether it shows hyperlinks (OSC 8).
    pub has_links: bool,
}

fn terminal(term: &Term, stream: Stream) -> Option<Terminal> {
    let width = term.size_checked().map(|(_, columns)| usize::from(columns)).filter(|columns| *columns > 0);
    term.is_term().then(|| Terminal { width, has_links: supports_hyperlinks::on(stream) })
}

/// The surroundings of a run.
pub struct Io<'a> {
    /// Read for the path `-`.
    pub stdin: &'a mut dyn Read,
    /// Gets the report.
    pub stdout: &'a mut dyn Write,
    /// Gets progress, figures and usage errors.
    pub stderr: &'a mut dyn Write,
    /// The terminal on which a person looks at `stdout`.
    pub stdout_terminal: Option<Terminal>,
    /// The terminal on which a person looks at `stderr`.
    pub stderr_terminal: Option<Terminal>,
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
            stdout_terminal: terminal(&Term::stdout(), Stream::Stdout),
            stderr_terminal: terminal(&Term::stderr(), Stream::Stderr),
            cwd: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
            env: &|name| std::env::var(name).ok(),
        });
        // A pipe that is closed by now has already been answered for.
        stdout.flush().ok();
        result
    }

    pub(super) fn stdout_color(&self, choice: ColorChoice) -> Color {
        self.color(choice, self.stdout_terminal)
    }

    pub(super) fn stderr_color(&self, choice: ColorChoice) -> Color {
        self.color(choice, self.stderr_terminal)
    }

    /// How a report for people goes to `stdout`.
    pub(super) fn stdout_style(&self, tell: &Tell) -> Style {
        self.style(self.stdout_color(tell.color), self.stdout_terminal, tell)
    }

    /// How a report for people goes to `stderr`.
    pub(super) fn stderr_style(&self, tell: &Tell) -> Style {
        self.style(self.stderr_color(tell.color), self.stderr_terminal, tell)
    }

    fn style(&self, color: Color, terminal: Option<Terminal>, tell: &Tell) -> Style {
        Style {
            color,
            width: terminal.and_then(|it| it.width),
            // A link is an escape like a colour: who wants none of those wants none of these.
            has_links: color == Color::Ansi && terminal.is_some_and(|it| it.has_links) && !self.is_dumb(),
            detail: tell.detail(),
        }
    }

    /// Whether the terminal shows text and nothing else.
    pub(super) fn is_dumb(&self) -> bool {
        (self.env)("TERM").is_some_and(|term| term == "dumb")
    }

    fn color(&self, choice: ColorChoice, terminal: Option<Terminal>) -> Color {
        let choice = match choice {
            ColorChoice::Auto => self.color_of_environment(),
            other => other,
        };
        match choice {
            ColorChoice::Always => Color::Ansi,
            ColorChoice::Auto if terminal.is_some() && !self.is_dumb() => Color::Ansi,
            ColorChoice::Never | ColorChoice::Auto => Color::Plain,
        }
    }

    fn color_of_environment(&self) -> ColorChoice {
        if (self.env)("NO_COLOR").is_some_and(|it| !it.is_empty()) {
            return ColorChoice::Never;
        }
        match (self.env)("CARGO_TERM_COLOR").as_deref() {
            Some("always") => return ColorChoice::Always,
            Some("never") => return ColorChoice::Never,
            _ => {}
        }
        let says = |name: &str| (self.env)(name).filter(|it| !it.is_empty()).map(|it| it != "0");
        match (says("CLICOLOR_FORCE"), says("CLICOLOR")) {
            (Some(true), _) => ColorChoice::Always,
            (_, Some(false)) => ColorChoice::Never,
            _ => ColorChoice::Auto,
        }
    }
}

/// A message with nothing in it that steers a terminal: it may quote a manifest or a path.
pub(super) fn printable(text: &str) -> String {
    crate::output::printable(text).into_owned()
}
