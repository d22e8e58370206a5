//! Which names a file mentions, and where: what an import is for.

use super::Resolve;
use crate::{
    facts::{FileSummary, Id, Name, PathId},
    span::{FileId, TextRange},
};
use rustc_hash::{FxHashMap, FxHashSet};

/// The names of one file.
#[derive(Debug)]
pub struct Mentions {
    /// All paths, by where they begin.
    by_start: Vec<(u32, PathId)>,
    by_first: FxHashMap<Name, Vec<PathId>>,
    /// In calls and definitions of macros.
    in_macros: FxHashSet<Name>,
    /// All names by their text.
    by_text: Vec<Name>,
}

impl Mentions {
    fn of(file: &FileSummary) -> Mentions {
        let paths = (0..file.paths.len()).map(PathId::from_index);
        let mut by_start: Vec<_> = paths.clone().map(|path| (file[path].range.start, path)).collect();
        by_start.sort_unstable();
        let mut by_first: FxHashMap<Name, Vec<PathId>> = FxHashMap::default();
        for path in paths {
            if let Some(first) = file.at(file[path].segments, 0) {
                by_first.entry(first).or_default().push(path);
            }
        }
        let in_calls = file.macros.iter().flat_map(|call| file.list(call.mentions));
        let in_macros = in_calls.chain(file.macro_mentions.iter().copied()).collect();
        let mut by_text: Vec<Name> = (0..file.names.len()).map(Name::from_index).collect();
        by_text.sort_unstable_by_key(|name| &file[*name]);
        Mentions { by_start, by_first, in_macros, by_text }
    }

    /// The name of a text in the file that this is of.
    pub fn name(&self, file: &FileSummary, text: &str) -> Option<Name> {
        let at = self.by_text.binary_search_by(|name| file[*name].cmp(text)).ok()?;
        Some(self.by_text[at])
    }

    /// The paths that begin in a range.
    pub fn paths_in(&self, range: TextRange) -> impl Iterator<Item = PathId> {
        let first = self.by_start.partition_point(|(start, _)| *start < range.start);
        self.by_start[first..].iter().take_while(move |(start, _)| *start < range.end).map(|(_, path)| *path)
    }

    /// The paths whose first segment is a name.
    pub fn paths_from(&self, name: Name) -> &[PathId] {
        self.by_first.get(&name).map_or(&[], Vec::as_slice)
    }

    /// Whether a macro mentions a name.
    pub fn is_in_macro(&self, name: Name) -> bool {
        self.in_macros.contains(&name)
    }
}

impl Resolve {
    /// The names that a file mentions.
    pub fn mentions_in(&self, file: FileId) -> &Mentions {
        self.memo.mentions[file.index()].get_or_init(|| Mentions::of(self.file(file)))
    }
}
