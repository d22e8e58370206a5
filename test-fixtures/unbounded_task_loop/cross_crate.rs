//! The loop, the spawn, the stop signal and the program's `main` stand in different files and crates.

//- /rt/src/lib.rs crate:rt deps:tokio,tokio_util
//! Wrappers of spawn.

use std::{future::Future, time::Duration};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub mod prelude {
    pub use crate::{Guard, background, every, until};
    pub use tokio::spawn as launch;
}

pub fn background(work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(work);
}

/// Calls `job` for ever.
pub fn every(period: Duration, job: impl Fn() + Send + 'static) {
    background(async move {
        loop {
            tokio::time::sleep(period).await;
            job();
        }
    });
}

/// Runs `work` until `stop` is cancelled.
pub fn until(stop: CancellationToken, work: impl Future<Output = ()> + Send + 'static) {
    background(async move {
        tokio::select! {
            _ = stop.cancelled() => {}
            _ = work => {}
        }
    });
}

/// Ends its task when it is dropped.
pub struct Guard(JoinHandle<()>);

impl Guard {
    pub fn new(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Guard(tokio::spawn(work))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.abort();
    }
}

//- /pool/src/lib.rs crate:pool deps:rt,tokio,tokio_util
mod checker;
mod stop;

use checker::Checker;
use rt::prelude::*;
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

pub use stop::Stop;

pub struct Pool {
    checker: Arc<Checker>,
}

impl Pool {
    pub fn connect(url: &str) -> Self {
        let checker = Arc::new(Checker::new(url));
        launch(checker.clone().run()); //~ unbounded_task_loop
        Pool { checker }
    }

    pub fn connect_in_background(url: &str) -> Self {
        let checker = Arc::new(Checker::new(url));
        let running = checker.clone();
        background(async move { running.run().await }); //~ unbounded_task_loop
        Pool { checker }
    }

    pub fn connect_with_timer(url: &str) -> Self {
        let checker = Arc::new(Checker::new(url));
        let checked = checker.clone();
        every(Duration::from_secs(5), move || checked.check()); //~ unbounded_task_loop
        Pool { checker }
    }

    pub fn check(&self) {
        self.checker.check();
    }
}

/// A pool that stops checking when it is dropped.
pub struct GuardedPool {
    pub checks: u32,
    _checker: Guard,
}

impl GuardedPool {
    pub fn connect(url: &str) -> Self {
        GuardedPool { checks: 0, _checker: Guard::new(Arc::new(Checker::new(url)).run()) }
    }
}

pub fn check_until(url: &str, stop: CancellationToken) {
    until(stop, Arc::new(Checker::new(url)).run());
}

pub fn check_until_stopped(url: &str, stop: Stop) {
    let checker = Arc::new(Checker::new(url));
    background(checker.run_until(stop));
}

//- /pool/src/checker.rs
use crate::stop::Stop;
use std::{sync::Arc, time::Duration};
use tokio::time::{interval, sleep};

pub(crate) struct Checker {
    url: String,
}

impl Checker {
    pub(crate) fn new(url: &str) -> Self {
        Checker { url: url.to_owned() }
    }

    pub(crate) fn check(&self) {
        println!("checking {}", self.url);
    }

    pub(crate) async fn run(self: Arc<Self>) {
        let mut tick = interval(Duration::from_secs(1));
        loop {
            tick.tick().await;
            self.check();
        }
    }

    pub(crate) async fn run_until(self: Arc<Self>, mut stop: Stop) {
        loop {
            tokio::select! {
                () = stop.asked() => return,
                () = sleep(Duration::from_secs(1)) => self.check(),
            }
        }
    }
}

//- /pool/src/stop.rs
use tokio::sync::watch;

/// Asked to stop, or nobody is left who could ask.
#[derive(Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    pub fn new() -> (watch::Sender<bool>, Stop) {
        let (sender, receiver) = watch::channel(false);
        (sender, Stop(receiver))
    }

    pub async fn asked(&mut self) {
        let _ = self.0.wait_for(|stop| *stop).await;
    }
}

//- /metrics/src/lib.rs crate:metrics deps:tokio
//! Started by the program alone, once.

use std::time::Duration;

pub async fn report_for_ever() {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        println!("still here");
    }
}

//- /server/src/main.rs crate:server deps:metrics,pool,tokio
mod http;

use std::time::Duration;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    tokio::spawn(metrics::report_for_ever());
    let _flusher = tokio::spawn(async {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    start_watchdog();
    http::run().await
}

fn start_watchdog() {
    tokio::spawn(async {
        loop {
            tokio::time::sleep(Duration::from_secs(10)).await;
            println!("woof");
        }
    });
}

//- /server/src/http.rs
use std::{io, time::Duration};
use tokio::net::{TcpListener, TcpStream};

/// Only `main` calls it.
pub(crate) async fn run() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    tokio::spawn(log_for_ever("http"));
    serve(listener).await
}

async fn serve(listener: TcpListener) -> io::Result<()> {
    tokio::spawn(log_for_ever("listener"));
    loop {
        let (stream, _) = listener.accept().await?;
        let pool = pool::Pool::connect("db");
        pool.check();
        tokio::spawn(handle(stream));
    }
}

async fn handle(stream: TcpStream) {
    tokio::spawn(log_for_ever("request")); //~ unbounded_task_loop
    let mut line = [0; 64];
    while stream.readable().await.is_ok() {
        match stream.try_read(&mut line) {
            Ok(0) => return,
            Ok(size) => println!("{size} bytes"),
            Err(error) => println!("{error}"),
        }
    }
}

async fn log_for_ever(name: &str) {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        println!("{name}");
    }
}
