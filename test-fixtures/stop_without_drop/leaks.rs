//! Types that end their task in a method alone.
//! enable: stop_without_drop

use std::{
    sync::atomic::{AtomicBool, Ordering},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{sync::Notify, task::JoinHandle, time::interval};
use tokio_util::sync::CancellationToken;

pub type Journal = Mutex<Vec<u64>>;

async fn poll(journal: Arc<Journal>) {
    let mut tick = interval(Duration::from_millis(5));
    loop {
        tick.tick().await;
        journal.lock().expect("nobody panics").push(1);
    }
}

/// Its handle, aborted by a method.
pub struct Aborted {
    task: Option<JoinHandle<()>>,
}

impl Aborted {
    pub fn start(journal: Arc<Journal>) -> Aborted {
        Aborted { task: Some(tokio::spawn(poll(journal))) } //~ stop_without_drop
    }

    pub fn stop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

/// A token, cancelled by a method. Dropping a token cancels nothing.
pub struct Told {
    stop: CancellationToken,
}

impl Told {
    pub fn start(journal: Arc<Journal>) -> Told {
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        tokio::spawn(async move {
            //~^ stop_without_drop
            tokio::select! {
                () = stopped.cancelled() => {}
                () = poll(journal) => {}
            }
        });
        Told { stop }
    }

    pub fn close(&self) {
        self.stop.cancel();
    }
}

/// A notification.
pub struct Notified {
    stop: Arc<Notify>,
}

impl Notified {
    pub fn start(journal: Arc<Journal>) -> Notified {
        let stop = Arc::new(Notify::new());
        let stopped = stop.clone();
        tokio::spawn(async move {
            //~^ stop_without_drop
            tokio::select! {
                () = stopped.notified() => {}
                () = poll(journal) => {}
            }
        });
        Notified { stop }
    }

    pub fn close(&self) {
        self.stop.notify_one();
    }
}

/// A flag in what the task shares with its owner.
pub struct Flagged {
    state: Arc<State>,
}

pub struct State {
    stopped: AtomicBool,
    journal: Arc<Journal>,
}

impl State {
    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }
}

impl Flagged {
    pub fn start(journal: Arc<Journal>) -> Flagged {
        let state = Arc::new(State { stopped: AtomicBool::new(false), journal });
        let shared = state.clone();
        tokio::spawn(async move {
            //~^ stop_without_drop
            let mut tick = interval(Duration::from_millis(5));
            while !shared.is_stopped() {
                tick.tick().await;
                shared.journal.lock().expect("nobody panics").push(2);
            }
        });
        Flagged { state }
    }

    pub fn stop(&self) {
        self.state.stopped.store(true, Ordering::SeqCst);
    }
}

/// Told in a method that also waits.
pub struct Awaited {
    asked: AtomicBool,
    stop: CancellationToken,
    task: Option<JoinHandle<()>>,
}

impl Awaited {
    pub fn start(journal: Arc<Journal>) -> Awaited {
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let task = tokio::spawn(async move {
            //~^ stop_without_drop
            tokio::select! {
                () = stopped.cancelled() => {}
                () = poll(journal) => {}
            }
        });
        Awaited { asked: AtomicBool::new(false), stop, task: Some(task) }
    }

    pub async fn close(&mut self) {
        self.asked.store(true, Ordering::SeqCst);
        self.stop.cancel();
        if let Some(task) = self.task.take() {
            let _ = task.await;
        }
    }
}

/// Told by a method that takes the value.
pub struct Finished {
    stop: CancellationToken,
}

impl Finished {
    pub fn start(journal: Arc<Journal>) -> Finished {
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        tokio::spawn(async move {
            //~^ stop_without_drop
            tokio::select! {
                () = stopped.cancelled() => {}
                () = poll(journal) => {}
            }
        });
        Finished { stop }
    }

    pub fn finish(self) {
        self.stop.cancel();
    }
}

/// A flag that one method sets to go on, and another to stop.
pub struct Pump {
    running: Arc<AtomicBool>,
}

impl Pump {
    pub fn start(journal: Arc<Journal>) -> Pump {
        let running = Arc::new(AtomicBool::new(true));
        let flag = running.clone();
        tokio::spawn(async move {
            //~^ stop_without_drop
            let mut tick = interval(Duration::from_millis(5));
            while flag.load(Ordering::SeqCst) {
                tick.tick().await;
                journal.lock().expect("nobody panics").push(4);
            }
        });
        Pump { running }
    }

    pub fn go_on(&self) {
        self.running.store(true, Ordering::SeqCst);
    }

    pub fn halt(&self) {
        self.running.store(false, Ordering::SeqCst);
    }
}

/// A type that is taken apart has no `Drop`.
pub struct Worker {
    token: CancellationToken,
    task: JoinHandle<()>,
}

impl Worker {
    pub fn start(journal: Arc<Journal>) -> Worker {
        let token = CancellationToken::new();
        let stop = token.clone();
        let task = tokio::spawn(async move {
            //~^ stop_without_drop
            tokio::select! {
                () = stop.cancelled() => {}
                () = poll(journal) => {}
            }
        });
        Worker { token, task }
    }

    pub async fn terminate(self) -> bool {
        self.token.cancel();
        self.task.await.is_ok()
    }
}

/// Copies of one and the same.
#[derive(Clone, Debug)]
pub struct Link {
    token: CancellationToken,
    speed: u64,
}

impl Link {
    pub fn open(speed: u64, journal: Arc<Journal>) -> Link {
        let token = CancellationToken::new();
        let stop = token.clone();
        tokio::spawn(async move {
            //~^ stop_without_drop
            tokio::select! {
                () = stop.cancelled() => {}
                () = poll(journal) => {}
            }
        });
        Link { token, speed }
    }

    pub fn speed(&self) -> u64 {
        self.speed
    }

    pub fn close(&self) {
        self.token.cancel();
    }
}
