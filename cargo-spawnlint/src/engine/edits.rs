//! What changes a program that is in memory: other texts, other files, other settings.

use super::{Engine, files::File, macros};
use crate::{config::Config, levels::Levels, project::normalize};
use spawnlint_analysis::span::{FileId, Source};
use spawnlint_rules::rule::Rule;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// What became of a text that was offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// The file had it.
    Same,
    /// The file has it now.
    Taken,
    /// It has errors, and the one before had none.
    Refused,
}

impl Engine {
    /// Gives a file a new text, or adds one. `path` is as printed, or absolute.
    pub fn update(&mut self, path: &str, text: String) {
        let path = self.own_path(path);
        let lowered = self.lowered(&path, text);
        self.take(path, lowered);
    }

    /// As [`Engine::update`], unless the text has errors that the one before had not: what is known of that one stays
    /// then.
    pub fn offer(&mut self, path: &str, text: String) -> Offer {
        let path = self.own_path(path);
        let known = self.files.iter().position(|it| it.path == path);
        if known.is_some_and(|at| *self.sources.get(FileId(at as u32)).text == *text) {
            return Offer::Same;
        }
        let lowered = self.lowered(&path, text);
        let was_well = known.is_some_and(|at| self.files[at].faults.iter().all(|it| it.is_of_edition));
        if was_well && !lowered.0.faults.is_empty() {
            return Offer::Refused;
        }
        self.take(path, lowered);
        Offer::Taken
    }

    /// Takes out the file of a path, or all files below it. Whether there was one.
    pub fn remove(&mut self, path: &Path) -> bool {
        let gone: Vec<PathBuf> =
            self.files.iter().filter(|it| it.path.starts_with(path)).map(|it| it.path.clone()).collect();
        if gone.is_empty() {
            return false;
        }
        let is_left = |it: &PathBuf| !it.starts_with(path);
        self.project.files.retain(is_left);
        self.project.loose.retain(is_left);
        self.aliases.retain(|_, real| is_left(real));
        let files = std::mem::take(&mut self.files);
        let sources = Arc::unwrap_or_clone(std::mem::take(&mut self.sources));
        let left = files.into_iter().zip(sources.iter().map(|(_, source)| source.clone()));
        self.add(left.filter(|(file, _)| is_left(&file.path)).collect());
        for path in &gone {
            if self.macros.set(path, vec![]) {
                self.lower_callers(path);
            }
        }
        self.is_stale = true;
        true
    }

    /// Whether a file is part of the program, by its absolute path.
    pub fn knows(&self, path: &Path) -> bool {
        self.files.iter().any(|it| it.path == path)
    }

    /// The rules that judge.
    pub fn rules(&self) -> &'static [&'static Rule] {
        self.options.levels.rules()
    }

    /// The rules and their levels from now on.
    pub fn set_levels(&mut self, levels: Levels) {
        self.options.levels = levels;
    }

    /// What files say from now on.
    pub fn set_config(&mut self, config: Config) {
        self.options.config = config;
    }

    fn own_path(&self, path: &str) -> PathBuf {
        if self.project.on_disk { normalize(&self.project.root.join(path)) } else { PathBuf::from(path) }
    }

    /// A file of the program with this text.
    fn lowered(&self, path: &Path, text: String) -> (File, Source) {
        let definitions = self.macros.called(&self.project, path, &text);
        self.pool.install(|| File::from_text(self.project.shown(path), path.to_owned(), text, &definitions, None))
    }

    fn take(&mut self, path: PathBuf, mut file: (File, Source)) {
        let defined = self.macros.defined_in(&self.project, &path, &file.1.text);
        if self.macros.set(&path, defined) {
            self.lower_callers(&path);
            file = self.lowered(&path, file.1.text.to_string());
        }
        match self.files.iter().position(|it| it.path == path) {
            Some(at) => {
                Arc::make_mut(&mut self.sources).replace(FileId(at as u32), file.1);
                self.files[at] = file.0;
            }
            None => {
                self.project.add_file(path.clone());
                if self.project.packages.is_empty() {
                    self.project.loose.push(path);
                }
                self.add(vec![file]);
            }
        }
        self.is_stale = true;
    }

    /// Lowers the other files anew whose macro calls have got another meaning.
    pub(super) fn lower_callers(&mut self, changed: &Path) {
        let texts: Vec<Arc<str>> = self.sources.iter().map(|(_, source)| source.text.clone()).collect();
        for (at, mut text) in texts.into_iter().enumerate() {
            let file = &self.files[at];
            if file.path == changed {
                continue;
            }
            if text.is_empty() && self.project.on_disk {
                let Some(again) = file.reread(&self.territory) else { continue };
                text = again.into();
            }
            let definitions = self.macros.called(&self.project, &file.path, &text);
            if macros::key(file.text_key, &definitions) != file.key {
                let (path, shown) = (file.path.clone(), self.project.shown(&file.path));
                let lower = || File::from_text(shown, path, text.to_string(), &definitions, None).0;
                self.files[at] = self.pool.install(lower);
            }
        }
    }
}
