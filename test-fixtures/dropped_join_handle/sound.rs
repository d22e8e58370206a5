//! Handles that are dropped although nothing is lost, and handles that are kept.

use futures::{Stream, StreamExt};
use std::{future::Future, io, path::PathBuf, pin::Pin, sync::Arc, sync::Mutex, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::{Notify, mpsc, oneshot},
    task::{AbortHandle, JoinHandle, JoinSet},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

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

    pub fn ask(&self) {
        self.asked.notify_one();
    }
}

pub trait Plugin: Send + 'static {
    fn run(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

// Short tasks.

pub fn no_wait(journal: Arc<Journal>) {
    tokio::spawn(async move { journal.lines.lock().unwrap().push("started".into()) });
}

pub fn bounded_wait(journal: Arc<Journal>) {
    let _ = tokio::spawn(async move {
        sleep(Duration::from_secs(2)).await;
        journal.lines.lock().unwrap().clear();
    });
}

pub fn wait_under_a_short_timeout(journal: Arc<Journal>) {
    tokio::spawn(async move {
        if timeout(Duration::from_secs(5), journal.asked.notified()).await.is_ok() {
            journal.lines.lock().unwrap().clear();
        }
    });
}

pub fn whole_task_under_a_short_timeout(plugin: Box<dyn Plugin>) {
    let _watched = tokio::spawn(timeout(Duration::from_secs(30), plugin.run()));
}

pub fn a_few_retries(journal: Arc<Journal>) {
    tokio::spawn(async move {
        for attempt in 1..=5u64 {
            if journal.lines.try_lock().is_ok_and(|mut lines| lines.pop().is_some()) {
                return;
            }
            sleep(Duration::from_millis(100 * attempt)).await;
        }
    });
}

// A stop signal that somebody else can give.

pub fn raced_with_a_token(journal: Arc<Journal>, stop: CancellationToken) {
    tokio::spawn(async move {
        tokio::select! {
            _ = stop.cancelled() => {}
            _ = journal.flush_when_asked() => {}
        }
    });
}

pub fn run_until_cancelled(plugin: Box<dyn Plugin>, stop: CancellationToken) {
    let _plugin = tokio::spawn(async move { stop.run_until_cancelled(plugin.run()).await });
}

pub fn reply_to_the_caller() -> oneshot::Sender<String> {
    let (name_in, name) = oneshot::channel::<String>();
    tokio::spawn(async move {
        if let Ok(name) = name.await {
            println!("hello {name}");
        }
    });
    name_in
}

pub fn ends_when_the_caller_leaves(plugin: Box<dyn Plugin>) -> oneshot::Receiver<()> {
    let (mut done, finished) = oneshot::channel();
    tokio::spawn(async move {
        tokio::select! {
            _ = done.closed() => return,
            _ = plugin.run() => {}
        }
        let _ = done.send(());
    });
    finished
}

pub async fn subscribe(address: &str) -> io::Result<mpsc::Receiver<String>> {
    let stream = TcpStream::connect(address).await?;
    let (lines_in, lines) = mpsc::channel(64);
    tokio::spawn(async move {
        let mut reader = BufReader::new(stream).lines();
        loop {
            tokio::select! {
                _ = lines_in.closed() => break,
                line = reader.next_line() => match line {
                    Ok(Some(line)) => if lines_in.send(line).await.is_err() { break },
                    _ => break,
                },
            }
        }
    });
    Ok(lines)
}

// A task for each accepted connection ends with its peer.

pub async fn serve(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, peer) = listener.accept().await?;
        tokio::spawn(async move {
            if let Err(error) = echo(stream).await {
                eprintln!("{peer}: {error}");
            }
        });
    }
}

async fn echo(mut stream: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 1024];
    loop {
        let n = stream.read(&mut buffer).await?;
        if n == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..n]).await?;
    }
}

/// The socket was handed in.
pub fn adopt(stream: TcpStream) {
    tokio::spawn(echo(stream));
}

// Detached in so many words, and not known to live long.

pub fn detached_in_words(plugin: Box<dyn Plugin>, second: Box<dyn Plugin>, third: Box<dyn Plugin>) {
    drop(tokio::spawn(plugin.run()));
    let _: JoinHandle<()> = tokio::spawn(second.run());
    let worker = tokio::spawn(third.run());
    drop(worker);
}

/// The form of most code: nobody wrote the handle down, and nobody knows how long the plugin runs.
pub fn unknown_as_statement(plugin: Box<dyn Plugin>) {
    tokio::spawn(async move { plugin.run().await });
}

/// Clean-up that has an end.
pub struct Session {
    journal: Arc<Journal>,
}

impl Drop for Session {
    fn drop(&mut self) {
        let journal = Arc::clone(&self.journal);
        tokio::spawn(async move {
            sleep(Duration::from_millis(200)).await;
            journal.lines.lock().unwrap().push("gone".into());
        });
    }
}

pub fn session(journal: Arc<Journal>) -> Session {
    Session { journal }
}

// Handles that are kept.

pub async fn awaited(journal: Arc<Journal>) {
    let flusher = tokio::spawn(journal.clone().flush_when_asked());
    journal.ask();
    let _ = flusher.await;
}

pub fn returned(journal: Arc<Journal>) -> JoinHandle<()> {
    tokio::spawn(journal.flush_when_asked())
}

pub fn returned_in_a_tuple(journal: Arc<Journal>) -> (Arc<Journal>, JoinHandle<()>) {
    let flusher = tokio::spawn(journal.clone().flush_when_asked());
    (journal, flusher)
}

pub async fn aborted_on_every_way_out(journal: Arc<Journal>, config: &str) -> io::Result<String> {
    let flusher = tokio::spawn(journal.flush_when_asked());
    let text = tokio::fs::read_to_string(config).await;
    flusher.abort();
    text
}

/// Aborts its task when it goes away.
pub struct Flusher {
    task: AbortHandle,
}

impl Flusher {
    pub fn start(journal: Arc<Journal>) -> Self {
        Flusher { task: tokio::spawn(journal.flush_when_asked()).abort_handle() }
    }
}

impl Drop for Flusher {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub fn owned(journal: Arc<Journal>) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(journal.flush_when_asked()))
}

pub async fn guarded_for_the_scope(journal: Arc<Journal>) {
    let _flusher = AbortOnDropHandle::new(tokio::spawn(journal.flush_when_asked()));
    sleep(Duration::from_millis(10)).await;
}

pub fn in_a_set(journals: Vec<Arc<Journal>>) -> JoinSet<()> {
    let mut flushers = JoinSet::new();
    for journal in journals {
        flushers.spawn(journal.flush_when_asked());
    }
    flushers
}

pub async fn all_joined(journals: Vec<Arc<Journal>>) {
    let mut flushers = Vec::new();
    for journal in journals {
        journal.ask();
        flushers.push(tokio::spawn(journal.flush_when_asked()));
    }
    for flusher in flushers {
        let _ = flusher.await;
    }
}

pub async fn used_in_both_branches(plugin: Box<dyn Plugin>, wait: bool) {
    let worker = tokio::spawn(plugin.run());
    if wait {
        let _ = worker.await;
    } else {
        worker.abort();
    }
}

pub async fn raced_by_reference(plugin: Box<dyn Plugin>, quit: oneshot::Receiver<()>) {
    let mut worker = tokio::spawn(plugin.run());
    tokio::select! {
        _ = &mut worker => {}
        _ = quit => worker.abort(),
    }
}

pub trait Exporter: Send + 'static {
    fn export(&mut self, line: String) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

pub trait Source {
    type Lines: Stream<Item = String> + Send + Unpin + 'static;
    fn lines(&self) -> (mpsc::Sender<String>, Self::Lines);
}

/// What the exporter does in a turn is not what keeps the worker: its stream is, and that ends with its sender.
pub fn exported(source: &impl Source, mut exporter: impl Exporter) -> mpsc::Sender<String> {
    let (sender, received) = source.lines();
    let _worker = tokio::spawn(async move {
        let ticks = futures::stream::repeat(String::new());
        let mut lines = Box::pin(futures::stream::select(received, ticks));
        while let Some(line) = lines.next().await {
            match line.as_str() {
                "stop" => break,
                _ => exporter.export(line).await,
            }
        }
    });
    sender
}

/// It goes round until something happens, and nobody knows whether that is soon.
impl Journal {
    pub fn clear_when_gone(self: Arc<Self>, lock: PathBuf) {
        let _watcher = tokio::spawn(async move {
            loop {
                if !lock.exists() {
                    break;
                }
                sleep(Duration::from_millis(5)).await;
            }
            self.lines.lock().unwrap().clear();
        });
    }
}

// Without a name, nothing says that somebody wanted to have the handle.
pub fn listens_in_the_background(directory: PathBuf) {
    tokio::spawn(async move {
        loop {
            tokio::select! {
                found = tokio::fs::metadata(&directory) => {
                    if found.is_err() {
                        break;
                    }
                    sleep(Duration::from_millis(5)).await;
                }
                () = sleep(Duration::from_secs(1)) => println!("{} is slow", directory.display()),
            }
        }
    });
}

// The name says what the task does, and what the caller gets ends it.
pub fn listens_until_closed(directory: PathBuf) -> oneshot::Receiver<()> {
    let (mut tx, rx) = oneshot::channel();
    let _watching = tokio::spawn(async move {
        loop {
            tokio::select! {
                () = tx.closed() => break,
                found = tokio::fs::metadata(&directory) => println!("{found:?}"),
            }
            sleep(Duration::from_millis(5)).await;
        }
    });
    rx
}

async fn follow(journal: Arc<Journal>, changes: impl Stream<Item = String>) {
    let mut changes = std::pin::pin!(changes);
    while let Some(change) = changes.next().await {
        journal.lines.lock().unwrap().push(change);
    }
}

// What was handed in ends it.
pub fn follows(journal: Arc<Journal>, changes: impl Stream<Item = String> + Send + 'static) {
    tokio::spawn(follow(journal, changes));
}

// The handle comes in a pair, and somebody has it.

fn journal_and_flusher() -> (Arc<Journal>, JoinHandle<()>) {
    let journal = Arc::new(Journal::default());
    let flusher = tokio::spawn(Arc::clone(&journal).flush_when_asked());
    (journal, flusher)
}

pub fn aborted_from_a_pair() -> Arc<Journal> {
    let (journal, flusher) = journal_and_flusher();
    flusher.abort();
    journal
}

pub fn taken_from_a_pair() -> JoinHandle<()> {
    journal_and_flusher().1
}

pub fn given_on_in_a_pair() -> (Arc<Journal>, JoinHandle<()>) {
    let (journal, flusher) = journal_and_flusher();
    (journal, flusher)
}

fn counted_flusher() -> (usize, (JoinHandle<()>, Arc<Journal>)) {
    let (journal, flusher) = journal_and_flusher();
    (1, (flusher, journal))
}

pub fn taken_from_a_pair_in_a_pair() -> JoinHandle<()> {
    let (_count, (flusher, _journal)) = counted_flusher();
    flusher
}

async fn flushes_for_ever(journal: Arc<Journal>) {
    loop {
        sleep(Duration::from_secs(1)).await;
        println!("{}", journal.lines.lock().unwrap().len());
    }
}

async fn serve_once(journal: Arc<Journal>, path: &str) -> io::Result<()> {
    let flusher = tokio::spawn(flushes_for_ever(journal));
    let text = tokio::fs::read_to_string(path).await?;
    println!("{text}");
    flusher.abort();
    Ok(())
}

/// Where the only call is the program's, an early way out ends the program.
#[tokio::main]
pub async fn leaves_the_program() -> io::Result<()> {
    serve_once(Arc::default(), "settings.txt").await
}

/// What is sent ends it, and so does the end of the sender.
pub fn flushes_until_told(journal: Arc<Journal>, mut closing: tokio::sync::watch::Receiver<bool>) -> Option<JoinHandle<()>> {
    Some(tokio::spawn(async move {
        loop {
            tokio::select! {
                changed = closing.changed() => match changed {
                    Ok(()) => {
                        if *closing.borrow() {
                            break;
                        }
                        continue;
                    }
                    Err(_) => break,
                },
                () = sleep(Duration::from_secs(1)) => {}
            }
            journal.lines.lock().unwrap().clear();
        }
    }))
}

pub async fn serves_until_told(journal: Arc<Journal>, listener: TcpListener) -> io::Result<()> {
    let (close, closing) = tokio::sync::watch::channel(false);
    let _flusher = flushes_until_told(journal, closing);
    let _ = listener.accept().await?;
    let _ = close.send(true);
    Ok(())
}
