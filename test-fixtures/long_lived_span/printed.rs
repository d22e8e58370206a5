//! Spans that are open for as long as their program, which has no layer that keeps anything below a span: they are there
//! for the lines of a log.

//- /queue/src/lib.rs crate:queue deps:tokio,tracing
use tokio::sync::mpsc;
use tracing::instrument;

#[instrument(skip_all)]
pub async fn work_off(mut jobs: mpsc::Receiver<String>) {
    loop {
        if let Some(job) = jobs.recv().await {
            work(&job).await;
        }
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
}

#[instrument]
async fn work(job: &str) {
    println!("{job} done");
}

//- /printer/src/main.rs crate:printer deps:queue,tokio,tracing,tracing_subscriber
use tokio::{net::TcpListener, sync::mpsc};
use tracing::{Instrument, info_span, instrument};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    tracing_subscriber::fmt().init();
    let (jobs, work) = mpsc::channel(8);
    tokio::spawn(queue::work_off(work));
    let listener = TcpListener::bind("127.0.0.1:4000").await?;
    tokio::select! {
        _ = tokio::signal::ctrl_c() => Ok(()),
        result = accept(listener, jobs) => result,
    }
}

#[instrument(skip_all)]
async fn accept(listener: TcpListener, jobs: mpsc::Sender<String>) -> std::io::Result<()> {
    loop {
        let (stream, peer) = listener.accept().await?;
        drop(stream);
        let _ = jobs.send(peer.to_string()).instrument(info_span!("connection", %peer)).await;
    }
}
