//! What holds for one file, after all layers.

use super::{Config, Layer, Source, file::LevelTable};
use crate::levels::{self, Level};
use glob::{MatchOptions, Pattern};
use spawnlint_analysis::{
    catalogue::{Extra, ExtraOwner, ExtraSpawn, ExtraWrapper},
    questions::{Cost, FileOptions},
};
use spawnlint_rules::rule::Group;
use std::{ops::Range, path::Path};
use toml::Spanned;

/// What holds for one file.
#[derive(Debug, Clone, Default)]
pub struct FileConfig<'a> {
    /// Levels in the order in which they are applied.
    pub levels: Vec<(&'a str, Level)>,
    /// Whether a suppression needs a reason; `None` if that hangs on the level of the rule.
    pub require_reason: Option<bool>,
    /// Whether findings there are not told.
    pub is_excluded: bool,
    /// What linking is to know.
    pub link: FileOptions,
}

/// A level, and who gave it.
#[derive(Debug, Clone)]
pub struct Given<'a> {
    /// The rule, group or word.
    pub name: &'a str,
    /// Its level.
    pub level: Level,
    /// `spawnlint.toml:3`.
    pub from: String,
}

impl Config {
    /// What holds for a file. `package` is the folder of its package.
    pub fn for_file<'a>(&'a self, path: &'a Path, package: Option<&'a Path>) -> FileConfig<'a> {
        let mut all = FileConfig::default();
        for layer in self.layers_for(path, package) {
            let settings = &layer.settings;
            all.levels.extend(layer.levels(path).map(|(name, level, _)| (name, level)));
            all.require_reason = settings.require_reason.as_ref().map(|it| *it.get_ref()).or(all.require_reason);
            all.is_excluded |= settings.exclude.iter().any(|pattern| layer.matches(pattern, path));
            all.link.long_wait = settings.long_wait.as_ref().map(|it| it.get_ref().0).or(all.link.long_wait);
            all.link.cost = settings.cost.as_ref().map(|it| it.get_ref().into()).or(all.link.cost);
        }
        all.link.long_wait = self.long_wait.or(all.link.long_wait);
        all
    }

    /// The levels that files give for a file, in the order in which they are applied.
    pub fn given<'a>(&'a self, path: &'a Path, package: Option<&'a Path>) -> Vec<Given<'a>> {
        let given = self.layers_for(path, package).flat_map(|layer| {
            let place = |span: Range<usize>| layer.source.line(&span);
            layer.levels(path).map(move |(name, level, span)| Given { name, level, from: place(span) })
        });
        given.collect()
    }

    /// All rows for the catalogue. A program is one, so they hold for all of it, wherever they stand.
    pub fn extra(&self) -> Extra {
        let mut extra = Extra::default();
        for settings in self.layers.iter().map(|layer| &layer.settings) {
            extra.spawns.extend(settings.spawn.iter().map(Spanned::get_ref).map(|row| ExtraSpawn {
                path: row.path.get_ref().clone(),
                arg: row.arg.into(),
                runs: row.runs.into(),
                handle: row.drop.into(),
            }));
            extra.owners.extend(
                settings
                    .owner
                    .iter()
                    .map(Spanned::get_ref)
                    .map(|row| ExtraOwner { path: row.path.get_ref().clone(), does: row.drop.into() }),
            );
            extra.stops.extend(settings.stop.iter().map(|row| row.get_ref().path.get_ref().clone()));
            extra.wrappers.extend(
                settings
                    .wrapper
                    .iter()
                    .map(Spanned::get_ref)
                    .map(|row| ExtraWrapper { path: row.path.get_ref().clone(), arg: row.arg.into() }),
            );
        }
        extra
    }
}

impl Layer {
    /// The levels that this layer gives for a file, each with where it stands.
    fn levels<'a>(&'a self, path: &'a Path) -> impl Iterator<Item = (&'a str, Level, Range<usize>)> {
        let there = self.settings.overrides.iter();
        let there = there.filter(move |it| it.paths.iter().any(|pattern| self.matches(pattern, path)));
        let strict = self.settings.strict.iter().map(|it| {
            let level = if *it.get_ref() { Level::Warn } else { Level::Allow };
            (Group::Ownership.name(), level, it.span())
        });
        strict.chain(ordered(&self.settings.levels)).chain(there.flat_map(|it| ordered(&it.levels)))
    }

    /// Whether a pattern speaks of a file, or of a folder around it.
    pub(super) fn matches(&self, pattern: &Spanned<String>, path: &Path) -> bool {
        const OPTIONS: MatchOptions =
            MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: false };
        let Ok(path) = path.strip_prefix(&self.folder) else { return false };
        let text = pattern.get_ref().trim_start_matches("./").trim_end_matches('/');
        let Ok(pattern) = Pattern::new(text) else { return false };
        let mut folders = path.ancestors().filter(|it| !it.as_os_str().is_empty());
        folders.any(|it| pattern.matches_with(&super::slashes(it), OPTIONS))
    }
}

/// A table has no order, so what is general comes first, and a rule's own level wins.
fn ordered(table: &LevelTable) -> Vec<(&str, Level, Range<usize>)> {
    let rank = |name: &str| match levels::plain(name).as_str() {
        "all" => 0,
        "warnings" => 3,
        name if Group::ALL.iter().any(|group| group.name() == name) => 1,
        _ => 2,
    };
    let mut all: Vec<_> =
        table.iter().map(|(name, level)| (name.get_ref().as_str(), *level.get_ref(), name.span())).collect();
    all.sort_by_key(|(name, ..)| rank(name));
    all
}

impl From<&super::file::Cost> for Cost {
    fn from(cost: &super::file::Cost) -> Cost {
        Cost {
            arrivals_per_second: cost.arrivals_per_second.get_ref().0,
            abandoned: cost.abandoned.get_ref().0,
            bytes_per_task: cost.bytes_per_task.as_ref().map(|it| it.get_ref().0),
        }
    }
}

/// Where a value was given.
pub(super) fn from<T>(source: &Source, value: &Spanned<T>) -> String {
    source.line(&value.span())
}
