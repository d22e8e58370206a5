//! Runs the accept loops of the fixtures: below a span that stays open the closed ones pile up, below others they do not.

mod counted;

use counted::{Counts, is_mended};
use spawnlint_fixtures::long_lived_span::{leaks, sound};
use std::{
    future::Future,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio_util::sync::CancellationToken;
use tracing::{Dispatch, Id, Subscriber, dispatcher};
use tracing_subscriber::{Layer, layer::Context, layer::SubscriberExt, registry::LookupSpan};

/// Notes each span that closes: its name, and that of the parent that is still open.
#[derive(Clone, Default)]
struct Closed(Arc<Mutex<Vec<(&'static str, Option<&'static str>)>>>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Closed {
    fn on_close(&self, id: Id, context: Context<'_, S>) {
        if let Some(span) = context.span(&id) {
            self.0.lock().unwrap().push((span.name(), span.parent().map(|parent| parent.name())));
        }
    }
}

/// How many spans have closed below the span `parent` at the moment when `work` is stopped, itself still open.
fn below<W: Future>(parent: &'static str, work: impl FnOnce(TcpListener) -> W) -> usize {
    counted(parent, async move |address| {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let clients = async move {
            for _ in 0..3 {
                let _ = TcpStream::connect(address).await;
            }
        };
        (work(listener), clients)
    })
}

fn counted<W: Future, C: Future>(parent: &'static str, start: impl AsyncFnOnce(&'static str) -> (W, C)) -> usize {
    let closed = Closed::default();
    let dispatch = Dispatch::new(tracing_subscriber::registry().with(closed.clone()));
    dispatcher::with_default(&dispatch, || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (work, clients) = start("127.0.0.1:0").await;
            let stopped = tokio::time::sleep(Duration::from_millis(100));
            let ending = async {
                clients.await;
                stopped.await;
                let closed = closed.0.lock().unwrap();
                assert!(closed.iter().all(|(name, _)| *name != parent), "`{parent}` is open");
                // Three clients make three; how often something goes on by itself meanwhile is the machine's affair.
                closed.iter().filter(|(_, below)| *below == Some(parent)).take(3).count()
            };
            tokio::select! {
                count = ending => count,
                _ = async { work.await; std::future::pending::<()>().await } => unreachable!(),
            }
        })
    })
}

/// The same for a socket that gets three datagrams.
fn below_datagrams<W: Future>(parent: &'static str, work: impl FnOnce(UdpSocket) -> W) -> usize {
    counted(parent, async move |address| {
        let socket = UdpSocket::bind(address).await.unwrap();
        let server = socket.local_addr().unwrap();
        let clients = async move {
            let client = UdpSocket::bind(address).await.unwrap();
            for _ in 0..3 {
                client.send_to(b"hello", server).await.unwrap();
            }
        };
        (work(socket), clients)
    })
}

/// How many spans pile up below those of the leaking functions.
fn piled_up() -> Vec<(&'static str, usize)> {
    vec![
        ("accept_loop", below("accept_loop", leaks::accept_loop)),
        (
            "accept_until_shutdown",
            below("proxy", |listener| leaks::accept_until_shutdown(listener, CancellationToken::new())),
        ),
        ("start", below("accept_loop", |listener| async { leaks::start(listener).await })),
        ("Server::run", below("server", |listener| leaks::Server::new(listener).run())),
        ("accept_in_this_span", below("accept_loop", leaks::accept_in_this_span)),
        ("refresh_for_ever", below("refresh_for_ever", |_| leaks::refresh_for_ever("a".to_owned()))),
        ("answer_datagrams", below_datagrams("answer_datagrams", leaks::answer_datagrams)),
    ]
}

#[test]
fn spans_pile_up_below_one_that_stays_open() {
    let piled_up = piled_up();
    let mut counts = Counts::new("long_lived_span");
    piled_up.iter().for_each(|(name, spans)| counts.add(name, Some(*spans), &[0]));
    counts.finish();
    assert!(is_mended() || piled_up.iter().all(|(_, spans)| *spans >= 3), "{piled_up:#?}");
}

#[test]
fn roots_do_not() {
    assert_eq!(below("roots_that_follow", sound::roots_that_follow), 0);
    assert_eq!(below("roots_by_attribute", sound::roots_by_attribute), 0);
    assert_eq!(below("roots_in_tasks", sound::roots_in_tasks), 0);
    assert_eq!(below("only_events", sound::only_events), 0);
    assert_eq!(
        below("starting", |listener| async {
            // It closes before the first connection comes.
            sound::spans_of_connections(listener).await
        }),
        0
    );
}
