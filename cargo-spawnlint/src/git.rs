//! The git program, asked so that it writes nothing, fetches nothing and waits for nobody.

use std::{
    io,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// What says where another repository is: inside of a hook, git hands these on.
pub const PLACES: [&str; 7] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
];

/// A folder to ask git about.
#[derive(Debug, Clone)]
pub struct Git {
    folder: PathBuf,
    /// Whether what the environment says of a repository speaks of another one, or is not to be heard.
    is_nested: bool,
}

impl Git {
    /// Asks about the repository around a folder, or about the one that the environment names.
    pub fn at(folder: impl Into<PathBuf>, env: &dyn Fn(&str) -> Option<String>) -> Git {
        Git { folder: folder.into(), is_nested: PLACES.iter().all(|name| env(name).is_none()) }
    }

    /// Asks from another folder.
    #[must_use]
    pub fn elsewhere(&self, folder: impl Into<PathBuf>) -> Git {
        Git { folder: folder.into(), is_nested: self.is_nested }
    }

    /// Asks about a repository in a folder of this one's.
    #[must_use]
    pub fn nested(&self, folder: impl Into<PathBuf>) -> Git {
        Git { folder: folder.into(), is_nested: true }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs git to its end.
    ///
    /// # Errors
    /// If it does not start.
    pub fn run(&self, args: &[&str]) -> io::Result<Output> {
        let mut command = Command::new("git");
        // No program of the repository's configuration is to run, and the index is not written.
        command.args(["--no-pager", "--no-optional-locks", "-c", "core.fsmonitor=false"]);
        // A clone without old texts would fetch them, one by one; whoever wants that can do it at once.
        command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_TERMINAL_PROMPT", "0");
        command.env("LC_ALL", "C").env_remove("GIT_EXTERNAL_DIFF").env_remove("GIT_DIFF_OPTS");
        if self.is_nested {
            PLACES.iter().for_each(|name| {
                command.env_remove(name);
            });
        }
        command.args(args).current_dir(&self.folder).stdin(Stdio::null()).output()
    }
}

/// Why git does not start, in words.
pub fn why_not(error: &io::Error) -> &'static str {
    if error.kind() == io::ErrorKind::NotFound { "it is not on the PATH" } else { "it does not start" }
}
