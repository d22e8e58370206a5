//! Sets of handles: which loops fill them, and what empties them.

use expect_test::{Expect, expect};
use spawnlint_tests::{fixture::Fixture, pipeline};
use std::path::Path;

fn check_sets(text: &str, expect: Expect) {
    let fixture = Fixture::of_text(Path::new("q/lib.rs"), text.to_owned());
    expect.assert_eq(&pipeline::print_sets(&fixture));
}

#[test]
fn what_a_loop_waits_for() {
    check_sets(
        r#"use tokio::{sync::mpsc::Receiver, task::JoinSet};
async fn f() {}
async fn accepts(l: tokio::net::TcpListener) { let mut s = JoinSet::new(); loop { l.accept().await; s.spawn(f()); } }
async fn hears(mut r: Receiver<u8>) { let mut s = JoinSet::new(); while let Some(_) = r.recv().await { s.spawn(f()); } }
async fn sleeps() { let mut s = JoinSet::new(); loop { tokio::time::sleep(D).await; s.spawn(f()); } }
async fn bounded(mut r: Receiver<u8>) { let mut s = JoinSet::new(); while let Ok(_) = tokio::time::timeout(D, r.recv()).await { s.spawn(f()); } }
async fn counts() { let mut s = JoinSet::new(); let mut n = 0; loop { tokio::time::sleep(D).await; n += 1; if n > 3 { break } s.spawn(f()); } }
async fn walks(all: Vec<u8>) { let mut s = JoinSet::new(); for _ in all { tokio::time::sleep(D).await; s.spawn(f()); } }
async fn busy() { let mut s = JoinSet::new(); loop { s.spawn(f()); } }
async fn told(mut r: Receiver<Option<u8>>) { let mut s = JoinSet::new(); while let Some(m) = r.recv().await { if m.is_none() { break } s.spawn(f()); } }
"#,
        expect![[r#"
            q/lib.rs:3:101: Joined `s`
              Connection in `loop` at q/lib.rs:3:76
            q/lib.rs:4:104: Joined `s`
              Message in `while` at q/lib.rs:4:67
            q/lib.rs:5:85: Joined `s`
              Time in `loop` at q/lib.rs:5:49
            q/lib.rs:6:129: Joined `s`
              Message in `while` at q/lib.rs:6:69
            q/lib.rs:10:136: Joined `s`
              Message in `while` at q/lib.rs:10:74
        "#]],
    );
}

#[test]
fn what_empties_it() {
    check_sets(
        r#"use tokio::{sync::mpsc::Receiver, task::{JoinHandle, JoinSet}};
async fn f() {}
async fn after(mut r: Receiver<u8>) { let mut s = JoinSet::new(); while let Some(_) = r.recv().await { s.spawn(f()); } s.join_all().await; }
async fn each(mut r: Receiver<u8>) { let mut s = JoinSet::new(); while let Some(_) = r.recv().await { s.spawn(f()); s.join_next().await; } }
async fn looked(mut r: Receiver<u8>) { let mut s = vec![]; while let Some(_) = r.recv().await { s.push(tokio::spawn(f())); for t in &s { t.is_finished(); } println!("{}", s.len()); } }
async fn capped(mut r: Receiver<u8>) { let mut s = vec![]; while let Some(_) = r.recv().await { if s.len() < 9 { s.push(tokio::spawn(f())); } } }
async fn anew(mut r: Receiver<u8>) { let mut s = JoinSet::new(); while let Some(_) = r.recv().await { s.spawn(f()); s = JoinSet::new(); } }
async fn given(mut r: Receiver<u8>) { let mut s = JoinSet::new(); while let Some(_) = r.recv().await { s.spawn(f()); other(&mut s); } }
async fn shared(mut r: Receiver<u8>) { let s = Arc::new(std::sync::Mutex::new(JoinSet::new())); sweep(s.clone()); while let Some(_) = r.recv().await { s.lock().unwrap().spawn(f()); } }
"#,
        expect![[r#"
            q/lib.rs:3:104: Joined `s`
              Message in `while` at q/lib.rs:3:67
              emptied late at q/lib.rs:3:120
            q/lib.rs:5:97: List `s`
              Message in `while` at q/lib.rs:5:60
        "#]],
    );
}

#[test]
fn fields() {
    check_sets(
        r#"use tokio::{net::TcpListener, sync::Mutex, task::{JoinHandle, JoinSet}};
async fn f() {}
struct A { tasks: Vec<JoinHandle<()>> }
impl A {
    fn add(&mut self) { self.tasks.push(tokio::spawn(f())); }
    fn more(&mut self) { self.add(); }
    async fn run(&mut self, l: TcpListener) { loop { l.accept().await; self.more(); } }
    fn stop(&mut self) { for task in self.tasks.drain(..) { task.abort(); } }
}
struct B { tasks: Mutex<JoinSet<()>> }
impl B {
    async fn run(&self, l: TcpListener) { loop { l.accept().await; let mut tasks = self.tasks.lock().await; tasks.spawn(f()); } }
    async fn sweep(&self) { while self.tasks.lock().await.try_join_next().is_some() {} }
}
struct C { tasks: JoinSet<()> }
impl C {
    fn new(tasks: JoinSet<()>) -> C { C { tasks } }
    fn add(&mut self) { self.tasks.spawn(f()); }
}
async fn fresh(l: TcpListener) { loop { l.accept().await; let mut c = C::new(JoinSet::new()); c.add(); } }
struct D { tasks: JoinSet<()> }
impl D { fn add(&mut self) { self.tasks.spawn(f()); } }
async fn kept(l: TcpListener, mut d: D) { loop { l.accept().await; d.add(); } }
pub struct E { pub tasks: JoinSet<()> }
impl E { async fn run(&mut self, l: TcpListener) { loop { l.accept().await; self.tasks.spawn(f()); } } }
"#,
        expect![[r#"
            q/lib.rs:5:25: List `tasks`
              Connection in `loop` at q/lib.rs:7:47
              through q/lib.rs:7:72
              through q/lib.rs:6:26
              emptied late at q/lib.rs:8:38
            q/lib.rs:22:30: Joined `tasks`
              Connection in `loop` at q/lib.rs:23:43
              through q/lib.rs:23:68
        "#]],
    );
}
