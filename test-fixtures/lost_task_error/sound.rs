//! Tasks that tell their errors, cannot fail, or are waited for.
//! enable: lost_task_error

use std::{convert::Infallible, io, path::PathBuf, sync::Arc, sync::Mutex};
use tokio::{net::TcpStream, sync::mpsc, task::JoinHandle};

async fn save(path: PathBuf, text: String) -> io::Result<()> {
    tokio::fs::write(path, text).await?;
    Ok(())
}

// The task looks at its errors itself.

pub fn logs_the_error(path: PathBuf, text: String) {
    tokio::spawn(async move {
        if let Err(error) = save(path, text).await {
            eprintln!("not saved: {error}");
        }
    });
}

pub fn matches_the_result(path: PathBuf, text: String) {
    tokio::spawn(async move {
        match save(path, text).await {
            Ok(()) => println!("saved"),
            Err(error) => eprintln!("not saved: {error}"),
        }
    });
}

pub fn inspects_the_error(path: PathBuf, copy: PathBuf) {
    tokio::spawn(async move {
        let text = tokio::fs::read_to_string(path).await.inspect_err(|error| eprintln!("not read: {error}"))?;
        save(copy, text).await.inspect_err(|error| eprintln!("not saved: {error}"))
    });
}

pub fn logs_where_it_maps(path: PathBuf) {
    tokio::spawn(async move {
        let text = tokio::fs::read_to_string(path).await.map_err(|error| eprintln!("not read: {error}"))?;
        println!("{} bytes", text.len());
        Ok::<(), ()>(())
    });
}

#[tracing::instrument(err)]
async fn traced(path: PathBuf) -> io::Result<()> {
    tokio::fs::remove_file(path).await?;
    Ok(())
}

pub fn logged_by_its_attribute(path: PathBuf) {
    tokio::spawn(traced(path));
}

pub fn mapped_to_nothing(path: PathBuf, text: String) {
    use futures::FutureExt;
    tokio::spawn(save(path, text).map(|result| println!("saved: {}", result.is_ok())));
}

// It cannot fail.

pub fn only_ever_ok(mut names: mpsc::Receiver<String>) {
    tokio::spawn(async move {
        while let Some(name) = names.recv().await {
            println!("{name}");
        }
        Ok::<(), io::Error>(())
    });
}

async fn greet(name: String) -> Result<(), Infallible> {
    println!("hello {name}");
    Ok(())
}

pub fn infallible(name: String) {
    tokio::spawn(greet(name));
}

pub fn gives_an_option(mut names: mpsc::Receiver<String>) {
    tokio::spawn(async move {
        let first = names.recv().await?;
        println!("{first}");
        Some(())
    });
}

pub fn locks_and_literals(seen: Arc<Mutex<Vec<u64>>>) {
    tokio::spawn(async move {
        let limit: u64 = "1000".parse().unwrap();
        seen.lock().unwrap().push(limit);
    });
}

pub fn looked_at_before(mut names: mpsc::Receiver<String>) {
    tokio::spawn(async move {
        let name = names.recv().await;
        if name.is_none() {
            return;
        }
        println!("{}", name.unwrap());
    });
}

// Somebody has the handle.

pub async fn awaited(path: PathBuf, text: String) -> io::Result<()> {
    tokio::spawn(save(path, text)).await?
}

pub fn returned(path: PathBuf, text: String) -> JoinHandle<io::Result<()>> {
    tokio::spawn(save(path, text))
}

/// Waits for what it has started.
#[derive(Default)]
pub struct Saver {
    saving: Vec<JoinHandle<io::Result<()>>>,
}

impl Saver {
    pub fn save(&mut self, path: PathBuf, text: String) {
        self.saving.push(tokio::spawn(save(path, text)));
    }

    pub async fn finish(self) -> io::Result<()> {
        for saving in self.saving {
            saving.await??;
        }
        Ok(())
    }
}

pub async fn awaited_with_its_panic(address: String) -> bool {
    let connecting = tokio::spawn(async move { TcpStream::connect(address).await.unwrap() });
    connecting.await.is_ok()
}
