//! Names that are free, and how an item is named from elsewhere.

use crate::rewrite::places;
use spawnlint_analysis::{
    facts::{Expr, Id, ModuleId, ModuleKind, Pat},
    questions::{Def, ExprRef, Program, TypeRef},
    span::{FileId, Span, TextRange},
};

/// A name that nothing has that is bound or named in a body: `task`, `task_2`, ..
pub fn free_name(program: &Program, at: ExprRef, wanted: &str) -> String {
    let file = program.file(at.file);
    let Some(place) = program.place(at) else { return wanted.to_owned() };
    let body = program.body(place);
    let whole = program.place_range(at).range;
    let mentions = program.mentions_in(at.file);
    let is_taken = |text: &str| {
        let is_in_text = mentions.name(file, text).is_some_and(|name| {
            let is_bound = || body.bindings.values().any(|binding| binding.name == name);
            // A function of that name could not be called any more.
            let mut paths = mentions.paths_from(name).iter().map(|path| &file[*path]);
            paths.any(|path| path.segments.len == 1 && whole.contains(path.range)) || is_bound()
        });
        is_in_text || matches!(meaning_at(program, at, text), Def::Const(_))
    };
    numbered(wanted, is_taken)
}

/// The same for what the `let` around an expression binds from now on: its own name may stay.
pub fn own_name_or_free(program: &Program, at: ExprRef, wanted: &str) -> String {
    let file = program.file(at.file);
    let own = places::statement_around(program, at).and_then(|it| match file[it.stmt.id] {
        Expr::Local { pat, .. } => match file[pat] {
            Pat::Bind { name, .. } => Some(&file[name]),
            _ => None,
        },
        _ => None,
    });
    if own == Some(wanted) { wanted.to_owned() } else { free_name(program, at, wanted) }
}

/// What a name means around an expression, locals aside.
pub(super) fn meaning_at(program: &Program, at: ExprRef, name: &str) -> Def {
    program.module_around(at).map_or(Def::Unknown, |module| program.meaning_in_module(at.file, module, name))
}

/// A name for an item at the end of a file that nothing there has yet: `AbortGuard`, `AbortGuard2`, ..
pub fn free_item(program: &Program, file: FileId, wanted: &str) -> String {
    let mentions = program.mentions_in(file);
    let is_taken = |name: &str| mentions.name(program.file(file), name).is_some();
    first_free(wanted, "", is_taken)
}

/// How code in a place names an item of its own file's outermost module.
pub fn in_own_file(program: &Program, at: ExprRef, name: &str) -> String {
    let file = program.file(at.file);
    let mut ups = 0;
    let mut module = program.place(at).map(|place| program.module_of(place));
    while let Some(here) = module {
        if file[here].kind == ModuleKind::Inline {
            ups += 1;
        }
        module = file[here].parent;
    }
    format!("{}{name}", "super::".repeat(ups))
}

/// How code of another file names an item in the outermost module of a file.
pub fn path_to_root_item(program: &Program, file: FileId, name: &str, from: FileId) -> Option<String> {
    let mut segments = Vec::new();
    let mut here = file;
    while let Some((parent, module)) = program.crates.files[here.index()].parent {
        let summary = program.file(parent);
        let mut module = Some(module);
        while let Some(at) = module {
            segments.extend(summary[at].name.map(|name| summary[name].to_owned()));
            module = summary[at].parent;
        }
        here = parent;
    }
    segments.reverse();
    let is_same = places::is_same_crate(program, file, from);
    let root = match is_same {
        true => "crate".to_owned(),
        // Modules may be private: only the root is seen from elsewhere.
        false if segments.is_empty() => {
            let krate = program.crates.files[file.index()].krate;
            let rows = program.dependencies(from);
            rows.iter().find(|row| row.workspace_crate == Some(krate))?.name.clone()
        }
        false => return None,
    };
    segments.insert(0, root);
    segments.push(name.to_owned());
    Some(segments.join("::"))
}

/// Whether names mean the same at an expression and at the declaration of a type.
pub fn is_in_module_of(program: &Program, at: ExprRef, owner: TypeRef) -> bool {
    let module = program.file(owner.file)[owner.id].module;
    at.file == owner.file && program.place(at).is_some_and(|place| program.module_of(place) == module)
}

/// The module in which a type is declared.
pub fn module_of_type(program: &Program, owner: TypeRef) -> ModuleId {
    program.file(owner.file)[owner.id].module
}

/// The outermost module of a file.
pub fn root_module(program: &Program, file: FileId) -> Option<ModuleId> {
    (!program.file(file).modules.is_empty()).then(|| Id::from_index(0))
}

/// One past the last byte of a file.
pub fn end_of_file(program: &Program, file: FileId) -> Span {
    let end = program.file(file).modules.first().map_or(0, |module| module.range.end);
    TextRange::new(end, end).in_file(file)
}

/// The first of `name`, `name_2`, .. that is not taken.
pub(in crate::rewrite) fn numbered(wanted: &str, is_taken: impl Fn(&str) -> bool) -> String {
    first_free(wanted, "_", is_taken)
}

fn first_free(wanted: &str, before_number: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|number| format!("{wanted}{before_number}{number}"));
    let mut names = std::iter::once(wanted.to_owned()).chain(numbered);
    names.find(|name| !is_taken(name)).expect("there is always one more")
}
