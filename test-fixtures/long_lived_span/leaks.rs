//! Spans that are open for as long as a server runs, with one more below them for every connection or tick.

use std::{io, time::Duration};
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream, UdpSocket},
    task::JoinHandle,
    time::interval,
};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span, debug_span, info_span, instrument};

/// Reads what a client says, until it leaves.
async fn serve(mut stream: TcpStream) {
    let mut buffer = [0; 512];
    while let Ok(1..) = stream.read(&mut buffer).await {}
}

// The loop accepts connections.

#[tracing::instrument(skip_all)] //~ long_lived_span
pub async fn accept_loop(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, peer) = listener.accept().await?;
        tokio::spawn(serve(stream).instrument(info_span!("connection", %peer)));
    }
}

/// The proxy's own story: only a shutdown ends the loop, and so does the program.
#[instrument(skip_all, name = "proxy")] //~ long_lived_span
pub async fn accept_until_shutdown(listener: TcpListener, shutdown: CancellationToken) {
    loop {
        tokio::select! {
            _ = shutdown.cancelled() => break,
            Ok((stream, peer)) = listener.accept() => {
                let connection = info_span!("connection", %peer);
                tokio::spawn(async move { serve(stream).await }.instrument(connection));
            }
        }
    }
}

async fn accept_plainly(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve_traced(stream).in_current_span());
    }
}

#[instrument(skip_all)]
async fn serve_traced(stream: TcpStream) {
    serve(stream).await;
}

/// The span is given to the task, the loop stands in the function.
pub fn start(listener: TcpListener) -> JoinHandle<()> {
    let port = listener.local_addr().map_or(0, |address| address.port());
    tokio::spawn(accept_plainly(listener).instrument(info_span!("accept_loop", port))) //~ long_lived_span
}

/// A server with a span of its own.
pub struct Server {
    listener: TcpListener,
    span: Span,
}

impl Server {
    pub fn new(listener: TcpListener) -> Server {
        Server { listener, span: info_span!("server") }
    }

    pub async fn run(self) {
        let span = self.span.clone();
        let accepting = async move {
            loop {
                match self.listener.accept().await {
                    Ok((stream, peer)) => self.welcome(stream, peer.to_string()).await,
                    Err(error) => eprintln!("accept: {error}"),
                }
            }
        };
        accepting.instrument(span).await; //~ long_lived_span
    }

    /// Opens a span for the connection, two calls below the loop.
    async fn welcome(&self, stream: TcpStream, peer: String) {
        let span = info_span!("connection", peer);
        tokio::spawn(serve(stream).instrument(span));
    }
}

pub async fn accept_in_this_span(listener: TcpListener) -> io::Result<()> {
    let accepting = async move {
        loop {
            let (stream, _) = listener.accept().await?;
            tokio::spawn(serve_traced(stream).instrument(Span::current()));
        }
    };
    accepting.instrument(info_span!("accept_loop")).await //~ long_lived_span
}

// The loop has no way out.

#[instrument(skip_all)]
async fn refresh(name: &str) {
    println!("refreshing {name}");
}

#[instrument(skip_all)] //~ long_lived_span
pub async fn refresh_for_ever(name: String) {
    let mut tick = interval(Duration::from_millis(10));
    loop {
        tick.tick().await;
        refresh(&name).await;
    }
}

/// A guard that is never dropped. (It should not be held across an `.await` either.)
pub fn refresh_under_a_guard(names: std::sync::mpsc::Receiver<String>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async move {
        let _guard = debug_span!("refresher").entered(); //~ long_lived_span
        let mut tick = interval(Duration::from_millis(10));
        loop {
            tick.tick().await;
            if let Ok(name) = names.try_recv() {
                info_span!("refresh", name).in_scope(|| println!("refreshing {name}"));
            }
        }
    });
}

#[instrument(skip_all)] //~ long_lived_span
pub async fn answer_datagrams(socket: UdpSocket) {
    let mut buffer = [0; 1500];
    loop {
        let Ok((length, peer)) = socket.recv_from(&mut buffer).await else { continue };
        let answered = socket.send_to(&buffer[..length], peer).instrument(info_span!("datagram", %peer)).await;
        println!("{answered:?}");
    }
}
