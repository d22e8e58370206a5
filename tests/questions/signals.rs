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
                  dead exit at q/lib.rs:9:37: the task itself holds its sender `tx`
            q/lib.rs:13:5: tokio::spawn
              ending: on signal
                signal: Channel `rx` at q/lib.rs:13:61
                signal: Channel `rx` at q/lib.rs:13:61
            q/lib.rs:18:5: tokio::spawn
              ending: never
                endless `while` at q/lib.rs:18:31
                  dead exit at q/lib.rs:18:37: the task itself holds its sender `tx`
            q/lib.rs:24:5: tokio::spawn
              ending: never
                endless `while` at q/lib.rs:24:31
                  dead exit at q/lib.rs:24:37: its sender `tx` is never dropped
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
                  dead exit at q/lib.rs:6:183: an arm beside it never goes dead
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
