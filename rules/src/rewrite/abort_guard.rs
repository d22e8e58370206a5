//! The guard that needs no dependency: a struct of three lines that aborts a task when it is dropped.

use super::{Draft, Tool, Toolbox};
use crate::{
    finding::Piece,
    program::{ExprRef, Program},
    span::Span,
};

/// The name that it has, if nothing else has it in the file.
const NAME: &str = "AbortGuard";

/// A type that aborts a task when it is dropped, in the file of the code that is mended: what one rewrite adds, the
/// next one in the file uses.
#[derive(Debug, Clone)]
pub struct AbortGuard {
    path: String,
    /// What has to be added; `None` if it is there.
    item: Option<Item>,
}

#[derive(Debug, Clone)]
struct Item {
    name: String,
    handle: String,
    end_of_file: Span,
}

impl AbortGuard {
    /// The guard for a variable or private field of code around an expression. `handle` is what it aborts with.
    pub fn local(program: &Program, at: ExprRef, handle: Tool) -> Option<AbortGuard> {
        let found = program.abort_guard_near(at, &handle.whole_path());
        found.map(|path| AbortGuard { path, item: None }).or_else(|| AbortGuard::shared(program, at, handle))
    }

    /// The same for what a function may give back: it is seen from everywhere.
    pub fn shared(program: &Program, at: ExprRef, handle: Tool) -> Option<AbortGuard> {
        if let Some(name) = program.abort_guard_in(at.file, &handle.whole_path()) {
            return Some(AbortGuard { path: program.in_own_file(at, &name), item: None });
        }
        let tools = Toolbox::of_file(program, at.file, program.root_module(at.file)?);
        let name = program.free_item(at.file, NAME);
        let path = program.in_own_file(at, &name);
        let handle = tools.has(handle).then(|| tools.path(handle))?;
        Some(AbortGuard { path, item: Some(Item { name, handle, end_of_file: program.end_of_file(at.file) }) })
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

    /// Adds its definition, if it is not there. It is public, since the next task may be given back by a function
    /// that is.
    pub fn define(&self, draft: Draft) -> Draft {
        let Some(Item { name, handle, end_of_file }) = &self.item else { return draft };
        let text = format!(
            "\n/// Aborts its task when it is dropped.\n#[derive(Debug)]\npub struct {name}({handle});\n\nimpl Drop for {name} {{\n    \
             fn drop(&mut self) {{\n        self.0.abort();\n    }}\n}}\n"
        );
        draft.replace(*end_of_file, vec![Piece::New(text)])
    }
}
