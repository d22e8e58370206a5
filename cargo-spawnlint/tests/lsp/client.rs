//! A client that speaks the protocol in plain JSON with a server in a process of its own.

use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Nothing takes longer, not even on a machine that is busy.
pub(crate) const LONG: Duration = Duration::from_secs(120);

pub(crate) const MANIFEST: &str = "[package]\nname = \"demo\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\ntokio = { version = \"1\", features = [\"full\"] }\n";

/// A file with one finding, on the line of `spawn`.
pub(crate) const LEAK: &str = "pub fn start() {\n    tokio::spawn(async {\n        loop {\n            tokio::time::sleep(std::time::Duration::from_secs(1)).await;\n        }\n    });\n}\n";
/// The same without it.
pub(crate) const CLEAN: &str =
    "pub async fn start() {\n    tokio::time::sleep(std::time::Duration::from_secs(1)).await;\n}\n";

/// A folder with files.
pub(crate) struct Folder {
    dir: TempDir,
}

impl Folder {
    pub(crate) fn new(files: &[(&str, &str)]) -> Folder {
        let folder = Folder { dir: tempfile::tempdir().unwrap() };
        files.iter().for_each(|(path, text)| folder.write(path, text));
        folder
    }

    /// A package with these files.
    pub(crate) fn package(files: &[(&str, &str)]) -> Folder {
        let folder = Folder::new(files);
        folder.write("Cargo.toml", MANIFEST);
        folder
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.dir.path().canonicalize().unwrap()
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    pub(crate) fn uri(&self, path: &str) -> String {
        uri(&self.path(path))
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The findings of the command line: file, line, rule.
    pub(crate) fn findings(&self) -> Vec<String> {
        let output = program(&["--message-format", "json", "--workspace"], &self.root()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let messages = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut found: Vec<String> = messages
            .filter_map(|it| {
                let code = it["message"]["code"]["code"].as_str()?.to_owned();
                let span = &it["message"]["spans"][0];
                Some(format!("{}:{}: {code}", span["file_name"].as_str()?, span["line_start"]))
            })
            .collect();
        found.sort();
        found
    }
}

pub(crate) fn program(args: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-spawnlint"));
    command.current_dir(folder).arg("spawnlint").args(args);
    command
}

pub(crate) fn uri(path: &Path) -> String {
    format!("file://{}", path.to_str().unwrap())
}

/// A session with a server.
pub(crate) struct Client {
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<Value>,
    next: i64,
    /// Messages that nobody has waited for yet.
    pub(crate) heard: Vec<Value>,
    /// The diagnostics that the server has pushed, by address.
    pub(crate) shown: BTreeMap<String, Vec<Value>>,
    /// What the client answers when it is asked for its settings.
    pub(crate) settings: Value,
    pub(crate) answers: bool,
}

impl Drop for Client {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What most editors can do.
pub(crate) fn capabilities() -> Value {
    json!({
        "general": { "positionEncodings": ["utf-16"] },
        "window": { "workDoneProgress": true, "showDocument": { "support": false } },
        "workspace": {
            "configuration": true,
            "workspaceFolders": true,
            "didChangeWatchedFiles": { "dynamicRegistration": true },
            "workspaceEdit": { "documentChanges": true },
        },
        "textDocument": {
            "publishDiagnostics": { "relatedInformation": true, "codeDescriptionSupport": true, "dataSupport": true },
            "codeAction": {
                "codeActionLiteralSupport": { "codeActionKind": { "valueSet": ["quickfix", "source"] } },
                "isPreferredSupport": true,
            },
        },
    })
}

impl Client {
    /// Starts a server, and says nothing.
    pub(crate) fn silent(folder: &Path) -> Client {
        Client::of(program(&["lsp"], folder))
    }

    /// The same with a log.
    pub(crate) fn logging(folder: &Path, log: &Path) -> Client {
        Client::of(program(&["lsp", "--log", log.to_str().unwrap()], folder))
    }

    fn of(mut command: Command) -> Client {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let input = child.stdin.take();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        let (sender, output) = channel();
        thread::spawn(move || {
            while let Some(message) = read(&mut reader) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        Client {
            child,
            input,
            output,
            next: 0,
            heard: Vec::new(),
            shown: BTreeMap::new(),
            settings: Value::Null,
            answers: true,
        }
    }

    /// A session in a folder.
    pub(crate) fn start(folder: &Folder) -> Client {
        Client::with(folder, capabilities(), Value::Null)
    }

    pub(crate) fn with(folder: &Folder, capabilities: Value, options: Value) -> Client {
        let mut client = Client::silent(&folder.root());
        client.settings = options.clone();
        client.initialize(&[&folder.root()], capabilities, options);
        client
    }

    pub(crate) fn initialize(&mut self, folders: &[&Path], capabilities: Value, options: Value) -> Value {
        let folders: Vec<Value> = folders.iter().map(|it| json!({ "uri": uri(it), "name": "f" })).collect();
        let params = json!({
            "processId": null, "rootUri": null, "workspaceFolders": folders,
            "capabilities": capabilities, "initializationOptions": options,
        });
        let answer = self.request("initialize", params);
        self.notify("initialized", json!({}));
        answer["result"].clone()
    }

    pub(crate) fn raw(&mut self, text: &[u8]) {
        let input = self.input.as_mut().unwrap();
        // A server that has ended reads nothing.
        input.write_all(text).and_then(|()| input.flush()).ok();
    }

    pub(crate) fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.raw(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request; its id.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.next += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.next, "method": method, "params": params }));
        self.next
    }

    /// Sends a request and waits for its answer, which may be an error.
    pub(crate) fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        self.answer_to(id)
    }

    pub(crate) fn answer_to(&mut self, id: i64) -> Value {
        self.wait(&format!("an answer to {id}"), |it| it["id"] == id && it.get("method").is_none())
    }

    /// The next message that is like this, from what was heard already on.
    pub(crate) fn wait(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + LONG;
        loop {
            if let Some(at) = self.heard.iter().position(&is_it) {
                return self.heard.remove(at);
            }
            assert!(self.hear(end.saturating_duration_since(Instant::now())), "no {what}; heard {:?}", self.heard);
        }
    }

    /// Takes one more message, and answers what an editor answers; whether there was one.
    pub(crate) fn hear(&mut self, time: Duration) -> bool {
        let message = match self.output.recv_timeout(time) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return false,
        };
        if message["method"] == "textDocument/publishDiagnostics" {
            let params = &message["params"];
            let list = params["diagnostics"].as_array().unwrap().clone();
            let uri = params["uri"].as_str().unwrap().to_owned();
            self.shown.insert(uri, list);
        }
        if self.answers && message.get("method").is_some() && message.get("id").is_some() {
            let result =
                if message["method"] == "workspace/configuration" { json!([self.settings]) } else { Value::Null };
            self.send(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }));
        }
        self.heard.push(message);
        true
    }

    /// Waits until everything that was sent has been dealt with.
    pub(crate) fn settle(&mut self) {
        // Who asks about a file gets the answer when all that was sent before is done.
        let params = json!({ "textDocument": { "uri": "file:///no/such/file.rs" } });
        self.request("textDocument/codeLens", params);
    }

    pub(crate) fn open(&mut self, uri: &str, text: &str) {
        let document = json!({ "uri": uri, "languageId": "rust", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Replaces all of a text.
    pub(crate) fn set(&mut self, uri: &str, version: i32, text: &str) {
        self.change(uri, version, json!([{ "text": text }]));
    }

    pub(crate) fn change(&mut self, uri: &str, version: i32, changes: Value) {
        let document = json!({ "uri": uri, "version": version });
        self.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    pub(crate) fn close(&mut self, uri: &str) {
        self.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    }

    /// Tells that files have changed on disk: 1 made, 2 changed, 3 deleted.
    pub(crate) fn on_disk(&mut self, changes: &[(&str, i32)]) {
        let changes: Vec<Value> = changes.iter().map(|(uri, kind)| json!({ "uri": uri, "type": kind })).collect();
        self.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
    }

    /// The findings that are shown: file, line, rule.
    pub(crate) fn findings(&self, folder: &Folder) -> Vec<String> {
        let root = uri(&folder.root()) + "/";
        let mut found = Vec::new();
        for (uri, diagnostics) in &self.shown {
            let path = uri.strip_prefix(&root).unwrap_or(uri);
            for it in diagnostics {
                let line = it["range"]["start"]["line"].as_u64().unwrap() + 1;
                if let Some(code) = it["code"].as_str() {
                    found.push(format!("{path}:{line}: {code}"));
                }
            }
        }
        found.sort();
        found
    }

    pub(crate) fn shown_in(&self, uri: &str) -> &[Value] {
        self.shown.get(uri).map_or(&[], Vec::as_slice)
    }

    /// The code actions at a line.
    pub(crate) fn actions(&mut self, uri: &str, line: u32) -> Vec<Value> {
        let at = |column: u32| json!({ "line": line, "character": column });
        let params = json!({
            "textDocument": { "uri": uri },
            "range": { "start": at(0), "end": at(200) },
            "context": { "diagnostics": [] },
        });
        let answer = self.request("textDocument/codeAction", params);
        answer["result"].as_array().unwrap_or_else(|| panic!("{answer}")).clone()
    }

    /// Leaves as the protocol has it; the exit code.
    pub(crate) fn leave(mut self) -> Option<i32> {
        let answer = self.request("shutdown", Value::Null);
        assert_eq!(answer["result"], Value::Null);
        self.notify("exit", Value::Null);
        self.code()
    }

    /// Closes the pipe to the server.
    pub(crate) fn hang_up(&mut self) {
        self.input = None;
    }

    /// The exit code, once the server has ended.
    pub(crate) fn code(&mut self) -> Option<i32> {
        let end = Instant::now() + LONG;
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("the server did not end");
    }

    /// Whether the server answers.
    pub(crate) fn is_alive(&mut self) -> bool {
        let answer = self.request("spawnlint/ping", Value::Null);
        answer["error"]["code"] == -32601
    }
}

fn read(input: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if input.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim() {
            "" => break,
            line => length = line.strip_prefix("Content-Length: ").map_or(Some(length), |it| it.parse().ok())?,
        }
    }
    let mut bytes = vec![0; length];
    input.read_exact(&mut bytes).ok()?;
    Some(serde_json::from_slice(&bytes).unwrap())
}
