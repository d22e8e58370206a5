//! Guards that are kept, given on, or given up on purpose.

use futures::{executor::ThreadPool, future::FutureExt, future::RemoteHandle, task::SpawnExt};
use std::{sync::Arc, sync::Mutex, time::Duration};
use tokio::{
    task::{AbortHandle, JoinHandle, JoinSet},
    time::{interval, sleep},
};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::AbortOnDropHandle,
};

#[derive(Default)]
pub struct Cache {
    pub turns: Mutex<u64>,
}

async fn refresh(cache: Arc<Cache>) {
    let mut tick = interval(Duration::from_millis(1));
    loop {
        tick.tick().await;
        *cache.turns.lock().unwrap() += 1;
    }
}

/// Lives for as long as the scope.
pub async fn named(cache: Arc<Cache>) {
    let _refresh = AbortOnDropHandle::new(tokio::spawn(refresh(cache)));
    sleep(Duration::from_millis(20)).await;
}

/// What blocks takes time too.
pub fn named_in_a_thread(cache: Arc<Cache>, work: impl FnOnce()) {
    let _refresh = AbortOnDropHandle::new(tokio::spawn(refresh(cache)));
    work();
}

pub fn returned(cache: Arc<Cache>) -> AbortOnDropHandle<()> {
    let task = tokio::spawn(refresh(cache));
    AbortOnDropHandle::new(task)
}

pub async fn kept_by_the_caller(cache: Arc<Cache>) {
    let refresh = returned(cache.clone());
    sleep(Duration::from_millis(20)).await;
    println!("{} {}", refresh.is_finished(), cache.turns.lock().unwrap());
}

pub async fn awaited(cache: Arc<Cache>) {
    let _ = AbortOnDropHandle::new(tokio::spawn(async move { *cache.turns.lock().unwrap() += 1 })).await;
}

/// Said in so many words.
pub async fn on_purpose(cache: Arc<Cache>) {
    let refresh = AbortOnDropHandle::new(tokio::spawn(refresh(cache)));
    sleep(Duration::from_millis(20)).await;
    drop(refresh);
}

pub fn detached(cache: Arc<Cache>) {
    smol::spawn(async move { *cache.turns.lock().unwrap() += 1 }).detach();
}

/// The guard ends with the future that holds it.
pub fn guard_in_a_task(cache: Arc<Cache>, stop: CancellationToken) -> JoinHandle<()> {
    let listener = stop.clone();
    let guard = stop.drop_guard();
    tokio::spawn(async move {
        let _guard = guard;
        listener.run_until_cancelled(refresh(cache)).await;
    })
}

pub async fn set_in_a_variable(cache: Arc<Cache>) {
    let mut tasks = JoinSet::new();
    tasks.spawn(refresh(cache.clone()));
    tasks.spawn(refresh(cache));
    sleep(Duration::from_millis(20)).await;
}

pub fn both_halves(cache: Arc<Cache>) -> (JoinHandle<()>, RemoteHandle<()>) {
    let (work, handle) = async move { *cache.turns.lock().unwrap() += 1 }.remote_handle();
    (tokio::spawn(work), handle)
}

pub fn forgotten(pool: &ThreadPool, cache: Arc<Cache>) {
    pool.spawn_with_handle(async move { *cache.turns.lock().unwrap() += 1 }).unwrap().forget();
}

/// A blocking closure goes on once it has started.
pub fn unblocked(cache: Arc<Cache>) {
    let _ = smol::unblock(move || *cache.turns.lock().unwrap() += 1);
}

pub struct Refresher {
    task: Option<AbortHandle>,
}

impl Refresher {
    pub fn start(cache: Arc<Cache>) -> Refresher {
        Refresher { task: Some(tokio::spawn(refresh(cache)).abort_handle()) }
    }

    /// Each step gives the same one on.
    pub fn named(&mut self, name: &str) -> &mut Refresher {
        println!("{name}");
        self
    }

    pub fn shared(cache: Arc<Cache>) -> Arc<Refresher> {
        Arc::new(Refresher::start(cache))
    }
}

impl Drop for Refresher {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

pub struct Service {
    refresher: Mutex<Vec<Refresher>>,
    _stop: DropGuard,
}

impl Service {
    pub fn new(stop: CancellationToken) -> Service {
        Service { refresher: Mutex::default(), _stop: stop.drop_guard() }
    }

    pub fn start(&self, cache: Arc<Cache>) {
        let mut refresher = Refresher::start(cache);
        refresher.named("cache");
        self.refresher.lock().unwrap().push(refresher);
    }

    /// Drops what was there: that is what it is for.
    pub fn restart(&self, cache: Arc<Cache>) {
        *self.refresher.lock().unwrap() = vec![Refresher::start(cache)];
    }
}

pub async fn of_several_owners(cache: Arc<Cache>) {
    let _first = Refresher::shared(cache);
    sleep(Duration::from_millis(20)).await;
}

/// A handle of whichever runtime there is; of the one that cancels on drop it is detached.
pub enum AnyTask {
    Tokio(JoinHandle<()>),
    Smol(Option<smol::Task<()>>),
}

impl Drop for AnyTask {
    fn drop(&mut self) {
        if let AnyTask::Smol(task) = self {
            if let Some(task) = task.take() {
                task.detach();
            }
        }
    }
}

pub fn spawn_any(work: impl Future<Output = ()> + Send + 'static) -> AnyTask {
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => AnyTask::Tokio(runtime.spawn(work)),
        Err(_) => AnyTask::Smol(Some(smol::spawn(work))),
    }
}

pub fn on_any_runtime(cache: Arc<Cache>) {
    spawn_any(async move { *cache.turns.lock().unwrap() += 1 });
}

/// One of its tasks ends with it, and the other is meant to go on.
pub struct Pair {
    _flusher: AbortOnDropHandle<()>,
    writer: JoinHandle<()>,
}

impl Pair {
    pub fn is_over(&self) -> bool {
        self.writer.is_finished()
    }
}

pub fn paired(cache: Arc<Cache>, flusher: AbortOnDropHandle<()>) -> bool {
    let writer = tokio::spawn(async move { *cache.turns.lock().unwrap() += 1 });
    Pair { _flusher: flusher, writer }.is_over()
}

/// Each platform has its own way to start a task, and its own code for it.
#[cfg(windows)]
use smol as executor;
#[cfg(not(windows))]
use tokio::task as executor;

pub fn on_the_executor_of_the_build(cache: Arc<Cache>) {
    let turn = async move { *cache.turns.lock().unwrap() += 1 };
    #[cfg(windows)]
    executor::spawn(turn).detach();
    #[cfg(not(windows))]
    executor::spawn(turn);
}

/// The two blocks stand for one: which of them is the value depends on the build.
pub fn started_where_it_can_be(cache: Arc<Cache>) -> Refresher {
    #[cfg(not(windows))]
    {
        Refresher { task: Some(tokio::spawn(refresh(cache)).abort_handle()) }
    }
    #[cfg(windows)]
    {
        drop(cache);
        Refresher { task: None }
    }
}

pub async fn kept_where_it_could_be_started(cache: Arc<Cache>) {
    let refresher = Some(cache).map(started_where_it_can_be);
    sleep(Duration::from_millis(20)).await;
    drop(refresher);
}

/// The same behind a guard, and in a set.
pub fn blocks_behind_a_guard(cache: Arc<Cache>) {
    let counted = cache.clone();
    let _ = AbortOnDropHandle::new(tokio::task::spawn_blocking(move || *counted.turns.lock().unwrap() += 1));
    JoinSet::new().spawn_blocking(move || *cache.turns.lock().unwrap() += 1);
}
