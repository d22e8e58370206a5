//! Whether a handle may be wrapped in an owner of another type, and what changes with it.

use expect_test::{Expect, expect};
use spawnlint_tests::{fixture::Fixture, pipeline};
use std::path::Path;

fn check_rewraps(text: &str, expect: Expect) {
    let fixture = Fixture::of_text(Path::new("q/lib.rs"), text.to_owned());
    expect.assert_eq(&pipeline::print_rewraps(&fixture));
}

#[test]
fn locals() {
    check_rewraps(
        r#"use tokio::{task::JoinHandle, time::timeout};
async fn awaited() { let h = tokio::spawn(f()); h.await; }
async fn raced() { let mut h = tokio::spawn(f()); timeout(D, &mut h).await; h.abort(); }
async fn named() { let h: JoinHandle<()> = tokio::spawn(f()); select! { _ = h => {} _ = g() => {} } }
async fn collected() { let mut all = Vec::new(); all.push(tokio::spawn(f())); all.push(tokio::spawn(g())); futures::future::join_all(all).await; }
async fn later() { let h; if x { h = tokio::spawn(f()); } else { h = tokio::spawn(g()); } h.await; }
async fn asked() { let h = tokio::spawn(f()); println!("{}", h.id()); h.await; }
fn returned() -> JoinHandle<()> { tokio::spawn(f()) }
async fn given() { let h = tokio::spawn(f()); foreign::take(h); }
"#,
        expect![[r#"
            q/lib.rs:2:30: it waits behind it
            q/lib.rs:3:32: it waits behind it
            q/lib.rs:4:44: it waits behind it
              names the type at q/lib.rs:4:27
            q/lib.rs:5:59: it waits behind it
              wraps q/lib.rs:5:88
            q/lib.rs:5:88: it waits behind it
              wraps q/lib.rs:5:59
            q/lib.rs:6:38: nothing waits behind it
              wraps q/lib.rs:6:70
            q/lib.rs:6:70: nothing waits behind it
              wraps q/lib.rs:6:38
            q/lib.rs:7:28: it waits behind it
              cannot be wrapped
            q/lib.rs:8:35: nothing waits behind it
              cannot be wrapped
            q/lib.rs:9:28: nothing waits behind it
              cannot be wrapped
        "#]],
    );
}

#[test]
fn parameters() {
    check_rewraps(
        r#"use tokio::task::JoinHandle;
fn once() { let h = tokio::spawn(f()); tokio::spawn(log("once", h)); }
async fn log(name: &str, task: JoinHandle<()>) { if let Err(e) = task.await { println!("{e}"); } }
fn one() { let h = tokio::spawn(f()); tokio::spawn(twice(h)); }
fn two() { let h = tokio::spawn(f()); tokio::spawn(twice(h)); }
async fn twice(task: JoinHandle<()>) { task.await; }
"#,
        expect![[r#"
            q/lib.rs:2:21: nothing waits behind it
              names the type at q/lib.rs:3:32
            q/lib.rs:2:40: nothing waits behind it
            q/lib.rs:4:20: nothing waits behind it
              cannot be wrapped
            q/lib.rs:4:39: nothing waits behind it
            q/lib.rs:5:20: nothing waits behind it
              cannot be wrapped
            q/lib.rs:5:39: nothing waits behind it
        "#]],
    );
}

#[test]
fn fields() {
    check_rewraps(
        r#"use tokio::task::JoinHandle;
struct Own { task: Option<JoinHandle<()>> }
impl Own {
    fn new() -> Own { Own { task: None } }
    fn start(&mut self) { self.task = Some(tokio::spawn(f())); }
    fn stop(&mut self) { if let Some(task) = self.task.take() { task.abort(); } }
}
struct Locked { task: std::sync::Mutex<Option<JoinHandle<()>>> }
impl Locked {
    fn start(&self) { let task = tokio::spawn(f()); *self.task.lock().unwrap() = Some(task); }
}
pub struct Open { pub task: JoinHandle<()> }
fn open() -> Open { Open { task: tokio::spawn(f()) } }
#[derive(PartialEq)]
struct Derived { task: JoinHandle<()> }
fn derived() -> Derived { Derived { task: tokio::spawn(f()) } }
struct Given { task: JoinHandle<()> }
impl Given {
    fn new(task: JoinHandle<()>) -> Given { Given { task } }
    fn again(&mut self) { self.task = tokio::spawn(f()); }
}
"#,
        expect![[r#"
            q/lib.rs:5:44: nothing waits behind it
              names the type at q/lib.rs:2:27
            q/lib.rs:10:34: nothing waits behind it
              names the type at q/lib.rs:8:47
            q/lib.rs:13:34: nothing waits behind it
              cannot be wrapped
            q/lib.rs:16:43: nothing waits behind it
              cannot be wrapped
            q/lib.rs:20:39: nothing waits behind it
              cannot be wrapped
        "#]],
    );
}

#[test]
fn what_stands_behind_a_statement() {
    check_rewraps(
        r#"async fn waits() { tokio::spawn(f()); g().await; }
fn returns() { tokio::spawn(f()); println!("started"); }
async fn only_inside() { tokio::spawn(f()); drop(async { g().await }); }
async fn arm(n: u8) { match n { 0 => drop(tokio::spawn(f())), _ => {} } }
"#,
        expect![[r#"
            q/lib.rs:1:20: it waits behind it
            q/lib.rs:2:16: nothing waits behind it
            q/lib.rs:3:26: nothing waits behind it
            q/lib.rs:4:43: no statement of its own
        "#]],
    );
}
