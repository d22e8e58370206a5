//! Files that are written beside the one whose name they are to take, and removed if that never happens.
//!
//! Whoever writes such a file holds a lock on it. A run that is killed lets go of it, so that the next one that writes to
//! the same folder knows what was left behind.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};
use twox_hash::XxHash3_128;

const START: &str = ".spawnlint-";
const END: &str = ".tmp";

/// More files of one process in one folder are never there at a time.
const MOST: u32 = 100;

/// A new file that waits for its name. It is removed if it does not get it.
#[derive(Debug)]
pub struct Beside {
    path: PathBuf,
    /// Open, and so locked, as long as it is in the making.
    file: File,
    is_in_place: bool,
}

impl Beside {
    /// A new file in a folder: hidden, and with no ending that anything takes for Rust. What killed runs have left there
    /// goes.
    ///
    /// # Errors
    /// If the folder cannot be written to.
    pub fn new(folder: &Path) -> io::Result<Beside> {
        let folder = &folder.canonicalize()?;
        sweep(folder);
        let mut number = 0;
        loop {
            let path = folder.join(name(folder, std::process::id(), number));
            match File::create_new(&path) {
                Ok(file) if is_ours(&file) => return Ok(Beside { path, file, is_in_place: false }),
                // A run that sweeps took it for one that was left behind.
                Ok(_) if number < MOST => number += 1,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < MOST => number += 1,
                Ok(_) => return Err(io::ErrorKind::ResourceBusy.into()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Where it is for now.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file.
    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Gives it a name in the same folder, in the place of what has that name.
    ///
    /// # Errors
    /// If the system says no.
    pub fn take_name(mut self, path: &Path) -> io::Result<()> {
        self.file.flush()?;
        fs::rename(&self.path, path)?;
        self.is_in_place = true;
        Ok(())
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if !self.is_in_place {
            // What cannot be removed either stays where it is: the error that is told is the first one.
            fs::remove_file(&self.path).ok();
        }
    }
}

/// Removes from a folder what killed runs have left behind there, and nothing else.
pub fn sweep(folder: &Path) {
    // The seal of a name is about the one path that a folder has.
    let Ok(folder) = &folder.canonicalize() else { return };
    for entry in folder.read_dir().into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_file = entry.file_type().is_ok_and(|it| it.is_file());
        if !is_file || !name.to_str().is_some_and(|name| is_name(folder, name)) {
            continue;
        }
        let path = entry.path();
        // The lock is held until the file is gone, so that nobody begins to write it.
        if let Ok(file) = File::open(&path)
            && file.try_lock().is_ok()
        {
            fs::remove_file(&path).ok();
        }
    }
}

/// Locks a file that was just created; whether it is still there then. Where there are no locks, nothing is swept either.
fn is_ours(file: &File) -> bool {
    match file.try_lock() {
        Ok(()) => has_name(file),
        Err(TryLockError::WouldBlock) => false,
        Err(TryLockError::Error(_)) => true,
    }
}

#[cfg(unix)]
fn has_name(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    file.metadata().is_ok_and(|it| it.nlink() > 0)
}

#[cfg(not(unix))]
fn has_name(_: &File) -> bool {
    true
}

/// The name of a file. Its last part comes from the others and from the folder, so that no name that somebody gave to a
/// file of his own is taken for one of these, nor one that came with the repository.
fn name(folder: &Path, process: u32, number: u32) -> String {
    let numbers = format!("{process}-{number}");
    let seal = XxHash3_128::oneshot(format!("{numbers} {}", folder.display()).as_bytes()) as u64;
    format!("{START}{numbers}-{seal:016x}{END}")
}

fn is_name(folder: &Path, text: &str) -> bool {
    let numbers = text.strip_prefix(START).and_then(|text| text.strip_suffix(END));
    let mut numbers = numbers.into_iter().flat_map(|it| it.split('-')).map_while(|it| it.parse().ok());
    let (Some(process), Some(number)) = (numbers.next(), numbers.next()) else { return false };
    text == name(folder, process, number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = folder.read_dir().unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = entries.collect();
        names.sort();
        names
    }

    #[test]
    fn only_what_nobody_writes_any_more_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        let folder = &folder.path().canonicalize().unwrap();
        // Left behind: nobody has it open.
        let left = name(folder, 1, 0);
        fs::write(folder.join(&left), "half a te").unwrap();
        let elsewhere = name(Path::new("/elsewhere"), 1, 0);
        let users = [".spawnlint-1-0.tmp", ".spawnlint-notes.tmp", ".spawnlint-1-0-0000000000000000.tmp", &elsewhere];
        users.iter().for_each(|name| fs::write(folder.join(name), "mine").unwrap());
        let mut busy = Beside::new(folder).unwrap();
        busy.file().write_all(b"new").unwrap();
        let is_there = |name: &str| folder.join(name).exists();
        assert!(!is_there(&left), "whoever writes here sweeps");
        fs::write(folder.join(&left), "half a te").unwrap();
        sweep(folder);
        assert!(!is_there(&left));
        assert!(busy.path().exists() && users.iter().all(|name| is_there(name)), "{:?}", names(folder));
        busy.take_name(&folder.join("a.rs")).unwrap();
        drop(Beside::new(folder).unwrap());
        assert_eq!(fs::read_to_string(folder.join("a.rs")).unwrap(), "new");
        assert_eq!(names(folder).len(), users.len() + 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_with_such_a_name_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = &folder.path().canonicalize().unwrap();
        fs::write(folder.join("mine"), "mine").unwrap();
        let link = folder.join(name(folder, 1, 0));
        std::os::unix::fs::symlink("mine", &link).unwrap();
        sweep(folder);
        assert!(link.is_symlink() && folder.join("mine").exists());
    }
}
