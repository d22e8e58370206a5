//! Rewrites that give a task to somebody who keeps it: the struct that is built, the caller, or the scope.

use super::{
    super::Evidenced,
    holder::{Holder, Making},
    place::{Keep, Place, Through},
};
use crate::{
    finding::{Applicability::MaybeIncorrect, Piece, Rewrite},
    program::{ExprRef, LostForm, LostValue, Output, Statement},
    rewrite::{DROP_GUARD, Draft, JOIN_SET, Toolbox},
    span::{Span, TextRange},
};

/// How many alternatives are offered.
const MAX_REWRITES: usize = 3;

impl Evidenced<'_> {
    /// Rewrites that give the task of a lost handle to somebody, best first.
    pub(super) fn kept_elsewhere(&self) -> Vec<Rewrite> {
        let mut found = self.kept_from(self.task.site);
        // Where a wrapper gives nothing that could be kept, it has to.
        for call in self.program.calls_on_the_way(self.task) {
            if found.is_empty() {
                found = self.kept_from(call);
            }
        }
        found
    }

    fn kept_from(&self, call: ExprRef) -> Vec<Rewrite> {
        let Some(value) = self.program.given_value(call) else { return Vec::new() };
        let Some(lost) = self.program.lost_value(value) else { return Vec::new() };
        let holders = self.holders(&lost, call);
        let mut found = self.kept_by(&lost, &holders);
        if call == self.task.site {
            found.extend(self.kept_in_set(&lost));
        }
        // A dependency that is missing comes behind what can be had at once.
        found.sort_by_key(|rewrite| !rewrite.needs.is_empty());
        found.truncate(MAX_REWRITES);
        found
    }

    /// Rewrites that keep one of these values, best first.
    fn kept_by(&self, lost: &LostValue, holders: &[Holder]) -> Vec<Rewrite> {
        let mut found = Vec::new();
        let keep = Keep { program: self.program };
        let places: [(&str, Place); 3] = [
            ("keep {} in the struct that is built here, so that the task ends with it", Place::Field),
            ("hold {} to the end of this block", Place::Scope),
            ("return {} to the caller, who ends the task by dropping it", Place::Result),
        ];
        for (title, place) in places {
            for holder in holders {
                let title = title.replace("{}", &holder.words);
                let draft = Draft::new(title, MaybeIncorrect).needs(holder.needs);
                let kept = keep.at(draft, lost, holder, place, &mut Through::default());
                found.extend(kept.and_then(|draft| draft.finish_in(self.program)));
            }
        }
        found
    }

    /// Rewrites that keep a drop guard of a token that nobody cancels, best first.
    pub fn token_keepers(&self, made: Option<Span>, rule: &str) -> Vec<Rewrite> {
        let made = made.and_then(|at| self.program.made_at(at));
        let mut found = Vec::new();
        if let Some(made) = made {
            if let Some((name, statement)) = self.program.made_local(made) {
                let tools = Toolbox::new(self.program, made);
                let holder = Holder {
                    making: Making::Behind(format!("{name}.clone().drop_guard()")),
                    ty: Some(vec![Piece::New(tools.path(DROP_GUARD))]),
                    needs: None,
                    words: "a `DropGuard` of the token".to_owned(),
                    item: None,
                };
                let lost = LostValue { value: made, statement, form: LostForm::Used { name } };
                found.extend(self.kept_by(&lost, &[holder]));
            } else if let Some((owner, field)) = self.program.made_field(made) {
                found.extend(self.cancelled_by_drop(owner, &field));
            }
        }
        found.truncate(MAX_REWRITES - 1);
        found.extend(self.keepers(rule));
        found
    }

    /// `tasks.spawn(f)`, for a task that is started in a branch or loop.
    fn kept_in_set(&self, lost: &LostValue) -> Option<Rewrite> {
        let program = self.program;
        let (top, repeats) = program.outer_statement(lost.statement)?;
        let callee = program.spawn_callee(lost.value)?;
        let tools = self.toolbox();
        let set = tools.path(JOIN_SET);
        let name = program.free_name(lost.value, "tasks");
        let start = |statement: Statement| {
            TextRange::new(statement.at.range.start, statement.at.range.start).in_file(statement.at.file)
        };
        let new = |text: String| vec![Piece::New(text)];
        let waits = program.waits_after(top) || (program.waits_within(top) && repeats);
        let title = match waits {
            true => "own the tasks with a `JoinSet`, which ends them with this function",
            false => "return a `JoinSet` that owns the tasks to the caller",
        };
        let mut draft = Draft::new(title, MaybeIncorrect).needs(tools.lacks(JOIN_SET));
        draft = draft.replace(start(top), new(format!("let mut {name} = {set}::new();\n")));
        let whole = lost.statement.at;
        let value = program.span(lost.value);
        let head = TextRange::new(whole.range.start, callee.range.end).in_file(whole.file);
        let tail = TextRange::new(value.range.end, whole.range.end).in_file(whole.file);
        let is_named = match &lost.form {
            LostForm::Alone => false,
            LostForm::Named { given_up: None, .. } => true,
            _ => return None,
        };
        let drained = match repeats {
            true => format!("while {name}.try_join_next().is_some() {{}}\n{name}.spawn"),
            false => format!("{name}.spawn"),
        };
        draft = draft.replace(head, new(drained));
        if !is_named {
            draft = draft.replace(tail, new(";".to_owned()));
        }
        if !waits {
            let output = match program.task_output(self.task)? {
                Output::Unit => Piece::New("()".to_owned()),
                Output::Written(at) => Piece::Kept(at),
            };
            let ty = vec![Piece::New(format!("{set}<")), output, Piece::New(">".to_owned())];
            let result = program.result_place(top)?;
            draft = Keep { program }.give_back(draft, &result, &ty, &name, None, &mut Through::default())?;
        }
        draft.finish_in(program)
    }

    /// `let task = AbortOnDropHandle::new(tokio::spawn(f));`, for a handle that is used later on some ways.
    pub(super) fn held_on_every_way(&self) -> Vec<Rewrite> {
        let wrapped =
            self.wrap_handle("abort the task on every way out on which the handle is dropped", MaybeIncorrect);
        wrapped.into_iter().collect()
    }
}
