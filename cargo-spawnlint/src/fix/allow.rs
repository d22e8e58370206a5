//! Comments for findings that are to stay: where each is written, so that it silences what it is for, and nothing that
//! formats code moves it.

use super::{Change, Place};
use crate::{engine::Engine, lower::lower, report::Report};
use spawnlint_rules::span::{FileId, TextRange};
use std::{collections::BTreeMap, sync::Arc};

/// How many lines above its own a finding's comment may stand.
const MAX_LINES: usize = 200;

/// The files with comments in them, and what could not be commented.
#[derive(Debug, Default)]
pub struct Added {
    /// Files whose text is another one now, by path.
    pub changes: Vec<Change>,
    /// Findings that are allowed now.
    pub allowed: usize,
    /// Findings for which there is no place for a comment.
    pub left: Vec<Placed>,
}

/// A finding that is left, in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The rule.
    pub rule: &'static str,
    /// Where it is.
    pub at: Place,
}

/// Writes a comment with this reason for each finding of a report, in memory. Findings about comments are not meant:
/// they are mended, not allowed.
pub fn add_suppressions(engine: &Engine, report: &Report, reason: &str) -> Added {
    let mut by_file: BTreeMap<FileId, BTreeMap<u32, Vec<&'static str>>> = BTreeMap::new();
    for finding in report.diagnostics.iter().map(|it| &it.finding) {
        if crate::levels::COMMENT_RULES.iter().any(|rule| rule.name == finding.rule) {
            continue;
        }
        let rules = by_file.entry(finding.at.file).or_default().entry(finding.at.range.start).or_default();
        if !rules.contains(&finding.rule) {
            rules.push(finding.rule);
        }
    }
    let mut added = Added::default();
    for (file, findings) in by_file {
        let source = report.sources.get(file);
        let old: Arc<str> = source.text.as_ref().into();
        let mut text = Commented { text: old.to_string(), reason };
        let mut wanted: Vec<(u32, Vec<&'static str>)> = Vec::new();
        for (at, rules) in findings {
            match wanted.last_mut().filter(|(known, _)| text.line_of(*known as usize) == text.line_of(at as usize)) {
                // One comment speaks of the whole line.
                Some((_, known)) => {
                    known.extend(rules.into_iter().filter(|rule| !known.contains(rule)).collect::<Vec<_>>())
                }
                None => wanted.push((at, rules)),
            }
        }
        // From the end, so that what is written does not move what comes next.
        for (at, rules) in wanted.into_iter().rev() {
            let mut rules = rules;
            rules.sort_unstable();
            match text.allow(at as usize, &rules.join(", ")) {
                true => added.allowed += rules.len(),
                false => added.left.extend(rules.iter().map(|rule| {
                    let (line, column) = source.line_column(at);
                    Placed { rule, at: Place { path: source.path.clone(), line, column } }
                })),
            }
        }
        if *text.text != *old {
            added.changes.push(Change {
                path: engine.path(file).to_owned(),
                shown: source.path.clone(),
                old,
                new: text.text.into(),
                group: added.changes.len(),
            });
        }
    }
    added
}

/// A text that gets comments.
struct Commented<'a> {
    text: String,
    reason: &'a str,
}

impl Commented<'_> {
    /// Start and end of the line of an offset, its line break left out.
    fn line_of(&self, at: usize) -> (usize, usize) {
        let start = self.text[..at].rfind('\n').map_or(0, |at| at + 1);
        let end = self.text[at..].find('\n').map_or(self.text.len(), |len| at + len);
        (start, start + self.text[start..end].trim_end_matches('\r').len())
    }

    /// Writes a comment for what begins at an offset: above its line or, where that is in the middle of something, above
    /// the nearest line before it at which something begins that it is part of; behind the line if there is none.
    fn allow(&mut self, at: usize, rules: &str) -> bool {
        let comment = format!("// spawnlint: allow({rules}): {}", self.reason);
        let newline = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        let mut above = self.line_of(at).0;
        for _ in 0..MAX_LINES {
            let (start, end) = self.line_of(above);
            let line = &self.text[start..end];
            let code = line.trim_start();
            let indent = &line[..line.len() - code.len()];
            if !code.is_empty() && !code.starts_with("//") {
                let first = start + indent.len();
                let insert = format!("{indent}{comment}{newline}");
                let candidate = format!("{}{insert}{}", &self.text[..start], &self.text[start..]);
                if covers(&candidate, start + indent.len(), &comment, at + insert.len(), Some(first + insert.len())) {
                    self.text = candidate;
                    return true;
                }
            }
            if start == 0 {
                break;
            }
            above = start - 1;
        }
        let end = self.line_of(at).1;
        let insert = format!(" {comment}");
        let candidate = format!("{}{insert}{}", &self.text[..end], &self.text[end..]);
        let is_good = covers(&candidate, end + 1, &comment, at, None);
        if is_good {
            self.text = candidate;
        }
        is_good
    }
}

/// Whether a comment that begins at an offset is understood, and speaks of `wanted`. `element` is where a comment above
/// something has to begin to speak: one that speaks of the rest of a line only stands in the middle of something, and
/// would be moved by whoever formats the code.
fn covers(text: &str, comment_at: usize, comment: &str, wanted: usize, element: Option<usize>) -> bool {
    let lowered = lower(text);
    if !lowered.errors.is_empty() {
        return false;
    }
    let here =
        |range: TextRange| range.start as usize == comment_at && (range.end - range.start) as usize == comment.len();
    let Some(found) = lowered.summary.suppressions.iter().find(|it| here(it.range)) else { return false };
    let wanted = TextRange::new(wanted as u32, wanted as u32);
    found.problem.is_none()
        && found.covers.contains(wanted)
        && element.is_none_or(|element| found.covers.start as usize == element)
}
