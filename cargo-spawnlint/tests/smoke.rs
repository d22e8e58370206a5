//! The real binary, once: as cargo calls it, in a process of its own, with pipes that close.

use std::{
    fs,
    io::Read,
    process::{Command, Stdio},
};

#[test]
fn the_binary_runs_as_cargo_calls_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("Cargo.toml"), "[package]\nname = \"demo\"\nedition = \"2024\"\n").unwrap();
    fs::write(folder.path().join("src/lib.rs"), "fn() {}\n").unwrap();
    let command = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-spawnlint"));
        command.current_dir(folder.path()).arg("spawnlint").args(args);
        command
    };

    let out = command(&["--message-format", "short"]).output().unwrap();
    assert_eq!(out.status.code(), Some(3), "{out:?}");
    assert!(
        String::from_utf8_lossy(&out.stdout).starts_with("src/lib.rs:1:3: error: cannot parse this file: "),
        "{out:?}"
    );

    let out = command(&["--no-such-flag"]).output().unwrap();
    assert_eq!((out.status.code(), out.stdout.len()), (Some(2), 0), "{out:?}");

    // Not even the name of cargo leads anywhere.
    let out = command(&["--message-format", "short"]).env("PATH", "").env_remove("CARGO").output().unwrap();
    assert_eq!(out.status.code(), Some(3), "{out:?}");
    let why = "Cargo.toml: error: cargo was not run for this workspace: no `cargo` found on the PATH\n";
    assert!(String::from_utf8_lossy(&out.stdout).contains(why), "{out:?}");

    for args in [&["rules"] as &[&str], &["man"], &["completions", "fish"]] {
        let mut child = command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut told = String::new();
        child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        assert_eq!((child.wait().unwrap().code(), told.as_str()), (Some(0), ""));
    }
    // Nothing was built or resolved.
    assert!(!folder.path().join("Cargo.lock").exists());
}
