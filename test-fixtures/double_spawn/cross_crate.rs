//! The function that waits, the one that spawns and the task itself stand in different crates.

//- /rt/src/lib.rs crate:rt deps:tokio
use std::future::Future;
use tokio::task::JoinHandle;

pub use tokio::spawn as start;

pub fn background(work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(work);
}

/// Says so when a task has failed.
pub async fn log_failure<T>(name: &'static str, task: JoinHandle<T>) {
    if let Err(error) = task.await {
        eprintln!("{name}: {error}");
    }
}

//- /encoder/src/lib.rs crate:encoder deps:tokio
use std::time::Duration;

pub async fn encode(name: String) -> usize {
    tokio::time::sleep(Duration::from_millis(50)).await;
    name.len()
}

//- /app/src/lib.rs crate:app deps:rt,encoder,tokio
use encoder::encode;
use std::time::Duration;
use tokio::time::timeout;

pub fn waits_in_another_crate(name: String) {
    tokio::spawn(rt::log_failure("encoder", rt::start(encode(name)))); //~ double_spawn
}

pub fn through_a_wrapper(name: String) {
    let encoder = rt::start(encode(name));
    rt::background(async move {
        //~^ double_spawn
        let size = encoder.await.unwrap_or_default();
        println!("{size}");
    });
}

pub fn only_spawns(name: String) {
    rt::start(async move {
        //~^ double_spawn
        rt::start(encode(name));
    });
}

// Sound neighbours.

pub fn one_task(name: String) {
    rt::background(async move {
        println!("{}", encode(name).await);
    });
}

pub async fn shielded(name: String) -> usize {
    rt::start(encode(name)).await.unwrap_or_default()
}

pub fn bounded(name: String) {
    rt::background(async move {
        let mut encoder = rt::start(encode(name));
        if timeout(Duration::from_secs(1), &mut encoder).await.is_err() {
            encoder.abort();
        }
    });
}
