//! Tasks that a token would end, and nobody cancels it.

use std::{sync::Arc, time::Duration};
use tokio::{task::JoinHandle, time::sleep};
use tokio_util::sync::CancellationToken;

#[derive(Default)]
pub struct Metrics;

impl Metrics {
    fn count(&self) {}
}

async fn poll_until(stop: CancellationToken, metrics: Arc<Metrics>) {
    loop {
        tokio::select! {
            _ = stop.cancelled() => break,
            _ = sleep(Duration::from_millis(5)) => metrics.count(),
        }
    }
}

/// The token dies with the function, which cancels nothing.
pub fn local_token(metrics: Arc<Metrics>) {
    let stop = CancellationToken::new();
    tokio::spawn(poll_until(stop.clone(), metrics)); //~ never_cancelled_token
}

/// A struct keeps the token and does not use it.
pub struct Session {
    stop: CancellationToken,
}

impl Session {
    pub fn open(metrics: Arc<Metrics>) -> Session {
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        tokio::spawn(async move {
            //~^ never_cancelled_token
            while !stopped.is_cancelled() {
                sleep(Duration::from_millis(5)).await;
                metrics.count();
            }
        });
        Session { stop }
    }

    pub fn is_open(&self) -> bool {
        !self.stop.is_cancelled()
    }
}

/// Children of a parent that nobody cancels, made in another method.
pub struct Server {
    shutdown: CancellationToken,
    metrics: Arc<Metrics>,
}

impl Server {
    pub fn new(metrics: Arc<Metrics>) -> Server {
        Server { shutdown: CancellationToken::new(), metrics }
    }

    fn child(&self) -> CancellationToken {
        self.shutdown.child_token()
    }

    pub fn accept(&self) {
        tokio::spawn(poll_until(self.child(), self.metrics.clone())); //~ never_cancelled_token
    }

    pub fn accept_directly(&self) {
        let stop = self.shutdown.child_token();
        let metrics = self.metrics.clone();
        tokio::spawn(async move {
            //~^ never_cancelled_token
            stop.run_until_cancelled(async {
                loop {
                    sleep(Duration::from_millis(5)).await;
                    metrics.count();
                }
            })
            .await;
        });
    }
}

/// The token stands in a state that is shared, two fields away.
struct State {
    stop: CancellationToken,
    metrics: Arc<Metrics>,
}

struct Inner {
    state: Arc<State>,
}

pub struct Hub {
    inner: Arc<Inner>,
}

impl Hub {
    pub fn new(metrics: Arc<Metrics>) -> Hub {
        let state = Arc::new(State { stop: CancellationToken::new(), metrics });
        Hub { inner: Arc::new(Inner { state }) }
    }

    pub fn start(&self) {
        let inner = Arc::clone(&self.inner);
        tokio::spawn(async move {
            //~^ never_cancelled_token
            loop {
                tokio::select! {
                    () = inner.state.stop.cancelled() => return,
                    () = sleep(Duration::from_millis(5)) => inner.state.metrics.count(),
                }
            }
        });
    }
}

/// Made by `Default`, with the rest of the struct.
#[derive(Default)]
struct Defaults {
    stop: CancellationToken,
    metrics: Arc<Metrics>,
}

pub fn defaults() {
    let defaults = Defaults::default();
    tokio::spawn(async move {
        //~^ never_cancelled_token
        loop {
            if defaults.stop.is_cancelled() {
                break;
            }
            sleep(Duration::from_millis(5)).await;
            defaults.metrics.count();
        }
    });
}

/// Cancelling a child says nothing to its parent.
pub fn cancels_the_wrong_one(metrics: Arc<Metrics>) {
    let stop = CancellationToken::new();
    let child = stop.child_token();
    tokio::spawn(poll_until(stop, metrics)); //~ never_cancelled_token
    child.cancel();
}

/// The handle is kept, and nobody uses it either.
pub struct Tail {
    task: JoinHandle<()>,
    stop: CancellationToken,
}

impl Tail {
    pub fn start(metrics: Arc<Metrics>) -> Tail {
        let stop = CancellationToken::new();
        let task = tokio::spawn(poll_until(stop.clone(), metrics)); //~ never_cancelled_token
        Tail { task, stop }
    }

    pub fn describe(&self) -> String {
        format!("{} {:?}", self.task.is_finished(), self.stop)
    }
}

/// A method that would cancel it, and that nobody can call.
pub struct Cache {
    stop: CancellationToken,
}

impl Cache {
    pub fn new(metrics: Arc<Metrics>) -> Cache {
        let cache = Cache { stop: CancellationToken::new() };
        tokio::spawn(poll_until(cache.stop.clone(), metrics)); //~ never_cancelled_token
        cache
    }

    fn halt_refreshing(&self) {
        self.stop.cancel();
    }
}

/// Work that waits for nothing but the token.
pub struct Upload {
    parts: Vec<Vec<u8>>,
    gone: CancellationToken,
}

impl Upload {
    pub fn begin(parts: Vec<Vec<u8>>) -> Arc<Upload> {
        let upload = Arc::new(Upload { parts, gone: CancellationToken::new() });
        let cleaned = upload.clone();
        tokio::spawn(async move {
            //~^ never_cancelled_token
            cleaned.gone.cancelled().await;
            println!("{} parts are removed", cleaned.parts.len());
        });
        upload
    }
}

/// One task for each of many, through a helper that takes the token along.
fn start(name: u32, stop: &CancellationToken, metrics: &Arc<Metrics>) {
    println!("{name} starts");
    tokio::spawn(poll_until(stop.clone(), metrics.clone())); //~ never_cancelled_token
}

pub fn start_all(count: u32, metrics: Arc<Metrics>) {
    let stop = CancellationToken::new();
    for name in 0..count {
        start(name, &stop, &metrics);
    }
}
