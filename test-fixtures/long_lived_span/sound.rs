//! Spans that close, that have nothing below them, or whose children are roots.

use std::{io, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinHandle,
    time::interval,
};
use tracing::{Instrument, Span, info, info_span, instrument, trace_span};

/// Reads what a client says, until it leaves.
async fn serve(mut stream: TcpStream) {
    let mut buffer = [0; 512];
    while let Ok(1..) = stream.read(&mut buffer).await {}
}

#[instrument(skip_all)]
async fn serve_traced(stream: TcpStream) {
    serve(stream).await;
}

// What is opened is no child.

#[instrument(skip_all)]
pub async fn roots_that_follow(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, peer) = listener.accept().await?;
        let connection = info_span!(parent: None, "connection", %peer);
        connection.follows_from(Span::current());
        tokio::spawn(serve(stream).instrument(connection));
    }
}

#[instrument(skip_all, parent = None)]
async fn serve_as_root(stream: TcpStream) {
    serve(stream).await;
}

#[instrument(skip_all)]
pub async fn roots_by_attribute(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        serve_as_root(stream).await;
    }
}

/// A task does not take the current span along: the spans in it are roots.
#[instrument(skip_all)]
pub async fn roots_in_tasks(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, peer) = listener.accept().await?;
        tokio::spawn(serve_traced(stream));
        tokio::spawn(async move { info_span!("greeting", %peer).in_scope(|| println!("hello")) });
    }
}

#[instrument(skip_all)]
pub async fn only_events(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, peer) = listener.accept().await?;
        info!(%peer, "connected");
        tokio::spawn(serve(stream));
    }
}

/// Off unless somebody looks for a mistake.
#[instrument(skip_all)]
pub async fn only_traces(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(serve(stream).instrument(trace_span!("connection")));
    }
}

// There is no span round the loop.

pub async fn spans_of_connections(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, peer) = listener.accept().await?;
        tokio::spawn(serve(stream).instrument(info_span!("connection", %peer)));
    }
}

pub async fn span_that_closes_before(listener: TcpListener) -> io::Result<()> {
    let starting = info_span!("starting").entered();
    println!("listening on {:?}", listener.local_addr());
    drop(starting);
    loop {
        let (stream, peer) = listener.accept().await?;
        tokio::spawn(serve(stream).instrument(info_span!("connection", %peer)));
    }
}

// The loop ends with what it serves.

/// One span for a connection, and one for each of its requests.
#[instrument(skip_all)]
pub async fn requests_of_a_connection(stream: TcpStream) -> io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    while let Some(line) = lines.next_line().await? {
        info_span!("request", line).in_scope(|| println!("{line}"));
    }
    Ok(())
}

pub async fn serve_requests(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, peer) = listener.accept().await?;
        tokio::spawn(keep_alive(stream).instrument(info_span!("connection", %peer)));
    }
}

/// Started for each connection.
async fn keep_alive(stream: TcpStream) {
    let mut tick = interval(Duration::from_secs(5));
    while stream.writable().await.is_ok() {
        tick.tick().await;
        info_span!("keep_alive").in_scope(|| println!("{:?}", stream.peer_addr()));
    }
}

#[instrument(skip_all)]
pub async fn until_the_channel_closes(mut jobs: mpsc::Receiver<String>) {
    while let Some(job) = jobs.recv().await {
        info_span!("job", job).in_scope(|| println!("{job} done"));
    }
}

#[instrument(skip_all)]
pub fn over_what_is_there(names: &[String]) {
    for name in names {
        info_span!("name", name).in_scope(|| println!("{name}"));
    }
}

#[instrument(skip_all)]
pub async fn until_it_works(listener: &TcpListener) -> TcpStream {
    loop {
        if let Ok((stream, peer)) = listener.accept().await {
            info_span!("accepted", %peer).in_scope(|| println!("hello"));
            return stream;
        }
    }
}

/// The task, and with it its span, ends with its owner.
pub struct Refresher {
    task: JoinHandle<()>,
}

impl Refresher {
    pub fn new(name: String) -> Refresher {
        Refresher { task: tokio::spawn(refresh_for_ever(name).instrument(info_span!("refresher"))) }
    }
}

impl Drop for Refresher {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn refresh_for_ever(name: String) {
    let mut tick = interval(Duration::from_secs(1));
    loop {
        tick.tick().await;
        info_span!("refresh", name).in_scope(|| println!("refreshing {name}"));
    }
}
