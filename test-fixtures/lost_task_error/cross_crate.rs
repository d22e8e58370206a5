//! The function that fails, the wrapper that forgets and the call stand in different crates.
//! enable: lost_task_error

//- /rt/src/lib.rs crate:rt deps:tokio
use std::future::Future;
use tokio::task::JoinHandle;

/// Starts work and forgets it.
pub fn background<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) {
    tokio::spawn(work);
}

/// Starts work and gives its handle.
pub fn start<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    tokio::spawn(work)
}

//- /store/src/lib.rs crate:store deps:tokio
use std::io;

pub type Result<T> = io::Result<T>;

pub async fn save(text: String) -> Result<()> {
    tokio::fs::write("notes.txt", text).await?;
    Ok(())
}

//- /app/src/lib.rs crate:app deps:rt,store,tokio
pub fn save_in_background(text: String) {
    rt::background(store::save(text)); //~ lost_task_error
}

pub fn save_and_forget(text: String) {
    rt::start(store::save(text)); //~ lost_task_error
}

pub async fn save_and_wait(text: String) -> std::io::Result<()> {
    rt::start(store::save(text)).await?
}

pub fn save_and_tell(text: String) {
    rt::background(async move {
        if let Err(error) = store::save(text).await {
            eprintln!("not saved: {error}");
        }
    });
}
