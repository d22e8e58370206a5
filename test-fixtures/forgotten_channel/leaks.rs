//! Tasks that end when their channel closes, while a sender lives on.

use std::{
    collections::HashMap,
    mem,
    ops::Deref,
    pin::Pin,
    sync::{Arc, LazyLock, Mutex, OnceLock},
};
use tokio::sync::{broadcast, mpsc, oneshot};

/// What a worker has to do.
#[derive(Debug, Clone)]
pub enum Job {
    Resize(String),
    Retry(String),
}

async fn resize(_picture: &str) -> bool {
    tokio::task::yield_now().await;
    true
}

// The task sends itself what failed.
pub fn requeues_what_failed() -> mpsc::Sender<Job> {
    let (jobs, mut inbox) = mpsc::channel(16);
    let again = jobs.clone();
    tokio::spawn(async move {
        //~^ forgotten_channel
        while let Some(job) = inbox.recv().await {
            match job {
                Job::Resize(picture) if !resize(&picture).await => {
                    let _ = again.try_send(Job::Retry(picture));
                }
                other => println!("{other:?} is done"),
            }
        }
    });
    jobs
}

/// What all workers share; the sender is how they feed one another.
pub struct Context {
    jobs: mpsc::Sender<Job>,
    done: Mutex<HashMap<String, u32>>,
}

impl Context {
    pub fn new(jobs: mpsc::Sender<Job>) -> Context {
        Context { jobs, done: Mutex::default() }
    }

    fn is_full(&self) -> bool {
        self.jobs.capacity() == 0
    }
}

async fn work(context: Context, mut inbox: mpsc::Receiver<Job>) {
    while let Some(job) = inbox.recv().await {
        if let Job::Resize(picture) | Job::Retry(picture) = job {
            *context.done.lock().unwrap().entry(picture).or_default() += 1;
        }
        if context.is_full() {
            println!("the queue is full");
        }
    }
}

// The sender stands in what the worker is given, behind a constructor.
pub fn hands_the_sender_in_with_the_context() {
    let (jobs, inbox) = mpsc::channel(16);
    let context = Context::new(jobs);
    tokio::spawn(work(context, inbox)); //~ forgotten_channel
}

static EVENTS: LazyLock<broadcast::Sender<String>> = LazyLock::new(|| broadcast::channel(64).0);

/// Announces something to everybody.
pub fn announce(event: &str) {
    let _ = EVENTS.send(event.to_owned());
}

// One of these for each client, and the static keeps them all.
pub fn follows_a_static(client: String) {
    let mut events = EVENTS.subscribe();
    tokio::spawn(async move {
        //~^ forgotten_channel
        while let Ok(event) = events.recv().await {
            println!("{client}: {event}");
        }
    });
}

static AUDIT: OnceLock<mpsc::UnboundedSender<String>> = OnceLock::new();

/// Puts a line into the audit log.
pub fn audit(line: &str) {
    if let Some(log) = AUDIT.get() {
        let _ = log.send(line.to_owned());
    }
}

pub fn opens_the_audit_log() {
    let (log, mut lines) = mpsc::unbounded_channel();
    let _ = AUDIT.set(log);
    tokio::spawn(async move {
        //~^ forgotten_channel
        while let Some(line) = lines.recv().await {
            println!("{line}");
        }
    });
}

// A sender that is forgotten, so that the task "lives as long as it has to".
pub fn forgets_the_sender(name: String) {
    let (stop, stopped) = oneshot::channel::<()>();
    mem::forget(stop);
    tokio::spawn(async move {
        //~^ forgotten_channel
        let _ = stopped.await;
        println!("{name} stopped");
    });
}

pub fn leaks_the_sender() -> &'static mpsc::Sender<Job> {
    let (jobs, mut inbox) = mpsc::channel::<Job>(1);
    let jobs: &'static mpsc::Sender<Job> = Box::leak(Box::new(jobs));
    tokio::spawn(async move {
        //~^ forgotten_channel
        while let Some(job) = inbox.recv().await {
            println!("{job:?}");
        }
    });
    jobs
}

/// Passes on what it hears, and speaks itself.
#[derive(Clone)]
pub struct Bus {
    tx: broadcast::Sender<String>,
}

impl Bus {
    pub fn new() -> Bus {
        Bus { tx: broadcast::channel(16).0 }
    }

    // The subscription and the bus that the task takes along belong together.
    pub fn echo(&self) {
        let mut heard = self.tx.subscribe();
        let bus = self.clone();
        tokio::spawn(async move {
            //~^ forgotten_channel
            while let Ok(word) = heard.recv().await {
                if word.starts_with("echo ") {
                    let _ = bus.tx.send(word["echo ".len()..].to_owned());
                }
            }
        });
    }
}

impl Default for Bus {
    fn default() -> Self {
        Self::new()
    }
}

/// A room: its bus is two fields deep.
#[derive(Clone)]
pub struct Room {
    bus: Bus,
    name: String,
}

impl Room {
    pub fn new(name: &str) -> Room {
        Room { bus: Bus::new(), name: name.to_owned() }
    }

    pub fn record(&self) {
        start_recorder(&self.bus, self.clone());
    }
}

fn start_recorder(bus: &Bus, room: Room) {
    let heard = bus.tx.subscribe();
    tokio::spawn(recorder(heard, room)); //~ forgotten_channel
}

async fn recorder(mut heard: broadcast::Receiver<String>, room: Room) {
    while let Ok(word) = heard.recv().await {
        println!("{}: {word}", room.name);
    }
}

// Both halves go into the function that waits, and the sender stays in it.
pub fn drains_in_a_function(name: String) {
    let (jobs, inbox) = mpsc::channel(16);
    tokio::spawn(async move {
        //~^ forgotten_channel
        drain(jobs, inbox).await;
        println!("{name} is drained");
    });
}

async fn drain(jobs: mpsc::Sender<Job>, mut inbox: mpsc::Receiver<Job>) {
    while let Some(job) = inbox.recv().await {
        if let Job::Resize(picture) = job {
            let _ = jobs.try_send(Job::Retry(picture));
        }
    }
}

// The context is only named, and has the sender.
pub fn prints_with_a_context() {
    let (jobs, inbox) = mpsc::channel(16);
    let context = Context::new(jobs);
    tokio::spawn(async move {
        //~^ forgotten_channel
        let mut inbox = inbox;
        while let Some(job) = inbox.recv().await {
            println!("{job:?}, full: {}", context.is_full());
        }
    });
}

/// A house: what it starts in the beginning is taken out of it at once.
pub struct House {
    bus: Bus,
    name: String,
}

impl Clone for House {
    fn clone(&self) -> Self {
        House { bus: self.bus.clone(), name: self.name.clone() }
    }
}

impl House {
    pub fn new(name: &str) -> House {
        House { bus: Bus::new(), name: name.to_owned() }
    }

    // The bus and the house that the task takes along belong together.
    pub fn open(self) {
        let for_guard = self.clone();
        let Self { bus, name } = self;
        println!("{name} is open");
        let heard = bus.tx.subscribe();
        tokio::spawn(guard(heard, for_guard)); //~ forgotten_channel
    }
}

async fn guard(mut heard: broadcast::Receiver<String>, house: House) {
    while let Ok(word) = heard.recv().await {
        // A clone that is given away does not change that the house itself stays.
        welcome(house.clone(), word);
    }
}

fn welcome(house: House, word: String) {
    println!("{}: {word}", house.name);
}

/// Starts what clients need, on whatever runtime they have.
pub trait Executor: Send + Sync + 'static {
    fn spawn(&self, work: Pin<Box<dyn Future<Output = ()> + Send>>);
}

/// Tokio's runtime.
pub struct OnTokio;

impl Executor for OnTokio {
    fn spawn(&self, work: Pin<Box<dyn Future<Output = ()> + Send>>) {
        tokio::spawn(work);
    }
}

impl<E: Executor> Executor for Arc<E> {
    fn spawn(&self, work: Pin<Box<dyn Future<Output = ()> + Send>>) {
        self.deref().spawn(work)
    }
}

/// A client that starts its tasks on a shared executor.
pub struct Client<E: Executor> {
    executor: Arc<E>,
}

impl<E: Executor> Client<E> {
    pub fn new(executor: E) -> Client<E> {
        Client { executor: Arc::new(executor) }
    }

    // The task puts what failed back into its own queue.
    pub fn start_retries(&self) -> mpsc::Sender<Job> {
        let (jobs, mut inbox) = mpsc::channel(16);
        let again = jobs.clone();
        self.executor.spawn(Box::pin(async move {
            //~^ forgotten_channel
            while let Some(job) = inbox.recv().await {
                if let Job::Resize(picture) = job {
                    let _ = again.try_send(Job::Retry(picture));
                }
            }
        }));
        jobs
    }
}
