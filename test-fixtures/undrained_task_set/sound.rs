//! Sets and lists of handles that are emptied while their loop turns, or that a bounded loop fills.

use futures::stream::FuturesUnordered;
use std::{collections::HashMap, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    fs::File,
    io::{AsyncBufReadExt, BufReader, DuplexStream},
    net::{TcpListener, TcpStream},
    sync::{Mutex, mpsc},
    task::{AbortHandle, JoinHandle, JoinSet},
    time::{interval, sleep},
};
use tokio_stream::StreamExt;
use tokio_util::{
    codec::{Framed, LinesCodec},
    task::TaskTracker,
};

async fn serve(stream: TcpStream) -> io::Result<u64> {
    stream.readable().await?;
    Ok(0)
}

async fn run(job: u64) -> u64 {
    sleep(Duration::from_millis(1)).await;
    job
}

pub async fn reaped_by_an_arm(listener: TcpListener) -> io::Result<()> {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted?;
                connections.spawn(serve(stream));
            }
            Some(done) = connections.join_next(), if !connections.is_empty() => {
                println!("{}", done.is_ok());
            }
        }
    }
}

async fn write(body: Arc<Vec<u8>>) -> Arc<Vec<u8>> {
    sleep(Duration::from_millis(1)).await;
    body
}

pub async fn reaped_each_turn(mut bodies: mpsc::Receiver<Arc<Vec<u8>>>) {
    let mut running = JoinSet::new();
    while let Some(body) = bodies.recv().await {
        running.spawn(write(body));
        while running.try_join_next().is_some() {}
    }
}

fn reap(connections: &mut JoinSet<io::Result<u64>>) {
    while let Some(done) = connections.try_join_next() {
        println!("{}", done.is_ok());
    }
}

pub async fn reaped_by_a_function(listener: TcpListener) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        reap(&mut connections);
        connections.spawn(serve(stream));
    }
}

pub async fn retained(mut bodies: mpsc::Receiver<Arc<Vec<u8>>>) {
    let mut running: Vec<JoinHandle<Arc<Vec<u8>>>> = Vec::new();
    while let Some(body) = bodies.recv().await {
        running.retain(|task| !task.is_finished());
        running.push(tokio::spawn(write(body)));
    }
}

pub async fn next_one_first(mut jobs: mpsc::Receiver<u64>) -> u64 {
    let mut running = FuturesUnordered::new();
    let mut sum = 0;
    loop {
        tokio::select! {
            job = jobs.recv() => match job {
                Some(job) => running.push(tokio::spawn(run(job))),
                None => break,
            },
            Some(done) = running.next() => sum += done.unwrap_or_default(),
        }
    }
    sum
}

/// Never more than four.
pub async fn bounded(mut jobs: mpsc::Receiver<u64>) {
    let mut running = JoinSet::new();
    while let Some(job) = jobs.recv().await {
        if running.len() >= 4 {
            running.join_next().await;
        }
        running.spawn(run(job));
    }
}

pub async fn taken_in_batches(mut jobs: mpsc::Receiver<u64>) {
    let mut batch = Vec::new();
    while let Some(job) = jobs.recv().await {
        batch.push(tokio::spawn(run(job)));
        if job % 16 == 0 {
            for task in std::mem::take(&mut batch) {
                let _ = task.await;
            }
        }
    }
}

/// A set for each turn.
pub async fn made_anew(period: Duration) {
    let mut tick = interval(period);
    loop {
        tick.tick().await;
        let mut probes = JoinSet::new();
        for probe in 0..3 {
            probes.spawn(run(probe));
        }
        probes.join_all().await;
    }
}

/// As many as there are addresses.
pub async fn for_each_address(addresses: &[SocketAddr]) -> io::Result<Vec<u64>> {
    let mut listeners = JoinSet::new();
    for address in addresses {
        let listener = TcpListener::bind(address).await?;
        listeners.spawn(async move { listener.accept().await.is_ok() as u64 });
    }
    Ok(listeners.join_all().await)
}

/// As many as were asked for.
pub async fn counted(listener: TcpListener, clients: usize) -> io::Result<()> {
    let mut served = 0;
    let mut connections = Vec::new();
    let mut tick = interval(Duration::from_millis(1));
    while served < clients {
        tick.tick().await;
        connections.push(tokio::spawn(run(1)));
        served += 1;
    }
    drop(listener);
    for connection in connections {
        connection.await?;
    }
    Ok(())
}

/// All that producers of this function send, and no more.
pub async fn batch(inputs: Vec<u64>) -> usize {
    let (tx, mut rx) = mpsc::channel(4);
    tokio::spawn(async move {
        for input in inputs {
            let _ = tx.send(input).await;
        }
    });
    let mut running = Vec::new();
    while let Some(input) = rx.recv().await {
        running.push(tokio::spawn(run(input)));
    }
    running.len()
}

/// A tracker forgets a task when it is over.
pub async fn tracked(listener: TcpListener) {
    let connections = TaskTracker::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream));
    }
    connections.close();
    connections.wait().await;
}

/// One for each peer: the next one takes the place of the last.
pub async fn by_peer(listener: TcpListener) {
    let mut peers: HashMap<SocketAddr, AbortHandle> = HashMap::new();
    while let Ok((stream, peer)) = listener.accept().await {
        let task = tokio::spawn(serve(stream));
        if let Some(old) = peers.insert(peer, task.abort_handle()) {
            old.abort();
        }
    }
}

/// Another method, called by a timer, takes the finished ones out.
#[derive(Default)]
pub struct Gateway {
    sessions: Mutex<Vec<JoinHandle<io::Result<u64>>>>,
}

impl Gateway {
    pub async fn listen(self: Arc<Self>, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            self.sessions.lock().await.push(tokio::spawn(serve(stream)));
        }
    }

    pub async fn sweep(&self) {
        let mut sessions = self.sessions.lock().await;
        sessions.retain(|session| !session.is_finished());
    }
}

/// What is handed out may be emptied by whoever gets it.
pub struct Pool {
    workers: Arc<Mutex<JoinSet<u64>>>,
}

impl Pool {
    pub fn new() -> (Pool, Arc<Mutex<JoinSet<u64>>>) {
        let workers = Arc::new(Mutex::new(JoinSet::new()));
        (Pool { workers: Arc::clone(&workers) }, workers)
    }

    pub async fn fill(&self, mut jobs: mpsc::Receiver<u64>) {
        while let Some(job) = jobs.recv().await {
            self.workers.lock().await.spawn(run(job));
        }
    }
}

/// The loop ends after the turn that fills it.
pub async fn first_only(listener: TcpListener) -> io::Result<Vec<JoinHandle<io::Result<u64>>>> {
    let mut connections = Vec::new();
    loop {
        let (stream, peer) = listener.accept().await?;
        if peer.ip().is_loopback() {
            connections.push(tokio::spawn(serve(stream)));
            break;
        }
    }
    Ok(connections)
}

/// The loop owns what it runs on, and fills the set by a method.
pub struct Dispatcher {
    jobs: mpsc::Receiver<u64>,
    running: JoinSet<u64>,
}

impl Dispatcher {
    pub fn new(jobs: mpsc::Receiver<u64>) -> Dispatcher {
        Dispatcher { jobs, running: JoinSet::new() }
    }

    pub async fn run(mut self) -> u64 {
        let mut sum = 0;
        loop {
            tokio::select! {
                job = self.jobs.recv() => {
                    let Some(job) = job else { return sum };
                    self.start(job);
                }
                Some(done) = self.running.join_next(), if !self.running.is_empty() => {
                    sum += done.unwrap_or_default();
                }
            }
        }
    }

    fn start(&mut self, job: u64) {
        self.running.spawn(run(job));
    }
}

/// A file comes to an end.
pub async fn lines_of_a_file(file: File) -> io::Result<u64> {
    let mut lines = BufReader::new(file).lines();
    let mut running = JoinSet::new();
    while let Some(line) = lines.next_line().await? {
        running.spawn(run(line.len() as u64));
    }
    Ok(running.join_all().await.into_iter().sum())
}

pub async fn lines_of_a_client(mut lines: Framed<DuplexStream, LinesCodec>) {
    let mut running = JoinSet::new();
    while let Some(Ok(line)) = lines.next().await {
        running.spawn(run(line.len() as u64));
        while running.try_join_next().is_some() {}
    }
}

/// All results are wanted together, and one that failed spoils the rest.
pub async fn summed_up(mut parts: mpsc::Receiver<u64>) -> io::Result<u64> {
    let mut writers = JoinSet::new();
    while let Some(part) = parts.recv().await {
        writers.spawn(run(part));
    }
    let mut rows = 0;
    while let Some(written) = writers.join_next().await {
        match written {
            Ok(count) => rows += count,
            Err(error) => return Err(io::Error::other(error)),
        }
    }
    Ok(rows)
}

#[derive(Default)]
pub struct Prober {
    is_started: std::sync::atomic::AtomicBool,
    probes: std::sync::Mutex<JoinSet<u64>>,
}

impl Prober {
    /// However often it is asked, it starts one task.
    fn start(&self) {
        if self.is_started.swap(true, std::sync::atomic::Ordering::AcqRel) {
            return;
        }
        self.probes.lock().unwrap().spawn(run(1));
    }

    pub async fn answer(&self, listener: TcpListener) -> io::Result<()> {
        loop {
            let (stream, _) = listener.accept().await?;
            self.start();
            serve(stream).await?;
        }
    }
}
