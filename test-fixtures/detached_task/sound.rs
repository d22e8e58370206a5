//! Tasks that somebody holds are not in the list.
//! enable: detached_task

use std::{sync::Arc, sync::Mutex, time::Duration};
use tokio::{
    task::{JoinHandle, JoinSet},
    time::sleep,
};
use tokio_util::task::AbortOnDropHandle;

async fn short(names: Arc<Mutex<Vec<String>>>) {
    sleep(Duration::from_millis(10)).await;
    names.lock().unwrap().clear();
}

pub fn returned(names: Arc<Mutex<Vec<String>>>) -> JoinHandle<()> {
    tokio::spawn(short(names))
}

pub async fn awaited(names: Arc<Mutex<Vec<String>>>) {
    let _ = tokio::spawn(short(names)).await;
}

pub fn owned(names: Arc<Mutex<Vec<String>>>) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(short(names)))
}

pub async fn in_a_set(names: Arc<Mutex<Vec<String>>>) {
    let mut set = JoinSet::new();
    set.spawn(short(names.clone()));
    set.spawn(short(names));
    set.join_all().await;
}

pub fn smol_task(names: Arc<Mutex<Vec<String>>>) -> smol::Task<()> {
    smol::spawn(short(names))
}
