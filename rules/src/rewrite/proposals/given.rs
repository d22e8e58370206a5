//! Tasks that go into a struct which a function gives to its caller.

use super::{
    bind::{Bound, bind, field_name, held, wanted_name},
    holder::Holder,
    place::{Keep, add_item},
    result::around,
};
use crate::{
    finding::Piece,
    rewrite::{
        ABORT_ON_DROP, Draft, Toolbox,
        keepers::{self, GivenStruct, GivenValue, LostForm, LostValue},
        places,
    },
};
use spawnlint_analysis::facts::Visibility;

impl Keep<'_> {
    /// `session._task = Some(AbortGuard(task.abort_handle()));`, where the function gives `session` to its caller.
    pub(super) fn in_given(
        self,
        mut draft: Draft,
        lost: &LostValue,
        holder: &Holder,
        given: &GivenStruct,
    ) -> Option<Draft> {
        let program = self.program;
        if !matches!(lost.form, LostForm::Alone | LostForm::Named { given_up: None, .. }) {
            return None;
        }
        let ty = self.type_in_owner(lost, holder, given)?;
        let ty = if given.is_copied { around("std::sync::Arc<", ty, ">") } else { ty };
        let (outer, empty, set) = match given.repeats {
            true => ("Vec<", "Vec::new()", (".push(", ")")),
            false => ("Option<", "None", (" = Some(", ")")),
        };
        let many = if given.repeats { "s" } else { "" };
        let field = keepers::free_field(program, given.owner, &format!("_{}{many}", field_name(holder)));
        let head = if given.visibility == Visibility::Private { "" } else { "pub(crate) " };
        draft = draft.replace(given.last_field.end(), around(&format!(",\n{head}{field}: {outer}"), ty, ">"));
        for literal in &given.literals {
            draft = literal.take(draft, &field, empty);
        }
        let name = self.name_for(lost, holder, wanted_name(lost, holder));
        draft = bind(program, draft, lost, holder, Bound::Let(&name))?;
        let value = match given.is_copied {
            true => format!("std::sync::Arc::new({})", held(holder, &name)),
            false => held(holder, &name),
        };
        let kept = |of: &str| format!("{of}.{field}{}{value}{};", set.0, set.1);
        if let GivenValue::Before { to_mutate: Some(pat), .. } | GivenValue::Behind { to_mutate: Some(pat), .. } =
            &given.value
        {
            draft = draft.before(*pat, "mut ");
        }
        draft = match &given.value {
            GivenValue::Before { name, .. } => {
                if places::needs_semicolon_now(program, lost.statement) && !draft.touches(lost.statement.at) {
                    draft = draft.after(lost.statement.at, ";");
                }
                draft.stmt_behind(program, lost.statement, &kept(name))
            }
            GivenValue::Behind { name, statement, .. } => draft.stmt_behind(program, *statement, &kept(name)),
            GivenValue::AtEnd { value, statement } => {
                let local = places::free_name(program, *value, &short_name(program.type_name(given.owner)));
                let at = program.span(*value);
                let before = vec![
                    Piece::New(format!("let mut {local} = ")),
                    Piece::Kept(at),
                    Piece::New(format!(";\n{}\n", kept(&local))),
                ];
                draft.replace(statement.at.start(), before).replace(at, vec![Piece::New(local)])
            }
        };
        Some(add_item(draft, holder, given.visibility))
    }

    /// The type of what is kept, as it is written where the struct is declared.
    fn type_in_owner(self, lost: &LostValue, holder: &Holder, given: &GivenStruct) -> Option<Vec<Piece>> {
        let program = self.program;
        let ty = holder.ty.clone()?;
        if places::is_in_module_of(program, lost.value, given.owner) {
            return Some(ty);
        }
        let file = given.owner.file;
        if let Some(guard) = &holder.guard {
            let name = guard.path().rsplit("::").next().unwrap_or(guard.path());
            return Some(vec![Piece::New(places::path_to_root_item(program, lost.value.file, name, file)?)]);
        }
        // What a task gives may be written otherwise there.
        let [Piece::New(head), Piece::New(output), Piece::New(_)] = ty.as_slice() else { return None };
        if output != "()" || !head.trim_end_matches('<').ends_with("AbortOnDropHandle") {
            return None;
        }
        let tools = Toolbox::of_file(program, file, places::module_of_type(program, given.owner));
        Some(vec![Piece::New(format!("{}<()>", tools.path(ABORT_ON_DROP)))])
    }
}

/// `peer_connection`, for a `PeerConnection`.
fn short_name(ty: &str) -> String {
    let mut name = String::new();
    for (at, letter) in ty.char_indices() {
        if at > 0 && letter.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}
