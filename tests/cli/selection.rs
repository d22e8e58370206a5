//! What is reported: packages, targets and paths. Everything is linked all the same.

use crate::support::{Folder, MANIFEST, Run};
use cargo_spawnlint::Exit;

fn workspace() -> Folder {
    let manifest = |name: &str| MANIFEST.replace("demo", name);
    let folder = Folder::new(&[
        ("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"one\", \"two\"]\ndefault-members = [\"one\"]\n"),
        ("one/src/lib.rs", "fn leak_lib() {}\nmod inner;\n#[cfg(test)]\nmod checks;\n"),
        ("one/src/inner.rs", "fn leak_inner() {}\n"),
        ("one/src/checks.rs", "fn leak_checks() {}\n"),
        ("one/src/unused.rs", "fn leak_unused() {}\n"),
        ("one/src/main.rs", "fn leak_main() {}\n"),
        ("one/tests/it.rs", "mod common;\nfn leak_test() {}\n"),
        ("one/tests/common/mod.rs", "fn leak_common() {}\n"),
        ("one/tests/data/input.rs", "fn leak_data() {}\n"),
        ("one/benches/bench.rs", "fn leak_bench() {}\n"),
        ("one/examples/show.rs", "fn leak_example() {}\n"),
        ("one/build.rs", "fn leak_build() {}\n"),
        ("one/target/x.rs", "fn leak_target() {}\n"),
        ("one/.hidden/x.rs", "fn leak_hidden() {}\n"),
        ("one/nested/Cargo.toml", &manifest("nested")),
        ("one/nested/src/lib.rs", "fn leak_nested() {}\n"),
        ("two/src/lib.rs", "fn leak_two() {}\n"),
    ]);
    folder.write("one/Cargo.toml", manifest("one"));
    folder.write("two/Cargo.toml", manifest("two"));
    folder
}

/// Names of the functions that were found, in order.
fn found(folder: &Folder, args: &[&str]) -> String {
    let out = folder.short(args);
    let names = out.lines().map(|line| line.split('`').nth(1).unwrap_or(line).trim_start_matches("leak_"));
    names.collect::<Vec<_>>().join(" ")
}

#[test]
fn packages() {
    let folder = workspace();
    assert_eq!(found(&folder, &[]), "inner lib main unused");
    assert_eq!(found(&folder, &["--workspace"]), "inner lib main unused two");
    assert_eq!(found(&folder, &["-p", "two"]), "two");
    assert_eq!(found(&folder, &["-p", "two@0.1.0", "-p", "one"]), "inner lib main unused two");
    assert_eq!(found(&folder, &["--workspace", "--exclude", "one"]), "two");
    assert_eq!(folder.run(&["--exclude", "one"]).exit, Exit::Usage);
}

#[test]
fn targets() {
    let folder = workspace();
    assert_eq!(found(&folder, &["--lib"]), "inner lib unused");
    assert_eq!(found(&folder, &["--bins"]), "main");
    assert_eq!(found(&folder, &["--tests"]), "checks inner lib main unused common data test");
    let all = "bench build example checks inner lib main unused common data test";
    assert_eq!(found(&folder, &["--all-targets"]), all);
}

#[test]
fn paths() {
    let folder = workspace();
    assert_eq!(found(&folder, &["one/src/inner.rs"]), "inner");
    assert_eq!(found(&folder, &["two"]), "two");
    assert_eq!(found(&folder, &["two", "one/src/main.rs"]), "main two");
    assert_eq!(found(&folder, &["."]), "inner lib main unused two");
    assert_eq!(found(&folder, &["-p", "two", "."]), "two");
    // What the walk leaves out is read if it is named.
    assert_eq!(found(&folder, &["one/.hidden/x.rs"]), "hidden");
    // A package that is no member is another project.
    let nested = Run::default().args(&["--message-format", "short", "one/nested"]).run_in(&folder.path());
    assert!(nested.stdout.starts_with("src/lib.rs:1:4: warning[spawnlint::leaky_name]"), "{}", nested.stdout);
    assert!(nested.stdout.contains("current package believes it's in a workspace when it's not"), "{}", nested.stdout);
    assert_eq!(nested.exit, Exit::Incomplete);
    let mixed = folder.run(&["one", "one/nested/src/lib.rs"]);
    assert_eq!(mixed.exit, Exit::Usage);
    assert!(mixed.stderr.contains("does not belong to a package of the workspace"), "{}", mixed.stderr);
}

#[test]
fn the_closing_line_counts_what_is_selected() {
    let folder = workspace();
    let spawn = "pub fn f() { tokio::spawn(async { g().await }); }\nasync fn g() {}\n";
    for name in ["one", "two"] {
        let manifest = MANIFEST.replace("demo", name);
        folder.write(&format!("{name}/Cargo.toml"), format!("{manifest}[dependencies]\ntokio = \"1\"\n"));
        folder.write(&format!("{name}/src/lib.rs"), format!("{spawn}mod inner;\n"));
    }
    folder.write("one/src/inner.rs", spawn);
    let tasks = |args: &[&str]| {
        let told = folder.run(args).stderr;
        told.split(" and ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or(&told).to_owned()
    };
    assert_eq!(tasks(&["--workspace"]), "3");
    assert_eq!(tasks(&["-p", "one"]), "2");
    assert_eq!(tasks(&["-p", "two"]), "1");
    assert_eq!(tasks(&["one/src/inner.rs"]), "1");
}

#[test]
fn manifests_from_elsewhere() {
    let folder = workspace();
    let manifest = folder.path().join("two/Cargo.toml");
    let out = Run::default()
        .args(&["--message-format", "short", "-p", "two", "--manifest-path", manifest.to_str().unwrap()])
        .run_in(std::path::Path::new("/"));
    assert_eq!(out.stdout.lines().count(), 1);
    assert!(out.stdout.starts_with("two/src/lib.rs:1:4: "), "{}", out.stdout);
}

#[test]
fn errors_outside_of_the_selection_do_not_fail_it() {
    let folder = workspace();
    folder.write("two/src/lib.rs", b"\xff");
    folder.write("one/tests/data/bad.rs", b"\xff");
    folder.write("one/templates/new.rs", b"\xff");
    let out = folder.run(&["--message-format", "short"]);
    let problems: Vec<&str> = out.stdout.lines().filter(|line| line.contains("UTF-8")).collect();
    assert!(problems[0].starts_with("two/src/lib.rs: warning: "), "{problems:?}");
    assert_eq!((problems.len(), out.exit), (1, Exit::Clean));
    assert_eq!(folder.run(&["--workspace"]).exit, Exit::Incomplete);
    // No test declares it: it may well be what a test is about.
    let out = folder.run(&["--tests", "--message-format", "short"]);
    assert!(!out.stdout.contains("one/tests/data/bad.rs"), "{}", out.stdout);
    let note = "note: 2 files that no `mod` reaches could not be read as Rust and were left out; -v names them\n";
    assert_eq!((out.notes().as_str(), out.exit), (note, Exit::Clean));
    folder.write("one/tests/common/mod.rs", b"\xff");
    assert_eq!(folder.run(&["--tests"]).exit, Exit::Incomplete);
}

#[test]
fn files_and_folders_without_a_manifest() {
    let folder = Folder::new(&[
        ("app/main.rs", "mod net;\nfn leak_main() {}\n"),
        ("app/net.rs", "mod tcp;\nfn leak_net() {}\n"),
        ("app/net/tcp.rs", "fn leak_tcp() {}\n"),
        ("alone.rs", "fn leak_alone() {}\n"),
    ]);
    assert_eq!(found(&folder, &["."]), "alone main net tcp");
    let out = folder.short(&["app"]);
    // All three are one crate.
    assert_eq!(out.matches("of `app`").count(), 3, "{out}");
    assert!(out.starts_with("app/main.rs:2:4: "), "{out}");
    // The modules of a file are read, and findings told for the file.
    assert_eq!(found(&folder, &["app/main.rs"]), "main");
    assert_eq!(found(&folder, &["alone.rs", "app/net"]), "alone tcp");
}

#[test]
fn packages_that_are_read_as_plain_files_are_better_named_by_their_manifests() {
    let folder = Folder::new(&[
        ("all/a/src/lib.rs", "fn leak_a() {}\n"),
        ("all/a/src/bin/tool.rs", ""),
        ("all/a/inner/src/lib.rs", ""),
        ("all/plain/x.rs", ""),
    ]);
    for name in ["a", "a/inner"] {
        folder.write(&format!("all/{name}/Cargo.toml"), MANIFEST);
    }
    let hint = |what: &str, each: &str| {
        format!(
            "hint: {what} read as plain files, without their dependencies; \
             `--manifest-path all/a/Cargo.toml`{each} gives better results\n"
        )
    };
    let told = |args: &[&str]| folder.run(&[&["--message-format", "short"], args].concat()).notes();
    assert_eq!(told(&["all"]), hint("a cargo package or workspace was", ""));
    folder.write("all/b/Cargo.toml", MANIFEST);
    folder.write("all/b/src/lib.rs", "");
    assert_eq!(told(&["all"]), hint("2 cargo packages or workspaces were", ", one run for each,"));
    assert_eq!(told(&["all", "-q"]), "");
    assert_eq!(told(&["all/plain"]), "");
    assert_eq!(told(&["--manifest-path", "all/a/Cargo.toml"]), "");
    let path = folder.path().join("all");
    let run = Run::default().args(&["--message-format", "short", path.to_str().unwrap()]);
    let out = run.run_in(std::path::Path::new("/usr"));
    assert!(out.notes().contains(&format!("`--manifest-path {}/a/Cargo.toml`", path.display())), "{}", out.stderr);
}

#[test]
fn a_folder_elsewhere_is_the_root_of_what_is_printed() {
    let folder = Folder::new(&[("a/b.rs", "fn leak() {}\n")]);
    let path = folder.path().join("a");
    let out = Run::default()
        .args(&["--message-format", "short", path.to_str().unwrap()])
        .run_in(std::path::Path::new("/usr"));
    assert!(out.stdout.starts_with("b.rs:1:4: "), "{}", out.stdout);
}

#[test]
fn standard_input() {
    let run = Run::default().args(&["--message-format", "short", "-"]).stdin("\nfn leak() {}\n");
    let out = run.run_in(std::path::Path::new("/"));
    assert_eq!(out.stdout, "<stdin>:2:4: warning[spawnlint::leaky_name]: `leak` of `<stdin>` is called `leak`\n");
}

#[test]
fn packages_for_tests() {
    let manifest = |name: &str, rest: &str| format!("{}{rest}", MANIFEST.replace("demo", name));
    let run = "pub fn run() { tokio::spawn(async { loop { tokio::time::sleep(PERIOD).await; } }); }\n";
    let needs = |name: &str| format!("{name} = {{ path = \"../{name}\" }}\n");
    let folder = Folder::new(&[
        (
            "Cargo.toml",
            "[workspace]\nresolver = \"3\"\nmembers = [\"app\", \"client\", \"e2e\", \"test-helpers\", \"tests/load\"]\n",
        ),
        ("app/src/main.rs", "fn main() { app::run(); }\n"),
        ("app/src/lib.rs", run),
        ("e2e/src/lib.rs", "pub fn start() { app::run(); }\nfn leak_e2e() {}\n"),
        ("e2e/tests/it.rs", "#[test] fn it() { e2e::start(); }\n"),
        ("test-helpers/src/lib.rs", "fn leak_helpers() {}\n"),
        ("client/src/lib.rs", "fn leak_client() {}\n"),
        ("tests/load/src/main.rs", "fn main() {}\nfn leak_load() {}\n"),
    ]);
    folder.write(
        "app/Cargo.toml",
        manifest("app", &format!("[dev-dependencies]\n{}{}", needs("test-helpers"), needs("client"))),
    );
    folder.write("e2e/Cargo.toml", manifest("e2e", &format!("[dependencies]\n{}", needs("app"))));
    folder.write("test-helpers/Cargo.toml", manifest("test-helpers", ""));
    folder.write("client/Cargo.toml", manifest("client", ""));
    folder.write("tests/load/Cargo.toml", manifest("load", ""));
    // What nothing but tests use is test code, as is what stands among tests; a client may have other users.
    assert_eq!(found(&folder, &["--workspace"]), "client e2e");
    assert_eq!(found(&folder, &["--workspace", "--tests"]), "client e2e helpers load");
}
