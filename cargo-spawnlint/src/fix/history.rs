//! What has become of the texts: which files changed, what was replaced in them, and where a place was before.

use super::{
    changes::{Change, Place, Told},
    resolve::Replacement,
    round::{Round, Why, place},
};
use crate::{engine::Engine, report::Report};
use spawnlint_analysis::span::{Source, Span};
use spawnlint_rules::finding::Finding;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

/// What has become of the texts so far. Files are known by path: a new text may bring in new files.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    files: BTreeMap<PathBuf, Past>,
    groups: usize,
}

#[derive(Debug, Clone)]
struct Past {
    shown: String,
    old: Arc<str>,
    new: Arc<str>,
    /// For each round what was replaced.
    rounds: Vec<Vec<Replacement>>,
    group: usize,
}

impl History {
    /// Takes down a round that is about to change the texts that the engine has.
    pub(super) fn add(&mut self, engine: &Engine, report: &Report, round: &Round) {
        for (file, text) in &round.texts {
            let source = report.sources.get(*file);
            self.groups += 1;
            let past = self.files.entry(engine.path(*file).to_owned()).or_insert_with(|| Past {
                shown: source.path.clone(),
                old: source.text.clone(),
                new: source.text.clone(),
                rounds: Vec::new(),
                group: self.groups,
            });
            past.new = text.as_str().into();
            past.rounds.extend(round.edits.get(file).cloned());
        }
        for it in &round.applied {
            let paths: BTreeSet<_> = it.suggestion.edits.iter().map(|edit| engine.path(edit.at.file)).collect();
            let groups: Vec<usize> = paths.iter().filter_map(|path| Some(self.files.get(*path)?.group)).collect();
            let Some(first) = groups.first() else { continue };
            let merged = self.files.values_mut().filter(|past| groups.contains(&past.group));
            merged.for_each(|past| past.group = *first);
        }
    }

    /// Where a place was in the text as it was at first.
    pub(super) fn first(&self, engine: &Engine, at: Span) -> u32 {
        let rounds = self.files.get(engine.path(at.file)).map_or(&[][..], |past| &past.rounds);
        rounds.iter().rev().fold(at.range.start, |offset, edits| before(edits, offset))
    }

    /// The texts as they were at first, with their paths.
    pub(super) fn old_texts(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.files.iter().map(|(path, past)| (path.as_path(), &*past.old))
    }

    /// A rewrite of a finding, or the lack of one, as it is told.
    pub(super) fn told(
        &self,
        engine: &Engine,
        report: &Report,
        finding: &Finding,
        title: Option<&str>,
        files: Vec<String>,
    ) -> Told {
        let at = match self.files.get(engine.path(finding.at.file)) {
            Some(past) => {
                let source = Source::new(past.shown.clone(), past.old.clone());
                let (line, column) = source.line_column(self.first(engine, finding.at));
                Place { path: source.path, line, column }
            }
            None => place(&report.sources, finding.at),
        };
        Told { rule: finding.rule, title: title.unwrap_or_default().to_owned(), applicability: None, at, files }
    }

    /// What is left of a report.
    pub(super) fn left(&self, engine: &Engine, report: &Report, round: &Round) -> Vec<(Told, Why)> {
        let mut all: Vec<_> = round.left.iter().map(|(at, title, why)| (*at, title.as_ref(), why.clone())).collect();
        all.sort_by_key(|(at, ..)| *at);
        let told = |at: usize, title: Option<&String>| {
            let finding = &report.diagnostics[at].finding;
            self.told(engine, report, finding, title.map(String::as_str), Vec::new())
        };
        all.into_iter().map(|(at, title, why)| (told(at, title), why)).collect()
    }

    /// The files whose text is another one now.
    pub(super) fn changes(self) -> Vec<Change> {
        let change = |(path, past): (PathBuf, Past)| Change {
            path,
            shown: past.shown,
            old: past.old,
            new: past.new,
            group: past.group,
        };
        self.files.into_iter().map(change).filter(|change| change.old != change.new).collect()
    }
}

/// Where a place was before these edits. What is kept is where it was; new text is where the edit began.
fn before(edits: &[Replacement], offset: u32) -> u32 {
    let mut delta = 0_i64;
    let offset = i64::from(offset);
    for edit in edits {
        let (old, length) = (edit.at.range, edit.text.len() as i64);
        let start = i64::from(old.start) + delta;
        if offset < start {
            break;
        }
        if offset < start + length {
            let inside = (offset - start) as u32;
            let of_file = edit.kept.iter().filter(|(_, span)| span.file == edit.at.file);
            let mut ranges = of_file.map(|(at, span)| (*at, span.range));
            let kept = ranges.find(|(at, range)| (*at..*at + (range.end - range.start)).contains(&inside));
            return kept.map_or(old.start, |(at, range)| range.start + inside - at);
        }
        delta += length - i64::from(old.end - old.start);
    }
    (offset - delta).max(0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use spawnlint_analysis::span::{FileId, TextRange};

    #[test]
    fn places_are_found_again() {
        let span = |start, end| TextRange::new(start, end).in_file(FileId(0));
        let edit = |at, text: &str, kept| Replacement { at, text: text.to_owned(), kept };
        // ab|NEW|cdef|g|ij
        let edits = [edit(span(2, 2), "NEW", vec![]), edit(span(6, 8), "g", vec![])];
        assert_eq!([0, 1, 2, 4, 5, 8, 9, 10, 11].map(|it| before(&edits, it)), [0, 1, 2, 2, 2, 5, 6, 8, 9]);
        // abcdef becomes a|(cd)|f
        let edits = [edit(span(1, 5), "(cd)", vec![(1, span(2, 4))])];
        assert_eq!([0, 1, 2, 3, 4, 5].map(|it| before(&edits, it)), [0, 1, 2, 3, 1, 5]);
    }
}
