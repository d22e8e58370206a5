//! The guard that needs no dependency: a struct of three lines that aborts a task when it is dropped.

use super::Draft;
use crate::{
    finding::Piece,
    program::{Act, Def, ExprRef, Program},
    span::Span,
};

/// Names that the guard may have; the first that is free, or means such a guard already.
const NAMES: &[&str] = &["AbortGuard", "TaskGuard", "AbortTaskOnDrop"];

/// A type that aborts a task when it is dropped, in the file of the code that is mended.
#[derive(Debug, Clone)]
pub struct AbortGuard {
    name: &'static str,
    /// Where it has to be defined; `None` if it is there.
    defined_at: Option<Span>,
}

impl AbortGuard {
    /// The guard for code around an expression.
    pub fn new(program: &Program, at: ExprRef) -> Option<AbortGuard> {
        NAMES.iter().find_map(|name| match program.name_means(at, name) {
            Def::Unknown => Some(AbortGuard { name, defined_at: Some(program.file_end(at)?) }),
            Def::Type(item) if item.file == at.file => {
                let drops = program.drop_functions(item);
                let aborts = |act: &crate::program::FieldAct| {
                    act.act == Act::Aborts && act.by.is_some_and(|by| drops.contains(&by))
                };
                let is_guard = program.declared_field(item, "0").is_some()
                    && program.declared_field(item, "1").is_none()
                    && program.field_acts(item, "0").iter().any(aborts);
                is_guard.then_some(AbortGuard { name, defined_at: None })
            }
            _ => None,
        })
    }

    /// A guard of the task that an abort handle belongs to.
    pub fn make(&self, abort_handle: &str) -> String {
        format!("{}({abort_handle})", self.name)
    }

    /// The name of its type.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Adds its definition, if it is not there.
    pub fn define(&self, draft: Draft) -> Draft {
        let Some(at) = self.defined_at else { return draft };
        let name = self.name;
        let text = format!(
            "\n/// Aborts a task when it is dropped.\n#[derive(Debug)]\nstruct {name}(tokio::task::AbortHandle);\n\nimpl Drop for {name} {{\n    \
             fn drop(&mut self) {{\n        self.0.abort();\n    }}\n}}\n"
        );
        draft.replace(at, vec![Piece::New(text)])
    }
}
