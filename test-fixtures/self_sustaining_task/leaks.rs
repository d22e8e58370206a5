//! Tasks that keep alive what would end them.

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

/// Sweeps itself, and stops when it is dropped. Or so it seems.
#[derive(Default)]
pub struct Cache {
    sweeper: Mutex<Option<AbortOnDropHandle<()>>>,
}

impl Cache {
    fn sweep(&self) {}

    pub fn start(self: &Arc<Self>) {
        let cache = Arc::clone(self);
        let task = tokio::spawn(async move {
            //~^ self_sustaining_task
            loop {
                sleep(Duration::from_millis(10)).await;
                cache.sweep();
            }
        });
        *self.sweeper.lock().unwrap() = Some(AbortOnDropHandle::new(task));
    }
}

/// The same with a `Drop` of its own.
#[derive(Default)]
pub struct Pinger {
    task: Mutex<Option<AbortHandle>>,
}

impl Pinger {
    async fn run(self: Arc<Self>) {
        loop {
            sleep(Duration::from_millis(10)).await;
            self.ping();
        }
    }

    fn ping(&self) {}

    pub fn start(self: Arc<Self>) -> Arc<Self> {
        let task = tokio::spawn(self.clone().run()); //~ self_sustaining_task
        *self.task.lock().unwrap() = Some(task.abort_handle());
        self
    }
}

impl Drop for Pinger {
    fn drop(&mut self) {
        if let Some(task) = self.task.lock().unwrap().take() {
            task.abort();
        }
    }
}

/// A set of workers that ends with it.
pub struct Pool {
    workers: Mutex<JoinSet<()>>,
    name: String,
}

impl Pool {
    pub fn new(name: &str) -> Arc<Pool> {
        Arc::new(Pool { workers: Mutex::default(), name: name.to_owned() })
    }

    pub fn grow(self: &Arc<Self>) {
        let pool = self.clone();
        self.workers.lock().unwrap().spawn(async move {
            //~^ self_sustaining_task
            loop {
                sleep(Duration::from_millis(10)).await;
                println!("{} works", pool.name);
            }
        });
    }
}

/// Sends changes to whoever follows it, and follows itself.
pub struct Settings {
    changes: watch::Sender<u32>,
}

impl Settings {
    pub fn new() -> Arc<Settings> {
        Arc::new(Settings { changes: watch::Sender::new(0) })
    }

    fn save(&self) {
        println!("saved {}", *self.changes.borrow());
    }

    // Its own sender never goes, since the task has the settings.
    pub fn save_changes(self: Arc<Self>) {
        let mut changes = self.changes.subscribe();
        tokio::spawn(async move {
            //~^ self_sustaining_task
            while changes.changed().await.is_ok() {
                self.save();
            }
        });
    }
}

/// A queue with both ends.
pub struct Queue {
    jobs: mpsc::Sender<u32>,
    inbox: Mutex<Option<mpsc::Receiver<u32>>>,
}

impl Queue {
    pub fn new() -> Arc<Queue> {
        let (jobs, inbox) = mpsc::channel(4);
        Arc::new(Queue { jobs, inbox: Mutex::new(Some(inbox)) })
    }

    fn work(&self, job: u32) {
        println!("{job} of {}", self.jobs.max_capacity());
    }

    pub fn start(self: &Arc<Self>) {
        let Some(mut inbox) = self.inbox.lock().unwrap().take() else { return };
        let queue = Arc::clone(self);
        tokio::spawn(async move {
            //~^ self_sustaining_task
            while let Some(job) = inbox.recv().await {
                queue.work(job);
            }
        });
    }
}

/// Cancels what it started when it is dropped.
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
            //~^ self_sustaining_task
            loop {
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = sleep(Duration::from_millis(10)) => *monitor.seen.lock().unwrap() += 1,
                }
            }
        });
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The owner's clone, made in a constructor, two lets away.
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
            //~^ self_sustaining_task
            while stopped.changed().await.is_ok() {
                println!("{} goes on", reader.name);
            }
        });
        feed
    }

    pub fn followers(&self) -> usize {
        self.stop.receiver_count()
    }
}

/// Asks whether the owner is still there, and has it in the other hand.
pub fn asks_a_weak(cache: Arc<Cache>) {
    let weak: Weak<Cache> = Arc::downgrade(&cache);
    tokio::spawn(async move {
        //~^ self_sustaining_task
        while let Some(there) = weak.upgrade() {
            there.sweep();
            sleep(Duration::from_millis(10)).await;
            cache.sweep();
        }
    });
}

/// Announces a name for as long as somebody has a clone of it. The task has one too.
#[derive(Clone, Default)]
pub struct Discovery(Arc<Announcer>);

#[derive(Default)]
struct Announcer {
    seen: Mutex<Vec<String>>,
    task: Mutex<Option<AbortOnDropHandle<()>>>,
}

impl Discovery {
    pub fn announce(&self, name: String) {
        let this = self.clone();
        let announcing = tokio::spawn(this.announce_for_ever(name)); //~ self_sustaining_task
        let mut task = self.0.task.lock().unwrap();
        *task = Some(AbortOnDropHandle::new(announcing));
    }

    async fn announce_for_ever(self, name: String) {
        loop {
            sleep(Duration::from_millis(5)).await;
            self.0.seen.lock().unwrap().push(name.clone());
        }
    }
}

/// Ends its task when the last clone of the client goes. The task that a change of nodes starts has a clone.
#[derive(Default)]
struct SyncHandle(Option<JoinHandle<()>>);

impl Drop for SyncHandle {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            task.abort();
        }
    }
}

#[derive(Clone, Default)]
pub struct NodeClient {
    nodes: Arc<Mutex<Vec<String>>>,
    sync: Arc<Mutex<SyncHandle>>,
}

impl NodeClient {
    fn ping_all(&self) {
        self.nodes.lock().unwrap().dedup();
    }

    pub fn use_nodes(&self, nodes: Vec<String>) {
        *self.nodes.lock().unwrap() = nodes;
        let client = self.clone();
        let task = tokio::spawn(async move {
            //~^ self_sustaining_task
            loop {
                sleep(Duration::from_millis(5)).await;
                client.ping_all();
            }
        });
        *self.sync.lock().unwrap() = SyncHandle(Some(task));
    }
}

/// Tells whether the connection is up. Whoever listens has to let go of it some day.
pub struct Link {
    state: watch::Sender<bool>,
}

impl Link {
    pub fn states(&self) -> watch::Receiver<bool> {
        self.state.subscribe()
    }
}

/// Listens to its own link, through an accessor.
pub struct Subscriptions {
    link: Link,
    topics: Mutex<Vec<String>>,
}

impl Subscriptions {
    pub fn new() -> Arc<Subscriptions> {
        Arc::new(Subscriptions { link: Link { state: watch::Sender::new(true) }, topics: Mutex::default() })
    }

    pub fn resubscribe_on_reconnect(self: &Arc<Self>) {
        let this = Arc::clone(self);
        tokio::spawn(async move { this.watch().await }); //~ self_sustaining_task
    }

    async fn watch(&self) {
        let mut states = self.link.states();
        while states.changed().await.is_ok() {
            println!("{} topics", self.topics.lock().unwrap().len());
        }
    }
}

/// Is dropped when nobody needs it, which nobody notices: its task is given both ends.
pub struct Store {
    rows: Mutex<Vec<u64>>,
    _stop: mpsc::Sender<()>,
}

impl Store {
    pub fn open(every: Duration) -> Arc<Store> {
        let (stop, stopped) = mpsc::channel(1);
        let store = Arc::new(Store { rows: Mutex::default(), _stop: stop });
        sweep_later(store.clone(), every, stopped);
        store
    }
}

fn sweep_later(store: Arc<Store>, every: Duration, stopped: mpsc::Receiver<()>) {
    sweep(every, stopped, store);
}

fn sweep(every: Duration, mut stopped: mpsc::Receiver<()>, store: Arc<Store>) {
    tokio::spawn(async move {
        //~^ self_sustaining_task
        loop {
            tokio::select! {
                () = sleep(every) => store.rows.lock().unwrap().clear(),
                _ = stopped.recv() => return,
            }
        }
    });
}

/// Its watcher has it too, and goes on for as long as there is something to watch.
pub struct Caster {
    seen: Mutex<Vec<u64>>,
}

impl Caster {
    pub fn new(feed: BoxStream<'static, u64>) -> Arc<Caster> {
        let caster = Arc::new(Caster { seen: Mutex::default() });
        tokio::spawn(watch_feed(caster.clone(), feed)); //~ self_sustaining_task
        caster
    }
}

async fn watch_feed(caster: Arc<Caster>, mut feed: BoxStream<'static, u64>) {
    while let Some(group) = feed.next().await {
        caster.seen.lock().unwrap().push(group);
    }
}

/// Cancels its task when it is dropped, which the task prevents; it asks for the token through an accessor.
pub struct Meter {
    closing: CancellationToken,
    readings: Mutex<Vec<u32>>,
}

impl Meter {
    pub fn new() -> Arc<Meter> {
        Arc::new(Meter { closing: CancellationToken::new(), readings: Mutex::default() })
    }

    fn closing(&self) -> &CancellationToken {
        &self.closing
    }

    pub fn start(self: &Arc<Self>) {
        let meter = Arc::clone(self);
        tokio::spawn(async move {
            //~^ self_sustaining_task
            loop {
                tokio::select! {
                    () = meter.closing().cancelled() => break,
                    () = sleep(Duration::from_millis(5)) => meter.readings.lock().unwrap().push(1),
                }
            }
        });
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.closing.cancel();
    }
}
