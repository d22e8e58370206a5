//! What paths on the command line name: files, folders, patterns, and lines of files.

use super::args::Args;
use crate::{
    engine::Engine,
    levels::{self, nearest},
    project::{Project, absolute},
    read::ensure_no_link_out,
    report::{Diagnostic, Report},
};
use anyhow::{Result, bail};
use clap::CommandFactory;
use spawnlint_analysis::span::{Sources, Span};
use spawnlint_rules::{rule::Rule, rules::RULES};
use std::path::{Path, PathBuf};

/// More files than this are better named by their folder.
const MOST_MATCHES: usize = 100_000;

/// What was named: each path once, without links.
#[derive(Debug, Default)]
pub(super) struct Named {
    pub(super) paths: Vec<PathBuf>,
    pub(super) lines: Lines,
}

/// Lines that findings are told for, by their files. A file that is named without a line is told as a whole.
#[derive(Debug, Default, Clone)]
pub(super) struct Lines {
    lines: Vec<(PathBuf, u32)>,
    whole: Vec<PathBuf>,
}

impl Lines {
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Whether something with these places is told.
    pub(super) fn include(
        &self,
        engine: &Engine,
        sources: &Sources,
        at: Span,
        mut others: impl Iterator<Item = Span>,
    ) -> bool {
        let path = engine.path(at.file);
        if !self.lines.iter().any(|(file, _)| file == path) || self.whole.iter().any(|it| path.starts_with(it)) {
            return true;
        }
        let touches = |span: Span| {
            let source = sources.get(span.file);
            let first = source.line_column(span.range.start).0;
            // A label may be all of a function; it is told where it begins.
            self.lines.iter().any(|(file, line)| file == engine.path(span.file) && *line == first)
        };
        touches(at) || others.any(touches)
    }

    /// The same for a finding.
    pub(super) fn include_finding(&self, engine: &Engine, report: &Report, it: &Diagnostic) -> bool {
        let labels = it.finding.labels.iter().map(|label| label.at);
        self.is_empty() || self.include(engine, &report.sources, it.finding.at, labels)
    }

    /// Takes out of a report what stands in other lines.
    pub(super) fn narrow(&self, engine: &Engine, report: &mut Report) {
        if !self.is_empty() {
            let kept: Vec<bool> =
                report.diagnostics.iter().map(|it| self.include_finding(engine, report, it)).collect();
            let mut kept = kept.into_iter();
            report.diagnostics.retain(|_| kept.next().unwrap_or(true));
        }
    }
}

/// Finds what paths name.
pub(super) fn named(cwd: &Path, given: &[PathBuf]) -> Result<Named> {
    let mut named = Named::default();
    for path in given {
        if absolute(cwd, path).symlink_metadata().is_err() {
            if let Some((file, line)) = with_line(cwd, path) {
                let file = existing(cwd, &file)?;
                named.lines.lines.push((file.clone(), line));
                named.paths.push(file);
                continue;
            }
            if is_pattern(&path.to_string_lossy()) {
                let found = matches(cwd, path)?;
                named.lines.whole.extend(found.iter().cloned());
                named.paths.extend(found);
                continue;
            }
        }
        let path = existing(cwd, path)?;
        named.lines.whole.push(path.clone());
        named.paths.push(path);
    }
    let mut seen = std::collections::BTreeSet::new();
    named.paths.retain(|path| seen.insert(path.clone()));
    Ok(named)
}

/// `src/main.rs:12` and `src/main.rs:12:5`, as reports and editors write it.
fn with_line(cwd: &Path, path: &Path) -> Option<(PathBuf, u32)> {
    let text = path.to_str()?;
    let split = |text: &str| {
        let (rest, number) = text.rsplit_once(':')?;
        Some((rest.to_owned(), number.parse::<u32>().ok().filter(|it| *it > 0)?))
    };
    let (rest, number) = split(text)?;
    let is_file = |name: &str| absolute(cwd, Path::new(name)).is_file();
    if is_file(&rest) {
        return Some((rest.into(), number));
    }
    split(&rest).filter(|(rest, _)| is_file(rest)).map(|(rest, line)| (rest.into(), line))
}

fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// The Rust files and folders that a pattern means, which no shell has expanded.
fn matches(cwd: &Path, path: &Path) -> Result<Vec<PathBuf>> {
    let shown = path.display();
    let folder = glob::Pattern::escape(&cwd.to_string_lossy());
    let pattern = if path.is_absolute() { path.to_string_lossy().into_owned() } else { format!("{folder}/{shown}") };
    let options = glob::MatchOptions { require_literal_separator: true, ..glob::MatchOptions::default() };
    let found = match glob::glob_with(&pattern, options) {
        Ok(found) => found,
        Err(error) => bail!("`{shown}` is not a pattern: {}", error.msg),
    };
    // What cannot be read is no file of the user's.
    let found = found.filter_map(Result::ok).filter(|it| it.is_dir() || it.extension().is_some_and(|it| it == "rs"));
    let mut paths = Vec::new();
    for path in found.take(MOST_MATCHES) {
        if ensure_no_link_out(&path).is_ok() {
            paths.extend(path.canonicalize().ok());
        }
    }
    if paths.is_empty() {
        bail!("no Rust file or folder matches `{shown}`");
    }
    Ok(paths)
}

/// The path without links, as the files of a project are known.
pub(super) fn existing(cwd: &Path, path: &Path) -> Result<PathBuf> {
    let absolute = absolute(cwd, path);
    if let Err(why) = ensure_no_link_out(&absolute) {
        bail!("cannot check {}: {why}", path.display());
    }
    if let Ok(real) = absolute.canonicalize() {
        return Ok(real);
    }
    if absolute.is_symlink() {
        // It leads nowhere; reading it says so.
        return Ok(absolute);
    }
    let text = path.to_string_lossy();
    let commands = Args::command();
    let commands: Vec<&str> = commands.get_subcommands().map(|it| it.get_name()).collect();
    match nearest(&text, commands.iter().copied()) {
        Some(command) if command == text => {
            bail!("commands go before flags: `cargo spawnlint {command} [OPTIONS]`")
        }
        Some(command) => bail!("no such file or folder: `{text}`; did you mean the command `{command}`?"),
        None => bail!("no such file or folder: `{text}`{}", what_else(&absolute, path, &commands)),
    }
}

/// What somebody may have meant by a path that does not exist: a rule, a package, its neighbour, or a command.
fn what_else(absolute: &Path, given: &Path, commands: &[&str]) -> String {
    let entries = absolute.parent().and_then(|folder| folder.read_dir().ok()).into_iter().flatten().flatten();
    // Of two that are equally near, the same one every time.
    let mut neighbours: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    neighbours.sort();
    let name = given.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let is_word =
        name.chars().all(|it| it.is_alphanumeric() || it == '-' || it == '_') && given.components().count() == 1;
    if let Some(rule) = rule_called(RULES, &name).filter(|_| is_word) {
        return format!("; `{rule}` is a rule: `cargo spawnlint explain {rule}`, or -D {rule}");
    }
    if let Some(near) = nearest(&name, neighbours.iter().map(String::as_str)) {
        return format!("; did you mean `{}`?", given.with_file_name(near).display());
    }
    if is_word {
        let commands: Vec<String> = commands.iter().map(|it| format!("`{it}`")).collect();
        format!("; the commands are {}", commands.join(", "))
    } else {
        String::new()
    }
}

/// The rule or group that a word is the name of, give or take a letter.
pub(super) fn rule_called(rules: &[&'static Rule], word: &str) -> Option<&'static str> {
    let wanted = levels::plain(word.trim_start_matches('-'));
    let known = levels::with_comments(rules).map(|rule| rule.name);
    // As near as one takes a misspelt rule for another one.
    levels::nearest(&wanted, known).filter(|name| strsim::normalized_levenshtein(&wanted, name) > 0.75)
}

/// The package that somebody may have meant by a path that does not exist.
pub(super) fn package_called<'a>(project: &'a Project, path: &Path) -> Option<&'a str> {
    let name = path.to_str()?;
    project.packages.iter().map(|it| it.name.as_str()).find(|it| *it == name)
}
