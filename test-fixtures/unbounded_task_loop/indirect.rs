//! Endless tasks behind newtypes of the handle, extension methods and traits, and channels that the task holds open itself.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{interval, sleep},
};

async fn endless() {
    loop {
        sleep(Duration::from_millis(5)).await;
    }
}

/// A handle by another name: it has no `Drop`, so dropping it detaches.
pub struct Handle<T>(JoinHandle<T>);

impl<T> Future for Handle<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        Pin::new(&mut self.0).poll(context).map(|ended| ended.expect("the task does not panic"))
    }
}

impl<T: Send + 'static> Handle<T> {
    fn spawn(future: impl Future<Output = T> + Send + 'static) -> Handle<T> {
        Handle(tokio::spawn(future))
    }
}

pub fn lost_newtype() {
    Handle::spawn(endless()); //~ unbounded_task_loop
}

pub async fn awaited_newtype() {
    Handle::spawn(endless()).await;
}

/// A method on every future.
pub trait Spawnable {
    fn spawn_task(self);
}

impl<T: Future<Output = ()> + Send + 'static> Spawnable for T {
    fn spawn_task(self) {
        tokio::spawn(self);
    }
}

pub fn by_extension() {
    endless().spawn_task(); //~ unbounded_task_loop
}

/// A runtime behind a trait, and two that both detach.
pub trait Runtime {
    fn run(&self, future: Pin<Box<dyn Future<Output = ()> + Send>>);
}

pub struct Here;
pub struct There(tokio::runtime::Handle);

impl Runtime for Here {
    fn run(&self, future: Pin<Box<dyn Future<Output = ()> + Send>>) {
        tokio::spawn(future);
    }
}

impl There {
    pub fn new(handle: tokio::runtime::Handle) -> There {
        There(handle)
    }
}

impl Runtime for There {
    fn run(&self, future: Pin<Box<dyn Future<Output = ()> + Send>>) {
        self.0.spawn(future);
    }
}

pub fn through_a_trait<R: Runtime>(runtime: &R) {
    runtime.run(Box::pin(endless())); //~ unbounded_task_loop
}

pub fn through_an_object(runtime: &dyn Runtime) {
    runtime.run(Box::pin(endless())); //~ unbounded_task_loop
}

/// An actor that keeps a sender of its own inbox: the inbox never closes.
pub struct Actor {
    inbox: mpsc::Receiver<u8>,
    again: mpsc::Sender<u8>,
}

impl Actor {
    fn new() -> (Actor, mpsc::Sender<u8>) {
        let (sender, inbox) = mpsc::channel(8);
        (Actor { inbox, again: sender.clone() }, sender)
    }

    async fn run(mut self) {
        while let Some(message) = self.inbox.recv().await {
            if message > 0 {
                let _ = self.again.try_send(message - 1);
            }
        }
    }
}

pub fn actor() -> mpsc::Sender<u8> {
    let (actor, sender) = Actor::new();
    tokio::spawn(actor.run()); //~ forgotten_channel
    sender
}

/// A client that is captured by the task that reads what its own clones send.
#[derive(Clone)]
pub struct Client {
    questions: mpsc::UnboundedSender<String>,
}

impl Client {
    pub fn new() -> Client {
        let (questions, inbox) = mpsc::unbounded_channel();
        let client = Client { questions };
        tokio::spawn(Client::answer(client.clone(), inbox)); //~ forgotten_channel
        client
    }

    pub fn ask(&self, question: &str) {
        let _ = self.questions.send(question.to_owned());
    }

    async fn answer(self, mut inbox: mpsc::UnboundedReceiver<String>) {
        while let Some(question) = inbox.recv().await {
            println!("{question}? {}", self.questions.is_closed());
        }
    }
}

/// The same actor with a message that stops it: somebody outside can send it.
pub fn stoppable_actor() -> mpsc::Sender<Option<u8>> {
    let (sender, mut inbox) = mpsc::channel::<Option<u8>>(8);
    let again = sender.clone();
    tokio::spawn(async move {
        while let Some(message) = inbox.recv().await {
            match message {
                Some(0) => {}
                Some(number) => {
                    let _ = again.try_send(Some(number - 1));
                }
                None => break,
            }
        }
    });
    sender
}

/// A timer that looks at a flag on each tick.
pub fn ticks_until_stopped(stop: Arc<AtomicBool>) {
    tokio::spawn(async move {
        let mut tick = interval(Duration::from_millis(5));
        loop {
            tokio::select! {
                _ = tick.tick() => {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                }
                _ = sleep(Duration::from_secs(1)) => {}
            }
        }
    });
}

/// Takes what has come in, and goes on when there is nothing more; its sender stands beside the receiver.
pub struct Router {
    jobs: mpsc::UnboundedReceiver<u8>,
    _again: mpsc::UnboundedSender<u8>,
    routes: mpsc::Receiver<u8>,
}

impl Router {
    pub fn new(routes: mpsc::Receiver<u8>) -> Router {
        let (again, jobs) = mpsc::unbounded_channel();
        Router { jobs, _again: again, routes }
    }

    async fn run(mut self) {
        while let Some(route) = self.routes.recv().await {
            while let Ok(job) = self.jobs.try_recv() {
                println!("{job} on {route}");
            }
        }
    }
}

pub fn route(router: Router) {
    tokio::spawn(router.run());
}
