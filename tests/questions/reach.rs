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
