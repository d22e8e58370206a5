//! A guard beside a handle that goes on to be used as before.

use crate::{
    evidence::Evidenced,
    finding::{Piece, Rewrite},
    rewrite::{
        ABORT_HANDLE, AbortGuard, Draft, keepers,
        places::{self, Statement},
    },
};
use spawnlint_analysis::questions::ExprRef;

impl Evidenced<'_> {
    /// Adds a guard to the statement in which `value` gives the task's handle. `keep` makes a statement of the guard:
    /// `let _guard = ..;`. A handle without a name gets one before, as `mut` if it is lent.
    pub(super) fn guarded(
        &self,
        draft: Draft,
        value: ExprRef,
        statement: Statement,
        is_lent: bool,
        keep: impl FnOnce(&str) -> String,
    ) -> Option<Rewrite> {
        let program = self.program;
        let guard = AbortGuard::local(program, value, ABORT_HANDLE)?;
        let make = |handle: &str| guard.make(&format!("{handle}.abort_handle()"));
        let draft = match keepers::made_local(program, value) {
            Some((handle, _)) => draft.stmt_behind(program, statement, &keep(&make(&handle))),
            None => {
                let handle = places::free_name(program, value, "task");
                let mutable = if is_lent { "mut " } else { "" };
                let at = program.span(value);
                let before = vec![
                    Piece::New(format!("let {mutable}{handle} = ")),
                    Piece::Kept(at),
                    Piece::New(format!(";\n{}\n", keep(&make(&handle)))),
                ];
                draft.replace(statement.at.start(), before).replace(at, vec![Piece::New(handle)])
            }
        };
        guard.define(draft).finish_in(program)
    }
}
