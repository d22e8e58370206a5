//! A task for a task, and a set for a task: counted while they run.

use crate::alive;
use spawnlint_fixtures::{
    double_spawn::{leaks as double, sound as single},
    single_task_join_set::{leaks as sets, sound as full_sets},
};
use std::{future::Future, pin::pin, sync::Arc, time::Duration};
use tokio::{sync::mpsc, time::sleep};
use tokio_util::sync::CancellationToken;

fn clip() -> double::Clip {
    double::Clip { name: "a".to_owned(), frames: vec![vec![0; 16]] }
}

fn sound_clip() -> Arc<single::Clip> {
    Arc::new(single::Clip { name: "a".to_owned(), frames: vec![vec![0; 16]] })
}

/// How many tasks there are as soon as all that were started have run once.
async fn soon() -> usize {
    sleep(Duration::from_millis(10)).await;
    alive()
}

/// How many tasks a future has while it is at its first wait.
async fn during<T>(work: impl Future<Output = T>) -> usize {
    let mut work = pin!(work);
    tokio::select! {
        biased;
        _ = &mut work => panic!("it did not wait"),
        count = async { tokio::task::yield_now().await; alive() } => count,
    }
}

/// What is left of a future's tasks, of which one runs at its first wait, when whoever waits gives up there.
async fn after_giving_up<T>(work: impl Future<Output = T>) -> usize {
    assert_eq!(during(work).await, 1);
    crate::settle().await;
    alive()
}

// The encoder works for 200 ms, so at the time of counting it is still at it: that is the one task that stays. The one
// that only waited for it is gone, or owns it; `outer_is_aborted` tells whether it does.
crate::cases! {
    counts 2 => 1 | 2 waits { double::waits(clip()); soon().await }
    counts 2 => 1 | 2 waits_and_logs { double::waits_and_logs(clip()); soon().await }
    counts 2 => 1 | 2 waits_and_logs_a_panic_only { double::waits_and_logs_a_panic_only(clip()); soon().await }
    counts 2 => 1 | 2 waits_and_counts { let _task = double::waits_and_counts(clip(), Arc::default()); soon().await }
    counts 2 => 1 | 2 waits_and_sends { double::waits_and_sends(clip(), mpsc::channel(1).0); soon().await }
    counts 2 => 2 waits_in_a_function { double::waits_in_a_function(clip()); soon().await }
    counts 2 => 1 | 2 waits_through_map { double::waits_through_map(clip()); soon().await }
    counts 1 => 1 spawns_and_leaves { double::spawns_and_leaves(clip()); soon().await }
    counts 1 => 1 checks_and_spawns { double::checks_and_spawns(clip()); soon().await }
    counts 1 => 0 serves {
        let _ = tokio::time::timeout(Duration::from_millis(10), double::serve(std::future::pending())).await;
        crate::settle().await;
        alive()
    }
    keeps 1 samples { double::sample(&double::Sampler::new()); soon().await }
    counts 3 drains_a_set { double::drains_a_set(vec![clip(), clip()]); soon().await }
    counts 2 => 2 stream { double::Stream::new(mpsc::channel(1).0).add(clip()); soon().await }
    counts 2 => 1 | 2 boxed { double::boxed(clip()); soon().await }
    // Aborting the outer task leaves the inner one alone.
    leaks outer_is_aborted {
        let outer = double::waits_and_counts(clip(), Arc::default());
        soon().await;
        outer.abort();
    }
    leaks outer_of_a_method_is_aborted {
        let outer = double::Stream::new(mpsc::channel(1).0).add_and_tell(clip());
        soon().await;
        outer.abort();
    }
    leaks outer_leaves { let outer = double::spawns_and_tells(clip()); soon().await; outer.abort(); }
    counts 1 shielded { during(single::shielded(sound_clip())).await }
    counts 1 a_plain_future { single::a_plain_future(sound_clip()); soon().await }

    // Such sets leak nothing: they end their task when they are dropped, and so must what takes their place.
    keeps 0 joined_once { after_giving_up(sets::joined_once()).await }
    keeps 0 with_a_type { after_giving_up(sets::with_a_type()).await }
    keeps 0 with_a_turbofish { after_giving_up(sets::with_a_turbofish()).await }
    keeps 0 meant_as_abort_on_drop { after_giving_up(sets::meant_as_abort_on_drop(Arc::default())).await }
    keeps 0 one_in_each_branch { after_giving_up(sets::one_in_each_branch(true)).await }
    keeps 0 one_in_each_arm { after_giving_up(sets::one_in_each_arm(Some(1))).await }
    keeps 0 under_a_timeout { after_giving_up(sets::under_a_timeout()).await }
    keeps 0 raced { after_giving_up(sets::raced(CancellationToken::new())).await }
    counts 2 two_tasks { during(full_sets::two_tasks()).await }
    counts 3 in_a_loop { during(full_sets::in_a_loop(&[1, 2, 3])).await }
    ends returned { full_sets::returned() }
}
