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

#[test]
fn of_derived_constructors() {
    check_lines(
        r#"//! Nobody writes `parse`: a derive does.
//- /app/src/main.rs crate:app deps:tokio
async fn f() {}
#[derive(clap::Parser)]
struct Args { #[command(subcommand)] action: Action }
#[derive(clap::Subcommand)]
enum Action { Serve(Serve), Check(Check) }
#[derive(clap::Args)]
struct Serve;
#[derive(clap::Args)]
struct Check;
#[tokio::main]
async fn main() { let args = Args::parse(); args.run().await; }
impl Args { async fn run(self) { match self.action { Action::Serve(it) => it.run().await, Action::Check(it) => it.run() } } }
impl Serve { async fn run(self) { tokio::spawn(f()); } }
impl Check { fn run(self) { match Other::try_parse() { Ok(it) => it.run(), Err(_) => {} } } }
#[derive(clap::Parser)]
struct Other;
impl Other { fn run(self) { tokio::spawn(f()); } }
"#,
        WORDS,
        expect![[r#"
            q/lib/app/src/main.rs:13:35: tokio::spawn
              reach: process
            q/lib/app/src/main.rs:17:29: tokio::spawn
              reach: process
        "#]],
    );
}

#[test]
fn of_what_tests_call() {
    check_lines(
        r#"//! Who only helps tests does not show how often others call.
//- /app/src/main.rs crate:app deps:tokio
async fn f() {}
#[tokio::main]
async fn main() { start(3); open(3); }
fn start(_: u8) { tokio::spawn(f()); }
fn start_with_defaults() { start(0); }
fn open(_: u8) { tokio::spawn(f()); }
fn open_again() { open(0); }
#[tokio::test]
async fn starts() { start_with_defaults(); }
"#,
        WORDS,
        expect![[r#"
            q/lib/app/src/main.rs:4:19: tokio::spawn
              reach: process
            q/lib/app/src/main.rs:6:18: tokio::spawn
              reach: unknown
        "#]],
    );
}

#[test]
fn behind_what_is_installed_once() {
    check_lines(
        r#"//! A second subscriber for the whole process would panic.
//- /app/src/lib.rs crate:app deps:tokio,tracing,tracing_subscriber
async fn f() {}
pub fn by_builder() { tracing_subscriber::fmt().with_target(false).init(); tokio::spawn(f()); }
pub fn by_registry() {
    use tracing_subscriber::prelude::*;
    let subscriber = tracing_subscriber::registry().with(tracing_subscriber::fmt::layer());
    if true { subscriber.init(); } else { tracing_subscriber::fmt::init(); }
    tokio::spawn(f());
}
pub fn by_error() { tracing::subscriber::set_global_default(s()).expect("first"); tokio::spawn(f()); }
pub fn by_another() { by_error(); tokio::spawn(f()); }
pub fn before() { tokio::spawn(f()); tracing_subscriber::fmt::init(); }
pub fn may_be_second() { let _ = tracing_subscriber::fmt::try_init(); tokio::spawn(f()); }
struct Own;
impl Own { fn init(&self) {} }
pub fn by_own(own: Own) { own.init(); tokio::spawn(f()); }
pub fn on_one_way(quiet: bool) { if !quiet { tracing_subscriber::fmt::init(); } tokio::spawn(f()); }
"#,
        WORDS,
        expect![[r#"
            q/lib/app/src/lib.rs:2:76: tokio::spawn
              reach: process
            q/lib/app/src/lib.rs:7:5: tokio::spawn
              reach: process
            q/lib/app/src/lib.rs:9:83: tokio::spawn
              reach: process
            q/lib/app/src/lib.rs:10:35: tokio::spawn
              reach: process
            q/lib/app/src/lib.rs:11:19: tokio::spawn
              reach: unknown
            q/lib/app/src/lib.rs:12:71: tokio::spawn
              reach: unknown
            q/lib/app/src/lib.rs:15:39: tokio::spawn
              reach: unknown
            q/lib/app/src/lib.rs:16:81: tokio::spawn
              reach: unknown
        "#]],
    );
}

#[test]
fn of_guards_that_are_handed_in() {
    check_lines(
        r#"//! A guard runs its closure once where it stands, or not at all.
//- /app/src/main.rs crate:app deps:tokio
use std::sync::Once;
async fn f() {}
#[tokio::main]
async fn main() { start(&Once::new()); loop { each(&Once::new()); } }
fn start(once: &Once) { once.call_once(|| { tokio::spawn(f()); }); }
fn each(once: &Once) { once.call_once(|| { tokio::spawn(f()); }); }
"#,
        WORDS,
        expect![[r#"
            q/lib/app/src/main.rs:5:45: tokio::spawn
              reach: process
            q/lib/app/src/main.rs:6:44: tokio::spawn
              reach: request
        "#]],
    );
}

#[test]
fn methods_of_a_command_line() {
    check_lines(
        r#"use clap::{Args, Parser, Subcommand};
use tokio::time::{Duration, sleep};
async fn tick() { loop { sleep(Duration::from_secs(1)).await; } }
#[derive(Parser)]
pub struct Start { name: String }
impl Runnable for Start { fn run(&self) { APP.run(self.start()) } }
impl Start { pub async fn start(&self) -> std::io::Result<()> { tokio::spawn(tick()); Ok(()) } }
#[derive(Subcommand)]
pub enum Snapshot { Export(Export), Import }
#[derive(Args)]
pub struct Export { path: String }
impl Export { pub async fn run(self) { tokio::spawn(tick()); } }
impl Snapshot { pub async fn run(self) { match self { Self::Export(it) => it.run().await, Self::Import => { tokio::spawn(tick()); } } } }
#[derive(Clone)]
pub struct Client { name: String }
impl Client { pub async fn run(self) { tokio::spawn(tick()); } }
#[derive(Args)]
pub struct Job { path: String }
impl Job { async fn work(&self) { tokio::spawn(tick()); } }
pub async fn serve(jobs: tokio::sync::mpsc::Receiver<Job>) { let mut jobs = jobs; while let Some(job) = jobs.recv().await { job.work().await; } }
"#,
        &["reach"],
        expect![[r#"
            q/lib.rs:7:65: tokio::spawn
              reach: process
            q/lib.rs:12:40: tokio::spawn
              reach: process
            q/lib.rs:13:109: tokio::spawn
              reach: process
            q/lib.rs:16:40: tokio::spawn
              reach: owner
            q/lib.rs:19:35: tokio::spawn
              reach: request
        "#]],
    );
}

#[test]
fn of_modules_under_opposite_cfgs() {
    check_lines(
        r#"//! A program with a module for each system.
//- /app/src/main.rs crate:app deps:tokio
mod platform {
    #[cfg(unix)]
    mod system {
        pub mod watch { pub struct Watch; impl Watch { pub fn new() -> Watch { tokio::spawn(crate::f()); Watch } } }
        pub fn start() { tokio::spawn(crate::f()); }
        pub fn never() { tokio::spawn(crate::f()); }
    }
    #[cfg(not(unix))]
    mod system {
        pub mod watch { pub struct Watch; impl Watch { pub fn new() -> Watch { Watch } } }
        pub fn start() {}
    }
    pub use system::{start, watch::Watch};
}
async fn f() {}
#[tokio::main]
async fn main() { platform::start(); let _watch = platform::Watch::new(); }
"#,
        WORDS,
        expect![[r#"
            q/lib/app/src/main.rs:4:80: tokio::spawn
              reach: process
            q/lib/app/src/main.rs:5:26: tokio::spawn
              reach: process
            q/lib/app/src/main.rs:6:26: tokio::spawn
              reach: unknown
        "#]],
    );
}
