//! How a session begins and ends, and what is no session at all.

use crate::client::{Client, Folder, LEAK, capabilities};
use serde_json::{Value, json};

#[test]
fn a_session_begins_and_ends_as_the_protocol_says() {
    let folder = Folder::package(&[("src/lib.rs", LEAK)]);
    let mut client = Client::silent(&folder.root());
    let result = client.initialize(&[&folder.root()], capabilities(), Value::Null);
    assert_eq!(result["serverInfo"]["name"], "cargo-spawnlint");
    assert_eq!(result["capabilities"]["positionEncoding"], "utf-16");
    assert_eq!(result["capabilities"]["textDocumentSync"]["change"], 2);
    // Who does not ask for diagnostics is not told that it could.
    assert_eq!(result["capabilities"].get("diagnosticProvider"), None);
    let told = client.wait("progress", |it| it["method"] == "$/progress" && it["params"]["value"]["kind"] == "end");
    let token = told["params"]["token"].clone();
    assert!(
        client
            .heard
            .iter()
            .any(|it| it["method"] == "window/workDoneProgress/create" && it["params"]["token"] == token)
    );
    let watch = client.wait("watchers", |it| it["method"] == "client/registerCapability");
    assert!(watch.to_string().contains("**/*.rs"), "{watch}");
    assert_eq!(client.leave(), Some(0));
}

#[test]
fn nothing_is_answered_before_the_beginning_and_after_the_end() {
    let folder = Folder::package(&[("src/lib.rs", LEAK)]);
    let mut client = Client::silent(&folder.root());
    assert_eq!(client.request("textDocument/hover", json!({}))["error"]["code"], -32002);
    client.open(&folder.uri("src/lib.rs"), LEAK);
    assert_eq!(client.request("shutdown", Value::Null)["error"]["code"], -32002);
    assert_eq!(client.request("initialize", json!(5))["error"]["code"], -32602);
    client.initialize(&[&folder.root()], capabilities(), Value::Null);
    assert_eq!(client.request("initialize", json!({ "capabilities": {} }))["error"]["code"], -32600);
    assert_eq!(client.request("no/such/method", Value::Null)["error"]["code"], -32601);
    assert_eq!(client.request("textDocument/hover", json!({ "position": 7 }))["error"]["code"], -32602);
    assert_eq!(client.request("shutdown", Value::Null)["result"], Value::Null);
    assert_eq!(client.request("textDocument/hover", json!({}))["error"]["code"], -32600);
    client.notify("exit", Value::Null);
    assert_eq!(client.code(), Some(0));
}

#[test]
fn who_leaves_without_a_word_is_told_by_the_exit_code() {
    let folder = Folder::package(&[("src/lib.rs", LEAK)]);
    let mut client = Client::start(&folder);
    client.notify("exit", Value::Null);
    assert_eq!(client.code(), Some(1));
    let mut client = Client::start(&folder);
    client.hang_up();
    assert_eq!(client.code(), Some(1));
    let mut client = Client::silent(&folder.root());
    client.notify("exit", Value::Null);
    assert_eq!(client.code(), Some(1));
}
