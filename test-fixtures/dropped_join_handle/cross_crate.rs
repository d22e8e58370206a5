//! The handle is lost in one crate, the wait stands in another, the spawn in a third.

//- /rt/src/lib.rs crate:rt deps:tokio
pub mod task;

pub use task::{background, spawn_named as named};
pub use tokio::spawn;

//- /rt/src/task.rs
use std::future::Future;
use tokio::task::JoinHandle;

/// Starts `work` and forgets it.
pub fn background<F>(work: F)
where
    F: Future<Output = ()> + Send + 'static,
{
    tokio::spawn(work);
}

/// Starts `work` under a name.
pub fn spawn_named<T: Send + 'static>(name: &str, work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    println!("starting {name}");
    tokio::spawn(work)
}

//- /store/src/lib.rs crate:store deps:async_rt=tokio
use async_rt::sync::{Notify, watch};
use std::sync::Mutex;

/// Rows that are written when somebody asks for it, which nobody does any more.
#[derive(Default)]
pub struct Store {
    rows: Mutex<Vec<String>>,
    asked: Notify,
}

impl Store {
    pub async fn flush_when_asked(&self) {
        self.asked.notified().await;
        self.flush();
    }

    pub async fn flush_until_closed(&self, mut versions: watch::Receiver<u64>) {
        while versions.changed().await.is_ok() {
            self.flush();
        }
    }

    pub fn flush(&self) {
        self.rows.lock().unwrap().clear();
    }
}

//- /app/src/lib.rs crate:app deps:rt,store,runtime=tokio
mod jobs;

use rt::named;
use runtime::{sync::watch, task::JoinHandle};
use std::sync::Arc;
use store::Store;

pub use jobs::flush_in_background;

pub fn by_reexport(store: Arc<Store>) {
    rt::spawn(async move { store.flush_when_asked().await }); //~ dropped_join_handle
}

pub fn by_renamed_dependency(store: Arc<Store>) {
    runtime::spawn(async move {
        //~^ dropped_join_handle
        store.flush_when_asked().await
    });
}

pub fn by_renamed_function(store: Arc<Store>) {
    let _flusher = named("flusher", async move { store.flush_when_asked().await }); //~ dropped_join_handle
}

pub fn by_own_function(store: Arc<Store>) {
    let flusher = jobs::start_flusher(store.clone()); //~ dropped_join_handle
    println!("started: {}", !flusher.is_finished());
}

// Sound neighbours.

pub fn handed_out(store: Arc<Store>) -> JoinHandle<()> {
    named("flusher", async move { store.flush_when_asked().await })
}

pub fn ends_with_its_sender(store: Arc<Store>) -> watch::Sender<u64> {
    let (version, versions) = watch::channel(0);
    rt::background(async move { store.flush_until_closed(versions).await });
    version
}

pub async fn awaited(store: Arc<Store>) {
    let _ = jobs::start_flusher(store).await;
}

//- /app/src/jobs.rs
use runtime::task::JoinHandle;
use std::sync::Arc;
use store::Store;

pub fn flush_in_background(store: Arc<Store>) {
    rt::background(async move { store.flush_when_asked().await }); //~ dropped_join_handle
    rt::task::background(async { println!("short") });
}

pub(crate) fn start_flusher(store: Arc<Store>) -> JoinHandle<()> {
    rt::spawn(flush(store))
}

async fn flush(store: Arc<Store>) {
    store.flush_when_asked().await
}
