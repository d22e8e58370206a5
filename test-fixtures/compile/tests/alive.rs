//! Runs the fixtures: after whoever started a leaking shape is gone, its task is still alive,
//! and after a sound one it is not.
#![allow(unused_must_use, dropping_copy_types, reason = "the point of many a fixture is that its result is dropped")]

mod counted;
mod alive {
    pub mod aborts;
    pub mod channels;
    pub mod guards;
    pub mod halfway;
    pub mod loops;
    pub mod others;
    pub mod owners;
    pub mod sets;
    pub mod statements;
    pub mod strict;
    pub mod timeouts;
    pub mod tokens;
}

use counted::{Counts, is_mended};
use std::{future::Future, sync::mpsc, thread, time::Duration};
use tokio::runtime::{Builder, Handle};

/// How many tasks are alive in the current runtime.
fn alive() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

/// Gives every task time to start, and to end if it can. On a busy machine all that is due becomes so at once, and this
/// future would have its turn first: hence in several turns.
async fn settle() {
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// How many tasks are left. Where none should be, they have more time to end: a thread of its own may have to wait long
/// for its turn on a busy machine.
async fn left(should_end: bool) -> usize {
    for _ in 0..if should_end { 30 } else { 1 } {
        settle().await;
        if alive() == 0 {
            break;
        }
    }
    alive()
}

/// Ends whatever a shape gives to its caller: nothing, a handle, an owner.
fn end<T>(_: T) {}

/// What has to be true of the number of tasks at the end.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Expect {
    Leaks,
    Ends,
    Exactly(usize),
}

impl Expect {
    fn holds(self, alive: usize) -> bool {
        match self {
            Expect::Leaks => alive > 0,
            Expect::Ends => alive == 0,
            Expect::Exactly(count) => alive == count,
        }
    }
}

/// A shape on a fresh runtime of its own thread; its body is a block that drops all it has, or counts by itself.
struct Case {
    name: &'static str,
    expect: Expect,
    /// What may be counted once the shape is mended; what is counted now, if there is nothing.
    mended: &'static [usize],
    run: fn() -> usize,
}

fn on_runtime(work: impl Future<Output = usize>) -> usize {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let alive = runtime.block_on(work);
    runtime.shutdown_background();
    alive
}

/// `leaks name { body }` and `ends name { body }`: runs the body, drops its value, waits, and counts.
/// `counts 2 name { body }`: the body counts by itself. `counts 2 => 1 | 2 name { body }`: 1 or 2 once it is mended.
/// `keeps 0 name { body }`: the body counts by itself, and the same once it is mended.
macro_rules! cases {
    ($($kind:ident $($count:literal $(=> $mended:literal $(| $other:literal)?)?)? $name:ident $body:block)*) => {
        pub(crate) fn cases() -> Vec<crate::Case> {
            vec![$(crate::Case {
                name: concat!(module_path!(), "::", stringify!($name)),
                expect: crate::cases!(@expect $kind $($count)?),
                mended: crate::cases!(@mended $kind $($count $($mended $($other)?)?)?),
                run: || crate::on_runtime(async { crate::cases!(@run $kind $body) }),
            }),*]
        }
    };
    (@expect leaks) => { crate::Expect::Leaks };
    (@expect ends) => { crate::Expect::Ends };
    (@expect $kind:ident $count:literal) => { crate::Expect::Exactly($count) };
    (@mended keeps $count:literal) => { &[] };
    (@mended counts $count:literal $($mended:literal)+) => { &[$($mended),+] };
    (@mended $kind:ident $($count:literal)?) => { &[0] };
    (@run counts $body:block) => { $body };
    (@run keeps $body:block) => { $body };
    (@run ends $body:block) => {{
        crate::end(async { $body }.await);
        crate::left(true).await
    }};
    (@run leaks $body:block) => {{
        crate::end(async { $body }.await);
        crate::left(crate::counted::is_mended()).await
    }};
}
use cases;

/// No shape may keep its own runtime from going on.
const PATIENCE: Duration = Duration::from_secs(10);

fn run(name: &'static str, cases: Vec<Case>) {
    let begin = |run: fn() -> usize| {
        let (sender, count) = mpsc::channel();
        thread::spawn(move || sender.send(run()));
        count
    };
    let start = |case: Case| {
        let count = begin(case.run);
        (case.name, case.expect, case.mended, case.run, count)
    };
    let running: Vec<_> = cases.into_iter().map(start).collect();
    let mut report = String::new();
    let mut counts = Counts::new(name);
    let mut wrong = 0;
    for (name, expect, mended, run, count) in running {
        // On a busy machine a shape may find that its time is over before it had a turn: it gets another one alone.
        let result = count.recv_timeout(PATIENCE).or_else(|_| begin(run).recv_timeout(PATIENCE));
        counts.add(name, result.ok(), mended);
        let is_right = result.is_ok_and(|alive| expect.holds(alive));
        wrong += usize::from(!is_right);
        let mark = if is_right { "  " } else { "! " };
        let alive = result.map_or_else(|error| error.to_string(), |alive| format!("{alive} alive"));
        report += &format!("{mark}{alive:<10}{:<12}{name}\n", format!("{expect:?}"));
    }
    println!("{report}");
    counts.finish();
    if is_mended() {
        return;
    }
    assert_eq!(wrong, 0, "{name}: as marked with `!`\n{report}");
}

#[test]
fn detached_by_await() {
    run("detached_by_await", alive::halfway::cases());
}

#[test]
fn dropped_join_handle() {
    run("dropped_join_handle", alive::statements::cases());
}

#[test]
fn long_timeout_in_task() {
    run("long_timeout_in_task", alive::timeouts::cases());
}

#[test]
fn channels_and_owners() {
    run("channels_and_owners", alive::channels::cases());
}

#[test]
fn unbounded_task_loop() {
    run("unbounded_task_loop", alive::loops::cases());
}

#[test]
fn task_outlives_owner() {
    run("task_outlives_owner", alive::owners::cases());
}

#[test]
fn never_cancelled_token() {
    run("never_cancelled_token", alive::tokens::cases());
}

#[test]
fn double_spawn_and_join_sets() {
    run("double_spawn_and_join_sets", alive::others::cases());
}

#[test]
fn undrained_task_set() {
    run("undrained_task_set", alive::sets::cases());
}

#[test]
fn discarded_guard() {
    run("discarded_guard", alive::guards::cases());
}

#[test]
fn ineffective_abort() {
    run("ineffective_abort", alive::aborts::cases());
}

#[test]
fn strict_suite() {
    run("strict_suite", alive::strict::cases());
}
