//! Names that are free, and how an item is named from elsewhere.

use crate::{
    facts::{Expr, Id, ModuleId, ModuleKind, Pat},
    program::{Def, ExprRef, Program, TypeRef},
    span::{FileId, Span, TextRange},
};

impl Program {
    /// A name that nothing has that is bound or named in a body: `task`, `task_2`, ..
    pub fn free_name(&self, at: ExprRef, wanted: &str) -> String {
        let file = self.file(at.file);
        let Some(place) = self.place(at) else { return wanted.to_owned() };
        let body = self.body(place);
        let whole = self.place_range(at).range;
        let is_taken = |name: &str| {
            let is_bound = body.bindings.values().any(|binding| &file[binding.name] == name);
            // A function of that name could not be called any more.
            let is_named = file.paths.iter().any(|path| {
                path.segments.len == 1
                    && whole.contains(path.range)
                    && file.list(path.segments).all(|it| &file[it] == name)
            });
            is_bound || is_named || matches!(self.meaning_at(at, name), Def::Const(_))
        };
        numbered(wanted, is_taken)
    }

    /// The same for what the `let` around an expression binds from now on: its own name may stay.
    pub fn own_name_or_free(&self, at: ExprRef, wanted: &str) -> String {
        let file = self.file(at.file);
        let own = self.statement_around(at).and_then(|it| match file[it.stmt.id] {
            Expr::Local { pat, .. } => match file[pat] {
                Pat::Bind { name, .. } => Some(&file[name]),
                _ => None,
            },
            _ => None,
        });
        if own == Some(wanted) { wanted.to_owned() } else { self.free_name(at, wanted) }
    }

    /// What a name means around an expression, locals aside.
    pub(crate) fn meaning_at(&self, at: ExprRef, name: &str) -> Def {
        self.module_around(at).map_or(Def::Unknown, |module| self.meaning_in_module(at.file, module, name))
    }

    /// A name for an item at the end of a file that nothing there has yet: `AbortGuard`, `AbortGuard2`, ..
    pub fn free_item(&self, file: FileId, wanted: &str) -> String {
        let is_taken = |name: &str| self.file(file).names.iter().any(|known| known == name);
        first_free(wanted, "", is_taken)
    }

    /// How code in a place names an item of its own file's outermost module.
    pub fn in_own_file(&self, at: ExprRef, name: &str) -> String {
        let file = self.file(at.file);
        let mut ups = 0;
        let mut module = self.place(at).map(|place| self.module_of(place));
        while let Some(here) = module {
            if file[here].kind == ModuleKind::Inline {
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
    pub fn module_of_type(&self, owner: TypeRef) -> ModuleId {
        self.file(owner.file)[owner.id].module
    }

    /// The outermost module of a file.
    pub fn root_module(&self, file: FileId) -> Option<ModuleId> {
        (!self.file(file).modules.is_empty()).then(|| Id::from_index(0))
    }

    /// One past the last byte of a file.
    pub fn end_of_file(&self, file: FileId) -> Span {
        let end = self.file(file).modules.first().map_or(0, |module| module.range.end);
        TextRange::new(end, end).in_file(file)
    }
}

/// The first of `name`, `name_2`, .. that is not taken.
pub(in crate::program) fn numbered(wanted: &str, is_taken: impl Fn(&str) -> bool) -> String {
    first_free(wanted, "_", is_taken)
}

fn first_free(wanted: &str, before_number: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|number| format!("{wanted}{before_number}{number}"));
    let mut names = std::iter::once(wanted.to_owned()).chain(numbered);
    names.find(|name| !is_taken(name)).expect("there is always one more")
}
