//! Types as they are written, where another one may take their place.

use crate::{
    program::{ExprRef, Place, Program, TypeRef, names::Def},
    span::{FileId, Span, TextRange},
    summary::{ModuleId, Ty, TyId, Visibility},
};

/// A field that holds a handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandleField {
    /// Where the name of its type is written.
    pub name: Span,
    /// What is put in, and whether that is a shorthand: `Owner { task }`.
    pub inits: Vec<(ExprRef, bool)>,
}

/// Where a type is written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TypePlace {
    /// In a body, or in the signature of a function.
    Body(Place),
    /// In an item of a module.
    Item(ModuleId),
}

impl Program {
    /// A private field that holds an abort handle and that nothing reads: where the name of its type is written, and
    /// what is put in.
    pub fn abort_handle_field(&self, owner: TypeRef, field: &str) -> Option<HandleField> {
        let file = self.file(owner.file);
        let declared = self.declared_field(owner, field)?;
        let is_plain = file.list(file[owner.id].derives).all(|name| &file[name] == "Debug");
        let is_read = !self.field_acts(owner, field).is_empty();
        let is_tuple = file[declared.name].starts_with(|first: char| first.is_ascii_digit());
        if declared.visibility == Visibility::Public || !is_plain || is_read || is_tuple {
            return None;
        }
        let place = TypePlace::Item(file[owner.id].module);
        let name = self.name_in_type(owner.file, declared.ty, place, "tokio::task::AbortHandle")?;
        let is_bare = file.ty_range(declared.ty) == name.range;
        let inits = self.inits_of(owner, field).into_iter().map(|init| {
            let is_shorthand = self.parent(init).is_some_and(|outer| self.span(outer) == self.span(init));
            (init, is_shorthand)
        });
        is_bare.then(|| HandleField { name, inits: inits.collect() })
    }

    /// The name in a written type that means a foreign type: `JoinHandle` in `Mutex<Option<JoinHandle<()>>>`.
    pub(crate) fn name_in_type(&self, file: FileId, ty: TyId, place: TypePlace, wanted: &str) -> Option<Span> {
        let summary = self.file(file);
        match summary[ty] {
            Ty::Path(path) => {
                let module = match place {
                    TypePlace::Body(place) => self.module_of(place),
                    TypePlace::Item(module) => module,
                };
                let found = self.view().resolve_path(file, module, path);
                let mut args = summary.list(summary[path].args);
                if matches!(&found, Def::External(path) if &**path == wanted) {
                    let range = summary[path].range;
                    let end = args.next().map_or(range.end, |first| summary.ty_range(first).start.saturating_sub(1));
                    return Some(TextRange::new(range.start, end).in_file(file));
                }
                args.find_map(|arg| self.name_in_type(file, arg, place, wanted))
            }
            Ty::Tuple(list) => summary.list(list).find_map(|it| self.name_in_type(file, it, place, wanted)),
            Ty::Ref(inner) | Ty::Slice(inner) | Ty::Array(inner) => self.name_in_type(file, inner, place, wanted),
            _ => None,
        }
    }
}
