//! Rounds until nothing changes: apply what goes together, check the new texts, and begin again.

use super::{
    changes::{Change, Mended, Place, Told},
    resolve::Replacement,
    round::{Ask, Policy, Round, Why, place, round},
};
use crate::{engine::Engine, report::Report};
use spawnlint_rules::{
    finding::Finding,
    span::{FileId, Source, Span},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
};

/// Rewrites that get in each other's way take a round each. More than this many are for another run.
pub const MAX_ROUNDS: usize = 16;

/// Applies all rewrites that may be, to the texts that the engine has in memory. No file is touched.
pub fn mend(engine: &mut Engine, policy: Policy) -> Mended {
    let mut history = History::default();
    let mut applied = Vec::new();
    let mut rounds = 0;
    let mut denied = None;
    let mut phases = Vec::new();
    loop {
        let mut report = engine.check();
        phases.append(&mut report.stats.phases);
        let denied = *denied.get_or_insert_with(|| report.denied());
        let was_applied = |finding: &Finding| history.applied.contains(&history.key(engine, finding));
        let parses = |file: FileId, text: &str| engine.parses(file, text);
        let round = round(&report, Ask { policy, was_applied: &was_applied, parses: &parses });
        if round.applied.is_empty() || rounds == MAX_ROUNDS {
            let left = history.left(engine, &report, &round);
            let is_cut = !round.applied.is_empty();
            // All of it took its time.
            report.stats.phases = phases;
            return Mended { changes: history.changes(), applied, left, denied, report, rounds, is_cut };
        }
        rounds += 1;
        for (at, suggestion) in &round.applied {
            let files: BTreeSet<FileId> = suggestion.edits.iter().map(|edit| edit.at.file).collect();
            let files = files.into_iter().map(|file| report.sources.get(file).path.clone()).collect();
            let finding = &report.diagnostics[*at].finding;
            let told = history.told(engine, &report, finding, Some(&suggestion.title), files);
            applied.push(Told { applicability: Some(suggestion.applicability), ..told });
        }
        history.add(engine, &report, &round);
        for (file, text) in round.texts {
            let path = engine.path(file).to_string_lossy().into_owned();
            engine.update(&path, text);
        }
    }
}

/// What has become of the texts so far. Files are known by path: a new text may bring in new files.
#[derive(Default)]
struct History {
    files: BTreeMap<PathBuf, Past>,
    /// Rule, file and place (in the text as it was read) of each finding of which a rewrite was applied.
    applied: BTreeSet<(&'static str, PathBuf, u32)>,
    groups: usize,
}

struct Past {
    shown: String,
    old: Arc<str>,
    new: Arc<str>,
    /// For each round what was replaced.
    rounds: Vec<Vec<Replacement>>,
    group: usize,
}

impl History {
    fn add(&mut self, engine: &Engine, report: &Report, round: &Round) {
        for (at, _) in &round.applied {
            let key = self.key(engine, &report.diagnostics[*at].finding);
            self.applied.insert(key);
        }
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
        for (_, suggestion) in &round.applied {
            let paths: BTreeSet<_> = suggestion.edits.iter().map(|edit| engine.path(edit.at.file)).collect();
            let groups: Vec<usize> = paths.iter().filter_map(|path| Some(self.files.get(*path)?.group)).collect();
            let Some(first) = groups.first() else { continue };
            let merged = self.files.values_mut().filter(|past| groups.contains(&past.group));
            merged.for_each(|past| past.group = *first);
        }
    }

    fn key(&self, engine: &Engine, finding: &Finding) -> (&'static str, PathBuf, u32) {
        (finding.rule, engine.path(finding.at.file).to_owned(), self.first(engine, finding.at))
    }

    /// Where a place was in the text as it was read.
    fn first(&self, engine: &Engine, at: Span) -> u32 {
        let rounds = self.files.get(engine.path(at.file)).map_or(&[][..], |past| &past.rounds);
        rounds.iter().rev().fold(at.range.start, |offset, edits| before(edits, offset))
    }

    fn told(
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

    fn left(&self, engine: &Engine, report: &Report, round: &Round) -> Vec<(Told, Why)> {
        let late = round.applied.iter().map(|(at, suggestion)| (*at, Some(&suggestion.title), Why::Rounds));
        let waiting = round.waiting.iter().map(|(at, title)| (*at, Some(title), Why::Rounds));
        let left = round.left.iter().map(|(at, title, why)| (*at, title.as_ref(), why.clone()));
        let mut all: Vec<_> = late.chain(waiting).chain(left).collect();
        all.sort_by_key(|(at, ..)| *at);
        let told = |at: usize, title: Option<&String>| {
            let finding = &report.diagnostics[at].finding;
            self.told(engine, report, finding, title.map(String::as_str), Vec::new())
        };
        all.into_iter().map(|(at, title, why)| (told(at, title), why)).collect()
    }

    fn changes(self) -> Vec<Change> {
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
    use spawnlint_rules::span::TextRange;

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
