//! Stop signals, and whether their other half is reachable.

use crate::check_lines;
use expect_test::expect;

const WORDS: &[&str] = &["ending", "endless", "dead exit", "signal"];

#[test]
fn channels() {
    check_lines(
        r#"use tokio::sync::mpsc;
fn handed_back() -> mpsc::Sender<u8> {
    let (tx, mut rx) = mpsc::channel(1);
    tokio::spawn(async move { while let Some(_) = rx.recv().await {} });
    tx
}
fn held_by_the_task() {
    let (tx, mut rx) = mpsc::channel::<u8>(1);
    tokio::spawn(async move { while let Some(_) = rx.recv().await { let _again = tx.clone(); } });
}
fn let_go() {
    let (tx, mut rx) = mpsc::channel::<u8>(1);
    tokio::spawn(async move { drop(tx); while let Some(_) = rx.recv().await {} });
}
fn clone_held() -> mpsc::Sender<u8> {
    let (tx, mut rx) = mpsc::channel::<u8>(1);
    let again = tx.clone();
    tokio::spawn(async move { while let Some(x) = rx.recv().await { again.send(x).await.unwrap(); } });
    tx
}
fn forgotten() {
    let (tx, mut rx) = mpsc::channel::<u8>(1);
    std::mem::forget(tx);
    tokio::spawn(async move { while let Some(_) = rx.recv().await {} });
}
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:4:5: tokio::spawn
              ending: on signal
                signal: Channel `rx` at q/lib.rs:4:51
                signal: Channel `rx` at q/lib.rs:4:51
            q/lib.rs:9:5: tokio::spawn
              ending: never
                endless `while` at q/lib.rs:9:31
                  dead exit at q/lib.rs:9:37: the task itself holds the channel's sender `tx`
            q/lib.rs:13:5: tokio::spawn
              ending: on signal
                signal: Channel `rx` at q/lib.rs:13:61
                signal: Channel `rx` at q/lib.rs:13:61
            q/lib.rs:18:5: tokio::spawn
              ending: never
                endless `while` at q/lib.rs:18:31
                  dead exit at q/lib.rs:18:37: the task itself holds the channel's sender `tx`
            q/lib.rs:24:5: tokio::spawn
              ending: never
                endless `while` at q/lib.rs:24:31
                  dead exit at q/lib.rs:24:37: the channel's sender `tx` is never dropped
        "#]],
    );
}

#[test]
fn arms_of_select() {
    check_lines(
        r#"use tokio::{sync::mpsc, time::{Duration, interval}};
use tokio_util::sync::CancellationToken;
async fn leaves(stop: CancellationToken) { let mut t = interval(Duration::from_secs(1)); loop { tokio::select! { _ = stop.cancelled() => break, _ = t.tick() => {} } } }
async fn only_logs(stop: CancellationToken) { let mut t = interval(Duration::from_secs(1)); loop { tokio::select! { _ = stop.cancelled() => println!("stop"), _ = t.tick() => {} } } }
async fn goes_dead(mut rx: mpsc::Receiver<u8>) { let mut t = interval(Duration::from_secs(1)); loop { tokio::select! { Some(_) = rx.recv() => {} _ = t.tick() => {} } } }
async fn else_beside_a_timer(mut rx: mpsc::Receiver<u8>) { let mut t = interval(Duration::from_secs(1)); loop { tokio::select! { Some(_) = rx.recv() => {} _ = t.tick() => {} else => break } } }
async fn else_alone(mut rx: mpsc::Receiver<u8>) { loop { tokio::select! { Some(_) = rx.recv() => {} else => break } } }
async fn once(stop: CancellationToken) { tokio::select! { _ = stop.cancelled() => {} _ = std::future::pending::<()>() => {} } }
fn a(stop: CancellationToken) { tokio::spawn(leaves(stop)); }
fn b(stop: CancellationToken) { tokio::spawn(only_logs(stop)); }
fn c(rx: mpsc::Receiver<u8>) { tokio::spawn(goes_dead(rx)); }
fn d(rx: mpsc::Receiver<u8>) { tokio::spawn(else_beside_a_timer(rx)); }
fn e(rx: mpsc::Receiver<u8>) { tokio::spawn(else_alone(rx)); }
fn f(stop: CancellationToken) { tokio::spawn(once(stop)); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:9:33: tokio::spawn
              ending: on signal
                signal: Token `stop` at q/lib.rs:3:118
                signal: Token `stop` at q/lib.rs:3:118
            q/lib.rs:10:33: tokio::spawn
              ending: never
                endless `loop` at q/lib.rs:4:93
            q/lib.rs:11:32: tokio::spawn
              ending: never
                endless `loop` at q/lib.rs:5:96
            q/lib.rs:12:32: tokio::spawn
              ending: never
                endless `loop` at q/lib.rs:6:106
                  dead exit at q/lib.rs:6:183: another branch is never disabled
            q/lib.rs:13:32: tokio::spawn
              ending: on signal
                signal: Channel `rx` at q/lib.rs:7:85
            q/lib.rs:14:33: tokio::spawn
              ending: on signal
                signal: Token `stop` at q/lib.rs:8:63
        "#]],
    );
}

#[test]
fn tokens() {
    check_lines(
        r#"use tokio_util::sync::CancellationToken;
async fn until(stop: CancellationToken) { loop { tokio::select! { _ = stop.cancelled() => break, _ = tokio::task::yield_now() => {} } } }
fn nobody_cancels() { let stop = CancellationToken::new(); tokio::spawn(until(stop.clone())); }
fn somebody_cancels() { let stop = CancellationToken::new(); tokio::spawn(until(stop.child_token())); stop.cancel(); }
fn handed_out() -> CancellationToken { let stop = CancellationToken::new(); tokio::spawn(until(stop.clone())); stop }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:3:60: tokio::spawn
              ending: never
                endless `loop` at q/lib.rs:2:43
                  dead exit at q/lib.rs:2:91: nothing ever cancels `stop`
            q/lib.rs:4:62: tokio::spawn
              ending: on signal
                signal: Token `stop` at q/lib.rs:2:71
                signal: Token `stop` at q/lib.rs:2:71
            q/lib.rs:5:77: tokio::spawn
              ending: on signal
                signal: Token `stop` at q/lib.rs:2:71
                signal: Token `stop` at q/lib.rs:2:71
        "#]],
    );
}

#[test]
fn senders_behind_fields_and_calls() {
    check_lines(
        r#"use std::sync::{Arc, LazyLock, Mutex, OnceLock};
use tokio::sync::{broadcast, mpsc, watch};
static BUS: LazyLock<broadcast::Sender<u8>> = LazyLock::new(|| broadcast::channel(8).0);
static LATE: OnceLock<mpsc::Sender<u8>> = OnceLock::new();
#[derive(Clone)]
struct Hub { tx: broadcast::Sender<u8>, quiet: Mutex<Option<watch::Sender<u8>>> }
#[derive(Clone)]
struct Server { hub: Arc<Hub>, name: String }
impl Hub {
    fn work(&self, _: u8) {}
    fn own_arc(self: Arc<Self>) {
        let mut rx = self.tx.subscribe();
        tokio::spawn(async move { while let Ok(m) = rx.recv().await { self.work(m); } });
    }
    fn weak(self: Arc<Self>) {
        let mut rx = self.tx.subscribe();
        let weak = Arc::downgrade(&self);
        tokio::spawn(async move { while let Ok(m) = rx.recv().await { if let Some(hub) = weak.upgrade() { hub.work(m); } } });
    }
    fn emptied(self: Arc<Self>) {
        let mut rx = self.quiet.lock().unwrap().as_ref().unwrap().subscribe();
        tokio::spawn(async move { while rx.changed().await.is_ok() { self.work(1); } });
    }
    fn hush(&self) { self.quiet.lock().unwrap().take(); }
}
impl Server {
    fn two_deep(&self) {
        let mut rx = self.hub.tx.subscribe();
        let server = self.clone();
        tokio::spawn(async move { while let Ok(m) = rx.recv().await { server.hub.work(m); } });
    }
    fn only_the_name(&self) {
        let mut rx = self.hub.tx.subscribe();
        let name = self.name.clone();
        tokio::spawn(async move { while let Ok(m) = rx.recv().await { println!("{name} {m}"); } });
    }
    fn by_parameters(&self) { listen(&self.hub, self.clone()); }
}
fn listen(hub: &Arc<Hub>, server: Server) {
    let rx = hub.tx.subscribe();
    tokio::spawn(run(rx, server));
}
async fn run(mut rx: broadcast::Receiver<u8>, server: Server) { while let Ok(m) = rx.recv().await { server.hub.work(m); } }
fn of_a_static() {
    let mut rx = BUS.subscribe();
    tokio::spawn(async move { while let Ok(m) = rx.recv().await { println!("{m}"); } });
}
fn into_a_static() {
    let (tx, mut rx) = mpsc::channel(1);
    LATE.set(tx).unwrap();
    tokio::spawn(async move { while let Some(m) = rx.recv().await { println!("{m}"); } });
}
fn leaked() {
    let (tx, mut rx) = mpsc::channel::<u8>(1);
    Box::leak(Box::new(tx));
    tokio::spawn(async move { while let Some(m) = rx.recv().await { println!("{m}"); } });
}
struct Both { tx: mpsc::Sender<u8>, rx: Mutex<Option<mpsc::Receiver<u8>>> }
impl Both {
    fn new() -> Arc<Both> { let (tx, rx) = mpsc::channel(1); Arc::new(Both { tx, rx: Mutex::new(Some(rx)) }) }
    fn start(self: &Arc<Self>) {
        let mut rx = self.rx.lock().unwrap().take().unwrap();
        let this = Arc::clone(self);
        tokio::spawn(async move { while let Some(m) = rx.recv().await { drop((this.tx.capacity(), m)); } });
    }
    fn start_alone(self: &Arc<Self>) {
        let mut rx = self.rx.lock().unwrap().take().unwrap();
        tokio::spawn(async move { while let Some(m) = rx.recv().await { println!("{m}"); } });
    }
}
struct Inner { events: mpsc::Sender<u8> }
struct Outer { inner: Arc<Inner> }
impl Outer { fn make(events: mpsc::Sender<u8>) -> Outer { Outer { inner: Arc::new(Inner { events }) } } fn see(&self, _: u8) {} }
fn behind_a_constructor() -> Arc<Outer> {
    let (events, mut rx) = mpsc::channel(1);
    let outer = Arc::new(Outer::make(events));
    let kept = outer.clone();
    tokio::spawn(async move { while let Some(m) = rx.recv().await { kept.see(m); } });
    outer
}
"#,
        &["ending", "dead exit"],
        expect![[r#"
            q/lib.rs:13:9: tokio::spawn
              ending: never
                  dead exit at q/lib.rs:13:41: the task itself keeps `self` alive, which holds the sender in `tx`
            q/lib.rs:18:9: tokio::spawn
              ending: on signal
            q/lib.rs:22:9: tokio::spawn
              ending: on signal
            q/lib.rs:30:9: tokio::spawn
              ending: never
                  dead exit at q/lib.rs:30:41: the task itself keeps `server.hub` alive, which holds the sender in `tx`
            q/lib.rs:35:9: tokio::spawn
              ending: on signal
            q/lib.rs:41:5: tokio::spawn
              ending: never
                  dead exit at q/lib.rs:43:71: the task itself has `server`, which holds the sender in `tx`
            q/lib.rs:46:5: tokio::spawn
              ending: never
                  dead exit at q/lib.rs:46:37: the channel's sender is in the static `BUS`
            q/lib.rs:51:5: tokio::spawn
              ending: never
                  dead exit at q/lib.rs:51:37: the channel's sender is in the static `LATE`
            q/lib.rs:56:5: tokio::spawn
              ending: never
                  dead exit at q/lib.rs:56:37: the channel's sender `tx` is never dropped
            q/lib.rs:64:9: tokio::spawn
              ending: never
                  dead exit at q/lib.rs:64:41: the channel's sender is stored alongside the receiver, in `tx`
            q/lib.rs:68:9: tokio::spawn
              ending: on signal
            q/lib.rs:78:5: tokio::spawn
              ending: never
                  dead exit at q/lib.rs:78:37: the task itself holds the channel's sender in `kept.inner.events`
        "#]],
    );
}

#[test]
fn tokens_from_afar() {
    check_lines(
        r#"use std::sync::{Arc, Mutex};
use tokio_util::sync::CancellationToken;
async fn until(stop: CancellationToken) { loop { tokio::select! { _ = stop.cancelled() => break, _ = tokio::task::yield_now() => {} } } }
struct Shared { stop: CancellationToken }
struct Owner { shared: Arc<Shared> }
impl Owner {
    pub fn new() -> Owner { Owner { shared: Arc::new(Shared { stop: CancellationToken::new() }) } }
    fn child(&self) -> CancellationToken { self.shared.stop.child_token().child_token() }
    pub fn start(&self) { tokio::spawn(until(self.child())); }
}
struct Cancels { stop: CancellationToken }
impl Cancels {
    pub fn new() -> Cancels { Cancels { stop: CancellationToken::new() } }
    pub fn start(&self) { tokio::spawn(until(self.stop.child_token())); }
    pub fn stop(&self) { end(&self.stop); }
}
fn end(stop: &CancellationToken) { stop.cancel(); }
struct Given { stop: CancellationToken }
impl Given {
    pub fn new(stop: CancellationToken) -> Given { Given { stop } }
    pub fn start(&self) { tokio::spawn(until(self.stop.clone())); }
}
struct Replaced { stop: Option<CancellationToken> }
impl Replaced {
    pub fn start(&mut self) { let stop = CancellationToken::new(); self.stop = Some(stop.clone()); tokio::spawn(until(stop)); }
    pub fn is_on(&self) -> bool { self.stop.is_some() }
}
struct Locked { stop: Mutex<CancellationToken> }
impl Locked {
    pub fn new() -> Locked { Locked { stop: Mutex::new(CancellationToken::new()) } }
    pub fn start(&self) { let stop = self.stop.lock().unwrap().clone(); tokio::spawn(until(stop)); }
    pub fn restart(&self) { *self.stop.lock().unwrap() = CancellationToken::new(); }
}
struct Stored { stops: Mutex<Vec<CancellationToken>> }
impl Stored { pub fn start(&self) { let stop = CancellationToken::new(); tokio::spawn(until(stop.clone())); self.stops.lock().unwrap().push(stop); } }
struct Both(CancellationToken, u8);
impl Both {
    pub fn new() -> Both { Both(CancellationToken::new(), 0) }
    pub fn start(&self) { tokio::spawn(until(self.0.clone())); }
}
pub fn to_a_stranger() { let stop = CancellationToken::new(); tokio::spawn(until(stop.clone())); axum::serve(stop); }
pub fn to_a_graceful_stranger() { let stop = CancellationToken::new(); tokio::spawn(until(stop.clone())); axum::serve(stop.cancelled_owned()); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:9:27: tokio::spawn
              ending: never
                endless `loop` at q/lib.rs:3:43
                  dead exit at q/lib.rs:3:91: nothing ever cancels `stop`
            q/lib.rs:14:27: tokio::spawn
              ending: on signal
                signal: Token `stop` at q/lib.rs:3:71
                signal: Token `stop` at q/lib.rs:3:71
            q/lib.rs:21:27: tokio::spawn
              ending: on signal
                signal: Token `stop` at q/lib.rs:3:71
                signal: Token `stop` at q/lib.rs:3:71
            q/lib.rs:25:100: tokio::spawn
              ending: never
                endless `loop` at q/lib.rs:3:43
                  dead exit at q/lib.rs:3:91: nothing ever cancels `stop`
            q/lib.rs:31:73: tokio::spawn
              ending: on signal
                signal: Token `stop` at q/lib.rs:3:71
                signal: Token `stop` at q/lib.rs:3:71
            q/lib.rs:35:74: tokio::spawn
              ending: on signal
                signal: Token `stop` at q/lib.rs:3:71
                signal: Token `stop` at q/lib.rs:3:71
            q/lib.rs:39:27: tokio::spawn
              ending: never
                endless `loop` at q/lib.rs:3:43
                  dead exit at q/lib.rs:3:91: nothing ever cancels `stop`
            q/lib.rs:41:63: tokio::spawn
              ending: on signal
                signal: Token `stop` at q/lib.rs:3:71
                signal: Token `stop` at q/lib.rs:3:71
            q/lib.rs:42:72: tokio::spawn
              ending: never
                endless `loop` at q/lib.rs:3:43
                  dead exit at q/lib.rs:3:91: nothing ever cancels `stop`
        "#]],
    );
}

#[test]
fn senders_in_what_is_taken_apart() {
    check_lines(
        r#"use std::sync::Arc;
use tokio::sync::broadcast::{Receiver, Sender};
struct Hub { tx: Sender<u8> }
struct Net { hub: Arc<Hub>, size: u8 }
impl Clone for Net { fn clone(&self) -> Self { Net { hub: self.hub.clone(), size: self.size } } }
struct Own { tx: Sender<u8> }
impl Clone for Own { fn clone(&self) -> Self { Own { tx: Sender::new(1) } } }
async fn drain<T>(mut rx: Receiver<u8>, _net: T) { while let Ok(_) = rx.recv().await {} }
impl Net {
    fn whole(self) {
        let kept = self.clone();
        let Self { hub, .. } = self;
        tokio::spawn(drain(hub.tx.subscribe(), kept));
    }
    fn part(self) {
        let Net { hub, size } = self;
        tokio::spawn(drain(hub.tx.subscribe(), size));
    }
}
fn another(own: Own) {
    let kept = own.clone();
    tokio::spawn(drain(own.tx.subscribe(), kept));
}
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:13:9: tokio::spawn
              ending: never
                endless `while` at q/lib.rs:8:52
                  dead exit at q/lib.rs:8:58: the task itself has `kept`, which holds the sender in `tx`
            q/lib.rs:17:9: tokio::spawn
              ending: on signal
                signal: Channel `rx` at q/lib.rs:8:70
                signal: Channel `rx` at q/lib.rs:8:70
            q/lib.rs:22:5: tokio::spawn
              ending: on signal
                signal: Channel `rx` at q/lib.rs:8:70
                signal: Channel `rx` at q/lib.rs:8:70
        "#]],
    );
}

#[test]
fn flags() {
    check_lines(
        r#"use std::{sync::{Arc, atomic::{AtomicBool, Ordering}}, time::Duration};
use tokio::time::sleep;
fn own() { tokio::spawn(async { let over = AtomicBool::new(false); while !over.load(Ordering::Relaxed) { sleep(Duration::from_secs(1)).await; } }); }
fn shared(all: &mut Vec<Arc<AtomicBool>>) { let over = Arc::new(AtomicBool::new(false)); all.push(over.clone()); tokio::spawn(async move { while !over.load(Ordering::Relaxed) { sleep(Duration::from_secs(1)).await; } }); }
fn given(over: Arc<AtomicBool>) { tokio::spawn(async move { let also = over.clone(); while !also.load(Ordering::Relaxed) { sleep(Duration::from_secs(1)).await; } }); }
fn handed_on() { tokio::spawn(async { let over = Arc::new(AtomicBool::new(false)); watch(over.clone()); while !over.load(Ordering::Relaxed) { sleep(Duration::from_secs(1)).await; } }); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:3:12: tokio::spawn
              ending: unknown
            q/lib.rs:4:114: tokio::spawn
              ending: on signal
                signal: Flag `over` at q/lib.rs:4:147
            q/lib.rs:5:35: tokio::spawn
              ending: on signal
                signal: Flag `also` at q/lib.rs:5:93
            q/lib.rs:6:18: tokio::spawn
              ending: on signal
                signal: Flag `over` at q/lib.rs:6:112
        "#]],
    );
}
