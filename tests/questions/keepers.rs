//! Who could keep a task that nobody keeps.

use expect_test::{Expect, expect};
use spawnlint_tests::{fixture::Fixture, pipeline};
use std::path::Path;

fn check(text: &str, expect: Expect) {
    let fixture = Fixture::of_text(Path::new("q/lib.rs"), format!("{HEAD}{text}"));
    expect.assert_eq(&pipeline::print_keepers(&fixture));
}

/// One line, so that the sources begin on the second.
const HEAD: &str = "use std::{io, sync::Arc}; use tokio::{sync::{broadcast, mpsc}, task::JoinHandle, time::{Duration, sleep}}; async fn work() { loop { sleep(Duration::from_secs(1)).await; } } async fn sum() -> io::Result<u64> { std::future::pending().await }\n";

#[test]
fn how_a_handle_is_lost() {
    check(
        r#"fn a() { tokio::spawn(work()); }
fn b() { let _ = tokio::spawn(work()); }
fn c() { drop(tokio::spawn(work())); }
fn d() { let _task = tokio::spawn(work()); }
fn e() { let task = tokio::spawn(work()); drop(task); }
fn f() { let task = tokio::spawn(work()); println!("{}", task.is_finished()); }
fn g() { if tokio::spawn(work()).is_finished() { println!("ended"); } }
fn h(names: Vec<String>) { let tasks: Vec<JoinHandle<()>> = names.into_iter().map(|_| tokio::spawn(work())).collect(); println!("{}", tasks.len()); }
fn i(flag: bool) { flag.then(|| tokio::spawn(work())); }
fn j() { let _: JoinHandle<()> = /* why */ tokio::spawn(work()); }
fn k(flag: bool) { let _ = flag && tokio::spawn(work()).is_finished(); }
fn l() { smol::spawn(work()).detach(); }
"#,
        expect![[r#"
            2: alone
              gives ()
              result of a alone, 0 calls
            3: alone
              gives ()
              result of b alone, 0 calls
            4: alone
              gives ()
              result of c alone, 0 calls
            5: named _task
              gives ()
              result of d alone, 0 calls
            6: named task and given up
              gives ()
              result of e alone, 0 calls
            7: used as task
              gives ()
              result of f alone, 0 calls
            8: within its statement
              gives ()
              result of g alone, 0 calls
            9: several in Vec tasks
              gives ()
              result of h alone, 0 calls
            10: several in Option _
              gives ()
              result of i alone, 0 calls
            13: alone
              gives ()
              result of l alone, 0 calls
        "#]],
    );
}

#[test]
fn what_a_task_gives() {
    check(
        r#"fn a() { tokio::spawn(sum()); }
fn b() { tokio::spawn(async { sum().await }); }
fn c() { tokio::spawn(async { loop { sleep(Duration::from_secs(1)).await; } }); }
fn d(flag: bool) { tokio::spawn(async move { if flag { work().await } else { println!("no") } }); }
fn e() { use futures::FutureExt; tokio::spawn(work().catch_unwind()); }
fn f<T: Send + 'static>(value: T) { tokio::spawn(async move { work().await; value }); }
"#,
        expect![[r#"
            2: alone
              gives io::Result<u64>
              result of a alone, 0 calls
            3: alone
              gives io::Result<u64>
              result of b alone, 0 calls
            4: alone
              gives ()
              result of c alone, 0 calls
            5: alone
              gives ()
              result of d alone, 0 calls
            6: alone
              gives what cannot be written
              result of e alone, 0 calls
            7: alone
              gives what cannot be written
              result of f alone, 0 calls
        "#]],
    );
}

#[test]
fn who_could_keep_it() {
    check(
        r#"struct Owner { name: String }
impl Owner {
    fn open(name: String) -> Arc<Owner> { tokio::spawn(work()); Arc::new(Owner { name }) }
    fn named(&self) -> Owner { Owner { name: self.name.clone() } }
}
async fn waits() { tokio::spawn(work()); std::future::pending::<()>().await; }
fn early(flag: bool) { if flag { return; } tokio::spawn(work()); }
fn result(path: &str) -> io::Result<String> { tokio::spawn(work()); let text = std::fs::read_to_string(path)?; Ok(text) }
fn nothing() -> io::Result<()> { tokio::spawn(work()); Ok(()) }
fn other_ways(flag: bool) -> u8 { tokio::spawn(work()); if flag { return 1; } 2 }
fn nested(flag: bool) { if flag { tokio::spawn(work()); } }
async fn again(mut jobs: mpsc::Receiver<u8>) { while jobs.recv().await.is_some() { tokio::spawn(work()); } }
fn callee() { tokio::spawn(work()); }
fn caller() { callee(); callee(); }
fn by_name() { callee_by_name(); let _: fn() = callee_by_name; }
fn callee_by_name() { tokio::spawn(work()); }
impl Drop for Owner { fn drop(&mut self) { tokio::spawn(work()); } }
"#,
        expect![[r#"
            4: alone
              gives ()
              field of Owner, 1 other literals
              result of open beside what it gives, 0 calls
            7: alone
              gives ()
              scope
              result of waits alone, 0 calls
            8: alone
              gives ()
              result of early alone, or none, 0 calls
            9: alone
              gives ()
              result of result beside what it gives, 0 calls
            10: alone
              gives ()
              result of nothing in place of (), 0 calls
            11: alone
              gives ()
            12: alone
              gives ()
              set
            13: alone
              gives ()
              set that is drained
            14: alone
              gives ()
              result of callee alone, 2 calls
            17: alone
              gives ()
            18: alone
              gives ()
        "#]],
    );
}

#[test]
fn how_a_loop_could_leave() {
    check(
        r#"fn a(mut jobs: mpsc::Receiver<u8>) { tokio::spawn(async move { loop { if let Some(job) = jobs.recv().await { println!("{job}"); } } }); }
fn b(mut jobs: broadcast::Receiver<u8>) { tokio::spawn(async move { loop { match jobs.recv().await { Ok(job) => println!("{job}"), Err(error) => eprintln!("{error}") } } }); }
fn c(jobs: mpsc::Sender<u8>) { tokio::spawn(async move { loop { sleep(Duration::from_secs(1)).await; let _ = jobs.send(1).await; } }); }
fn d(mut jobs: mpsc::Receiver<u8>) { tokio::spawn(async move { loop { let job = match jobs.recv().await { Some(job) => job, None => continue }; println!("{job}"); } }); }
"#,
        expect![[r#"
            2: alone
              gives ()
              result of a alone, 0 calls
              could leave by Else
            3: alone
              gives ()
              result of b alone, 0 calls
              could leave by OwnArm
            4: alone
              gives ()
              result of c alone, 0 calls
              could leave by LookAt
            5: alone
              gives ()
              result of d alone, 0 calls
              could leave by Continue
        "#]],
    );
}
