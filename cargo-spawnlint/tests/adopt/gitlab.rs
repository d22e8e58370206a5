//! The job for GitLab, run as its runner does: all lines in one shell.

use crate::{
    documents::{read, recipe, text, yaml},
    scratch::{NEW, OLD, Ran, Scratch, ran},
};
use serde_json::Value;
use std::fs;

fn job() -> Value {
    yaml(&read("templates/gitlab.yml"))["spawnlint"].clone()
}

pub(crate) fn run(scratch: &Scratch, variables: &[(&str, &str)]) -> Ran {
    let job = job();
    let lines = ["before_script", "script"].iter().flat_map(|part| job[part].as_array().unwrap());
    let lines: Vec<&str> = lines.map(|line| line.as_str().unwrap()).collect();
    let mut command = scratch.command("sh", "stand-in");
    command.args(["-e", "-c", &lines.join("\n")]).env("CI_PROJECT_DIR", scratch.project());
    for (name, value) in job["variables"].as_object().unwrap() {
        command.env(name, value.as_str().unwrap());
    }
    for (name, value) in variables {
        assert!(job["variables"].get(name).is_some(), "{name}");
        command.env(name, value);
    }
    ran(&mut command)
}

pub(crate) fn issues(scratch: &Scratch) -> Vec<Value> {
    let report = text(&job(), "/artifacts/reports/codequality").to_owned();
    serde_json::from_str(&scratch.read(&report)).unwrap()
}

pub(crate) const GIT: (&str, &str) = ("SPAWNLINT_GIT", "https://example.org/spawnlint");

#[test]
fn it_installs_runs_and_keeps_the_report() {
    let scratch = Scratch::new();
    let out = run(&scratch, &[]);
    assert!(
        out.code != 0 && out.stderr.contains("SPAWNLINT_GIT: must be the URL of cargo-spawnlint"),
        "{}",
        out.stderr
    );
    let out = run(&scratch, &[GIT]);
    assert_eq!(out.code, 1, "{}", out.stderr);
    // People read the log.
    assert!(out.stdout.contains("error[spawnlint::unbounded_task_loop]"), "{}", out.stdout);
    assert_eq!(issues(&scratch).len(), 2);
    let installed = fs::read_to_string(scratch.path("temp/installed")).unwrap();
    let root = scratch.project().join(".spawnlint");
    let told = format!(
        "install --locked --quiet --git https://example.org/spawnlint --root {} cargo-spawnlint;",
        root.display()
    );
    assert!(installed.starts_with(&told), "{installed}");
    run(&scratch, &[GIT, ("SPAWNLINT_REV", "0123abc")]);
    let installed = fs::read_to_string(scratch.path("temp/installed")).unwrap();
    assert!(installed.contains(" --git https://example.org/spawnlint --rev 0123abc --root "), "{installed}");
    assert!(scratch.read(text(&job(), "/artifacts/reports/junit")).contains("<testsuites"));
    assert_eq!(text(&job(), "/artifacts/when"), "always");
    assert_eq!(text(&job(), "/cache/paths/0"), ".spawnlint/");
}

#[test]
fn variables_do_what_they_say() {
    let scratch = Scratch::new();
    let included = yaml(&recipe("docs/ci.md", "gitlab"));
    assert_eq!(text(&included, "/include/0/file"), "templates/gitlab.yml");
    let given = included["spawnlint"]["variables"].as_object().unwrap();
    let given: Vec<(&str, &str)> = given.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
    scratch.git("cargo spawnlint baseline --quiet");
    scratch.write("src/lib.rs", OLD.to_owned() + NEW);
    assert_eq!((run(&scratch, &given).code, issues(&scratch).len()), (1, 1));
    let since = [GIT, ("SPAWNLINT_SINCE", "HEAD")];
    assert_eq!((run(&scratch, &since).code, issues(&scratch).len()), (1, 1));
    let args = [GIT, ("SPAWNLINT_ARGS", " --workspace\n -A all ")];
    assert_eq!((run(&scratch, &args).code, issues(&scratch).len()), (0, 0));
    // What is a pattern is one for the program, and not for the shell.
    let ran = run(&scratch, &[GIT, ("SPAWNLINT_ARGS", "*.toml")]);
    assert!(ran.stderr.contains("no Rust file or folder matches `*.toml`"), "{}", ran.stderr);
    for odd in ["$(touch evil)", "*.toml", "a; touch evil"] {
        assert_eq!(run(&scratch, &[GIT, ("SPAWNLINT_ARGS", odd)]).code, 2);
        assert_eq!(run(&scratch, &[GIT, ("SPAWNLINT_SINCE", odd)]).code, 2);
    }
    assert!(!scratch.project().join("evil").exists());
}
