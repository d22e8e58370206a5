//! Who is given a task, in code that leaves little room for it: types that must not change, functions whose signature
//! is somebody else's, manifests that say things in their own way.

use super::text;
use crate::support::{Folder, Output, Run};
use expect_test::{Expect, expect};
use spawnlint_rules::rules::RULES;

const MANIFEST: &str = "[package]\nname = \"demo\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n";
const TOKIO: &str = "[dependencies]\ntokio = { version = \"1\", features = [\"full\"] }\n";
const WORK: &str = "async fn work() { loop { tokio::time::sleep(std::time::Duration::from_secs(1)).await; } }\n";

fn run(folder: &Folder, args: &[&str]) -> Output {
    let only = ["-A", "all", "-W", "unbounded-task-loop", "-W", "stop-without-drop", "-W", "ownership"];
    Run::default().rules(RULES).args(&only).args(args).run_in(&folder.path())
}

fn folder(dependencies: &str, code: &str) -> Folder {
    let folder = Folder::new(&[("Cargo.toml", &format!("{MANIFEST}{dependencies}"))]);
    folder.write("src/lib.rs", format!("{WORK}{code}"));
    folder
}

/// The titles of the rewrites of all findings, best first.
fn titles(folder: &Folder) -> String {
    let out = run(folder, &["-v"]);
    let is_title = |line: &&str| {
        line.trim_start().starts_with("= help: ")
            && (line.contains("(may be") || line.contains("(has") || line.contains("(machine"))
    };
    out.stdout
        .lines()
        .filter(is_title)
        .map(|line| format!("{}\n", line.trim_start().trim_start_matches("= help: ")))
        .collect()
}

fn check(code: &str, expect: Expect) {
    expect.assert_eq(&titles(&folder(TOKIO, code)));
}

/// The code once every rewrite is applied that can be. It is only read: there is nothing here to build it with, and no
/// history.
fn fixed(folder: &Folder) -> String {
    run(folder, &["--fix", "--unsafe-fixes", "--no-verify", "--allow-no-vcs"]);
    text(folder, "src/lib.rs").trim_start_matches(WORK).to_owned()
}

#[test]
fn a_struct_that_is_built_before() {
    check(
        "pub struct A { size: u64 }\nimpl A { pub fn open() -> A { let it = A { size: 1 }; tokio::spawn(work()); it } }\n",
        expect![[r#"
            keep an abort-on-drop guard in the `A` that is returned, so that the task ends with it (may be incorrect)
            or return an abort-on-drop guard to the caller: dropping it ends the task (may be incorrect)
            or keep an `AbortOnDropHandle` in the `A` that is returned, so that the task ends with it (may be incorrect; needs `cargo add tokio-util@0.7.12 --features rt -p demo`)
            or suppress the finding and say why (has placeholders)
        "#]],
    );
}

#[test]
fn generic_structs() {
    let code =
        "pub struct A<T> { it: T }\nimpl<T> A<T> { pub fn open(it: T) -> A<T> { tokio::spawn(work()); A { it } } }\n";
    check(
        code,
        expect![[r#"
        keep an abort-on-drop guard in the struct built here, so that the task ends with that struct (may be incorrect)
        or return an abort-on-drop guard to the caller: dropping it ends the task (may be incorrect)
        or keep an `AbortOnDropHandle` in the struct built here, so that the task ends with that struct (may be incorrect; needs `cargo add tokio-util@0.7.12 --features rt -p demo`)
        or suppress the finding and say why (has placeholders)
    "#]],
    );
    expect![[r#"
        pub struct A<T> { it: T,
        _task: AbortGuard }
        impl<T> A<T> { pub fn open(it: T) -> A<T> { let task = AbortGuard(tokio::spawn(work()).abort_handle()); A { it, _task: task } } }

        /// Aborts its task when it is dropped.
        #[derive(Debug)]
        #[must_use = "dropping it aborts the task"]
        struct AbortGuard(tokio::task::AbortHandle);

        impl Drop for AbortGuard {
            fn drop(&mut self) {
                self.0.abort();
            }
        }
    "#]].assert_eq(&fixed(&folder(TOKIO, code)));
}

#[test]
fn structs_that_are_copied() {
    let code = "#[derive(Clone)]\npub struct A { size: u64 }\nimpl A { pub fn open() -> A { let it = A { size: 1 }; tokio::spawn(work()); it } }\n";
    check(
        code,
        expect![[r#"
        keep an abort-on-drop guard in the `A` that is returned, so that the task ends with it (may be incorrect)
        or return an abort-on-drop guard to the caller: dropping it ends the task (may be incorrect)
        or keep an `AbortOnDropHandle` in the `A` that is returned, so that the task ends with it (may be incorrect; needs `cargo add tokio-util@0.7.12 --features rt -p demo`)
        or suppress the finding and say why (has placeholders)
    "#]],
    );
}

#[test]
fn structs_whose_layout_is_fixed() {
    for head in ["#[repr(C)]", "#[repr(transparent)]", "#[derive(Clone, PartialEq)]", "#[derive(serde::Serialize)]"] {
        let code = format!(
            "{head}\npub struct A {{ size: u64 }}\nimpl A {{ pub fn open() -> A {{ tokio::spawn(work()); A {{ size: 1 }} }} }}\n"
        );
        let found = titles(&folder(TOKIO, &code));
        assert!(!found.is_empty() && !found.contains("struct built here"), "{head}: {found}");
    }
}

#[test]
fn structs_that_are_built_in_many_places() {
    let others: String = (0..10).map(|at| format!("pub fn a{at}() -> A {{ A {{ size: {at} }} }}\n")).collect();
    check(
        &format!(
            "pub struct A {{ size: u64 }}\nimpl A {{ pub fn open() -> A {{ tokio::spawn(work()); A {{ size: 1 }} }} }}\n{others}"
        ),
        expect![[r#"
            return an abort-on-drop guard to the caller: dropping it ends the task (may be incorrect)
            or return an `AbortOnDropHandle` to the caller: dropping it ends the task (may be incorrect; needs `cargo add tokio-util@0.7.12 --features rt -p demo`)
            or suppress the finding and say why (has placeholders)
        "#]],
    );
}

#[test]
fn structs_that_others_may_write() {
    const CODE: &str = "pub struct A { pub size: u64 }\nimpl A { pub fn open() -> A { let it = A { size: 1 }; tokio::spawn(work()); it } }\n";
    let published = "description = \"Sizes.\"\nlicense = \"MIT\"\n\n";
    let others = folder(&format!("{published}{TOKIO}"), CODE);
    expect![[r#"
        return an abort-on-drop guard from this public function: dropping it ends the task (may be incorrect)
        or return an `AbortOnDropHandle` from this public function: dropping it ends the task (may be incorrect; needs `cargo add tokio-util@0.7.12 --features rt -p demo`)
        or suppress the finding and say why (has placeholders)
    "#]].assert_eq(&titles(&others));
    // All literals are seen of what is not for others.
    check(
        CODE,
        expect![[r#"
        keep an abort-on-drop guard in the `A` that is returned, so that the task ends with it (may be incorrect)
        or return an abort-on-drop guard to the caller: dropping it ends the task (may be incorrect)
        or keep an `AbortOnDropHandle` in the `A` that is returned, so that the task ends with it (may be incorrect; needs `cargo add tokio-util@0.7.12 --features rt -p demo`)
        or suppress the finding and say why (has placeholders)
    "#]],
    );
}

#[test]
fn structs_of_a_macro() {
    check(
        "macro_rules! make { ($name:ident) => { pub struct $name { size: u64 } } }\nmake!(A);\nimpl A { pub fn open() -> A { tokio::spawn(work()); A { size: 1 } } }\n",
        expect![[r#"
            return an abort-on-drop guard to the caller: dropping it ends the task (may be incorrect)
            or return an `AbortOnDropHandle` to the caller: dropping it ends the task (may be incorrect; needs `cargo add tokio-util@0.7.12 --features rt -p demo`)
            or suppress the finding and say why (has placeholders)
        "#]],
    );
}

#[test]
fn structs_of_another_crate() {
    let folder = Folder::new(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\n"),
        ("one/Cargo.toml", &MANIFEST.replace("demo", "one")),
        ("one/src/lib.rs", "pub struct A { size: u64 }\nimpl A { pub fn new(size: u64) -> A { A { size } } }\n"),
        ("two/Cargo.toml", &format!("{}{TOKIO}one = {{ path = \"../one\" }}\n", MANIFEST.replace("demo", "two"))),
        (
            "two/src/lib.rs",
            &format!("{WORK}pub fn open() -> one::A {{ let it = one::A::new(1); tokio::spawn(work()); it }}\n"),
        ),
    ]);
    expect![[r#"
        return an abort-on-drop guard to the caller: dropping it ends the task (may be incorrect)
        or return an `AbortOnDropHandle` to the caller: dropping it ends the task (may be incorrect; needs `cargo add tokio-util@0.7.12 --features rt -p two`)
        or suppress the finding and say why (has placeholders)
    "#]].assert_eq(&titles(&folder));
}

const STOPPED: &str = "pub struct A { task: tokio::task::JoinHandle<()> }\nimpl A {\n    pub fn open() -> A { A { task: tokio::spawn(work()) } }\n    pub fn close(&self) { self.task.abort(); }\n}\n";

#[test]
fn types_that_have_a_drop() {
    let code =
        format!("{STOPPED}impl Drop for A {{\n    fn drop(&mut self) {{\n        println!(\"gone\");\n    }}\n}}\n");
    expect![[r#"
        pub struct A { task: tokio::task::JoinHandle<()> }
        impl A {
            pub fn open() -> A { A { task: tokio::spawn(work()) } }
            pub fn close(&self) { self.task.abort(); }
        }
        impl Drop for A {
            fn drop(&mut self) {
                println!("gone");
                self.task.abort();
            }
        }
    "#]]
    .assert_eq(&fixed(&folder(TOKIO, &code)));
}

#[test]
fn types_that_have_a_drop_under_a_condition() {
    let code = format!(
        "{STOPPED}#[cfg(feature = \"loud\")]\nimpl Drop for A {{\n    fn drop(&mut self) {{\n        println!(\"gone\");\n    }}\n}}\n"
    );
    expect![[r#"
        keep an `AbortOnDropHandle` in `A.task` (may be incorrect; needs `cargo add tokio-util@0.7.12 --features rt -p demo`)
        or suppress the finding and say why (has placeholders)
    "#]].assert_eq(&titles(&folder(TOKIO, &code)));
}

#[test]
fn functions_whose_signature_is_not_their_own() {
    check(
        "pub trait Opens { fn open(&self); }\npub struct A;\nimpl Opens for A { fn open(&self) { tokio::spawn(work()); } }\n",
        expect![[r#"
            keep an abort-on-drop guard in `A` (has placeholders)
            or suppress the finding and say why (has placeholders)
        "#]],
    );
    check(
        "#[unsafe(no_mangle)]\npub extern \"C\" fn open_it() { tokio::spawn(work()); }\n",
        expect![[r#"
            keep an abort-on-drop guard in a static, since `open_it` cannot return it (has placeholders)
            or suppress the finding and say why (has placeholders)
        "#]],
    );
    check(
        "pub const fn open_it() { tokio::spawn(work()); }\n",
        expect![[r#"
        return an abort-on-drop guard to the caller: dropping it ends the task (may be incorrect)
        or return an `AbortOnDropHandle` to the caller: dropping it ends the task (may be incorrect; needs `cargo add tokio-util@0.7.12 --features rt -p demo`)
        or suppress the finding and say why (has placeholders)
    "#]],
    );
}

#[test]
fn manifests_that_say_it_in_their_own_way() {
    let code = "pub struct A { size: u64 }\nimpl A { pub fn open() -> A { tokio::spawn(work()); A { size: 1 } } }\n";
    let cases = [
        (
            "renamed",
            "[dependencies]\ntokio = { version = \"1\", features = [\"full\"] }\nutil = { package = \"tokio-util\", version = \"0.7.12\", features = [\"rt\"] }\n",
        ),
        (
            "optional",
            "[dependencies]\ntokio = { version = \"1\", features = [\"full\"] }\ntokio-util = { version = \"0.7.12\", features = [\"rt\"], optional = true }\n",
        ),
        (
            "of one target",
            "[dependencies]\ntokio = { version = \"1\", features = [\"full\"] }\n[target.'cfg(windows)'.dependencies]\ntokio-util = { version = \"0.7.12\", features = [\"rt\"] }\n",
        ),
        (
            "without the feature",
            "[dependencies]\ntokio = { version = \"1\", features = [\"full\"] }\ntokio-util = \"0.7.12\"\n",
        ),
        (
            "too old",
            "[dependencies]\ntokio = { version = \"1\", features = [\"full\"] }\ntokio-util = { version = \"0.7.3\", features = [\"rt\"] }\n",
        ),
        ("of old", "[dependencies]\ntokio = { version = \"0.2\", features = [\"full\"] }\n"),
    ];
    let all: String =
        cases.iter().map(|(name, manifest)| format!("{name}\n{}", titles(&folder(manifest, code)))).collect();
    expect![[r#"
        renamed
        keep an `AbortOnDropHandle` in the struct built here, so that the task ends with that struct (may be incorrect)
        or keep an abort-on-drop guard in the struct built here, so that the task ends with that struct (may be incorrect)
        or return an `AbortOnDropHandle` to the caller: dropping it ends the task (may be incorrect)
        or suppress the finding and say why (has placeholders)
        optional
        keep an abort-on-drop guard in the struct built here, so that the task ends with that struct (may be incorrect)
        or return an abort-on-drop guard to the caller: dropping it ends the task (may be incorrect)
        or keep an `AbortOnDropHandle` in the struct built here, so that the task ends with that struct (may be incorrect; needs `cargo add tokio-util@0.7.12 --features rt -p demo`)
        or suppress the finding and say why (has placeholders)
        of one target
        keep an abort-on-drop guard in the struct built here, so that the task ends with that struct (may be incorrect)
        or return an abort-on-drop guard to the caller: dropping it ends the task (may be incorrect)
        or keep an `AbortOnDropHandle` in the struct built here, so that the task ends with that struct (may be incorrect; needs `cargo add tokio-util@0.7.12 --features rt -p demo`)
        or suppress the finding and say why (has placeholders)
        without the feature
        keep an abort-on-drop guard in the struct built here, so that the task ends with that struct (may be incorrect)
        or return an abort-on-drop guard to the caller: dropping it ends the task (may be incorrect)
        or keep an `AbortOnDropHandle` in the struct built here, so that the task ends with that struct (may be incorrect; needs `cargo add tokio-util@0.7.12 --features rt -p demo`)
        or suppress the finding and say why (has placeholders)
        too old
        keep an abort-on-drop guard in the struct built here, so that the task ends with that struct (may be incorrect)
        or return an abort-on-drop guard to the caller: dropping it ends the task (may be incorrect)
        or keep an `AbortOnDropHandle` in the struct built here, so that the task ends with that struct (may be incorrect; needs `cargo add tokio-util@0.7.12 --features rt -p demo`)
        or suppress the finding and say why (has placeholders)
        of old
        keep an abort-on-drop guard in the struct built here, so that the task ends with that struct (may be incorrect; needs `cargo add futures@0.3.0 -p demo`)
        or return an abort-on-drop guard to the caller: dropping it ends the task (may be incorrect; needs `cargo add futures@0.3.0 -p demo`)
        or suppress the finding and say why (has placeholders)
    "#]].assert_eq(&all);
    let inherited = Folder::new(&[
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"one\"]\n[workspace.dependencies]\ntokio = { version = \"1\", features = [\"full\"] }\ntokio-util = { version = \"0.7.12\", features = [\"rt\"] }\n",
        ),
        (
            "one/Cargo.toml",
            &format!("{MANIFEST}[dependencies]\ntokio.workspace = true\ntokio-util = {{ workspace = true }}\n"),
        ),
        ("one/src/lib.rs", &format!("{WORK}{code}")),
    ]);
    expect![[r#"
        keep an `AbortOnDropHandle` in the struct built here, so that the task ends with that struct (may be incorrect)
        or keep an abort-on-drop guard in the struct built here, so that the task ends with that struct (may be incorrect)
        or return an `AbortOnDropHandle` to the caller: dropping it ends the task (may be incorrect)
        or suppress the finding and say why (has placeholders)
    "#]].assert_eq(&titles(&inherited));
}

#[test]
fn a_set_of_tasks_needs_a_runtime_of_its_time() {
    let code = "pub struct A { size: u64 }\nimpl A {\n    pub fn new() -> A { A { size: 1 } }\n    pub fn open(&mut self) { tokio::spawn(work()); }\n}\n";
    let of = |version: &str| titles(&folder(&TOKIO.replace("\"1\"", version), code));
    expect![[r#"
        keep the tasks in a `JoinSet` in `A`, so that dropping the `A` ends them (may be incorrect)
        or return an abort-on-drop guard to the caller: dropping it ends the task (may be incorrect)
        or return an `AbortOnDropHandle` to the caller: dropping it ends the task (may be incorrect; needs `cargo add tokio-util@0.7.12 --features rt -p demo`)
        or suppress the finding and say why (has placeholders)
    "#]].assert_eq(&of("\"1\""));
    expect![[r#"
        return an abort-on-drop guard to the caller: dropping it ends the task (may be incorrect)
        or keep the tasks in a `JoinSet` in `A`, so that dropping the `A` ends them (may be incorrect; needs `cargo add tokio@1.34.0 -p demo`)
        or return an `AbortOnDropHandle` to the caller: dropping it ends the task (may be incorrect; needs `cargo add tokio-util@0.7.12 --features rt -p demo`)
        or suppress the finding and say why (has placeholders)
    "#]].assert_eq(&of("\"1.21.2\""));
}

#[test]
fn two_findings_that_want_the_same_field() {
    let code = "pub struct A { size: u64 }\nimpl A { pub fn open() -> A { tokio::spawn(work()); tokio::spawn(async { work().await }); A { size: 1 } } }\n";
    expect![[r#"
        pub struct A { size: u64,
        _task: AbortGuard,
        _task_2: AbortGuard }
        impl A { pub fn open() -> A { let task = AbortGuard(tokio::spawn(work()).abort_handle()); let task_2 = tokio::spawn(async { work().await });
        let task_2 = AbortGuard(task_2.abort_handle()); A { size: 1, _task: task, _task_2: task_2 } } }

        /// Aborts its task when it is dropped.
        #[derive(Debug)]
        #[must_use = "dropping it aborts the task"]
        struct AbortGuard(tokio::task::AbortHandle);

        impl Drop for AbortGuard {
            fn drop(&mut self) {
                self.0.abort();
            }
        }
    "#]].assert_eq(&fixed(&folder(TOKIO, code)));
}

#[test]
fn a_file_that_a_macro_includes() {
    let folder = folder(TOKIO, "include!(\"more.rs\");\n");
    folder.write(
        "src/more.rs",
        "pub struct A { size: u64 }\nimpl A { pub fn open() -> A { tokio::spawn(work()); A { size: 1 } } }\n",
    );
    expect![[r#"
        keep an abort-on-drop guard in the struct built here, so that the task ends with that struct (may be incorrect)
        or return an abort-on-drop guard to the caller: dropping it ends the task (may be incorrect)
        or suppress the finding and say why (has placeholders)
    "#]]
    .assert_eq(&titles(&folder));
}
