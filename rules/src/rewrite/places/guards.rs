//! Guards that a file has of its own: types that abort through one abort handle when they are dropped.

use crate::rewrite::places;
use spawnlint_analysis::{
    facts::{Id, TypeKind, Visibility},
    questions::{Def, ExprRef, Program, Type, TypeRef},
    span::{FileId, Span, TextRange},
};

/// A guard that a file has.
#[derive(Debug, Clone)]
pub struct OwnGuard {
    /// Its name.
    pub name: String,
    /// Who can see it.
    pub visibility: Visibility,
    /// `pub struct`, up to the name.
    pub head: Span,
}

/// A guard in the outermost module of a file. `handle` is what it aborts with.
pub fn abort_guard_in(program: &Program, file: FileId, handle: &str) -> Option<OwnGuard> {
    let found =
        abort_guards(program, file, handle).find(|owner| places::module_of_type(program, *owner).index() == 0)?;
    let item = &program.file(file)[found.id];
    Some(OwnGuard {
        name: program.type_name(found).to_owned(),
        visibility: item.visibility,
        head: TextRange::new(item.range.start, item.name_range.start).in_file(file),
    })
}

/// How code in a place names a guard of its own file, whoever may see it.
pub fn abort_guard_near(program: &Program, at: ExprRef, handle: &str) -> Option<String> {
    abort_guards(program, at.file, handle).find_map(|owner| {
        let name = program.type_name(owner);
        match places::meaning_at(program, at, name) {
            Def::Type(found) if found == owner => Some(name.to_owned()),
            _ => (places::module_of_type(program, owner).index() == 0).then(|| places::in_own_file(program, at, name)),
        }
    })
}

fn abort_guards(program: &Program, file: FileId, handle: &str) -> impl Iterator<Item = TypeRef> {
    let summary = program.file(file);
    (0..summary.types.len()).map(move |at| TypeRef::from_index(file, at)).filter(move |owner| {
        let item = &summary[owner.id];
        item.kind == TypeKind::Struct
            && !item.is_generic
            && !item.is_test
            && matches!(item.fields.as_slice(), [field] if &summary[field.name] == "0"
                && program.declared_type(*owner, field).is(handle))
            && program.ends_task_on_drop(&Type::Item(*owner, [].into())).is_some()
    })
}
