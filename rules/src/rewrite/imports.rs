//! Imports that nothing uses any more once some text is gone.

use crate::finding::{Edit, Piece};
use spawnlint_analysis::{
    facts::{Import, Name, PathId, Visibility},
    questions::Program,
    span::{FileId, TextRange},
};

/// What has to go beside these edits, so that no import is left without use.
pub(super) fn orphaned_imports(program: &Program, edits: &[Edit]) -> Vec<Edit> {
    let mut files: Vec<FileId> = edits.iter().map(|edit| edit.at.file).collect();
    files.sort();
    files.dedup();
    files.into_iter().flat_map(|file| orphans_in(program, file, edits)).collect()
}

fn orphans_in(program: &Program, id: FileId, edits: &[Edit]) -> Vec<Edit> {
    let file = program.file(id);
    let is_gone = |path: PathId| {
        // The generic arguments may stay.
        let first = file.segments(path).next().map_or(0, |name| name.len() as u32);
        let start = file[path].range.start;
        let at = TextRange::new(start, start + first);
        let goes =
            |edit: &Edit| edit.at.file == id && edit.at.range.contains(at) && edit.at.range.start < edit.at.range.end;
        let stays = |edit: &Edit| {
            edit.text
                .iter()
                .any(|piece| matches!(piece, Piece::Kept(kept) if kept.file == id && kept.range.contains(at)))
        };
        edits.iter().any(goes) && !edits.iter().any(stays)
    };
    let is_written = |name: &str| {
        edits.iter().flat_map(|edit| &edit.text).any(|piece| match piece {
            Piece::New(text) => text.split(|it: char| !(it.is_alphanumeric() || it == '_')).any(|word| word == name),
            Piece::Kept(_) => false,
        })
    };
    let mentions = program.mentions_in(id);
    let removed = edits.iter().filter(|edit| edit.at.file == id).flat_map(|edit| mentions.paths_in(edit.at.range));
    let gone = removed.filter(|path| is_gone(*path));
    let mut names: Vec<Name> = gone.filter_map(|path| file.at(file[path].segments, 0)).collect();
    names.sort();
    names.dedup();
    let mut found: Vec<&Import> = Vec::new();
    for name in names {
        // A second one brings it in from the first: `use super::Name;`.
        let imports = || file.imports.iter().filter(|import| import.name == Some(name));
        let is_used = mentions.paths_from(name).iter().any(|path| !is_gone(*path))
            || mentions.is_in_macro(name)
            || file.imports.iter().any(|it| file.at(it.segments, 0) == Some(name) && it.segments.len > 1 && !it.global)
            || is_written(&file[name]);
        if !is_used && imports().all(|import| import.visibility == Visibility::Private) {
            found.extend(imports());
        }
    }
    found.sort_by_key(|import| import.leaf);
    let touch = |a: &&Import, b: &&Import| a.range == b.range && a.leaf.end >= b.leaf.start;
    let count = |of: &Import| file.imports.iter().filter(|import| import.range == of.range).count();
    found.chunk_by(touch).map(|names| without(id, names, names.len() == count(names[0]))).collect()
}

/// The edit that takes names out of a `use` which stand beside one another in it, or are all of it.
fn without(id: FileId, names: &[&Import], is_all: bool) -> Edit {
    let (first, last) = (names[0], names[names.len() - 1]);
    let only_first = Edit {
        at: first.leaf.in_file(id),
        text: first.keep.map(|keep| Piece::Kept(keep.in_file(id))).into_iter().collect(),
    };
    if names.len() == 1 {
        return only_first;
    }
    let gone = |start: u32, end: u32| Edit { at: TextRange::new(start, end).in_file(id), text: Vec::new() };
    let is_pair = first.keep.is_some();
    // The last name goes with the comma before it, and so do those before it that go, too.
    let is_to_the_end = last.after == Some(last.leaf.start);
    match first.after {
        Some(after) if is_to_the_end => gone(after, last.leaf.end),
        None if is_pair || is_to_the_end => {
            // Nothing is left in the braces. Of inner ones the outer ones would have to be looked at.
            if is_all { gone(first.range.start, first.range.end) } else { only_first }
        }
        _ => gone(first.leaf.start, last.leaf.end),
    }
}
