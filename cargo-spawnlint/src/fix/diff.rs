//! What differs between two texts, line by line.

use std::ops::Range;

/// Lines that differ, of either text; numbers from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// In the old text.
    pub old: Range<usize>,
    /// In the new one.
    pub new: Range<usize>,
}

/// Which text a line of a patch belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// It says where something is, and is no line of either.
    Header,
    /// Both.
    Both,
    /// The old one.
    Old,
    /// The new one.
    New,
}

/// Lines around a change that a patch shows.
const CONTEXT: usize = 3;

/// How many lines may differ before the rest is taken to differ as a whole.
const MAX_DIFFERENT: usize = 1_000;

/// The lines of a text, each with its line break.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// The parts in which two texts differ, in order.
pub fn regions(old: &str, new: &str) -> Vec<Region> {
    let (old, new) = (lines(old), lines(new));
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&old_rest[..old_rest.len() - tail], &new_rest[..new_rest.len() - tail]);
    let mut regions = Vec::new();
    let (mut old_at, mut new_at) = (0, 0);
    let end = (a.len(), b.len());
    for (x, y) in common(a, b).into_iter().chain([end]) {
        if (old_at, new_at) != (x, y) {
            regions.push(Region { old: head + old_at..head + x, new: head + new_at..head + y });
        }
        (old_at, new_at) = (x + 1, y + 1);
    }
    regions
}

/// The lines that stay, as pairs of their numbers: Myers' shortest edit script.
fn common(a: &[&str], b: &[&str]) -> Vec<(usize, usize)> {
    let max = (a.len() + b.len()).min(MAX_DIFFERENT);
    let offset = max as isize + 1;
    // How far each diagonal got, with `steps` lines that differ.
    let mut reached = vec![0_usize; 2 * max + 3];
    let mut trace: Vec<Vec<usize>> = Vec::new();
    for steps in 0..=max as isize {
        trace.push(reached.clone());
        for diagonal in (-steps..=steps).step_by(2) {
            let at = (diagonal + offset) as usize;
            let is_insertion = diagonal == -steps || (diagonal != steps && reached[at - 1] < reached[at + 1]);
            let mut x = if is_insertion { reached[at + 1] } else { reached[at - 1] + 1 };
            let mut y = (x as isize - diagonal) as usize;
            while x < a.len() && y < b.len() && a[x] == b[y] {
                (x, y) = (x + 1, y + 1);
            }
            reached[at] = x;
            if x >= a.len() && y >= b.len() {
                return walk_back(&trace, offset, (a.len(), b.len()));
            }
        }
    }
    Vec::new()
}

fn walk_back(trace: &[Vec<usize>], offset: isize, end: (usize, usize)) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let (mut x, mut y) = (end.0 as isize, end.1 as isize);
    for (steps, reached) in trace.iter().enumerate().rev() {
        let steps = steps as isize;
        let diagonal = x - y;
        let got = |diagonal: isize| reached[(diagonal + offset) as usize] as isize;
        let is_insertion = diagonal == -steps || (diagonal != steps && got(diagonal - 1) < got(diagonal + 1));
        let before = if is_insertion { diagonal + 1 } else { diagonal - 1 };
        let (old_x, old_y) = if steps == 0 { (0, 0) } else { (got(before), got(before) - before) };
        while x > old_x && y > old_y {
            (x, y) = (x - 1, y - 1);
            pairs.push((x as usize, y as usize));
        }
        (x, y) = (old_x, old_y);
    }
    pairs.reverse();
    pairs
}

/// The lines of a patch as `git apply` and `patch -p1` take it, with their line breaks. Without a `diff --git` line
/// git takes the path to be relative to where it is called, not to the top of the repository.
pub fn unified(path: &str, old: &str, new: &str) -> Vec<(Side, String)> {
    let regions = regions(old, new);
    if regions.is_empty() {
        return Vec::new();
    }
    let (old, new) = (lines(old), lines(new));
    let mut patch = vec![
        (Side::Header, format!("--- {}\n", file_name("a", path))),
        (Side::Header, format!("+++ {}\n", file_name("b", path))),
    ];
    let is_near = |a: &Region, b: &Region| b.old.start - a.old.end <= 2 * CONTEXT;
    for hunk in regions.chunk_by(is_near) {
        let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { continue };
        let before = first.old.start.min(CONTEXT);
        let after = (old.len() - last.old.end).min(CONTEXT);
        let old_lines = first.old.start - before..last.old.end + after;
        let new_lines = first.new.start - before..last.new.end + after;
        patch.push((Side::Header, format!("@@ -{} +{} @@\n", place(&old_lines), place(&new_lines))));
        let mut at = old_lines.start;
        for region in hunk {
            patch.extend(old[at..region.old.start].iter().map(|line| patch_line(Side::Both, line)));
            patch.extend(old[region.old.clone()].iter().map(|line| patch_line(Side::Old, line)));
            patch.extend(new[region.new.clone()].iter().map(|line| patch_line(Side::New, line)));
            at = region.old.end;
        }
        patch.extend(old[at..old_lines.end].iter().map(|line| patch_line(Side::Both, line)));
    }
    patch
}

fn patch_line(side: Side, line: &str) -> (Side, String) {
    let mark = match side {
        Side::Old => '-',
        Side::New => '+',
        Side::Both | Side::Header => ' ',
    };
    let end = if line.ends_with('\n') { "" } else { "\n\\ No newline at end of file\n" };
    (side, format!("{mark}{line}{end}"))
}

/// `12,3`; what has no lines is named by the line before it.
fn place(lines: &Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.start + 1),
        many => format!("{},{many}", lines.start + 1),
    }
}

/// A name is quoted if it would not be read back otherwise.
fn file_name(side: &str, path: &str) -> String {
    let path = path.trim_start_matches('/');
    let is_plain = !path.contains(|it: char| it.is_control() || it == '"' || it == '\\');
    if is_plain {
        // git looks for a tab where a name has spaces.
        let tab = if path.contains(' ') { "\t" } else { "" };
        return format!("{side}/{path}{tab}");
    }
    let mut quoted = format!("\"{side}/");
    for byte in path.bytes() {
        match byte {
            b'"' | b'\\' => quoted.extend(['\\', char::from(byte)]),
            b' '..=b'~' => quoted.push(char::from(byte)),
            _ => quoted += &format!("\\{byte:03o}"),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(old: &str, new: &str) -> String {
        unified("src/a.rs", old, new).into_iter().map(|(_, line)| line).collect()
    }

    #[test]
    fn nothing_changed() {
        assert_eq!(patch("a\nb\n", "a\nb\n"), "");
    }

    #[test]
    fn a_line_in_the_middle() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        assert_eq!(
            patch(old, "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
            "--- a/src/a.rs\n+++ b/src/a.rs\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"
        );
        let far = patch(&old.repeat(3), &format!("x\n{}", old.repeat(3)).replacen("9\n1", "9\ny\n1", 2));
        assert_eq!(far.matches("@@ -").count(), 3, "{far}");
    }

    #[test]
    fn last_lines_without_a_break() {
        assert_eq!(
            patch("a\nb", "a\nc\n"),
            "--- a/src/a.rs\n+++ b/src/a.rs\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n"
        );
        assert!(patch("", "a\n").contains("@@ -0,0 +1 @@\n+a\n"));
    }

    #[test]
    fn the_shortest_script_is_found() {
        let chars = |text: &str| text.chars().map(|it| format!("{it}\n")).collect::<String>();
        let count = |a: &str, b: &str| {
            let regions = regions(&chars(a), &chars(b));
            regions.iter().map(|it| it.old.len() + it.new.len()).sum::<usize>()
        };
        assert_eq!(count("abcabba", "cbabac"), 5);
        assert_eq!(count("", "abc"), 3);
        assert_eq!(count("abc", ""), 3);
        assert_eq!(count("abcdef", "abxdef"), 2);
        let (long, other) = ("a".repeat(3_000), "b".repeat(3_000));
        assert_eq!(count(&long, &other), 6_000, "a large difference is one difference");
    }

    #[test]
    fn names_that_need_quotes() {
        assert_eq!(file_name("a", "src/ä.rs"), "a/src/ä.rs");
        assert_eq!(file_name("a", "my file.rs"), "a/my file.rs\t");
        assert_eq!(file_name("a", "x\"\\\n.rs"), "\"a/x\\\"\\\\\\012.rs\"");
        assert_eq!(file_name("a", "/tmp/x.rs"), "a/tmp/x.rs");
    }
}
