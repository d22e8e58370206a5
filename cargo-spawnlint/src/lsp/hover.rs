//! What the inventory knows of a task, where the code speaks of it: hovers, inlay hints, code lenses.

use super::diagnostics::Places;
use crate::{inventory::Listed, output::task_words as words};
use lsp_types::{
    CodeLens, Command, Hover, HoverContents, InlayHint, InlayHintLabel, MarkupContent, MarkupKind, Position, Range,
};
use spawnlint_analysis::{
    questions::{EndingKind, Named, Owner, Work},
    span::{Span, TextRange},
};
use std::path::Path;

/// How much a place has to do with a task: the nearest is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Nearness {
    Spawn,
    Handle,
    Signal,
    Wait,
}

/// Tells of the tasks at a place.
pub(super) fn hover(places: &mut Places<'_>, path: &Path, at: Position, offset: usize) -> Option<Hover> {
    let snapshot = places.snapshot;
    let file = snapshot.file(path).filter(|file| places.is_current(*file))?;
    let mut found: Vec<(Nearness, u32, &Listed, Span)> = Vec::new();
    for task in &snapshot.inventory.tasks {
        let entry = &task.entry;
        let spawns = [entry.head, entry.spawn].into_iter().map(|at| (Nearness::Spawn, at));
        let handle = entry.fate.place().into_iter().map(|at| (Nearness::Handle, at));
        let signals = entry.ending.signals.iter().map(|it| (Nearness::Signal, it.at));
        let waits = entry.ending.evidence.iter().map(|it| (Nearness::Wait, it.at));
        let loops = entry.ending.loops.iter().map(|it| (Nearness::Wait, it.at));
        let near = spawns.chain(handle).chain(signals).chain(waits).chain(loops);
        let here = near.filter(|(_, span)| span.file == file && holds(span.range, offset));
        if let Some((nearness, span)) = here.min_by_key(|(nearness, span)| (*nearness, len(span.range))) {
            found.push((nearness, len(span.range), task, span));
        }
    }
    let (nearest, shortest) = found.iter().map(|it| (it.0, it.1)).min()?;
    // More is no help.
    let told: Vec<_> = found.into_iter().filter(|it| (it.0, it.1) == (nearest, shortest)).take(5).collect();
    let range = told.first().and_then(|it| places.range(it.3)).unwrap_or(Range::new(at, at));
    let text: Vec<String> = told.iter().map(|it| describe(places, it.2)).collect();
    let contents = MarkupContent { kind: MarkupKind::Markdown, value: text.join("\n\n---\n\n") };
    Some(Hover { contents: HoverContents::Markup(contents), range: Some(range) })
}

fn holds(range: TextRange, offset: usize) -> bool {
    (range.start as usize..=range.end as usize).contains(&offset)
}

fn len(range: TextRange) -> u32 {
    range.end - range.start
}

/// A task, as Markdown.
fn describe(places: &Places<'_>, task: &Listed) -> String {
    let entry = &task.entry;
    let mut lines = vec![format!("**task** {}: {}", code(&words::work(&entry.work)), task.verdict.word())];
    let mut add = |what: &str, text: String| lines.push(format!("- {what}: {text}"));
    let starter = named(places, &entry.starter);
    add("started by", format!("{starter}, {}", entry.reach.word()));
    match &entry.work {
        Work::Function(it) | Work::Wrapper(it) | Work::Block(_, Some(it)) | Work::Closure(_, Some(it)) => {
            add("runs", named(places, it));
        }
        Work::Block(..) | Work::Closure(..) | Work::Other(..) => {}
    }
    add("ends", words::ending(&entry.ending));
    let signals = entry.ending.signals.iter().map(|it| linked(places, &words::signal(it), it.at));
    let signals: Vec<String> = signals.collect();
    if !signals.is_empty() {
        add("ended by", signals.join(", "));
    }
    let handle = words::handle(entry);
    add("handle", entry.fate.place().map_or_else(|| plain(&handle), |at| linked(places, &handle, at)));
    match &entry.owner {
        Owner::Function(it) => add("owner", named(places, it)),
        Owner::Nobody => add("owner", "nobody".to_owned()),
        other => {
            if let Some(name) = words::owner(other) {
                add("owner", code(&name));
            }
        }
    }
    for cause in entry.causes() {
        let why = cause.at.map_or_else(|| plain(&cause.why), |at| linked(places, &cause.why, at));
        add(&format!("{} unknown", cause.of), why);
    }
    for (at, dead) in entry.dead_signs() {
        add("cannot end here", linked(places, &dead.why, at));
    }
    if entry.ending.kind == EndingKind::Never {
        for it in entry.ending.evidence.iter().filter(|it| it.dead.is_none()) {
            add("because", linked(places, &it.text, it.at));
        }
    }
    let rules = words::rules(task);
    if !rules.is_empty() {
        add("reported by", rules);
    }
    lines.join("\n")
}

fn named(places: &Places<'_>, it: &Named) -> String {
    link(places, &code(&it.name), it.at)
}

fn linked(places: &Places<'_>, text: &str, at: Span) -> String {
    link(places, &plain(text), at)
}

fn link(places: &Places<'_>, text: &str, at: Span) -> String {
    let source = places.snapshot.report().sources.get(at.file);
    let (line, _) = source.line_column(at.range.start);
    match places.uri(at.file) {
        Some(uri) => format!("[{text}]({}#L{line})", uri.as_str()),
        None => text.to_owned(),
    }
}

/// Text of the code as code.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'"))
}

/// Text that is no Markdown.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for it in crate::output::printable_line(text).chars() {
        if "\\*_[]<>#|".contains(it) {
            out.push('\\');
        }
        out.push(it);
    }
    out
}

/// When the tasks end that are started in a range.
pub(super) fn hints(places: &mut Places<'_>, path: &Path, range: Range) -> Vec<InlayHint> {
    let snapshot = places.snapshot;
    let Some(file) = snapshot.file(path) else { return Vec::new() };
    let mut hints: Vec<InlayHint> = Vec::new();
    for task in snapshot.inventory.tasks.iter().filter(|task| task.entry.site.file == file) {
        let Some(position) = places.range(task.entry.head).map(|it| it.end) else { continue };
        let label = match task.entry.ending.kind {
            EndingKind::Never => "never ends".to_owned(),
            EndingKind::OnPeer(_) => "until the peer closes".to_owned(),
            EndingKind::Unknown => continue,
            _ => format!("ends {}", words::ending(&task.entry.ending)),
        };
        let label = InlayHintLabel::String(format!(" {label}"));
        let is_there = |it: &InlayHint| it.position == position;
        if range.start <= position && position <= range.end && !hints.iter().any(is_there) {
            hints.push(InlayHint {
                position,
                label,
                kind: None,
                text_edits: None,
                tooltip: None,
                padding_left: None,
                padding_right: Some(true),
                data: None,
            });
        }
    }
    hints
}

/// How many tasks each function of a file starts.
pub(super) fn lenses(places: &mut Places<'_>, path: &Path) -> Vec<CodeLens> {
    let snapshot = places.snapshot;
    let Some(file) = snapshot.file(path) else { return Vec::new() };
    let tasks: Vec<&Listed> =
        snapshot.inventory.tasks.iter().filter(|task| task.entry.starter.at.file == file).collect();
    let mut starters: Vec<Span> = tasks.iter().map(|task| task.entry.starter.at).collect();
    starters.sort();
    starters.dedup();
    let lenses = starters.into_iter().filter_map(|at| {
        let of_it = || tasks.iter().filter(|task| task.entry.starter.at == at);
        let unowned = of_it().filter(|task| task.entry.owner == Owner::Nobody).count();
        let count = of_it().count();
        let tasks = if count == 1 { "task" } else { "tasks" };
        let title = format!("{count} {tasks}, {unowned} unowned");
        let command = Command { title, command: String::new(), arguments: None };
        Some(CodeLens { range: places.range(at)?, command: Some(command), data: None })
    });
    lenses.collect()
}
