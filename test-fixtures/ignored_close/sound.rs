//! Loops that notice the close, or have another way out.

use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{broadcast, mpsc, watch},
    task::JoinHandle,
    time::{interval, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

#[derive(Debug)]
pub enum Order {
    Restart,
    Stop,
}

#[derive(Debug, Default)]
pub struct Stats;

impl Stats {
    fn count(&self, _what: &str) {}
}

pub fn ends_with_the_channel(mut orders: mpsc::Receiver<Order>, stats: Arc<Stats>) {
    tokio::spawn(async move {
        while let Some(order) = orders.recv().await {
            if let Order::Stop = order {
                break;
            }
            stats.count("restart");
        }
    });
}

// What was missed is no close.
pub fn passes_over_what_was_missed(mut events: broadcast::Receiver<u32>) {
    tokio::spawn(async move {
        loop {
            match events.recv().await {
                Ok(event) => println!("{event}"),
                Err(broadcast::error::RecvError::Lagged(missed)) => eprintln!("{missed} missed"),
                Err(broadcast::error::RecvError::Closed) => break,
            }
        }
    });
}

// The branch asks what the error is.
pub fn asks_what_it_is(mut events: broadcast::Receiver<u32>) {
    tokio::spawn(async move {
        loop {
            let event = events.recv().await;
            if let Err(error) = event {
                eprintln!("{error}");
                if matches!(error, broadcast::error::RecvError::Closed) {
                    break;
                }
                continue;
            }
            println!("{event:?}");
        }
    });
}

// The arm goes dead, and a token ends the loop.
pub fn a_token_beside(mut orders: mpsc::Receiver<Order>, stop: CancellationToken, stats: Arc<Stats>) {
    tokio::spawn(async move {
        loop {
            tokio::select! {
                Some(order) = orders.recv() => stats.count(&format!("{order:?}")),
                () = stop.cancelled() => break,
            }
        }
    });
}

// The close is the `else` of arms that all go dead.
pub fn all_arms_go_dead(mut orders: mpsc::Receiver<Order>, mut more: mpsc::Receiver<Order>) {
    tokio::spawn(async move {
        loop {
            tokio::select! {
                Some(order) = orders.recv() => println!("{order:?}"),
                Some(order) = more.recv() => println!("{order:?}"),
                else => break,
            }
        }
    });
}

// Each turn connects anew and has a channel of its own.
pub fn connects_anew(name: String, tries: u32) {
    tokio::spawn(async move {
        for _ in 0..tries {
            let mut lines = connect(&name).await;
            while let Some(line) = lines.recv().await {
                println!("{line}");
            }
        }
    });
}

async fn connect(name: &str) -> mpsc::Receiver<String> {
    let (lines, received) = mpsc::channel(1);
    let _ = lines.send(name.to_owned()).await;
    received
}

// The branch for the close replaces the channel.
pub fn replaces_the_channel(mut lines: mpsc::Receiver<String>, name: String, stop: watch::Receiver<bool>) {
    tokio::spawn(async move {
        loop {
            match lines.recv().await {
                Some(line) => println!("{line}"),
                None if *stop.borrow() => break,
                None => lines = connect(&name).await,
            }
        }
    });
}

// The send that fails ends it.
pub fn ends_with_the_receiver(samples: mpsc::Sender<u32>) {
    tokio::spawn(async move {
        let mut tick = interval(Duration::from_millis(10));
        loop {
            tick.tick().await;
            if samples.send(1).await.is_err() {
                break;
            }
        }
    });
}

// Not everybody listens all the time; the task is held.
pub fn tells_whoever_listens(prices: broadcast::Sender<u32>) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            sleep(Duration::from_millis(10)).await;
            let _ = prices.send(1);
        }
    })
}

// A turn without a message looks for another reason to leave.
pub fn idles_out(mut orders: mpsc::Receiver<Order>, stats: Arc<Stats>) {
    tokio::spawn(async move {
        let mut idle = 0;
        loop {
            match timeout(Duration::from_millis(10), orders.recv()).await {
                Ok(Some(order)) => stats.count(&format!("{order:?}")),
                Ok(None) | Err(_) => {
                    idle += 1;
                    if idle > 10 {
                        break;
                    }
                }
            }
        }
    });
}

// Whoever starts it aborts it.
pub struct Poller {
    task: JoinHandle<()>,
}

impl Poller {
    pub fn start(mut orders: mpsc::Receiver<Order>, stats: Arc<Stats>) -> Poller {
        let task = tokio::spawn(async move {
            loop {
                if let Ok(order) = orders.try_recv() {
                    stats.count(&format!("{order:?}"));
                }
                sleep(Duration::from_millis(10)).await;
            }
        });
        Poller { task }
    }
}

impl Drop for Poller {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Leaves with an error, behind a name that nobody knows.
macro_rules! give_up {
    ($why:literal) => {
        return Err($why)
    };
}

async fn serve(mut orders: mpsc::Receiver<Order>, mut closed: mpsc::Receiver<u32>) -> Result<(), &'static str> {
    loop {
        tokio::select! {
            id = closed.recv() => {
                let Some(id) = id else { return Ok(()) };
                println!("{id} is closed");
            }
            order = orders.recv() => {
                let Some(order) = order else {
                    give_up!("nobody gives orders");
                };
                println!("{order:?}");
            }
        }
    }
}

// The macro in `else` must leave, whatever it is.
pub fn gives_up(orders: mpsc::Receiver<Order>, closed: mpsc::Receiver<u32>) {
    tokio::spawn(async move {
        let _ = serve(orders, closed).await;
    });
}

// The sender stands in the same function, so the channel does not close while the loop turns.
pub fn collects_its_own(rounds: u32) {
    tokio::spawn(async move {
        let (done, mut finished) = mpsc::channel::<u32>(4);
        for round in 0..rounds {
            let done = done.clone();
            tokio::spawn(async move {
                let _ = done.send(round).await;
            });
        }
        let mut left = rounds;
        while left > 0 {
            if let Some(round) = finished.recv().await {
                println!("{round} is done");
                left -= 1;
            }
        }
        drop(done);
    });
}

/// What can be sent once is no sink of the loop.
pub fn tells_of_the_first(mut orders: mpsc::Receiver<Order>) -> tokio::sync::oneshot::Receiver<Order> {
    let (first, told) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let mut first = Some(first);
        while let Some(order) = orders.recv().await {
            if let Some(first) = first.take() {
                let _ = first.send(order);
            }
        }
    });
    told
}

/// The queue stays open for as long as its task runs, which puts work back into it.
pub fn puts_back(mut closed: mpsc::Receiver<()>) -> mpsc::UnboundedSender<Order> {
    let (orders_in, orders) = mpsc::unbounded_channel();
    let again = Arc::new(orders_in.clone());
    tokio::spawn(async move {
        let mut orders = orders;
        loop {
            tokio::select! {
                _ = closed.recv() => break,
                order = orders.recv() => {
                    if let Some(order) = order
                        && matches!(order, Order::Restart)
                    {
                        let _ = again.send(order);
                    }
                }
            }
        }
    });
    orders_in
}

/// That nobody kicks it any more is taken for a kick.
pub fn kicked(mut kicks: mpsc::Receiver<()>, mut done: mpsc::Receiver<()>, stats: Arc<Stats>) {
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = kicks.recv() => stats.count("kick"),
                _ = done.recv() => break,
            }
        }
    });
}

/// Work that has to be done whether or not somebody follows it.
#[derive(Debug, Default)]
pub struct Upload;

impl Upload {
    async fn part(&self, number: u32) -> Option<u32> {
        sleep(Duration::from_millis(1)).await;
        (number < 8).then_some(number + 1)
    }
}

/// Whoever follows the progress was there before the work.
pub fn tells_how_far_it_is(upload: Arc<Upload>, progress: mpsc::Sender<u32>) {
    tokio::spawn(async move {
        let mut next = Some(0);
        while let Some(part) = next {
            let _ = progress.send(part).await;
            next = upload.part(part).await;
        }
    });
}

/// The work ends with who wants it.
pub fn ends_when_nobody_reads(upload: Arc<Upload>) -> mpsc::Receiver<u32> {
    let (tx, rx) = mpsc::channel(1);
    tokio::spawn(async move {
        let mut next = Some(0);
        while let Some(part) = next {
            if tx.send(part).await.is_err() {
                break;
            }
            next = upload.part(part).await;
        }
    });
    rx
}

/// Whatever becomes of the last message, the loop is left.
pub fn tells_and_leaves(mut orders: mpsc::Receiver<Order>, stats: Arc<Stats>) -> mpsc::Receiver<String> {
    let (told, tells) = mpsc::channel(1);
    tokio::spawn(async move {
        for turn in 0.. {
            stats.count("turn");
            match orders.try_recv() {
                Ok(Order::Restart) => sleep(Duration::from_millis(1)).await,
                Ok(order) => {
                    let _ = told.send(format!("{order:?}")).await;
                    break;
                }
                Err(_) => {
                    let _told = told.send(format!("gone after {turn}")).await;
                    stats.count("gone");
                    return;
                }
            }
        }
    });
    tells
}
