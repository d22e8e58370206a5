//! A baseline as text: JSON with one entry on each line, so that version control merges and shows it well.

use super::{Baseline, Entry};
use anyhow::{Result, bail};
use serde::{Deserialize, Deserializer, de::Error as _};
use std::fmt;

/// What the file is called if nobody says otherwise; it lies at the root of the workspace.
pub const FILE_NAME: &str = "spawnlint-baseline.json";

/// Changes whenever older versions of this program would misread the file.
const VERSION: u32 = 1;

/// What every version has in common.
#[derive(Deserialize)]
#[serde(expecting = "an object with `version` and `findings`")]
struct Head {
    version: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "version")]
    _version: u32,
    findings: Vec<Entry>,
}

/// Reads what [`Baseline`] prints.
///
/// # Errors
/// If it is damaged, with the line and column, or newer than this program.
pub fn read(text: &str) -> Result<Baseline> {
    // Some editors leave a mark at the beginning.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let is_marker = |line: &str| ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|it| line.starts_with(it));
    if let Some(line) = text.lines().position(is_marker) {
        bail!("line {} is left over from a merge; keep the entries of both sides, each on its own line", line + 1);
    }
    const HOW: &str = "delete it and run `cargo spawnlint baseline` to write one";
    if text.trim().is_empty() {
        bail!("it is empty, so it is not a baseline file; {HOW}");
    }
    let value: serde_json::Value = serde_json::from_str(text)?;
    if value.get("version").is_none() {
        bail!("not a baseline file: `version` is missing; {HOW}");
    }
    let head: Head = serde_json::from_str(text)?;
    if head.version > VERSION {
        bail!(
            "it has version {}, and this spawnlint reads version {VERSION}: a newer version wrote it; update spawnlint, or delete the file and recreate it with `cargo spawnlint baseline`",
            head.version
        );
    }
    if head.version == 0 {
        bail!("version 0 does not exist; the first version is 1");
    }
    let file: File = serde_json::from_str(text)?;
    Ok(Baseline::from_entries(file.findings))
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = |text: &str| serde_json::Value::from(text);
        write!(f, "{{\n  \"version\": {VERSION},\n  \"findings\": [")?;
        for (at, entry) in self.entries.iter().enumerate() {
            let Entry { file, item, rule, snippet, count } = entry;
            let comma = if at == 0 { "" } else { "," };
            let [file, item, rule, snippet] = [file, item, rule, snippet].map(|text| json(text));
            write!(
                f,
                "{comma}\n    {{ \"file\": {file}, \"item\": {item}, \"rule\": {rule}, \"snippet\": {snippet}, \"count\": {count} }}"
            )?;
        }
        let end = if self.entries.is_empty() { "" } else { "\n  " };
        writeln!(f, "{end}]\n}}")
    }
}

/// 16 hexadecimal digits.
pub(super) fn digits<'de, D: Deserializer<'de>>(input: D) -> Result<String, D::Error> {
    let text = String::deserialize(input)?;
    let is_digit = |it: u8| matches!(it, b'0'..=b'9' | b'a'..=b'f');
    if text.len() == 16 && text.bytes().all(is_digit) {
        return Ok(text);
    }
    Err(D::Error::custom("a snippet is written as 16 hexadecimal digits"))
}
