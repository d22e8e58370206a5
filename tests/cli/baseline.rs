//! `cargo spawnlint baseline` and `--baseline`: what is known, what wakes it, and what is done to the file.

use crate::support::{Folder, MANIFEST, Output};
use cargo_spawnlint::Exit;
use expect_test::expect;
use std::fs;

const FILE: &str = "spawnlint-baseline.json";
const LIB: &str = "mod net;\nfn leak_1() {}\nfn waste_1() {}\n";
const NET: &str = "impl Pool {\n    fn leak_2() {}\n}\n#[cfg(unix)]\nfn leak_3() {}\n#[cfg(windows)]\nfn leak_3() {}\n";

fn package() -> Folder {
    Folder::package(&[("src/lib.rs", LIB), ("src/net.rs", NET)])
}

/// A package whose findings are written down.
fn known() -> Folder {
    let folder = package();
    let out = folder.run(&["baseline"]);
    assert_eq!((out.exit, out.stdout.as_str()), (Exit::Clean, ""), "{}", out.stderr);
    assert_eq!(out.stderr, "wrote spawnlint-baseline.json: 5 findings in 2 files\n");
    folder
}

fn file(folder: &Folder) -> String {
    fs::read_to_string(folder.path().join(FILE)).unwrap()
}

fn run(folder: &Folder, args: &[&str]) -> Output {
    folder.run(&[&["--baseline", FILE, "-D", "warnings", "--message-format", "short"], args].concat())
}

/// What is new, by the functions' names.
fn new(folder: &Folder) -> Vec<String> {
    let out = run(folder, &[]);
    let names: Vec<String> = out.stdout.lines().map(|line| line.split('`').nth(1).unwrap().to_owned()).collect();
    assert_eq!(out.exit, if names.is_empty() { Exit::Clean } else { Exit::Findings }, "{}", out.stderr);
    names
}

#[test]
fn a_baseline_is_sorted_and_the_same_each_time() {
    let folder = known();
    let text = file(&folder);
    expect![[r#"
        {
          "version": 1,
          "findings": [
            { "file": "src/lib.rs", "item": "leak_1", "rule": "leaky_name", "snippet": "9215db6db3cdc5ba", "count": 1 },
            { "file": "src/lib.rs", "item": "waste_1", "rule": "wasteful_name", "snippet": "963dda7264b3abd1", "count": 1 },
            { "file": "src/net.rs", "item": "Pool::leak_2", "rule": "leaky_name", "snippet": "c3420860d386c70c", "count": 1 },
            { "file": "src/net.rs", "item": "leak_3", "rule": "leaky_name", "snippet": "4b114e56312c122c", "count": 2 }
          ]
        }
    "#]]
    .assert_eq(&text);
    assert_eq!(folder.run(&["baseline", "-j", "3", "--no-cache"]).exit, Exit::Clean);
    assert_eq!(file(&folder), text);
}

#[test]
fn what_is_known_is_not_told() {
    let folder = known();
    assert!(new(&folder).is_empty());
    let out = folder.run(&["--baseline", FILE]);
    assert_eq!((out.stdout.as_str(), out.exit), ("", Exit::Clean));
    assert!(out.stderr.contains(": 0 findings, 5 more in the baseline"), "{}", out.stderr);
    // From elsewhere, by another path.
    folder.write("other/x", "");
    let run = crate::support::Run::default().args(&["--baseline", "../spawnlint-baseline.json", "-q"]);
    let out = run.run_in(&folder.path().join("other"));
    assert_eq!((out.stdout.as_str(), out.stderr.as_str(), out.exit), ("", "", Exit::Clean));
}

#[test]
fn layout_and_places_wake_nothing() {
    let folder = known();
    folder.write("src/lib.rs", "//! Documented.\n\nmod net;\n\n/// More.\nfn waste_1(\n) {\n}\n\n\nfn leak_1() {}\n");
    assert!(new(&folder).is_empty());
    // Of the same name and nothing else in it.
    folder.write("src/lib.rs", format!("{LIB}\nfn leak_1() {{}}\n"));
    assert_eq!(new(&folder), ["leak_1"]);
    folder.write("src/lib.rs", LIB.replace("leak_1", "leak_9"));
    assert_eq!(new(&folder), ["leak_9"]);
}

#[test]
fn a_file_may_be_renamed_and_code_may_move() {
    let folder = known();
    folder.write("src/lib.rs", LIB.replace("mod net", "mod wire"));
    fs::create_dir(folder.path().join("src/wire")).unwrap();
    fs::rename(folder.path().join("src/net.rs"), folder.path().join("src/wire/mod.rs")).unwrap();
    assert!(new(&folder).is_empty());
    // Nothing has gone, and the names of the files are brought up to date.
    let out = run(&folder, &["--prune-baseline"]);
    assert_eq!((out.notes().as_str(), out.exit), ("", Exit::Clean));
    assert!(!file(&folder).contains("src/net.rs") && file(&folder).matches("src/wire/mod.rs").count() == 2);
    folder.write("src/lib.rs", "mod wire;\nmod more;\nfn waste_1() {}\n");
    folder.write("src/more.rs", "fn leak_1() {}\n");
    assert!(new(&folder).is_empty());
    folder.write("src/more.rs", "fn leak_1() {}\nmod inner { fn leak_1() {} }\n");
    assert_eq!(new(&folder), ["leak_1"]);
}

#[test]
fn what_is_gone_is_told_and_pruned() {
    let folder = known();
    folder.write("src/net.rs", NET.replacen("leak_3", "sound_3", 1).replace("leak_2", "sound_2"));
    let out = run(&folder, &["-v"]);
    let told = "note: 2 findings in spawnlint-baseline.json no longer occur; --prune-baseline removes them\n  \
                src/net.rs: leaky_name in Pool::leak_2\n  src/net.rs: leaky_name in leak_3\n";
    assert!(out.stderr.ends_with(told), "{}", out.stderr);
    assert_eq!(run(&folder, &["-q"]).stderr, "");
    let out = run(&folder, &["--prune-baseline"]);
    assert_eq!(out.notes(), "note: removed 2 findings from spawnlint-baseline.json that no longer occur\n");
    assert_eq!(run(&folder, &[]).notes(), "");
    let text = file(&folder);
    assert!(!text.contains("leak_2") && text.contains("leak_3") && !text.contains("\"count\": 2"), "{text}");
    folder.write("src/net.rs", NET);
    assert_eq!(new(&folder), ["leak_2", "leak_3"]);
}

#[test]
fn a_run_says_nothing_of_what_it_does_not_look_at() {
    let folder = known();
    folder.write("src/lib.rs", "");
    fs::remove_file(folder.path().join("src/net.rs")).unwrap();
    // Another part, and no rules.
    folder.write("src/other.rs", "");
    assert_eq!(run(&folder, &["src/other.rs"]).notes(), "");
    assert_eq!(run(&folder, &["-A", "all", "--prune-baseline"]).notes(), "");
    assert_eq!(run(&folder, &["-A", "leak"]).notes().lines().count(), 1);
    // Rules that are off for a path.
    folder.write("spawnlint.toml", "[[override]]\npaths = [\"src\"]\nlevels = { leak = \"allow\" }\n");
    assert_eq!(run(&folder, &[]).notes().lines().count(), 1);
    fs::remove_file(folder.path().join("spawnlint.toml")).unwrap();
    // What cannot be read may have it all.
    folder.write("src/lib.rs", "mod net;\nfn (\n");
    let out = run(&folder, &["--prune-baseline"]);
    assert_eq!(out.exit, Exit::Incomplete);
    assert_eq!(out.notes(), "note: spawnlint-baseline.json was not pruned, because not everything could be checked\n");
    assert_eq!(file(&folder).lines().count(), 9);
}

#[test]
fn writing_a_part_keeps_the_rest() {
    let folder = Folder::new(&[("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"a\", \"b\"]\n")]);
    for name in ["a", "b"] {
        folder.write(&format!("{name}/Cargo.toml"), MANIFEST.replace("demo", name));
        folder.write(&format!("{name}/src/lib.rs"), "fn leak() {}\n");
    }
    assert_eq!(folder.run(&["baseline"]).stderr, "wrote spawnlint-baseline.json: 2 findings in 2 files\n");
    folder.write("a/src/lib.rs", "");
    folder.write("b/src/lib.rs", "");
    let told = "wrote spawnlint-baseline.json: 1 finding in 1 file, 1 of them kept from the old file, for code that this run did not check\n";
    assert_eq!(folder.run(&["baseline", "-p", "a"]).stderr, told);
    assert_eq!(folder.run(&["baseline"]).stderr, "wrote spawnlint-baseline.json: 0 findings in 0 files\n");
    assert_eq!(file(&folder), "{\n  \"version\": 1,\n  \"findings\": []\n}\n");
    assert!(folder.run(&["--baseline", FILE]).stderr.contains(": 0 findings"));
}

#[test]
fn files_that_do_not_parse_keep_what_is_known_of_them() {
    let folder = known();
    folder.write("src/net.rs", "fn (\n");
    let out = folder.run(&["baseline"]);
    assert_eq!((out.exit, out.stdout.as_str()), (Exit::Incomplete, ""));
    assert!(out.stderr.contains("cannot parse this file"), "{}", out.stderr);
    let told = "5 findings in 2 files, 3 of them kept from the old file, for code that this run did not check; files that could not be checked may have more\n";
    assert!(out.stderr.ends_with(told), "{}", out.stderr);
}

#[test]
fn it_may_lie_elsewhere() {
    let folder = package();
    folder.write("ci/x", "");
    assert_eq!(
        folder.run(&["baseline", "--output", "ci/known.json"]).stderr,
        "wrote ci/known.json: 5 findings in 2 files\n"
    );
    let out = folder.run(&["--baseline", "ci/known.json", "-D", "warnings"]);
    assert_eq!((out.stdout.as_str(), out.exit), ("", Exit::Clean));
    assert!(!folder.path().join(FILE).exists());
}

#[test]
fn branches_merge() {
    let folder = known();
    let text = file(&folder);
    // A tool that keeps both sides.
    let line = text.lines().find(|line| line.contains("leak_2")).unwrap();
    folder.write(FILE, text.replace(line, &format!("{line}\n{}", line.replace("\"count\": 1", "\"count\": 2"))));
    assert!(new(&folder).is_empty());
    // A byte order mark and other line ends.
    folder.write(FILE, format!("\u{feff}{}", text.replace('\n', "\r\n")));
    assert!(new(&folder).is_empty());
}

fn refused(folder: &Folder, args: &[&str]) -> String {
    let out = folder.run(args);
    assert_eq!((out.exit, out.stdout.as_str()), (Exit::Usage, ""), "{}", out.stderr);
    out.stderr
}

#[test]
fn damaged_files_are_told_with_the_place() {
    let folder = known();
    let text = file(&folder);
    let said = |from: &str, to: &str| {
        folder.write(FILE, text.replacen(from, to, 1));
        let said = refused(&folder, &["--baseline", FILE]);
        // It is not written over, either.
        assert_eq!(refused(&folder, &["baseline"]), said);
        said.strip_prefix("error: cannot use the baseline `spawnlint-baseline.json`: ").unwrap_or(&said).to_owned()
    };
    let all = [
        said("\"item\"", "item"),
        said("},", "}"),
        said("\"count\": 1", "\"count\": 0"),
        said("\"count\": 1", "\"number\": 1"),
        said(", \"count\": 1", ""),
        said("\"snippet\": \"", "\"snippet\": \"x"),
        said("\"version\": 1,", ""),
        said("\"version\": 1", "\"version\": \"one\""),
        said("\"version\": 1", "\"version\": 0"),
        said("\"version\": 1", "\"more\": 1, \"version\": 1"),
        said("\"version\": 1", "\"more\": 1, \"version\": 2"),
        said("    {", "<<<<<<< HEAD\n    {"),
        said(&text, ""),
        said(&text, "[]"),
    ];
    expect![[r#"
        key must be a string at line 4 column 29
        expected `,` or `]` at line 5 column 5
        invalid value: integer `0`, expected a nonzero u32 at line 4 column 109
        unknown field `number`, expected one of `file`, `item`, `rule`, `snippet`, `count` at line 4 column 107
        missing field `count` at line 4 column 99
        a snippet is written as 16 hexadecimal digits at line 4 column 98
        not a baseline file: `version` is missing; delete it and run `cargo spawnlint baseline` to write one
        invalid type: string "one", expected u32 at line 2 column 18
        version 0 does not exist; the first version is 1
        unknown field `more`, expected `version` or `findings` at line 2 column 8
        it has version 2, and this spawnlint reads version 1: a newer version wrote it; update spawnlint, or delete the file and recreate it with `cargo spawnlint baseline`
        line 4 is left over from a merge; keep the entries of both sides, each on its own line
        it is empty, so it is not a baseline file; delete it and run `cargo spawnlint baseline` to write one
        not a baseline file: `version` is missing; delete it and run `cargo spawnlint baseline` to write one
    "#]].assert_eq(&all.concat());
    folder.write(FILE, b"\xff");
    assert_eq!(refused(&folder, &["--baseline", FILE]), "error: the baseline `spawnlint-baseline.json` is not UTF-8\n");
}

#[test]
fn files_that_are_not_there() {
    let folder = package();
    let said = refused(&folder, &["--baseline", "known.json"]);
    assert_eq!(said, "error: no such baseline: `known.json`; `cargo spawnlint baseline` writes one\n");
    assert_eq!(folder.run(&["baseline"]).exit, Exit::Clean);
    let said = refused(&folder, &["--baseline", "known.json"]);
    assert!(said.starts_with("error: no such baseline: `known.json`; did you mean /"), "{said}");
    assert!(refused(&folder, &["--baseline", "src"]).contains("the baseline `src` is a folder"));
    assert!(refused(&folder, &["baseline", "--output", "src"]).contains("is a folder"));
    let said = refused(&folder, &["baseline", "--output", "no/where.json"]);
    assert_eq!(said, "error: cannot write the baseline no/where.json: no such file or directory\n");
    assert!(refused(&folder, &["baseline", "-"]).contains("standard input cannot be part of a baseline"));
    assert!(refused(&folder, &["--prune-baseline"]).contains("--baseline <FILE>"));
    let said = refused(&folder, &["--fix", "--baseline", FILE]);
    assert!(said.starts_with("error: the argument '--fix' cannot be used with '--baseline <FILE>'\n"), "{said}");
}

#[cfg(unix)]
#[test]
fn read_only_places() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = known();
    folder.write("src/lib.rs", "mod net;\n");
    let path = folder.path().join(FILE);
    let old = file(&folder);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let out = run(&folder, &["--prune-baseline"]);
    assert_eq!(out.notes(), "error: spawnlint-baseline.json was not pruned: it is read-only\n");
    assert_eq!((out.exit, file(&folder)), (Exit::Incomplete, old));
    let said = refused(&folder, &["baseline"]);
    assert_eq!(said, "error: cannot write the baseline spawnlint-baseline.json: it is read-only\n");
    // Nothing is left behind.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4);
}

#[cfg(target_os = "linux")]
#[test]
fn devices_and_pipes() {
    let folder = known();
    let said = refused(&folder, &["baseline", "--output", "/dev/full"]);
    assert_eq!(said, "error: cannot write the baseline /dev/full: no space left on device\n");
    let out = folder.run(&["baseline", "--output", "/dev/null"]);
    assert_eq!((out.exit, out.stderr.as_str()), (Exit::Clean, "wrote /dev/null: 5 findings in 2 files\n"));
    // It would never end.
    let said = refused(&folder, &["--baseline", "/dev/zero"]);
    assert_eq!(said, "error: the baseline `/dev/zero` is a device, not a file\n");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let pipe = format!("/dev/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&writer));
    let out = folder.run(&["baseline", "--output", &pipe]);
    assert_eq!((out.exit, out.stderr.lines().count()), (Exit::Clean, 1), "{}", out.stderr);
}
