//! What stands around a name: the crate of its file, the modules above, and the crates that it may name.

use super::{At, Def, ModRef, View};
use crate::{
    catalogue,
    crates::CrateId,
    facts::{Id, ModuleId, ModuleKind},
    span::FileId,
};

impl View<'_> {
    /// What `name::` means outside all modules: a dependency, or a crate of the toolchain.
    pub(super) fn extern_name(&self, file: FileId, name: &str) -> Def {
        let krate = self.krate(file);
        let found =
            self.crates.crates.get(krate.index()).and_then(|it| it.dependencies.iter().find(|it| it.name == name));
        match found {
            Some(dependency) => match dependency.workspace_crate.and_then(|id| self.root_of(id)) {
                Some(root) => Def::Module(root),
                None => {
                    // `tokio = { package = "madsim-tokio" }`: what takes the name of a known crate takes its place.
                    let stands_in =
                        catalogue::is_known_crate(name) && !catalogue::is_known_crate(&dependency.real_name);
                    let library = if stands_in { name } else { &dependency.real_name };
                    Def::External(catalogue::canonical(library).into())
                }
            },
            None if catalogue::is_known_crate(name) => Def::External(catalogue::canonical(name).into()),
            None => Def::Unknown,
        }
    }

    pub(super) fn krate(&self, file: FileId) -> CrateId {
        self.crates.files.get(file.index()).map_or(CrateId(0), |place| place.krate)
    }

    pub(super) fn edition(&self, file: FileId) -> u16 {
        self.crates.crates.get(self.krate(file).index()).map_or(2021, |it| it.edition)
    }

    pub(super) fn root_of(&self, krate: CrateId) -> Option<ModRef> {
        let root = self.crates.crates.get(krate.index())?.root?;
        Some(At::new(root, ModuleId::from_index(0)))
    }

    pub(super) fn crate_root(&self, file: FileId) -> Option<ModRef> {
        // A file that no `mod` reaches may still say `crate::`; a loose one is its own crate.
        self.root_of(self.krate(file)).or(Some(At::new(file, ModuleId::from_index(0))))
    }

    /// The module that `self::` means: bodies with items are no modules of their own.
    pub(super) fn plain_module(&self, module: ModRef) -> ModRef {
        let mut here = module;
        while let (ModuleKind::Body, Some(parent)) =
            (self.files[here.file.index()][here.id].kind, self.files[here.file.index()][here.id].parent)
        {
            here = At::new(here.file, parent);
        }
        here
    }

    pub(super) fn parent(&self, module: ModRef) -> Option<ModRef> {
        match self.files[module.file.index()][module.id].parent {
            Some(parent) => Some(self.plain_module(At::new(module.file, parent))),
            None => {
                let (file, declared) = self.crates.files.get(module.file.index())?.parent?;
                let parent = self.files[file.index()][declared].parent?;
                Some(self.plain_module(At::new(file, parent)))
            }
        }
    }

    /// The module that names lead to where they might lead to this one, if it had not the name of that one or did not
    /// stand in such a module: each is compiled under another cfg.
    pub(crate) fn named_module(&self, module: ModRef) -> Option<ModRef> {
        let mut inside = Vec::new();
        let mut here = self.plain_module(module);
        loop {
            if let Some(named) = self.names.other_modules.get(&here) {
                return inside.into_iter().rev().try_fold(*named, |module, name| self.child_module(module, name));
            }
            inside.push(self.name_of(here)?);
            here = self.parent(here)?;
        }
    }

    fn name_of(&self, module: ModRef) -> Option<&str> {
        let own = &self.files[module.file.index()][module.id];
        let declared = || {
            let (file, declared) = self.crates.files.get(module.file.index())?.parent?;
            Some(At::new(file, declared))
        };
        let at = if own.parent.is_some() { module } else { declared()? };
        let file = &self.files[at.file.index()];
        file[at.id].name.map(|name| &file[name])
    }
}
