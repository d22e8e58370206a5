//! Blocking closures that somebody waits for, or that test a deadline.
//! enable: abandoned_blocking

use std::time::{Duration, Instant};
use tokio::task::{JoinError, spawn_blocking};

fn digest(rounds: u64) -> u64 {
    (0..rounds).fold(1, |hash, round| hash.wrapping_mul(31).wrapping_add(round))
}

pub async fn awaited(rounds: u64) -> Result<u64, JoinError> {
    spawn_blocking(move || digest(rounds)).await
}

pub async fn with_a_deadline(rounds: u64) -> Result<Option<u64>, JoinError> {
    let deadline = Instant::now() + Duration::from_secs(5);
    spawn_blocking(move || {
        let mut hash = 1;
        for round in 0..rounds {
            if Instant::now() > deadline {
                return None;
            }
            hash = digest(round) ^ hash;
        }
        Some(hash)
    })
    .await
}

pub fn unobserved(rounds: u64) {
    spawn_blocking(move || println!("{}", digest(rounds)));
}
