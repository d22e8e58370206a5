//! The inventory: who starts what, who has it, and the verdict.

use cargo_spawnlint::inventory::Listed;
use expect_test::{Expect, expect};
use spawnlint_analysis::questions::Verdict;
use spawnlint_rules::{rule::Group, rules::RULES};
use spawnlint_tests::{
    fixture::{Fixture, all},
    pipeline,
};
use std::path::Path;

fn check(text: &str, expect: Expect) {
    let fixture = Fixture::of_text(Path::new("q/lib.rs"), text.to_owned());
    expect.assert_eq(&pipeline::print_inventory(&fixture));
}

/// `Polled::new` is called short for the function that makes it; its `poll` is not looked at.
#[test]
fn of_what_runs() {
    check(
        r#"use std::future::Future;
mod jobs {
    pub async fn run() {}
    pub fn crunch() {}
    pub trait Start: Future + Send + Sized { fn start(self); }
    impl<F: Future<Output = ()> + Send + 'static> Start for F {
        fn start(self) { tokio::spawn(async move { self.await; }); }
    }
}
struct Service;
impl Service {
    async fn run(&self) {}
    fn start(self, pool: &tokio::runtime::Handle, ready: other::Ready) {
        tokio::spawn(jobs::run());
        tokio::spawn(async move { self.run().await; });
        tokio::spawn(async { jobs::run().await; jobs::run().await; tokio::task::yield_now().await; });
        tokio::spawn(async { loop { jobs::run().await } });
        tokio::task::spawn_blocking(jobs::crunch);
        pool.spawn_blocking(|| jobs::crunch());
        tokio::spawn(ready);
        tokio::spawn(Polled::new());
        background("name", jobs::run());
        again(|| jobs::crunch());
    }
}
struct Polled;
impl Polled { fn new() -> Self { Polled } }
impl Future for Polled { type Output = (); }
fn background(name: &'static str, work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(async move { work.await; println!("{name}"); });
}
fn again(work: impl Fn() + Send + 'static) { tokio::spawn(async move { loop { work() } }); }
"#,
        expect![[r#"
            7 Start::start: block | Nobody | unknown
            14 Service::start: jobs::run | Nobody | short
            15 Service::start: block Service::run | Nobody | short
            16 Service::start: block | Nobody | short
            17 Service::start: block | Nobody | leaks
            18 Service::start: jobs::crunch | Nobody | short
            19 Service::start: closure jobs::crunch | Nobody | short
            20 Service::start: other ready | Nobody | unknown
            21 Service::start: other Polled | Nobody | unknown
            22 Service::start: jobs::run | Nobody | short
            23 Service::start: wrapper again | Nobody | leaks
        "#]],
    );
}

#[test]
fn of_owners() {
    check(
        r#"use tokio::task::{JoinHandle, JoinSet};
async fn work() { tick().await }
async fn tick() { loop { tokio::time::sleep(std::time::Duration::from_secs(1)).await; } }
struct Server { task: JoinHandle<()>, forgotten: Option<JoinHandle<()>>, clients: JoinSet<()> }
impl Server {
    fn new() -> Server {
        Server { task: tokio::spawn(work()), forgotten: Some(tokio::spawn(work())), clients: JoinSet::new() }
    }
    fn accept(&mut self) { self.clients.spawn(work()); }
    fn give(&self) -> JoinHandle<()> { tokio::spawn(work()) }
    async fn wait(&self) {
        let task = tokio::spawn(work());
        join(task).await;
        let mut set = JoinSet::new();
        set.spawn(work());
    }
}
impl Drop for Server {
    fn drop(&mut self) { self.task.abort(); }
}
async fn join(task: JoinHandle<()>) { task.await.unwrap(); }
fn run_here() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.spawn(work());
}
fn lend(keep: &mut Vec<JoinHandle<()>>) { keep.push(tokio::spawn(work())); }
fn guard() -> tokio_util::task::AbortOnDropHandle<()> {
    tokio_util::task::AbortOnDropHandle::new(tokio::spawn(work()))
}
fn cancel() { let _task = smol::spawn(work()); }
"#,
        expect![[r#"
            7 Server::new: work | Server.task Some(true) | held
            7 Server::new: work | Server.forgotten Some(false) | leaks
            9 Server::accept: work | Set("Server.clients") | held
            10 Server::give: work | Caller | held
            12 Server::wait: work | in join | held
            15 Server::wait: work | Set("set") | held
            24 run_here: work | Set("runtime") | held
            26 lend: work | Taker("`keep`") | unknown
            28 guard: work | Guard | held
            30 cancel: work | Handle | leaks
        "#]],
    );
}

#[test]
fn of_verdicts() {
    check(
        r#"use std::time::Duration;
use tokio::{sync::mpsc, time::{sleep, timeout}, net::{TcpListener, TcpStream}, io::AsyncReadExt};
async fn tick() { loop { sleep(Duration::from_secs(1)).await; } }
async fn read(mut stream: TcpStream) {
    let mut buffer = [0; 8];
    while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
}
async fn idle(mut stream: TcpStream) {
    let mut buffer = [0; 8];
    let _ = timeout(Duration::from_secs(3600), stream.read(&mut buffer)).await;
}
pub fn a(rx: mpsc::Receiver<u8>, work: other::Work) {
    tokio::spawn(tick());
    tokio::spawn(sleep(Duration::from_secs(600)));
    tokio::spawn(async { println!("done") });
    tokio::spawn(async move { let mut rx = rx; while rx.recv().await.is_some() {} });
    tokio::spawn(work);
}
pub async fn serve(listener: TcpListener) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (other, _) = listener.accept().await.unwrap();
        tokio::spawn(read(stream));
        tokio::spawn(idle(other));
    }
}
pub async fn dial() {
    let stream = TcpStream::connect("127.0.0.1:1").await.unwrap();
    tokio::spawn(read(stream));
}
#[tokio::main]
async fn main() {
    tokio::spawn(tick());
}
"#,
        expect![[r#"
            13 a: tick | Nobody | leaks
            14 a: other sleep(..) | Nobody | leaks
            15 a: block | Nobody | short
            16 a: block | Nobody | stoppable
            17 a: other work | Nobody | unknown
            23 serve: read | Nobody | peer
            24 serve: idle | Nobody | peer
            29 dial: read | Nobody | leaks
            33 main: tick | Nobody | process
        "#]],
    );
}

/// What the answers call a leak is reported by a rule of that group, and what such a rule reports is called a leak.
#[test]
fn verdicts_agree_with_the_rules() {
    let is_leak_rule = |name: &str| RULES.iter().any(|rule| rule.name == name && rule.group == Group::Leak);
    let mut leaks = 0;
    let mut wrong = Vec::new();
    for fixture in all() {
        let inventory = pipeline::engine(&fixture, pipeline::options(&fixture)).inventory();
        let mut check = |task: &Listed| {
            let is_reported = task.rules.iter().any(|told| is_leak_rule(told.rule));
            leaks += usize::from(is_reported);
            if (task.verdict == Verdict::Leaks) != is_reported {
                let source = inventory.report.sources.get(task.entry.site.file);
                wrong.push(format!("{}:{}", source.path, source.line_column(task.entry.site.range.start).0));
            }
        };
        inventory.tasks.iter().for_each(&mut check);
    }
    assert!(wrong.is_empty(), "called a leak, and not reported: {wrong:#?}");
    assert!(leaks > 50, "only {leaks} leaks");
}
