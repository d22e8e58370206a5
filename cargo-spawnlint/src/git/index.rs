//! What the index has: for each path an object, and what git has noted of the file on disk.

use super::{
    Failure, Git,
    differences::{Kind, kind},
    path, pieces, unreadable,
};
use std::path::PathBuf;

/// What the index has at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// From the top of the repository.
    pub path: Vec<u8>,
    /// What it is.
    pub kind: Kind,
    /// The name of its object.
    pub id: String,
    /// Whether a merge has left it with conflicts. There is an entry for each side then.
    pub is_unmerged: bool,
    /// Whether the user has told git not to look at the file on disk.
    pub is_assumed: bool,
    /// Whether a sparse checkout leaves it out.
    pub is_sparse: bool,
    /// What the file was when git last saw it in the state of the object.
    pub noted: Option<Noted>,
}

/// What git has noted of a file, each number as far as 32 bits go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noted {
    /// When it was last changed in any way: seconds, and nanoseconds of the second.
    pub changed: (u32, u32),
    /// When its content was last changed.
    pub modified: (u32, u32),
    /// Its number on the device.
    pub inode: u32,
    /// Its length.
    pub size: u32,
}

/// Every entry. No file on disk is looked at.
///
/// # Errors
/// If git has no answer.
pub fn entries(git: &Git) -> Result<Vec<Entry>, Failure> {
    let answer = git.ask(&["ls-files", "--stage", "-v", "--debug", "-z"])?;
    parse(&answer).ok_or_else(|| unreadable("ls-files"))
}

/// Where the index is.
///
/// # Errors
/// If git has no answer.
pub fn file(git: &Git) -> Result<PathBuf, Failure> {
    let answer = git.ask(&["rev-parse", "--git-path", "index"])?;
    Ok(git.folder().join(path(answer.strip_suffix(b"\n").unwrap_or(&answer))))
}

/// Files that git does not know and is not told to ignore. Folders end with a slash: other repositories, and with
/// `folders` also those in which it knows nothing.
///
/// # Errors
/// If git has no answer.
pub fn untracked(git: &Git, folders: Folders) -> Result<Vec<Vec<u8>>, Failure> {
    let mut args = vec!["ls-files", "--others", "--exclude-standard", "-z"];
    if folders == Folders::Whole {
        args.extend(["--directory", "--no-empty-directory"]);
    }
    Ok(pieces(&git.ask(&args)?).map(<[u8]>::to_vec).collect())
}

/// How folders are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folders {
    /// By their files.
    Files,
    /// By their own name, if nothing in them is known.
    Whole,
}

/// The filter that each of some paths goes through, as far as `.gitattributes` say. It is not run.
///
/// # Errors
/// If git has no answer.
pub fn filters(git: &Git, paths: &[&[u8]]) -> Result<Vec<(Vec<u8>, String)>, Failure> {
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let mut input = paths.join(&b"\0"[..]);
    input.push(0);
    let answer = git.ask_about(&["check-attr", "--stdin", "-z", "filter"], &input)?;
    let pieces: Vec<&[u8]> = pieces(&answer).collect();
    let filters = pieces.chunks_exact(3).filter_map(|it| {
        let name = String::from_utf8_lossy(it[2]).into_owned();
        (!["unspecified", "unset", "set"].contains(&name.as_str())).then(|| (it[0].to_vec(), name))
    });
    Ok(filters.collect())
}

/// Reads `H 100644 <id> 0\tpath\0` with lines after it that begin with spaces. Those are for people, and another version of git
/// may print others, so whatever is not understood is taken for not noted. Nothing if it is something else.
pub fn parse(answer: &[u8]) -> Option<Vec<Entry>> {
    let mut all = Vec::new();
    let mut rest = answer;
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == 0)?;
        let (head, after) = (&rest[..end], &rest[end + 1..]);
        rest = after;
        while rest.starts_with(b"  ") {
            rest = rest.iter().position(|byte| *byte == b'\n').map_or(&[][..], |end| &rest[end + 1..]);
        }
        let noted = noted(&after[..after.len() - rest.len()]);
        let tab = head.iter().position(|byte| *byte == b'\t')?;
        let mut words = std::str::from_utf8(&head[..tab]).ok()?.split(' ');
        let (tag, mode, id, stage) = (words.next()?, words.next()?, words.next()?, words.next()?);
        all.push(Entry {
            path: head[tab + 1..].to_owned(),
            kind: kind(mode)?,
            id: id.to_owned(),
            is_unmerged: stage != "0",
            is_assumed: tag.starts_with(|letter: char| letter.is_ascii_lowercase()),
            is_sparse: tag.eq_ignore_ascii_case("S"),
            noted,
        });
    }
    Some(all)
}

fn noted(lines: &[u8]) -> Option<Noted> {
    let text = std::str::from_utf8(lines).ok()?;
    let value = |name: &str| {
        let at = text.find(name)? + name.len();
        text[at..].split_whitespace().next()
    };
    let time = |name: &str| {
        let (seconds, rest) = value(name)?.split_once(':')?;
        Some((seconds.parse().ok()?, rest.parse().ok()?))
    };
    Some(Noted {
        changed: time("ctime: ")?,
        modified: time("mtime: ")?,
        inode: value("ino: ")?.parse().ok()?,
        size: value("size: ")?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_prints() {
        let answer = b"H 100644 1 0\ta b.rs\0  ctime: 5:6\n  mtime: 7:8\n  dev: 9\tino: 10\n  uid: 0\tgid: 0\n  size: 2\tflags: 8000\n\
            M 120000 2 2\ta\tb\n\0  ctime: 0:0\n  what: ever\nh 160000 3 0\tc\0S 100755 4 0\td\0";
        let all = parse(answer).unwrap();
        let noted = Noted { changed: (5, 6), modified: (7, 8), inode: 10, size: 2 };
        let plain = |path: &str, kind, id: &str| Entry {
            path: path.into(),
            kind,
            id: id.into(),
            is_unmerged: false,
            is_assumed: false,
            is_sparse: false,
            noted: None,
        };
        let expected = [
            Entry { noted: Some(noted), ..plain("a b.rs", Kind::File, "1") },
            Entry { is_unmerged: true, ..plain("a\tb\n", Kind::Link, "2") },
            Entry { is_assumed: true, ..plain("c", Kind::Submodule, "3") },
            Entry { is_sparse: true, ..plain("d", Kind::File, "4") },
        ];
        assert_eq!(all, expected);
        assert_eq!(parse(b"100644 1\ta\0"), None);
    }
}
