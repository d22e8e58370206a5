//! Tasks that end soon when what started them is gone.
//! enable: unowned_task

use futures::{
    StreamExt,
    future::{Fuse, Shared, select},
    pin_mut, stream,
};
use std::{
    future::Future,
    mem::ManuallyDrop,
    ops::Deref,
    pin::Pin,
    sync::{Arc, Mutex, Weak},
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    runtime::Runtime,
    sync::{mpsc, oneshot},
    task::{AbortHandle, JoinHandle},
    time::{interval, sleep},
};
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::{Instrument, instrument::Instrumented};

pub type Journal = Mutex<Vec<u64>>;

pub trait Source: Send + 'static {
    fn next(&mut self) -> impl Future<Output = Option<u64>> + Send;
}

/// The owner has the only sender of what the task waits for.
pub struct Actor {
    inbox: mpsc::Sender<u64>,
}

impl Actor {
    pub fn start(journal: Arc<Journal>) -> Actor {
        let (inbox, mut messages) = mpsc::channel(8);
        tokio::spawn(async move {
            while let Some(message) = messages.recv().await {
                journal.lock().expect("nobody panics").push(message);
            }
        });
        Actor { inbox }
    }

    pub async fn tell(&self, message: u64) -> bool {
        self.inbox.send(message).await.is_ok()
    }
}

/// The wait is raced with the end of whoever takes the results.
pub fn rows<S: Source>(mut source: S, journal: Arc<Journal>) -> mpsc::Receiver<u64> {
    let (tx, rx) = mpsc::channel(1);
    tokio::spawn(async move {
        loop {
            let row = tokio::select! {
                () = tx.closed() => break,
                row = source.next() => row,
            };
            let Some(row) = row else { break };
            journal.lock().expect("nobody panics").push(row);
            if tx.send(row).await.is_err() {
                break;
            }
        }
    });
    rx
}

/// A guard cancels the token.
pub struct Guarded {
    _stop: DropGuard,
}

impl Guarded {
    pub fn start<S: Source>(mut source: S, journal: Arc<Journal>) -> Guarded {
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = stopped.cancelled() => return,
                    Some(row) = source.next() => journal.lock().expect("nobody panics").push(row),
                }
            }
        });
        Guarded { _stop: stop.drop_guard() }
    }
}

/// The type's own drop cancels the token.
pub struct Cancelling {
    stop: CancellationToken,
}

impl Cancelling {
    pub fn start<S: Source>(mut source: S, journal: Arc<Journal>) -> Cancelling {
        let stop = CancellationToken::new();
        let stopped = stop.child_token();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = stopped.cancelled() => return,
                    Some(row) = source.next() => journal.lock().expect("nobody panics").push(row),
                }
            }
        });
        Cancelling { stop }
    }
}

impl Drop for Cancelling {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The task asks on each turn whether its owner is still there.
pub struct Cache {
    pub entries: Mutex<Vec<u64>>,
}

impl Cache {
    pub fn start() -> Arc<Cache> {
        let cache = Arc::new(Cache { entries: Mutex::default() });
        let weak: Weak<Cache> = Arc::downgrade(&cache);
        tokio::spawn(async move {
            let mut tick = interval(Duration::from_millis(5));
            loop {
                tick.tick().await;
                let Some(cache) = weak.upgrade() else { break };
                cache.entries.lock().expect("nobody panics").clear();
            }
        });
        cache
    }
}

/// Aborted by the drop of what has its handle.
pub struct Worker {
    task: AbortHandle,
}

impl Worker {
    pub fn start<S: Source>(mut source: S, journal: Arc<Journal>) -> Worker {
        let task = tokio::spawn(async move {
            while let Some(row) = source.next().await {
                journal.lock().expect("nobody panics").push(row);
            }
        });
        Worker { task: task.abort_handle() }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Whoever calls it has the task.
pub fn given_back<S: Source>(mut source: S) -> JoinHandle<()> {
    tokio::spawn(async move { while source.next().await.is_some() {} })
}

/// Over soon.
pub fn short(journal: Arc<Journal>) {
    tokio::spawn(async move {
        sleep(Duration::from_millis(5)).await;
        journal.lock().expect("nobody panics").push(3);
    });
}

/// A wait for a sign that was handed in.
pub fn handed_in(stop: CancellationToken, journal: Arc<Journal>) {
    tokio::spawn(async move {
        stop.cancelled().await;
        journal.lock().expect("nobody panics").push(4);
    });
}

/// Answers each question.
pub trait Peer: Send + 'static {
    fn ask(&mut self, question: u64) -> impl Future<Output = u64> + Send;
}

/// A single request is over when it is answered.
pub fn refresh<P: Peer>(mut peer: P, journal: Arc<Journal>) {
    tokio::spawn(async move {
        let answer = peer.ask(1).await;
        journal.lock().expect("nobody panics").push(answer);
    });
}

/// A method of one's own dresses what is short.
pub trait Named: Future + Sized {
    fn named(self, name: &'static str) -> Instrumented<Self> {
        Instrument::instrument(self, tracing::info_span!("job", name))
    }
}

impl<F: Future> Named for F {}

pub fn dressed(journal: Arc<Journal>) {
    tokio::spawn(async move { async move { journal.lock().expect("nobody panics").push(1) }.named("dressed").await });
}

/// A `stop` that ends the nodes, and the router with them by closing its channel.
pub struct Node {
    running: AbortHandle,
}

pub struct Flow {
    nodes: Mutex<Vec<Node>>,
    routed: Mutex<Option<mpsc::Sender<u64>>>,
}

impl Flow {
    pub fn start(journal: Arc<Journal>) -> Flow {
        let (routed, routes) = mpsc::channel(8);
        let flow = Flow { nodes: Mutex::default(), routed: Mutex::new(Some(routed)) };
        flow.start_router(routes, journal);
        flow
    }

    fn start_router(&self, mut routes: mpsc::Receiver<u64>, journal: Arc<Journal>) {
        tokio::spawn(async move {
            while let Some(route) = routes.recv().await {
                journal.lock().expect("nobody panics").push(route);
            }
        });
    }

    pub fn stop(&self) {
        for node in self.nodes.lock().expect("nobody panics").drain(..) {
            node.running.abort();
        }
        self.routed.lock().expect("nobody panics").take();
    }
}

// It waits for nothing but its reader, so it ends as soon as that is gone.

pub fn numbers(journal: Arc<Journal>) -> mpsc::Receiver<u64> {
    let (tx, rx) = mpsc::channel(1);
    tokio::spawn(async move {
        for number in 0.. {
            journal.lock().expect("nobody panics").push(number);
            if tx.send(number).await.is_err() {
                break;
            }
        }
    });
    rx
}

// What a runtime runs ends with it, also where it is only entered, or blocked on.

pub type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

pub fn own_thread(jobs: std::sync::mpsc::Receiver<Job>) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        let runtime = Runtime::new().expect("a runtime can be made");
        let _guard = runtime.enter();
        while let Ok(job) = jobs.recv() {
            tokio::spawn(job);
        }
    })
}

pub fn replayed<F: Future<Output = ()> + Send + 'static>(job: F, stop: oneshot::Receiver<()>) {
    std::thread::spawn(move || {
        let runtime = Runtime::new().expect("a runtime can be made");
        runtime.block_on(replay(job, stop));
    });
}

async fn replay<F: Future<Output = ()> + Send + 'static>(job: F, stop: oneshot::Receiver<()>) {
    tokio::spawn(async move { job.await });
    let _ = stop.await;
}

/// A runtime that shuts down in the background when it is dropped.
pub struct BackgroundRuntime(ManuallyDrop<Runtime>);

impl Drop for BackgroundRuntime {
    fn drop(&mut self) {
        // SAFETY: nothing uses it after this.
        unsafe { ManuallyDrop::take(&mut self.0) }.shutdown_background();
    }
}

impl Deref for BackgroundRuntime {
    type Target = Runtime;

    fn deref(&self) -> &Runtime {
        &self.0
    }
}

pub struct Actors {
    runtime: BackgroundRuntime,
}

impl Actors {
    pub fn add<F: Future<Output = ()> + Send + 'static>(&self, actor: F) {
        self.runtime.spawn(async move { actor.await });
    }
}

// Whoever gave the signal ends the task.

pub type ShutdownSignal = Shared<Fuse<oneshot::Receiver<()>>>;

/// What the other services wait for.
pub struct Started {
    ready: Arc<Journal>,
}

impl Future for Started {
    type Output = u64;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u64> {
        match self.ready.lock().expect("nobody panics").first() {
            Some(found) => Poll::Ready(*found),
            None => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }
}

async fn serve_pages(journal: Arc<Journal>) {
    loop {
        sleep(Duration::from_secs(1)).await;
        journal.lock().expect("nobody panics").push(1);
    }
}

pub fn served_until(started: Started, journal: Arc<Journal>, shutdown: ShutdownSignal) {
    tokio::spawn(async move {
        started.await;
        let service = serve_pages(journal);
        pin_mut!(service);
        select(service, shutdown).await;
    });
}

// The worker has the receiver, and the type that is given back the only sender.

pub struct Batches {
    calls: mpsc::UnboundedSender<u64>,
}

impl Batches {
    pub fn new<F, Fut>(work: F) -> Batches
    where
        F: Fn(Vec<u64>) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let (calls, receiver) = mpsc::unbounded_channel();
        Batches::work_off(receiver, work);
        Batches { calls }
    }

    fn work_off<F, Fut>(receiver: mpsc::UnboundedReceiver<u64>, work: F) -> JoinHandle<()>
    where
        F: Fn(Vec<u64>) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        tokio::spawn(batch_for_each(receiver, work))
    }

    pub fn call(&self, number: u64) {
        let _ = self.calls.send(number);
    }
}

fn batch_for_each<F, Fut>(items: mpsc::UnboundedReceiver<u64>, work: F) -> impl Future<Output = ()>
where
    F: Fn(Vec<u64>) -> Fut,
    Fut: Future<Output = ()>,
{
    let batches = stream::unfold(items, |mut items| async move { Some((vec![items.recv().await?], items)) });
    batches.for_each_concurrent(None, work)
}

// The handle is lost only where another thread panicked.

pub struct Updates {
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Updates {
    pub fn start<F: Future<Output = ()> + Send + 'static>(&self, updates: F) -> Result<(), String> {
        let handle = tokio::spawn(async move { updates.await });
        self.task.lock().map_err(|_| "the lock is poisoned".to_owned())?.replace(handle);
        Ok(())
    }

    pub fn stop(&self) {
        if let Some(task) = self.task.lock().expect("nobody panics").take() {
            task.abort();
        }
    }
}

impl Drop for Updates {
    fn drop(&mut self) {
        self.stop();
    }
}

// No build has it.

#[cfg(any())]
pub fn traced<F: Future<Output = ()> + Send + 'static>(job: F) {
    tokio::spawn(async move { job.await });
}

// Whoever lends the list keeps the handle.

pub fn tracked<F: Future<Output = ()> + Send + 'static>(pending: &Mutex<Vec<JoinHandle<()>>>, work: F) {
    let task = tokio::spawn(work);
    let mut pending = pending.lock().expect("nobody panics");
    pending.retain(|it| !it.is_finished());
    pending.push(task);
}

/// Keeps what it starts, and ends it.
#[derive(Default)]
pub struct Pending {
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl Pending {
    pub fn start<F: Future<Output = ()> + Send + 'static>(&self, work: F) {
        tracked(&self.tasks, work);
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        for task in self.tasks.lock().expect("nobody panics").drain(..) {
            task.abort();
        }
    }
}
