//! The program: one task for each connection, and a few that run as long as it does.

mod admin;
mod connection;

use session::Players;
use std::{io, sync::Arc, time::Duration};
use telemetry::{OpenSpans, TreeLayer};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, info_span};
use tracing_subscriber::{layer::SubscriberExt, util::SubscriberInitExt};

#[tokio::main]
async fn main() -> io::Result<()> {
    tracing_subscriber::registry().with(TreeLayer).with(OpenSpans::default()).init();
    let players = Arc::new(Players::default());
    // Runs as long as the program.
    tokio::spawn(count_for_ever(players.clone()));
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stopping.cancel();
        }
    });
    let listener = TcpListener::bind("127.0.0.1:4433").await?;
    let questions = TcpListener::bind("127.0.0.1:4434").await?;
    tokio::select! {
        result = admin::answer(questions, players.clone()) => result,
        _ = stop.cancelled() => Ok(()),
        result = accept(listener, players, &stop) => result,
    }
}

#[tracing::instrument(skip_all)]
//~^ long_lived_span
async fn accept(listener: TcpListener, players: Arc<Players>, stop: &CancellationToken) -> io::Result<()> {
    for id in 0.. {
        let (stream, peer) = listener.accept().await?;
        let span = info_span!("connection", %peer);
        tokio::spawn(connection::serve(id, stream, players.clone(), stop.clone()).instrument(span));
    }
    Ok(())
}

async fn count_for_ever(players: Arc<Players>) {
    loop {
        tokio::time::sleep(Duration::from_secs(10)).await;
        println!("{} players", players.count());
    }
}
