//! Which types end a task when they are dropped, and what is done with the handles, tokens and senders in fields.

use expect_test::{Expect, expect};
use spawnlint_tests::{fixture::Fixture, pipeline};
use std::path::Path;

fn check(text: &str, expect: Expect) {
    let fixture = Fixture::of_text(Path::new("q/lib.rs"), text.to_owned());
    expect.assert_eq(&pipeline::print_owners(&fixture));
}

#[test]
fn by_type() {
    check(
        r#"use std::{collections::HashMap, mem::ManuallyDrop, sync::{Arc, Mutex}};
use tokio::task::{AbortHandle, JoinHandle, JoinSet};
use tokio_util::{sync::{CancellationToken, DropGuard}, task::AbortOnDropHandle};
struct Plain { task: JoinHandle<()> }
struct Aborter { task: AbortHandle }
struct Guarded { _task: Option<AbortOnDropHandle<()>> }
struct Set { tasks: Arc<Mutex<JoinSet<()>>> }
struct Signals { _stop: DropGuard }
struct Token { stop: CancellationToken }
struct ByName { tasks: HashMap<String, (u32, AbortOnDropHandle<()>)> }
struct Smol(smol::Task<()>);
struct Remote { task: futures::future::RemoteHandle<()> }
struct Child { task: abort_on_drop::ChildTask<()> }
struct Nested { guarded: Guarded }
enum State { Idle, Running { task: AbortOnDropHandle<()> }, Smol(smol::Task<()>) }
struct Kept { task: ManuallyDrop<AbortOnDropHandle<()>> }
struct List { next: Option<Box<List>> }
"#,
        expect![[r#"
            Plain
              task: tokio::task::JoinHandle<()>
            Aborter
              task: tokio::task::AbortHandle
            Guarded
              dropped: Ends through Guarded._task at q/lib.rs:6:18
              _task: std::option::Option<tokio_util::task::AbortOnDropHandle<()>>
            Set
              dropped: Ends through Set.tasks at q/lib.rs:7:14, by the last of those who share it
              tasks: std::sync::Arc<std::sync::Mutex<tokio::task::JoinSet<()>>>
            Signals
              dropped: Signals through Signals._stop at q/lib.rs:8:18
              _stop: tokio_util::sync::DropGuard
            Token
              stop: tokio_util::sync::CancellationToken
            ByName
              dropped: Ends through ByName.tasks at q/lib.rs:10:17
              tasks: std::collections::HashMap<std::string::String, (std::primitive, tokio_util::task::AbortOnDropHandle<()>)>
            Smol
              dropped: Ends through Smol.0 at q/lib.rs:11:13
              0: async_task::Task<()>
            Remote
              dropped: Ends through Remote.task at q/lib.rs:12:17
              task: futures::future::RemoteHandle<()>
            Child
              dropped: Ends through Child.task at q/lib.rs:13:16
              task: abort_on_drop::ChildTask<()>
            Nested
              dropped: Ends through Nested.guarded at q/lib.rs:6:18
              guarded: Guarded
            State
              dropped: Ends through State.Running.task at q/lib.rs:15:30
              Running.task: tokio_util::task::AbortOnDropHandle<()>
              Smol.0: async_task::Task<()>
            Kept
              task: std::mem::ManuallyDrop<tokio_util::task::AbortOnDropHandle<()>>
        "#]],
    );
}

#[test]
fn by_drop() {
    check(
        r#"use std::sync::Arc;
use tokio::{sync::{oneshot, watch, Notify}, task::{AbortHandle, JoinHandle}};
use tokio_util::sync::CancellationToken;
struct Aborts { task: JoinHandle<()> }
impl Drop for Aborts { fn drop(&mut self) { self.task.abort(); } }
struct Generic<T>(Option<JoinHandle<T>>);
impl<T> Drop for Generic<T> { fn drop(&mut self) { if let Some(task) = self.0.take() { task.abort(); } } }
struct Calls { task: Option<AbortHandle> }
impl Calls { fn stop(&mut self) { if let Some(task) = &self.task { task.abort() } } }
impl Drop for Calls { fn drop(&mut self) { self.stop(); } }
struct Many { tasks: Vec<JoinHandle<()>> }
impl Drop for Many { fn drop(&mut self) { for task in self.tasks.drain(..) { task.abort(); } } }
struct Cancels { stop: CancellationToken, task: JoinHandle<()> }
impl Drop for Cancels { fn drop(&mut self) { self.stop.cancel(); } }
struct Sends { stop: Option<oneshot::Sender<()>> }
impl Drop for Sends { fn drop(&mut self) { if let Some(stop) = self.stop.take() { let _ = stop.send(()); } } }
struct Notifies { stop: Arc<Notify> }
impl Drop for Notifies { fn drop(&mut self) { self.stop.notify_one(); } }
struct Skips { first: JoinHandle<()>, second: JoinHandle<()> }
impl Drop for Skips { fn drop(&mut self) { self.first.abort(); } }
struct Inner { task: JoinHandle<()> }
struct Outer { inner: Inner }
impl Drop for Outer { fn drop(&mut self) { self.inner.task.abort(); } }
struct Logs { task: JoinHandle<()> }
impl Drop for Logs { fn drop(&mut self) { println!("gone: {}", self.task.is_finished()); } }
struct Request { handle: http::Call }
impl Drop for Request { fn drop(&mut self) { self.handle.cancel(); } }
struct Spawns { changed: watch::Sender<u8> }
impl Drop for Spawns { fn drop(&mut self) { println!("{}", self.changed.receiver_count()); } }
"#,
        expect![[r#"
            Aborts
              dropped: Ends through Aborts.task at q/lib.rs:5:45
              task: tokio::task::JoinHandle<()>
                `drop` aborts at q/lib.rs:5:45
            Generic
              dropped: Ends through Generic.0 at q/lib.rs:7:72
              0: std::option::Option<tokio::task::JoinHandle<?>>
                `drop` aborts at q/lib.rs:7:72
            Calls
              dropped: Ends through Calls.task at q/lib.rs:9:56
              task: std::option::Option<tokio::task::AbortHandle>
                `stop` aborts at q/lib.rs:9:56
            Many
              dropped: Ends through Many.tasks at q/lib.rs:12:55
              tasks: std::vec::Vec<tokio::task::JoinHandle<()>>
                `drop` aborts at q/lib.rs:12:55
            Cancels
              dropped: Signals through Cancels.stop at q/lib.rs:14:46
              stop: tokio_util::sync::CancellationToken
                `drop` signals at q/lib.rs:14:46
              task: tokio::task::JoinHandle<()>
            Sends
              dropped: Signals through Sends.stop at q/lib.rs:16:64
              stop: std::option::Option<tokio::sync::oneshot::Sender<()>>
                `drop` signals at q/lib.rs:16:64
            Notifies
              dropped: Signals through Notifies.stop at q/lib.rs:18:47
              stop: std::sync::Arc<tokio::sync::Notify>
                `drop` signals at q/lib.rs:18:47
            Skips
              dropped: Ends through Skips.first at q/lib.rs:20:44
              first: tokio::task::JoinHandle<()>
                `drop` aborts at q/lib.rs:20:44
              second: tokio::task::JoinHandle<()>
            Inner
              task: tokio::task::JoinHandle<()>
                `drop` aborts at q/lib.rs:23:44
            Outer
              dropped: Ends through Outer.task at q/lib.rs:23:44
              inner: Inner
                `drop` aborts at q/lib.rs:23:44
            Logs
              task: tokio::task::JoinHandle<()>
                `drop` looks at at q/lib.rs:25:64
            Spawns
              changed: tokio::sync::watch::Sender<std::primitive>
                `drop` gives away at q/lib.rs:29:60
        "#]],
    );
}

#[test]
fn by_pinned_drop() {
    check(
        r#"use tokio::task::JoinHandle;
#[pin_project(PinnedDrop)]
struct Attribute { #[pin] task: JoinHandle<()> }
#[pinned_drop]
impl PinnedDrop for Attribute { fn drop(self: Pin<&mut Self>) { self.project().task.abort(); } }
pin_project! {
    struct Macro { #[pin] task: JoinHandle<()> }
    impl PinnedDrop for Macro { fn drop(this: Pin<&mut Self>) { this.task.abort(); } }
}
"#,
        expect![[r#"
            Attribute
              dropped: Ends through Attribute.task at q/lib.rs:5:65
              task: tokio::task::JoinHandle<()>
                `drop` aborts at q/lib.rs:5:65
            Macro
              dropped: Ends through Macro.task at q/lib.rs:8:65
              task: tokio::task::JoinHandle<()>
                `drop` aborts at q/lib.rs:8:65
        "#]],
    );
}

#[test]
fn what_is_done_with_fields() {
    check(
        r#"use std::sync::Mutex;
use tokio::{sync::oneshot, task::JoinHandle};
use tokio_util::sync::CancellationToken;
struct Worker { task: Option<JoinHandle<()>>, more: Mutex<Vec<JoinHandle<()>>>, stop: CancellationToken, done: Option<oneshot::Sender<()>> }
impl Worker {
    fn clear(&mut self) { self.task = None; self.more.lock().unwrap().clear(); }
    fn take(&mut self) { self.task.take(); std::mem::take(&mut self.task); }
    fn looks(&self) -> bool { self.task.is_some() && self.stop.is_cancelled() }
    async fn waits(&mut self) { if let Some(task) = self.task.take() { task.await.unwrap(); } }
    fn aborts(&self) { self.more.lock().unwrap().iter().for_each(|task| task.abort()); }
    fn hands_out(&mut self) -> Option<JoinHandle<()>> { self.task.take() }
    fn signals(&mut self) { self.stop.cancel(); self.done = None; }
    fn token(&self) -> CancellationToken { self.stop.clone() }
}
enum State { Idle, Running(JoinHandle<()>, u32), Closing { task: JoinHandle<()> } }
impl State {
    fn stop(self) { match self { State::Running(task, _) => task.abort(), Self::Closing { task } => drop(task), State::Idle => {} } }
}
struct Parts { task: JoinHandle<()> }
impl Parts { fn into_task(self) -> JoinHandle<()> { let Self { task } = self; task } }
"#,
        expect![[r#"
            Worker
              task: std::option::Option<tokio::task::JoinHandle<()>>
                `clear` drops at q/lib.rs:6:27
                `take` drops at q/lib.rs:7:26
                `take` looks at at q/lib.rs:7:64
                `looks` looks at at q/lib.rs:8:31
                `waits` awaits at q/lib.rs:9:53
                `hands_out` gives away at q/lib.rs:11:57
              more: std::sync::Mutex<std::vec::Vec<tokio::task::JoinHandle<()>>>
                `clear` drops at q/lib.rs:6:45
                `aborts` aborts at q/lib.rs:10:24
              stop: tokio_util::sync::CancellationToken
                `looks` looks at at q/lib.rs:8:54
                `signals` signals at q/lib.rs:12:29
                `token` gives away at q/lib.rs:13:44
              done: std::option::Option<tokio::sync::oneshot::Sender<()>>
                `signals` signals at q/lib.rs:12:49
            State
              Running.0: tokio::task::JoinHandle<()>
                `stop` aborts at q/lib.rs:17:49
              Closing.task: tokio::task::JoinHandle<()>
                `stop` drops at q/lib.rs:17:91
            Parts
              task: tokio::task::JoinHandle<()>
                `into_task` gives away at q/lib.rs:20:64
        "#]],
    );
}

#[test]
fn aborted_for_the_next() {
    check(
        r#"use std::{sync::Mutex, time::Duration};
use tokio::task::JoinHandle;
struct Restarted { task: Option<JoinHandle<()>> }
impl Restarted {
    pub fn start(&mut self) {
        if let Some(task) = self.task.take() { task.abort() }
        self.task = Some(tokio::spawn(async {}));
    }
}
struct Locked { task: Mutex<Option<JoinHandle<()>>> }
impl Locked {
    pub fn set(&self, next: JoinHandle<()>) {
        let mut task = self.task.lock().unwrap();
        if let Some(task) = &*task { task.abort() }
        *task = Some(next);
    }
}
struct Plain { task: JoinHandle<()> }
impl Plain {
    pub fn restart(&mut self) { self.task.abort(); self.task = tokio::spawn(async {}); }
}
struct Perhaps { task: Option<JoinHandle<()>> }
impl Perhaps {
    pub fn start(&mut self, period: Option<Duration>) {
        if let Some(task) = self.task.take() { task.abort() }
        self.task = period.map(|_| tokio::spawn(async {}));
    }
}
struct OnlyIf { task: Option<JoinHandle<()>> }
impl OnlyIf {
    pub fn start(&mut self, on: bool) {
        if let Some(task) = self.task.take() { task.abort() }
        if on { self.task = Some(tokio::spawn(async {})); }
    }
}
struct Two { task: Option<JoinHandle<()>> }
impl Two {
    pub fn start(&mut self) { self.task = Some(tokio::spawn(async {})); }
    pub fn stop(&mut self) {
        if let Some(task) = self.task.take() { task.abort() }
        self.task = Some(tokio::spawn(async {}));
    }
}
"#,
        expect![[r#"
            Restarted
              task: std::option::Option<tokio::task::JoinHandle<()>>
                `start` replaces at q/lib.rs:6:29
                `start` looks at at q/lib.rs:7:9
            Locked
              task: std::sync::Mutex<std::option::Option<tokio::task::JoinHandle<()>>>
                `set` replaces at q/lib.rs:13:24
            Plain
              task: tokio::task::JoinHandle<()>
                `restart` replaces at q/lib.rs:20:33
                `restart` looks at at q/lib.rs:20:52
            Perhaps
              task: std::option::Option<tokio::task::JoinHandle<()>>
                `start` aborts at q/lib.rs:25:29
                `start` looks at at q/lib.rs:26:9
            OnlyIf
              task: std::option::Option<tokio::task::JoinHandle<()>>
                `start` aborts at q/lib.rs:32:29
                `start` looks at at q/lib.rs:33:17
            Two
              task: std::option::Option<tokio::task::JoinHandle<()>>
                `start` looks at at q/lib.rs:38:31
                `stop` aborts at q/lib.rs:40:29
                `stop` looks at at q/lib.rs:41:9
        "#]],
    );
}
