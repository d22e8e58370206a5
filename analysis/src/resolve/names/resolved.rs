//! What paths mean, remembered by what they say and by where they stand.

use super::{Def, FileId, FileSummary, ModRef, ModuleId, PathId, Sym};
use crate::facts::Id;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What paths mean that were asked for before. The same path is written in many places of a module, and the same
/// segments in many modules.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    /// The segments of paths, and whether they begin with `::`, each numbered.
    pub(super) written: FxHashMap<(Box<[Sym]>, bool), u32>,
    /// What stands in a module, by its number: a place in `meanings`.
    pub(super) known: FxHashMap<(ModRef, u32), u32>,
    /// With the module in whose file it is looked up.
    pub(super) meanings: Vec<(ModuleId, Def)>,
    /// One more than the place in `meanings` of each path that was asked for; by file, then by path.
    by_path: Box<[Box<[u32]>]>,
}

impl Resolved {
    pub(super) fn by_path(&self, file: FileId, module: ModuleId, path: PathId) -> Option<Def> {
        let number = *self.by_path.get(file.index())?.get(path.index())?;
        let (known, def) = self.meanings.get(number.checked_sub(1)? as usize)?;
        (*known == module).then(|| def.clone())
    }

    pub(super) fn set_path(&mut self, files: &[Arc<FileSummary>], file: FileId, path: PathId, meaning: u32) {
        if self.by_path.is_empty() {
            self.by_path = files.iter().map(|_| Box::default()).collect();
        }
        let paths = &mut self.by_path[file.index()];
        if paths.is_empty() {
            *paths = vec![0; files[file.index()].paths.len()].into();
        }
        paths[path.index()] = meaning + 1;
    }
}
