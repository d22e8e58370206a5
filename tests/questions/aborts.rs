//! Aborts: which cannot end what they are meant for.

use expect_test::{Expect, expect};
use spawnlint_tests::{fixture::Fixture, pipeline};
use std::path::Path;

fn check_aborts(text: &str, expect: Expect) {
    let fixture = Fixture::of_text(Path::new("q/lib.rs"), text.to_owned());
    expect.assert_eq(&pipeline::print_aborts(&fixture));
}

#[test]
fn of_closures() {
    check_aborts(
        r#"use tokio::task::{JoinHandle, JoinSet, spawn_blocking};
fn turn() { loop { std::thread::park_timeout(D); } }
fn aborted() { let task = spawn_blocking(turn); task.abort(); }
fn soon_over() { let task = spawn_blocking(|| println!("done")); task.abort(); }
fn ends_with_channel(rx: std::sync::mpsc::Receiver<u8>) { let task = spawn_blocking(move || { for _ in rx {} }); task.abort(); }
async fn awaited() { let task = spawn_blocking(turn); task.await; }
fn in_a_set() { let mut set = JoinSet::new(); set.spawn_blocking(turn); set.spawn(async {}); }
struct Kept { task: JoinHandle<()> }
impl Kept {
    fn new() -> Kept { Kept { task: spawn_blocking(turn) } }
    pub async fn stop(&mut self) { self.task.abort(); let _ = (&mut self.task).await; }
}
"#,
        expect![[r#"
            q/lib.rs:3:27: a closure that has started
              at q/lib.rs:3:49
            q/lib.rs:7:47: a closure that has started
              at q/lib.rs:7:47
            q/lib.rs:10:37: a closure that has started
              at q/lib.rs:11:36
        "#]],
    );
}

#[test]
fn by_handles_that_are_dropped() {
    check_aborts(
        r#"use futures::future::{AbortHandle as Stop, Abortable, abortable};
use tokio::task::AbortHandle;
async fn turn() { loop { tokio::time::sleep(D).await; } }
async fn short() {}
fn unused() { let _stop = tokio::spawn(turn()).abort_handle(); }
fn used() { let stop = tokio::spawn(turn()).abort_handle(); stop.abort(); }
fn harmless() { let _stop = tokio::spawn(short()).abort_handle(); }
struct Field { stop: AbortHandle }
fn stored() -> Field { Field { stop: tokio::spawn(turn()).abort_handle() } }
fn pair() { let (work, _) = abortable(turn()); tokio::spawn(work); }
fn pair_used(all: &mut Vec<Stop>) { let (work, stop) = abortable(turn()); tokio::spawn(work); all.push(stop); }
fn registered() { let (_stop, registration) = Stop::new_pair(); tokio::spawn(Abortable::new(turn(), registration)); }
fn unregistered() { let (stop, _) = Stop::new_pair(); tokio::spawn(short()); stop.abort(); }
fn cancelled() { let task = async_std::task::spawn(turn()); task.cancel(); }
async fn cancelled_well() { let task = async_std::task::spawn(turn()); task.cancel().await; }
"#,
        expect![[r#"
            q/lib.rs:5:27: an abort handle that is dropped
              at q/lib.rs:5:27
            q/lib.rs:9:38: an abort handle that is dropped
              at q/lib.rs:8:16
            q/lib.rs:10:48: the abort handle of a future that is dropped
              at q/lib.rs:10:24
            q/lib.rs:12:65: the abort handle of a future that is dropped
              at q/lib.rs:12:24
            q/lib.rs:13:37: without registration
            q/lib.rs:14:61: cancelled without await
        "#]],
    );
}

#[test]
fn of_loops() {
    check_aborts(
        r#"async fn nothing() {}
async fn waits() { tokio::task::yield_now().await; }
fn busy() { let task = tokio::spawn(async { loop { println!("turn"); } }); task.abort(); }
fn ready() { let task = tokio::spawn(async { loop { nothing().await; async {}.await; std::future::ready(1).await; } }); task.abort(); }
fn yields() { let task = tokio::spawn(async { loop { waits().await; } }); task.abort(); }
fn unknown(x: impl Other) { let task = tokio::spawn(async move { loop { x.turn().await; } }); task.abort(); }
fn selects() { let task = tokio::spawn(async { loop { tokio::select! { _ = nothing() => {} } } }); task.abort(); }
"#,
        expect![[r#"
            q/lib.rs:3:24: a loop that never yields
              at q/lib.rs:3:76
            q/lib.rs:4:25: a loop that never yields
              at q/lib.rs:4:121
        "#]],
    );
}
