//! Loops that go on although their channel is closed.

use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{broadcast, mpsc, oneshot, watch},
    time::{interval, sleep, timeout},
};
use tokio_stream::wrappers::ReceiverStream;

/// What a shard is told.
#[derive(Debug)]
pub enum Order {
    Restart,
    Stop,
}

/// Counts what it is told.
#[derive(Debug, Default)]
pub struct Stats;

impl Stats {
    fn count(&self, _what: &str) {}
}

// `None` is no order: the loop spins, and `Stop` can never come any more.
pub fn stop_can_never_come(mut orders: mpsc::Receiver<Order>, stats: Arc<Stats>) {
    tokio::spawn(async move {
        //~^ ignored_close
        loop {
            if let Some(order) = orders.recv().await {
                match order {
                    Order::Restart => stats.count("restart"),
                    Order::Stop => break,
                }
            }
        }
    });
}

// An error is logged, whatever it says.
pub fn logs_every_error(id: u64, mut created: broadcast::Receiver<u64>, found: oneshot::Sender<u64>) {
    tokio::spawn(async move {
        //~^ ignored_close
        loop {
            match created.recv().await {
                Ok(new) => {
                    if new == id {
                        let _ = found.send(new);
                        break;
                    }
                }
                Err(error) => eprintln!("cannot receive: {error:?}"),
            }
        }
    });
}

pub fn continues(mut orders: mpsc::UnboundedReceiver<Order>, stats: Arc<Stats>) {
    tokio::spawn(async move {
        //~^ ignored_close
        loop {
            let order = match orders.recv().await {
                Some(order) => order,
                None => continue,
            };
            if matches!(order, Order::Stop) {
                return;
            }
            stats.count("restart");
        }
    });
}

pub fn waits_a_bit_and_tries_again(mut orders: mpsc::Receiver<Order>, stats: Arc<Stats>) {
    tokio::spawn(async move {
        //~^ ignored_close
        loop {
            let Some(order) = orders.recv().await else {
                sleep(Duration::from_millis(10)).await;
                continue;
            };
            if let Order::Stop = order {
                break;
            }
            stats.count("restart");
        }
    });
}

// The settings' owner is gone, the loop wakes up at once on every turn.
pub fn discards_the_change(mut settings: watch::Receiver<u32>, stats: Arc<Stats>) {
    tokio::spawn(async move {
        //~^ ignored_close
        loop {
            let _ = settings.changed().await;
            stats.count("settings");
            sleep(Duration::from_millis(10)).await;
        }
    });
}

// The arm goes dead, the timer stays.
pub fn an_arm_goes_dead(mut orders: mpsc::Receiver<Order>, stats: Arc<Stats>) {
    tokio::spawn(async move {
        //~^ ignored_close
        let mut tick = interval(Duration::from_millis(10));
        loop {
            tokio::select! {
                Some(order) = orders.recv() => match order {
                    Order::Restart => stats.count("restart"),
                    Order::Stop => break,
                },
                _ = tick.tick() => stats.count("tick"),
            }
        }
    });
}

pub fn under_a_timeout(mut orders: mpsc::Receiver<Order>, stats: Arc<Stats>) {
    tokio::spawn(async move {
        //~^ ignored_close
        loop {
            if let Ok(Some(order)) = timeout(Duration::from_millis(10), orders.recv()).await {
                if let Order::Stop = order {
                    break;
                }
                stats.count("restart");
            }
        }
    });
}

// The inner loop ends with the channel, the outer one begins again.
pub fn begins_again(mut orders: mpsc::Receiver<Order>, stats: Arc<Stats>) {
    tokio::spawn(async move {
        //~^ ignored_close
        loop {
            while let Some(order) = orders.recv().await {
                stats.count(if matches!(order, Order::Stop) { "stop" } else { "restart" });
            }
            sleep(Duration::from_millis(10)).await;
        }
    });
}

pub fn polls(mut orders: mpsc::Receiver<Order>, stats: Arc<Stats>) {
    tokio::spawn(async move {
        //~^ ignored_close
        loop {
            while let Ok(_order) = orders.try_recv() {
                stats.count("order");
            }
            sleep(Duration::from_millis(10)).await;
        }
    });
}

// Nobody reads the samples any more, and the probe goes on.
pub fn discards_the_failed_send(samples: mpsc::Sender<u32>, stats: Arc<Stats>) {
    tokio::spawn(async move {
        //~^ ignored_close
        let mut tick = interval(Duration::from_millis(10));
        loop {
            tick.tick().await;
            stats.count("sample");
            let _ = samples.send(1).await;
        }
    });
}

/// Sends what it measures.
pub struct Probe {
    samples: mpsc::UnboundedSender<u32>,
}

impl Probe {
    // The error is logged, and that is all.
    async fn run(self) {
        loop {
            sleep(Duration::from_millis(10)).await;
            if let Err(error) = self.samples.send(1) {
                eprintln!("{error}");
            }
        }
    }
}

pub fn logs_the_failed_send(samples: mpsc::UnboundedSender<u32>) {
    let probe = Probe { samples };
    tokio::spawn(probe.run()); //~ ignored_close
}

// The close has an arm, and nothing in it.
pub fn has_an_empty_arm(mut orders: mpsc::Receiver<Order>, stats: Arc<Stats>) {
    tokio::spawn(async move {
        //~^ ignored_close
        loop {
            match orders.recv().await {
                Some(_) => stats.count("order"),
                None => {}
            }
            sleep(Duration::from_millis(10)).await;
        }
    });
}

/// The other arm leaves, and until then this one is ready in each turn.
pub fn spins_until_another(mut frames: mpsc::Receiver<Order>, mut viewers: mpsc::Receiver<u32>) {
    tokio::spawn(async move {
        //~^ ignored_close
        loop {
            tokio::select! {
                frame = frames.recv() => {
                    if let Some(frame) = frame {
                        println!("{frame:?}");
                    }
                }
                viewer = viewers.recv() => match viewer {
                    Some(viewer) => println!("{viewer}"),
                    None => break,
                },
            }
        }
    });
}

/// The stream's reader is gone, and the source goes on.
pub fn works_for_nobody(mut words: mpsc::Receiver<String>) -> mpsc::Receiver<String> {
    let (tx, rx) = mpsc::channel(4);
    tokio::spawn(async move {
        //~^ ignored_close
        while let Some(word) = words.recv().await {
            let _ = tx.send(word).await;
        }
    });
    rx
}

/// Pages of a book, one after another.
#[derive(Debug, Default)]
pub struct Book;

impl Book {
    async fn after(&self, page: u32) -> Option<u32> {
        sleep(Duration::from_millis(1)).await;
        page.checked_add(1)
    }
}

/// The reader is gone, and the work goes on until it is done, however long that takes.
pub fn turns_pages_for_nobody(book: Arc<Book>) -> ReceiverStream<u32> {
    let (tx, rx) = mpsc::channel(1);
    tokio::spawn(async move {
        //~^ ignored_close
        let mut next = Some(0);
        while let Some(page) = next {
            let _ = tx.send(page).await;
            next = book.after(page).await;
        }
    });
    ReceiverStream::new(rx)
}
