//! Types as they are written, where another one may take their place.

use spawnlint_analysis::{
    facts::{ModuleId, Ty, TyId, Visibility},
    questions::{Def, ExprRef, Program, TypeRef},
    span::{FileId, Span, TextRange},
};

/// The handle of a task of tokio.
pub(in crate::rewrite) const JOIN_HANDLE: &str = "tokio::task::JoinHandle";

/// A type's name as it is written: `JoinHandle` in `Mutex<Option<JoinHandle<()>>>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WrittenName {
    /// Where.
    pub at: Span,
    /// The module in which names are looked up there.
    pub module: ModuleId,
}

/// A field that holds a handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandleField {
    /// Where the name of its type is written.
    pub name: Span,
    /// What is put in, and whether that is a shorthand: `Owner { task }`.
    pub inits: Vec<(ExprRef, bool)>,
}

/// A private field that holds an abort handle and that nothing reads: where the name of its type is written, and
/// what is put in.
pub fn abort_handle_field(program: &Program, owner: TypeRef, field: &str) -> Option<HandleField> {
    let file = program.file(owner.file);
    let declared = program.declared_field(owner, field)?;
    let is_plain = file.list(file[owner.id].derives).all(|name| &file[name] == "Debug");
    let is_read = !program.field_acts(owner, field).is_empty();
    let is_tuple = file[declared.name].starts_with(|first: char| first.is_ascii_digit());
    if declared.visibility == Visibility::Public || !is_plain || is_read || is_tuple {
        return None;
    }
    let name = name_in_type(program, owner.file, declared.ty, file[owner.id].module, "tokio::task::AbortHandle")?.at;
    let is_bare = file.ty_range(declared.ty) == name.range;
    let inits = program.inits_of(owner, field).into_iter().map(|init| {
        let is_shorthand = program.parent(init).is_some_and(|outer| program.span(outer) == program.span(init));
        (init, is_shorthand)
    });
    is_bare.then(|| HandleField { name, inits: inits.collect() })
}

/// The name in a written type that means a foreign type: `JoinHandle` in `Mutex<Option<JoinHandle<()>>>`.
pub(in crate::rewrite) fn name_in_type(
    program: &Program,
    file: FileId,
    ty: TyId,
    module: ModuleId,
    wanted: &str,
) -> Option<WrittenName> {
    let summary = program.file(file);
    let inside = |ty| name_in_type(program, file, ty, module, wanted);
    match summary[ty] {
        Ty::Path(path) => {
            let found = program.meaning_of_path(file, module, path);
            let mut args = summary.list(summary[path].args);
            if matches!(&found, Def::External(path) if &**path == wanted) {
                let range = summary[path].range;
                let end = args.next().map_or(range.end, |first| summary.ty_range(first).start.saturating_sub(1));
                return Some(WrittenName { at: TextRange::new(range.start, end).in_file(file), module });
            }
            args.find_map(inside)
        }
        Ty::Tuple(list) => summary.list(list).find_map(inside),
        Ty::Ref(inner) | Ty::Slice(inner) | Ty::Array(inner) => inside(inner),
        _ => None,
    }
}
