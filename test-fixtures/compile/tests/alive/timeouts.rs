//! Long waits.

use spawnlint_fixtures::{
    long_timeout_in_task::{leaks, sound},
    stories::streaming_service::{self as story, PlayerEvent},
};
use std::{future::Future, sync::Mutex, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot, watch},
};
use tokio_util::sync::CancellationToken;

fn upload() -> leaks::Upload {
    leaks::Upload { name: "a".to_owned(), chunks: vec![vec![0; 1024]] }
}

fn sound_upload() -> sound::Upload {
    sound::Upload { name: "a".to_owned(), chunks: Vec::new() }
}

fn session() -> story::Session {
    story::Session { id: 1, segments: vec![vec![0; 1024]] }
}

async fn socket() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let client = TcpStream::connect(listener.local_addr().expect("an address")).await.expect("a connection");
    (client, listener.accept().await.expect("a connection").0)
}

/// Lets a future start, and drops it.
async fn begin(work: impl Future) {
    let _ = tokio::time::timeout(Duration::from_millis(20), work).await;
}

/// What a shape gives, without what would end its task: the leaking shape gives nothing else.
trait WithoutOwner {
    fn without_owner(self) -> oneshot::Sender<()>;
}

impl WithoutOwner for oneshot::Sender<()> {
    fn without_owner(self) -> oneshot::Sender<()> {
        self
    }
}

impl<T> WithoutOwner for (oneshot::Sender<()>, T) {
    fn without_owner(self) -> oneshot::Sender<()> {
        self.0
    }
}

crate::cases! {
    leaks client {
        let (ask, asked) = mpsc::channel(1);
        ask.send((1, Duration::from_secs(3600))).await.expect("it is received");
        drop(ask);
        leaks::Client::open().run(asked).await
    }
    ends sound_client {
        let (ask, asked) = mpsc::channel(1);
        ask.send((1, Duration::from_millis(1))).await.expect("it is received");
        drop(ask);
        sound::Client::open().run(asked).await
    }
    counts 1 bound_to_a_name {
        // Whoever has the sender keeps it, which is what the timeout was for.
        let (_finish, finished) = mpsc::channel(1);
        leaks::bound_to_a_name(finished, upload());
        crate::settle().await;
        crate::alive()
    }
    counts 1 as_statement {
        let (_finish, finished) = oneshot::channel();
        leaks::as_statement(finished, upload());
        crate::settle().await;
        crate::alive()
    }
    counts 1 sender_returned {
        let _finish = leaks::sender_returned(upload()).without_owner();
        crate::settle().await;
        crate::alive()
    }
    counts 1 sender_kept {
        let waiters = Mutex::default();
        leaks::sender_kept(&waiters, upload());
        crate::settle().await;
        crate::alive()
    }
    leaks forget_later { leaks::forget_later(leaks::Uploads::default(), "a".to_owned()) }
    leaks linger { leaks::linger(socket().await.0) }
    leaks until_a_deadline { leaks::until_a_deadline(upload()) }
    leaks retry_after_an_hour { leaks::retry_after_an_hour(upload()) }
    leaks around_the_task { leaks::around_the_task(upload()) }
    counts 1 in_a_called_function {
        let (_version, versions) = watch::channel(0);
        leaks::in_a_called_function(versions, upload());
        crate::settle().await;
        crate::alive()
    }
    counts 1 serve {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let _client = TcpStream::connect(listener.local_addr().expect("an address")).await.expect("a connection");
        begin(leaks::serve(listener, leaks::Settings { keep: Duration::from_secs(600) })).await;
        crate::settle().await;
        crate::alive()
    }
    leaks resend { leaks::Resend::new(leaks::Uploads::default()).start("a") }
    leaks lease { leaks::Lease::new(leaks::Uploads::default(), "a", Duration::from_secs(600)) }
    leaks expiry {
        let mut expiry = leaks::Expiry::default();
        expiry.restart(leaks::Uploads::default(), "a".to_owned());
        expiry
    }

    ends raced_with_a_token {
        let stop = CancellationToken::new();
        sound::raced_with_a_token(sound::Uploads::default(), "a".to_owned(), stop.clone());
        stop.cancel();
    }
    ends raced_with_the_listener {
        let (_report, reports) = mpsc::channel(1);
        sound::raced_with_the_listener(reports, oneshot::channel().0);
    }
    ends whole_task_raced {
        let stop = CancellationToken::new();
        sound::whole_task_raced(stop.clone(), sound_upload());
        stop.cancel();
    }
    ends sender_of_the_connection {
        let (client, server) = socket().await;
        drop(client);
        sound::handle(server).await
    }
    ends hourly {
        let stop = CancellationToken::new();
        sound::hourly(sound::Uploads::default(), stop.clone());
        stop.cancel();
    }
    ends abort_on_drop { sound::abort_on_drop(sound::Uploads::default(), "a".to_owned()) }
    ends sound_expiry {
        let mut expiry = sound::Expiry::default();
        expiry.restart(sound::Uploads::default(), "a".to_owned());
        expiry.restart(sound::Uploads::default(), "b".to_owned());
        expiry
    }
    ends timers {
        let mut timers = sound::Timers::default();
        timers.add(sound::Uploads::default(), "a".to_owned());
        timers
    }

    counts 1 first_version {
        let players = story::Players::default();
        story::first_version::on_connect(&players, session());
        crate::settle().await;
        crate::alive()
    }
    counts 1 shorter_timeout {
        let players = story::Players::default();
        story::shorter_timeout::on_connect(&players, session());
        crate::settle().await;
        crate::alive()
    }
    counts 1 token_without_cancel {
        let players = story::Players::default();
        story::token_without_cancel::on_connect(&players, session());
        crate::settle().await;
        crate::alive()
    }
    // Half a minute is a bound; what a rewrite changes is that one of the two ends with the other.
    counts 2 => 2 double_spawn {
        let players = story::Players::default();
        story::double_spawn::on_connect(&players, session());
        crate::settle().await;
        crate::alive()
    }
    ends one_task_join_set {
        let (_player, events) = mpsc::channel::<PlayerEvent>(1);
        begin(story::one_task_join_set::play(session(), events)).await;
    }
    counts 0 abort_on_disconnect {
        let players = story::Players::default();
        let player = story::abort_on_disconnect::on_connect(&players, session());
        crate::settle().await;
        assert_eq!(crate::alive(), 1);
        player.on_disconnect();
        crate::settle().await;
        crate::alive()
    }
}
