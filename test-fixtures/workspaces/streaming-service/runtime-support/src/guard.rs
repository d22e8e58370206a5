use std::future::Future;
use tokio::task::JoinHandle;

/// A task that ends with its owner.
#[derive(Debug)]
pub struct Guard {
    task: JoinHandle<()>,
}

/// Starts a task that ends when the guard is dropped.
pub fn spawn_guarded(work: impl Future<Output = ()> + Send + 'static) -> Guard {
    Guard { task: tokio::spawn(work) }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.task.abort();
    }
}
