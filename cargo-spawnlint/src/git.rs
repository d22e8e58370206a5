//! The git program, asked so that it runs, writes and fetches nothing, and waits for nobody.
//!
//! A repository names programs in many places, and its configuration may be a stranger's. So only questions are asked
//! that need none of them: names of objects in trees and in the index, and objects as they are stored. Files on disk
//! are compared here ([`disk`]), since git would send them through the repository's filters first.

pub mod blobs;
pub mod differences;
pub mod disk;
pub mod index;

use crate::programs;
use std::{
    fmt, io,
    io::Write as _,
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

/// In front of every question. None of the questions would need these; they are there for the one that somebody adds.
const SETTINGS: [&str; 8] = [
    "--no-pager",
    // The index is not written, so there is no hook for it either.
    "--no-optional-locks",
    // A repository without `.git` is the content of another one, as far as anybody knows.
    "-c",
    "safe.bareRepository=explicit",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
];

/// What is the same for every question, whatever the environment says.
const ENVIRONMENT: [(&str, &str); 4] = [
    // A clone without old texts would fetch them, one by one; whoever wants that can do it at once.
    ("GIT_NO_LAZY_FETCH", "1"),
    // For versions of git that do not know the line above: there is no way to fetch anything by.
    ("GIT_ALLOW_PROTOCOL", "none"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("LC_ALL", "C"),
];

/// The user's own, for other questions than those asked here.
const UNHEARD: [&str; 7] = [
    "GIT_EXTERNAL_DIFF",
    "GIT_DIFF_OPTS",
    "GIT_ATTR_SOURCE",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
];

/// A folder to ask git about.
#[derive(Debug, Clone)]
pub struct Git {
    folder: PathBuf,
    /// Where no program is taken from.
    linted: PathBuf,
    /// Whether what the environment says of a repository speaks of another one, or is not to be heard.
    is_nested: bool,
}

/// Why git has no answer.
#[derive(Debug)]
pub enum Failure {
    /// It does not start.
    Start(io::Error),
    /// There is no repository.
    NoRepository,
    /// It refuses, with its own words.
    Said(String),
}

impl Git {
    /// Asks about the repository around a folder, or about the one that the environment names.
    pub fn at(folder: impl Into<PathBuf>, env: &dyn Fn(&str) -> Option<String>) -> Git {
        let folder = folder.into();
        Git { linted: folder.clone(), folder, is_nested: PLACES.iter().all(|name| env(name).is_none()) }
    }

    /// Asks from another folder.
    #[must_use]
    pub fn elsewhere(&self, folder: impl Into<PathBuf>) -> Git {
        let folder = folder.into();
        Git { linted: folder.clone(), folder, is_nested: self.is_nested }
    }

    /// Asks about a repository in a folder of this one's.
    #[must_use]
    pub fn nested(&self, folder: impl Into<PathBuf>) -> Git {
        Git { folder: folder.into(), linted: self.linted.clone(), is_nested: true }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The repository around a folder, to be asked at its top. The environment is asked where this stands.
    ///
    /// git would look for one by itself, and on its way take a folder for a repository that merely looks like one. So
    /// it is told where to look.
    ///
    /// # Errors
    /// If there is none, or git refuses to read it.
    pub fn repository(&self, folder: &Path) -> Result<Git, Failure> {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let folder = real(folder);
        if !self.is_nested {
            // What a hook is told is meant from the top.
            let place = programs::repository_around(&self.folder).unwrap_or(&self.folder);
            let top = real(&self.elsewhere(place).top()?);
            if folder.starts_with(&top) {
                return Ok(self.elsewhere(top));
            }
        }
        let top = programs::repository_around(&folder).ok_or(Failure::NoRepository)?;
        let git = Git { folder: top.to_owned(), linted: folder.clone(), is_nested: true };
        let said = real(&git.top()?);
        if said == top {
            return Ok(git);
        }
        let (said, top) = (said.display(), top.display());
        Err(Failure::Said(format!("`core.worktree` in its configuration points to {said}, not to {top}")))
    }

    fn top(&self) -> Result<PathBuf, Failure> {
        let top = self.ask(&["rev-parse", "--show-toplevel"])?;
        Ok(path(top.strip_suffix(b"\n").unwrap_or(&top)))
    }

    /// What git prints, if it has no objections.
    ///
    /// # Errors
    /// If it failed to start, or fails.
    pub fn ask(&self, args: &[&str]) -> Result<Vec<u8>, Failure> {
        self.ask_about(args, &[])
    }

    /// What git prints of what it is told on its standard input.
    ///
    /// # Errors
    /// If it failed to start, or fails.
    pub fn ask_about(&self, args: &[&str], input: &[u8]) -> Result<Vec<u8>, Failure> {
        let output = self.feed(args, input).map_err(Failure::Start)?;
        if output.status.success() { Ok(output.stdout) } else { Err(Failure::Said(said(&output.stderr))) }
    }

    /// Runs git to its end.
    ///
    /// # Errors
    /// If it failed to start.
    pub fn run(&self, args: &[&str]) -> io::Result<Output> {
        self.feed(args, &[])
    }

    fn feed(&self, args: &[&str], input: &[u8]) -> io::Result<Output> {
        let mut command = Command::new(programs::find("git", &self.linted)?);
        command.args(SETTINGS).args(args).current_dir(&self.folder);
        command.envs(ENVIRONMENT);
        UNHEARD.iter().for_each(|name| {
            command.env_remove(name);
        });
        if self.is_nested {
            PLACES.iter().for_each(|name| {
                command.env_remove(name);
            });
            // Without a repository in the folder, the one around it would answer.
            if let Some(around) = self.folder.parent() {
                command.env("GIT_CEILING_DIRECTORIES", around);
            }
        }
        command.stdin(if input.is_empty() { Stdio::null() } else { Stdio::piped() });
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let stdin = child.stdin.take();
        std::thread::scope(|scope| {
            // It answers before it has heard everything. If it stops listening, its exit code says why.
            scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input).ok()));
            child.wait_with_output()
        })
    }
}

impl Failure {
    /// Whether git lacks texts that it would have to fetch.
    pub fn lacks_texts(&self) -> bool {
        let words = ["lazy fetching disabled", "promisor remote"];
        matches!(self, Failure::Said(said) if words.iter().any(|it| said.contains(it)))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Start(error) => write!(f, "{}: {error}", why_not(error)),
            Failure::NoRepository => f.write_str("no repository found"),
            Failure::Said(said) => f.write_str(said),
        }
    }
}

impl std::error::Error for Failure {}

/// Why git failed to start, in words.
pub fn why_not(error: &io::Error) -> &'static str {
    if error.kind() == io::ErrorKind::NotFound { "it is not on the PATH" } else { "it failed to start" }
}

/// What git says on its standard error.
pub fn said(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let text = text.trim();
    if text.is_empty() { "no error message".to_owned() } else { text.to_owned() }
}

/// A path of git's, which is bytes.
pub fn path(bytes: &[u8]) -> PathBuf {
    #[cfg(unix)]
    {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};
        PathBuf::from(OsStr::from_bytes(bytes))
    }
    #[cfg(not(unix))]
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// What is there in an answer of which git ends each piece with a zero byte.
fn pieces(answer: &[u8]) -> impl Iterator<Item = &[u8]> {
    let answer = answer.strip_suffix(b"\0").unwrap_or(answer);
    answer.split(|byte| *byte == 0).filter(move |_| !answer.is_empty())
}

/// git answers in a form that is not known here.
fn unreadable(question: &str) -> Failure {
    Failure::Said(format!("unexpected answer to `git {question}`"))
}
