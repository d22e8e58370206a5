//! Which programs the real binary starts, and that neither the folder nor the environment adds one.

// strace is one of Linux; the programs that must not run are shell scripts.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage has failed")]

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

const LEAK: &str = "pub fn start() {\n    tokio::spawn(async { loop { work().await } });\n}\nasync fn work() {}\n";
const MANIFEST: &str = "[package]\nname = \"demo\"\nedition = \"2024\"\n[dependencies]\ntokio = \"1\"\n";
const SECURITY: &str = include_str!("../../docs/security.md");

/// A repository with a package in a folder of it, and a folder outside.
struct Stage {
    top: tempfile::TempDir,
    outside: tempfile::TempDir,
}

impl Stage {
    fn new() -> Stage {
        let stage = Stage { top: tempfile::tempdir().unwrap(), outside: tempfile::tempdir().unwrap() };
        fs::create_dir_all(stage.package().join("src")).unwrap();
        fs::write(stage.package().join("Cargo.toml"), MANIFEST).unwrap();
        fs::write(stage.package().join("src/lib.rs"), LEAK).unwrap();
        fs::write(stage.top.path().join(".gitignore"), "target\n").unwrap();
        stage.git(&["init", "-q", "-b", "main"]);
        stage.git(&["add", "-A"]);
        stage.git(&["commit", "-q", "-m", "all"]);
        stage
    }

    fn package(&self) -> PathBuf {
        self.top.path().join("server")
    }

    fn witness(&self) -> PathBuf {
        self.outside.path().join("witness")
    }

    fn git(&self, args: &[&str]) {
        let mut command = Command::new("git");
        clean(&mut command);
        command.args(["-c", "user.name=test", "-c", "user.email=test@example.invalid"]);
        let output = command.args(args).current_dir(self.top.path()).output().unwrap();
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// A program that leaves a witness, and otherwise does what a filter without effect does.
    fn plant(&self, path: &Path) -> String {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("#!/bin/sh\necho \"$0 $@\" >> '{}'\ncat\n", self.witness().display())).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        path.to_string_lossy().into_owned()
    }

    /// A change of a line, and a file that is as it was but for its time.
    fn change(&self) {
        let lib = self.package().join("src/lib.rs");
        fs::write(lib, LEAK.replace("start", "begin")).unwrap();
        fs::write(self.package().join("Cargo.toml"), MANIFEST).unwrap();
    }

    fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        clean(&mut command);
        // What is built is built from what is here.
        command.env("CARGO", env!("CARGO")).env("CARGO_NET_OFFLINE", "true");
        command.args(args).current_dir(self.package()).stdin(Stdio::null());
        command
    }

    fn run(&self, env: &[(&str, OsString)], args: &[&str]) -> Output {
        let mut command = self.command(env!("CARGO_BIN_EXE_cargo-spawnlint"), &["spawnlint"]);
        command.args(args).envs(env.iter().map(|(name, value)| (name, value)));
        command.output().unwrap()
    }

    fn assert_nothing_ran(&self, args: &[&str]) {
        let told = fs::read_to_string(self.witness()).unwrap_or_default();
        assert_eq!(told, "", "{args:?}");
    }
}

/// Takes out what the machine, or a hook that runs the tests, has set.
fn clean(command: &mut Command) {
    cargo_spawnlint::git::PLACES.iter().for_each(|name| {
        command.env_remove(name);
    });
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
}

/// Everything that asks git.
const WAYS: [&[&str]; 4] = [
    &["--since", "HEAD"],
    &["--staged"],
    &["--fix", "--no-verify", "--allow-staged"],
    &["--add-suppressions", "known", "--allow-staged"],
];

fn told(output: &Output) -> String {
    [&output.stdout[..], &output.stderr].concat().iter().map(|byte| char::from(*byte)).collect()
}

/// The rows of the table of `docs/security.md`: what is called, and the programs that may be started.
fn documented() -> Vec<(Vec<String>, BTreeSet<String>)> {
    let (_, section) = SECURITY.split_once("## Programs").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let in_quotes = |text: &str| text.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let rows = section.lines().filter(|line| line.starts_with("| `")).map(|line| {
        let cells: Vec<&str> = line.split('|').collect();
        (in_quotes(cells[1]), in_quotes(cells[2]).into_iter().collect())
    });
    rows.collect()
}

/// The program of a line of strace, and what it is asked to do: `git ls-files`.
fn started(line: &str) -> Option<String> {
    let (_, call) = line.split_once("execve(\"")?;
    if call.contains(" = -1 ") {
        return None;
    }
    let mut words = call.split('"').step_by(2);
    let name = words.next()?.rsplit('/').next()?.to_owned();
    // The list begins with how the program is called.
    let mut words = words.skip(1);
    if !["git", "cargo"].contains(&name.as_str()) {
        return Some(name);
    }
    let what = loop {
        match words.next()? {
            "-c" => _ = words.next(),
            option if option.starts_with(['-', '+']) => {}
            what => break what,
        }
    };
    Some(format!("{name} {what}"))
}

#[test]
fn lines_of_strace() {
    let line = |rest: &str| started(&format!("123 execve(\"/usr/bin/git\", [\"git\", {rest}"));
    assert_eq!(
        line("\"--no-pager\", \"-c\", \"a=b\", \"ls-files\", \"-z\"], 0x1 /* 9 vars */) = 0"),
        Some("git ls-files".into())
    );
    assert_eq!(line("\"diff\"], 0x1 /* 9 vars */ <unfinished ...>"), Some("git diff".into()));
    assert_eq!(line("\"diff\"], 0x1 /* 9 vars */) = -1 ENOENT (No such file or directory)"), None);
    assert_eq!(started("123 execve(\"/bin/sh\", [\"sh\", \"-c\", \"x\"], 0x1) = 0"), Some("sh".into()));
    assert_eq!(started("123 +++ exited with 0 +++"), None);
}

#[test]
fn only_documented_programs_are_started() {
    let probe = Command::new("strace").args(["-qq", "-e", "trace=none", "true"]).output();
    if !probe.is_ok_and(|it| it.status.success()) {
        println!("skipped: strace is not there, or may not trace");
        return;
    }
    let documented = documented();
    assert!(documented.len() > 3, "there is no table of programs");
    let mut seen = BTreeSet::new();
    for (calls, allowed) in &documented {
        for call in calls {
            let stage = Stage::new();
            let program = stage.plant(&stage.outside.path().join("program"));
            stage.git(&["config", "filter.f.clean", &program]);
            fs::write(stage.top.path().join(".git/info/attributes"), "* filter=f\n").unwrap();
            if !call.contains("--fix") && !call.contains("--add-suppressions") {
                stage.change();
            }
            if call.contains("--staged") {
                stage.git(&["-c", "filter.f.clean=", "add", "-A"]);
            }
            fs::write(stage.package().join("Cargo.toml"), MANIFEST).unwrap();
            let log = stage.outside.path().join("log");
            let words: Vec<&str> = call.split(' ').skip(1).collect();
            let mut command = stage.command("strace", &["-f", "-qq", "-s", "4096", "-e", "trace=execve", "-o"]);
            command.arg(&log).arg(env!("CARGO_BIN_EXE_cargo-spawnlint")).args(words);
            let output = command.output().unwrap();
            let log = fs::read_to_string(log).unwrap();
            let programs: BTreeSet<String> = log.lines().filter_map(started).collect();
            let mut more: BTreeSet<String> = programs.difference(allowed).cloned().collect();
            assert!(more.remove("cargo-spawnlint"), "nothing was traced: {log}{}", told(&output));
            assert!(more.is_empty(), "`{call}` starts {more:?}, too: {}", told(&output));
            seen.extend(programs);
            stage.assert_nothing_ran(&[call]);
        }
    }
    let all: BTreeSet<String> = documented.into_iter().flat_map(|(_, programs)| programs).collect();
    let unseen: Vec<&String> = all.difference(&seen).collect();
    assert!(unseen.is_empty(), "the table has {unseen:?}, which nothing started");
}

#[test]
fn the_folder_has_no_git_of_its_own() {
    let stage = Stage::new();
    for folder in ["", "bin", "tools"] {
        stage.plant(&stage.package().join(folder).join("git"));
    }
    stage.plant(&stage.top.path().join("bin/git"));
    stage.git(&["add", "-A"]);
    stage.git(&["commit", "-q", "-m", "tools"]);
    // A folder of the checkout may be on the PATH in many ways; the last one is the user's.
    let link = stage.outside.path().join("link");
    std::os::unix::fs::symlink(stage.top.path().join("bin"), &link).unwrap();
    let mut path = OsString::from(":.:bin:../bin:");
    for folder in [&stage.package().join("tools"), &stage.top.path().join("bin"), &link] {
        path.push(folder);
        path.push(":");
    }
    let planted = path.clone();
    path.push(std::env::var_os("PATH").unwrap());
    stage.change();
    stage.git(&["add", "-A"]);
    for args in WAYS {
        let output = stage.run(&[("PATH", path.clone())], args);
        assert!(output.status.code().is_some_and(|code| code < 2), "{args:?}: {}", told(&output));
        stage.assert_nothing_ran(args);
        // Without the user's, there is none.
        let output = stage.run(&[("PATH", planted.clone())], args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", told(&output));
        assert!(told(&output).contains("it is not on the PATH"), "{args:?}: {}", told(&output));
        stage.assert_nothing_ran(args);
        stage.git(&["checkout", "-q", "--", "."]);
    }
}

#[test]
fn programs_of_the_environment_are_not_needed() {
    let stage = Stage::new();
    let program = stage.plant(&stage.outside.path().join("program"));
    let config =
        format!("[filter \"f\"]\n\tclean = {program}\n\tprocess = {program}\n[diff]\n\texternal = {program}\n");
    let global = stage.outside.path().join("gitconfig");
    fs::write(&global, &config).unwrap();
    fs::write(stage.top.path().join(".git/info/attributes"), "*.rs filter=f diff=f\n").unwrap();
    let mut env: Vec<(&str, OsString)> = vec![
        ("GIT_CONFIG_GLOBAL", global.into()),
        ("GIT_CONFIG_COUNT", "2".into()),
        ("GIT_CONFIG_KEY_0", "filter.f.clean".into()),
        ("GIT_CONFIG_VALUE_0", program.clone().into()),
        ("GIT_CONFIG_KEY_1", "diff.f.textconv".into()),
        ("GIT_CONFIG_VALUE_1", program.clone().into()),
        ("GIT_CONFIG_PARAMETERS", format!("'core.fsmonitor'='{program}'").into()),
        ("GIT_PAGER_IN_USE", "1".into()),
    ];
    for name in [
        "EDITOR",
        "GIT_ASKPASS",
        "GIT_EDITOR",
        "GIT_EXTERNAL_DIFF",
        "GIT_PAGER",
        "GIT_PROXY_COMMAND",
        "GIT_SEQUENCE_EDITOR",
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "PAGER",
        "SSH_ASKPASS",
        "VISUAL",
    ] {
        env.push((name, program.clone().into()));
    }
    stage.change();
    // git itself runs them, so that they are there to be run.
    let mut git = stage.command("git", &["diff"]);
    git.envs(env.iter().map(|(name, value)| (name, value))).output().unwrap();
    fs::remove_file(stage.witness()).unwrap();
    for args in WAYS {
        stage.change();
        let output = stage.run(&env, args);
        stage.assert_nothing_ran(args);
        assert!(output.status.code().is_some(), "{args:?}: {}", told(&output));
    }
}

#[test]
fn somebody_elses_repository_is_refused() {
    let stage = Stage::new();
    let trusting = stage.outside.path().join("gitconfig");
    fs::write(&trusting, "[safe]\n\tdirectory = *\n").unwrap();
    for args in [&["--since", "HEAD"][..], &["--staged"], &["--fix", "--no-verify"]] {
        // git has this for its own tests: the folder belongs to another user.
        let stranger = ("GIT_TEST_ASSUME_DIFFERENT_OWNER", OsString::from("1"));
        let output = stage.run(std::slice::from_ref(&stranger), args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", told(&output));
        // The words are git's.
        let told_all = told(&output);
        assert!(told_all.contains("dubious ownership") && told_all.contains("safe.directory"), "{told_all}");
        let output = stage.run(&[stranger, ("GIT_CONFIG_GLOBAL", trusting.clone().into())], args);
        assert!(output.status.code().is_some_and(|code| code < 2), "{args:?}: {}", told(&output));
    }
}
