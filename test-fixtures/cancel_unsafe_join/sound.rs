//! Tasks that end with the future that waits for them, or that it shields.
//! enable: cancel_unsafe_join

use std::{future::Future, time::Duration};
use tokio::{
    task::{JoinError, JoinSet},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

pub async fn shielded<F: Future<Output = u64> + Send + 'static>(work: F) -> Result<u64, JoinError> {
    tokio::spawn(work).await
}

pub async fn shielded_by_name<F: Future<Output = u64> + Send + 'static>(work: F) -> Result<u64, JoinError> {
    let work = tokio::spawn(work);
    work.await
}

pub async fn in_a_set<F: Future<Output = u64> + Send + 'static>(parts: Vec<F>) -> u64 {
    let mut set = JoinSet::new();
    for part in parts {
        set.spawn(part);
    }
    set.join_all().await.into_iter().sum()
}

pub async fn aborted_by_its_handle<F: Future<Output = u64> + Send + 'static>(beside: F) -> Result<u64, JoinError> {
    let task = AbortOnDropHandle::new(tokio::spawn(beside));
    sleep(Duration::from_millis(3)).await;
    task.await
}

pub async fn short(number: u64) -> Result<u64, JoinError> {
    let doubled = tokio::spawn(async move { number * 2 });
    sleep(Duration::from_millis(3)).await;
    doubled.await
}

pub async fn aborted_when_the_time_is_over<F: Future<Output = u64> + Send + 'static>(work: F) -> Option<u64> {
    let mut task = tokio::spawn(work);
    match timeout(Duration::from_secs(3), &mut task).await {
        Ok(done) => done.ok(),
        Err(_) => {
            task.abort();
            None
        }
    }
}

// Nobody drops a future that blocks its thread.

async fn one_by_one<F: Future<Output = u64> + Send + 'static>(parts: Vec<F>) -> u64 {
    let mut tasks = Vec::new();
    for part in parts {
        tasks.push(tokio::spawn(part));
    }
    let mut sum = 0;
    for task in tasks {
        sum += task.await.unwrap_or_default();
    }
    sum
}

pub fn blocking<F: Future<Output = u64> + Send + 'static>(parts: Vec<F>) -> u64 {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(one_by_one(parts))
}

// The future ends its tasks when it is dropped, in its own way.

async fn until_stopped<F: Future<Output = u64> + Send + 'static>(stop: CancellationToken, work: F) -> u64 {
    tokio::select! {
        () = stop.cancelled() => 0,
        sum = work => sum,
    }
}

pub async fn with_a_guard<F: Future<Output = u64> + Send + 'static>(left: F, right: F) -> u64 {
    let stop = CancellationToken::new();
    let _guard = stop.clone().drop_guard();
    let left = tokio::spawn(until_stopped(stop.clone(), left));
    let right = tokio::spawn(until_stopped(stop, right));
    let (left, right) = tokio::join!(left, right);
    left.unwrap_or_default() + right.unwrap_or_default()
}
