//! Aborts that end nothing.

use futures::future::{self, Abortable, abortable};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};
use tokio::{
    task::{self, AbortHandle, JoinHandle, JoinSet},
    time::{interval, sleep},
};
use tokio_util::task::AbortOnDropHandle;

pub type Turns = Arc<AtomicU64>;

fn measure(turns: &Turns) {
    turns.fetch_add(1, Ordering::Relaxed);
}

fn measure_for_ever(turns: Turns) {
    loop {
        measure(&turns);
        thread::sleep(Duration::from_millis(2));
    }
}

async fn poll_for_ever(turns: Turns) {
    let mut tick = interval(Duration::from_millis(2));
    loop {
        tick.tick().await;
        measure(&turns);
    }
}

/// A closure that has started goes on.
pub async fn blocking(turns: Turns) {
    let task = task::spawn_blocking(move || measure_for_ever(turns)); //~ ineffective_abort
    sleep(Duration::from_millis(200)).await;
    task.abort();
}

/// An owner that aborts on drop is no better.
pub struct Meter {
    task: AbortOnDropHandle<()>,
}

impl Meter {
    pub fn start(turns: Turns) -> Meter {
        let task = task::spawn_blocking(move || { //~ ineffective_abort
            while true {
                measure(&turns);
                thread::sleep(Duration::from_millis(2));
            }
        });
        Meter { task: AbortOnDropHandle::new(task) }
    }

    pub fn is_over(&self) -> bool {
        self.task.is_finished()
    }
}

/// A hand-written one neither.
pub struct Sampler {
    task: JoinHandle<()>,
}

impl Sampler {
    pub fn start(turns: Turns) -> Sampler {
        Sampler { task: task::spawn_blocking(move || measure_for_ever(turns)) } //~ ineffective_abort
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Nor a set.
pub async fn in_a_set(turns: Turns) {
    let mut samplers = JoinSet::new();
    samplers.spawn_blocking({ //~ ineffective_abort
        let turns = turns.clone();
        move || measure_for_ever(turns)
    });
    samplers.spawn(poll_for_ever(turns));
    sleep(Duration::from_millis(200)).await;
}

/// Ten minutes on a thread that nobody gets back.
pub async fn long_sleep(turns: Turns) {
    let task = task::spawn_blocking(move || { //~ ineffective_abort
        thread::sleep(Duration::from_secs(600));
        measure(&turns);
    });
    sleep(Duration::from_millis(1)).await;
    task.abort();
}

/// The handle is kept in the belief that it aborts when it is dropped.
pub struct Poller {
    _stop: AbortHandle,
}

impl Poller {
    pub fn start(turns: Turns) -> Poller {
        Poller { _stop: tokio::spawn(poll_for_ever(turns)).abort_handle() } //~ ineffective_abort
    }
}

/// Bound, and no more.
pub async fn bound(turns: Turns) {
    let _stop_on_drop = tokio::spawn(poll_for_ever(turns)).abort_handle(); //~ ineffective_abort
    sleep(Duration::from_millis(200)).await;
}

/// The same with the handle of a future that can be aborted on any runtime.
pub async fn abortable_on_drop(turns: Turns) {
    let (work, _stop) = abortable(poll_for_ever(turns));
    tokio::spawn(work); //~ ineffective_abort
    sleep(Duration::from_millis(200)).await;
}

pub fn registered_and_dropped(turns: Turns) {
    let (stop, registration) = future::AbortHandle::new_pair();
    tokio::spawn(Abortable::new(poll_for_ever(turns), registration)); //~ ineffective_abort
    println!("{}", stop.is_aborted());
    drop(stop);
}

/// Nothing looks at the flag that this handle sets.
pub async fn unregistered(work: impl Future<Output = ()> + Send + 'static) {
    let (stop, _) = future::AbortHandle::new_pair(); //~ ineffective_abort
    tokio::spawn(work);
    sleep(Duration::from_millis(200)).await;
    stop.abort();
}

/// Dropped unpolled, the future that cancels detaches.
pub async fn cancelled_unawaited(turns: Turns) {
    let task = async_std::task::spawn(async move {
        loop {
            async_std::task::sleep(Duration::from_millis(2)).await;
            measure(&turns);
        }
    });
    sleep(Duration::from_millis(200)).await;
    task.cancel(); //~ ineffective_abort
}

async fn step(turns: &Turns) {
    measure(turns);
}

/// Every `.await` of it is ready at once.
pub async fn never_pauses(turns: Turns) {
    let task = tokio::spawn(async move { //~ ineffective_abort
        loop {
            step(&turns).await;
            future::ready(()).await;
            thread::sleep(Duration::from_millis(2));
        }
    });
    sleep(Duration::from_millis(200)).await;
    task.abort();
}
