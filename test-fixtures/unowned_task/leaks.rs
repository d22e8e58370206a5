//! Tasks that nothing ends soon when what started them is gone.
//! enable: unowned_task

use std::{
    future::Future,
    sync::atomic::{AtomicBool, Ordering},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{runtime::Handle, sync::mpsc, task::AbortHandle, time::sleep};
use tracing::{Instrument, instrument::Instrumented};

pub type Journal = Mutex<Vec<u64>>;

/// A source of which nobody here knows when it ends.
pub trait Source: Send + 'static {
    fn next(&mut self) -> impl Future<Output = Option<u64>> + Send;
}

// That nobody takes the results any more is noticed when there is the next one.

pub fn rows<S: Source>(mut source: S, journal: Arc<Journal>) -> mpsc::Receiver<u64> {
    let (tx, rx) = mpsc::channel(1);
    tokio::spawn(async move {
        //~^ unowned_task
        while let Some(row) = source.next().await {
            journal.lock().expect("nobody panics").push(row);
            if tx.send(row).await.is_err() {
                break;
            }
        }
    });
    rx
}

// Failed sends are passed over, so that nothing tells it.

pub fn readings<S: Source>(mut source: S) -> mpsc::Receiver<u64> {
    let (tx, rx) = mpsc::channel(1);
    let first = tx.clone();
    tokio::spawn(async move {
        //~^ ignored_close
        while let Some(reading) = source.next().await {
            let _ = first.send(reading).await;
        }
    });
    drop(tx);
    rx
}

pub struct Rows {
    pub rows: mpsc::Receiver<u64>,
}

impl Rows {
    pub fn open<S: Source>(mut source: S, journal: Arc<Journal>) -> Rows {
        let (tx, rows) = mpsc::channel(1);
        tokio::spawn(async move {
            //~^ unowned_task
            while let Some(row) = source.next().await {
                journal.lock().expect("nobody panics").push(row);
                if tx.send(row).await.is_err() {
                    return;
                }
            }
        });
        Rows { rows }
    }
}

// Nobody knows when it ends.

pub fn handed_in<F: Future<Output = ()> + Send + 'static>(job: F, journal: Arc<Journal>) {
    tokio::spawn(async move {
        //~^ unowned_task
        job.await;
        journal.lock().expect("nobody panics").push(1);
    });
}

// The runtime that is entered is somebody else's, and goes on.

pub fn entered<F: Future<Output = ()> + Send + 'static>(runtime: &Handle, job: F, journal: Arc<Journal>) {
    let _guard = runtime.enter();
    tokio::spawn(async move {
        //~^ unowned_task
        job.await;
        journal.lock().expect("nobody panics").push(3);
    });
}

// A flag that only others set.

pub fn until_told(stopped: Arc<AtomicBool>, journal: Arc<Journal>) -> bool {
    let told = Arc::new(AtomicBool::new(stopped.load(Ordering::SeqCst)));
    let flag = told.clone();
    tokio::spawn(async move {
        //~^ unowned_task
        while !flag.load(Ordering::SeqCst) {
            sleep(Duration::from_secs(1)).await;
            journal.lock().expect("nobody panics").push(2);
        }
    });
    told.load(Ordering::SeqCst)
}

// A method of one's own that dresses a future: what it dresses decides.

pub trait Named: Future + Sized {
    fn named(self, name: &'static str) -> Instrumented<Self> {
        Instrument::instrument(self, tracing::info_span!("job", name))
    }
}

impl<F: Future> Named for F {}

pub fn dressed<F: Future<Output = ()> + Send + 'static>(job: F) {
    tokio::spawn(async move { job.named("dressed").await }); //~ unowned_task
}

// A type that can be stopped, and whose `stop` forgets one of its tasks.

pub struct Node {
    running: AbortHandle,
}

pub struct Flow {
    nodes: Mutex<Vec<Node>>,
    routed: mpsc::Sender<u64>,
}

impl Flow {
    pub fn start(journal: Arc<Journal>) -> Flow {
        let (routed, routes) = mpsc::channel(8);
        let flow = Flow { nodes: Mutex::default(), routed };
        flow.start_router(routes, journal);
        flow
    }

    fn start_router(&self, mut routes: mpsc::Receiver<u64>, journal: Arc<Journal>) {
        tokio::spawn(async move {
            //~^ unowned_task
            while let Some(route) = routes.recv().await {
                journal.lock().expect("nobody panics").push(route);
            }
        });
    }

    pub async fn route(&self, route: u64) -> bool {
        self.routed.send(route).await.is_ok()
    }

    pub fn stop(&self) {
        for node in self.nodes.lock().expect("nobody panics").drain(..) {
            node.running.abort();
        }
    }
}
