//! What a configuration says in vain: paths that no file has, and rows about code that is not there.

use super::Config;
use std::path::Path;
use toml::Spanned;

/// What the program has, to be held against a configuration.
pub trait Known {
    /// All files.
    fn files(&self) -> impl Iterator<Item = &Path>;
    /// Whether a path may name something: of a library, or of the program.
    fn may_name(&self, path: &str) -> bool;
}

impl Config {
    /// What matches nothing, each with its place and key. It is no mistake, as what it speaks of may come and go.
    pub fn idle(&self, known: &impl Known) -> Vec<String> {
        let mut idle = Vec::new();
        for layer in &self.layers {
            let settings = &layer.settings;
            let mut tell = |key: &str, value: &Spanned<String>, why: &str| {
                let (place, value) = (layer.source.line(&value.span()), value.get_ref());
                idle.push(format!("{place}: `{value}` of `{key}` {why}"));
            };
            let paths = settings.overrides.iter().flat_map(|it| &it.paths).map(|it| ("override.paths", it));
            for (key, pattern) in settings.exclude.iter().map(|it| ("exclude", it)).chain(paths) {
                if !known.files().any(|path| layer.matches(pattern, path)) {
                    tell(key, pattern, "matches no file");
                }
            }
            let spawns = settings.spawn.iter().map(|it| ("spawn", &it.get_ref().path));
            let owners = settings.owner.iter().map(|it| ("owner", &it.get_ref().path));
            let stops = settings.stop.iter().map(|it| ("stop", &it.get_ref().path));
            let wrappers = settings.wrapper.iter().map(|it| ("wrapper", &it.get_ref().path));
            for (key, path) in spawns.chain(owners).chain(stops).chain(wrappers) {
                if !known.may_name(path.get_ref()) {
                    tell(key, path, "matches nothing in the workspace; use the path of the declaration");
                }
            }
        }
        idle
    }
}
