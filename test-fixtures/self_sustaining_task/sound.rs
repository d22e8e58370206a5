//! Tasks that do not keep their owner, or that something else ends.

use futures::stream::{BoxStream, StreamExt};
use std::{
    sync::{Arc, Mutex, Weak},
    time::Duration,
};
use tokio::{
    sync::{mpsc, watch},
    task::{AbortHandle, JoinHandle, JoinSet},
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

/// The task has a weak pointer and lets go between its turns.
#[derive(Default)]
pub struct Cache {
    sweeper: Mutex<Option<AbortOnDropHandle<()>>>,
}

impl Cache {
    fn sweep(&self) {}

    pub fn start(self: &Arc<Self>) {
        let cache = Arc::downgrade(self);
        let task = tokio::spawn(async move {
            loop {
                sleep(Duration::from_millis(10)).await;
                let Some(cache) = cache.upgrade() else { break };
                cache.sweep();
            }
        });
        *self.sweeper.lock().unwrap() = Some(AbortOnDropHandle::new(task));
    }
}

/// What the client and its task share; the handle is not part of it.
#[derive(Default)]
pub struct State {
    pings: Mutex<u32>,
}

pub struct Client {
    state: Arc<State>,
    task: JoinHandle<()>,
}

impl Client {
    pub fn connect() -> Client {
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            loop {
                sleep(Duration::from_millis(10)).await;
                *shared.pings.lock().unwrap() += 1;
            }
        });
        Client { state, task }
    }

    pub fn pings(&self) -> u32 {
        *self.state.pings.lock().unwrap()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The task has its owner, and `stop` is how it ends.
#[derive(Default)]
pub struct Pinger {
    task: Mutex<Option<AbortHandle>>,
}

impl Pinger {
    fn ping(&self) {}

    pub fn start(self: &Arc<Self>) {
        let pinger = self.clone();
        let task = tokio::spawn(async move {
            loop {
                sleep(Duration::from_millis(10)).await;
                pinger.ping();
            }
        });
        *self.task.lock().unwrap() = Some(task.abort_handle());
    }

    pub fn stop(&self) {
        if let Some(task) = self.task.lock().unwrap().take() {
            task.abort();
        }
    }
}

impl Drop for Pinger {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The workers share only the name.
pub struct Pool {
    workers: Mutex<JoinSet<()>>,
    name: Arc<str>,
}

impl Pool {
    pub fn new(name: &str) -> Arc<Pool> {
        Arc::new(Pool { workers: Mutex::default(), name: name.into() })
    }

    pub fn grow(self: &Arc<Self>) {
        let name = self.name.clone();
        self.workers.lock().unwrap().spawn(async move {
            loop {
                sleep(Duration::from_millis(10)).await;
                println!("{name} works");
            }
        });
    }
}

/// The token is cancelled by `close`, too.
pub struct Monitor {
    stop: CancellationToken,
    seen: Mutex<u32>,
}

impl Monitor {
    pub fn new() -> Arc<Monitor> {
        Arc::new(Monitor { stop: CancellationToken::new(), seen: Mutex::new(0) })
    }

    pub fn start(self: &Arc<Self>) {
        let stop = self.stop.clone();
        let monitor = Arc::clone(self);
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = sleep(Duration::from_millis(10)) => *monitor.seen.lock().unwrap() += 1,
                }
            }
        });
    }

    pub fn close(&self) {
        self.stop.cancel();
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// A message that `close` sends ends the task, although it keeps the owner.
pub struct Feed {
    stop: watch::Sender<bool>,
    name: String,
}

impl Feed {
    pub fn open(name: &str) -> Arc<Feed> {
        let (stop, mut stopped) = watch::channel(false);
        let feed = Arc::new(Feed { stop, name: name.to_owned() });
        let reader = feed.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = stopped.changed() => break,
                    () = sleep(Duration::from_millis(10)) => println!("{} goes on", reader.name),
                }
            }
        });
        feed
    }

    pub fn close(&self) {
        let _ = self.stop.send(true);
    }
}

/// The sender is taken out of the owner when it is closed.
pub struct Queue {
    jobs: Mutex<Option<mpsc::Sender<u32>>>,
    inbox: Mutex<Option<mpsc::Receiver<u32>>>,
}

impl Queue {
    pub fn new() -> Arc<Queue> {
        let (jobs, inbox) = mpsc::channel(4);
        Arc::new(Queue { jobs: Mutex::new(Some(jobs)), inbox: Mutex::new(Some(inbox)) })
    }

    fn work(&self, job: u32) {
        println!("{job}");
    }

    pub fn start(self: &Arc<Self>) {
        let Some(mut inbox) = self.inbox.lock().unwrap().take() else { return };
        let queue = Arc::clone(self);
        tokio::spawn(async move {
            while let Some(job) = inbox.recv().await {
                queue.work(job);
            }
        });
    }

    pub fn close(&self) {
        self.jobs.lock().unwrap().take();
    }
}

/// Announces a name for as long as somebody has a clone of it. The task has only what it fills.
#[derive(Clone, Default)]
pub struct Discovery(Arc<Announcer>);

#[derive(Default)]
struct Announcer {
    seen: Arc<Mutex<Vec<String>>>,
    task: Mutex<Option<AbortOnDropHandle<()>>>,
}

impl Discovery {
    pub fn announce(&self, name: String) {
        let seen = self.0.seen.clone();
        let announcing = tokio::spawn(announce_for_ever(seen, name));
        let mut task = self.0.task.lock().unwrap();
        *task = Some(AbortOnDropHandle::new(announcing));
    }
}

async fn announce_for_ever(seen: Arc<Mutex<Vec<String>>>, name: String) {
    loop {
        sleep(Duration::from_millis(5)).await;
        seen.lock().unwrap().push(name.clone());
    }
}

/// Ends its task when the last clone of the client goes.
struct SyncHandle(AbortHandle);

impl Drop for SyncHandle {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[derive(Clone, Default)]
pub struct NodeClient {
    nodes: Arc<Mutex<Vec<String>>>,
    sync: Option<Arc<SyncHandle>>,
}

impl NodeClient {
    // The clone in the task was made before there was a handle: it has none.
    pub fn connect(period: Duration) -> NodeClient {
        let mut client = NodeClient::default();
        let copy = client.clone();
        let task = tokio::spawn(async move {
            loop {
                sleep(period).await;
                copy.ping_all();
            }
        });
        client.sync = Some(Arc::new(SyncHandle(task.abort_handle())));
        client
    }

    fn ping_all(&self) {
        self.nodes.lock().unwrap().dedup();
    }

    pub fn is_synced(&self) -> bool {
        self.sync.is_some()
    }
}

/// Tells whether the connection is up.
pub struct Link {
    state: watch::Sender<bool>,
}

impl Link {
    pub fn states(&self) -> watch::Receiver<bool> {
        self.state.subscribe()
    }
}

/// Its task has the topics, and not the link that it listens to.
pub struct Subscriptions {
    link: Link,
    topics: Arc<Mutex<Vec<String>>>,
}

impl Subscriptions {
    pub fn new() -> Arc<Subscriptions> {
        Arc::new(Subscriptions { link: Link { state: watch::Sender::new(true) }, topics: Arc::default() })
    }

    pub fn resubscribe_on_reconnect(self: &Arc<Self>) {
        let mut states = self.link.states();
        let topics = Arc::clone(&self.topics);
        tokio::spawn(async move {
            while states.changed().await.is_ok() {
                println!("{} topics", topics.lock().unwrap().len());
            }
        });
    }
}

/// The task is given both ends; one of them is behind a weak pointer, or goes to somebody else.
pub struct Store {
    rows: Mutex<Vec<u64>>,
    _stop: mpsc::Sender<()>,
}

impl Store {
    pub fn open(every: Duration) -> Arc<Store> {
        let (stop, stopped) = mpsc::channel(1);
        let store = Arc::new(Store { rows: Mutex::default(), _stop: stop });
        sweep(every, stopped, Arc::downgrade(&store));
        store
    }

    pub fn beside(every: Duration) -> (Arc<Store>, mpsc::Sender<()>) {
        let (stop, stopped) = mpsc::channel(1);
        let (other, _) = mpsc::channel(1);
        let store = Arc::new(Store { rows: Mutex::default(), _stop: other });
        sweep_all(every, stopped, store.clone());
        (store, stop)
    }
}

fn sweep(every: Duration, mut stopped: mpsc::Receiver<()>, store: Weak<Store>) {
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = sleep(every) => match store.upgrade() {
                    Some(store) => store.rows.lock().unwrap().clear(),
                    None => return,
                },
                _ = stopped.recv() => return,
            }
        }
    });
}

fn sweep_all(every: Duration, mut stopped: mpsc::Receiver<()>, store: Arc<Store>) {
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = sleep(every) => store.rows.lock().unwrap().clear(),
                _ = stopped.recv() => return,
            }
        }
    });
}

/// Its watcher lets go of it before it waits.
pub struct Caster {
    seen: Mutex<Vec<u64>>,
}

impl Caster {
    pub fn new(feed: BoxStream<'static, u64>) -> Arc<Caster> {
        let caster = Arc::new(Caster { seen: Mutex::default() });
        tokio::spawn(watch_feed(Arc::downgrade(&caster), feed));
        caster
    }

    /// What it has seen is not itself.
    pub fn aside(feed: BoxStream<'static, u64>) -> (Caster, Arc<Mutex<Vec<u64>>>) {
        let seen = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(collect_feed(seen.clone(), feed));
        (Caster { seen: Mutex::default() }, seen)
    }
}

async fn watch_feed(caster: Weak<Caster>, mut feed: BoxStream<'static, u64>) {
    while let Some(group) = feed.next().await {
        let Some(caster) = caster.upgrade() else { break };
        caster.seen.lock().unwrap().push(group);
    }
}

async fn collect_feed(seen: Arc<Mutex<Vec<u64>>>, mut feed: BoxStream<'static, u64>) {
    while let Some(group) = feed.next().await {
        seen.lock().unwrap().push(group);
    }
}

/// Both halves are arguments, and the sender is taken out of its owner behind a lock.
pub struct Closable {
    rows: Mutex<Vec<u64>>,
    stop: Mutex<Option<watch::Sender<()>>>,
}

impl Closable {
    pub fn open(every: Duration) -> Arc<Closable> {
        let (stop, stopped) = watch::channel(());
        let store = Arc::new(Closable { rows: Mutex::default(), stop: Mutex::new(Some(stop)) });
        Arc::clone(&store).sweep(every, stopped);
        store
    }

    fn sweep(self: Arc<Self>, every: Duration, mut stopped: watch::Receiver<()>) {
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = sleep(every) => self.rows.lock().unwrap().clear(),
                    _ = stopped.changed() => return,
                }
            }
        });
    }

    pub fn close(&self) {
        let mut stop = self.stop.lock().unwrap();
        if let Some(sender) = stop.take() {
            drop(stop);
            let _ = sender.send(());
        }
    }
}
