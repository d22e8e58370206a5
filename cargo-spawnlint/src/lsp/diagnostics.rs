//! Findings as the protocol has them, with places where they are by now.

use super::{
    actions,
    client::Client,
    documents::Documents,
    snapshot::{Mistake, Snapshot},
    text::{Encoding, Lines, Moved},
};
use crate::{
    levels::{Level, UNUSED_SUPPRESSION, page_uri, with_comments},
    output::{printable, printable_line},
    report::{self, Problem},
};
use lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location,
    NumberOrString, Position, Range, Uri,
};
use rustc_hash::FxHashMap;
use serde_json::json;
use spawnlint_analysis::span::{FileId, Span};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    rc::Rc,
};

/// Who finds all this.
const SOURCE: &str = "spawnlint";

/// Diagnostics by file.
pub(super) type ByFile = BTreeMap<PathBuf, Vec<Diagnostic>>;

/// Where the places of a snapshot are in the texts that are open.
pub(super) struct Places<'a> {
    pub(super) snapshot: &'a Snapshot,
    documents: &'a Documents,
    encoding: Encoding,
    files: FxHashMap<FileId, Rc<(Moved, Lines<'a>)>>,
}

impl<'a> Places<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, documents: &'a Documents, encoding: Encoding) -> Places<'a> {
        Places { snapshot, documents, encoding, files: FxHashMap::default() }
    }

    fn file(&mut self, file: FileId) -> Rc<(Moved, Lines<'a>)> {
        let (snapshot, documents, encoding) = (self.snapshot, self.documents, self.encoding);
        let known = self.files.entry(file).or_insert_with(|| {
            let old = snapshot.text(file);
            let new = documents.get(snapshot.path(file)).map_or(old, |document| &document.text);
            Rc::new((Moved::between(old, new), Lines::new(new, encoding)))
        });
        Rc::clone(known)
    }

    /// Where something is now; `None` if it was edited since.
    pub(super) fn range(&mut self, at: Span) -> Option<Range> {
        let file = self.file(at.file);
        let (moved, lines) = &*file;
        Some(lines.range(moved.range(at.range)?))
    }

    /// The same with the file.
    pub(super) fn location(&mut self, at: Span) -> Option<Location> {
        Some(Location::new(self.uri(at.file)?, self.range(at)?))
    }

    pub(super) fn uri(&self, file: FileId) -> Option<Uri> {
        self.documents.uri(self.snapshot.path(file))
    }

    /// Whether a file says what it said when it was checked; of one that is not open, whether it may be changed, too.
    pub(super) fn is_current(&self, file: FileId) -> bool {
        match self.documents.get(self.snapshot.path(file)) {
            Some(document) => *document.text == *self.snapshot.text(file),
            None => self.snapshot.is_current_on_disk(file),
        }
    }

    pub(super) fn documents(&self) -> &'a Documents {
        self.documents
    }
}

/// All diagnostics of a snapshot.
pub(super) fn all(snapshot: &Snapshot, documents: &Documents, client: &Client, show_baseline: bool, acc: &mut ByFile) {
    let mut places = Places::new(snapshot, documents, client.encoding);
    for at in 0..snapshot.report().diagnostics.len() {
        if snapshot.is_known[at] && !show_baseline {
            continue;
        }
        let file = snapshot.report().diagnostics[at].finding.at.file;
        if let Some(diagnostic) = finding(&mut places, at, client) {
            acc.entry(snapshot.path(file).to_owned()).or_default().push(diagnostic);
        }
    }
    for it in &snapshot.report().problems {
        if let Some((path, diagnostic)) = problem(&mut places, it) {
            acc.entry(path).or_default().push(diagnostic);
        }
    }
    for it in &snapshot.mistakes {
        acc.entry(it.path.clone()).or_default().push(mistake(it, client.encoding));
    }
}

/// A finding of a snapshot; `None` if its place was edited since.
pub(super) fn finding(places: &mut Places<'_>, at: usize, client: &Client) -> Option<Diagnostic> {
    let snapshot = places.snapshot;
    let it = &snapshot.report().diagnostics[at];
    let finding = &it.finding;
    let range = places.range(finding.at)?;
    let notes = finding.notes.iter().map(|note| format!("note: {note}"));
    let helps = finding.helps.iter().map(|help| format!("help: {help}"));
    let message: Vec<String> = [finding.message.clone()].into_iter().chain(notes).chain(helps).collect();
    let severity = match it.level {
        _ if snapshot.is_known[at] => DiagnosticSeverity::HINT,
        Level::Deny => DiagnosticSeverity::ERROR,
        Level::Warn | Level::Allow => DiagnosticSeverity::WARNING,
    };
    let rule = with_comments(snapshot.report().levels.rules()).find(|rule| rule.name == finding.rule);
    let href = rule.filter(|_| client.has_code_links).and_then(|rule| page_uri(rule).parse().ok());
    let mut related = Vec::new();
    if client.has_related {
        let own = (!finding.label.is_empty()).then_some((finding.at, &finding.label));
        let labels = own.into_iter().chain(finding.labels.iter().map(|label| (label.at, &label.text)));
        related.extend(labels.filter_map(|(at, text)| {
            let message = printable_line(text).into_owned();
            Some(DiagnosticRelatedInformation { location: places.location(at)?, message })
        }));
    }
    let tags = (finding.rule == UNUSED_SUPPRESSION.name).then(|| vec![DiagnosticTag::UNNECESSARY]);
    let fixes: Vec<_> = actions::rewrites(places, at, client)
        .into_iter()
        .map(|it| json!({ "title": it.title, "edit": it.edit }))
        .collect();
    Some(Diagnostic {
        range,
        severity: Some(severity),
        code: Some(NumberOrString::String(format!("spawnlint::{}", finding.rule))),
        code_description: href.map(|href| CodeDescription { href }),
        source: Some(SOURCE.to_owned()),
        message: printable(&message.join("\n")).into_owned(),
        related_information: (!related.is_empty()).then_some(related),
        tags,
        data: Some(json!({ "rule": finding.rule, "fingerprint": it.fingerprint.hash(), "fixes": fixes })),
    })
}

/// What kept code from being checked. That a text is no Rust is for others to complain of.
fn problem(places: &mut Places<'_>, it: &Problem) -> Option<(PathBuf, Diagnostic)> {
    let snapshot = places.snapshot;
    if it.path.is_empty() {
        return None;
    }
    let path = match it.span {
        Some(span) => snapshot.path(span.file).to_owned(),
        None => crate::project::normalize(&Path::new(&snapshot.report().root).join(&it.path)),
    };
    let range = it.span.map_or(Some(Range::default()), |span| places.range(span))?;
    let severity = match (it.span, it.severity) {
        (Some(_), _) => DiagnosticSeverity::INFORMATION,
        (None, report::Severity::Error | report::Severity::Warning) => DiagnosticSeverity::WARNING,
    };
    let help = it.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    Some((path, plain(range, severity, &format!("{}{help}", it.message))))
}

fn mistake(it: &Mistake, encoding: Encoding) -> Diagnostic {
    let range = it.place.as_ref().map(|(line, text, column, len)| {
        let end = |count: usize| encoding.columns(&text.chars().take(count).collect::<String>());
        let line = *line as u32;
        Range::new(Position::new(line, end(*column)), Position::new(line, end(column + len)))
    });
    plain(range.unwrap_or_default(), DiagnosticSeverity::ERROR, &it.message)
}

fn plain(range: Range, severity: DiagnosticSeverity, message: &str) -> Diagnostic {
    Diagnostic {
        range,
        severity: Some(severity),
        source: Some(SOURCE.to_owned()),
        message: printable(message).into_owned(),
        ..Diagnostic::default()
    }
}
