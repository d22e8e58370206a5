//! What is written in which format, and where to: standard output and files.

use super::{
    args::{Check, MessageFormat, Wanted},
    io::{Exit, Io, printable},
    run::unwritten,
};
use crate::{
    fix::put,
    output::{
        Style, checkstyle, fill, github, gitlab, hints, human,
        json::{self, Rendering},
        junit, markdown, printable_line, rdjson, sarif, short, statistics,
    },
    project::{absolute, io_message},
    read::ensure_no_link_out,
    report::Report,
};
use anyhow::{Result, bail};
use std::{
    fs::OpenOptions,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// A summary on GitHub holds 1 MiB; somebody else may have written to it before.
const SUMMARY_BYTES: usize = 500 << 10;

/// Links that lead to links, as many as Linux follows.
const MOST_LINKS: usize = 40;

/// All that a run is to write.
#[derive(Debug)]
pub(super) struct Outputs {
    /// What standard output gets.
    stdout: Option<MessageFormat>,
    /// Of JSON on standard output.
    rendering: Rendering,
    files: Vec<Output>,
    style: Style,
    /// On standard error.
    apart: Style,
    is_quiet: bool,
}

#[derive(Debug)]
struct Output {
    format: MessageFormat,
    rendering: Rendering,
    /// As the user named it.
    name: PathBuf,
    path: PathBuf,
}

impl Outputs {
    /// What the flags ask for. Nothing has been read by then.
    ///
    /// # Errors
    /// If two formats are to go to one place, or something cannot be a file.
    pub(super) fn of(args: &Check, io: &Io<'_>) -> Result<Outputs> {
        let mut wanted = joined(&args.message_format);
        if let Some(file) = &args.output {
            let mut without_file = wanted.iter_mut().filter(|it| it.file.is_none());
            match (without_file.next(), without_file.next()) {
                (Some(one), None) => one.file = Some(file.clone()),
                (Some(_), Some(_)) => bail!(
                    "--output takes one format, and several have no file; write --message-format FORMAT=FILE,FORMAT=FILE"
                ),
                (None, _) => bail!("every format already has a file, so --output has nothing to write"),
            }
        }
        let mut outputs = Outputs {
            stdout: None,
            rendering: Rendering::default(),
            files: Vec::new(),
            style: io.stdout_style(&args.tell),
            apart: io.stderr_style(&args.tell),
            is_quiet: args.tell.quiet,
        };
        for Wanted { format, rendering, file } in wanted {
            if format == MessageFormat::Json && file.is_none() {
                outputs.rendering = rendering;
            }
            match file.filter(|file| file.as_os_str() != "-") {
                Some(name) => outputs.add_file((format, rendering), name, io)?,
                None => match outputs.stdout.replace(format) {
                    None => {}
                    Some(other) => bail!(
                        "`{}` and `{}` would both go to standard output; name a file for one of them: --message-format {}=FILE",
                        other.name(),
                        format.name(),
                        format.name()
                    ),
                },
            }
        }
        Ok(outputs)
    }

    fn add_file(&mut self, (format, rendering): (MessageFormat, Rendering), name: PathBuf, io: &Io<'_>) -> Result<()> {
        let path = absolute(&io.cwd, &name);
        let shown = name.display();
        if name.as_os_str().is_empty() {
            bail!("`{}=` lacks a file name", format.name());
        }
        if path.is_dir() || name.to_string_lossy().ends_with('/') {
            bail!("`{shown}` is a folder; name a file in it for `{}`", format.name());
        }
        let folder = path.parent().unwrap_or(Path::new("/"));
        if !folder.is_dir() {
            bail!("no folder `{}` to write `{shown}` into", folder.display());
        }
        if path.extension().is_some_and(|it| it == "rs") || path.file_name().is_some_and(|it| it == "Cargo.toml") {
            bail!("`{shown}` is the name of a source file; reports never overwrite source files");
        }
        if let Err(why) = ensure_no_link_out(&path) {
            bail!("`{shown}` is not written: {why}");
        }
        // Links may lead two names to one file; a device takes any number of reports.
        let path = led_to(&path);
        if let Some(other) = self.files.iter().find(|it| it.path == path) {
            bail!("`{}` and `{}` would both be written to `{shown}`", other.format.name(), format.name());
        }
        self.files.push(Output { format, rendering, name, path });
        Ok(())
    }

    /// Writes the report everywhere; an exit code if that came to an early end.
    pub(super) fn write(&self, report: &Report, exit: Exit, io: &mut Io<'_>) -> Option<Exit> {
        let mut failed = false;
        for Output { format, rendering, name, path } in &self.files {
            let mut bytes = Vec::new();
            // A vector takes everything.
            let written = write_as((*format, *rendering), report, Style::plain(self.style.detail), exit, &mut bytes);
            let written = written.map_err(|error| io_message(&error)).and_then(|()| match put(path, &bytes) {
                Err(refusal) if !refusal.is_closed_pipe() => Err(refusal.to_string()),
                _ => Ok(()),
            });
            if let Err(why) = written {
                failed = true;
                let text = format!("error: cannot write the {} report to `{}`: {why}", format.name(), name.display());
                writeln!(io.stderr, "{}", printable(&text)).ok();
            }
        }
        if self.files.iter().map(|it| it.format).chain(self.stdout).any(|it| it == MessageFormat::Github) {
            summarise(report, io);
        }
        let exit = if failed { Exit::Incomplete } else { exit };
        if let Some(format) = self.stdout {
            let written = write_as((format, self.rendering), report, self.style, exit, io.stdout);
            if let Some(exit) = unwritten(written, exit, io) {
                return Some(exit);
            }
        }
        if self.stdout == Some(MessageFormat::Json) && self.rendering.is_apart {
            // As cargo does it: messages for people beside JSON for programs.
            let written = match self.rendering.is_short {
                true => short::write(report, io.stderr),
                false => human::write(report, self.apart, io.stderr),
            };
            written.ok();
        }
        if let Some(figures) = report.statistics.as_ref().filter(|_| !self.tells_statistics()) {
            statistics::write(figures, io.stderr).ok();
        }
        failed.then_some(exit)
    }

    /// Tells once what may be done with findings, if a person reads them.
    pub(super) fn tell_hints(&self, report: &Report, io: &mut Io<'_>) {
        if self.is_quiet || self.stdout != Some(MessageFormat::Human) {
            return;
        }
        let width = io.stderr_terminal.and_then(|it| it.width);
        for hint in hints(report, self.style.detail) {
            writeln!(io.stderr, "{}", fill(&hint, width)).ok();
        }
    }

    /// Whether one of the formats has room for them.
    fn tells_statistics(&self) -> bool {
        let mut formats = self.files.iter().map(|it| it.format).chain(self.stdout);
        formats.any(|it| matches!(it, MessageFormat::Human | MessageFormat::Json | MessageFormat::Markdown))
    }
}

/// Cargo takes its variants of JSON together: all that go to one place are one format.
fn joined(wanted: &[Wanted]) -> Vec<Wanted> {
    let mut all: Vec<Wanted> = Vec::new();
    for it in wanted {
        let is_variant = |other: &&mut Wanted| {
            let is_plain = it.rendering == Rendering::default() && other.rendering == Rendering::default();
            other.format == MessageFormat::Json && it.format == other.format && other.file == it.file && !is_plain
        };
        match all.iter_mut().find(is_variant) {
            Some(other) => {
                other.rendering = Rendering {
                    is_short: other.rendering.is_short || it.rendering.is_short,
                    is_colored: other.rendering.is_colored || it.rendering.is_colored,
                    is_apart: other.rendering.is_apart || it.rendering.is_apart,
                };
            }
            None => all.push(it.clone()),
        }
    }
    all
}

/// The file that a path leads to, which need not be there yet: not even where a link to it is.
fn led_to(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        if let Ok(path) = path.canonicalize() {
            return path;
        }
        let folder = path.parent().unwrap_or(Path::new("/"));
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        match path.read_link() {
            // What is there and has no name is a pipe.
            Ok(target) if !path.exists() => path = folder.join(target),
            _ => return folder.join(path.file_name().unwrap_or_default()),
        }
    }
    path
}

fn write_as(
    (format, rendering): (MessageFormat, Rendering),
    report: &Report,
    style: Style,
    exit: Exit,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        MessageFormat::Human => human::write(report, style, out),
        MessageFormat::Short => short::write(report, out),
        MessageFormat::Json => json::write(report, exit == Exit::Clean, style.detail, rendering, out),
        MessageFormat::Sarif => sarif::write(report, out),
        MessageFormat::Github => github::write(report, out),
        MessageFormat::Gitlab => gitlab::write(report, out),
        MessageFormat::Junit => junit::write(report, out),
        MessageFormat::Rdjson => rdjson::write(report, out),
        MessageFormat::Checkstyle => checkstyle::write(report, out),
        MessageFormat::Markdown => markdown::write(report, out),
    }
}

/// Adds to the summary of a job on GitHub, if there is one. Nothing hangs on it: in a container its file may be none.
fn summarise(report: &Report, io: &mut Io<'_>) {
    let Some(path) = (io.env)("GITHUB_STEP_SUMMARY").filter(|it| !it.is_empty()) else { return };
    let mut text = Vec::new();
    for most in [500, 50, 5] {
        text.clear();
        markdown::write_at_most(report, most, &mut text).ok();
        if text.len() <= SUMMARY_BYTES {
            break;
        }
    }
    let file = OpenOptions::new().append(true).create(true).open(io.cwd.join(&path));
    // What stands there may not end its line.
    text.insert(0, b'\n');
    if let Err(error) = file.and_then(|mut file| file.write_all(&text)) {
        let why = format!("warning: cannot add to the job summary at {path}: {}", io_message(&error));
        writeln!(io.stderr, "{}", printable_line(&why)).ok();
    }
}
