//! Clients, files and folders as they should not be: the server answers with the protocol's error, and lives.

use crate::client::{CLEAN, Client, Folder, LEAK, capabilities};
use serde_json::{Value, json};
use std::fs;

fn frame(text: &str) -> String {
    format!("Content-Length: {}\r\n\r\n{text}", text.len())
}

#[test]
fn what_is_no_message_is_refused() {
    let folder = Folder::package(&[("src/lib.rs", LEAK)]);
    let mut client = Client::start(&folder);
    let refused = |client: &mut Client, code: i64| {
        client.wait("an error", |it| it["id"].is_null() && it["error"]["code"] == code);
        // What follows from the same bytes is no answer to the next ones.
        assert!(client.is_alive());
        client.settle();
        client.heard.clear();
    };
    client.raw(frame("this is not JSON").as_bytes());
    refused(&mut client, -32700);
    client.raw(frame("[1, 2]").as_bytes());
    refused(&mut client, -32600);
    client.raw(frame("\u{fffd}{").as_bytes());
    refused(&mut client, -32700);
    client.raw(b"Content-Length: many\r\n\r\n");
    refused(&mut client, -32700);
    client.raw(b"Content-Length: 99999999999999\r\n\r\n{}\r\n");
    refused(&mut client, -32700);
    // Shorter than it says it is: the next message goes with it, and the one after that is heard.
    let text = r#"{"jsonrpc":"2.0","method":"$/setTrace","params":{"value":"off"}}"#;
    client.raw(frame(text).replace(&text.len().to_string(), &(text.len() + 9).to_string()).as_bytes());
    client.raw(frame(text).as_bytes());
    client.raw(b"\r\n");
    refused(&mut client, -32700);
    // Longer than it says it is.
    client.raw(frame(text).replace(&text.len().to_string(), &(text.len() - 9).to_string()).as_bytes());
    client.raw(b"\r\n");
    refused(&mut client, -32700);
    client.leave();
}

#[test]
fn edits_may_be_wrong() {
    let folder = Folder::package(&[("src/lib.rs", CLEAN)]);
    let uri = folder.uri("src/lib.rs");
    let mut client = Client::start(&folder);
    // Of a file that is not open.
    client.set(&uri, 1, LEAK);
    client.close(&uri);
    client.open(&uri, CLEAN);
    // Twice, and with an older version.
    client.open(&uri, CLEAN);
    client.set(&uri, -5, LEAK);
    client.settle();
    assert_eq!(client.findings(&folder).len(), 1);
    // Past the end, and from behind to before: as near as can be.
    let at = |line: u32, character: u32| json!({ "line": line, "character": character });
    let end = json!({ "start": at(4_000_000, 7), "end": at(u32::MAX, u32::MAX) });
    client.change(&uri, 7, json!([{ "range": end, "text": "// the end\n" }]));
    let back = json!({ "start": at(0, 5), "end": at(0, 0) });
    client.change(&uri, 8, json!([{ "range": back, "text": "pub f" }]));
    client.settle();
    assert_eq!(client.findings(&folder).len(), 1);
    // With parameters that are none.
    client.notify("textDocument/didChange", json!({ "textDocument": 5 }));
    client.notify("textDocument/didChange", json!([]));
    client.notify("textDocument/didOpen", Value::Null);
    client.notify("no/such/notification", json!({}));
    client.send(&json!({ "jsonrpc": "2.0", "id": 4711, "result": null }));
    assert!(client.is_alive());
    client.set(&uri, 9, CLEAN);
    client.settle();
    assert_eq!(client.findings(&folder).len(), 0);
    client.leave();
}

#[test]
fn files_may_be_no_rust() {
    let folder = Folder::package(&[("src/lib.rs", "pub mod a;\n"), ("src/a.rs", LEAK)]);
    folder.write("src/binary.rs", [0u8, 159, 146, 150, 255, 0, 10]);
    let mut client = Client::start(&folder);
    client.open(&folder.uri("src/binary.rs"), "\0\u{1}\u{fffd}\u{fffd}\r\r\n\"");
    client.open(&folder.uri("src/none.rs"), "");
    client.open(&folder.uri("README.md"), "# no Rust");
    let long = format!("{LEAK}{}", "// comment\n".repeat(1_000_000));
    client.open(&folder.uri("src/a.rs"), &long);
    client.settle();
    assert_eq!(client.findings(&folder), ["src/a.rs:2: spawnlint::unbounded_task_loop"]);
    let deep = format!("fn deep() {{ {}{} }}\n", "(".repeat(60_000), ")".repeat(60_000));
    client.open(&folder.uri("src/deep.rs"), &deep);
    let huge = "x".repeat(40 << 20);
    client.open(&folder.uri("src/huge.rs"), &huge);
    client.settle();
    assert_eq!(client.findings(&folder), ["src/a.rs:2: spawnlint::unbounded_task_loop"]);
    client.leave();
}

#[test]
fn a_folder_may_vanish() {
    let folder = Folder::package(&[("src/lib.rs", LEAK)]);
    let uri = folder.uri("src/lib.rs");
    let mut client = Client::start(&folder);
    client.open(&uri, LEAK);
    client.settle();
    for entry in fs::read_dir(folder.root()).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }
    client.on_disk(&[(&folder.uri("Cargo.toml"), 3), (&folder.uri("src"), 3)]);
    client.settle();
    // The text is still open.
    assert_eq!(client.findings(&folder).len(), 1);
    client.close(&uri);
    client.settle();
    assert_eq!(client.findings(&folder).len(), 0);
    assert!(client.is_alive());
    client.leave();

    let gone = tempfile::tempdir().unwrap();
    let path = gone.path().join("gone");
    let mut client = Client::silent(gone.path());
    client.initialize(&[&path], capabilities(), Value::Null);
    client.settle();
    assert!(client.is_alive());
    client.leave();
}

#[test]
fn a_manifest_may_be_wrong() {
    let folder = Folder::new(&[("Cargo.toml", "[package\n"), ("src/lib.rs", LEAK)]);
    let mut client = Client::start(&folder);
    client.settle();
    assert!(!client.shown_in(&folder.uri("Cargo.toml")).is_empty());
    folder.write("Cargo.toml", crate::client::MANIFEST);
    client.on_disk(&[(&folder.uri("Cargo.toml"), 2)]);
    client.settle();
    assert_eq!(client.shown_in(&folder.uri("Cargo.toml")), Vec::<Value>::new());
    assert_eq!(client.findings(&folder), ["src/lib.rs:2: spawnlint::unbounded_task_loop"]);
    client.leave();
}

#[test]
fn two_servers_may_have_one_workspace() {
    let folder = Folder::package(&[("src/lib.rs", LEAK)]);
    let uri = folder.uri("src/lib.rs");
    let (mut one, mut other) = (Client::start(&folder), Client::start(&folder));
    one.open(&uri, CLEAN);
    other.open(&uri, LEAK);
    one.settle();
    other.settle();
    assert_eq!((one.findings(&folder).len(), other.findings(&folder).len()), (0, 1));
    one.leave();
    other.leave();
}

#[test]
fn a_client_may_never_answer() {
    let folder = Folder::package(&[("src/lib.rs", LEAK)]);
    let mut client = Client::silent(&folder.root());
    client.answers = false;
    client.initialize(&[&folder.root()], capabilities(), Value::Null);
    client.settle();
    assert_eq!(client.findings(&folder).len(), 1);
    client.leave();
}

#[test]
fn a_request_may_be_taken_back() {
    let folder = Folder::package(&[("src/lib.rs", LEAK)]);
    let uri = folder.uri("src/lib.rs");
    let mut client = Client::start(&folder);
    client.open(&uri, LEAK);
    let id = client.ask("textDocument/codeLens", json!({ "textDocument": { "uri": uri } }));
    client.notify("$/cancelRequest", json!({ "id": id }));
    client.notify("$/cancelRequest", json!({ "id": "never asked" }));
    // It may have been answered already.
    let answer = client.answer_to(id);
    assert!(answer["error"]["code"] == -32800 || answer.get("result").is_some(), "{answer}");
    client.leave();
}

#[test]
fn a_project_that_is_only_looked_at_is_left_alone() {
    let (own, other) = (Folder::package(&[("src/lib.rs", "")]), Folder::package(&[("src/lib.rs", LEAK)]));
    fs::write(other.path("src/main.rs"), format!("fn main() {{}}\n{LEAK}")).unwrap();
    let (uri, program) = (other.uri("src/lib.rs"), other.uri("src/main.rs"));
    let mut client = Client::start(&own);
    client.open(&uri, LEAK);
    client.settle();
    assert_eq!((client.shown_in(&uri).len(), client.shown_in(&program).len()), (1, 0));
    client.leave();
    assert!(!other.path("target").exists());
}

#[test]
fn a_file_that_has_changed_unseen_gets_no_edit() {
    let folder = Folder::package(&[("src/lib.rs", LEAK)]);
    let uri = folder.uri("src/lib.rs");
    let mut client = Client::start(&folder);
    client.settle();
    let edits = |client: &mut Client| client.actions(&uri, 1).iter().filter(|it| it.get("edit").is_some()).count();
    assert!(edits(&mut client) > 0);
    fs::write(folder.path("src/lib.rs"), format!("// Another line.\n{LEAK}")).unwrap();
    assert_eq!(edits(&mut client), 0);
    client.leave();
}

#[test]
fn a_baseline_outside_of_the_workspace_is_not_written() {
    let folder = Folder::package(&[("inside/src/lib.rs", LEAK)]);
    let manifest = fs::read_to_string(folder.path("Cargo.toml")).unwrap();
    fs::write(folder.path("inside/Cargo.toml"), manifest).unwrap();
    fs::remove_file(folder.path("Cargo.toml")).unwrap();
    let uri = folder.uri("inside/src/lib.rs");
    let mut client = Client::start(&folder);
    client.open(&uri, LEAK);
    let settings = json!({ "settings": { "spawnlint": { "baseline": "../elsewhere.json" } } });
    client.notify("workspace/didChangeConfiguration", settings);
    client.settle();
    let actions = client.actions(&uri, 1);
    let added = actions.iter().find(|it| it["title"].as_str().unwrap().contains("baseline")).unwrap();
    let command = &added["command"];
    let params = json!({ "command": command["command"], "arguments": command["arguments"] });
    client.request("workspace/executeCommand", params);
    client.settle();
    assert!(!folder.path("elsewhere.json").exists());
    assert_eq!(client.shown_in(&uri).len(), 1);
    client.leave();
}
