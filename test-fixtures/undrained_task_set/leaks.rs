//! Sets and lists of handles that a loop without end fills, and that nothing empties while it turns.

use futures::stream::FuturesUnordered;
use std::{collections::VecDeque, io, sync::Arc, time::Duration};
use tokio::{
    io::DuplexStream,
    net::{TcpListener, TcpStream},
    sync::{Mutex, mpsc},
    task::{AbortHandle, JoinHandle, JoinSet},
    time::{interval, sleep},
};
use tokio_stream::{StreamExt, wrappers::ReceiverStream};
use tokio_util::{
    codec::{Framed, LinesCodec},
    sync::CancellationToken,
    task::AbortOnDropHandle,
};

pub struct Job {
    pub id: u64,
    pub body: Arc<Vec<u8>>,
}

async fn serve(stream: TcpStream) -> io::Result<u64> {
    stream.readable().await?;
    Ok(0)
}

async fn run(job: Job) -> Arc<Vec<u8>> {
    sleep(Duration::from_millis(1)).await;
    job.body
}

/// Each finished connection leaves its result in the set.
pub async fn accept_for_ever(listener: TcpListener) -> io::Result<()> {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await?;
        connections.spawn(serve(stream)); //~ undrained_task_set
    }
}

/// Waiting for them behind the loop is too late for those that are over long before.
pub async fn joined_only_at_the_end(mut jobs: mpsc::Receiver<Job>) -> usize {
    let mut running: Vec<JoinHandle<Arc<Vec<u8>>>> = Vec::new();
    while let Some(job) = jobs.recv().await {
        running.push(tokio::spawn(run(job))); //~ undrained_task_set
    }
    let mut bytes = 0;
    for task in running {
        bytes += task.await.map_or(0, |body| body.len());
    }
    bytes
}

/// A stop signal ends the loop, not its growth.
pub async fn until_stopped(mut jobs: mpsc::UnboundedReceiver<Job>, stop: CancellationToken) {
    let mut running = VecDeque::new();
    loop {
        tokio::select! {
            _ = stop.cancelled() => break,
            Some(job) = jobs.recv() => {
                let task = tokio::spawn(run(job));
                println!("{} running", running.len());
                running.push_back(task); //~ undrained_task_set
            }
        }
    }
    for task in &running {
        task.abort();
    }
}

/// A timer fills it.
pub async fn on_every_tick(period: Duration) {
    let mut probes = FuturesUnordered::new();
    let mut tick = interval(period);
    loop {
        tick.tick().await;
        probes.push(tokio::spawn(sleep(Duration::from_millis(1)))); //~ undrained_task_set
    }
}

/// A set of futures that nobody polls keeps what they gave.
pub async fn as_futures(mut jobs: mpsc::Receiver<Job>) {
    let mut running = FuturesUnordered::new();
    while let Some(job) = jobs.recv().await {
        running.push(tokio::spawn(run(job))); //~ undrained_task_set
    }
}

/// Abort handles keep a finished task's memory too.
pub async fn with_abort_handles(jobs: mpsc::Receiver<Job>) {
    let mut stops: Vec<(u64, AbortHandle)> = vec![];
    let mut jobs = ReceiverStream::new(jobs);
    while let Some(job) = jobs.next().await {
        let id = job.id;
        let task = tokio::spawn(run(job));
        stops.push((id, task.abort_handle())); //~ undrained_task_set
    }
    stops.iter().for_each(|(_, stop)| stop.abort());
}

/// Filled by a method that the loop calls, and emptied only by `shutdown`.
pub struct Server {
    listener: TcpListener,
    connections: Vec<AbortOnDropHandle<io::Result<u64>>>,
}

impl Server {
    pub fn new(listener: TcpListener) -> Server {
        Server { listener, connections: Vec::new() }
    }

    fn start(&mut self, stream: TcpStream) {
        let task = tokio::spawn(serve(stream));
        self.connections.push(AbortOnDropHandle::new(task)); //~ undrained_task_set
    }

    pub async fn run(&mut self) -> io::Result<()> {
        loop {
            let (stream, peer) = self.next().await?;
            println!("{peer} has come");
            self.start(stream);
        }
    }

    async fn next(&self) -> io::Result<(TcpStream, std::net::SocketAddr)> {
        self.listener.accept().await
    }

    pub async fn shutdown(mut self) {
        for task in self.connections.drain(..) {
            let _ = task.await;
        }
    }
}

/// Behind a lock that its owner shares with each connection.
#[derive(Default)]
pub struct Gateway {
    sessions: Mutex<JoinSet<io::Result<u64>>>,
}

impl Gateway {
    pub async fn listen(self: Arc<Self>, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let gateway = Arc::clone(&self);
            tokio::spawn(async move { gateway.admit(stream).await });
        }
    }

    async fn admit(&self, stream: TcpStream) {
        let mut sessions = self.sessions.lock().await;
        sessions.spawn(serve(stream)); //~ undrained_task_set
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.sessions.get_mut().abort_all();
    }
}

fn add(set: &mut JoinSet<Arc<Vec<u8>>>, job: Job) {
    set.spawn(run(job)); //~ undrained_task_set
}

/// The set is lent to a function that fills it.
pub async fn lent(mut jobs: mpsc::Receiver<Job>) {
    let mut running = JoinSet::new();
    while let Some(job) = jobs.recv().await {
        add(&mut running, job);
    }
    running.join_all().await;
}

/// A loop in a task of its own; sleeping is a timer as well.
pub fn poll_for_ever(urls: Vec<String>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut fetches = JoinSet::new();
        loop {
            for url in urls.clone() {
                fetches.spawn(async move { url.len() }); //~ undrained_task_set
            }
            sleep(Duration::from_millis(5)).await;
        }
    })
}

/// A client asks as often as it likes, and its connection may stay for days.
pub async fn answers_lines(mut lines: Framed<DuplexStream, LinesCodec>, page: Arc<Vec<u8>>, stop: CancellationToken) {
    let mut answers = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            line = lines.next() => {
                if let Some(line) = line {
                    match line {
                        Ok(line) => {
                            answers.spawn(answer(line, Arc::clone(&page))); //~ undrained_task_set
                        }
                        Err(error) => {
                            println!("{error}");
                            break;
                        }
                    }
                } else {
                    break;
                }
            }
        }
    }
    while answers.join_next().await.is_some() {}
}

async fn answer(line: String, page: Arc<Vec<u8>>) -> Arc<Vec<u8>> {
    println!("{line}: {}", page.len());
    page
}

/// What a client did.
enum Received {
    Line(String),
    Nothing,
    Gone,
}

async fn receive(lines: &mut Framed<DuplexStream, LinesCodec>) -> Received {
    match lines.next().await {
        Some(Ok(line)) if line.is_empty() => Received::Nothing,
        Some(Ok(line)) => Received::Line(line),
        Some(Err(_)) | None => Received::Gone,
    }
}

/// The function that the connection is lent to tells when the client is gone.
pub async fn answers_received(mut lines: Framed<DuplexStream, LinesCodec>, page: Arc<Vec<u8>>) {
    let mut answers = FuturesUnordered::new();
    loop {
        match receive(&mut lines).await {
            Received::Line(line) => answers.push(tokio::spawn(answer(line, Arc::clone(&page)))), //~ undrained_task_set
            Received::Nothing => {}
            Received::Gone => break,
        }
    }
    while answers.next().await.is_some() {}
}

/// What is only told of the results may be told at once.
pub async fn told_only_at_the_end(mut jobs: mpsc::Receiver<Job>) {
    let mut running = JoinSet::new();
    while let Some(job) = jobs.recv().await {
        running.spawn(run(job)); //~ undrained_task_set
    }
    while let Some(done) = running.join_next().await {
        match done {
            Ok(body) => println!("{} bytes", body.len()),
            Err(error) => println!("{error}"),
        }
    }
}
