//! Failures: the errors and panics of a task that only its handle would tell.

use crate::check_lines;
use expect_test::expect;

const WORDS: &[&str] = &["fails"];

#[test]
fn errors() {
    check_lines(
        r#"use std::io;
use futures::FutureExt;
async fn save() -> io::Result<()> { tokio::fs::write("a", "b").await?; Ok(()) }
async fn never() -> io::Result<()> { println!("fine"); Ok(()) }
#[tracing::instrument(err)] async fn logged() -> io::Result<()> { save().await }
fn declared() { tokio::spawn(save()); }
fn cannot() { tokio::spawn(never()); }
fn attribute() { tokio::spawn(logged()); }
fn leaves() { tokio::spawn(async { save().await?; Ok::<_, io::Error>(()) }); }
fn passes_on() { tokio::spawn(async { save().await }); }
fn fallible_tail() { tokio::spawn(async { if true { return Err(1); } Ok(()) }); }
fn option() { tokio::spawn(async { Some(1)?; Some(()) }); }
fn ignored() { tokio::spawn(async { let _ = save().await; }); }
fn mapped() { tokio::spawn(save().map(|_| ())); }
fn inspected() { tokio::spawn(async { save().await.inspect_err(|e| println!("{e}")) }); }
fn bound() { let work = save(); tokio::spawn(Box::pin(work)); }
fn blocking() { tokio::task::spawn_blocking(|| { std::fs::write("a", "b")?; Ok::<_, io::Error>(()) }); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:6:17: tokio::spawn
              fails: with an error at q/lib.rs:6:30
            q/lib.rs:7:15: tokio::spawn
            q/lib.rs:8:18: tokio::spawn
            q/lib.rs:9:15: tokio::spawn
              fails: with an error at q/lib.rs:9:36
            q/lib.rs:10:18: tokio::spawn
              fails: with an error at q/lib.rs:10:39
            q/lib.rs:11:22: tokio::spawn
              fails: with an error at q/lib.rs:11:60
            q/lib.rs:12:15: tokio::spawn
            q/lib.rs:13:16: tokio::spawn
            q/lib.rs:14:15: tokio::spawn
            q/lib.rs:15:18: tokio::spawn
            q/lib.rs:16:33: tokio::spawn
              fails: with an error at q/lib.rs:16:25
            q/lib.rs:17:17: tokio::task::spawn_blocking
              fails: with an error at q/lib.rs:17:50
        "#]],
    );
}

#[test]
fn panics() {
    check_lines(
        r#"use std::sync::Mutex;
async fn asks(x: Option<u8>) { x.expect("a number"); }
fn function() { tokio::spawn(asks(None)); }
fn unwraps(x: Option<u8>) { tokio::spawn(async move { x.unwrap() }); }
fn macros() { tokio::spawn(async { panic!("no") }); }
fn locked(x: Mutex<u8>) { tokio::spawn(async move { *x.lock().unwrap() = 1; }); }
fn literal() { tokio::spawn(async { "1".parse::<u8>().unwrap(); }); }
fn looked_at(x: Option<u8>) { tokio::spawn(async move { if x.is_none() { return; } x.unwrap(); }); }
fn closure(x: Vec<Option<u8>>) { tokio::spawn(async move { drop(x.into_iter().map(|x| x.unwrap())); }); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:3:17: tokio::spawn
              fails: with a panic of .expect() at q/lib.rs:2:32
            q/lib.rs:4:29: tokio::spawn
              fails: with a panic of .unwrap() at q/lib.rs:4:55
            q/lib.rs:5:15: tokio::spawn
              fails: with a panic of panic! at q/lib.rs:5:36
            q/lib.rs:6:27: tokio::spawn
            q/lib.rs:7:16: tokio::spawn
            q/lib.rs:8:31: tokio::spawn
            q/lib.rs:9:34: tokio::spawn
        "#]],
    );
}
