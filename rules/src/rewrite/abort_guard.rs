//! The guard that needs no dependency: a struct of three lines that aborts a task when it is dropped.

use super::{ABORTABLE_HANDLE, Draft, Tool, Toolbox};
use crate::{
    finding::Piece,
    rewrite::places::{self, OwnGuard},
};
use spawnlint_analysis::{
    facts::Visibility,
    questions::{ExprRef, Program},
    span::Span,
};

/// The name that it has, if nothing else has it in the file.
const NAME: &str = "AbortGuard";
/// The compiler tells whoever is given one and lets it go.
const MUST_USE: &str = "#[must_use = \"dropping it aborts the task\"]";

/// A type that aborts a task when it is dropped, in the file of the code that is mended: what one rewrite adds, the
/// next one in the file uses.
#[derive(Debug, Clone)]
pub struct AbortGuard {
    path: String,
    item: Item,
}

#[derive(Debug, Clone)]
enum Item {
    /// It is there, and is seen from where it is used.
    Seen,
    /// It is there.
    Known(OwnGuard),
    /// It has to be added.
    New { name: String, handle: String, end_of_file: Span },
}

impl AbortGuard {
    /// The guard for a variable or private field of code around an expression. `handle` is what it aborts with.
    pub fn local(program: &Program, at: ExprRef, handle: Tool) -> Option<AbortGuard> {
        let found = places::abort_guard_near(program, at, &handle.whole_path());
        found.map(|path| AbortGuard { path, item: Item::Seen }).or_else(|| AbortGuard::shared(program, at, handle))
    }

    /// The same for what a function may give back.
    pub fn shared(program: &Program, at: ExprRef, handle: Tool) -> Option<AbortGuard> {
        if let Some(guard) = places::abort_guard_in(program, at.file, &handle.whole_path()) {
            return Some(AbortGuard { path: places::in_own_file(program, at, &guard.name), item: Item::Known(guard) });
        }
        let tools = Toolbox::of_file(program, at.file, places::root_module(program, at.file)?);
        let name = places::free_item(program, at.file, NAME);
        let path = places::in_own_file(program, at, &name);
        // A runtime that is too old for it gets no newer one by this; the futures crate stands beside any runtime.
        let is_there = tools.has(handle) || handle.library == ABORTABLE_HANDLE.library;
        let handle = is_there.then(|| tools.path(handle))?;
        Some(AbortGuard { path, item: Item::New { name, handle, end_of_file: places::end_of_file(program, at.file) } })
    }

    /// How the code calls it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What stands before the abort handle that one is made of.
    pub fn opens(&self) -> String {
        format!("{}(", self.path)
    }

    /// A guard of the task that an abort handle belongs to.
    pub fn make(&self, abort_handle: &str) -> String {
        format!("{}({abort_handle})", self.path)
    }

    /// Adds its definition, if it is not there, for code of the file itself.
    pub fn define(&self, draft: Draft) -> Draft {
        self.define_for(draft, Visibility::Private)
    }

    /// Adds its definition, or lets those see it who have to.
    pub fn define_for(&self, draft: Draft, visibility: Visibility) -> Draft {
        let head = match visibility {
            Visibility::Private => "struct ",
            Visibility::Restricted => "pub(crate) struct ",
            Visibility::Public => "pub struct ",
        };
        match &self.item {
            Item::Known(guard) if rank(guard.visibility) < rank(visibility) => {
                draft.replace(guard.head, vec![Piece::New(head.to_owned())])
            }
            Item::Seen | Item::Known(_) => draft,
            Item::New { name, handle, end_of_file } => {
                let text = format!(
                    "\n/// Aborts its task when it is dropped.\n#[derive(Debug)]\n{MUST_USE}\n{head}{name}({handle});\n\n\
                     impl Drop for {name} {{\n    fn drop(&mut self) {{\n        self.0.abort();\n    }}\n}}\n"
                );
                draft.replace(*end_of_file, vec![Piece::New(text)])
            }
        }
    }
}

fn rank(visibility: Visibility) -> u8 {
    match visibility {
        Visibility::Private => 0,
        Visibility::Restricted => 1,
        Visibility::Public => 2,
    }
}
