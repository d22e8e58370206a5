//! Sets that nothing empties: what finished tasks gave is counted while the loop turns.

use crate::settle;
use spawnlint_fixtures::undrained_task_set::{
    leaks::{self, Job},
    sound,
};
use std::{future::Future, sync::Arc};
use tokio::{
    io::{AsyncWriteExt, DuplexStream},
    sync::mpsc,
};
use tokio_util::{
    codec::{Framed, LinesCodec},
    sync::CancellationToken,
};

type Body = Arc<Vec<u8>>;

/// How many bodies are kept after six jobs, of which five were over before the last one came.
async fn kept(send: impl Fn(Body), turns: impl Future + Send + 'static) -> usize {
    let body = Body::default();
    let turning = tokio::spawn(async move {
        turns.await;
    });
    (0..5).for_each(|_| send(body.clone()));
    settle().await;
    send(body.clone());
    settle().await;
    assert!(!turning.is_finished());
    turning.abort();
    Arc::strong_count(&body) - 1
}

async fn kept_jobs<W: Future + Send + 'static>(turns: impl FnOnce(mpsc::Receiver<Job>) -> W) -> usize {
    let (jobs, received) = mpsc::channel(8);
    kept(move |body| jobs.try_send(Job { id: 1, body }).expect("there is room"), turns(received)).await
}

async fn kept_bodies<W: Future + Send + 'static>(turns: impl FnOnce(mpsc::Receiver<Body>) -> W) -> usize {
    let (bodies, received) = mpsc::channel(8);
    kept(move |body| bodies.try_send(body).expect("there is room"), turns(received)).await
}

/// The same of lines that a client sends.
async fn kept_lines<W: Future + Send + 'static>(
    turns: impl FnOnce(Framed<DuplexStream, LinesCodec>, Body) -> W,
) -> usize
where
    W::Output: Send,
{
    let body = Body::default();
    let (mut client, server) = tokio::io::duplex(64);
    let lines = Framed::new(server, LinesCodec::new());
    let turning = tokio::spawn(turns(lines, Arc::clone(&body)));
    client.write_all(b"1\n2\n3\n4\n5\n").await.expect("there is room");
    settle().await;
    client.write_all(b"6\n").await.expect("there is room");
    settle().await;
    assert!(!turning.is_finished());
    turning.abort();
    // The page itself is the loop's.
    Arc::strong_count(&body) - 2
}

// Once mended, what finished tasks gave goes when the next one is started: that of the sixth is still there.
crate::cases! {
    counts 6 => 1 joined_only_at_the_end { kept_jobs(leaks::joined_only_at_the_end).await }
    counts 6 => 1 told_only_at_the_end { kept_jobs(leaks::told_only_at_the_end).await }
    counts 6 => 1 lent { kept_jobs(leaks::lent).await }
    counts 6 => 1 answers_lines {
        kept_lines(|lines, page| leaks::answers_lines(lines, page, CancellationToken::new())).await
    }
    counts 6 => 1 answers_received { kept_lines(leaks::answers_received).await }
    counts 6 => 1 until_stopped {
        let (jobs, received) = mpsc::unbounded_channel();
        let turns = leaks::until_stopped(received, CancellationToken::new());
        kept(move |body| jobs.send(Job { id: 1, body }).expect("somebody listens"), turns).await
    }
    counts 6 => 1 as_futures { kept_jobs(leaks::as_futures).await }
    counts 1 reaped_each_turn { kept_bodies(sound::reaped_each_turn).await }
    counts 1 retained { kept_bodies(sound::retained).await }
}
