//! The wrapper that starts the task and the future that waits for it stand in different crates.
//! enable: cancel_unsafe_join

//- /rt/src/lib.rs crate:rt deps:tokio
use std::future::Future;
use tokio::task::JoinHandle;

pub fn start<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    tokio::spawn(work)
}

//- /app/src/lib.rs crate:app deps:rt,tokio
use std::future::Future;
use std::time::Duration;

pub async fn later<F: Future<Output = u64> + Send + 'static>(work: F) -> u64 {
    let task = rt::start(work); //~ cancel_unsafe_join
    tokio::time::sleep(Duration::from_millis(5)).await;
    task.await.unwrap_or_default()
}

pub async fn at_once<F: Future<Output = u64> + Send + 'static>(work: F) -> u64 {
    rt::start(work).await.unwrap_or_default()
}
