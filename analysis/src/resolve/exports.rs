//! What users of a library can name and call, and what is public from the root of its crate, under whatever path.

use super::{At, Def, FnRef, ModRef, Resolve, TypeRef};
use crate::{
    crates::CrateKind,
    facts::{Id, ModuleId, Owner, Visibility},
    span::FileId,
};
use rustc_hash::FxHashSet;

/// What users of libraries that are meant for others can name.
#[derive(Debug, Default)]
pub(super) struct Published {
    types: FxHashSet<TypeRef>,
    functions: FxHashSet<FnRef>,
}

impl Resolve {
    /// Whether others may use what a file makes public.
    pub fn is_library(&self, file: FileId) -> bool {
        let krate = self.crates.files[file.index()].krate;
        matches!(self.crates.crates.get(krate.index()).map(|it| it.kind), Some(CrateKind::Lib | CrateKind::Loose))
    }

    /// Whether a function is a trait's, whichever implementation a call of it means.
    pub fn is_of_trait(&self, function: FnRef) -> bool {
        match self.function(function).owner {
            Owner::Module => false,
            Owner::Trait(_) => true,
            Owner::Impl(block) => self.file(function.file)[block].trait_path.is_some(),
        }
    }

    /// Whether users of a library may call a function, as far as its own `pub` says.
    pub(crate) fn is_public_api(&self, function: FnRef) -> bool {
        self.function(function).visibility == Visibility::Public && self.is_library(function.file)
    }

    /// Whether code outside of the workspace may call a function, or the text does not show who does.
    pub(crate) fn has_unseen_callers(&self, function: FnRef) -> bool {
        self.is_of_trait(function) || self.is_public_api(function) || !self.value_uses(function).is_empty()
    }

    /// Whether a type is one that users of a library can name, which is meant for others.
    pub fn is_published(&self, owner: TypeRef) -> bool {
        self.published().types.contains(&owner)
    }

    /// Whether a function, which is of no type, is one that users of a library can name, which is meant for others.
    pub(crate) fn is_published_fn(&self, function: FnRef) -> bool {
        self.published().functions.contains(&function)
    }

    /// Whether code outside of the workspace can call a function of a library that is meant for others.
    pub fn is_open_to_others(&self, function: FnRef) -> bool {
        let of_type = || match self.self_def(super::Place::Fn(function)) {
            Some(Def::Type(owner)) => self.is_published(owner),
            _ => false,
        };
        self.is_published_fn(function) || self.function(function).visibility == Visibility::Public && of_type()
    }

    fn published(&self) -> &Published {
        self.memo.published.get_or_init(|| self.find_published())
    }

    fn find_published(&self) -> Published {
        let libraries = self.crates.crates.iter().filter(|it| it.kind == CrateKind::Lib && it.is_published);
        let roots = libraries.filter_map(|it| Some(At::new(it.root?, ModuleId::from_index(0))));
        let mut open: Vec<ModRef> = roots.collect();
        let mut seen: FxHashSet<ModRef> = open.iter().copied().collect();
        let mut found = Published::default();
        while let Some(module) = open.pop() {
            let mut enter = |module: ModRef| {
                if seen.insert(module) {
                    open.push(module);
                }
            };
            let file = self.file(module.file);
            let types = file.types.iter().enumerate();
            let public = types.filter(|(_, it)| it.module == module.id && it.visibility == Visibility::Public);
            found.types.extend(public.map(|(at, _)| TypeRef::from_index(module.file, at)));
            let functions = file.functions.iter().enumerate();
            let public = functions.filter(|(_, it)| {
                it.owner == Owner::Module && it.module == module.id && it.visibility == Visibility::Public
            });
            found.functions.extend(public.map(|(at, _)| FnRef::from_index(module.file, at)));
            for child in file.modules.iter().filter(|it| it.parent == Some(module.id)) {
                if let (Some(name), Visibility::Public) = (child.name, child.visibility) {
                    self.view().child_module(module, &file[name]).map(&mut enter);
                }
            }
            for (at, import) in file.imports.iter().enumerate() {
                if import.module != module.id || import.visibility != Visibility::Public {
                    continue;
                }
                match self.view().import(module.file, at as u32) {
                    Def::Module(target) => enter(target),
                    Def::Type(target) => _ = found.types.insert(target),
                    Def::Fn(target) => _ = found.functions.insert(target),
                    _ => {}
                }
            }
        }
        found
    }
}
