//! One program in memory: found as the command line finds it, changed by edits, and checked.

use super::{
    settings::Settings,
    snapshot::{Mistake, Snapshot},
};
use crate::{
    baseline::{self, Baseline, Sight},
    config::{Config, ConfigErrors},
    engine::{Engine, Offer, Options, Progress},
    fingerprint::{Fingerprint, fingerprints},
    fix::{put, replace, sure},
    levels::Level,
    project::{Cargo, Project, discover, discover_loose, find_manifest, normalize},
    read::MAX_BASELINE,
    select::{Selection, Targets},
};
use anyhow::{Context as _, Result, bail};
use spawnlint_analysis::span::FileId;
use spawnlint_rules::rule::Rule;
use std::path::{Path, PathBuf};

/// A program, and how it is to be checked.
#[derive(Debug)]
pub(super) struct Workspace {
    engine: Engine,
    /// The manifest that it was found by; `None` for a single file.
    pub(super) manifest: Option<PathBuf>,
    settings: Settings,
    mistakes: Vec<Mistake>,
    /// Whether something has changed since the last check.
    pub(super) is_dirty: bool,
}

impl Workspace {
    /// Finds and reads the workspace of a manifest.
    pub(super) fn open(
        manifest: &Path,
        rules: &'static [&'static Rule],
        cargo: &Cargo,
        settings: &Settings,
        progress: Progress,
    ) -> Result<Workspace> {
        let mut project = discover(cargo, manifest);
        project.is_cache_chosen = cargo.target_dir.is_some();
        Workspace::of(project, Some(manifest.to_owned()), rules, settings, Some(progress))
    }

    /// A single file that no manifest knows, and what it leads to.
    pub(super) fn open_file(path: &Path, rules: &'static [&'static Rule], settings: &Settings) -> Result<Workspace> {
        let folder = path.parent().unwrap_or(path);
        let project = match path.exists() {
            true => discover_loose(folder, &[path.to_owned()])?,
            // It is new to the editor, and not written yet.
            false => {
                Project { root: folder.to_owned(), named: vec![path.to_owned()], on_disk: true, ..Project::default() }
            }
        };
        Workspace::of(project, None, rules, settings, None)
    }

    /// A text that is in no file.
    pub(super) fn of_text(
        name: &str,
        text: &str,
        rules: &'static [&'static Rule],
        settings: &Settings,
    ) -> Result<Workspace> {
        let options = options(rules, settings, true, None);
        let engine = Engine::from_texts(Project::default(), vec![(name.to_owned(), text.to_owned())], options)?;
        let settings = settings.clone();
        Ok(Workspace { engine, manifest: None, settings, mistakes: Vec::new(), is_dirty: true })
    }

    fn of(
        project: Project,
        manifest: Option<PathBuf>,
        rules: &'static [&'static Rule],
        settings: &Settings,
        progress: Option<Progress>,
    ) -> Result<Workspace> {
        let mut options = options(rules, settings, manifest.is_none(), progress);
        options.use_cache = manifest.is_some();
        let engine = Engine::open(project, options)?;
        let settings = settings.clone();
        let mut workspace = Workspace { engine, manifest, settings, mistakes: Vec::new(), is_dirty: true };
        workspace.configure();
        Ok(workspace)
    }

    /// The folder that it is of.
    pub(super) fn root(&self) -> &Path {
        &self.engine.project().root
    }

    /// Whether a file is part of it.
    pub(super) fn knows(&self, path: &Path) -> bool {
        self.engine.knows(path)
    }

    /// Whether a folder is that of one of its packages.
    pub(super) fn has_package(&self, folder: &Path) -> bool {
        self.engine.project().packages.iter().any(|package| package.dir == folder)
    }

    /// Gives a file a new text.
    pub(super) fn offer(&mut self, path: &Path, text: &str) -> Offer {
        let offer = self.engine.offer(&path.to_string_lossy(), text.to_owned());
        self.is_dirty |= offer == Offer::Taken;
        offer
    }

    /// Takes out a file, or all files of a folder.
    pub(super) fn remove(&mut self, path: &Path) {
        self.is_dirty |= self.engine.remove(path);
    }

    /// The text of a file as it is on disk.
    pub(super) fn reread(&mut self, path: &Path) {
        let bytes = self.engine.territory().read(path, crate::lower::MAX_BYTES as u64);
        match bytes.map(String::from_utf8) {
            Ok(Ok(text)) => _ = self.offer(path, &text),
            Ok(Err(_)) => {}
            Err(refusal) if refusal.is_absent() => self.remove(path),
            Err(_) => {}
        }
    }

    /// Takes other settings; whether that is possible without reading everything again.
    pub(super) fn set(&mut self, settings: &Settings, rules: &'static [&'static Rule]) -> bool {
        if self.settings.all_targets != settings.all_targets {
            return false;
        }
        self.settings = settings.clone();
        self.engine.set_levels(settings.levels(rules));
        self.is_dirty = true;
        true
    }

    /// Reads the configuration files. As long as one of them is wrong, what they said before holds.
    pub(super) fn configure(&mut self) {
        self.is_dirty = true;
        match Config::load(self.engine.project(), self.engine_rules()) {
            Ok(config) => {
                self.engine.set_config(config);
                self.mistakes.clear();
            }
            Err(errors) => self.mistakes = mistakes(self.engine.project(), &errors),
        }
    }

    fn engine_rules(&self) -> &'static [&'static Rule] {
        self.engine.rules()
    }

    /// Checks the program as it stands.
    pub(super) fn check(&mut self) -> Snapshot {
        self.is_dirty = false;
        let inventory = self.engine.inventory();
        let report = &inventory.report;
        let mut mistakes = self.mistakes.clone();
        let is_known = match self.baseline() {
            Ok(Some((baseline, _))) => {
                let (sight, level_at) = (self.engine.sight(), self.engine.level_at());
                let compared = baseline.compare(
                    &fingerprints(report),
                    |_| false,
                    |path| -> Sight { sight(path) },
                    |rule, path| level_at(rule, path).unwrap_or(report.levels.of(rule)) != Level::Allow,
                );
                compared.is_known
            }
            Ok(None) => vec![false; report.diagnostics.len()],
            Err(error) => {
                let path = self.baseline_path();
                mistakes.push(Mistake { path, place: None, message: format!("{error:#}") });
                vec![false; report.diagnostics.len()]
            }
        };
        let ids = (0..report.sources.len()).map(|at| FileId(at as u32));
        let paths = ids.map(|file| self.engine.path(file).to_owned()).collect();
        let sure = sure(report, &|file, text| self.engine.parses(file, text));
        Snapshot { paths, sure, territory: self.engine.territory().clone(), is_known, mistakes, inventory }
    }

    fn baseline_path(&self) -> PathBuf {
        normalize(&self.root().join(&self.settings.baseline))
    }

    /// The baseline and its text, if there is one.
    fn baseline(&self) -> Result<Option<(Baseline, String)>> {
        if self.manifest.is_none() {
            return Ok(None);
        }
        let path = self.baseline_path();
        // The settings of a project name it, and whoever wrote them need not be whoever opens the project.
        if !path.starts_with(self.root()) {
            bail!("this baseline is outside the workspace");
        }
        let text = match self.engine.territory().read(&path, MAX_BASELINE) {
            Ok(bytes) => String::from_utf8(bytes).context("this baseline is not UTF-8")?,
            Err(refusal) if refusal.is_absent() => return Ok(None),
            Err(refusal) => bail!("cannot read this baseline: {refusal}"),
        };
        let baseline = baseline::read(&text).context("cannot use this baseline")?;
        Ok(Some((baseline, text)))
    }

    /// Writes the finding of a report with this hash into the baseline.
    pub(super) fn add_to_baseline(&mut self, hash: &str) -> Result<()> {
        if self.manifest.is_none() {
            bail!("a file without a Cargo.toml has no baseline");
        }
        let snapshot = self.check();
        self.is_dirty = true;
        let found = fingerprints(snapshot.report());
        if !found.iter().any(|it| it.hash() == hash) {
            bail!("this finding is not there any more");
        }
        // Of findings that nothing tells apart, the baseline has a count.
        let is_meant = |(at, it): &(usize, &Fingerprint)| snapshot.is_known[*at] || it.hash() == hash;
        let known = found.iter().enumerate().filter(is_meant).map(|(_, it)| it);
        let old = self.baseline()?;
        let (old, text) = old.map_or((Baseline::default(), None), |(old, text)| (old, Some(text)));
        let new = old.with(Baseline::of(known)).to_string();
        let path = self.baseline_path();
        let written = match text {
            Some(text) => replace(&path, &text, &new),
            None => put(&path, new.as_bytes()),
        };
        written.map_err(|why| anyhow::anyhow!("cannot write `{}`: {why}", path.display()))
    }
}

fn options(
    rules: &'static [&'static Rule],
    settings: &Settings,
    is_single: bool,
    progress: Option<Progress>,
) -> Options {
    let targets = if settings.all_targets { Targets::ALL } else { Targets::SHIPPED };
    Options {
        // A single file needs no threads of its own, and there may be many of them.
        jobs: usize::from(is_single),
        levels: settings.levels(rules),
        selection: Selection { targets, ..Selection::default() },
        progress,
        ..Options::new(rules)
    }
}

fn mistakes(project: &Project, errors: &ConfigErrors) -> Vec<Mistake> {
    let mistakes = errors.iter().map(|error| {
        let (file, place) = error.place();
        let place =
            place.map(|it| (it.line.saturating_sub(1), it.text.to_owned(), it.column.saturating_sub(1), it.len));
        Mistake { path: normalize(&project.root.join(file)), place, message: error.message() }
    });
    mistakes.collect()
}

/// The manifest that a file belongs to.
pub(super) fn manifest_of(path: &Path) -> Option<PathBuf> {
    find_manifest(path.parent()?)
}
