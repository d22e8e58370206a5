//! Handles that are awaited or aborted later in the future that holds them: something beside them aborts on drop.

use super::accept::accept_at;
use crate::{
    evidence::Evidenced,
    finding::{
        Applicability::{HasPlaceholders, MaybeIncorrect},
        Piece, Rewrite,
    },
    rewrite::{
        ABORT_ON_DROP, Draft, Toolbox,
        keepers::{self, LostForm},
        places::{self, JOIN_HANDLE, Statement},
    },
};
use spawnlint_analysis::questions::{UnsafeJoin, Value};

impl Evidenced<'_> {
    /// Rewrites for a task that is detached when the future that waits for it is dropped, best first.
    pub fn joined_keepers(&self, join: &UnsafeJoin, rule: &str) -> Vec<Rewrite> {
        let mut found: Vec<Rewrite> = Vec::new();
        found.extend(self.wrap_everywhere(
            "keep the handle in an `AbortOnDropHandle`, so that the task is aborted when this future is dropped",
            MaybeIncorrect,
        ));
        found.extend(self.guarded_beside(join));
        // One guard beside one handle needs nothing; a list of guards beside a list of handles is too much.
        let is_alone = keepers::given_value(self.program, self.task.site)
            .and_then(|value| places::statement(self.program, value))
            .is_some_and(|it| self.program.span(it.block).range.contains(join.at.range));
        found.sort_by_key(|rewrite| is_alone && !rewrite.needs.is_empty());
        if found.is_empty() {
            found.extend(self.wrapped_here());
        }
        found.extend(accept_at(self.program, rule, self.task.site));
        found
    }

    /// `let _abort_on_drop = AbortGuard(task.abort_handle());` behind `let task = tokio::spawn(f);`, or a `Vec` of such
    /// guards for tasks that are started in a loop. The handles go on to be used as before.
    fn guarded_beside(&self, join: &UnsafeJoin) -> Option<Rewrite> {
        let program = self.program;
        let value = keepers::given_value(program, self.task.site)?;
        if !program.type_of(&Value::bare(value)).is(JOIN_HANDLE) {
            return None;
        }
        let statement = places::statement(program, value)?;
        let draft = Draft::new(
            "keep an abort-on-drop guard beside the handle, so that the task is aborted when this future is dropped",
            MaybeIncorrect,
        );
        let waits_in = |it: Statement| program.span(it.block).range.contains(join.at.range);
        match places::outer_statement(program, statement) {
            // What is bound beside it lives as long as the block, in which the task is waited for.
            _ if waits_in(statement) => {
                let name = places::free_name(program, value, "_abort_on_drop");
                self.guarded(draft, value, statement, false, |guard| format!("let {name} = {guard};"))
            }
            Some((top, _)) if waits_in(top) => {
                let name = places::free_name(program, value, "abort_on_drop");
                let draft = draft.before(top.at, format!("let mut {name} = Vec::new();\n"));
                self.guarded(draft, value, statement, false, |guard| format!("{name}.push({guard});"))
            }
            _ => None,
        }
    }

    /// `AbortOnDropHandle::new(tokio::spawn(f))`, where the types that change with it are not all seen.
    pub(super) fn wrapped_here(&self) -> Option<Rewrite> {
        let program = self.program;
        let value = keepers::given_value(program, self.task.site)?;
        // A guard that nobody keeps ends the task at once.
        let is_lost = keepers::lost_value(program, value).is_some_and(|lost| lost.form == LostForm::Alone);
        if is_lost || !program.type_of(&Value::bare(value)).is(JOIN_HANDLE) {
            return None;
        }
        let tools = Toolbox::new(program, value);
        if !tools.fits(ABORT_ON_DROP) {
            return None;
        }
        let title = "wrap the handle in an `AbortOnDropHandle`, and change each type that names `JoinHandle`";
        let draft = Draft::new(title, HasPlaceholders).needs(tools.lacks(ABORT_ON_DROP));
        let before = format!("{}::new(", tools.path(ABORT_ON_DROP));
        let text = [Piece::New(before), Piece::Kept(program.span(value)), Piece::New(")".to_owned())];
        draft.replace(program.span(value), text.to_vec()).finish_in(program)
    }
}
