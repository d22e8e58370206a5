//! Endless tasks that a function starts which goes by another name: a `let`, a constant, a field, an argument, a
//! closure, or a trait that several types implement.

use std::{future::Future, io, pin::Pin, sync::Arc, time::Duration};
use tokio::{task::JoinHandle, time::sleep};

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

async fn poll_for_ever() {
    loop {
        sleep(Duration::from_millis(5)).await;
        println!("polled");
    }
}

// Names of a spawn.

pub fn under_a_cfg() {
    #[cfg(not(target_arch = "wasm32"))]
    let run = tokio::spawn;
    #[cfg(target_arch = "wasm32")]
    let run = wasm_bindgen_futures::spawn_local;
    run(poll_for_ever()); //~ unbounded_task_loop
}

pub fn in_a_branch(is_blocking: bool) {
    let start = if is_blocking { tokio::task::spawn } else { tokio::spawn };
    let again = start;
    let _ = again(poll_for_ever()); //~ unbounded_task_loop
}

const START: fn(Work) -> JoinHandle<()> = tokio::spawn;

pub fn by_a_constant() {
    START(Box::pin(poll_for_ever())); //~ unbounded_task_loop
}

struct Runner {
    start: fn(Work) -> JoinHandle<()>,
}

pub fn by_a_field() {
    let runner = Runner { start: tokio::spawn };
    let _ = (runner.start)(Box::pin(poll_for_ever())); //~ unbounded_task_loop
}

fn run_with(start: fn(Work) -> JoinHandle<()>) {
    start(Box::pin(poll_for_ever())); //~ unbounded_task_loop
}

pub fn by_an_argument() {
    run_with(tokio::spawn);
}

fn start_polling() -> JoinHandle<()> {
    tokio::spawn(poll_for_ever())
}

pub fn of_the_project() {
    let start = start_polling;
    start(); //~ unbounded_task_loop
}

pub async fn waited_for() {
    let start = tokio::spawn;
    let _ = start(async { sleep(Duration::from_millis(5)).await }).await;
}

pub fn aborted() {
    let start = start_polling;
    let task = start();
    task.abort();
}

// Closures.

pub fn through_a_closure() {
    let background = |work: Work| {
        tokio::spawn(work);
    };
    background(Box::pin(poll_for_ever())); //~ unbounded_task_loop
    background(Box::pin(async { println!("once") }));
}

pub fn handed_out_by_a_closure() {
    let start = || tokio::spawn(poll_for_ever());
    let _ = start(); //~ unbounded_task_loop
    let task = start();
    task.abort();
}

// Implementations of one trait.

pub trait Transport {
    fn keep_alive(&self) -> io::Result<JoinHandle<()>>;
}

pub struct Events;

impl Transport for Events {
    fn keep_alive(&self) -> io::Result<JoinHandle<()>> {
        Ok(tokio::spawn(poll_for_ever()))
    }
}

pub struct Pipe;

impl Transport for Pipe {
    fn keep_alive(&self) -> io::Result<JoinHandle<()>> {
        Err(io::Error::other("a pipe lives as long as its process"))
    }
}

/// Logs what another one does.
pub struct Logged<T>(pub T);

impl<T: Transport> Transport for Logged<T> {
    fn keep_alive(&self) -> io::Result<JoinHandle<()>> {
        println!("keeping alive");
        self.0.keep_alive()
    }
}

pub fn serve(transport: &Arc<dyn Transport>) {
    let _ = transport.keep_alive(); //~ unbounded_task_loop
}

pub fn serve_for_a_while(transport: &Arc<dyn Transport>) {
    if let Ok(task) = transport.keep_alive() {
        task.abort();
    }
}

pub trait Keeper {
    fn keep(&mut self, task: JoinHandle<()>);
}

#[derive(Default)]
pub struct Tasks(Vec<JoinHandle<()>>);

impl Keeper for Tasks {
    fn keep(&mut self, task: JoinHandle<()>) {
        self.0.push(task);
    }
}

impl Drop for Tasks {
    fn drop(&mut self) {
        self.0.iter().for_each(|task| task.abort());
    }
}

pub struct Careless;

impl Keeper for Careless {
    fn keep(&mut self, task: JoinHandle<()>) {
        drop(task);
    }
}

/// Whether it is lost, the keeper decides.
pub fn kept_by(keeper: &mut dyn Keeper) {
    keeper.keep(tokio::spawn(poll_for_ever()));
}
