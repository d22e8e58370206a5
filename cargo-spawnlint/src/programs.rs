//! Where a program is, found so that the linted folder cannot put one of its own in its place.

use std::{
    env::{consts::EXE_SUFFIX, split_paths, var_os},
    ffi::OsStr,
    io,
    path::{Path, PathBuf},
};

/// Finds a program on the `PATH` of this process, to be run from the linted folder.
///
/// Entries of `PATH` that are relative or empty are skipped, since they would mean the folder that the program runs
/// in. So is what lies below the linted folder or the repository around it, also behind a link. The path is as `PATH`
/// has it, with links in it: rustup's programs know by their name what they are.
///
/// # Errors
/// If there is no such program: [`io::ErrorKind::NotFound`].
pub fn find(name: &str, linted: &Path) -> io::Result<PathBuf> {
    let path = var_os("PATH").unwrap_or_default();
    find_in(&path, name, &untrusted(linted, home().as_deref()))
}

/// The innermost repository around a folder: where its `.git` is, a folder or a file that leads to one.
pub fn repository_around(folder: &Path) -> Option<&Path> {
    let is_repository = |it: &&Path| {
        let git = it.join(".git");
        git.is_file() || git.join("HEAD").symlink_metadata().is_ok()
    };
    // One that git cannot read is still better than the one around it.
    let has_git = |it: &&Path| it.join(".git").symlink_metadata().is_ok();
    folder.ancestors().find(is_repository).or_else(|| folder.ancestors().find(has_git))
}

/// Folders whose programs are not run.
fn untrusted(linted: &Path, home: Option<&Path>) -> Vec<PathBuf> {
    let linted = real(linted);
    // Whoever keeps the home folder in a repository has all programs of their own in it.
    let holds_home = |top: &&Path| home.is_some_and(|home| real(home).starts_with(top));
    let repository = repository_around(&linted).filter(|top| !holds_home(top)).map(Path::to_owned);
    // Nor would any program be left on a machine that is linted from its root.
    let all = [Some(linted), repository].into_iter().flatten();
    all.filter(|folder| folder.parent().is_some()).collect()
}

fn find_in(path: &OsStr, name: &str, untrusted: &[PathBuf]) -> io::Result<PathBuf> {
    let is_untrusted = |file: &Path| untrusted.iter().any(|folder| file.starts_with(folder));
    let candidates = split_paths(path).filter(|entry| entry.is_absolute());
    let mut candidates = candidates.map(|entry| entry.join(format!("{name}{EXE_SUFFIX}")));
    let found = candidates
        .find(|it| is_program(it) && ![it, &real_folder(it), &real(it)].into_iter().any(|it| is_untrusted(it)));
    found.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, format!("no {name} found on the PATH")))
}

fn home() -> Option<PathBuf> {
    std::env::home_dir().filter(|home| home.is_absolute())
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// The file in the folder that its own folder really is. Who can change a link in it chooses what runs.
fn real_folder(file: &Path) -> PathBuf {
    match (file.parent(), file.file_name()) {
        (Some(folder), Some(name)) => real(folder).join(name),
        _ => file.to_owned(),
    }
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata().is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::{
        env::join_paths,
        fs,
        os::unix::fs::{PermissionsExt as _, symlink},
    };

    fn program(path: &Path) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "#!/bin/sh\n").unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn what_the_linted_folder_has_is_skipped() {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path().canonicalize().unwrap();
        let (checkout, machine) = (top.join("checkout"), top.join("machine"));
        let linted = checkout.join("crates/demo");
        fs::create_dir_all(&linted).unwrap();
        fs::create_dir_all(checkout.join(".git")).unwrap();
        fs::create_dir_all(top.join("plain")).unwrap();
        for folder in [&checkout.join("bin"), &linted.join("bin"), &machine] {
            program(&folder.join("tool"));
        }
        fs::write(top.join("plain/tool"), "no program").unwrap();
        symlink(checkout.join("bin"), top.join("link")).unwrap();
        fs::create_dir_all(top.join("links")).unwrap();
        symlink(checkout.join("bin/tool"), top.join("links/tool")).unwrap();
        symlink(machine.join("tool"), checkout.join("bin/own_link")).unwrap();

        let found = |entries: &[&Path], name: &str, home: &Path| {
            find_in(&join_paths(entries).unwrap(), name, &untrusted(&linted, Some(home))).ok()
        };
        let nobody = top.join("home");
        let path: Vec<PathBuf> = ["link", "links", "plain", "checkout/bin", "checkout/crates/demo/bin"]
            .iter()
            .map(|it| top.join(it))
            .collect();
        let mut entries: Vec<&Path> = vec![Path::new(""), Path::new("."), Path::new("bin")];
        entries.extend(path.iter().map(PathBuf::as_path));
        assert_eq!(found(&entries, "tool", &nobody), None);
        assert_eq!(found(&[&checkout.join("bin")], "own_link", &nobody), None);
        entries.push(&machine);
        assert_eq!(found(&entries, "tool", &nobody), Some(machine.join("tool")));
        // A home folder that is a repository has what its owner put there.
        assert_eq!(found(&[&checkout.join("bin")], "tool", &checkout), Some(checkout.join("bin/tool")));
        assert_eq!(found(&[&linted.join("bin")], "tool", &checkout), None);
    }

    #[test]
    fn the_innermost_repository_is_around() {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path().canonicalize().unwrap();
        fs::create_dir_all(top.join(".git")).unwrap();
        fs::create_dir_all(top.join("a/b/.git")).unwrap();
        // Neither can be read, so the inner one is told of.
        assert_eq!(repository_around(&top.join("a/b")), Some(top.join("a/b").as_path()));
        fs::write(top.join(".git/HEAD"), "").unwrap();
        assert_eq!(repository_around(&top.join("a/b")), Some(top.as_path()));
        fs::remove_dir(top.join("a/b/.git")).unwrap();
        fs::write(top.join("a/b/.git"), "gitdir: elsewhere").unwrap();
        assert_eq!(repository_around(&top.join("a/b")), Some(top.join("a/b").as_path()));
    }
}
