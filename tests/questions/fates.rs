//! Fates: what becomes of a handle, on every way out.

use crate::check_lines;
use expect_test::expect;

const WORDS: &[&str] = &["fate"];

#[test]
fn thrown_away() {
    check_lines(
        r#"use tokio::task::JoinHandle;
async fn f() {}
fn statement() { tokio::spawn(f()); }
fn underscore() { let _ = tokio::spawn(f()); }
fn typed() { let _: JoinHandle<()> = tokio::spawn(f()); }
fn named() { let _task = tokio::spawn(f()); }
fn dropped() { drop(tokio::spawn(f())); }
fn forgotten() { std::mem::forget(tokio::spawn(f())); }
fn looked_at() { let task = tokio::spawn(f()); println!("{}", task.is_finished()); }
fn adapted(span: tracing::Span) { tokio::spawn(f()).instrument(span); }
fn aborted_by_nobody() { tokio::spawn(f()).abort_handle(); }
fn branches(c: bool) { if c { tokio::spawn(f()); } else { let _ = tokio::spawn(f()); } }
fn lazily(c: bool) { c.then(|| tokio::spawn(f())); }
fn listed() { vec![tokio::spawn(f()), tokio::spawn(f())]; }
fn collected(n: Vec<u8>) { let all: Vec<_> = n.iter().map(|_| tokio::spawn(f())).collect(); println!("{}", all.len()); }
fn paired() -> impl Future { let (a, _b) = (tokio::spawn(f()), tokio::spawn(f())); a }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:3:18: tokio::spawn
              fate: dropped (statement) at q/lib.rs:3:18
            q/lib.rs:4:27: tokio::spawn
              fate: dropped (let _) at q/lib.rs:4:23
            q/lib.rs:5:38: tokio::spawn
              fate: dropped (let _: T) at q/lib.rs:5:18
            q/lib.rs:6:26: tokio::spawn
              fate: dropped (`_task` is never used) at q/lib.rs:6:18
            q/lib.rs:7:21: tokio::spawn
              fate: dropped (drop()) at q/lib.rs:7:16
            q/lib.rs:8:35: tokio::spawn
              fate: dropped (forget()) at q/lib.rs:8:18
            q/lib.rs:9:29: tokio::spawn
              fate: dropped (`task` goes out of scope) at q/lib.rs:9:22
            q/lib.rs:10:35: tokio::spawn
              fate: dropped (`.instrument` of the handle discarded) at q/lib.rs:10:35
            q/lib.rs:11:26: tokio::spawn
              fate: dropped (abort handle never used) at q/lib.rs:11:26
            q/lib.rs:12:31: tokio::spawn
              fate: dropped (statement) at q/lib.rs:12:31
            q/lib.rs:12:67: tokio::spawn
              fate: dropped (let _) at q/lib.rs:12:63
            q/lib.rs:13:32: tokio::spawn
              fate: dropped (discarded value) at q/lib.rs:13:22
            q/lib.rs:14:20: tokio::spawn
              fate: dropped (discarded value) at q/lib.rs:14:15
            q/lib.rs:14:39: tokio::spawn
              fate: dropped (discarded value) at q/lib.rs:14:15
            q/lib.rs:15:63: tokio::spawn
              fate: dropped (`all` goes out of scope) at q/lib.rs:15:32
            q/lib.rs:16:45: tokio::spawn
              fate: returned at q/lib.rs:16:84
            q/lib.rs:16:64: tokio::spawn
              fate: dropped (`_b` is never used) at q/lib.rs:16:38
        "#]],
    );
}

#[test]
fn kept() {
    check_lines(
        r#"use tokio_util::task::AbortOnDropHandle;
async fn f() {}
async fn awaited() { tokio::spawn(f()).await.unwrap(); }
async fn awaited_late() { let task = tokio::spawn(f()); f().await; task.await.unwrap(); }
fn aborted() { let task = tokio::spawn(f()); task.abort(); }
fn guarded() { let _guard = AbortOnDropHandle::new(tokio::spawn(f())); }
fn returned() -> tokio::task::JoinHandle<()> { let task = tokio::spawn(f()); task }
fn sent(tx: std::sync::mpsc::Sender<tokio::task::JoinHandle<()>>) { tx.send(tokio::spawn(f())).unwrap(); }
async fn joined() { let mut all = Vec::new(); all.push(tokio::spawn(f())); for task in all { task.await.unwrap(); } }
async fn raced() { let mut task = tokio::spawn(f()); tokio::select! { _ = &mut task => {} _ = f() => task.abort() } }
fn in_a_macro() { let task = tokio::spawn(f()); unknown_macro!(task); }
fn cancelled() { smol::spawn(f()); }
fn detached() { smol::spawn(f()).detach(); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:3:22: tokio::spawn
              fate: awaited at q/lib.rs:3:22
            q/lib.rs:4:38: tokio::spawn
              fate: awaited at q/lib.rs:4:68
            q/lib.rs:5:27: tokio::spawn
              fate: aborted at q/lib.rs:5:46
            q/lib.rs:6:52: tokio::spawn
              fate: aborted on drop, wrapped at q/lib.rs:6:29
            q/lib.rs:7:59: tokio::spawn
              fate: returned at q/lib.rs:7:78
            q/lib.rs:8:77: tokio::spawn
              fate: moved into `send` at q/lib.rs:8:69
            q/lib.rs:9:56: tokio::spawn
              fate: awaited at q/lib.rs:9:94
            q/lib.rs:10:35: tokio::spawn
              fate: aborted at q/lib.rs:10:102
            q/lib.rs:11:30: tokio::spawn
              fate: unknown: mentioned in a macro
            q/lib.rs:12:18: smol::spawn
              fate: cancelled when the handle is dropped
            q/lib.rs:13:17: smol::spawn
              fate: dropped (detached) at q/lib.rs:13:17
        "#]],
    );
}

#[test]
fn on_some_ways() {
    check_lines(
        r#"async fn f() {}
async fn early(c: bool) { let task = tokio::spawn(f()); if c { return; } task.await.unwrap(); }
async fn question(c: Result<(), ()>) -> Result<(), ()> { let task = tokio::spawn(f()); c?; task.await.unwrap(); Ok(()) }
async fn one_branch(c: bool) { let task = tokio::spawn(f()); if c { task.await.unwrap(); } }
async fn diverges(c: bool) { let task = tokio::spawn(f()); if c { std::process::exit(1); } task.await.unwrap(); }
async fn both(c: bool) { let task = if c { tokio::spawn(f()) } else { tokio::spawn(f()) }; task.await.unwrap(); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:2:38: tokio::spawn
              fate: lost at q/lib.rs:2:64, used at q/lib.rs:2:74
            q/lib.rs:3:69: tokio::spawn
              fate: lost at q/lib.rs:3:88, used at q/lib.rs:3:92
            q/lib.rs:4:43: tokio::spawn
              fate: lost at q/lib.rs:4:62, used at q/lib.rs:4:69
            q/lib.rs:5:41: tokio::spawn
              fate: awaited at q/lib.rs:5:92
            q/lib.rs:6:44: tokio::spawn
              fate: awaited at q/lib.rs:6:92
            q/lib.rs:6:71: tokio::spawn
              fate: awaited at q/lib.rs:6:92
        "#]],
    );
}

#[test]
fn stored() {
    check_lines(
        r#"use std::sync::Mutex;
use tokio::task::JoinHandle;
async fn f() {}
struct Kept { task: JoinHandle<()> }
impl Kept { fn new() -> Kept { Kept { task: tokio::spawn(f()) } } }
impl Drop for Kept { fn drop(&mut self) { self.task.abort(); } }
struct Lost { task: Option<JoinHandle<()>> }
impl Lost { fn start(&mut self) { self.task = Some(tokio::spawn(f())); } fn stop(&mut self) { self.task = None; } }
struct Many { tasks: Mutex<Vec<JoinHandle<()>>> }
impl Many {
    fn start(&self) { self.tasks.lock().unwrap().push(tokio::spawn(f())); }
    pub fn stop(&self) { for task in self.tasks.lock().unwrap().drain(..) { task.abort(); } }
}
struct Guard(JoinHandle<()>);
impl Drop for Guard { fn drop(&mut self) { self.0.abort(); } }
fn guarded() -> Guard { Guard(tokio::spawn(f())) }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:5:45: tokio::spawn
              fate: stored in Kept.task, used at q/lib.rs:6:43
            q/lib.rs:8:52: tokio::spawn
              fate: stored in Lost.task, never used
            q/lib.rs:11:55: tokio::spawn
              fate: stored in Many.tasks, used at q/lib.rs:12:38
            q/lib.rs:16:31: tokio::spawn
              fate: stored in Guard.0, used at q/lib.rs:15:44
        "#]],
    );
}

#[test]
fn guards_of_all_kinds() {
    check_lines(
        r#"use std::future::Future;
use tokio::task::JoinHandle;
async fn f() {}
struct Guard<T>(JoinHandle<T>);
impl<T> Drop for Guard<T> { fn drop(&mut self) { self.0.abort(); } }
trait AbortOnDropExt<T> { fn abort_on_drop(self) -> Guard<T>; }
impl<T> AbortOnDropExt<T> for JoinHandle<T> { fn abort_on_drop(self) -> Guard<T> { Guard(self) } }
fn suffix() { let _guard = tokio::spawn(f()).abort_on_drop(); }
fn scope() { let _guard = scopeguard::guard(tokio::spawn(f()), |task| task.abort()); }
fn scope_that_logs() { let _guard = scopeguard::guard(tokio::spawn(f()), |task| println!("{}", task.is_finished())); }
fn child() { let _child = abort_on_drop::ChildTask::from(tokio::spawn(f())); }
fn taken(task: &mut Option<JoinHandle<()>>) { *task = Some(tokio::spawn(f())); }
struct Slot { task: Option<JoinHandle<()>> }
impl Slot {
    pub fn start(&mut self) { self.task = Some(tokio::spawn(f())); }
    pub fn stop(&mut self) { if let Some(task) = std::mem::take(&mut self.task) { task.abort(); } }
}
struct Loser { task: Option<JoinHandle<()>> }
impl Loser {
    pub fn start(&mut self) { self.task = Some(tokio::spawn(f())); }
    pub fn stop(&mut self) { std::mem::take(&mut self.task); }
}
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:8:28: tokio::spawn
              fate: stored in Guard.0, used at q/lib.rs:5:50
            q/lib.rs:9:45: tokio::spawn
              fate: aborted on drop, wrapped at q/lib.rs:9:71
            q/lib.rs:10:55: tokio::spawn
              fate: dropped (`task` goes out of scope) at q/lib.rs:10:75
            q/lib.rs:11:58: tokio::spawn
              fate: aborted on drop, wrapped at q/lib.rs:11:27
            q/lib.rs:12:60: tokio::spawn
              fate: moved into what a reference points to at q/lib.rs:12:47
            q/lib.rs:15:48: tokio::spawn
              fate: stored in Slot.task, used at q/lib.rs:16:70
            q/lib.rs:20:48: tokio::spawn
              fate: stored in Loser.task, never used
        "#]],
    );
}

#[test]
fn given_to_a_closure_with_a_name() {
    check_lines(
        r#"use tokio::task::JoinHandle;
async fn f() {}
struct Guard { task: JoinHandle<()>, n: u8 }
impl Guard { fn new(task: JoinHandle<()>) -> Guard { Guard { task, n: 1 } } }
impl Drop for Guard { fn drop(&mut self) { self.task.abort(); } }
fn wrapped() -> Option<Guard> { let keep = |task| Some(Guard::new(task)); keep(tokio::spawn(f())) }
fn given_back() -> JoinHandle<()> { let same = |task: JoinHandle<()>| task; same(tokio::spawn(f())) }
fn given_back_and_lost() { let same = |task: JoinHandle<()>| task; same(tokio::spawn(f())); }
fn lost() { let log = |task: JoinHandle<()>| println!("{:?}", task.id()); log(tokio::spawn(f())); }
fn aborted() { let stop = |n: u8, task: JoinHandle<()>| if n > 1 { task.abort() }; stop(2, tokio::spawn(f())); }
fn not_seen(keep: impl Fn(JoinHandle<()>)) { keep(tokio::spawn(f())); }
"#,
        &["fate"],
        expect![[r#"
            q/lib.rs:6:80: tokio::spawn
              fate: stored in Guard.task, used at q/lib.rs:5:44
            q/lib.rs:7:82: tokio::spawn
              fate: returned at q/lib.rs:7:77
            q/lib.rs:8:73: tokio::spawn
              fate: dropped (statement) at q/lib.rs:8:68
            q/lib.rs:9:79: tokio::spawn
              fate: dropped (`log` goes out of scope) at q/lib.rs:9:24
            q/lib.rs:10:92: tokio::spawn
              fate: aborted at q/lib.rs:10:68
            q/lib.rs:11:51: tokio::spawn
              fate: moved into `keep` at q/lib.rs:11:46
        "#]],
    );
}
