//! Bounds and delays of a length that the text does not show, round work that ends: guards, not leaks.

use std::{io, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, mpsc},
    time::{sleep, timeout},
};

/// Limits of a server.
#[derive(Clone)]
pub struct Limits {
    pub handshake: Duration,
    pub pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { handshake: Duration::from_secs(5), pause: Duration::from_secs(2) }
    }
}

async fn handshake(stream: &mut TcpStream) -> io::Result<u8> {
    stream.write_all(b"hello").await?;
    stream.read_u8().await
}

/// The bound shortens a task that ends with its peer anyway.
pub async fn serve(listener: TcpListener, longest: Duration) -> io::Result<()> {
    loop {
        let (mut stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            let _ = timeout(longest, handshake(&mut stream)).await;
        });
    }
}

/// Work that a client of another crate does.
pub trait Job: Send + 'static {
    fn run(self) -> impl Future<Output = ()> + Send;
}

pub async fn work<J: Job>(mut jobs: mpsc::Receiver<J>, longest: Option<Duration>) {
    while let Some(job) = jobs.recv().await {
        tokio::spawn(async move {
            match longest {
                Some(longest) => {
                    let _ = timeout(longest, job.run()).await;
                }
                None => job.run().await,
            }
        });
    }
}

/// A permit that is held for the pause, and a sender: next to nothing is kept alive.
pub async fn limit(mut permits: mpsc::Receiver<OwnedSemaphorePermit>, pause: Duration, done: mpsc::Sender<()>) {
    while let Some(permit) = permits.recv().await {
        let done = done.clone();
        tokio::spawn(async move {
            sleep(pause).await;
            drop(permit);
            let _ = done.send(()).await;
        });
    }
}

/// The setting has a value in this crate, and it is short.
pub async fn linger(listener: TcpListener, limits: Arc<Limits>) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let limits = Arc::clone(&limits);
        tokio::spawn(async move {
            sleep(limits.pause).await;
            drop(stream);
        });
    }
}
