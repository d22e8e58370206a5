//! Spans that are open for as long as a loop that lasts, and what is opened below them.

use expect_test::{Expect, expect};
use spawnlint_tests::{fixture::Fixture, pipeline};
use std::path::Path;

fn check(text: &str, expect: Expect) {
    let fixture = Fixture::of_text(Path::new("q/lib.rs"), text.to_owned());
    expect.assert_eq(&pipeline::print_spans(&fixture));
}

const HEAD: &str = "use tokio::{net::{TcpListener, TcpStream}, time::Interval, sync::mpsc::Receiver};
use tracing::{Instrument, Span, info_span, trace_span, instrument};
#[instrument] async fn traced(s: TcpStream) {}
#[instrument(level = \"trace\")] async fn hidden(s: TcpStream) {}
#[instrument(parent = None)] async fn root(s: TcpStream) {}
async fn plain(s: TcpStream) { let _ = info_span!(\"inner\"); }
";

#[test]
fn that_stay_open() {
    check(
        &format!(
            r#"{HEAD}#[instrument] async fn attribute(l: TcpListener) {{ loop {{ let (s, _) = l.accept().await.unwrap(); traced(s).await; }} }}
fn future(l: TcpListener) {{ tokio::spawn(loops(l).instrument(info_span!("loop"))); }}
async fn loops(l: TcpListener) {{ while let Ok((s, _)) = l.accept().await {{ tokio::spawn(plain(s).in_current_span()); }} }}
async fn guard(mut t: Interval) {{ let _g = info_span!("g").entered(); loop {{ t.tick().await; info_span!("tick"); }} }}
fn scope(l: std::net::TcpListener) {{ info_span!("s").in_scope(|| tokio::runtime::Handle::current().block_on(async {{ loop {{ std::future::ready(info_span!("turn")).await; }} }})); }}
#[instrument] async fn shut_down(l: TcpListener, mut stop: Receiver<()>) {{ loop {{ tokio::select! {{ _ = stop.recv() => break, Ok((s, _)) = l.accept() => traced(s).await }} }} }}
"#
        ),
        expect![[r#"
            q/lib.rs:7:1: Attribute, `loop` at q/lib.rs:7:52: Accepts
              below it: traced at q/lib.rs:7:99
            q/lib.rs:8:62: Future, `while` at q/lib.rs:9:34: Accepts
              below it:  at q/lib.rs:6:40
            q/lib.rs:10:44: Guard, `loop` at q/lib.rs:10:71: Endless
              below it:  at q/lib.rs:10:94
            q/lib.rs:11:38: Scope, `loop` at q/lib.rs:11:117: Endless
              below it:  at q/lib.rs:11:143
            q/lib.rs:12:1: Attribute, `loop` at q/lib.rs:12:76: Accepts
              below it: traced at q/lib.rs:12:153
        "#]],
    );
}

#[test]
fn that_end_with_the_process() {
    check(
        &format!(
            r#"//- /app/src/lib.rs crate:app deps:axum,tokio,tracing
{HEAD}static STOP: AtomicBool = AtomicBool::new(false);
#[instrument] async fn until_stopped(mut t: Interval, s: TcpStream) {{ while !STOP.load(Relaxed) {{ t.tick().await; traced(s).await; }} }}
#[instrument] async fn until_told(mut t: Interval, stop: Arc<AtomicBool>) {{ while !stop.load(Relaxed) {{ t.tick().await; traced(s).await; }} }}
#[instrument] async fn served(l: TcpListener) {{ axum::serve(l, Router::new().route("/", get(traced))).await.unwrap(); }}
#[instrument] async fn served_elsewhere(l: TcpListener) {{ let server = axum::serve(l, routes()); server.with_graceful_shutdown(stop()).await.unwrap(); }}
fn routes() -> Router {{ Router::new().route("/", get(traced)) }}
#[instrument] async fn bound(a: SocketAddr) {{ axum::Server::bind(&a).serve(app(traced)).await.unwrap(); }}
#[instrument] async fn served_plainly(l: TcpListener) {{ axum::serve(l, Router::new().route("/", get(plain))).await.unwrap(); }}
#[instrument] async fn asked(c: Client) {{ c.serve(traced).await; }}
"#
        ),
        expect![[r#"
            q/lib/app/src/lib.rs:8:1: Attribute, `while` at q/lib/app/src/lib.rs:8:71: Process
              below it: traced at q/lib/app/src/lib.rs:8:115
            q/lib/app/src/lib.rs:10:1: Attribute, `wait` at q/lib/app/src/lib.rs:10:49: Serves
              below it: traced at q/lib/app/src/lib.rs:10:93
            q/lib/app/src/lib.rs:11:1: Attribute, `wait` at q/lib/app/src/lib.rs:11:98: Serves
              below it: traced at q/lib/app/src/lib.rs:12:54
            q/lib/app/src/lib.rs:13:1: Attribute, `wait` at q/lib/app/src/lib.rs:13:47: Serves
              below it: traced at q/lib/app/src/lib.rs:13:80
        "#]],
    );
}

#[test]
fn that_close_or_have_no_children() {
    check(
        &format!(
            r#"{HEAD}#[instrument] async fn hidden_children(l: TcpListener) {{ loop {{ let (s, _) = l.accept().await.unwrap(); hidden(s).await; trace_span!("t"); }} }}
#[instrument] async fn roots(l: TcpListener) {{ loop {{ let (s, _) = l.accept().await.unwrap(); root(s).await; info_span!(parent: None, "r"); }} }}
#[instrument] async fn tasks(l: TcpListener) {{ loop {{ let (s, _) = l.accept().await.unwrap(); tokio::spawn(traced(s)); }} }}
#[instrument] async fn once(l: TcpListener) {{ loop {{ let (s, _) = l.accept().await.unwrap(); traced(s).await; break; }} }}
#[instrument] async fn channel(mut r: Receiver<TcpStream>) {{ while let Some(s) = r.recv().await {{ traced(s).await; }} }}
async fn per_connection(l: TcpListener, t: Interval) {{ loop {{ let _ = l.accept().await; ticks(t).instrument(info_span!("c")).await; }} }}
async fn ticks(mut t: Interval) {{ loop {{ t.tick().await; info_span!("tick"); }} }}
fn other(l: TcpListener, m: TaskMonitor) {{ m.instrument(loops(l)); }}
async fn loops(l: TcpListener) {{ while let Ok((s, _)) = l.accept().await {{ traced(s).await; }} }}
async fn dropped(mut t: Interval) {{ let g = info_span!("g").entered(); drop(g); loop {{ t.tick().await; info_span!("tick"); }} }}
"#
        ),
        expect![[r#""#]],
    );
}
