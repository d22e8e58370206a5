//! One build of the linter, run on a folder.

use super::{compare::Entry, read};
use anyhow::{Context, Error, Result};
use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io::{self, Read, Seek},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};
use wait_timeout::ChildExt;
use walkdir::WalkDir;

/// What is asked of both sides.
pub(super) struct Asked {
    pub(super) flags: Vec<String>,
    pub(super) limit: Duration,
    pub(super) tasks: bool,
}

/// What a side says of a folder.
pub(super) struct Said {
    pub(super) findings: Vec<Entry>,
    pub(super) tasks: Vec<Entry>,
}

/// A build of the linter.
pub(super) struct Side {
    name: &'static str,
    program: PathBuf,
    /// Of the program's bytes.
    hash: u64,
    /// Where its answers are kept.
    kept: Option<PathBuf>,
}

/// What a run printed, or why it failed. This is kept, so that what is read from it may change.
type Outcome = Result<String, String>;

impl Side {
    /// # Errors
    /// If there is no such program, or no such folder can be made.
    pub(super) fn new(name: &'static str, program: &Path, kept: Option<PathBuf>) -> Result<Side> {
        let program = program.canonicalize().with_context(|| format!("cannot find {}", program.display()))?;
        let bytes = fs::read(&program).with_context(|| format!("cannot read {}", program.display()))?;
        if let Some(kept) = &kept {
            fs::create_dir_all(kept).with_context(|| format!("cannot make {}", kept.display()))?;
        }
        Ok(Side { name, program, hash: hash_of(&bytes), kept })
    }

    /// # Errors
    /// If the run fails or takes too long, or what it prints cannot be read.
    pub(super) fn run(&self, folder: &Path, asked: &Asked) -> Result<Said> {
        let run = |args: &[&str], flags: &[&str]| {
            self.output(folder, &[args, flags].concat(), asked.limit).context(self.name)
        };
        let flags: Vec<&str> = asked.flags.iter().map(String::as_str).collect();
        let findings = read::findings(&run(&["spawnlint", "--message-format", "json"], &flags)?).context(self.name)?;
        let tasks = if asked.tasks {
            let text = run(&["spawnlint", "tasks", "--format", "json"], &without_levels(&flags))?;
            read::tasks(&text).context(self.name)?
        } else {
            Vec::new()
        };
        Ok(Said { findings, tasks })
    }

    fn output(&self, folder: &Path, args: &[&str], limit: Duration) -> Result<String> {
        let kept = match &self.kept {
            Some(kept) => {
                let key = hash_of(&(self.hash, folder, args, limit, state(folder)?));
                Some(kept.join(format!("{key:016x}.json")))
            }
            None => None,
        };
        // What was cut short when it was written is asked again.
        let known = kept.as_ref().and_then(|it| serde_json::from_slice(&fs::read(it).ok()?).ok());
        let outcome: Outcome = match known {
            Some(outcome) => outcome,
            None => {
                let outcome = self.output_now(folder, args, limit)?;
                if let Some(kept) = kept {
                    fs::write(kept, serde_json::to_vec(&outcome)?)?;
                }
                outcome
            }
        };
        outcome.map_err(Error::msg)
    }

    fn output_now(&self, folder: &Path, args: &[&str], limit: Duration) -> Result<Outcome> {
        let (mut stdout, mut stderr) = (tempfile::tempfile()?, tempfile::tempfile()?);
        let mut command = Command::new(&self.program);
        command.args(args).args(["--no-cache", "--quiet", "--color", "never"]).current_dir(folder);
        if !folder.join("Cargo.toml").exists() {
            command.arg(".");
        }
        command.stdin(Stdio::null()).stdout(stdout.try_clone()?).stderr(stderr.try_clone()?);
        let mut child = command.spawn()?;
        let Some(status) = child.wait_timeout(limit)? else {
            child.kill()?;
            child.wait()?;
            return Ok(Err(format!("takes over {} s", limit.as_secs())));
        };
        // 1: there are findings that are denied. 3: some file cannot be read, which is one of the messages.
        if matches!(status.code(), Some(0 | 1 | 3)) {
            return Ok(Ok(text_of(&mut stdout)?));
        }
        let stderr = text_of(&mut stderr)?;
        let why = stderr.lines().find(|line| line.contains("error")).or(stderr.lines().last());
        Ok(Err(format!("{status}: {}", why.unwrap_or_default())))
    }
}

fn without_levels<'a>(flags: &[&'a str]) -> Vec<&'a str> {
    let is_level = |flag: &str| ["-A", "-W", "-D", "--allow", "--warn", "--deny"].contains(&flag);
    let mut flags = flags.iter().copied();
    let mut rest = Vec::new();
    while let Some(flag) = flags.next() {
        if is_level(flag) {
            flags.next();
        } else {
            rest.push(flag);
        }
    }
    rest
}

/// What is kept holds as long as this stays the same.
fn state(folder: &Path) -> Result<u64> {
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry?;
        if entry.path().extension().is_some_and(|it| it == "rs" || it == "toml") {
            let data = entry.metadata()?;
            files.push((entry.into_path(), data.len(), data.modified()?));
        }
    }
    Ok(hash_of(&files))
}

fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn text_of(file: &mut fs::File) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
