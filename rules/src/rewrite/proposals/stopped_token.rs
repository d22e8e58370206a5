//! A guard beside the token with which a type ends its task: it cancels the token where a `Drop` of the type cannot.

use crate::{
    evidence::Evidenced,
    finding::{Applicability::MaybeIncorrect, Rewrite},
    rewrite::{DROP_GUARD, Draft, Toolbox, keepers, places},
};
use spawnlint_analysis::{
    catalogue,
    facts::{Expr, Visibility},
    questions::{ExprRef, Program, Stop},
};

impl Evidenced<'_> {
    /// `_stop: token.clone().drop_guard()`, in each literal that has the token; the copies of a value share the guard.
    pub(super) fn guard_beside_token(&self, stop: &Stop) -> Option<Rewrite> {
        let program = self.program;
        let owner = stop.owner;
        if !keepers::field_type_of(program, owner, &stop.field)?.is("tokio_util::sync::CancellationToken") {
            return None;
        }
        let tools = Toolbox::of_file(program, owner.file, places::module_of_type(program, owner));
        let room = keepers::room_in(program, owner, catalogue::is_derivable_with_shared_set)?;
        let visibility = keepers::visibility_for(program, owner, &room)?;
        let inits = program.all_inits_of(owner, &stop.field);
        if !tools.has(DROP_GUARD) || inits.is_empty() || inits.len() != room.literals.len() {
            return None;
        }
        let is_copied = program.derives(owner, catalogue::is_copying_trait);
        let (open, close, make) = match is_copied {
            true => ("std::sync::Arc<", ">", ("std::sync::Arc::new(", ")")),
            false => ("", "", ("", "")),
        };
        let field = keepers::free_field(program, owner, "_stop_on_drop");
        let head = if visibility == Visibility::Private { "" } else { "pub(crate) " };
        let ty = tools.path(DROP_GUARD);
        let name = program.type_name(owner);
        let whose = if is_copied { "the last copy of it" } else { "it" };
        let title = format!("keep a `DropGuard` in `{name}`, so that the task ends when {whose} is dropped");
        let mut draft = Draft::new(title, MaybeIncorrect);
        draft = draft.after(room.last_field, format!(",\n{head}{field}: {open}{ty}{close}"));
        for init in inits.iter() {
            let token = local_name(program, *init)?;
            let parents = program.parents(init.file);
            let literal = init.with(parents.parent(parents.parent(init.id)?)?);
            let Expr::Struct { fields, .. } = program.file(literal.file)[literal.id] else { return None };
            let first = literal.with(program.file(literal.file).at(fields, 0)?);
            let place = room.literals.iter().find(|(at, _)| *at == literal)?.1;
            let behind = if place.is_short { " " } else { "\n" };
            // Before the token itself is moved there.
            let value = format!("{field}: {}{token}.clone().drop_guard(){},{behind}", make.0, make.1);
            draft = draft.before(program.span(first), value);
        }
        draft.finish_in(program)
    }
}

/// The local that a field gets, by its name.
fn local_name(program: &Program, value: ExprRef) -> Option<String> {
    let file = program.file(value.file);
    let Expr::Path(_) = file[value.id] else { return None };
    let (_, binding) = program.local(value)?;
    Some(file[binding.name].to_owned())
}
