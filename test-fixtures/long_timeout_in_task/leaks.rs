//! Tasks that hold what they captured for a long timeout or sleep that nothing can cut short.

use std::{collections::HashMap, io, sync::Arc, sync::Mutex, time::Duration};
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
    time::{Instant, sleep, sleep_until, timeout, timeout_at},
};

mod limits {
    use std::time::Duration;

    pub const MINUTE: Duration = Duration::from_secs(60);
    pub const GRACE_MINUTES: u64 = 5;
    pub const GRACE: Duration = Duration::from_secs(GRACE_MINUTES * 60);
    pub static LINGER_MS: u64 = 90_000;
}

/// What a client sends until it is gone.
pub struct Upload {
    pub name: String,
    pub chunks: Vec<Vec<u8>>,
}

pub type Uploads = Arc<Mutex<HashMap<String, Upload>>>;

// The bound says that nobody relies on the sender being dropped.

pub fn bound_to_a_name(mut finished: mpsc::Receiver<()>, upload: Upload) {
    let _handle = tokio::spawn(async move {
        //~^ long_timeout_in_task
        let _ = timeout(Duration::from_secs(600), finished.recv()).await;
        println!("{}: {} chunks", upload.name, upload.chunks.len());
    });
}

pub fn as_statement(finished: oneshot::Receiver<()>, upload: Upload) {
    tokio::spawn(async move {
        //~^ long_timeout_in_task
        if timeout(Duration::from_secs(60 * 10), finished).await.is_err() {
            println!("{} never finished", upload.name);
        }
    });
}

pub fn sender_returned(upload: Upload) -> oneshot::Sender<()> {
    let (finish, finished) = oneshot::channel();
    tokio::spawn(async move {
        //~^ long_timeout_in_task
        let _ = timeout(Duration::from_mins(10), finished).await;
        println!("{}: {} chunks", upload.name, upload.chunks.len());
    });
    finish
}

pub fn sender_kept(waiters: &Mutex<HashMap<String, mpsc::Sender<u8>>>, upload: Upload) {
    let (progress, mut reports) = mpsc::channel(1);
    waiters.lock().unwrap().insert(upload.name.clone(), progress);
    tokio::spawn(async move {
        //~^ long_timeout_in_task
        match timeout(10 * limits::MINUTE, reports.recv()).await {
            Ok(Some(percent)) => println!("{}: {percent} %", upload.name),
            Ok(None) | Err(_) => println!("{} was abandoned", upload.name),
        }
    });
}

// Plain waits.

pub fn forget_later(uploads: Uploads, name: String) {
    tokio::spawn(async move {
        //~^ long_timeout_in_task
        sleep(limits::GRACE).await;
        uploads.lock().unwrap().remove(&name);
    });
}

pub fn linger(stream: TcpStream) {
    tokio::spawn(async move {
        //~^ long_timeout_in_task
        tokio::time::sleep(Duration::from_millis(limits::LINGER_MS)).await;
        drop(stream);
    });
}

pub fn until_a_deadline(upload: Upload) {
    let deadline = Instant::now() + Duration::from_secs(3_600);
    tokio::spawn(async move {
        //~^ long_timeout_in_task
        sleep_until(deadline).await;
        drop(upload);
    });
}

pub fn retry_after_an_hour(upload: Upload) -> bool {
    let seconds = 60 * 60;
    let wait = Duration::from_secs(seconds);
    drop(tokio::spawn(async move {
        //~^ long_timeout_in_task
        sleep(wait).await;
        println!("again: {}", upload.name);
    }));
    true
}

// Around the whole task, or in a function that it runs.

pub fn around_the_task(upload: Upload) {
    let work = async move {
        std::future::pending::<()>().await;
        drop(upload);
    };
    tokio::spawn(timeout(Duration::from_secs(120), work)); //~ long_timeout_in_task
}

pub fn in_a_called_function(changes: watch::Receiver<u64>, upload: Upload) {
    tokio::spawn(wait_for_change(changes, upload)); //~ long_timeout_in_task
}

async fn wait_for_change(mut changes: watch::Receiver<u64>, upload: Upload) {
    let changed = changes.wait_for(|version| *version > 100);
    match timeout_at(Instant::now() + Duration::from_secs(300), changed).await {
        Ok(_) => println!("{} is outdated", upload.name),
        Err(_) => println!("{} is still fresh", upload.name),
    }
}

/// A message to a client that may come back.
#[derive(Clone)]
pub struct Resend {
    pub uploads: Uploads,
    after: Duration,
}

impl Resend {
    pub fn new(uploads: Uploads) -> Self {
        Resend { uploads, after: Duration::from_hours(1) }
    }

    async fn give_up(self, name: String) {
        self.wait().await;
        self.uploads.lock().unwrap().remove(&name);
    }

    async fn wait(&self) {
        sleep(Duration::from_secs(900)).await;
        println!("after {:?}", self.after);
    }

    // The wait stands two methods away.
    pub fn start(&self, name: &str) {
        let _timer = tokio::spawn(self.clone().give_up(name.to_owned())); //~ long_timeout_in_task
    }
}

// The duration is a setting; the task is started for each connection, holds its socket, and races the wait with nothing.

pub struct Settings {
    pub keep: Duration,
}

pub async fn serve(listener: TcpListener, settings: Settings) -> io::Result<()> {
    loop {
        let (stream, peer) = listener.accept().await?;
        let keep = settings.keep;
        tokio::spawn(async move {
            //~^ long_timeout_in_task
            sleep(keep).await;
            println!("{peer} had its time");
            drop(stream);
        });
    }
}

/// A lease whose entry stays for a while after it was dropped.
pub struct Lease {
    uploads: Uploads,
    name: String,
    keep: Duration,
}

impl Lease {
    pub fn new(uploads: Uploads, name: &str, keep: Duration) -> Self {
        Lease { uploads, name: name.to_owned(), keep }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let (uploads, name, keep) = (self.uploads.clone(), self.name.clone(), self.keep);
        tokio::spawn(async move {
            //~^ long_timeout_in_task
            sleep(keep).await;
            uploads.lock().unwrap().remove(&name);
        });
    }
}

/// A client says how long its page is kept.
pub async fn pages(listener: TcpListener) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut page = Vec::new();
        let (Ok(seconds), Ok(_)) = (stream.read_u32().await, stream.read_to_end(&mut page).await) else { continue };
        let keep = Duration::from_secs(seconds.into());
        tokio::spawn(async move {
            //~^ long_timeout_in_task
            sleep(keep).await;
            drop(page);
        });
    }
}

/// Nothing aborts the timer of an older upload.
#[derive(Default)]
pub struct Expiry {
    timer: Option<JoinHandle<()>>,
}

impl Expiry {
    pub fn restart(&mut self, uploads: Uploads, name: String) {
        self.timer = Some(tokio::spawn(async move {
            //~^ task_outlives_owner
            sleep(Duration::from_secs(600)).await;
            uploads.lock().unwrap().remove(&name);
        }));
    }
}

/// What a client shares with the tasks of its queries.
pub struct Pending {
    queries: Mutex<HashMap<u64, Upload>>,
}

/// Gives up on each query after a time that its caller chose.
pub struct Client {
    pending: Arc<Pending>,
}

impl Client {
    pub fn open() -> Client {
        Client { pending: Arc::new(Pending { queries: Mutex::default() }) }
    }

    // The client may be gone for long, and each of its queries keeps all that it shares.
    pub async fn run(&self, mut asked: mpsc::Receiver<(u64, Duration)>) {
        while let Some((id, patience)) = asked.recv().await {
            let pending = Arc::clone(&self.pending);
            tokio::spawn(async move {
                //~^ long_timeout_in_task
                sleep(patience).await;
                pending.queries.lock().unwrap().remove(&id);
            });
        }
    }
}
