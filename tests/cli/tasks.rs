//! `cargo spawnlint tasks`: the inventory in each format, its filters, and what is wrong with the input.

use crate::support::{Folder, MANIFEST, Output, Run};
use cargo_spawnlint::Exit;
use expect_test::{expect, expect_file};
use spawnlint_rules::rules::RULES;
use std::path::PathBuf;

fn service() -> PathBuf {
    spawnlint_tests::root().join("test-fixtures/workspaces/streaming-service")
}

fn run(folder: &std::path::Path, args: &[&str]) -> Output {
    let args = [&["tasks", "--no-cache"], args].concat();
    Run::default().rules(RULES).args(&args).run_in(folder)
}

fn of_service(args: &[&str]) -> String {
    let out = run(&service(), &[&["--workspace"], args].concat());
    assert_eq!(out.exit, Exit::Clean, "{}", out.stderr);
    out.stdout
}

/// A package that depends on tokio.
fn package(text: &str) -> Folder {
    let folder = Folder::new(&[("src/lib.rs", text)]);
    folder.write("Cargo.toml", format!("{MANIFEST}[dependencies]\ntokio = \"1\"\n"));
    folder
}

#[test]
fn human() {
    expect_file!["./tasks/human.txt"].assert_eq(&of_service(&[]));
}

#[test]
fn json() {
    expect_file!["./tasks/tasks.json"].assert_eq(&of_service(&["--format", "json"]));
}

#[test]
fn dot() {
    expect_file!["./tasks/tasks.dot"].assert_eq(&of_service(&["--format", "dot"]));
}

#[test]
fn mermaid() {
    expect_file!["./tasks/tasks.mmd"].assert_eq(&of_service(&["--format", "mermaid"]));
}

#[test]
fn filters() {
    let lines = |args: &[&str]| {
        let out = of_service(args);
        let rows = out.lines().skip(1).take_while(|line| !line.is_empty()).filter(|line| line.starts_with(' '));
        let rows = rows.filter(|line| !line.starts_with("     "));
        rows.map(|line| line.trim().split("  ").next().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    expect!["12:13 17:9 24:16 33:9 22:9 31:9 38:23 32:9 54:9 87:5 36:9 16:22 31:22"]
        .assert_eq(&lines(&["--verdict", "leaks"]));
    expect!["24:16 19:5 33:9 22:9 31:9 32:9 54:9 87:5 16:22"]
        .assert_eq(&lines(&["--ending", "never", "--fate", "dropped"]));
    expect!["17:9 30:22 47:5 55:9"].assert_eq(&lines(&["--fate", "owned,awaited"]));
    expect!["19:5 22:5 42:9"].assert_eq(&lines(&["--verdict", "process", "--verdict", "peer"]));
    expect!["55:44"].assert_eq(&lines(&["--exclude", "session", "--verdict", "held"]));
    expect!["36:9 45:37 50:9"].assert_eq(&lines(&["-p", "session", "session/src/player.rs"]));
}

#[test]
fn what_is_listed_is_counted() {
    let told = |args: &[&str]| run(&service(), &[&["--workspace"], args].concat()).stderr;
    expect![[r#"
        listed 31 tasks
    "#]]
    .assert_eq(&told(&[]));
    expect![[r#"
        listed 3 of 31 tasks
    "#]]
    .assert_eq(&told(&["--verdict", "short"]));
    expect![[r#"
        none of the 31 tasks matches
    "#]]
    .assert_eq(&told(&["--fate", "cancelled"]));
    assert_eq!(told(&["-q"]), "");
    assert_eq!(of_service(&["--fate", "cancelled"]), "");
    let folder = package("pub fn f() {}\n");
    assert_eq!(run(&folder.path(), &[]).stderr, "no spawned tasks found\n");
    assert_eq!(run(&folder.path(), &["--format", "mermaid"]).stdout.lines().next(), Some("flowchart LR"));
}

/// What the closing line of a check says of the tasks.
fn census(folder: &Folder, args: &[&str]) -> String {
    let told = Run::default().rules(RULES).args(args).run_in(&folder.path()).stderr;
    let line = told.lines().find(|line| line.starts_with("checked ")).unwrap();
    line.split_once(" finding").unwrap().1.trim_start_matches('s').trim_end().to_owned()
}

#[test]
fn the_closing_line_of_a_check_counts_the_same_tasks() {
    let folder = package("");
    assert_eq!(census(&folder, &[]), "");
    let task = |name: &str, body: &str| format!("pub async fn {name}(it: Unseen) {{\n    {body}\n}}\n");
    let all = [
        task("a", "tokio::spawn(async { loop { g().await } });"),
        task("b", "tokio::spawn(g()).await.ok();"),
        task("c", "tokio::spawn(g());"),
        task("d", "tokio::spawn(it);"),
        task("e", "it.keep(tokio::spawn(async { loop { g().await } }));"),
        "async fn g() {}\n".to_owned(),
    ];
    folder.write("src/lib.rs", all.concat());
    let told = "1 is held by an owner, 1 does not leak (1 short), 2 could not be judged; \
                `cargo spawnlint tasks --verdict unknown` says why";
    assert_eq!(census(&folder, &[]), format!("; 1 task leaks, {told}"));
    assert_eq!(run(&folder.path(), &["--verdict", "unknown"]).stderr, "listed 2 of 5 tasks\n");
    // Whoever does not want to hear of it has it all the same.
    assert_eq!(census(&folder, &["-A", "all"]), format!("; 1 task leaks, {told}"));
    // Findings about tasks that do not leak are told apart: of what is dropped, one ends soon and one at any time.
    let audit = census(&folder, &["-W", "detached-task"]);
    assert_eq!(audit, format!(" (1 leak, 2 audit); 1 task leaks, {told}"));
    let allowed = all.concat().replacen("    tokio", "    // spawnlint: allow(leak): meant\n    tokio", 1);
    folder.write("src/lib.rs", allowed);
    assert_eq!(census(&folder, &[]), format!("; 1 task leaks (1 suppressed), {told}"));
    folder.write("src/lib.rs", [all[1].as_str(), &all[5]].concat());
    assert_eq!(census(&folder, &[]), "; 1 task is held by an owner; `cargo spawnlint tasks` lists them");
}

#[test]
fn wrong_words_are_told_the_right_ones() {
    for (flag, word, known) in [
        ("--format", "yaml", "human, json, dot, mermaid"),
        ("--fate", "lost", "dropped, partly-dropped, raced, awaited, "),
        ("--ending", "soon", "within, on-signal, on-peer, on-caller, never, unknown"),
        ("--verdict", "fine", "leaks, unknown, held, short, stoppable, peer, process"),
    ] {
        let out = run(&service(), &[flag, word]);
        assert_eq!((out.exit, out.stdout.as_str()), (Exit::Usage, ""));
        assert!(out.stderr.contains(&format!("[possible values: {known}")), "{}", out.stderr);
    }
    let out = run(&service(), &["--deny", "warnings"]);
    assert!(out.stderr.starts_with("error: unexpected argument '--deny' found"), "{}", out.stderr);
}

#[test]
fn unknown_says_why() {
    let folder = package(
        "use std::future::Future;\n\
         pub trait Job { fn run(&self) -> impl Future<Output = ()> + Send; }\n\
         pub fn start<J: Job + Send + Sync + 'static>(job: J) -> () {\n    \
             tokio::spawn(async move { job.run().await });\n\
         }\n\
         pub fn keep(all: &std::sync::Mutex<Vec<tokio::task::JoinHandle<()>>>, work: other::Work) {\n    \
             all.lock().unwrap().push(tokio::spawn(work));\n\
         }\n",
    );
    let out = run(&folder.path(), &[]);
    expect![[r#"
         line  verdict  what runs           reach    ending     handle
        start  src/lib.rs:3
         4:5   unknown  async { Job::run }  unknown  on-caller  dropped
                 ends with a method that users of the library implement (4:31)
        keep  src/lib.rs:6
         7:30  unknown  work                unknown  on-caller  moved into `all.lock().unwrap()`
                 fate unknown: moved into `all.lock().unwrap()` (7:5)
                 ends with a future passed in from outside the workspace (7:43)

        verdicts  2 unknown
        endings   2 on-caller
        fates     1 dropped, 1 moved

        why fates are unknown
             1  moved into `all.lock().unwrap()`
    "#]]
    .assert_eq(&out.stdout);
    let out = run(&folder.path(), &["--format", "json", "--fate", "moved"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["tasks"][0]["ending"]["given"]["text"], "a future passed in from outside the workspace");
    assert_eq!(json["summary"]["unknown_fates"][0]["why"], "moved into `all.lock().unwrap()`");
}

/// That an example starts it once does not show how often others do.
#[test]
fn an_example_is_no_proof_of_how_often_a_task_is_started() {
    let folder = package("pub fn start() {\n    tokio::spawn(async { loop { tokio::task::yield_now().await } });\n}\n");
    folder.write("examples/once.rs", "#[tokio::main]\nasync fn main() { demo::start() }\n");
    let reach = |args: &[&str]| {
        let out = run(&folder.path(), &[&["--format", "json"], args].concat()).stdout;
        serde_json::from_str::<serde_json::Value>(&out).unwrap()["tasks"][0]["reach"].to_string()
    };
    assert_eq!((reach(&[]), reach(&["--all-targets"])), ("\"unknown\"".to_owned(), "\"unknown\"".to_owned()));
}

#[test]
fn a_rule_outranks_the_answers_and_comments_are_seen() {
    let folder = package(
        "async fn tick() { loop { tokio::time::sleep(std::time::Duration::from_secs(1)).await; } }\n\
         pub fn a() {\n    tokio::spawn(tick());\n}\n\
         pub fn b() {\n    // spawnlint: allow(leak): on purpose\n    tokio::spawn(tick());\n}\n",
    );
    let out = run(&folder.path(), &["-q"]).stdout;
    let rows: Vec<&str> = out.lines().filter(|line| line.starts_with(' ')).skip(1).collect();
    expect![[r#"
        [
            " 3:5   leaks    tick       unknown  never   dropped  unbounded_task_loop",
            " 7:5   leaks    tick       unknown  never   dropped  unbounded_task_loop (suppressed)",
        ]
    "#]]
    .assert_debug_eq(&rows);
}

#[test]
fn a_broken_file_is_told_and_the_rest_is_listed() {
    let folder = package("mod bad;\nasync fn f() {}\npub fn g() {\n    tokio::spawn(f());\n}\n");
    folder.write("src/bad.rs", "fn() {}\n");
    for format in ["human", "json", "dot", "mermaid"] {
        let out = run(&folder.path(), &["--format", format]);
        assert_eq!(out.exit, Exit::Incomplete, "{format}");
        assert!(out.stdout.contains("short"), "{format}: {}", out.stdout);
        assert!(out.stderr.starts_with("error: "), "{format}: {}", out.stderr);
        assert!(out.stderr.contains("src/bad.rs:1:"), "{format}: {}", out.stderr);
    }
    let out = run(&folder.path(), &["--format", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&json["problems"][0]["path"], &json["problems"][0]["severity"]),
        (&"src/bad.rs".into(), &"error".into())
    );
}

#[test]
fn hostile_names_stay_inside_of_their_labels() {
    let name = "a\"]; x -> y [b`#<i>\\\u{1b}[31m\u{202e}.rs";
    let folder = Folder::new(&[(name, "pub fn f(tx: std::collections::VecDeque<u8>) { tokio::spawn(tx); }\n")]);
    for format in ["human", "json", "dot", "mermaid"] {
        let out = run(&folder.path(), &["--format", format, "."]).stdout;
        assert!(!out.contains(|it: char| it.is_control() && it != '\n') && !out.contains('\u{202e}'), "{out:?}");
    }
    let line_with = |format: &str, text: &str| {
        let out = run(&folder.path(), &["--format", format, "."]).stdout;
        out.lines().find(|line| line.contains(text)).unwrap_or(&out).to_owned()
    };
    expect![[r##"        n0 [label="f\na\"]; x -> y [b`#<i>\\␛[31m�.rs:1:8", shape=box];"##]]
        .assert_eq(&line_with("dot", "n0 "));
    expect![[r##"        n0["f<br/>a#34;]#59; x -#62; y [b#96;#35;#60;i#62;#92;␛[31m�.rs:1:8"]"##]]
        .assert_eq(&line_with("mermaid", "n0["));
    let out = run(&folder.path(), &["--format", "json", "."]).stdout;
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["tasks"][0]["at"]["path"], name);
}

#[test]
fn colours_and_jobs_change_no_word() {
    let plain = of_service(&[]);
    let coloured = of_service(&["--color", "always"]);
    assert!(coloured.contains("\u{1b}[1m\u{1b}[31mleaks"), "{coloured:?}");
    let mut text = String::new();
    for (at, part) in coloured.split('\u{1b}').enumerate() {
        text.push_str(if at == 0 { part } else { part.split_once('m').unwrap().1 });
    }
    assert_eq!(text, plain);
    for format in ["human", "json", "dot", "mermaid"] {
        let of_jobs = |jobs| of_service(&["--format", format, "--jobs", jobs]);
        assert_eq!(of_jobs("1"), of_jobs("3"));
    }
}

#[test]
fn standard_input() {
    let run = Run::default().args(&["tasks", "-"]).stdin("fn f() { tokio::spawn(async {}); }\n");
    let out = run.run_in(std::path::Path::new("/"));
    assert!(out.stdout.contains("f  <stdin>:1\n 1:10  short    async block"), "{}", out.stdout);
}

#[test]
fn rows_fit_on_a_screen() {
    let out = of_service(&[]);
    let rows = out.lines().take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("     "));
    rows.for_each(|line| assert!(line.chars().count() <= 140, "{line}"));
}

/// How often a task is started that a library starts, beside a program that calls it once.
fn reach_in_library(package: &str, lib: &str, call: &str) -> String {
    let client = "pub struct Client;
impl Client {
    pub fn connect() -> Client {
        tokio::spawn(async { loop { work().await; } });
        Client
    }
}
";
    let serve = if lib.contains("serve") { "pub fn serve() { Client::connect(); }\n" } else { "" };
    let folder = Folder::new(&[
        ("src/lib.rs", lib),
        ("src/client.rs", &format!("{client}{serve}")),
        ("src/main.rs", &format!("#[tokio::main]\nasync fn main() {{ {call}; }}\n")),
    ]);
    folder.write("Cargo.toml", format!("{MANIFEST}{package}[dependencies]\ntokio = \"1\"\n"));
    let found: serde_json::Value = serde_json::from_str(&run(&folder.path(), &["--format", "json"]).stdout).unwrap();
    let [task] = found["tasks"].as_array().unwrap().as_slice() else { panic!("{found}") };
    task["reach"].as_str().unwrap().to_owned()
}

#[test]
fn users_of_a_library_make_as_many_as_they_like() {
    const PUBLISHED: &str = "description = \"a client\"\nlicense = \"MIT\"\n";
    let connect = "demo::client::Client::connect()";
    assert_eq!(reach_in_library(PUBLISHED, "pub mod client;", connect), "owner");
    let again = "mod client; mod again { pub use super::client::*; } pub use again::Client;";
    assert_eq!(reach_in_library(PUBLISHED, again, "demo::Client::connect()"), "owner");
    // What only the package itself can name is called as often as it calls it.
    let hidden = "mod client; pub fn serve() { client::serve() }";
    assert_eq!(reach_in_library(PUBLISHED, hidden, "demo::serve()"), "process");
    // So is what is not meant for others.
    for package in ["", "description = \"a client\"\n", &format!("{PUBLISHED}publish = false\n")] {
        assert_eq!(reach_in_library(package, "pub mod client;", connect), "process", "{package}");
    }
}

/// The inventory says where it is blind: neither what the standard library starts nor what can be read counts.
#[test]
fn what_could_not_be_followed_is_counted() {
    let text = "pub fn f(pool: other::Pool) { pool.spawn_named(1); other::spawn_all!(2); spawn_here(3); }
fn spawn_here(_: u8) { std::thread::spawn(|| ()); }
#[cfg(test)]
mod tests { fn f(pool: other::Pool) { pool.spawn_named(1); } }
";
    let folder = Folder::package(&[("src/lib.rs", text)]);
    let told = run(&folder.path(), &[]).stderr;
    let blind = "; 2 more calls have `spawn` in their name and could not be followed (2 in ";
    assert!(told.starts_with("no spawned tasks found") && told.contains(blind), "{told}");
    assert!(told.ends_with("; -v lists them\n"), "{told}");
}

#[test]
fn what_could_not_be_followed_is_listed() {
    let text =
        "pub fn f(pool: other::Pool) {\n    pool.inner()\n        .spawn_named(1);\n    other::spawn_all!(2);\n}\n";
    let folder = Folder::package(&[("src/lib.rs", text)]);
    let out = run(&folder.path(), &["-v"]);
    expect![[r#"
        calls that could not be followed
          src/lib.rs:2:5  pool.inner().spawn_named
          src/lib.rs:4:5  other::spawn_all
    "#]]
    .assert_eq(&out.stdout);
    assert!(!out.stderr.contains("-v"), "{}", out.stderr);
    let json: serde_json::Value = serde_json::from_str(&run(&folder.path(), &["--format", "json"]).stdout).unwrap();
    expect![[r#"{"at":{"column":5,"line":4,"path":"src/lib.rs"},"call":"other::spawn_all","crate":"demo"}"#]]
        .assert_eq(&json["unfollowed"][1].to_string());
}
