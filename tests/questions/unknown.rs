//! What used to be unknown and is not, and what stays unknown because code outside of the workspace decides it.

use super::check_lines;
use expect_test::expect;

const WORDS: &[&str] = &["ending", "a ", "waits", "fate", "signal"];

#[test]
fn pools() {
    check_lines(
        r#"use futures::stream::{FuturesUnordered, StreamExt};
use std::time::Duration;
use tokio::{sync::mpsc, task::JoinSet, time::sleep};
fn pushed() { tokio::spawn(async { let mut all = FuturesUnordered::new(); for _ in 0..3 { all.push(sleep(Duration::from_secs(1))); } while let Some(()) = all.next().await {} }); }
fn collected(ids: Vec<u8>) { let mut all: FuturesUnordered<_> = ids.into_iter().map(|_| async { sleep(Duration::from_secs(1)).await }).collect(); tokio::spawn(async move { while let Some(()) = all.next().await {} }); }
fn refilled() { tokio::spawn(async { let mut all = FuturesUnordered::new(); all.push(sleep(Duration::from_secs(1))); while let Some(()) = all.next().await { all.push(sleep(Duration::from_secs(1))); } }); }
fn listening(mut rx: mpsc::Receiver<u8>) { tokio::spawn(async move { let mut all = JoinSet::new(); all.spawn(async move { while rx.recv().await.is_some() {} }); all.join_next().await; }); }
fn joined(ids: Vec<u8>) { tokio::spawn(async move { futures::future::join_all(ids.iter().map(|_| sleep(Duration::from_secs(1)))).await; }); }
fn mapped() { tokio::spawn(async { futures::future::join(std::future::pending::<()>().map(|_| 1), async {}).await; }); }
fn given(mut all: FuturesUnordered<tokio::task::JoinHandle<()>>) { tokio::spawn(async move { all.next().await; }); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:4:15: tokio::spawn
              fate: dropped (statement) at q/lib.rs:4:15
              ending: within
            q/lib.rs:5:147: tokio::spawn
              fate: dropped (statement) at q/lib.rs:5:147
              ending: within
            q/lib.rs:6:17: tokio::spawn
              fate: dropped (statement) at q/lib.rs:6:17
              ending: unknown
                a value from other code at q/lib.rs:6:124
            q/lib.rs:7:44: tokio::spawn
              fate: dropped (statement) at q/lib.rs:7:44
              ending: on signal
                signal: Channel `rx` at q/lib.rs:7:129
                signal: Channel `rx` at q/lib.rs:7:129
            q/lib.rs:7:100: JoinSet::spawn
              fate: owned by what it is spawned on
              ending: on signal
                signal: Channel `rx` at q/lib.rs:7:129
                signal: Channel `rx` at q/lib.rs:7:129
            q/lib.rs:8:27: tokio::spawn
              fate: dropped (statement) at q/lib.rs:8:27
              ending: within
            q/lib.rs:9:15: tokio::spawn
              fate: dropped (statement) at q/lib.rs:9:15
              ending: never
            q/lib.rs:10:68: tokio::spawn
              fate: dropped (statement) at q/lib.rs:10:68
              ending: unknown
                waits for other tasks at q/lib.rs:10:94
        "#]],
    );
}

#[test]
fn hand_written_futures() {
    check_lines(
        r#"use std::{future::Future, pin::Pin, task::{Context, Poll}};
use tokio::sync::{mpsc, oneshot};
struct Reply { rx: oneshot::Receiver<u8> }
impl Future for Reply { type Output = (); fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> { Pin::new(&mut self.rx).poll(cx).map(|_| ()) } }
fn reply(rx: oneshot::Receiver<u8>) { tokio::spawn(Reply { rx }); }
struct Worker { stop: mpsc::Receiver<u8>, jobs: mpsc::Receiver<u8> }
impl Worker { fn poll_jobs(&mut self, cx: &mut Context<'_>) -> Poll<Option<u8>> { self.jobs.poll_recv(cx) } }
impl Future for Worker { type Output = (); fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> { if self.stop.poll_recv(cx).is_ready() { return Poll::Ready(()); } let _ = self.poll_jobs(cx); Poll::Pending } }
fn worker(stop: mpsc::Receiver<u8>, jobs: mpsc::Receiver<u8>) { tokio::spawn(Worker { stop, jobs }); }
struct Wakes;
impl Future for Wakes { type Output = (); fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> { cx.waker().wake_by_ref(); Poll::Pending } }
fn wakes() { tokio::spawn(Wakes); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:5:39: tokio::spawn
              fate: dropped (statement) at q/lib.rs:5:39
              ending: on signal
                signal: Channel `self.rx` at q/lib.rs:4:127
            q/lib.rs:9:65: tokio::spawn
              fate: dropped (statement) at q/lib.rs:9:65
              ending: on signal
                signal: Channel `self.stop` at q/lib.rs:8:117
                signal: Channel `self.jobs` at q/lib.rs:7:83
            q/lib.rs:12:14: tokio::spawn
              fate: dropped (statement) at q/lib.rs:12:14
              ending: unknown
                a hand-written future at q/lib.rs:12:27
        "#]],
    );
}

#[test]
fn what_a_function_returns_to_be_awaited() {
    check_lines(
        r#"use std::{future::{Future, IntoFuture}, pin::Pin, task::{Context, Poll}, time::Duration};
use futures::Stream;
use tokio::{sync::{mpsc, oneshot}, task::JoinHandle, time::{Sleep, sleep}};
struct Dispatch<S> { stream: S, limit: Pin<Box<Sleep>> }
impl<S: Stream<Item = u8> + Unpin> Dispatch<S> { fn new(stream: S) -> Self { Dispatch { stream, limit: Box::pin(sleep(Duration::from_secs(20))) } } }
impl<S: Stream<Item = u8> + Unpin> Future for Dispatch<S> {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let Poll::Ready(None) = Pin::new(&mut self.stream).poll_next(cx) { return Poll::Ready(()); }
        self.limit.as_mut().poll(cx)
    }
}
fn polled(stream: impl Stream<Item = u8> + Unpin + Send + 'static) { tokio::spawn(Dispatch::new(stream)); }
struct Ask { to: mpsc::Sender<u8> }
impl Ask { fn to(to: mpsc::Sender<u8>) -> Ask { Ask { to } } }
impl IntoFuture for Ask {
    type Output = ();
    type IntoFuture = Pin<Box<dyn Future<Output = ()> + Send>>;
    fn into_future(self) -> Self::IntoFuture { Box::pin(async move { self.to.closed().await }) }
}
fn built(to: mpsc::Sender<u8>) { tokio::spawn(async move { Ask::to(to).await }); }
fn question(all: &mpsc::UnboundedSender<oneshot::Sender<u8>>) -> oneshot::Receiver<u8> { let (tx, rx) = oneshot::channel(); all.send(tx).unwrap(); rx }
fn asks(all: mpsc::UnboundedSender<oneshot::Sender<u8>>) { tokio::spawn(async move { question(&all).await }); }
fn started() -> JoinHandle<()> { tokio::spawn(sleep(Duration::from_secs(1))) }
fn waits() { tokio::spawn(async { started().await }); }
"#,
        &["ending", "a ", "waits", "signal"],
        expect![[r#"
            q/lib.rs:13:70: tokio::spawn
              ending: unknown
                a stream whose end is not known at q/lib.rs:9:36
            q/lib.rs:21:34: tokio::spawn
              ending: on signal
                signal: Closed `self.to` at q/lib.rs:19:70
            q/lib.rs:23:60: tokio::spawn
              ending: on signal
                signal: Channel `rx` at q/lib.rs:22:148
            q/lib.rs:25:14: tokio::spawn
              ending: within
            q/lib.rs:25:35: tokio::spawn via started
              ending: within
        "#]],
    );
}

#[test]
fn loops_that_only_compute() {
    check_lines(
        r#"use std::{path::Path, thread, time::Duration};
async fn turn() -> u8 { tokio::task::yield_now().await; 1 }
fn counts(mut all: Vec<u8>) { tokio::spawn(async move { let mut i = 0; while i < all.len() { if all[i] == 0 { all.swap_remove(i); continue; } i += 1; } }); }
fn leaves(mut all: Vec<u8>) { tokio::spawn(async move { loop { if all.len() < 4 { break } all.pop(); } }); }
fn waits() { tokio::spawn(async move { let mut i = 0; while i < 9 { i += turn().await; } }); }
fn sleeps() { tokio::spawn(async move { while !Path::new("a").exists() { thread::sleep(Duration::from_secs(1)); } }); }
fn on_a_thread() { tokio::task::spawn_blocking(move || { while !Path::new("a").exists() {} }); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:3:31: tokio::spawn
              fate: dropped (statement) at q/lib.rs:3:31
              ending: within
            q/lib.rs:4:31: tokio::spawn
              fate: dropped (statement) at q/lib.rs:4:31
              ending: within
            q/lib.rs:5:14: tokio::spawn
              fate: dropped (statement) at q/lib.rs:5:14
              ending: unknown
                a condition of its own at q/lib.rs:5:61
            q/lib.rs:6:15: tokio::spawn
              fate: dropped (statement) at q/lib.rs:6:15
              ending: unknown
                a condition of its own at q/lib.rs:6:47
            q/lib.rs:7:20: tokio::task::spawn_blocking
              fate: dropped (statement) at q/lib.rs:7:20
              ending: unknown
                a condition of its own at q/lib.rs:7:64
        "#]],
    );
}

#[test]
fn what_others_decide() {
    check_lines(
        r#"//- /q/src/lib.rs crate:q deps:tokio
use std::{future::Future, pin::Pin, sync::{Arc, Mutex}};
pub trait Handler: Send + Sync + 'static { fn call(&self) -> Pin<Box<dyn Future<Output = ()> + Send>>; }
type Callback = Box<dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;
pub fn run(task: impl Future<Output = ()> + Send + 'static) { tokio::spawn(task); }
pub fn handle(handler: Arc<dyn Handler>) { tokio::spawn(async move { handler.call().await }); }
#[derive(Default)]
pub struct Hooks { on_close: Mutex<Option<Callback>>, own: Option<Callback> }
impl Hooks {
    pub fn on_close(&self, hook: Callback) { *self.on_close.lock().unwrap() = Some(hook); }
    pub fn close(&self) { if let Some(hook) = self.on_close.lock().unwrap().take() { tokio::spawn(async move { hook().await }); } }
    pub fn new() -> Hooks { Hooks { on_close: Mutex::new(None), own: Some(Box::new(|| Box::pin(async {}))) } }
    pub fn own(&mut self) { if let Some(hook) = self.own.take() { tokio::spawn(async move { hook().await }); } }
}
"#,
        WORDS,
        expect![[r#"
            q/lib/q/src/lib.rs:4:63: tokio::spawn
              fate: dropped (statement) at q/lib/q/src/lib.rs:4:63
              ending: on caller
                a future passed in from outside the workspace at q/lib/q/src/lib.rs:4:76
            q/lib/q/src/lib.rs:5:44: tokio::spawn
              fate: dropped (statement) at q/lib/q/src/lib.rs:5:44
              ending: on caller
                a method that users of the library implement at q/lib/q/src/lib.rs:5:70
            q/lib/q/src/lib.rs:10:86: tokio::spawn
              fate: dropped (statement) at q/lib/q/src/lib.rs:10:86
              ending: on caller
                a closure passed in from outside the workspace at q/lib/q/src/lib.rs:10:112
            q/lib/q/src/lib.rs:12:67: tokio::spawn
              fate: dropped (statement) at q/lib/q/src/lib.rs:12:67
              ending: unknown
                a closure that was passed in at q/lib/q/src/lib.rs:12:93
        "#]],
    );
}

#[test]
fn traits_of_the_workspace_alone() {
    check_lines(
        r#"use std::{future::Future, pin::Pin, sync::Arc, time::Duration};
use tokio::{sync::Notify, time::sleep};
trait Base { async fn turn(&self); }
trait Part: Base { async fn other(&self); }
struct A; struct B;
impl Base for A { async fn turn(&self) { sleep(Duration::from_secs(1)).await } }
impl Base for B { async fn turn(&self) { sleep(Duration::from_secs(2)).await } }
impl Part for A { async fn other(&self) { loop { sleep(Duration::from_secs(1)).await } } }
impl Part for B { async fn other(&self) {} }
fn short<T: Part + Send + Sync + 'static>(part: T) { tokio::spawn(async move { part.turn().await }); }
fn static_call<T: Part + Send + Sync + 'static>(part: T) { tokio::spawn(async move { T::turn(&part).await }); }
fn one_is_endless<T: Part + Send + Sync + 'static>(part: T) { tokio::spawn(async move { part.other().await }); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:10:54: tokio::spawn
              fate: dropped (statement) at q/lib.rs:10:54
              ending: within
            q/lib.rs:11:60: tokio::spawn
              fate: dropped (statement) at q/lib.rs:11:60
              ending: within
            q/lib.rs:12:63: tokio::spawn
              fate: dropped (statement) at q/lib.rs:12:63
              ending: unknown
                a trait method whose type is not known at q/lib.rs:12:89
        "#]],
    );
}

#[test]
fn executors_behind_a_generic_field() {
    check_lines(
        r#"use std::{future::Future, pin::Pin, sync::Arc};
pub trait Executor: Clone + Send + Sync + 'static { fn spawn(&self, f: Pin<Box<dyn Future<Output = ()> + Send>>) -> Result<(), ()>; }
#[derive(Clone)] pub struct Tokio;
impl Executor for Tokio { fn spawn(&self, f: Pin<Box<dyn Future<Output = ()> + Send>>) -> Result<(), ()> { tokio::spawn(f); Ok(()) } }
pub struct Client<E: Executor> { executor: Arc<E> }
impl<E: Executor> Client<E> { pub fn start(&self) { let _ = self.executor.spawn(Box::pin(async {})); } }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:6:61: tokio::spawn via spawn
              fate: dropped (statement) at q/lib.rs:4:108
              ending: within
        "#]],
    );
}

#[test]
fn executors_that_have_a_runtime() {
    check_lines(
        r#"use std::{future::Future, pin::Pin, time::Duration};
pub trait Executor { fn spawn(&self, f: Pin<Box<dyn Future<Output = ()> + Send>>); }
pub struct Here { handle: tokio::runtime::Handle }
impl Executor for Here { fn spawn(&self, f: Pin<Box<dyn Future<Output = ()> + Send>>) { self.handle.spawn(f); } }
pub struct There { handle: tokio::runtime::Handle }
impl Executor for There { fn spawn(&self, f: Pin<Box<dyn Future<Output = ()> + Send>>) { self.handle.spawn(f); } }
fn start(executor: &impl Executor) { executor.spawn(Box::pin(async { loop { tokio::time::sleep(Duration::from_secs(1)).await; } })); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:7:38: Handle::spawn via spawn
              fate: dropped (statement) at q/lib.rs:4:89
              ending: never
        "#]],
    );
}

#[test]
fn executors_behind_a_shared_one() {
    check_lines(
        r#"use std::{future::Future, ops::Deref, pin::Pin, sync::Arc};
pub trait Executor: Clone + Send + Sync + 'static { fn spawn(&self, f: Pin<Box<dyn Future<Output = ()> + Send>>) -> Result<(), ()>; }
#[derive(Clone)] pub struct Tokio;
impl Executor for Tokio { fn spawn(&self, f: Pin<Box<dyn Future<Output = ()> + Send>>) -> Result<(), ()> { tokio::spawn(f); Ok(()) } }
#[derive(Clone)] pub struct Std;
impl Executor for Std { fn spawn(&self, f: Pin<Box<dyn Future<Output = ()> + Send>>) -> Result<(), ()> { async_std::task::spawn(f); Ok(()) } }
impl<E: Executor> Executor for Arc<E> { fn spawn(&self, f: Pin<Box<dyn Future<Output = ()> + Send>>) -> Result<(), ()> { self.deref().spawn(f) } }
pub struct Client<E: Executor> { executor: Arc<E> }
impl<E: Executor> Client<E> {
    pub fn start(&self) { let _ = self.executor.spawn(Box::pin(async {})); }
    pub fn listen(&self, mut rx: tokio::sync::mpsc::Receiver<u8>) { let _ = self.executor.spawn(Box::pin(async move { while rx.recv().await.is_some() {} })); }
}
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:10:35: tokio::spawn via spawn
              fate: dropped (statement) at q/lib.rs:4:108
              ending: within
            q/lib.rs:11:77: tokio::spawn via spawn
              fate: dropped (statement) at q/lib.rs:4:108
              ending: on signal
                signal: Channel `rx` at q/lib.rs:11:125
                signal: Channel `rx` at q/lib.rs:11:125
        "#]],
    );
}

#[test]
fn types_that_are_seen_now() {
    check_lines(
        r#"use std::{sync::{Arc, Weak}, time::Duration};
use tokio::{sync::{mpsc, oneshot}, time::sleep};
struct Inner; impl Inner { async fn work(&self) { sleep(Duration::from_secs(1)).await } async fn work_on(&self) {} }
struct Other; impl Other { async fn work(&self) { sleep(Duration::from_secs(100)).await } async fn work_on(&self) {} }
struct Owner { weak: Option<Weak<Inner>> }
fn through_closure(owner: Owner) { tokio::spawn(async move { if let Some(inner) = owner.weak.as_ref().and_then(|weak| weak.upgrade()) { inner.work().await } }); }
fn cloned(all: Vec<Arc<Inner>>) { for one in all.iter().map(Arc::clone) { tokio::spawn(async move { one.work().await }); } }
fn pushed() { let mut all = Vec::new(); let (tx, rx) = oneshot::channel::<u8>(); all.push(rx); drop(tx); for (_, rx) in all.into_iter().enumerate() { tokio::spawn(async move { let _ = rx.await; }); } }
struct Holder<T> { inner: T }
fn generic(holder: Holder<Inner>) { tokio::spawn(async move { holder.inner.work().await }); }
tokio::task_local! { static ID: u8; }
fn scoped(tx: mpsc::Sender<u8>) { tokio::spawn(ID.scope(1, async move { let _ = tx.send_timeout(1, Duration::from_secs(1)).await; })); }
async fn prepared() -> Result<impl std::future::Future<Output = ()>, ()> { Ok(async { sleep(Duration::from_secs(1)).await }) }
fn two_steps() { tokio::spawn(async { let _ = async { prepared().await?.await; Ok::<(), ()>(()) }.await; }); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:6:36: tokio::spawn
              fate: dropped (statement) at q/lib.rs:6:36
              ending: within
            q/lib.rs:7:75: tokio::spawn
              fate: dropped (statement) at q/lib.rs:7:75
              ending: within
            q/lib.rs:8:151: tokio::spawn
              fate: dropped (statement) at q/lib.rs:8:151
              ending: on signal
                signal: Channel `rx` at q/lib.rs:8:185
            q/lib.rs:10:37: tokio::spawn
              fate: dropped (statement) at q/lib.rs:10:37
              ending: within
            q/lib.rs:12:35: tokio::spawn
              fate: dropped (statement) at q/lib.rs:12:35
              ending: within
            q/lib.rs:14:18: tokio::spawn
              fate: dropped (statement) at q/lib.rs:14:18
              ending: within
        "#]],
    );
}

#[test]
fn first_of_two() {
    check_lines(
        r#"use futures::{future::{self, Either}, stream::StreamExt, FutureExt};
use tokio::{net::TcpListener, sync::mpsc};
fn stopped(mut rx: futures::channel::mpsc::Receiver<u8>, mut b: futures::channel::mpsc::Receiver<u8>) { tokio::spawn(async move { loop { match future::select(rx.next(), b.next()).await { Either::Left((None, _)) => break, _ => {} } } }); }
fn one_connection(a: TcpListener, b: TcpListener) { tokio::spawn(async move { loop { match future::select(Box::pin(a.accept()), Box::pin(b.accept())).await { Either::Left(_) => return, _ => {} } } }); }
fn caught(mut rx: mpsc::Receiver<u8>) { tokio::spawn(async move { let _ = FutureExt::catch_unwind(std::panic::AssertUnwindSafe(async move { rx.recv().await; })).await; }); }
fn forwarded(rx: futures::channel::mpsc::Receiver<u8>, sink: futures::channel::mpsc::Sender<u8>) { tokio::spawn(rx.map(Ok).forward(sink)); }
fn connecting<M: Manager>(m: M) { tokio::spawn(async move { loop { match m.connect().and_then(|c| async { Ok(c) }).await { Ok(_) => return, Err(_) => {} } } }); }
trait Manager: Send + Sync + 'static { type C; }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:3:105: tokio::spawn
              fate: dropped (statement) at q/lib.rs:3:105
              ending: on signal
                signal: Channel `rx` at q/lib.rs:3:159
                signal: Channel `b` at q/lib.rs:3:170
                signal: Channel `rx` at q/lib.rs:3:159
            q/lib.rs:4:53: tokio::spawn
              fate: dropped (statement) at q/lib.rs:4:53
              ending: unknown
                a future whose end is not known at q/lib.rs:4:178
            q/lib.rs:5:41: tokio::spawn
              fate: dropped (statement) at q/lib.rs:5:41
              ending: on signal
                signal: Channel `rx` at q/lib.rs:5:141
            q/lib.rs:6:100: tokio::spawn
              fate: dropped (statement) at q/lib.rs:6:100
              ending: on signal
                signal: Channel `rx` at q/lib.rs:6:113
            q/lib.rs:7:35: tokio::spawn
              fate: dropped (statement) at q/lib.rs:7:35
              ending: unknown
                a method that a workspace type gets from outside the workspace at q/lib.rs:7:74
        "#]],
    );
}

/// Which methods forward must not hang on types that hang on methods.
#[test]
fn methods_that_call_one_another() {
    check_lines(
        r#"use std::sync::Arc;
struct Host;
trait Steps { fn one(&self) -> Arc<Host>; fn two(&self) -> Arc<Host>; }
impl Steps for Arc<Host> { fn one(&self) -> Arc<Host> { self.two().one() } fn two(&self) -> Arc<Host> { self.one().two() } }
fn start(host: Arc<Host>) { tokio::spawn(async move { host.one().two(); }); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:5:29: tokio::spawn
              fate: dropped (statement) at q/lib.rs:5:29
              ending: within
        "#]],
    );
}
