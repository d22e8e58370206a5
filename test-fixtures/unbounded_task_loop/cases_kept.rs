//! Endless tasks whose handle is used, and calls that only look like a spawn.

use futures::future::join_all;
use std::{
    io,
    process::Command,
    sync::{Arc, Mutex, OnceLock},
    thread,
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot},
    task::{AbortHandle, JoinHandle, JoinSet},
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

async fn poll_for_ever() {
    loop {
        sleep(Duration::from_millis(5)).await;
    }
}

// The handle is used.

pub async fn awaited() -> io::Result<()> {
    let _ = tokio::spawn(poll_for_ever()).await;
    tokio::spawn(poll_for_ever()).await?;
    let poller = tokio::spawn(poll_for_ever());
    println!("polling");
    poller.await?;
    Ok(())
}

pub fn aborted() {
    tokio::spawn(poll_for_ever()).abort();
}

pub async fn aborted_later(done: oneshot::Receiver<()>) {
    let poller = tokio::spawn(poll_for_ever());
    let _ = done.await;
    poller.abort();
}

pub fn blocked_on(runtime: &tokio::runtime::Runtime) {
    let poller = runtime.spawn(poll_for_ever());
    let _ = runtime.block_on(poller);
}

pub async fn joined() {
    let first = tokio::spawn(poll_for_ever());
    let second = tokio::spawn(poll_for_ever());
    let _ = tokio::join!(first, second);
}

pub async fn all_joined(count: usize) {
    let pollers: Vec<_> = (0..count).map(|_| tokio::spawn(poll_for_ever())).collect();
    join_all(pollers).await;
}

pub async fn joined_one_by_one(count: usize) {
    let mut pollers = Vec::with_capacity(count);
    for _ in 0..count {
        pollers.push(tokio::spawn(poll_for_ever()));
    }
    for poller in pollers {
        let _ = poller.await;
    }
}

pub async fn aborted_one_by_one(count: usize) {
    let pollers: Vec<_> = (0..count).map(|_| tokio::spawn(poll_for_ever())).collect();
    sleep(Duration::from_millis(5)).await;
    pollers.iter().for_each(|poller| poller.abort());
}

pub async fn bound_in_two_branches(fast: bool) {
    let poller = if fast {
        tokio::spawn(poll_for_ever())
    } else {
        tokio::spawn(async {
            sleep(Duration::from_millis(5)).await;
            poll_for_ever().await
        })
    };
    let _ = poller.await;
}

pub async fn awaited_if_there(enabled: bool) {
    let poller = enabled.then(|| tokio::spawn(poll_for_ever()));
    println!("started: {}", poller.is_some());
    if let Some(poller) = poller {
        let _ = poller.await;
    }
}

pub async fn other_path_diverges(strict: bool) {
    let poller = tokio::spawn(poll_for_ever());
    if strict {
        std::process::exit(1);
    }
    if std::env::args().count() > 100 {
        panic!("too many arguments");
    }
    let _ = poller.await;
}

pub fn captured() -> impl Future<Output = ()> {
    let poller = tokio::spawn(poll_for_ever());
    async move {
        let _ = poller.await;
    }
}

pub fn captured_by_a_closure() -> impl FnOnce() {
    let poller = tokio::spawn(poll_for_ever());
    move || poller.abort()
}

macro_rules! supervise {
    ($task:ident) => {
        $task.abort()
    };
}

pub fn mentioned_in_a_macro() {
    let poller = tokio::spawn(poll_for_ever());
    supervise!(poller);
}

// The handle goes elsewhere.

pub fn tail() -> JoinHandle<()> {
    tokio::spawn(poll_for_ever())
}

pub fn in_ok() -> io::Result<JoinHandle<()>> {
    Ok(tokio::spawn(poll_for_ever()))
}

pub fn in_a_returned_collection() -> Vec<JoinHandle<()>> {
    let mut pollers = Vec::new();
    for _ in 0..3 {
        pollers.push(tokio::spawn(poll_for_ever()));
    }
    pollers
}

pub async fn sent(pollers: mpsc::Sender<JoinHandle<()>>) {
    let _ = pollers.send(tokio::spawn(poll_for_ever())).await;
}

pub fn in_a_static() {
    static POLLER: OnceLock<JoinHandle<()>> = OnceLock::new();
    let _ = POLLER.set(tokio::spawn(poll_for_ever()));
}

/// Whoever holds it decides.
pub struct Service {
    pub task: JoinHandle<()>,
    pub more: Vec<AbortHandle>,
}

pub fn service() -> Service {
    let task = tokio::spawn(poll_for_ever());
    Service { task, more: vec![tokio::spawn(poll_for_ever()).abort_handle()] }
}

pub fn pushed(service: &mut Service) {
    service.more.push(tokio::spawn(poll_for_ever()).abort_handle());
}

// Something aborts it when it goes.

pub async fn owned() {
    let _poller = AbortOnDropHandle::new(tokio::spawn(poll_for_ever()));
    sleep(Duration::from_millis(5)).await;
}

/// The project's own guard.
pub struct Guard(JoinHandle<()>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub fn newtype() -> Guard {
    Guard(tokio::spawn(poll_for_ever()))
}

pub struct Connection {
    _poller: Guard,
}

pub fn newtype_in_a_field() -> Connection {
    Connection { _poller: Guard(tokio::spawn(poll_for_ever())) }
}

pub async fn deferred() {
    let poller = tokio::spawn(poll_for_ever());
    scopeguard::defer! {
        poller.abort();
    }
    sleep(Duration::from_millis(5)).await;
}

pub async fn guarded_token() {
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    tokio::spawn(async move { stopped.run_until_cancelled(poll_for_ever()).await });
    let _guard = stop.drop_guard();
    sleep(Duration::from_millis(5)).await;
}

pub async fn set_of_the_function() {
    let mut pollers = JoinSet::new();
    for _ in 0..2 {
        pollers.spawn(poll_for_ever());
    }
    sleep(Duration::from_millis(5)).await;
}

// No task at all.

mod own {
    /// A plan, not a task.
    pub fn spawn<F>(future: F) -> F {
        future
    }

    pub struct Commands(pub Vec<String>);

    impl Commands {
        pub fn spawn(&mut self, name: impl Into<String>) {
            self.0.push(name.into());
        }
    }

    pub struct Server;

    impl Server {
        pub fn spawn(name: &str) -> Server {
            println!("{name}");
            Server
        }
    }

    /// Stands for the thread pool of the same name.
    pub mod rayon {
        pub fn spawn(work: impl FnOnce() + Send + 'static) {
            std::thread::spawn(work);
        }
    }
}

pub fn own_functions(commands: &mut own::Commands) {
    let _ = own::spawn(poll_for_ever());
    commands.spawn("enemy");
    let _server = own::Server::spawn("alpha");
    own::Server::spawn("beta");
}

mod shadowed {
    use super::own::spawn;
    use super::poll_for_ever;

    pub fn imported() {
        let _ = spawn(poll_for_ever());
    }
}

pub fn processes_and_threads(seen: Arc<Mutex<u32>>) -> io::Result<()> {
    Command::new("true").spawn()?;
    let _child = tokio::process::Command::new("true").spawn()?;
    let _ = Command::new("true").arg("--help").spawn();
    thread::spawn(|| {
        loop {
            thread::sleep(Duration::from_secs(1))
        }
    });
    let _ = thread::Builder::new().spawn(|| {
        loop {
            thread::park()
        }
    });
    thread::scope(|scope| {
        scope.spawn(|| *seen.lock().unwrap() += 1);
    });
    own::rayon::spawn(|| {
        loop {
            thread::park()
        }
    });
    Ok(())
}

/// `tokio::spawn(async { loop {} });` in words, `let _ = tokio::spawn(f());` too.
pub fn code_in_text() -> String {
    let code = quote::quote! { tokio::spawn(async { loop { tick().await } }); };
    format!("{code} tokio::spawn(poll_for_ever());")
}
