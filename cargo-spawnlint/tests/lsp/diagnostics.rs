//! Which diagnostics are shown when.

use crate::client::{CLEAN, Client, Folder, LEAK};
use serde_json::{Value, json};

#[test]
fn a_folder_shows_what_the_command_line_finds() {
    let folder = Folder::package(&[("src/lib.rs", "mod a;\nmod b;\n"), ("src/a.rs", LEAK), ("src/b.rs", CLEAN)]);
    let mut client = Client::start(&folder);
    client.settle();
    assert_eq!(client.findings(&folder), folder.findings());
    let shown = client.shown_in(&folder.uri("src/a.rs"))[0].clone();
    assert_eq!(shown["severity"], 2);
    assert_eq!(shown["source"], "spawnlint");
    assert_eq!(shown["code"], "spawnlint::unbounded_task_loop");
    assert!(shown["codeDescription"]["href"].as_str().unwrap().contains("unbounded_task_loop"), "{shown}");
    assert!(shown["message"].as_str().unwrap().starts_with("the task spawned by `start` loops forever"), "{shown}");
    assert_eq!(
        shown["range"],
        json!({
            "start": { "line": 1, "character": 4 }, "end": { "line": 1, "character": 16 },
        })
    );
    let related = shown["relatedInformation"].as_array().unwrap();
    assert!(related.iter().any(|it| it["location"]["range"]["start"]["line"] == 2), "{related:?}");
    assert!(shown["data"]["fingerprint"].is_string());
    client.leave();
}

#[test]
fn an_edit_counts_before_it_is_saved() {
    let folder = Folder::package(&[("src/lib.rs", CLEAN)]);
    let uri = folder.uri("src/lib.rs");
    let mut client = Client::start(&folder);
    client.open(&uri, CLEAN);
    client.settle();
    assert_eq!(client.findings(&folder), Vec::<String>::new());
    client.set(&uri, 2, LEAK);
    client.settle();
    assert_eq!(client.findings(&folder), ["src/lib.rs:2: spawnlint::unbounded_task_loop"]);
    // What was not saved is gone with its document.
    client.close(&uri);
    client.settle();
    assert_eq!(client.findings(&folder), Vec::<String>::new());
    client.leave();
}

#[test]
fn what_has_not_changed_is_not_told_again() {
    let folder = Folder::package(&[("src/lib.rs", "mod a;\nmod b;\n"), ("src/a.rs", LEAK), ("src/b.rs", CLEAN)]);
    let uri = folder.uri("src/b.rs");
    let mut client = Client::start(&folder);
    client.open(&uri, CLEAN);
    client.settle();
    client.heard.clear();
    client.change(&uri, 2, json!([{ "range": { "start": { "line": 3, "character": 0 }, "end": { "line": 3, "character": 0 } }, "text": "// end\n" }]));
    client.settle();
    let told: Vec<&Value> =
        client.heard.iter().filter(|it| it["method"] == "textDocument/publishDiagnostics").collect();
    assert!(told.is_empty(), "{told:?}");
    client.leave();
}

#[test]
fn a_text_in_the_middle_of_a_word_leaves_what_is_known() {
    let folder = Folder::package(&[("src/lib.rs", LEAK)]);
    let uri = folder.uri("src/lib.rs");
    let mut client = Client::start(&folder);
    client.open(&uri, LEAK);
    client.settle();
    // Above the finding, which moves along.
    client.set(&uri, 2, &format!("fn broken( {{\n{LEAK}"));
    client.settle();
    assert_eq!(client.findings(&folder), ["src/lib.rs:3: spawnlint::unbounded_task_loop"]);
    // In the finding, which is edited.
    client.set(&uri, 3, &LEAK.replace("tokio::spawn(", "tokio::spa wn("));
    client.settle();
    assert_eq!(client.findings(&folder), Vec::<String>::new());
    client.set(&uri, 4, CLEAN);
    client.settle();
    assert_eq!(client.shown_in(&uri), Vec::<Value>::new());
    client.set(&uri, 5, &format!("\n{LEAK}"));
    client.settle();
    assert_eq!(client.findings(&folder), ["src/lib.rs:3: spawnlint::unbounded_task_loop"]);
    client.leave();
}

#[test]
fn an_edit_counts_in_other_files() {
    let stop = "pub fn token() -> tokio_util::sync::CancellationToken { todo!() }\n";
    let folder = Folder::package(&[
        ("src/lib.rs", "mod a;\nmod b;\npub async fn run() { a::tick().await }\n"),
        ("src/a.rs", CLEAN.replace("start", "tick").as_str()),
        ("src/b.rs", "pub fn start() {\n    tokio::spawn(crate::run());\n}\n"),
    ]);
    let uri = folder.uri("src/a.rs");
    let mut client = Client::start(&folder);
    client.open(&uri, &CLEAN.replace("start", "tick"));
    client.settle();
    assert_eq!(client.findings(&folder), folder.findings());
    let endless = "pub async fn tick() {\n    loop {\n        tokio::time::sleep(std::time::Duration::from_secs(1)).await;\n    }\n}\n";
    client.set(&uri, 2, endless);
    client.settle();
    assert_eq!(client.findings(&folder), ["src/b.rs:2: spawnlint::unbounded_task_loop"]);
    let shown = client.shown_in(&folder.uri("src/b.rs"))[0].clone();
    let related = shown["relatedInformation"].as_array().unwrap();
    assert!(related.iter().any(|it| it["location"]["uri"] == uri.as_str()), "{related:?}");
    client.set(&uri, 3, stop);
    client.settle();
    client.leave();
}

#[test]
fn files_come_and_go_on_disk() {
    let folder = Folder::package(&[("src/lib.rs", "mod a;\n")]);
    let mut client = Client::start(&folder);
    client.settle();
    folder.write("src/a.rs", LEAK);
    client.on_disk(&[(&folder.uri("src/a.rs"), 1)]);
    client.settle();
    assert_eq!(client.findings(&folder), ["src/a.rs:2: spawnlint::unbounded_task_loop"]);
    folder.write("src/a.rs", format!("\n{LEAK}"));
    client.on_disk(&[(&folder.uri("src/a.rs"), 2)]);
    client.settle();
    assert_eq!(client.findings(&folder), ["src/a.rs:3: spawnlint::unbounded_task_loop"]);
    std::fs::rename(folder.path("src/a.rs"), folder.path("src/c.rs")).unwrap();
    folder.write("src/lib.rs", "mod c;\n");
    client.on_disk(&[(&folder.uri("src/a.rs"), 3), (&folder.uri("src/c.rs"), 1), (&folder.uri("src/lib.rs"), 2)]);
    client.settle();
    assert_eq!(client.findings(&folder), ["src/c.rs:3: spawnlint::unbounded_task_loop"]);
    std::fs::remove_dir_all(folder.path("src")).unwrap();
    client.on_disk(&[(&folder.uri("src"), 3)]);
    client.settle();
    assert_eq!(client.findings(&folder), Vec::<String>::new());
    assert!(client.is_alive());
    client.leave();
}

#[test]
fn a_file_without_a_manifest_is_checked_alone() {
    let folder = Folder::new(&[("one.rs", LEAK), ("two.rs", LEAK)]);
    let uri = folder.uri("one.rs");
    let mut client = Client::start(&folder);
    client.open(&uri, LEAK);
    client.settle();
    assert_eq!(client.findings(&folder), ["one.rs:2: spawnlint::unbounded_task_loop"]);
    client.open("untitled:Untitled-1", LEAK);
    client.settle();
    assert_eq!(client.shown_in("untitled:Untitled-1").len(), 1);
    client.close(&uri);
    client.close("untitled:Untitled-1");
    client.settle();
    assert_eq!(client.findings(&folder), Vec::<String>::new());
    client.leave();
}
