//! The real binary beside the real git: as a hook, and where git is not there.

#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage has failed")]

use std::{fs, path::Path, process::Command};

const LEAK: &str = "pub fn start() {\n    tokio::spawn(async { loop { work().await } });\n}\nasync fn work() {}\n";
const MANIFEST: &str = "[package]\nname = \"demo\"\nedition = \"2024\"\n[dependencies]\ntokio = \"1\"\n";

fn git(folder: &Path, args: &[&str]) -> (bool, String) {
    let mut command = Command::new("git");
    // A hook that runs the tests has been told where its own repository is.
    cargo_spawnlint::git::PLACES.iter().for_each(|name| {
        command.env_remove(name);
    });
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env("CARGO", env!("CARGO"));
    command.args(["-c", "user.name=test", "-c", "user.email=test@example.invalid", "-c", "init.defaultBranch=main"]);
    let output = command.args(args).current_dir(folder).output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&told).into_owned())
}

fn done(folder: &Path, args: &[&str]) {
    let (is_done, told) = git(folder, args);
    assert!(is_done, "git {args:?}: {told}");
}

/// A repository with a package below its top.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("server");
    fs::create_dir_all(inside.join("src")).unwrap();
    fs::write(inside.join("Cargo.toml"), MANIFEST).unwrap();
    fs::write(inside.join("src/lib.rs"), LEAK).unwrap();
    done(folder.path(), &["init", "-q"]);
    done(folder.path(), &["add", "-A"]);
    done(folder.path(), &["commit", "-q", "-m", "all"]);
    folder
}

/// Commits one leak more by itself.
fn commit_more(top: &Path) -> (bool, String) {
    let path = top.join("server/src/lib.rs");
    fs::write(&path, format!("{}{}", fs::read_to_string(&path).unwrap(), LEAK.replace("start()", "more()"))).unwrap();
    // Not staged, so that git makes an index of its own for the commit.
    git(top, &["commit", "-q", "-a", "-m", "more"])
}

#[cfg(unix)]
#[test]
fn a_hook_sees_what_is_about_to_be_committed() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = repository();
    let hook = folder.path().join(".git/hooks/pre-commit");
    let command = env!("CARGO_BIN_EXE_cargo-spawnlint");
    let manifest = "--manifest-path server/Cargo.toml";
    let text = format!("#!/bin/sh\nexec {command} spawnlint --staged -D warnings --message-format short {manifest}\n");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, text).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let refused = |top: &Path| {
        let (is_done, told) = commit_more(top);
        assert!(!is_done && told.starts_with("src/lib.rs:6:"), "{told}");
        let (_, rest) = told.split_once('\n').unwrap();
        assert!(rest.starts_with("checked 1 file") && rest.lines().count() == 1, "{told}");
    };
    refused(folder.path());
    // Among the worktrees of a repository git tells a hook where that is.
    let other = tempfile::tempdir().unwrap();
    let other = other.path().join("other");
    done(folder.path(), &["worktree", "add", "-q", &other.to_string_lossy()]);
    refused(&other);
}

#[test]
fn without_git() {
    let folder = repository();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-spawnlint"));
    command.current_dir(folder.path().join("server")).args(["spawnlint", "--since", "HEAD"]);
    let out = command.env("PATH", "").env("CARGO", env!("CARGO")).output().unwrap();
    let told = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(2), "{told}");
    let why = "error: cannot ask git which lines changed: it is not on the PATH; install it, or run without --since and --staged: ";
    assert!(told.starts_with(why), "{told}");
}
