use crate::limits::{GOODBYE, GREETING};
use runtime_support::{Guard, spawn_background, spawn_guarded};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

/// Some ten megabytes for each player.
#[derive(Debug, Default)]
pub struct Buffers {
    pub segments: Vec<Vec<u8>>,
}

/// The side of a session that the connection holds.
#[derive(Debug)]
pub struct Player {
    pub id: u64,
    pub watchdog: Option<Guard>,
}

/// All players, and how they can be reached.
#[derive(Debug, Default)]
pub struct Players {
    senders: Mutex<HashMap<u64, mpsc::Sender<String>>>,
}

impl Players {
    /// A player whose goodbye is awaited for ten minutes, whether it is still there or not.
    pub fn connect(&self, id: u64, buffers: Buffers) -> Player {
        let (sender, messages) = mpsc::channel(8);
        self.senders.lock().unwrap().insert(id, sender);
        spawn_background("goodbye", wait_for_goodbye(id, messages, buffers));
        //~^ long_timeout_in_task
        Player { id, watchdog: None }
    }

    /// The same, but the wait ends with the player.
    pub fn connect_guarded(&self, id: u64, buffers: Buffers) -> Player {
        let (sender, messages) = mpsc::channel(8);
        self.senders.lock().unwrap().insert(id, sender);
        Player { id, watchdog: Some(spawn_guarded(wait_for_goodbye(id, messages, buffers))) }
    }

    /// A few seconds for the first message are not a leak.
    pub fn greet(&self, id: u64, greeting: oneshot::Receiver<String>) {
        spawn_background("greeting", async move {
            match timeout(GREETING, greeting).await {
                Ok(Ok(name)) => println!("{id} is {name}"),
                _ => println!("{id} has no name"),
            }
        });
    }

    pub fn count(self: &Arc<Self>) -> usize {
        self.senders.lock().unwrap().len()
    }
}

async fn wait_for_goodbye(id: u64, mut messages: mpsc::Receiver<String>, buffers: Buffers) {
    match timeout(GOODBYE, messages.recv()).await {
        Ok(Some(word)) => println!("{id} said {word}"),
        Ok(None) | Err(_) => println!("{id} never said goodbye"),
    }
    println!("{} segments freed", buffers.segments.len());
}
