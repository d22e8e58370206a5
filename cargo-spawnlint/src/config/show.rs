//! The merged settings for one place, with where each of them comes from.

use super::{Config, merge::from};
use crate::levels::{self, Level, Levels};
use std::{fmt::Write as _, path::Path, time::Duration};

const DEFAULT: &str = "default";

/// Prints what holds for a file or folder, as TOML; what stands behind `#` is where it comes from. `package` is the
/// folder of its package, and `long_wait` what holds if nobody says anything.
pub fn show(
    config: &Config,
    levels: &Levels,
    long_wait: Duration,
    path: &Path,
    package: Option<&Path>,
    shown: &dyn Fn(&Path) -> String,
) -> String {
    let mut rows: Vec<(String, String)> = Vec::new();
    let here: Vec<_> = config.layers_for(path, package).collect();
    let nearest_long_wait = here.iter().rev().find_map(|it| Some((&it.source, it.settings.long_wait.as_ref()?)));
    let (length, source) = match (config.long_wait, nearest_long_wait) {
        (Some(given), _) => (given, "--long-wait".to_owned()),
        (None, Some((source, it))) => (it.get_ref().0, from(source, it)),
        (None, None) => (long_wait, DEFAULT.to_owned()),
    };
    rows.push((format!("long-wait = {}", quoted(&length_text(length))), source));
    let reason = here.iter().rev().find_map(|it| Some((&it.source, it.settings.require_reason.as_ref()?)));
    rows.push(match reason {
        Some((source, it)) => (format!("require-reason = {}", it.get_ref()), from(source, it)),
        None => ("# require-reason: for rules at deny level".to_owned(), DEFAULT.to_owned()),
    });
    let excluded = here.iter().flat_map(|it| it.settings.exclude.iter().map(move |pattern| (*it, pattern)));
    let excluded: Vec<_> = excluded.collect();
    if !excluded.is_empty() {
        rows.push(("exclude = [".to_owned(), String::new()));
        for (layer, pattern) in excluded {
            let place = format!("{}, in {}", from(&layer.source, pattern), shown(&layer.folder));
            rows.push((format!("    {},", quoted(pattern.get_ref())), place));
        }
        rows.push(("]".to_owned(), String::new()));
    }
    if let Some((source, cost)) = here.iter().rev().find_map(|it| Some((&it.source, it.settings.cost.as_ref()?))) {
        head(&mut rows, "[cost]");
        let cost = cost.get_ref();
        let (arrivals, abandoned) = (&cost.arrivals_per_second, &cost.abandoned);
        rows.push((format!("arrivals-per-second = {:?}", arrivals.get_ref().0), from(source, arrivals)));
        rows.push((format!("abandoned = {:?}", abandoned.get_ref().0), from(source, abandoned)));
        if let Some(bytes) = &cost.bytes_per_task {
            rows.push((format!("bytes-per-task = {}", bytes.get_ref().0), from(source, bytes)));
        }
    }
    head(&mut rows, "[levels]");
    rows.extend(level_rows(config, levels, path, package));
    tables(&mut rows, config);
    let mut text = printed(&rows);
    let elsewhere = config.layers.iter().filter(|layer| !here.iter().any(|it| std::ptr::eq(*it, *layer)));
    for layer in elsewhere {
        let what = if layer.is_of_package { "the package in " } else { "" };
        writeln!(text, "\n# {} also has settings for {what}{}", layer.source.shown, shown(&layer.folder)).ok();
    }
    text
}

/// The level of each rule, and what gave it.
fn level_rows(config: &Config, levels: &Levels, path: &Path, package: Option<&Path>) -> Vec<(String, String)> {
    let given = config.given(path, package);
    let mut last: Vec<(&str, Level, String)> = levels::with_comments(levels.rules())
        .map(|rule| (rule.name, Level::default_of(rule.group), DEFAULT.to_owned()))
        .collect();
    // One more setting at a time shows which one made the difference, or said the same once more.
    let flags = levels.given().map(|(name, level)| (name, level, format!("flag {} {name}", flag(level))));
    let files = given.iter().map(|it| (it.name, it.level, format!("{}, by `{}`", it.from, it.name)));
    let all: Vec<(&str, Level, String)> = files.chain(flags).collect();
    for at in 0..all.len() {
        let (name, level, source) = &all[at];
        let so_far = Levels::new(levels.rules()).after(all[..=at].iter().map(|(name, level, _)| (*name, *level)));
        let subject = levels::find(levels.rules(), name);
        for row in &mut last {
            let now = so_far.of(row.0);
            let rule = levels::with_comments(levels.rules()).find(|rule| rule.name == row.0);
            let is_named = rule.is_some_and(|rule| subject.is_some_and(|it| it.includes(rule)));
            if now != row.1 || (is_named && now == *level) {
                *row = (row.0, now, source.clone());
            }
        }
    }
    last.into_iter().map(|(name, level, source)| (format!("{name} = {}", quoted(level.name())), source)).collect()
}

fn flag(level: Level) -> &'static str {
    match level {
        Level::Allow => "-A",
        Level::Warn => "-W",
        Level::Deny => "-D",
    }
}

/// The rows for the catalogue. They hold everywhere.
fn tables(rows: &mut Vec<(String, String)>, config: &Config) {
    for layer in &config.layers {
        let settings = &layer.settings;
        let source = &layer.source;
        for it in &settings.spawn {
            head(rows, "[[spawn]]");
            let row = it.get_ref();
            rows.push((format!("path = {}", quoted(row.path.get_ref())), from(source, &row.path)));
            rows.push((format!("drop = {}", quoted(row.drop.name())), String::new()));
            rows.push((format!("runs = {}", quoted(row.runs.name())), String::new()));
            rows.push((format!("arg = {}", row.arg), String::new()));
        }
        for it in &settings.owner {
            head(rows, "[[owner]]");
            let row = it.get_ref();
            rows.push((format!("path = {}", quoted(row.path.get_ref())), from(source, &row.path)));
            rows.push((format!("drop = {}", quoted(row.drop.name())), String::new()));
        }
        for it in &settings.stop {
            head(rows, "[[stop]]");
            let path = &it.get_ref().path;
            rows.push((format!("path = {}", quoted(path.get_ref())), from(source, path)));
        }
        for it in &settings.wrapper {
            head(rows, "[[wrapper]]");
            let row = it.get_ref();
            rows.push((format!("path = {}", quoted(row.path.get_ref())), from(source, &row.path)));
            rows.push((format!("arg = {}", row.arg), String::new()));
        }
    }
}

fn head(rows: &mut Vec<(String, String)>, text: &str) {
    rows.push((String::new(), String::new()));
    rows.push((text.to_owned(), String::new()));
}

fn printed(rows: &[(String, String)]) -> String {
    let told = rows.iter().filter(|(_, source)| !source.is_empty());
    let width = told.map(|(text, _)| text.chars().count()).max().unwrap_or(0);
    let mut all = String::new();
    for (text, source) in rows {
        match source.is_empty() {
            true => all.push_str(text),
            false => write!(all, "{text:width$}  # {source}").unwrap_or_default(),
        }
        all.push('\n');
    }
    all
}

/// A string of TOML, with escapes for all that a terminal or a reader could take for something else.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for it in text.chars() {
        match it {
            '"' | '\\' => quoted.extend(['\\', it]),
            // Rust leaves as it is what can be seen.
            '\'' => quoted.push(it),
            _ if it.escape_debug().len() == 1 => quoted.push(it),
            _ => write!(quoted, "\\U{:08X}", u32::from(it)).unwrap_or_default(),
        }
    }
    quoted.push('"');
    quoted
}

/// A duration as the configuration writes it.
fn length_text(length: Duration) -> String {
    let seconds = length.as_secs();
    match (length.subsec_millis(), seconds) {
        (0, 0) => "0s".to_owned(),
        (0, s) if s % 3600 == 0 => format!("{}h", s / 3600),
        (0, s) if s % 60 == 0 && s > 60 => format!("{}m", s / 60),
        (0, s) => format!("{s}s"),
        _ => format!("{}ms", length.as_millis()),
    }
}
