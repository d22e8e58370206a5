//! Guards that are dropped at once: a guarded task gets no turn, a kept one does.

use spawnlint_fixtures::discarded_guard::{leaks, sound};
use std::{future::Future, sync::Arc};
use tokio_util::sync::CancellationToken;

/// How many turns the work gets while whoever wants it waits.
async fn turns<T>(work: impl FnOnce(Arc<leaks::Cache>) -> T) -> usize
where
    T: Future,
{
    let cache = Arc::new(leaks::Cache::default());
    work(cache.clone()).await;
    let turns = *cache.turns.lock().unwrap();
    turns as usize
}

/// Whether the work got any turn at all.
async fn sound_turns<T>(work: impl FnOnce(Arc<sound::Cache>) -> T) -> usize
where
    T: Future,
{
    let cache = Arc::new(sound::Cache::default());
    work(cache.clone()).await;
    usize::from(*cache.turns.lock().unwrap() > 0)
}

crate::cases! {
    counts 0 underscore { turns(leaks::underscore).await }
    counts 0 statement { turns(leaks::statement).await }
    counts 0 temporary { turns(leaks::temporary).await }
    counts 0 set_of_one_statement { turns(leaks::set_of_one_statement).await }
    counts 0 own_type { turns(leaks::own_type).await }
    counts 0 opened_and_lost { turns(leaks::opened_and_lost).await }
    counts 0 start {
        turns(|cache| async move {
            leaks::start(cache).expect("it starts");
            crate::settle().await;
        }).await
    }
    counts 0 cancels_at_once { turns(|cache| leaks::cancels_at_once(cache, CancellationToken::new())).await }
    counts 0 half_of_a_pair {
        turns(|cache| async move {
            let _ = leaks::half_of_a_pair(cache).await;
        }).await
    }
    counts 1 cancels_by_underscore {
        let stop = CancellationToken::new();
        leaks::cancels_by_underscore(&stop).await;
        usize::from(stop.is_cancelled())
    }
    counts 1 named { sound_turns(sound::named).await }
    counts 1 kept_by_the_caller { sound_turns(sound::kept_by_the_caller).await }
    counts 1 set_in_a_variable { sound_turns(sound::set_in_a_variable).await }
    counts 1 of_several_owners { sound_turns(sound::of_several_owners).await }
}
