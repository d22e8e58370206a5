//! Executor adaptors, connection drivers, and handles that are lost beside work from elsewhere.

use std::{future::Future, io, pin::Pin};
use tokio::{io::AsyncWriteExt, net::TcpStream, task::JoinHandle};

/// Runs futures somewhere.
pub trait Executor {
    fn execute(&self, future: Pin<Box<dyn Future<Output = ()> + Send>>);
    fn spawn<F: Future<Output = ()> + Send + 'static>(&self, future: F);
}

/// All that it does is to detach what it is given; what that is its callers know.
pub struct Tokio;

impl Executor for Tokio {
    fn execute(&self, future: Pin<Box<dyn Future<Output = ()> + Send>>) {
        let _task = tokio::spawn(future);
    }

    fn spawn<F: Future<Output = ()> + Send + 'static>(&self, future: F) {
        let _ = tokio::spawn(future);
    }
}

/// What a factory makes is not known here.
pub fn started<F, Fut>(make: F, wait: bool) -> Option<JoinHandle<()>>
where
    F: FnOnce() -> Fut,
    Fut: Future<Output = ()> + Send + 'static,
{
    let task = tokio::spawn(make());
    if wait {
        return Some(task);
    }
    None
}

/// Writes at once, whatever becomes of its handle.
pub async fn say(mut stream: TcpStream, check: io::Result<()>) -> io::Result<()> {
    let speaker = tokio::spawn(async move { stream.write_all(b"hello").await });
    check?;
    speaker.await?
}

/// Asks somebody who was handed the sender of the answer.
pub fn ask(questions: tokio::sync::mpsc::Sender<tokio::sync::oneshot::Sender<u8>>) {
    tokio::spawn(async move {
        let (answer, answered) = tokio::sync::oneshot::channel();
        if questions.try_send(answer).is_ok() {
            let _ = answered.await;
        }
    });
}

/// A task for each accepted connection, with its handle written down and not used.
pub async fn serve(listener: tokio::net::TcpListener) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let _connection = tokio::spawn(talk(stream));
    }
}

async fn talk(mut stream: TcpStream) -> io::Result<()> {
    let mut turns = 0;
    loop {
        stream.write_all(b"again").await?;
        turns += 1;
        if turns > 10 {
            return Ok(());
        }
    }
}
