//! The work and the type that stops it stand in different crates.
//! enable: stop_without_drop

//- /work/src/lib.rs crate:work deps:tokio,tokio_util
use std::time::Duration;
use tokio_util::sync::CancellationToken;

pub async fn poll(name: String, stopped: CancellationToken) {
    loop {
        tokio::select! {
            () = stopped.cancelled() => return,
            () = tokio::time::sleep(Duration::from_millis(5)) => println!("{name}"),
        }
    }
}

//- /app/src/lib.rs crate:app deps:work,tokio,tokio_util
use tokio_util::sync::CancellationToken;

pub struct Poller {
    stop: CancellationToken,
}

impl Poller {
    pub fn start(name: String) -> Poller {
        let stop = CancellationToken::new();
        tokio::spawn(work::poll(name, stop.clone())); //~ stop_without_drop
        Poller { stop }
    }

    pub fn close(&self) {
        self.stop.cancel();
    }
}

pub struct Ending {
    stop: CancellationToken,
}

impl Ending {
    pub fn start(name: String) -> Ending {
        let stop = CancellationToken::new();
        tokio::spawn(work::poll(name, stop.clone()));
        Ending { stop }
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
