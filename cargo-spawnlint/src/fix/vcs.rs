//! Whether what is about to change could be brought back: by version control, as for `cargo fix`.

use crate::git::{
    Failure, Git,
    differences::{Between, Kind, Renames, differences, head},
    disk::{self, State as OnDisk},
    index::{self, Entry, Folders},
    path, why_not,
};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};

/// What the user takes responsibility for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Allowed {
    /// Changes that are not committed, staged or not.
    pub dirty: bool,
    /// Changes that are staged.
    pub staged: bool,
    /// No version control at all.
    pub no_vcs: bool,
}

/// Version control other than git. cargo takes its presence for enough, too.
const OTHERS: [&str; 5] = [".hg", ".jj", ".pijul", ".fslckout", "_FOSSIL_"];

/// More paths than this are counted.
const MANY: usize = 10;

/// Refuses to go on if version control could not bring back what `flag` is about to change where git is asked. `ours` is a folder of
/// things that cargo and this program make, which nobody commits.
///
/// # Errors
/// If there is no version control, or something is not committed.
pub fn ensure_restorable(flag: &str, git: &Git, ours: Option<&Path>, allowed: Allowed) -> Result<()> {
    let root = git.folder();
    if allowed.no_vcs {
        return Ok(());
    }
    let git = match git.repository(root) {
        Ok(top) if is_ignored(&top, root)? => None,
        Ok(top) => Some(top),
        Err(Failure::NoRepository) => None,
        Err(failure) => return Err(cannot_tell(failure)),
    };
    let Some(git) = git else {
        if root.ancestors().any(|folder| OTHERS.iter().any(|it| folder.join(it).exists())) {
            return Ok(());
        }
        let first = if flag == "--fix" { ", or look at --diff first" } else { "" };
        bail!(
            "{} is not under version control, so the changes by {flag} could not be undone; pass --allow-no-vcs to continue anyway{first}",
            root.display()
        );
    };
    if allowed.dirty {
        return Ok(());
    }
    let ours = ours.map(|folder| folder.canonicalize().unwrap_or_else(|_| folder.to_owned()));
    let ours = ours.as_deref().and_then(|folder| folder.strip_prefix(git.folder()).ok());
    let mut open: Vec<String> = Vec::new();
    for Open { path, state } in open_changes(&git, 0).map_err(cannot_tell)? {
        let is_ours = state == State::Untracked && ours.is_some_and(|ours| path.starts_with(ours));
        let shown = path.display();
        match state {
            State::Staged if allowed.staged => {}
            _ if is_ours => {}
            State::Staged => open.push(format!("{shown} (staged)")),
            State::Filtered(filter) => open.push(format!(
                "{shown} (dirty, unless only the git filter `{filter}` makes the difference; it is not run, and `git status` may help)"
            )),
            State::Dirty | State::Untracked => open.push(format!("{shown} (dirty)")),
        }
    }
    if open.is_empty() {
        return Ok(());
    }
    let more = open.len().saturating_sub(MANY);
    let list: String = open.iter().take(MANY).map(|it| format!("\n  * {it}")).collect();
    let rest = if more > 0 { format!("\n  and {more} more") } else { String::new() };
    let consent = if open.iter().all(|it| it.ends_with("(staged)")) { "--allow-staged" } else { "--allow-dirty" };
    bail!(
        "there are uncommitted changes, so those by {flag} could not be reviewed or undone separately; commit them first, or pass {consent}:{list}{rest}"
    )
}

/// What is not committed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Open {
    /// From the top of the repository. A folder ends with a slash if nothing in it is known.
    path: PathBuf,
    state: State,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Staged,
    Dirty,
    /// It differs from what is stored, as it has to if this filter does anything.
    Filtered(String),
    Untracked,
}

/// Submodules within submodules within submodules end somewhere.
const MANY_LEVELS: usize = 16;

/// All that is not committed, in the order of `git status`.
fn open_changes(git: &Git, depth: usize) -> Result<Vec<Open>, Failure> {
    let open = |name: &[u8], state| Open { path: path(name), state };
    let staged = differences(git, Between::TreeAndIndex(&head(git)?), Renames::Ignored)?;
    let entries = index::entries(git)?;
    let mut dirty: Vec<&Entry> = Vec::new();
    for (entry, state) in entries.iter().zip(disk::states(git, &entries)?) {
        let is_open = match (entry.kind, state) {
            _ if entry.is_unmerged => true,
            // One that is not checked out has nothing that could get lost.
            (Kind::Submodule, _) => is_open(&git.nested(git.folder().join(path(&entry.path))), &entry.id, depth)?,
            (_, state) => state != OnDisk::Same,
        };
        if is_open {
            dirty.push(entry);
        }
    }
    dirty.dedup_by(|a, b| a.path == b.path);
    let names: Vec<&[u8]> = dirty.iter().map(|it| it.path.as_slice()).collect();
    let filters = index::filters(git, &names)?;
    let state = |name: &[u8]| {
        let filter = filters.iter().find(|(filtered, _)| filtered == name);
        filter.map_or(State::Dirty, |(_, filter)| State::Filtered(filter.clone()))
    };
    let mut all: Vec<Open> = names.iter().map(|name| open(name, state(name))).collect();
    all.extend(staged.iter().filter(|it| !names.contains(&it.path.as_slice())).map(|it| open(&it.path, State::Staged)));
    all.sort_by(|a, b| a.path.cmp(&b.path));
    let untracked = index::untracked(git, Folders::Whole)?;
    all.extend(untracked.iter().map(|name| open(name, State::Untracked)));
    Ok(all)
}

/// Whether a submodule is at another commit than it is said to be, or has something that is not committed.
fn is_open(git: &Git, commit: &str, depth: usize) -> Result<bool, Failure> {
    if depth >= MANY_LEVELS || git.folder().join(".git").symlink_metadata().is_err() {
        return Ok(false);
    }
    Ok(head(git)? != commit || !open_changes(git, depth + 1)?.is_empty())
}

/// A folder that git is told to ignore is not under its control.
fn is_ignored(git: &Git, folder: &Path) -> Result<bool> {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let Some(inside) = folder.strip_prefix(git.folder()).ok().filter(|it| !it.as_os_str().is_empty()) else {
        return Ok(false);
    };
    let name = format!("./{}", inside.display());
    let output = git.run(&["check-ignore", "--quiet", "--", &name]);
    Ok(output.map_err(|error| cannot_tell(Failure::Start(error)))?.status.success())
}

fn cannot_tell(failure: Failure) -> anyhow::Error {
    match failure {
        Failure::Start(error) => {
            let why = why_not(&error);
            anyhow::Error::from(error).context(format!(
                "cannot ask git whether everything is committed: {why}; pass --allow-no-vcs to continue without it"
            ))
        }
        failure => anyhow::anyhow!("git cannot tell whether everything is committed: {failure}"),
    }
}
