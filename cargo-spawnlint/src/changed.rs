//! Which lines changed: since a branch was left, or since the last commit as far as they are staged.
//!
//! Places are those of the files on disk, which are what is checked.

mod hunks;

use crate::{
    git::{
        Failure, Git,
        blobs::{self, Blob},
        differences::{Between, Difference, Kind, Object, Renames, differences, head},
        disk::{self, State},
        index::{self, Folders},
        path, said, why_not,
    },
    levels::nearest,
};
use anyhow::{Context, Result, bail};
use hunks::{Hunk, hunks};
use rustc_hash::FxHashMap;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// Submodules within submodules within submodules end somewhere.
const MANY_LEVELS: usize = 16;

/// What a change is measured against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Since {
    /// Where `HEAD` left the history of a revision; all that is on disk counts, committed or not.
    Revision(String),
    /// The last commit; what is staged counts.
    Staged,
}

/// The lines that changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    files: FxHashMap<PathBuf, Lines>,
    /// Folders in which everything is new.
    folders: Vec<PathBuf>,
    /// What a reader has to know: lower case, no full stop.
    pub notes: Vec<String>,
}

/// The lines of one file that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Lines {
    All,
    /// First and last ones.
    Some(Vec<(u32, u32)>),
}

impl Changed {
    /// Asks git about the repository around a folder. `place` is where git is asked first: the folder, or where a hook
    /// runs.
    ///
    /// # Errors
    /// If no repository found, no git, or no such revision; the message says what to do.
    pub fn find(root: &Path, place: &Git, since: &Since) -> Result<Changed> {
        let git = repository(root, place)?;
        let mut changed = Changed::default();
        match since {
            Since::Revision(revision) => {
                let base = merge_base(&git, revision)?;
                changed.add_since(&git, &base, 0)?;
            }
            Since::Staged => {
                let head = head(&git).map_err(|failure| no_answer(&git, failure))?;
                changed.add_staged(&git, Between::TreeAndIndex(&head), 0)?;
            }
        }
        Ok(changed)
    }

    /// The lines of a file on disk that differ between two earlier texts of it: the last commit's and the staged one.
    pub fn of_texts(path: PathBuf, old: &[u8], staged: &[u8], now: &[u8]) -> Changed {
        let mut changed = Changed::default();
        changed.add_lines(path, &moved(&changed_lines(&hunks(old, staged)), &hunks(staged, now)));
        changed
    }

    /// Whether one of these lines of a file changed.
    pub fn touches(&self, path: &Path, first: u32, last: u32) -> bool {
        match self.files.get(path) {
            Some(Lines::All) => true,
            Some(Lines::Some(lines)) => lines.iter().any(|(from, to)| *from <= last && first <= *to),
            None => self.folders.iter().any(|folder| path.starts_with(folder)),
        }
    }

    /// All that differs on disk from a commit.
    fn add_since(&mut self, git: &Git, base: &str, depth: usize) -> Result<()> {
        let committed = differences(git, Between::TreeAndIndex(base), Renames::Found);
        let committed = committed.map_err(|failure| no_answer(git, failure))?;
        let committed: FxHashMap<&[u8], &Difference> = committed.iter().map(|it| (it.path.as_slice(), it)).collect();
        let entries = index::entries(git).map_err(|failure| no_answer(git, failure))?;
        let states = disk::states(git, &entries).map_err(|failure| no_answer(git, failure))?;
        let mut files = Vec::new();
        for (entry, state) in entries.iter().zip(states) {
            let difference = committed.get(entry.path.as_slice());
            let now = Object { kind: entry.kind, id: entry.id.clone() };
            let old = difference.map_or(Some(now), |it| it.old.clone());
            let path = git.folder().join(path(&entry.path));
            match (entry.kind, state) {
                (_, State::Gone) => {}
                _ if entry.is_unmerged => self.add_all(path),
                (Kind::Submodule, _) => {
                    let inner = git.nested(&path);
                    match commit_of(old).filter(|_| depth < MANY_LEVELS) {
                        Some(old) if has_commit(&inner, &old)? => self.add_since(&inner, &old, depth + 1)?,
                        old if difference.is_some() => self.add_submodule(&path, old.as_deref()),
                        _ => {}
                    }
                }
                (_, State::Same) if difference.is_none() => {}
                (Kind::Link, _) => self.add_all(path),
                (Kind::File, _) => files.push((entry.path.as_slice(), old)),
            }
        }
        let texts = Texts::read(git, files.iter().filter_map(|(_, old)| old.as_ref()))?;
        let mut changed = Vec::new();
        for (name, old) in &files {
            let lines = match (texts.stored(old.as_ref()), disk::read(git.folder(), name)) {
                (Some(old), Some(new)) => Some(changed_lines(&hunks(old, &new))),
                _ => None,
            };
            if lines.as_ref().is_none_or(|lines| !lines.is_empty()) {
                changed.push(*name);
            }
            let path = git.folder().join(path(name));
            match lines {
                Some(lines) => self.add_lines(path, &lines),
                None => self.add_all(path),
            }
        }
        self.tell_filters(git, &changed)?;
        for name in index::untracked(git, Folders::Files).map_err(|failure| no_answer(git, failure))? {
            let path = git.folder().join(path(&name));
            // Another repository, of which this one knows nothing.
            if name.ends_with(b"/") { self.folders.push(path) } else { self.add_all(path) }
        }
        Ok(())
    }

    /// What differs between two states, as far as the second one is on disk.
    fn add_staged(&mut self, git: &Git, between: Between<'_>, depth: usize) -> Result<()> {
        let all = differences(git, between, Renames::Found).map_err(|failure| no_answer(git, failure))?;
        let mut files = Vec::new();
        for difference in &all {
            let path = git.folder().join(path(&difference.path));
            match &difference.new {
                _ if difference.is_unmerged => self.add_all(path),
                None => {}
                Some(Object { kind: Kind::Submodule, id: new }) => {
                    let inner = git.nested(&path);
                    match commit_of(difference.old.clone()).filter(|_| depth < MANY_LEVELS) {
                        Some(old) if has_commit(&inner, &old)? && has_commit(&inner, new)? => {
                            self.add_staged(&inner, Between::Trees(&old, new), depth + 1)?;
                        }
                        old => self.add_submodule(&path, old.as_deref()),
                    }
                }
                Some(Object { kind: Kind::Link, .. }) => self.add_all(path),
                Some(new @ Object { kind: Kind::File, .. }) => files.push((difference, new)),
            }
        }
        let texts = Texts::read(git, files.iter().flat_map(|(difference, new)| difference.old.iter().chain([*new])))?;
        let mut half = Vec::new();
        for (Difference { path: name, old, .. }, new) in &files {
            let path = git.folder().join(path(name));
            if !disk::is_there(git.folder(), name) {
                continue;
            }
            let now = disk::read(git.folder(), name);
            let (Some(old), Some(new), Some(now)) = (texts.stored(old.as_ref()), texts.stored(Some(new)), now) else {
                self.add_all(path);
                continue;
            };
            let later = hunks(new, &now);
            if !later.is_empty() {
                half.push(name.as_slice());
            }
            self.add_lines(path, &moved(&changed_lines(&hunks(old, new)), &later));
        }
        let filtered = self.tell_filters(git, &half)?;
        filtered.iter().for_each(|name| self.add_all(git.folder().join(path(name))));
        half.retain(|name| !filtered.iter().any(|it| it == name));
        match half.as_slice() {
            [] => {}
            [file] => {
                let file = path(file);
                self.notes.push(format!("{} has unstaged changes, which were included", file.display()));
            }
            files => {
                let number = files.len();
                self.notes.push(format!("{number} files have unstaged changes, which were included"));
            }
        }
        Ok(())
    }

    /// Tells of sources that are stored in another form than they are read in: which, of those that differ.
    fn tell_filters(&mut self, git: &Git, names: &[&[u8]]) -> Result<Vec<Vec<u8>>> {
        let names: Vec<&[u8]> = names.iter().copied().filter(|name| name.ends_with(b".rs")).collect();
        let filters = index::filters(git, &names).map_err(|failure| no_answer(git, failure))?;
        if let Some((name, filter)) = filters.first() {
            let more = match filters.len() - 1 {
                0 => String::new(),
                1 => " and 1 more file".to_owned(),
                more => format!(" and {more} more files"),
            };
            let file = path(name);
            self.notes.push(format!(
                "{}{more} would go through the git filter `{filter}`, which is not run; lines that it would change count as changed",
                file.display()
            ));
        }
        Ok(filters.into_iter().map(|(name, _)| name).collect())
    }

    fn add_all(&mut self, path: PathBuf) {
        self.files.insert(path, Lines::All);
    }

    fn add_lines(&mut self, path: PathBuf, new: &[(u32, u32)]) {
        match self.files.entry(path).or_insert_with(|| Lines::Some(Vec::new())) {
            Lines::All => {}
            Lines::Some(lines) => lines.extend(new),
        }
    }

    /// A submodule that is new, or whose old commit is not there.
    fn add_submodule(&mut self, path: &Path, old: Option<&str>) {
        self.folders.push(path.to_owned());
        if let (Some(_), true) = (old, path.join(".git").exists()) {
            self.notes.push(format!(
                "the submodule {0} lacks the commit that HEAD records for it, so all of it counts as changed; `git -C {0} fetch --unshallow` may fetch it",
                path.display()
            ));
        }
    }
}

/// Texts as they are stored.
struct Texts(FxHashMap<String, Blob>);

impl Texts {
    fn read<'a>(git: &Git, objects: impl Iterator<Item = &'a Object>) -> Result<Texts> {
        let files = objects.filter(|it| it.kind == Kind::File);
        let ids: BTreeSet<&str> = files.map(|it| it.id.as_str()).collect();
        Ok(Texts(blobs::read(git, &ids).map_err(|failure| no_answer(git, failure))?))
    }

    /// The text of a file, which is empty if there was none; nothing if there are no lines to compare.
    fn stored(&self, object: Option<&Object>) -> Option<&[u8]> {
        let Some(object) = object else { return Some(b"") };
        match self.0.get(&object.id)? {
            Blob::Text(text) => Some(text),
            Blob::TooLong => None,
        }
    }
}

fn commit_of(object: Option<Object>) -> Option<String> {
    object.filter(|it| it.kind == Kind::Submodule).map(|it| it.id)
}

/// The lines that hunks touch in the new file. Where lines only went, those around the gap have changed, unless what
/// went said nothing.
fn changed_lines(hunks: &[Hunk]) -> Vec<(u32, u32)> {
    let lines = hunks.iter().filter_map(|hunk| match hunk.new.len {
        0 if hunk.lost_nothing => None,
        0 => Some((hunk.new.start.max(1), hunk.new.start + 1)),
        len => Some((hunk.new.start, hunk.new.start + len - 1)),
    });
    lines.collect()
}

/// Where lines are after more changes. Lines that these replace are gone.
fn moved(lines: &[(u32, u32)], later: &[Hunk]) -> Vec<(u32, u32)> {
    // Runs of lines that stay: the first one, one past the last one, and how the first one is called then.
    let (mut stay, mut old, mut new) = (Vec::new(), 1, 1);
    for hunk in later {
        // Where there are no lines, the start is the line before.
        let until = |it: hunks::Lines| if it.len == 0 { it.start + 1 } else { it.start };
        stay.push((old, until(hunk.old), new));
        (old, new) = (until(hunk.old) + hunk.old.len, until(hunk.new) + hunk.new.len);
    }
    stay.push((old, u32::MAX, new));
    let pieces = lines.iter().flat_map(|(first, last)| {
        stay.iter().filter_map(|(from, until, to)| {
            let (first, last) = ((*first).max(*from), (*last).min(until - 1));
            (first <= last).then(|| (first - from + to, last - from + to))
        })
    });
    pieces.collect()
}

/// The repository around a folder, to be asked at its top.
fn repository(root: &Path, place: &Git) -> Result<Git> {
    let failure = match place.repository(root) {
        Ok(git) => return Ok(git),
        Err(failure) => failure,
    };
    match failure {
        Failure::Start(error) => {
            let why = why_not(&error);
            Err(error).context(format!(
                "cannot ask git which lines changed: {why}; install it, or run without --since and --staged"
            ))
        }
        Failure::NoRepository => bail!(
            "no git repository contains {}, so it is unknown which lines changed; run without --since and --staged, or keep old findings in a baseline: `cargo spawnlint baseline`",
            root.display()
        ),
        Failure::Said(said) => bail!("git cannot read the repository that contains {}: {said}", root.display()),
    }
}

/// The commit at which `HEAD` left the history of a revision.
fn merge_base(git: &Git, revision: &str) -> Result<String> {
    if revision.is_empty() || revision.starts_with('-') {
        bail!("`{revision}` is not a revision; --since takes a branch, tag or commit: `--since origin/main`");
    }
    let run = |args: &[&str]| git.run(args).context("cannot ask git which lines changed");
    let output = run(&["merge-base", revision, "HEAD"])?;
    let text = String::from_utf8_lossy(&output.stdout);
    if let (true, Some(base)) = (output.status.success(), text.lines().next()) {
        return Ok(base.to_owned());
    }
    let top = git.folder().display();
    let exists = |name: &str| -> Result<bool> {
        Ok(run(&["rev-parse", "--verify", "--quiet", &format!("{name}^{{commit}}")])?.status.success())
    };
    if !exists("HEAD")? {
        bail!("the repository at {top} has no commits yet, so every line is new; run without --since");
    }
    let is_shallow = run(&["rev-parse", "--is-shallow-repository"])?.stdout.starts_with(b"true");
    const WHOLE: &str = "`fetch-depth: 0` for actions/checkout, `GIT_DEPTH: 0` for GitLab";
    if exists(revision)? {
        if is_shallow {
            bail!(
                "this clone is shallow: its history ends before the commit where `{revision}` and HEAD diverge; fetch the rest with `git fetch --unshallow` ({WHOLE})"
            );
        }
        match output.status.code() {
            Some(1) => bail!("`{revision}` and HEAD have no commit in common, so it is unknown which lines changed"),
            _ => bail!("git cannot compare `{revision}` with HEAD: {}", said(&output.stderr)),
        }
    }
    if revision.contains("..") {
        bail!("`{revision}` is a range; --since takes one revision and finds the commit where HEAD branched off");
    }
    let mut message = format!("the repository at {top} has no revision `{revision}`");
    let lines = |output: std::process::Output| -> Vec<String> {
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
    };
    let remotes = lines(run(&["remote"])?);
    let remote = remotes.iter().find_map(|it| Some((it, revision.strip_prefix(it.as_str())?.strip_prefix('/')?)));
    let names = lines(run(&["for-each-ref", "--format=%(refname:short)"])?);
    match (remote, nearest(revision, names.iter().map(String::as_str))) {
        (Some((remote, _)), _) if is_shallow => {
            message += &format!(
                "; this clone is shallow: `git fetch --unshallow {remote} '+refs/heads/*:refs/remotes/{remote}/*'` fetches it with its history ({WHOLE})"
            )
        }
        (_, _) if is_shallow => {
            message +=
                &format!("; this clone is shallow: `git fetch --unshallow` fetches the rest of its history ({WHOLE})");
        }
        (_, Some(near)) => message += &format!("; did you mean `{near}`?"),
        (Some((remote, branch)), _) => {
            message += &format!(
                "; `git fetch {remote} {branch}:refs/remotes/{revision}` fetches it, if {remote} has such a branch"
            )
        }
        (None, None) => {
            message += "; --since takes a branch, tag or commit of this clone";
            if let Some(remote) = remotes.first() {
                message += &format!(": `git fetch {remote} main`, then `--since {remote}/main`");
            }
        }
    }
    bail!(message)
}

fn has_commit(git: &Git, commit: &str) -> Result<bool> {
    // Without one of its own, the repository around it would answer.
    Ok(git.folder().join(".git").exists()
        && git.run(&["cat-file", "-e", &format!("{commit}^{{commit}}")])?.status.success())
}

fn no_answer(git: &Git, failure: Failure) -> anyhow::Error {
    let help = if failure.lacks_texts() {
        "; this clone is partial and lacks the old contents of files: clone without --filter, or let git fetch them with `git diff` first"
    } else {
        ""
    };
    let top = git.folder().display();
    match failure {
        Failure::Start(error) => anyhow::Error::from(error).context("cannot ask git which lines changed"),
        failure => anyhow::anyhow!("git cannot say which lines changed in {top}: {failure}{help}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hunk(old: (u32, u32), new: (u32, u32)) -> Hunk {
        let lines = |(start, len)| hunks::Lines { start, len };
        Hunk { old: lines(old), new: lines(new), lost_nothing: false }
    }

    #[test]
    fn lines_of_hunks() {
        let lines = changed_lines(&[hunk((3, 2), (3, 1)), hunk((8, 2), (6, 0)), hunk((0, 0), (1, 4))]);
        assert_eq!(lines, [(3, 3), (6, 7), (1, 4)]);
        assert_eq!(changed_lines(&[hunk((1, 1), (0, 0))]), [(1, 1)]);
        assert_eq!(changed_lines(&[Hunk { lost_nothing: true, ..hunk((1, 1), (0, 0)) }]), []);
    }

    #[test]
    fn lines_that_move() {
        // Two lines more after the second, the fifth replaced by two, the seventh gone.
        let later = [hunk((2, 0), (3, 2)), hunk((5, 1), (7, 2)), hunk((7, 1), (9, 0))];
        let to = |first, last| moved(&[(first, last)], &later);
        assert_eq!(to(1, 1), [(1, 1)]);
        assert_eq!(to(2, 3), [(2, 2), (5, 5)]);
        assert_eq!(to(5, 5), []);
        assert_eq!(to(6, 6), [(9, 9)]);
        assert_eq!(to(1, 9), [(1, 2), (5, 6), (9, 9), (10, 11)]);
    }
}
