//! Tokens that somebody cancels, or may.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    task::{JoinHandle, JoinSet},
    time::sleep,
};
use tokio_util::sync::{CancellationToken, DropGuard};

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

/// Cancelled at the end of the function.
pub async fn local_token(metrics: Arc<Metrics>) {
    let stop = CancellationToken::new();
    tokio::spawn(poll_until(stop.clone(), metrics));
    sleep(Duration::from_millis(5)).await;
    stop.cancel();
}

/// A guard in the struct.
pub struct Session {
    _stop: DropGuard,
}

impl Session {
    pub fn open(metrics: Arc<Metrics>) -> Session {
        let stop = CancellationToken::new();
        tokio::spawn(poll_until(stop.child_token(), metrics));
        Session { _stop: stop.drop_guard() }
    }
}

/// The parent of all children is cancelled by `Drop`.
pub struct Server {
    shutdown: CancellationToken,
    metrics: Arc<Metrics>,
}

impl Server {
    pub fn new(metrics: Arc<Metrics>) -> Server {
        Server { shutdown: CancellationToken::new(), metrics }
    }

    pub fn accept(&self) {
        tokio::spawn(poll_until(self.shutdown.child_token(), self.metrics.clone()));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

/// The token is handed in.
pub fn handed_in(stop: CancellationToken, metrics: Arc<Metrics>) {
    tokio::spawn(poll_until(stop, metrics));
}

/// The token is handed back.
pub fn handed_back(metrics: Arc<Metrics>) -> CancellationToken {
    let stop = CancellationToken::new();
    tokio::spawn(poll_until(stop.clone(), metrics));
    stop
}

/// A method hands it out.
pub struct Hub {
    stop: CancellationToken,
}

impl Hub {
    pub fn start(metrics: Arc<Metrics>) -> Hub {
        let stop = CancellationToken::new();
        tokio::spawn(poll_until(stop.clone(), metrics));
        Hub { stop }
    }

    pub fn token(&self) -> &CancellationToken {
        &self.stop
    }
}

/// Everybody can get at a public field.
pub struct Open {
    pub stop: CancellationToken,
}

impl Open {
    pub fn start(metrics: Arc<Metrics>) -> Open {
        let stop = CancellationToken::new();
        tokio::spawn(poll_until(stop.clone(), metrics));
        Open { stop }
    }
}

/// Collections are not followed.
#[derive(Default)]
pub struct Watchers {
    by_name: Mutex<HashMap<String, CancellationToken>>,
}

impl Watchers {
    pub fn watch(&self, name: String, metrics: Arc<Metrics>) {
        let stop = CancellationToken::new();
        tokio::spawn(poll_until(stop.clone(), metrics));
        self.by_name.lock().unwrap().insert(name, stop);
    }

    pub fn unwatch(&self, name: &str) {
        if let Some(stop) = self.by_name.lock().unwrap().remove(name) {
            stop.cancel();
        }
    }
}

/// Another task cancels it, after what it waits for.
pub fn cancelled_by_a_sibling(metrics: Arc<Metrics>) {
    let stop = CancellationToken::new();
    tokio::spawn(poll_until(stop.clone(), metrics));
    tokio::spawn(async move {
        sleep(Duration::from_millis(5)).await;
        stop.cancel();
    });
}

/// A closure takes it along.
pub fn cancelled_by_a_closure(metrics: Arc<Metrics>) -> impl FnOnce() {
    let stop = CancellationToken::new();
    tokio::spawn(poll_until(stop.clone(), metrics));
    move || stop.cancel()
}

/// A macro of the function does it.
pub async fn cancelled_by_a_macro(metrics: Arc<Metrics>) {
    let stop = CancellationToken::new();
    macro_rules! finish {
        () => {
            stop.cancel()
        };
    }
    tokio::spawn(poll_until(stop.clone(), metrics));
    sleep(Duration::from_millis(5)).await;
    finish!();
}

/// The work itself ends: the token only makes it end earlier.
pub fn ends_anyway(metrics: Arc<Metrics>) {
    let stop = CancellationToken::new();
    tokio::spawn(async move {
        for _ in 0..3 {
            if stop.is_cancelled() {
                break;
            }
            sleep(Duration::from_millis(1)).await;
            metrics.count();
        }
    });
}

/// The handle ends the task.
pub struct Tail {
    task: JoinHandle<()>,
}

impl Tail {
    pub fn start(metrics: Arc<Metrics>) -> Tail {
        Tail { task: tokio::spawn(poll_until(CancellationToken::new(), metrics)) }
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The set ends the tasks.
pub async fn owned_by_a_set(metrics: Arc<Metrics>) {
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    for _ in 0..2 {
        tasks.spawn(poll_until(stop.clone(), metrics.clone()));
    }
    sleep(Duration::from_millis(5)).await;
}

/// Passed through a struct and a method that cancels it.
struct State {
    stop: CancellationToken,
}

pub struct Cache {
    state: Arc<State>,
}

impl Cache {
    pub fn new(metrics: Arc<Metrics>) -> Cache {
        let state = Arc::new(State { stop: CancellationToken::new() });
        tokio::spawn(poll_until(state.stop.clone(), metrics));
        Cache { state }
    }

    pub fn close(&self) {
        end(&self.state);
    }
}

fn end(state: &State) {
    let State { stop, .. } = state;
    stop.cancel();
}
