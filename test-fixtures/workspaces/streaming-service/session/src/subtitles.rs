use runtime_support::{Guard, spawn_guarded, spawn_named};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{task::JoinHandle, time::sleep};

/// Lines that were loaded ahead of the picture.
#[derive(Debug, Default)]
pub struct Lines(Mutex<Vec<String>>);

impl Lines {
    async fn load_for_ever(self: Arc<Self>) {
        loop {
            sleep(Duration::from_secs(1)).await;
            self.0.lock().unwrap().push("...".to_owned());
        }
    }
}

/// Subtitles of one player; the loader stays when the player is gone.
#[derive(Debug)]
pub struct Subtitles {
    lines: Arc<Lines>,
    loader: Option<JoinHandle<()>>,
}

impl Subtitles {
    pub fn load() -> Subtitles {
        let lines = Arc::new(Lines::default());
        let loader = spawn_named("subtitles", lines.clone().load_for_ever());
        //~^ task_outlives_owner
        Subtitles { lines, loader: Some(loader) }
    }

    pub fn count(&self) -> u64 {
        self.lines.0.lock().unwrap().len() as u64
    }

    /// Looks like the end of the task, but is only the end of its handle.
    pub fn stop(&mut self) {
        self.loader = None;
    }
}

/// The same with a guard instead of the handle.
#[derive(Debug)]
pub struct GuardedSubtitles {
    lines: Arc<Lines>,
    loader: Option<Guard>,
}

impl GuardedSubtitles {
    pub fn load() -> GuardedSubtitles {
        let lines = Arc::new(Lines::default());
        let loader = spawn_guarded(lines.clone().load_for_ever());
        GuardedSubtitles { lines, loader: Some(loader) }
    }

    pub fn count(&self) -> u64 {
        self.lines.0.lock().unwrap().len() as u64
    }

    pub fn stop(&mut self) {
        self.loader = None;
    }
}
