//! Kinds of variables: annotations, constructors, fields, signatures, patterns.

use crate::check_lines;
use expect_test::expect;

const WORDS: &[&str] = &["captures"];

#[test]
fn of_captured_names() {
    check_lines(
        r#"use std::sync::{Arc, Mutex};
use tokio::sync::{mpsc, oneshot, watch};
struct Config { name: String }
struct Service { config: Arc<Config>, jobs: mpsc::Sender<u8> }
impl Service {
    fn new(jobs: mpsc::Sender<u8>) -> Service { todo!() }
    fn shared(self: Arc<Self>) -> Arc<Self> { self }
    async fn load(&self) -> Result<Config, String> { todo!() }
    async fn start(self: Arc<Self>, names: Vec<String>) {
        let (tx, rx) = oneshot::channel::<u8>();
        let (_, state) = watch::channel(0u8);
        let config = self.config.clone();
        let jobs = self.jobs.clone();
        let loaded = self.load().await.unwrap();
        let first = names.into_iter().next().unwrap();
        let locked = Arc::new(Mutex::new(Service::new(jobs.clone())));
        let me = self.clone().shared();
        tokio::spawn(async move { drop((tx, rx, state, config, jobs, loaded, first, locked, me)); });
    }
}
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:18:9: tokio::spawn
              captures: tx: tokio::sync::oneshot::Sender, rx: tokio::sync::oneshot::Receiver, state: tokio::sync::watch::Receiver, config: std::sync::Arc<Config>, jobs: tokio::sync::mpsc::Sender<std::primitive>, loaded: Config, first: std::string::String, locked: std::sync::Arc<std::sync::Mutex<Service>>, me: std::sync::Arc<Service>
        "#]],
    );
}

#[test]
fn of_handles() {
    check_lines(
        r#"use tokio::task::{AbortHandle, JoinHandle, JoinSet};
async fn f() {}
fn start() -> JoinHandle<()> { tokio::spawn(f()) }
fn a(given: Option<JoinHandle<()>>) {
    let one = tokio::spawn(f());
    let abort = one.abort_handle();
    let two = start();
    let mut set = JoinSet::new();
    set.spawn(f());
    if let Some(third) = given {
        tokio::spawn(async move { drop((one, abort, two, set, third)); });
    }
}
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:5:15: tokio::spawn
            q/lib.rs:7:15: tokio::spawn via start
            q/lib.rs:9:5: JoinSet::spawn
            q/lib.rs:11:9: tokio::spawn
              captures: one: tokio::task::JoinHandle, abort: tokio::task::AbortHandle, two: tokio::task::JoinHandle<()>, set: tokio::task::JoinSet, third: tokio::task::JoinHandle<()>
        "#]],
    );
}

/// What goes into a task that the task starts is that one's.
#[test]
fn captures_of_a_task_in_a_task() {
    check_lines(
        r#"async fn run(big: Vec<u8>) {}
fn start(big: Vec<u8>, name: String) { tokio::spawn(async move { tokio::spawn(async move { run(big).await }); drop(name); }); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:2:40: tokio::spawn
              captures: name: std::string::String
            q/lib.rs:2:66: tokio::spawn
              captures: big: std::vec::Vec<std::primitive>
        "#]],
    );
}
