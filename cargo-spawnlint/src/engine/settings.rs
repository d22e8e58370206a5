//! What the configuration says of each file of the program.

use super::Engine;
use crate::levels::{Level, Levels};
use spawnlint_analysis::{
    questions::{FileOptions, LinkOptions},
    span::FileId,
};
use spawnlint_rules::rule::Rule;
use std::sync::Arc;

/// Settings by file.
#[derive(Debug)]
pub(super) struct ByFile {
    levels: Vec<Arc<Levels>>,
    require_reason: Vec<Option<bool>>,
    is_excluded: Vec<bool>,
    link: Vec<FileOptions>,
}

/// What files set, and the levels that come of it.
type Known<'a> = (Vec<(&'a str, Level)>, Arc<Levels>);

impl ByFile {
    pub(super) fn of(engine: &Engine) -> ByFile {
        let config = &engine.options.config;
        let mut all = ByFile { levels: vec![], require_reason: vec![], is_excluded: vec![], link: vec![] };
        // In a large workspace that is a long search for each file.
        let asks_for_package = config.speaks_of_packages();
        // Most files have the same levels as the one before.
        let mut known: Vec<Known<'_>> = Vec::new();
        for file in &engine.files {
            let package = asks_for_package.then(|| engine.project.package_of(&file.path)).flatten();
            let package = package.map(|at| engine.project.packages[at].dir.as_path());
            let here = config.for_file(&file.path, package);
            let levels = match known.iter().rev().find(|(given, _)| *given == here.levels) {
                Some((_, levels)) => Arc::clone(levels),
                None => {
                    let levels = Arc::new(engine.options.levels.after(here.levels.iter().copied()));
                    known.push((here.levels, Arc::clone(&levels)));
                    levels
                }
            };
            all.levels.push(levels);
            all.require_reason.push(here.require_reason);
            all.is_excluded.push(here.is_excluded);
            all.link.push(here.link);
        }
        all
    }

    /// The levels in a file.
    pub(super) fn levels(&self, file: FileId) -> &Levels {
        &self.levels[file.index()]
    }

    /// Whether a comment in a file needs a reason; `None` if that hangs on the rule's level.
    pub(super) fn require_reason(&self, file: FileId) -> Option<bool> {
        self.require_reason[file.index()]
    }

    /// Whether findings in a file are left out.
    pub(super) fn is_excluded(&self, file: FileId) -> bool {
        self.is_excluded[file.index()]
    }

    /// The rules that are on in some file.
    pub(super) fn active(&self, base: &Levels) -> Vec<&'static Rule> {
        let mut distinct: Vec<&Arc<Levels>> = Vec::new();
        for levels in &self.levels {
            if !distinct.iter().any(|known| Arc::ptr_eq(known, levels)) {
                distinct.push(levels);
            }
        }
        let is_on = |rule: &&'static Rule| distinct.iter().any(|levels| levels.of(rule.name) != Level::Allow);
        base.rules().iter().copied().filter(is_on).collect()
    }

    /// What linking is to know.
    pub(super) fn link_options(&self, engine: &Engine) -> LinkOptions {
        LinkOptions {
            include_tests: engine.options.selection.includes_tests(),
            extra: engine.options.config.extra(),
            by_file: self.link.clone(),
            ..engine.options.link.clone()
        }
    }
}

/// The levels that hold where nothing nearer says otherwise: those at the root of the project.
pub(super) fn overall(engine: &Engine) -> Levels {
    let here = engine.options.config.for_file(&engine.project.root, None);
    engine.options.levels.after(here.levels.iter().copied())
}
