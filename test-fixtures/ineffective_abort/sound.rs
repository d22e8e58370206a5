//! Aborts that work, and those that are not needed.

use futures::future::{self, Abortable, abortable};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};
use tokio::{
    task::{self, AbortHandle, JoinHandle},
    time::{interval, sleep},
};

pub type Turns = Arc<AtomicU64>;

fn measure(turns: &Turns) {
    turns.fetch_add(1, Ordering::Relaxed);
}

async fn poll_for_ever(turns: Turns) {
    let mut tick = interval(Duration::from_millis(2));
    loop {
        tick.tick().await;
        measure(&turns);
    }
}

/// Soon over; the abort spares a closure that still waits for a thread.
pub async fn best_effort(turns: Turns) {
    let task = task::spawn_blocking(move || {
        for _ in 0..100 {
            measure(&turns);
        }
    });
    task.abort();
}

/// The closing channel ends it.
pub struct Writer {
    lines: Option<mpsc::Sender<String>>,
    task: JoinHandle<()>,
}

impl Writer {
    pub fn start(turns: Turns) -> Writer {
        let (lines, written) = mpsc::channel::<String>();
        let task = task::spawn_blocking(move || {
            while let Ok(line) = written.recv() {
                println!("{line}");
                measure(&turns);
            }
        });
        Writer { lines: Some(lines), task }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.lines = None;
        self.task.abort();
    }
}

/// A flag ends it.
pub async fn with_a_flag(turns: Turns) {
    let over = Arc::new(AtomicBool::new(false));
    let asked = over.clone();
    let task = task::spawn_blocking(move || {
        while !asked.load(Ordering::Relaxed) {
            measure(&turns);
            thread::sleep(Duration::from_millis(1));
        }
    });
    sleep(Duration::from_millis(10)).await;
    over.store(true, Ordering::Relaxed);
    task.abort();
}

pub struct Poller {
    stop: AbortHandle,
}

impl Poller {
    pub fn start(turns: Turns) -> Poller {
        Poller { stop: tokio::spawn(poll_for_ever(turns)).abort_handle() }
    }
}

impl Drop for Poller {
    fn drop(&mut self) {
        self.stop.abort();
    }
}

pub async fn aborted(turns: Turns) {
    let task = tokio::spawn(poll_for_ever(turns));
    let stop = task.abort_handle();
    sleep(Duration::from_millis(10)).await;
    stop.abort();
}

/// The other handle ends it.
pub async fn one_of_two_handles(turns: Turns) {
    let task = tokio::spawn(poll_for_ever(turns));
    let spare = task.abort_handle();
    println!("{}", spare.is_finished());
    sleep(Duration::from_millis(10)).await;
    task.abort();
}

pub async fn abortable_and_aborted(turns: Turns) {
    let (work, stop) = abortable(poll_for_ever(turns));
    tokio::spawn(work);
    sleep(Duration::from_millis(10)).await;
    stop.abort();
}

pub fn handle_is_given_out(turns: Turns) -> future::AbortHandle {
    let (stop, registration) = future::AbortHandle::new_pair();
    tokio::spawn(Abortable::new(poll_for_ever(turns), registration));
    stop
}

pub async fn cancelled_and_awaited(turns: Turns) {
    let task = async_std::task::spawn(async move {
        loop {
            async_std::task::sleep(Duration::from_millis(2)).await;
            measure(&turns);
        }
    });
    sleep(Duration::from_millis(10)).await;
    task.cancel().await;
}

/// On smol the handle cancels when it is dropped, and so does the future that has it.
pub async fn smol_cancelled(turns: Turns) {
    let task = smol::spawn(async move {
        loop {
            smol::Timer::after(Duration::from_millis(2)).await;
            measure(&turns);
        }
    });
    sleep(Duration::from_millis(10)).await;
    let _ = task.cancel();
}

/// Gives way in each turn.
pub async fn yields(turns: Turns) {
    let task = tokio::spawn(async move {
        loop {
            measure(&turns);
            task::yield_now().await;
        }
    });
    sleep(Duration::from_millis(10)).await;
    task.abort();
}

async fn step(turns: &Turns) {
    measure(turns);
    sleep(Duration::from_millis(1)).await;
}

/// Pauses in a function that it calls.
pub async fn pauses_below(turns: Turns) {
    let task = tokio::spawn(async move {
        loop {
            step(&turns).await;
        }
    });
    sleep(Duration::from_millis(10)).await;
    task.abort();
}

/// Over in a bounded time, so a lost abort handle loses nothing.
pub fn short_and_unheld(turns: Turns) {
    let _stop = tokio::spawn(async move { measure(&turns) }).abort_handle();
}
