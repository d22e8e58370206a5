//! What the client has been told, so that nothing is told twice.

use super::diagnostics::ByFile;
use crate::cache;
use lsp_types::Diagnostic;
use rustc_hash::FxHashMap;
use std::path::PathBuf;

/// The diagnostics that the client has.
#[derive(Debug, Default)]
pub(super) struct Published {
    all: FxHashMap<PathBuf, Vec<Diagnostic>>,
}

impl Published {
    /// Takes what the client is to have; what it has to be told for that.
    pub(super) fn update(&mut self, wanted: ByFile) -> Vec<(PathBuf, Vec<Diagnostic>)> {
        let mut told: Vec<(PathBuf, Vec<Diagnostic>)> = Vec::new();
        let gone: Vec<PathBuf> = self.all.keys().filter(|it| !wanted.contains_key(*it)).cloned().collect();
        for path in gone {
            self.all.remove(&path);
            told.push((path, Vec::new()));
        }
        for (path, diagnostics) in wanted {
            if self.all.get(&path) != Some(&diagnostics) {
                self.all.insert(path.clone(), diagnostics.clone());
                told.push((path, diagnostics));
            }
        }
        told.sort_by(|a, b| a.0.cmp(&b.0));
        told
    }
}

/// What a list of diagnostics is known by.
pub(super) fn result_id(diagnostics: &[Diagnostic]) -> String {
    cache::key(&serde_json::to_string(diagnostics).unwrap_or_default()).to_string()
}
