use runtime_support::{Guard, spawn_guarded, spawn_named};
use std::sync::{Arc, Mutex};
use tokio::{sync::Notify, task::JoinHandle};

/// What a player has watched. The button that requested the writing was removed in the last release.
#[derive(Debug, Default)]
pub struct Recording {
    frames: Mutex<Vec<Vec<u8>>>,
    asked: Notify,
}

impl Recording {
    /// The writer waits for a request that nothing sends.
    pub fn start() -> Arc<Recording> {
        let recording = Arc::new(Recording::default());
        let writer = recording.start_writer();
        //~^ dropped_join_handle
        println!("writer {}", writer.id());
        recording
    }

    /// The writer ends when its guard is dropped.
    pub fn start_guarded() -> (Arc<Recording>, Guard) {
        let recording = Arc::new(Recording::default());
        let writer = spawn_guarded(recording.clone().write_when_asked());
        (recording, writer)
    }

    fn start_writer(self: &Arc<Self>) -> JoinHandle<()> {
        spawn_named("writer", self.clone().write_when_asked())
    }

    async fn write_when_asked(self: Arc<Self>) {
        self.asked.notified().await;
        println!("{} frames written", self.frames.lock().unwrap().len());
    }

    pub fn add(&self, frame: Vec<u8>) {
        self.frames.lock().unwrap().push(frame);
    }
}
