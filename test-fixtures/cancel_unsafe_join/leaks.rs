//! Handles that a future holds across an `.await`.
//! enable: cancel_unsafe_join

use futures::future::BoxFuture;
use std::{future::Future, time::Duration};
use tokio::{task::JoinError, time::sleep};

pub async fn one_behind_another<F: Future<Output = u64> + Send + 'static>(first: F, second: F) -> u64 {
    let first = tokio::spawn(first);
    let second = tokio::spawn(second); //~ cancel_unsafe_join
    first.await.unwrap_or_default() + second.await.unwrap_or_default()
}

pub async fn all_in_a_list<F: Future<Output = u64> + Send + 'static>(parts: Vec<F>) -> Result<u64, JoinError> {
    let mut tasks = Vec::new();
    for part in parts {
        tasks.push(tokio::spawn(part)); //~ cancel_unsafe_join
    }
    let mut sum = 0;
    for task in tasks {
        sum += task.await?;
    }
    Ok(sum)
}

pub async fn joined_at_once<F: Future<Output = u64> + Send + 'static>(parts: Vec<F>) -> usize {
    let tasks: Vec<_> = parts.into_iter().map(|part| tokio::spawn(part)).collect(); //~ cancel_unsafe_join
    futures::future::join_all(tasks).await.len()
}

pub async fn aborted_at_the_end<F: Future<Output = u64> + Send + 'static>(beside: F) {
    let task = tokio::spawn(beside); //~ cancel_unsafe_join
    sleep(Duration::from_secs(3)).await;
    task.abort();
}

/// Rows with a method that has the name of an iterator's.
pub struct Frame {
    rows: Vec<u64>,
}

impl Frame {
    pub async fn collect(self) -> Vec<u64> {
        sleep(Duration::from_millis(1)).await;
        self.rows
    }
}

pub async fn one_for_each_part(parts: usize, part: fn(usize) -> BoxFuture<'static, u64>) -> Result<u64, JoinError> {
    let tasks = (0..parts).map(|at| tokio::spawn(part(at))).collect::<Vec<_>>(); //~ cancel_unsafe_join
    let mut sum = 0;
    for task in tasks {
        sum += task.await?;
    }
    Ok(sum)
}
