//! Tokens that nobody cancels, and others.

use spawnlint_fixtures::never_cancelled_token::{leaks, sound};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

fn metrics() -> Arc<leaks::Metrics> {
    Arc::default()
}

fn sound_metrics() -> Arc<sound::Metrics> {
    Arc::default()
}

crate::cases! {
    leaks local_token { leaks::local_token(metrics()) }
    leaks session { leaks::Session::open(metrics()) }
    counts 2 server {
        let server = leaks::Server::new(metrics());
        server.accept();
        server.accept_directly();
        drop(server);
        crate::settle().await;
        crate::alive()
    }
    leaks hub { leaks::Hub::new(metrics()).start() }
    leaks defaults { leaks::defaults() }
    leaks cancels_the_wrong_one { leaks::cancels_the_wrong_one(metrics()) }
    leaks tail { leaks::Tail::start(metrics()) }
    leaks cache { leaks::Cache::new(metrics()) }
    leaks upload { leaks::Upload::begin(vec![vec![0; 16]]) }
    counts 3 start_all {
        leaks::start_all(3, metrics());
        crate::settle().await;
        crate::alive()
    }

    ends cancelled_at_the_end { sound::local_token(sound_metrics()).await }
    ends guarded_session { sound::Session::open(sound_metrics()) }
    ends sound_server {
        let server = sound::Server::new(sound_metrics());
        server.accept();
        server
    }
    ends handed_in {
        let stop = CancellationToken::new();
        sound::handed_in(stop.clone(), sound_metrics());
        stop.cancel();
    }
    ends handed_back { sound::handed_back(sound_metrics()).cancel() }
    ends sound_hub { sound::Hub::start(sound_metrics()).token().cancel() }
    ends open { sound::Open::start(sound_metrics()).stop.cancel() }
    ends watchers {
        let watchers = sound::Watchers::default();
        watchers.watch("disk".to_owned(), sound_metrics());
        watchers.unwatch("disk");
    }
    ends sibling { sound::cancelled_by_a_sibling(sound_metrics()) }
    ends closure { sound::cancelled_by_a_closure(sound_metrics())() }
    ends by_a_macro { sound::cancelled_by_a_macro(sound_metrics()).await }
    ends anyway { sound::ends_anyway(sound_metrics()) }
    ends sound_tail { sound::Tail::start(sound_metrics()) }
    ends set { sound::owned_by_a_set(sound_metrics()).await }
    ends sound_cache { sound::Cache::new(sound_metrics()).close() }
}
