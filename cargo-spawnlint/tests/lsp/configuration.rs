//! What files and clients say of how a project is to be checked.

use crate::client::{Client, Folder, LEAK, capabilities};
use serde_json::{Value, json};

#[test]
fn a_configuration_counts_as_soon_as_it_is_written() {
    let folder = Folder::package(&[("src/lib.rs", LEAK)]);
    let (lib, config) = (folder.uri("src/lib.rs"), folder.uri("spawnlint.toml"));
    let mut client = Client::start(&folder);
    client.settle();
    assert_eq!(client.shown_in(&lib)[0]["severity"], 2);
    folder.write("spawnlint.toml", "[levels]\nunbounded_task_loop = \"deny\"\n");
    client.on_disk(&[(&config, 1)]);
    client.settle();
    assert_eq!(client.shown_in(&lib)[0]["severity"], 1);
    // What is wrong is told in the file, and what held before holds.
    folder.write("spawnlint.toml", "[levels]\nunbounded_task_lop = \"allow\"\n");
    client.on_disk(&[(&config, 2)]);
    client.settle();
    let told = client.shown_in(&config);
    assert_eq!(
        told[0]["range"],
        json!({
            "start": { "line": 1, "character": 0 }, "end": { "line": 1, "character": 18 },
        })
    );
    assert!(told[0]["message"].as_str().unwrap().contains("did you mean `unbounded_task_loop`"), "{told:?}");
    assert_eq!(client.shown_in(&lib)[0]["severity"], 1);
    folder.write("spawnlint.toml", "[levels]\nall = \"allow\"\n");
    client.on_disk(&[(&config, 2)]);
    client.settle();
    assert_eq!((client.shown_in(&config).len(), client.shown_in(&lib).len()), (0, 0));
    client.leave();
}

#[test]
fn a_client_has_settings() {
    let folder = Folder::package(&[("src/lib.rs", LEAK), ("tests/it.rs", LEAK)]);
    let (lib, test) = (folder.uri("src/lib.rs"), folder.uri("tests/it.rs"));
    let mut client = Client::start(&folder);
    client.settle();
    assert_eq!((client.shown_in(&lib).len(), client.shown_in(&test).len()), (1, 0));
    let set = |client: &mut Client, settings: Value| {
        client.notify("workspace/didChangeConfiguration", json!({ "settings": { "spawnlint": settings } }));
        client.settle();
    };
    set(&mut client, json!({ "levels": { "unbounded_task_loop": "deny" } }));
    assert_eq!(client.shown_in(&lib)[0]["severity"], 1);
    set(&mut client, json!({ "allTargets": true }));
    assert_eq!((client.shown_in(&lib).len(), client.shown_in(&test).len()), (1, 1));
    set(&mut client, json!({ "wholeWorkspace": false }));
    assert_eq!((client.shown_in(&lib).len(), client.shown_in(&test).len()), (0, 0));
    client.open(&lib, LEAK);
    client.settle();
    assert_eq!(client.shown_in(&lib).len(), 1);
    set(&mut client, json!({ "levels": { "no_such_rule": "deny" }, "strict": 5 }));
    client.wait("a warning", |it| it["method"] == "window/showMessage" && it["params"]["type"] == 2);
    // Asked for, where the client only says that something has changed.
    client.settings = json!({ "levels": { "all": "allow" } });
    client.notify("workspace/didChangeConfiguration", json!({ "settings": null }));
    client.wait("a question", |it| it["method"] == "workspace/configuration");
    client.settle();
    client.settle();
    assert_eq!(client.shown_in(&lib), Vec::<Value>::new());
    client.leave();
}

#[test]
fn several_folders_and_workspaces_are_open_at_once() {
    let one = Folder::package(&[("src/lib.rs", LEAK)]);
    let many = Folder::new(&[
        ("first/Cargo.toml", crate::client::MANIFEST),
        ("first/src/lib.rs", LEAK),
        ("second/Cargo.toml", crate::client::MANIFEST),
        ("second/src/lib.rs", LEAK),
    ]);
    let mut client = Client::silent(&one.root());
    client.initialize(&[&one.root(), &many.root()], capabilities(), Value::Null);
    client.settle();
    let shown = [one.uri("src/lib.rs"), many.uri("first/src/lib.rs"), many.uri("second/src/lib.rs")];
    assert_eq!(shown.clone().map(|it| client.shown_in(&it).len()), [1, 1, 1]);
    let folder = |it: &Folder| json!({ "uri": crate::client::uri(&it.root()), "name": "f" });
    let removed = json!({ "event": { "added": [], "removed": [folder(&many)] } });
    client.notify("workspace/didChangeWorkspaceFolders", removed);
    client.settle();
    assert_eq!(shown.clone().map(|it| client.shown_in(&it).len()), [1, 0, 0]);
    let added = json!({ "event": { "added": [folder(&many)], "removed": [] } });
    client.notify("workspace/didChangeWorkspaceFolders", added);
    client.settle();
    assert_eq!(shown.map(|it| client.shown_in(&it).len()), [1, 1, 1]);
    client.leave();
}

#[test]
fn a_log_tells_what_happened() {
    let folder = Folder::package(&[("src/lib.rs", LEAK)]);
    let log = folder.path("server.log");
    let mut client = Client::logging(&folder.root(), &log);
    client.initialize(&[&folder.root()], capabilities(), Value::Null);
    client.settle();
    client.leave();
    let text = std::fs::read_to_string(log).unwrap();
    assert!(text.contains("1 findings"), "{text}");
}
