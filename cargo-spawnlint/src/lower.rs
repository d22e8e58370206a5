//! Phase 1: from the text of a file to its summary.
//!
//! Pure, and the only user of syn: no syntax tree and no span of proc-macro2 leaves this module.
//! syn recurses, so the nesting of a text is measured before it is parsed, and a deep one is
//! parsed on a thread with a stack to match.

mod attrs;
mod block;
mod comments;
mod cx;
mod editions;
mod expand;
mod expr;
mod format;
mod grammar;
mod imports;
mod item;
mod item_macros;
mod macros;
mod marked_impls;
mod mbe;
mod pat;
mod quick;
mod scan;
#[cfg(test)]
mod tests;
mod tokens;
mod ty;

pub use mbe::{Definition, Definitions, called_in, definitions, only};
pub use tokens::telling_tokens;

use cx::Cx;
use expand::Expanding;
use item::{Scope, items};
use quick::{quick, without_docs};
use scan::{Scan, UNITS_PER_LEVEL, scan};
use spawnlint_analysis::facts::{FileSummary, Module, ModuleKind, Visibility};
use spawnlint_analysis::span::TextRange;
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Files above this size are not read. In bytes.
pub const MAX_BYTES: usize = 16 << 20;

/// Files nested deeper than this are not read.
pub const MAX_LEVELS: u32 = 20_000;

/// Stack that one level may take, in bytes, in all of parsing, lowering and dropping. The hungriest
/// are generic arguments, measured at 60 KiB without and 9 KiB with optimisation.
const STACK_PER_LEVEL: usize = if cfg!(debug_assertions) { 96 << 10 } else { 16 << 10 };

/// Stack that the calling thread is taken to have left. In bytes.
const ORDINARY_STACK: usize = 1 << 20;

/// What a file says, and why it could not be read if it says nothing.
#[derive(Debug)]
pub struct Lowered {
    /// The facts; empty but for its one module if there are errors.
    pub summary: FileSummary,
    /// In order of place.
    pub errors: Vec<SyntaxError>,
    /// What of the text only older editions allow: for each of those editions the first place.
    pub old: Vec<OldSyntax>,
}

/// Syntax that newer editions do not have any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldSyntax {
    /// The last edition that has it.
    pub until: u16,
    /// What newer ones say of it.
    pub error: SyntaxError,
}

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where.
    pub range: TextRange,
    /// What; lower case, no full stop.
    pub message: String,
}

/// Parses and lowers one file, of which nothing is known but itself. Pure.
pub fn lower(text: &str) -> Lowered {
    lower_with(text, &Definitions::of_text(text))
}

/// Parses and lowers one file, whose macro calls may mean these. Pure.
pub fn lower_with(text: &str, definitions: &Definitions) -> Lowered {
    if text.len() > MAX_BYTES {
        let message = format!("the file is too large ({} bytes; at most {MAX_BYTES})", text.len());
        return failed(text, vec![SyntaxError { range: TextRange::default(), message }]);
    }
    let look = &look(text);
    let scan = &look.scan;
    let levels = scan.units / UNITS_PER_LEVEL;
    let expansions = if definitions.is_empty() { 0 } else { expand::STACK };
    let stack = stack_for(scan.units + expansions);
    if stack <= ORDINARY_STACK {
        return lower_guarded(text, look, definitions);
    }
    if levels > MAX_LEVELS {
        let message = format!("nested too deeply ({levels} levels; at most {MAX_LEVELS})");
        return failed(text, vec![SyntaxError { range: scan.deepest, message }]);
    }
    let lowered = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(ORDINARY_STACK + stack);
        thread.spawn_scoped(scope, || lower_guarded(text, look, definitions)).map(|thread| thread.join())
    });
    match lowered {
        Ok(Ok(lowered)) => lowered,
        Ok(Err(_)) => failed(text, vec![bug(text)]),
        Err(error) => {
            let message = format!("cannot make a thread with a stack for {levels} levels: {error}");
            failed(text, vec![SyntaxError { range: scan.deepest, message }])
        }
    }
}

/// What can be told of a text before it is parsed.
struct Look<'t> {
    scan: Scan,
    /// The text for the parser: without doc comments.
    plain: Cow<'t, str>,
    /// Where it may be cut into pieces.
    cuts: Vec<usize>,
}

fn look(text: &str) -> Look<'_> {
    let Some(mut quick) = quick(text) else {
        return Look { scan: scan(text), plain: Cow::Borrowed(text), cuts: vec![] };
    };
    let cuts = std::mem::take(&mut quick.cuts);
    let scan = match stack_for(quick.units) <= ORDINARY_STACK && !text.contains("spawnlint:") {
        true => Scan { start: quick.start, ..Scan::default() },
        false => scan(text),
    };
    Look { scan, plain: without_docs(text, &quick), cuts }
}

/// The stack that a text takes, in bytes.
fn stack_for(units: u32) -> usize {
    units as usize * (STACK_PER_LEVEL / UNITS_PER_LEVEL as usize)
}

/// A panic in here is a bug, but no reason to lose the other files.
fn lower_guarded(text: &str, look: &Look<'_>, definitions: &Definitions) -> Lowered {
    // Spans are offsets into all that this thread ever parsed.
    proc_macro2::extra::invalidate_current_thread_spans();
    let lowered = catch_unwind(AssertUnwindSafe(|| lower_here(text, look, definitions)));
    proc_macro2::extra::invalidate_current_thread_spans();
    lowered.unwrap_or_else(|_| failed(text, vec![bug(text)]))
}

/// Lowers a text: piece by piece, so that no tree is much larger than an item, or as a whole where that fails.
fn lower_here(text: &str, look: &Look<'_>, definitions: &Definitions) -> Lowered {
    let new = || {
        let mut cx = Cx::new(text, look.scan.start);
        cx.expanding = Expanding::new(definitions, text);
        cx
    };
    let Look { scan, plain, cuts } = look;
    if !cuts.is_empty()
        && let Some(cx) = lower_pieces(new(), plain, scan, cuts)
    {
        return finish(cx, text, scan, vec![]);
    }
    let mut cx = new();
    let (mut file, old) = match parse(&plain[scan.start..]) {
        Ok(parsed) => parsed,
        Err(error) => return failed(text, syntax_errors(&cx, text, error)),
    };
    let old = old_syntax(&cx, &old);
    let scope = file_scope(&mut cx, text, &file);
    items(&mut cx, scope, &mut file.items);
    // A summary finds its place where the tree has been.
    drop(file);
    finish(cx, text, scan, old)
}

/// Lowers the pieces of a text, each parsed by itself. `None` if one of them is not a row of items.
fn lower_pieces<'t>(mut cx: Cx<'t>, plain: &str, scan: &Scan, cuts: &[usize]) -> Option<Cx<'t>> {
    let ends = cuts.iter().copied().chain([plain.len()]);
    let mut start = scan.start;
    let mut scope = None;
    for end in ends {
        let (mut file, _) = parse_new(&plain[start..end]).ok()?;
        if start != scan.start {
            cx.begin_at(start);
        }
        let scope = match scope {
            None => *scope.insert(file_scope(&mut cx, plain, &file)),
            // Attributes of the file stand before its items.
            Some(_) if !file.attrs.is_empty() => return None,
            Some(scope) => scope,
        };
        items(&mut cx, scope, &mut file.items);
        start = end;
    }
    Some(cx)
}

/// Adds the module that the file is.
fn file_scope(cx: &mut Cx<'_>, text: &str, file: &syn::File) -> Scope {
    let is_test = attrs::is_cfg_test(&file.attrs);
    cx.out.modules.push(file_module(text, is_test));
    Scope { module: spawnlint_analysis::facts::Id::from_index(0), is_test }
}

fn finish(mut cx: Cx<'_>, text: &str, scan: &Scan, old: Vec<OldSyntax>) -> Lowered {
    // Items inside of bodies come after these.
    cx.out.semicolons.sort_unstable();
    cx.out.attributed.sort_unstable();
    cx.out.expanded.sort_unstable();
    comments::suppressions(&mut cx, text, scan);
    // Summaries stay in memory: a copy has no room to grow.
    Lowered { summary: cx.out.clone(), errors: vec![], old }
}

/// Parses a text, once more if all that is wrong with it may be what a macro will take away, or its age.
fn parse(text: &str) -> syn::Result<editions::Parsed> {
    let first = parse_new(text);
    if first.is_ok() {
        return first;
    }
    let unmarked = marked_impls::without_marks(text);
    // The spans of each attempt would be counted in the next one.
    drop(first);
    if let Some(text) = &unmarked
        && let Ok(parsed) = parse_new(text)
    {
        return Ok(parsed);
    }
    proc_macro2::extra::invalidate_current_thread_spans();
    let unmarked = unmarked.as_deref().unwrap_or(text);
    if let Some(parsed) = editions::parse(unmarked) {
        return Ok(parsed);
    }
    parse_new(unmarked)
}

/// Parses a text by the grammar of today.
fn parse_new(text: &str) -> syn::Result<editions::Parsed> {
    proc_macro2::extra::invalidate_current_thread_spans();
    syn::parse_str(text).map(|file| (file, vec![]))
}

/// The first of what each edition was the last to have.
fn old_syntax(cx: &Cx<'_>, old: &[editions::Old]) -> Vec<OldSyntax> {
    let mut first: Vec<OldSyntax> = Vec::new();
    for it in old {
        let (range, until) = (cx.range(it.at), it.what.until());
        let syntax = OldSyntax { until, error: SyntaxError { range, message: it.what.message() } };
        match first.iter_mut().find(|other| other.until == until) {
            Some(other) if range.start < other.error.range.start => *other = syntax,
            Some(_) => {}
            None => first.push(syntax),
        }
    }
    first.sort_by_key(|it| it.until);
    first
}

fn syntax_errors(cx: &Cx<'_>, text: &str, error: syn::Error) -> Vec<SyntaxError> {
    // Where the tokens are no tokens, the scan knows better why than the parser does.
    if let Some(problem) = scan(text).problem {
        return vec![problem];
    }
    let errors = error.into_iter().map(|error| {
        let message = error.to_string();
        let mut range = cx.range(error.span());
        if message.starts_with("unexpected end of input") {
            range = TextRange::new(text.len() as u32, text.len() as u32);
        }
        SyntaxError { range, message }
    });
    errors.collect()
}

fn failed(text: &str, errors: Vec<SyntaxError>) -> Lowered {
    let summary = FileSummary { modules: vec![file_module(text, false)], ..FileSummary::default() };
    Lowered { summary, errors, old: vec![] }
}

fn bug(text: &str) -> SyntaxError {
    let message = "spawnlint failed on this file, which is a bug in spawnlint".to_owned();
    SyntaxError { range: TextRange::new(0, text.len() as u32), message }
}

fn file_module(text: &str, is_test: bool) -> Module {
    let range = TextRange::new(0, text.len() as u32);
    // Who can see it is said where it is declared.
    let visibility = Visibility::Private;
    Module { name: None, parent: None, kind: ModuleKind::File, visibility, path_attr: None, is_test, range }
}
