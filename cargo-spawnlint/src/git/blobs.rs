//! Texts as they are stored, which no filter has seen.

use super::{Failure, Git, unreadable};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// What is longer is not compared line by line: nobody writes such a text.
pub const MAX_TEXT: u64 = 16 << 20;

/// The content of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blob {
    /// As it is stored.
    Text(Vec<u8>),
    /// More than [`MAX_TEXT`].
    TooLong,
}

/// Reads objects by their names.
///
/// # Errors
/// If git has no answer, or one of them is not there.
pub fn read(git: &Git, ids: &BTreeSet<&str>) -> Result<FxHashMap<String, Blob>, Failure> {
    let mut all = FxHashMap::default();
    let mut short = Vec::new();
    for line in ask(git, "--batch-check", ids.iter())?.split(|byte| *byte == b'\n') {
        let line = String::from_utf8_lossy(line);
        let mut words = line.split(' ');
        let (Some(id), Some(kind)) = (words.next().filter(|id| !id.is_empty()), words.next()) else { continue };
        if kind == "missing" {
            return Err(Failure::Said(format!("could not fetch {id} from promisor remote, or it was never there")));
        }
        match words.next().and_then(|size| size.parse::<u64>().ok()) {
            Some(0..=MAX_TEXT) => short.push(id.to_owned()),
            Some(_) => _ = all.insert(id.to_owned(), Blob::TooLong),
            None => return Err(unreadable("cat-file --batch-check")),
        }
    }
    let answer = ask(git, "--batch", short.iter())?;
    let texts = parse(&answer).ok_or_else(|| unreadable("cat-file --batch"))?;
    all.extend(texts.into_iter().map(|(id, text)| (id, Blob::Text(text))));
    Ok(all)
}

fn ask(git: &Git, how: &str, ids: impl Iterator<Item = impl AsRef<str>>) -> Result<Vec<u8>, Failure> {
    let input: String = ids.map(|id| format!("{}\n", id.as_ref())).collect();
    if input.is_empty() { Ok(Vec::new()) } else { git.ask_about(&["cat-file", how], input.as_bytes()) }
}

/// Reads `<id> blob <size>\n<content>\n`. Nothing if it is something else.
pub fn parse(mut answer: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let mut all = Vec::new();
    while !answer.is_empty() {
        let end = answer.iter().position(|byte| *byte == b'\n')?;
        let head = std::str::from_utf8(&answer[..end]).ok()?;
        let (id, rest) = head.split_once(' ')?;
        let size: usize = rest.split(' ').nth(1)?.parse().ok()?;
        let text = answer.get(end + 1..)?.get(..size)?;
        all.push((id.to_owned(), text.to_owned()));
        answer = answer.get(end + 1 + size + 1..)?;
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_prints() {
        let all = parse(b"1 blob 3\na\nb\n2 blob 0\n\n3 blob 1\n\0\n").unwrap();
        assert_eq!(all, [("1".into(), b"a\nb".to_vec()), ("2".into(), Vec::new()), ("3".into(), b"\0".to_vec())]);
        assert_eq!(parse(b"1 blob 9\na\n"), None);
        assert_eq!(parse(b"1 missing\n"), None);
    }
}
