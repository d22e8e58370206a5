//! Handles that are lost while their tasks wait for something that may never come.

use futures::{Stream, StreamExt};
use std::{collections::HashMap, future::Future, io, path::PathBuf, pin::Pin, sync::Arc, sync::Mutex, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    net::{TcpStream, UdpSocket},
    sync::{Notify, mpsc},
    task::{self, JoinHandle},
    time::sleep,
};
use tracing::Instrument;

/// Lines that are written when somebody asks for it.
#[derive(Default)]
pub struct Journal {
    lines: Mutex<Vec<String>>,
    asked: Notify,
}

impl Journal {
    /// Waits until somebody asks for a flush, which nobody does any more.
    async fn flush_when_asked(self: Arc<Self>) {
        self.asked.notified().await;
        self.lines.lock().unwrap().clear();
    }
}

/// Work of which nobody here knows how long it takes.
pub trait Plugin: Send + 'static {
    fn run(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

// The task waits for a notification, and nothing else can end it.

pub fn as_statement(journal: Arc<Journal>) {
    tokio::spawn(journal.flush_when_asked()); //~ dropped_join_handle
}

pub fn in_a_block(journal: &Arc<Journal>, label: &str) {
    let journal = Arc::clone(journal);
    let label = label.to_owned();
    tokio::spawn(async move {
        //~^ dropped_join_handle
        journal.asked.notified().await;
        println!("{label}: {} lines", journal.lines.lock().unwrap().len());
    });
}

pub fn dropped_by_name(journal: Arc<Journal>) {
    let flusher = tokio::spawn(journal.flush_when_asked()); //~ dropped_join_handle
    drop(flusher);
}

pub fn dropped_at_once(journal: Arc<Journal>) {
    drop(tokio::spawn(journal.flush_when_asked())); //~ dropped_join_handle
}

pub fn forgotten(journal: Arc<Journal>) {
    std::mem::forget(tokio::spawn(journal.flush_when_asked())); //~ dropped_join_handle
}

pub fn assigned_to_nothing(journal: Arc<Journal>) {
    _ = tokio::spawn(journal.flush_when_asked()); //~ dropped_join_handle
}

pub fn asked_for_its_id(journal: Arc<Journal>) -> task::Id {
    let flusher = tokio::spawn(journal.flush_when_asked()); //~ dropped_join_handle
    flusher.id()
}

pub fn asked_whether_it_is_done(journal: Arc<Journal>) {
    if task::spawn(journal.flush_when_asked()).is_finished() {
        //~^ dropped_join_handle
        println!("flushed already");
    }
}

pub fn only_measured(journals: Vec<Arc<Journal>>) {
    let flushers: Vec<JoinHandle<()>> =
        journals.into_iter().map(|journal| tokio::spawn(journal.flush_when_asked())).collect(); //~ dropped_join_handle
    println!("{} flushers", flushers.len());
}

pub fn second_of_a_pair(journal: Arc<Journal>) {
    let (ready, _flusher) = (tokio::spawn(async { println!("ready") }), tokio::spawn(journal.flush_when_asked())); //~ dropped_join_handle
    ready.abort();
}

/// A session that says goodbye when it is dropped, as soon as the journal was flushed.
pub struct Session {
    journal: Arc<Journal>,
    name: String,
}

impl Drop for Session {
    fn drop(&mut self) {
        let journal = Arc::clone(&self.journal);
        let name = std::mem::take(&mut self.name);
        tokio::spawn(async move {
            //~^ dropped_join_handle
            journal.asked.notified().await;
            println!("{name} said goodbye");
        });
    }
}

pub fn session(journal: Arc<Journal>, name: &str) -> Session {
    Session { journal, name: name.to_owned() }
}

/// Where locks are kept.
pub trait Registry: Send + Sync + 'static {
    fn release<'a>(&'a self, name: &'a str) -> Pin<Box<dyn Future<Output = io::Result<()>> + Send + 'a>>;
}

/// A lock that tries to be released until it is.
pub struct Lock {
    pub registry: Arc<dyn Registry>,
    pub name: String,
}

impl Drop for Lock {
    fn drop(&mut self) {
        let registry = Arc::clone(&self.registry);
        let name = std::mem::take(&mut self.name);
        tokio::spawn(async move {
            //~^ dropped_join_handle
            while registry.release(&name).await.is_err() {
                sleep(Duration::from_secs(1)).await;
            }
        });
    }
}

// The connection was opened here, and its reader outlives whoever subscribed.

pub async fn subscribe(address: &str) -> io::Result<mpsc::Receiver<String>> {
    let stream = TcpStream::connect(address).await?;
    let (lines_in, lines) = mpsc::channel(64);
    tokio::spawn(async move {
        //~^ dropped_join_handle
        let mut reader = BufReader::new(stream).lines();
        while let Ok(Some(line)) = reader.next_line().await {
            let _ = lines_in.send(line).await;
        }
    });
    Ok(lines)
}

pub async fn mirror(address: &str, latest: Arc<Mutex<HashMap<String, Vec<u8>>>>) -> io::Result<()> {
    let stream = TcpStream::connect(address).await?;
    tokio::spawn(keep_latest(stream, address.to_owned(), latest)); //~ dropped_join_handle
    Ok(())
}

async fn keep_latest(mut stream: TcpStream, name: String, latest: Arc<Mutex<HashMap<String, Vec<u8>>>>) {
    let mut buffer = vec![0; 4096];
    loop {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(n) => {
                latest.lock().unwrap().insert(name.clone(), buffer[..n].to_vec());
            }
        }
    }
}

// Somebody wrote the handle down only to lose it, and nobody knows how long the task runs.

pub fn bound_to_underscore(plugin: Box<dyn Plugin>) {
    let _ = tokio::spawn(async move { plugin.run().await }); //~ dropped_join_handle
}

pub fn bound_to_a_name(plugin: Box<dyn Plugin>) {
    let _worker = tokio::spawn(async move { plugin.run().await }); //~ dropped_join_handle
    println!("plugin started");
}

pub fn instrumented_on_the_wrong_side(plugin: Box<dyn Plugin>) {
    let span = tracing::info_span!("plugin");
    tokio::spawn(async move { plugin.run().await }).instrument(span); //~ dropped_join_handle
}

pub fn collected_and_lost(plugins: Vec<Box<dyn Plugin>>) {
    let mut workers = Vec::new();
    for plugin in plugins {
        workers.push(tokio::spawn(async move { plugin.run().await })); //~ dropped_join_handle
    }
    println!("{} workers", workers.len());
}

// The handle is used on one way out and lost on another.

pub async fn lost_by_question_mark(plugin: Box<dyn Plugin>, config: PathBuf) -> io::Result<String> {
    let worker = tokio::spawn(async move { plugin.run().await }); //~ dropped_join_handle
    let text = tokio::fs::read_to_string(config).await?;
    worker.await?;
    Ok(text)
}

pub async fn lost_by_early_return(plugin: Box<dyn Plugin>, socket: UdpSocket) -> usize {
    let worker = tokio::spawn(async move { plugin.run().await }); //~ dropped_join_handle
    let mut buffer = [0; 512];
    let Ok(size) = socket.recv(&mut buffer).await else { return 0 };
    worker.abort();
    size
}

pub async fn used_in_one_branch(plugin: Box<dyn Plugin>, wait: bool) {
    let worker = tokio::spawn(async move { plugin.run().await }); //~ dropped_join_handle
    if wait {
        let _ = worker.await;
    } else {
        println!("not waiting for the plugin");
    }
}

// The handle has a name, and the task listens for as long as nobody knows what lets it.
pub fn listens_with_a_name(directory: PathBuf) {
    let _watching = tokio::spawn(async move {
        //~^ dropped_join_handle
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

// By its type it never returns: that the stream ends is a defect there, and no way out.
async fn follow(journal: Arc<Journal>, changes: impl Stream<Item = String>) -> ! {
    let mut changes = std::pin::pin!(changes);
    while let Some(change) = changes.next().await {
        journal.lines.lock().unwrap().push(change);
    }
    panic!("there is always another change");
}

pub fn follows(journal: Arc<Journal>, changes: impl Stream<Item = String> + Send + 'static) {
    tokio::spawn(follow(journal, changes)); //~ dropped_join_handle
}

// The handle comes in a pair, and only the other half of that is taken.

fn journal_and_flusher() -> (Arc<Journal>, JoinHandle<()>) {
    let journal = Arc::new(Journal::default());
    let flusher = tokio::spawn(Arc::clone(&journal).flush_when_asked());
    (journal, flusher)
}

pub fn lost_from_a_pair() -> Arc<Journal> {
    let (journal, _flusher) = journal_and_flusher(); //~ dropped_join_handle
    journal
}

pub fn ignored_in_a_pair() -> Arc<Journal> {
    let (journal, _) = journal_and_flusher(); //~ dropped_join_handle
    journal
}

pub fn left_in_a_pair() -> Arc<Journal> {
    journal_and_flusher().0 //~ dropped_join_handle
}

async fn read_journal(path: PathBuf) -> io::Result<(Arc<Journal>, JoinHandle<()>)> {
    let text = tokio::fs::read_to_string(path).await?;
    let journal = Arc::new(Journal { lines: Mutex::new(vec![text]), ..Journal::default() });
    let flusher = tokio::spawn(Arc::clone(&journal).flush_when_asked());
    Ok((journal, flusher))
}

pub async fn lost_from_a_result(path: PathBuf) -> io::Result<Arc<Journal>> {
    let (journal, _flusher) = read_journal(path).await?; //~ dropped_join_handle
    Ok(journal)
}

pub async fn lost_in_a_match(path: PathBuf) -> io::Result<Arc<Journal>> {
    match read_journal(path).await {
        //~^ dropped_join_handle
        Ok((journal, _)) => Ok(journal),
        Err(error) => Err(error),
    }
}

fn counted_flusher() -> (usize, (JoinHandle<()>, Arc<Journal>)) {
    let (journal, flusher) = journal_and_flusher();
    (1, (flusher, journal))
}

pub fn lost_from_a_pair_in_a_pair() -> Arc<Journal> {
    let (_count, (_flusher, journal)) = counted_flusher(); //~ dropped_join_handle
    journal
}

async fn keeps_flushing(journal: Arc<Journal>) {
    loop {
        sleep(Duration::from_secs(1)).await;
        println!("{}", journal.lines.lock().unwrap().len());
    }
}

/// The program goes on with the next one.
pub async fn serve_next(path: &str) -> io::Result<()> {
    let flusher = tokio::spawn(keeps_flushing(Arc::default())); //~ dropped_join_handle
    let text = tokio::fs::read_to_string(path).await?;
    println!("{text}");
    flusher.abort();
    Ok(())
}

#[tokio::main]
pub async fn serves_all() {
    loop {
        if serve_next("settings.txt").await.is_err() {
            sleep(Duration::from_secs(1)).await;
        }
    }
}
