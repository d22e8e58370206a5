//! A streaming service fixes one leak five times before it is gone.
//!
//! Each viewer gets a stream of segments and a task that waits until the viewer has finished.
//! Viewers who close the window leave that task behind, with everything that it captured.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinSet},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

/// What the service keeps for a viewer: some ten megabytes.
pub struct Session {
    pub id: u64,
    pub segments: Vec<Vec<u8>>,
}

/// What a player tells the service.
pub enum PlayerEvent {
    /// The viewer saw the end.
    Finished,
    /// The viewer stopped in the middle.
    Closed,
}

/// The open players by session; a player's sender stays here until the service cleans up.
pub type Players = Arc<Mutex<HashMap<u64, mpsc::Sender<PlayerEvent>>>>;

fn close(session: &Session, event: Option<PlayerEvent>) {
    let how = match event {
        Some(PlayerEvent::Finished) => "finished",
        Some(PlayerEvent::Closed) => "closed",
        None => "abandoned",
    };
    println!("session {} {how}, {} segments freed", session.id, session.segments.len());
}

/// Ten minutes for each viewer who never says goodbye.
pub mod first_version {
    use super::{Duration, Players, Session, close, mpsc, timeout};

    pub fn on_connect(players: &Players, session: Session) {
        let (player, mut events) = mpsc::channel(8);
        players.lock().unwrap().insert(session.id, player);
        let _handle = tokio::spawn(async move {
            //~^ long_timeout_in_task
            let event = timeout(Duration::from_secs(600), events.recv()).await;
            close(&session, event.ok().flatten());
        });
    }
}

/// A shorter timeout leaves fewer tasks behind, but still leaves them.
pub mod shorter_timeout {
    use super::{Duration, Players, Session, close, mpsc, timeout};

    const GOODBYE: Duration = Duration::from_secs(120);

    pub fn on_connect(players: &Players, session: Session) {
        let (player, mut events) = mpsc::channel(8);
        players.lock().unwrap().insert(session.id, player);
        tokio::spawn(async move {
            //~^ long_timeout_in_task
            let event = timeout(GOODBYE, events.recv()).await;
            close(&session, event.ok().flatten());
        });
    }
}

/// The task listens to its own token, which nothing ever cancels.
pub mod token_without_cancel {
    use super::{CancellationToken, Duration, Players, Session, close, mpsc, timeout};

    pub fn on_connect(players: &Players, session: Session) {
        let (player, mut events) = mpsc::channel(8);
        players.lock().unwrap().insert(session.id, player);
        let gone = CancellationToken::new();
        tokio::spawn(async move {
            //~^ long_timeout_in_task
            tokio::select! {
                _ = gone.cancelled() => close(&session, None),
                event = timeout(Duration::from_secs(600), events.recv()) => close(&session, event.ok().flatten()),
            }
        });
    }
}

/// A second task watches the first, and nobody watches the second.
pub mod double_spawn {
    use super::{Duration, Players, Session, close, mpsc, timeout};

    pub fn on_connect(players: &Players, session: Session) {
        let (player, mut events) = mpsc::channel(8);
        players.lock().unwrap().insert(session.id, player);
        let id = session.id;
        tokio::spawn(async move {
            //~^ double_spawn
            let waiter = tokio::spawn(async move {
                let event = timeout(Duration::from_secs(30), events.recv()).await;
                close(&session, event.ok().flatten());
            });
            if let Err(error) = waiter.await {
                eprintln!("session {id}: {error}");
            }
        });
    }
}

/// A set for one task ends the task with the function, but is more than one task needs.
pub mod one_task_join_set {
    use super::{Duration, JoinSet, PlayerEvent, Session, close, mpsc, timeout};

    pub async fn play(session: Session, mut events: mpsc::Receiver<PlayerEvent>) {
        let mut waiters = JoinSet::new(); //~ single_task_join_set
        waiters.spawn(async move {
            let event = timeout(Duration::from_secs(600), events.recv()).await;
            close(&session, event.ok().flatten());
        });
        while let Some(ended) = waiters.join_next().await {
            if let Err(error) = ended {
                eprintln!("{error}");
            }
        }
    }
}

/// The player keeps an abort handle, and uses it when the viewer disconnects.
pub mod abort_on_disconnect {
    use super::{AbortHandle, Duration, Players, Session, close, mpsc, timeout};

    /// The side of a session that the connection holds.
    pub struct Player {
        waiter: AbortHandle,
    }

    pub fn on_connect(players: &Players, session: Session) -> Player {
        let (player, mut events) = mpsc::channel(8);
        players.lock().unwrap().insert(session.id, player);
        let waiter = tokio::spawn(async move {
            let event = timeout(Duration::from_secs(600), events.recv()).await;
            close(&session, event.ok().flatten());
        });
        Player { waiter: waiter.abort_handle() }
    }

    impl Player {
        pub fn on_disconnect(&self) {
            self.waiter.abort();
        }
    }

    impl Drop for Player {
        fn drop(&mut self) {
            self.on_disconnect();
        }
    }
}
