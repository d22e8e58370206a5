//! Loops that end, or whose task somebody can end.

use futures::{
    StreamExt,
    future::{AbortHandle as FutureAbortHandle, Abortable},
};
use std::{
    collections::HashMap,
    io,
    sync::atomic::{AtomicBool, Ordering},
    sync::{Arc, LazyLock, Mutex, OnceLock},
    time::{Duration, Instant},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Notify, broadcast, mpsc, oneshot, watch},
    task::{JoinHandle, JoinSet, LocalSet},
    time::{interval, sleep, timeout},
};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::{AbortOnDropHandle, TaskTracker},
};

#[derive(Default)]
pub struct Sessions {
    seen: Mutex<HashMap<String, Instant>>,
    stop: AtomicBool,
    stopped: Notify,
}

impl Sessions {
    fn sweep(&self) {
        self.seen.lock().unwrap().retain(|_, seen| seen.elapsed() < Duration::from_secs(30));
    }

    async fn sweep_for_ever(self: Arc<Self>) {
        loop {
            sleep(Duration::from_secs(1)).await;
            self.sweep();
        }
    }

    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
        self.stopped.notify_waiters();
    }
}

// A signal that leaves the loop.

pub fn token(sessions: Arc<Sessions>, stop: CancellationToken) {
    tokio::spawn(async move {
        let mut tick = interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                _ = stop.cancelled() => break,
                _ = tick.tick() => sessions.sweep(),
            }
        }
    });
}

pub fn token_as_condition(sessions: Arc<Sessions>, stop: CancellationToken) {
    tokio::spawn(async move {
        while !stop.is_cancelled() {
            sleep(Duration::from_secs(1)).await;
            sessions.sweep();
        }
    });
}

/// Dropping it cancels the token that the task looks at.
pub struct Sweeper {
    _stop: DropGuard,
}

pub fn drop_guard(sessions: Arc<Sessions>) -> Sweeper {
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = stopped.cancelled() => return,
                _ = sleep(Duration::from_secs(1)) => sessions.sweep(),
            }
        }
    });
    Sweeper { _stop: stop.drop_guard() }
}

pub fn whole_loop_raced(sessions: Arc<Sessions>, stop: oneshot::Receiver<()>) {
    tokio::spawn(async move {
        tokio::select! {
            _ = stop => {}
            _ = sessions.sweep_for_ever() => {}
        }
    });
}

pub fn run_until_cancelled(sessions: Arc<Sessions>, stop: CancellationToken) {
    tokio::spawn(async move { stop.run_until_cancelled(sessions.sweep_for_ever()).await });
    // The caller keeps a clone of the token.
}

pub fn watched(sessions: Arc<Sessions>) -> watch::Sender<Duration> {
    let (period_in, mut period) = watch::channel(Duration::from_secs(1));
    tokio::spawn(async move {
        loop {
            let wait = *period.borrow_and_update();
            tokio::select! {
                changed = period.changed() => if changed.is_err() { return },
                _ = sleep(wait) => sessions.sweep(),
            }
        }
    });
    period_in
}

pub fn broadcast_or_closed(sessions: Arc<Sessions>, mut stop: broadcast::Receiver<()>) {
    tokio::spawn(async move {
        let mut tick = interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                _ = tick.tick() => sessions.sweep(),
                _ = stop.recv() => return,
            }
        }
    });
}

pub fn while_let_with_a_caller() -> mpsc::Sender<String> {
    let (names_in, names) = mpsc::channel(16);
    tokio::spawn(print_names(names));
    names_in
}

async fn print_names(mut names: mpsc::Receiver<String>) {
    while let Some(name) = names.recv().await {
        println!("{name}");
    }
}

pub fn close_leaves_a_loop() -> mpsc::UnboundedSender<String> {
    let (names_in, mut names) = mpsc::unbounded_channel::<String>();
    tokio::spawn(async move {
        let mut tick = interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                name = names.recv() => match name {
                    Some(name) => println!("{name}"),
                    None => break,
                },
                _ = tick.tick() => println!("still here"),
            }
        }
    });
    names_in
}

pub fn failed_send_leaves(sessions: Arc<Sessions>) -> mpsc::Receiver<usize> {
    let (counts, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        loop {
            sleep(Duration::from_millis(250)).await;
            let count = sessions.seen.lock().unwrap().len();
            if counts.send(count).await.is_err() {
                break;
            }
        }
    });
    receiver
}

pub fn listener_is_gone(sessions: Arc<Sessions>, counts: mpsc::Sender<usize>) {
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = counts.closed() => return,
                _ = sleep(Duration::from_secs(1)) => {
                    let count = sessions.seen.lock().unwrap().len();
                    let _ = counts.try_send(count);
                }
            }
        }
    });
}

pub fn flag(sessions: Arc<Sessions>) {
    tokio::spawn(async move {
        while !sessions.stop.load(Ordering::Relaxed) {
            sleep(Duration::from_millis(100)).await;
            sessions.sweep();
        }
    });
}

pub fn flag_and_notify(sessions: Arc<Sessions>) {
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = sessions.stopped.notified() => break,
                _ = sleep(Duration::from_secs(1)) => sessions.sweep(),
            }
        }
    });
}

pub fn weak(sessions: &Arc<Sessions>) {
    let weak = Arc::downgrade(sessions);
    tokio::spawn(async move {
        loop {
            sleep(Duration::from_millis(5)).await;
            let Some(sessions) = weak.upgrade() else { break };
            sessions.sweep();
        }
    });
}

pub fn while_let_weak(sessions: &Arc<Sessions>) {
    let weak = Arc::downgrade(sessions);
    tokio::spawn(async move {
        while let Some(sessions) = weak.upgrade() {
            sessions.sweep();
            drop(sessions);
            sleep(Duration::from_millis(5)).await;
        }
    });
}

// Loops that end by themselves.

pub fn error_leaves(sessions: Arc<Sessions>) {
    tokio::spawn(async move {
        loop {
            if sessions.seen.try_lock().is_err() {
                return;
            }
            sleep(Duration::from_millis(5)).await;
            if sessions.seen.lock().unwrap().is_empty() {
                break;
            }
        }
    });
}

pub fn question_mark_leaves(socket: Arc<tokio::net::UdpSocket>) {
    tokio::spawn(async move {
        loop {
            socket.send(b"alive").await?;
            sleep(Duration::from_secs(10)).await;
        }
        #[allow(unreachable_code, reason = "it gives the block its type")]
        Ok::<(), io::Error>(())
    });
}

pub fn outer_label(sessions: Arc<Sessions>, mut names: mpsc::Receiver<String>) {
    tokio::spawn(async move {
        'work: loop {
            loop {
                match names.recv().await {
                    Some(name) if name.is_empty() => break,
                    Some(name) => println!("{name}"),
                    None => break 'work,
                }
            }
            sessions.sweep();
        }
    });
}

pub fn under_a_timeout(sessions: Arc<Sessions>) {
    tokio::spawn(timeout(Duration::from_secs(20), sessions.sweep_for_ever()));
}

// Somebody keeps the handle and ends the task.

pub struct Reporter {
    task: JoinHandle<()>,
}

impl Reporter {
    pub fn start(sessions: Arc<Sessions>) -> Self {
        Reporter { task: tokio::spawn(sessions.sweep_for_ever()) }
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Restarting ends the earlier task, and so does `stop`.
#[derive(Default)]
pub struct Restartable {
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Restartable {
    pub fn start(&self, sessions: Arc<Sessions>) {
        self.stop();
        *self.task.lock().unwrap() = Some(tokio::spawn(sessions.sweep_for_ever()));
    }

    pub fn stop(&self) {
        if let Some(task) = self.task.lock().unwrap().take() {
            task.abort();
        }
    }
}

impl Drop for Restartable {
    fn drop(&mut self) {
        self.stop();
    }
}

pub fn abortable(sessions: Arc<Sessions>) -> FutureAbortHandle {
    let (handle, registration) = FutureAbortHandle::new_pair();
    tokio::spawn(Abortable::new(sessions.sweep_for_ever(), registration));
    handle
}

/// The set goes away with the server.
pub struct Server {
    tasks: JoinSet<()>,
}

impl Server {
    pub fn start(sessions: Arc<Sessions>, listener: TcpListener) -> Self {
        let mut tasks = JoinSet::new();
        tasks.spawn(sessions.sweep_for_ever());
        tasks.spawn(accept(listener));
        Server { tasks }
    }

    pub fn len(&self) -> usize {
        self.tasks.len()
    }
}

async fn accept(listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => greet(stream),
            Err(error) => eprintln!("{error}"),
        }
    }
}

fn greet(stream: TcpStream) {
    let _ = stream.try_write(b"hello\n");
}

pub fn abort_on_drop(sessions: Arc<Sessions>) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(sessions.sweep_for_ever()))
}

pub fn tracked(sessions: Arc<Sessions>, tracker: &TaskTracker, stop: CancellationToken) {
    tracker.spawn(stop.run_until_cancelled_owned(sessions.sweep_for_ever()));
}

pub async fn local_set_ends_with_the_call(sessions: Arc<Sessions>) {
    let local = LocalSet::new();
    local.spawn_local(sessions.sweep_for_ever());
    local.run_until(sleep(Duration::from_millis(5))).await;
}

// Once in a process.

pub fn shared() -> &'static Arc<Sessions> {
    static SHARED: OnceLock<Arc<Sessions>> = OnceLock::new();
    SHARED.get_or_init(|| {
        let sessions = Arc::new(Sessions::default());
        tokio::spawn(sessions.clone().sweep_for_ever());
        sessions
    })
}

pub static SWEPT: LazyLock<Arc<Sessions>> = LazyLock::new(|| {
    let sessions = Arc::new(Sessions::default());
    tokio::spawn(sessions.clone().sweep_for_ever());
    sessions
});

pub fn started_at_most_once(sessions: Arc<Sessions>) {
    static STARTED: AtomicBool = AtomicBool::new(false);
    if STARTED.swap(true, Ordering::AcqRel) {
        return;
    }
    tokio::spawn(sessions.sweep_for_ever());
}

pub fn started_by_the_first(sessions: Arc<Sessions>) {
    static STARTED: AtomicBool = AtomicBool::new(false);
    if STARTED.compare_exchange(false, true, Ordering::AcqRel, Ordering::Acquire).is_ok() {
        tokio::spawn(sessions.sweep_for_ever());
    }
}

// Ends with what it runs on.

pub fn on_a_runtime_of_its_own(sessions: Arc<Sessions>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        tokio::spawn(sessions.clone().sweep_for_ever());
        sweep_beside(sessions).await;
    });
}

async fn sweep_beside(sessions: Arc<Sessions>) {
    tokio::spawn(sessions.sweep_for_ever());
    sleep(Duration::from_millis(5)).await;
}

pub async fn on_a_set_that_is_lent(sessions: Arc<Sessions>) {
    let local = LocalSet::new();
    sweep_on(&local, sessions);
    local.run_until(sleep(Duration::from_millis(5))).await;
}

fn sweep_on(local: &LocalSet, sessions: Arc<Sessions>) {
    local.spawn_local(sessions.sweep_for_ever());
}

pub async fn serve_and_exit(sessions: Arc<Sessions>) -> ! {
    tokio::spawn(sessions.sweep_for_ever());
    let _ = tokio::signal::ctrl_c().await;
    std::process::exit(0)
}

/// A listener that somebody can close gives nothing then.
pub struct Endpoint {
    incoming: tokio::sync::Mutex<mpsc::Receiver<TcpStream>>,
}

pub trait Transport: Send + Sync + 'static {
    fn accept(&self) -> impl Future<Output = Option<TcpStream>> + Send;
}

impl Transport for Endpoint {
    async fn accept(&self) -> Option<TcpStream> {
        self.incoming.lock().await.recv().await
    }
}

pub fn serve_until_closed(endpoint: Arc<impl Transport>) {
    tokio::spawn(async move {
        while let Some(stream) = endpoint.accept().await {
            greet(stream);
        }
    });
}

/// A stream that is aborted, in place of a future.
pub fn watch_until_aborted(
    names: tokio_stream::wrappers::ReceiverStream<String>,
    sessions: Arc<Sessions>,
) -> FutureAbortHandle {
    let (abort, registration) = FutureAbortHandle::new_pair();
    let _watcher = tokio::spawn(Abortable::new(names, registration).for_each(move |_| {
        sessions.sweep();
        std::future::ready(())
    }));
    abort
}

/// Returns an error, as the macro of snafu does.
macro_rules! whatever {
    ($message:literal) => {
        return Err(io::Error::other($message))
    };
}

/// Returns an error unless that holds.
macro_rules! ensure_whatever {
    ($holds:expr, $message:literal) => {
        if !$holds {
            whatever!($message);
        }
    };
}

// A macro returns from the function when the last client is gone.
pub fn follows_its_clients() -> mpsc::Sender<String> {
    let (lines, followed) = mpsc::channel(16);
    tokio::spawn(follow_clients(followed));
    lines
}

async fn follow_clients(mut lines: mpsc::Receiver<String>) -> io::Result<()> {
    loop {
        if let Some(line) = lines.recv().await {
            println!("{line}");
        } else {
            println!("nobody writes any more");
            whatever!("the clients are gone");
        }
    }
}

// The same with a condition.
pub fn follows_its_clients_by_a_condition() -> mpsc::Sender<String> {
    let (lines, followed) = mpsc::channel(16);
    tokio::spawn(follow_clients_by_a_condition(followed));
    lines
}

async fn follow_clients_by_a_condition(mut lines: mpsc::Receiver<String>) -> io::Result<()> {
    loop {
        ensure_whatever!(!lines.is_closed(), "the clients are gone");
        if let Some(line) = lines.recv().await {
            println!("{line}");
        }
    }
}

/// Leaves the loop around it, behind a name that nobody knows.
macro_rules! done {
    () => {
        break
    };
}

pub fn leaves_by_a_macro() -> mpsc::Sender<String> {
    let (lines, mut followed) = mpsc::channel::<String>(16);
    tokio::spawn(async move {
        loop {
            match followed.recv().await {
                Some(line) => println!("{line}"),
                None => done!(),
            }
        }
    });
    lines
}

/// The flag that ends the loop is cleared by the `Drop`, or by whoever has a clone of it.
pub struct Heartbeat {
    started: Arc<AtomicBool>,
    shared: Arc<AtomicBool>,
}

impl Heartbeat {
    pub fn new() -> Heartbeat {
        Heartbeat { started: Arc::new(AtomicBool::new(true)), shared: Arc::new(AtomicBool::new(true)) }
    }

    pub fn start(&self, sessions: Arc<Sessions>) {
        let started = self.started.clone();
        tokio::spawn(async move {
            while started.load(Ordering::Acquire) {
                sessions.sweep();
                sleep(Duration::from_millis(5)).await;
            }
        });
    }

    pub fn start_shared(&self, sessions: Arc<Sessions>) -> Arc<AtomicBool> {
        let running = Arc::clone(&self.shared);
        let given = Arc::clone(&running);
        tokio::spawn(async move {
            while running.load(Ordering::Acquire) {
                sessions.sweep();
                sleep(Duration::from_millis(5)).await;
            }
        });
        given
    }
}

impl Default for Heartbeat {
    fn default() -> Heartbeat {
        Heartbeat::new()
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        self.started.store(false, Ordering::Release);
    }
}

/// What the work gives may end the loop.
pub fn leaves_when_the_work_fails(sessions: Arc<Sessions>, path: std::path::PathBuf) {
    tokio::spawn(async move {
        loop {
            sleep(Duration::from_millis(10)).await;
            let path = path.clone();
            match tokio::task::spawn_blocking(move || std::fs::read_to_string(path)).await {
                Ok(Ok(_)) => sessions.sweep(),
                Ok(Err(_)) | Err(_) => break,
            }
        }
    });
}

/// So does an abort.
pub fn leaves_when_the_work_is_aborted(sessions: Arc<Sessions>, aborts: Arc<Mutex<Vec<tokio::task::AbortHandle>>>) {
    tokio::spawn(async move {
        loop {
            let sessions = Arc::clone(&sessions);
            let work = tokio::spawn(async move { sessions.sweep() });
            aborts.lock().unwrap().push(work.abort_handle());
            if work.await.is_err() {
                break;
            }
            sleep(Duration::from_millis(10)).await;
        }
    });
}

/// Waits, or for ever where the timer is switched off.
async fn wait_if_any(pause: Option<Duration>) {
    match pause {
        Some(pause) => sleep(pause).await,
        None => std::future::pending().await,
    }
}

/// That a timer may be switched off does not show that the task never ends.
pub fn sweeps_until_it_closes(sessions: Arc<Sessions>, pause: Option<Duration>, mut asked: mpsc::Receiver<()>) {
    tokio::spawn(async move {
        loop {
            tokio::select! {
                next = asked.recv() => if next.is_none() { break },
                () = wait_if_any(pause) => {}
            }
            sessions.sweep();
        }
    });
}

pub fn sweeps_late(sessions: Arc<Sessions>, pause: Option<Duration>) {
    tokio::spawn(async move {
        wait_if_any(pause).await;
        sessions.sweep();
    });
}

#[derive(Default)]
pub struct Collector {
    sessions: Arc<Sessions>,
}

impl Collector {
    /// Not the method of iterators.
    async fn collect(&mut self) {
        let sessions = Arc::clone(&self.sessions);
        tokio::spawn(async move {
            loop {
                sleep(Duration::from_secs(1)).await;
                sessions.sweep();
            }
        });
    }
}

pub fn names_of(lines: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut names = Vec::new();
    for line in lines {
        let parts = line.split(',').map(str::to_owned).collect::<Vec<_>>();
        names.extend(parts);
    }
    names
}

#[tokio::main]
pub async fn collects_once() {
    Collector::default().collect().await;
}

static SWEEPER: OnceLock<Arc<Sessions>> = OnceLock::new();

fn start_sweeper() -> Arc<Sessions> {
    let sessions = Arc::new(Sessions::default());
    let swept = Arc::clone(&sessions);
    tokio::spawn(async move {
        loop {
            sleep(Duration::from_secs(1)).await;
            swept.sweep();
        }
    });
    sessions
}

/// A function that is handed to a static cell runs once.
pub fn sweeper() -> &'static Arc<Sessions> {
    SWEEPER.get_or_init(start_sweeper)
}

/// The block around the future changes nothing: the runtime ends what is started in it.
pub fn blocks_on_a_block(sessions: Arc<Sessions>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on({
        let swept = Arc::clone(&sessions);
        async move {
            tokio::spawn(async move {
                loop {
                    sleep(Duration::from_secs(1)).await;
                    swept.sweep();
                }
            });
            sleep(Duration::from_millis(10)).await;
        }
    });
    Ok(())
}

/// Nor does how its failure is dealt with.
pub fn sweeps_on_a_thread(sessions: Arc<Sessions>) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => {
                eprintln!("{error}");
                return;
            }
        };
        let swept = Arc::clone(&sessions);
        runtime.spawn(async move {
            loop {
                sleep(Duration::from_secs(1)).await;
                swept.sweep();
            }
        });
        runtime.block_on(sleep(Duration::from_millis(10)));
    })
}

/// A runtime that a variant owns ends its tasks, whichever handle starts them.
pub enum Workers {
    Shared(tokio::runtime::Runtime),
    Named { runtime: tokio::runtime::Runtime },
}

impl Workers {
    pub fn sweep_often(&self, sessions: Arc<Sessions>) {
        match self {
            Workers::Shared(runtime) => {
                runtime.handle().spawn(sessions.sweep_for_ever());
            }
            Self::Named { runtime } => {
                runtime.spawn(sessions.sweep_for_ever());
            }
        }
    }
}

pub struct Pool {
    runtime: tokio::runtime::Runtime,
}

impl Pool {
    pub fn sweep_often(&self, sessions: Arc<Sessions>) {
        self.runtime.handle().spawn(sessions.sweep_for_ever());
    }
}
