//! The loop, the spawn and the race each in another crate.

//- /devices/src/lib.rs crate:devices deps:tokio
use std::time::Duration;
use tokio::{sync::Notify, task::JoinHandle};

async fn poll_status(device: String) {
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    loop {
        tick.tick().await;
        println!("asking {device}");
    }
}

/// Starts the poller of a device and gives its handle.
pub fn start_poller(device: &str) -> JoinHandle<()> {
    tokio::spawn(poll_status(device.to_owned()))
}

/// Polls a device until it is offline.
pub async fn follow(device: &str, offline: &Notify) {
    let poller = tokio::spawn(poll_status(device.to_owned())); //~ detached_by_await
    offline.notified().await;
    poller.abort();
}

/// The same, and whoever drops the future ends the task.
pub async fn follow_closely(device: &str, offline: &Notify) {
    let poller = AbortOnDrop(tokio::spawn(poll_status(device.to_owned())));
    offline.notified().await;
    drop(poller);
}

struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

//- /app/src/lib.rs crate:app deps:devices,tokio
use std::time::Duration;
use tokio::{sync::Notify, time::timeout};

pub async fn first_seconds(device: &str) {
    let poller = devices::start_poller(device); //~ detached_by_await
    let _ = timeout(Duration::from_secs(3), poller).await;
}

pub async fn first_seconds_only(device: &str) {
    let mut poller = devices::start_poller(device);
    let _ = timeout(Duration::from_secs(3), &mut poller).await;
    poller.abort();
}

pub async fn visit(device: &str, offline: &Notify) {
    let _ = timeout(Duration::from_secs(3), devices::follow(device, offline)).await;
}

pub async fn visit_closely(device: &str, offline: &Notify) {
    let _ = timeout(Duration::from_secs(3), devices::follow_closely(device, offline)).await;
}
