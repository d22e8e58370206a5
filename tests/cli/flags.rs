//! Flags as users of cargo, clippy and editors type them.

use crate::{
    fix::mends::MENDS,
    support::{Folder, MANIFEST, Run, git},
};
use cargo_metadata::Message;
use cargo_spawnlint::Exit;
use serde_json::Value;
use spawnlint_rules::rules::RULES;
use std::fs;

fn workspace() -> Folder {
    let folder = Folder::new(&[
        ("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"web-api\", \"web-ui\", \"core\"]\n"),
        ("web-api/src/lib.rs", "fn leak_api() {}\n"),
        ("web-api/src/bin/one.rs", "fn leak_one() {}\n"),
        ("web-api/src/bin/the-two.rs", "fn leak_two() {}\n"),
        ("web-api/tests/it.rs", "fn leak_it() {}\n"),
        ("web-api/tests/more.rs", "fn leak_more() {}\n"),
        ("web-api/examples/show.rs", "fn leak_show() {}\n"),
        ("web-api/benches/fast.rs", "fn leak_fast() {}\n"),
        ("web-ui/src/lib.rs", "fn leak_ui() {}\nfn leak_ui_2() {\n    run();\n}\n"),
        ("core/src/lib.rs", "fn leak_core() {}\n"),
    ]);
    for name in ["web-api", "web-ui", "core"] {
        folder.write(&format!("{name}/Cargo.toml"), MANIFEST.replace("demo", name));
    }
    folder
}

/// The names that are found, in order.
fn found(folder: &Folder, args: &[&str]) -> String {
    let out = folder.run(&[&["--message-format", "short"], args].concat());
    assert_eq!(out.exit, Exit::Clean, "{}", out.stderr);
    let names = out.stdout.lines().map(|line| line.split('`').nth(1).unwrap_or(line).trim_start_matches("leak_"));
    names.collect::<Vec<_>>().join(" ")
}

fn refused(folder: &Folder, args: &[&str]) -> String {
    let out = folder.run(args);
    assert_eq!((out.exit, out.stdout.as_str()), (Exit::Usage, ""), "{}", out.stderr);
    out.stderr
}

#[test]
fn targets_by_kind_and_name() {
    let folder = workspace();
    assert_eq!(found(&folder, &["-p", "web-api", "--examples"]), "show");
    assert_eq!(found(&folder, &["-p", "web-api", "--benches", "--examples"]), "fast show");
    assert_eq!(found(&folder, &["--test", "it"]), "it");
    assert_eq!(found(&folder, &["--test", "it", "--test", "more", "--bin", "one"]), "one it more");
    assert_eq!(found(&folder, &["--bin", "the-two"]), "two");
    assert_eq!(found(&folder, &["--example", "sh*", "--bench", "fast"]), "fast show");
    assert_eq!(found(&folder, &["-p", "web-api", "--lib", "--test", "it"]), "api it");
    // What rust-analyzer asks for where tests are not to be looked at.
    assert_eq!(found(&folder, &["--workspace", "--lib", "--bins", "--examples"]), "core show one two api ui ui_2");
    let said = refused(&folder, &["--test", "its"]);
    assert_eq!(said, "error: unknown integration test `its`; did you mean `it`?\n");
    let said = refused(&folder, &["-p", "core", "--bin", "x"]);
    assert_eq!(said, "error: unknown binary `x`; the workspace has none\n");
}

#[test]
fn packages_by_pattern_and_id() {
    let folder = workspace();
    assert_eq!(found(&folder, &["-p", "web-*", "--lib"]), "api ui ui_2");
    assert_eq!(found(&folder, &["--workspace", "--exclude", "web-*"]), "core");
    assert_eq!(found(&folder, &["-p", "cor?"]), "core");
    assert!(refused(&folder, &["-p", "db-*"]).contains("has no package `db-*`"));
    let path = folder.path();
    for id in ["path+file://{}/core#0.1.0", "path+file://{}/core", "file://{}/core"] {
        assert_eq!(found(&folder, &["-p", &id.replace("{}", path.to_str().unwrap())]), "core");
    }
    let said = refused(&folder, &["-p", "core/src/lib.rs"]);
    assert_eq!(said, "error: `core/src/lib.rs` is a path, not a package; pass paths without a flag\n");
    let said = refused(&folder, &["web-ui-x", "core"]);
    assert!(said.contains("no such file or folder: `web-ui-x`; did you mean `web-ui`?"), "{said}");
    let elsewhere = Run::default().args(&["--manifest-path", "../Cargo.toml", "web-ui"]).run_in(&path.join("core"));
    let said = "error: no such file or folder: `web-ui`; for the package, write `-p web-ui`\n";
    assert_eq!((elsewhere.exit, elsewhere.stderr.as_str()), (Exit::Usage, said));
}

#[test]
fn files_by_pattern_and_line() {
    let folder = workspace();
    assert_eq!(found(&folder, &["web-*/src/*.rs"]), "api ui ui_2");
    assert_eq!(found(&folder, &["**/bin/*.rs"]), "one two");
    assert_eq!(refused(&folder, &["nowhere/**/*.rs"]), "error: no Rust file or folder matches `nowhere/**/*.rs`\n");
    assert_eq!(found(&folder, &["web-ui/src/lib.rs:2"]), "ui_2");
    assert_eq!(found(&folder, &["web-ui/src/lib.rs:2:4"]), "ui_2");
    assert_eq!(found(&folder, &["web-ui/src/lib.rs:3"]), "");
    assert_eq!(found(&folder, &["web-ui/src/lib.rs:1", "core"]), "core ui");
    assert_eq!(found(&folder, &["web-ui/src/lib.rs:1", "web-ui"]), "ui ui_2");
    assert!(refused(&folder, &["web-ui/src/lab.rs:1"]).contains("no such file or folder: `web-ui/src/lab.rs:1`"));
    assert!(refused(&folder, &["baseline", "web-ui/src/lib.rs:1"]).contains("a baseline cannot be limited to a line"));
    // A name may be what looks like a line or a pattern.
    let folder = Folder::new(&[("a:1/b[c].rs", "fn leak_odd() {}\n")]);
    assert_eq!(found(&folder, &["a:1"]), "odd");
    assert_eq!(found(&folder, &["a:1/b[c].rs"]), "odd");
}

#[test]
fn levels_behind_two_dashes() {
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {}\n")]);
    for args in [
        &["--", "-D", "warnings"][..],
        &["--", "-Dwarnings"],
        &["--", "--deny=warnings"],
        &["--", "-F", "leaky-name"],
        &["-A", "all", "--", "-W", "leak", "-D", "warnings"],
        &["check", "--", "-D", "leak"],
    ] {
        assert_eq!(folder.run(args).exit, Exit::Findings, "{args:?}");
    }
    assert_eq!(folder.run(&["-D", "warnings", "--", "-A", "leak"]).stdout, "");
    let said = refused(&folder, &["--", "src/lib.rs"]);
    assert!(
        said.starts_with("error: `src/lib.rs` is not a level; after `--`, only -A, -W, -D and -F are allowed"),
        "{said}"
    );
    assert!(refused(&folder, &["--", "-D"]).starts_with("error: `-D` lacks a rule or group"));
    assert!(refused(&folder, &["--", "-D", "leeky_name"]).contains("did you mean `leaky_name`?"));
    let said = refused(&folder, &["--", "-D", "clippy::all"]);
    assert!(
        said.contains("`clippy::all` belongs to another tool; `cargo spawnlint rules` lists the rules of this one"),
        "{said}"
    );
}

#[test]
fn rules_are_explained_and_listed() {
    let folder = Folder::new(&[]);
    let run = |args: &[&str]| Run::default().rules(RULES).args(args).run_in(&folder.path());
    assert_eq!(run(&["--explain", "double-spawn"]).stdout, run(&["explain", "double_spawn"]).stdout);
    assert!(run(&["--explain", "double_spawn"]).stdout.starts_with("spawnlint::double_spawn (group waste"));
    let rules: Vec<Value> = serde_json::from_str(&run(&["rules", "--format", "json"]).stdout).unwrap();
    let table = run(&["rules"]).stdout;
    assert!(rules.len() > RULES.len());
    for rule in &rules {
        let [name, group, level, summary] =
            ["name", "group", "level", "summary"].map(|key| rule[key].as_str().unwrap());
        let row = |line: &&str| line.split_whitespace().take(3).eq([name, group, level]) && line.ends_with(summary);
        assert_eq!(table.lines().filter(row).count(), 1, "{rule}");
    }
}

#[test]
fn tips_are_of_the_kind_that_was_meant() {
    let folder = Folder::package(&[("src/lib.rs", "")]);
    let run = |args: &[&str]| {
        let out = Run::default().rules(RULES).args(args).run_in(&folder.path());
        assert_eq!(out.exit, Exit::Usage, "{}", out.stdout);
        out.stderr
    };
    for flag in ["--dropped-join-handle", "--dropped_join_handel", "--double-spawn"] {
        let rule = if flag.contains("double") { "double_spawn" } else { "dropped_join_handle" };
        let said = run(&[flag]);
        let tip = format!("`{rule}` is a rule: `-D {rule}` sets its level, and `--explain {rule}` prints its page");
        assert!(said.contains(&tip) && !said.contains("similar argument"), "{said}");
    }
    assert!(run(&["--workspce"]).contains("'--workspace'"));
    let said = run(&["dropped_join_handle"]);
    assert!(said.contains("`dropped_join_handle` is a rule: `cargo spawnlint explain dropped_join_handle`"), "{said}");
    let said = run(&["explain", "tasks"]);
    assert!(said.contains("; for the command, `cargo spawnlint tasks --help`"), "{said}");
}

#[test]
fn the_json_of_cargo_in_all_its_variants() {
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {}\n")]);
    let rendered = |format: &str| {
        let out = folder.run(&["--message-format", format]);
        assert_eq!(out.exit, Exit::Clean, "{}", out.stderr);
        let messages = Message::parse_stream(out.stdout.as_bytes()).map(Result::unwrap);
        let rendered = messages.filter_map(|it| match it {
            Message::CompilerMessage(it) => it.message.rendered,
            _ => None,
        });
        (rendered.collect::<Vec<_>>().concat(), out.notes())
    };
    let short = "src/lib.rs:1:4: warning[spawnlint::leaky_name]: `leak` of `demo` is called `leak`\n";
    assert_eq!(rendered("json-diagnostic-short").0, short);
    assert!(rendered("json-diagnostic-rendered-ansi").0.contains("\x1b[1;33mwarning[spawnlint::leaky_name]"));
    assert!(!rendered("json").0.contains('\x1b'));
    assert_eq!(rendered("json-render-diagnostics,json-diagnostic-short"), (String::new(), short.to_owned()));
    let (messages, told) = rendered("json-render-diagnostics");
    assert!(messages.is_empty() && told.starts_with("warning[spawnlint::leaky_name]"), "{told}");
    let out = folder.run(&["--message-format", "json-diagnostic-short=a.json,json,json-diagnostic-rendered-ansi"]);
    assert!(out.stdout.contains("\\u001b[1;33m"), "{}", out.stdout);
    assert!(fs::read_to_string(folder.path().join("a.json")).unwrap().contains(&short.replace('\n', "\\n")));
    assert!(refused(&folder, &["--message-format", "json-rendered"]).contains("did you mean `json`"));
}

/// rust-analyzer puts these together for `check.command = "spawnlint"`.
#[test]
fn what_rust_analyzer_sends() {
    let folder = workspace();
    let manifest = folder.path().join("Cargo.toml");
    let manifest = manifest.to_str().unwrap();
    let id = format!("path+file://{}/core#0.1.0", folder.path().display());
    let target = folder.path().join("target/rust-analyzer");
    let format = "--message-format=json-diagnostic-rendered-ansi";
    let rest = ["--manifest-path", manifest, "--keep-going"];
    let all = ["--all-targets", "--features", "a b", "--target-dir", target.to_str().unwrap()];
    for (scope, findings) in
        [(&["--workspace"][..], 10), (&["-p", &id], 1), (&["--workspace", "--target", "x86_64-unknown-linux-gnu"], 10)]
    {
        let out = folder.run(&[scope, &[format], &rest, &all].concat());
        assert_eq!(out.exit, Exit::Clean, "{}", out.stderr);
        assert_eq!(out.stdout.matches("\"reason\":\"compiler-message\"").count(), findings, "{scope:?}");
    }
    assert!(target.join("spawnlint").is_dir() && !folder.path().join("target/spawnlint").exists());
    let out = folder.run(&[&["--workspace", "--test", "it", format][..], &rest].concat());
    assert_eq!(out.stdout.matches("\"reason\":\"compiler-message\"").count(), 1);
}

#[test]
fn standard_input_in_the_name_of_a_file() {
    let folder =
        Folder::package(&[("src/lib.rs", "mod net;\nfn leak_lib() {}\n"), ("src/net.rs", "fn leak_old() {}\n")]);
    let run = |args: &[&str], text: &str| {
        let args = [&["--message-format", "short", "--no-cache"], args].concat();
        Run::default().args(&args).stdin(text).run_in(&folder.path())
    };
    let out = run(&["--stdin-filename", "src/net.rs", "-"], "\nfn leak_new() {}\n");
    assert_eq!(out.stdout, "src/net.rs:2:4: warning[spawnlint::leaky_name]: `leak_new` of `demo` is called `leak`\n");
    assert_eq!(out.exit, Exit::Clean, "{}", out.stderr);
    // The file is as it was, and one that is not there yet is read all the same.
    assert_eq!(run(&["src/net.rs"], "").stdout.lines().count(), 1);
    assert!(folder.short(&["src/net.rs"]).contains("leak_old"));
    let out = run(&["--stdin-filename", "tests/it.rs", "--", "-D", "warnings"], "fn leak_it() {}\n");
    assert!(out.stderr.contains("no such folder"), "{}", out.stderr);
    let out = run(&["--stdin-filename", "src/new.rs", "--", "-D", "warnings"], "fn leak_it() {}\n");
    assert!(out.stdout.starts_with("src/new.rs:1:4: error[spawnlint::leaky_name]"), "{}{}", out.stdout, out.stderr);
    assert_eq!(out.exit, Exit::Findings);
    let out = run(&["--stdin-filename", "src/net.rs"], "fn bad( {\n");
    assert!(out.stdout.starts_with("src/net.rs:1:") && out.exit == Exit::Incomplete, "{}", out.stdout);
    let out = run(&["--stdin-filename", "src/net.rs", "src/lib.rs"], "");
    assert_eq!(out.exit, Exit::Usage);
    // Without a manifest.
    let bare = Folder::new(&[]);
    let run = Run::default().args(&["--message-format", "short", "--stdin-filename", "a.rs"]).stdin("fn leak() {}\n");
    assert!(run.run_in(&bare.path()).stdout.starts_with("a.rs:1:4: "));
}

#[test]
fn what_changed_is_fixed() {
    let old = "fn safe_a() {}\n\n\nfn safe_b() {}\n";
    let folder = Folder::package(&[("src/lib.rs", old), (".gitignore", "target\nCargo.lock\n")]);
    git(&folder, &["init", "-q"]);
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-q", "-m", "all"]);
    git(&folder, &["checkout", "-q", "-b", "topic"]);
    folder.write("src/lib.rs", old.replace("fn safe_b() {}", "fn grow_b() {}\nfn safe_c() {}"));
    git(&folder, &["commit", "-q", "-a", "-m", "more"]);
    let run = |args: &[&str]| Run::default().rules(MENDS).args(args).run_in(&folder.path());
    let text = || fs::read_to_string(folder.path().join("src/lib.rs")).unwrap();
    let patch = run(&["--diff", "--since", "main"]).stdout;
    assert!(patch.contains("+fn done_c() {}") && !patch.contains("done_a"), "{patch}");
    let out = run(&["--fix", "--since", "main"]);
    assert_eq!(out.exit, Exit::Clean, "{}", out.stderr);
    assert!(text().starts_with("fn safe_a() {}\n") && text().contains("fn done_c() {}"), "{}", text());
    assert!(!text().contains("grow_b"), "{}", text());
    // The old one is neither fixed nor told.
    assert_eq!(out.stdout, "");
    assert!(!out.stderr.contains("safe_a"), "{}", out.stderr);
    assert!(out.stderr.contains("1 more in unchanged code"), "{}", out.stderr);
    git(&folder, &["checkout", "-q", "."]);
    run(&["--fix", "src/lib.rs:1"]);
    assert_eq!(text(), old.replace("fn safe_b() {}", "fn grow_b() {}\nfn safe_c() {}").replace("safe_a", "done_a"));
}
