//! Waits that are short, that something cuts short, or whose task somebody can end.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
    task::{JoinHandle, JoinSet},
    time::{Instant, interval, sleep, sleep_until, timeout},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

const SHORT: Duration = Duration::from_millis(60 * 100);
const LONG: Duration = Duration::from_secs(60 * 10);

pub struct Upload {
    pub name: String,
    pub chunks: Vec<Vec<u8>>,
}

pub type Uploads = Arc<Mutex<HashMap<String, Upload>>>;

// Short waits.

pub fn six_seconds(uploads: Uploads, name: String) {
    tokio::spawn(async move {
        sleep(SHORT).await;
        uploads.lock().unwrap().remove(&name);
    });
}

pub fn under_a_minute(finished: oneshot::Receiver<()>, upload: Upload) {
    tokio::spawn(async move {
        let _ = timeout(Duration::from_secs(59), finished).await;
        drop(upload);
    });
}

pub fn a_tenth_of_a_minute(upload: Upload) {
    let wait = LONG / 100;
    tokio::spawn(async move {
        sleep_until(Instant::now() + wait).await;
        drop(upload);
    });
}

/// The outer bound is short, whatever stands inside.
pub fn long_wait_under_a_short_bound(upload: Upload) {
    tokio::spawn(timeout(SHORT, async move {
        sleep(LONG).await;
        drop(upload);
    }));
}

// The wait is raced with something that can come earlier.

pub fn raced_with_a_token(uploads: Uploads, name: String, stop: CancellationToken) {
    tokio::spawn(async move {
        tokio::select! {
            _ = stop.cancelled() => {}
            _ = sleep(LONG) => {
                uploads.lock().unwrap().remove(&name);
            }
        }
    });
}

pub fn raced_with_the_listener(mut reports: mpsc::Receiver<u8>, done: oneshot::Sender<u8>) {
    tokio::spawn(async move {
        let mut done = done;
        tokio::select! {
            _ = done.closed() => {}
            report = timeout(LONG, reports.recv()) => {
                if let Ok(Some(percent)) = report {
                    let _ = done.send(percent);
                }
            }
        }
    });
}

pub fn whole_task_raced(stop: CancellationToken, upload: Upload) {
    let wait = async move {
        sleep(LONG).await;
        drop(upload);
    };
    tokio::spawn(async move { stop.run_until_cancelled(wait).await });
}

// The sender goes away with the connection that the task serves.

pub async fn handle(mut stream: TcpStream) -> io::Result<usize> {
    let (finish, finished) = oneshot::channel::<()>();
    tokio::spawn(async move {
        if timeout(LONG, finished).await.is_err() {
            println!("a slow client");
        }
    });
    let mut buffer = Vec::new();
    let size = stream.read_to_end(&mut buffer).await?;
    drop(finish);
    Ok(size)
}

// The period of a timer that is meant to run, and ends with a token.

pub fn hourly(uploads: Uploads, stop: CancellationToken) {
    tokio::spawn(async move {
        let mut tick = interval(Duration::from_hours(1));
        loop {
            tokio::select! {
                _ = stop.cancelled() => break,
                _ = tick.tick() => uploads.lock().unwrap().clear(),
            }
        }
    });
}

// Somebody keeps the handle and ends the task.

pub fn abort_on_drop(uploads: Uploads, name: String) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(async move {
        sleep(LONG).await;
        uploads.lock().unwrap().remove(&name);
    }))
}

pub async fn awaited(finished: oneshot::Receiver<()>) {
    let wait = tokio::spawn(timeout(LONG, finished));
    let _ = wait.await;
}

pub fn handed_out(finished: oneshot::Receiver<()>, upload: Upload) -> JoinHandle<()> {
    tokio::spawn(async move {
        let _ = timeout(LONG, finished).await;
        drop(upload);
    })
}

/// Aborts the timer when the upload is restarted, finished or dropped.
#[derive(Default)]
pub struct Expiry {
    timer: Option<JoinHandle<()>>,
}

impl Expiry {
    pub fn restart(&mut self, uploads: Uploads, name: String) {
        self.cancel();
        self.timer = Some(tokio::spawn(async move {
            sleep(LONG).await;
            uploads.lock().unwrap().remove(&name);
        }));
    }

    pub fn cancel(&mut self) {
        if let Some(timer) = self.timer.take() {
            timer.abort();
        }
    }
}

impl Drop for Expiry {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// All timers end with the table.
#[derive(Default)]
pub struct Timers {
    timers: JoinSet<()>,
}

impl Timers {
    pub fn add(&mut self, uploads: Uploads, name: String) {
        while self.timers.try_join_next().is_some() {}
        self.timers.spawn(async move {
            sleep(LONG).await;
            uploads.lock().unwrap().remove(&name);
        });
    }
}

// An unknown duration outside of a request, or of a task that holds nothing.

pub fn as_long_as_somebody_says(delay: Duration) {
    tokio::spawn(async move {
        sleep(delay).await;
        println!("time is up");
    });
}

pub async fn pause_between(listener: TcpListener, pause: Duration) -> io::Result<()> {
    loop {
        let (stream, peer) = listener.accept().await?;
        drop(stream);
        println!("{peer} was refused");
        sleep(pause).await;
    }
}

/// A wait in a function that is called, not spawned.
pub async fn settle(upload: Upload) -> Upload {
    sleep(LONG).await;
    upload
}

/// What a client shares with the tasks of its queries.
pub struct Pending {
    queries: Mutex<HashMap<u64, Upload>>,
}

/// Its queries do not keep it.
pub struct Client {
    pending: Arc<Pending>,
}

impl Client {
    pub fn open() -> Client {
        Client { pending: Arc::new(Pending { queries: Mutex::default() }) }
    }

    pub async fn run(&self, mut asked: mpsc::Receiver<(u64, Duration)>) {
        while let Some((id, patience)) = asked.recv().await {
            let pending = Arc::downgrade(&self.pending);
            tokio::spawn(async move {
                sleep(patience).await;
                if let Some(pending) = pending.upgrade() {
                    pending.queries.lock().unwrap().remove(&id);
                }
            });
        }
    }
}

/// What all queries of the process share.
pub struct Known {
    queries: Mutex<HashMap<u64, Upload>>,
}

static KNOWN: OnceLock<Arc<Known>> = OnceLock::new();

fn known() -> Arc<Known> {
    Arc::clone(KNOWN.get_or_init(|| Arc::new(Known { queries: Mutex::default() })))
}

pub async fn forgets_in_time(mut asked: mpsc::Receiver<(u64, Duration)>) {
    while let Some((id, patience)) = asked.recv().await {
        let known = known();
        tokio::spawn(async move {
            sleep(patience).await;
            known.queries.lock().unwrap().remove(&id);
        });
    }
}

// A backoff with a cap, whoever counts the attempts.

const BACKOFF_MS: u64 = 100;
const BACKOFF_CAP_MS: u64 = 3_000;

fn backoff(attempt: u32) -> Duration {
    let factor = 1_u64 << attempt.min(20);
    Duration::from_millis(BACKOFF_MS.saturating_mul(factor).min(BACKOFF_CAP_MS))
}

fn pause(attempt: u32) -> Duration {
    if attempt > 5 {
        return Duration::from_secs(10);
    }
    Duration::from_secs(1) * attempt.clamp(1, 5)
}

pub async fn retries(listener: TcpListener, uploads: Uploads, attempt: u32) -> io::Result<()> {
    loop {
        let (mut stream, peer) = listener.accept().await?;
        let uploads = Arc::clone(&uploads);
        tokio::spawn(async move {
            sleep(backoff(attempt)).await;
            let mut chunk = Vec::new();
            if stream.read_buf(&mut chunk).await.is_ok() {
                sleep(pause(attempt)).await;
                uploads.lock().unwrap().remove(&peer.to_string());
            }
        });
    }
}
