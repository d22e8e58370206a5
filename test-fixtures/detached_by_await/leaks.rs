//! Handles that are lost half-way: in a race, in a future that is dropped, under the next handle.

use futures::{
    StreamExt,
    future::{Either, join_all},
    stream,
};
use std::{future::Future, pin::Pin, sync::Arc, sync::Mutex, time::Duration};
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
    sync::{Notify, mpsc},
    task::JoinHandle,
    time::{Instant, interval, sleep, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;

/// Asks a device for its status, for ever.
async fn poll_status(device: String) {
    let mut tick = interval(Duration::from_secs(1));
    loop {
        tick.tick().await;
        println!("asking {device}");
    }
}

/// Work of which nobody here knows how long it takes.
pub trait Plugin: Send + 'static {
    fn run(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

// The handle itself is raced.

pub async fn under_a_timeout(device: &str) {
    let poller = tokio::spawn(poll_status(device.to_owned())); //~ detached_by_await
    if timeout(Duration::from_millis(10), poller).await.is_err() {
        println!("gave up on {device}");
    }
}

pub async fn until_a_deadline(device: &str, deadline: Instant) {
    let _ = timeout_at(deadline, tokio::spawn(poll_status(device.to_owned()))).await; //~ detached_by_await
}

pub async fn loses_to_a_notification(device: &str, offline: &Notify) {
    let poller = tokio::spawn(poll_status(device.to_owned())); //~ detached_by_await
    tokio::select! {
        _ = poller => println!("poller of {device} ended"),
        _ = offline.notified() => println!("{device} went offline"),
    }
}

pub async fn all_under_one_timeout(devices: &[&str]) {
    let mut pollers = Vec::new();
    for device in devices {
        pollers.push(tokio::spawn(poll_status((*device).to_owned()))); //~ detached_by_await
    }
    let _ = timeout(Duration::from_millis(10), join_all(pollers)).await;
}

pub async fn in_a_block_under_a_timeout(device: &str) {
    let poller = tokio::spawn(poll_status(device.to_owned())); //~ detached_by_await
    let watched = async move {
        if let Err(error) = poller.await {
            eprintln!("poller: {error}");
        }
    };
    let _ = timeout(Duration::from_millis(10), watched).await;
}

pub async fn until_a_token(device: &str, closing: CancellationToken) {
    let poller = tokio::spawn(poll_status(device.to_owned())); //~ detached_by_await
    let _ = closing.run_until_cancelled(poller).await;
}

pub async fn raced_by_reference_and_left(device: &str) {
    let mut poller = tokio::spawn(poll_status(device.to_owned())); //~ detached_by_await
    if timeout(Duration::from_millis(10), &mut poller).await.is_err() {
        println!("gave up on {device}");
    }
}

pub async fn left_by_another_arm(device: &str, mut readings: mpsc::Receiver<u32>) {
    let mut poller = tokio::spawn(poll_status(device.to_owned())); //~ detached_by_await
    loop {
        tokio::select! {
            _ = &mut poller => break,
            reading = readings.recv() => match reading {
                Some(reading) => println!("{device}: {reading}"),
                None => break,
            },
        }
    }
}

pub async fn plugin_under_a_timeout(plugin: Box<dyn Plugin>) {
    let running = tokio::spawn(async move { plugin.run().await }); //~ detached_by_await
    if timeout(Duration::from_millis(10), running).await.is_err() {
        println!("the plugin takes too long");
    }
}

pub async fn in_one_of_two(device: &str, lead: bool) {
    let lease = if lead {
        Either::Left(tokio::spawn(poll_status(device.to_owned()))) //~ detached_by_await
    } else {
        Either::Right(std::future::pending())
    };
    tokio::select! {
        _ = lease => println!("poller of {device} ended"),
        () = sleep(Duration::from_millis(10)) => println!("another one leads"),
    }
}

/// Waits for the task in its field, which is gone with the handle when that takes too long.
pub struct Engine {
    poller: JoinHandle<()>,
    patience: Duration,
}

impl Engine {
    pub fn start(device: &str, patience: Duration) -> Engine {
        let poller = tokio::spawn(poll_status(device.to_owned())); //~ detached_by_await
        Engine { poller, patience }
    }

    pub async fn stop(self) -> bool {
        timeout(self.patience, self.poller).await.is_ok()
    }
}

/// The same, with a handle that is taken out first.
#[derive(Default)]
pub struct Restarted {
    poller: Option<JoinHandle<()>>,
}

impl Restarted {
    pub fn start(device: &str) -> Restarted {
        Restarted { poller: Some(tokio::spawn(poll_status(device.to_owned()))) } //~ detached_by_await
    }

    pub async fn stop(&mut self, offline: &Notify) {
        if let Some(poller) = self.poller.take() {
            tokio::select! {
                _ = poller => println!("the poller ended"),
                () = offline.notified() => println!("the device went offline"),
            }
        }
    }
}

/// The same with many.
#[derive(Default)]
pub struct Fleet {
    pollers: Vec<JoinHandle<()>>,
}

impl Fleet {
    pub fn add(&mut self, device: &str) {
        self.pollers.push(tokio::spawn(poll_status(device.to_owned()))); //~ detached_by_await
    }

    pub async fn stop(self) -> bool {
        timeout(Duration::from_millis(10), join_all(self.pollers)).await.is_ok()
    }
}

// What holds the handle is raced.

async fn watch(device: String) {
    let poller = tokio::spawn(poll_status(device)); //~ detached_by_await
    println!("watching");
    let _ = poller.await;
}

pub async fn watch_for_a_while(device: &str) {
    let _ = timeout(Duration::from_millis(10), watch(device.to_owned())).await;
}

async fn poll_while_connected(device: String, offline: &Notify) {
    let poller = tokio::spawn(poll_status(device)); //~ detached_by_await
    offline.notified().await;
    // Never reached, if the caller drops this future first.
    poller.abort();
}

pub async fn poll_until_told(device: &str, offline: &Notify, closing: &Notify) {
    tokio::select! {
        _ = poll_while_connected(device.to_owned(), offline) => {}
        _ = closing.notified() => println!("closing"),
    }
}

/// A session whose supervisor is aborted with it, and the poller is not.
pub struct Session {
    supervisor: JoinHandle<()>,
}

impl Session {
    pub fn open(device: &str) -> Session {
        Session { supervisor: tokio::spawn(supervise(device.to_owned())) }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.supervisor.abort();
    }
}

async fn supervise(device: String) {
    loop {
        let poller = tokio::spawn(poll_status(device.clone())); //~ detached_by_await
        if let Err(error) = poller.await {
            eprintln!("poller of {device}: {error}");
        }
        sleep(Duration::from_millis(100)).await;
    }
}

// The next handle is written over it.

/// Polls one device, another one after each call of `follow`.
#[derive(Default)]
pub struct Follower {
    poller: Option<JoinHandle<()>>,
}

impl Follower {
    pub fn follow(&mut self, device: &str) {
        println!("now following {device}");
        self.poller = Some(tokio::spawn(poll_status(device.to_owned()))); //~ detached_by_await
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        if let Some(poller) = self.poller.take() {
            poller.abort();
        }
    }
}

/// The newest connection is the one that is served.
pub struct Door {
    listener: TcpListener,
    greeter: Mutex<Option<JoinHandle<()>>>,
}

impl Door {
    pub fn new(listener: TcpListener) -> Arc<Door> {
        Arc::new(Door { listener, greeter: Mutex::new(None) })
    }

    pub async fn serve(&self) {
        loop {
            let Ok((_, peer)) = self.listener.accept().await else { continue };
            self.greet(peer.to_string());
        }
    }

    fn greet(&self, peer: String) {
        let greeter = tokio::spawn(poll_status(peer)); //~ detached_by_await
        *self.greeter.lock().unwrap() = Some(greeter);
    }

    pub fn close(&self) {
        if let Some(greeter) = self.greeter.lock().unwrap().take() {
            greeter.abort();
        }
    }
}

/// Reads a feed, and starts again when told to.
pub struct Feed {
    reader: JoinHandle<()>,
    again: mpsc::Receiver<String>,
}

impl Feed {
    pub fn new(again: mpsc::Receiver<String>) -> Feed {
        Feed { reader: tokio::spawn(async {}), again }
    }

    pub async fn run(mut self) {
        while let Some(feed) = self.again.recv().await {
            self.reader = tokio::spawn(poll_status(feed)); //~ detached_by_await
        }
        self.reader.abort();
    }
}

/// Whoever bounds it means the work to be over, whatever the peer does.
pub async fn connection_under_a_timeout(listener: &TcpListener) -> std::io::Result<()> {
    let (stream, _) = listener.accept().await?;
    let served = tokio::spawn(echo_length(stream)); //~ detached_by_await
    let _ = timeout(Duration::from_millis(10), served).await;
    Ok(())
}

async fn echo_length(mut stream: TcpStream) {
    let mut buffer = vec![0; 1024];
    while let Ok(length) = stream.read(&mut buffer).await {
        if length == 0 {
            return;
        }
        println!("{length} bytes");
    }
}

// A stream of handles is left before all results are there.

pub async fn left_with_more_to_come(devices: &[&str], offline: &Notify) -> usize {
    let mut pollers = Vec::new();
    for device in devices {
        pollers.push(tokio::spawn(poll_status((*device).to_owned()))); //~ detached_by_await
    }
    let mut results = stream::iter(pollers).buffer_unordered(4);
    let mut ended = 0;
    loop {
        tokio::select! {
            () = offline.notified() => break,
            result = results.next() => match result {
                Some(_) => ended += 1,
                None => break,
            },
        }
    }
    ended
}
