//! A run that is killed half-way leaves every file old or new.

#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage has failed")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const FILES: usize = 300;

const MANIFEST: &str = "[package]\nname = \"demo\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n\
    tokio = { version = \"1\", features = [\"full\"] }\ntokio-util = { version = \"0.7.12\", features = [\"rt\"] }\n";

/// A file with a handle that a timeout drops, and with enough text to be caught half-way.
fn text(number: usize) -> String {
    format!(
        "//! {}\nuse std::time::Duration;\nuse tokio::time::{{sleep, timeout}};\n\nasync fn poll() {{\n    loop {{\n        \
         sleep(Duration::from_secs({number} + 1)).await;\n    }}\n}}\n\npub async fn watch() {{\n    \
         let _ = timeout(Duration::from_secs(30), tokio::spawn(poll())).await;\n}}\n// {}\n",
        "x".repeat(10_000),
        "y".repeat(10_000)
    )
}

fn fix(folder: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-spawnlint"));
    command.args(["spawnlint", "--fix", "--unsafe-fixes", "--no-verify", "--allow-no-vcs", "-q", "--no-cache"]);
    command.current_dir(folder).stdout(Stdio::null()).spawn().unwrap()
}

#[test]
fn a_killed_run_leaves_every_file_old_or_new() {
    let folder = tempfile::tempdir().unwrap();
    let src = folder.path().join("src");
    fs::create_dir(&src).unwrap();
    fs::write(folder.path().join("Cargo.toml"), MANIFEST).unwrap();
    let modules: String = (0..FILES).map(|number| format!("pub mod m{number};\n")).collect();
    fs::write(src.join("lib.rs"), modules).unwrap();
    let paths: Vec<PathBuf> = (0..FILES).map(|number| src.join(format!("m{number}.rs"))).collect();
    for (number, path) in paths.iter().enumerate() {
        fs::write(path, text(number)).unwrap();
    }
    let old = |number: usize| text(number);
    let new = |number: usize| {
        text(number).replace("tokio::spawn(poll())", "tokio_util::task::AbortOnDropHandle::new(tokio::spawn(poll()))")
    };
    let changed = || {
        let is_new = |(number, path): &(usize, &PathBuf)| path.metadata().unwrap().len() != text(*number).len() as u64;
        paths.iter().enumerate().filter(is_new).count()
    };
    let mut kills = 0;
    for more in [0, 20, 60] {
        let before = changed();
        let mut child = fix(folder.path());
        let start = Instant::now();
        while changed() <= before + more && child.try_wait().unwrap().is_none() {
            assert!(start.elapsed() < Duration::from_secs(120), "nothing was changed");
        }
        kills += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        for (number, path) in paths.iter().enumerate() {
            let now = fs::read_to_string(path).unwrap();
            assert!(now == old(number) || now == new(number), "{} is neither old nor new", path.display());
        }
    }
    assert!(kills > 0, "no run was caught");
    // Whatever was left half-way is mended by the next run.
    assert!(fix(folder.path()).wait().unwrap().success());
    for (number, path) in paths.iter().enumerate() {
        assert_eq!(fs::read_to_string(path).unwrap(), new(number));
    }
    let strays = fs::read_dir(&src).unwrap().filter(|entry| {
        let name = entry.as_ref().unwrap().file_name().into_string().unwrap();
        name.contains("spawnlint")
    });
    assert_eq!(strays.count(), 0, "what the killed runs left behind is gone");
}

/// A limit on the size of files kills the run while it writes.
#[cfg(target_os = "linux")]
#[test]
fn what_a_killed_run_left_behind_goes_with_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let src = folder.path().join("src");
    fs::create_dir(&src).unwrap();
    fs::write(folder.path().join("Cargo.toml"), MANIFEST).unwrap();
    fs::write(src.join("lib.rs"), text(0)).unwrap();
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=test", "-c", "user.email=test@example.invalid"]).args(args);
        assert!(command.current_dir(folder.path()).status().unwrap().success(), "{args:?}");
    };
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "all"]);
    let binary = env!("CARGO_BIN_EXE_cargo-spawnlint");
    let args = ["spawnlint", "--fix", "--unsafe-fixes", "--no-verify", "--no-cache"];
    let mut killed = Command::new("sh");
    killed.args(["-c", "ulimit -c 0; ulimit -f 4; exec \"$0\" \"$@\"", binary]).args(args);
    let status = killed.current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), None, "a signal ends it");
    assert_eq!(fs::read_to_string(src.join("lib.rs")).unwrap(), text(0));
    let names = || {
        let entries = fs::read_dir(&src).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        entries.collect::<Vec<_>>()
    };
    assert_eq!(names().len(), 2, "the stage is set: {:?}", names());
    // Whoever only reads leaves it alone, and does not read it.
    let out =
        Command::new(binary).args(["spawnlint", "--no-cache", "-vv"]).current_dir(folder.path()).output().unwrap();
    assert!(String::from_utf8_lossy(&out.stderr).contains("1 of 1 files"), "{out:?}");
    assert_eq!(names().len(), 2);
    // git is not asked before it is gone: it would count as a change.
    let out = Command::new(binary).args(args).current_dir(folder.path()).output().unwrap();
    assert!(out.status.success(), "{out:?}");
    assert_eq!(names(), ["lib.rs"]);
    assert_ne!(fs::read_to_string(src.join("lib.rs")).unwrap(), text(0));
}
