//! `spawnlint.toml` and its kin: what holds where, and what is wrong with them.

mod mistakes;

use crate::support::{Folder, MANIFEST, Run};
use cargo_spawnlint::Exit;
use expect_test::{Expect, expect};
use spawnlint_rules::rules::RULES;

const ALL_THREE: &str = "fn leak() {}\nfn waste() {}\nfn list() {}\n";

/// The rules that spoke, with their files and levels.
fn told(folder: &Folder, args: &[&str]) -> String {
    let out = folder.run(&[&["--message-format", "short", "--workspace"], args].concat());
    assert_eq!(out.notes(), "", "{}", out.stdout);
    let lines = out.stdout.lines().map(|line| {
        let (place, rest) = line.split_once(": ").unwrap();
        let (level, rule) = rest.split_once("[spawnlint::").unwrap();
        format!("{} {level} {}", place.split(':').next().unwrap(), rule.split(']').next().unwrap())
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What is said of a configuration that is wrong.
#[track_caller]
fn wrong(configuration: &str, expected: Expect) {
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {}"), ("spawnlint.toml", configuration)]);
    let first = folder.run(&[]).stderr;
    for args in [&["check"][..], &["tasks"], &["config"], &["--fix"], &["--add-suppressions", "why"]] {
        let out = folder.run(args);
        assert_eq!((out.exit, out.stdout.as_str()), (Exit::Usage, ""), "{args:?}");
        assert_eq!(out.stderr, first, "{args:?}");
    }
    expected.assert_eq(&first);
}

#[test]
fn a_file_sets_levels() {
    let folder = Folder::package(&[("src/lib.rs", ALL_THREE)]);
    for name in ["spawnlint.toml", ".spawnlint.toml"] {
        folder.write(name, "[levels]\nleaky-name = \"deny\"\nall = \"warn\"\nwaste = \"allow\"\n");
        assert_eq!(told(&folder, &[]), "src/lib.rs error leaky_name\nsrc/lib.rs warning listed_name");
        std::fs::remove_file(folder.path().join(name)).unwrap();
    }
    let table = "\n[package.metadata.spawnlint.levels]\nwarnings = \"deny\"\n";
    folder.write("Cargo.toml", format!("{MANIFEST}{table}"));
    assert_eq!(told(&folder, &[]), "src/lib.rs error leaky_name\nsrc/lib.rs error wasteful_name");
    // Flags win.
    assert_eq!(told(&folder, &["-A", "leak", "-W", "warnings"]), "src/lib.rs warning wasteful_name");
}

#[test]
fn no_file_counts_in_isolation() {
    let folder = Folder::package(&[("src/lib.rs", ALL_THREE)]);
    let metadata = "\n[package.metadata.spawnlint.levels]\nleak = \"allow\"\n";
    folder.write("Cargo.toml", format!("{MANIFEST}{metadata}"));
    folder.write("spawnlint.toml", "[levels]\nwaste = \"allow\"\n");
    assert_eq!(told(&folder, &[]), "");
    let all = "src/lib.rs warning leaky_name\nsrc/lib.rs warning wasteful_name";
    assert_eq!(told(&folder, &["--isolated"]), all);
    assert_eq!(told(&folder, &["--isolated", "-A", "leak"]), "src/lib.rs warning wasteful_name");
    // Not even what is wrong with it.
    folder.write("spawnlint.toml", "exclude = 1\n");
    assert_eq!(folder.run(&[]).exit, Exit::Usage);
    assert_eq!(told(&folder, &["--isolated"]), all);
    let shown = folder.run(&["config", "--isolated"]);
    assert_eq!(shown.exit, Exit::Clean, "{}", shown.stderr);
    assert!(!shown.stdout.contains("spawnlint.toml"), "{}", shown.stdout);
}

#[test]
fn the_nearest_wins() {
    let member = |name: &str| MANIFEST.replace("demo", name);
    let folder = Folder::new(&[
        (
            "Cargo.toml",
            &format!(
                "[workspace]\nmembers = [\"a\", \"b\"]\n[workspace.metadata.spawnlint.levels]\nleak = \"deny\"\nwaste = \"allow\"\n{MANIFEST}[package.metadata.spawnlint.levels]\naudit = \"warn\"\n"
            ),
        ),
        ("src/lib.rs", ALL_THREE),
        ("a/Cargo.toml", &member("a")),
        ("a/src/lib.rs", &format!("mod inner;\n{ALL_THREE}")),
        ("a/spawnlint.toml", "levels.leak = \"warn\""),
        ("a/src/inner/mod.rs", ALL_THREE),
        ("a/src/inner/.spawnlint.toml", "levels.leaky_name = \"allow\"\nlevels.waste = \"warn\""),
        ("b/Cargo.toml", &member("b")),
        ("b/src/lib.rs", ALL_THREE),
    ]);
    expect![[r#"
        a/src/inner/mod.rs warning wasteful_name
        a/src/lib.rs warning leaky_name
        b/src/lib.rs error leaky_name
        src/lib.rs error leaky_name
        src/lib.rs warning listed_name"#]]
    .assert_eq(&told(&folder, &[]));
}

#[test]
fn paths_have_levels_or_are_left_out() {
    let folder = Folder::package(&[
        ("src/lib.rs", "mod net; mod gen; mod a_pb;"),
        ("src/net/mod.rs", "fn leak() {}\nmod deep;"),
        ("src/net/deep.rs", ALL_THREE),
        ("src/gen.rs", ALL_THREE),
        ("src/a_pb.rs", ALL_THREE),
        (
            "spawnlint.toml",
            "exclude = [\"**/*_pb.rs\", \"./src/gen.rs\"]\nlevels.leak = \"deny\"\n[[override]]\npaths = [\"src/net/\"]\nlevels.leak = \"warn\"\n[[override]]\npaths = [\"src/*/deep.rs\"]\nlevels.waste = \"deny\"\n",
        ),
    ]);
    expect![[r#"
        src/net/deep.rs warning leaky_name
        src/net/deep.rs error wasteful_name
        src/net/mod.rs warning leaky_name"#]]
    .assert_eq(&told(&folder, &[]));
    // Who names a file means it.
    assert_eq!(told(&folder, &["src/gen.rs"]), "src/gen.rs error leaky_name\nsrc/gen.rs warning wasteful_name");
    assert_eq!(told(&folder, &["src/net", "-A", "leak"]), "src/net/deep.rs error wasteful_name");
}

const SERVICE: &str = "use std::time::Duration;
pub async fn serve(listener: tokio::net::TcpListener) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let body = vec![0u8; 1024];
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(600)).await;
            drop((stream, body));
        });
    }
}
";

#[test]
fn costs_are_counted_and_waits_are_long_where_the_file_says_so() {
    let manifest = format!("{MANIFEST}[dependencies]\ntokio = \"1\"\n");
    let folder = Folder::new(&[("Cargo.toml", &manifest), ("src/lib.rs", SERVICE)]);
    let run = |configuration: &str, args: &[&str]| {
        folder.write("spawnlint.toml", configuration);
        let out = Run::default().rules(RULES).args(args).run_in(&folder.path());
        out.stdout
    };
    let out = run("[cost]\narrivals-per-second = 100\nabandoned = 0.3\nbytes-per-task = 10_000_000\n", &[]);
    let note =
        "at 100 per second, with 30% of them abandoned, 18,000 are alive at a time, holding 180 GB at 10 MB each";
    assert!(out.contains(note), "{out}");
    let out = run("[cost]\narrivals-per-second = 0.5\nabandoned = 1\n", &[]);
    assert!(out.contains("at 0.5 per second, with 100% of them abandoned, 300 are alive at a time\n"), "{out}");
    assert_eq!(run("long-wait = \"11m\"", &[]), "");
    assert!(run("long-wait = \"11m\"", &["--long-wait", "10m"]).contains("long_timeout_in_task"));
}

/// The findings of the real rules, and the tasks, for a body and a configuration.
fn with_rows(body: &str, configuration: &str) -> (String, String) {
    let manifest = format!("{MANIFEST}[dependencies]\ntokio = \"1\"\nmy_runtime = \"1\"\n");
    let text = format!(
        "mod rt {{ pub fn supervised<F: Future<Output = ()>>(f: F) -> my_runtime::Handle {{ my_runtime::start(f) }} }}\n\
         async fn tick() {{ loop {{ tokio::time::sleep(std::time::Duration::from_secs(1)).await }} }}\n\
         pub async fn serve(listener: tokio::net::TcpListener, stop: my_runtime::Shutdown) {{\n\
         loop {{ listener.accept().await.unwrap(); let stop = stop.clone();\n{body}\n}} }}\n"
    );
    let folder = Folder::new(&[("Cargo.toml", &manifest), ("src/lib.rs", &text), ("spawnlint.toml", configuration)]);
    let run = |args: &[&str]| Run::default().rules(RULES).args(args).run_in(&folder.path());
    let findings = run(&["--message-format", "short"]);
    let rules = findings.stdout.lines().filter_map(|line| line.split("spawnlint::").nth(1)?.split(']').next());
    let tasks = run(&["tasks"]).stdout;
    (rules.collect::<Vec<_>>().join(" "), tasks)
}

#[test]
fn rows_say_what_starts_a_task() {
    for (path, body) in [
        ("my_runtime::start", "my_runtime::start(tick());"),
        ("crate::rt::supervised", "rt::supervised(tick());"),
        ("demo::rt::supervised", "rt::supervised(tick());"),
        ("my_runtime::Pool::run", "my_runtime::Pool::new().run(tick());"),
    ] {
        assert_eq!(with_rows(body, "").0, "", "{path}");
        let row = |drop: &str| format!("[[spawn]]\npath = \"{path}\"\ndrop = \"{drop}\"\n");
        assert_eq!(with_rows(body, &row("detach")).0, "unbounded_task_loop", "{path}");
        assert_eq!(with_rows(body, &row("abort")).0, "discarded_guard", "{path}");
        assert_eq!(with_rows(body, &row("shutdown-aware")).0, "", "{path}");
    }
    let second = "[[spawn]]\npath = \"my_runtime::named\"\ndrop = \"detach\"\narg = 1\n";
    assert_eq!(with_rows("my_runtime::named(\"tick\", tick());", second).0, "unbounded_task_loop");
}

#[test]
fn rows_say_what_ends_a_task() {
    let body =
        "tokio::spawn(async move { loop { tokio::select! { _ = tick() => {} _ = stop.requested() => break } } });";
    assert!(!with_rows(body, "").1.contains("stoppable"));
    let (findings, tasks) = with_rows(body, "[[stop]]\npath = \"my_runtime::Shutdown::requested\"\n");
    assert!(findings.is_empty() && tasks.contains("stoppable"), "{findings}{tasks}");

    let body = "let handle = tokio::spawn(tick()); let _guard = my_runtime::Guard::new(handle);";
    assert_eq!(with_rows(body, "").0, "unbounded_task_loop");
    assert_eq!(with_rows(body, "[[owner]]\npath = \"my_runtime::Guard\"\n").0, "");

    let body = "tokio::spawn(my_runtime::traced(tick()));";
    assert_eq!(with_rows(body, "").0, "");
    assert_eq!(with_rows(body, "[[wrapper]]\npath = \"my_runtime::traced\"\n").0, "unbounded_task_loop");
}

#[test]
fn the_merged_configuration_is_printed() {
    let folder = Folder::package(&[
        ("src/lib.rs", ""),
        ("src/net/mod.rs", ""),
        ("spawnlint.toml", "long-wait = \"90s\"\n[levels]\nleak = \"deny\"\n"),
        ("src/net/spawnlint.toml", "require-reason = true"),
    ]);
    let out = folder.run(&["config", "-W", "listed-name"]);
    let stdout = out.stdout.replace(&folder.path().display().to_string(), "/folder");
    expect![[r#"
        # configuration for . in /folder
        long-wait = "90s"                          # spawnlint.toml:1
        # require-reason: for rules at deny level  # default

        [levels]
        leaky_name = "deny"                        # spawnlint.toml:3, by `leak`
        wasteful_name = "warn"                     # default
        listed_name = "warn"                       # flag -W listed-name
        unused_suppression = "warn"                # default
        suppression_without_reason = "warn"        # default
        invalid_suppression = "warn"               # default

        # src/net/spawnlint.toml also has settings for src/net
    "#]]
    .assert_eq(&stdout);
    let out = folder.run(&["config", "src/net/mod.rs", "--long-wait", "1h"]);
    assert!(out.stdout.contains("require-reason = true"), "{}", out.stdout);
    assert!(out.stdout.contains("long-wait = \"1h\"") && out.stdout.contains("# --long-wait"), "{}", out.stdout);
    assert!(folder.run(&["config", "--schema"]).stdout.starts_with("{\n"));
}

#[test]
fn files_that_disagree() {
    let folder = Folder::package(&[
        ("src/lib.rs", ""),
        ("spawnlint.toml", "long-wait = \"1m\"\nlevels.leaky-name = \"warn\""),
        (".spawnlint.toml", "long-wait = \"60s\"\n\nlevels.leaky_name = \"deny\""),
    ]);
    let out = folder.run(&[]);
    assert_eq!(out.exit, Exit::Usage);
    expect![[r#"
        error: .spawnlint.toml:3:8: `levels.leaky_name` is `deny` here, and `warn` in spawnlint.toml:2
          |
        3 | levels.leaky_name = "deny"
          |        ^^^^^^^^^^
          = help: both apply to the same folder; keep one of them
    "#]]
    .assert_eq(&out.stderr);
    folder.write(".spawnlint.toml", "long-wait = \"60s\"");
    assert_eq!(folder.run(&[]).exit, Exit::Clean);
    let table = "[workspace.metadata.spawnlint]\nlong-wait = \"2m\"\n[workspace]\n";
    folder.write("Cargo.toml", format!("{MANIFEST}{table}"));
    expect![[r#"
        error: Cargo.toml:6:13: `long-wait` is 120s here, and 60s in .spawnlint.toml:1
          |
        6 | long-wait = "2m"
          |             ^^^^
          = help: both apply to the same folder; keep one of them
    "#]]
    .assert_eq(&folder.run(&[]).stderr);
}

#[test]
fn what_matches_nothing_is_told() {
    let code = "mod rt;\nfn main_task() {}\npub mod deep {\n    pub struct Guard;\n}\n";
    let rt = "pub struct Pool;\nimpl Pool {\n    pub fn run(&self) {}\n}\npub fn spawn() {}\n";
    let folder = Folder::package(&[("src/lib.rs", code), ("src/rt.rs", rt), ("tests/it.rs", "")]);
    let row = |kind: &str, path: &str| {
        let drop = if kind == "spawn" { "drop = \"detach\"\n" } else { "" };
        format!("[[{kind}]]\npath = \"{path}\"\n{drop}")
    };
    let all = |paths: [&str; 4], rows: [&str; 5]| {
        let [a, b, c, d] = paths;
        let head = format!("exclude = [\"{a}\", \"{b}\"]\n[[override]]\npaths = [\"{c}\", \"{d}\"]\nlevels = {{}}\n");
        let kinds = ["spawn", "owner", "stop", "wrapper", "stop"];
        kinds.iter().zip(rows).fold(head, |text, (kind, path)| text + &row(kind, path))
    };
    let rows = ["crate::rt::spawn", "demo::deep::Guard", "crate::rt::Pool::run", "demo::main_task", "other::stop"];
    folder.write("spawnlint.toml", all(["tests/it.rs", "tests", "./src/", "**/rt.rs"], rows));
    assert_eq!(told(&folder, &[]), "");
    let rows = ["crate::spawn", "demo::Guard", "crate::rt::Pool::walk", "demo::rt::main_task", "crate::a::b"];
    folder.write("spawnlint.toml", all(["test", "tests/*/*.rs", "lib.rs", "src/**/none.rs"], rows));
    let out = folder.run(&["--lib"]);
    assert_eq!(out.exit, Exit::Clean);
    expect![[r#"
        note: spawnlint.toml:1: `test` of `exclude` matches no file
        note: spawnlint.toml:1: `tests/*/*.rs` of `exclude` matches no file
        note: spawnlint.toml:3: `lib.rs` of `override.paths` matches no file
        note: spawnlint.toml:3: `src/**/none.rs` of `override.paths` matches no file
        note: spawnlint.toml:6: `crate::spawn` of `spawn` matches nothing in the workspace; use the path of the declaration
        note: spawnlint.toml:9: `demo::Guard` of `owner` matches nothing in the workspace; use the path of the declaration
        note: spawnlint.toml:11: `crate::rt::Pool::walk` of `stop` matches nothing in the workspace; use the path of the declaration
        note: spawnlint.toml:15: `crate::a::b` of `stop` matches nothing in the workspace; use the path of the declaration
        note: spawnlint.toml:13: `demo::rt::main_task` of `wrapper` matches nothing in the workspace; use the path of the declaration
    "#]].assert_eq(&out.notes());
    assert_eq!(folder.run(&["tasks"]).stderr.lines().count(), 10);
    assert_eq!(folder.run(&["-q"]).stderr, "");
    // There may be more files than were named.
    std::fs::remove_file(folder.path().join("Cargo.toml")).unwrap();
    assert_eq!(folder.run(&["src/lib.rs"]).notes(), "");
}
