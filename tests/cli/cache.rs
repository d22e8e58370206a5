//! The cache changes nothing but the time, and nothing but the target folder is written to.

use crate::support::Folder;
use cargo_spawnlint::{Exit, cache};
use std::{fs, path::PathBuf};

fn demo() -> Folder {
    Folder::package(&[("src/lib.rs", "mod a;\nfn leak() {}\n"), ("src/a.rs", "fn waste() {}\n")])
}

fn cached(folder: &Folder) -> String {
    let told = folder.run(&["-vv"]).stderr;
    let line = told.lines().find(|line| line.trim_start().starts_with("read")).unwrap();
    line.rsplit("  ").next().unwrap().to_owned()
}

fn pack(folder: &Folder) -> PathBuf {
    let files = fs::read_dir(folder.path().join("target/spawnlint/cache")).unwrap().map(|it| it.unwrap().path());
    files.into_iter().find(|path| path.extension().is_some_and(|it| it == "pack")).unwrap()
}

#[test]
fn only_what_changed_is_parsed_again() {
    let folder = demo();
    let first = folder.short(&[]);
    assert_eq!(cached(&folder), "2 files, 2 of them from the cache");
    assert_eq!(folder.short(&[]), first);
    folder.write("src/a.rs", "fn leak2() {}\n");
    assert_eq!(cached(&folder), "2 files, 1 of them from the cache");
    assert!(folder.short(&[]).contains("leak2"));
}

#[test]
fn a_damaged_pack_is_only_slow() {
    let folder = demo();
    let first = folder.short(&[]);
    let whole = fs::read(pack(&folder)).unwrap();
    for broken in [b"".to_vec(), b"something else".to_vec(), whole[..whole.len() / 2].to_vec()] {
        fs::write(pack(&folder), broken).unwrap();
        assert_eq!(folder.short(&[]), first);
    }
    let mut flipped = whole.clone();
    *flipped.last_mut().unwrap() ^= 1;
    fs::write(pack(&folder), flipped).unwrap();
    assert_eq!(folder.short(&[]), first);
    assert_eq!(cached(&folder), "2 files, 2 of them from the cache");
}

#[test]
fn files_with_errors_are_read_each_time() {
    let folder = demo();
    folder.write("src/a.rs", "fn() {}\n");
    let first = folder.short(&[]);
    assert_eq!(folder.short(&[]), first);
    assert_eq!(folder.run(&[]).exit, Exit::Incomplete);
}

#[test]
fn nothing_else_is_written() {
    let folder = demo();
    folder.run(&["--no-cache"]);
    let names = || {
        let entries = fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = entries.collect();
        names.sort();
        names.join(" ")
    };
    assert_eq!(names(), "Cargo.toml src");
    folder.run(&[]);
    assert_eq!(names(), "Cargo.toml src target");
    let loose = Folder::new(&[("a.rs", "")]);
    loose.run(&["a.rs"]);
    assert_eq!(fs::read_dir(loose.path()).unwrap().count(), 1);
}

#[test]
fn a_summary_survives_the_encoding() {
    let text = "use a::{b, c as d};\nasync fn f(x: u8) { tokio::spawn(async move { loop { g(x).await } }); }\n";
    let summary = cargo_spawnlint::lower::lower(text).summary;
    assert_eq!(cache::decode(&cache::encode(&summary)), Some(summary));
}

/// A file that calls a macro of another one changes its meaning with that, and only then is it parsed again.
#[test]
fn a_macro_of_another_file_counts() {
    let definition =
        |work: &str| format!("macro_rules! bg {{ ($name:ident) => {{ fn $name() {{ tokio::spawn({work}); }} }}; }}\n");
    let folder = Folder::package(&[
        ("src/lib.rs", "#[macro_use]\nmod macros;\nmod a;\nmod b;\n"),
        ("src/macros.rs", &definition("leak()")),
        ("src/a.rs", "bg!(leak_a);\n"),
        ("src/b.rs", "fn f() {}\n"),
    ]);
    let first = folder.short(&[]);
    assert!(first.contains("src/a.rs") && first.contains("leak_a"), "{first}");
    assert_eq!(cached(&folder), "4 files, 4 of them from the cache");
    assert_eq!(folder.short(&[]), first);
    folder.write("src/macros.rs", definition("waste()"));
    assert_eq!(cached(&folder), "4 files, 2 of them from the cache");
    folder.write("src/macros.rs", definition("waste()").replace("bg", "other"));
    assert_eq!(cached(&folder), "4 files, 2 of them from the cache");
    assert!(!folder.short(&[]).contains("leak_a"));
}
