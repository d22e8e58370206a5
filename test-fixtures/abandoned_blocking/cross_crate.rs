//! The closure and the bound around it stand in different crates.
//! enable: abandoned_blocking

//- /rt/src/lib.rs crate:rt deps:tokio
use std::time::Duration;
use tokio::{task::spawn_blocking, time::timeout};

pub async fn bounded<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    timeout(Duration::from_secs(5), spawn_blocking(work)).await.ok()?.ok() //~ abandoned_blocking
}

pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    spawn_blocking(work).await.ok()
}

//- /app/src/lib.rs crate:app deps:rt,tokio
pub async fn sum(numbers: Vec<u64>) -> Option<u64> {
    rt::bounded(move || numbers.iter().sum()).await
}

pub async fn sum_to_the_end(numbers: Vec<u64>) -> Option<u64> {
    rt::blocking(move || numbers.iter().sum()).await
}
