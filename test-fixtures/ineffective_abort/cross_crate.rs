//! The owner that aborts stands in one crate, and the closure that goes on in another.

//- /rt/src/lib.rs crate:rt deps:tokio
use tokio::task::{AbortHandle, JoinHandle};

/// Aborts its task when it is dropped.
pub struct Guarded(JoinHandle<()>);

impl Drop for Guarded {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub fn on_a_thread(work: impl FnOnce() + Send + 'static) -> Guarded {
    Guarded(tokio::task::spawn_blocking(work))
}

/// Only holds a handle, whatever its name says.
pub struct StopOnDrop {
    _task: AbortHandle,
}

pub fn stopped_on_drop(work: impl std::future::Future<Output = ()> + Send + 'static) -> StopOnDrop {
    StopOnDrop { _task: tokio::spawn(work).abort_handle() }
}

//- /app/src/lib.rs crate:app deps:rt,tokio
use rt::{Guarded, StopOnDrop, on_a_thread, stopped_on_drop};
use std::{sync::mpsc::Receiver, thread, time::Duration};

pub struct App {
    pub sampler: Guarded,
    pub writer: Guarded,
    pub poller: StopOnDrop,
}

impl App {
    pub fn start(lines: Receiver<String>) -> App {
        App {
            sampler: on_a_thread(|| loop { //~ ineffective_abort
                println!("sampled");
                thread::sleep(Duration::from_secs(1));
            }),
            writer: on_a_thread(move || {
                for line in lines {
                    println!("{line}");
                }
            }),
            poller: stopped_on_drop(async { //~ ineffective_abort
                loop {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    println!("polled");
                }
            }),
        }
    }
}
