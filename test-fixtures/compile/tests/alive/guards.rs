//! Guards that are dropped at once: the work of a guarded task is lost, that of a kept one is not.

use spawnlint_fixtures::discarded_guard::{leaks, sound};
use std::{future::Future, sync::Arc};
use tokio_util::sync::CancellationToken;

/// 1 if the work gets no turn while whoever wants it waits, otherwise 0.
async fn lost<T>(work: impl FnOnce(Arc<leaks::Cache>) -> T) -> usize
where
    T: Future,
{
    let cache = Arc::new(leaks::Cache::default());
    let owner = work(cache.clone()).await;
    let turns = *cache.turns.lock().unwrap();
    crate::end(owner);
    usize::from(turns == 0)
}

/// The same of a sound shape.
async fn sound_lost<T>(work: impl FnOnce(Arc<sound::Cache>) -> T) -> usize
where
    T: Future,
{
    let cache = Arc::new(sound::Cache::default());
    let owner = work(cache.clone()).await;
    let turns = *cache.turns.lock().unwrap();
    crate::end(owner);
    usize::from(turns == 0)
}

crate::cases! {
    counts 1 underscore { lost(leaks::underscore).await }
    counts 1 statement { lost(leaks::statement).await }
    counts 1 temporary { lost(leaks::temporary).await }
    counts 1 set_of_one_statement { lost(leaks::set_of_one_statement).await }
    counts 1 own_type { lost(leaks::own_type).await }
    counts 1 opened_and_lost { lost(leaks::opened_and_lost).await }
    counts 1 start {
        lost(|cache| async move {
            let owner = leaks::start(cache).expect("it starts");
            crate::settle().await;
            owner
        }).await
    }
    counts 1 cancels_at_once {
        lost(|cache| async move {
            // It waits for the task, which a kept guard does not end.
            let work = leaks::cancels_at_once(cache, CancellationToken::new());
            tokio::time::timeout(std::time::Duration::from_millis(100), work).await
        }).await
    }
    counts 1 smol_statement {
        lost(|cache| async move {
            // The one thread of that runtime is busy until it is clear who has the task.
            let (free, busy) = std::sync::mpsc::channel::<()>();
            smol::spawn(async move { busy.recv() }).detach();
            let mut work = std::pin::pin!(leaks::smol_statement(cache));
            let is_over = futures::poll!(work.as_mut()).is_ready();
            drop(free);
            if !is_over {
                work.await;
            }
            crate::settle().await;
        }).await
    }
    counts 1 half_of_a_pair {
        lost(|cache| async move {
            let owner = leaks::half_of_a_pair(cache);
            crate::settle().await;
            owner
        }).await
    }
    counts 1 cancels_by_underscore {
        let stop = CancellationToken::new();
        // Looked at while the function still waits.
        let mut waiting = std::pin::pin!(leaks::cancels_by_underscore(&stop));
        tokio::select! {
            biased;
            _ = &mut waiting => {}
            _ = tokio::task::yield_now() => {}
        }
        usize::from(stop.is_cancelled())
    }
    counts 0 named { sound_lost(sound::named).await }
    counts 0 kept_by_the_caller { sound_lost(sound::kept_by_the_caller).await }
    counts 0 set_in_a_variable { sound_lost(sound::set_in_a_variable).await }
    counts 0 of_several_owners { sound_lost(sound::of_several_owners).await }
}
