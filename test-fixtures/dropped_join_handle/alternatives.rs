//! Handles that look lost because only one of several lines of code is compiled, or because the loop ends here.

use std::{future::Future, time::Duration};
use tokio::{task::JoinHandle, time::sleep};

/// Work of which nobody here knows how long it takes.
pub trait Handler: Clone + Send + Sync + 'static {
    fn handle(&self) -> impl Future<Output = ()> + Send;
}

/// Two lets of one name: only one is compiled.
pub fn named<F>(_name: &str, future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    #[cfg(feature = "names")]
    let handle = tokio::spawn(future);
    #[cfg(not(feature = "names"))]
    let handle = tokio::spawn(future);
    handle
}

/// Two tails: only one is compiled.
pub fn in_the_background<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    #[cfg(not(feature = "names"))]
    {
        tokio::spawn(future)
    }
    #[cfg(feature = "names")]
    {
        tokio::spawn(future)
    }
}

/// One call of a handler for each event, through the wrappers.
pub fn dispatch<H: Handler>(handlers: &[H]) {
    for handler in handlers {
        let handler = handler.clone();
        named("dispatch", async move { handler.handle().await });
    }
}

pub fn dispatch_unnamed<H: Handler>(handlers: &[H]) {
    for handler in handlers {
        let handler = handler.clone();
        in_the_background(async move { handler.handle().await });
    }
}

/// The last turn of the loop starts the task, so there is one.
pub async fn shut_down_after(timeout: Duration, mut asked: tokio::sync::mpsc::Receiver<()>, stop: tokio::sync::watch::Sender<bool>) {
    loop {
        tokio::select! {
            _ = asked.recv() => {
                let stop = stop.clone();
                tokio::spawn(async move {
                    sleep(timeout).await;
                    let _ = stop.send(true);
                });
                break;
            }
            _ = sleep(Duration::from_secs(1)) => {}
        }
    }
}
