//! Handles in fields that somebody keeps, and tasks that end with their owner all the same.

use futures::FutureExt;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::watch,
    task::{AbortHandle, JoinHandle, JoinSet},
    time::{interval, sleep},
};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::AbortOnDropHandle,
};

#[derive(Default)]
pub struct Metrics {
    pings: Mutex<u64>,
}

impl Metrics {
    fn count(&self) {
        *self.pings.lock().unwrap() += 1;
    }
}

async fn ping_for_ever(metrics: Arc<Metrics>) {
    let mut tick = interval(Duration::from_millis(5));
    loop {
        tick.tick().await;
        metrics.count();
    }
}

/// `Drop` aborts.
pub struct Session {
    heartbeat: JoinHandle<()>,
}

impl Session {
    pub fn open(metrics: Arc<Metrics>) -> Session {
        Session { heartbeat: tokio::spawn(ping_for_ever(metrics)) }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.heartbeat.abort();
    }
}

/// `Drop` aborts both, through a method.
pub struct Link {
    reader: Option<JoinHandle<()>>,
    keepalive: Option<JoinHandle<()>>,
}

impl Link {
    pub fn open(metrics: Arc<Metrics>) -> Link {
        let reader = Some(tokio::spawn(ping_for_ever(metrics.clone())));
        Link { reader, keepalive: Some(tokio::spawn(ping_for_ever(metrics))) }
    }

    fn close(&mut self) {
        for task in [self.reader.take(), self.keepalive.take()].into_iter().flatten() {
            task.abort();
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.close();
    }
}

/// `stop` aborts what it takes out.
#[derive(Default)]
pub struct Pool {
    workers: Mutex<Vec<JoinHandle<()>>>,
}

impl Pool {
    pub fn grow(&self, metrics: Arc<Metrics>) {
        self.workers.lock().unwrap().push(tokio::spawn(ping_for_ever(metrics)));
    }

    pub fn stop(&self) {
        let workers = std::mem::take(&mut *self.workers.lock().unwrap());
        workers.into_iter().for_each(|worker| worker.abort());
    }
}

/// `shutdown` aborts and waits.
#[derive(Default)]
pub struct Reporter {
    task: Option<JoinHandle<()>>,
}

impl Reporter {
    pub fn start(&mut self, metrics: Arc<Metrics>) {
        if self.task.is_none() {
            self.task = Some(tokio::spawn(ping_for_ever(metrics)));
        }
    }

    pub async fn shutdown(mut self) {
        let Some(task) = self.task.take() else { return };
        task.abort();
        let _ = task.await;
    }
}

/// A handle that leaves the map is aborted.
#[derive(Default)]
pub struct Watchers {
    by_name: HashMap<String, JoinHandle<()>>,
}

impl Watchers {
    pub fn watch(&mut self, name: String, metrics: Arc<Metrics>) {
        if let Some(old) = self.by_name.insert(name, tokio::spawn(ping_for_ever(metrics))) {
            old.abort();
        }
    }

    pub fn unwatch(&mut self, name: &str) {
        if let Some(task) = self.by_name.remove(name) {
            task.abort();
        }
    }
}

/// The variant's handle is taken out by a pattern.
enum Phase {
    Idle,
    Running(JoinHandle<()>, u32),
    Draining { task: JoinHandle<()> },
}

pub struct Job {
    phase: Phase,
}

impl Job {
    pub fn start(metrics: Arc<Metrics>) -> Job {
        Job { phase: Phase::Running(tokio::spawn(ping_for_ever(metrics)), 1) }
    }

    pub fn drain(metrics: Arc<Metrics>) -> Job {
        Job { phase: Phase::Draining { task: tokio::spawn(ping_for_ever(metrics)) } }
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        match &self.phase {
            Phase::Idle => {}
            Phase::Running(task, attempts) => {
                println!("attempt {attempts}");
                task.abort();
            }
            Phase::Draining { task } => task.abort(),
        }
    }
}

/// A guard of the workspace's own, below an `Arc` and an `Option`.
struct Guard(JoinHandle<()>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.abort();
    }
}

trait GuardExt {
    fn guarded(self) -> Guard;
}

impl GuardExt for JoinHandle<()> {
    fn guarded(self) -> Guard {
        Guard(self)
    }
}

#[derive(Clone)]
pub struct Cache {
    _refresh: Option<Arc<Guard>>,
}

impl Cache {
    pub fn new(metrics: Arc<Metrics>) -> Cache {
        Cache { _refresh: Some(Arc::new(Guard(tokio::spawn(ping_for_ever(metrics))))) }
    }

    pub fn with_suffix(metrics: Arc<Metrics>) -> Cache {
        let guard = tokio::spawn(ping_for_ever(metrics)).guarded();
        Cache { _refresh: Some(Arc::new(guard)) }
    }
}

/// Owners of the libraries.
pub struct Owned {
    _set: JoinSet<()>,
    _handle: AbortOnDropHandle<()>,
}

impl Owned {
    pub fn new(metrics: Arc<Metrics>) -> Owned {
        let mut set = JoinSet::new();
        set.spawn(ping_for_ever(metrics.clone()));
        Owned { _set: set, _handle: AbortOnDropHandle::new(tokio::spawn(ping_for_ever(metrics))) }
    }
}

/// Dropping a smol task cancels it.
pub struct Smol {
    _task: smol::Task<()>,
}

impl Smol {
    pub fn new() -> Smol {
        Smol { _task: smol::spawn(std::future::pending()) }
    }
}

/// The sender stands beside the handle: the task ends when both go.
pub struct Feed {
    _stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Feed {
    pub fn start(metrics: Arc<Metrics>) -> Feed {
        let (stop, mut stopped) = watch::channel(false);
        let task = tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = stopped.changed() => break,
                    _ = sleep(Duration::from_millis(5)) => metrics.count(),
                }
            }
        });
        Feed { _stop: stop, task }
    }

    pub fn is_finished(&self) -> bool {
        self.task.is_finished()
    }
}

/// So does the guard of a token.
pub struct Tail {
    _stop: DropGuard,
    task: JoinHandle<()>,
}

impl Tail {
    pub fn start(metrics: Arc<Metrics>) -> Tail {
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let task = tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = stopped.cancelled() => return,
                    () = sleep(Duration::from_millis(5)) => metrics.count(),
                }
            }
        });
        Tail { _stop: stop.drop_guard(), task }
    }

    pub fn is_finished(&self) -> bool {
        self.task.is_finished()
    }
}

/// The task looks for its owner on every turn.
pub struct Hub {
    metrics: Metrics,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Hub {
    pub fn start() -> Arc<Hub> {
        let hub = Arc::new(Hub { metrics: Metrics::default(), task: Mutex::new(None) });
        let weak: Weak<Hub> = Arc::downgrade(&hub);
        let task = tokio::spawn(async move {
            while let Some(hub) = weak.upgrade() {
                hub.metrics.count();
                drop(hub);
                sleep(Duration::from_millis(5)).await;
            }
        });
        *hub.task.lock().unwrap() = Some(task);
        hub
    }
}

/// The handle is handed out.
pub struct Started {
    task: JoinHandle<()>,
}

impl Started {
    pub fn new(metrics: Arc<Metrics>) -> Started {
        Started { task: tokio::spawn(ping_for_ever(metrics)) }
    }

    pub fn into_task(self) -> JoinHandle<()> {
        let Self { task } = self;
        task
    }
}

/// Everybody can get at a public field.
pub struct Parts {
    pub task: JoinHandle<()>,
    pub abort: AbortHandle,
}

pub fn parts(metrics: Arc<Metrics>) -> Parts {
    let task = tokio::spawn(ping_for_ever(metrics));
    Parts { abort: task.abort_handle(), task }
}

/// A task that is soon over.
pub struct Warmup {
    task: JoinHandle<()>,
}

impl Warmup {
    pub fn new(metrics: Arc<Metrics>) -> Warmup {
        let task = tokio::spawn(async move {
            sleep(Duration::from_millis(5)).await;
            metrics.count();
        });
        Warmup { task }
    }

    pub fn is_done(&self) -> bool {
        self.task.is_finished()
    }
}

/// A connection that was accepted ends with its peer.
pub struct Connection {
    task: JoinHandle<()>,
}

impl Connection {
    pub fn serve(mut stream: TcpStream) -> Connection {
        let task = tokio::spawn(async move {
            let mut buffer = [0; 1024];
            while let Ok(count @ 1..) = stream.read(&mut buffer).await {
                if stream.write_all(&buffer[..count]).await.is_err() {
                    break;
                }
            }
        });
        Connection { task }
    }

    pub fn is_open(&self) -> bool {
        !self.task.is_finished()
    }
}

/// A macro of the file does what a method would do.
pub struct Macro {
    task: JoinHandle<()>,
}

macro_rules! end {
    ($owner:expr) => {
        $owner.task.abort()
    };
}

impl Macro {
    pub fn start(metrics: Arc<Metrics>) -> Macro {
        Macro { task: tokio::spawn(ping_for_ever(metrics)) }
    }
}

impl Drop for Macro {
    fn drop(&mut self) {
        end!(self);
    }
}

/// A monitor that ends the task before, and with no period starts none.
#[derive(Default)]
pub struct Monitor {
    task: Option<JoinHandle<()>>,
}

impl Monitor {
    pub fn watch(&mut self, period: Option<Duration>, metrics: Arc<Metrics>) {
        if let Some(before) = self.task.take() {
            before.abort();
        }
        if period.is_some() {
            self.task = Some(tokio::spawn(ping_for_ever(metrics)));
        }
    }

    pub fn rewatch(&mut self, period: Option<Duration>, metrics: Arc<Metrics>) {
        if let Some(before) = self.task.take() {
            before.abort();
        }
        self.task = period.map(|_| tokio::spawn(ping_for_ever(metrics)));
    }
}

/// The task before is ended by the next one, and the last one by the drop.
#[derive(Default)]
pub struct News {
    task: Mutex<Option<JoinHandle<()>>>,
}

impl News {
    pub fn follow(&self, metrics: Arc<Metrics>) {
        let mut task = self.task.lock().unwrap();
        if let Some(before) = &*task {
            before.abort();
        }
        *task = Some(tokio::spawn(ping_for_ever(metrics)));
    }
}

impl Drop for News {
    fn drop(&mut self) {
        if let Some(task) = self.task.get_mut().unwrap().take() {
            task.abort();
        }
    }
}

/// What is stopped goes on with something short, in the same field.
#[derive(Default)]
pub struct Player {
    task: Option<JoinHandle<()>>,
}

impl Player {
    pub fn start(&mut self, metrics: Arc<Metrics>) {
        self.stop();
        self.task = Some(tokio::spawn(ping_for_ever(metrics)));
    }

    pub fn stop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
        self.task = Some(tokio::spawn(async { println!("stopped") }));
    }
}

/// A guard that can be told to let go: the drop aborts all others.
pub struct Armed {
    task: Option<JoinHandle<()>>,
}

impl Armed {
    pub fn start(metrics: Arc<Metrics>) -> Armed {
        Armed { task: Some(tokio::spawn(ping_for_ever(metrics))) }
    }

    pub fn disarm(&mut self) {
        self.task = None;
    }
}

impl Drop for Armed {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

/// What the map holds is aborted before it is emptied.
struct Titling {
    task: JoinHandle<()>,
    title: String,
}

#[derive(Default)]
pub struct Titles {
    running: Mutex<HashMap<u32, Titling>>,
}

impl Titles {
    pub fn begin(&self, id: u32, metrics: Arc<Metrics>) {
        let task = tokio::spawn(ping_for_ever(metrics));
        self.running.lock().unwrap().insert(id, Titling { task, title: format!("title {id}") });
    }

    pub fn finish(&self, id: u32) -> Option<String> {
        let titling = self.running.lock().unwrap().remove(&id)?;
        titling.task.abort();
        Some(titling.title)
    }
}

impl Drop for Titles {
    fn drop(&mut self) {
        let mut running = self.running.lock().unwrap();
        for titling in running.values() {
            titling.task.abort();
        }
        running.clear();
    }
}

/// A `reset` that tells the tasks to stop before it lets go of them, by a method of its own.
#[derive(Default)]
pub struct Feeds {
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Feeds {
    pub fn follow(&mut self, metrics: Arc<Metrics>) {
        let stop = self.stop.clone();
        self.tasks.push(tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = sleep(Duration::from_millis(5)) => metrics.count(),
                }
            }
        }));
    }

    pub fn reset(&mut self) {
        self.end_all();
        self.stop = CancellationToken::new();
        self.tasks.clear();
    }

    fn end_all(&self) {
        self.stop.cancel();
    }
}

/// Who puts the handle there looks whether there is one, and lets go of the lock and of nothing else.
#[derive(Default)]
pub struct Processor {
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Processor {
    pub fn process(&self, mut stop: watch::Receiver<()>, metrics: Arc<Metrics>) {
        let mut task = self.task.lock().unwrap();
        debug_assert!(task.is_none(), "it is started once");
        let started = tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = stop.changed() => return,
                    () = sleep(Duration::from_millis(5)) => metrics.count(),
                }
            }
        });
        *task = Some(started);
    }

    pub async fn wait(&self) {
        let task = self.task.lock().unwrap().take();
        if let Some(task) = task {
            task.abort();
        }
    }
}

/// A job of the manager, with all that runs for it.
#[derive(Default)]
pub struct Managed {
    name: String,
    running: Vec<JoinHandle<()>>,
}

/// Whoever asks for a shutdown listener looks into the map, and lets go of a reference to what is there.
#[derive(Default)]
pub struct Manager {
    jobs: HashMap<u32, Managed>,
    asked: Arc<AtomicBool>,
}

impl Manager {
    pub fn add(&mut self, id: u32, metrics: Arc<Metrics>) {
        let asked = self.asked.clone();
        let running = tokio::spawn(async move {
            while !asked.load(Ordering::SeqCst) {
                metrics.count();
                sleep(Duration::from_millis(5)).await;
            }
        });
        self.jobs.entry(id).or_default().running.push(running);
    }

    pub fn name_for_shutdown(&self, id: u32) -> Option<String> {
        let job = self.jobs.get(&id)?;
        Some(job.name.clone())
    }

    pub async fn shutdown(&mut self) {
        self.asked.store(true, Ordering::SeqCst);
        for (_, job) in self.jobs.drain() {
            for task in job.running {
                let _ = task.await;
            }
        }
    }
}

/// Jobs that take their own entry out when they are done.
pub struct Board {
    jobs: Arc<Mutex<HashMap<u64, JoinHandle<()>>>>,
}

impl Board {
    pub fn post(&self, id: u64, job: impl Future<Output = ()> + Send + 'static) {
        let mut jobs = self.jobs.lock().unwrap();
        let own = self.jobs.clone();
        let task = tokio::spawn(job.map(move |()| {
            own.lock().unwrap().remove(&id);
        }));
        jobs.insert(id, task);
    }

    pub fn watch(&self, id: u64) {
        let task = tokio::spawn(watch_until_done(Arc::clone(&self.jobs), id));
        self.jobs.lock().unwrap().insert(id, task);
    }

    pub fn end_all(&self) {
        for (_, job) in self.jobs.lock().unwrap().drain() {
            job.abort();
        }
    }
}

async fn watch_until_done(jobs: Arc<Mutex<HashMap<u64, JoinHandle<()>>>>, id: u64) {
    while !std::path::Path::new("done").exists() {
        sleep(Duration::from_secs(1)).await;
    }
    jobs.lock().unwrap().remove(&id);
}
