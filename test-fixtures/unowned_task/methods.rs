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

    pub fn mirror<F: Future<Output = u64> + Send + 'static>(&self, other: F) {
        let journal = self.journal.clone();
        tokio::spawn(async move {
            //~^ unowned_task
            let row = other.await;
            journal.lock().expect("nobody panics").push(row);
        });
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

    pub fn add_two<F: Future<Output = u64> + Send + 'static>(&mut self, first: F, second: F) {
        background("first", first); //~ unowned_task
        background("second", second); //~ unowned_task
    }
}

/// Given back under a name.
pub struct Watch {
    pub seen: Arc<Journal>,
}

impl Watch {
    pub fn over<F: Future<Output = u64> + Send + 'static>(source: F, journal: &Arc<Journal>) -> Result<Watch, String> {
        let written = journal.clone();
        tokio::spawn(async move {
            //~^ unowned_task
            let row = source.await;
            written.lock().expect("nobody panics").push(row);
        });
        let watch = Watch { seen: journal.clone() };
        tracing::debug!("watching");
        Ok(watch)
    }
}

/// Starts its tasks through a method of its own.
pub struct Sessions {
    journal: Arc<Journal>,
}

impl Sessions {
    pub fn new(journal: Arc<Journal>) -> Sessions {
        Sessions { journal }
    }

    fn start<F: Future<Output = u64> + Send + 'static>(&self, work: F) {
        let journal = self.journal.clone();
        tokio::spawn(async move {
            let row = work.await;
            journal.lock().expect("nobody panics").push(row);
        });
    }

    pub fn open<F: Future<Output = u64> + Send + 'static>(&self, peer: F) {
        self.start(peer); //~ unowned_task
    }

    pub fn greet(&self) {
        self.start(std::future::ready(1));
    }
}
