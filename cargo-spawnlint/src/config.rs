//! What a project says about how it wants to be linted: `spawnlint.toml`, and `metadata.spawnlint` of manifests.
//!
//! [`Config::load`] finds and reads the files; after that nothing here touches the disk. What is nearest to a file
//! wins: a folder's `spawnlint.toml` holds for everything below it, a package's metadata for the package, and flags
//! win over all of them.

mod every;
mod file;
mod find;
mod idle;
mod merge;
mod read;
mod show;

pub use file::{duration, schema};
pub use idle::Known;
pub use merge::{FileConfig, Given};
pub use read::{ConfigError, ConfigErrors, ErrorPlace};
pub use show::show;

use file::Settings;
use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// Names that a configuration file may have.
pub const NAMES: [&str; 2] = ["spawnlint.toml", ".spawnlint.toml"];

/// Everything that files say, the farthest first.
#[derive(Debug, Clone, Default)]
pub struct Config {
    layers: Vec<Layer>,
    /// What the command line says of long waits, which no file changes.
    pub long_wait: Option<Duration>,
}

/// One place where settings stand.
#[derive(Debug, Clone)]
struct Layer {
    source: Source,
    /// What it holds for, and what its paths are relative to.
    folder: PathBuf,
    /// Whether it holds for the package of that folder only, and not for packages in folders below.
    is_of_package: bool,
    settings: Settings,
}

/// A text with settings in it.
#[derive(Debug, Clone)]
struct Source {
    /// As it is printed.
    shown: String,
    text: Arc<str>,
}

impl Source {
    /// Line and column of an offset, from 1; columns in characters.
    fn place(&self, at: usize) -> (usize, usize) {
        let before = &self.text[..at.min(self.text.len())];
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
    }

    /// `spawnlint.toml:3`.
    fn line(&self, span: &Range<usize>) -> String {
        format!("{}:{}", self.shown, self.place(span.start).0)
    }
}

impl Config {
    /// Whether no file says anything.
    pub fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    /// Whether the package of a file decides what holds for it.
    pub fn speaks_of_packages(&self) -> bool {
        self.layers.iter().any(|layer| layer.is_of_package)
    }

    /// The layers that hold for a file or folder, the farthest first. `package` is the folder of its package.
    fn layers_for<'a>(&'a self, path: &'a Path, package: Option<&'a Path>) -> impl Iterator<Item = &'a Layer> {
        self.layers.iter().filter(move |layer| match layer.is_of_package {
            true => package == Some(&layer.folder),
            false => path.starts_with(&layer.folder),
        })
    }
}

/// A relative path as patterns see it, whatever the system.
fn slashes(path: &Path) -> String {
    let parts = path.components().map(|part| part.as_os_str().to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}
