//! A rewrite that is being put together.
//!
//! A draft refers to the author's text by its place and never repeats it, so comments and formatting survive. What
//! it writes itself are whole paths, or a name that is imported where it writes: no import is ever added twice.

use super::imports::orphaned_imports;
use crate::{
    finding::{Applicability, Edit, Need, Piece, Rewrite},
    rewrite::places::{self, Behind, Statement},
};
use spawnlint_analysis::{
    questions::Program,
    span::{FileId, Span, TextRange},
};
use std::sync::Arc;

/// A rewrite that is being put together.
#[derive(Debug, Clone)]
pub struct Draft {
    rewrite: Rewrite,
}

impl Draft {
    /// A rewrite without edits. The title says what it does, as an imperative in lower case.
    pub fn new(title: impl Into<String>, applicability: Applicability) -> Draft {
        Draft { rewrite: Rewrite { title: title.into(), applicability, edits: Arc::default(), needs: Vec::new() } }
    }

    /// The same under another title.
    #[must_use]
    pub fn titled(mut self, title: impl Into<String>) -> Draft {
        self.rewrite.title = title.into();
        self
    }

    /// Puts new text before a place.
    #[must_use]
    pub fn before(self, at: Span, text: impl Into<String>) -> Draft {
        self.insert(at.file, at.range.start, text)
    }

    /// Puts new text behind a place.
    #[must_use]
    pub fn after(self, at: Span, text: impl Into<String>) -> Draft {
        self.insert(at.file, at.range.end, text)
    }

    /// Puts new text on both sides of a place: `AbortOnDropHandle::new(` and `)`.
    #[must_use]
    pub fn around(self, at: Span, before: impl Into<String>, after: impl Into<String>) -> Draft {
        self.before(at, before).after(at, after)
    }

    /// Writes a statement behind another one.
    #[must_use]
    pub fn stmt_behind(self, program: &Program, it: Statement, text: &str) -> Draft {
        self.stmt_behind_of(program, it, vec![Piece::New(text.to_owned())])
    }

    /// The same with pieces of the author's text.
    #[must_use]
    pub fn stmt_behind_of(self, program: &Program, it: Statement, mut text: Vec<Piece>) -> Draft {
        let (at, behind) = places::behind(program, it);
        let new = |text: &str| Piece::New(text.to_owned());
        match behind {
            Behind::NextStatement => text.push(new("\n")),
            Behind::ClosingBrace => {
                for piece in &mut text {
                    if let Piece::New(text) = piece {
                        *text = text.replace('\n', "\n    ");
                    }
                }
                text.insert(0, new("    "));
                text.push(new("\n"));
            }
            Behind::Statement => text.insert(0, new("\n")),
        }
        self.replace(at, text)
    }

    /// Puts other text in a place.
    #[must_use]
    pub fn replace(mut self, at: Span, text: Vec<Piece>) -> Draft {
        self.edits().push(Edit { at, text });
        self
    }

    /// Whether an edit changes the end of a place already.
    pub fn touches(&self, at: Span) -> bool {
        let ends = |edit: &Edit| edit.at.file == at.file && edit.at.range.end == at.range.end;
        self.rewrite.edits.iter().any(ends)
    }

    /// Takes the edits and needs of another draft along.
    #[must_use]
    pub fn with(mut self, other: Draft) -> Draft {
        self.edits().extend(Arc::unwrap_or_clone(other.rewrite.edits));
        self.rewrite.needs.extend(other.rewrite.needs);
        self
    }

    /// Says that the new text needs a dependency that is not there yet.
    #[must_use]
    pub fn needs(mut self, need: Option<Need>) -> Draft {
        self.rewrite.needs.extend(need);
        self
    }

    /// The rewrite, with the imports taken away that nothing needs any more once its edits are made.
    pub fn finish_in(mut self, program: &Program) -> Option<Rewrite> {
        let orphans = orphaned_imports(program, &self.rewrite.edits);
        self.edits().extend(orphans);
        self.finish()
    }

    /// The rewrite, with its edits in order; `None` if there are none, or two of them touch the same text.
    pub fn finish(mut self) -> Option<Rewrite> {
        let edits = self.edits();
        // Of insertions in one place the one that was asked for first comes first.
        edits.sort_by_key(|edit| edit.at);
        let is_free =
            |pair: &[Edit]| pair[0].at.file != pair[1].at.file || pair[0].at.range.end <= pair[1].at.range.start;
        let is_sound = !edits.is_empty() && edits.windows(2).all(is_free);
        self.rewrite.needs.sort();
        self.rewrite.needs.dedup();
        is_sound.then_some(self.rewrite)
    }

    fn edits(&mut self) -> &mut Vec<Edit> {
        Arc::make_mut(&mut self.rewrite.edits)
    }

    fn insert(self, file: FileId, at: u32, text: impl Into<String>) -> Draft {
        self.replace(TextRange::new(at, at).in_file(file), vec![Piece::New(text.into())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: u32, end: u32) -> Span {
        TextRange::new(start, end).in_file(FileId(0))
    }

    #[test]
    fn edits_come_in_order_and_never_overlap() {
        let draft = || Draft::new("wrap it", Applicability::MachineApplicable);
        assert_eq!(draft().finish(), None);
        let wrapped = draft().around(span(4, 9), "new(", ")").before(span(0, 2), "let x = ").finish().unwrap();
        assert_eq!(wrapped.edits.iter().map(|it| it.at).collect::<Vec<_>>(), [span(0, 0), span(4, 4), span(9, 9)]);
        let kept = vec![Piece::Kept(span(4, 9))];
        assert_eq!(draft().replace(span(3, 8), kept).before(span(5, 6), "x").finish(), None);
    }
}
