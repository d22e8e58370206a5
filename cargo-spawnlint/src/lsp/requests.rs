//! What the client may ask, and the answers.

use super::{
    actions::{self, ADD_TO_BASELINE, EXPLAIN, FIX_ALL},
    client::Client,
    diagnostics::Places,
    documents::Name,
    hover, publish,
    server::Server,
    text::Lines,
    worker::Command,
};
use crate::levels::{page, page_uri, plain, with_comments};
use lsp_server::{ErrorCode, Request, Response};
use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionParams, CodeActionProviderCapability, CodeLensOptions, CodeLensParams,
    Diagnostic, DiagnosticOptions, DiagnosticServerCapabilities, DidChangeWatchedFilesRegistrationOptions,
    DocumentDiagnosticParams, ExecuteCommandOptions, ExecuteCommandParams, FileSystemWatcher, GlobPattern, HoverParams,
    HoverProviderCapability, InlayHintParams, MessageType, OneOf, Registration, RegistrationParams, SaveOptions,
    ServerCapabilities, ShowDocumentParams, TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions,
    TextDocumentSyncSaveOptions, Uri, WorkspaceDiagnosticParams, WorkspaceFoldersServerCapabilities,
    WorkspaceServerCapabilities, notification, notification::Notification as _, request, request::Request as _,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::{collections::BTreeSet, path::PathBuf};

/// What the server can do for a client.
pub(super) fn capabilities(client: &Client) -> ServerCapabilities {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::INCREMENTAL),
        save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions { include_text: Some(false) })),
        ..TextDocumentSyncOptions::default()
    };
    let actions = CodeActionOptions {
        code_action_kinds: Some(vec![CodeActionKind::QUICKFIX, FIX_ALL]),
        ..CodeActionOptions::default()
    };
    let pull = DiagnosticOptions {
        identifier: Some("spawnlint".to_owned()),
        inter_file_dependencies: true,
        workspace_diagnostics: true,
        ..DiagnosticOptions::default()
    };
    ServerCapabilities {
        position_encoding: Some(client.encoding.kind()),
        text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(actions)),
        code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
        inlay_hint_provider: Some(OneOf::Left(true)),
        diagnostic_provider: client.pulls.then_some(DiagnosticServerCapabilities::Options(pull)),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: vec![EXPLAIN.to_owned(), ADD_TO_BASELINE.to_owned()],
            ..ExecuteCommandOptions::default()
        }),
        workspace: Some(WorkspaceServerCapabilities {
            workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(OneOf::Left(true)),
            }),
            file_operations: None,
        }),
        ..ServerCapabilities::default()
    }
}

/// The files that are to be watched.
pub(super) fn watchers() -> RegistrationParams {
    let globs =
        ["**/*.rs", "**/Cargo.toml", "**/Cargo.lock", "**/spawnlint.toml", "**/.spawnlint.toml", "**/*baseline*.json"];
    let watchers =
        globs.map(|glob| FileSystemWatcher { glob_pattern: GlobPattern::String(glob.to_owned()), kind: None });
    let options = DidChangeWatchedFilesRegistrationOptions { watchers: watchers.to_vec() };
    let registration = Registration {
        id: "files".to_owned(),
        method: notification::DidChangeWatchedFiles::METHOD.to_owned(),
        register_options: serde_json::to_value(options).ok(),
    };
    RegistrationParams { registrations: vec![registration] }
}

/// Whether a request is about what a check finds.
pub(super) fn needs_answers(method: &str) -> bool {
    [
        request::CodeActionRequest::METHOD,
        request::HoverRequest::METHOD,
        request::InlayHintRequest::METHOD,
        request::CodeLensRequest::METHOD,
        request::DocumentDiagnosticRequest::METHOD,
        request::WorkspaceDiagnosticRequest::METHOD,
    ]
    .contains(&method)
}

/// Answers a request.
pub(super) fn answer(server: &mut Server, request: Request) {
    match request.method.as_str() {
        request::CodeActionRequest::METHOD => with(server, request, code_actions),
        request::HoverRequest::METHOD => with(server, request, hovered),
        request::InlayHintRequest::METHOD => with(server, request, hints),
        request::CodeLensRequest::METHOD => with(server, request, lenses),
        request::DocumentDiagnosticRequest::METHOD => with(server, request, document_diagnostics),
        request::WorkspaceDiagnosticRequest::METHOD => with(server, request, workspace_diagnostics),
        request::ExecuteCommand::METHOD => execute(server, request),
        other => {
            let why = format!("`{other}` is not supported");
            server.fail(request.id, ErrorCode::MethodNotFound, why);
        }
    }
}

fn with<P: DeserializeOwned, R: Serialize>(
    server: &mut Server,
    request: Request,
    work: impl FnOnce(&mut Server, P) -> R,
) {
    match serde_json::from_value(request.params) {
        Ok(params) => {
            let result = serde_json::to_value(work(server, params)).expect("the protocol's types are JSON");
            server.send(Response::new_ok(request.id, result));
        }
        Err(error) => {
            let why = format!("wrong parameters of `{}`: {error}", request.method);
            server.fail(request.id, ErrorCode::InvalidParams, why);
        }
    }
}

fn code_actions(server: &mut Server, params: CodeActionParams) -> Value {
    let Name { name, .. } = Name::of(&params.text_document.uri);
    let mut all = Vec::new();
    for snapshot in server.snapshots.values() {
        let mut places = Places::new(snapshot, &server.documents, server.client.encoding);
        let show_baseline = server.settings.show_baseline;
        all.extend(actions::answer(&mut places, &name, &params, &server.client, show_baseline));
    }
    json!(all)
}

fn hovered(server: &mut Server, params: HoverParams) -> Value {
    let at = params.text_document_position_params;
    let Name { name, .. } = Name::of(&at.text_document.uri);
    let Some(document) = server.documents.get(&name) else { return Value::Null };
    let offset = Lines::new(&document.text, server.client.encoding).offset(at.position);
    let mut found = server.snapshots.values().filter_map(|snapshot| {
        let mut places = Places::new(snapshot, &server.documents, server.client.encoding);
        hover::hover(&mut places, &name, at.position, offset)
    });
    json!(found.next())
}

fn hints(server: &mut Server, params: InlayHintParams) -> Value {
    if !server.settings.inlay_hints {
        return Value::Null;
    }
    let Name { name, .. } = Name::of(&params.text_document.uri);
    let all: Vec<_> = (server.snapshots.values())
        .flat_map(|snapshot| {
            let mut places = Places::new(snapshot, &server.documents, server.client.encoding);
            hover::hints(&mut places, &name, params.range)
        })
        .collect();
    json!(all)
}

fn lenses(server: &mut Server, params: CodeLensParams) -> Value {
    if !server.settings.code_lens {
        return Value::Null;
    }
    let Name { name, .. } = Name::of(&params.text_document.uri);
    let all: Vec<_> = (server.snapshots.values())
        .flat_map(|snapshot| {
            let mut places = Places::new(snapshot, &server.documents, server.client.encoding);
            hover::lenses(&mut places, &name)
        })
        .collect();
    json!(all)
}

/// A report of one file, unless the client has it.
fn report(diagnostics: &[Diagnostic], previous: Option<&str>) -> Value {
    let id = publish::result_id(diagnostics);
    match previous == Some(&id) {
        true => json!({ "kind": "unchanged", "resultId": id }),
        false => json!({ "kind": "full", "resultId": id, "items": diagnostics }),
    }
}

fn document_diagnostics(server: &mut Server, params: DocumentDiagnosticParams) -> Value {
    let Name { name, .. } = Name::of(&params.text_document.uri);
    let wanted = server.wanted();
    report(wanted.get(&name).map_or(&[], Vec::as_slice), params.previous_result_id.as_deref())
}

fn workspace_diagnostics(server: &mut Server, params: WorkspaceDiagnosticParams) -> Value {
    if !server.pulls_workspace {
        server.pulls_workspace = true;
        server.publish();
    }
    let wanted = server.wanted();
    let known: Vec<(PathBuf, String)> =
        params.previous_result_ids.into_iter().map(|it| (Name::of(&it.uri).name, it.value)).collect();
    let names: BTreeSet<&PathBuf> = wanted.keys().chain(known.iter().map(|(name, _)| name)).collect();
    let items = names.into_iter().filter_map(|name| {
        let previous = known.iter().find(|(known, _)| known == name).map(|(_, id)| id.as_str());
        let mut item = report(wanted.get(name).map_or(&[], Vec::as_slice), previous);
        item["uri"] = json!(server.documents.uri(name)?);
        item["version"] = json!(server.documents.get(name).map(|document| document.version));
        Some(item)
    });
    json!({ "items": items.collect::<Vec<_>>() })
}

fn execute(server: &mut Server, request: Request) {
    let params: ExecuteCommandParams = match serde_json::from_value(request.params) {
        Ok(params) => params,
        Err(error) => return server.fail(request.id, ErrorCode::InvalidParams, format!("wrong parameters: {error}")),
    };
    let argument = |at: usize| params.arguments.get(at).and_then(Value::as_str).map(str::to_owned);
    match params.command.as_str() {
        EXPLAIN => {
            let name = argument(0).map(|name| plain(&name)).unwrap_or_default();
            let Some(rule) = with_comments(server.rules).find(|rule| rule.name == name) else {
                return server.fail(request.id, ErrorCode::InvalidParams, format!("unknown rule `{name}`"));
            };
            let uri: Option<Uri> = page_uri(rule).parse().ok();
            match uri.filter(|_| server.client.shows_documents) {
                Some(uri) => {
                    let params =
                        ShowDocumentParams { uri, external: Some(true), take_focus: Some(true), selection: None };
                    server.tell::<request::ShowDocument>(params);
                }
                None => server.show(MessageType::INFO, &page(rule)),
            }
        }
        ADD_TO_BASELINE => {
            let uri: Option<Uri> = argument(0).and_then(|it| it.parse().ok());
            let (Some(uri), Some(hash)) = (uri, argument(1)) else {
                return server.fail(request.id, ErrorCode::InvalidParams, "expected a file and a fingerprint");
            };
            server.command(Command::AddToBaseline { path: Name::of(&uri).name, hash });
        }
        other => return server.fail(request.id, ErrorCode::InvalidParams, format!("unknown command `{other}`")),
    }
    server.send(Response::new_ok(request.id, Value::Null));
}
