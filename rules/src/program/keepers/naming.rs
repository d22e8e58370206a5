//! Names that are free, and how an item is named from elsewhere.

use crate::{
    program::{ExprRef, Program, Type, TypeRef},
    span::{FileId, Span, TextRange},
    summary::{Expr, TypeKind, Visibility},
};

impl Program {
    /// A name that no parameter, local or field of a body has: `task`, `task_2`, ..
    pub fn free_name(&self, at: ExprRef, wanted: &str) -> String {
        let file = self.file(at.file);
        let Some(place) = self.place(at) else { return wanted.to_owned() };
        let body = self.body(place);
        // The statement's own name may stay.
        let own = match self.statement_around(at).map(|it| file[it.stmt.id]) {
            Some(Expr::Local { pat, .. }) => Some(pat),
            _ => None,
        };
        let is_taken =
            |name: &str| body.bindings.iter().any(|(pat, binding)| Some(*pat) != own && &file[binding.name] == name);
        numbered(wanted, is_taken)
    }

    /// The name of a type that aborts through one abort handle when it is dropped, if the file has one of its own.
    pub fn abort_guard_in(&self, file: FileId, of: &str) -> Option<String> {
        let summary = self.file(file);
        let is_guard = |at: usize| {
            let owner = TypeRef::from_index(file, at);
            let item = &summary.types[at];
            item.kind == TypeKind::Struct
                && item.visibility == Visibility::Public
                && !item.is_generic
                && is_root(item.module)
                && matches!(item.fields.as_slice(), [field] if &summary[field.name] == "0"
                    && self.declared_type(owner, field).is(of))
                && self.ends_task_on_drop(&Type::Item(owner, [].into())).is_some()
        };
        let found = (0..summary.types.len()).find(|at| is_guard(*at))?;
        Some(summary[summary.types[found].name].to_owned())
    }

    /// A name for an item at the end of a file that nothing there has yet.
    pub fn free_item(&self, file: FileId, wanted: &str) -> String {
        let summary = self.file(file);
        let is_taken = |name: &str| summary.names.iter().any(|known| known == name);
        if !is_taken(wanted) {
            return wanted.to_owned();
        }
        (2..).map(|number| format!("{wanted}{number}")).find(|name| !is_taken(name)).expect("there is always one more")
    }

    /// How code in a place names an item of its own file's outermost module.
    pub fn in_own_file(&self, at: ExprRef, name: &str) -> String {
        let file = self.file(at.file);
        let mut ups = 0;
        let mut module = self.place(at).map(|place| self.module_of(place));
        while let Some(here) = module {
            if file[here].kind == crate::summary::ModuleKind::Inline {
                ups += 1;
            }
            module = file[here].parent;
        }
        format!("{}{name}", "super::".repeat(ups))
    }

    /// How code of another file names an item in the outermost module of a file.
    pub fn path_to_root_item(&self, file: FileId, name: &str, from: FileId) -> Option<String> {
        let mut segments = Vec::new();
        let mut here = file;
        while let Some((parent, module)) = self.crates.files[here.index()].parent {
            let summary = self.file(parent);
            let mut module = Some(module);
            while let Some(at) = module {
                segments.extend(summary[at].name.map(|name| summary[name].to_owned()));
                module = summary[at].parent;
            }
            here = parent;
        }
        segments.reverse();
        let is_same = self.is_same_crate(file, from);
        let root = match is_same {
            true => "crate".to_owned(),
            // Modules may be private: only the root is seen from elsewhere.
            false if segments.is_empty() => {
                let krate = self.crates.files[file.index()].krate;
                let rows = self.dependencies(from);
                rows.iter().find(|row| row.workspace_crate == Some(krate))?.name.clone()
            }
            false => return None,
        };
        segments.insert(0, root);
        segments.push(name.to_owned());
        Some(segments.join("::"))
    }

    /// Whether names mean the same at an expression and at the declaration of a type.
    pub fn is_in_module_of(&self, at: ExprRef, owner: TypeRef) -> bool {
        let module = self.file(owner.file)[owner.id].module;
        at.file == owner.file && self.place(at).is_some_and(|place| self.module_of(place) == module)
    }

    /// The module in which a type is declared.
    pub fn module_of_type(&self, owner: TypeRef) -> crate::summary::ModuleId {
        self.file(owner.file)[owner.id].module
    }

    /// The outermost module of a file.
    pub fn root_module(&self, file: FileId) -> Option<crate::summary::ModuleId> {
        (!self.file(file).modules.is_empty()).then(|| crate::summary::Id::from_index(0))
    }

    /// One past the last byte of a file.
    pub fn end_of_file(&self, file: FileId) -> Span {
        let end = self.file(file).modules.first().map_or(0, |module| module.range.end);
        TextRange::new(end, end).in_file(file)
    }
}

fn is_root(module: crate::summary::ModuleId) -> bool {
    crate::summary::Id::index(module) == 0
}

/// The first of `name`, `name_2`, .. that is not taken.
pub(super) fn numbered(wanted: &str, is_taken: impl Fn(&str) -> bool) -> String {
    if !is_taken(wanted) {
        return wanted.to_owned();
    }
    (2..).map(|number| format!("{wanted}_{number}")).find(|name| !is_taken(name)).expect("there is always one more")
}
