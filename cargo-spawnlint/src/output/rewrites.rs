//! The rewrites of a finding, as people see them: the best one as a diff, the others by their titles.

use super::{
    page::{Ink, Page, bullet},
    style::Style,
    visible::{line as visible_line, short_words},
};
use crate::{
    fix::{Region, Suggestion, cargo_add, patched, regions, resolve},
    report::Report,
};
use spawnlint_analysis::span::FileId;
use spawnlint_rules::finding::{Applicability, Finding, Rewrite};

/// Of a longer diff the rest is counted.
const MANY_LINES: usize = 40;
/// A longer diff is no part of a brief message.
const FEW_LINES: usize = 2;
/// Longer lines are cut to what stands around the change.
const LONG_LINE: usize = 300;
/// Bytes that are kept before a change in a long line, if there is room.
const AROUND: usize = 60;

/// All rewrites, best first: that one as a diff, the others by their titles.
pub(super) fn all(page: &mut Page, border: usize, report: &Report, finding: &Finding, style: Style) {
    let package = report.origin(finding.at.file).and_then(|origin| origin.package.as_deref());
    for (at, rewrite) in finding.rewrites.iter().enumerate() {
        let title = title(rewrite, package);
        let title = if at == 0 { title } else { format!("or {title}") };
        page.hanging(bullet(Some(border), "help"), &short_words(&title), style.width);
        if at == 0 {
            let indent = border + "= help: ".len();
            match diff(report, rewrite) {
                Ok(files) => write_diff(page, report, files, indent, style),
                Err(why) => _ = page.line(Ink::Plain, format!("{:indent$}not shown: {why}", "")),
            }
        }
    }
}

/// One rewrite, as a diff if that is short. Of lines that are `shown` above only the new text is repeated.
pub(super) fn brief(
    page: &mut Page,
    border: usize,
    report: &Report,
    finding: &Finding,
    (rewrite, shown): (&Rewrite, &[usize]),
    style: Style,
) {
    let package = report.origin(finding.at.file).and_then(|origin| origin.package.as_deref());
    page.hanging(bullet(Some(border), "help"), &short_words(&title(rewrite, package)), style.width);
    let suggestion = match resolve(&report.sources, rewrite) {
        Ok(suggestion) => suggestion,
        Err(why) => {
            page.line(Ink::Plain, format!("{:1$}not shown: {why}", "", border + "= help: ".len()));
            return;
        }
    };
    // A diff is of whole files, and most need not be made.
    let lines: usize = suggestion.edits.iter().map(|edit| edit.text.matches('\n').count()).sum();
    let is_elsewhere = suggestion.edits.iter().any(|edit| edit.at.file != finding.at.file);
    if is_elsewhere || lines > FEW_LINES || suggestion.edits.len() > FEW_LINES * 2 {
        return;
    }
    let mut files = diff_of_all(report, &suggestion);
    files.iter_mut().for_each(|(_, lines)| replace_shown(lines, shown));
    // The place of the finding names its file.
    if let [(file, lines)] = files.as_slice()
        && *file == finding.at.file
        && lines.len() <= FEW_LINES
    {
        lines.iter().for_each(|it| it.write(page, border.saturating_sub(1), border - 1, style));
    }
}

/// As rustc's `~`: a line in place of one with the same number, where both lists go together one by one.
fn replace_shown(lines: &mut Vec<Changed>, shown: &[usize]) {
    let numbers = |mark: char| lines.iter().filter(move |it| it.mark == mark).map(|it| it.number);
    if numbers('-').eq(numbers('+')) && numbers('-').all(|number| shown.contains(&number)) {
        lines.retain(|it| it.mark == '+');
        lines.iter_mut().for_each(|it| it.mark = '~');
    }
}

/// A line that goes or comes.
struct Changed {
    ink: Ink,
    mark: char,
    number: usize,
    text: String,
    /// What stands in its place.
    other: String,
}

impl Changed {
    /// Its number to the right of `digits` columns that begin at `indent`.
    fn write(&self, page: &mut Page, digits: usize, end: usize, style: Style) {
        let indent = end.saturating_sub(digits);
        let room = style.width.map_or(LONG_LINE, |width| width.saturating_sub(end + " - ".len()).max(20));
        let text = cut(&self.text, &self.other, room);
        let text = format!("{:indent$}{:>digits$} {} {}", "", self.number, self.mark, visible_line(text.trim_end()));
        page.line(self.ink, text.trim_end());
    }
}

/// What a rewrite does, how far it can be trusted, and what it needs.
pub fn title(rewrite: &Rewrite, package: Option<&str>) -> String {
    let trust = match rewrite.applicability {
        Applicability::MachineApplicable => "machine applicable",
        Applicability::MaybeIncorrect => "may be incorrect",
        Applicability::HasPlaceholders => "has placeholders",
    };
    let needs = rewrite.needs.iter().map(|need| format!("; needs `{}`", cargo_add(need, package)));
    visible_line(&format!("{} ({trust}{})", rewrite.title, needs.collect::<String>())).into_owned()
}

/// What a rewrite changes, file by file.
fn diff(report: &Report, rewrite: &Rewrite) -> Result<Vec<(FileId, Vec<Changed>)>, String> {
    let suggestion = resolve(&report.sources, rewrite).map_err(|why| why.to_string())?;
    Ok(diff_of_all(report, &suggestion))
}

fn diff_of_all(report: &Report, suggestion: &Suggestion) -> Vec<(FileId, Vec<Changed>)> {
    let patched = patched(&report.sources, suggestion).unwrap_or_default();
    patched.into_iter().map(|(file, new)| (file, diff_of(&report.sources.get(file).text, &new))).collect()
}

fn diff_of(old_text: &str, new_text: &str) -> Vec<Changed> {
    let (old_lines, new_lines): (Vec<&str>, Vec<&str>) = (old_text.lines().collect(), new_text.lines().collect());
    let line = |lines: &[&str], at: usize| lines.get(at).map(|it| (*it).to_owned());
    let mut changed = Vec::new();
    for Region { old, new } in regions(old_text, new_text) {
        changed.extend(old.clone().filter_map(|at| {
            let other = line(&new_lines, new.start + (at - old.start)).unwrap_or_default();
            Some(Changed { ink: Ink::Old, mark: '-', number: at + 1, text: line(&old_lines, at)?, other })
        }));
        changed.extend(new.clone().filter_map(|at| {
            let other = line(&old_lines, old.start + (at - new.start)).unwrap_or_default();
            Some(Changed { ink: Ink::New, mark: '+', number: at + 1, text: line(&new_lines, at)?, other })
        }));
    }
    changed
}

fn write_diff(page: &mut Page, report: &Report, files: Vec<(FileId, Vec<Changed>)>, indent: usize, style: Style) {
    let all: usize = files.iter().map(|(_, lines)| lines.len() + 1).sum();
    let mut left = MANY_LINES;
    for (file, lines) in files {
        if left == 0 {
            break;
        }
        let digits = lines.iter().map(|it| it.number).max().unwrap_or(1).to_string().len();
        page.line(Ink::Border, format!("{:indent$}--> ", ""))
            .push(Ink::Plain, visible_line(&report.sources.get(file).path));
        left -= 1;
        let shown = lines.len().min(left);
        lines[..shown].iter().for_each(|it| it.write(page, digits, indent + digits, style));
        left -= shown;
    }
    if all > MANY_LINES {
        page.line(Ink::Dim, format!("{:indent$}… and {} more lines; --diff prints all of them", "", all - MANY_LINES));
    }
}

/// A long line from a little before the place where it begins to differ.
fn cut(text: &str, other: &str, room: usize) -> String {
    // Each character takes at least a byte; wide ones are rare enough to stick out.
    if text.chars().take(room + 1).count() <= room {
        return text.to_owned();
    }
    let room = room.saturating_sub(2);
    let same = text.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let same = text.floor_char_boundary(same);
    let blank = text.len() - text.trim_start().len();
    let start = if text[..same].chars().count() <= room / 2 {
        0
    } else if text[blank..].chars().count() <= room {
        // What is cut off are blanks first.
        blank
    } else {
        text.floor_char_boundary(same.saturating_sub(AROUND.min(room / 3)))
    };
    let end = text[start..].char_indices().nth(room).map_or(text.len(), |(at, _)| start + at);
    let (before, after) = (if start > 0 { "…" } else { "" }, if end < text.len() { "…" } else { "" });
    format!("{before}{}{after}", &text[start..end])
}
