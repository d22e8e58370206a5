//! A file gets a new text: wholly or not at all, whenever the program is interrupted.

use crate::project::io_message;
use std::{
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
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
            Refusal::Io(error) => f.write_str(&io_message(error)),
        }
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Refusal {
        match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Refusal::ReadOnlyFolder,
            _ => Refusal::Io(error),
        }
    }
}

/// Puts `new` in the place of a file that still says `old`. Links are followed; permissions and, where that is
/// allowed, the owner stay. The new text is written beside the file and takes its name in one step.
///
/// # Errors
/// If the file or its folder may not be written, or the file says something else by now.
pub fn replace(path: &Path, old: &str, new: &str) -> Result<(), Refusal> {
    let path = path.canonicalize().map_err(Refusal::Io)?;
    let metadata = path.metadata().map_err(Refusal::Io)?;
    if metadata.permissions().readonly() {
        // A rename would not ask.
        return Err(Refusal::ReadOnly);
    }
    if let Err(error) = fs::OpenOptions::new().write(true).open(&path) {
        let is_denied = matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem);
        return Err(if is_denied { Refusal::ReadOnly } else { Refusal::Io(error) });
    }
    let folder = path.parent().unwrap_or(Path::new("/"));
    if cfg!(unix) && folder.metadata().map_err(Refusal::Io)?.permissions().readonly() {
        // The administrator may write here all the same, and is asked not to.
        return Err(Refusal::ReadOnlyFolder);
    }
    let (beside, mut file) = create_beside(&path)?;
    let written = keep_owner(&beside, &metadata)
        .and_then(|()| file.set_permissions(metadata.permissions()))
        .and_then(|()| file.write_all(new.as_bytes()))
        .and_then(|()| file.sync_all());
    drop(file);
    let moved = written.map_err(Refusal::Io).and_then(|()| {
        if fs::read(&path).map_err(Refusal::Io)? != old.as_bytes() {
            return Err(Refusal::Changed);
        }
        fs::rename(&beside, &path).map_err(Refusal::Io)
    });
    if moved.is_err() {
        // What cannot be removed either is left where it is: the error that is told is the first one.
        fs::remove_file(&beside).ok();
    }
    moved
}

/// Writes a file that this program makes: new, or in the place of an older one, and as a whole. Links are followed. What
/// is no regular file, such as a pipe, is written into.
///
/// # Errors
/// If it may not be written, or there is no room for it.
pub fn put(path: &Path, bytes: &[u8]) -> Result<(), Refusal> {
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
    if cfg!(unix) && folder.metadata().map_err(Refusal::Io)?.permissions().readonly() {
        return Err(Refusal::ReadOnlyFolder);
    }
    let (beside, mut file) = create_beside(&path)?;
    let kept = old.map_or(Ok(()), |old| {
        keep_owner(&beside, &old)?;
        file.set_permissions(old.permissions())
    });
    let written = kept.and_then(|()| file.write_all(bytes)).and_then(|()| file.sync_all());
    drop(file);
    let moved = written.and_then(|()| fs::rename(&beside, &path));
    if moved.is_err() {
        fs::remove_file(&beside).ok();
    }
    moved.map_err(Refusal::Io)
}

/// A new file in the same folder, hidden, and with no ending that anything takes for Rust.
fn create_beside(path: &Path) -> io::Result<(PathBuf, fs::File)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut number = 0;
    loop {
        let beside = path.with_file_name(format!(".{name}.spawnlint-{}-{number}", std::process::id()));
        match fs::File::create_new(&beside) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 100 => number += 1,
            created => return created.map(|file| (beside, file)),
        }
    }
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
