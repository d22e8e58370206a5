//! The token is made in one file, passed through another, and waited for in a third.

//- /engine/src/lib.rs crate:engine deps:tokio,tokio_util
//! What the services run on.

mod worker;

use std::sync::Arc;
use tokio_util::sync::CancellationToken;
pub use worker::Worker;

/// Keeps its token to itself.
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    stop: CancellationToken,
}

impl Engine {
    pub fn new() -> Engine {
        Engine { shared: Arc::new(Shared { stop: CancellationToken::new() }) }
    }

    pub fn worker(&self, name: &str) -> Worker {
        Worker::start(name, self.shared.stop.child_token())
    }

    pub fn is_running(&self) -> bool {
        !self.shared.stop.is_cancelled()
    }
}

/// The same with a `Drop`.
pub struct TidyEngine {
    stop: CancellationToken,
}

impl TidyEngine {
    pub fn new() -> TidyEngine {
        TidyEngine { stop: CancellationToken::new() }
    }

    pub fn run(&self) {
        worker::background(self.stop.clone());
    }
}

impl Drop for TidyEngine {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

//- /engine/src/worker.rs
use std::time::Duration;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

pub struct Worker {
    name: String,
}

impl Worker {
    pub(crate) fn start(name: &str, stop: CancellationToken) -> Worker {
        tokio::spawn(work(stop)); //~ never_cancelled_token
        Worker { name: name.to_owned() }
    }

    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Starts the same for anybody in this crate, with tokens that are cancelled and with others.
pub(crate) fn background(stop: CancellationToken) {
    tokio::spawn(work(stop));
}

async fn work(stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(Duration::from_secs(1)) => println!("works"),
        }
    }
}

//- /daemon/src/main.rs crate:daemon deps:engine,tokio,tokio_util
//! Once per process, and once per request.

use engine::{Engine, TidyEngine};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

static SHUTDOWN: std::sync::LazyLock<CancellationToken> = std::sync::LazyLock::new(CancellationToken::new);

async fn until(stop: CancellationToken, name: &'static str) {
    loop {
        tokio::select! {
            _ = stop.cancelled() => break,
            _ = tokio::time::sleep(Duration::from_secs(1)) => println!("{name}"),
        }
    }
}

fn serve(id: u64) {
    let token = CancellationToken::new();
    tokio::spawn(until(token.child_token(), "request")); //~ never_cancelled_token
    println!("{id}");
}

#[tokio::main]
async fn main() {
    let engine = Engine::new();
    TidyEngine::new().run();
    let forever = CancellationToken::new();
    tokio::spawn(until(forever, "as long as the program"));
    tokio::spawn(until(SHUTDOWN.clone(), "until the end"));
    for id in 0.. {
        serve(id);
        println!("{}", engine.worker("next").name());
        if !engine.is_running() {
            SHUTDOWN.cancel();
        }
    }
}
