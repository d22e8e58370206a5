//! Tasks that wait for others and do something of their own.

use std::{io, sync::Arc, sync::Mutex, time::Duration};
use tokio::{
    sync::mpsc,
    task::{JoinHandle, spawn_blocking},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

pub struct Clip {
    pub name: String,
    pub frames: Vec<Vec<u8>>,
}

async fn encode(clip: Arc<Clip>) -> usize {
    sleep(Duration::from_millis(50)).await;
    clip.frames.iter().map(Vec::len).sum()
}

/// Shields the encoder from its caller being dropped.
pub async fn shielded(clip: Arc<Clip>) -> usize {
    tokio::spawn(encode(clip)).await.unwrap_or_default()
}

pub async fn started_and_awaited_later(clip: Arc<Clip>) -> usize {
    let encoder = tokio::spawn(encode(clip.clone()));
    println!("encoding {}", clip.name);
    encoder.await.unwrap_or_default()
}

pub fn several(first: Arc<Clip>, second: Arc<Clip>) -> JoinHandle<usize> {
    tokio::spawn(async move {
        let first = tokio::spawn(encode(first));
        let second = tokio::spawn(encode(second));
        let (first, second) = tokio::join!(first, second);
        first.unwrap_or_default() + second.unwrap_or_default()
    })
}

pub fn restarts(clip: Arc<Clip>) -> JoinHandle<usize> {
    tokio::spawn(async move {
        for _ in 0..3 {
            if let Ok(size) = tokio::spawn(encode(clip.clone())).await {
                return size;
            }
        }
        0
    })
}

pub fn bounds(clip: Arc<Clip>) {
    tokio::spawn(async move {
        let mut encoder = tokio::spawn(encode(clip));
        if timeout(Duration::from_secs(5), &mut encoder).await.is_err() {
            encoder.abort();
        }
    });
}

pub fn races(clip: Arc<Clip>, stop: CancellationToken) {
    tokio::spawn(async move {
        let mut encoder = tokio::spawn(encode(clip));
        tokio::select! {
            size = &mut encoder => println!("{size:?}"),
            _ = stop.cancelled() => encoder.abort(),
        }
    });
}

pub fn works_before(clip: Arc<Clip>) -> JoinHandle<io::Result<usize>> {
    tokio::spawn(async move {
        let header = tokio::fs::read("header.bin").await?;
        let size = tokio::spawn(encode(clip)).await?;
        Ok(header.len() + size)
    })
}

pub fn works_after(clip: Arc<Clip>, index: Arc<Mutex<Vec<String>>>) {
    tokio::spawn(async move {
        let size = tokio::spawn(encode(clip.clone())).await.unwrap_or_default();
        tokio::fs::write(format!("{}.size", clip.name), size.to_string()).await.ok();
        index.lock().unwrap().push(clip.name.clone());
    });
}

/// The blocking half must not run on a worker thread.
pub fn blocking_inside(clip: Arc<Clip>) {
    tokio::spawn(async move {
        let sum = spawn_blocking(move || clip.frames.iter().flatten().map(|&b| u64::from(b)).sum::<u64>()).await;
        tokio::fs::write("sum", format!("{sum:?}")).await.ok();
    });
}

pub fn one_of_many_messages(mut clips: mpsc::Receiver<Arc<Clip>>) {
    tokio::spawn(async move {
        while let Some(clip) = clips.recv().await {
            let size = tokio::spawn(encode(clip)).await;
            println!("{size:?}");
        }
    });
}

pub fn a_plain_future(clip: Arc<Clip>) {
    tokio::spawn(async move {
        let size = encode(clip).await;
        println!("{size}");
    });
}

pub fn spawns_and_goes_on(clip: Arc<Clip>, names: mpsc::Sender<String>) {
    tokio::spawn(async move {
        let encoder = tokio::spawn(encode(clip.clone()));
        for part in clip.name.split('/') {
            if names.send(part.to_owned()).await.is_err() {
                break;
            }
        }
        let _ = encoder.await;
    });
}

/// What the blocking work found is told where it is known.
pub fn tells_what_was_found(clip: Arc<Clip>) {
    tokio::spawn(async move {
        match spawn_blocking(move || clip.frames.len()).await {
            Ok(0) => {}
            Ok(frames) => println!("{frames} frames"),
            Err(error) => eprintln!("{error}"),
        }
    });
}

/// A thread waits that cannot await the task.
pub fn bridged(encoder: JoinHandle<usize>) {
    let (done, is_done) = std::sync::mpsc::sync_channel(1);
    tokio::spawn(async move {
        if let Err(error) = encoder.await {
            eprintln!("{error}");
        }
        let _ = done.send(());
    });
    let _ = is_done.recv();
}

/// The lock is kept until the encoder is done.
pub fn keeps_a_lock(gate: tokio::sync::OwnedMutexGuard<()>, encoder: JoinHandle<usize>) {
    tokio::spawn(async move {
        let _gate = gate;
        if let Err(error) = encoder.await {
            eprintln!("{error}");
        }
    });
}
