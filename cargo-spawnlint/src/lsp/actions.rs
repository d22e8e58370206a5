//! What can be done about a finding: rewrites, comments, the rule's page, the baseline.

use super::{
    client::Client,
    diagnostics::{self, Places},
};
use crate::{
    fix::{Extent, Replacement, comment_for, resolve},
    levels::COMMENT_RULES,
    output::rewrite_title,
};
use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, Command, DocumentChanges, OneOf,
    OptionalVersionedTextDocumentIdentifier, Range, TextDocumentEdit, TextEdit, WorkspaceEdit,
};
use serde_json::{Value, json};
use spawnlint_analysis::span::{FileId, TextRange};
use spawnlint_rules::finding::Applicability;
use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

/// Shows the page of a rule: its argument.
pub(super) const EXPLAIN: &str = "spawnlint.explain";
/// Adds a finding to the baseline: the address of its file and its fingerprint.
pub(super) const ADD_TO_BASELINE: &str = "spawnlint.addToBaseline";
/// Applies all that is machine applicable in a file.
pub(super) const FIX_ALL: CodeActionKind = CodeActionKind::new("source.fixAll.spawnlint");

/// What a comment says until somebody says why, as in the rewrite that suppresses a finding.
const REASON: &str = "<reason>";

/// A way to mend a finding, as edits.
#[derive(Debug)]
pub(super) struct Rewritten {
    pub(super) title: String,
    pub(super) edit: WorkspaceEdit,
    /// Whether it can be applied as it stands, and means the same.
    is_sure: bool,
    replacements: Vec<Replacement>,
}

/// The rewrites of a finding, best first, as far as the texts are those that were checked.
pub(super) fn rewrites(places: &mut Places<'_>, at: usize, client: &Client) -> Vec<Rewritten> {
    let snapshot = places.snapshot;
    let report = snapshot.report();
    let finding = &report.diagnostics[at].finding;
    let package = report.origin(finding.at.file).and_then(|origin| origin.package.as_deref());
    let mut all: Vec<Rewritten> = Vec::new();
    for rewrite in &finding.rewrites {
        let Ok(suggestion) = resolve(&report.sources, rewrite) else { continue };
        let Some(edit) = edit_of(places, &suggestion.edits, client) else { continue };
        let is_sure = suggestion.applicability == Applicability::MachineApplicable
            && suggestion.needs.is_empty()
            && all.is_empty();
        let title = rewrite_title(rewrite, package);
        all.push(Rewritten { title, edit, is_sure, replacements: suggestion.edits });
    }
    all
}

/// Answers a request for code actions.
pub(super) fn answer(
    places: &mut Places<'_>,
    path: &Path,
    params: &CodeActionParams,
    client: &Client,
    show_baseline: bool,
) -> Vec<CodeActionOrCommand> {
    let snapshot = places.snapshot;
    let Some(file) = snapshot.file(path) else { return Vec::new() };
    let is_wanted = |kind: &CodeActionKind| {
        let has = |only: &CodeActionKind| {
            let (only, kind) = (only.as_str(), kind.as_str());
            only.is_empty() || kind == only || kind.strip_prefix(only).is_some_and(|rest| rest.starts_with('.'))
        };
        params.context.only.as_ref().is_none_or(|all| all.iter().any(has))
    };
    let mut actions: Vec<CodeAction> = Vec::new();
    let of_file = (0..snapshot.report().diagnostics.len())
        .filter(|at| snapshot.report().diagnostics[*at].finding.at.file == file)
        .filter(|at| show_baseline || !snapshot.is_known[*at]);
    let of_file: Vec<usize> = of_file.collect();
    if is_wanted(&CodeActionKind::QUICKFIX) {
        for at in &of_file {
            let touches = |range: Range| range.start <= params.range.end && params.range.start <= range.end;
            if let Some(diagnostic) = diagnostics::finding(places, *at, client).filter(|it| touches(it.range)) {
                let of_finding = of_finding(places, *at, client).into_iter();
                let with = |it| CodeAction { diagnostics: Some(vec![diagnostic.clone()]), ..it };
                actions.extend(of_finding.map(with));
            }
        }
    }
    if is_wanted(&FIX_ALL) {
        actions.extend(fix_all(places, &of_file, file, client));
    }
    if client.has_code_actions {
        return actions.into_iter().map(CodeActionOrCommand::CodeAction).collect();
    }
    // Such a client knows commands only.
    actions.into_iter().filter_map(|it| it.command).map(CodeActionOrCommand::Command).collect()
}

fn of_finding(places: &mut Places<'_>, at: usize, client: &Client) -> Vec<CodeAction> {
    let snapshot = places.snapshot;
    let diagnostic = &snapshot.report().diagnostics[at];
    let finding = &diagnostic.finding;
    let quickfix = |title: String| CodeAction { title, kind: Some(CodeActionKind::QUICKFIX), ..CodeAction::default() };
    let mut actions: Vec<CodeAction> = rewrites(places, at, client)
        .into_iter()
        // Comments follow below, for more than this place.
        .filter(|it| !it.replacements.iter().all(|it| it.text.trim_start().starts_with("// spawnlint:")))
        .map(|it| CodeAction { edit: Some(it.edit), is_preferred: it.is_sure.then_some(true), ..quickfix(it.title) })
        .collect();
    let rule = finding.rule;
    let command = |title: String, command: &str, arguments: Vec<Value>| CodeAction {
        command: Some(Command { title: title.clone(), command: command.to_owned(), arguments: Some(arguments) }),
        ..quickfix(title)
    };
    actions.push(command(format!("explain `{rule}`"), EXPLAIN, vec![json!(rule)]));
    if COMMENT_RULES.iter().any(|it| it.name == rule) {
        return actions;
    }
    let file = finding.at.file;
    let extents = [(Extent::Statement, "here"), (Extent::Item, "in this item"), (Extent::File, "in this file")];
    for (extent, place) in extents {
        let Some((offset, text)) = comment_for(snapshot.text(file), finding.at.range.start, rule, REASON, extent)
        else {
            continue;
        };
        let at = TextRange::new(offset as u32, offset as u32).in_file(file);
        let edit = edit_of(places, &[Replacement { at, text, kept: Vec::new() }], client);
        if let Some(edit) = edit {
            let title = format!("allow `{rule}` {place}, with a reason");
            actions.push(CodeAction { edit: Some(edit), ..quickfix(title) });
        }
    }
    if let Some(uri) = places.uri(file).filter(|_| !snapshot.report().root.is_empty() && !snapshot.is_known[at]) {
        let arguments = vec![json!(uri), json!(diagnostic.fingerprint.hash())];
        actions.push(command("add this finding to the baseline".to_owned(), ADD_TO_BASELINE, arguments));
    }
    actions
}

/// All that is machine applicable in a file, of these findings.
fn fix_all(places: &mut Places<'_>, findings: &[usize], file: FileId, client: &Client) -> Option<CodeAction> {
    let sure = places.snapshot.sure.iter().filter(|(at, _)| findings.contains(at)).map(|(_, it)| &it.edits);
    let is_here = |edits: &&Vec<Replacement>| edits.iter().all(|it| it.at.file == file);
    let mut taken: Vec<Replacement> = sure.filter(is_here).flatten().cloned().collect();
    taken.sort_by_key(|it| it.at);
    let edit = edit_of(places, &taken, client).filter(|_| !taken.is_empty())?;
    let title = "apply all fixes of spawnlint that are machine applicable".to_owned();
    Some(CodeAction { title, kind: Some(FIX_ALL), edit: Some(edit), ..CodeAction::default() })
}

/// Edits for the client; `None` if one of the texts is another one by now.
fn edit_of(places: &mut Places<'_>, replacements: &[Replacement], client: &Client) -> Option<WorkspaceEdit> {
    let mut by_file: BTreeMap<FileId, Vec<TextEdit>> = BTreeMap::new();
    for it in replacements {
        if !places.is_current(it.at.file) {
            return None;
        }
        let edit = TextEdit::new(places.range(it.at)?, it.text.clone());
        by_file.entry(it.at.file).or_default().push(edit);
    }
    if !client.has_document_changes {
        let changes = by_file.into_iter().map(|(file, edits)| Some((places.uri(file)?, edits)));
        #[expect(clippy::mutable_key_type, reason = "the protocol's type has addresses for keys")]
        let changes: HashMap<_, _> = changes.collect::<Option<_>>()?;
        return Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() });
    }
    let changes = by_file.into_iter().map(|(file, edits)| {
        let version = places.documents().get(places.snapshot.path(file)).map(|document| document.version);
        Some(TextDocumentEdit {
            text_document: OptionalVersionedTextDocumentIdentifier { uri: places.uri(file)?, version },
            edits: edits.into_iter().map(OneOf::Left).collect(),
        })
    });
    let changes = DocumentChanges::Edits(changes.collect::<Option<_>>()?);
    Some(WorkspaceEdit { document_changes: Some(changes), ..WorkspaceEdit::default() })
}
