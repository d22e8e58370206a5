//! The rewrites of a finding, as people see them: the best one as a diff, the others by their titles.

use super::visible::line as visible_line;
use crate::{
    fix::{Region, cargo_add, patched, regions, resolve},
    output::Color,
    report::Report,
};
use spawnlint_analysis::span::FileId;
use spawnlint_rules::finding::{Applicability, Finding, Rewrite};

/// Of a longer diff the rest is counted.
const MANY_LINES: usize = 40;
/// Longer lines are cut to what stands around the change.
const LONG_LINE: usize = 300;
/// Bytes that are kept before a change in a long line.
const AROUND: usize = 60;

const OLD: &str = "\x1b[31m";
const NEW: &str = "\x1b[32m";
const RESET: &str = "\x1b[0m";

/// One text for each rewrite, best first.
pub(super) fn texts(report: &Report, finding: &Finding, color: Color) -> Vec<String> {
    let package = report.origin(finding.at.file).and_then(|origin| origin.package.as_deref());
    let texts = finding.rewrites.iter().enumerate().map(|(at, rewrite)| {
        if at > 0 {
            return format!("or {}", title(rewrite, package));
        }
        title(rewrite, package) + &diff(report, rewrite, color)
    });
    texts.collect()
}

/// What a rewrite does, how far it can be trusted, and what it needs.
pub(super) fn title(rewrite: &Rewrite, package: Option<&str>) -> String {
    let trust = match rewrite.applicability {
        Applicability::MachineApplicable => "machine applicable",
        Applicability::MaybeIncorrect => "may be incorrect",
        Applicability::HasPlaceholders => "has gaps to fill in",
    };
    let needs = rewrite.needs.iter().map(|need| format!("; needs `{}`", cargo_add(need, package)));
    visible_line(&format!("{} ({trust}{})", rewrite.title, needs.collect::<String>())).into_owned()
}

fn diff(report: &Report, rewrite: &Rewrite, color: Color) -> String {
    let patched = match resolve(&report.sources, rewrite) {
        Ok(suggestion) => patched(&report.sources, &suggestion).unwrap_or_default(),
        Err(why) => return format!("\nnot shown: {why}"),
    };
    let mut lines: Vec<String> = Vec::new();
    for (file, new) in &patched {
        lines.extend(diff_of(report, *file, new, color));
    }
    let more = lines.len().saturating_sub(MANY_LINES);
    lines.truncate(MANY_LINES);
    if more > 0 {
        lines.push(format!("… and {more} more lines; --diff prints all of them"));
    }
    lines.into_iter().map(|line| format!("\n{line}")).collect()
}

fn diff_of(report: &Report, file: FileId, new: &str, color: Color) -> Vec<String> {
    let source = report.sources.get(file);
    let (old_lines, new_lines): (Vec<&str>, Vec<&str>) = (source.text.lines().collect(), new.lines().collect());
    let regions = regions(&source.text, new);
    let last = regions.last().map_or(0, |region| region.old.end.max(region.new.end));
    let width = last.to_string().len();
    let mut lines = vec![format!("--> {}", visible_line(&source.path))];
    for Region { old, new } in regions {
        let olds = old.clone().filter_map(|at| Some((at, *old_lines.get(at)?)));
        let news = new.clone().filter_map(|at| Some((at, *new_lines.get(at)?)));
        for (mark, tint, (at, text), other) in olds
            .map(|it| ('-', OLD, it, new_lines.get(new.start + (it.0 - old.start)).copied()))
            .chain(news.map(|it| ('+', NEW, it, old_lines.get(old.start + (it.0 - new.start)).copied())))
        {
            let text = visible_line(cut(text, other.unwrap_or_default()).trim_end()).into_owned();
            let line = format!("{:>width$} {mark} {text}", at + 1);
            let line = line.trim_end();
            lines.push(if color == Color::Ansi { format!("{tint}{line}{RESET}") } else { line.to_owned() });
        }
    }
    lines
}

/// A long line from a little before the place where it begins to differ.
fn cut(text: &str, other: &str) -> String {
    if text.len() <= LONG_LINE {
        return text.to_owned();
    }
    let same = text.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let start = text.floor_char_boundary(same.saturating_sub(AROUND));
    let end = text.floor_char_boundary((start + LONG_LINE).min(text.len()));
    let (before, after) = (if start > 0 { "…" } else { "" }, if end < text.len() { "…" } else { "" });
    format!("{before}{}{after}", &text[start..end])
}
