//! Names: imports, renames, globs, re-exports, modules, crates, and look-alikes.

use crate::check_lines;
use expect_test::expect;

const WORDS: &[&str] = &["fate"];

#[test]
fn imports_and_renames() {
    check_lines(
        r#"use tokio::spawn as go;
use tokio::task::{self, spawn_local};
use tokio::{self as rt};
async fn f() {}
fn a() { go(f()); }
fn b() { task::spawn(f()); }
fn c() { spawn_local(f()); }
fn d() { rt::spawn(f()); }
fn e() { (tokio::spawn)(f()); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:5:10: tokio::spawn
              fate: dropped (statement) at q/lib.rs:5:10
            q/lib.rs:6:10: tokio::spawn
              fate: dropped (statement) at q/lib.rs:6:10
            q/lib.rs:7:10: tokio::task::spawn_local
              fate: dropped (statement) at q/lib.rs:7:10
            q/lib.rs:8:10: tokio::spawn
              fate: dropped (statement) at q/lib.rs:8:10
            q/lib.rs:9:10: tokio::spawn
              fate: dropped (statement) at q/lib.rs:9:10
        "#]],
    );
}

/// Each might need all others to be followed, and so on, for longer than anybody waits.
#[test]
fn many_imports_of_one_name() {
    let imports: String = (0..300).map(|at| format!("use a::b{at} as a; ")).collect();
    check_lines(
        &format!("{imports}use tokio::spawn as go; impl a {{ fn f() {{ a::x(); }} }}\nfn g() {{ go(a::y()); }}\n"),
        WORDS,
        expect![[r#"
            q/lib.rs:2:10: tokio::spawn
              fate: dropped (statement) at q/lib.rs:2:10
        "#]],
    );
}

#[test]
fn globs_of_the_library() {
    check_lines(
        r#"use tokio::task::*;
async fn f() {}
fn a() { spawn(f()); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:3:10: tokio::spawn
              fate: dropped (statement) at q/lib.rs:3:10
        "#]],
    );
}

#[test]
fn look_alikes_are_no_tasks() {
    check_lines(
        r#"use std::{process::Command, thread};
async fn f() {}
fn spawn<T>(_: T) {}
struct Server;
impl Server { fn spawn(_: u8) -> Server { Server } }
fn a() { spawn(f()); }
fn b() { Server::spawn(1); }
fn c() { let _ = Command::new("ls").spawn(); }
fn d() { thread::spawn(|| {}); }
fn e() { thread::scope(|s| { s.spawn(|| {}); }); }
"#,
        WORDS,
        expect![[r#""#]],
    );
}

#[test]
fn a_shadowing_item_wins_over_a_glob() {
    check_lines(
        r#"use tokio::task::*;
async fn f() {}
fn spawn<T>(_: T) {}
fn a() { spawn(f()); }
"#,
        WORDS,
        expect![[r#""#]],
    );
}

#[test]
fn modules_super_and_self() {
    check_lines(
        r#"mod rt {
    pub use tokio::spawn;
    pub mod inner { pub fn a() { super::spawn(crate::f()); self::b(); } fn b() { super::super::rt::spawn(crate::f()); } }
}
async fn f() {}
fn c() { rt::spawn(f()); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:3:34: tokio::spawn
              fate: dropped (statement) at q/lib.rs:3:34
            q/lib.rs:3:82: tokio::spawn
              fate: dropped (statement) at q/lib.rs:3:82
            q/lib.rs:6:10: tokio::spawn
              fate: dropped (statement) at q/lib.rs:6:10
        "#]],
    );
}

#[test]
fn reexports_of_another_crate() {
    check_lines(
        r#"//! Two crates.
//- /rt/src/lib.rs crate:rt deps:tokio
pub use tokio::spawn as start;
pub mod prelude { pub use crate::start; }
//- /app/src/lib.rs crate:app deps:runtime=rt,tokio
mod jobs;
use runtime::prelude::*;
async fn f() {}
fn a() { start(f()); }
fn b() { runtime::start(f()); }
//- /app/src/jobs.rs
pub fn c() { runtime::start(crate::f()); }
"#,
        WORDS,
        expect![[r#"
            q/lib/app/src/lib.rs:4:10: tokio::spawn
              fate: dropped (statement) at q/lib/app/src/lib.rs:4:10
            q/lib/app/src/lib.rs:5:10: tokio::spawn
              fate: dropped (statement) at q/lib/app/src/lib.rs:5:10
            q/lib/app/src/jobs.rs:1:14: tokio::spawn
              fate: dropped (statement) at q/lib/app/src/jobs.rs:1:14
        "#]],
    );
}

#[test]
fn renamed_dependency() {
    check_lines(
        r#"//! One crate.
//- /app/src/lib.rs crate:app deps:rt=tokio
async fn f() {}
fn a() { rt::spawn(f()); }
fn b() { tokio_like::spawn(f()); }
"#,
        WORDS,
        expect![[r#"
            q/lib/app/src/lib.rs:2:10: tokio::spawn
              fate: dropped (statement) at q/lib/app/src/lib.rs:2:10
        "#]],
    );
}

#[test]
fn stand_in_for_a_known_crate() {
    check_lines(
        r#"//! One crate that takes the place of another.
//- /app/src/lib.rs crate:app deps:tokio=madsim_tokio
async fn f() {}
fn a() { tokio::spawn(f()); }
"#,
        WORDS,
        expect![[r#"
            q/lib/app/src/lib.rs:2:10: tokio::spawn
              fate: dropped (statement) at q/lib/app/src/lib.rs:2:10
        "#]],
    );
}

#[test]
fn globs_that_import_one_another() {
    check_lines(
        r#"mod a { pub use super::b::*; pub use super::*; }
mod b { pub use super::a::*; pub use super::c::*; }
mod c { pub use super::b::*; pub use tokio::spawn; }
use a::*;
async fn f() {}
fn x() { spawn(f()); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:6:10: tokio::spawn
              fate: dropped (statement) at q/lib.rs:6:10
        "#]],
    );
}
