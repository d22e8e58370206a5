//! Which files hold settings for a project, and reading them.

use super::{
    Config, Layer, NAMES, Source,
    file::Settings,
    read::{ConfigError, ConfigErrors, PACKAGE, WORKSPACE, read},
};
use crate::{
    project::Project,
    read::{MAX_CONFIG, Territory},
};
use spawnlint_rules::rule::Rule;
use std::{
    collections::BTreeSet,
    ops::Range,
    path::{Path, PathBuf},
};

impl Config {
    /// Finds and reads the settings of a project.
    ///
    /// # Errors
    /// If a file cannot be read, is wrong, or says something else than another one of the same folder.
    pub fn load(project: &Project, rules: &[&'static Rule]) -> Result<Config, ConfigErrors> {
        let (mut layers, mut errors) = (Vec::new(), Vec::new());
        let mut add = |read: Result<Option<Layer>, Vec<ConfigError>>| match read {
            Ok(layer) => layers.extend(layer),
            Err(wrong) => errors.extend(wrong),
        };
        let files = Files { project, territory: project.territory(), rules };
        if project.root.is_absolute() {
            for folder in folders(project) {
                for name in NAMES {
                    add(files.of_file(&folder, name));
                }
            }
            add(files.of_manifest(&project.root, WORKSPACE));
            // What lies elsewhere is no part of the project.
            for package in project.packages.iter().filter(|it| files.territory.holds(&it.dir)) {
                add(files.of_manifest(&package.dir, PACKAGE));
            }
        }
        layers.sort_by_key(|layer| (layer.folder.components().count(), layer.folder.clone(), layer.is_of_package));
        for (at, layer) in layers.iter().enumerate() {
            let before = layers[..at].iter().rev().take_while(|it| it.folder == layer.folder);
            for error in before.flat_map(|other| disagreements(project, other, layer)) {
                if !errors.iter().any(|known: &ConfigError| known.has_place_of(&error)) {
                    errors.push(error);
                }
            }
        }
        if !errors.is_empty() {
            return Err(ConfigErrors(errors));
        }
        Ok(Config { layers, ..Config::default() })
    }

    /// The settings of one text, as if it stood in the `spawnlint.toml` of a folder.
    ///
    /// # Errors
    /// If the text is no TOML, or says what no configuration can say.
    pub fn of_text(rules: &[&'static Rule], folder: &Path, text: &str) -> Result<Config, ConfigErrors> {
        let source = Source { shown: NAMES[0].to_owned(), text: text.into() };
        let settings = read(rules, &source, &[]).map_err(ConfigErrors)?.unwrap_or_default();
        let layer = Layer { source, folder: folder.to_owned(), is_of_package: false, settings };
        Ok(Config { layers: vec![layer], ..Config::default() })
    }
}

/// All folders in which a configuration would hold for one of the project's files.
fn folders(project: &Project) -> BTreeSet<PathBuf> {
    let mut folders = BTreeSet::from([project.root.clone()]);
    let packages = project.packages.iter().map(|package| package.dir.as_path());
    let of_files = project.files.iter().filter_map(|file| file.parent());
    for folder in packages.chain(of_files) {
        for folder in folder.ancestors().take_while(|it| it.starts_with(&project.root)) {
            if !folders.insert(folder.to_owned()) {
                break;
            }
        }
    }
    folders
}

/// The files in which settings may stand.
struct Files<'a> {
    project: &'a Project,
    territory: Territory,
    rules: &'a [&'static Rule],
}

impl Files<'_> {
    fn of_file(&self, folder: &Path, name: &str) -> Result<Option<Layer>, Vec<ConfigError>> {
        let Some(source) = self.text(folder, name).map_err(|error| vec![error])? else { return Ok(None) };
        let settings = read(self.rules, &source, &[])?.unwrap_or_default();
        Ok(Some(Layer { source, folder: folder.to_owned(), is_of_package: false, settings }))
    }

    fn of_manifest(&self, folder: &Path, way: &[&str]) -> Result<Option<Layer>, Vec<ConfigError>> {
        if self.project.unread_manifests.contains(&folder.join("Cargo.toml")) {
            return Ok(None);
        }
        let Some(source) = self.text(folder, "Cargo.toml").map_err(|error| vec![error])? else { return Ok(None) };
        // Most manifests have nothing to say, and need not be parsed.
        if !source.text.contains("spawnlint") {
            return Ok(None);
        }
        let settings = read(self.rules, &source, way)?;
        let is_of_package = way == PACKAGE;
        Ok(settings.map(|settings| Layer { source, folder: folder.to_owned(), is_of_package, settings }))
    }

    /// The text of a file, if there is one.
    fn text(&self, folder: &Path, name: &str) -> Result<Option<Source>, ConfigError> {
        let path = folder.join(name);
        let shown = self.project.shown(&path);
        // What holds for plain files may stand above them, where the user is.
        let own = (!self.territory.holds(folder)).then(|| Territory::around(folder));
        match own.as_ref().unwrap_or(&self.territory).read(&path, MAX_CONFIG) {
            Ok(bytes) => {
                let text = String::from_utf8(bytes).map_err(|error| {
                    let good = error.utf8_error().valid_up_to();
                    let line = error.as_bytes()[..good].iter().filter(|byte| **byte == b'\n').count() + 1;
                    ConfigError::of_file(&shown, format!("this is not UTF-8: see line {line}"))
                })?;
                Ok(Some(Source { shown, text: text.into() }))
            }
            Err(refusal) if refusal.is_absent() => Ok(None),
            Err(refusal) => Err(ConfigError::of_file(&shown, format!("cannot read this file: {refusal}"))),
        }
    }
}

/// Two places that are equally near must not say different things: nobody could tell which one wins.
fn disagreements(project: &Project, one: &Layer, other: &Layer) -> Vec<ConfigError> {
    // The metadata of the package at the root of a workspace is nearer than what holds for the workspace.
    let is_same_level = one.is_of_package == other.is_of_package || one.folder != project.root;
    let mut errors = Vec::new();
    if !is_same_level {
        return errors;
    }
    let ones = scalars(&one.settings);
    for (key, value, span) in scalars(&other.settings) {
        let Some((_, known, at)) = ones.iter().find(|(it, ..)| *it == key) else { continue };
        if *known != value {
            let message = format!("`{key}` is {value} here, and {known} in {}", one.source.line(at));
            let help = "both apply to the same folder; keep one of them";
            errors.push(ConfigError::at(&other.source, span, message).with_help(help));
        }
    }
    errors
}

/// The settings that have one value, with that as it is printed.
fn scalars(settings: &Settings) -> Vec<(String, String, Range<usize>)> {
    let mut all = Vec::new();
    for (name, level) in &settings.levels {
        let key = format!("levels.{}", crate::levels::plain(name.get_ref()));
        all.push((key, format!("`{}`", level.get_ref().name()), name.span()));
    }
    if let Some(it) = &settings.long_wait {
        all.push(("long-wait".to_owned(), format!("{:?}", it.get_ref().0), it.span()));
    }
    if let Some(it) = &settings.strict {
        all.push(("strict".to_owned(), it.get_ref().to_string(), it.span()));
    }
    if let Some(it) = &settings.require_reason {
        all.push(("require-reason".to_owned(), it.get_ref().to_string(), it.span()));
    }
    if let Some(it) = &settings.cost {
        let cost = it.get_ref();
        let bytes = cost.bytes_per_task.as_ref().map(|it| it.get_ref().0);
        let figures = (cost.arrivals_per_second.get_ref().0, cost.abandoned.get_ref().0, bytes);
        all.push(("cost".to_owned(), format!("{figures:?}"), it.span()));
    }
    all
}
