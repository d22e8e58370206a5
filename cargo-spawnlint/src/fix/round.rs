//! One round: of all findings, the rewrites that can be applied together.

use super::{
    changes::Place,
    resolve::{Replacement, Suggestion, Unresolved, resolve},
};
use crate::{
    fingerprint::Fingerprint,
    report::{Diagnostic, Report},
};
use rustfix::{CodeFix, LinePosition, LineRange, Snippet, Solution};
use spawnlint_analysis::span::{FileId, Sources, Span};
use spawnlint_rules::finding::{Applicability, Need};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// Which rewrites may be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Also those that may be incorrect.
    pub unsafe_fixes: bool,
    /// Which of the rewrites of a finding that may be applied: 0 for the best one; the last one if there are fewer.
    pub nth: usize,
}

impl Policy {
    fn allows(self, applicability: Applicability) -> bool {
        match applicability {
            Applicability::MachineApplicable => true,
            Applicability::MaybeIncorrect => self.unsafe_fixes,
            Applicability::HasPlaceholders => false,
        }
    }
}

/// Why no rewrite of a finding was applied. What one can do something about comes first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// A dependency is missing.
    Needs {
        /// What is missing.
        needs: Vec<Need>,
        /// In whose manifest, if it has one.
        package: Option<String>,
    },
    /// It was tried, and did not help.
    TakenBack(TakenBack),
    /// It does not fit the text.
    Unresolved(Unresolved),
    /// With it the file would be no Rust.
    NoRust,
    /// The file is none as it is: it has syntax that its edition does not have any more.
    OldSyntax,
    /// It may be incorrect.
    NotSafe,
    /// A person has to fill it in.
    HasPlaceholders,
    /// There is none.
    NoRewrite,
}

impl Why {
    fn rank(&self) -> u8 {
        match self {
            Why::Needs { .. } => 0,
            Why::TakenBack(_) => 1,
            Why::Unresolved(_) => 2,
            Why::NoRust => 3,
            Why::OldSyntax => 4,
            Why::NotSafe => 5,
            Why::HasPlaceholders => 6,
            Why::NoRewrite => 7,
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Needs { needs, package } => {
                let lines = needs.iter().map(|need| format!("`{}`", super::cargo_add(need, package.as_deref())));
                write!(f, "run {} first", lines.collect::<Vec<_>>().join(" and "))
            }
            Why::TakenBack(why) => write!(f, "tried and reverted, since {why}"),
            Why::Unresolved(why) => why.fmt(f),
            Why::NoRust => f.write_str("the result would not parse, which is a bug in spawnlint"),
            Why::OldSyntax => f.write_str("the file does not parse in its edition"),
            Why::NotSafe => f.write_str("it may be incorrect; --unsafe-fixes applies it"),
            Why::HasPlaceholders => f.write_str("it has placeholders for you to fill in"),
            Why::NoRewrite => f.write_str("no fix is known"),
        }
    }
}

/// What came of a rewrite that was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenBack {
    /// The rule says the same again.
    Remains,
    /// This rule says something new.
    LeadsTo(&'static str),
    /// What is there afterwards could not be judged.
    Unclear,
}

impl fmt::Display for TakenBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TakenBack::Remains => f.write_str("the finding is still reported afterwards"),
            TakenBack::LeadsTo(rule) => write!(f, "it leads to a new finding from {rule}"),
            TakenBack::Unclear => f.write_str("the code cannot be analyzed afterwards"),
        }
    }
}

/// A rewrite among those of a report: the finding, and the number of the rewrite among its rewrites.
pub(super) type Key = (Fingerprint, usize);

/// What came out of one round.
#[derive(Debug, Default)]
pub(super) struct Round {
    /// New texts of the files that change.
    pub(super) texts: BTreeMap<FileId, String>,
    /// What was replaced in them, in order of place.
    pub(super) edits: BTreeMap<FileId, Vec<Replacement>>,
    /// What was applied, in order of the findings.
    pub(super) applied: Vec<Chosen>,
    /// Findings by their number in the report that stay, with the title of the rewrite that came nearest.
    pub(super) left: Vec<(usize, Option<String>, Why)>,
}

/// A rewrite that may be applied.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    /// The finding, by its number in the report.
    pub(super) at: usize,
    pub(super) key: Key,
    pub(super) suggestion: Suggestion,
}

/// What a round has to ask.
#[derive(Clone, Copy)]
pub(super) struct Ask<'a> {
    pub(super) policy: Policy,
    /// Whether nobody asked for a finding.
    pub(super) is_other: &'a dyn Fn(&Diagnostic) -> bool,
    /// Why a rewrite with this title is not to be applied, beside all else.
    pub(super) bar: &'a dyn Fn(&Diagnostic, &Key, &str) -> Option<Why>,
    /// Those that are applied by themselves, if no other one can be.
    pub(super) suspects: &'a BTreeSet<Key>,
    /// How many are applied at most.
    pub(super) most: usize,
    /// Whether a text is Rust.
    pub(super) parses: &'a dyn Fn(FileId, &str) -> bool,
}

/// Applies as many rewrites as go together.
pub(super) fn round(report: &Report, ask: Ask<'_>) -> Round {
    let mut round = Round::default();
    let mut patch = Patch::new(&report.sources);
    let mut suspect = None;
    // The names that are bound anew, by the item that they are bound in.
    let mut bound: BTreeSet<(FileId, &str, String)> = BTreeSet::new();
    for (at, diagnostic) in report.diagnostics.iter().enumerate().filter(|(_, it)| !(ask.is_other)(it)) {
        match choose(report, diagnostic, ask) {
            Ok((key, suggestion)) => {
                let chosen = Chosen { at, key, suggestion };
                if ask.suspects.contains(&chosen.key) {
                    suspect = suspect.or(Some(chosen));
                    continue;
                }
                let file = diagnostic.finding.at.file;
                let names = bound_in(&chosen.suggestion, file);
                let names: Vec<_> = names.map(|name| (file, diagnostic.site.item.as_str(), name.to_owned())).collect();
                // One of two rewrites that bind a name waits for the next round, in which it sees that the name is taken.
                let is_free = names.iter().all(|name| !bound.contains(name));
                if is_free && round.applied.len() < ask.most && patch.add(&chosen.suggestion) {
                    bound.extend(names);
                    round.applied.push(chosen);
                }
            }
            Err((title, why)) => round.left.push((at, title, why)),
        }
    }
    if let Some(suspect) = suspect.filter(|it| round.applied.is_empty() && patch.add(&it.suggestion)) {
        round.applied.push(suspect);
    }
    for edit in round.applied.iter().flat_map(|it| &it.suggestion.edits) {
        round.edits.entry(edit.at.file).or_default().push(edit.clone());
    }
    round.edits.values_mut().for_each(|edits| edits.sort_by_key(|edit| edit.at));
    round.texts = patch.finish();
    round
}

/// The machine applicable rewrites that go together, each with the number of its finding in the report.
pub fn sure(report: &Report, parses: &dyn Fn(FileId, &str) -> bool) -> Vec<(usize, Suggestion)> {
    let ask = Ask {
        policy: Policy { unsafe_fixes: false, nth: 0 },
        is_other: &|_| false,
        bar: &|_, _, _| None,
        suspects: &BTreeSet::new(),
        most: usize::MAX,
        parses,
    };
    round(report, ask).applied.into_iter().map(|it| (it.at, it.suggestion)).collect()
}

/// The names that the new text in a file binds with a `let`.
fn bound_in(suggestion: &Suggestion, file: FileId) -> impl Iterator<Item = &str> {
    let texts = suggestion.edits.iter().filter(move |edit| edit.at.file == file).map(|edit| edit.text.as_str());
    let names = texts.flat_map(|text| text.split("let ").skip(1)).filter_map(|behind| {
        let name = behind.strip_prefix("mut ").unwrap_or(behind);
        name.split(|it: char| !(it.is_alphanumeric() || it == '_')).next()
    });
    names.filter(|name| !name.is_empty())
}

/// The rewrite that may be applied, by the policy the first one, or why there is none.
fn choose(report: &Report, diagnostic: &Diagnostic, ask: Ask<'_>) -> Result<(Key, Suggestion), (Option<String>, Why)> {
    let finding = &diagnostic.finding;
    let mut nearest = (None, Why::NoRewrite);
    let mut better = ask.policy.nth;
    let mut last = None;
    for (number, rewrite) in finding.rewrites.iter().enumerate() {
        let key = (diagnostic.fingerprint.clone(), number);
        let why = if rewrite.applicability == Applicability::HasPlaceholders {
            Why::HasPlaceholders
        } else if !ask.policy.allows(rewrite.applicability) {
            Why::NotSafe
        } else if !rewrite.needs.is_empty() {
            let package = report.origin(finding.at.file).and_then(|origin| origin.package.clone());
            Why::Needs { needs: rewrite.needs.clone(), package }
        } else if let Some(why) = (ask.bar)(diagnostic, &key, &rewrite.title) {
            why
        } else {
            match resolve(&report.sources, rewrite) {
                Ok(suggestion) if !is_rust(&report.sources, &suggestion, ask.parses) => {
                    let mut edits = suggestion.edits.iter();
                    let is_read = edits.all(|edit| (ask.parses)(edit.at.file, &report.sources.get(edit.at.file).text));
                    if is_read { Why::NoRust } else { Why::OldSyntax }
                }
                Ok(suggestion) if better == 0 => return Ok((key, suggestion)),
                Ok(suggestion) => {
                    better -= 1;
                    last = Some((key, suggestion));
                    continue;
                }
                Err(why) => Why::Unresolved(why),
            }
        };
        if why.rank() < nearest.1.rank() {
            nearest = (Some(rewrite.title.clone()), why);
        }
    }
    last.ok_or(nearest)
}

/// Whether the files of a suggestion parse with it. What does not has no findings any more, and would look mended.
fn is_rust(sources: &Sources, suggestion: &Suggestion, parses: &dyn Fn(FileId, &str) -> bool) -> bool {
    patched(sources, suggestion).is_some_and(|texts| texts.iter().all(|(file, text)| parses(*file, text)))
}

/// The files that a suggestion changes, with their new texts; `None` if its edits do not go together.
pub fn patched(sources: &Sources, suggestion: &Suggestion) -> Option<BTreeMap<FileId, String>> {
    let mut patch = Patch::new(sources);
    patch.add(suggestion).then(|| patch.finish())
}

/// Edits of several suggestions, as long as none is in another's way.
struct Patch<'a> {
    sources: &'a Sources,
    files: BTreeMap<FileId, CodeFix>,
    edited: Vec<Span>,
    kept: Vec<Span>,
}

impl Patch<'_> {
    fn new(sources: &Sources) -> Patch<'_> {
        Patch { sources, files: BTreeMap::new(), edited: Vec::new(), kept: Vec::new() }
    }

    /// Adds all edits of a suggestion, or none.
    fn add(&mut self, suggestion: &Suggestion) -> bool {
        let edits: Vec<Span> = suggestion.edits.iter().map(|edit| edit.at).collect();
        let kept: Vec<Span> =
            suggestion.edits.iter().flat_map(|edit| edit.kept.iter().map(|(_, span)| *span)).collect();
        if touch(&kept, &self.edited) || touch(&self.kept, &edits) {
            // It would repeat text that is out of date by then.
            return false;
        }
        let mut changed: BTreeMap<FileId, CodeFix> = BTreeMap::new();
        for of_file in suggestion.edits.chunk_by(|a, b| a.at.file == b.at.file) {
            let file = of_file[0].at.file;
            let source = self.sources.get(file);
            let mut fix = self.files.get(&file).cloned().unwrap_or_else(|| CodeFix::new(&source.text));
            let replacements = of_file.iter().map(|edit| replacement(&source.path, edit)).collect();
            if fix.apply_solution(&Solution { message: suggestion.title.clone(), replacements }).is_err() {
                return false;
            }
            changed.insert(file, fix);
        }
        self.files.extend(changed);
        self.edited.extend(edits);
        self.kept.extend(kept);
        true
    }

    fn finish(self) -> BTreeMap<FileId, String> {
        let texts = self.files.iter().map(|(file, fix)| (*file, fix.finish()));
        // Edits begin and end at characters, and what they put there is text.
        texts.filter_map(|(file, text)| Some((file, text.ok()?))).collect()
    }
}

/// Whether a text that is repeated lies where another edit changes something.
fn touch(kept: &[Span], edited: &[Span]) -> bool {
    kept.iter().any(|kept| {
        let ranges = edited.iter().filter(|edit| edit.file == kept.file).map(|edit| edit.range);
        ranges.into_iter().any(|edit| edit.start <= kept.range.end && kept.range.start <= edit.end)
    })
}

fn replacement(path: &str, edit: &Replacement) -> rustfix::Replacement {
    // rustfix goes by bytes.
    let nowhere = LinePosition { line: 0, column: 0 };
    let snippet = Snippet {
        file_name: path.to_owned(),
        line_range: LineRange { start: nowhere, end: nowhere },
        range: edit.at.range.start as usize..edit.at.range.end as usize,
    };
    rustfix::Replacement { snippet, replacement: edit.text.clone() }
}

/// Where a finding is.
pub(super) fn place(sources: &Sources, at: Span) -> Place {
    let source = sources.get(at.file);
    let (line, column) = source.line_column(at.range.start);
    Place { path: source.path.clone(), line, column }
}
