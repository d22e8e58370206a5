//! Comments for findings that are to stay: where each is written, so that it silences what it is for, and nothing that
//! formats code moves it.

use super::{Change, Place};
use crate::{engine::Engine, lower::lower, report::Report};
use spawnlint_analysis::span::{FileId, TextRange};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::Arc,
};

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
        let mut text = Commented { text: old.to_string(), reason, written: Vec::new() };
        let findings: Vec<(u32, Vec<&'static str>)> = findings.into_iter().collect();
        for of_line in findings.chunk_by(|(a, _), (b, _)| source.line_column(*a).0 == source.line_column(*b).0) {
            if text.allow(of_line) {
                let rules: BTreeSet<&str> = of_line.iter().flat_map(|(_, rules)| rules.iter().copied()).collect();
                added.allowed += rules.len();
                continue;
            }
            // What no comment covers together may have one each.
            for of_place in of_line.chunks(1) {
                let (at, rules) = &of_place[0];
                let (line, column) = source.line_column(*at);
                match of_line.len() > 1 && text.allow(of_place) {
                    true => added.allowed += rules.len(),
                    false => added.left.extend(
                        rules.iter().map(|rule| Placed { rule, at: Place { path: source.path.clone(), line, column } }),
                    ),
                }
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

/// How much of the code around a finding a comment speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The statement or expression.
    Statement,
    /// The function, `impl` or module.
    Item,
    /// The file.
    File,
}

/// The comment that allows a rule at a place of a text, and where it is inserted; `None` if there is no place for it.
pub fn comment_for(text: &str, at: u32, rule: &'static str, reason: &str, extent: Extent) -> Option<(usize, String)> {
    let comment = format!("// spawnlint: allow({rule}): {reason}");
    let it = Commented { text: text.to_owned(), reason, written: Vec::new() };
    let places = [at as usize];
    match extent {
        Extent::Statement => it.above(&places, &comment, Reach::Statement).or_else(|| it.behind(&places, &comment)),
        Extent::Item => it.above(&places, &comment, Reach::OnlyItem),
        Extent::File => {
            let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
            let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
            let rest = &text[mark..];
            let is_script = rest.starts_with("#!") && !rest[2..].trim_start().starts_with('[');
            let start = if is_script { mark + rest.find('\n')? + 1 } else { mark };
            let comment = comment.replacen("//", "//!", 1);
            let insert = format!("{comment}{newline}");
            let new = format!("{}{insert}{}", &text[..start], &text[start..]);
            covers(&new, &[at as usize + insert.len()], start..start + comment.len())?;
            Some((start, insert))
        }
    }
}

/// A text that gets comments.
struct Commented<'a> {
    text: String,
    reason: &'a str,
    /// What was inserted where, in the text as it was.
    written: Vec<(usize, usize)>,
}

impl Commented<'_> {
    /// Where an offset of the text as it was is now.
    fn moved(&self, at: u32) -> usize {
        let at = at as usize;
        at + self.written.iter().filter(|(before, _)| *before <= at).map(|(_, len)| len).sum::<usize>()
    }

    /// Start and end of the line of an offset, its line break left out.
    fn line_of(&self, at: usize) -> (usize, usize) {
        let start = self.text[..at].rfind('\n').map_or(0, |at| at + 1);
        let end = self.text[at..].find('\n').map_or(self.text.len(), |len| at + len);
        (start, start + self.text[start..end].trim_end_matches('\r').len())
    }

    /// Writes a comment for what is found in one line, each with where it began before anything was written: above the
    /// line; where that is in the middle of something, above the nearest line before it at which the expression or
    /// statement begins that all of it is part of; behind the line; or above the function around it.
    fn allow(&mut self, found: &[(u32, Vec<&'static str>)]) -> bool {
        let places: Vec<usize> = found.iter().map(|(at, _)| self.moved(*at)).collect();
        let rules: BTreeSet<&str> = found.iter().flat_map(|(_, rules)| rules.iter().copied()).collect();
        let rules: Vec<&str> = rules.into_iter().collect();
        let comment = format!("// spawnlint: allow({}): {}", rules.join(", "), self.reason);
        let found = self
            .above(&places, &comment, Reach::Statement)
            .or_else(|| self.behind(&places, &comment))
            .or_else(|| self.above(&places, &comment, Reach::Item));
        let Some((place, insert)) = found else { return false };
        self.text.insert_str(place, &insert);
        // Places are counted in the text as it was.
        let mut shift = 0;
        for (other, len) in &self.written {
            if other + shift < place {
                shift += len;
            }
        }
        self.written.push((place - shift, insert.len()));
        self.written.sort_unstable();
        true
    }

    /// Where a comment is written above something, and what is inserted there.
    fn above(&self, places: &[usize], comment: &str, reach: Reach) -> Option<(usize, String)> {
        let newline = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        let mut line_of = *places.first()?;
        for climbed in 0..MAX_LINES {
            let (start, end) = self.line_of(line_of);
            let line = &self.text[start..end];
            let code = line.trim_start();
            let indent = &line[..line.len() - code.len()];
            if !code.is_empty() && !code.starts_with("//") {
                let insert = format!("{indent}{comment}{newline}");
                let text = format!("{}{insert}{}", &self.text[..start], &self.text[start..]);
                let moved: Vec<usize> = places.iter().map(|at| at + insert.len()).collect();
                let element = start + insert.len() + indent.len();
                match covers(&text, &moved, start + indent.len()..start + indent.len() + comment.len()) {
                    Some(found) if found.start == element && reach.allows(found, climbed) => {
                        return Some((start, insert));
                    }
                    _ => {}
                }
            }
            line_of = start.checked_sub(1)?;
        }
        None
    }

    /// The same behind the line.
    fn behind(&self, places: &[usize], comment: &str) -> Option<(usize, String)> {
        let end = self.line_of(*places.first()?).1;
        let insert = format!(" {comment}");
        let text = format!("{}{insert}{}", &self.text[..end], &self.text[end..]);
        covers(&text, places, end + 1..end + 1 + comment.len()).map(|_| (end, insert))
    }
}

/// How far from its finding a comment may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// It speaks of a statement.
    Statement,
    /// It speaks of a whole function.
    Item,
    /// It speaks of a whole function, and of nothing less.
    OnlyItem,
}

impl Reach {
    /// Whether a comment may speak of this, so many lines above the finding.
    fn allows(self, found: Covered, climbed: usize) -> bool {
        match self {
            Reach::Statement => !found.is_item || climbed == 0,
            Reach::Item => true,
            Reach::OnlyItem => found.is_item,
        }
    }
}

/// What a comment speaks of.
#[derive(Debug, Clone, Copy)]
struct Covered {
    start: usize,
    is_item: bool,
}

/// What the comment in a text speaks of, if it is understood and all of these places are part of that. A comment that speaks of the
/// rest of a line only, since it stands in the middle of something, does not start at the first word of the line.
fn covers(text: &str, places: &[usize], comment: Range<usize>) -> Option<Covered> {
    let lowered = lower(text);
    if !lowered.errors.is_empty() {
        return None;
    }
    let summary = &lowered.summary;
    let is_here = |range: TextRange| (range.start as usize..range.end as usize) == comment;
    let found = summary.suppressions.iter().find(|it| is_here(it.range) && it.problem.is_none())?;
    let is_covered = |at: &usize| found.covers.contains(TextRange::new(*at as u32, *at as u32));
    // Attributes belong to what is covered, and not to the item's own range.
    let ends_with = |range: TextRange| range.end == found.covers.end && found.covers.contains(range);
    let is_item = summary.functions.iter().map(|it| it.range).any(ends_with)
        || summary.impls.iter().map(|it| it.range).any(ends_with)
        || summary.modules.iter().skip(1).map(|it| it.range).any(ends_with);
    places.iter().all(is_covered).then_some(Covered { start: found.covers.start as usize, is_item })
}
