//! Types whose drop ends their task, too.
//! enable: stop_without_drop

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{sync::mpsc, task::JoinHandle, time::interval};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::AbortOnDropHandle,
};

pub type Journal = Mutex<Vec<u64>>;

async fn poll(journal: Arc<Journal>) {
    let mut tick = interval(Duration::from_millis(5));
    loop {
        tick.tick().await;
        journal.lock().expect("nobody panics").push(1);
    }
}

/// Stopped by a method, and by the drop.
pub struct Aborted {
    task: Option<JoinHandle<()>>,
}

impl Aborted {
    pub fn start(journal: Arc<Journal>) -> Aborted {
        Aborted { task: Some(tokio::spawn(poll(journal))) }
    }

    pub fn stop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

impl Drop for Aborted {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The field's own drop ends the task.
pub struct Owned {
    task: AbortOnDropHandle<()>,
}

impl Owned {
    pub fn start(journal: Arc<Journal>) -> Owned {
        Owned { task: AbortOnDropHandle::new(tokio::spawn(poll(journal))) }
    }

    pub fn stop(&self) {
        self.task.abort();
    }
}

/// A guard beside the token.
pub struct Guarded {
    stop: CancellationToken,
    _guard: DropGuard,
}

impl Guarded {
    pub fn start(journal: Arc<Journal>) -> Guarded {
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = stopped.cancelled() => {}
                () = poll(journal) => {}
            }
        });
        Guarded { _guard: stop.clone().drop_guard(), stop }
    }

    pub fn close(&self) {
        self.stop.cancel();
    }
}

/// The sender of what the task waits for goes with the value, and the handle is only awaited.
pub struct Actor {
    inbox: Option<mpsc::Sender<u64>>,
    task: Option<JoinHandle<()>>,
}

impl Actor {
    pub fn start(journal: Arc<Journal>) -> Actor {
        let (inbox, mut messages) = mpsc::channel(8);
        let task = tokio::spawn(async move {
            while let Some(message) = messages.recv().await {
                journal.lock().expect("nobody panics").push(message);
            }
        });
        Actor { inbox: Some(inbox), task: Some(task) }
    }

    pub async fn stop(&mut self) {
        self.inbox.take();
        if let Some(task) = self.task.take() {
            let _ = task.await;
        }
    }
}
