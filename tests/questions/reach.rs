//! Reach: once per process, per owner, per request.

use crate::check_lines;
use expect_test::expect;

const WORDS: &[&str] = &["reach"];

#[test]
fn of_programs() {
    check_lines(
        r#"//! A program.
//- /app/src/main.rs crate:app deps:tokio
async fn f() {}
#[tokio::main]
async fn main() { tokio::spawn(f()); run().await; twice(); for _ in 0..3 { in_a_loop(); } handed_on(in_a_callback); }
async fn run() { tokio::spawn(f()); loop { per_turn(); } }
fn per_turn() { tokio::spawn(f()); }
fn twice() { shared(); shared(); }
fn shared() { tokio::spawn(f()); }
fn in_a_loop() { tokio::spawn(f()); }
fn handed_on(g: fn()) { g() }
fn in_a_callback() { tokio::spawn(f()); }
fn by_nobody() { tokio::spawn(f()); }
"#,
        WORDS,
        expect![[r#"
            q/lib/app/src/main.rs:3:19: tokio::spawn
              reach: process
            q/lib/app/src/main.rs:4:18: tokio::spawn
              reach: process
            q/lib/app/src/main.rs:5:17: tokio::spawn
              reach: request
            q/lib/app/src/main.rs:7:15: tokio::spawn
              reach: process
            q/lib/app/src/main.rs:8:18: tokio::spawn
              reach: process
            q/lib/app/src/main.rs:10:22: tokio::spawn
              reach: unknown
            q/lib/app/src/main.rs:11:18: tokio::spawn
              reach: unknown
        "#]],
    );
}

#[test]
fn of_cells() {
    check_lines(
        r#"use std::sync::{LazyLock, OnceLock};
async fn f() {}
static A: LazyLock<()> = LazyLock::new(|| { tokio::spawn(f()); });
static B: OnceLock<()> = OnceLock::new();
fn b() { B.get_or_init(|| { tokio::spawn(f()); }); }
struct S { cell: OnceLock<()> }
impl S { fn c(&self) { self.cell.get_or_init(|| { tokio::spawn(f()); }); } }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:3:45: tokio::spawn
              reach: process
            q/lib.rs:5:29: tokio::spawn
              reach: process
            q/lib.rs:7:51: tokio::spawn
              reach: owner
        "#]],
    );
}

#[test]
fn of_loops() {
    check_lines(
        r#"async fn f() {}
async fn accept(l: tokio::net::TcpListener) { loop { let _ = l.accept().await; tokio::spawn(f()); } }
async fn last_turn(c: bool) { loop { if c { tokio::spawn(f()); break; } } }
struct S;
impl S { fn start(&self) { tokio::spawn(f()); } }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:2:80: tokio::spawn
              reach: request
            q/lib.rs:3:45: tokio::spawn
              reach: unknown
            q/lib.rs:5:28: tokio::spawn
              reach: owner
        "#]],
    );
}

#[test]
fn of_what_is_marked_as_done() {
    check_lines(
        r#"use std::sync::atomic::{AtomicBool, Ordering::AcqRel};
async fn f() {}
static DONE: AtomicBool = AtomicBool::new(false);
struct S { done: AtomicBool }
fn a() { if DONE.swap(true, AcqRel) { return; } tokio::spawn(f()); }
fn b() { if !DONE.swap(true, AcqRel) { tokio::spawn(f()); } }
fn c() { if DONE.swap(true, AcqRel) { println!("again"); } tokio::spawn(f()); }
impl S { fn d(&self) { if self.done.swap(true, AcqRel) { return; } tokio::spawn(f()); } }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:5:49: tokio::spawn
              reach: process
            q/lib.rs:6:40: tokio::spawn
              reach: process
            q/lib.rs:7:60: tokio::spawn
              reach: unknown
            q/lib.rs:8:68: tokio::spawn
              reach: owner
        "#]],
    );
}

#[test]
fn of_runtimes_and_exits() {
    check_lines(
        r#"use tokio::runtime::Runtime;
async fn f() {}
fn own() { let rt = Runtime::new().unwrap(); rt.block_on(async { tokio::spawn(f()); loop { tokio::spawn(f()); } }); }
fn lent(rt: &Runtime) { rt.block_on(async { tokio::spawn(f()); }); }
fn exits() { tokio::spawn(f()); std::process::exit(0) }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:3:66: tokio::spawn
              reach: process
            q/lib.rs:3:92: tokio::spawn
              reach: request
            q/lib.rs:4:45: tokio::spawn
              reach: unknown
            q/lib.rs:5:14: tokio::spawn
              reach: process
        "#]],
    );
}
