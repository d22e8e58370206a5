//! Methods that start tasks for a value that could own them.
//! enable: unowned_task

use std::{
    future::Future,
    sync::{Arc, Mutex},
};
use tokio::task::JoinHandle;

pub type Journal = Mutex<Vec<u64>>;

/// Changed by its methods.
pub struct Feed {
    journal: Arc<Journal>,
}

impl Feed {
    pub fn open(journal: Arc<Journal>) -> Feed {
        Feed { journal }
    }

    pub fn follow<F: Future<Output = u64> + Send + 'static>(&mut self, source: F) -> usize {
        let journal = self.journal.clone();
        tokio::spawn(async move {
            //~^ unowned_task
            let row = source.await;
            journal.lock().expect("nobody panics").push(row);
        });
        self.journal.lock().expect("nobody panics").len()
    }
}

/// Only looked at by its methods.
#[derive(Debug, Default)]
pub struct Hub {
    journal: Arc<Journal>,
}

impl Hub {
    pub fn open(journal: Arc<Journal>) -> Hub {
        Hub { journal }
    }

    pub async fn join<F: Future<Output = u64> + Send + 'static>(&self, peer: F) {
        let journal = self.journal.clone();
        tokio::spawn(async move {
            //~^ unowned_task
            let row = peer.await;
            journal.lock().expect("nobody panics").push(row);
        });
        tokio::task::yield_now().await;
    }
}

/// Its copies do the same work.
#[derive(Clone)]
pub struct Client {
    journal: Arc<Journal>,
}

impl Client {
    pub fn connect(journal: Arc<Journal>) -> Client {
        Client { journal }
    }

    pub fn watch<F: Future<Output = u64> + Send + 'static>(&self, peer: F) {
        let journal = self.journal.clone();
        tokio::spawn(async move {
            //~^ unowned_task
            let row = peer.await;
            journal.lock().expect("nobody panics").push(row);
        });
    }
}

/// Starts its tasks through a helper.
pub struct Pool {
    journal: Arc<Journal>,
}

fn background<F: Future<Output = u64> + Send + 'static>(name: &str, work: F) -> JoinHandle<u64> {
    tracing::debug!(name, "starting");
    tokio::spawn(work)
}

impl Pool {
    pub fn new(journal: Arc<Journal>) -> Pool {
        Pool { journal }
    }

    pub fn add<F: Future<Output = u64> + Send + 'static>(&mut self, work: F) -> usize {
        background("worker", work); //~ unowned_task
        self.journal.lock().expect("nobody panics").len()
    }
}
