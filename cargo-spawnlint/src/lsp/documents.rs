//! The texts that are open in the editor.

use super::{
    text::{Encoding, Lines},
    uri,
};
use lsp_types::{TextDocumentContentChangeEvent, Uri};
use rustc_hash::FxHashMap;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// An open text.
#[derive(Debug, Clone)]
pub(super) struct Document {
    /// As the client calls it.
    pub(super) uri: Uri,
    /// As the client counts.
    pub(super) version: i32,
    pub(super) text: Arc<str>,
    /// Whether it is Rust.
    pub(super) is_rust: bool,
}

/// All open texts, by name: the path without links of a file, and the address of anything else.
#[derive(Debug, Default)]
pub(super) struct Documents {
    all: FxHashMap<PathBuf, Document>,
}

/// What an address stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) name: PathBuf,
    pub(super) is_file: bool,
}

impl Name {
    pub(super) fn of(uri: &Uri) -> Name {
        match uri::to_path(uri) {
            Some(path) => Name { name: without_links(&path), is_file: true },
            None => Name { name: PathBuf::from(uri.as_str()), is_file: false },
        }
    }
}

/// The one path of a file, which need not be there.
pub(super) fn without_links(path: &Path) -> PathBuf {
    let absent = || {
        let folder = path.parent()?.canonicalize().ok()?;
        Some(folder.join(path.file_name()?))
    };
    path.canonicalize().ok().or_else(absent).unwrap_or_else(|| crate::project::normalize(path))
}

impl Documents {
    pub(super) fn get(&self, name: &Path) -> Option<&Document> {
        self.all.get(name)
    }

    pub(super) fn open(&mut self, name: PathBuf, document: Document) {
        self.all.insert(name, document);
    }

    pub(super) fn close(&mut self, name: &Path) -> bool {
        self.all.remove(name).is_some()
    }

    /// Applies edits in order; what the text is then. `None` if it is not open.
    pub(super) fn change(
        &mut self,
        name: &Path,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        encoding: Encoding,
    ) -> Option<&Document> {
        let document = self.all.get_mut(name)?;
        document.version = version;
        let mut text = document.text.to_string();
        for TextDocumentContentChangeEvent { range, text: new, .. } in changes {
            let Some(range) = range else {
                text = new;
                continue;
            };
            let lines = Lines::new(&text, encoding);
            let (start, end) = (lines.offset(range.start), lines.offset(range.end));
            text.replace_range(start.min(end)..end.max(start), &new);
        }
        document.text = text.into();
        Some(document)
    }

    /// How the client calls a file.
    pub(super) fn uri(&self, path: &Path) -> Option<Uri> {
        match self.get(path) {
            Some(document) => Some(document.uri.clone()),
            None if path.is_absolute() => uri::of_path(path),
            None => path.to_str()?.parse().ok(),
        }
    }
}
