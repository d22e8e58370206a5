//! What dropping a handle means differs from runtime to runtime.

use futures::{
    FutureExt, StreamExt,
    executor::ThreadPool,
    task::{LocalSpawnExt, SpawnExt},
};
use std::{
    collections::HashMap,
    future::Future,
    io,
    ops::Deref,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};
use tokio::{
    runtime::{Builder, Handle, Runtime},
    sync::{Notify, mpsc},
    task::LocalSet,
};
use tokio_util::sync::CancellationToken;

#[derive(Default)]
pub struct Journal {
    lines: Mutex<Vec<String>>,
    asked: Notify,
}

impl Journal {
    async fn flush_when_asked(self: Arc<Self>) {
        self.asked.notified().await;
        self.lines.lock().unwrap().clear();
    }
}

// tokio: on a handle that was handed in, or a static runtime.

static BACKGROUND: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("threads can be started"));

pub fn on_a_handle(handle: &Handle, journal: Arc<Journal>) {
    handle.spawn(journal.flush_when_asked()); //~ dropped_join_handle
}

pub fn on_a_static_runtime(journal: Arc<Journal>) {
    BACKGROUND.spawn(journal.flush_when_asked()); //~ dropped_join_handle
}

/// A runtime of the function ends its tasks.
pub fn on_a_runtime_of_the_function(journal: Arc<Journal>) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.spawn(journal.flush_when_asked());
    runtime.block_on(async { tokio::task::yield_now().await });
    Ok(())
}

/// So does a set.
pub async fn on_a_set_of_the_function(journal: Arc<Journal>) {
    let local = LocalSet::new();
    local.spawn_local(journal.clone().flush_when_asked());
    local
        .run_until(async move {
            tokio::task::spawn_local(journal.flush_when_asked());
            tokio::task::yield_now().await;
        })
        .await;
}

// async-std detaches.

pub fn async_std_statement(journal: Arc<Journal>) {
    async_std::task::spawn(journal.flush_when_asked()); //~ dropped_join_handle
}

pub fn async_std_name(journal: Arc<Journal>) {
    let _flusher = async_std::task::spawn(async move { journal.flush_when_asked().await }); //~ dropped_join_handle
}

pub async fn async_std_awaited(journal: Arc<Journal>) {
    async_std::task::spawn(journal.flush_when_asked()).await;
}

pub async fn async_std_cancelled(journal: Arc<Journal>) {
    let flusher = async_std::task::spawn(journal.flush_when_asked());
    flusher.cancel().await;
}

// smol cancels, unless it is told not to.

pub fn smol_detached(journal: Arc<Journal>) {
    smol::spawn(journal.flush_when_asked()).detach(); //~ dropped_join_handle
}

pub fn smol_detached_later(executor: &smol::Executor<'static>, journal: Arc<Journal>) {
    let flusher = executor.spawn(journal.flush_when_asked()); //~ dropped_join_handle
    println!("started");
    flusher.detach();
}

pub fn smol_cancelled_by_scope(journal: Arc<Journal>) {
    let flusher = smol::spawn(journal.flush_when_asked());
    println!("finished: {}", flusher.is_finished());
}

pub struct SmolFlusher {
    _task: smol::Task<()>,
}

pub fn smol_in_a_field(journal: Arc<Journal>) -> SmolFlusher {
    SmolFlusher { _task: smol::spawn(journal.flush_when_asked()) }
}

pub fn smol_short(journal: Arc<Journal>) {
    smol::spawn(async move { journal.lines.lock().unwrap().clear() }).detach();
}

/// An executor of the function ends even its detached tasks.
pub fn smol_executor_of_the_function(journal: Arc<Journal>) {
    let executor = smol::Executor::new();
    executor.spawn(journal.flush_when_asked()).detach();
    smol::block_on(executor.run(smol::future::yield_now()));
}

// futures: no handle at all, or one that cancels.

pub fn thread_pool(pool: &ThreadPool, journal: Arc<Journal>) {
    pool.spawn_ok(journal.flush_when_asked()); //~ dropped_join_handle
}

pub fn spawn_ext(pool: &ThreadPool, journal: Arc<Journal>) {
    pool.spawn(journal.flush_when_asked()).expect("the pool runs"); //~ dropped_join_handle
}

pub fn remote_handle_cancels(pool: &ThreadPool, journal: Arc<Journal>) {
    let flusher = pool.spawn_with_handle(journal.flush_when_asked()).expect("the pool runs");
    println!("started");
    drop(flusher);
}

pub fn remote_handle_forgotten(pool: &ThreadPool, journal: Arc<Journal>) {
    let flusher = pool.spawn_with_handle(journal.flush_when_asked()).expect("the pool runs"); //~ dropped_join_handle
    flusher.forget();
}

pub fn remote_half(journal: Arc<Journal>) -> futures::future::RemoteHandle<()> {
    let (flusher, handle) = journal.flush_when_asked().remote_handle();
    tokio::spawn(flusher);
    handle
}

pub fn local_pool_of_the_function(journal: Arc<Journal>) {
    let mut pool = futures::executor::LocalPool::new();
    pool.spawner().spawn_local(journal.flush_when_asked()).expect("the pool runs");
    pool.run_until_stalled();
}

// actix: a tokio handle, or none.

pub fn actix(journal: Arc<Journal>) {
    actix_rt::spawn(journal.flush_when_asked()); //~ dropped_join_handle
}

pub fn actix_with_a_token(journal: Arc<Journal>, stop: CancellationToken) {
    actix_rt::spawn(async move {
        tokio::select! {
            _ = stop.cancelled() => {}
            _ = journal.flush_when_asked() => {}
        }
    });
}

pub fn arbiter(arbiter: &actix_rt::ArbiterHandle, journal: Arc<Journal>) {
    arbiter.spawn(journal.flush_when_asked()); //~ dropped_join_handle
}

// Plain futures in a collection are no tasks.

pub async fn buffered(names: Vec<String>) -> usize {
    futures::stream::iter(names).map(|name| async move { name.len() }).buffer_unordered(4).count().await
}

/// The owner of a map of senders ends its tasks by dropping them.
#[derive(Default)]
pub struct Rooms {
    rooms: HashMap<String, mpsc::Sender<String>>,
}

impl Rooms {
    pub fn join(&mut self, room: &str) -> mpsc::Sender<String> {
        let sender = self.rooms.entry(room.to_owned()).or_insert_with(|| {
            let (sender, mut lines) = mpsc::channel::<String>(16);
            async_std::task::spawn(async move {
                while let Some(line) = lines.recv().await {
                    println!("{line}");
                }
            });
            sender
        });
        sender.clone()
    }

    pub async fn wait(&self) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

// A type of the workspace that stands for a runtime, since it derefs to one.

pub struct Background;

impl Deref for Background {
    type Target = Runtime;

    fn deref(&self) -> &Runtime {
        &BACKGROUND
    }
}

pub fn on_what_derefs_to_a_runtime(journal: Arc<Journal>) {
    Background.spawn(journal.flush_when_asked()); //~ dropped_join_handle
}

pub fn kept_on_what_derefs_to_a_runtime(journal: Arc<Journal>) -> tokio::task::JoinHandle<()> {
    Background.spawn(journal.flush_when_asked())
}

// A handle of whichever runtime there is: who has that has the handle.

pub enum AnyTask {
    Tokio(tokio::task::JoinHandle<()>),
    AsyncStd(async_std::task::JoinHandle<()>),
}

pub trait Starts {
    fn start(work: impl Future<Output = ()> + Send + 'static) -> AnyTask;
}

pub struct OnTokio;

impl Starts for OnTokio {
    fn start(work: impl Future<Output = ()> + Send + 'static) -> AnyTask {
        AnyTask::Tokio(tokio::spawn(work))
    }
}

pub struct OnAsyncStd;

impl Starts for OnAsyncStd {
    fn start(work: impl Future<Output = ()> + Send + 'static) -> AnyTask {
        AnyTask::AsyncStd(async_std::task::spawn(work))
    }
}

pub fn on_whichever_runtime<R: Starts>(journal: Arc<Journal>) {
    R::start(journal.flush_when_asked()); //~ dropped_join_handle
}

pub struct OnWhichever(Option<AnyTask>);

impl OnWhichever {
    pub fn start<R: Starts>(journal: Arc<Journal>) -> OnWhichever {
        OnWhichever(Some(R::start(journal.flush_when_asked())))
    }
}

impl Drop for OnWhichever {
    fn drop(&mut self) {
        match self.0.take() {
            Some(AnyTask::Tokio(task)) => task.abort(),
            Some(AnyTask::AsyncStd(task)) => async_std::task::block_on(async { task.cancel().await }).unwrap_or_default(),
            None => {}
        }
    }
}
