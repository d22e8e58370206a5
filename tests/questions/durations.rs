//! Durations: constructors, arithmetic, constants, deadlines; and what is not known.

use crate::check_lines;
use expect_test::expect;

const WORDS: &[&str] = &["sleep", "timeout"];

#[test]
fn constructors() {
    check_lines(
        r#"use std::time::Duration;
use tokio::time::{sleep, timeout};
fn a() { tokio::spawn(async { sleep(Duration::from_secs(600)).await }); }
fn b() { tokio::spawn(async { sleep(Duration::from_mins(10)).await }); }
fn c() { tokio::spawn(async { sleep(Duration::from_millis(90_000)).await }); }
fn d() { tokio::spawn(async { sleep(Duration::new(70, 500_000_000)).await }); }
fn e() { tokio::spawn(async { sleep(std::time::Duration::from_secs_f64(61.5)).await }); }
fn short() { tokio::spawn(async { sleep(Duration::from_secs(59)).await }); }
fn for_ever() { tokio::spawn(async { timeout(Duration::MAX, std::future::ready(())).await }); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:3:10: tokio::spawn
                sleep of 600s at q/lib.rs:3:31, inside: within
            q/lib.rs:4:10: tokio::spawn
                sleep of 600s at q/lib.rs:4:31, inside: within
            q/lib.rs:5:10: tokio::spawn
                sleep of 90s at q/lib.rs:5:31, inside: within
            q/lib.rs:6:10: tokio::spawn
                sleep of 70.5s at q/lib.rs:6:31, inside: within
            q/lib.rs:7:10: tokio::spawn
                sleep of 61.5s at q/lib.rs:7:31, inside: within
            q/lib.rs:8:14: tokio::spawn
            q/lib.rs:9:17: tokio::spawn
        "#]],
    );
}

#[test]
fn arithmetic_and_constants() {
    check_lines(
        r#"use std::time::Duration;
use tokio::time::sleep;
const MINUTE: Duration = Duration::from_secs(60);
mod limits { pub const SECS: u64 = 60 * 10; pub static IDLE: std::time::Duration = std::time::Duration::from_secs(SECS); }
struct S;
impl S { const LIMIT: u64 = 2 * limits::SECS; }
fn a() { tokio::spawn(async { sleep(10 * MINUTE).await }); }
fn b() { tokio::spawn(async { sleep(limits::IDLE).await }); }
fn c() { tokio::spawn(async { sleep(Duration::from_secs(S::LIMIT)).await }); }
fn d() { let minutes = 5u64; tokio::spawn(async move { sleep(Duration::from_secs(minutes * 60)).await }); }
fn e() { tokio::spawn(async { sleep(MINUTE.saturating_mul(3) + MINUTE / 2).await }); }
fn f() { tokio::spawn(async { sleep(Duration::from_secs(60_u64.pow(2))).await }); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:7:10: tokio::spawn
                sleep of 600s at q/lib.rs:7:31, inside: within
            q/lib.rs:8:10: tokio::spawn
                sleep of 600s at q/lib.rs:8:31, inside: within
            q/lib.rs:9:10: tokio::spawn
                sleep of 1200s at q/lib.rs:9:31, inside: within
            q/lib.rs:10:30: tokio::spawn
                sleep of 300s at q/lib.rs:10:56, inside: within
            q/lib.rs:11:10: tokio::spawn
                sleep of 210s at q/lib.rs:11:31, inside: within
            q/lib.rs:12:10: tokio::spawn
                sleep of 3600s at q/lib.rs:12:31, inside: within
        "#]],
    );
}

#[test]
fn deadlines() {
    check_lines(
        r#"use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout_at};
async fn work() { std::future::pending().await }
fn a() { tokio::spawn(async { sleep_until(Instant::now() + Duration::from_secs(300)).await }); }
fn b() {
    let deadline = Instant::now().checked_add(Duration::from_secs(120)).unwrap();
    tokio::spawn(timeout_at(deadline, work()));
}
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:4:10: tokio::spawn
                sleep of 300s at q/lib.rs:4:31, inside: within
            q/lib.rs:7:5: tokio::spawn
                timeout of 120s at q/lib.rs:7:18, inside: never
        "#]],
    );
}

#[test]
fn through_parameters_and_fields() {
    check_lines(
        r#"use std::time::Duration;
use tokio::time::sleep;
struct Cache { ttl: Duration }
async fn expire(after: Duration) { sleep(after).await }
impl Cache { fn a(self) { tokio::spawn(async move { sleep(self.ttl).await }); } }
fn b() { tokio::spawn(expire(Duration::from_secs(90))); }
fn c(after: Duration) { tokio::spawn(expire(after)); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:5:27: tokio::spawn
                sleep of `self.ttl` at q/lib.rs:5:53, inside: within
            q/lib.rs:6:10: tokio::spawn
                sleep of 90s at q/lib.rs:4:36, inside: within
            q/lib.rs:7:25: tokio::spawn
                sleep of `after` at q/lib.rs:4:36, inside: within
        "#]],
    );
}

#[test]
fn constants_of_traits() {
    check_lines(
        r#"use std::time::Duration;
use tokio::time::sleep;
trait Ping { const EVERY: u64 = 20; const LONG: u64 = 200; const OPEN: u64; }
struct Plain;
impl Ping for Plain { const OPEN: u64 = 300; }
impl Plain { fn a(&self) { tokio::spawn(async { sleep(Duration::from_secs(Self::EVERY)).await }); } }
struct Own;
impl Ping for Own { const OPEN: u64 = 400; const EVERY: u64 = 500; }
impl Own { fn b(&self) { tokio::spawn(async { sleep(Duration::from_secs(Self::EVERY)).await }); } }
fn c() { tokio::spawn(async { sleep(Duration::from_secs(Plain::LONG)).await }); }
fn d() { tokio::spawn(async { sleep(Duration::from_secs(<Own as Ping>::LONG)).await }); }
fn e() { tokio::spawn(async { sleep(Duration::from_secs(Own::OPEN)).await }); }
fn f<P: Ping>() { tokio::spawn(async { sleep(Duration::from_secs(P::EVERY)).await }); }
"#,
        WORDS,
        expect![[r#"
            q/lib.rs:6:28: tokio::spawn
            q/lib.rs:9:26: tokio::spawn
                sleep of 500s at q/lib.rs:9:47, inside: within
            q/lib.rs:10:10: tokio::spawn
                sleep of 200s at q/lib.rs:10:31, inside: within
            q/lib.rs:11:10: tokio::spawn
                sleep of 200s at q/lib.rs:11:31, inside: within
            q/lib.rs:12:10: tokio::spawn
                sleep of 400s at q/lib.rs:12:31, inside: within
            q/lib.rs:13:19: tokio::spawn
                sleep of `Duration::from_secs(P::EVERY)` at q/lib.rs:13:40, inside: within
        "#]],
    );
}

#[test]
fn traits_that_are_written_as_items_of_their_own_types() {
    let types = (0..14).map(|at| format!("struct A{at};\n"));
    let blocks = (0..14).flat_map(|at| (0..14).map(move |of| format!("impl A{of}::T{of} for A{at} {{}}\n")));
    let task =
        "fn a() { tokio::spawn(async { tokio::time::sleep(std::time::Duration::from_secs(A0::LONG)).await }); }\n";
    let code: String = types.chain(blocks).chain([task.to_owned()]).collect();
    check_lines(
        &code,
        WORDS,
        expect![[r#"
            q/lib.rs:211:10: tokio::spawn
                sleep of `std::time::Duration::from_secs(A0::LONG)` at q/lib.rs:211:31, inside: within
        "#]],
    );
}
