//! Endless tasks behind functions of the project that spawn what they are given.

use std::{future::Future, sync::Arc, sync::atomic::AtomicU64, sync::atomic::Ordering, time::Duration};
use tokio::{
    runtime::Handle,
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::{interval, sleep},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tracing::Instrument;

async fn poll_for_ever(peer: u32) {
    loop {
        sleep(Duration::from_millis(5)).await;
        println!("polled {peer}");
    }
}

// It throws the handle away.

pub fn background(work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(work);
}

pub fn named<F>(name: &'static str, work: F)
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let span = tracing::info_span!("task", name);
    tokio::spawn(work.instrument(span));
}

pub fn counted<F: Future<Output = ()> + Send + 'static>(running: Arc<AtomicU64>, make: impl FnOnce() -> F) {
    let work = make();
    running.fetch_add(1, Ordering::Relaxed);
    tokio::spawn(async move {
        work.await;
        running.fetch_sub(1, Ordering::Relaxed);
    });
}

pub fn detaching(running: Arc<AtomicU64>) {
    background(poll_for_ever(1)); //~ unbounded_task_loop
    named("poller", poll_for_ever(2)); //~ unbounded_task_loop
    named("poller", async {
        //~^ unbounded_task_loop
        poll_for_ever(3).await;
    });
    counted(running, || poll_for_ever(4)); //~ unbounded_task_loop
    background(async { println!("short") });
    named("short", sleep(Duration::from_millis(5)));
}

/// A wrapper of a wrapper.
pub fn twice_removed(work: impl Future<Output = ()> + Send + 'static) {
    background(async move {
        work.await;
        println!("done");
    });
}

/// Polls a peer, and is no longer asked to.
pub struct Poller {
    pub peer: u32,
}

impl Poller {
    pub fn start(peer: u32) -> Poller {
        background(poll_for_ever(peer)); //~ unbounded_task_loop
        Poller { peer }
    }
}

pub fn detaching_from_afar() {
    twice_removed(poll_for_ever(5)); //~ unbounded_task_loop
    twice_removed(sleep(Duration::from_millis(5)));
}

// It returns the handle.

pub fn watched<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    tokio::spawn(async move {
        let result = work.await;
        println!("ended");
        result
    })
}

pub async fn returning() {
    watched(poll_for_ever(6)); //~ unbounded_task_loop
    let _poller = watched(poll_for_ever(7)); //~ unbounded_task_loop
    let kept = watched(poll_for_ever(8));
    kept.abort();
    let _ = watched(poll_for_ever(9)).await;
}

pub fn guarded(work: impl Future<Output = ()> + Send + 'static) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(work))
}

/// Has the handle that the function made.
fn start_poller(peer: u32) -> JoinHandle<()> {
    tokio::spawn(async move { poll_for_ever(peer).await })
}

pub fn kept_by_the_caller() -> (AbortOnDropHandle<()>, JoinHandle<()>) {
    (guarded(poll_for_ever(10)), start_poller(11))
}

// It races the work against a stop signal, or owns the task.

pub fn until_shutdown(mut shutdown: watch::Receiver<bool>, work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(async move {
        tokio::select! {
            _ = shutdown.changed() => {}
            _ = work => {}
        }
    });
}

pub fn cancellable(stop: &CancellationToken, work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(stop.clone().run_until_cancelled_owned(work));
}

/// Tasks of one server.
#[derive(Default)]
pub struct Tasks {
    set: JoinSet<()>,
    stop: CancellationToken,
}

impl Tasks {
    pub fn add(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        self.set.spawn(work);
    }

    pub fn add_until_stopped<F: Future<Output = ()> + Send + 'static>(&self, work: F) {
        let stop = self.stop.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = work => {}
            }
        });
    }

    pub fn stop(&self) {
        self.stop.cancel();
    }
}

pub fn racing(shutdown: watch::Receiver<bool>, stop: &CancellationToken, tasks: &mut Tasks) {
    until_shutdown(shutdown, poll_for_ever(12));
    cancellable(stop, poll_for_ever(13));
    tasks.add(poll_for_ever(14));
    tasks.add_until_stopped(poll_for_ever(15));
}

// A method of an executor of the project.

#[derive(Clone)]
pub struct Executor {
    handle: Handle,
}

impl Executor {
    pub fn current() -> Self {
        Executor { handle: Handle::current() }
    }

    pub fn execute(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(work);
    }

    pub fn start<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.handle.spawn(work)
    }
}

pub struct Service {
    executor: Executor,
}

impl Service {
    pub fn new(executor: Executor) -> Self {
        Service { executor }
    }

    pub fn run(&self, peer: u32) {
        self.executor.execute(poll_for_ever(peer)); //~ unbounded_task_loop
        self.executor.start(poll_for_ever(peer + 1)); //~ unbounded_task_loop
    }

    pub fn watch(&self, peer: u32) -> JoinHandle<()> {
        self.executor.start(poll_for_ever(peer))
    }
}

// The wrapper brings its own loop.

pub fn every(period: Duration, job: impl Fn() + Send + 'static) {
    tokio::spawn(async move {
        let mut tick = interval(period);
        loop {
            tick.tick().await;
            job();
        }
    });
}

pub fn periodic() {
    every(Duration::from_secs(5), || println!("five seconds")); //~ unbounded_task_loop
}

pub fn periodic_in_minutes(minutes: u64) {
    every(Duration::from_secs(60 * minutes), || println!("some minutes")); //~ unbounded_task_loop
}
