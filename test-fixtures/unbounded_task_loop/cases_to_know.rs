//! Every spelling in which the handle of an endless task is lost.

use std::{future::Future, sync::Arc, sync::Mutex, time::Duration};
use tokio::{
    runtime::{Handle, Runtime},
    task::{self, JoinHandle, LocalSet},
    time::sleep,
};

async fn poll_for_ever() {
    loop {
        sleep(Duration::from_millis(5)).await;
    }
}

async fn poll_peer(peer: u32) {
    loop {
        sleep(Duration::from_millis(5)).await;
        println!("polled {peer}");
    }
}

// Ways to call it.

pub fn paths() {
    tokio::spawn(poll_for_ever()); //~ unbounded_task_loop
    task::spawn(poll_for_ever()); //~ unbounded_task_loop
    tokio::task::spawn(poll_for_ever()); //~ unbounded_task_loop
    ::tokio::spawn(poll_for_ever()); //~ unbounded_task_loop
    tokio::spawn::<_>(poll_for_ever()); //~ unbounded_task_loop
    (tokio::spawn)(poll_for_ever()); //~ unbounded_task_loop
}

pub fn on_a_runtime(runtime: &Runtime, handle: &Handle) {
    Handle::current().spawn(poll_for_ever()); //~ unbounded_task_loop
    runtime.spawn(poll_for_ever()); //~ unbounded_task_loop
    runtime.handle().spawn(poll_for_ever()); //~ unbounded_task_loop
    handle.spawn(poll_for_ever()); //~ unbounded_task_loop
    Handle::spawn(handle, poll_for_ever()); //~ unbounded_task_loop
}

pub fn on_a_borrowed_local_set(set: &LocalSet) {
    set.spawn_local(poll_for_ever()); //~ unbounded_task_loop
}

pub fn on_the_current_local_set() {
    task::spawn_local(poll_for_ever()); //~ unbounded_task_loop
}

#[cfg(tokio_unstable)]
pub fn named() {
    task::Builder::new().name("poller").spawn(poll_for_ever()).unwrap(); //~ unbounded_task_loop
}

mod imported {
    use super::poll_for_ever;
    use tokio::spawn;
    use tokio::task::spawn as go;
    use tokio::{self as rt};

    pub fn by_import() {
        spawn(poll_for_ever()); //~ unbounded_task_loop
        go(poll_for_ever()); //~ unbounded_task_loop
        rt::spawn(poll_for_ever()); //~ unbounded_task_loop
    }
}

mod glob {
    use super::poll_for_ever;
    use tokio::task::*;

    pub fn by_glob() {
        spawn(poll_for_ever()); //~ unbounded_task_loop
    }
}

// Places to call it from.

pub fn in_a_closure() -> impl Fn() {
    || {
        tokio::spawn(poll_for_ever()); //~ unbounded_task_loop
    }
}

pub async fn in_a_nested_block() {
    let start = async {
        tokio::spawn(poll_for_ever()); //~ unbounded_task_loop
    };
    start.await;
}

pub fn in_an_inner_function() {
    fn start() {
        tokio::spawn(poll_for_ever()); //~ unbounded_task_loop
    }
    start();
}

pub trait Poller {
    fn peer(&self) -> u32;

    fn start(&self) {
        tokio::spawn(poll_peer(self.peer())); //~ unbounded_task_loop
    }
}

pub struct Peer(pub u32);

impl Poller for Peer {
    fn peer(&self) -> u32 {
        self.0
    }
}

impl Peer {
    pub fn start_twice(&self) {
        let number = self.0;
        tokio::spawn(async move { poll_peer(number).await }); //~ unbounded_task_loop
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        tokio::spawn(poll_peer(self.0)); //~ unbounded_task_loop
    }
}

// Uses that keep nothing.

pub fn asked_and_lost() -> bool {
    tokio::spawn(poll_for_ever()).abort_handle(); //~ ineffective_abort
    println!("{}", tokio::spawn(poll_for_ever()).id()); //~ unbounded_task_loop
    tokio::spawn(poll_for_ever()).is_finished() //~ unbounded_task_loop
}

pub fn written_down_and_lost() {
    drop(tokio::spawn(poll_for_ever())); //~ unbounded_task_loop
    std::mem::forget(tokio::spawn(poll_for_ever())); //~ unbounded_task_loop
    let _ = tokio::spawn(poll_for_ever()); //~ unbounded_task_loop
    _ = tokio::spawn(poll_for_ever()); //~ unbounded_task_loop
    let _poller = tokio::spawn(poll_for_ever()); //~ unbounded_task_loop
    let _: JoinHandle<()> = tokio::spawn(poll_for_ever()); //~ unbounded_task_loop
    let poller = tokio::spawn(poll_for_ever()); //~ unbounded_task_loop
    drop(poller);
    let poller = tokio::spawn(poll_for_ever()); //~ unbounded_task_loop
    _ = poller;
    let poller = tokio::spawn(poll_for_ever()); //~ unbounded_task_loop
    poller;
}

/// Taking the handle out of its field is not stopping the task.
#[derive(Default)]
pub struct Service {
    task: Option<JoinHandle<()>>,
}

impl Service {
    pub fn start(&mut self) {
        self.task = Some(tokio::spawn(poll_for_ever())); //~ task_outlives_owner
    }

    pub fn stop(&mut self) {
        self.task.take();
    }
}

// Values of blocks, arms and closures.

pub fn arms(peers: &[u32]) {
    match peers {
        [] => println!("nobody"),
        [peer] => {
            tokio::spawn(poll_peer(*peer)); //~ unbounded_task_loop
        }
        [_, ..] => {
            tokio::spawn(poll_for_ever()); //~ unbounded_task_loop
        }
    }
    if peers.len() > 3 {
        tokio::spawn(poll_for_ever()); //~ unbounded_task_loop
    } else {
        println!("a few");
    }
}

pub async fn one_arm_of_two(wait: bool) {
    if wait {
        let _ = tokio::spawn(poll_for_ever()).await;
    } else {
        tokio::spawn(poll_for_ever()); //~ unbounded_task_loop
    }
}

pub fn closures_of_std(enabled: bool, peer: Option<u32>) {
    enabled.then(|| tokio::spawn(poll_for_ever())); //~ unbounded_task_loop
    peer.map(|peer| tokio::spawn(poll_peer(peer))); //~ unbounded_task_loop
}

pub fn collections(peers: Vec<u32>) {
    vec![
        tokio::spawn(poll_for_ever()), //~ unbounded_task_loop
        tokio::spawn(poll_peer(1)),    //~ unbounded_task_loop
    ];
    peers.iter().copied().map(|peer| tokio::spawn(poll_peer(peer))).collect::<Vec<_>>(); //~ unbounded_task_loop
    let pollers: Vec<_> = peers.into_iter().map(poll_peer).map(tokio::spawn).collect(); //~ unbounded_task_loop
    println!("{} pollers", pollers.len());
}

pub async fn second_of_two() {
    let (first, _second) = (
        tokio::spawn(poll_peer(1)),
        tokio::spawn(poll_peer(2)), //~ unbounded_task_loop
    );
    first.abort();
    let _ = first.await;
}

// The future comes from elsewhere in the function.

pub fn bound_earlier(seen: Arc<Mutex<Vec<u32>>>) {
    let work = async move {
        loop {
            sleep(Duration::from_millis(5)).await;
            seen.lock().unwrap().clear();
        }
    };
    tokio::spawn(work); //~ unbounded_task_loop
}

pub fn block_argument(seen: &Arc<Mutex<Vec<u32>>>) {
    tokio::spawn({
        //~^ unbounded_task_loop
        let seen = Arc::clone(seen);
        async move {
            loop {
                sleep(Duration::from_millis(5)).await;
                seen.lock().unwrap().clear();
            }
        }
    });
}

pub fn boxed() {
    let work: std::pin::Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(poll_for_ever());
    tokio::spawn(work); //~ unbounded_task_loop
}

pub fn instrumented() {
    use tracing::Instrument as _;
    tokio::spawn(poll_for_ever().instrument(tracing::info_span!("poll")).in_current_span()); //~ unbounded_task_loop
}

macro_rules! spawn_poller {
    ($future:expr) => {
        tokio::spawn(async move {
            loop {
                $future.await;
            }
        });
    };
}

pub fn by_macro() {
    spawn_poller!(sleep(Duration::from_millis(5))); //~ unbounded_task_loop
}
