//! Tasks that their peer ends: sound where the peer came to us, and lost where we went to the peer.

use std::{future::Future, io, net::SocketAddr, path::Path, sync::Arc};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, copy_bidirectional, split},
    net::{TcpListener, TcpStream, UnixListener, UnixStream},
    sync::{Semaphore, broadcast, mpsc},
};
use tracing::Instrument;

pub trait Handler: Send + Sync + 'static {
    fn answer(&self, line: &str) -> String;
}

// Accepted connections.

pub async fn direct(listener: TcpListener, handler: Arc<impl Handler>) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let handler = handler.clone();
        tokio::spawn(async move {
            let (reader, mut writer) = split(stream);
            let mut lines = BufReader::new(reader).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let answer = handler.answer(&line);
                if writer.write_all(answer.as_bytes()).await.is_err() {
                    return;
                }
            }
        });
    }
}

pub async fn through_functions(listener: TcpListener, handler: Arc<impl Handler>) {
    while let Ok((stream, peer)) = listener.accept().await {
        let connection = Connection { stream, peer, handler: handler.clone() };
        tokio::spawn(connection.serve().instrument(tracing::info_span!("connection", %peer)));
    }
}

struct Connection<H> {
    stream: TcpStream,
    peer: SocketAddr,
    handler: Arc<H>,
}

impl<H: Handler> Connection<H> {
    async fn serve(mut self) {
        if let Err(error) = self.run().await {
            eprintln!("{}: {error}", self.peer);
        }
    }

    async fn run(&mut self) -> io::Result<()> {
        let mut buffer = [0; 256];
        loop {
            let size = self.stream.read(&mut buffer).await?;
            if size == 0 {
                return Ok(());
            }
            let line = String::from_utf8_lossy(&buffer[..size]);
            self.stream.write_all(self.handler.answer(&line).as_bytes()).await?;
        }
    }
}

/// Where all of this project's tasks start.
fn spawn_connection(work: impl Future<Output = io::Result<()>> + Send + 'static) {
    tokio::spawn(async move {
        if let Err(error) = work.await {
            eprintln!("{error}");
        }
    });
}

pub async fn through_a_wrapper(path: &Path, handler: Arc<impl Handler>) -> io::Result<()> {
    let listener = UnixListener::bind(path)?;
    let permits = Arc::new(Semaphore::new(64));
    loop {
        let permit = permits.clone().acquire_owned().await.expect("never closed");
        let (stream, _) = listener.accept().await?;
        let handler = handler.clone();
        spawn_connection(async move {
            let _permit = permit;
            answer_lines(stream, &*handler).await
        });
    }
}

async fn answer_lines(stream: impl AsyncRead + AsyncWrite + Unpin, handler: &impl Handler) -> io::Result<()> {
    let (reader, mut writer) = split(stream);
    let mut lines = BufReader::new(reader).lines();
    while let Some(line) = lines.next_line().await? {
        writer.write_all(handler.answer(&line).as_bytes()).await?;
    }
    Ok(())
}

/// The proxy's outgoing half ends with its incoming one.
pub async fn proxy(listener: TcpListener, upstream: SocketAddr) -> io::Result<()> {
    loop {
        let (mut client, _) = listener.accept().await?;
        tokio::spawn(async move {
            let mut server = TcpStream::connect(upstream).await?;
            copy_bidirectional(&mut client, &mut server).await
        });
    }
}

/// The socket was handed in: its callers accepted it.
pub fn adopted(stream: UnixStream, handler: Arc<impl Handler>) {
    tokio::spawn(async move { answer_lines(stream, &*handler).await });
}

// Connections that were opened here.

pub async fn events(address: SocketAddr, events: broadcast::Sender<String>) -> io::Result<()> {
    let stream = TcpStream::connect(address).await?;
    tokio::spawn(async move {
        //~^ dropped_join_handle
        let mut lines = BufReader::new(stream).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let _ = events.send(line);
        }
        println!("no more events");
    });
    Ok(())
}

/// A client whose reader nobody stops.
pub struct Client {
    address: SocketAddr,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> io::Result<(Client, mpsc::UnboundedReceiver<String>)> {
        let stream = TcpStream::connect(address).await?;
        let (lines, receiver) = mpsc::unbounded_channel();
        tokio::spawn(Self::read(stream, lines)); //~ dropped_join_handle
        Ok((Client { address }, receiver))
    }

    async fn read(stream: TcpStream, lines: mpsc::UnboundedSender<String>) {
        let mut reader = BufReader::new(stream).lines();
        loop {
            match reader.next_line().await {
                Ok(Some(line)) => {
                    let _ = lines.send(line);
                }
                Ok(None) => break,
                Err(error) => {
                    eprintln!("{error}");
                    break;
                }
            }
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// The same with a reader that leaves as soon as nobody listens.
pub async fn events_until_nobody_listens(address: SocketAddr) -> io::Result<mpsc::Receiver<String>> {
    let stream = TcpStream::connect(address).await?;
    let (lines, receiver) = mpsc::channel(16);
    tokio::spawn(forward(stream, lines));
    Ok(receiver)
}

async fn forward(stream: TcpStream, lines: mpsc::Sender<String>) -> io::Result<()> {
    let mut reader = BufReader::new(stream).lines();
    while let Some(line) = reader.next_line().await? {
        if lines.send(line).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// One request, one answer: a bounded exchange with a peer that we called.
pub async fn ask(address: SocketAddr, question: String) -> io::Result<String> {
    let exchange = tokio::spawn(async move {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(question.as_bytes()).await?;
        stream.shutdown().await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        io::Result::Ok(answer)
    });
    exchange.await?
}
