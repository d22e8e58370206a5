//! The guard is made in one crate and lost in another.

//- /rt/src/lib.rs crate:rt deps:tokio
use std::future::Future;
use tokio::task::JoinHandle;

/// Aborts its task when it is dropped.
pub struct Guarded<T>(JoinHandle<T>);

impl<T> Guarded<T> {
    pub fn is_over(&self) -> bool {
        self.0.is_finished()
    }
}

impl<T> Drop for Guarded<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub fn guarded<F>(work: F) -> Guarded<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    Guarded(tokio::spawn(work))
}

//- /app/src/lib.rs crate:app deps:rt,tokio
use rt::{Guarded, guarded};
use tokio::time::{Duration, sleep};

async fn poll() {
    sleep(Duration::from_secs(1)).await;
}

pub async fn lost() {
    let _ = guarded(poll()); //~ discarded_guard
    sleep(Duration::from_secs(5)).await;
}

fn watch() -> Guarded<()> {
    println!("watching");
    guarded(poll())
}

pub async fn lost_two_calls_away() {
    watch(); //~ discarded_guard
    sleep(Duration::from_secs(5)).await;
}

pub async fn kept() {
    let watcher = watch();
    sleep(Duration::from_secs(5)).await;
    println!("{}", watcher.is_over());
}
