//! Events in a span that stays open, where something keeps them until it closes: `app` depends on a layer that prints
//! trees, and `plain` does not. `library` is used by `app`.

//- /tracing_tree/src/lib.rs crate:tracing_tree
//! Stands for the crate of that name.

//- /library/src/lib.rs crate:library deps:tokio,tracing
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use tracing::{debug, info, instrument, trace, warn};

static STOPPING: AtomicBool = AtomicBool::new(false);

#[instrument(skip_all)] //~ long_lived_span
pub async fn works_until_stopped() {
    while !STOPPING.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_secs(1)).await;
        debug!("still here");
    }
}

/// Off unless somebody looks for a mistake.
#[instrument(skip_all)]
pub async fn only_traces() {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        trace!("still here");
    }
}

/// What goes wrong now and then is little.
#[instrument(skip_all)]
pub async fn only_failures(peer: std::net::SocketAddr) {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        if let Err(error) = tokio::net::TcpStream::connect(peer).await {
            warn!(%error, "not there");
        }
    }
}

/// A span for each turn closes with it, and takes the events along.
#[instrument(skip_all)]
async fn turn() {
    info!("done");
}

pub async fn span_for_each_turn() {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        turn().await;
    }
}

//- /app/src/lib.rs crate:app deps:library,tokio,tracing,tracing_tree
use std::time::Duration;
use tokio::sync::mpsc;
use tracing::{Instrument, info, info_span, instrument};

#[instrument(skip_all)] //~ long_lived_span
pub async fn collects(mut readings: mpsc::Receiver<u64>) {
    loop {
        tokio::time::sleep(Duration::from_secs(15)).await;
        while let Ok(resident) = readings.try_recv() {
            info!(resident, "memory");
        }
    }
}

pub async fn beats() {
    let beat = async {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            info!("beat");
        }
    };
    beat.instrument(info_span!("beat")).await //~ long_lived_span
}

/// What is said before the loop is said once.
#[instrument(skip_all)]
pub async fn says_it_once() {
    info!("starting");
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        println!("still here");
    }
}

/// It ends with its channel.
#[instrument(skip_all)]
pub async fn until_the_channel_closes(mut jobs: mpsc::Receiver<String>) {
    while let Some(job) = jobs.recv().await {
        info!(job, "done");
    }
    library::works_until_stopped().await;
}

//- /plain/src/lib.rs crate:plain deps:tokio,tracing
use std::time::Duration;
use tracing::{info, instrument};

/// Nobody keeps the events.
#[instrument(skip_all)]
pub async fn beats() {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        info!("beat");
    }
}
