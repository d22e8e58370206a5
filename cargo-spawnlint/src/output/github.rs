//! Workflow commands of GitHub: one annotation for each message.

use super::facts::{Entry, entries};
use crate::report::Report;
use std::io::{self, Write};

/// Writes all findings, then all problems.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    entries(report).iter().try_for_each(|entry| writeln!(out, "{}", command(entry)))
}

fn command(entry: &Entry<'_>) -> String {
    let mut properties = Vec::new();
    if let Some(place) = &entry.place {
        properties.push(("file", place.path.clone()));
        if let (Some(start), Some(end)) = (place.start, place.end) {
            properties.extend([("line", start.0.to_string()), ("endLine", end.0.to_string())]);
            // Columns in a range of several lines are refused.
            if start.0 == end.0 {
                properties.extend([("col", start.1.to_string()), ("endColumn", end.1.to_string())]);
            }
        }
    }
    properties.push(("title", entry.code()));
    let properties: Vec<String> =
        properties.iter().map(|(name, value)| format!("{name}={}", property(value))).collect();
    format!("::{} {}::{}", entry.level(), properties.join(","), data(&entry.full_text()))
}

/// What follows the command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A value among the properties. No other control character can stand in a workflow's log and do harm to the command.
fn property(text: &str) -> String {
    let text = data(text).replace(':', "%3A").replace(',', "%2C");
    super::visible::line(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command_or_a_property() {
        assert_eq!(data("100%\r\n::error::x"), "100%25%0D%0A::error::x");
        assert_eq!(property("a,b::c\n%3A"), "a%2Cb%3A%3Ac%0A%253A");
    }
}
