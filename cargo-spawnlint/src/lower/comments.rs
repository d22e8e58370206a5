//! `// spawnlint: allow(rule): reason`: reading the comment and finding what it speaks of.

use super::cx::Cx;
use super::scan::{Comment, Scan};
use ra_ap_rustc_lexer::{FrontmatterAllowed, TokenKind, tokenize};
use spawnlint_analysis::facts::Suppression;
use spawnlint_analysis::span::TextRange;

const EXPECTED: &str = "expected `spawnlint: allow(rule): reason`";

/// Adds the suppressions of a file. Everything else must have been lowered before.
pub(super) fn suppressions(cx: &mut Cx<'_>, text: &str, scan: &Scan) {
    if scan.comments.is_empty() {
        return;
    }
    let elements = elements(cx);
    for comment in &scan.comments {
        let mut it = read(text, comment.range);
        match covers(text, scan, comment, &elements) {
            Ok(covers) => it.covers = covers,
            Err(problem) => it.problem = it.problem.or(Some(problem.to_owned())),
        }
        cx.out.suppressions.push(it);
    }
}

/// Reads the words of a comment; `covers` is not known yet.
fn read(text: &str, range: TextRange) -> Suppression {
    let source = &text[range.start as usize..range.end as usize];
    let mut it = Suppression { range, covers: range, rules: vec![], reason: String::new(), problem: None };
    let source = source.strip_suffix("*/").unwrap_or(source);
    let Some(at) = source.find("spawnlint:") else { return it };
    let mut cursor = Words { source, at: at + "spawnlint:".len(), start: range.start };
    cursor.spaces();
    it.problem = cursor.allow(&mut it).err();
    it
}

struct Words<'t> {
    source: &'t str,
    at: usize,
    start: u32,
}

impl<'t> Words<'t> {
    fn rest(&self) -> &'t str {
        &self.source[self.at..]
    }

    fn spaces(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn allow(&mut self, acc: &mut Suppression) -> Result<(), String> {
        let word = self.word();
        if word != "allow" {
            return Err(format!("{EXPECTED}, found `{word}`"));
        }
        self.spaces();
        if !self.rest().starts_with('(') {
            return Err(format!("{EXPECTED}: rules go in parentheses"));
        }
        self.at += 1;
        let Some(len) = self.rest().find(')') else {
            return Err(format!("{EXPECTED}: the `)` is missing"));
        };
        let end = self.at + len;
        let mut problem = None;
        for part in self.source[self.at..end].split(',') {
            let name = part.trim();
            let start = self.start + (self.at + part.len() - part.trim_start().len()) as u32;
            self.at += part.len() + 1;
            if name.is_empty() {
                continue;
            }
            let range = TextRange::new(start, start + name.len() as u32);
            let plain = name.strip_prefix("spawnlint::").unwrap_or(name).replace('-', "_");
            if !ra_ap_rustc_lexer::is_ident(&plain) {
                problem.get_or_insert(format!("{EXPECTED}: `{name}` is not a rule"));
                continue;
            }
            acc.rules.push((plain, range));
        }
        self.at = end + 1;
        if acc.rules.is_empty() {
            return Err(problem.unwrap_or(format!("{EXPECTED}: no rule is named")));
        }
        self.spaces();
        if let Some(reason) = self.rest().strip_prefix(':') {
            acc.reason = reason.trim().to_owned();
        } else if !self.rest().is_empty() {
            problem.get_or_insert(format!("{EXPECTED}: a reason goes after a colon"));
        }
        problem.map_or(Ok(()), Err)
    }

    fn word(&mut self) -> &'t str {
        let rest = self.rest();
        let len = rest.find(|c: char| !ra_ap_rustc_lexer::is_id_continue(c)).unwrap_or(rest.len());
        self.at += len;
        &rest[..len]
    }
}

fn covers(text: &str, scan: &Scan, comment: &Comment, elements: &[TextRange]) -> Result<TextRange, &'static str> {
    if comment.is_inner_doc {
        let before = &text[scan.start..comment.range.start as usize];
        return match next_code(before) {
            None => Ok(TextRange::new(0, text.len() as u32)),
            Some(_) => Err("`//! spawnlint:` applies to the whole file and must be at its top"),
        };
    }
    if comment.is_trailing {
        return Ok(line(text, comment.range.start));
    }
    let after = &text[comment.range.end as usize..];
    let Some((at, kind)) = next_code(after) else { return Err(NOTHING_BELOW) };
    if matches!(kind, TokenKind::CloseBrace | TokenKind::CloseParen | TokenKind::CloseBracket) {
        return Err(NOTHING_BELOW);
    }
    let start = comment.range.end + at;
    let begins_here = elements.partition_point(|range| range.start < start);
    let widest = elements[begins_here..].iter().take_while(|range| range.start == start).map(|range| range.end).max();
    // Attributes belong to what they stand on. The line alone: the middle of a method chain, for example.
    let first = comment.range.end + first_token(after);
    Ok(widest.map_or_else(|| line(text, start), |end| TextRange::new(first, end)))
}

const NOTHING_BELOW: &str = "no code follows that this comment could apply to";

fn line(text: &str, at: u32) -> TextRange {
    let start = text[..at as usize].rfind('\n').map_or(0, |at| at + 1);
    let end = text[at as usize..].find('\n').map_or(text.len(), |len| at as usize + len);
    let line = text[start..end].trim_end_matches('\r');
    TextRange::new(start as u32, (start + line.len()) as u32)
}

/// The offset of the first token that is neither space nor comment.
fn first_token(text: &str) -> u32 {
    let is_empty = |kind: &TokenKind| {
        matches!(kind, TokenKind::Whitespace | TokenKind::LineComment { .. } | TokenKind::BlockComment { .. })
    };
    tokenize(text, FrontmatterAllowed::No).take_while(|token| is_empty(&token.kind)).map(|token| token.len).sum()
}

/// The first token that is neither space, comment nor attribute, and its offset.
fn next_code(text: &str) -> Option<(u32, TokenKind)> {
    let mut at = 0;
    let mut attribute: Option<u32> = None;
    for token in tokenize(text, FrontmatterAllowed::No) {
        let start = at;
        at += token.len;
        match (token.kind, &mut attribute) {
            (TokenKind::Whitespace | TokenKind::LineComment { .. } | TokenKind::BlockComment { .. }, _) => {}
            (TokenKind::Pound, attribute @ None) => *attribute = Some(0),
            (TokenKind::OpenBracket, Some(depth)) => *depth += 1,
            (TokenKind::CloseBracket, Some(depth)) => {
                *depth = depth.saturating_sub(1);
                if *depth == 0 {
                    attribute = None;
                }
            }
            (_, Some(_)) => {}
            (kind, None) => return Some((start, kind)),
        }
    }
    None
}

/// Everything that a comment can stand above, by where it begins.
fn elements(cx: &Cx<'_>) -> Vec<TextRange> {
    let out = &cx.out;
    let mut all = cx.elements.clone();
    all.extend(&out.expr_ranges);
    all.extend(out.arms.iter().map(|it| it.range));
    all.extend(out.functions.iter().map(|it| it.range));
    all.extend(out.types.iter().map(|it| it.range));
    all.extend(out.types.iter().flat_map(|it| &it.fields).map(|it| it.range));
    all.extend(out.impls.iter().map(|it| it.range));
    all.extend(out.consts.iter().map(|it| it.range));
    all.extend(out.imports.iter().map(|it| it.range));
    all.extend(out.modules.iter().skip(1).map(|it| it.range));
    all.extend(out.pat_ranges.iter());
    all.sort_unstable_by_key(|range| range.start);
    all
}
