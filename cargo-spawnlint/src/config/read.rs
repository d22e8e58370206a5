//! From text to settings, and what is told of a text that is wrong.

use super::{
    Source, every,
    file::{LevelTable, Settings},
};
use crate::levels::{self, nearest};
use spawnlint_rules::rule::Rule;
use std::{fmt, ops::Range};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// What is wrong with a configuration, with the place where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    message: String,
    help: Option<String>,
    /// Where, as it is printed: `spawnlint.toml:3:1`.
    place: String,
    /// The line, with its number, the column (from 0) and the length of what is wrong in it.
    excerpt: Option<(usize, String, usize, usize)>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)?;
        if let Some((number, line, column, len)) = &self.excerpt {
            let number = number.to_string();
            let gutter = " ".repeat(number.len());
            // A tab is as wide as the terminal says, so it is repeated.
            let before: String = line.chars().take(*column).map(|it| if it == '\t' { '\t' } else { ' ' }).collect();
            let marks = "^".repeat((*len).max(1));
            write!(f, "\n{gutter} |\n{number} | {line}\n{gutter} | {before}{marks}")?;
            if let Some(help) = &self.help {
                write!(f, "\n{gutter} = help: {help}")?;
            }
        } else if let Some(help) = &self.help {
            write!(f, "\n  = help: {help}")?;
        }
        Ok(())
    }
}

/// Everything that is wrong with a configuration; there is at least one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(pub(super) Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    /// As many messages, of which the first one has its `error: ` from whoever prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.0.iter().enumerate() {
            let head = if at == 0 { "" } else { "\nerror: " };
            write!(f, "{head}{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

/// Where a configuration is wrong: line and column from 1, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorPlace<'a> {
    /// The line.
    pub line: usize,
    /// What it says.
    pub text: &'a str,
    /// The column.
    pub column: usize,
    /// How many characters are wrong; all of them are in this line.
    pub len: usize,
}

impl ConfigErrors {
    /// One by one.
    pub fn iter(&self) -> impl Iterator<Item = &ConfigError> {
        self.0.iter()
    }
}

impl ConfigError {
    /// What is wrong, and what to do about it.
    pub fn message(&self) -> String {
        let help = self.help.as_ref().map(|help| format!("\nhelp: {help}"));
        self.message.clone() + &help.unwrap_or_default()
    }

    /// The file, as it is printed, and where in it; `None` for all of it.
    pub fn place(&self) -> (&str, Option<ErrorPlace<'_>>) {
        let Some((line, text, column, len)) = &self.excerpt else { return (&self.place, None) };
        let (line, column) = (*line, column + 1);
        let file = self.place.strip_suffix(&format!(":{line}:{column}")).unwrap_or(&self.place);
        (file, Some(ErrorPlace { line, text, column, len: *len }))
    }

    /// An error at a place of a text.
    pub(super) fn at(source: &Source, span: Range<usize>, message: impl Into<String>) -> ConfigError {
        let (line, column) = source.place(span.start);
        let text = source.text.lines().nth(line - 1).unwrap_or_default().trim_end().to_owned();
        let marked = source.text.get(span).unwrap_or_default().lines().next().unwrap_or_default().chars().count();
        let len = marked.min(text.chars().count().saturating_sub(column - 1));
        ConfigError {
            message: message.into(),
            help: None,
            place: format!("{}:{line}:{column}", source.shown),
            excerpt: Some((line, text, column - 1, len)),
        }
    }

    /// Whether both stand at the same place.
    pub(super) fn has_place_of(&self, other: &ConfigError) -> bool {
        self.place == other.place
    }

    /// The same with what to do about it.
    pub(super) fn with_help(self, help: impl Into<String>) -> ConfigError {
        ConfigError { help: Some(help.into()), ..self }
    }

    /// An error of a whole file.
    pub(super) fn of_file(shown: &str, message: impl Into<String>) -> ConfigError {
        ConfigError { message: message.into(), help: None, place: shown.to_owned(), excerpt: None }
    }
}

/// The tables of a manifest that hold settings.
pub(super) const WORKSPACE: &[&str] = &["workspace", "metadata", "spawnlint"];
pub(super) const PACKAGE: &[&str] = &["package", "metadata", "spawnlint"];

/// Reads the settings that stand in a table of a text; `None` if there is no such table. An empty way is the whole text.
///
/// # Errors
/// All that is wrong, in order of place.
pub(super) fn read(
    rules: &[&'static Rule],
    source: &Source,
    way: &[&str],
) -> Result<Option<Settings>, Vec<ConfigError>> {
    let (document, damage) = DeTable::parse_recoverable(&source.text);
    let value = match way {
        // Of a damaged text nobody knows what it would say.
        [] if !damage.is_empty() => return Err(in_lines(source, &damage)),
        [] => every::whole(document),
        // That of a manifest that is no TOML is told by whoever reads packages; what it says of us is still there.
        way => match table(document, way) {
            Some(table) => table,
            None => return Ok(None),
        },
    };
    let (settings, errors) = every::settings(value);
    let mut all: Vec<(usize, ConfigError)> =
        errors.iter().map(|error| (error.span().map_or(0, |span| span.start), explained(source, error))).collect();
    check(rules, source, &settings, &mut all);
    // What stands in for what is missing may be found wrong in turn, at the same place.
    all.sort_by_key(|(at, _)| *at);
    all.dedup_by(|(_, one), (_, other)| one == other);
    if all.is_empty() { Ok(Some(settings)) } else { Err(all.into_iter().map(|(_, error)| error).collect()) }
}

/// Errors of the parser, of each line the first: the others may only follow from it.
fn in_lines(source: &Source, errors: &[toml::de::Error]) -> Vec<ConfigError> {
    let mut told: Vec<(usize, ConfigError)> = Vec::new();
    for error in errors {
        let (line, _) = source.place(error.span().unwrap_or(0..0).start);
        if told.iter().all(|(other, _)| *other != line) {
            told.push((line, explained(source, error)));
        }
    }
    told.sort_by_key(|(line, _)| *line);
    told.into_iter().map(|(_, error)| error).collect()
}

fn table<'i>(document: Spanned<DeTable<'i>>, way: &[&str]) -> Option<Spanned<DeValue<'i>>> {
    let (first, rest) = way.split_first()?;
    let mut here = document.into_inner().remove(*first)?;
    for key in rest {
        let DeValue::Table(mut table) = here.into_inner() else { return None };
        here = table.remove(*key)?;
    }
    Some(here)
}

/// An error of the parser, in the words of the rest of the program.
fn explained(source: &Source, error: &toml::de::Error) -> ConfigError {
    let span = error.span().unwrap_or(0..0);
    let message = error.message();
    let unknown = [("unknown field `", "key"), ("unknown variant `", "value")];
    for (start, what) in unknown {
        let Some(rest) = message.strip_prefix(start) else { continue };
        let Some((name, expected)) = rest.split_once('`') else { continue };
        let allowed: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
        let near = nearest(name, allowed.iter().copied());
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let allowed: Vec<String> = allowed.iter().map(|name| format!("`{name}`")).collect();
        return ConfigError::at(source, span, format!("unknown {what} `{name}`{near}"))
            .with_help(format!("allowed here: {}", allowed.join(", ")));
    }
    if let Some(field) = message.strip_prefix("missing field `") {
        let field = field.trim_end_matches('`');
        return ConfigError::at(source, span, format!("missing key `{field}`"));
    }
    // Of several lines the first says what is wrong, the others what would be right.
    let mut lines = message.lines();
    let first = lines.next().unwrap_or_default().trim().trim_end_matches('.');
    let first = match first.strip_prefix("invalid type: ") {
        Some(types) => format!("wrong type: {}", in_toml(types)),
        // Of a value that is one of some words.
        None if first == "wanted string or table" => "wrong type: expected a string".to_owned(),
        None => first.to_owned(),
    };
    let more: Vec<&str> = lines.map(str::trim).filter(|line| !line.is_empty()).collect();
    let help = match more.as_slice() {
        [] => usual_help(&first, source.text.get(span.clone()).unwrap_or_default()),
        more => Some(more.join("; ")),
    };
    ConfigError { help, ..ConfigError::at(source, span, first) }
}

/// How a value of the right type is written.
fn usual_help(error: &str, text: &str) -> Option<String> {
    let is_short = !text.is_empty() && !text.contains('\n') && text.len() < 60;
    match error.rsplit_once("expected ")?.1 {
        "an array" if is_short => Some(format!("write `[{text}]`")),
        "an array" => Some("write an array as `[..]`".to_owned()),
        "a table" => Some("write a table as `{ key = value }`, or as lines of `key = value` below `[name]`".to_owned()),
        "a string" => Some("write a string in quotes: `\"warn\"`".to_owned()),
        "a boolean" => Some("write `true` or `false`, without quotes".to_owned()),
        _ => None,
    }
}

/// Names of types as TOML has them, and not serde.
fn in_toml(types: &str) -> String {
    let types = types.replace("a sequence", "an array").replace("a map", "a table");
    match types
        .strip_prefix("sequence,")
        .map(|rest| ("array,", rest))
        .or(types.strip_prefix("map,").map(|rest| ("table,", rest)))
    {
        Some((name, rest)) => format!("{name}{rest}"),
        None => types,
    }
}

/// What types do not show: names of rules, patterns, figures.
fn check(rules: &[&'static Rule], source: &Source, settings: &Settings, errors: &mut Vec<(usize, ConfigError)>) {
    let tables = settings.overrides.iter().map(|it| &it.levels).chain([&settings.levels]);
    tables.into_iter().for_each(|table| check_levels(rules, source, table, errors));
    for pattern in settings.exclude.iter().chain(settings.overrides.iter().flat_map(|it| &it.paths)) {
        errors.extend(check_pattern(source, pattern).err().map(|error| (pattern.span().start, error)));
    }
    if let Some(cost) = &settings.cost {
        let cost = cost.get_ref();
        let arrivals = cost.arrivals_per_second.get_ref().0;
        if !(arrivals.is_finite() && arrivals > 0.0) {
            let message = "`arrivals-per-second` must be greater than 0";
            let span = cost.arrivals_per_second.span();
            let help = "write how many clients arrive per second, such as `100` or `0.5`";
            errors.push((span.start, ConfigError::at(source, span, message).with_help(help)));
        }
        let share = cost.abandoned.get_ref().0;
        if !(0.0..=1.0).contains(&share) {
            let error = ConfigError::at(source, cost.abandoned.span(), "`abandoned` must be between 0 and 1");
            let is_percent = (1.0..=100.0).contains(&share);
            let help = if is_percent { format!("{share}% is `{}`", share / 100.0) } else { "30% is `0.3`".to_owned() };
            errors.push((cost.abandoned.span().start, error.with_help(help)));
        }
    }
    let spawns = settings.spawn.iter().map(|row| &row.get_ref().path);
    let owners = settings.owner.iter().map(|row| &row.get_ref().path);
    let stops = settings.stop.iter().map(|row| &row.get_ref().path);
    let wrappers = settings.wrapper.iter().map(|row| &row.get_ref().path);
    for path in spawns.chain(owners).chain(stops).chain(wrappers) {
        errors.extend(check_path(source, path).err().map(|error| (path.span().start, error)));
    }
}

fn check_levels(rules: &[&'static Rule], source: &Source, table: &LevelTable, errors: &mut Vec<(usize, ConfigError)>) {
    let mut seen: Vec<(String, &Spanned<String>)> = Vec::new();
    for name in table.keys() {
        let plain = levels::plain(name.get_ref());
        if plain != "warnings" && levels::find(rules, &plain).is_none() {
            let message = levels::unknown_rule(rules, name.get_ref(), &["warnings", "all"]);
            errors.push((name.span().start, ConfigError::at(source, name.span(), message)));
            continue;
        }
        // `a-b` and `a_b` are one name, and a table has no order in which the last one could win.
        if let Some((_, first)) = seen.iter().find(|(other, _)| *other == plain) {
            let (first, second) = if first.span().start < name.span().start { (*first, name) } else { (name, *first) };
            let (line, _) = source.place(first.span().start);
            let message = format!("`{plain}` already has a level, on line {line}");
            errors.push((
                second.span().start,
                ConfigError::at(source, second.span(), message).with_help("remove one of them"),
            ));
        }
        seen.push((plain, name));
    }
}

fn check_pattern(source: &Source, pattern: &Spanned<String>) -> Result<(), ConfigError> {
    let text = pattern.get_ref();
    let fail = |message: String| Err(ConfigError::at(source, pattern.span(), message));
    if text.is_empty() || text.starts_with('/') || text.contains('\\') {
        return fail("paths are relative to the folder of this file, with `/` between folders".to_owned());
    }
    if text.split('/').any(|part| part == "..") {
        return fail(
            "a path cannot point outside the folder of this file; configure that folder in its own file".to_owned(),
        );
    }
    match glob::Pattern::new(text) {
        Ok(_) => Ok(()),
        Err(error) => fail(format!("not a valid pattern: {}", error.msg)),
    }
}

fn check_path(source: &Source, path: &Spanned<String>) -> Result<(), ConfigError> {
    let is_ident = |part: &str| {
        part.starts_with(|it: char| it.is_alphabetic() || it == '_')
            && part.chars().all(|it| it.is_alphanumeric() || it == '_')
    };
    let text = path.get_ref();
    if text.contains("::") && text.split("::").all(is_ident) {
        return Ok(());
    }
    let message = format!("`{text}` is not a full path");
    Err(ConfigError::at(source, path.span(), message)
        .with_help("write `my_crate::module::function`, `my_crate::Type::method` or `crate::module::function`"))
}
