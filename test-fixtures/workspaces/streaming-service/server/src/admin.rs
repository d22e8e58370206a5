use runtime_support::spawn_guarded;
use session::Players;
use std::{io, sync::Arc, time::Duration};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// Tells every client how many players there are.
pub async fn answer(listener: TcpListener, players: Arc<Players>) -> io::Result<()> {
    let _ = spawn_guarded(log_count(players.clone()));
    //~^ discarded_guard
    let mut answers = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await?;
        answers.spawn(count(stream, players.clone()));
        //~^ undrained_task_set
    }
}

async fn count(mut stream: TcpStream, players: Arc<Players>) -> io::Result<()> {
    // Meant to end with the answer.
    let _log = tokio::spawn(log_count(players.clone())).abort_handle();
    //~^ ineffective_abort
    stream.write_all(format!("{}\n", players.count()).as_bytes()).await
}

/// Runs as long as a client may ask.
async fn log_count(players: Arc<Players>) {
    loop {
        tokio::time::sleep(Duration::from_secs(60)).await;
        println!("{} players", players.count());
    }
}
