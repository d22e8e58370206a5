//! The lists that the linter prints, as JSON.

use super::compare::{Entry, Key, Place};
use anyhow::{Context, Result};
use serde_json::Value;

/// The findings of `--message-format json`. What could not be analysed counts as one of the rule `problem`.
///
/// # Errors
/// If the text is something else.
pub(super) fn findings(stdout: &str) -> Result<Vec<Entry>> {
    let messages = stdout.lines().map(serde_json::from_str).collect::<Result<Vec<Value>, _>>()?;
    messages.iter().filter(|it| it["reason"] == "compiler-message").map(|it| finding(&it["message"])).collect()
}

fn finding(message: &Value) -> Result<Entry> {
    let spans = message["spans"].as_array().context("a message without `spans`")?;
    let place = match spans.iter().find(|it| it["is_primary"] == true) {
        Some(span) => Place {
            path: text(span, "/file_name")?,
            line: number(span, "/line_start")?,
            column: number(span, "/column_start")?,
        },
        None => Place { path: "-".to_owned(), line: 0, column: 0 },
    };
    let rule = message["code"]["code"].as_str().unwrap_or("problem");
    let words = message["rendered"].as_str().map_or_else(|| text(message, "/message"), |it| Ok(it.to_owned()))?;
    Ok(Entry {
        key: Key { place, name: rule.trim_start_matches("spawnlint::").to_owned() },
        columns: vec![("level", text(message, "/level")?), ("words", words)],
    })
}

/// The tasks of `tasks --format json`.
///
/// # Errors
/// If the text is something else.
pub(super) fn tasks(stdout: &str) -> Result<Vec<Entry>> {
    let document: Value = serde_json::from_str(stdout)?;
    document["tasks"].as_array().context("a document without `tasks`")?.iter().map(task).collect()
}

fn task(task: &Value) -> Result<Entry> {
    let (at, spawn) = (place(&task["at"])?, place(&task["spawn"])?);
    let name = if spawn == at { "task".to_owned() } else { format!("task, spawned at {spawn}") };
    let columns = vec![
        ("reach", text(task, "/reach")?),
        ("ending", with(text(task, "/ending/kind")?, &task["ending"]["peer"])),
        ("fate", text(task, "/fate/kind")?),
        ("owner", with(text(task, "/owner/kind")?, &task["owner"]["name"])),
        ("verdict", text(task, "/verdict")?),
    ];
    Ok(Entry { key: Key { place: at, name }, columns })
}

fn with(kind: String, detail: &Value) -> String {
    detail.as_str().map_or(kind.clone(), |detail| format!("{kind} {detail}"))
}

fn place(value: &Value) -> Result<Place> {
    Ok(Place { path: text(value, "/path")?, line: number(value, "/line")?, column: number(value, "/column")? })
}

fn text(value: &Value, pointer: &str) -> Result<String> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    Ok(found.with_context(|| format!("no text found at {pointer}"))?.to_owned())
}

fn number(value: &Value, pointer: &str) -> Result<u64> {
    value.pointer(pointer).and_then(Value::as_u64).with_context(|| format!("no number found at {pointer}"))
}
