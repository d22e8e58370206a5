//! Files on disk, and whether they are what the index has. git is not asked to compare: it would send files through
//! whatever filter the repository names.

use super::{
    Failure, Git,
    blobs::{self, Blob, MAX_TEXT},
    differences::Kind,
    index::{self, Entry, Noted},
    path,
};
use std::{
    borrow::Cow,
    fs::{self, Metadata},
    io::Read as _,
    path::{Component, Path},
};

/// What became of an entry of the index on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is as it was, but for the ends of its lines.
    Same,
    /// It is another one.
    Different,
    /// It is no longer there, or something is that git would not keep.
    Gone,
}

/// The state of each entry. Submodules are the same as long as there is a folder.
///
/// # Errors
/// If git has no answer.
pub fn states(git: &Git, entries: &[Entry]) -> Result<Vec<State>, Failure> {
    // A file that was changed after the index was written may have the times that are noted all the same.
    let written = index::file(git)?.metadata().ok().and_then(|it| modified(&it));
    let mut open = Vec::new();
    let mut states: Vec<State> = entries
        .iter()
        .enumerate()
        .map(|(at, entry)| match glance(git.folder(), entry, written) {
            Some(state) => state,
            None => {
                open.push(at);
                State::Different
            }
        })
        .collect();
    let (files, links): (Vec<usize>, Vec<usize>) = open.into_iter().partition(|at| entries[*at].kind == Kind::File);
    let ids = hashes(git, files.iter().map(|at| entries[*at].path.as_slice()))?;
    let mut differ = links;
    for (at, id) in files.iter().zip(ids) {
        if id == entries[*at].id { states[*at] = State::Same } else { differ.push(*at) }
    }
    // What is left is what somebody changed, or what has other ends of lines: few.
    let read: Vec<(usize, Vec<u8>)> =
        differ.into_iter().filter_map(|at| Some((at, text(git.folder(), &entries[at])?))).collect();
    let blobs = blobs::read(git, &read.iter().map(|(at, _)| entries[*at].id.as_str()).collect())?;
    for (at, text) in read {
        if let Some(Blob::Text(blob)) = blobs.get(&entries[at].id)
            && unix_lines(blob) == unix_lines(&text)
        {
            states[at] = State::Same;
        }
    }
    Ok(states)
}

/// What is at a path that git names: the content of a file, or where a link leads. Nothing if it is too long, or
/// neither.
pub fn text(top: &Path, entry: &Entry) -> Option<Vec<u8>> {
    match entry.kind {
        Kind::Link => {
            let file = inside(top, &entry.path)?;
            let is_link = file.symlink_metadata().ok()?.is_symlink();
            // Where there are no links, git writes a file.
            if is_link {
                Some(file.read_link().ok()?.into_os_string().into_encoded_bytes())
            } else {
                read(top, &entry.path)
            }
        }
        Kind::File => read(top, &entry.path),
        Kind::Submodule => None,
    }
}

/// The content of a regular file below the top of a repository, if it is not too long.
pub fn read(top: &Path, name: &[u8]) -> Option<Vec<u8>> {
    let file = inside(top, name)?;
    let is_text = |it: &Metadata| it.is_file() && it.len() <= MAX_TEXT;
    file.symlink_metadata().ok().filter(is_text)?;
    let mut text = Vec::new();
    fs::File::open(file).ok()?.take(MAX_TEXT + 1).read_to_end(&mut text).ok()?;
    (text.len() as u64 <= MAX_TEXT).then_some(text)
}

/// Whether a file is there that git would keep.
pub fn is_there(top: &Path, name: &[u8]) -> bool {
    inside(top, name).and_then(|it| it.symlink_metadata().ok()).is_some_and(|it| it.is_file() || it.is_symlink())
}

/// A text in which lines end as they do on unix. `core.autocrlf` and `text` attributes are about nothing else, and
/// neither are they to a reader of Rust.
pub fn unix_lines(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.windows(2).any(|it| it == b"\r\n") {
        return Cow::Borrowed(text);
    }
    let mut plain = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\r\n") {
            Some(line) => {
                plain.extend_from_slice(line);
                plain.push(b'\n');
            }
            None => plain.extend_from_slice(line),
        }
    }
    Cow::Owned(plain)
}

/// The state of an entry, if nothing has to be read for it.
fn glance(top: &Path, entry: &Entry, written: Option<(u32, u32)>) -> Option<State> {
    let Some(file) = inside(top, &entry.path) else { return Some(State::Gone) };
    let Ok(metadata) = file.symlink_metadata() else {
        // A sparse checkout leaves out what it does not need.
        return Some(if entry.is_sparse || entry.is_assumed { State::Same } else { State::Gone });
    };
    match entry.kind {
        Kind::Submodule => return Some(if metadata.is_dir() { State::Same } else { State::Gone }),
        _ if entry.is_assumed => return Some(State::Same),
        _ if !metadata.is_file() && !metadata.is_symlink() => return Some(State::Gone),
        Kind::File if metadata.is_symlink() => return Some(State::Different),
        _ => {}
    }
    let is_as_noted = entry.noted.is_some_and(|noted| is_as_noted(&noted, &metadata));
    let is_older = modified(&metadata).zip(written).is_some_and(|(file, index)| file < index);
    (is_as_noted && is_older).then_some(State::Same)
}

/// A path of git's below the top, unless it is none: an index can be made to say anything.
fn inside(top: &Path, name: &[u8]) -> Option<std::path::PathBuf> {
    let name = path(name);
    name.components().all(|it| matches!(it, Component::Normal(_))).then(|| top.join(name))
}

/// Seconds and nanoseconds, as far as git notes them.
fn modified(metadata: &Metadata) -> Option<(u32, u32)> {
    let time = metadata.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some((time.as_secs() as u32, time.subsec_nanos()))
}

fn is_as_noted(noted: &Noted, metadata: &Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let changed = (metadata.ctime() as u32, metadata.ctime_nsec() as u32);
        if (noted.changed, noted.inode) != (changed, metadata.ino() as u32) {
            return false;
        }
    }
    noted.size == metadata.len() as u32 && Some(noted.modified) == modified(metadata)
}

/// The names that files would have as objects, as they are.
fn hashes<'a>(git: &Git, names: impl Iterator<Item = &'a [u8]>) -> Result<Vec<String>, Failure> {
    let mut input = Vec::new();
    for name in names {
        quote(name, &mut input);
        input.push(b'\n');
    }
    if input.is_empty() {
        return Ok(Vec::new());
    }
    let answer = git.ask_about(&["hash-object", "--no-filters", "--stdin-paths"], &input)?;
    Ok(String::from_utf8_lossy(&answer).lines().map(str::to_owned).collect())
}

/// A path on a line of its own, in quotes as C has them.
fn quote(name: &[u8], line: &mut Vec<u8>) {
    line.push(b'"');
    for byte in name {
        match byte {
            b'"' | b'\\' => line.extend([b'\\', *byte]),
            0x20..0x7f => line.push(*byte),
            _ => line.extend(format!("\\{byte:03o}").into_bytes()),
        }
    }
    line.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted() {
        let mut line = Vec::new();
        quote("a \"b\"\\\n\u{e4}".as_bytes(), &mut line);
        assert_eq!(String::from_utf8(line).unwrap(), r#""a \"b\"\\\012\303\244""#);
    }

    #[test]
    fn ends_of_lines() {
        assert_eq!(unix_lines(b"a\r\nb\rc\n\r\n"), &b"a\nb\rc\n\n"[..]);
        assert!(matches!(unix_lines(b"a\nb\r"), Cow::Borrowed(_)));
    }

    #[test]
    fn names_that_lead_out() {
        let top = Path::new("/top");
        assert_eq!(inside(top, b"a/b"), Some(top.join("a/b")));
        for name in [&b"../a"[..], b"a/../../b", b"/etc/passwd"] {
            assert_eq!(inside(top, name), None);
        }
    }
}
