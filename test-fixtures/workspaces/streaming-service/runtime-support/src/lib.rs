//! How this project starts tasks.

mod guard;

pub use guard::{Guard, spawn_guarded};
pub use tokio::spawn as launch;

use std::{future::Future, time::Duration};
use tokio::task::JoinHandle;

/// Starts a task that nobody waits for, and says when it ends.
pub fn spawn_background<F>(name: &'static str, work: F)
where
    F: Future<Output = ()> + Send + 'static,
{
    tokio::spawn(async move {
        work.await;
        println!("{name} ended");
    });
}

/// Starts a task under a name.
pub fn spawn_named<T: Send + 'static>(
    name: &'static str,
    work: impl Future<Output = T> + Send + 'static,
) -> JoinHandle<T> {
    println!("{name} started");
    tokio::spawn(work)
}

/// Calls `job` repeatedly.
pub fn every(period: Duration, job: impl Fn() + Send + 'static) {
    tokio::spawn(async move {
        let mut tick = tokio::time::interval(period);
        loop {
            tick.tick().await;
            job();
        }
    });
}
