//! Closures on the pool for blocking work that somebody gives up.
//! enable: abandoned_blocking

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{task::spawn_blocking, time::timeout};

fn digest(rounds: u64) -> u64 {
    (0..rounds).fold(1, |hash, round| hash.wrapping_mul(31).wrapping_add(round))
}

pub async fn under_a_timeout(rounds: u64) -> Option<u64> {
    let work = spawn_blocking(move || digest(rounds)); //~ abandoned_blocking
    timeout(Duration::from_secs(5), work).await.ok()?.ok()
}

/// Whoever calls it has nothing to mend.
async fn bounded<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    timeout(Duration::from_secs(5), spawn_blocking(work)).await.ok()?.ok() //~ abandoned_blocking
}

pub async fn through_a_helper(rounds: u64) -> Option<u64> {
    bounded(move || digest(rounds)).await
}

pub async fn in_a_race(rounds: u64) -> io::Result<u64> {
    let work = spawn_blocking(move || digest(rounds)); //~ abandoned_blocking
    tokio::select! {
        hash = work => Ok(hash?),
        _ = tokio::time::sleep(Duration::from_secs(5)) => Err(io::ErrorKind::TimedOut.into()),
    }
}

pub async fn in_rounds(turns: Arc<AtomicU64>) -> Option<u64> {
    let work = spawn_blocking(move || {
        //~^ abandoned_blocking
        for round in 0..1_000 {
            turns.fetch_add(digest(round), Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(5));
        }
        digest(1)
    });
    timeout(Duration::from_millis(20), work).await.ok()?.ok()
}
