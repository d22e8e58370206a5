//! Handles that are raced, held across waits and replaced, and whose tasks end all the same.

use futures::{
    StreamExt,
    future::{Either, select},
    stream,
};
use std::{future::Future, pin::pin, sync::Mutex, time::Duration};
use tokio::{
    sync::{Notify, mpsc, oneshot, watch},
    task::JoinHandle,
    time::{interval, sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

/// Asks a device for its status, for ever.
async fn poll_status(device: String) {
    let mut tick = interval(Duration::from_secs(1));
    loop {
        tick.tick().await;
        println!("asking {device}");
    }
}

/// Asks a device for its status until somebody says stop.
async fn poll_until(device: String, stop: CancellationToken) {
    let mut tick = interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            _ = stop.cancelled() => break,
            _ = tick.tick() => println!("asking {device}"),
        }
    }
}

// The race is lost, and the task is aborted.

pub async fn aborted_when_late(device: &str) {
    let mut poller = tokio::spawn(poll_status(device.to_owned()));
    if timeout(Duration::from_millis(10), &mut poller).await.is_err() {
        poller.abort();
    }
}

pub async fn abort_handle_taken_before(device: &str) {
    let poller = tokio::spawn(poll_status(device.to_owned()));
    let abort = poller.abort_handle();
    if timeout(Duration::from_millis(10), poller).await.is_err() {
        abort.abort();
    }
}

pub async fn aborted_on_drop(device: &str) {
    let poller = AbortOnDropHandle::new(tokio::spawn(poll_status(device.to_owned())));
    let _ = timeout(Duration::from_millis(10), poller).await;
}

pub async fn aborted_in_the_other_arm(device: &str, gone: oneshot::Receiver<()>) {
    let mut poller = tokio::spawn(poll_status(device.to_owned()));
    tokio::select! {
        _ = &mut poller => println!("poller of {device} ended"),
        _ = gone => poller.abort(),
    }
}

pub async fn loser_is_given_back(device: &str) {
    let poller = tokio::spawn(poll_status(device.to_owned()));
    match select(poller, pin!(sleep(Duration::from_millis(10)))).await {
        Either::Left(_) => println!("poller of {device} ended"),
        Either::Right((_, poller)) => poller.abort(),
    }
}

// The task ends by itself, or somebody tells it to.

pub async fn short_work_under_a_timeout(path: String) -> bool {
    let removed = tokio::spawn(async move { tokio::fs::remove_file(path).await.is_ok() });
    matches!(timeout(Duration::from_secs(1), removed).await, Ok(Ok(true)))
}

/// A service that is told to stop, and then has a while for it.
pub struct Service {
    stop: CancellationToken,
    poller: JoinHandle<()>,
}

impl Service {
    pub fn start(device: &str) -> Service {
        let stop = CancellationToken::new();
        let poller = tokio::spawn(poll_until(device.to_owned(), stop.clone()));
        Service { stop, poller }
    }

    pub async fn shut_down(self) {
        self.stop.cancel();
        let _ = timeout(Duration::from_secs(5), self.poller).await;
    }
}

pub async fn signalled_before_the_bounded_wait(device: &str) {
    let (stop, mut stopped) = watch::channel(false);
    let device = device.to_owned();
    let worker = tokio::spawn(async move {
        let mut tick = interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                _ = stopped.changed() => break,
                _ = tick.tick() => println!("asking {device}"),
            }
        }
    });
    sleep(Duration::from_millis(10)).await;
    let _ = stop.send(true);
    let _ = timeout(Duration::from_secs(5), worker).await;
}

pub async fn raced_with_the_end_of_the_process(device: &str) {
    let poller = tokio::spawn(poll_status(device.to_owned()));
    tokio::select! {
        _ = poller => println!("poller of {device} ended"),
        _ = tokio::signal::ctrl_c() => println!("the process ends"),
    }
}

// Nothing is lost.

pub async fn a_plain_future(device: &str) {
    let _ = timeout(Duration::from_millis(10), poll_status(device.to_owned())).await;
}

pub async fn polled_again_on_the_next_turn(device: &str, mut readings: mpsc::Receiver<u32>) {
    let mut poller = tokio::spawn(poll_status(device.to_owned()));
    loop {
        tokio::select! {
            _ = &mut poller => break,
            Some(reading) = readings.recv() => println!("{device}: {reading}"),
        }
    }
}

async fn watch_device(device: String) {
    let poller = tokio::spawn(poll_status(device));
    println!("watching");
    let _ = poller.await;
}

pub async fn waited_for_to_the_end(device: &str) {
    watch_device(device.to_owned()).await;
}

async fn guarded(device: String) {
    let poller = AbortOnDropHandle::new(tokio::spawn(poll_status(device)));
    println!("watching");
    let _ = poller.await;
}

pub async fn guarded_for_a_while(device: &str) {
    let _ = timeout(Duration::from_millis(10), guarded(device.to_owned())).await;
}

/// Does its work even if whoever asked for it goes away.
async fn shielded<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Option<T> {
    tokio::spawn(work).await.ok()
}

pub async fn shielded_work_under_a_timeout(path: String) -> Option<bool> {
    let removal = async move { tokio::fs::remove_file(path).await.is_ok() };
    timeout(Duration::from_millis(10), shielded(removal)).await.ok().flatten()
}

// The field is looked at before it is written.

/// Polls one device at a time.
#[derive(Default)]
pub struct Follower {
    poller: Option<JoinHandle<()>>,
}

impl Follower {
    pub fn follow(&mut self, device: &str) {
        if let Some(poller) = self.poller.take() {
            poller.abort();
        }
        self.poller = Some(tokio::spawn(poll_status(device.to_owned())));
    }

    pub fn follow_after_stop(&mut self, device: &str) {
        self.stop();
        self.poller = Some(tokio::spawn(poll_status(device.to_owned())));
    }

    pub fn follow_if_idle(&mut self, device: &str) {
        if self.poller.is_some() {
            return;
        }
        self.poller = Some(tokio::spawn(poll_status(device.to_owned())));
    }

    fn stop(&mut self) {
        if let Some(poller) = self.poller.take() {
            poller.abort();
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Its field aborts what is written over.
#[derive(Default)]
pub struct Guarded {
    poller: Option<AbortOnDropHandle<()>>,
}

impl Guarded {
    pub fn follow(&mut self, device: &str) {
        self.poller = Some(AbortOnDropHandle::new(tokio::spawn(poll_status(device.to_owned()))));
    }
}

/// Filled once, when it is made.
pub struct Fixed {
    poller: Mutex<Option<JoinHandle<()>>>,
}

impl Fixed {
    pub fn new(device: &str) -> Fixed {
        let fixed = Fixed { poller: Mutex::new(None) };
        fixed.begin(device);
        fixed
    }

    fn begin(&self, device: &str) {
        *self.poller.lock().unwrap() = Some(tokio::spawn(poll_status(device.to_owned())));
    }
}

impl Drop for Fixed {
    fn drop(&mut self) {
        if let Some(poller) = self.poller.get_mut().unwrap().take() {
            poller.abort();
        }
    }
}

/// Set going once: nobody here calls it, and it says nothing that may be said twice.
#[derive(Default)]
pub struct Started {
    poller: Option<JoinHandle<()>>,
}

impl Started {
    pub fn start(&mut self) {
        self.poller = Some(tokio::spawn(poll_status("the only one".to_owned())));
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if let Some(poller) = self.poller.take() {
            poller.abort();
        }
    }
}

/// The old task ends with the token that is written over.
#[derive(Default)]
pub struct Replaced {
    stop: Option<CancellationToken>,
    poller: Option<JoinHandle<()>>,
}

impl Replaced {
    pub fn follow(&mut self, device: &str) {
        let stop = CancellationToken::new();
        self.poller = Some(tokio::spawn(poll_until(device.to_owned(), stop.clone())));
        if let Some(old) = self.stop.replace(stop) {
            old.cancel();
        }
    }
}

impl Drop for Replaced {
    fn drop(&mut self) {
        if let Some(poller) = self.poller.take() {
            poller.abort();
        }
    }
}

/// Late or not, the task ends: its field is aborted by the drop.
pub struct Engine {
    poller: JoinHandle<()>,
    patience: Duration,
}

impl Engine {
    pub fn start(device: &str, patience: Duration) -> Engine {
        Engine { poller: tokio::spawn(poll_status(device.to_owned())), patience }
    }

    pub async fn stop(mut self) -> bool {
        timeout(self.patience, &mut self.poller).await.is_ok()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.poller.abort();
    }
}

/// The task has ended before its handle is waited for with a bound.
pub struct Told {
    closing: CancellationToken,
    poller: JoinHandle<()>,
}

impl Told {
    pub fn start(device: &str) -> Told {
        let closing = CancellationToken::new();
        Told { poller: tokio::spawn(poll_until(device.to_owned(), closing.clone())), closing }
    }

    pub async fn stop(self) -> bool {
        self.closing.cancel();
        timeout(Duration::from_secs(5), self.poller).await.is_ok()
    }
}

pub async fn in_one_of_two(device: &str, lead: bool) {
    let mut stop = None;
    let lease = if lead {
        let poller = tokio::spawn(poll_status(device.to_owned()));
        stop = Some(poller.abort_handle());
        Either::Left(poller)
    } else {
        Either::Right(std::future::pending())
    };
    tokio::select! {
        _ = lease => println!("poller of {device} ended"),
        () = sleep(Duration::from_millis(10)) => println!("another one leads"),
    }
    if let Some(stop) = stop {
        stop.abort();
    }
}

/// One method tells the task to stop, and another waits for it with a bound.
pub struct Closing {
    stop: CancellationToken,
    poller: Option<JoinHandle<()>>,
}

impl Closing {
    pub fn start(device: &str) -> Closing {
        let stop = CancellationToken::new();
        let poller = tokio::spawn(poll_until(device.to_owned(), stop.clone()));
        Closing { stop, poller: Some(poller) }
    }

    pub async fn close(&mut self) {
        self.stop.cancel();
        self.wait().await;
    }

    async fn wait(&mut self) {
        if let Some(poller) = self.poller.take() {
            let _ = timeout(Duration::from_secs(5), poller).await;
        }
    }
}

// A stream of handles is drained to its end, whatever else happens on the way.

pub async fn all_results(devices: &[&str], stop: CancellationToken, offline: &Notify) -> usize {
    let mut pollers = Vec::new();
    for device in devices {
        pollers.push(tokio::spawn(poll_until((*device).to_owned(), stop.clone())));
    }
    let mut results = stream::iter(pollers).buffer_unordered(4);
    let mut ended = 0;
    loop {
        tokio::select! {
            () = offline.notified() => stop.cancel(),
            result = results.next() => match result {
                Some(_) => ended += 1,
                None => break,
            },
        }
    }
    ended
}

// So short a time is no bound: the server is meant to go on, and only that it could not start is told.

pub async fn started<F: Future<Output = u32> + Send + 'static>(server: F) -> Result<(), u32> {
    let running = tokio::spawn(server);
    match timeout(Duration::from_millis(1), running).await {
        Ok(Ok(code)) => Err(code),
        _ => Ok(()),
    }
}
