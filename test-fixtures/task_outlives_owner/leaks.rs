//! Handles in fields that nobody aborts, awaits or hands out: the struct goes, its task stays.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::{TcpStream, tcp::OwnedWriteHalf},
    task::{AbortHandle, JoinHandle},
    time::{interval, sleep},
};
use tokio_util::sync::CancellationToken;

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

/// The plain form: a handle that is only looked at.
pub struct Session {
    heartbeat: JoinHandle<()>,
}

impl Session {
    pub fn open(metrics: Arc<Metrics>) -> Session {
        Session { heartbeat: tokio::spawn(ping_for_ever(metrics)) } //~ task_outlives_owner
    }

    pub fn is_alive(&self) -> bool {
        !self.heartbeat.is_finished()
    }
}

/// A `Drop` that ends one task and forgets the other.
pub struct Link {
    reader: JoinHandle<()>,
    keepalive: JoinHandle<()>,
}

impl Link {
    pub fn open(metrics: Arc<Metrics>) -> Link {
        let reader = tokio::spawn(ping_for_ever(metrics.clone()));
        let keepalive = tokio::spawn(async move {
            //~^ task_outlives_owner
            loop {
                sleep(Duration::from_millis(5)).await;
                metrics.count();
            }
        });
        Link { reader, keepalive }
    }

    pub fn is_idle(&self) -> bool {
        self.keepalive.is_finished()
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// Clearing the list drops the handles and stops nothing.
#[derive(Default)]
pub struct Pool {
    workers: Mutex<Vec<JoinHandle<()>>>,
}

impl Pool {
    pub fn grow(&self, metrics: Arc<Metrics>) {
        self.workers.lock().unwrap().push(tokio::spawn(ping_for_ever(metrics))); //~ task_outlives_owner
    }

    pub fn stop(&self) {
        self.workers.lock().unwrap().clear();
    }
}

/// So does `None`.
#[derive(Default)]
pub struct Reporter {
    task: Option<JoinHandle<()>>,
}

impl Reporter {
    pub fn start(&mut self, metrics: Arc<Metrics>) {
        if self.task.is_none() {
            self.task = Some(tokio::spawn(ping_for_ever(metrics))); //~ task_outlives_owner
        }
    }

    pub fn stop(&mut self) {
        self.task = None;
    }
}

/// And taking a handle out of a map.
#[derive(Default)]
pub struct Watchers {
    by_name: HashMap<String, JoinHandle<()>>,
}

impl Watchers {
    pub fn watch(&mut self, name: String, metrics: Arc<Metrics>) {
        let task = tokio::spawn(async move {
            //~^ task_outlives_owner
            loop {
                sleep(Duration::from_millis(5)).await;
                metrics.count();
            }
        });
        self.by_name.insert(name, task);
    }

    pub fn unwatch(&mut self, name: &str) {
        self.by_name.remove(name);
    }

    pub fn len(&self) -> usize {
        self.by_name.len()
    }
}

/// A handle in a variant of an enum.
enum Phase {
    Idle,
    Running(JoinHandle<()>, u32),
}

pub struct Job {
    phase: Phase,
}

impl Job {
    pub fn idle() -> Job {
        Job { phase: Phase::Idle }
    }

    pub fn start(&mut self, metrics: Arc<Metrics>) {
        let running = tokio::spawn(ping_for_ever(metrics)); //~ task_outlives_owner
        self.phase = Phase::Running(running, 1);
    }

    pub fn attempts(&self) -> u32 {
        match &self.phase {
            Phase::Idle => 0,
            Phase::Running(_, attempts) => *attempts,
        }
    }
}

/// A newtype that promises more than it does.
pub struct Refresher(JoinHandle<()>);

impl Refresher {
    pub fn spawn(metrics: Arc<Metrics>) -> Refresher {
        Refresher(tokio::spawn(ping_for_ever(metrics))) //~ task_outlives_owner
    }

    pub fn has_failed(&self) -> bool {
        self.0.is_finished()
    }
}

/// An abort handle does not abort when it is dropped.
pub struct Subscription {
    abort: AbortHandle,
    topic: String,
}

impl Subscription {
    pub fn new(topic: String, metrics: Arc<Metrics>) -> Subscription {
        let abort = tokio::spawn(ping_for_ever(metrics)).abort_handle(); //~ ineffective_abort
        Subscription { abort, topic }
    }

    pub fn describe(&self) -> String {
        format!("{} ({:?})", self.topic, self.abort.id())
    }
}

/// A `stop` that nobody can call.
pub struct Poller {
    task: JoinHandle<()>,
}

impl Poller {
    pub fn start(metrics: Arc<Metrics>) -> Poller {
        Poller { task: tokio::spawn(ping_for_ever(metrics)) } //~ task_outlives_owner
    }

    fn halt_polling(&self) {
        self.task.abort();
    }
}

/// It ends by itself, but long after its owner.
pub struct Ticket {
    expiry: JoinHandle<()>,
}

impl Ticket {
    pub fn issue(number: u64, body: Vec<u8>) -> Ticket {
        let expiry = tokio::spawn(async move {
            //~^ task_outlives_owner
            sleep(Duration::from_secs(600)).await;
            println!("ticket {number} of {} bytes has expired", body.len());
        });
        Ticket { expiry }
    }

    pub fn is_expired(&self) -> bool {
        self.expiry.is_finished()
    }
}

/// The client goes, its reader goes on for as long as the server likes.
pub struct Client {
    writer: Arc<Mutex<Option<OwnedWriteHalf>>>,
    reader: JoinHandle<()>,
}

impl Client {
    pub async fn connect(address: String, writer: Arc<Mutex<Option<OwnedWriteHalf>>>) -> std::io::Result<Client> {
        let stream = TcpStream::connect(address).await?;
        let (read, write) = stream.into_split();
        *writer.lock().unwrap() = Some(write);
        let reader = tokio::spawn(async move {
            //~^ task_outlives_owner
            let mut lines = BufReader::new(read).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                println!("{line}");
            }
        });
        Ok(Client { writer, reader })
    }

    pub fn is_connected(&self) -> bool {
        self.writer.lock().unwrap().is_some() && !self.reader.is_finished()
    }
}

/// The spawn stands in a helper that gives the handle back.
fn supervised(metrics: Arc<Metrics>) -> JoinHandle<()> {
    tokio::spawn(ping_for_ever(metrics))
}

pub struct Supervisor {
    child: Option<JoinHandle<()>>,
    restarts: u32,
}

impl Supervisor {
    pub fn new(metrics: Arc<Metrics>) -> Supervisor {
        let child = supervised(metrics); //~ task_outlives_owner
        Supervisor { child: Some(child), restarts: 0 }
    }

    pub fn restarts(&self) -> u32 {
        self.restarts + u32::from(self.child.is_none())
    }
}

/// A monitor ends the task before, to start the next one. Nobody ends the last one.
#[derive(Default)]
pub struct Monitor {
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Monitor {
    pub fn watch(&self, metrics: Arc<Metrics>) {
        let mut task = self.task.lock().unwrap();
        if let Some(before) = &*task {
            before.abort();
        }
        *task = Some(tokio::spawn(ping_for_ever(metrics))); //~ task_outlives_owner
    }
}

/// The same, where the handle is taken out first.
#[derive(Default)]
pub struct Feed {
    task: Option<JoinHandle<()>>,
    topic: String,
}

impl Feed {
    pub fn follow(&mut self, topic: &str, metrics: Arc<Metrics>) {
        if let Some(before) = self.task.take() {
            before.abort();
        }
        self.topic = topic.to_owned();
        self.task = Some(tokio::spawn(ping_for_ever(metrics))); //~ task_outlives_owner
    }
}

/// A `Drop` that empties the map of what holds the handles, in the belief that this stops the tasks.
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
        let task = tokio::spawn(ping_for_ever(metrics)); //~ task_outlives_owner
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
        self.running.lock().unwrap().clear();
    }
}

/// A `reset` that begins with a new token and lets go of the tasks that listen to the old one.
#[derive(Default)]
pub struct Feeds {
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
    topics: Vec<String>,
}

impl Feeds {
    pub fn follow(&mut self, topic: &str, metrics: Arc<Metrics>) {
        let stop = self.stop.clone();
        self.topics.push(topic.to_owned());
        self.tasks.push(tokio::spawn(async move {
            //~^ task_outlives_owner
            loop {
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = sleep(Duration::from_millis(5)) => metrics.count(),
                }
            }
        }));
    }

    pub fn stop(&self) {
        self.stop.cancel();
    }

    pub fn reset(&mut self) {
        self.forget_topics();
        self.stop = CancellationToken::new();
        self.tasks.clear();
    }

    fn forget_topics(&mut self) {
        self.topics.clear();
    }
}
