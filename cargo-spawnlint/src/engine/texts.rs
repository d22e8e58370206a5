//! Texts for a report whose engine did not keep them. Most files have nothing to show, and a program's
//! texts are a good part of what it takes in memory.

use super::files::File;
use crate::{
    read::Territory,
    report::{Problem, Report},
};
use spawnlint_analysis::span::{FileId, Source, Span};
use spawnlint_rules::finding::Piece;
use std::{collections::BTreeSet, sync::Arc};

/// Reads the files that the report points into, and those of other places.
pub(super) fn fetch(report: &mut Report, others: impl Iterator<Item = Span>, files: &[File], territory: &Territory) {
    let findings = report.diagnostics.iter().map(|it| &it.finding);
    let places = findings.flat_map(|it| {
        let edits = it.rewrites.iter().flat_map(|rewrite| &*rewrite.edits);
        let edited = edits.flat_map(|edit| edit.text.iter().filter_map(kept).chain([edit.at]));
        it.labels.iter().map(|label| label.at).chain([it.at]).chain(edited)
    });
    let problems = report.problems.iter().filter_map(|problem| problem.span);
    let spoken_of: BTreeSet<FileId> = places.chain(problems).chain(others).map(|span| span.file).collect();
    let sources = Arc::make_mut(&mut report.sources);
    for file in spoken_of {
        let path = sources.get(file).path.clone();
        if !sources.get(file).text.is_empty() {
            continue;
        }
        match files[file.index()].reread(territory) {
            Some(text) => sources.replace(file, Source::new(path, text)),
            None => {
                let message = "this file changed while it was being checked; its locations may be wrong";
                let help = Some("run again".to_owned());
                report.problems.push(Problem { help, ..Problem::error(path, message) });
            }
        }
    }
}

/// The author's text that an edit repeats.
fn kept(piece: &Piece) -> Option<Span> {
    match piece {
        Piece::Kept(span) => Some(*span),
        Piece::New(_) => None,
    }
}
