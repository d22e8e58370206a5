//! Sets that hold several tasks, may hold several, or go elsewhere.

use std::{io, sync::Arc, sync::Mutex, time::Duration};
use tokio::{net::TcpListener, sync::mpsc, task::JoinSet, time::sleep};

async fn fetch(part: u32) -> io::Result<Vec<u8>> {
    sleep(Duration::from_millis(5)).await;
    Ok(vec![0; part as usize])
}

pub async fn two_tasks() -> usize {
    let mut fetches = JoinSet::new();
    fetches.spawn(fetch(1));
    fetches.spawn(fetch(2));
    fetches.join_all().await.len()
}

pub async fn in_a_loop(parts: &[u32]) -> usize {
    let mut fetches = JoinSet::new();
    for &part in parts {
        fetches.spawn(fetch(part));
    }
    fetches.join_all().await.len()
}

pub async fn in_a_closure(parts: Vec<u32>) -> usize {
    let mut fetches = JoinSet::new();
    parts.into_iter().for_each(|part| {
        fetches.spawn(fetch(part));
    });
    fetches.join_all().await.len()
}

pub async fn refilled() -> u32 {
    let mut fetches = JoinSet::new();
    fetches.spawn(fetch(1));
    let mut turns = 0;
    while let Some(part) = fetches.join_next().await {
        turns += 1;
        if part.is_err() && turns < 3 {
            fetches.spawn(fetch(turns));
        }
    }
    turns
}

pub async fn collected(parts: Vec<u32>) -> usize {
    let mut fetches: JoinSet<_> = parts.into_iter().map(fetch).collect();
    fetches.spawn(fetch(0));
    fetches.join_all().await.len()
}

pub fn returned() -> JoinSet<io::Result<Vec<u8>>> {
    let mut fetches = JoinSet::new();
    fetches.spawn(fetch(1));
    fetches
}

pub async fn passed_on() -> usize {
    let mut fetches = JoinSet::new();
    fetches.spawn(fetch(1));
    fill(&mut fetches);
    fetches.join_all().await.len()
}

fn fill(fetches: &mut JoinSet<io::Result<Vec<u8>>>) {
    for part in 2..5 {
        fetches.spawn(fetch(part));
    }
}

pub async fn maybe_two(spare: bool) -> usize {
    let mut fetches = JoinSet::new();
    fetches.spawn(fetch(1));
    if spare {
        fetches.spawn(fetch(2));
    }
    fetches.join_all().await.len()
}

/// Filled by whoever calls `add`.
#[derive(Default)]
pub struct Downloads {
    fetches: JoinSet<io::Result<Vec<u8>>>,
}

impl Downloads {
    pub fn add(&mut self, part: u32) {
        self.fetches.spawn(fetch(part));
    }

    pub fn first() -> Self {
        let mut fetches = JoinSet::new();
        fetches.spawn(fetch(0));
        Downloads { fetches }
    }

    pub async fn finish(mut self) -> usize {
        let mut parts = 0;
        while self.fetches.join_next().await.is_some() {
            parts += 1;
        }
        parts
    }
}

pub async fn shared(parts: Arc<Mutex<JoinSet<io::Result<Vec<u8>>>>>) {
    parts.lock().unwrap().spawn(fetch(1));
}

pub async fn sent(sets: mpsc::Sender<JoinSet<io::Result<Vec<u8>>>>) {
    let mut fetches = JoinSet::new();
    fetches.spawn(fetch(1));
    let _ = sets.send(fetches).await;
}

pub async fn connections(listener: TcpListener) -> io::Result<()> {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, peer) = accepted?;
                connections.spawn(async move {
                    println!("{peer}");
                    drop(stream);
                });
            }
            Some(ended) = connections.join_next() => {
                if let Err(error) = ended {
                    eprintln!("{error}");
                }
            }
        }
    }
}

/// A user's own set.
mod own {
    pub struct JoinSet(Vec<u32>);

    impl JoinSet {
        pub fn new() -> Self {
            JoinSet(Vec::new())
        }

        pub fn spawn(&mut self, part: u32) {
            self.0.push(part);
        }
    }
}

pub fn another_type() {
    let mut parts = own::JoinSet::new();
    parts.spawn(1);
}
