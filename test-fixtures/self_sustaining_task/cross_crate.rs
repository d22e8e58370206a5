//! The owner, its `Drop` and the task stand in different files and crates.

//- /guard/src/lib.rs crate:guard deps:tokio
//! A handle that ends its task.

use tokio::task::JoinHandle;

pub struct Guard(JoinHandle<()>);

impl Guard {
    pub fn new(task: JoinHandle<()>) -> Guard {
        Guard(task)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.abort();
    }
}

//- /app/src/lib.rs crate:app deps:guard,tokio
//! A registry that beats.

mod beat;

use guard::Guard;
use std::sync::{Arc, Mutex};

#[derive(Default)]
pub struct Registry {
    beat: Mutex<Option<Guard>>,
    pub(crate) beats: Mutex<u64>,
}

impl Registry {
    pub fn start(self: &Arc<Self>) {
        let task = tokio::spawn(beat::strongly(self.clone())); //~ self_sustaining_task
        *self.beat.lock().unwrap() = Some(Guard::new(task));
    }
}

#[derive(Default)]
pub struct Shelf {
    beat: Mutex<Option<Guard>>,
    pub(crate) beats: Mutex<u64>,
}

impl Shelf {
    pub fn start(self: &Arc<Self>) {
        let task = tokio::spawn(beat::weakly(Arc::downgrade(self)));
        *self.beat.lock().unwrap() = Some(Guard::new(task));
    }
}

//- /app/src/beat.rs
use crate::{Registry, Shelf};
use std::{
    sync::{Arc, Weak},
    time::Duration,
};
use tokio::time::sleep;

pub async fn strongly(registry: Arc<Registry>) {
    loop {
        sleep(Duration::from_secs(1)).await;
        *registry.beats.lock().unwrap() += 1;
    }
}

pub async fn weakly(shelf: Weak<Shelf>) {
    loop {
        sleep(Duration::from_secs(1)).await;
        let Some(shelf) = shelf.upgrade() else { break };
        *shelf.beats.lock().unwrap() += 1;
    }
}
