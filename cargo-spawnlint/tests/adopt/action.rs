//! `action.yml`, with its steps run as GitHub runs them.

use crate::{
    documents::{read, recipe, root, text, yaml},
    scratch::{NEW, OLD, Scratch, ran},
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// What a job left behind.
pub(crate) struct Job {
    pub(crate) code: i32,
    /// What was printed.
    pub(crate) log: String,
    /// The steps that use other actions, with what these are given.
    pub(crate) used: Vec<(String, Value)>,
    pub(crate) summary: String,
}

impl Job {
    /// What GitHub makes annotations of.
    pub(crate) fn annotations(&self) -> Vec<&str> {
        self.log.lines().filter(|line| line.starts_with("::")).collect()
    }

    /// The report that code scanning gets.
    pub(crate) fn uploaded(&self) -> Option<Value> {
        let (_, with) = self.used.iter().find(|(name, _)| name.starts_with("github/codeql-action/upload-sarif@"))?;
        Some(serde_json::from_str(&fs::read_to_string(text(with, "/sarif_file")).unwrap()).unwrap())
    }

    pub(crate) fn results(&self) -> usize {
        self.uploaded().unwrap().pointer("/runs/0/results").unwrap().as_array().unwrap().len()
    }
}

/// Runs the action in a repository.
pub(crate) fn run(scratch: &Scratch, with: &Value) -> Job {
    run_from(&root(), scratch, with, &[])
}

/// Runs the action, with its own files in a folder, in a job that has some variables set.
fn run_from(files: &Path, scratch: &Scratch, with: &Value, variables: &[(&str, &str)]) -> Job {
    let action = yaml(&read("action.yml"));
    let mut known = BTreeMap::new();
    for (name, input) in action["inputs"].as_object().unwrap() {
        let value = with.get(name).unwrap_or(&input["default"]);
        known.insert(format!("inputs.{name}"), value.as_str().unwrap().to_owned());
    }
    for name in with.as_object().unwrap().keys() {
        assert!(action["inputs"].get(name).is_some(), "the action has no input `{name}`");
    }
    let temp = scratch.path("temp");
    known.insert("runner.temp".to_owned(), temp.display().to_string());
    known.insert("runner.os".to_owned(), "Linux".to_owned());
    known.insert("runner.arch".to_owned(), "X64".to_owned());
    let mut job = Job { code: 0, log: String::new(), used: Vec::new(), summary: String::new() };
    let [output, path, summary, script] = ["output", "path", "summary", "script"].map(|name| temp.join(name));
    for file in [&path, &summary] {
        fs::write(file, "").unwrap();
    }
    for step in action.pointer("/runs/steps").unwrap().as_array().unwrap() {
        let condition = step.get("if").map_or("success()", |it| it.as_str().unwrap());
        let runs_after_failure = condition.contains("!cancelled()");
        if (job.code != 0 && !runs_after_failure) || !holds(condition, &known) {
            continue;
        }
        if let Some(used) = step.get("uses") {
            let with = step["with"].as_object().unwrap();
            let with = with.iter().map(|(name, it)| (name.clone(), Value::from(filled(it.as_str().unwrap(), &known))));
            job.used.push((used.as_str().unwrap().to_owned(), with.collect()));
            continue;
        }
        assert_eq!(step["shell"], "bash");
        fs::write(&script, text(step, "/run")).unwrap();
        fs::write(&output, "").unwrap();
        let mut command = scratch.command("bash", "stand-in");
        command.envs(variables.iter().copied());
        command.args(["--noprofile", "--norc", "-e", "-o", "pipefail"]).arg(&script);
        if let Some(folder) = step.get("working-directory") {
            command.current_dir(scratch.project().join(filled(folder.as_str().unwrap(), &known)));
        }
        for (name, value) in step.get("env").and_then(Value::as_object).into_iter().flatten() {
            command.env(name, filled(value.as_str().unwrap(), &known));
        }
        let tools = fs::read_to_string(&path).unwrap();
        let before = command.get_envs().find(|(name, _)| *name == "PATH").unwrap().1.unwrap().to_owned();
        let tools = tools.lines().map(Into::into).chain(std::env::split_paths(&before));
        command.env("PATH", std::env::join_paths(tools).unwrap());
        command.env("GITHUB_OUTPUT", &output).env("GITHUB_PATH", &path).env("GITHUB_STEP_SUMMARY", &summary);
        command.env("GITHUB_ACTION_PATH", files).env("RUNNER_TEMP", &temp).env("GITHUB_ACTIONS", "true");
        let ran = ran(&mut command);
        job.log += &(ran.stdout + &ran.stderr);
        if job.code == 0 {
            job.code = ran.code;
        }
        if let Some(id) = step.get("id") {
            for line in fs::read_to_string(&output).unwrap().lines() {
                let (name, value) = line.split_once('=').unwrap();
                known.insert(format!("steps.{}.outputs.{name}", id.as_str().unwrap()), value.to_owned());
            }
        }
    }
    job.summary = fs::read_to_string(&summary).unwrap();
    job
}

/// What an expression comes to. An output that no step has given is empty.
fn looked_up(name: &str, known: &BTreeMap<String, String>) -> String {
    match known.get(name) {
        Some(value) => value.clone(),
        None if name.starts_with("steps.") => String::new(),
        None => panic!("what is {name}?"),
    }
}

/// A text with its expressions evaluated.
fn filled(text: &str, known: &BTreeMap<String, String>) -> String {
    let mut parts = text.split("${{");
    let mut filled = parts.next().unwrap().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap();
        filled += &looked_up(name.trim(), known);
        filled += rest;
    }
    filled
}

/// Whether all terms of a condition are true.
fn holds(condition: &str, known: &BTreeMap<String, String>) -> bool {
    let condition = condition.trim_start_matches("${{").trim_end_matches("}}");
    condition.split("&&").map(str::trim).all(|term| {
        let is_same = |sides: (&str, &str)| looked_up(sides.0, known) == sides.1.trim_matches('\'');
        match (term.split_once(" == "), term.split_once(" != ")) {
            (Some(sides), _) => is_same(sides),
            (_, Some(sides)) => !is_same(sides),
            _ if ["success()", "!cancelled()"].contains(&term) => true,
            _ => panic!("what is {term}?"),
        }
    })
}

#[test]
fn inputs_are_no_part_of_a_script() {
    let action = yaml(&read("action.yml"));
    for name in ["name", "description"] {
        assert!(!text(&action, &format!("/{name}")).is_empty());
    }
    for (name, input) in action["inputs"].as_object().unwrap() {
        assert!(!text(input, "/description").is_empty() && input["default"].is_string(), "{name}");
        // All of them are told.
        assert!(read("docs/ci.md").contains(&format!("| `{name}` | ")), "{name}");
    }
    let mut runs = 0;
    for step in action.pointer("/runs/steps").unwrap().as_array().unwrap() {
        let Some(script) = step.get("run") else { continue };
        assert!(!script.as_str().unwrap().contains("${{"), "{step:#}");
        runs += 1;
    }
    assert_eq!(runs, 4);
}

/// What a job may have set for the code that it builds.
const OF_THE_JOB: [(&str, &str); 5] = [
    ("RUSTUP_TOOLCHAIN", "of-the-project"),
    ("RUSTFLAGS", "-D warnings"),
    ("CARGO_ENCODED_RUSTFLAGS", "-Dwarnings"),
    ("CARGO_BUILD_RUSTFLAGS", "-D warnings"),
    ("CARGO_BUILD_TARGET", "thumbv7em-none-eabihf"),
];

#[test]
fn the_build_is_kept_until_its_sources_change() {
    let scratch = Scratch::new();
    let files = scratch.path("action");
    let sources = ["Cargo.toml", "Cargo.lock", "cargo-spawnlint/Cargo.toml", "cargo-spawnlint/src/deep/a.rs"];
    let core = ["analysis/Cargo.toml", "analysis/src/c.rs", "rules/Cargo.toml", "rules/src/b.rs"];
    let sources = [sources, core].concat();
    let write = |path: &str, text: &str| {
        let path = files.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let key = || text(&run_from(&files, &scratch, &json!({}), &[]).used[0].1, "/key").to_owned();
    sources.iter().for_each(|path| write(path, path));
    let mut keys = vec![key()];
    for path in &sources {
        write(path, "changed");
        keys.push(key());
    }
    write("rules/src/new.rs", "");
    keys.push(key());
    let distinct: BTreeSet<&String> = keys.iter().collect();
    assert_eq!(distinct.len(), sources.len() + 2, "{keys:#?}");
    // What is no part of the program.
    write("README.md", "changed");
    write("rules/tests/c.rs", "changed");
    assert_eq!(Some(&key()), keys.last());
}

#[test]
fn it_installs_runs_uploads_and_fails_then() {
    let scratch = Scratch::new();
    let job = run_from(&root(), &scratch, &json!({}), &OF_THE_JOB);
    assert_eq!(job.code, 1, "{}", job.log);
    let annotations = job.annotations();
    assert_eq!(annotations.len(), 2, "{}", job.log);
    assert!(annotations[0].starts_with("::error file=src/lib.rs,line=2,endLine=2,"), "{}", job.log);
    assert!(annotations[0].contains("title=spawnlint%3A%3Aunbounded_task_loop::"), "{}", job.log);
    assert_eq!(job.results(), 2);
    assert!(job.summary.contains("unbounded_task_loop"), "{}", job.summary);
    // Once, from the sources of the action, and then from the cache.
    let [cache, upload] = job.used.as_slice() else { panic!("{:?}", job.used) };
    assert!(cache.0.starts_with("actions/cache@"), "{cache:?}");
    assert_eq!(text(&cache.1, "/path"), scratch.path("temp/spawnlint").to_str().unwrap());
    let key = text(&cache.1, "/key");
    assert!(key.starts_with("spawnlint-Linux-X64-") && key.len() == 60, "{key}");
    assert_eq!(upload.1["category"], "spawnlint");
    assert_eq!(text(&run(&scratch, &json!({})).used[0].1, "/key"), key);
    let installed = fs::read_to_string(scratch.path("temp/installed")).unwrap();
    let spawnlint = scratch.path("temp/spawnlint");
    // None of the variables is among what it was built with.
    let told = format!(
        "install --locked --quiet --path cargo-spawnlint --root {}; in {}\n",
        spawnlint.display(),
        root().display()
    );
    assert_eq!(installed, told);
}

#[test]
fn inputs_do_what_they_say() {
    let scratch = Scratch::new();
    scratch.git("git update-ref refs/remotes/origin/main HEAD");
    scratch.write("src/lib.rs", OLD.to_owned() + NEW);
    // What somebody copies who has no baseline, in a pull request to `main`.
    let steps = yaml(&recipe("docs/ci.md", "since").replace("${{ github.base_ref }}", "main"));
    assert_eq!(steps.pointer("/steps/0/with/fetch-depth"), Some(&0.into()));
    let job = run(&scratch, steps.pointer("/steps/1/with").unwrap());
    assert_eq!((job.code, job.annotations().len(), job.results()), (1, 1, 1), "{}", job.log);
    // Nothing of it is a word, a flag, a name of files or a script.
    let odd = "--workspace\n  -A all   -D\twarnings";
    let job = run(&scratch, &json!({ "args": odd }));
    assert_eq!((job.code, job.annotations().len(), job.results()), (0, 0, 0), "{}", job.log);
    for odd in ["$(touch evil)", "`touch evil`", "a; touch evil", "\"; touch evil #"] {
        let job = run(&scratch, &json!({ "since": odd }));
        assert_eq!((job.code, job.annotations().len()), (2, 1), "{}", job.log);
        let job = run(&scratch, &json!({ "args": odd, "baseline": odd }));
        assert_eq!((job.code, job.annotations().len()), (2, 1), "{}", job.log);
        assert!(!scratch.project().join("evil").exists());
    }
    let job = run(&scratch, &json!({ "upload-sarif": "false" }));
    assert_eq!((job.code, job.uploaded().is_none()), (1, true));
    let job = run(&scratch, &json!({ "working-directory": "src", "args": "--max-findings 2" }));
    assert_eq!((job.code, job.results()), (1, 3), "{}", job.log);
    assert!(job.annotations()[0].starts_with("::warning file=src/lib.rs,"), "{}", job.log);
}

#[test]
fn what_was_not_checked_is_told() {
    let scratch = Scratch::new();
    assert!(run(&scratch, &json!({})).uploaded().is_some());
    scratch.write("spawnlint.toml", "levels = 1\n");
    let job = run(&scratch, &json!({}));
    assert_eq!((job.code, job.annotations().len()), (2, 1), "{}", job.log);
    assert!(job.annotations()[0].starts_with("::error title=cargo-spawnlint::The code was not checked"), "{}", job.log);
    // An older report is not taken for one of this run.
    assert!(job.uploaded().is_none());
    scratch.write("spawnlint.toml", "");
    scratch.write("src/lib.rs", "fn (\n");
    let job = run(&scratch, &json!({}));
    assert_eq!(job.code, 3, "{}", job.log);
    // The error of the parser, and that of the gate.
    assert_eq!(job.annotations().len(), 2, "{}", job.log);
    assert!(job.uploaded().is_some());
}
