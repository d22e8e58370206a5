//! The work, the wrapper that starts it and the call stand in different crates.
//! enable: unowned_task

//- /rt/src/lib.rs crate:rt deps:tokio
use std::future::Future;

/// Starts work and forgets it.
pub fn background(work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(work);
}

//- /feed/src/lib.rs crate:feed deps:tokio
use tokio::sync::mpsc;

pub async fn forward(mut prices: mpsc::Receiver<u64>, out: mpsc::Sender<u64>) {
    while let Ok(price) = prices.try_recv() {
        tokio::task::yield_now().await;
        if out.send(price).await.is_err() {
            return;
        }
    }
}

pub async fn listen(mut prices: mpsc::Receiver<u64>) {
    while let Some(price) = prices.recv().await {
        println!("{price}");
    }
}

//- /app/src/lib.rs crate:app deps:rt,feed,tokio
use std::future::Future;
use tokio::sync::mpsc;

pub fn forwarded(job: impl Future<Output = u64> + Send + 'static) -> mpsc::Receiver<u64> {
    let (tx, rx) = mpsc::channel(1);
    rt::background(async move {
        //~^ unowned_task
        let done = job.await;
        tx.send(done).await.ok();
    });
    rx
}

pub struct Listener {
    pub prices: mpsc::Sender<u64>,
}

pub fn listener() -> Listener {
    let (prices, rx) = mpsc::channel(1);
    rt::background(feed::listen(rx));
    Listener { prices }
}
