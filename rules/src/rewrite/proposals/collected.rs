//! Tasks that go to the others of the struct that is built: it aborts them all.

use crate::{
    evidence::Evidenced,
    finding::{Applicability::MaybeIncorrect, Piece, Rewrite},
    rewrite::{
        Draft,
        keepers::{self, LostForm, LostValue, Output},
        places::{self, JOIN_HANDLE},
    },
};
use spawnlint_analysis::{
    facts::Expr,
    questions::{Act, ExprRef, Type, TypeRef, Value},
    span::Span,
};

impl Evidenced<'_> {
    /// `tasks: vec![reader, writer].into_iter().chain([task]).collect()`, where the struct that a function builds has
    /// a collection of handles, and aborts them.
    pub(super) fn kept_with_others(&self, lost: &LostValue, call: ExprRef) -> Option<Rewrite> {
        let program = self.program;
        if !matches!(lost.form, LostForm::Alone | LostForm::Named { given_up: None, .. })
            || !program.type_of(&Value::bare(lost.value)).is(JOIN_HANDLE)
            || keepers::output_at(program, self.task, call)? != Output::Unit
        {
            return None;
        }
        let is_direct = places::is_body(program, lost.statement.block).is_some();
        let top = match is_direct {
            true => lost.statement,
            false => places::outer_statement(program, lost.statement).filter(|(_, repeats)| !repeats)?.0,
        };
        let built = keepers::built_struct(program, top)?;
        let (field, init) = self.collection_of(built.owner, built.literal.last_field)?;
        let owner = program.type_name(built.owner);
        let title = format!("put the task into `{owner}.{field}`, so that it is aborted with the others");
        let new = |text: String| vec![Piece::New(text)];
        let (head, tail) = places::parts_around(lost.statement.at, program.span(lost.value));
        let name = places::own_name_or_free(program, lost.value, "task");
        let mut draft = Draft::new(title, MaybeIncorrect);
        let more = match is_direct {
            true => {
                draft = draft.replace(head, new(format!("let {name} = "))).replace(tail, new(";".to_owned()));
                format!("[{name}]")
            }
            false => {
                draft = draft.before(top.at, format!("let mut {name} = None;\n"));
                draft = draft.replace(head, new(format!("{name} = Some("))).replace(tail, new(");".to_owned()));
                name
            }
        };
        let file = program.file(init.file);
        let draft = match file[init.id] {
            // From an iterator already.
            Expr::MethodCall { receiver, method, .. } if &file[method] == "collect" => {
                draft.after(program.span(init.with(receiver)), format!(".chain({more})"))
            }
            _ => draft.after(program.span(init), format!(".into_iter().chain({more}).collect()")),
        };
        draft.finish_in(program)
    }

    /// The field with a type's handles, if the type aborts them, and what a literal puts there.
    fn collection_of(&self, owner: TypeRef, literal: Span) -> Option<(String, ExprRef)> {
        let program = self.program;
        let file = program.file(owner.file);
        file[owner.id].fields.iter().find_map(|field| {
            let ty = program.declared_type(owner, field);
            let is_handles = ty.is("std::vec::Vec")
                && ty.inner().is(JOIN_HANDLE)
                && matches!(ty.inner().inner(), Type::Tuple(members) if members.is_empty());
            let name = &file[field.name];
            let aborts = || program.field_acts(owner, name).iter().any(|it| it.act == Act::Aborts);
            let init = program.all_inits_of(owner, name).iter().copied().find(|init| {
                let parents = program.parents(init.file);
                let whole = parents.parent(init.id).and_then(|it| parents.parent(it)).map(|it| init.with(it));
                whole.is_some_and(|it| {
                    let at = program.span(it);
                    at.file == literal.file && at.range.contains(literal.range)
                })
            })?;
            (is_handles && aborts()).then(|| (name.to_owned(), init))
        })
    }
}
