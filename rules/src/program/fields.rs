//! What the workspace does with a field that holds a handle.

use super::{Fate, Program, Type, TypeRef, Value};
use crate::{
    crates::CrateKind,
    span::Span,
    summary::{Expr, Visibility},
};

/// What becomes of the handle in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldUse {
    /// Somebody aborts, awaits or hands it out; where.
    Kept(Span),
    /// Nobody does anything with it.
    Nothing,
    /// Others may.
    Unknown(&'static str),
}

impl Program {
    /// What the workspace does with a field of a type.
    pub(crate) fn field_use(&self, owner: TypeRef, field: &str, depth: u32) -> FieldUse {
        if depth > 8 {
            return FieldUse::Unknown("too deep");
        }
        let file = self.file(owner.file);
        let item = &file[owner.id];
        let declared = item.fields.iter().find(|it| &file[it.name] == field);
        if let Some(kept) = declared.and_then(|_| self.kept_by_type(owner, field)) {
            return FieldUse::Kept(kept);
        }
        let mut unknown = None;
        for used in self.fields_named(field) {
            let Expr::Field { base, .. } = self.file(used.file)[used.id] else { continue };
            match self.type_of(&Value::bare(used.with(base))).pointee() {
                Type::Item(found, _) if found == owner => {}
                Type::Unknown => {
                    unknown.get_or_insert("a field of that name on an unknown receiver");
                    continue;
                }
                _ => continue,
            }
            match self.use_of(*used, depth + 1) {
                None | Some(Fate::Dropped { .. }) => {}
                Some(Fate::Unknown(why)) => {
                    unknown.get_or_insert(why);
                }
                Some(Fate::Moved { .. }) => return FieldUse::Kept(self.span(*used)),
                Some(_) => return FieldUse::Kept(self.span(*used)),
            }
        }
        for pat in self.field_pats_named(field) {
            // A pattern that names the field takes it out of the struct: somebody has it.
            let summary = self.file(pat.file);
            let crate::summary::Pat::Field { pat: sub, .. } = summary[pat.id] else { continue };
            if !matches!(summary[sub], crate::summary::Pat::Wild) {
                unknown.get_or_insert("taken out by a pattern");
            }
        }
        if let Some(why) = unknown {
            return FieldUse::Unknown(why);
        }
        let is_public = item.visibility == Visibility::Public
            && declared.is_some_and(|field| field.visibility == Visibility::Public)
            && self.is_library(owner);
        if is_public { FieldUse::Unknown("the field is public") } else { FieldUse::Nothing }
    }

    /// Whether a type is a handle by another name: a struct of one field that is a handle, which is a future
    /// itself and has no `Drop`. What becomes of it becomes of the task.
    pub(crate) fn is_transparent_handle(&self, owner: TypeRef) -> bool {
        let file = self.file(owner.file);
        let [field] = file[owner.id].fields.as_slice() else { return false };
        let holds_handle = matches!(self.field_type(owner, &file[field.name]).innermost(),
            Type::External(path, _) if crate::apis::is_handle(&path));
        holds_handle && self.implements(owner, "Future") && !self.implements(owner, "Drop")
    }

    /// Whether a type of the workspace implements a trait of that name.
    pub(crate) fn implements(&self, item: TypeRef, name: &str) -> bool {
        self.names.impls_of(item).iter().any(|block| {
            let file = self.file(block.file);
            file[block.id].trait_path.is_some_and(|path| file.last_segment(path) == name)
        })
    }

    fn is_library(&self, owner: TypeRef) -> bool {
        let krate = self.crates.files[owner.file.index()].krate;
        matches!(self.crates.crates.get(krate.index()).map(|it| it.kind), Some(CrateKind::Lib | CrateKind::Loose))
    }

    /// The declaration of a field whose type ends the task when it is dropped.
    fn kept_by_type(&self, owner: TypeRef, field: &str) -> Option<Span> {
        let ends = match self.field_type(owner, field).innermost() {
            Type::External(path, _) => matches!(
                &*path,
                "tokio_util::task::AbortOnDropHandle" | "tokio_util::task::AbortOnDrop" | "tokio::task::JoinSet"
            ),
            _ => false,
        };
        let file = self.file(owner.file);
        let declared = file[owner.id].fields.iter().find(|it| &file[it.name] == field)?;
        ends.then(|| declared.range.in_file(owner.file))
    }
}
