//! The duration is a constant of another crate, the wait stands in a second, the spawn in a third.

//- /settings/src/lib.rs crate:settings
pub mod limits;

pub use limits::SESSION as SESSION_LIMIT;

//- /settings/src/limits.rs
use std::time::Duration;

pub const MINUTE: u64 = 60;
pub const SESSION: Duration = Duration::from_secs(10 * MINUTE);
pub const GREETING: Duration = Duration::from_secs(MINUTE / 12);

//- /session/src/lib.rs crate:session deps:settings,tokio
use settings::limits::{self, GREETING};
use tokio::{
    sync::oneshot,
    time::{sleep, timeout},
};

/// A client and what it has sent so far.
pub struct Session {
    pub name: String,
    pub buffer: Vec<u8>,
}

impl Session {
    pub async fn expire(self) {
        sleep(limits::SESSION).await;
        println!("{} expired", self.name);
    }

    pub async fn greet(self) {
        sleep(GREETING).await;
        println!("hello {}", self.name);
    }

    pub async fn finished(self, done: oneshot::Receiver<()>) -> bool {
        timeout(settings::SESSION_LIMIT, done).await.is_ok()
    }
}

//- /rt/src/lib.rs crate:rt deps:tokio
use std::future::Future;
use tokio::task::JoinHandle;

pub fn background<F: Future + Send + 'static>(work: F)
where
    F::Output: Send,
{
    tokio::spawn(work);
}

pub fn start<F: Future + Send + 'static>(work: F) -> JoinHandle<F::Output>
where
    F::Output: Send,
{
    tokio::spawn(work)
}

//- /app/src/lib.rs crate:app deps:rt,session,settings,tokio
use session::Session;
use tokio::{sync::oneshot, task::JoinHandle};

pub fn expire(session: Session) {
    tokio::spawn(session.expire()); //~ long_timeout_in_task
}

pub fn expire_in_background(session: Session) {
    rt::background(session.expire()); //~ long_timeout_in_task
}

pub fn wait_until_finished(session: Session) -> oneshot::Sender<()> {
    let (done, finished) = oneshot::channel();
    let _wait = rt::start(session.finished(finished)); //~ long_timeout_in_task
    done
}

pub fn linger(session: Session) {
    rt::background(async move {
        //~^ long_timeout_in_task
        tokio::time::sleep(settings::SESSION_LIMIT / 5).await;
        drop(session);
    });
}

// Sound neighbours.

pub fn greet(session: Session) {
    rt::background(session.greet());
}

pub fn handed_out(session: Session) -> JoinHandle<()> {
    rt::start(session.expire())
}

pub async fn stopped_with_the_caller(session: Session, gone: oneshot::Receiver<()>) {
    let expiry = rt::start(session.expire());
    let _ = gone.await;
    expiry.abort();
}

pub fn raced(session: Session, gone: oneshot::Receiver<()>) {
    rt::background(async move {
        tokio::select! {
            _ = gone => {}
            () = session.expire() => {}
        }
    });
}
