//! SARIF 2.1.0, for code scanning.

mod model;

use super::facts::{Entry, Place, TOOL, entries, is_absolute, json, place};
use crate::{
    fix::resolve,
    levels::{Level, page, page_uri, with_comments},
    report::{Report, Severity},
};
use model::{
    ArtifactChange, ArtifactLocation, Configuration, Description, Driver, Fix, Invocation, Location, Log,
    LogicalLocation, MultiformatMessage, Notification, PhysicalLocation, Region, Replacement, ReportingDescriptor,
    RuleProperties, Run, SarifResult, Text, Tool,
};
use spawnlint_rules::{finding::Applicability, rule::Rule};
use std::{
    collections::BTreeMap,
    io::{self, Write},
};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What paths start from, as code scanning calls it.
const ROOT: &str = "%SRCROOT%";

/// Changes when the fingerprint does.
const FINGERPRINT: &str = "spawnlint/v1";

/// Writes one run.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let entries = entries(report);
    let rules = with_comments(report.levels.rules());
    let results = entries.iter().filter(|it| it.finding.is_some()).map(|it| result(report, it));
    let notifications = entries.iter().filter(|it| it.finding.is_none()).map(notification);
    let is_successful = report.problems.iter().all(|it| it.severity != Severity::Error);
    let run = Run {
        tool: Tool {
            driver: Driver {
                name: TOOL,
                version: env!("CARGO_PKG_VERSION"),
                semantic_version: env!("CARGO_PKG_VERSION"),
                rules: rules.map(descriptor).collect(),
            },
        },
        original_uri_base_ids: BTreeMap::from([(
            ROOT,
            Description { description: Text { text: "the root of the repository".to_owned() } },
        )]),
        column_kind: "unicodeCodePoints",
        invocations: [Invocation {
            execution_successful: is_successful,
            tool_execution_notifications: notifications.collect(),
        }],
        results: results.collect(),
    };
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: [run] };
    out.write_all(json(&log)?.as_bytes())
}

fn descriptor(rule: &'static Rule) -> ReportingDescriptor {
    let level = Level::default_of(rule.group);
    ReportingDescriptor {
        id: rule.name,
        short_description: Text { text: rule.summary() },
        full_description: Text { text: rule.summary() },
        help_uri: page_uri(rule),
        help: MultiformatMessage { text: page(rule), markdown: page(rule) },
        default_configuration: Configuration {
            enabled: level != Level::Allow,
            level: if level == Level::Deny { "error" } else { "warning" },
        },
        properties: RuleProperties { tags: ["async", rule.group.name()] },
    }
}

fn result(report: &Report, entry: &Entry<'_>) -> SarifResult {
    let rule = entry.finding.map_or("", |it| it.finding.rule);
    let notes = entry.notes.iter().map(|it| format!("note: {it}"));
    let helps = entry.helps.iter().map(|it| format!("help: {it}"));
    let text: Vec<String> = [entry.message.clone()].into_iter().chain(notes).chain(helps).collect();
    let mut location = entry.place.as_ref().map(|place| self::location(place, None, &entry.label));
    if let Some(location) = &mut location
        && !entry.item.is_empty()
    {
        location.logical_locations = vec![LogicalLocation { fully_qualified_name: entry.item.clone() }];
    }
    let related = entry.evidence.iter().enumerate().map(|(at, (place, text))| self::location(place, Some(at), text));
    SarifResult {
        rule_id: rule,
        rule_index: with_comments(report.levels.rules()).position(|it| it.name == rule).unwrap_or(0),
        level: entry.level(),
        message: Text { text: plain(&text.join("\n")) },
        locations: location.into_iter().collect(),
        related_locations: related.collect(),
        partial_fingerprints: BTreeMap::from([(FINGERPRINT, entry.fingerprint.clone())]),
        fixes: fixes(report, entry),
    }
}

fn notification(entry: &Entry<'_>) -> Notification {
    Notification {
        level: entry.level(),
        message: Text { text: plain(&entry.full_text()) },
        locations: entry.place.iter().map(|place| location(place, None, "")).collect(),
    }
}

/// In messages of SARIF, brackets are links. Braces are no placeholders where there are no arguments.
fn plain(text: &str) -> String {
    text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

fn location(place: &Place, id: Option<usize>, label: &str) -> Location {
    Location {
        id,
        physical_location: PhysicalLocation { artifact_location: artifact(&place.path), region: region(place) },
        message: (!label.is_empty()).then(|| Text { text: plain(label) }),
        logical_locations: Vec::new(),
    }
}

fn region(place: &Place) -> Option<Region> {
    let (start_line, start_column) = place.start?;
    let (end_line, end_column) = place.end?;
    Some(Region { start_line, start_column, end_line, end_column })
}

fn artifact(path: &str) -> ArtifactLocation {
    if is_absolute(path) {
        let slash = if path.starts_with('/') { "" } else { "/" };
        return ArtifactLocation { uri: format!("file://{slash}{}", uri(path)), uri_base_id: None };
    }
    // The first part of a relative reference has no colon; an encoded one is none.
    ArtifactLocation { uri: uri(path), uri_base_id: Some(ROOT) }
}

/// A path as a part of a URI.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// What can be applied as it stands.
fn fixes(report: &Report, entry: &Entry<'_>) -> Vec<Fix> {
    let Some(diagnostic) = entry.finding else { return Vec::new() };
    let rewrites = diagnostic.finding.rewrites.iter();
    let complete = rewrites.filter(|it| it.applicability != Applicability::HasPlaceholders);
    let resolved = complete.filter_map(|rewrite| resolve(&report.sources, rewrite).ok());
    let fixes = resolved.filter(|it| !it.edits.is_empty()).map(|suggestion| {
        let mut changes: BTreeMap<String, Vec<Replacement>> = BTreeMap::new();
        for edit in suggestion.edits {
            let place = place(report, edit.at);
            let Some(deleted_region) = region(&place) else { continue };
            let replacement = Replacement { deleted_region, inserted_content: Text { text: edit.text } };
            changes.entry(place.path).or_default().push(replacement);
        }
        let changes = changes.into_iter();
        Fix {
            description: Text { text: plain(&super::visible::line(&suggestion.title)) },
            artifact_changes: changes
                .map(|(path, replacements)| ArtifactChange { artifact_location: artifact(&path), replacements })
                .collect(),
        }
    });
    // SARIF wants each once.
    let mut distinct: Vec<Fix> = Vec::new();
    for fix in fixes {
        if !distinct.contains(&fix) {
            distinct.push(fix);
        }
    }
    distinct
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_path_is_a_uri() {
        assert_eq!(artifact("a b/c:d%\n\"ü.rs").uri, "a%20b/c%3Ad%25%0A%22%C3%BC.rs");
        assert_eq!(artifact("/tmp/x.rs").uri, "file:///tmp/x.rs");
        assert_eq!(artifact("C:/x.rs").uri, "file:///C%3A/x.rs");
        assert_eq!(plain(r"[a](b) \"), r"\[a\](b) \\");
    }
}
