//! Two spawns of which the outer one only reaches another thread or runtime: no waste.

use std::{future::Future, pin::Pin};
use tokio::task::{JoinHandle, LocalSet};

/// A future that cannot leave its thread.
pub type Local = Pin<Box<dyn Future<Output = ()>>>;

/// The closure is sent, the future that it makes stays where it is.
pub fn on_an_arbiter(arbiter: &actix_rt::ArbiterHandle, make: impl FnOnce() -> Local + Send + 'static) {
    arbiter.spawn(async move {
        actix_rt::spawn(make());
    });
}

pub fn on_another_runtime(handle: &tokio::runtime::Handle, make: impl FnOnce() -> Local + Send + 'static, set: LocalSet) {
    drop(set);
    handle.spawn(async move {
        tokio::task::spawn_local(make());
    });
}

/// Starting is work: it prepares, and gives out the handle of what it started.
pub struct Actor;

impl Actor {
    async fn start(self) -> Result<JoinHandle<()>, String> {
        self.prepare().await?;
        Ok(tokio::spawn(async move { self.run().await }))
    }

    async fn prepare(&self) -> Result<(), String> {
        tokio::task::yield_now().await;
        Ok(())
    }

    async fn run(self) {
        tokio::task::yield_now().await;
    }
}

/// Starts the actor without waiting for its preparation.
pub fn start_later(actor: Actor) -> JoinHandle<Result<JoinHandle<()>, String>> {
    tokio::spawn(async move {
        let started = actor.start().await;
        let handle = started?;
        Ok(handle)
    })
}
