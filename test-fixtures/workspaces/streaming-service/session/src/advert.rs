use runtime_support::{Guard, spawn_guarded, spawn_named};
use std::time::Duration;
use tokio::{
    sync::mpsc,
    task::{JoinHandle, JoinSet},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

async fn rotate(player: u64) {
    loop {
        println!("{player} sees the next advert");
        sleep(Duration::from_secs(30)).await;
    }
}

/// What a player sees between two films. The handle is kept, and nobody uses it.
#[derive(Debug)]
pub struct Adverts {
    player: u64,
    rotation: JoinHandle<()>,
}

impl Adverts {
    pub fn show(player: u64) -> Adverts {
        Adverts { player, rotation: spawn_named("adverts", rotate(player)) } //~ task_outlives_owner
    }

    pub fn player(&self) -> u64 {
        self.player
    }
}

/// The same, and the rotation ends with it.
#[derive(Debug)]
pub struct GuardedAdverts {
    player: u64,
    _rotation: Guard,
}

impl GuardedAdverts {
    pub fn show(player: u64) -> GuardedAdverts {
        GuardedAdverts { player, _rotation: spawn_guarded(rotate(player)) }
    }

    pub fn player(&self) -> u64 {
        self.player
    }
}

/// Ends with a token that nobody else has.
pub fn count_views(player: u64) {
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    tokio::spawn(async move {
        //~^ never_cancelled_token
        loop {
            tokio::select! {
                () = stopped.cancelled() => break,
                () = sleep(Duration::from_secs(1)) => println!("{player} still watches"),
            }
        }
    });
}

/// Ends with a token that the caller has.
pub fn count_views_until(player: u64, stop: &CancellationToken) {
    let stopped = stop.child_token();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = stopped.cancelled() => break,
                () = sleep(Duration::from_secs(1)) => println!("{player} still watches"),
            }
        }
    });
}

/// An answer in time, or none; the rotation that was only meant to be looked at goes on.
pub async fn preview(player: u64) -> bool {
    let rotation = tokio::spawn(rotate(player)); //~ detached_by_await
    timeout(Duration::from_millis(50), rotation).await.is_ok()
}

/// The same, and the rotation ends with the preview.
pub async fn preview_guarded(player: u64) -> bool {
    let rotation = AbortOnDropHandle::new(tokio::spawn(rotate(player)));
    timeout(Duration::from_millis(50), rotation).await.is_ok()
}

async fn render(name: String) {
    sleep(Duration::from_millis(5)).await;
    println!("{name} is rendered");
}

/// Every finished rendering stays in the set.
pub async fn render_all(mut names: mpsc::Receiver<String>) {
    let mut renderings = JoinSet::new();
    while let Some(name) = names.recv().await {
        renderings.spawn(render(name)); //~ undrained_task_set
    }
}

/// The set is emptied as it is filled.
pub async fn render_all_and_forget(mut names: mpsc::Receiver<String>) {
    let mut renderings = JoinSet::new();
    while let Some(name) = names.recv().await {
        while renderings.try_join_next().is_some() {}
        renderings.spawn(render(name));
    }
}

/// The guard dies at once, and the rotation with it.
pub fn tease(player: u64) {
    let _ = spawn_guarded(rotate(player)); //~ discarded_guard
}

/// The guard is the caller's.
pub fn tease_while(player: u64) -> Guard {
    spawn_guarded(rotate(player))
}

fn measure_for_ever(player: u64) {
    loop {
        std::thread::sleep(Duration::from_millis(100));
        println!("{player} has heard enough");
    }
}

/// A thread does not hear that it is aborted.
pub async fn measure(player: u64) {
    let loudness = tokio::task::spawn_blocking(move || measure_for_ever(player)); //~ ineffective_abort
    sleep(Duration::from_millis(10)).await;
    loudness.abort();
}

/// A thread that looks at a token hears it.
pub async fn measure_until(player: u64, stop: CancellationToken) {
    tokio::task::spawn_blocking(move || {
        while !stop.is_cancelled() {
            std::thread::sleep(Duration::from_millis(100));
            println!("{player} has heard enough");
        }
    });
}
