//! The sender, the subscription and the task stand in different crates.

//- /bus/src/lib.rs crate:bus deps:tokio
//! A bus for the whole process, and one for whoever makes it.

use std::sync::LazyLock;
use tokio::sync::broadcast;

pub static GLOBAL: LazyLock<Bus> = LazyLock::new(Bus::new);

#[derive(Clone)]
pub struct Bus {
    pub tx: broadcast::Sender<String>,
}

impl Bus {
    pub fn new() -> Bus {
        Bus { tx: broadcast::channel(16).0 }
    }

    pub fn sender(&self) -> &broadcast::Sender<String> {
        &self.tx
    }
}

//- /app/src/lib.rs crate:app deps:bus,tokio
//! Listeners.

mod listener;

use bus::Bus;

pub fn follow_the_process(name: String) {
    let words = bus::GLOBAL.tx.subscribe();
    tokio::spawn(listener::print(name, words)); //~ forgotten_channel
}

pub fn follow_and_speak(bus: &Bus) {
    let words = bus.sender().subscribe();
    let voice = bus.clone();
    tokio::spawn(listener::answer(voice, words)); //~ forgotten_channel
}

pub fn follow(bus: &Bus, name: String) {
    let words = bus.sender().subscribe();
    tokio::spawn(listener::print(name, words));
}

//- /app/src/listener.rs
use bus::Bus;
use tokio::sync::broadcast::Receiver;

pub async fn print(name: String, mut words: Receiver<String>) {
    while let Ok(word) = words.recv().await {
        println!("{name}: {word}");
    }
}

pub async fn answer(bus: Bus, mut words: Receiver<String>) {
    while let Ok(word) = words.recv().await {
        if word == "ping" {
            let _ = bus.tx.send("pong".to_owned());
        }
    }
}
