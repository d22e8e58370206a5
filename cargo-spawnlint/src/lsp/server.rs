//! The conversation: what the client may say when, and what is told to it.

use super::{
    End,
    client::Client,
    diagnostics::{self, ByFile},
    documents::{Document, Documents, Name, without_links},
    log::Log,
    publish::Published,
    requests,
    settings::{SECTION, Settings},
    snapshot::Snapshot,
    transport::{Incoming, Malformed, Outgoing},
    uri,
    worker::{Change, Command, Event, Id, Worker},
};
use crossbeam_channel::{Receiver, Sender, select};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::{
    DidChangeConfigurationParams, DidChangeTextDocumentParams, DidChangeWatchedFilesParams,
    DidChangeWorkspaceFoldersParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams,
    FileChangeType, InitializeParams, MessageType, PublishDiagnosticsParams, Uri, notification,
    notification::Notification as _, request, request::Request as _,
};
use rustc_hash::FxHashMap;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use spawnlint_rules::rule::Rule;
use std::{collections::BTreeMap, path::PathBuf, rc::Rc};

/// How far a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Only `initialize` is allowed.
    New,
    /// The client knows what the server can do.
    Running,
    /// Only `exit` is allowed.
    ShutDown,
}

/// What the answer to a request of ours is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Configuration,
    /// Nothing hangs on it.
    Other,
}

/// The server's side of a session.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) rules: &'static [&'static Rule],
    out: Sender<Outgoing>,
    worker: Worker,
    pub(super) log: Log,
    stage: Stage,
    pub(super) client: Client,
    pub(super) settings: Settings,
    folders: Vec<PathBuf>,
    pub(super) documents: Documents,
    pub(super) snapshots: BTreeMap<Id, Snapshot>,
    /// What the snapshots and the texts that are open come to.
    wanted: Option<Rc<ByFile>>,
    published: Published,
    /// Whether the client has asked for the diagnostics of the whole workspace.
    pub(super) pulls_workspace: bool,
    /// Requests that wait until so many commands have been carried out.
    parked: Vec<(u64, Request)>,
    sent: u64,
    settled: u64,
    asked: FxHashMap<RequestId, Asked>,
    next_request: i32,
}

impl Server {
    pub(super) fn new(rules: &'static [&'static Rule], out: Sender<Outgoing>, worker: Worker, log: Log) -> Server {
        Server {
            rules,
            out,
            worker,
            log,
            stage: Stage::New,
            client: Client::default(),
            settings: Settings::default(),
            folders: Vec::new(),
            documents: Documents::default(),
            snapshots: BTreeMap::new(),
            wanted: None,
            published: Published::default(),
            pulls_workspace: false,
            parked: Vec::new(),
            sent: 0,
            settled: 0,
            asked: FxHashMap::default(),
            next_request: 0,
        }
    }

    /// Serves until the client leaves.
    pub(super) fn run(mut self, incoming: &Receiver<Incoming>) -> End {
        let events = self.worker.events.clone();
        loop {
            select! {
                recv(incoming) -> it => match it {
                    Ok(it) => {
                        if let Some(end) = self.take(it) {
                            return end;
                        }
                    }
                    Err(_) => {
                        self.log.write("the client closed its pipe without `exit`");
                        return End::Abrupt;
                    }
                },
                recv(events) -> it => match it {
                    Ok(event) => self.on_event(event),
                    Err(_) => {
                        self.log.write("the thread that checks has ended; this is a bug in spawnlint");
                        return End::Abrupt;
                    }
                },
            }
        }
    }

    fn take(&mut self, incoming: Incoming) -> Option<End> {
        match incoming {
            Incoming::Malformed(it) => self.refuse(it),
            Incoming::Message(Message::Request(request)) => self.on_request(request),
            Incoming::Message(Message::Response(response)) => self.on_response(response),
            Incoming::Message(Message::Notification(it)) if it.method == notification::Exit::METHOD => {
                return Some(if self.stage == Stage::ShutDown { End::Orderly } else { End::Abrupt });
            }
            Incoming::Message(Message::Notification(it)) if self.stage == Stage::Running => self.on_notification(it),
            Incoming::Message(Message::Notification(it)) => self.log.write(&format!("`{}` out of order", it.method)),
        }
        None
    }

    fn refuse(&self, it: Malformed) {
        self.log.write(&it.why);
        self.out.send(Outgoing::Error(it)).ok();
    }

    pub(super) fn send(&self, message: impl Into<Message>) {
        // A client that reads no more ends the session elsewhere.
        self.out.send(Outgoing::Message(message.into())).ok();
    }

    pub(super) fn fail(&self, id: RequestId, code: ErrorCode, why: impl Into<String>) {
        let why = why.into();
        self.log.write(&why);
        self.send(Response::new_err(id, code as i32, why));
    }

    pub(super) fn notify<N: notification::Notification>(&self, params: N::Params) {
        let params = serde_json::to_value(params).expect("the protocol's types are JSON");
        self.send(Notification { method: N::METHOD.to_owned(), params });
    }

    fn ask<R: request::Request>(&mut self, params: R::Params, asked: Asked) {
        self.next_request += 1;
        let id = RequestId::from(self.next_request);
        self.asked.insert(id.clone(), asked);
        let params = serde_json::to_value(params).expect("the protocol's types are JSON");
        self.send(Request { id, method: R::METHOD.to_owned(), params });
    }

    /// Asks for something on the answer of which nothing hangs.
    pub(super) fn tell<R: request::Request>(&mut self, params: R::Params) {
        self.ask::<R>(params, Asked::Other);
    }

    pub(super) fn show(&self, kind: MessageType, message: &str) {
        let message = message.to_owned();
        self.notify::<notification::ShowMessage>(lsp_types::ShowMessageParams { typ: kind, message });
    }

    pub(super) fn command(&mut self, command: Command) {
        self.sent += 1;
        self.worker.commands.send(command).ok();
    }

    fn on_request(&mut self, request: Request) {
        let Request { id, method, params } = request;
        match (self.stage, method.as_str()) {
            (Stage::New, request::Initialize::METHOD) => match serde_json::from_value(params.clone()) {
                Ok(read) => self.initialize(id, read, &params["capabilities"]),
                Err(error) => self.fail(id, ErrorCode::InvalidParams, format!("cannot initialize: {error}")),
            },
            (Stage::New, _) => {
                self.fail(id, ErrorCode::ServerNotInitialized, format!("`{method}` before `initialize`"));
            }
            (Stage::ShutDown, _) => self.fail(id, ErrorCode::InvalidRequest, format!("`{method}` after `shutdown`")),
            (Stage::Running, request::Initialize::METHOD) => {
                self.fail(id, ErrorCode::InvalidRequest, "`initialize` for the second time");
            }
            (Stage::Running, request::Shutdown::METHOD) => {
                self.stage = Stage::ShutDown;
                for (_, request) in std::mem::take(&mut self.parked) {
                    self.fail(request.id, ErrorCode::RequestCanceled, "the server shuts down");
                }
                self.send(Response::new_ok(id, Value::Null));
            }
            (Stage::Running, _) => {
                let request = Request { id, method, params };
                // Whoever asks means the text as it is now.
                if requests::needs_answers(&request.method) && self.settled < self.sent {
                    self.parked.push((self.sent, request));
                } else {
                    requests::answer(self, request);
                }
            }
        }
    }

    fn initialize(&mut self, id: RequestId, params: InitializeParams, capabilities: &Value) {
        self.stage = Stage::Running;
        self.client = Client::of(&params.capabilities, capabilities);
        let mut folders: Vec<&Uri> = params.workspace_folders.iter().flatten().map(|it| &it.uri).collect();
        #[expect(deprecated, reason = "older clients have one folder, and know only this")]
        let root = params.root_uri.as_ref();
        folders.extend(root.filter(|_| params.workspace_folders.is_none()));
        self.folders = folders.into_iter().filter_map(uri::to_path).map(|it| without_links(&it)).collect();
        if let Some(options) = &params.initialization_options {
            self.take_settings(options);
        }
        let name = params.client_info.map_or_else(|| "a client".to_owned(), |it| it.name);
        self.log.write(&format!("{name}, {:?}, folders {:?}", self.client, self.folders));
        let result = json!({
            "capabilities": requests::capabilities(&self.client),
            "serverInfo": { "name": "cargo-spawnlint", "version": env!("CARGO_PKG_VERSION") },
        });
        self.send(Response::new_ok(id, result));
    }

    /// The client is ready.
    fn initialized(&mut self) {
        self.command(Command::Settings(self.settings.clone()));
        if self.client.has_configuration {
            let item = lsp_types::ConfigurationItem { scope_uri: None, section: Some(SECTION.to_owned()) };
            let params = lsp_types::ConfigurationParams { items: vec![item] };
            self.ask::<request::WorkspaceConfiguration>(params, Asked::Configuration);
        }
        if self.client.watches {
            self.tell::<request::RegisterCapability>(requests::watchers());
        }
        for folder in self.folders.clone() {
            self.command(Command::AddFolder(folder));
        }
    }

    fn take_settings(&mut self, value: &Value) {
        let (settings, wrong) = Settings::read(value, self.rules);
        for why in wrong {
            self.log.write(&why);
            if self.stage == Stage::Running {
                self.show(MessageType::WARNING, &format!("spawnlint: {why}"));
            }
        }
        self.settings = settings;
        self.wanted = None;
    }

    fn change_settings(&mut self, value: &Value) {
        let before = self.settings.clone();
        self.take_settings(value);
        if before != self.settings {
            self.command(Command::Settings(self.settings.clone()));
        }
    }

    fn on_response(&mut self, Response { id, response_result }: Response) {
        match (self.asked.remove(&id), response_result) {
            (None, _) => self.log.write(&format!("an answer to {id}, which was not asked")),
            (Some(Asked::Configuration), Ok(value)) => {
                // A client without settings of ours answers with nothing, which changes nothing.
                if let Some(value) = value.get(0).filter(|it| it.is_object()) {
                    self.change_settings(&value.clone());
                }
            }
            (Some(_), Err(error)) => self.log.write(&format!("the client refused {id}: {}", error.message)),
            (Some(Asked::Other), Ok(_)) => {}
        }
    }

    fn on_notification(&mut self, it: Notification) {
        let Notification { method, params } = it;
        match method.as_str() {
            notification::Initialized::METHOD => self.initialized(),
            notification::DidOpenTextDocument::METHOD => self.with(params, Server::opened),
            notification::DidChangeTextDocument::METHOD => self.with(params, Server::changed),
            notification::DidCloseTextDocument::METHOD => self.with(params, Server::closed),
            notification::DidSaveTextDocument::METHOD => self.with(params, Server::saved),
            notification::DidChangeWatchedFiles::METHOD => self.with(params, Server::changed_on_disk),
            notification::DidChangeConfiguration::METHOD => {
                self.with(params, |server, it: DidChangeConfigurationParams| match it.settings {
                    Value::Null if server.client.has_configuration => {
                        let item = lsp_types::ConfigurationItem { scope_uri: None, section: Some(SECTION.to_owned()) };
                        let params = lsp_types::ConfigurationParams { items: vec![item] };
                        server.ask::<request::WorkspaceConfiguration>(params, Asked::Configuration);
                    }
                    Value::Null => {}
                    settings => server.change_settings(&settings),
                });
            }
            notification::DidChangeWorkspaceFolders::METHOD => {
                self.with(params, |server, it: DidChangeWorkspaceFoldersParams| {
                    let path = |uri: &Uri| uri::to_path(uri).map(|it| without_links(&it));
                    for folder in it.event.removed.iter().filter_map(|it| path(&it.uri)) {
                        server.command(Command::RemoveFolder(folder));
                    }
                    for folder in it.event.added.iter().filter_map(|it| path(&it.uri)) {
                        server.command(Command::AddFolder(folder));
                    }
                });
            }
            notification::Cancel::METHOD => self.with(params, |server, it: lsp_types::CancelParams| {
                let id = match it.id {
                    lsp_types::NumberOrString::Number(it) => RequestId::from(it),
                    lsp_types::NumberOrString::String(it) => RequestId::from(it),
                };
                if let Some(at) = server.parked.iter().position(|(_, request)| request.id == id) {
                    server.parked.remove(at);
                    server.fail(id, ErrorCode::RequestCanceled, "the client does not want to know any more");
                }
            }),
            other => self.log.write(&format!("passed over `{other}`")),
        }
    }

    /// Takes the parameters of a notification. There is no answer to one whose parameters are wrong.
    fn with<P: DeserializeOwned>(&mut self, params: Value, work: impl FnOnce(&mut Server, P)) {
        match serde_json::from_value(params) {
            Ok(params) => work(self, params),
            Err(error) => self.log.write(&format!("wrong parameters: {error}")),
        }
    }

    fn opened(&mut self, params: DidOpenTextDocumentParams) {
        let it = params.text_document;
        let Name { name, is_file } = Name::of(&it.uri);
        let is_rust = it.language_id == "rust" || name.extension().is_some_and(|it| it == "rs");
        let document = Document { uri: it.uri, version: it.version, text: it.text.into(), is_rust };
        let text = std::sync::Arc::clone(&document.text);
        self.documents.open(name.clone(), document);
        self.wanted = None;
        if is_rust {
            self.command(Command::Text { name, is_file, text });
        }
    }

    fn changed(&mut self, params: DidChangeTextDocumentParams) {
        let it = params.text_document;
        let Name { name, is_file } = Name::of(&it.uri);
        match self.documents.get(&name) {
            Some(document) if it.version <= document.version => {
                let told = format!("version {} of {} after {}", it.version, name.display(), document.version);
                self.log.write(&told);
            }
            _ => {}
        }
        let Some(document) = self.documents.change(&name, it.version, params.content_changes, self.client.encoding)
        else {
            self.log.write(&format!("an edit of {}, which is not open", name.display()));
            return;
        };
        let (text, is_rust) = (std::sync::Arc::clone(&document.text), document.is_rust);
        self.wanted = None;
        if is_rust {
            self.command(Command::Text { name, is_file, text });
        }
    }

    fn closed(&mut self, params: DidCloseTextDocumentParams) {
        let Name { name, .. } = Name::of(&params.text_document.uri);
        if !self.documents.close(&name) {
            self.log.write(&format!("{} was closed, and was not open", name.display()));
            return;
        }
        self.wanted = None;
        self.command(Command::Close { name });
    }

    /// Who watches no files tells of those that it writes.
    fn saved(&mut self, params: DidSaveTextDocumentParams) {
        let Name { name, is_file } = Name::of(&params.text_document.uri);
        if is_file && !self.client.watches {
            self.command(Command::Disk(vec![Change { path: name, is_deleted: false }]));
        }
    }

    fn changed_on_disk(&mut self, params: DidChangeWatchedFilesParams) {
        let changes = params.changes.iter().filter_map(|it| {
            let path = without_links(&uri::to_path(&it.uri)?);
            Some(Change { is_deleted: it.typ == FileChangeType::DELETED || !path.exists(), path })
        });
        let changes: Vec<Change> = changes.collect();
        if !changes.is_empty() {
            self.command(Command::Disk(changes));
        }
    }

    fn on_event(&mut self, event: Event) {
        match event {
            Event::Begin { id, folder } => self.progress(
                id,
                json!({
                    "kind": "begin", "title": "spawnlint", "message": folder, "percentage": 0, "cancellable": false,
                }),
            ),
            Event::Progress { id, done, total } => {
                let percentage = done * 100 / total.max(1);
                self.progress(
                    id,
                    json!({
                        "kind": "report", "message": format!("{done} of {total} files"), "percentage": percentage,
                    }),
                );
            }
            Event::End { id } => self.progress(id, json!({ "kind": "end" })),
            Event::Checked { id, snapshot } => {
                self.snapshots.insert(id, *snapshot);
                self.refresh();
            }
            Event::Gone { id } => {
                self.snapshots.remove(&id);
                self.refresh();
            }
            Event::Message(text) => self.show(MessageType::ERROR, &format!("spawnlint: {text}")),
            Event::Settled(settled) => {
                self.settled = settled;
                // A text that was not taken has moved what is known of it.
                self.wanted = None;
                self.publish();
                let (due, waiting) =
                    std::mem::take(&mut self.parked).into_iter().partition(|(needed, _)| *needed <= settled);
                self.parked = waiting;
                for (_, request) in due as Vec<(u64, Request)> {
                    requests::answer(self, request);
                }
            }
        }
    }

    fn progress(&mut self, id: Id, value: Value) {
        if !self.client.has_progress || self.stage != Stage::Running {
            return;
        }
        let token = format!("spawnlint/{id}");
        if value["kind"] == "begin" {
            let token = lsp_types::NumberOrString::String(token.clone());
            self.tell::<request::WorkDoneProgressCreate>(lsp_types::WorkDoneProgressCreateParams { token });
        }
        let params = json!({ "token": token, "value": value });
        self.send(Notification { method: notification::Progress::METHOD.to_owned(), params });
    }

    /// Something else is known.
    fn refresh(&mut self) {
        self.wanted = None;
        self.publish();
        let refreshes = self.client.refreshes;
        if refreshes.diagnostics && self.client.pulls {
            self.tell::<request::WorkspaceDiagnosticRefresh>(());
        }
        if refreshes.inlay_hints && self.settings.inlay_hints {
            self.tell::<request::InlayHintRefreshRequest>(());
        }
        if refreshes.code_lenses && self.settings.code_lens {
            self.tell::<request::CodeLensRefresh>(());
        }
    }

    /// All diagnostics that there are to show.
    pub(super) fn wanted(&mut self) -> Rc<ByFile> {
        if let Some(wanted) = &self.wanted {
            return Rc::clone(wanted);
        }
        let mut all = ByFile::new();
        for snapshot in self.snapshots.values() {
            diagnostics::all(snapshot, &self.documents, &self.client, self.settings.show_baseline, &mut all);
        }
        for diagnostics in all.values_mut() {
            // Several workspaces may have a file.
            let mut distinct = Vec::new();
            for it in std::mem::take(diagnostics) {
                if !distinct.contains(&it) {
                    distinct.push(it);
                }
            }
            *diagnostics = distinct;
        }
        let is_shown = |name: &PathBuf| {
            let is_rust = name.extension().is_some_and(|it| it == "rs");
            self.settings.whole_workspace || !is_rust || self.documents.get(name).is_some()
        };
        all.retain(|name, _| is_shown(name));
        let all = Rc::new(all);
        self.wanted = Some(Rc::clone(&all));
        all
    }

    /// Tells the client what it does not ask for.
    pub(super) fn publish(&mut self) {
        if self.stage != Stage::Running {
            return;
        }
        let mut pushed = (*self.wanted()).clone();
        if self.client.pulls {
            pushed.retain(|name, _| !self.pulls_workspace && self.documents.get(name).is_none_or(|it| !it.is_rust));
        }
        for (name, diagnostics) in self.published.update(pushed) {
            let Some(uri) = self.documents.uri(&name) else { continue };
            let version = self.documents.get(&name).map(|document| document.version);
            self.notify::<notification::PublishDiagnostics>(PublishDiagnosticsParams { uri, diagnostics, version });
        }
    }
}
