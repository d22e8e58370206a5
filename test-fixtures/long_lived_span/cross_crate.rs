//! The span, the loop and the spans below it stand in different crates; `main` shows how long the loop runs, and `app`
//! depends on a layer that prints trees.

//- /tracing_tree/src/lib.rs crate:tracing_tree
//! Stands for the crate of that name.

//- /jobs/src/lib.rs crate:jobs deps:tokio,tracing
use tokio::sync::mpsc;
use tracing::instrument;

/// Does one job after the other.
pub async fn work_off(mut jobs: mpsc::Receiver<String>) {
    while let Some(job) = jobs.recv().await {
        work(&job).await;
    }
}

#[instrument]
async fn work(job: &str) {
    println!("{job} done");
}

//- /app/src/main.rs crate:app deps:jobs,tokio,tracing,tracing_tree
use tokio::{net::TcpListener, sync::mpsc};
use tracing::{Instrument, info_span, instrument};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let (jobs, work) = mpsc::channel(8);
    tokio::spawn(jobs::work_off(work).instrument(info_span!("worker"))); //~ long_lived_span
    let listener = TcpListener::bind("127.0.0.1:4000").await?;
    tokio::select! {
        _ = tokio::signal::ctrl_c() => Ok(()),
        result = accept(listener, jobs) => result,
    }
}

#[instrument(skip_all)] //~ long_lived_span
async fn accept(listener: TcpListener, jobs: mpsc::Sender<String>) -> std::io::Result<()> {
    loop {
        let (stream, peer) = listener.accept().await?;
        drop(stream);
        let _ = jobs.send(peer.to_string()).instrument(info_span!("connection", %peer)).await;
    }
}

//- /batch/src/main.rs crate:batch deps:jobs,tokio,tracing
use tokio::sync::mpsc;
use tracing::{Instrument, info_span};

/// A span for each batch closes with it.
#[tokio::main]
async fn main() {
    loop {
        let (jobs, work) = mpsc::channel(8);
        let _ = jobs.send("sweep".to_owned()).await;
        drop(jobs);
        jobs::work_off(work).instrument(info_span!("batch")).await;
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
}
