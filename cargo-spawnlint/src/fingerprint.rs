//! By what a finding is known again after the code around it has changed: its rule, the item around it, and what the
//! code there says. Lines, columns, layout and comments are no part of it.

mod around;

use crate::{lower::telling_tokens, report::Report};
use around::Around;
use rustc_hash::FxHashMap;
use spawnlint_analysis::{
    crates::CrateGraph,
    facts::{Expr, FileSummary, ModuleKind, Ty, TyId},
    span::{FileId, Source, TextRange},
};
use spawnlint_rules::finding::Finding;
use twox_hash::XxHash3_128;

/// Of a longer snippet the first tokens count: what is done deep inside of a task is not what was found.
const MANY_TOKENS: usize = 32;

/// Deeper trees of modules are cut.
const MANY_LEVELS: usize = 64;

/// Where a finding stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Site {
    /// The module that its file is: `server::net`.
    pub module: String,
    /// The items of the file that it stands in: `Pool::start`; empty outside of all items.
    pub item: String,
    /// From the place of the finding to the end of the call that it speaks of.
    pub snippet: TextRange,
}

/// Where findings stand. What is in a file is put in order once, for all findings in it.
pub struct Sites<'a, F> {
    crates: &'a CrateGraph,
    summary: F,
    files: FxHashMap<FileId, Places<'a>>,
}

/// What may stand around a finding in a file.
struct Places<'a> {
    module: String,
    items: Around<&'a str>,
    calls: Around<()>,
}

impl<'a, F: Fn(FileId) -> &'a FileSummary> Sites<'a, F> {
    /// Of findings in files of these crates.
    pub fn new(crates: &'a CrateGraph, summary: F) -> Sites<'a, F> {
        Sites { crates, summary, files: FxHashMap::default() }
    }

    /// Where this finding stands.
    pub fn of(&mut self, finding: &Finding) -> Site {
        let Sites { crates, summary, files } = self;
        let file = finding.at.file;
        let here = files.entry(file).or_insert_with(|| Places {
            module: module_path(file, crates, summary),
            items: items(summary(file)),
            calls: calls(summary(file)),
        });
        let at = finding.at.range;
        Site { module: here.module.clone(), item: item_path(&here.items, at), snippet: snippet(&here.calls, at) }
    }
}

/// What a finding is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Fingerprint {
    /// The file as it is printed. No part of the hash: a file that is moved within its module is the same.
    pub file: String,
    /// The rule.
    pub rule: &'static str,
    /// The module that the file is: `server::net`.
    pub module: String,
    /// The items around it, within the file: `Pool::start`.
    pub item: String,
    /// What the code there says: 16 hexadecimal digits.
    pub snippet: String,
    /// From 0 on, in order of place, for findings that are otherwise the same.
    pub occurrence: u32,
}

impl Fingerprint {
    /// All of it but the file as 32 hexadecimal digits.
    pub fn hash(&self) -> String {
        let Fingerprint { file: _, rule, module, item, snippet, occurrence } = self;
        hash_of([*rule, module, item, snippet, &occurrence.to_string()].into_iter())
    }
}

/// The fingerprints of a report's findings, in their order.
pub fn fingerprints(report: &Report) -> Vec<Fingerprint> {
    report.diagnostics.iter().map(|it| it.fingerprint.clone()).collect()
}

/// Gives each finding its fingerprint, once the report has its texts. Findings that are left out later keep their
/// numbers, so that the others keep theirs.
pub(crate) fn assign(report: &mut Report) {
    let mut seen: FxHashMap<Fingerprint, u32> = FxHashMap::default();
    for it in &mut report.diagnostics {
        let source = report.sources.get(it.finding.at.file);
        let mut print = Fingerprint {
            file: String::new(),
            rule: it.finding.rule,
            module: it.site.module.clone(),
            item: it.site.item.clone(),
            snippet: snippet_hash(source, it.site.snippet),
            occurrence: 0,
        };
        let count = seen.entry(print.clone()).or_default();
        (print.file, print.occurrence) = (source.path.clone(), *count);
        *count += 1;
        it.fingerprint = print;
    }
}

/// What a piece of code says, as 16 hexadecimal digits.
pub fn snippet_hash(source: &Source, snippet: TextRange) -> String {
    // The same literal in a file with other line ends is the same.
    let code = source.snippet(snippet).replace("\r\n", "\n");
    let mut hash = hash_of(telling_tokens(&code).take(MANY_TOKENS));
    hash.truncate(16);
    hash
}

/// 32 hexadecimal digits for texts with their borders: `a b` and `ab` differ.
pub(crate) fn hash_of<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let bytes: Vec<u8> = parts.flat_map(|part| part.bytes().chain([0])).collect();
    format!("{:032x}", XxHash3_128::oneshot(&bytes))
}

fn calls(summary: &FileSummary) -> Around<()> {
    let exprs = summary.exprs.iter().zip(&summary.expr_ranges);
    let calls = exprs.filter(|(expr, _)| matches!(expr, Expr::Call { .. } | Expr::MethodCall { .. }));
    Around::new(calls.map(|(_, range)| (*range, ())))
}

/// From the place to the end of the smallest call around it.
fn snippet(calls: &Around<()>, at: TextRange) -> TextRange {
    let end = calls.of(at).map(|(range, ())| range.end).min().unwrap_or(at.end);
    TextRange::new(at.start, end.max(at.end))
}

/// The module that a file is: `my_crate::a::b`.
fn module_path<'a>(file: FileId, crates: &CrateGraph, summary: &impl Fn(FileId) -> &'a FileSummary) -> String {
    let mut names = Vec::new();
    let mut file = file;
    for _ in 0..MANY_LEVELS {
        let Some((parent, module)) = crates.files.get(file.index()).and_then(|place| place.parent) else { break };
        let summary = summary(parent);
        let mut at = Some(module);
        while let Some(module) = at {
            let module = &summary[module];
            names.extend(module.name.map(|name| &summary[name]));
            at = module.parent;
        }
        file = parent;
    }
    let place = crates.files.get(file.index());
    names.extend(place.and_then(|place| crates.crates.get(place.krate.index())).map(|krate| krate.name.as_str()));
    names.reverse();
    names.join("::")
}

fn items(summary: &FileSummary) -> Around<&str> {
    let modules = summary.modules.iter().filter(|it| it.kind == ModuleKind::Inline);
    let modules = modules.filter_map(|it| Some((it.range, &summary[it.name?])));
    let functions = summary.functions.iter().map(|it| {
        // An attribute belongs to the function below it.
        let with_span = it.attrs.instrument.map_or(it.range, |span| it.range.cover(span.range));
        (with_span, &summary[it.name])
    });
    let types = summary.types.iter().map(|it| (it.range, &summary[it.name]));
    let consts = summary.consts.iter().map(|it| (it.range, &summary[it.name]));
    let impls = summary.impls.iter().map(|it| (it.range, type_name(summary, it.self_ty)));
    Around::new(modules.chain(functions).chain(types).chain(consts).chain(impls))
}

/// The items of a file around a place, outermost first.
fn item_path(items: &Around<&str>, at: TextRange) -> String {
    let mut around: Vec<(TextRange, &str)> = items.of(TextRange::new(at.start, at.start)).copied().collect();
    around.sort_by_key(|(range, name)| (range.start, std::cmp::Reverse(range.end), *name));
    around.into_iter().map(|(_, name)| name).collect::<Vec<_>>().join("::")
}

/// The last segment of a type's path; `_` for a type without one.
fn type_name(summary: &FileSummary, ty: TyId) -> &str {
    match summary[ty] {
        Ty::Path(path) => summary.list(summary[path].segments).last().map_or("_", |name| &summary[name]),
        Ty::Ref(ty) => type_name(summary, ty),
        _ => "_",
    }
}
