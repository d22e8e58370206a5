//! Tasks that end when their channel closes, and it can.

use std::{
    collections::HashMap,
    ops::Deref,
    pin::Pin,
    sync::{Arc, LazyLock, Mutex, OnceLock},
};
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

#[derive(Debug)]
pub enum Job {
    Resize(String),
    Stop,
}

// The sender goes to the caller, and only there.
pub fn hands_the_sender_out() -> mpsc::Sender<Job> {
    let (jobs, mut inbox) = mpsc::channel(16);
    tokio::spawn(async move {
        while let Some(job) = inbox.recv().await {
            println!("{job:?}");
        }
    });
    jobs
}

// What failed comes again through a weak sender.
pub fn requeues_weakly() -> mpsc::Sender<Job> {
    let (jobs, mut inbox) = mpsc::channel(16);
    let again = jobs.downgrade();
    tokio::spawn(async move {
        while let Some(Job::Resize(picture)) = inbox.recv().await {
            if let Some(again) = again.upgrade() {
                let _ = again.try_send(Job::Resize(picture));
            }
        }
    });
    jobs
}

// The sender goes along, and is dropped before the wait.
pub fn lets_go_first() {
    let (jobs, mut inbox) = mpsc::channel(16);
    tokio::spawn(async move {
        let _ = jobs.send(Job::Resize("first".to_owned())).await;
        drop(jobs);
        while let Some(job) = inbox.recv().await {
            println!("{job:?}");
        }
    });
}

// A message ends the loop, whoever holds senders.
pub fn ends_by_a_message() -> mpsc::Sender<Job> {
    let (jobs, mut inbox) = mpsc::channel(16);
    let again = jobs.clone();
    tokio::spawn(async move {
        while let Some(job) = inbox.recv().await {
            match job {
                Job::Stop => break,
                Job::Resize(picture) => {
                    let _ = again.try_send(Job::Resize(picture));
                }
            }
        }
    });
    jobs
}

// The static follows, but a token ends the task.
static EVENTS: OnceLock<broadcast::Sender<String>> = OnceLock::new();

fn events() -> &'static broadcast::Sender<String> {
    EVENTS.get_or_init(|| broadcast::channel(64).0)
}

pub fn follows_a_static_until_cancelled(stop: CancellationToken) {
    let mut events = events().subscribe();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                event = events.recv() => match event {
                    Ok(event) => println!("{event}"),
                    Err(_) => break,
                }
            }
        }
    });
}

// The static follows, but the client that it writes to is gone some day.
pub fn follows_a_static_for_a_client(client: mpsc::Sender<String>) {
    let mut events = events().subscribe();
    tokio::spawn(async move {
        while let Ok(event) = events.recv().await {
            if client.send(event).await.is_err() {
                break;
            }
        }
    });
}

/// A log whose writer can be closed.
pub struct Log {
    lines: Mutex<Option<watch::Sender<String>>>,
    name: Arc<str>,
}

impl Log {
    pub fn new(name: &str) -> Log {
        Log { lines: Mutex::new(Some(watch::Sender::new(String::new()))), name: name.into() }
    }

    // The task keeps the log, and `close` takes the sender out of it.
    pub fn follow(self: &Arc<Self>) {
        let mut lines = self.lines.lock().unwrap().as_ref().expect("open").subscribe();
        let log = Arc::clone(self);
        tokio::spawn(async move {
            while lines.changed().await.is_ok() {
                println!("{} has a new line", log.name);
            }
        });
    }

    pub fn close(&self) {
        self.lines.lock().unwrap().take();
    }
}

// Only the name of the bus goes along, not its sender.
pub struct Bus {
    tx: broadcast::Sender<String>,
    name: String,
}

impl Bus {
    pub fn new() -> Bus {
        Bus { tx: broadcast::channel(4).0, name: "bus".to_owned() }
    }

    pub fn print(&self) {
        let mut heard = self.tx.subscribe();
        let name = self.name.clone();
        tokio::spawn(async move {
            while let Ok(word) = heard.recv().await {
                println!("{name}: {word}");
            }
        });
    }
}

impl Default for Bus {
    fn default() -> Self {
        Self::new()
    }
}

// The answer's sender goes to another task.
pub fn asks(questions: mpsc::Sender<oneshot::Sender<u32>>) {
    let (answer, answered) = oneshot::channel();
    tokio::spawn(async move {
        if questions.send(answer).await.is_ok() {
            println!("{:?}", answered.await);
        }
    });
}

// The static has the sender until the stream is done.
static STREAMS: LazyLock<Mutex<HashMap<u32, mpsc::Sender<Vec<u8>>>>> = LazyLock::new(Mutex::default);

pub fn registers_a_stream(id: u32) {
    let (bytes, mut received) = mpsc::channel(16);
    STREAMS.lock().unwrap().insert(id, bytes);
    tokio::spawn(async move {
        while let Some(bytes) = received.recv().await {
            println!("{} bytes for {id}", bytes.len());
        }
    });
}

pub fn ends_a_stream(id: u32) {
    STREAMS.lock().unwrap().remove(&id);
}

/// A connection with both halves of its queue, which it closes before it writes what is left.
pub struct Connection {
    queue: mpsc::Sender<Vec<u8>>,
    queued: mpsc::Receiver<Vec<u8>>,
}

impl Connection {
    pub fn new() -> Connection {
        let (queue, queued) = mpsc::channel(16);
        Connection { queue, queued }
    }

    pub fn is_full(&self) -> bool {
        self.queue.capacity() == 0
    }

    pub fn flush(mut self) {
        tokio::spawn(async move {
            self.queued.close();
            while let Some(bytes) = self.queued.recv().await {
                println!("{} bytes", bytes.len());
            }
        });
    }
}

impl Default for Connection {
    fn default() -> Self {
        Self::new()
    }
}

/// A house whose guard has only the name of it.
pub struct House {
    bus: broadcast::Sender<String>,
    name: Arc<String>,
}

impl House {
    pub fn new(name: &str) -> House {
        House { bus: broadcast::channel(16).0, name: Arc::new(name.to_owned()) }
    }

    // The bus dies with this function.
    pub fn open(self) {
        let Self { bus, name } = self;
        let heard = bus.subscribe();
        tokio::spawn(guard(heard, name));
        let _ = bus.send("open".to_owned());
    }
}

async fn guard(mut heard: broadcast::Receiver<String>, name: Arc<String>) {
    while let Ok(word) = heard.recv().await {
        println!("{name}: {word}");
    }
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

    // Whoever asked has the only sender.
    pub fn start_printer(&self) -> mpsc::Sender<Job> {
        let (jobs, mut inbox) = mpsc::channel(16);
        self.executor.spawn(Box::pin(async move {
            while let Some(job) = inbox.recv().await {
                println!("{job:?}");
            }
        }));
        jobs
    }
}
