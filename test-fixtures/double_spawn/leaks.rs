//! Tasks that exist only to wait for another task.

use std::{future::Future, pin::Pin, sync::Arc, sync::atomic::AtomicUsize, sync::atomic::Ordering, time::Duration};
use tokio::{
    sync::mpsc,
    task::{JoinHandle, JoinSet},
    time::sleep,
};

pub struct Clip {
    pub name: String,
    pub frames: Vec<Vec<u8>>,
}

async fn encode(clip: Clip) -> usize {
    sleep(Duration::from_millis(200)).await;
    clip.frames.iter().map(Vec::len).sum()
}

pub fn waits(clip: Clip) {
    tokio::spawn(async move {
        //~^ double_spawn
        let _ = tokio::spawn(encode(clip)).await;
    });
}

pub fn waits_and_logs(clip: Clip) {
    let name = clip.name.clone();
    let encoder = tokio::spawn(encode(clip));
    tokio::spawn(async move {
        //~^ double_spawn
        match encoder.await {
            Ok(size) => println!("{name}: {size} bytes"),
            Err(error) => eprintln!("{name}: {error}"),
        }
    });
}

pub fn waits_and_logs_a_panic_only(clip: Clip) {
    tokio::spawn(async move {
        //~^ double_spawn
        if let Err(error) = tokio::spawn(encode(clip)).await {
            eprintln!("encoder failed: {error}");
        }
    });
}

pub fn waits_and_counts(clip: Clip, done: Arc<AtomicUsize>) -> JoinHandle<()> {
    tokio::spawn(async move {
        //~^ double_spawn
        let encoder = tokio::spawn(encode(clip));
        if encoder.await.is_ok() {
            done.fetch_add(1, Ordering::Relaxed);
        }
    })
}

pub fn waits_and_sends(clip: Clip, sizes: mpsc::Sender<usize>) {
    let encoder = tokio::spawn(encode(clip));
    tokio::spawn(async move {
        //~^ double_spawn
        if let Ok(size) = encoder.await {
            let _ = sizes.send(size).await;
        }
    });
}

pub fn waits_in_a_function(clip: Clip) {
    let encoder = tokio::spawn(encode(clip));
    tokio::spawn(report(encoder)); //~ double_spawn
}

async fn report(encoder: JoinHandle<usize>) {
    match encoder.await {
        Ok(size) => println!("{size} bytes"),
        Err(error) if error.is_cancelled() => println!("cancelled"),
        Err(error) => eprintln!("{error}"),
    }
}

pub fn waits_through_map(clip: Clip) -> JoinHandle<Option<usize>> {
    tokio::spawn(async move { tokio::spawn(encode(clip)).await.ok() }) //~ double_spawn
}

pub fn spawns_and_leaves(clip: Clip) {
    tokio::spawn(async move {
        //~^ double_spawn
        tokio::spawn(encode(clip));
    });
}

pub fn spawns_and_tells(clip: Clip) -> JoinHandle<()> {
    tokio::spawn(async move {
        //~^ double_spawn
        tokio::spawn(encode(clip));
    })
}

pub fn checks_and_spawns(clip: Clip) {
    tokio::spawn(start(clip)); //~ double_spawn
}

async fn start(clip: Clip) {
    if clip.frames.is_empty() {
        return;
    }
    tokio::spawn(encode(clip));
}

pub fn drains_a_set(clips: Vec<Clip>) {
    let mut encoders = JoinSet::new();
    for clip in clips {
        encoders.spawn(encode(clip));
    }
    tokio::spawn(async move {
        //~^ double_spawn
        while let Some(size) = encoders.join_next().await {
            println!("{size:?}");
        }
    });
}

/// Encoders of one stream.
pub struct Stream {
    sizes: mpsc::Sender<usize>,
}

impl Stream {
    pub fn new(sizes: mpsc::Sender<usize>) -> Self {
        Stream { sizes }
    }

    pub fn add(&self, clip: Clip) {
        let sizes = self.sizes.clone();
        let encoder = tokio::spawn(encode(clip));
        tokio::spawn(Self::forward(encoder, sizes)); //~ double_spawn
    }

    pub fn add_and_tell(&self, clip: Clip) -> JoinHandle<()> {
        let sizes = self.sizes.clone();
        let encoder = tokio::spawn(encode(clip));
        tokio::spawn(Self::forward(encoder, sizes)) //~ double_spawn
    }

    async fn forward(encoder: JoinHandle<usize>, sizes: mpsc::Sender<usize>) {
        let Ok(size) = encoder.await else { return };
        sizes.send(size).await.ok();
    }
}

pub fn boxed(clip: Clip) {
    let work: Pin<Box<dyn Future<Output = usize> + Send>> = Box::pin(encode(clip));
    tokio::spawn(Box::pin(async move {
        //~^ double_spawn
        let size = tokio::spawn(work).await;
        println!("{size:?}");
    }));
}

/// Its work goes on in a task of its own, however it is started.
pub struct Sampler {
    samples: AtomicUsize,
}

impl Sampler {
    pub fn new() -> Arc<Self> {
        Arc::new(Sampler { samples: AtomicUsize::new(0) })
    }

    pub fn start(self: Arc<Self>) -> JoinHandle<()> {
        tokio::spawn(async move {
            while self.samples.fetch_add(1, Ordering::Relaxed) < 1_000 {
                sleep(Duration::from_secs(60)).await;
            }
        })
    }
}

pub async fn serve(connections: impl Future<Output = ()>) {
    let sampler = Sampler::new();
    tokio::spawn(async move {
        //~^ double_spawn
        sampler.start();
    });
    connections.await;
}

pub fn sample(sampler: &Arc<Sampler>) {
    let sampler = sampler.clone();
    tokio::spawn(async move {
        //~^ double_spawn
        sampler.start();
    });
}
