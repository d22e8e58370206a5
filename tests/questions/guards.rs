//! Guards: which are dropped as soon as they are made.

use expect_test::{Expect, expect};
use spawnlint_tests::{fixture::Fixture, pipeline};
use std::path::Path;

fn check_guards(text: &str, expect: Expect) {
    let fixture = Fixture::of_text(Path::new("q/lib.rs"), text.to_owned());
    expect.assert_eq(&pipeline::print_guards(&fixture));
}

#[test]
fn lost_where_they_are_made() {
    check_guards(
        r#"use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
async fn f() {}
fn statement() { AbortOnDropHandle::new(tokio::spawn(f())); }
fn underscore() { let _ = AbortOnDropHandle::new(tokio::spawn(f())); }
fn assigned() { _ = AbortOnDropHandle::new(tokio::spawn(f())); }
fn asked() -> bool { AbortOnDropHandle::new(tokio::spawn(f())).is_finished() }
fn last() { let _guard = AbortOnDropHandle::new(tokio::spawn(f())); }
fn last_but_one() -> Option<u8> { let _guard = AbortOnDropHandle::new(tokio::spawn(f())); Some(1) }
fn by_name() { let guard = AbortOnDropHandle::new(tokio::spawn(f())); let _ = guard; }
fn token(stop: CancellationToken) { stop.drop_guard(); }
fn smol_task() { smol::spawn(f()); }
"#,
        expect![[r#"
            q/lib.rs:3:18: Statement
              handle of `f`
            q/lib.rs:4:27: Underscore
              handle of `f`
            q/lib.rs:5:21: Underscore
              handle of `f`
            q/lib.rs:6:22: Temporary
              handle of `f`
            q/lib.rs:7:26: EndOfFunction("_guard")
              handle of `f`
            q/lib.rs:8:48: EndOfFunction("_guard")
              handle of `f`
            q/lib.rs:10:37: Statement
              guard of `stop`
            q/lib.rs:11:18: Statement
              handle of `f`
        "#]],
    );
}

#[test]
fn kept_or_given_up() {
    check_guards(
        r#"use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
async fn f() {}
async fn work() { let _guard = AbortOnDropHandle::new(tokio::spawn(f())); f().await; }
fn asked() { let guard = AbortOnDropHandle::new(tokio::spawn(f())); guard.is_finished(); }
fn on_purpose() { drop(AbortOnDropHandle::new(tokio::spawn(f()))); }
fn passed(all: &mut Vec<AbortOnDropHandle<()>>) { all.push(AbortOnDropHandle::new(tokio::spawn(f()))); }
async fn awaited() { let _ = AbortOnDropHandle::new(tokio::spawn(f())).await; }
fn token(stop: CancellationToken) -> impl Drop { stop.drop_guard() }
struct S(CancellationToken);
impl Drop for S { fn drop(&mut self) { self.0.clone().drop_guard(); } }
"#,
        expect![[r#""#]],
    );
}

#[test]
fn through_functions_and_types() {
    check_guards(
        r#"use tokio::task::JoinHandle;
use std::sync::Arc;
async fn f() {}
struct Guard { task: JoinHandle<()> }
impl Guard {
    fn start() -> Guard { let task = tokio::spawn(f()); Guard { task } }
    fn shared() -> Arc<Guard> { Arc::new(Guard::start()) }
    fn lent(&self) -> &Guard { self }
}
impl Drop for Guard { fn drop(&mut self) { self.task.abort(); } }
struct Outer { guard: Guard }
async fn open() -> Result<Outer, ()> { Ok(Outer { guard: Guard::start() }) }
async fn lost() { open().await.unwrap(); Guard::start(); Guard::shared(); }
fn kept(all: &mut Vec<Guard>) { all.push(Guard::start()); let guard = Guard::start(); guard.lent(); }
struct Plain { task: JoinHandle<()> }
fn plain() { let _ = Plain { task: tokio::spawn(f()) }; }
"#,
        expect![[r#"
            q/lib.rs:13:19: Statement
              `Outer` of `f` made at q/lib.rs:6:38
            q/lib.rs:13:42: Statement
              `Guard` of `f` made at q/lib.rs:6:38
        "#]],
    );
}
