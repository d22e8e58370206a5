//! Which files of a stranger's repository are read, and reading them so that nothing blocks, and nothing has no end.
//!
//! What a repository brings along may not lead out of it: neither a link, nor a path that its code or its manifests
//! name. What a user names may be anywhere, as long as no link of a repository leads there.

use std::{
    fmt, fs,
    io::{self, Read as _},
    path::{Component, Path, PathBuf},
};

/// A configuration or a manifest has at most this many bytes.
pub const MAX_CONFIG: u64 = 1 << 20;

/// A baseline has at most this many bytes. An entry takes about 200, so this is room for 300,000 findings.
pub const MAX_BASELINE: u64 = 64 << 20;

/// What stands at the top of a repository, whatever the version control.
const REPOSITORY: [&str; 7] = [".git", ".hg", ".jj", ".svn", ".pijul", ".fslckout", "_FOSSIL_"];

/// Where version control keeps what is its own: its configuration may hold passwords.
const PRIVATE: [&str; 5] = [".git", ".hg", ".jj", ".svn", ".pijul"];

/// Why a file is not read. Nothing in it comes from that file.
#[derive(Debug)]
pub enum Refusal {
    /// A link leads out of where files may be.
    Link {
        /// The link, if it is not the file itself.
        link: Option<PathBuf>,
        /// What it says: the text of the link, which is a part of the repository.
        text: PathBuf,
        /// Where files may be.
        out_of: PathBuf,
    },
    /// The path leads out of where files may be.
    Outside {
        /// Where files may be.
        of: PathBuf,
    },
    /// It belongs to version control.
    Private,
    /// It is a folder, device, pipe or socket, or only looks like a file.
    NotRegular,
    /// It is too large.
    TooLarge {
        /// How many bytes it has, or at least has.
        bytes: u64,
        /// How many it may have.
        most: u64,
    },
    /// The system says no.
    Io(io::Error),
}

impl Refusal {
    /// Whether there is no such file.
    pub fn is_absent(&self) -> bool {
        let Refusal::Io(error) = self else { return false };
        matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Link { link, text, out_of } => {
                match link {
                    Some(link) => write!(f, "`{}` is a link to ", link.display())?,
                    None => f.write_str("it is a link to ")?,
                }
                write!(f, "`{}`, which points outside {}", text.display(), out_of.display())
            }
            Refusal::Outside { of } => write!(f, "it is outside {}", of.display()),
            Refusal::Private => f.write_str("it is in a folder of the version control system"),
            Refusal::NotRegular => f.write_str("it is not a regular file"),
            Refusal::TooLarge { bytes, most } => write!(f, "it is too large: {bytes} bytes; at most {most}"),
            Refusal::Io(error) => f.write_str(&io_message(error)),
        }
    }
}

impl std::error::Error for Refusal {}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Refusal {
        Refusal::Io(error)
    }
}

/// The folders in and below which files may be.
#[derive(Debug, Clone, Default)]
pub struct Territory {
    /// Without links; the first one is named in messages.
    folders: Vec<PathBuf>,
    /// Those of `folders` in which files may be changed come first.
    writable: usize,
}

impl Territory {
    /// The repository around a folder or, without version control, the folder itself.
    pub fn of_root(folder: &Path) -> Territory {
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let top = repository_around(&folder).unwrap_or(&folder);
        Territory { folders: vec![top.to_owned()], writable: 1 }
    }

    /// The repository around a folder, or the outermost package or workspace, or the folder itself.
    pub fn around(folder: &Path) -> Territory {
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let top = project_around(&folder).unwrap_or(&folder);
        Territory { folders: vec![top.to_owned()], writable: 1 }
    }

    /// All folders of several of these.
    pub fn joined(all: impl IntoIterator<Item = Territory>) -> Territory {
        let mut folders: Vec<PathBuf> = all.into_iter().flat_map(|it| it.folders).collect();
        folders.sort();
        folders.dedup();
        Territory { writable: folders.len(), folders }
    }

    /// Files in this folder may be read too, and are not changed.
    pub fn add_read_only(&mut self, folder: &Path) {
        self.folders.push(folder.to_owned());
    }

    /// Whether a path without links lies in it.
    pub fn holds(&self, real: &Path) -> bool {
        within(&self.folders, real).is_ok()
    }

    /// The path without links, if that lies in it.
    ///
    /// # Errors
    /// If it lies elsewhere, or there is nothing.
    pub fn admit(&self, path: &Path) -> Result<PathBuf, Refusal> {
        let real = path.canonicalize()?;
        match within(&self.folders, &real) {
            Ok(()) => Ok(real),
            Err(refusal @ Refusal::Outside { .. }) => Err(self.link_out(path).unwrap_or(refusal)),
            Err(refusal) => Err(refusal),
        }
    }

    /// Whether a path without links is one of those that may be changed.
    pub fn may_change(&self, real: &Path) -> bool {
        within(&self.folders[..self.writable], real).is_ok()
    }

    /// Whether the file at a path may be changed.
    ///
    /// # Errors
    /// If it lies elsewhere, or is no regular file.
    pub fn ensure_writable(&self, path: &Path) -> Result<(), Refusal> {
        let real = self.admit(path)?;
        within(&self.folders[..self.writable], &real)?;
        if fs::symlink_metadata(&real)?.is_file() { Ok(()) } else { Err(Refusal::NotRegular) }
    }

    /// Reads a file that lies in it.
    ///
    /// # Errors
    /// If it lies elsewhere, is no regular file, is larger than `most`, or cannot be read.
    pub fn read(&self, path: &Path, most: u64) -> Result<Vec<u8>, Refusal> {
        read_regular(&self.admit(path)?, most)
    }

    /// The link on the way to a file that leads out of here.
    fn link_out(&self, path: &Path) -> Option<Refusal> {
        let mut prefixes: Vec<&Path> = path.ancestors().collect();
        prefixes.reverse();
        for link in prefixes {
            let Ok(text) = link.read_link() else { continue };
            let Some(folder) = link.parent().and_then(|folder| folder.canonicalize().ok()) else { continue };
            let Some(top) = self.folders.iter().find(|top| folder.starts_with(top)) else { continue };
            if link.canonicalize().is_ok_and(|real| !self.holds(&real)) {
                let relative = folder.strip_prefix(top).unwrap_or(&folder).join(link.file_name().unwrap_or_default());
                let link = (link != path).then_some(relative);
                return Some(Refusal::Link { link, text, out_of: top.clone() });
            }
        }
        None
    }
}

/// Whether a path that a user names stays in each repository that it comes through: a link in one may be a stranger's.
///
/// # Errors
/// If a link leads out of the repository, or of the package or workspace, that it lies in.
pub fn ensure_no_link_out(path: &Path) -> Result<(), Refusal> {
    let mut prefixes: Vec<&Path> = path.ancestors().collect();
    prefixes.reverse();
    for link in prefixes {
        let Ok(text) = link.read_link() else { continue };
        let Some(folder) = link.parent().and_then(|folder| folder.canonicalize().ok()) else { continue };
        let Some(top) = project_around(&folder) else { continue };
        let Some(real) = led_to(link) else { continue };
        if !real.starts_with(top) {
            let link = (link != path).then(|| link.to_owned());
            return Err(Refusal::Link { link, text, out_of: top.to_owned() });
        }
    }
    Ok(())
}

/// Where a link leads, also if nothing is there yet.
fn led_to(link: &Path) -> Option<PathBuf> {
    /// As many as Linux follows.
    const MOST_LINKS: usize = 40;
    let mut path = link.to_owned();
    for _ in 0..MOST_LINKS {
        if let Ok(real) = path.canonicalize() {
            return Some(real);
        }
        let folder = path.parent()?.canonicalize().ok()?;
        match path.read_link() {
            Ok(text) => path = folder.join(text),
            Err(_) => return Some(folder.join(path.file_name()?)),
        }
    }
    None
}

/// Reads a file that a user names: a regular one, or a pipe outside of all repositories.
///
/// # Errors
/// If a link of a repository leads out of it to there, or if it is something else, too large, or cannot be read.
pub fn read_named(path: &Path, most: u64) -> Result<Vec<u8>, Refusal> {
    ensure_no_link_out(path)?;
    let metadata = fs::metadata(path)?;
    if metadata.is_file() {
        // What a shell hands on may be a file that has no name any more.
        return match path.canonicalize() {
            Ok(real) => read_regular(&real, most),
            Err(_) => read_at_most(fs::File::open(path)?, most),
        };
    }
    let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
    let is_of_repository = folder.is_some_and(|folder| project_around(&folder).is_some());
    // A shell hands the output of a command on as a pipe.
    if is_of_repository || !is_pipe(&metadata) {
        return Err(Refusal::NotRegular);
    }
    read_at_most(fs::File::open(path)?, most)
}

/// Reads a regular file. `real` has no links in it.
///
/// # Errors
/// If it is anything else, larger than `most`, or cannot be read.
pub fn read_regular(real: &Path, most: u64) -> Result<Vec<u8>, Refusal> {
    // To open a device can be enough to set it in motion.
    let before = fs::symlink_metadata(real)?;
    if !before.is_file() {
        return Err(Refusal::NotRegular);
    }
    let file = open(real)?;
    // Something else may have taken its place by now.
    let metadata = file.metadata()?;
    if !metadata.is_file() || !is_same(&before, &metadata) {
        return Err(Refusal::NotRegular);
    }
    if metadata.len() > most {
        return Err(Refusal::TooLarge { bytes: metadata.len(), most });
    }
    let bytes = read_at_most(file, most)?;
    // What the system makes up on reading, such as the environment of a process, says that it is empty.
    if metadata.len() == 0 && !bytes.is_empty() {
        return Err(Refusal::NotRegular);
    }
    Ok(bytes)
}

fn read_at_most(file: fs::File, most: u64) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    let read = file.take(most + 1).read_to_end(&mut bytes)? as u64;
    if read > most { Err(Refusal::TooLarge { bytes: read, most }) } else { Ok(bytes) }
}

#[cfg(unix)]
fn open(real: &Path) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    // A link or pipe that has just taken the file's place is not followed, and not waited for.
    fs::OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY).open(real)
}

#[cfg(not(unix))]
fn open(real: &Path) -> io::Result<fs::File> {
    fs::File::open(real)
}

#[cfg(unix)]
fn is_same(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same(_: &fs::Metadata, _: &fs::Metadata) -> bool {
    true
}

#[cfg(unix)]
fn is_pipe(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    metadata.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_pipe(_: &fs::Metadata) -> bool {
    false
}

/// Whether a path without links lies in one of some folders, and not where version control keeps its own.
fn within(folders: &[PathBuf], real: &Path) -> Result<(), Refusal> {
    let Some(below) = folders.iter().find_map(|folder| real.strip_prefix(folder).ok()) else {
        return Err(Refusal::Outside { of: folders.first().cloned().unwrap_or_default() });
    };
    let is_private = |part: Component<'_>| PRIVATE.iter().any(|it| part.as_os_str() == *it);
    if below.components().any(is_private) { Err(Refusal::Private) } else { Ok(()) }
}

/// The nearest repository around a folder without links.
pub fn repository_around(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| REPOSITORY.iter().any(|it| folder.join(it).exists()))
}

/// The nearest repository around a folder without links or, without version control, the outermost package or workspace.
fn project_around(folder: &Path) -> Option<&Path> {
    repository_around(folder).or_else(|| folder.ancestors().filter(|folder| folder.join("Cargo.toml").exists()).last())
}

/// An I/O error without the number that the system has for it.
pub(crate) fn io_message(error: &std::io::Error) -> String {
    let text = error.to_string().to_lowercase();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}
