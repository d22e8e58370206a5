//! Handles in races, in futures that are dropped half-way, and under the next handle.

use crate::check_lines;
use expect_test::expect;

const WORDS: &[&str] = &["fate"];

#[test]
fn raced() {
    check_lines(
        r#"use futures::future::{Either, join_all, select};
use std::time::Duration;
use tokio::{sync::Notify, time::{sleep, timeout}};
async fn f() {}
async fn by_timeout(d: Duration) { let h = tokio::spawn(f()); let _ = timeout(d, h).await; }
async fn by_select(n: &Notify) { let h = tokio::spawn(f()); tokio::select! { _ = h => {} _ = n.notified() => {} } }
async fn by_ctrl_c() { let h = tokio::spawn(f()); tokio::select! { _ = h => {} _ = tokio::signal::ctrl_c() => {} } }
async fn all(d: Duration) { let h = vec![tokio::spawn(f())]; let _ = timeout(d, join_all(h)).await; }
async fn block(d: Duration) { let h = tokio::spawn(f()); let _ = timeout(d, async move { h.await }).await; }
async fn lent(d: Duration) { let mut h = tokio::spawn(f()); let _ = timeout(d, &mut h).await; }
async fn lent_and_aborted(d: Duration) { let mut h = tokio::spawn(f()); if timeout(d, &mut h).await.is_err() { h.abort() } }
async fn lent_again(n: &Notify) { let mut h = tokio::spawn(f()); loop { tokio::select! { _ = &mut h => break, _ = n.notified() => {} } } }
async fn lent_and_left(n: &Notify) { let mut h = tokio::spawn(f()); loop { tokio::select! { _ = &mut h => break, _ = n.notified() => break } } }
async fn given_back(n: &Notify) { let h = tokio::spawn(f()); if let Either::Right((_, h)) = select(h, std::pin::pin!(n.notified())).await { h.abort() } }
async fn not_taken_back(d: Duration) { let h = tokio::spawn(f()); select(h, Box::pin(sleep(d))).await; }
async fn by_method(other: impl Future<Output = ()>) { let h = tokio::spawn(f()); h.race(other).await; }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:5:44: tokio::spawn
              fate: lost to Timeout at q/lib.rs:5:71
            q/lib.rs:6:42: tokio::spawn
              fate: lost to Select at q/lib.rs:6:61
            q/lib.rs:7:32: tokio::spawn
              fate: awaited at q/lib.rs:7:72
            q/lib.rs:8:42: tokio::spawn
              fate: lost to Timeout at q/lib.rs:8:70
            q/lib.rs:9:39: tokio::spawn
              fate: lost to Timeout at q/lib.rs:9:66, used at q/lib.rs:9:90
            q/lib.rs:10:42: tokio::spawn
              fate: lost to Timeout at q/lib.rs:10:69
            q/lib.rs:11:54: tokio::spawn
              fate: aborted at q/lib.rs:11:112
            q/lib.rs:12:47: tokio::spawn
              fate: awaited at q/lib.rs:12:99
            q/lib.rs:13:50: tokio::spawn
              fate: lost to Select at q/lib.rs:13:76
            q/lib.rs:14:43: tokio::spawn
              fate: moved into `futures::future::select` at q/lib.rs:14:93
            q/lib.rs:15:48: tokio::spawn
              fate: lost to Select at q/lib.rs:15:67
            q/lib.rs:16:63: tokio::spawn
              fate: lost to Select at q/lib.rs:16:82
        "#]],
    );
}

#[test]
fn dropped_half_way() {
    check_lines(
        r#"use std::time::Duration;
use tokio::{sync::Notify, time::{sleep, timeout}};
async fn f() {}
async fn awaits() { let h = tokio::spawn(f()); h.await.unwrap(); }
async fn bounds(d: Duration) { timeout(d, awaits()).await.unwrap(); }
async fn aborts(n: &Notify) { let h = tokio::spawn(f()); n.notified().await; h.abort(); }
async fn between() { let work = async { aborts(&Notify::new()).await }; tokio::select! { _ = work => {} _ = f() => {} } }
async fn aborts_at_once() { let h = tokio::spawn(f()); h.abort(); f().await; }
async fn bounds_it(d: Duration) { timeout(d, aborts_at_once()).await.unwrap(); }
async fn waits() { let h = tokio::spawn(f()); h.await.unwrap(); }
async fn runs_to_the_end() { waits().await; }
async fn lent(h: &mut tokio::task::JoinHandle<()>) { h.await.unwrap(); }
async fn keeps(d: Duration) { let mut h = tokio::spawn(f()); let _ = timeout(d, lent(&mut h)).await; h.await.unwrap(); }
async fn supervised() { loop { let h = tokio::spawn(f()); h.await.unwrap(); sleep(Duration::from_secs(1)).await; } }
struct Owner { task: tokio::task::JoinHandle<()> }
impl Owner { fn new() -> Owner { Owner { task: tokio::spawn(supervised()) } } }
impl Drop for Owner { fn drop(&mut self) { self.task.abort(); } }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:4:29: tokio::spawn
              fate: lost to Timeout at q/lib.rs:5:32, used at q/lib.rs:4:48
            q/lib.rs:6:39: tokio::spawn
              fate: lost to Select at q/lib.rs:7:73, used at q/lib.rs:6:78
            q/lib.rs:8:37: tokio::spawn
              fate: aborted at q/lib.rs:8:56
            q/lib.rs:10:28: tokio::spawn
              fate: awaited at q/lib.rs:10:47
            q/lib.rs:13:43: tokio::spawn
              fate: awaited at q/lib.rs:12:54
            q/lib.rs:14:40: tokio::spawn
              fate: lost to Abort at q/lib.rs:16:48, used at q/lib.rs:14:59
            q/lib.rs:16:48: tokio::spawn
              fate: stored in Owner.task, used at q/lib.rs:17:44
        "#]],
    );
}

#[test]
fn overwritten() {
    check_lines(
        r#"use tokio::task::JoinHandle;
async fn f() {}
struct A { task: Option<JoinHandle<()>> }
impl A {
    pub fn again(&mut self) { self.task = Some(tokio::spawn(f())); }
    pub fn looks(&mut self) { self.stop(); self.task = Some(tokio::spawn(f())); }
    pub fn asks(&mut self) { if self.task.is_none() { self.task = Some(tokio::spawn(f())); } }
    pub fn made() -> A { let mut a = A { task: None }; a.task = Some(tokio::spawn(f())); a }
    pub fn consumes(mut self) -> A { self.task = Some(tokio::spawn(f())); self }
    pub fn stop(&mut self) { if let Some(task) = self.task.take() { task.abort(); } }
}
struct B { task: Option<JoinHandle<()>> }
impl B {
    pub fn new() -> B { let mut b = B { task: None }; b.begin(); b }
    fn begin(&mut self) { self.task = Some(tokio::spawn(f())); }
    pub fn stop(&mut self) { if let Some(task) = self.task.take() { task.abort(); } }
}
struct C { task: Option<JoinHandle<()>> }
impl C {
    pub async fn run(&mut self) { loop { f().await; self.begin(); } }
    fn begin(&mut self) { self.task = Some(tokio::spawn(f())); }
    pub fn stop(&mut self) { if let Some(task) = self.task.take() { task.abort(); } }
}
"#,
        &["overwrites"],
        expect![[r#"
            q/lib.rs:5:48: tokio::spawn
              overwrites: A::task at q/lib.rs:5:31
            q/lib.rs:6:61: tokio::spawn
            q/lib.rs:7:72: tokio::spawn
            q/lib.rs:8:70: tokio::spawn
            q/lib.rs:9:55: tokio::spawn
            q/lib.rs:15:44: tokio::spawn
            q/lib.rs:21:44: tokio::spawn
              overwrites: C::task at q/lib.rs:21:27, again at q/lib.rs:20:53
        "#]],
    );
}
