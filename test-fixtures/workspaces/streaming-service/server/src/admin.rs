use session::Players;
use std::{io, sync::Arc};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// Answers whoever asks how many there are.
pub async fn answer(listener: TcpListener, players: Arc<Players>) -> io::Result<()> {
    let mut answers = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await?;
        answers.spawn(count(stream, players.clone())); //~ undrained_task_set
    }
}

async fn count(mut stream: TcpStream, players: Arc<Players>) -> io::Result<()> {
    stream.write_all(format!("{}\n", players.count()).as_bytes()).await
}
