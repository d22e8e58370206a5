//! Summaries on disk, so that a second run parses only what changed.
//!
//! One pack file per workspace holds every summary under the hash of the text that it was made from.
//! A summary depends on nothing but that text and this program, so nothing ever has to be invalidated:
//! what is foreign, damaged or outdated is not found, and the file is parsed again.

use crate::{beside::Beside, read::read_regular};
use rustc_hash::FxHashMap;
use spawnlint_analysis::facts::{FileSummary, SCHEMA};
use std::{
    fs,
    io::{self, Write as _},
    ops::Range,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};
use twox_hash::XxHash3_128;

/// What a text is known by.
pub type Key = u128;

const MAGIC: &[u8; 16] = b"spawnlint-pack-1";
/// Key, checksum and length stand before each summary.
const ENTRY_HEADER: usize = 16 + 16 + 8;

/// A summary takes no more than so many times the bytes of its source.
const PACK_PER_SOURCE: u64 = 4;
/// Files that only a `mod` leads to are not counted before they are read.
const PACK_SLACK: u64 = 16 << 20;

/// The summaries of an earlier run.
#[derive(Debug, Default)]
pub struct Cache {
    path: PathBuf,
    pack: Vec<u8>,
    entries: FxHashMap<Key, Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    checksum: u128,
    payload: Range<usize>,
}

impl Cache {
    /// Reads the pack for a workspace from `folder`. A pack that is missing, damaged, or larger than the summaries of so
    /// many bytes of source can be, is an empty one.
    pub fn open(folder: &Path, workspace: &Path, source_bytes: u64) -> Cache {
        let name = XxHash3_128::oneshot(workspace.as_os_str().as_encoded_bytes());
        let path = folder.join(format!("summaries-{name:032x}.pack"));
        let most = source_bytes.saturating_mul(PACK_PER_SOURCE).saturating_add(PACK_SLACK);
        let pack = read_regular(&path, most).unwrap_or_default();
        let entries = index(&pack).unwrap_or_default();
        Cache { path, pack, entries }
    }

    /// The summary of a text, if it is there and sound.
    pub fn get(&self, key: Key) -> Option<FileSummary> {
        decode(self.payload(key)?)
    }

    fn payload(&self, key: Key) -> Option<&[u8]> {
        let entry = self.entries.get(&key)?;
        let payload = self.pack.get(entry.payload.clone())?;
        // A flipped bit may decode to a summary whose indices lead nowhere.
        (XxHash3_128::oneshot(payload) == entry.checksum).then_some(payload)
    }

    /// Writes the pack anew: the summaries under `keep` and the new ones. Does nothing if that changes nothing.
    ///
    /// # Errors
    /// If the folder cannot be written to. The old pack then is still whole.
    pub fn store(&self, keep: &[Key], new: &[(Key, Vec<u8>)]) -> io::Result<()> {
        if new.is_empty() && keep.len() == self.entries.len() {
            return Ok(());
        }
        let folder = self.path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        mark_as_cache(folder)?;
        let mut beside = Beside::new(folder)?;
        self.write(beside.file(), keep, new)?;
        beside.take_name(&self.path)
    }

    fn write(&self, to: &mut fs::File, keep: &[Key], new: &[(Key, Vec<u8>)]) -> io::Result<()> {
        let mut file = io::BufWriter::new(to);
        file.write_all(MAGIC)?;
        file.write_all(&program_id().to_le_bytes())?;
        let kept = keep.iter().filter_map(|key| Some((*key, self.payload(*key)?)));
        for (key, payload) in kept.chain(new.iter().map(|(key, payload)| (*key, payload.as_slice()))) {
            file.write_all(&key.to_le_bytes())?;
            file.write_all(&XxHash3_128::oneshot(payload).to_le_bytes())?;
            file.write_all(&(payload.len() as u64).to_le_bytes())?;
            file.write_all(payload)?;
        }
        file.into_inner()?.flush()
    }
}

/// The key of a text.
pub fn key(text: &str) -> Key {
    XxHash3_128::oneshot(text.as_bytes())
}

/// A summary as bytes.
pub fn encode(summary: &FileSummary) -> Vec<u8> {
    postcard::to_stdvec(summary).expect("a summary is plain data, and a vector takes any number of bytes")
}

/// The summary in these bytes; `None` if they hold none, or something after it.
pub fn decode(bytes: &[u8]) -> Option<FileSummary> {
    let (summary, rest) = postcard::take_from_bytes(bytes).ok()?;
    rest.is_empty().then_some(summary)
}

fn index(pack: &[u8]) -> Option<FxHashMap<Key, Entry>> {
    let header = pack.strip_prefix(MAGIC)?.get(..16)?;
    if header != program_id().to_le_bytes() {
        return None;
    }
    let mut entries = FxHashMap::default();
    let mut at = MAGIC.len() + 16;
    while let Some(header) = pack.get(at..at + ENTRY_HEADER) {
        let (key, rest) = header.split_first_chunk::<16>()?;
        let (checksum, len) = rest.split_first_chunk::<16>()?;
        let len = u64::from_le_bytes(len.try_into().ok()?);
        let start = at + ENTRY_HEADER;
        let end = start.checked_add(usize::try_from(len).ok()?)?;
        if end > pack.len() {
            break;
        }
        let entry = Entry { checksum: u128::from_le_bytes(*checksum), payload: start..end };
        entries.insert(u128::from_le_bytes(*key), entry);
        at = end;
    }
    Some(entries)
}

/// What wrote a pack: another build of this program may lower differently without a new [`SCHEMA`].
fn program_id() -> u128 {
    let build = std::env::current_exe().and_then(fs::metadata).ok();
    let time = build.as_ref().and_then(|it| it.modified().ok()?.duration_since(UNIX_EPOCH).ok());
    let id = format!("{SCHEMA} {} {:?} {time:?}", env!("CARGO_PKG_VERSION"), build.map(|it| it.len()));
    XxHash3_128::oneshot(id.as_bytes())
}

/// Backup programs and git leave out a folder with these files.
fn mark_as_cache(folder: &Path) -> io::Result<()> {
    // A link with this name is not followed.
    let mut tag = match fs::File::create_new(folder.join("CACHEDIR.TAG")) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        created => created?,
    };
    tag.write_all(
        b"Signature: 8a477f597d28d172789f06886806bc55\n# This file is a cache directory tag created by cargo-spawnlint.\n",
    )?;
    // Not every repository ignores its target folder.
    match fs::File::create_new(folder.join(".gitignore")) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        created => created?.write_all(b"*\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(name: &str) -> FileSummary {
        let mut it = FileSummary::default();
        it.names.push(name);
        it
    }

    fn pack_path(folder: &Path) -> PathBuf {
        Cache::open(folder, Path::new("w"), 0).path
    }

    #[test]
    fn a_summary_comes_back_and_unused_ones_go() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Cache::open(folder.path(), Path::new("w"), 0);
        open().store(&[], &[(1, encode(&summary("a"))), (2, encode(&summary("b")))]).unwrap();
        assert_eq!(open().get(1), Some(summary("a")));
        open().store(&[2], &[(3, encode(&summary("c")))]).unwrap();
        assert_eq!((open().get(1), open().get(2), open().get(3)), (None, Some(summary("b")), Some(summary("c"))));
    }

    #[test]
    fn damage_is_a_miss() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Cache::open(folder.path(), Path::new("w"), 0);
        open().store(&[], &[(1, encode(&summary("a"))), (2, encode(&summary("b")))]).unwrap();
        let path = pack_path(folder.path());
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x55;
            fs::write(&path, &damaged).unwrap();
            for (key, name) in [(1, "a"), (2, "b")] {
                assert!(open().get(key).is_none_or(|it| it == summary(name)));
            }
            fs::write(&path, &whole[..at]).unwrap();
            for (key, name) in [(1, "a"), (2, "b")] {
                assert!(open().get(key).is_none_or(|it| it == summary(name)));
            }
        }
    }
}
