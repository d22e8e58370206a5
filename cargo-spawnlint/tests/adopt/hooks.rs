//! Hooks for git, and recipes for `just`.

use crate::{
    documents::{read, recipe, text, yaml},
    scratch::{NEW, OLD, Scratch},
};
use std::fs;

#[test]
fn pre_commit_runs_the_hook() {
    let hooks = yaml(&read(".pre-commit-hooks.yaml"));
    let [hook] = hooks.as_array().unwrap().as_slice() else { panic!("{hooks:#}") };
    for key in ["id", "name", "entry", "language"] {
        assert!(!text(hook, &format!("/{key}")).is_empty());
    }
    // A commit that only deletes files, or changes a manifest or the configuration, has no file of Rust.
    assert_eq!((&hook["always_run"], hook.get("types")), (&true.into(), None));
    assert_eq!(hook["pass_filenames"], false);
    let used = yaml(&recipe("docs/ci.md", "pre-commit"));
    assert_eq!(used.pointer("/repos/0/hooks/0/id"), Some(&hook["id"]));

    let scratch = Scratch::new();
    let run = |more: &str| scratch.sh(&format!("{} {more}", text(hook, "/entry")));
    assert_eq!(run("").code, 0);
    scratch.write("src/lib.rs", OLD.to_owned() + NEW);
    assert_eq!(run("").code, 0, "nothing is staged");
    scratch.git("git add -A");
    let out = run("");
    assert_eq!((out.code, out.stdout.matches("error[").count(), out.stderr.as_str()), (1, 1, ""), "{}", out.stdout);
    // `args:` are added.
    scratch.git("cargo spawnlint baseline --quiet");
    assert_eq!(run("--baseline=spawnlint-baseline.json").code, 0);
}

#[test]
fn git_runs_the_hook() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::new();
    let hook = scratch.project().join(".git/hooks/pre-commit");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, recipe("docs/ci.md", "hook")).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    scratch.write("src/lib.rs", OLD.to_owned() + NEW);
    let out = scratch.sh("git commit -q -a -m more");
    assert_eq!(out.code, 1, "{}", out.stderr);
    assert_eq!([out.stdout, out.stderr].concat().matches("error[").count(), 1);
    scratch.write("src/lib.rs", OLD.to_owned() + "\nasync fn count() {}\n");
    assert_eq!(scratch.sh("git commit -q -a -m more").code, 0);
}

/// The commands of a recipe, as `just` runs them.
fn just(name: &str, args: &str) -> String {
    let file = recipe("docs/ci.md", "just");
    let is_head = |line: &str| line.split([' ', ':']).next() == Some(name) && line.ends_with(':');
    let body = file.lines().skip_while(|line| !is_head(line)).skip(1).take_while(|line| line.starts_with("    "));
    let body: Vec<String> = body.map(|line| line.trim().replace("{{args}}", args)).collect();
    assert!(!body.is_empty(), "no recipe {name}");
    body.join("\n")
}

#[test]
fn just_runs_the_recipes() {
    let scratch = Scratch::new();
    let run = |name: &str, args: &str| scratch.sh(&just(name, args)).code;
    assert_eq!(run("spawnlint", ""), 2, "there is no baseline yet");
    assert_eq!(run("spawnlint-baseline", ""), 0);
    assert_eq!(run("spawnlint", ""), 0);
    scratch.write("src/lib.rs", OLD.to_owned() + NEW);
    assert_eq!(run("spawnlint", ""), 1);
    assert_eq!(run("spawnlint", "-A leak"), 0);
    scratch.write("src/lib.rs", "");
    assert_eq!(run("spawnlint-prune", ""), 0);
    assert!(!scratch.read("spawnlint-baseline.json").contains("start_"));
}
