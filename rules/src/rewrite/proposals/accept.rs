//! The last choice: to say that it is meant.

use crate::{
    finding::{Applicability, Rewrite},
    rewrite::{Draft, places},
};
use spawnlint_analysis::{
    questions::{ExprRef, Program},
    span::Span,
};

/// A comment above the statement that says why a finding is no defect here; the reason is left to fill in.
pub(super) fn accept_at(program: &Program, rule: &str, at: ExprRef) -> Option<Rewrite> {
    places::line_of_statement(program, at).and_then(|line| accept(program, rule, line))
}

/// The same above anything that begins its line: a statement, an item, an arm.
pub(super) fn accept(program: &Program, rule: &str, above: Span) -> Option<Rewrite> {
    let comment = format!("// spawnlint: allow({rule}): <reason>\n");
    Draft::new("suppress the finding and say why", Applicability::HasPlaceholders)
        .before(above, comment)
        .finish_in(program)
}
