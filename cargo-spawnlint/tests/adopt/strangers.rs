//! A pull request that would like to choose what its own check runs.

use crate::{
    action,
    documents::{read, recipe, text, yaml},
    gitlab::{self, GIT, issues},
    scratch::Scratch,
};
use serde_json::json;

/// A project in which `cargo spawnlint` is something else.
fn hostile() -> Scratch {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.project().join(".cargo")).unwrap();
    scratch.write(".cargo/config.toml", "[alias]\nspawnlint = \"run\"\n");
    scratch.write("src/main.rs", "fn main() {}\n");
    // Somebody who starts cargo in such a project has been warned.
    assert_ne!(scratch.sh("cargo spawnlint --version").stdout, scratch.sh("cargo-spawnlint --version").stdout);
    scratch
}

#[test]
fn no_alias_takes_the_place_of_the_check() {
    let scratch = hostile();
    let job = action::run(&scratch, &json!({}));
    assert_eq!((job.code, job.results()), (1, 2), "{}", job.log);
    let out = gitlab::run(&scratch, &[GIT]);
    assert_eq!((out.code, issues(&scratch).len()), (1, 2), "{}", out.stderr);
    scratch.git("git add -A");
    let hooks = yaml(&read(".pre-commit-hooks.yaml"));
    for hook in [text(&hooks, "/0/entry").to_owned(), recipe("docs/ci.md", "hook")] {
        scratch.write("src/lib.rs", format!("{}{}", crate::scratch::OLD, crate::scratch::NEW));
        scratch.git("git add -A");
        let out = scratch.sh(&hook);
        assert_eq!((out.code, out.stdout.matches("error[").count()), (1, 1), "{}{}", out.stdout, out.stderr);
    }
}
