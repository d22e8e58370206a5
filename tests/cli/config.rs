//! `spawnlint.toml` and its kin: what holds where, and what is wrong with them.

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
    let note = "at 100 a second of which 30% are abandoned, 18,000 of them are alive at a time, which keep 180 GB at 10 MB each";
    assert!(out.contains(note), "{out}");
    let out = run("[cost]\narrivals-per-second = 0.5\nabandoned = 1\n", &[]);
    assert!(out.contains("at 0.5 a second of which 100% are abandoned, 300 of them are alive at a time\n"), "{out}");
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
        # what holds for . in /folder
        long-wait = "90s"                          # spawnlint.toml:1
        # require-reason: for rules at deny level  # default

        [levels]
        leaky_name = "deny"                        # spawnlint.toml:3, by `leak`
        wasteful_name = "warn"                     # default
        listed_name = "warn"                       # flag -W listed-name
        unused_suppression = "warn"                # default
        suppression_without_reason = "warn"        # default
        invalid_suppression = "warn"               # default

        # src/net/spawnlint.toml sets more for src/net
    "#]]
    .assert_eq(&stdout);
    let out = folder.run(&["config", "src/net/mod.rs", "--long-wait", "1h"]);
    assert!(out.stdout.contains("require-reason = true"), "{}", out.stdout);
    assert!(out.stdout.contains("long-wait = \"1h\"") && out.stdout.contains("# --long-wait"), "{}", out.stdout);
    assert!(folder.run(&["config", "--schema"]).stdout.starts_with("{\n"));
}

#[test]
fn keys_that_nobody_knows() {
    wrong(
        "levls = 1",
        expect![[r#"
            error: spawnlint.toml:1:1: the key `levls` is not known; did you mean `levels`?
              |
            1 | levls = 1
              | ^^^^^
              = help: allowed here: `levels`, `strict`, `long-wait`, `require-reason`, `exclude`, `override`, `cost`, `spawn`, `owner`, `stop`, `wrapper`
            error: spawnlint.toml:1:9: wrong type: integer `1`, expected a table
              |
            1 | levls = 1
              |         ^
              = help: a table is `{ key = value }`, or lines of `key = value` below `[name]`
        "#]],
    );
    wrong(
        "[[spawn]]\npath = \"a::b\"\ndrop = \"detach\"\nargs = 1",
        expect![[r#"
        error: spawnlint.toml:4:1: the key `args` is not known; did you mean `arg`?
          |
        4 | args = 1
          | ^^^^
          = help: allowed here: `path`, `drop`, `runs`, `arg`
    "#]],
    );
    wrong(
        "[cost]\narrivals = 1",
        expect![[r#"
            error: spawnlint.toml:1:1: the key `abandoned` is missing here
              |
            1 | [cost]
              | ^^^^^^
            error: spawnlint.toml:2:1: the key `arrivals` is not known; did you mean `arrivals-per-second`?
              |
            2 | arrivals = 1
              | ^^^^^^^^
              = help: allowed here: `arrivals-per-second`, `abandoned`, `bytes-per-task`
        "#]],
    );
}

#[test]
fn values_of_the_wrong_kind() {
    wrong(
        "long-wait = 3",
        expect![[r#"
        error: spawnlint.toml:1:13: wrong type: integer `3`, expected a duration such as "30s"
          |
        1 | long-wait = 3
          |             ^
    "#]],
    );
    wrong(
        "long-wait = \"3 y\"",
        expect![[r#"
        error: spawnlint.toml:1:13: the unit ` y` is none of `ms`, `s`, `m`, `h`
          |
        1 | long-wait = "3 y"
          |             ^^^^^
    "#]],
    );
    wrong(
        "exclude = \"src\"",
        expect![[r#"
            error: spawnlint.toml:1:11: wrong type: string "src", expected an array
              |
            1 | exclude = "src"
              |           ^^^^^
              = help: write `["src"]`
        "#]],
    );
    wrong(
        "[levels]\nleak = \"den\"",
        expect![[r#"
        error: spawnlint.toml:2:8: the value `den` is not known; did you mean `deny`?
          |
        2 | leak = "den"
          |        ^^^^^
          = help: allowed here: `allow`, `warn`, `deny`
    "#]],
    );
    wrong(
        "[levels]\nleak = 1",
        expect![[r#"
            error: spawnlint.toml:2:8: wrong type: expected a string
              |
            2 | leak = 1
              |        ^
              = help: a word stands in quotes: `"warn"`
        "#]],
    );
    wrong(
        "levels = []",
        expect![[r#"
            error: spawnlint.toml:1:10: wrong type: array, expected a table
              |
            1 | levels = []
              |          ^^
              = help: a table is `{ key = value }`, or lines of `key = value` below `[name]`
        "#]],
    );
    wrong(
        "[cost]\narrivals-per-second = 1",
        expect![[r#"
        error: spawnlint.toml:1:1: the key `abandoned` is missing here
          |
        1 | [cost]
          | ^^^^^^
    "#]],
    );
    wrong(
        "[cost]\narrivals-per-second = 1\nabandoned = 30",
        expect![[r#"
            error: spawnlint.toml:3:13: `abandoned` is a share from 0 to 1
              |
            3 | abandoned = 30
              |             ^^
              = help: 30% is `0.3`
        "#]],
    );
    wrong(
        "[cost]\narrivals-per-second = nan\nabandoned = 0.3",
        expect![[r#"
            error: spawnlint.toml:2:23: `arrivals-per-second` is a number above 0
              |
            2 | arrivals-per-second = nan
              |                       ^^^
              = help: write how many clients arrive in a second, such as `100` or `0.5`
        "#]],
    );
    wrong(
        "[cost]\narrivals-per-second = 1\nabandoned = 0.3\nbytes-per-task = \"10 MX\"",
        expect![[r#"
        error: spawnlint.toml:4:18: the unit `MX` is none of `B`, `kB`, `MB`, `GB`, `KiB`, `MiB`, `GiB`
          |
        4 | bytes-per-task = "10 MX"
          |                  ^^^^^^^
    "#]],
    );
}

#[test]
fn names_that_mean_nothing() {
    wrong(
        "[levels]\nleeky_name = \"deny\"",
        expect![[r#"
        error: spawnlint.toml:2:1: no rule or group is called `leeky_name`; did you mean `leaky_name`?
          |
        2 | leeky_name = "deny"
          | ^^^^^^^^^^
    "#]],
    );
    wrong(
        "[levels]\nleaky-name = \"deny\"\nleaky_name = \"warn\"",
        expect![[r#"
            error: spawnlint.toml:3:1: `leaky_name` has a level already, in line 2
              |
            3 | leaky_name = "warn"
              | ^^^^^^^^^^
              = help: remove one of them
        "#]],
    );
    wrong(
        "[[override]]\npaths = [\"src\"]\nlevels.lek = \"deny\"",
        expect![[r#"
        error: spawnlint.toml:3:8: no rule or group is called `lek`; did you mean `leak`?
          |
        3 | levels.lek = "deny"
          |        ^^^
    "#]],
    );
    wrong(
        "[[owner]]\npath = \"Guard\"",
        expect![[r#"
        error: spawnlint.toml:2:8: `Guard` is not a full path
          |
        2 | path = "Guard"
          |        ^^^^^^^
          = help: write `my_crate::module::function`, `my_crate::Type::method` or `crate::module::function`
    "#]],
    );
    wrong(
        "exclude = [\"../other\"]",
        expect![[r#"
        error: spawnlint.toml:1:12: a path cannot lead out of the folder of this file; configure what is there in its own
          |
        1 | exclude = ["../other"]
          |            ^^^^^^^^^^
    "#]],
    );
    wrong(
        "exclude = [\"a/**b\"]",
        expect![[r#"
        error: spawnlint.toml:1:12: this is no pattern: recursive wildcards must form a single path component
          |
        1 | exclude = ["a/**b"]
          |            ^^^^^^^
    "#]],
    );
}

#[test]
fn all_mistakes_are_told_at_once() {
    let text = "\
long-wait = 3
levls = 1
require-reason = \"yes\"
exclude = [\"../x\", \"src\", 7]

[levels]
leek = \"deny\"
waste = \"den\"
leaky-name = \"deny\"
leaky_name = \"warn\"

[cost]
abandoned = 30
arrivals = 4

[[spawn]]
drp = \"detach\"
path = \"spawn\"

[[override]]
levels = { lek = \"warn\" }
";
    wrong(
        text,
        expect![[r#"
            error: spawnlint.toml:1:13: wrong type: integer `3`, expected a duration such as "30s"
              |
            1 | long-wait = 3
              |             ^
            error: spawnlint.toml:2:1: the key `levls` is not known; did you mean `levels`?
              |
            2 | levls = 1
              | ^^^^^
              = help: allowed here: `levels`, `strict`, `long-wait`, `require-reason`, `exclude`, `override`, `cost`, `spawn`, `owner`, `stop`, `wrapper`
            error: spawnlint.toml:3:18: wrong type: string "yes", expected a boolean
              |
            3 | require-reason = "yes"
              |                  ^^^^^
              = help: write `true` or `false`, without quotes
            error: spawnlint.toml:4:12: a path cannot lead out of the folder of this file; configure what is there in its own
              |
            4 | exclude = ["../x", "src", 7]
              |            ^^^^^^
            error: spawnlint.toml:4:27: wrong type: integer `7`, expected a string
              |
            4 | exclude = ["../x", "src", 7]
              |                           ^
              = help: a word stands in quotes: `"warn"`
            error: spawnlint.toml:7:1: no rule or group is called `leek`; did you mean `leak`?
              |
            7 | leek = "deny"
              | ^^^^
            error: spawnlint.toml:8:9: the value `den` is not known; did you mean `deny`?
              |
            8 | waste = "den"
              |         ^^^^^
              = help: allowed here: `allow`, `warn`, `deny`
            error: spawnlint.toml:10:1: `leaky_name` has a level already, in line 9
               |
            10 | leaky_name = "warn"
               | ^^^^^^^^^^
               = help: remove one of them
            error: spawnlint.toml:13:13: `abandoned` is a share from 0 to 1
               |
            13 | abandoned = 30
               |             ^^
               = help: 30% is `0.3`
            error: spawnlint.toml:14:1: the key `arrivals` is not known; did you mean `arrivals-per-second`?
               |
            14 | arrivals = 4
               | ^^^^^^^^
               = help: allowed here: `arrivals-per-second`, `abandoned`, `bytes-per-task`
            error: spawnlint.toml:17:1: the key `drp` is not known; did you mean `drop`?
               |
            17 | drp = "detach"
               | ^^^
               = help: allowed here: `path`, `drop`, `runs`, `arg`
            error: spawnlint.toml:18:8: `spawn` is not a full path
               |
            18 | path = "spawn"
               |        ^^^^^^^
               = help: write `my_crate::module::function`, `my_crate::Type::method` or `crate::module::function`
            error: spawnlint.toml:20:1: the key `paths` is missing here
               |
            20 | [[override]]
               | ^^^^^^^^^^^^
            error: spawnlint.toml:21:12: no rule or group is called `lek`; did you mean `leak`?
               |
            21 | levels = { lek = "warn" }
               |            ^^^
        "#]],
    );
    // In all files of a run.
    let folder = Folder::package(&[
        ("src/lib.rs", ""),
        ("spawnlint.toml", "a = 1"),
        ("src/spawnlint.toml", "b = [\nlong-wait = \"x\"\nc = = 1\n"),
    ]);
    folder.write("Cargo.toml", format!("{MANIFEST}[package.metadata.spawnlint]\nlevels = 3\n"));
    let out = folder.run(&[]);
    assert_eq!((out.exit, out.stdout.as_str()), (Exit::Usage, ""));
    let places: Vec<&str> = out.stderr.lines().filter_map(|line| line.strip_prefix("error: ")).collect();
    expect![[r#"
        spawnlint.toml:1:1: the key `a` is not known
        src/spawnlint.toml:2:11: unexpected `=` in array, expected value, `]`
        src/spawnlint.toml:3:1: missing comma between array elements, expected `,`
        Cargo.toml:6:10: wrong type: integer `3`, expected a table
    "#]]
    .assert_eq(&(places.join("\n") + "\n"));
}

#[test]
fn a_damaged_file() {
    wrong(
        "levels = {",
        expect![[r#"
        error: spawnlint.toml:1:11: unclosed inline table, expected `}`
          |
        1 | levels = {
          |           ^
    "#]],
    );
    wrong(
        "\u{1b}[31m = 1",
        expect![[r#"
        error: spawnlint.toml:1:2: key with no value, expected `=`
          |
        1 | ␛[31m = 1
          |  ^
    "#]],
    );
    let folder = Folder::package(&[("src/lib.rs", "")]);
    folder.write("spawnlint.toml", b"a = 1\n\xff");
    let out = folder.run(&[]);
    assert_eq!(
        (out.exit, out.stderr.as_str()),
        (Exit::Usage, "error: spawnlint.toml: this is not UTF-8: see line 2\n")
    );
    std::fs::remove_file(folder.path().join("spawnlint.toml")).unwrap();
    std::fs::create_dir(folder.path().join("spawnlint.toml")).unwrap();
    let out = folder.run(&[]);
    let start = "error: spawnlint.toml: cannot read this file: ";
    assert!(out.exit == Exit::Usage && out.stderr.starts_with(start), "{}", out.stderr);
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
          = help: both hold for the same folder; keep one of them
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
          = help: both hold for the same folder; keep one of them
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
        note: spawnlint.toml:6: `crate::spawn` of `spawn` names nothing in the workspace; the path is that of the declaration
        note: spawnlint.toml:9: `demo::Guard` of `owner` names nothing in the workspace; the path is that of the declaration
        note: spawnlint.toml:11: `crate::rt::Pool::walk` of `stop` names nothing in the workspace; the path is that of the declaration
        note: spawnlint.toml:15: `crate::a::b` of `stop` names nothing in the workspace; the path is that of the declaration
        note: spawnlint.toml:13: `demo::rt::main_task` of `wrapper` names nothing in the workspace; the path is that of the declaration
    "#]].assert_eq(&out.notes());
    assert_eq!(folder.run(&["tasks"]).stderr.lines().count(), 10);
    assert_eq!(folder.run(&["-q"]).stderr, "");
    // There may be more files than were named.
    std::fs::remove_file(folder.path().join("Cargo.toml")).unwrap();
    assert_eq!(folder.run(&["src/lib.rs"]).notes(), "");
}
