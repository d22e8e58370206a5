//! One file: from bytes to summary, whatever is wrong with it.

use super::macros;
use crate::{
    cache::{self, Cache},
    lower::{Definitions, MAX_BYTES, OldSyntax, SyntaxError, lower, lower_with},
    read::{Refusal, Territory},
};
use spawnlint_analysis::{
    facts::{FileSummary, Module, ModuleKind, Visibility},
    span::{Source, TextRange},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Arc,
};

/// A file of the program.
#[derive(Debug)]
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) summary: Arc<FileSummary>,
    /// Why there is nothing, or not everything, in the summary.
    pub(super) faults: Vec<Fault>,
    /// What of it only older editions allow; a fault where the crate that it belongs to is of a newer one.
    old: Vec<OldSyntax>,
    /// What the text is known by.
    pub(super) text_key: cache::Key,
    /// What the summary is known by.
    pub(super) key: cache::Key,
    /// Whether the summary belongs into the cache.
    pub(super) is_cacheable: bool,
    /// For the cache, if it is not there yet.
    pub(super) encoded: Option<Vec<u8>>,
    pub(super) is_cached: bool,
    /// How many lines the text has.
    pub(super) lines: usize,
}

/// What is wrong with a file.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub(super) range: Option<TextRange>,
    pub(super) message: String,
    pub(super) help: Option<&'static str>,
    /// Whether it is not the file that is to blame.
    pub(super) is_bug: bool,
    /// Whether the edition is to blame.
    pub(super) is_of_edition: bool,
}

impl File {
    /// A file of which the text could not be read.
    pub(super) fn unread(shown: String, path: PathBuf, fault: Fault) -> (File, Source) {
        let source = Source::new(shown, "");
        (File::faulty(path, &source, fault), source)
    }

    /// Lowers a text whose macro calls mean these, or takes its summary from the cache.
    pub(super) fn from_text(
        shown: String,
        path: PathBuf,
        text: String,
        definitions: &Definitions,
        cache: Option<&Cache>,
    ) -> (File, Source) {
        let source = Source::new(shown, text);
        let key = macros::key(cache::key(&source.text), definitions);
        if let Some(summary) = cache.and_then(|cache| cache.get(key)) {
            let file = File { is_cached: true, is_cacheable: true, key, ..File::new(path, &source, summary) };
            return (file, source);
        }
        let lowered = match catch_unwind(AssertUnwindSafe(|| lower_with(&source.text, definitions))) {
            Ok(lowered) => lowered,
            Err(_) => return (File::faulty(path, &source, Fault::bug()), source),
        };
        let summary = if lowered.summary.modules.is_empty() { blank(&source) } else { lowered.summary };
        let faults: Vec<Fault> = lowered.errors.into_iter().map(Fault::syntax).collect();
        let old = lowered.old;
        // The cache says nothing of what is wrong with a file, or would be in another edition.
        let is_cacheable = cache.is_some() && faults.is_empty() && old.is_empty();
        let encoded = is_cacheable.then(|| cache::encode(&summary));
        (File { faults, old, is_cacheable, encoded, key, ..File::new(path, &source, summary) }, source)
    }

    fn new(path: PathBuf, source: &Source, summary: FileSummary) -> File {
        // A text that ends with a line break has no line after it.
        let key = cache::key(&source.text);
        let has_no_last = source.text.is_empty() || source.text.ends_with('\n');
        File {
            path,
            summary: Arc::new(summary),
            faults: Vec::new(),
            old: Vec::new(),
            text_key: key,
            key,
            is_cacheable: false,
            encoded: None,
            is_cached: false,
            lines: source.line_count() as usize - usize::from(has_no_last),
        }
    }

    fn faulty(path: PathBuf, source: &Source, fault: Fault) -> File {
        File { faults: vec![fault], ..File::new(path, source, blank(source)) }
    }

    /// Makes a fault of what this edition does not have any more. `None` is no edition in particular.
    pub(super) fn set_edition(&mut self, edition: Option<u16>) {
        self.faults.retain(|fault| !fault.is_of_edition);
        let outdated = self.old.iter().find(|it| edition.is_some_and(|edition| edition > it.until));
        self.faults.extend(outdated.map(|it| Fault { is_of_edition: true, ..Fault::syntax(it.error.clone()) }));
    }

    /// The file's text once more, if it still is the one that was lowered.
    pub(super) fn reread(&self, territory: &Territory) -> Option<String> {
        read_text(territory, &self.path).ok().filter(|text| cache::key(text) == self.text_key)
    }
}

impl Fault {
    fn bare(message: String) -> Fault {
        Fault { range: None, message, help: None, is_bug: false, is_of_edition: false }
    }

    fn plain(message: String, help: &'static str) -> Fault {
        Fault { help: Some(help), ..Fault::bare(message) }
    }

    fn syntax(error: SyntaxError) -> Fault {
        Fault { range: Some(error.range), ..Fault::bare(format!("cannot parse this file: {}", error.message)) }
    }

    fn bug() -> Fault {
        let message = "spawnlint failed on this file; everything else was checked".to_owned();
        let help = "this is a bug in spawnlint: please report it with the file";
        Fault { is_bug: true, ..Fault::plain(message, help) }
    }
}

/// Whether lowering has nothing to complain of in a text of this edition. `None` is no edition in particular.
pub(super) fn parses(text: &str, edition: Option<u16>) -> bool {
    let lowered = catch_unwind(AssertUnwindSafe(|| lower(text)));
    let is_allowed = |it: &OldSyntax| edition.is_none_or(|edition| edition <= it.until);
    lowered.is_ok_and(|lowered| lowered.errors.is_empty() && lowered.old.iter().all(is_allowed))
}

/// The summary of a file of which nothing is known: every file has at least the module that it is.
fn blank(source: &Source) -> FileSummary {
    let module = Module {
        name: None,
        parent: None,
        kind: ModuleKind::File,
        visibility: Visibility::Private,
        path_attr: None,
        is_test: false,
        range: TextRange::new(0, source.text.len() as u32),
    };
    FileSummary { modules: vec![module], ..FileSummary::default() }
}

/// The text of a file.
pub(super) fn read_text(territory: &Territory, path: &Path) -> Result<String, Fault> {
    let bytes = territory.read(path, MAX_BYTES as u64).map_err(|refusal| match refusal {
        // Lowering would refuse it, after all of it had been read.
        Refusal::TooLarge { bytes, most } => {
            Fault::bare(format!("this file is too large: {bytes} bytes; at most {most}"))
        }
        refusal => Fault::bare(format!("cannot read this file: {refusal}")),
    })?;
    String::from_utf8(bytes).map_err(|error| not_utf8(&error))
}

fn not_utf8(error: &std::string::FromUtf8Error) -> Fault {
    let good = error.utf8_error().valid_up_to();
    let line = error.as_bytes()[..good].iter().filter(|byte| **byte == b'\n').count() + 1;
    let wrong = error.as_bytes()[good];
    let message = format!("this file is not UTF-8: line {line} has the byte 0x{wrong:02x}, at offset {good}");
    Fault::plain(message, "rustc reads only UTF-8; convert the file, or rename it if it is not Rust")
}
