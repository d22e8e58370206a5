//! Diagnostics for clients that ask for them.

use crate::client::{CLEAN, Client, Folder, LEAK, capabilities};
use serde_json::{Value, json};

fn pulling() -> Value {
    let mut able = capabilities();
    able["textDocument"]["diagnostic"] = json!({ "dynamicRegistration": false });
    able["workspace"]["diagnostics"] = json!({ "refreshSupport": true });
    able
}

fn pull(client: &mut Client, uri: &str, previous: Option<&str>) -> Value {
    let params = json!({ "textDocument": { "uri": uri }, "previousResultId": previous });
    client.request("textDocument/diagnostic", params)["result"].clone()
}

#[test]
fn who_asks_is_not_told_twice() {
    let folder = Folder::package(&[("src/lib.rs", "mod a;\nmod b;\n"), ("src/a.rs", LEAK), ("src/b.rs", LEAK)]);
    let (a, b) = (folder.uri("src/a.rs"), folder.uri("src/b.rs"));
    let mut client = Client::with(&folder, pulling(), Value::Null);
    client.open(&a, LEAK);
    let report = pull(&mut client, &a, None);
    assert_eq!((&report["kind"], report["items"].as_array().unwrap().len()), (&json!("full"), 1));
    assert_eq!((client.shown_in(&a).len(), client.shown_in(&b).len()), (0, 1));
    let id = report["resultId"].as_str().unwrap().to_owned();
    assert_eq!(pull(&mut client, &a, Some(&id)), json!({ "kind": "unchanged", "resultId": id }));
    client.heard.clear();
    client.set(&a, 2, CLEAN);
    let report = pull(&mut client, &a, Some(&id));
    assert_eq!((&report["kind"], &report["items"]), (&json!("full"), &json!([])));
    client.wait("a refresh", |it| it["method"] == "workspace/diagnostic/refresh");
    client.leave();
}

#[test]
fn who_asks_for_all_is_told_nothing_unasked() {
    let folder = Folder::package(&[("src/lib.rs", "mod a;\nmod b;\n"), ("src/a.rs", LEAK), ("src/b.rs", LEAK)]);
    let (a, b) = (folder.uri("src/a.rs"), folder.uri("src/b.rs"));
    let mut client = Client::with(&folder, pulling(), Value::Null);
    let all = client.request("workspace/diagnostic", json!({ "previousResultIds": [] }))["result"]["items"].clone();
    let kinds: Vec<(&str, &str)> =
        all.as_array().unwrap().iter().map(|it| (it["uri"].as_str().unwrap(), it["kind"].as_str().unwrap())).collect();
    assert_eq!(kinds, [(a.as_str(), "full"), (b.as_str(), "full")]);
    assert_eq!(client.shown_in(&b), Vec::<Value>::new());
    client.open(&a, CLEAN);
    let known: Vec<Value> =
        all.as_array().unwrap().iter().map(|it| json!({ "uri": it["uri"], "value": it["resultId"] })).collect();
    let all = client.request("workspace/diagnostic", json!({ "previousResultIds": known }))["result"]["items"].clone();
    assert_eq!((&all[0]["kind"], &all[0]["items"], &all[0]["version"]), (&json!("full"), &json!([]), &json!(1)));
    assert_eq!((&all[1]["kind"], &all[1]["version"]), (&json!("unchanged"), &Value::Null));
    client.leave();
}
