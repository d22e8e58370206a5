//! Whether what is about to change could be brought back: by version control, as for `cargo fix`.

use crate::git::{Git, why_not};
use anyhow::{Result, bail};
use std::{path::Path, process::Output};

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
    let has_git = root.ancestors().any(|folder| folder.join(".git").exists());
    if !has_git || is_ignored(git)? {
        if root.ancestors().any(|folder| OTHERS.iter().any(|it| folder.join(it).exists())) {
            return Ok(());
        }
        let first = if flag == "--fix" { ", or look at --diff first" } else { "" };
        bail!(
            "there is no version control around {}, so what {flag} changes could not be brought back; pass --allow-no-vcs if that is all right{first}",
            root.display()
        );
    }
    if allowed.dirty {
        return Ok(());
    }
    let output = ask(git, &["status", "--porcelain=v1", "-z", "--untracked-files=normal"])?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("git cannot tell whether everything is committed: {}", said.trim());
    }
    let top = ask(git, &["rev-parse", "--show-toplevel"])?;
    let top = String::from_utf8_lossy(&top.stdout).trim_end().to_owned();
    let ours = ours.map(|folder| folder.canonicalize().unwrap_or_else(|_| folder.to_owned()));
    let ours = ours.as_deref().and_then(|folder| folder.strip_prefix(&top).ok());
    let mut open: Vec<String> = Vec::new();
    for (state, path) in entries(&String::from_utf8_lossy(&output.stdout)) {
        let is_ours = state == State::Untracked && ours.is_some_and(|ours| Path::new(path).starts_with(ours));
        match state {
            State::Staged if allowed.staged => {}
            _ if is_ours => {}
            State::Staged => open.push(format!("{path} (staged)")),
            State::Dirty | State::Untracked => open.push(format!("{path} (dirty)")),
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
        "not everything is committed, so what {flag} changes could not be told apart and brought back; commit these, or pass {consent}:{list}{rest}"
    )
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Staged,
    Dirty,
    Untracked,
}

/// Reads `git status --porcelain=v1 -z`: two letters, a space, a path; of what was renamed the old path comes next.
fn entries(status: &str) -> Vec<(State, &str)> {
    let mut entries = Vec::new();
    let mut parts = status.split('\0');
    while let Some(entry) = parts.next() {
        let (Some(letters), Some(path)) = (entry.get(..2), entry.get(3..)) else { continue };
        if letters.contains(['R', 'C']) {
            parts.next();
        }
        let state = match letters {
            "??" => State::Untracked,
            _ if letters.ends_with(' ') => State::Staged,
            _ => State::Dirty,
        };
        entries.push((state, path));
    }
    entries
}

/// A folder that git is told to ignore is not under its control.
fn is_ignored(git: &Git) -> Result<bool> {
    Ok(ask(git, &["check-ignore", "-q", "."])?.status.success())
}

fn ask(git: &Git, args: &[&str]) -> Result<Output> {
    git.run(args).map_err(|error| {
        let why = why_not(&error);
        anyhow::Error::from(error).context(format!(
            "cannot ask git whether everything is committed: {why}; pass --allow-no-vcs to go on without"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_says() {
        let status = "M  a.rs\0 M b c.rs\0MM d.rs\0R  new.rs\0old.rs\0?? e/\0";
        let entries = entries(status);
        use State::{Dirty, Staged, Untracked};
        let expected = [(Staged, "a.rs"), (Dirty, "b c.rs"), (Dirty, "d.rs"), (Staged, "new.rs"), (Untracked, "e/")];
        assert_eq!(entries, expected);
    }
}
