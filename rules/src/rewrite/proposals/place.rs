//! Where a value that ends a task is put: a field, the block, the result of a function.

use super::{
    bind::{Bound, bind, field_name, held, wanted_name},
    holder::{Holder, Making},
    result::around,
};
use crate::rewrite::{
    Draft,
    keepers::{self, BuiltStruct, LiteralPlace, LostForm, LostValue},
    places,
};
use spawnlint_analysis::{
    facts::Visibility,
    questions::{FnRef, Program, TypeRef},
};

/// Where a value may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the struct that the function builds.
    Field,
    /// In a struct that the function gives to its caller.
    Given,
    /// In the block.
    Scope,
    /// By the caller.
    Result,
}

/// What was changed on the way to who keeps a value: nothing is changed twice.
#[derive(Debug, Clone, Default)]
pub(super) struct Through {
    /// Functions that give one more value back.
    pub(super) functions: Vec<FnRef>,
    /// Structs that have one more field.
    owners: Vec<TypeRef>,
}

impl Through {
    /// The struct that got a field last.
    pub(super) fn last_owner(&self) -> Option<TypeRef> {
        self.owners.last().copied()
    }

    /// Whether a function of a library changes that others call, too.
    pub(super) fn changes_api(&self, program: &Program) -> bool {
        self.functions.iter().any(|it| program.is_open_to_others(*it))
    }
}

/// Puts a value where somebody keeps it.
#[derive(Clone, Copy)]
pub(super) struct Keep<'a> {
    pub(super) program: &'a Program,
}

impl Keep<'_> {
    /// Adds the edits that keep a value which is lost now. `through` is what was changed for it already.
    pub(super) fn at(
        self,
        draft: Draft,
        lost: &LostValue,
        holder: &Holder,
        place: Place,
        through: &mut Through,
    ) -> Option<Draft> {
        match place {
            Place::Field => {
                let built = keepers::built_struct(self.program, lost.statement)?;
                if through.owners.contains(&built.owner) {
                    return None;
                }
                through.owners.push(built.owner);
                self.in_field(draft, lost, holder, &built)
            }
            Place::Given => {
                let given = keepers::given_struct(self.program, lost.value, lost.statement)?;
                if through.owners.contains(&given.owner) {
                    return None;
                }
                through.owners.push(given.owner);
                self.in_given(draft, lost, holder, &given)
            }
            Place::Scope => {
                keepers::lives_on_in_block(self.program, lost.statement).then(|| self.in_scope(draft, lost, holder))?
            }
            Place::Result => {
                let result = keepers::result_place(self.program, lost.statement)?;
                self.returned(draft, lost, holder, &result, through)
            }
        }
    }

    /// `let _task = AbortOnDropHandle::new(tokio::spawn(f));`
    fn in_scope(self, draft: Draft, lost: &LostValue, holder: &Holder) -> Option<Draft> {
        // What has a name keeps it, and lives as long as the name does.
        if let LostForm::Several { name: Some(name), .. } = &lost.form {
            let draft = bind(self.program, draft, lost, holder, Bound::Let(name))?;
            return Some(add_item(draft, holder, Visibility::Private));
        }
        let name = format!("_{}", wanted_name(lost, holder));
        let name = self.name_for(lost, holder, &name);
        let draft = bind(self.program, draft, lost, holder, Bound::Let(&name))?;
        Some(add_item(draft, holder, Visibility::Private))
    }

    /// A name for the value. Its own may stay where the handle itself becomes it.
    pub(super) fn name_for(self, lost: &LostValue, holder: &Holder, wanted: &str) -> String {
        match holder.making {
            Making::Around(..) => places::own_name_or_free(self.program, lost.value, wanted),
            _ => places::free_name(self.program, lost.value, wanted),
        }
    }

    /// `_task: AbortOnDropHandle<()>`
    fn in_field(self, mut draft: Draft, lost: &LostValue, holder: &Holder, built: &BuiltStruct) -> Option<Draft> {
        let ty = holder.ty.clone()?;
        let program = self.program;
        // The types are written where the task is started.
        if !places::is_in_module_of(program, lost.value, built.owner) {
            return None;
        }
        let field = keepers::free_field(program, built.owner, &format!("_{}", field_name(holder)));
        let name = self.name_for(lost, holder, wanted_name(lost, holder));
        draft = bind(program, draft, lost, holder, Bound::Let(&name))?;
        let value = held(holder, &name);
        let is_optional = !built.others.is_empty();
        let (ty, value) = match is_optional {
            true => (around("Option<", ty, ">"), format!("Some({value})")),
            false => (ty, value),
        };
        draft = draft.replace(built.last_field.end(), around(&format!(",\n{field}: "), ty, ""));
        draft = built.literal.take(draft, &field, &value);
        for other in &built.others {
            draft = other.take(draft, &field, "None");
        }
        // The field is private.
        Some(add_item(draft, holder, Visibility::Private))
    }

    /// `_task: Option<AbortOnDropHandle<()>>`, for a local that may have none.
    pub(super) fn in_field_if_started(
        self,
        mut draft: Draft,
        holder: &Holder,
        built: &BuiltStruct,
        name: &str,
    ) -> Option<Draft> {
        let field = keepers::free_field(self.program, built.owner, &format!("_{}", field_name(holder)));
        let ty = around("Option<", holder.ty.clone()?, ">");
        draft = draft.replace(built.last_field.end(), around(&format!(",\n{field}: "), ty, ""));
        draft = built.literal.take(draft, &field, name);
        for other in &built.others {
            draft = other.take(draft, &field, "None");
        }
        Some(draft)
    }

    /// Adds what a value's type needs, as public as the functions are that give it back.
    pub(super) fn with_item(self, draft: Draft, holder: &Holder, through: &Through) -> Draft {
        let any = |wanted| through.functions.iter().any(|it| self.program.function(*it).visibility == wanted);
        let visibility = if any(Visibility::Public) {
            Visibility::Public
        } else if any(Visibility::Restricted) {
            Visibility::Restricted
        } else {
            Visibility::Private
        };
        add_item(draft, holder, visibility)
    }
}

impl LiteralPlace {
    /// Adds a field.
    pub(super) fn take(self, draft: Draft, field: &str, value: &str) -> Draft {
        let text = match self.is_short {
            true => format!(", {field}: {value}"),
            false => format!(",\n{field}: {value}"),
        };
        draft.after(self.last_field, text)
    }
}

/// Adds the guard that a value is, if that has to be defined.
pub(super) fn add_item(draft: Draft, holder: &Holder, visibility: Visibility) -> Draft {
    match &holder.guard {
        Some(guard) => guard.define_for(draft, visibility),
        None => draft,
    }
}
