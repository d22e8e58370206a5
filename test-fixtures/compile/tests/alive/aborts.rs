//! Aborts that end nothing: whether the work still makes turns after its abort, or after its owner is gone.

use crate::settle;
use spawnlint_fixtures::{
    abandoned_blocking,
    ineffective_abort::{leaks, sound},
};
use std::{future::Future, sync::atomic::Ordering};

type Turns = leaks::Turns;

/// 1 if the work goes on after whoever started it is gone, otherwise 0.
async fn goes_on<T>(work: impl FnOnce(Turns) -> T) -> usize
where
    T: Future,
{
    let turns = Turns::default();
    crate::end(work(turns.clone()).await);
    settle().await;
    let before = turns.load(Ordering::Relaxed);
    usize::from(has_turned(&turns, before).await)
}

/// Whether there is a turn after these. A thread of its own may have to wait long for its time on a busy machine.
async fn has_turned(turns: &Turns, before: u64) -> bool {
    for _ in 0..30 {
        settle().await;
        if turns.load(Ordering::Relaxed) > before {
            return true;
        }
    }
    false
}

/// Something that is started by a plain function, has time to begin, and is dropped.
async fn started<T>(start: impl FnOnce(Turns) -> T) -> usize {
    goes_on(|turns| async move {
        let owner = start(turns.clone());
        has_turned(&turns, 0).await;
        crate::end(owner);
    })
    .await
}

crate::cases! {
    counts 1 blocking { goes_on(leaks::blocking).await }
    counts 1 in_rounds { goes_on(abandoned_blocking::leaks::in_rounds).await }
    counts 1 meter { started(leaks::Meter::start).await }
    counts 1 sampler { started(leaks::Sampler::start).await }
    counts 1 in_a_set { goes_on(leaks::in_a_set).await }
    counts 1 poller { started(leaks::Poller::start).await }
    counts 1 bound { goes_on(leaks::bound).await }
    counts 1 abortable_on_drop { goes_on(leaks::abortable_on_drop).await }
    counts 1 registered_and_dropped { started(leaks::registered_and_dropped).await }
    counts 1 cancelled_unawaited { goes_on(leaks::cancelled_unawaited).await }
    counts 1 unregistered {
        goes_on(|turns| leaks::unregistered(async move {
            loop {
                tokio::time::sleep(std::time::Duration::from_millis(2)).await;
                turns.fetch_add(1, Ordering::Relaxed);
            }
        })).await
    }
    counts 1 never_pauses { goes_on_elsewhere(leaks::never_pauses) }
    counts 0 writer { started(sound::Writer::start).await }
    counts 0 with_a_flag { goes_on(sound::with_a_flag).await }
    counts 0 sound_poller { started(sound::Poller::start).await }
    counts 0 aborted { goes_on(sound::aborted).await }
    counts 0 one_of_two_handles { goes_on(sound::one_of_two_handles).await }
    counts 0 abortable_and_aborted { goes_on(sound::abortable_and_aborted).await }
    counts 0 cancelled_and_awaited { goes_on(sound::cancelled_and_awaited).await }
    counts 0 smol_cancelled { goes_on(sound::smol_cancelled).await }
    counts 0 yields { goes_on(sound::yields).await }
    counts 0 pauses_below { goes_on(sound::pauses_below).await }
}

/// A loop that never pauses keeps its runtime's thread, so it is counted from outside, on a runtime of two.
fn goes_on_elsewhere<W: Future>(work: impl FnOnce(Turns) -> W + Send + 'static) -> usize {
    let counting = std::thread::spawn(|| {
        let turns = Turns::default();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        runtime.block_on(work(turns.clone()));
        let pause = || std::thread::sleep(std::time::Duration::from_millis(50));
        pause();
        let before = turns.load(Ordering::Relaxed);
        pause();
        runtime.shutdown_background();
        usize::from(turns.load(Ordering::Relaxed) > before)
    });
    counting.join().expect("it counts")
}
