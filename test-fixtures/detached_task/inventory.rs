//! Every detached task, sound or not, for teams that want the list.
//! enable: detached_task

use std::{io, sync::Arc, sync::Mutex, time::Duration};
use tokio::{
    io::AsyncReadExt,
    net::TcpListener,
    sync::mpsc,
    task::{JoinHandle, JoinSet},
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

async fn short(names: Arc<Mutex<Vec<String>>>) {
    sleep(Duration::from_millis(10)).await;
    names.lock().unwrap().clear();
}

// Detached, and nothing is wrong with it.

pub fn short_task(names: Arc<Mutex<Vec<String>>>) {
    tokio::spawn(short(names)); //~ detached_task
}

pub fn stoppable_task(stop: CancellationToken) {
    tokio::spawn(async move {
        //~^ detached_task
        stop.cancelled().await;
        println!("stopped");
    });
}

pub fn ends_with_its_channel() -> mpsc::Sender<String> {
    let (sender, mut names) = mpsc::channel::<String>(4);
    let _printer = tokio::spawn(async move {
        //~^ detached_task
        while let Some(name) = names.recv().await {
            println!("{name}");
        }
    });
    sender
}

pub async fn ends_with_its_peer(listener: TcpListener) -> io::Result<()> {
    loop {
        let (mut stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            //~^ detached_task
            let mut text = String::new();
            stream.read_to_string(&mut text).await
        });
    }
}

// Kept.

pub fn returned(names: Arc<Mutex<Vec<String>>>) -> JoinHandle<()> {
    tokio::spawn(short(names))
}

pub async fn awaited(names: Arc<Mutex<Vec<String>>>) {
    let _ = tokio::spawn(short(names)).await;
}

pub fn owned(names: Arc<Mutex<Vec<String>>>) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(short(names)))
}

pub async fn in_a_set(names: Arc<Mutex<Vec<String>>>) {
    let mut set = JoinSet::new();
    set.spawn(short(names.clone()));
    set.spawn(short(names));
    set.join_all().await;
}

pub fn smol_task(names: Arc<Mutex<Vec<String>>>) -> smol::Task<()> {
    smol::spawn(short(names))
}
