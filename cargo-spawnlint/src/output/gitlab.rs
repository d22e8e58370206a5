//! GitLab's code quality report.

use super::facts::{Entry, entries, json};
use crate::report::Report;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    io::{self, Write},
};

#[derive(Serialize)]
struct Issue {
    #[serde(rename = "type")]
    kind: &'static str,
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    categories: [&'static str; 1],
    content: Content,
    location: Location,
}

#[derive(Serialize)]
struct Content {
    body: String,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

/// Writes all findings, then all problems.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let issues: Vec<Issue> = entries(report).iter().map(|entry| issue(entry, &mut seen)).collect();
    out.write_all(json(&issues)?.as_bytes())
}

fn issue(entry: &Entry<'_>, seen: &mut BTreeMap<String, usize>) -> Issue {
    let place = entry.place.as_ref();
    let line = |at: Option<(u32, u32)>| at.map_or(1, |(line, _)| line);
    // Of two with one fingerprint GitLab would show the first.
    let count = seen.entry(entry.fingerprint.clone()).or_default();
    *count += 1;
    let fingerprint = if *count > 1 { format!("{}-{count}", entry.fingerprint) } else { entry.fingerprint.clone() };
    Issue {
        kind: "issue",
        description: entry.message.clone(),
        check_name: entry.code(),
        fingerprint,
        severity: match (entry.is_gap, entry.is_error) {
            (true, _) => "critical",
            (false, true) => "major",
            (false, false) => "minor",
        },
        categories: ["Bug Risk"],
        content: Content { body: entry.details().join("\n\n") },
        location: Location {
            // Every issue has a path.
            path: place.map_or_else(|| "Cargo.toml".to_owned(), |it| it.path.clone()),
            lines: Lines { begin: line(place.and_then(|it| it.start)), end: line(place.and_then(|it| it.end)) },
        },
    }
}
