//! Wrappers: functions that pass a future, or a closure that makes one, on to a spawn.

use crate::check_lines;
use expect_test::expect;

const WORDS: &[&str] = &["fate", "ending", "endless"];

#[test]
fn that_drop_or_return() {
    check_lines(
        r#"use tokio::task::JoinHandle;
async fn endless() { loop { tokio::task::yield_now().await; } }
fn background<F: Future<Output = ()> + Send + 'static>(f: F) { tokio::spawn(f); }
fn start(f: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> { let h = tokio::spawn(async move { f.await }); h }
fn twice_wrapped(f: impl Future<Output = ()> + Send + 'static) { background(Box::pin(f)); }
fn make<F, Fut>(f: F) where F: FnOnce() -> Fut, Fut: Future<Output = ()> { tokio::spawn(f()); }
fn a() { background(endless()); }
fn b() { start(endless()); }
async fn c() { start(endless()).await.unwrap(); }
fn d() { twice_wrapped(endless()); }
fn e() { make(|| endless()); }
fn g() { make(endless); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:7:10: tokio::spawn via background
              fate: dropped (statement) at q/lib.rs:3:64
              ending: never
                endless `loop` at q/lib.rs:2:22
            q/lib.rs:8:10: tokio::spawn via start
              fate: dropped (statement) at q/lib.rs:8:10
              ending: never
                endless `loop` at q/lib.rs:2:22
            q/lib.rs:9:16: tokio::spawn via start
              fate: awaited at q/lib.rs:9:16
              ending: never
                endless `loop` at q/lib.rs:2:22
            q/lib.rs:10:10: tokio::spawn via twice_wrapped, background
              fate: dropped (statement) at q/lib.rs:3:64
              ending: never
                endless `loop` at q/lib.rs:2:22
            q/lib.rs:11:10: tokio::spawn via make
              fate: dropped (statement) at q/lib.rs:6:76
              ending: never
                endless `loop` at q/lib.rs:2:22
            q/lib.rs:12:10: tokio::spawn via make
              fate: dropped (statement) at q/lib.rs:6:76
              ending: never
                endless `loop` at q/lib.rs:2:22
        "#]],
    );
}

#[test]
fn that_race_or_loop() {
    check_lines(
        r#"use tokio_util::sync::CancellationToken;
async fn endless() { loop { tokio::task::yield_now().await; } }
async fn short() {}
fn until<F: Future<Output = ()>>(stop: CancellationToken, f: F) { tokio::spawn(async move { tokio::select! { _ = stop.cancelled() => {} _ = f => {} } }); }
fn every<F: Fn() -> Fut, Fut: Future>(job: F) { tokio::spawn(async move { loop { job().await; } }); }
fn a(stop: CancellationToken) { until(stop, endless()); }
fn b() { every(|| short()); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:6:33: tokio::spawn via until
              fate: dropped (statement) at q/lib.rs:4:67
              ending: on signal
            q/lib.rs:7:10: tokio::spawn via every
              fate: dropped (statement) at q/lib.rs:5:49
              ending: never
                endless `loop` at q/lib.rs:5:75
        "#]],
    );
}

#[test]
fn in_another_crate() {
    check_lines(
        r#"//! Two crates.
//- /rt/src/lib.rs crate:rt deps:tokio
pub struct Rt;
impl Rt { pub fn run(&self, f: impl Future<Output = ()>) { tokio::spawn(f); } }
//- /app/src/lib.rs crate:app deps:rt
async fn endless() { loop { std::future::ready(()).await; } }
pub struct App { rt: rt::Rt }
impl App { pub fn go(&self) { self.rt.run(endless()); } }
"#,
        WORDS,
        expect![[r#"
            q/lib/app/src/lib.rs:3:31: tokio::spawn via run
              fate: dropped (statement) at q/lib/rt/src/lib.rs:2:60
              ending: never
                endless `loop` at q/lib/app/src/lib.rs:1:22
        "#]],
    );
}

#[test]
fn a_shared_executor_hands_on() {
    check_lines(
        r#"use std::{ops::Deref, pin::Pin, sync::Arc};
type Work = Pin<Box<dyn Future<Output = ()> + Send>>;
trait Executor { fn start(&self, work: Work); }
struct Tokio;
impl Executor for Tokio { fn start(&self, work: Work) { tokio::spawn(work); } }
impl<E: Executor> Executor for Arc<E> { fn start(&self, work: Work) { self.deref().start(work) } }
fn shared<E: Executor>(executor: Arc<E>) { executor.start(Box::pin(async { loop { tokio::task::yield_now().await } })); }
trait Counted { fn begin(&self, work: Work); }
struct Own;
impl Own { fn begin(&self, _work: Work) {} }
impl Counted for Arc<Own> { fn begin(&self, work: Work) { tokio::spawn(work); } }
fn of_the_pointer(own: Arc<Own>) { own.begin(Box::pin(async { loop { tokio::task::yield_now().await } })); }
"#,
        &["spawn", "ending"],
        expect![[r#"
            q/lib.rs:7:44: tokio::spawn via start
              ending: never
            q/lib.rs:12:36: tokio::spawn via begin
              ending: never
        "#]],
    );
}
