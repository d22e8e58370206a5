//! Which lines differ between two texts.

use crate::git::disk::unix_lines;
use imara_diff::{Algorithm, Diff, InternedInput};

/// Lines that were replaced. Starts are from 1; where there are no lines, the start is the line before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hunk {
    pub(super) old: Lines,
    pub(super) new: Lines,
    /// Whether what went said nothing: blank lines and comments that do not speak to this program.
    pub(super) lost_nothing: bool,
}

/// Some lines of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lines {
    pub(super) start: u32,
    pub(super) len: u32,
}

/// What differs, as git and its users see it: an added function begins with its own first line, not with the last one of
/// the function before. How lines end does not count.
pub(super) fn hunks(old: &[u8], new: &[u8]) -> Vec<Hunk> {
    let (old, new) = (unix_lines(old), unix_lines(new));
    let input = InternedInput::new(old.as_ref(), new.as_ref());
    let mut diff = Diff::compute(Algorithm::Myers, &input);
    diff.postprocess_lines(&input);
    let hunks = diff.hunks().map(|hunk| {
        let lost = &input.before[hunk.before.start as usize..hunk.before.end as usize];
        Hunk {
            old: lines(hunk.before.start, hunk.before.end),
            new: lines(hunk.after.start, hunk.after.end),
            lost_nothing: lost.iter().all(|line| says_nothing(input.interner[*line])),
        }
    });
    hunks.collect()
}

/// Lines by numbers from 0, the last one excluded.
fn lines(start: u32, end: u32) -> Lines {
    Lines { start: if start == end { start } else { start + 1 }, len: end - start }
}

fn says_nothing(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let speaks = b"spawnlint";
    line.is_empty() || (line.starts_with(b"//") && !line.windows(speaks.len()).any(|it| it == speaks))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(old: &str, new: &str) -> String {
        let hunk = |Hunk { old, new, lost_nothing }: Hunk| {
            let nothing = if lost_nothing { " nothing lost" } else { "" };
            format!("-{},{} +{},{}{nothing}", old.start, old.len, new.start, new.len)
        };
        hunks(old.as_bytes(), new.as_bytes()).into_iter().map(hunk).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn what_differs() {
        assert_eq!(shown("a\nb\nc\n", "a\nb\nc\n"), "");
        assert_eq!(shown("a\nb\nc\n", "a\nx\ny\nc\n"), "-2,1 +2,2");
        assert_eq!(shown("", "a\nb\n"), "-0,0 +1,2 nothing lost");
        assert_eq!(shown("a\n", ""), "-1,1 +0,0");
        assert_eq!(shown("a\n\n// b\nc\n", "a\nc\n"), "-2,2 +1,0 nothing lost");
        assert_eq!(shown("// spawnlint: allow(all)\nc\n", "c\n"), "-1,1 +0,0");
        // The last line has no end any more.
        assert_eq!(shown("a\nb\n", "a\nb"), "-2,1 +2,1");
    }

    #[test]
    fn how_lines_end_does_not_count() {
        assert_eq!(shown("a\nb\n", "a\r\nb\r\n"), "");
        assert_eq!(shown("a\r\nb\r\nc\n", "a\nx\nc\r\n"), "-2,1 +2,1");
    }

    #[test]
    fn what_is_added_begins_where_it_does_for_people() {
        let more = "fn a() {\n    x();\n}\n\nfn b() {\n    x();\n}\n\nfn c() {\n    x();\n}\n";
        let less = "fn a() {\n    x();\n}\n\nfn c() {\n    x();\n}\n";
        assert_eq!(shown(less, more), "-4,0 +5,4 nothing lost");
    }
}
