//! What is told of tasks beside the findings.

use crate::client::{Client, Folder, LEAK, capabilities};
use serde_json::{Value, json};

const SERVICE: &str = "use tokio_util::sync::CancellationToken;

pub struct Service {
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Service {
    pub fn start() -> Service {
        let stop = CancellationToken::new();
        let task = tokio::spawn(work(stop.clone()));
        Service { stop, task }
    }

    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.ok();
    }
}

async fn work(stop: CancellationToken) {
    stop.cancelled().await;
}
";

fn hover(client: &mut Client, uri: &str, line: u32, character: u32) -> Value {
    let params = json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } });
    client.request("textDocument/hover", params)["result"].clone()
}

#[test]
fn a_task_is_described_where_it_is_spawned_and_where_it_ends() {
    let folder = Folder::package(&[("src/lib.rs", SERVICE)]);
    let uri = folder.uri("src/lib.rs");
    let mut client = Client::start(&folder);
    client.open(&uri, SERVICE);
    let at_spawn = hover(&mut client, &uri, 10, 25);
    let text = at_spawn["contents"]["value"].as_str().unwrap().to_owned();
    assert!(text.starts_with("**task** `work`: "), "{text}");
    for part in ["started by: [`Service::start`]", "ends: on token stop", "handle: [stored in Service.task]"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.contains(&format!("({uri}#L")), "{text}");
    assert_eq!(at_spawn["range"]["start"]["line"], 10);
    // Where the task listens.
    let text = hover(&mut client, &uri, 21, 8)["contents"]["value"].as_str().unwrap_or_default().to_owned();
    assert!(text.starts_with("**task** `work`"), "{text}");
    assert_eq!(hover(&mut client, &uri, 0, 2), Value::Null);
    assert_eq!(hover(&mut client, "file:///no/such.rs", 0, 0), Value::Null);
    client.leave();
}

#[test]
fn hints_and_lenses_are_shown_if_they_are_wanted() {
    let folder = Folder::package(&[("src/lib.rs", LEAK)]);
    let uri = folder.uri("src/lib.rs");
    let ask = |client: &mut Client| {
        let all = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
        let params = json!({ "textDocument": { "uri": uri }, "range": all });
        let hints = client.request("textDocument/inlayHint", params)["result"].clone();
        let lenses =
            client.request("textDocument/codeLens", json!({ "textDocument": { "uri": uri } }))["result"].clone();
        (hints, lenses)
    };
    let mut client = Client::start(&folder);
    client.open(&uri, LEAK);
    assert_eq!(ask(&mut client), (Value::Null, Value::Null));
    client.leave();
    let wanted = json!({ "inlayHints": true, "codeLens": true });
    let mut client = Client::with(&folder, capabilities(), wanted);
    client.open(&uri, LEAK);
    let (hints, lenses) = ask(&mut client);
    assert_eq!(hints[0]["label"], " never ends");
    assert_eq!(hints[0]["position"], json!({ "line": 1, "character": 16 }));
    assert_eq!(lenses[0]["command"]["title"], "1 task, 1 unowned");
    client.leave();
}
