//! Blocking closures that somebody waits for, or that check a deadline or a token.
//! enable: abandoned_blocking

use std::time::{Duration, Instant};
use tokio::{
    task::{JoinError, spawn_blocking},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

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

pub async fn told_to_stop(rounds: u64) -> Option<u64> {
    let stop = CancellationToken::new();
    let _stop_on_drop = stop.clone().drop_guard();
    let work = spawn_blocking(move || {
        let mut hash = 1;
        for round in 0..rounds {
            if stop.is_cancelled() {
                break;
            }
            hash = digest(round) ^ hash;
        }
        hash
    });
    timeout(Duration::from_secs(5), work).await.ok()?.ok()
}

pub fn unobserved(rounds: u64) {
    spawn_blocking(move || println!("{}", digest(rounds)));
}
