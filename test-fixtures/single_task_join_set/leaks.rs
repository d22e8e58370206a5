//! Sets that only ever hold one task.

use std::{io, sync::Arc, sync::Mutex, time::Duration};
use tokio::{
    task::{self, JoinSet},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

async fn fetch(part: u32) -> io::Result<Vec<u8>> {
    sleep(Duration::from_millis(5)).await;
    Ok(vec![0; part as usize])
}

async fn watch(seen: Arc<Mutex<Vec<u32>>>) {
    for turn in 0.. {
        sleep(Duration::from_millis(5)).await;
        seen.lock().unwrap().push(turn);
    }
}

pub async fn joined_once() -> Option<Vec<u8>> {
    let mut fetches = JoinSet::new(); //~ single_task_join_set
    fetches.spawn(fetch(1));
    fetches.join_next().await?.ok()?.ok()
}

pub async fn with_a_type() -> usize {
    let mut fetches: JoinSet<io::Result<Vec<u8>>> = JoinSet::new(); //~ single_task_join_set
    fetches.spawn(async { fetch(2).await });
    let mut size = 0;
    while let Some(part) = fetches.join_next().await {
        size += part.map_or(0, |part| part.map_or(0, |part| part.len()));
    }
    size
}

pub async fn with_a_turbofish() {
    let mut fetches = task::JoinSet::<io::Result<Vec<u8>>>::new(); //~ single_task_join_set
    fetches.spawn(fetch(3));
    let _ = fetches.join_all().await;
}

pub async fn by_default() {
    let mut fetches: JoinSet<io::Result<Vec<u8>>> = JoinSet::default(); //~ single_task_join_set
    fetches.spawn(fetch(4));
    fetches.shutdown().await;
}

pub async fn meant_as_abort_on_drop(seen: Arc<Mutex<Vec<u32>>>) -> Vec<u8> {
    let mut watcher = JoinSet::new(); //~ single_task_join_set
    watcher.spawn(watch(seen));
    fetch(5).await.unwrap_or_default()
}

pub async fn one_in_each_branch(large: bool) {
    let mut fetches = JoinSet::new(); //~ single_task_join_set
    if large {
        fetches.spawn(fetch(1_000));
    } else {
        fetches.spawn(fetch(1));
    }
    let _ = fetches.join_next().await;
}

pub async fn one_in_each_arm(part: Option<u32>) {
    let mut fetches = JoinSet::new(); //~ single_task_join_set
    match part {
        Some(part) => fetches.spawn(fetch(part)),
        None => fetches.spawn(async { Ok(Vec::new()) }),
    };
    let _ = fetches.join_next().await;
}

pub async fn under_a_timeout() -> bool {
    let mut fetches = JoinSet::new(); //~ single_task_join_set
    fetches.spawn(fetch(6));
    timeout(Duration::from_secs(1), fetches.join_next()).await.is_ok()
}

pub async fn raced(stop: CancellationToken) {
    let mut fetches = JoinSet::new(); //~ single_task_join_set
    fetches.spawn(fetch(7));
    tokio::select! {
        _ = stop.cancelled() => fetches.abort_all(),
        part = fetches.join_next() => println!("{}", part.is_some()),
    }
}

pub async fn blocking() -> u64 {
    let mut sums = JoinSet::new(); //~ single_task_join_set
    sums.spawn_blocking(|| (0..1_000u64).sum());
    sums.join_next().await.and_then(Result::ok).unwrap_or_default()
}

pub async fn on_a_handle(runtime: &tokio::runtime::Handle) {
    let mut fetches = JoinSet::new(); //~ single_task_join_set
    let stop = fetches.spawn_on(fetch(8), runtime);
    stop.abort();
    let _ = fetches.join_next().await;
}

/// The set lives in a task of its own.
pub fn inside_a_task() -> task::JoinHandle<usize> {
    tokio::spawn(async {
        let mut fetches = JoinSet::new(); //~ single_task_join_set
        fetches.spawn(fetch(9));
        fetches.join_next().await.into_iter().count()
    })
}
