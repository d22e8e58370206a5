use runtime_support::spawn_named;
use std::time::Duration;
use tokio::{
    task::{JoinHandle, JoinSet},
    time::sleep,
};

/// A piece of video.
#[derive(Debug, Clone)]
pub struct Clip {
    pub name: String,
    pub frames: Vec<Vec<u8>>,
}

async fn transcode(clip: Clip) -> usize {
    sleep(Duration::from_millis(20)).await;
    clip.frames.iter().map(Vec::len).sum()
}

async fn log_size(name: String, transcoder: JoinHandle<usize>) {
    match transcoder.await {
        Ok(size) => println!("{name}: {size} bytes"),
        Err(error) => eprintln!("{name}: {error}"),
    }
}

/// Two tasks where one would do.
pub fn transcode_in_background(clip: Clip) {
    let name = clip.name.clone();
    let transcoder = spawn_named("transcoder", transcode(clip));
    tokio::spawn(log_size(name, transcoder));
    //~^ double_spawn
}

/// One task.
pub fn transcode_in_one_task(clip: Clip) {
    tokio::spawn(async move {
        let name = clip.name.clone();
        println!("{name}: {} bytes", transcode(clip).await);
    });
}

/// A set for one task.
pub async fn transcode_one(clip: Clip) -> usize {
    let mut transcoders = JoinSet::new();
    //~^ single_task_join_set
    transcoders.spawn(transcode(clip));
    transcoders.join_next().await.and_then(Result::ok).unwrap_or_default()
}

/// A set for several.
pub async fn transcode_all(clips: Vec<Clip>) -> usize {
    let mut transcoders = JoinSet::new();
    for clip in clips {
        transcoders.spawn(transcode(clip));
    }
    transcoders.join_all().await.into_iter().sum()
}
