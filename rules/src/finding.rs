//! What a rule says: a finding with its evidence and the rewrites it proposes.

use spawnlint_analysis::span::Span;
use std::sync::Arc;

/// One defect, told to somebody who has never seen the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Name of the rule: `dropped_join_handle`.
    pub rule: &'static str,
    /// The place to look at first.
    pub at: Span,
    /// The task that it is about, by its spawn: of several findings about one task, one speaks.
    pub task: Option<Span>,
    /// What is wrong here: lower case, no full stop.
    pub message: String,
    /// What stands below the primary place.
    pub label: String,
    /// The evidence: where it is spawned, why it lives on, where the handle dies, what it keeps alive.
    pub labels: Vec<Label>,
    /// Why it matters.
    pub notes: Vec<String>,
    /// What to do, with the rewrite as text.
    pub helps: Vec<String>,
    /// Edits that would mend it, best first.
    pub rewrites: Vec<Rewrite>,
}

/// A place that belongs to the evidence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// Where.
    pub at: Span,
    /// What is there: lower case, no full stop, short.
    pub text: String,
}

/// How far a rewrite can be trusted, in rustc's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Applicability {
    /// Means the same and compiles.
    MachineApplicable,
    /// Compiles, and a person has to say whether it is meant.
    MaybeIncorrect,
    /// Has gaps to fill in.
    HasPlaceholders,
}

/// One way to mend a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewrite {
    /// What it does, as an imperative: `keep an abort handle and abort it on drop`.
    pub title: String,
    /// How far it can be trusted.
    pub applicability: Applicability,
    /// Replacements that belong together, in order of place, never overlapping. Findings may share them.
    pub edits: Arc<Vec<Edit>>,
    /// What the package has to depend on for the new text to compile, and does not yet.
    pub needs: Vec<Need>,
}

/// A dependency that new text needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    /// Package name as cargo writes it: `tokio-util`.
    pub package: &'static str,
    /// The first version that will do: `0.7.12`.
    pub version: &'static str,
    /// Its features.
    pub features: &'static [&'static str],
}

/// Replaces the text of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; an empty range inserts.
    pub at: Span,
    /// The new text, piece by piece.
    pub text: Vec<Piece>,
}

impl Edit {
    /// Whether all it does is to write a comment on lines of its own.
    pub(crate) fn is_comment(&self) -> bool {
        let is_comment =
            |piece: &Piece| matches!(piece, Piece::New(text) if text.starts_with("//") && text.ends_with('\n'));
        self.at.range.start == self.at.range.end && self.text.iter().all(is_comment)
    }
}

/// A part of new text. The core knows places and no texts, so what the author wrote is referred to, not repeated:
/// comments and formatting survive to the letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// New text. After each `\n` comes the indentation of the line that the edit begins on, then the text's own, in
    /// steps of four spaces; whoever applies it writes the file's line ends and tabs.
    New(String),
    /// What stands at this place, as it is.
    Kept(Span),
}

impl Piece {
    /// New text.
    pub fn new(text: impl Into<String>) -> Piece {
        Piece::New(text.into())
    }
}
