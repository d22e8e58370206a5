//! Functions that stand beside one of the same name: each is compiled under another cfg.

use crate::{
    effects::{Effects, FnRef, Sym},
    facts::{ImplId, ModuleId, Owner},
    span::FileId,
};
use rustc_hash::FxHashMap;
use std::{cell::OnceCell, rc::Rc};

/// Where functions stand side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Beside {
    Module(FileId, ModuleId),
    Impl(FileId, ImplId),
}

/// Of each function that has twins, all of them, itself included.
#[derive(Debug, Default)]
pub(in crate::effects) struct Twins {
    of: OnceCell<FxHashMap<FnRef, Rc<[FnRef]>>>,
}

impl Effects {
    /// The functions with a body of which each takes the place of the others, in the order of the text. None if there
    /// is but one.
    pub(super) fn twins(&self, function: FnRef) -> Rc<[FnRef]> {
        let known = self.memo.twins.of.get_or_init(|| self.find_twins());
        known.get(&function).map_or_else(|| Rc::from([]), Rc::clone)
    }

    fn find_twins(&self) -> FxHashMap<FnRef, Rc<[FnRef]>> {
        let mut named: FxHashMap<(Beside, Sym), Vec<FnRef>> = FxHashMap::default();
        for (at, file) in self.files.iter().enumerate() {
            let id = FileId(at as u32);
            for (at, item) in file.functions.iter().enumerate().filter(|(_, item)| item.body.is_some()) {
                let beside = match item.owner {
                    Owner::Module => Beside::Module(id, item.module),
                    Owner::Impl(block) => Beside::Impl(id, block),
                    Owner::Trait(_) => continue,
                };
                if !item.attrs.is_test {
                    named.entry((beside, self.names.sym(id, item.name))).or_default().push(FnRef::from_index(id, at));
                }
            }
        }
        let mut found = FxHashMap::default();
        for twins in named.into_values().filter(|twins| twins.len() > 1) {
            let twins: Rc<[FnRef]> = twins.into();
            found.extend(twins.iter().map(|one| (*one, Rc::clone(&twins))));
        }
        found
    }
}
