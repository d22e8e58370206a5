use runtime_support::{every, launch, spawn_background};
use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

/// What many players watch together.
#[derive(Debug, Default)]
pub struct Channel {
    viewers: AtomicU64,
}

impl Channel {
    /// Opened for each player who is the first to ask for it.
    pub fn open() -> Arc<Channel> {
        let channel = Arc::new(Channel::default());
        launch(channel.clone().report_for_ever());
        //~^ unbounded_task_loop
        channel
    }

    /// The loop is in the wrapper.
    pub fn open_with_timer() -> Arc<Channel> {
        let channel = Arc::new(Channel::default());
        let counted = channel.clone();
        every(Duration::from_secs(1), move || counted.report());
        //~^ unbounded_task_loop
        channel
    }

    /// Reports for a while, or so it seems: the timeout ends the wait, not the task.
    pub async fn report_for(self: &Arc<Self>, while_open: Duration) {
        let reports = launch(self.clone().report_for_ever());
        //~^ detached_by_await
        if timeout(while_open, reports).await.is_err() {
            println!("enough reports");
        }
    }

    pub fn join(&self) -> u64 {
        self.viewers.fetch_add(1, Ordering::Relaxed)
    }

    fn report(&self) {
        println!("{} viewers", self.viewers.load(Ordering::Relaxed));
    }

    async fn report_for_ever(self: Arc<Self>) {
        loop {
            sleep(Duration::from_secs(1)).await;
            self.report();
        }
    }
}

/// Channels whose reports end.
#[derive(Debug, Default)]
pub struct QuietChannel(Channel);

impl QuietChannel {
    /// Reports as long as something holds the channel.
    pub fn open() -> Arc<QuietChannel> {
        let channel = Arc::new(QuietChannel::default());
        spawn_background("reports", report_while_open(Arc::downgrade(&channel)));
        channel
    }

    /// Reports until the service stops.
    pub fn open_until(stop: CancellationToken) -> Arc<QuietChannel> {
        let channel = Arc::new(QuietChannel::default());
        let reported = channel.clone();
        spawn_background("reports", async move {
            loop {
                tokio::select! {
                    _ = stop.cancelled() => break,
                    _ = sleep(Duration::from_secs(1)) => reported.0.report(),
                }
            }
        });
        channel
    }

    pub fn join(&self) -> u64 {
        self.0.join()
    }
}

async fn report_while_open(channel: Weak<QuietChannel>) {
    while let Some(open) = channel.upgrade() {
        open.0.report();
        drop(open);
        sleep(Duration::from_secs(1)).await;
    }
}
