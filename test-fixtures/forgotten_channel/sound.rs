//! Tasks that end when their channel closes, and it can.

use std::{
    collections::HashMap,
    ops::Deref,
    pin::Pin,
    sync::{Arc, LazyLock, Mutex, OnceLock},
    time::Duration,
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

/// What an actor is asked.
pub enum Question {
    Count { answer: oneshot::Sender<u32> },
    Name(oneshot::Sender<String>),
}

/// What a worker is to do, and where the answer goes.
pub struct Order {
    pub picture: String,
    pub done: oneshot::Sender<u32>,
}

// The sender goes away in a struct, and whoever gets it drops it.
pub fn asks_in_a_struct(orders: mpsc::Sender<Order>, picture: String) {
    tokio::spawn(async move {
        let (done, size) = oneshot::channel();
        if orders.send(Order { picture, done }).await.is_ok() {
            println!("{:?}", size.await);
        }
    });
}

// The struct is made outside of the task, which sends it away.
pub fn asks_in_a_struct_made_outside(orders: mpsc::Sender<Order>, picture: String) {
    let (done, size) = oneshot::channel();
    let order = Order { picture, done };
    tokio::spawn(async move {
        if orders.send(order).await.is_ok() {
            println!("{:?}", size.await);
        }
    });
}

pub fn asks_in_a_variant(actor: mpsc::Sender<Question>) {
    tokio::spawn(async move {
        let (answer, count) = oneshot::channel();
        let _ = actor.send(Question::Count { answer }).await;
        println!("{:?}", count.await);
    });
}

pub fn asks_in_a_tuple_variant(actor: mpsc::Sender<Question>) {
    let (answer, name) = oneshot::channel();
    tokio::spawn(async move {
        let _ = actor.send(Question::Name(answer)).await;
        println!("{:?}", name.await);
    });
}

pub fn asks_in_a_tuple(actor: mpsc::Sender<(u64, oneshot::Sender<u32>)>, id: u64) {
    tokio::spawn(async move {
        let (answer, answered) = oneshot::channel();
        let request = (id, answer);
        let _ = actor.send(request).await;
        println!("{:?}", answered.await);
    });
}

// Whoever calls the closure drops the sender with it.
pub fn asks_by_a_closure(calls: mpsc::Sender<Box<dyn FnOnce(u32) + Send>>) {
    tokio::spawn(async move {
        let (answer, answered) = oneshot::channel();
        let call = move |result| {
            let _ = answer.send(result);
        };
        let _ = calls.send(Box::new(call)).await;
        println!("{:?}", answered.await);
    });
}

/// Runs work with the sender for its result.
async fn with_sender<T>(work: impl AsyncFnOnce(oneshot::Sender<T>), answer: oneshot::Sender<T>) {
    work(answer).await;
}

pub fn asks_a_closure() {
    tokio::spawn(async move {
        let (answer, answered) = oneshot::channel();
        let asked = async |answer: oneshot::Sender<u32>| drop(answer.send(1));
        with_sender(asked, answer).await;
        println!("{:?}", answered.await);
    });
}

/// Requests that have no answer yet.
pub type Pending = Arc<Mutex<HashMap<u64, oneshot::Sender<String>>>>;

pub fn asks_through_a_map(pending: Pending, wire: mpsc::Sender<u64>, id: u64) {
    tokio::spawn(async move {
        let (answer, answered) = oneshot::channel();
        pending.lock().unwrap().insert(id, answer);
        if wire.send(id).await.is_ok() {
            println!("{:?}", answered.await);
        }
    });
}

pub fn waits_for_its_turn(waiting: Arc<Mutex<Vec<oneshot::Sender<()>>>>) {
    tokio::spawn(async move {
        let (turn, my_turn) = oneshot::channel();
        waiting.lock().unwrap().push(turn);
        println!("{:?}", my_turn.await);
    });
}

// A function of the workspace takes the sender, and it is gone when that returns.
async fn answer_count(asked: u32, answer: oneshot::Sender<u32>) -> Result<(), u32> {
    let result = asked + 1;
    answer.send(result)
}

pub fn asks_a_function(asked: u32) {
    tokio::spawn(ask_a_function(asked));
}

async fn ask_a_function(asked: u32) -> Option<u32> {
    let (answer, answered) = oneshot::channel();
    answer_count(asked, answer).await.ok()?;
    answered.await.ok()
}

async fn produce(parts: mpsc::Sender<u32>, many: u32) {
    for part in 0..many {
        if parts.send(part).await.is_err() {
            break;
        }
    }
}

// One half feeds the other, and drops the sender when it has no more.
pub fn joins_both_halves(many: u32) {
    tokio::spawn(async move {
        let (parts, mut received) = mpsc::channel(4);
        let consume = async {
            while let Some(part) = received.recv().await {
                println!("part {part}");
            }
        };
        tokio::join!(produce(parts, many), consume);
    });
}

async fn consume(mut received: mpsc::Receiver<u32>) -> Option<()> {
    while let Some(part) = received.recv().await {
        println!("part {part}");
    }
    Some(())
}

async fn produce_and_consume(many: u32) {
    let (parts, received) = mpsc::channel(4);
    tokio::join!(produce(parts, many), consume(received));
}

pub fn joins_both_functions(many: u32) {
    tokio::spawn(produce_and_consume(many));
}

// Sending once takes the sender.
pub fn answers_itself(quick: Option<u32>) {
    tokio::spawn(async move {
        let (answer, answered) = oneshot::channel();
        match quick {
            Some(quick) => drop(answer.send(quick)),
            None => return,
        }
        println!("{:?}", answered.await);
    });
}

impl Order {
    // By value: whatever has the order drops it.
    async fn deliver(self, orders: &mpsc::Sender<Order>) -> bool {
        orders.send(self).await.is_ok()
    }
}

pub fn delivers_the_order(orders: mpsc::Sender<Order>, picture: String) {
    let (done, size) = oneshot::channel();
    let order = Order { picture, done };
    tokio::spawn(async move {
        if order.deliver(&orders).await {
            println!("{:?}", size.await);
        }
    });
}

/// A request with both ends of its answer.
pub struct Exchange {
    pub answer: oneshot::Sender<String>,
    pub answered: oneshot::Receiver<String>,
}

impl Exchange {
    pub fn new() -> Exchange {
        let (answer, answered) = oneshot::channel();
        Exchange { answer, answered }
    }

    // Only the receiver stays.
    pub fn start(self, id: u64, pending: Pending) {
        tokio::spawn(async move {
            pending.lock().unwrap().insert(id, self.answer);
            println!("{:?}", self.answered.await);
        });
    }
}

impl Default for Exchange {
    fn default() -> Self {
        Self::new()
    }
}

pub fn takes_the_order_apart(pending: Pending, id: u64, picture: String) {
    let (answer, answered) = oneshot::channel();
    let exchange = Filed { picture, answer };
    tokio::spawn(async move {
        let Filed { picture, answer } = exchange;
        pending.lock().unwrap().insert(id, answer);
        println!("{picture}: {:?}", answered.await);
    });
}

/// A picture, and who wants to hear of it.
pub struct Filed {
    pub picture: String,
    pub answer: oneshot::Sender<String>,
}

impl Filed {
    // Field by field.
    pub fn send_off(picture: String, id: u64, pending: Pending) {
        let (answer, answered) = oneshot::channel();
        let filed = Filed { picture, answer };
        tokio::spawn(async move {
            println!("{}", filed.picture);
            pending.lock().unwrap().insert(id, filed.answer);
            println!("{:?}", answered.await);
        });
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

/// A client with a heartbeat.
pub struct Beating {
    pub out: mpsc::Sender<u32>,
}

impl Beating {
    // The heartbeat has no part in keeping the channel open.
    pub fn weakly() -> Beating {
        let (out, mut inbox) = mpsc::channel(16);
        tokio::spawn(async move {
            while let Some(message) = inbox.recv().await {
                println!("sending {message}");
            }
        });
        let beat = out.downgrade();
        tokio::spawn(async move {
            while let Some(beat) = beat.upgrade() {
                let _ = beat.try_send(0);
                drop(beat);
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
        Beating { out }
    }

    // Something from outside ends one of the two.
    pub fn until_cancelled(stop: CancellationToken) -> Beating {
        let (out, mut inbox) = mpsc::channel(16);
        tokio::spawn(async move {
            while let Some(message) = inbox.recv().await {
                println!("sending {message}");
            }
        });
        let beat = out.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = tokio::time::sleep(Duration::from_millis(1)) => {}
                }
                if beat.send(0).await.is_err() {
                    break;
                }
            }
        });
        Beating { out }
    }

    // A message ends the writer, and the writer the heartbeat.
    pub fn until_told() -> Beating {
        let (out, mut inbox) = mpsc::channel(16);
        tokio::spawn(async move {
            while let Some(message) = inbox.recv().await {
                if message == 7 {
                    break;
                }
                println!("sending {message}");
            }
        });
        let beat = out.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_millis(1)).await;
                if beat.send(0).await.is_err() {
                    break;
                }
            }
        });
        Beating { out }
    }
}

// The first of the row is fed from outside.
pub fn passes_along() -> mpsc::Sender<String> {
    let (to_a, from_outside) = mpsc::channel(4);
    let (to_b, from_a) = mpsc::channel(4);
    let (to_c, mut from_b) = mpsc::channel::<String>(4);
    tokio::spawn(passes_on(from_outside, to_b));
    tokio::spawn(passes_on(from_a, to_c));
    tokio::spawn(async move {
        while let Some(word) = from_b.recv().await {
            println!("{word}");
        }
    });
    to_a
}

async fn passes_on(mut from: mpsc::Receiver<String>, to: mpsc::Sender<String>) {
    while let Some(word) = from.recv().await {
        if to.send(word + ".").await.is_err() {
            break;
        }
    }
}

// The one who sends does so a number of times.
pub fn counts_down() {
    let (level, mut watched) = watch::channel(3);
    tokio::spawn(async move {
        while watched.changed().await.is_ok() {
            println!("{}", *watched.borrow());
        }
    });
    tokio::spawn(async move {
        for left in (0..3).rev() {
            tokio::time::sleep(Duration::from_millis(1)).await;
            if level.send(left).is_err() {
                break;
            }
        }
    });
}

// A queue that is full ends the one who fills it.
pub fn fills_a_queue() {
    let (out, mut inbox) = mpsc::channel(1);
    tokio::spawn(async move {
        while let Some(message) = inbox.recv().await {
            tokio::time::sleep(Duration::from_millis(message)).await;
        }
    });
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(1)).await;
            if out.try_send(5).is_err() {
                break;
            }
        }
    });
}

// Each tells the other one before it waits.
pub fn greets_first() {
    let left = CancellationToken::new();
    let right = CancellationToken::new();
    let (left_too, right_too) = (left.clone(), right.clone());
    tokio::spawn(async move {
        right.cancel();
        left.cancelled().await;
    });
    tokio::spawn(async move {
        left_too.cancel();
        right_too.cancelled().await;
    });
}
