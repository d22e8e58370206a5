//! A file gets a new text: wholly or not at all, whenever the program is interrupted.

use crate::{beside::Beside, project::io_message, read};
use std::{
    fmt, fs,
    io::{self, Write},
    path::Path,
};

/// Why a file was not replaced. Nothing of it has changed.
#[derive(Debug)]
pub enum Refusal {
    /// Somebody else wrote to it since it was read.
    Changed,
    /// It may not be written.
    ReadOnly,
    /// Nothing may be written beside it.
    ReadOnlyFolder,
    /// It is not for this program to write to.
    NotOurs(read::Refusal),
    /// The system says no.
    Io(io::Error),
}

impl Refusal {
    /// Whether whoever reads what is written has seen enough.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Refusal::Io(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Changed => f.write_str("it changed on disk since it was read"),
            Refusal::ReadOnly => f.write_str("it is read-only"),
            Refusal::ReadOnlyFolder => f.write_str("its folder is read-only"),
            Refusal::NotOurs(why) => why.fmt(f),
            Refusal::Io(error) => f.write_str(&io_message(error)),
        }
    }
}

impl Refusal {
    /// Why nothing can be written beside a file.
    fn of_folder(error: io::Error) -> Refusal {
        match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Refusal::ReadOnlyFolder,
            _ => Refusal::Io(error),
        }
    }
}

/// Puts `new` in the place of a file that still says `old`. Links are followed; permissions and, where that is
/// allowed, the owner stay. The new text is written beside the file and takes its name in one step, so that other names
/// of the file (hard links) keep the old text.
///
/// # Errors
/// If it is not a regular file, if it or its folder may not be written, or if it says something else by now.
pub fn replace(path: &Path, old: &str, new: &str) -> Result<(), Refusal> {
    let path = path.canonicalize().map_err(Refusal::Io)?;
    let metadata = path.symlink_metadata().map_err(Refusal::Io)?;
    if !metadata.is_file() {
        return Err(Refusal::NotOurs(read::Refusal::NotRegular));
    }
    if metadata.permissions().readonly() {
        // A rename would not ask.
        return Err(Refusal::ReadOnly);
    }
    if let Err(error) = fs::OpenOptions::new().write(true).open(&path) {
        let is_denied = matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem);
        return Err(if is_denied { Refusal::ReadOnly } else { Refusal::Io(error) });
    }
    let folder = path.parent().unwrap_or(Path::new("/"));
    ensure_writable_folder(folder)?;
    let mut beside = Beside::new(folder).map_err(Refusal::of_folder)?;
    fill(&mut beside, new.as_bytes(), Some(&metadata)).map_err(Refusal::Io)?;
    match read::read_regular(&path, old.len() as u64) {
        Ok(bytes) if bytes == old.as_bytes() => beside.take_name(&path).map_err(Refusal::Io),
        Ok(_) | Err(read::Refusal::TooLarge { .. } | read::Refusal::NotRegular) => Err(Refusal::Changed),
        Err(read::Refusal::Io(error)) => Err(Refusal::Io(error)),
        Err(refusal) => Err(Refusal::NotOurs(refusal)),
    }
}

/// Writes a file that this program makes and the user names: new, or in the place of an older one, and as a whole. Links
/// are followed, unless they lead out of the repository in which they lie. What is no regular file, such as a pipe, is
/// written into.
///
/// # Errors
/// If it may not be written, or there is no room for it.
pub fn put(path: &Path, bytes: &[u8]) -> Result<(), Refusal> {
    read::ensure_no_link_out(path).map_err(Refusal::NotOurs)?;
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let old = path.metadata().ok();
    if old.as_ref().is_some_and(|it| !it.is_file()) {
        let mut file = fs::OpenOptions::new().write(true).open(&path).map_err(Refusal::Io)?;
        return file.write_all(bytes).and_then(|()| file.flush()).map_err(Refusal::Io);
    }
    if old.as_ref().is_some_and(|it| it.permissions().readonly()) {
        return Err(Refusal::ReadOnly);
    }
    let folder = path.parent().unwrap_or(Path::new("/"));
    ensure_writable_folder(folder)?;
    let mut beside = Beside::new(folder).map_err(Refusal::of_folder)?;
    fill(&mut beside, bytes, old.as_ref()).and_then(|()| beside.take_name(&path)).map_err(Refusal::Io)
}

/// The administrator may write everywhere, and is asked not to.
fn ensure_writable_folder(folder: &Path) -> Result<(), Refusal> {
    let is_locked = cfg!(unix) && folder.metadata().map_err(Refusal::Io)?.permissions().readonly();
    if is_locked { Err(Refusal::ReadOnlyFolder) } else { Ok(()) }
}

/// Gives a new file its text, and what the old one had.
fn fill(beside: &mut Beside, bytes: &[u8], old: Option<&fs::Metadata>) -> io::Result<()> {
    if let Some(old) = old {
        keep_owner(beside.path(), old)?;
        beside.file().set_permissions(old.permissions())?;
    }
    beside.file().write_all(bytes)?;
    beside.file().sync_all()
}

/// Whoever may give files away gives this one to the owner of the old one.
#[cfg(unix)]
fn keep_owner(beside: &Path, old: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, chown};
    let new = beside.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        chown(beside, Some(old.uid()), Some(old.gid())).ok();
    }
    Ok(())
}

#[cfg(not(unix))]
fn keep_owner(_: &Path, _: &fs::Metadata) -> io::Result<()> {
    Ok(())
}
