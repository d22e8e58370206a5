//! What does not build is taken back, file by file; everything else stays.

use super::{Change, Refusal};
use crate::project::{Build, BuildError};
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};

/// Where changes are made and built. Tests have one of their own.
pub trait Site {
    /// Gives a file the new text of a change, or the old one again.
    ///
    /// # Errors
    /// If the file cannot be written, or somebody else wrote to it.
    fn put(&mut self, change: &Change, is_new: bool) -> Result<(), Refusal>;

    /// Builds what the changes may break.
    ///
    /// # Errors
    /// If it cannot be told whether it builds.
    fn build(&mut self) -> Result<Build>;
}

/// What became of the changes.
#[derive(Debug, Default)]
pub struct Verified {
    /// Changes, by number, that were taken back, each with the first error that it is to blame for.
    pub rolled_back: Vec<(usize, BuildError)>,
    /// Changes that break the build and could not be taken back.
    pub stuck: Vec<(usize, Refusal)>,
}

/// Builds what has been changed, and takes back what brings errors that `before` did not have. An error in a changed
/// file is that file's; where that does not help, or the error is elsewhere, one group of files after the other is
/// taken back, and stays so if the errors get fewer.
///
/// # Errors
/// If cargo fails otherwise than by errors of the compiler.
pub fn verify(changes: &[Change], before: &Build, site: &mut dyn Site) -> Result<Verified> {
    let mut run = Run {
        changes,
        before,
        site,
        kept: changes.iter().map(|it| it.group).collect(),
        blamed: BTreeMap::new(),
        stuck: Vec::new(),
    };
    let mut innocent: BTreeSet<usize> = BTreeSet::new();
    loop {
        let errors = run.errors()?;
        let mut blamed = run.groups_with(&errors);
        blamed.retain(|group, _| !innocent.contains(group));
        if errors.is_empty() {
            break;
        }
        if blamed.is_empty() {
            run.search(errors)?;
            break;
        }
        run.take_back(&blamed);
        let errors = run.errors()?;
        let acquitted: Vec<usize> = blamed.into_keys().filter(|group| run.has_errors(*group, &errors)).collect();
        for group in acquitted {
            // The error is in it, and is there without the change, too: something else is to blame.
            run.put_again(group);
            innocent.insert(group);
        }
    }
    let of_group = |(group, error): (&usize, &BuildError)| {
        let files = changes.iter().enumerate().filter(|(_, it)| it.group == *group);
        files.map(|(at, _)| (at, error.clone())).collect::<Vec<_>>()
    };
    let mut rolled_back: Vec<(usize, BuildError)> = run.blamed.iter().flat_map(of_group).collect();
    rolled_back.retain(|(at, _)| run.stuck.iter().all(|(stuck, _)| stuck != at));
    rolled_back.sort_by_key(|(at, _)| *at);
    Ok(Verified { rolled_back, stuck: run.stuck })
}

struct Run<'a> {
    changes: &'a [Change],
    before: &'a Build,
    site: &'a mut dyn Site,
    /// Groups that are in place.
    kept: BTreeSet<usize>,
    /// Groups that are taken back, with what they are to blame for.
    blamed: BTreeMap<usize, BuildError>,
    stuck: Vec<(usize, Refusal)>,
}

impl Run<'_> {
    fn errors(&mut self) -> Result<Vec<BuildError>> {
        let mut errors = self.site.build()?.since(self.before);
        // What is known to be broken, and stays so, is no other file's fault.
        let stuck: Vec<&Change> = self.stuck.iter().map(|(at, _)| &self.changes[*at]).collect();
        errors.retain(|error| stuck.iter().all(|it| error.path.as_ref() != Some(&it.path)));
        Ok(errors)
    }

    /// Groups in place that have errors in one of their files, with the first.
    fn groups_with(&self, errors: &[BuildError]) -> BTreeMap<usize, BuildError> {
        let mut groups = BTreeMap::new();
        for error in errors {
            let change = self.changes.iter().find(|it| error.path.as_ref() == Some(&it.path));
            if let Some(change) = change.filter(|it| self.kept.contains(&it.group)) {
                groups.entry(change.group).or_insert_with(|| error.clone());
            }
        }
        groups
    }

    fn has_errors(&self, group: usize, errors: &[BuildError]) -> bool {
        let mut files = self.changes.iter().filter(|it| it.group == group);
        files.any(|change| errors.iter().any(|error| error.path.as_ref() == Some(&change.path)))
    }

    fn take_back(&mut self, groups: &BTreeMap<usize, BuildError>) {
        for (group, error) in groups {
            self.put(*group, false);
            self.kept.remove(group);
            self.blamed.insert(*group, error.clone());
        }
    }

    fn put_again(&mut self, group: usize) {
        self.put(group, true);
        self.blamed.remove(&group);
        self.kept.insert(group);
    }

    fn put(&mut self, group: usize, is_new: bool) {
        for (at, change) in self.changes.iter().enumerate().filter(|(_, it)| it.group == group) {
            if let Err(refusal) = self.site.put(change, is_new) {
                self.stuck.retain(|(stuck, _)| *stuck != at);
                self.stuck.push((at, refusal));
            }
        }
    }

    /// Finds out by trying who is to blame for errors in files that did not change.
    fn search(&mut self, mut errors: Vec<BuildError>) -> Result<()> {
        for group in self.kept.clone() {
            let Some(first) = errors.first().cloned() else { return Ok(()) };
            self.take_back(&BTreeMap::from([(group, first)]));
            let rest = self.errors()?;
            if rest.len() < errors.len() {
                errors = rest;
            } else {
                self.put_again(group);
            }
        }
        if let Some(first) = errors.first().cloned().filter(|_| self.stuck.is_empty()) {
            // No one of them alone is to blame.
            let all = self.kept.iter().map(|group| (*group, first.clone())).collect();
            self.take_back(&all);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
