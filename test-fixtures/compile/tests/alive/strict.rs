//! Tasks that go on when their owner, their stream or the future that waits for them is gone.

use spawnlint_fixtures::{abandoned_blocking, cancel_unsafe_join, stop_without_drop, unowned_task};
use std::{
    future::{Future, pending},
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// A source that never gives anything.
struct Silent;

impl unowned_task::leaks::Source for Silent {
    fn next(&mut self) -> impl Future<Output = Option<u64>> + Send {
        pending()
    }
}

impl unowned_task::sound::Source for Silent {
    fn next(&mut self) -> impl Future<Output = Option<u64>> + Send {
        pending()
    }
}

/// Starts a future and drops it half-way.
async fn half_way(work: impl Future) {
    let _ = timeout(Duration::from_millis(10), work).await;
}

fn journal() -> Arc<unowned_task::leaks::Journal> {
    Arc::default()
}

struct Prompt;

impl unowned_task::sound::Peer for Prompt {
    async fn ask(&mut self, question: u64) -> u64 {
        question
    }
}

/// What is stopped, and kept; a guard beside it goes.
trait Stopped {
    fn stopped(self) -> unowned_task::leaks::Flow;
}

impl Stopped for unowned_task::leaks::Flow {
    fn stopped(self) -> unowned_task::leaks::Flow {
        self.stop();
        self
    }
}

impl<G> Stopped for (unowned_task::leaks::Flow, G) {
    fn stopped(self) -> unowned_task::leaks::Flow {
        self.0.stopped()
    }
}

crate::cases! {
    leaks rows { unowned_task::leaks::rows(Silent, journal()) }
    leaks rows_in_a_struct { unowned_task::leaks::Rows::open(Silent, journal()) }
    leaks handed_in { unowned_task::leaks::handed_in(pending(), journal()) }
    leaks entered { unowned_task::leaks::entered(&tokio::runtime::Handle::current(), pending(), journal()) }
    leaks until_told { unowned_task::leaks::until_told(Arc::new(AtomicBool::new(false)), journal()) }
    leaks dressed { unowned_task::leaks::dressed(pending()) }
    leaks fed {
        let mut feed = unowned_task::methods::Feed::open(journal());
        feed.follow(pending());
        feed
    }
    leaks joined {
        let hub = unowned_task::methods::Hub::open(journal());
        hub.join(pending()).await;
        hub
    }
    leaks mirrored {
        let hub = unowned_task::methods::Hub::open(journal());
        hub.mirror(pending());
        hub
    }
    counts 2 => 0 added_two {
        let mut pool = unowned_task::methods::Pool::new(journal());
        pool.add_two(pending(), pending());
        crate::end(pool);
        crate::settle().await;
        crate::alive()
    }
    leaks watched {
        let client = unowned_task::methods::Client::connect(journal());
        client.watch(pending());
        client
    }
    leaks added {
        let mut pool = unowned_task::methods::Pool::new(journal());
        pool.add(pending());
        pool
    }
    leaks mailbox { unowned_task::given::Mailbox::open(pending(), journal()) }
    leaks connected { unowned_task::given::connect(pending(), journal()) }
    leaks group_with_beat { unowned_task::given::Group::join(Some(pending()), journal()) }
    leaks group_of_jobs { unowned_task::given::Group::of(vec![pending()], journal()) }
    leaks reported { unowned_task::given::report(true, pending(), journal()) }
    leaks halves { half_way(unowned_task::given::whole(pending(), journal())).await }
    counts 2 => 0 club {
        crate::end(unowned_task::given::Club::found(pending(), Some(pending()), pending()));
        crate::settle().await;
        crate::alive()
    }
    leaks alarm { unowned_task::given::Alarm::set("fire", Some(pending())) }
    leaks readings { unowned_task::leaks::readings(Silent) }
    leaks answered { unowned_task::given::answer(1, pending(), journal()) }
    leaks watching { unowned_task::methods::Watch::over(pending(), &journal()) }
    leaks opened {
        let sessions = unowned_task::methods::Sessions::new(journal());
        sessions.greet();
        sessions.open(pending());
        sessions
    }
    // A guard in what is returned ends it with that, and not with `stop`.
    counts 1 => 0 | 1 flow {
        let _flow = Stopped::stopped(unowned_task::leaks::Flow::start(journal()));
        crate::settle().await;
        crate::alive()
    }
    counts 0 stopped_flow {
        let flow = unowned_task::sound::Flow::start(journal());
        flow.stop();
        crate::settle().await;
        crate::alive()
    }
    ends actor { unowned_task::sound::Actor::start(journal()) }
    ends raced_rows { unowned_task::sound::rows(Silent, journal()) }
    ends guarded { unowned_task::sound::Guarded::start(Silent, journal()) }
    ends cancelling { unowned_task::sound::Cancelling::start(Silent, journal()) }
    ends cache { unowned_task::sound::Cache::start() }
    ends worker { unowned_task::sound::Worker::start(Silent, journal()) }
    ends short { unowned_task::sound::short(journal()) }
    ends numbers { unowned_task::sound::numbers(journal()) }
    ends pending_of_a_type {
        let owner = unowned_task::sound::Pending::default();
        owner.start(pending());
        owner
    }
    ends request { unowned_task::sound::refresh(Prompt, journal()) }
    ends told {
        let stop = CancellationToken::new();
        unowned_task::sound::handed_in(stop.clone(), journal());
        stop.drop_guard()
    }

    leaks aborted { stop_without_drop::leaks::Aborted::start(journal()) }
    leaks told_to_stop { stop_without_drop::leaks::Told::start(journal()) }
    leaks notified { stop_without_drop::leaks::Notified::start(journal()) }
    leaks flagged { stop_without_drop::leaks::Flagged::start(journal()) }
    leaks told_and_awaited { stop_without_drop::leaks::Awaited::start(journal()) }
    leaks told_at_the_end { stop_without_drop::leaks::Finished::start(journal()) }
    leaks taken_apart { stop_without_drop::leaks::Worker::start(journal()) }
    leaks link {
        let link = stop_without_drop::leaks::Link::open(7, journal());
        let copy = link.clone();
        crate::end(link);
        copy
    }
    leaks pump { stop_without_drop::leaks::Pump::start(journal()) }
    ends aborted_by_drop { stop_without_drop::sound::Aborted::start(journal()) }
    ends owned { stop_without_drop::sound::Owned::start(journal()) }
    ends guard_beside { stop_without_drop::sound::Guarded::start(journal()) }
    ends actor_with_handle { stop_without_drop::sound::Actor::start(journal()) }

    // The first is awaited at once, so that it goes on is meant.
    counts 2 => 1 one_behind_another {
        half_way(cancel_unsafe_join::leaks::one_behind_another(pending(), pending())).await;
        crate::settle().await;
        crate::alive()
    }
    leaks all_in_a_list { half_way(cancel_unsafe_join::leaks::all_in_a_list(vec![pending()])).await }
    leaks joined_at_once { half_way(cancel_unsafe_join::leaks::joined_at_once(vec![pending()])).await }
    leaks one_for_each_part {
        half_way(cancel_unsafe_join::leaks::one_for_each_part(1, |_| Box::pin(pending()))).await
    }
    leaks aborted_at_the_end { half_way(cancel_unsafe_join::leaks::aborted_at_the_end(pending())).await }
    ends in_a_set { half_way(cancel_unsafe_join::sound::in_a_set(vec![pending()])).await }
    ends aborted_by_its_handle { half_way(cancel_unsafe_join::sound::aborted_by_its_handle(pending())).await }
    ends awaited { abandoned_blocking::sound::awaited(10).await }
}
