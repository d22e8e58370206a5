//! Guards that are dropped as soon as they are made, and the work with them.

use futures::{executor::ThreadPool, future::FutureExt, task::SpawnExt};
use std::{io, sync::Arc, sync::Mutex, time::Duration};
use tokio::{
    task::{AbortHandle, JoinHandle, JoinSet},
    time::{interval, sleep},
};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::AbortOnDropHandle,
};

#[derive(Default)]
pub struct Cache {
    pub turns: Mutex<u64>,
}

async fn refresh(cache: Arc<Cache>) {
    let mut tick = interval(Duration::from_millis(1));
    loop {
        tick.tick().await;
        *cache.turns.lock().unwrap() += 1;
    }
}

/// `_` binds nothing.
pub async fn underscore(cache: Arc<Cache>) {
    let _ = AbortOnDropHandle::new(tokio::spawn(refresh(cache))); //~ discarded_guard
    sleep(Duration::from_millis(20)).await;
}

pub async fn statement(cache: Arc<Cache>) {
    let task = tokio::spawn(refresh(cache));
    AbortOnDropHandle::new(task); //~ discarded_guard
    sleep(Duration::from_millis(20)).await;
}

/// Only its id is kept.
pub async fn temporary(cache: Arc<Cache>) {
    let stop = AbortOnDropHandle::new(tokio::spawn(refresh(cache))).abort_handle(); //~ discarded_guard
    sleep(Duration::from_millis(20)).await;
    stop.abort();
}

/// The function returns at once.
pub fn start(cache: Arc<Cache>) -> io::Result<()> {
    let _refresh = AbortOnDropHandle::new(tokio::spawn(refresh(cache))); //~ discarded_guard
    println!("the cache is kept fresh");
    Ok(())
}

/// Cancels the token before the task has begun.
pub async fn cancels_at_once(cache: Arc<Cache>, stop: CancellationToken) {
    let listener = stop.clone();
    let task = tokio::spawn(async move { listener.run_until_cancelled(refresh(cache)).await.is_some() });
    stop.drop_guard(); //~ discarded_guard
    sleep(Duration::from_millis(20)).await;
    let _ = task.await;
}

pub async fn cancels_by_underscore(stop: &CancellationToken) {
    let _ = stop.clone().drop_guard(); //~ discarded_guard
    sleep(Duration::from_millis(20)).await;
}

pub async fn set_of_one_statement(cache: Arc<Cache>) {
    JoinSet::new().spawn(refresh(cache)); //~ discarded_guard
    sleep(Duration::from_millis(20)).await;
}

/// On this runtime the handle cancels.
pub async fn smol_statement(cache: Arc<Cache>) {
    smol::spawn(async move { *cache.turns.lock().unwrap() += 1 }); //~ discarded_guard
}

pub fn remote_handle(pool: &ThreadPool, cache: Arc<Cache>) {
    let _ = pool.spawn_with_handle(async move { *cache.turns.lock().unwrap() += 1 }).unwrap(); //~ discarded_guard
}

pub fn half_of_a_pair(cache: Arc<Cache>) -> JoinHandle<()> {
    let (work, _) = async move { *cache.turns.lock().unwrap() += 1 }.remote_handle(); //~ discarded_guard
    tokio::spawn(work)
}

/// Aborts when it is dropped.
pub struct Refresher {
    task: AbortHandle,
}

impl Refresher {
    pub fn start(cache: Arc<Cache>) -> Refresher {
        let task = tokio::spawn(refresh(cache));
        Refresher { task: task.abort_handle() }
    }

    pub fn turns(cache: &Cache) -> u64 {
        *cache.turns.lock().unwrap()
    }
}

impl Drop for Refresher {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub async fn own_type(cache: Arc<Cache>) -> u64 {
    Refresher::start(cache.clone()); //~ discarded_guard
    sleep(Duration::from_millis(20)).await;
    Refresher::turns(&cache)
}

/// Holds a guard two fields down.
pub struct Service {
    _refresher: Refresher,
    _stop: DropGuard,
}

impl Service {
    pub async fn open(cache: Arc<Cache>) -> io::Result<Self> {
        let stop = CancellationToken::new();
        sleep(Duration::from_millis(1)).await;
        Ok(Service { _refresher: Refresher::start(cache), _stop: stop.drop_guard() })
    }
}

pub async fn opened_and_lost(cache: Arc<Cache>) -> io::Result<()> {
    let _ = Service::open(cache).await?; //~ discarded_guard
    sleep(Duration::from_millis(20)).await;
    Ok(())
}
