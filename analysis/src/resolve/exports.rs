//! What users of a library can name: what is public from the root of its crate, under whatever path.

use super::{At, Def, ModRef, Resolve, TypeRef};
use crate::{
    crates::CrateKind,
    facts::{Id, ModuleId, Visibility},
};
use rustc_hash::FxHashSet;

impl Resolve {
    /// Whether a type is one that users of a library can name, which is meant for others.
    pub(crate) fn is_published(&self, owner: TypeRef) -> bool {
        self.memo.published.get_or_init(|| self.find_published()).contains(&owner)
    }

    fn find_published(&self) -> FxHashSet<TypeRef> {
        let libraries = self.crates.crates.iter().filter(|it| it.kind == CrateKind::Lib && it.is_published);
        let roots = libraries.filter_map(|it| Some(At::new(it.root?, ModuleId::from_index(0))));
        let mut open: Vec<ModRef> = roots.collect();
        let mut seen: FxHashSet<ModRef> = open.iter().copied().collect();
        let mut found = FxHashSet::default();
        while let Some(module) = open.pop() {
            let mut enter = |module: ModRef| {
                if seen.insert(module) {
                    open.push(module);
                }
            };
            let file = self.file(module.file);
            let types = file.types.iter().enumerate();
            let public = types.filter(|(_, it)| it.module == module.id && it.visibility == Visibility::Public);
            found.extend(public.map(|(at, _)| TypeRef::from_index(module.file, at)));
            for child in file.modules.iter().filter(|it| it.parent == Some(module.id)) {
                if let (Some(name), Visibility::Public) = (child.name, child.visibility) {
                    self.view().child_module(module, &file[name]).map(&mut enter);
                }
            }
            for (at, import) in file.imports.iter().enumerate() {
                if import.module != module.id || import.visibility != Visibility::Public {
                    continue;
                }
                match self.view().import(module.file, at as u32, 0) {
                    Def::Module(target) => enter(target),
                    Def::Type(target) => {
                        found.insert(target);
                    }
                    _ => {}
                }
            }
        }
        found
    }
}
