//! Tasks that end only with one another.

use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::interval;
use tokio_util::sync::CancellationToken;

pub struct Client {
    out: mpsc::Sender<u32>,
}

impl Client {
    // The writer ends when all senders are gone, and the heartbeat has one until the writer is gone.
    pub fn open() -> Client {
        let (out, mut inbox) = mpsc::channel(16);
        tokio::spawn(async move {
            //~^ forgotten_channel
            while let Some(message) = inbox.recv().await {
                println!("sending {message}");
            }
        });
        let beat = out.clone();
        tokio::spawn(async move {
            //~^ unbounded_task_loop
            loop {
                tokio::time::sleep(Duration::from_millis(5)).await;
                if beat.send(0).await.is_err() {
                    break;
                }
            }
        });
        Client { out }
    }

    pub async fn send(&self, message: u32) {
        let _ = self.out.send(message).await;
    }
}

// Each passes on to the next one, and the last to the first.
pub async fn passes_round(first: String) {
    let (to_a, from_c) = mpsc::channel(4);
    let (to_b, from_a) = mpsc::channel(4);
    let (to_c, from_b) = mpsc::channel(4);
    let _ = to_a.send(first).await;
    tokio::spawn(passes_on(from_c, to_b)); //~ forgotten_channel
    tokio::spawn(passes_on(from_a, to_c)); //~ forgotten_channel
    tokio::spawn(passes_on(from_b, to_a)); //~ forgotten_channel
}

async fn passes_on(mut from: mpsc::Receiver<String>, to: mpsc::Sender<String>) {
    while let Some(word) = from.recv().await {
        if to.send(word + ".").await.is_err() {
            break;
        }
    }
}

// The one who sets the value goes when nobody watches, and who watches goes when nobody sets it.
pub fn follows_a_value() {
    let (level, mut watched) = watch::channel(0);
    tokio::spawn(async move {
        //~^ forgotten_channel
        while watched.changed().await.is_ok() {
            println!("{}", *watched.borrow());
        }
    });
    tokio::spawn(async move {
        //~^ unbounded_task_loop
        let mut tick = interval(Duration::from_millis(5));
        loop {
            tokio::select! {
                _ = level.closed() => break,
                _ = tick.tick() => level.send_modify(|level| *level += 1),
            }
        }
    });
}

// What is asked is answered, and who answers waits for the one who asks to go.
pub fn asks_and_answers() {
    let (questions, mut asked) = mpsc::channel(4);
    let (answers, mut answered) = mpsc::channel(4);
    tokio::spawn(async move {
        //~^ unbounded_task_loop
        let mut tick = interval(Duration::from_millis(5));
        loop {
            tokio::select! {
                () = questions.closed() => return,
                _ = tick.tick() => {
                    let _ = questions.try_send(1);
                }
                Some(answer) = answered.recv() => println!("{answer}"),
            }
        }
    });
    tokio::spawn(async move {
        //~^ unbounded_task_loop
        loop {
            tokio::select! {
                () = answers.closed() => return,
                Some(question) = asked.recv() => {
                    let _ = answers.try_send(question + 1);
                }
            }
        }
    });
}

// Each waits for the other one to say that it is done.
pub fn waits_for_each_other() {
    let left = CancellationToken::new();
    let right = CancellationToken::new();
    let (left_too, right_too) = (left.clone(), right.clone());
    tokio::spawn(async move {
        //~^ dropped_join_handle
        left.cancelled().await;
        right.cancel();
    });
    tokio::spawn(async move {
        //~^ dropped_join_handle
        right_too.cancelled().await;
        left_too.cancel();
    });
}

// The first ends with its channel, and then tells the second, which has that channel's sender until it is told.
pub fn tells_when_it_is_done() -> oneshot::Receiver<u32> {
    let (lines, mut read) = mpsc::unbounded_channel::<u32>();
    let done = CancellationToken::new();
    let finished = done.clone();
    let (sum, result) = oneshot::channel();
    tokio::spawn(async move {
        //~^ forgotten_channel
        let mut all = 0;
        while let Some(line) = read.recv().await {
            all += line;
        }
        let _ = sum.send(all);
        finished.cancel();
    });
    tokio::spawn(async move {
        //~^ dropped_join_handle
        let _ = lines.send(1);
        done.cancelled().await;
    });
    result
}
