//! Handles that are dropped.

use crate::{alive, settle};
use futures::executor::ThreadPool;
use spawnlint_fixtures::dropped_join_handle::{leaks, runtimes, servers, sound};
use std::{future::Future, future::pending, io, path::PathBuf, pin::Pin, sync::Arc, time::Duration};
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream, UdpSocket},
    sync::broadcast,
};
use tokio_util::sync::CancellationToken;

fn journal() -> Arc<leaks::Journal> {
    Arc::default()
}

fn sound_journal() -> Arc<sound::Journal> {
    Arc::default()
}

/// A plugin that never ends.
struct Endless;

impl leaks::Plugin for Endless {
    fn run(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(pending())
    }
}

impl sound::Plugin for Endless {
    fn run(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(pending())
    }
}

/// A registry that never answers well.
struct Broken;

impl leaks::Registry for Broken {
    fn release<'a>(&'a self, _: &'a str) -> Pin<Box<dyn Future<Output = io::Result<()>> + Send + 'a>> {
        Box::pin(async { Err(io::ErrorKind::TimedOut.into()) })
    }
}

fn endless() -> Box<Endless> {
    Box::new(Endless)
}

/// How many hold the journal when whoever started that is gone. The runtime is another one, so its tasks are not
/// counted, and take their time to end.
async fn holders<T>(start: impl FnOnce(Arc<runtimes::Journal>) -> T) -> usize {
    let journal = Arc::<runtimes::Journal>::default();
    crate::end(start(journal.clone()));
    for _ in 0..20 {
        if Arc::strong_count(&journal) == 1 {
            break;
        }
        settle().await;
    }
    Arc::strong_count(&journal) - 1
}

/// A peer that keeps its side of the connection open.
async fn peer() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    (listener, address)
}

crate::cases! {
    leaks as_statement { leaks::as_statement(journal()) }
    leaks in_a_block { leaks::in_a_block(&journal(), "a") }
    leaks dropped_by_name { leaks::dropped_by_name(journal()) }
    leaks dropped_at_once { leaks::dropped_at_once(journal()) }
    leaks forgotten { leaks::forgotten(journal()) }
    leaks assigned_to_nothing { leaks::assigned_to_nothing(journal()) }
    leaks asked_for_its_id { leaks::asked_for_its_id(journal()) }
    leaks asked_whether_it_is_done { leaks::asked_whether_it_is_done(journal()) }
    leaks only_measured { leaks::only_measured(vec![journal(), journal()]) }
    leaks second_of_a_pair { leaks::second_of_a_pair(journal()) }
    // Longer than a bound that clean-up may have.
    counts 1 session {
        drop(leaks::session(journal(), "a"));
        tokio::time::sleep(Duration::from_millis(5200)).await;
        crate::alive()
    }
    counts 1 lock {
        drop(leaks::Lock { registry: Arc::new(Broken), name: "a".to_owned() });
        tokio::time::sleep(Duration::from_millis(5200)).await;
        crate::alive()
    }
    leaks bound_to_underscore { leaks::bound_to_underscore(endless()) }
    leaks bound_to_a_name { leaks::bound_to_a_name(endless()) }
    leaks lost_from_a_pair { leaks::lost_from_a_pair() }
    leaks ignored_in_a_pair { leaks::ignored_in_a_pair() }
    leaks left_in_a_pair { leaks::left_in_a_pair() }
    leaks lost_from_a_result { leaks::lost_from_a_result(PathBuf::from("/etc/hosts")).await }
    leaks lost_in_a_match { leaks::lost_in_a_match(PathBuf::from("/etc/hosts")).await }
    leaks lost_from_a_pair_in_a_pair { leaks::lost_from_a_pair_in_a_pair() }
    leaks listens_with_a_name { leaks::listens_with_a_name(PathBuf::from("/")) }
    leaks follows { leaks::follows(Arc::default(), futures::stream::pending()) }
    leaks instrumented_on_the_wrong_side { leaks::instrumented_on_the_wrong_side(endless()) }
    leaks collected_and_lost { leaks::collected_and_lost(vec![endless(), endless()]) }
    leaks lost_by_question_mark { leaks::lost_by_question_mark(endless(), PathBuf::from("/no/such/file")).await }
    leaks used_in_one_branch { leaks::used_in_one_branch(endless(), false).await }
    leaks serve_next { let _ = leaks::serve_next("/no/such/file").await; }
    counts 1 lost_by_early_return {
        // The socket fails because the peer's port is closed.
        let gone = UdpSocket::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        socket.connect(gone).await.expect("an address");
        socket.send(b"?").await.ok();
        leaks::lost_by_early_return(endless(), socket).await;
        settle().await;
        alive()
    }
    counts 1 subscribe {
        let (listener, address) = peer().await;
        drop(leaks::subscribe(&address).await);
        let _connection = listener.accept().await;
        settle().await;
        alive()
    }
    counts 1 mirror {
        let (listener, address) = peer().await;
        leaks::mirror(&address, Arc::default()).await.expect("a connection");
        let _connection = listener.accept().await;
        settle().await;
        alive()
    }
    counts 1 events {
        let (listener, address) = peer().await;
        let (events, _) = broadcast::channel(4);
        servers::events(address.parse().expect("an address"), events).await.expect("a connection");
        let _connection = listener.accept().await;
        settle().await;
        alive()
    }
    counts 1 client {
        let (listener, address) = peer().await;
        drop(servers::Client::connect(address.parse().expect("an address")).await);
        let _connection = listener.accept().await;
        settle().await;
        alive()
    }

    ends no_wait { sound::no_wait(sound_journal()) }
    ends reply_to_the_caller { sound::reply_to_the_caller() }
    ends ends_when_the_caller_leaves { sound::ends_when_the_caller_leaves(endless()) }
    ends aborted_on_every_way_out { sound::aborted_on_every_way_out(sound_journal(), "/no/such/file").await }
    ends aborted_from_a_pair { sound::aborted_from_a_pair() }
    ends listens_until_closed { sound::listens_until_closed(PathBuf::from("/")) }
    ends follows_to_the_end { sound::follows(sound_journal(), futures::stream::empty()) }
    ends owned { sound::owned(sound_journal()) }
    ends flusher { sound::Flusher::start(sound_journal()) }
    ends guarded_for_the_scope { sound::guarded_for_the_scope(sound_journal()).await }
    ends in_a_set { sound::in_a_set(vec![sound_journal(), sound_journal()]) }
    ends all_joined { sound::all_joined(vec![sound_journal(), sound_journal()]).await }
    ends raced_with_a_token {
        let stop = CancellationToken::new();
        let _guard = stop.clone().drop_guard();
        sound::raced_with_a_token(sound_journal(), stop);
    }
    ends run_until_cancelled {
        let stop = CancellationToken::new();
        let _guard = stop.clone().drop_guard();
        sound::run_until_cancelled(endless(), stop);
    }
    ends raced_by_reference {
        let (quit_in, quit) = tokio::sync::oneshot::channel();
        drop(quit_in);
        sound::raced_by_reference(endless(), quit).await
    }
    counts 0 sound_subscribe {
        let (listener, address) = peer().await;
        drop(sound::subscribe(&address).await);
        let _connection = listener.accept().await;
        settle().await;
        alive()
    }
    counts 0 adopted_connection {
        let (listener, address) = peer().await;
        let mut client = TcpStream::connect(address).await.expect("a connection");
        sound::adopt(listener.accept().await.expect("a connection").0);
        settle().await;
        assert_eq!(alive(), 1);
        tokio::io::AsyncWriteExt::shutdown(&mut client).await.expect("a connection");
        client.read_to_end(&mut Vec::new()).await.expect("a connection");
        settle().await;
        alive()
    }
    counts 1 async_std_statement { holders(runtimes::async_std_statement).await }
    counts 1 on_what_derefs_to_a_runtime { holders(runtimes::on_what_derefs_to_a_runtime).await }
    leaks on_whichever_runtime { runtimes::on_whichever_runtime::<runtimes::OnTokio>(Arc::default()) }
    counts 1 on_whichever_other_runtime { holders(runtimes::on_whichever_runtime::<runtimes::OnAsyncStd>).await }
    counts 0 kept_on_whichever_runtime { holders(runtimes::OnWhichever::start::<runtimes::OnAsyncStd>).await }
    counts 1 async_std_name { holders(runtimes::async_std_name).await }
    counts 1 smol_detached { holders(runtimes::smol_detached).await }
    counts 1 thread_pool {
        let pool = ThreadPool::new().expect("threads can be started");
        holders(|journal| runtimes::thread_pool(&pool, journal)).await
    }
    counts 1 spawn_ext {
        let pool = ThreadPool::new().expect("threads can be started");
        holders(|journal| runtimes::spawn_ext(&pool, journal)).await
    }
    counts 1 remote_handle_forgotten {
        let pool = ThreadPool::new().expect("threads can be started");
        holders(|journal| runtimes::remote_handle_forgotten(&pool, journal)).await
    }
    ends local_set { runtimes::on_a_set_of_the_function(Arc::default()).await }
}
