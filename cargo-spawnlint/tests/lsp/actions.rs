//! What can be done about a finding, and what comes of it.

use crate::client::{Client, Folder, LEAK, capabilities, program};
use serde_json::{Value, json};

/// The text after the edits of one document.
fn applied(text: &str, edits: &Value) -> String {
    let offset = |at: &Value| {
        let start: usize = text.split_inclusive('\n').take(at["line"].as_u64().unwrap() as usize).map(str::len).sum();
        start + at["character"].as_u64().unwrap() as usize
    };
    let mut edits: Vec<(usize, usize, &str)> = (edits.as_array().unwrap().iter())
        .map(|it| (offset(&it["range"]["start"]), offset(&it["range"]["end"]), it["newText"].as_str().unwrap()))
        .collect();
    edits.sort_by_key(|it| it.0);
    let mut text = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        text.replace_range(start..end, new);
    }
    text
}

fn titled<'a>(actions: &'a [Value], start: &str) -> &'a Value {
    let found = actions.iter().find(|it| it["title"].as_str().unwrap().starts_with(start));
    found.unwrap_or_else(|| panic!("no `{start}` among {actions:#?}"))
}

#[test]
fn a_rewrite_cures_its_finding() {
    let folder = Folder::package(&[("src/lib.rs", LEAK)]);
    let uri = folder.uri("src/lib.rs");
    let mut client = Client::start(&folder);
    client.open(&uri, LEAK);
    let actions = client.actions(&uri, 1);
    let action = titled(&actions, "return an abort-on-drop guard");
    assert_eq!(action["kind"], "quickfix");
    assert_eq!(action["diagnostics"][0]["code"], "spawnlint::unbounded_task_loop");
    // It may be incorrect, so a person has to choose it.
    assert_eq!(action.get("isPreferred"), None);
    let document = &action["edit"]["documentChanges"][0];
    assert_eq!(document["textDocument"], json!({ "uri": uri, "version": 1 }));
    let text = applied(LEAK, &document["edits"]);
    assert!(text.contains("AbortGuard(task.abort_handle())"), "{text}");
    client.set(&uri, 2, &text);
    client.settle();
    assert_eq!(client.findings(&folder), Vec::<String>::new());
    client.leave();
}

#[test]
fn a_finding_is_allowed_in_a_statement_an_item_and_a_file() {
    let folder = Folder::package(&[("src/lib.rs", LEAK)]);
    let uri = folder.uri("src/lib.rs");
    let mut client = Client::start(&folder);
    client.open(&uri, LEAK);
    let actions = client.actions(&uri, 1);
    let comment = "// spawnlint: allow(unbounded_task_loop): ";
    let places = [
        ("allow `unbounded_task_loop` here", format!("{{\n    {comment}")),
        ("allow `unbounded_task_loop` in this item", format!("{comment}<reason>\npub fn start")),
        ("allow `unbounded_task_loop` in this file", comment.replacen("//", "//!", 1)),
    ];
    for (at, (title, expected)) in places.iter().enumerate() {
        let text = applied(LEAK, &titled(&actions, title)["edit"]["documentChanges"][0]["edits"]);
        assert!(text.contains(expected), "{title}: {text}");
        client.set(&uri, 10 + at as i32, &text);
        client.settle();
        assert_eq!(client.findings(&folder), Vec::<String>::new(), "{text}");
    }
    // Nothing is found there now, so there is nothing to be done.
    assert_eq!(client.actions(&uri, 1), Vec::<Value>::new());
    client.leave();
}

#[test]
fn what_is_sure_is_applied_at_once() {
    const TIMED: &str = "use std::time::Duration;\nuse tokio::time::timeout;\nasync fn poll() {\n    loop {\n        tokio::time::sleep(Duration::from_secs(1)).await;\n    }\n}\npub async fn one() {\n    let task = tokio::spawn(poll());\n    let _ = timeout(Duration::from_secs(1), task).await;\n}\npub async fn two() {\n    let _ = timeout(Duration::from_secs(1), tokio::spawn(poll())).await;\n}\n";
    let folder = Folder::package(&[("src/lib.rs", TIMED)]);
    let manifest = std::fs::read_to_string(folder.path("Cargo.toml")).unwrap();
    let manifest = format!("{manifest}tokio-util = {{ version = \"0.7.12\", features = [\"rt\"] }}\n");
    folder.write("Cargo.toml", &manifest);
    let uri = folder.uri("src/lib.rs");
    let mut client = Client::start(&folder);
    client.open(&uri, TIMED);
    let ask = |client: &mut Client, only: Value| {
        let zero = json!({ "line": 0, "character": 0 });
        let params = json!({
            "textDocument": { "uri": uri }, "range": { "start": zero, "end": zero },
            "context": { "diagnostics": [], "only": only },
        });
        client.request("textDocument/codeAction", params)["result"].as_array().unwrap().clone()
    };
    let found = ask(&mut client, json!(["source.fixAll"]));
    assert_eq!((found.len(), &found[0]["kind"]), (1, &json!("source.fixAll.spawnlint")));
    let text = applied(TIMED, &found[0]["edit"]["documentChanges"][0]["edits"]);
    program(&["--fix", "--allow-no-vcs"], &folder.root()).output().unwrap();
    assert_eq!(text, std::fs::read_to_string(folder.path("src/lib.rs")).unwrap());
    assert_ne!(text, TIMED);
    for only in ["source.organizeImports", "refactor", "source.fixAll.other"] {
        assert_eq!(ask(&mut client, json!([only])), Vec::<Value>::new());
    }
    client.leave();
}

#[test]
fn a_rule_is_explained() {
    let folder = Folder::package(&[("src/lib.rs", LEAK)]);
    let uri = folder.uri("src/lib.rs");
    let mut client = Client::start(&folder);
    client.open(&uri, LEAK);
    let actions = client.actions(&uri, 1);
    let command = titled(&actions, "explain `unbounded_task_loop`")["command"].clone();
    let params = json!({ "command": command["command"], "arguments": command["arguments"] });
    client.request("workspace/executeCommand", params);
    let told = client.wait("a message", |it| it["method"] == "window/showMessage");
    assert!(told["params"]["message"].as_str().unwrap().contains("## "), "{told}");
    let wrong = json!({ "command": "spawnlint.explain", "arguments": ["no_such_rule"] });
    assert_eq!(client.request("workspace/executeCommand", wrong)["error"]["code"], -32602);
    let wrong = json!({ "command": "spawnlint.no", "arguments": [] });
    assert_eq!(client.request("workspace/executeCommand", wrong)["error"]["code"], -32602);
    client.leave();

    // Who opens addresses gets the page's.
    let mut able = capabilities();
    able["window"]["showDocument"] = json!({ "support": true });
    let mut client = Client::with(&folder, able, Value::Null);
    let params = json!({ "command": command["command"], "arguments": command["arguments"] });
    client.request("workspace/executeCommand", params);
    let told = client.wait("a document", |it| it["method"] == "window/showDocument");
    assert!(told["params"]["uri"].as_str().unwrap().contains("unbounded_task_loop"), "{told}");
    client.leave();
}

#[test]
fn a_finding_goes_into_the_baseline() {
    let folder = Folder::package(&[("src/lib.rs", LEAK)]);
    let uri = folder.uri("src/lib.rs");
    let mut client = Client::start(&folder);
    client.open(&uri, LEAK);
    let actions = client.actions(&uri, 1);
    let command = titled(&actions, "add this finding to the baseline")["command"].clone();
    let params = json!({ "command": command["command"], "arguments": command["arguments"] });
    client.request("workspace/executeCommand", params);
    client.settle();
    assert_eq!(client.findings(&folder), Vec::<String>::new());
    let text = std::fs::read_to_string(folder.path("spawnlint-baseline.json")).unwrap();
    assert!(text.contains("unbounded_task_loop"), "{text}");
    client.notify("workspace/didChangeConfiguration", json!({ "settings": { "spawnlint": { "showBaseline": true } } }));
    client.settle();
    assert_eq!(client.shown_in(&uri)[0]["severity"], 4);
    std::fs::remove_file(folder.path("spawnlint-baseline.json")).unwrap();
    client.on_disk(&[(&folder.uri("spawnlint-baseline.json"), 3)]);
    client.settle();
    assert_eq!(client.shown_in(&uri)[0]["severity"], 2);
    client.leave();
}

#[test]
fn places_are_counted_as_the_client_does() {
    let text = LEAK.replace("pub fn start() {\n    ", "pub fn start() {\r\n    /* ü😀 */ ").replace(";\n", ";\r\n");
    let folder = Folder::package(&[("src/lib.rs", &text)]);
    let uri = folder.uri("src/lib.rs");
    for (encoding, column) in [("utf-8", 17), ("utf-16", 14), ("utf-32", 13)] {
        let mut able = capabilities();
        able["general"]["positionEncodings"] = json!([encoding]);
        let mut client = Client::with(&folder, able, Value::Null);
        client.open(&uri, &text);
        client.settle();
        let start = client.shown_in(&uri)[0]["range"]["start"].clone();
        assert_eq!(start, json!({ "line": 1, "character": column }), "{encoding}");
        // An edit is understood the same way: what comes before the call goes.
        let from = json!({ "line": 1, "character": 4 });
        client.change(&uri, 2, json!([{ "range": { "start": from, "end": start }, "text": "" }]));
        client.settle();
        assert_eq!(client.shown_in(&uri)[0]["range"]["start"], json!({ "line": 1, "character": 4 }), "{encoding}");
        client.leave();
    }
}
