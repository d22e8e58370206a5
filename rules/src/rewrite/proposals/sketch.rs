//! What is left to finish by hand: the abort handle stands at the spawn, and the place is named where it should go.

use super::{
    bind::{Bound, bind, held},
    holder::{Holder, Making},
};
use crate::{
    evidence::Evidenced,
    finding::{Applicability::HasPlaceholders, Rewrite},
    rewrite::{
        Draft,
        keepers::{self, LostForm, LostValue},
        places,
    },
};
use spawnlint_analysis::questions::{FnRef, Program};

impl Evidenced<'_> {
    /// `let task = AbortOnDropHandle::new(tokio::spawn(f));`, with a note on where it should go.
    pub(super) fn sketched(&self) -> Option<Rewrite> {
        let calls = std::iter::once(self.task.site).chain(keepers::calls_on_the_way(self.program, self.task));
        calls.chain([self.task.inner]).find_map(|call| {
            let value = keepers::given_value(self.program, call)?;
            let lost = keepers::lost_value(self.program, value)?;
            let holders = self.holders(&lost, call);
            holders.iter().find_map(|holder| self.sketched_with(&lost, holder))
        })
    }

    fn sketched_with(&self, lost: &LostValue, holder: &Holder) -> Option<Rewrite> {
        let program = self.program;
        let owner = owner_near(program, lost);
        let (title, whose) = match &owner {
            Some(name) => (format!("keep {} in `{name}`", holder.words), format!("a field of `{name}`")),
            None => (format!("keep {} in the task's owner", holder.words), "a field of the task's owner".to_owned()),
        };
        let name = match holder.making {
            Making::Apart { .. } => places::free_name(program, lost.value, "stop"),
            _ => places::own_name_or_free(program, lost.value, "task"),
        };
        let draft = Draft::new(title, HasPlaceholders).needs(holder.needs);
        let note = format!("// <move `{}` into {whose}: dropping it ends the task>", held(holder, &name));
        // Behind what a function gives back nothing can stand.
        let is_value = lost.statement.is_tail && lost.form != LostForm::Alone;
        let draft = if is_value { draft.before(lost.statement.at, format!("{note}\n")) } else { draft };
        let draft = bind(program, draft, lost, holder, Bound::Let(&name))?;
        let draft = if is_value { draft } else { draft.stmt_behind(program, lost.statement, &note) };
        let draft = match &holder.guard {
            Some(guard) => guard.define(draft),
            None => draft,
        };
        draft.finish_in(program)
    }
}

/// The type that a task most likely works for: that of `self`, that which the function gives back, or that of a
/// method which calls it.
fn owner_near(program: &Program, lost: &LostValue) -> Option<String> {
    let function = program.enclosing_fn(lost.value)?;
    let of_self = |function: FnRef| {
        // What takes the value itself leaves no owner behind.
        let stays = program.function(function).self_param.is_some_and(|it| it.is_ref || it.ty.is_some());
        program.self_type(function).filter(|_| stays)
    };
    let given = || program.return_type(function).innermost().item();
    let by_caller = || program.callers(function).into_iter().find_map(|call| of_self(program.enclosing_fn(call)?));
    let found = of_self(function).or_else(given).or_else(by_caller)?;
    Some(program.type_name(found).to_owned())
}
