//! A program whose `main` hands its jobs to a generic function: each of them is started once per process.

//- /app/src/main.rs crate:app deps:tokio
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

pub trait Job<C> {
    fn begin(&mut self, sender: UnboundedSender<C>, receiver: UnboundedReceiver<C>);
}

pub struct Cleaner;

impl Job<u8> for Cleaner {
    fn begin(&mut self, sender: UnboundedSender<u8>, _receiver: UnboundedReceiver<u8>) {
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(60)).await;
                let _ = sender.send(1);
            }
        });
    }
}

pub struct Saver;

impl Job<u16> for Saver {
    fn begin(&mut self, sender: UnboundedSender<u16>, _receiver: UnboundedReceiver<u16>) {
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(9)).await;
                let _ = sender.send(2);
            }
        });
    }
}

pub struct Jobs;

impl Jobs {
    #[must_use]
    pub fn install<C, J: Job<C>>(self, mut job: J) -> Self {
        let (sender, receiver) = unbounded_channel();
        job.begin(sender, receiver);
        self
    }
}

#[tokio::main]
async fn main() {
    let _jobs = Jobs.install(Cleaner).install(Saver);
    let _ = tokio::signal::ctrl_c().await;
}
