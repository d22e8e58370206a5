//! Detached tasks are listed where they are started, wrappers and the program's own tasks included.
//! enable: detached_task

//- /rt/src/lib.rs crate:rt deps:tokio
use std::future::Future;
use tokio::task::JoinHandle;

pub fn background(work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(work);
}

pub fn start<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    tokio::spawn(work)
}

//- /app/src/main.rs crate:app deps:rt,tokio
use std::time::Duration;
use tokio::time::sleep;

#[tokio::main]
async fn main() {
    rt::background(tick_for_ever()); //~ detached_task
    let short = rt::start(sleep(Duration::from_millis(10)));
    rt::start(async { println!("started") }); //~ detached_task
    let _ = short.await;
}

async fn tick_for_ever() {
    loop {
        sleep(Duration::from_secs(1)).await;
    }
}
