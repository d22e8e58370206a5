//! Every detached task, sound or not, for teams that want the list.
//! enable: detached_task

use std::{io, sync::Arc, sync::Mutex, time::Duration};
use tokio::{io::AsyncReadExt, net::TcpListener, sync::mpsc, time::sleep};
use tokio_util::sync::CancellationToken;

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
