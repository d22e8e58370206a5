//! Guards that a file has of its own: types that abort through one abort handle when they are dropped.

use crate::{
    program::{ExprRef, Program, Type, TypeRef, names::Def},
    span::FileId,
    summary::{Id, TypeKind, Visibility},
};

impl Program {
    /// The name of a guard that a file shows to others, in its outermost module. `handle` is what it aborts with.
    pub fn abort_guard_in(&self, file: FileId, handle: &str) -> Option<String> {
        let is_shown = |owner: &TypeRef| {
            self.file(file)[owner.id].visibility == Visibility::Public && self.module_of_type(*owner).index() == 0
        };
        let found = self.abort_guards(file, handle).find(is_shown)?;
        Some(self.type_name(found).to_owned())
    }

    /// How code in a place names a guard of its own file, whoever may see it.
    pub fn abort_guard_near(&self, at: ExprRef, handle: &str) -> Option<String> {
        self.abort_guards(at.file, handle).find_map(|owner| {
            let name = self.type_name(owner);
            match self.meaning_at(at, name) {
                Def::Type(found) if found == owner => Some(name.to_owned()),
                _ => (self.module_of_type(owner).index() == 0).then(|| self.in_own_file(at, name)),
            }
        })
    }

    fn abort_guards(&self, file: FileId, handle: &str) -> impl Iterator<Item = TypeRef> {
        let summary = self.file(file);
        (0..summary.types.len()).map(move |at| TypeRef::from_index(file, at)).filter(move |owner| {
            let item = &summary[owner.id];
            item.kind == TypeKind::Struct
                && !item.is_generic
                && !item.is_test
                && matches!(item.fields.as_slice(), [field] if &summary[field.name] == "0"
                    && self.declared_type(*owner, field).is(handle))
                && self.ends_task_on_drop(&Type::Item(*owner, [].into())).is_some()
        })
    }
}
