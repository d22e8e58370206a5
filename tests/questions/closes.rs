//! Closes that a loop passes over, and loops that do notice them.

use crate::check_lines;
use expect_test::expect;

const WORDS: &[&str] = &["ignored close"];

#[test]
fn of_receivers() {
    check_lines(
        r#"use tokio::sync::{broadcast, mpsc};
use std::time::Duration;
fn see(_: u8) {}
fn no_match(mut rx: mpsc::Receiver<u8>) { tokio::spawn(async move { loop { if let Some(m) = rx.recv().await { see(m); } } }); }
fn goes_on(mut rx: mpsc::Receiver<u8>) { tokio::spawn(async move { loop { match rx.recv().await { Some(m) => see(m), None => continue } } }); }
fn by_else(mut rx: mpsc::Receiver<u8>) { tokio::spawn(async move { loop { let Some(m) = rx.recv().await else { continue }; see(m); } }); }
fn logs(mut rx: broadcast::Receiver<u8>) { tokio::spawn(async move { loop { match rx.recv().await { Ok(m) => see(m), Err(e) => eprintln!("{e}") } } }); }
fn asks(mut rx: mpsc::Receiver<u8>) { tokio::spawn(async move { loop { if rx.recv().await.is_some() { see(1); } } }); }
fn discards(mut rx: mpsc::Receiver<u8>) { tokio::spawn(async move { loop { let _ = rx.recv().await; see(1); } }); }
fn by_name(mut rx: mpsc::Receiver<u8>) { tokio::spawn(async move { loop { let m = rx.recv().await; if let Some(m) = m { see(m); } } }); }
fn bounded(mut rx: mpsc::Receiver<u8>, d: Duration) { tokio::spawn(async move { loop { if let Ok(Some(m)) = tokio::time::timeout(d, rx.recv()).await { see(m); } } }); }
fn polls(mut rx: mpsc::Receiver<u8>, d: Duration) { tokio::spawn(async move { loop { while let Ok(m) = rx.try_recv() { see(m); } tokio::time::sleep(d).await; } }); }
fn ends(mut rx: mpsc::Receiver<u8>) { tokio::spawn(async move { while let Some(m) = rx.recv().await { see(m); } }); }
fn breaks(mut rx: mpsc::Receiver<u8>) { tokio::spawn(async move { loop { match rx.recv().await { Some(m) => see(m), None => break } } }); }
fn only_lagged(mut rx: broadcast::Receiver<u8>) { tokio::spawn(async move { loop { match rx.recv().await { Ok(m) => see(m), Err(broadcast::error::RecvError::Lagged(_)) => continue, Err(_) => return } } }); }
fn another_exit(mut rx: mpsc::Receiver<u8>, stop: tokio_util::sync::CancellationToken) { tokio::spawn(async move { while !stop.is_cancelled() { if let Some(m) = rx.recv().await { see(m); } } }); }
fn exit_of_a_message(mut rx: mpsc::Receiver<u8>) { tokio::spawn(async move { loop { if let Some(m) = rx.recv().await { if m == 0 { break } } } }); }
fn another_each_turn(all: async_channel::Receiver<mpsc::Receiver<u8>>) { tokio::spawn(async move { while let Ok(mut rx) = all.recv().await { if let Some(m) = rx.recv().await { see(m); } } }); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:4:43: tokio::spawn
                ignored close of Receiver (NoMatch) at q/lib.rs:4:93
            q/lib.rs:5:42: tokio::spawn
                ignored close of Receiver (GoesOn) at q/lib.rs:5:81
            q/lib.rs:6:42: tokio::spawn
                ignored close of Receiver (GoesOn) at q/lib.rs:6:89
            q/lib.rs:7:44: tokio::spawn
                ignored close of Receiver (GoesOn) at q/lib.rs:7:83
            q/lib.rs:8:39: tokio::spawn
                ignored close of Receiver (NoMatch) at q/lib.rs:8:75
            q/lib.rs:9:43: tokio::spawn
                ignored close of Receiver (Discarded) at q/lib.rs:9:84
            q/lib.rs:10:42: tokio::spawn
                ignored close of Receiver (NoMatch) at q/lib.rs:10:83
            q/lib.rs:11:55: tokio::spawn
                ignored close of Receiver (NoMatch) at q/lib.rs:11:133
            q/lib.rs:12:53: tokio::spawn
                ignored close of Receiver (NoMatch) at q/lib.rs:12:104
            q/lib.rs:13:39: tokio::spawn
            q/lib.rs:14:41: tokio::spawn
            q/lib.rs:15:51: tokio::spawn
            q/lib.rs:16:90: tokio::spawn
            q/lib.rs:17:52: tokio::spawn
                ignored close of Receiver (NoMatch) at q/lib.rs:17:102
            q/lib.rs:18:74: tokio::spawn
        "#]],
    );
}

#[test]
fn of_senders() {
    check_lines(
        r#"use tokio::sync::{broadcast, mpsc, watch};
use std::time::Duration;
fn discards(tx: mpsc::Sender<u8>, d: Duration) { tokio::spawn(async move { loop { tokio::time::sleep(d).await; let _ = tx.send(1).await; } }); }
fn forgets(tx: mpsc::UnboundedSender<u8>, d: Duration) { tokio::spawn(async move { loop { tokio::time::sleep(d).await; tx.send(1).ok(); } }); }
fn logs(tx: mpsc::Sender<u8>, d: Duration) { tokio::spawn(async move { loop { tokio::time::sleep(d).await; if let Err(e) = tx.send(1).await { eprintln!("{e}"); } } }); }
fn leaves(tx: mpsc::Sender<u8>, d: Duration) { tokio::spawn(async move { loop { tokio::time::sleep(d).await; if tx.send(1).await.is_err() { break } } }); }
fn can_be_heard_again(tx: broadcast::Sender<u8>, d: Duration) { tokio::spawn(async move { loop { tokio::time::sleep(d).await; let _ = tx.send(1); } }); }
fn watched(tx: watch::Sender<u8>, d: Duration) { tokio::spawn(async move { loop { tokio::time::sleep(d).await; let _ = tx.send(1); } }); }
fn hears(tx: mpsc::Sender<u8>, mut rx: mpsc::Receiver<u8>) { tokio::spawn(async move { while let Some(m) = rx.recv().await { let _ = tx.send(m).await; } }); }
fn full(tx: mpsc::Sender<u8>, d: Duration) { tokio::spawn(async move { loop { tokio::time::sleep(d).await; if let Err(mpsc::error::TrySendError::Full(_)) = tx.try_send(1) { eprintln!("full"); } } }); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:3:50: tokio::spawn
                ignored close of Sender (Discarded) at q/lib.rs:3:120
            q/lib.rs:4:58: tokio::spawn
                ignored close of Sender (Discarded) at q/lib.rs:4:120
            q/lib.rs:5:46: tokio::spawn
                ignored close of Sender (GoesOn) at q/lib.rs:5:124
            q/lib.rs:6:48: tokio::spawn
            q/lib.rs:7:65: tokio::spawn
            q/lib.rs:8:50: tokio::spawn
            q/lib.rs:9:62: tokio::spawn
            q/lib.rs:10:46: tokio::spawn
                ignored close of Sender (NoMatch) at q/lib.rs:10:157
        "#]],
    );
}

#[test]
fn in_select() {
    check_lines(
        r#"use tokio::{sync::mpsc, time::Interval};
fn see(_: u8) {}
fn dead_arm(mut rx: mpsc::Receiver<u8>, mut tick: Interval) { tokio::spawn(async move { loop { tokio::select! { Some(m) = rx.recv() => see(m), _ = tick.tick() => see(0) } } }); }
fn named(mut rx: mpsc::Receiver<u8>, mut tick: Interval) { tokio::spawn(async move { loop { tokio::select! { m = rx.recv() => if let Some(m) = m { see(m) }, _ = tick.tick() => see(0) } } }); }
fn wild(mut rx: mpsc::Receiver<u8>, mut tick: Interval) { tokio::spawn(async move { loop { tokio::select! { _ = rx.recv() => see(1), _ = tick.tick() => see(0) } } }); }
fn leaves(mut rx: mpsc::Receiver<u8>, mut tick: Interval) { tokio::spawn(async move { loop { tokio::select! { m = rx.recv() => match m { Some(m) => see(m), None => return }, _ = tick.tick() => see(0) } } }); }
fn by_else(mut rx: mpsc::Receiver<u8>, mut more: mpsc::Receiver<u8>) { tokio::spawn(async move { loop { tokio::select! { Some(m) = rx.recv() => see(m), Some(m) = more.recv() => see(m), else => break } } }); }
fn stops(mut rx: mpsc::Receiver<u8>, stop: tokio_util::sync::CancellationToken) { tokio::spawn(async move { loop { tokio::select! { Some(m) = rx.recv() => see(m), _ = stop.cancelled() => break } } }); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:3:63: tokio::spawn
                ignored close of Receiver (DeadArm) at q/lib.rs:3:123
            q/lib.rs:4:60: tokio::spawn
                ignored close of Receiver (NoMatch) at q/lib.rs:4:114
            q/lib.rs:5:59: tokio::spawn
                ignored close of Receiver (Discarded) at q/lib.rs:5:113
            q/lib.rs:6:61: tokio::spawn
            q/lib.rs:7:72: tokio::spawn
            q/lib.rs:8:83: tokio::spawn
        "#]],
    );
}
