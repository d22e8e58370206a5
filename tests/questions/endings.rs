//! Endings: bounded, on a signal, with a peer, never, unknown.

use crate::check_lines;
use expect_test::expect;

const WORDS: &[&str] = &["ending", "endless", "dead exit", "sleep", "timeout", "signal", "unknown"];

#[test]
fn loops_without_end() {
    check_lines(
        r#"use std::time::Duration;
use tokio::time::{interval, sleep};
fn plain() { tokio::spawn(async { loop { sleep(Duration::from_secs(1)).await; } }); }
fn while_true() { tokio::spawn(async { while true { sleep(Duration::from_secs(1)).await; } }); }
fn interval_stream(mut ticks: tokio_stream::wrappers::IntervalStream) { tokio::spawn(async move { while ticks.next().await.is_some() {} }); }
fn open_range() { tokio::spawn(async { for _ in 0.. { sleep(Duration::from_secs(1)).await; } }); }
fn pending() { tokio::spawn(std::future::pending::<()>()); }
fn accepts(l: tokio::net::TcpListener) { tokio::spawn(async move { while let Ok(_) = l.accept().await {} }); }
async fn run() { let mut t = interval(Duration::from_secs(1)); loop { t.tick().await; } }
struct S;
impl S { async fn serve(self) { run().await } }
fn called() { tokio::spawn(run()); }
fn method() { tokio::spawn(S.serve()); }
fn inner_break() { tokio::spawn(async { loop { for i in 0..3 { if i == 1 { break; } } sleep(Duration::from_secs(1)).await; } }); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:3:14: tokio::spawn
              ending: never
                endless `loop` at q/lib.rs:3:35
            q/lib.rs:4:19: tokio::spawn
              ending: never
                endless `while` at q/lib.rs:4:40
            q/lib.rs:5:73: tokio::spawn
              ending: never
                endless `while` at q/lib.rs:5:99
                  dead exit at q/lib.rs:5:105: an interval never ends
            q/lib.rs:6:19: tokio::spawn
              ending: never
                endless `for` at q/lib.rs:6:40
            q/lib.rs:7:16: tokio::spawn
              ending: never
                endless `wait` at q/lib.rs:7:29
            q/lib.rs:8:42: tokio::spawn
              ending: never
                endless `while` at q/lib.rs:8:68
                  dead exit at q/lib.rs:8:74: a listener never ends
            q/lib.rs:12:15: tokio::spawn
              ending: never
                endless `loop` at q/lib.rs:9:64
            q/lib.rs:13:15: tokio::spawn
              ending: never
                endless `loop` at q/lib.rs:9:64
            q/lib.rs:14:20: tokio::spawn
              ending: never
                endless `loop` at q/lib.rs:14:41
        "#]],
    );
}

#[test]
fn loops_with_an_end() {
    check_lines(
        r#"use std::time::Duration;
use tokio::{sync::{mpsc, watch}, time::sleep};
fn messages(mut rx: mpsc::Receiver<u8>) { tokio::spawn(async move { while let Some(_) = rx.recv().await {} }); }
fn matched(mut rx: mpsc::Receiver<u8>) { tokio::spawn(async move { loop { match rx.recv().await { Some(_) => {} None => break } } }); }
fn let_else(mut rx: mpsc::Receiver<u8>) { tokio::spawn(async move { loop { let Some(_) = rx.recv().await else { return }; } }); }
fn changed(mut rx: watch::Receiver<u8>) { tokio::spawn(async move { while rx.changed().await.is_ok() {} }); }
fn failed_send(tx: mpsc::Sender<u8>) { tokio::spawn(async move { loop { if tx.send(1).await.is_err() { break; } } }); }
fn owner(weak: std::sync::Weak<u8>) { tokio::spawn(async move { while let Some(_) = weak.upgrade() { sleep(Duration::from_secs(1)).await; } }); }
fn own(mut n: u8) { tokio::spawn(async move { loop { n += 1; if n == 3 { break; } sleep(Duration::from_secs(1)).await; } }); }
fn counted() { tokio::spawn(async { for _ in 0..3 { sleep(Duration::from_secs(1)).await; } }); }
fn bounded() { tokio::spawn(tokio::time::timeout(Duration::from_secs(5), async { loop { sleep(Duration::from_secs(1)).await; } })); }
fn labelled(mut rx: mpsc::Receiver<u8>) { tokio::spawn(async move { 'outer: loop { loop { if rx.recv().await.is_none() { break 'outer; } } } }); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:3:43: tokio::spawn
              ending: on signal
                signal: Channel `rx` at q/lib.rs:3:89
                signal: Channel `rx` at q/lib.rs:3:89
            q/lib.rs:4:42: tokio::spawn
              ending: on signal
                signal: Channel `rx` at q/lib.rs:4:81
                signal: Channel `rx` at q/lib.rs:4:81
            q/lib.rs:5:43: tokio::spawn
              ending: on signal
                signal: Channel `rx` at q/lib.rs:5:90
                signal: Channel `rx` at q/lib.rs:5:90
            q/lib.rs:6:43: tokio::spawn
              ending: on signal
                signal: Channel `rx` at q/lib.rs:6:75
                signal: Channel `rx` at q/lib.rs:6:75
            q/lib.rs:7:40: tokio::spawn
              ending: on signal
                signal: Closed `tx` at q/lib.rs:7:76
            q/lib.rs:8:39: tokio::spawn
              ending: on signal
                signal: Weak `weak` at q/lib.rs:8:85
            q/lib.rs:9:21: tokio::spawn
              ending: unknown
            q/lib.rs:10:16: tokio::spawn
              ending: within
            q/lib.rs:11:16: tokio::spawn
              ending: within
            q/lib.rs:12:43: tokio::spawn
              ending: on signal
                signal: Channel `rx` at q/lib.rs:12:94
                signal: Channel `rx` at q/lib.rs:12:94
        "#]],
    );
}

#[test]
fn peers() {
    check_lines(
        r#"use tokio::{io::AsyncReadExt, net::{TcpListener, TcpStream}};
async fn read(mut s: TcpStream) { let mut b = [0; 8]; while s.read(&mut b).await.unwrap() > 0 {} }
async fn accepted(l: TcpListener) { loop { let (s, _) = l.accept().await.unwrap(); tokio::spawn(read(s)); } }
async fn opened() { let s = TcpStream::connect("a:1").await.unwrap(); tokio::spawn(read(s)); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:3:84: tokio::spawn
              ending: on peer
            q/lib.rs:4:71: tokio::spawn
              ending: on peer (opened here)
        "#]],
    );
}

#[test]
fn unknown() {
    check_lines(
        r#"use elsewhere::Client;
async fn call(client: Client) { client.call().await }
fn outside(client: Client) { tokio::spawn(call(client)); }
fn again(n: u8) { tokio::spawn(round(n)); }
async fn round(n: u8) { Box::pin(round(n + 1)).await }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:3:30: tokio::spawn
              ending: unknown
            q/lib.rs:4:19: tokio::spawn
              ending: unknown
        "#]],
    );
}

/// What a helper waits for depends on what its caller gives it, and not on who asks first.
#[test]
fn helpers_are_asked_for_each_call() {
    let head = "use tokio::{io::AsyncReadExt, net::{TcpListener, TcpStream}};\n\
                async fn read(s: &mut TcpStream) -> std::io::Result<u8> { s.read_u8().await }\n";
    let client = "async fn client() { let mut s = TcpStream::connect(\"a:1\").await.unwrap(); tokio::spawn(async move { while let Ok(_) = read(&mut s).await {} }); }\n";
    let server = "async fn server(l: TcpListener) { let (mut s, _) = l.accept().await.unwrap(); tokio::spawn(async move { while let Ok(_) = read(&mut s).await {} }); }\n";
    check_lines(
        &format!("{head}{client}{server}"),
        &["ending"],
        expect![[r#"
        q/lib.rs:3:75: tokio::spawn
          ending: on peer (opened here)
        q/lib.rs:4:79: tokio::spawn
          ending: on peer
    "#]],
    );
    check_lines(
        &format!("{head}{server}{client}"),
        &["ending"],
        expect![[r#"
        q/lib.rs:3:79: tokio::spawn
          ending: on peer
        q/lib.rs:4:75: tokio::spawn
          ending: on peer (opened here)
    "#]],
    );
}

#[test]
fn blocking_work_that_is_awaited() {
    check_lines(
        r#"use std::time::Duration;
async fn run_blocking<F: FnOnce() -> R, R>(job: F) -> R { tokio::task::spawn_blocking(job).await.unwrap() }
fn get(d: Duration) -> u32 { std::thread::sleep(d); 3 }
fn short() { tokio::spawn(async { run_blocking(|| get(Duration::from_secs(1))).await }); }
fn endless() { tokio::spawn(async { run_blocking(|| loop { get(Duration::from_secs(1)); }).await }); }
fn gives_future() { tokio::spawn(async { tokio::task::spawn_blocking(|| std::future::pending::<()>()).await }); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:4:14: tokio::spawn
              ending: within
            q/lib.rs:4:35: tokio::task::spawn_blocking via run_blocking
              ending: within
            q/lib.rs:5:16: tokio::spawn
              ending: never
                endless `loop` at q/lib.rs:5:53
            q/lib.rs:5:37: tokio::task::spawn_blocking via run_blocking
              ending: never
                endless `loop` at q/lib.rs:5:53
            q/lib.rs:6:21: tokio::spawn
              ending: within
            q/lib.rs:6:42: tokio::task::spawn_blocking
              ending: within
        "#]],
    );
}

#[test]
fn futures_written_by_hand() {
    check_lines(
        r#"use std::{future::Future, pin::Pin, task::{Context, Poll}};
struct Whole { part: Part }
enum Part { Asks(Pin<Box<Ask>>), Waits(Pin<Box<Wait>>), Failed(Option<u32>) }
impl Whole { fn part(self: Pin<&mut Self>) -> Pin<&mut Part> { self.project().part } }
impl Future for Whole {
    type Output = u32;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u32> {
        match self.part().get_mut() {
            Part::Asks(ref mut it) => Pin::new(it).poll(cx),
            Part::Waits(it) => it.as_mut().poll(cx),
            Part::Failed(failed) => Poll::Ready(failed.take().unwrap()),
        }
    }
}
struct Ask;
impl Future for Ask { type Output = u32; fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<u32> { Poll::Ready(1) } }
struct Unused;
impl Future for Unused { type Output = u32; fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u32> { Poll::Ready(1) } }
struct Wait { until: tokio::sync::oneshot::Receiver<u32> }
impl Future for Wait { type Output = u32; fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u32> { Pin::new(&mut self.until).poll(cx) } }
struct Woken;
impl Future for Woken { type Output = u32; fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u32> { keep(cx.waker()); Poll::Pending } }
struct InMacro;
impl Future for InMacro { type Output = u32; fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u32> { Poll::Ready(some_ready!(later(cx))) } }
fn ready(ask: Ask) { tokio::spawn(async move { ask.await }); }
fn unused(ask: Unused) { tokio::spawn(async move { ask.await }); }
fn woken(ask: Woken) { tokio::spawn(async move { ask.await }); }
fn in_macro(ask: InMacro) { tokio::spawn(async move { ask.await }); }
fn whole(whole: Whole) { tokio::spawn(async move { whole.await }); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:25:22: tokio::spawn
              ending: within
            q/lib.rs:26:26: tokio::spawn
              ending: within
            q/lib.rs:27:24: tokio::spawn
              ending: unknown
            q/lib.rs:28:29: tokio::spawn
              ending: unknown
            q/lib.rs:29:26: tokio::spawn
              ending: on signal
                signal: Channel `self.until` at q/lib.rs:20:124
        "#]],
    );
}

#[test]
fn futures_of_other_runtimes_and_trackers() {
    check_lines(
        r#"//! Futures that are raced, tracked and answered.
//- /app/src/main.rs crate:app deps:tokio,tokio_util,smol,grpcio
use grpcio::UnarySink;
use smol::{future, channel::Receiver};
use tokio_util::task::TaskTracker;
async fn short() {}
async fn long() { std::future::pending::<()>().await }
fn raced(stop: Receiver<()>) { tokio::spawn(async move { future::or(long(), async { let _ = stop.recv().await; }).await }); }
fn tracked(tracker: &TaskTracker) { tokio::spawn(tracker.track_future(short())); }
fn tracked_long(tracker: &TaskTracker) { let future = tracker.track_future(async move { long().await }); tokio::spawn(future); }
fn answered(sink: UnarySink<u32>) { tokio::spawn(async move { match short().await { () => { sink.success(1).await.ok(); } } }); }
fn main() { raced(stop()); tracked(tracker()); tracked_long(tracker()); answered(sink()); }
"#,
        WORDS,
        expect![[r#"
            q/lib/app/src/main.rs:6:32: tokio::spawn
              ending: on signal
                signal: Channel `stop` at q/lib/app/src/main.rs:6:93
            q/lib/app/src/main.rs:7:37: tokio::spawn
              ending: within
            q/lib/app/src/main.rs:8:106: tokio::spawn
              ending: never
                endless `wait` at q/lib/app/src/main.rs:5:19
            q/lib/app/src/main.rs:9:37: tokio::spawn
              ending: within
        "#]],
    );
}

#[test]
fn servers_that_are_given_their_end() {
    check_lines(
        r#"//! Servers that end with the future that they are given.
//- /app/src/main.rs crate:app deps:tokio,tonic,jsonrpsee
use jsonrpsee::server::serve_with_graceful_shutdown;
async fn stopped() { tokio::signal::ctrl_c().await.ok(); }
fn routed(addr: std::net::SocketAddr) {
    let server = tonic::transport::Server::builder().add_service(service());
    tokio::spawn(server.serve_with_shutdown(addr, stopped()));
}
fn connected(socket: tokio::net::TcpStream) { tokio::spawn(serve_with_graceful_shutdown(socket, service(), stopped())); }
fn main() { routed(address()); connected(socket()); }
"#,
        WORDS,
        expect![[r#"
            q/lib/app/src/main.rs:5:5: tokio::spawn
              ending: on signal
                signal: Shutdown `server.serve_with_shutdown()` at q/lib/app/src/main.rs:5:18
            q/lib/app/src/main.rs:7:47: tokio::spawn
              ending: on signal
                signal: Shutdown `serve_with_graceful_shutdown(socket, service(), stopped())` at q/lib/app/src/main.rs:7:60
        "#]],
    );
}
