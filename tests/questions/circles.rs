//! Endings through any number of calls, implementations and turns, the same whoever asks first.

use crate::check_lines;
use expect_test::expect;
use std::fmt::Write;

const WORDS: &[&str] = &["ending", "endless", "dead exit", "sleep", "timeout", "signal", "unknown"];

/// One function a line, each of which calls the next.
fn chain(n: usize, last: &str) -> String {
    (0..n).map(|i| format!("async fn f{i}(n: u8) {{ f{}(n).await }}\n", i + 1)).collect::<String>() + last
}

#[test]
fn a_chain_of_calls() {
    let endless = "async fn f40(n: u8) { loop { tokio::time::sleep(std::time::Duration::from_secs(1)).await; } }\n";
    check_lines(
        &chain(40, &format!("{endless}fn go() {{ tokio::spawn(f0(1)); }}\n")),
        WORDS,
        expect![[r#"
            q/lib.rs:42:11: tokio::spawn
              ending: never
                endless `loop` at q/lib.rs:41:23
        "#]],
    );
    let ends = "async fn f40(n: u8) { tokio::time::sleep(std::time::Duration::from_secs(1)).await; }\n";
    check_lines(
        &chain(40, &format!("{ends}fn go() {{ tokio::spawn(f0(1)); }}\n")),
        WORDS,
        expect![[r#"
        q/lib.rs:42:11: tokio::spawn
          ending: within
    "#]],
    );
}

/// Longer than what fits on a stack call by call.
#[test]
fn a_long_chain_of_calls() {
    let endless = "async fn f2000(n: u8) { loop { tokio::time::sleep(std::time::Duration::from_secs(1)).await; } }\n";
    check_lines(
        &chain(2000, &format!("{endless}fn go() {{ tokio::spawn(f0(1)); }}\n")),
        WORDS,
        expect![[r#"
        q/lib.rs:2002:11: tokio::spawn
          ending: never
            endless `loop` at q/lib.rs:2001:25
    "#]],
    );
}

/// Implementations of one method that are all endless, and the same with one that is not.
#[test]
fn all_implementations() {
    let text = |last: &str| {
        let mut text = String::from(
            "use std::time::Duration;\nuse tokio::time::sleep;\n\
             trait Work { async fn work(&self); }\n\
             fn go(it: Box<dyn Work>) { tokio::spawn(async move { it.work().await }); }\n",
        );
        for i in 0..11 {
            let _ = writeln!(
                text,
                "struct S{i}; impl Work for S{i} {{ async fn work(&self) {{ loop {{ sleep(Duration::from_secs(1)).await; }} }} }}"
            );
        }
        text + last
    };
    let endless =
        "struct Last; impl Work for Last { async fn work(&self) { loop { sleep(Duration::from_secs(1)).await; } } }\n";
    check_lines(
        &text(endless),
        WORDS,
        expect![[r#"
        q/lib.rs:4:28: tokio::spawn
          ending: never
            endless `loop` at q/lib.rs:5:54
    "#]],
    );
    let ends = "struct Last; impl Work for Last { async fn work(&self) { sleep(Duration::from_secs(1)).await; } }\n";
    check_lines(
        &text(ends),
        WORDS,
        expect![[r#"
        q/lib.rs:4:28: tokio::spawn
          ending: unknown
    "#]],
    );
}

/// Of two functions under opposite cfgs each is the one that runs.
#[test]
fn twins_under_opposite_cfgs() {
    check_lines(
        r#"use std::time::Duration;
use tokio::time::sleep;
fn go() { tokio::spawn(work()); }
#[cfg(feature = "once")]
async fn work() { sleep(Duration::from_secs(1)).await; }
#[cfg(not(feature = "once"))]
async fn work() { loop { sleep(Duration::from_secs(1)).await; } }
struct Pump;
impl Pump {
    fn start(self) { tokio::spawn(async move { self.run().await }); }
    #[cfg(unix)]
    async fn run(&self) { sleep(Duration::from_secs(1)).await; }
    #[cfg(not(unix))]
    async fn run(&self) { sleep(Duration::from_secs(2)).await; }
}
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:3:11: tokio::spawn
              ending: never
                endless `loop` at q/lib.rs:7:19
            q/lib.rs:10:22: tokio::spawn
              ending: within
        "#]],
    );
}

/// What stands somewhere in a circle is found wherever that is entered.
#[test]
fn circles() {
    let head = r#"use std::time::Duration;
use tokio::{sync::mpsc::Receiver, time::sleep};
async fn ping(n: u8) { sleep(Duration::from_secs(500)).await; if n > 3 { Box::pin(pong(n)).await } }
async fn pong(n: u8) { if n > 5 { return; } Box::pin(tick(n)).await }
async fn tick(n: u8) { sleep(Duration::from_secs(700)).await; Box::pin(ping(n)).await }
fn even(n: u8) { if n > 0 { odd(n - 1) } }
fn odd(n: u8) { if n > 0 { even(n - 1) } loop { std::thread::park(); } }
async fn drain(rx: &mut Receiver<u8>) { if let Some(_) = rx.recv().await { Box::pin(drain(rx)).await } }
"#;
    let goes = [
        "fn a() { tokio::spawn(ping(1)); }\n",
        "fn b() { tokio::spawn(pong(1)); }\n",
        "fn c() { tokio::spawn(tick(1)); }\n",
        "fn d() { tokio::spawn(async { even(7) }); }\n",
        "fn e() { tokio::spawn(async { odd(7) }); }\n",
        "fn f(mut rx: Receiver<u8>) { tokio::spawn(async move { drain(&mut rx).await }); }\n",
    ];
    check_lines(
        &format!("{head}{}", goes.concat()),
        WORDS,
        expect![[r#"
            q/lib.rs:9:10: tokio::spawn
              ending: unknown
                sleep of 500s at q/lib.rs:3:24, inside: within
                sleep of 700s at q/lib.rs:5:24, inside: within
            q/lib.rs:10:10: tokio::spawn
              ending: unknown
                sleep of 500s at q/lib.rs:3:24, inside: within
                sleep of 700s at q/lib.rs:5:24, inside: within
            q/lib.rs:11:10: tokio::spawn
              ending: unknown
                sleep of 700s at q/lib.rs:5:24, inside: within
                sleep of 500s at q/lib.rs:3:24, inside: within
            q/lib.rs:12:10: tokio::spawn
              ending: never
                endless `loop` at q/lib.rs:7:42
            q/lib.rs:13:10: tokio::spawn
              ending: never
                endless `loop` at q/lib.rs:7:42
            q/lib.rs:14:30: tokio::spawn
              ending: unknown
                signal: Channel `rx` at q/lib.rs:8:58
                signal: Channel `rx` at q/lib.rs:8:58
        "#]],
    );
    let turned: String = goes.iter().rev().copied().collect();
    check_lines(
        &format!("{head}{turned}"),
        WORDS,
        expect![[r#"
            q/lib.rs:9:30: tokio::spawn
              ending: unknown
                signal: Channel `rx` at q/lib.rs:8:58
                signal: Channel `rx` at q/lib.rs:8:58
            q/lib.rs:10:10: tokio::spawn
              ending: never
                endless `loop` at q/lib.rs:7:42
            q/lib.rs:11:10: tokio::spawn
              ending: never
                endless `loop` at q/lib.rs:7:42
            q/lib.rs:12:10: tokio::spawn
              ending: unknown
                sleep of 700s at q/lib.rs:5:24, inside: within
                sleep of 500s at q/lib.rs:3:24, inside: within
            q/lib.rs:13:10: tokio::spawn
              ending: unknown
                sleep of 500s at q/lib.rs:3:24, inside: within
                sleep of 700s at q/lib.rs:5:24, inside: within
            q/lib.rs:14:10: tokio::spawn
              ending: unknown
                sleep of 500s at q/lib.rs:3:24, inside: within
                sleep of 700s at q/lib.rs:5:24, inside: within
        "#]],
    );
}

/// What is run again in each turn of something that ends is bounded by that.
#[test]
fn what_comes_back_to_itself() {
    check_lines(
        r#"use std::{pin::Pin, task::{Context, Poll}, time::Duration};
use tokio::time::{sleep, timeout};
fn bounded() { tokio::spawn(retry(3)); }
async fn retry(n: u8) { let _ = timeout(Duration::from_secs(1), Box::pin(retry(n - 1))).await; }
fn itself() { let it; it = it; tokio::spawn(it); }
fn turns() { let mut it; it = it.rev(); tokio::spawn(async move { for _ in it { sleep(Duration::from_secs(1)).await; } }); }
struct Own;
impl Future for Own { type Output = (); fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> { self.as_mut().poll(cx) } }
fn own() { tokio::spawn(Own); }
fn pools() { tokio::spawn(async { for it in all() { it.await; } futures::future::join_all(all()).await; }); }
fn all() -> Vec<Fut> { all() }
fn gives() -> impl Iterator<Item = u8> { gives().skip(1) }
fn iterates() { tokio::spawn(async { for _ in gives() { sleep(Duration::from_secs(1)).await; } }); }
fn asks() -> bool { !asks() }
fn until() { tokio::spawn(async { while asks() { sleep(Duration::from_secs(1)).await; } }); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:3:16: tokio::spawn
              ending: within
            q/lib.rs:5:32: tokio::spawn
              ending: unknown
            q/lib.rs:6:41: tokio::spawn
              ending: within
            q/lib.rs:9:12: tokio::spawn
              ending: within
            q/lib.rs:10:14: tokio::spawn
              ending: unknown
            q/lib.rs:13:17: tokio::spawn
              ending: within
            q/lib.rs:15:14: tokio::spawn
              ending: unknown
        "#]],
    );
}

/// Whatever is nested costs as much as it is long.
#[test]
fn nested() {
    let n = 60;
    let blocks = "async { loop { tokio::select! { _ = ".repeat(n) + "work()" + &" => break } } }".repeat(n);
    let lets: String = (0..n).map(|i| format!("let a{} = a{i} && a{i};\n", i + 1)).collect::<String>()
        + &format!("while a{n} {{ work().await; }}");
    check_lines(
        &format!(
            "async fn work() {{}}\nfn go() {{ tokio::spawn({blocks}); }}\n\
             fn lets(a0: bool) {{ tokio::spawn(async move {{ {lets} }}); }}\n"
        ),
        &["ending"],
        expect![[r#"
            q/lib.rs:2:11: tokio::spawn
              ending: unknown
            q/lib.rs:3:21: tokio::spawn
              ending: unknown
        "#]],
    );
}

/// A parameter that comes from outside through any number of callers.
#[test]
fn handed_in_through_many_callers() {
    let mut text = String::from("pub fn f0(it: impl FnOnce()) { tokio::task::spawn_blocking(it); }\n");
    for i in 0..30 {
        let _ = writeln!(text, "pub fn f{}(it: impl FnOnce()) {{ f{i}(it) }}", i + 1);
    }
    for i in 0..12 {
        let _ = writeln!(text, "pub fn g{i}(it: impl FnOnce()) {{ f30(it) }}");
    }
    check_lines(
        &text,
        &["ending"],
        expect![[r#"
            q/lib.rs:32:32: tokio::task::spawn_blocking via f30, f29, f28, f27, f26, f25, f24, f23, f22, f21, f20, f19, f18, f17, f16, f15, f14, f13, f12, f11, f10, f9, f8, f7, f6, f5, f4, f3, f2, f1, f0
              ending: on caller
            q/lib.rs:33:32: tokio::task::spawn_blocking via f30, f29, f28, f27, f26, f25, f24, f23, f22, f21, f20, f19, f18, f17, f16, f15, f14, f13, f12, f11, f10, f9, f8, f7, f6, f5, f4, f3, f2, f1, f0
              ending: on caller
            q/lib.rs:34:32: tokio::task::spawn_blocking via f30, f29, f28, f27, f26, f25, f24, f23, f22, f21, f20, f19, f18, f17, f16, f15, f14, f13, f12, f11, f10, f9, f8, f7, f6, f5, f4, f3, f2, f1, f0
              ending: on caller
            q/lib.rs:35:32: tokio::task::spawn_blocking via f30, f29, f28, f27, f26, f25, f24, f23, f22, f21, f20, f19, f18, f17, f16, f15, f14, f13, f12, f11, f10, f9, f8, f7, f6, f5, f4, f3, f2, f1, f0
              ending: on caller
            q/lib.rs:36:32: tokio::task::spawn_blocking via f30, f29, f28, f27, f26, f25, f24, f23, f22, f21, f20, f19, f18, f17, f16, f15, f14, f13, f12, f11, f10, f9, f8, f7, f6, f5, f4, f3, f2, f1, f0
              ending: on caller
            q/lib.rs:37:32: tokio::task::spawn_blocking via f30, f29, f28, f27, f26, f25, f24, f23, f22, f21, f20, f19, f18, f17, f16, f15, f14, f13, f12, f11, f10, f9, f8, f7, f6, f5, f4, f3, f2, f1, f0
              ending: on caller
            q/lib.rs:38:32: tokio::task::spawn_blocking via f30, f29, f28, f27, f26, f25, f24, f23, f22, f21, f20, f19, f18, f17, f16, f15, f14, f13, f12, f11, f10, f9, f8, f7, f6, f5, f4, f3, f2, f1, f0
              ending: on caller
            q/lib.rs:39:32: tokio::task::spawn_blocking via f30, f29, f28, f27, f26, f25, f24, f23, f22, f21, f20, f19, f18, f17, f16, f15, f14, f13, f12, f11, f10, f9, f8, f7, f6, f5, f4, f3, f2, f1, f0
              ending: on caller
            q/lib.rs:40:32: tokio::task::spawn_blocking via f30, f29, f28, f27, f26, f25, f24, f23, f22, f21, f20, f19, f18, f17, f16, f15, f14, f13, f12, f11, f10, f9, f8, f7, f6, f5, f4, f3, f2, f1, f0
              ending: on caller
            q/lib.rs:41:32: tokio::task::spawn_blocking via f30, f29, f28, f27, f26, f25, f24, f23, f22, f21, f20, f19, f18, f17, f16, f15, f14, f13, f12, f11, f10, f9, f8, f7, f6, f5, f4, f3, f2, f1, f0
              ending: on caller
            q/lib.rs:42:33: tokio::task::spawn_blocking via f30, f29, f28, f27, f26, f25, f24, f23, f22, f21, f20, f19, f18, f17, f16, f15, f14, f13, f12, f11, f10, f9, f8, f7, f6, f5, f4, f3, f2, f1, f0
              ending: on caller
            q/lib.rs:43:33: tokio::task::spawn_blocking via f30, f29, f28, f27, f26, f25, f24, f23, f22, f21, f20, f19, f18, f17, f16, f15, f14, f13, f12, f11, f10, f9, f8, f7, f6, f5, f4, f3, f2, f1, f0
              ending: on caller
        "#]],
    );
}

/// What points to a sender weakly does not hold it, however far it is followed.
#[test]
fn a_weak_sender() {
    check_lines(
        r#"use std::sync::{Arc, Weak};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
struct Session { state: State }
struct State { back: Back }
struct Back { tx: Weak<UnboundedSender<u8>> }
impl Session { async fn serve(self, mut rx: UnboundedReceiver<u8>) { while let Some(_) = rx.recv().await {} } }
fn state(tx: Weak<UnboundedSender<u8>>) -> State { State { back: back(tx) } }
fn back(tx: Weak<UnboundedSender<u8>>) -> Back { Back { tx } }
fn connect() -> Arc<UnboundedSender<u8>> {
    let (tx, rx) = mpsc::unbounded_channel();
    let tx = Arc::new(tx);
    let session = Session { state: state(Arc::downgrade(&tx)) };
    tokio::spawn(session.serve(rx));
    tx
}
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:13:5: tokio::spawn
              ending: on signal
                signal: Channel `rx` at q/lib.rs:6:90
                signal: Channel `rx` at q/lib.rs:6:90
        "#]],
    );
}
