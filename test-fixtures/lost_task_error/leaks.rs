//! Tasks whose errors and panics nobody hears of.
//! enable: lost_task_error

use std::{collections::HashMap, io, path::PathBuf, sync::Arc, sync::Mutex, time::Duration};
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use tracing::Instrument;

async fn save(path: PathBuf, text: String) -> io::Result<()> {
    tokio::fs::write(path, text).await?;
    Ok(())
}

// The error of a task.

pub fn declared_by_its_function(path: PathBuf, text: String) {
    tokio::spawn(save(path, text)); //~ lost_task_error
}

pub fn leaves_early(path: PathBuf, copy: PathBuf) {
    let _ = tokio::spawn(async move {
        //~^ lost_task_error
        let text = tokio::fs::read_to_string(path).await?;
        tokio::fs::write(copy, text).await?;
        Ok::<(), io::Error>(())
    });
}

pub fn passes_a_result_on(path: PathBuf, text: String) {
    let saving = async move {
        println!("saving {}", path.display());
        save(path, text).await
    };
    tokio::spawn(saving.in_current_span()); //~ lost_task_error
}

/// Where mails are put until they are sent.
pub struct Outbox {
    pub folder: PathBuf,
}

impl Outbox {
    async fn put(self, mail: Vec<u8>) -> Result<usize, io::Error> {
        let mut file = tokio::fs::File::create(self.folder.join("mail")).await?;
        file.write_all(&mail).await?;
        Ok(mail.len())
    }

    pub fn put_later(self, mail: Vec<u8>) {
        let _putting = tokio::spawn(self.put(mail)); //~ lost_task_error
    }
}

pub fn on_a_blocking_thread(path: PathBuf, text: String) {
    tokio::task::spawn_blocking(move || {
        //~^ lost_task_error
        std::fs::create_dir_all(&path)?;
        std::fs::write(path.join("notes.txt"), text)?;
        Ok::<(), io::Error>(())
    });
}

pub fn says_err_itself(limits: mpsc::Receiver<usize>) {
    tokio::spawn(async move {
        //~^ lost_task_error
        if limits.len() > 100 {
            return Err("too many limits");
        }
        println!("{} limits", limits.len());
        Ok(())
    });
}

/// Starts work and forgets it.
fn background<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) {
    tokio::spawn(work);
}

pub fn through_a_wrapper(path: PathBuf, text: String) {
    background(save(path, text)); //~ lost_task_error
}

// The panic of a task.

pub fn unwraps(lengths: Arc<Mutex<HashMap<String, usize>>>, address: String) {
    tokio::spawn(async move {
        //~^ lost_task_error
        let stream = TcpStream::connect(&address).await.unwrap();
        let port = stream.local_addr().map_or(0, |address| usize::from(address.port()));
        lengths.lock().unwrap().insert(address, port);
    });
}

pub fn expects(reply: oneshot::Receiver<String>) {
    let waiter: JoinHandle<()> = tokio::spawn(async move {
        //~^ lost_task_error
        println!("{}", reply.await.expect("somebody replies"));
    });
    drop(waiter);
}

async fn check(path: PathBuf) {
    let length = tokio::fs::metadata(&path).await.map_or(0, |metadata| metadata.len());
    assert!(length > 0, "{} is empty", path.display());
}

pub fn asserts(path: PathBuf) {
    tokio::spawn(check(path)); //~ lost_task_error
}

pub fn panics_on_purpose(mut commands: mpsc::Receiver<String>) {
    tokio::spawn(async move {
        //~^ lost_task_error
        while let Some(command) = commands.recv().await {
            match command.as_str() {
                "hello" => println!("hello"),
                other => panic!("no such command: {other}"),
            }
        }
    });
}

async fn watch(path: PathBuf) {
    loop {
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert!(path.exists(), "{} is gone", path.display());
    }
}

/// It leaks as well: mending one leaves the other.
pub fn panics_in_an_endless_loop(path: PathBuf) {
    tokio::spawn(watch(path)); //~ lost_task_error, unbounded_task_loop
}
