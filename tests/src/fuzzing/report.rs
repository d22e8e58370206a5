//! A report full of hostile text, through all writers.

use super::{levels, project};
use arbitrary::{Arbitrary as _, Result, Unstructured};
use cargo_spawnlint::{
    engine::{Engine, Options},
    inventory::Inventory,
    output::{
        Color, Detail, Style, checkstyle, github, gitlab, human, json, junit, markdown, rdjson, sarif, short,
        tasks::{self, dot, mermaid},
    },
    report::{Problem, Report, Severity},
};
use spawnlint_analysis::span::{Source, Sources};
use spawnlint_rules::{finding::Piece, rules::RULES};
use std::{io, sync::Arc};

/// What may stand in names and texts, and should not reach a terminal or break a format.
const HOSTILE: &[&str] = &[
    "\u{1b}[31m",
    "\u{202e}",
    "\u{2066}",
    "\n",
    "\r",
    "\t",
    "\0",
    "\u{7f}",
    "\u{9b}1m",
    "]]>",
    "<!--",
    "</failure>",
    "&#27;",
    "\"",
    "'",
    "\\",
    "`",
    "|",
    "::error::x",
    "%0A",
    "```",
    "${x}",
    "\u{feff}",
    "\u{fffe}",
    "\u{ffff}",
    "\u{e0001}",
    "ä",
    "🦀",
    "/",
    "..",
    "a",
];

/// Text of strangers in all places of a report.
///
/// # Panics
/// If a writer fails, its output is not what the format wants, or a character in it steers a terminal.
pub fn formats(data: &[u8]) {
    let Ok((report, inventory)) = hostile(&mut Unstructured::new(data)) else { return };
    let write = |name: &str, write: &dyn Fn(&mut Vec<u8>) -> io::Result<()>| {
        let mut out = Vec::new();
        write(&mut out).unwrap_or_else(|error| panic!("{name}: {error}"));
        let text = String::from_utf8(out).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!text.contains(steers), "{name}: {:?} in {text:?}", text.chars().find(|it| steers(*it)));
        text
    };
    for text in
        [write("checkstyle", &|out| checkstyle::write(&report, out)), write("junit", &|out| junit::write(&report, out))]
    {
        roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    }
    for (name, text) in [
        ("gitlab", write("gitlab", &|out| gitlab::write(&report, out))),
        ("rdjson", write("rdjson", &|out| rdjson::write(&report, out))),
        ("sarif", write("sarif", &|out| sarif::write(&report, out))),
        ("tasks", write("tasks", &|out| tasks::json::write(&inventory, out))),
    ] {
        serde_json::from_str::<serde_json::Value>(&text).unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
    }
    for line in write("json", &|out| json::write(&report, true, Detail::Brief, Default::default(), out)).lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap_or_else(|error| panic!("{error}\n{line}"));
    }
    for line in write("github", &|out| github::write(&report, out)).lines() {
        let is_command = ["::error ", "::warning ", "::notice "].iter().any(|start| line.starts_with(start));
        assert!(is_command, "{line:?}");
    }
    write("human", &|out| human::write(&report, Style::plain(Detail::Full), out));
    let narrow = Style { width: Some(40), ..Style::plain(Detail::Brief) };
    write("narrow", &|out| human::write(&report, narrow, out));
    write("short", &|out| short::write(&report, out));
    write("markdown", &|out| markdown::write(&report, out));
    write("tasks human", &|out| tasks::human::write(&inventory, Color::Plain, Detail::Full, out));
    write("dot", &|out| dot::write(&inventory, out));
    write("mermaid", &|out| mermaid::write(&inventory, out));
}

/// Whether a character does something to a terminal, or to how the ones around it look.
pub(super) fn steers(it: char) -> bool {
    it != '\n' && it != '\t' && (it.is_control() || is_invisible(it))
}

fn is_invisible(it: char) -> bool {
    matches!(it, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{e0000}'..='\u{e007f}')
}

/// The report and the inventory of a small program, with hostile text wherever a stranger has a say.
fn hostile(input: &mut Unstructured<'_>) -> Result<(Report, Inventory)> {
    let comment = text(input)?.replace(['\n', '\r'], " ");
    let literal: String = text(input)?.chars().filter(|it| !matches!(it, '"' | '\\' | '\r')).collect();
    let code = format!(
        "//{comment}\nuse tokio::task::JoinHandle;\npub struct Server {{ handle: JoinHandle<()> }}\nimpl Server {{\n    \
         pub fn start(name: &'static str) {{\n        tokio::spawn(async move {{ loop {{ work(\"{literal}\").await }} }});\n        \
         /*{}*/ let _ = tokio::spawn(ticks(name, \"{literal}\"));\n    }}\n}}\n",
        comment.replace('*', "")
    );
    let files = vec![("a/src/lib.rs".to_owned(), code)];
    let mut options = Options::new(RULES);
    options.jobs = 1;
    options.levels = levels();
    let mut engine = Engine::from_texts(project(&files), files, options).expect("the engine starts");
    let mut inventory = engine.inventory();
    spoil(input, &mut inventory.report)?;
    let report = inventory.report.clone();
    for task in &mut inventory.tasks {
        task.entry.krate = text(input)?;
        task.entry.starter.name = text(input)?;
        task.entry.api = text(input)?;
        task.entry.via = vec![text(input)?];
    }
    Ok((report, inventory))
}

fn spoil(input: &mut Unstructured<'_>, report: &mut Report) -> Result<()> {
    let mut sources = Sources::default();
    for (_, source) in report.sources.iter() {
        sources.add(Source::new(text(input)?, Arc::clone(&source.text)));
    }
    report.sources = Arc::new(sources);
    for origin in &mut report.origins {
        origin.package = Some(text(input)?);
        origin.package_id = text(input)?;
        origin.manifest_path = text(input)?;
        origin.target = serde_json::json!({ "name": text(input)?, "src_path": text(input)? });
    }
    report.repository.prefix = text(input)?;
    for it in &mut report.diagnostics {
        it.finding.message = text(input)?;
        it.finding.label = text(input)?;
        it.finding.notes = vec![text(input)?];
        it.finding.helps = vec![text(input)?];
        it.site.item = text(input)?;
        it.site.module = text(input)?;
        for label in &mut it.finding.labels {
            label.text = text(input)?;
        }
        for rewrite in &mut it.finding.rewrites {
            rewrite.title = text(input)?;
            for edit in Arc::make_mut(&mut rewrite.edits) {
                edit.text.push(Piece::new(text(input)?));
            }
        }
    }
    let severity = if bool::arbitrary(input)? { Severity::Error } else { Severity::Warning };
    let problem = Problem { severity, help: Some(text(input)?), ..Problem::error(text(input)?, text(input)?) };
    report.problems.push(problem.clone());
    report.left_out.push(problem);
    Ok(())
}

/// A few hostile pieces, or any text at all.
fn text(input: &mut Unstructured<'_>) -> Result<String> {
    let mut text = String::new();
    for _ in 0..input.int_in_range(0..=4)? {
        match input.ratio(1, 4)? {
            true => text.push(char::arbitrary(input)?),
            false => text.push_str(input.choose(HOSTILE)?),
        }
    }
    Ok(text)
}
