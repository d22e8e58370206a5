//! `docs/syntax.md` lists what is not read, with the messages.

use cargo_spawnlint::lower::lower;
use spawnlint_tests::{expect_file, root};
use std::fs;

/// Writes the messages into the rows again: they have to be the same.
#[test]
fn what_is_not_read_has_the_message_of_its_row() {
    let path = root().join("docs/syntax.md");
    let page = fs::read_to_string(&path).unwrap();
    let mut rows = 0;
    let lines = page.lines().map(|line| {
        let Some((before, code)) = line.split_once(" | `") else { return line.to_owned() };
        let Some((code, _)) = code.split_once("` | ").filter(|(code, _)| code.contains([';', '{'])) else {
            return line.to_owned();
        };
        rows += 1;
        let errors = lower(code).errors;
        let message = errors.first().unwrap_or_else(|| panic!("`{code}` is read by now: take its row out"));
        // A message with backticks stands in two of them.
        let message = &message.message;
        let quoted = if message.contains('`') { format!("`` {message} ``") } else { format!("`{message}`") };
        format!("{before} | `{code}` | {quoted} |")
    });
    let text: String = lines.map(|line| line + "\n").collect();
    assert!(rows >= 20, "{rows}");
    expect_file(&path, &text).unwrap();
}
