//! With the real rules, on code as people write it.

use super::text;
use crate::support::{Folder, Output, Run};
use cargo_spawnlint::Exit;
use spawnlint_rules::rules::RULES;

const MANIFEST: &str = "[package]\nname = \"demo\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\ntokio = { version = \"1\", features = [\"full\"] }\n";
const TOKIO_UTIL: &str = "tokio-util = { version = \"0.7.12\", features = [\"rt\"] }\n";

const POLL: &str = "\
use std::time::Duration;
use tokio::time::{sleep, timeout};

async fn poll(device: String) {
    loop {
        sleep(Duration::from_secs(1)).await;
        println!(\"{device}\");
    }
}
";

fn folder(manifest: &str, code: &str) -> Folder {
    let folder = Folder::new(&[("Cargo.toml", manifest)]);
    folder.write("src/lib.rs", format!("{POLL}\n{code}"));
    folder
}

fn run(folder: &Folder, args: &[&str]) -> Output {
    Run::default().rules(RULES).args(&["-A", "all", "-W", "detached-by-await"]).args(args).run_in(&folder.path())
}

fn fix(folder: &Folder) -> Output {
    run(folder, &["--fix", "--unsafe-fixes", "--no-verify", "--allow-no-vcs"])
}

#[test]
fn a_handle_is_wrapped_once() {
    let code = "pub async fn watch(device: String) {\n\t/* ä */ let _ = timeout(Duration::from_secs(30), tokio::spawn(poll(device))).await; // 🦀\n}";
    let folder = folder(&format!("{MANIFEST}{TOKIO_UTIL}"), code);
    assert_eq!(run(&folder, &["-D", "warnings"]).exit, Exit::Findings);
    let out = fix(&folder);
    let wrapped = code
        .replace("tokio::spawn(poll(device))", "tokio_util::task::AbortOnDropHandle::new(tokio::spawn(poll(device)))");
    assert_eq!(text(&folder, "src/lib.rs"), format!("{POLL}\n{wrapped}"), "{}", out.stderr);
    assert!(out.stderr.contains("applied: src/lib.rs:12:51: abort the task"), "{}", out.stderr);
    assert_eq!(out.stdout, "", "nothing is left");
    assert!(
        fix(&folder).stderr.contains("\nnothing was applied\n")
            || fix(&folder).stderr.starts_with("nothing was applied\n")
    );
    assert_eq!(text(&folder, "src/lib.rs"), format!("{POLL}\n{wrapped}"));
}

#[test]
fn two_findings_in_one_expression() {
    let code = "pub async fn watch(a: String, b: String) {\n    let _ = timeout(\n        Duration::from_secs(30),\n        tokio::spawn(async move {\n            let _ = timeout(Duration::from_secs(9), tokio::spawn(poll(b))).await;\n            poll(a).await;\n        }),\n    )\n    .await;\n}\n";
    let folder = folder(&format!("{MANIFEST}{TOKIO_UTIL}"), code);
    let found = run(&folder, &["--message-format", "short"]).stdout;
    assert_eq!(found.lines().count(), 2, "{found}");
    let out = fix(&folder);
    let new = text(&folder, "src/lib.rs");
    assert_eq!(
        new.matches("tokio_util::task::AbortOnDropHandle::new(tokio::spawn(").count(),
        2,
        "{new}\n{}",
        out.stderr
    );
    assert_eq!(out.stdout, "", "{new}");
}

#[test]
fn without_the_dependency_a_guard_is_written_out() {
    let code = "pub async fn watch(device: String) {\n    let _ = timeout(Duration::from_secs(30), tokio::spawn(poll(device))).await;\n}\n";
    let folder = folder(MANIFEST, code);
    let out = fix(&folder);
    let new = text(&folder, "src/lib.rs");
    assert!(!new.contains("tokio_util") && new.contains("struct AbortGuard(tokio::task::AbortHandle);"), "{new}");
    assert!(new.contains("#[must_use = \"dropping it aborts the task\"]\nstruct AbortGuard"), "{new}");
    assert!(out.stderr.contains(": 0 findings; 1 task is held by an owner; "), "{}", out.stderr);
    assert_eq!(text(&folder, "Cargo.toml"), MANIFEST);
}

#[test]
fn a_finding_inside_a_macro_s_body_gets_no_edit() {
    let code = "macro_rules! watch {\n    ($device:expr) => {\n        let _ = timeout(Duration::from_secs(30), tokio::spawn(poll($device))).await;\n    };\n}\n\npub async fn run(device: String) {\n    watch!(device);\n}\n";
    let folder = folder(&format!("{MANIFEST}{TOKIO_UTIL}"), code);
    fix(&folder);
    assert_eq!(text(&folder, "src/lib.rs"), format!("{POLL}\n{code}"));
}

#[test]
fn a_finding_in_a_macro_s_arguments_is_the_author_s_text() {
    let code = "pub async fn watch(device: String) {\n    tokio::select! {\n        _ = tokio::spawn(poll(device)) => {}\n        () = sleep(Duration::from_secs(3)) => {}\n    }\n}\n";
    let folder = folder(&format!("{MANIFEST}{TOKIO_UTIL}"), code);
    let found = run(&folder, &["--message-format", "short"]).stdout;
    assert_eq!(found.lines().count(), 1, "{found}");
    fix(&folder);
    let new = text(&folder, "src/lib.rs");
    assert!(new.contains("_ = tokio_util::task::AbortOnDropHandle::new(tokio::spawn(poll(device))) => {}\n"), "{new}");
}

#[test]
fn a_statement_under_a_condition_is_left_alone() {
    let kept = "\
pub async fn run(device: String) {
    tokio::spawn(poll(device));
    #[cfg(unix)]
    println!(\"started\");
    sleep(Duration::from_secs(1)).await;
}
";
    let left = [
        "tokio::spawn(poll(device));",
        "unsafe { tokio::spawn(poll(device)) };",
        "unsafe {\n        tokio::spawn(poll(device));\n    }",
        "seen[0] = match tokio::spawn(poll(device)).is_finished() {\n        true => 1,\n        false => 0,\n    };",
        "seen[0] += match tokio::spawn(poll(device)).is_finished() {\n        true => 1,\n        false => 0,\n    };",
        "seen[0] += {\n        tokio::spawn(poll(device));\n        1\n    };",
        "(tokio::spawn(poll(device)));",
        "&tokio::spawn(poll(device));",
        "[tokio::spawn(poll(device))];",
        "!tokio::spawn(poll(device)).is_finished();",
        "tokio::spawn(poll(device)).is_finished() as u8;",
        "'all: {\n        tokio::spawn(poll(device));\n    }",
    ];
    let functions = left.iter().enumerate().map(|(at, statement)| {
        format!("pub fn start_{at}(device: String, seen: &mut [u8]) -> Watch {{\n    #[cfg(unix)]\n    {statement}\n    Watch\n}}\n")
    });
    let functions: Vec<String> = functions.collect();
    let folder =
        folder(&format!("{MANIFEST}{TOKIO_UTIL}"), &format!("pub struct Watch;\n\n{kept}\n{}", functions.concat()));
    let all = ["--fix", "--unsafe-fixes", "--no-verify", "--allow-no-vcs"];
    Run::default().rules(RULES).args(&all).run_in(&folder.path());
    let new = text(&folder, "src/lib.rs");
    for function in functions {
        let (head, body) = function.split_once("\n").expect("it has lines");
        let name = head.split('(').next().expect("it has a name");
        assert!(new.contains(body), "{name}: {new}");
    }
    assert!(
        new.contains("AbortOnDropHandle::new(tokio::spawn(poll(device)));\n    #[cfg(unix)]\n    println"),
        "{new}"
    );
}

/// A scope owns a task only for as long as somebody waits in it: what a test calls returns, and the work would be gone.
#[test]
fn a_task_that_helps_a_test_is_not_ended_at_once() {
    let code = "\
#[cfg(test)]
mod tests {
    use super::*;

    struct Server(String);

    impl Server {
        async fn forward(&mut self) -> Result<bool, std::io::Error> {
            let device = self.0.clone();
            tokio::spawn(poll(device));
            Ok(true)
        }
    }

    async fn start(device: String) {
        tokio::spawn(poll(device));
        sleep(Duration::from_millis(5)).await;
    }

    #[tokio::test]
    async fn pauses() {
        tokio::spawn(poll(String::new()));
        sleep(Duration::from_millis(5)).await;
        start(String::new()).await;
        sleep(Duration::from_millis(5)).await;
        assert!(Server(String::new()).forward().await.is_ok());
    }

    #[tokio::test]
    async fn returns() {
        tokio::spawn(poll(String::new()));
    }
}
";
    let folder = folder(MANIFEST, code);
    let run = |args: &[&str]| Run::default().rules(RULES).args(&["--tests"]).args(args).run_in(&folder.path());
    run(&["--fix", "--unsafe-fixes", "--no-verify", "--allow-no-vcs"]);
    let new = text(&folder, "src/lib.rs");
    let of = |name: &str| {
        let behind = new.split_once(&format!("async fn {name}(")).expect("it is there").1;
        behind.split("async fn ").next().expect("it has a body").to_owned()
    };
    assert!(!of("forward").contains("let _task"), "{new}");
    assert!(!of("start").contains("let _task"), "{new}");
    assert!(of("pauses").contains("let _task"), "{new}");
    assert!(!of("returns").contains("let _task"), "{new}");
    let left = run(&["--message-format", "short"]).stdout;
    assert!(!left.contains("discarded_guard"), "{left}");
    println!("{new}");
}

#[test]
fn a_drop_without_a_last_semicolon_gets_one() {
    let code = "\
pub struct Watch {
    task: tokio::task::JoinHandle<()>,
    other: tokio::task::JoinHandle<()>,
}

impl Watch {
    pub fn start(device: String) -> Watch {
        Watch { task: tokio::spawn(poll(device.clone())), other: tokio::spawn(poll(device)) }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.other.abort() // first
    }
}
";
    let folder = folder(MANIFEST, code);
    let flags = ["--fix", "--unsafe-fixes", "--no-verify", "--allow-no-vcs"];
    let out = Run::default().rules(RULES).args(&flags).run_in(&folder.path());
    let ended = "self.other.abort(); // first\n        self.task.abort();\n    }";
    assert!(text(&folder, "src/lib.rs").contains(ended), "{}\n{}", text(&folder, "src/lib.rs"), out.stderr);
}

#[test]
fn a_type_in_parentheses_keeps_them() {
    let code = "\
pub struct Watch {
    tasks: std::collections::HashMap<String, tokio::task::JoinHandle<(Seen)>>,
}

impl Watch {
    pub fn add(&mut self, name: String) {
        let task = tokio::spawn(poll(name.clone()));
        self.tasks.insert(name, task);
    }

    pub fn remove(&mut self, name: &str) {
        self.tasks.remove(name);
    }
}
";
    let folder = folder(&format!("{MANIFEST}{TOKIO_UTIL}"), code);
    let flags = ["--fix", "--unsafe-fixes", "--no-verify", "--allow-no-vcs"];
    let out = Run::default().rules(RULES).args(&flags).run_in(&folder.path());
    let new = text(&folder, "src/lib.rs");
    assert!(new.contains("HashMap<String, tokio_util::task::AbortOnDropHandle<(Seen)>>"), "{new}\n{}", out.stderr);
}

#[test]
fn a_tuple_with_a_last_comma_gets_a_member() {
    let code = "\
pub async fn watch(device: String) -> Result<(u32, Vec<String>), std::io::Error> {
    let names = vec![device.clone()];
    tokio::spawn(poll(device));
    Ok((
        1,
        names,
    ))
}
";
    let folder = folder(&format!("{MANIFEST}{TOKIO_UTIL}"), code);
    let flags = ["--fix", "--unsafe-fixes", "--no-verify", "--allow-no-vcs"];
    let out = Run::default().rules(RULES).args(&flags).run_in(&folder.path());
    let new = text(&folder, "src/lib.rs");
    assert!(new.contains("(u32, Vec<String>, tokio_util::task::AbortOnDropHandle<()>)"), "{new}\n{}", out.stderr);
    assert!(new.contains("        names, task,\n    ))"), "{new}\n{}", out.stderr);
}
