//! Tasks that keep alive what would end them.

use crate::check_lines;
use expect_test::expect;

const WORDS: &[&str] = &["sustained", "dead exit", "ending"];

#[test]
fn by_handles_and_guards() {
    check_lines(
        r#"use std::sync::{Arc, Mutex};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::task::AbortOnDropHandle;
struct Aborts { task: Mutex<Option<JoinHandle<()>>> }
impl Aborts {
    async fn turn(&self) {}
    async fn run(self: Arc<Self>) { loop { self.turn().await; } }
    fn block(self: &Arc<Self>) {
        let this = self.clone();
        *self.task.lock().unwrap() = Some(tokio::spawn(async move { loop { this.turn().await; } }));
    }
    fn method(self: &Arc<Self>) { *self.task.lock().unwrap() = Some(tokio::spawn(self.clone().run())); }
    fn weak(self: &Arc<Self>) {
        let this = Arc::downgrade(self);
        *self.task.lock().unwrap() = Some(tokio::spawn(async move { while let Some(this) = this.upgrade() { this.turn().await; } }));
    }
}
impl Drop for Aborts { fn drop(&mut self) { if let Some(task) = self.task.lock().unwrap().take() { task.abort(); } } }
struct Guarded { task: Mutex<Option<AbortOnDropHandle<()>>> }
impl Guarded {
    async fn run(self: Arc<Self>) { loop { tokio::task::yield_now().await; } }
    fn start(self: &Arc<Self>) { *self.task.lock().unwrap() = Some(AbortOnDropHandle::new(tokio::spawn(self.clone().run()))); }
}
struct Set { tasks: Mutex<JoinSet<()>> }
impl Set {
    async fn run(self: Arc<Self>) { loop { tokio::task::yield_now().await; } }
    fn start(self: &Arc<Self>) { self.tasks.lock().unwrap().spawn(self.clone().run()); }
}
struct Stopped { task: Mutex<Option<JoinHandle<()>>> }
impl Stopped {
    async fn run(self: Arc<Self>) { loop { tokio::task::yield_now().await; } }
    fn start(self: &Arc<Self>) { *self.task.lock().unwrap() = Some(tokio::spawn(self.clone().run())); }
    fn stop(&self) { if let Some(task) = self.task.lock().unwrap().take() { task.abort(); } }
}
impl Drop for Stopped { fn drop(&mut self) { self.stop(); } }
fn uses(stopped: &Stopped) { stopped.stop(); }
struct Alone { task: Option<JoinHandle<()>>, name: Arc<str> }
impl Alone {
    fn start(&mut self) { let name = self.name.clone(); self.task = Some(tokio::spawn(async move { loop { println!("{name}"); tokio::task::yield_now().await; } })); }
}
impl Drop for Alone { fn drop(&mut self) { if let Some(task) = self.task.take() { task.abort(); } } }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:10:43: tokio::spawn
              sustained: Aborts.task is ended at q/lib.rs:18:65, kept by `this` at q/lib.rs:10:76
              ending: never
            q/lib.rs:12:69: tokio::spawn
              sustained: Aborts.task is ended at q/lib.rs:18:65, kept by `self` at q/lib.rs:12:82
              ending: never
            q/lib.rs:15:43: tokio::spawn
              ending: on signal
            q/lib.rs:22:91: tokio::spawn
              sustained: Guarded.task is ended at q/lib.rs:19:18, kept by `self` at q/lib.rs:22:104
              ending: never
            q/lib.rs:27:34: JoinSet::spawn
              sustained: Set.tasks is ended at q/lib.rs:24:14, kept by `self` at q/lib.rs:27:67
              ending: never
            q/lib.rs:32:68: tokio::spawn
              ending: never
            q/lib.rs:39:74: tokio::spawn
              ending: never
        "#]],
    );
}

#[test]
fn two_deep() {
    check_lines(
        r#"use std::sync::{Arc, Mutex};
use tokio_util::task::AbortOnDropHandle;
struct Hub { task: Mutex<Option<AbortOnDropHandle<()>>> }
impl Hub { async fn turn(&self) {} }
#[derive(Clone)]
struct Server { hub: Arc<Hub>, name: String }
impl Server {
    fn whole(&self) {
        let server = self.clone();
        *self.hub.task.lock().unwrap() = Some(AbortOnDropHandle::new(tokio::spawn(async move { loop { server.hub.turn().await; } })));
    }
    fn hub(&self) {
        let hub = self.hub.clone();
        *self.hub.task.lock().unwrap() = Some(AbortOnDropHandle::new(tokio::spawn(async move { loop { hub.turn().await; } })));
    }
    fn name(&self) {
        let name = self.name.clone();
        *self.hub.task.lock().unwrap() = Some(AbortOnDropHandle::new(tokio::spawn(async move { loop { println!("{name}"); tokio::task::yield_now().await; } })));
    }
}
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:10:70: tokio::spawn
              sustained: Hub.task is ended at q/lib.rs:3:14, kept by `server.hub` at q/lib.rs:10:103
              ending: never
            q/lib.rs:14:70: tokio::spawn
              sustained: Hub.task is ended at q/lib.rs:3:14, kept by `hub` at q/lib.rs:14:103
              ending: never
            q/lib.rs:18:70: tokio::spawn
              ending: never
        "#]],
    );
}

#[test]
fn by_tokens() {
    check_lines(
        r#"use std::sync::Arc;
use tokio_util::sync::CancellationToken;
struct Feed { stop: CancellationToken }
impl Feed {
    fn open() -> Arc<Feed> { Arc::new(Feed { stop: CancellationToken::new() }) }
    async fn turn(&self) {}
    fn start(self: Arc<Self>) {
        tokio::spawn(async move { loop { tokio::select! { _ = self.stop.cancelled() => break, _ = self.turn() => {} } } });
    }
}
impl Drop for Feed { fn drop(&mut self) { self.stop.cancel(); } }
struct Apart { stop: CancellationToken }
impl Apart {
    fn open() -> Arc<Apart> { Arc::new(Apart { stop: CancellationToken::new() }) }
    fn start(self: Arc<Self>) {
        let stop = self.stop.clone();
        tokio::spawn(async move { loop { tokio::select! { _ = stop.cancelled() => break, _ = tokio::task::yield_now() => {} } } });
    }
}
impl Drop for Apart { fn drop(&mut self) { self.stop.cancel(); } }
struct Closed { stop: CancellationToken }
impl Closed {
    fn open() -> Arc<Closed> { Arc::new(Closed { stop: CancellationToken::new() }) }
    fn start(self: Arc<Self>) { tokio::spawn(async move { self.stop.cancelled().await; }); }
    fn close(&self) { self.stop.cancel(); }
}
impl Drop for Closed { fn drop(&mut self) { self.stop.cancel(); } }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:8:9: tokio::spawn
              ending: never
                  dead exit at q/lib.rs:8:88: only dropping `self` cancels the token, and the task itself keeps `self` alive
            q/lib.rs:17:9: tokio::spawn
              ending: on signal
            q/lib.rs:24:33: tokio::spawn
              ending: on signal
        "#]],
    );
}
