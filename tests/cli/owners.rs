//! `cargo spawnlint owners`: what each type holds, and what ends its tasks.

use crate::support::{Folder, MANIFEST, Output, Run};
use cargo_spawnlint::Exit;
use expect_test::{expect, expect_file};
use spawnlint_rules::rules::RULES;

/// Types that end their tasks in each way that there is, and some that do not.
const TYPES: &str = r#"
use std::sync::Arc;
use tokio::{sync::mpsc, task::{JoinHandle, JoinSet}};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

async fn poll() { loop { tokio::task::yield_now().await } }

pub struct Aborting { task: JoinHandle<()> }
impl Aborting { pub fn start() -> Aborting { Aborting { task: tokio::spawn(poll()) } } }
impl Drop for Aborting { fn drop(&mut self) { self.task.abort() } }

pub struct Stopping { task: JoinHandle<()> }
impl Stopping {
    pub fn start() -> Stopping { Stopping { task: tokio::spawn(poll()) } }
    pub fn stop(&self) { self.task.abort() }
}

pub struct Forgetting { task: JoinHandle<()> }
impl Forgetting { pub fn start() -> Forgetting { Forgetting { task: tokio::spawn(poll()) } } }

pub struct Guarding { task: AbortOnDropHandle<()>, all: JoinSet<()> }
impl Guarding { pub fn add(&mut self) { self.all.spawn(poll()); } }

pub struct Cancelling { stop: CancellationToken }
impl Cancelling {
    pub fn start() -> Cancelling {
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        tokio::spawn(async move { stopped.cancelled().await });
        Cancelling { stop }
    }
}
impl Drop for Cancelling { fn drop(&mut self) { self.stop.cancel() } }

pub struct Closing { orders: mpsc::Sender<u32>, task: JoinHandle<()> }
impl Closing {
    pub fn start() -> Closing {
        let (orders, mut inbox) = mpsc::channel(8);
        let task = tokio::spawn(async move { while let Some(_) = inbox.recv().await {} });
        Closing { orders, task }
    }
    pub async fn order(&self) { let _ = self.orders.send(1).await; }
}

pub struct Shared { inner: Arc<Aborting> }
pub enum State { Idle, Running(Stopping), Guarded { by: Guarding } }

pub struct Nobody { orders: mpsc::Sender<u32>, name: String }
"#;

fn run(folder: &Folder, args: &[&str]) -> Output {
    let args = [&["owners", "--no-cache"], args].concat();
    Run::default().rules(RULES).args(&args).run_in(&folder.path())
}

fn package(text: &str) -> Folder {
    let folder = Folder::new(&[("src/lib.rs", text)]);
    folder.write("Cargo.toml", format!("{MANIFEST}[dependencies]\ntokio = \"1\"\ntokio-util = \"0.7\"\n"));
    folder
}

#[test]
fn human() {
    let out = run(&package(TYPES), &[]);
    assert_eq!(out.exit, Exit::Clean, "{}", out.stderr);
    expect_file!["./owners/human.txt"].assert_eq(&out.stdout);
    expect![[r#"
        listed 10 fields of 8 types
    "#]]
    .assert_eq(&out.stderr);
}

#[test]
fn json_says_the_same() {
    let out = run(&package(TYPES), &["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&out.stdout).unwrap();
    let fields = json["owners"].as_array().unwrap().iter().flat_map(|it| {
        let name = it["type"]["name"].as_str().unwrap();
        let fields = it["fields"].as_array().unwrap().iter();
        fields.map(move |field| {
            format!("{name}.{} {}", field["name"].as_str().unwrap(), field["verdict"].as_str().unwrap())
        })
    });
    expect![[r#"
        Aborting.task ends-on-drop
        Stopping.task only-by-method
        Forgetting.task never-ended
        Guarding.task ends-on-drop
        Guarding.all ends-on-drop
        Cancelling.stop signals-on-drop
        Closing.orders signals-on-drop
        Closing.task signals-on-drop
        Shared.inner ends-on-drop
        State.Guarded.by ends-on-drop"#]]
    .assert_eq(&fields.collect::<Vec<_>>().join("\n"));
}

#[test]
fn only_those_with_a_verdict() {
    let out = run(&package(TYPES), &["--verdict", "never-ended,only-by-method"]);
    let types: Vec<_> = out.stdout.lines().filter(|line| line.contains("src/lib.rs")).collect();
    expect![[r#"
        Stopping  src/lib.rs:12
        Forgetting  src/lib.rs:18"#]]
    .assert_eq(&types.join("\n"));
    assert_eq!(run(&package(TYPES), &["--verdict", "gone"]).exit, Exit::Usage);
}

#[test]
fn types_that_own_one_another() {
    let folder = package(
        "pub struct A { b: Option<Box<B>>, task: tokio::task::JoinHandle<()> }\npub struct B { a: Vec<A>, c: Box<C> }\npub struct C { b: Box<B> }\n",
    );
    let out = run(&folder, &[]);
    assert_eq!(out.exit, Exit::Clean, "{}", out.stderr);
    assert!(out.stdout.contains("A  src/lib.rs:1\n"), "{}", out.stdout);
}

#[test]
fn where_there_are_none() {
    let out = run(&package("pub struct A;\n"), &[]);
    assert_eq!((out.exit, out.stdout.as_str()), (Exit::Clean, ""));
    assert_eq!(out.stderr, "no types found that can end tasks\n");
}
