//! What the workspace does with a field that holds a handle.

use super::{Act, Answer, FieldPlace, Flow, FnRef, OpenReason, Question, Race, Type, TypeRef};
use crate::{
    catalogue::{self, Does},
    facts::{TypeKind, Visibility},
    span::Span,
};

/// What becomes of the handle in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldUse {
    /// Somebody aborts, awaits or hands it out; where.
    Kept(Span),
    /// Somebody waits for it in a race, and does nothing else with it: where the other side wins, it is lost.
    Raced(Race),
    /// Nobody does anything with it.
    Nothing,
    /// Others may.
    Unknown(OpenReason),
}

impl FieldUse {
    /// Which of two answers is the better one.
    pub(super) fn rank(&self) -> u32 {
        match self {
            FieldUse::Kept(_) => 0,
            FieldUse::Unknown(_) => 1,
            FieldUse::Raced(_) => 2,
            FieldUse::Nothing => 3,
        }
    }
}

impl Flow {
    /// What the workspace does with a field of a type; of an enum's field, the variant stands before its name.
    pub(crate) fn field_use(&self, owner: TypeRef, field: &str) -> FieldUse {
        let (variant, name) = match field.split_once('.') {
            Some((variant, name)) => (self.names.lookup(variant), name),
            None => (None, field),
        };
        let question = Question::Field(owner, variant, self.names.lookup(name));
        let worst = || Answer::Field(FieldUse::Nothing);
        match self.answers.get(question, worst, || Answer::Field(self.find_field_use(owner, field))) {
            Answer::Field(use_) => use_,
            Answer::Fate(_) => unreachable!("a question about a field is answered with its use"),
        }
    }

    fn find_field_use(&self, owner: TypeRef, field: &str) -> FieldUse {
        let declared = self.declared_field(owner, field);
        if let Some(declared) = declared
            && self.ends_task_on_drop(&self.declared_type(owner, declared)).is_some()
        {
            return FieldUse::Kept(declared.range.in_file(owner.file));
        }
        // Of places on something unknown nothing comes but "unknown", so these are looked at last, and few of them.
        let (on_unknown, own): (Vec<_>, Vec<_>) = (self.places_of_field(owner, field).into_iter())
            .partition(|(_, place)| matches!(place, FieldPlace::OnUnknown(_)));
        let (mut unknown, mut raced) = (None, None);
        let acts =
            own.into_iter().flat_map(|(at, place)| self.acts_at(at, place).into_iter().map(move |used| (at, used)));
        for (at, used) in acts {
            match used.act {
                Act::Unknown(why) => {
                    unknown.get_or_insert((at, why));
                }
                Act::Races(race) if used.by.is_none_or(|by| self.may_run(by)) => {
                    raced.get_or_insert(race);
                }
                Act::Races(_) => {}
                act if act.keeps() && used.by.is_none_or(|by| self.may_run(by)) => return FieldUse::Kept(used.at),
                _ => {}
            }
        }
        let before = on_unknown.into_iter().take_while(|(at, _)| unknown.is_none_or(|(first, _)| *at < first));
        let mut acts = before.flat_map(|(at, place)| self.acts_at(at, place)).map(|used| used.act);
        let first = acts.find_map(|act| if let Act::Unknown(why) = act { Some(why) } else { None });
        if let Some(why) = first.or(unknown.map(|(_, why)| why)) {
            return FieldUse::Unknown(why);
        }
        let name = field.rsplit('.').next().unwrap_or(field);
        if self.is_done_in_macro_rules(name, ends_task) {
            return FieldUse::Unknown(OpenReason::MentionedInMacro);
        }
        let item = &self.file(owner.file)[owner.id];
        let is_public = item.visibility == Visibility::Public
            && declared.is_some_and(|field| field.visibility == Visibility::Public || field.variant.is_some())
            && self.is_library(owner.file);
        match raced {
            _ if is_public => FieldUse::Unknown(OpenReason::PublicField),
            Some(race) => FieldUse::Raced(race),
            None => FieldUse::Nothing,
        }
    }

    /// Whether a function may be called at all: by name from somewhere, by a trait, or by users of a library.
    /// A `stop` that nobody calls stops nothing.
    pub(crate) fn may_run(&self, function: FnRef) -> bool {
        let item = self.function(function);
        let name = self.function_name(function);
        self.is_of_trait(function)
            || self.is_public_api(function)
            || item.attrs.is_entry
            || name == "main"
            || !self.aliases(name).is_empty()
            || self
                .calls_named(name)
                .iter()
                .any(|call| self.enclosing_fn(*call) != Some(function) && !self.in_test(*call))
            || self.mentions_of(name).iter().any(|at| self.enclosing_fn(*at) != Some(function) && !self.in_test(*at))
            || self.is_named_in_macro(name)
    }

    /// Whether the `macro_rules!` of one file speak of a name and of something that is done with it:
    /// `macro_rules! stop { () => { token.cancel() } }`.
    pub(crate) fn is_done_in_macro_rules(&self, name: &str, done: impl Fn(&str) -> bool) -> bool {
        self.files_of_macro_rules(name).iter().any(|file| {
            let file = &self.files[file.index()];
            file.macro_mentions.iter().any(|mentioned| done(&file[*mentioned]))
        })
    }

    /// Whether a type is a handle by another name: a struct of one field that is a handle, which is a future
    /// itself and has no `Drop`. What becomes of it becomes of the task.
    pub(crate) fn is_transparent_handle(&self, owner: TypeRef) -> bool {
        let file = self.file(owner.file);
        let [field] = file[owner.id].fields.as_slice() else { return false };
        let holds_handle = matches!(self.field_type(owner, &file[field.name]).innermost(),
            Type::External(path, _) if crate::catalogue::is_handle(&path));
        holds_handle && self.implements(owner, "Future") && !self.implements(owner, "Drop")
    }

    /// Whether a type is a handle of whichever runtime there is: an enum whose variants have one field each, a handle,
    /// and which has no `Drop`.
    pub(crate) fn is_handle_of_any_runtime(&self, owner: TypeRef) -> bool {
        let file = self.file(owner.file);
        let item = &file[owner.id];
        let variants: Vec<&str> = item.fields.iter().filter_map(|field| Some(&file[field.variant?])).collect();
        item.kind == TypeKind::Enum
            && !variants.is_empty()
            && variants.windows(2).all(|pair| pair[0] != pair[1])
            && item
                .fields
                .iter()
                .all(|field| self.declared_type(owner, field).innermost().external().is_some_and(catalogue::is_handle))
            && !self.implements(owner, "Drop")
    }

    /// Whether a type of the workspace implements a trait of that name.
    pub(crate) fn implements(&self, item: TypeRef, name: &str) -> bool {
        self.names.impls_of(item).iter().any(|block| {
            let file = self.file(block.file);
            file[block.id].trait_path.is_some_and(|path| file.last_segment(path) == name)
        })
    }
}

/// Whether a word in a macro says that something is done about a task: it is aborted, waited for or taken out.
fn ends_task(word: &str) -> bool {
    word == "await" || catalogue::method(word).does_any(&[Does::Aborts, Does::Awaits, Does::Takes])
}
