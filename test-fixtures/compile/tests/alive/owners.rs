//! Handles in fields: whether the task goes with the struct.

use spawnlint_fixtures::task_outlives_owner::{leaks, sound};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};

fn metrics() -> Arc<leaks::Metrics> {
    Arc::default()
}

fn sound_metrics() -> Arc<sound::Metrics> {
    Arc::default()
}

crate::cases! {
    ends manager {
        let mut manager = sound::Manager::default();
        manager.add(1, Default::default());
        manager.shutdown().await;
    }
    leaks session { leaks::Session::open(metrics()) }
    counts 1 link {
        drop(leaks::Link::open(metrics()));
        crate::settle().await;
        crate::alive()
    }
    leaks pool {
        let pool = leaks::Pool::default();
        pool.grow(metrics());
        pool.stop();
    }
    leaks reporter {
        let mut reporter = leaks::Reporter::default();
        reporter.start(metrics());
        reporter.stop();
    }
    leaks watchers {
        let mut watchers = leaks::Watchers::default();
        watchers.watch("disk".to_owned(), metrics());
        watchers.unwatch("disk");
    }
    leaks job {
        let mut job = leaks::Job::idle();
        job.start(metrics());
    }
    leaks refresher { leaks::Refresher::spawn(metrics()) }
    leaks subscription { leaks::Subscription::new("news".to_owned(), metrics()) }
    leaks poller { leaks::Poller::start(metrics()) }
    leaks ticket { leaks::Ticket::issue(7, vec![0; 16]) }
    counts 1 client {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let writer = Arc::default();
        let client = leaks::Client::connect(address, Arc::clone(&writer)).await.expect("a connection");
        let _server = listener.accept().await.expect("a client");
        drop(client);
        crate::settle().await;
        crate::alive()
    }
    leaks supervisor { leaks::Supervisor::new(metrics()) }
    leaks monitor {
        let monitor = leaks::Monitor::default();
        monitor.watch(metrics());
        monitor.watch(metrics());
    }
    leaks feed {
        let mut feed = leaks::Feed::default();
        feed.follow("news", metrics());
    }
    leaks titles { leaks::Titles::default().begin(1, metrics()) }
    leaks feeds {
        let mut feeds = leaks::Feeds::default();
        feeds.follow("news", metrics());
        feeds.reset();
    }

    ends sound_session { sound::Session::open(sound_metrics()) }
    ends sound_link { sound::Link::open(sound_metrics()) }
    ends sound_pool {
        let pool = sound::Pool::default();
        pool.grow(sound_metrics());
        pool.stop();
    }
    ends sound_reporter {
        let mut reporter = sound::Reporter::default();
        reporter.start(sound_metrics());
        reporter.shutdown().await;
    }
    ends sound_watchers {
        let mut watchers = sound::Watchers::default();
        watchers.watch("disk".to_owned(), sound_metrics());
        watchers.watch("disk".to_owned(), sound_metrics());
        watchers.unwatch("disk");
    }
    ends sound_job { (sound::Job::start(sound_metrics()), sound::Job::drain(sound_metrics())) }
    ends cache { (sound::Cache::new(sound_metrics()), sound::Cache::with_suffix(sound_metrics())) }
    ends owned { sound::Owned::new(sound_metrics()) }
    ends smol { sound::Smol::new() }
    ends sound_monitor {
        let mut monitor = sound::Monitor::default();
        monitor.watch(Some(std::time::Duration::from_millis(5)), sound_metrics());
        monitor.rewatch(None, sound_metrics());
    }
    ends news { sound::News::default().follow(sound_metrics()) }
    ends player {
        let mut player = sound::Player::default();
        player.start(sound_metrics());
        player.stop();
    }
    ends sound_feed { sound::Feed::start(sound_metrics()) }
    ends sound_titles { sound::Titles::default().begin(1, sound_metrics()) }
    ends sound_feeds {
        let mut feeds = sound::Feeds::default();
        feeds.follow(sound_metrics());
        feeds.reset();
    }
    ends tail { sound::Tail::start(sound_metrics()) }
    ends hub { sound::Hub::start() }
    ends started { sound::Started::new(sound_metrics()).into_task().abort() }
    ends parts { sound::parts(sound_metrics()).abort.abort() }
    ends aborted_by_a_macro { sound::Macro::start(sound_metrics()) }
    ends warmup { sound::Warmup::new(sound_metrics()) }
    ends connection {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let peer = TcpStream::connect(listener.local_addr().expect("an address")).await.expect("a connection");
        let (stream, _) = listener.accept().await.expect("a client");
        (sound::Connection::serve(stream), peer)
    }
}
