//! What stands many steps apart: each answer is the same however many there are.

use crate::check_lines;
use expect_test::expect;

/// Some text for each number below `n`.
fn each(n: usize, text: impl Fn(usize) -> String) -> String {
    (0..n).map(text).collect()
}

const ENDLESS: &str = "async fn endless() { loop { tokio::task::yield_now().await; } }\n";

#[test]
fn sixty_lets() {
    let lets = each(60, |at| format!("let d{} = d{at}; ", at + 1));
    check_lines(
        &format!(
            "use std::time::Duration;
fn f() {{ let d0 = Duration::from_secs(90); {lets}
    tokio::spawn(async move {{ tokio::time::sleep(d60).await }});
}}\n"
        ),
        &["sleep"],
        expect![[r#"
            q/lib.rs:3:5: tokio::spawn
                sleep of 90s at q/lib.rs:3:31, inside: within
        "#]],
    );
}

#[test]
fn forty_constants() {
    let constants = each(40, |at| format!("const D{}: Duration = D{at};\n", at + 1));
    check_lines(
        &format!(
            "use std::time::Duration;
fn f() {{ tokio::spawn(async {{ tokio::time::sleep(D40).await }}); }}
const D0: Duration = Duration::from_secs(90);
{constants}"
        ),
        &["sleep"],
        expect![[r#"
            q/lib.rs:2:10: tokio::spawn
                sleep of 90s at q/lib.rs:2:31, inside: within
        "#]],
    );
}

#[test]
fn twelve_functions_hand_on() {
    let functions = each(12, |at| {
        let next = at + 1;
        format!("async fn f{at}(rx: Receiver<u8>, d: Duration) {{ f{next}(rx, d).await; }}\n")
    });
    check_lines(
        &format!(
            "use std::time::Duration; use tokio::sync::mpsc::{{self, Receiver, Sender}};
fn start() -> Sender<u8> {{ let (tx, rx) = mpsc::channel(1); tokio::spawn(f0(rx, Duration::from_secs(90))); tx }}
fn forget() {{ let (tx, rx) = mpsc::channel(1); std::mem::forget(tx); tokio::spawn(f0(rx, Duration::from_secs(70))); }}
async fn f12(mut rx: Receiver<u8>, d: Duration) {{ while let Some(_) = rx.recv().await {{ tokio::time::sleep(d).await; }} }}
{functions}"
        ),
        &["ending", "signal", "dead exit", "sleep"],
        expect![[r#"
            q/lib.rs:2:61: tokio::spawn
              ending: on signal
                signal: Channel `rx` at q/lib.rs:4:71
                signal: Channel `rx` at q/lib.rs:4:71
            q/lib.rs:3:70: tokio::spawn
              ending: never
                  dead exit at q/lib.rs:4:57: the channel's sender `tx` is never dropped
        "#]],
    );
}

#[test]
fn eight_wrappers() {
    let wrappers = each(8, |at| {
        let next = at + 1;
        format!("fn w{next}(f: impl Future<Output = ()> + Send + 'static) {{ w{at}(async move {{ f.await }}); }}\n")
    });
    check_lines(
        &format!(
            "{ENDLESS}fn w0(f: impl Future<Output = ()> + Send + 'static) {{ tokio::spawn(f); }}
fn a() {{ w8(endless()); }}
{wrappers}"
        ),
        &["fate", "ending", "endless"],
        expect![[r#"
            q/lib.rs:3:10: tokio::spawn via w8, w7, w6, w5, w4, w3, w2, w1, w0
              fate: dropped (statement) at q/lib.rs:2:55
              ending: never
                endless `loop` at q/lib.rs:1:22
        "#]],
    );
}

#[test]
fn wrappers_that_call_one_another() {
    check_lines(
        &format!(
            "{ENDLESS}fn one(f: impl Future<Output = ()> + Send + 'static) {{ if now() {{ tokio::spawn(f); }} else {{ two(f) }} }}
fn two(f: impl Future<Output = ()> + Send + 'static) {{ one(f) }}
fn a() {{ two(endless()); }}\n"
        ),
        &["fate", "ending", "endless"],
        expect![[r#"
            q/lib.rs:4:10: tokio::spawn via two, one
              fate: dropped (statement) at q/lib.rs:2:67
              ending: never
                endless `loop` at q/lib.rs:1:22
        "#]],
    );
}

#[test]
fn forty_modules_that_hand_a_name_on() {
    let modules = each(40, |at| format!("mod m{} {{ pub use crate::m{at}::go; }}\n", at + 1));
    let globs = each(40, |at| format!("mod g{} {{ pub use crate::g{at}::*; }}\n", at + 1));
    check_lines(
        &format!(
            "{ENDLESS}fn a() {{ m40::go(endless()); }}
fn b() {{ g40::start(endless()); }}
mod m0 {{ pub use tokio::spawn as go; }}
mod g0 {{ pub use tokio::spawn as start; }}
{modules}{globs}"
        ),
        &["fate"],
        expect![[r#"
            q/lib.rs:2:10: tokio::spawn
              fate: dropped (statement) at q/lib.rs:2:10
            q/lib.rs:3:10: tokio::spawn
              fate: dropped (statement) at q/lib.rs:3:10
        "#]],
    );
}

#[test]
fn thirty_aliases() {
    let aliases = each(30, |at| format!("type A{} = A{at};\n", at + 1));
    check_lines(
        &format!(
            "{ENDLESS}struct Guard {{ task: tokio::task::JoinHandle<()> }}
fn a() -> A30 {{ A30 {{ task: tokio::spawn(endless()) }} }}
impl Drop for A30 {{ fn drop(&mut self) {{ self.task.abort(); }} }}
type A0 = Guard;
{aliases}"
        ),
        &["fate"],
        expect![[r#"
            q/lib.rs:3:29: tokio::spawn
              fate: stored in Guard.task, used at q/lib.rs:4:42
        "#]],
    );
}

#[test]
fn what_stands_for_itself_is_not_known() {
    check_lines(
        &format!(
            "{ENDLESS}type A = B; type B = A; type Nest<T> = Nest<Vec<T>>;
const D: std::time::Duration = E; const E: std::time::Duration = D;
mod x {{ pub use crate::y::*; }} mod y {{ pub use crate::x::*; pub use crate::z::go; }} mod z {{ pub use crate::x::go; }}
fn run<F: Future<Output = F>>(f: F, a: A, nest: Nest<u8>) {{ tokio::spawn(async {{ a.run(); nest.run(); f.await; }}); }}
fn me(h: &Hub) -> &Hub {{ me(h) }}
fn wait() {{ x::go(endless()); tokio::spawn(async {{ tokio::time::sleep(D).await; me(&hub()).stop.cancelled().await; }}); }}
fn list() {{ let mut all = Vec::new(); all.push(all.clone()); for it in all {{ tokio::spawn(async move {{ it.run() }}); }} }}\n"
        ),
        &["fate"],
        expect![[r#"
            q/lib.rs:5:61: tokio::spawn
              fate: dropped (statement) at q/lib.rs:5:61
            q/lib.rs:7:31: tokio::spawn
              fate: dropped (statement) at q/lib.rs:7:31
            q/lib.rs:8:78: tokio::spawn
              fate: dropped (statement) at q/lib.rs:8:78
        "#]],
    );
}
