//! Tasks that go into a field of the type whose method starts them: dropping the value ends them.

use super::holder::{Holder, Making};
use crate::{
    evidence::Evidenced,
    finding::{Applicability::MaybeIncorrect, Piece, Rewrite},
    rewrite::{
        Draft, JOIN_SET, Toolbox,
        keepers::{self, Access, LostForm, LostValue, Output, SelfOwner},
        places,
    },
};
use spawnlint_analysis::{
    catalogue::Runs,
    facts::Visibility,
    questions::{ExprRef, Type},
    span::{Span, TextRange},
};

impl Evidenced<'_> {
    /// `self.tasks.spawn(f);`, for a task that a method starts and gives to nobody.
    pub(super) fn kept_by_self(&self, lost: &LostValue, call: ExprRef, holders: &[Holder]) -> Option<Rewrite> {
        if self.task.runs == Runs::Blocking {
            return None;
        }
        let is_plain = matches!(lost.form, LostForm::Alone | LostForm::Named { given_up: None, .. });
        let mut own = is_plain.then(|| keepers::self_owner(self.program, self.task, lost.statement)).flatten()?;
        // What ends the type's other work ends these tasks, too.
        let stop = self.stop_of(&own);
        if stop.is_some_and(|stop| !stop.is_mutable) && own.access == Access::Mutable {
            own.access = Access::Locked;
        }
        self.set_in_self(lost, call, &own, stop)
            .or_else(|| holders.iter().find_map(|holder| self.guards_in_self(lost, &own, holder, stop)))
    }

    /// The method that ends what the type does, and forgets this task.
    fn stop_of(&self, own: &SelfOwner) -> Option<Stop> {
        let program = self.program;
        let stop = program.forgotten_by_stop(self.task).filter(|it| program.self_type(*it) == Some(own.owner))?;
        let item = program.function(stop);
        let begins = places::block_start(program, stop.with(item.body?));
        Some(Stop { begins, is_mutable: item.self_param.is_some_and(|it| it.is_mut) })
    }

    /// `self.tasks.spawn(f);`, where `tasks` is a `JoinSet`.
    fn set_in_self(&self, lost: &LostValue, call: ExprRef, own: &SelfOwner, stop: Option<Stop>) -> Option<Rewrite> {
        let program = self.program;
        let callee = keepers::spawn_callee(program, lost.value)?;
        // Any other type may not be known where the field is declared.
        if keepers::output_at(program, self.task, call)? != Output::Unit {
            return None;
        }
        let tools = Toolbox::of_file(program, own.owner.file, places::module_of_type(program, own.owner));
        let name = program.type_name(own.owner);
        let draft = Draft::new(
            format!("keep the tasks in a `JoinSet` in `{name}`, so that dropping the `{name}` ends them"),
            MaybeIncorrect,
        );
        let draft = draft.needs(tools.lacks(JOIN_SET));
        let is_set = |ty: &Type| ty.is("tokio::task::JoinSet") && ty.inner() == Type::Tuple([].into());
        let (field, access, is_new) = self.field_for_tasks(own, is_set);
        let shelf = Shelf::new(self, lost, access, &field);
        let draft = match is_new {
            true => in_type(draft, own, &field, &format!("{}<()>", tools.path(JOIN_SET))),
            false => draft,
        };
        let place = &shelf.place;
        let head = format!("{}while {place}.try_join_next().is_some() {{}}\n{place}.spawn", shelf.before);
        let (whole, value) = (lost.statement.at, program.span(lost.value));
        let start = TextRange::new(whole.range.start, callee.range.end).in_file(whole.file);
        let end = TextRange::new(value.range.end, whole.range.end).in_file(whole.file);
        let draft = draft.replace(start, new(head)).replace(end, new(format!(";{}", shelf.after)));
        ended_by(draft, stop, access, &field, "abort_all").finish_in(program)
    }

    /// `self.tasks.push(AbortGuard(task.abort_handle()));`, where `tasks` is a `Vec` of guards.
    fn guards_in_self(
        &self,
        lost: &LostValue,
        own: &SelfOwner,
        holder: &Holder,
        stop: Option<Stop>,
    ) -> Option<Rewrite> {
        let program = self.program;
        let Making::Around(before, after) = &holder.making else { return None };
        // The guard's own file declares the field.
        let guard = holder.guard.as_ref()?;
        let guard_path = guard.path();
        if own.visibility != Visibility::Private || !places::is_in_module_of(program, lost.value, own.owner) {
            return None;
        }
        let name = program.type_name(own.owner);
        let title = format!("keep abort-on-drop guards in `{name}`, so that dropping the `{name}` ends the tasks");
        let is_guards = |ty: &Type| {
            let guard = ty.inner().item().map(|it| program.type_name(it).to_owned());
            ty.is("std::vec::Vec") && guard.as_deref() == Some(guard_name(guard_path))
        };
        let (field, access, is_new) = self.field_for_tasks(own, is_guards);
        let shelf = Shelf::new(self, lost, access, &field);
        let draft = Draft::new(title, MaybeIncorrect);
        let draft = if is_new { in_type(draft, own, &field, &format!("Vec<{guard_path}>")) } else { draft };
        let task = places::own_name_or_free(program, lost.value, "task");
        let place = &shelf.place;
        let kept = format!(
            ";\n{}{place}.retain(|it| !it.0.is_finished());\n{place}.push({before}{task}{after});{}",
            shelf.before, shelf.after
        );
        let (head, tail) = places::parts_around(lost.statement.at, program.span(lost.value));
        let draft = draft.replace(head, new(format!("let {task} = "))).replace(tail, new(kept));
        let draft = ended_by(draft, stop, access, &field, "clear");
        guard.define(draft).finish_in(program)
    }

    /// The field for the tasks, how the method reaches it, and whether the type has to get it first: one of the same
    /// kind may be there, from an earlier rewrite or the author.
    fn field_for_tasks(&self, own: &SelfOwner, is_kind: impl Fn(&Type) -> bool) -> (String, Access, bool) {
        let program = self.program;
        let file = program.file(own.owner.file);
        for field in &file[own.owner.id].fields {
            let ty = program.declared_type(own.owner, field);
            let locked = if ty.is("std::sync::Arc") { ty.inner() } else { ty.clone() };
            let access = match locked.is("std::sync::Mutex") {
                true if is_kind(&locked.inner()) => Some(Access::Locked),
                _ => (own.access == Access::Mutable && is_kind(&ty)).then_some(Access::Mutable),
            };
            if let Some(access) = access {
                return (file[field.name].to_owned(), access, false);
            }
        }
        let free = |wanted| keepers::free_field(program, own.owner, wanted);
        let plain = free("tasks");
        let name = if plain == "tasks" { plain } else { free("background_tasks") };
        (name, own.access, true)
    }
}

/// A method that ends what its type does.
#[derive(Debug, Clone, Copy)]
struct Stop {
    /// Just behind the brace that opens it.
    begins: Span,
    /// Whether it has `&mut self`.
    is_mutable: bool,
}

/// Ends the tasks in a method as well.
fn ended_by(draft: Draft, stop: Option<Stop>, access: Access, field: &str, end: &str) -> Draft {
    match stop {
        None => draft,
        Some(stop) if access == Access::Mutable && !stop.is_mutable => draft,
        Some(stop) if access == Access::Mutable => {
            draft.replace(stop.begins, new(format!("\n    self.{field}.{end}();")))
        }
        Some(stop) => draft.replace(stop.begins, new(format!("\n    self.{field}.lock().expect({LOCKED}).{end}();"))),
    }
}

/// Why a lock can be had.
const LOCKED: &str = "\"no holder of the lock panics\"";

/// `AbortGuard` of `super::AbortGuard`.
fn guard_name(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// How a method reaches the field, in text.
struct Shelf {
    /// What has to stand before: the lock is taken.
    before: String,
    /// The field, or the name of what the lock gives.
    place: String,
    /// What has to stand behind: the lock is given back.
    after: String,
}

impl Shelf {
    fn new(it: &Evidenced<'_>, lost: &LostValue, access: Access, field: &str) -> Shelf {
        if access == Access::Mutable {
            return Shelf { before: String::new(), place: format!("self.{field}"), after: String::new() };
        }
        let name = places::free_name(it.program, lost.value, "tasks");
        let before = format!("let mut {name} = self.{field}.lock().expect({LOCKED});\n");
        let is_last = places::statements_behind(it.program, lost.statement).next().is_none();
        let after = if is_last { String::new() } else { format!("\ndrop({name});") };
        Shelf { before, place: name, after }
    }
}

/// Adds the field, and an empty value of it to each literal.
fn in_type(mut draft: Draft, own: &SelfOwner, field: &str, ty: &str) -> Draft {
    let ty = match own.access {
        Access::Mutable => ty.to_owned(),
        Access::Locked => format!("std::sync::Mutex<{ty}>"),
        Access::Shared => format!("std::sync::Arc<std::sync::Mutex<{ty}>>"),
    };
    let head = if own.visibility == Visibility::Private { "" } else { "pub(crate) " };
    draft = draft.replace(own.room.last_field.end(), new(format!(",\n{head}{field}: {ty}")));
    for (_, literal) in &own.room.literals {
        draft = literal.take(draft, field, "Default::default()");
    }
    draft
}

fn new(text: String) -> Vec<Piece> {
    vec![Piece::New(text)]
}
