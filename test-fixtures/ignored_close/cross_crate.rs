//! The loop that does not notice stands in another crate than the spawn, behind a wrapper.

//- /rt/src/lib.rs crate:rt deps:tokio
//! A wrapper of spawn, and loops over channels.

use std::future::Future;
use tokio::sync::mpsc::Receiver;

pub fn background(work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(work);
}

/// Calls `handle` with what comes; `false` ends it.
pub async fn until_told<T>(mut inbox: Receiver<T>, handle: impl Fn(T) -> bool) {
    loop {
        if let Some(message) = inbox.recv().await {
            if !handle(message) {
                break;
            }
        }
    }
}

/// The same, and it ends with the channel.
pub async fn until_closed<T>(mut inbox: Receiver<T>, handle: impl Fn(T) -> bool) {
    while let Some(message) = inbox.recv().await {
        if !handle(message) {
            break;
        }
    }
}

//- /app/src/lib.rs crate:app deps:rt,tokio
//! Sessions.

use tokio::sync::mpsc::Receiver;

pub fn open(inbox: Receiver<String>) {
    rt::background(rt::until_told(inbox, |line| line != "quit")); //~ ignored_close
}

pub fn open_well(inbox: Receiver<String>) {
    rt::background(rt::until_closed(inbox, |line| line != "quit"));
}
