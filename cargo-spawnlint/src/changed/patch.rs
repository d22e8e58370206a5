//! What `git diff --unified=0` prints, as lines that changed. Contents are counted over, never looked at for headers:
//! a line of code may well begin with `+++ b/`.

use anyhow::{Context, Result, bail};
use std::path::{Component, PathBuf};

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileDiff {
    /// Its path now, from the top of the repository.
    pub(super) path: PathBuf,
    pub(super) change: Change,
}

/// In which way it changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// Line by line. Nothing for a file that was renamed, or has another mode.
    Lines(Vec<Hunk>),
    /// git cannot tell lines apart.
    Whole,
    /// A repository within this one, with the commits that it was and is at.
    Submodule { old: Option<String>, new: String },
}

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

/// Reads a patch; files that are gone are left out.
pub(super) fn parse(patch: &[u8]) -> Result<Vec<FileDiff>> {
    let mut all = Vec::new();
    let mut file: Option<Draft<'_>> = None;
    let mut lines = patch.split(|byte| *byte == b'\n').enumerate();
    while let Some((at, line)) = lines.next() {
        let unreadable = || format!("git printed a diff that cannot be read, in its line {}", at + 1);
        if let Some(names) = line.strip_prefix(b"diff --git ") {
            all.extend(file.replace(Draft::new(names)).map(Draft::done).transpose()?.flatten());
        } else if let Some(name) = unmerged(line) {
            all.extend(file.take().map(Draft::done).transpose()?.flatten());
            all.push(FileDiff { path: path(&unquoted(name)), change: Change::Whole });
        } else if let Some(file) = &mut file {
            if line.starts_with(b"@@ ") {
                let (old, new) = ranges(line).with_context(unreadable)?;
                let (mut minus, mut plus) = (old.len, new.len);
                let mut lost_nothing = true;
                while minus + plus > 0 {
                    let (_, line) = lines.next().with_context(unreadable)?;
                    match line.first() {
                        Some(b'-') if minus > 0 => {
                            minus -= 1;
                            lost_nothing &= says_nothing(&line[1..]);
                            file.submodule(&line[1..], |commit| (Some(commit), None));
                        }
                        Some(b'+') if plus > 0 => {
                            plus -= 1;
                            file.submodule(&line[1..], |commit| (None, Some(commit)));
                        }
                        // The last line before had no end.
                        Some(b'\\') => {}
                        _ => bail!(unreadable()),
                    }
                }
                file.hunks.push(Hunk { old, new, lost_nothing });
            } else {
                file.header(line);
            }
        }
    }
    all.extend(file.map(Draft::done).transpose()?.flatten());
    Ok(all)
}

/// A file whose part of the patch is being read.
#[derive(Debug, Default)]
struct Draft<'a> {
    /// `a/old b/new`.
    names: &'a [u8],
    /// From a line that has nothing else in it.
    path: Option<Vec<u8>>,
    is_gone: bool,
    is_binary: bool,
    /// Files have a line with their hashes; a submodule in which something is not committed has none.
    has_hashes: bool,
    is_submodule: bool,
    commits: (Option<String>, Option<String>),
    hunks: Vec<Hunk>,
}

impl<'a> Draft<'a> {
    fn new(names: &'a [u8]) -> Draft<'a> {
        Draft { names, ..Draft::default() }
    }

    fn header(&mut self, line: &[u8]) {
        if let Some(name) = line.strip_prefix(b"rename to ").or_else(|| line.strip_prefix(b"copy to ")) {
            self.path = Some(unquoted(name));
        } else if let Some(name) = line.strip_prefix(b"+++ ") {
            // A name with spaces in it is followed by a tab.
            let name = unquoted(name.strip_suffix(b"\t").unwrap_or(name));
            self.path = name.strip_prefix(b"b/").map(<[u8]>::to_vec).or(self.path.take());
        } else if line.starts_with(b"Binary files ") {
            self.is_binary = true;
        }
        self.is_gone |= line.starts_with(b"deleted file mode ");
        self.has_hashes |= line.starts_with(b"index ");
        let has_mode = ["new file mode ", "new mode ", "index "].iter().any(|it| line.starts_with(it.as_bytes()));
        self.is_submodule |= has_mode && line.ends_with(b" 160000");
    }

    fn submodule(&mut self, line: &[u8], side: impl FnOnce(String) -> (Option<String>, Option<String>)) {
        let commit = line.strip_prefix(b"Subproject commit ").filter(|_| self.is_submodule || !self.has_hashes);
        let Some(commit) = commit else { return };
        self.is_submodule = true;
        let commit = String::from_utf8_lossy(commit);
        let (old, new) = side(commit.trim_end_matches("-dirty").to_owned());
        self.commits = (old.or(self.commits.0.take()), new.or(self.commits.1.take()));
    }

    fn done(self) -> Result<Option<FileDiff>> {
        if self.is_gone {
            return Ok(None);
        }
        let change = match (self.is_submodule, self.commits.1) {
            (true, Some(new)) => Change::Submodule { old: self.commits.0, new },
            _ if self.is_binary => Change::Whole,
            _ if self.hunks.is_empty() => return Ok(None),
            _ => Change::Lines(self.hunks),
        };
        let name = self.path.or_else(|| same_name(self.names));
        let names = String::from_utf8_lossy(self.names);
        let name = name.with_context(|| format!("git printed a diff without a name: {names}"))?;
        let path = path(&name);
        if !path.components().all(|part| matches!(part, Component::Normal(_))) {
            bail!("git printed a diff of a file outside of the repository: {names}");
        }
        Ok(Some(FileDiff { path, change }))
    }
}

/// The path in `a/path b/path`: without a rename both are the same, so that its length shows where it ends.
fn same_name(names: &[u8]) -> Option<Vec<u8>> {
    let half = names.len().checked_sub(1)? / 2;
    let (old, new) = (unquoted(names.get(..half)?), unquoted(names.get(half + 1..)?));
    let (old, new) = (old.strip_prefix(b"a/")?, new.strip_prefix(b"b/")?);
    (old == new).then(|| new.to_vec())
}

/// A file with conflicts in it: `* Unmerged path x`, `diff --cc x`.
fn unmerged(line: &[u8]) -> Option<&[u8]> {
    ["* Unmerged path ", "diff --cc ", "diff --combined "].iter().find_map(|it| line.strip_prefix(it.as_bytes()))
}

/// `@@ -3,2 +4 @@ fn f()`.
fn ranges(line: &[u8]) -> Option<(Lines, Lines)> {
    let line = String::from_utf8_lossy(line);
    let mut words = line.split(' ').skip(1);
    let mut side = |sign: char| {
        let word = words.next()?.strip_prefix(sign)?;
        let (start, len) = word.split_once(',').unwrap_or((word, "1"));
        let lines = Lines { start: start.parse().ok()?, len: len.parse().ok()? };
        // No file has so many lines, and nobody has to think of the end of numbers.
        (lines.start.max(lines.len) < u32::MAX / 4).then_some(lines)
    };
    Some((side('-')?, side('+')?))
}

fn says_nothing(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let speaks = b"spawnlint";
    line.is_empty() || (line.starts_with(b"//") && !line.windows(speaks.len()).any(|it| it == speaks))
}

/// A path as it is: git puts those with unusual characters in quotes, as C does.
fn unquoted(name: &[u8]) -> Vec<u8> {
    let Some(inner) = name.strip_prefix(b"\"").and_then(|it| it.strip_suffix(b"\"")) else { return name.to_vec() };
    let mut plain = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            plain.push(byte);
            continue;
        }
        plain.push(match bytes.next() {
            Some(b'a') => 7,
            Some(b'b') => 8,
            Some(b't') => b'\t',
            Some(b'n') => b'\n',
            Some(b'v') => 11,
            Some(b'f') => 12,
            Some(b'r') => b'\r',
            Some(digit @ b'0'..=b'7') => {
                let rest = [bytes.next(), bytes.next()].into_iter().flatten();
                rest.fold(digit - b'0', |sum, digit| sum.wrapping_mul(8).wrapping_add(digit.wrapping_sub(b'0')))
            }
            Some(other) => other,
            None => break,
        });
    }
    plain
}

/// A path of git's, which is bytes.
pub(super) fn path(bytes: &[u8]) -> PathBuf {
    #[cfg(unix)]
    {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};
        PathBuf::from(OsStr::from_bytes(bytes))
    }
    #[cfg(not(unix))]
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn shown(patch: &str) -> String {
        let files = parse(patch.as_bytes()).map_err(|error| error.to_string());
        let line = |it: &FileDiff| match &it.change {
            Change::Lines(hunks) => {
                let hunks = hunks.iter().map(|Hunk { old, new, lost_nothing }| {
                    let nothing = if *lost_nothing { " nothing lost" } else { "" };
                    format!(" -{},{} +{},{}{nothing}", old.start, old.len, new.start, new.len)
                });
                format!("{:?}{}\n", it.path, hunks.collect::<String>())
            }
            other => format!("{:?} {other:?}\n", it.path),
        };
        files.map_or_else(|error| error + "\n", |files| files.iter().map(line).collect())
    }

    #[test]
    fn patches() {
        let patch = r#"diff --git a/src/a b.rs b/src/a b.rs
index 1..2 100644
--- a/src/a b.rs	
+++ b/src/a b.rs	
@@ -3,2 +2,0 @@ fn f() {
-
-    // a comment
@@ -9 +8,2 @@
--- a/src/not_a_header.rs
+++ b/src/not_a_header.rs
+diff --git a/x b/x
\ No newline at end of file
@@ -11 +12,0 @@
-// spawnlint: allow(all)
diff --git a/old.rs b/new.rs
similarity index 100%
rename from old.rs
rename to new.rs
diff --git a/old2.rs "b/n\303\244\t\"w\".rs"
similarity index 90%
rename from old2.rs
rename to "n\303\244\t\"w\".rs"
index 1..2 100644
--- a/old2.rs
+++ "b/n\303\244\t\"w\".rs"
@@ -1 +1 @@
-a
\ No newline at end of file
+b
diff --git a/gone.rs b/gone.rs
deleted file mode 100644
index 1..0
--- a/gone.rs
+++ /dev/null
@@ -1 +0,0 @@
-a
diff --git a/x b/y.rs b/x b/y.rs
index 1..2 100644
Binary files a/x b/y.rs and b/x b/y.rs differ
diff --git "a/\303\244.bin" "b/\303\244.bin"
new file mode 100644
index 0..2
Binary files /dev/null and "b/\303\244.bin" differ
diff --git a/empty.rs b/empty.rs
new file mode 100644
index 0..1
diff --git a/sub b/sub
index 1..2 160000
--- a/sub
+++ b/sub
@@ -1 +1 @@
-Subproject commit 1111
+Subproject commit 2222-dirty
diff --git a/dirty b/dirty
--- a/dirty
+++ b/dirty
@@ -1 +1 @@
-Subproject commit 3333
+Subproject commit 3333-dirty
diff --git a/text b/text
index 1..2 100644
--- a/text
+++ b/text
@@ -1 +1 @@
-Subproject commit 3333
+Subproject commit 3333-dirty
* Unmerged path both.rs
diff --cc both.rs
index 1,2..0
--- a/both.rs
+++ b/both.rs
@@@ -1,1 -1,1 +1,5 @@@
++<<<<<<< ours
"#;
        expect![[r#"
            "src/a b.rs" -3,2 +2,0 nothing lost -9,1 +8,2 -11,1 +12,0
            "nä\t\"w\".rs" -1,1 +1,1
            "x b/y.rs" Whole
            "ä.bin" Whole
            "sub" Submodule { old: Some("1111"), new: "2222" }
            "dirty" Submodule { old: Some("3333"), new: "3333" }
            "text" -1,1 +1,1
            "both.rs" Whole
            "both.rs" Whole
        "#]]
        .assert_eq(&shown(patch));
    }

    #[test]
    fn what_is_cut_off_is_told() {
        expect![[r#"
            git printed a diff that cannot be read, in its line 4
        "#]]
        .assert_eq(&shown("diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1,2 @@\n-a\n+b\n"));
        expect![[r#"
            git printed a diff that cannot be read, in its line 4
        "#]]
        .assert_eq(&shown("diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +x @@\n-a\n+b\n"));
        expect![[r#"
            git printed a diff that cannot be read, in its line 3
        "#]]
        .assert_eq(&shown("diff --git a/a b/a\n+++ b/a\n@@ -1,4294967295 +1,4294967295 @@\n-a\n+b\n"));
        for outside in ["b//etc/passwd", "b/../a", "b/a/../../b"] {
            expect![[r#"
                git printed a diff of a file outside of the repository: a/a b/a
            "#]]
            .assert_eq(&shown(&format!("diff --git a/a b/a\n+++ {outside}\n@@ -1 +1 @@\n-a\n+b\n")));
        }
    }
}
