use runtime_support::spawn_background;
use std::{sync::Arc, time::Duration};
use tokio::time::sleep;
use tokio_util::sync::{CancellationToken, DropGuard};

/// What is shown before a clip.
#[derive(Debug)]
struct Reel {
    skipped: CancellationToken,
    frames: Vec<Vec<u8>>,
}

impl Reel {
    async fn show(self: Arc<Reel>) {
        loop {
            tokio::select! {
                () = self.skipped.cancelled() => return,
                () = sleep(Duration::from_millis(40)) => println!("{} frames shown", self.frames.len()),
            }
        }
    }
}

/// An advert that could be skipped, if there were a button for it.
#[derive(Debug)]
pub struct Advert {
    reel: Arc<Reel>,
}

impl Advert {
    pub fn show(frames: Vec<Vec<u8>>) -> Advert {
        let reel = Arc::new(Reel { skipped: CancellationToken::new(), frames });
        spawn_background("advert", reel.clone().show());
        //~^ never_cancelled_token
        Advert { reel }
    }

    pub fn was_skipped(&self) -> bool {
        self.reel.skipped.is_cancelled()
    }
}

/// An advert that ends with its viewer.
#[derive(Debug)]
pub struct SkippedAdvert {
    _skip: DropGuard,
}

impl SkippedAdvert {
    pub fn show(name: String) -> SkippedAdvert {
        let skipped = CancellationToken::new();
        let shown = skipped.clone();
        spawn_background("advert", async move {
            while !shown.is_cancelled() {
                sleep(Duration::from_millis(40)).await;
                println!("{name} shown");
            }
        });
        SkippedAdvert { _skip: skipped.drop_guard() }
    }
}
