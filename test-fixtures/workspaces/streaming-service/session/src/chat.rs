use runtime_support::spawn_background;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::sync::{
    broadcast::{self, error::RecvError},
    mpsc,
};

/// What the viewers of a channel say to one another.
#[derive(Debug)]
pub struct Chat {
    lines: broadcast::Sender<String>,
    said: AtomicU64,
}

impl Chat {
    pub fn open() -> Arc<Chat> {
        Arc::new(Chat { lines: broadcast::Sender::new(64), said: AtomicU64::new(0) })
    }

    pub fn say(&self, line: String) -> u64 {
        let _ = self.lines.send(line);
        self.said.load(Ordering::Relaxed)
    }

    /// Counts until the chat is gone. The counter holds the chat, and the chat holds the sender.
    pub fn count(self: &Arc<Self>) {
        let mut lines = self.lines.subscribe();
        let chat = self.clone();
        spawn_background("counter", async move {
            //~^ self_sustaining_task
            while lines.recv().await.is_ok() {
                chat.said.fetch_add(1, Ordering::Relaxed);
            }
        });
    }

    /// Counts until the chat is gone.
    pub fn count_weakly(self: &Arc<Self>) {
        let mut lines = self.lines.subscribe();
        let chat = Arc::downgrade(self);
        spawn_background("counter", async move {
            while lines.recv().await.is_ok() {
                let Some(chat) = chat.upgrade() else { break };
                chat.said.fetch_add(1, Ordering::Relaxed);
            }
        });
    }

    /// The logger does not notice that the chat is closed.
    pub fn log(&self) {
        tokio::spawn(log_for_ever(self.lines.subscribe()));
        //~^ ignored_close
    }

    /// The logger stops with the chat.
    pub fn log_while_open(&self) {
        tokio::spawn(log_while_open(self.lines.subscribe()));
    }
}

async fn log_for_ever(mut lines: broadcast::Receiver<String>) {
    loop {
        match lines.recv().await {
            Ok(line) => println!("{line}"),
            Err(error) => eprintln!("{error}"),
        }
    }
}

async fn log_while_open(mut lines: broadcast::Receiver<String>) {
    loop {
        match lines.recv().await {
            Ok(line) => println!("{line}"),
            Err(RecvError::Lagged(missed)) => eprintln!("{missed} lines missed"),
            Err(RecvError::Closed) => break,
        }
    }
}

/// Checks what was said. It sends doubtful lines to itself again, so it keeps the channel open itself.
pub fn moderate() -> mpsc::Sender<String> {
    let (lines, mut inbox) = mpsc::channel::<String>(16);
    let again = lines.clone();
    tokio::spawn(async move {
        //~^ forgotten_channel
        while let Some(line) = inbox.recv().await {
            if line.contains('?') {
                let _ = again.try_send(line.replace('?', "!"));
            }
        }
    });
    lines
}

/// The same with a weak sender.
pub fn moderate_weakly() -> mpsc::Sender<String> {
    let (lines, mut inbox) = mpsc::channel::<String>(16);
    let again = lines.downgrade();
    tokio::spawn(async move {
        while let Some(line) = inbox.recv().await {
            if line.contains('?')
                && let Some(again) = again.upgrade()
            {
                let _ = again.try_send(line.replace('?', "!"));
            }
        }
    });
    lines
}
