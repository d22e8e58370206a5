//! Handles that are lost while somebody waits for the task, or under the next one.

use spawnlint_fixtures::detached_by_await::{leaks, sound};
use std::{future::Future, future::pending, pin::Pin, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Notify, mpsc, oneshot},
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

struct Endless;

impl leaks::Plugin for Endless {
    fn run(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(pending())
    }
}

/// Lets a future start, gives it a sign, and runs it to its end.
async fn after(sign: impl FnOnce(), work: impl Future) {
    tokio::join!(work, async {
        sleep(Duration::from_millis(10)).await;
        sign();
    });
}

crate::cases! {
    leaks under_a_timeout { leaks::under_a_timeout("a").await }
    leaks until_a_deadline { leaks::until_a_deadline("a", Instant::now()).await }
    leaks loses_to_a_notification {
        let offline = Notify::new();
        after(|| offline.notify_one(), leaks::loses_to_a_notification("a", &offline)).await;
    }
    leaks all_under_one_timeout { leaks::all_under_one_timeout(&["a", "b"]).await }
    leaks in_a_block_under_a_timeout { leaks::in_a_block_under_a_timeout("a").await }
    leaks until_a_token {
        let closing = CancellationToken::new();
        after(|| closing.cancel(), leaks::until_a_token("a", closing.clone())).await;
    }
    leaks raced_by_reference_and_left { leaks::raced_by_reference_and_left("a").await }
    leaks left_by_another_arm {
        let (readings_in, readings) = mpsc::channel(1);
        after(|| drop(readings_in), leaks::left_by_another_arm("a", readings)).await;
    }
    leaks plugin_under_a_timeout { leaks::plugin_under_a_timeout(Box::new(Endless)).await }
    leaks left_with_more_to_come {
        let offline = Notify::new();
        after(|| offline.notify_one(), leaks::left_with_more_to_come(&["a", "b"], &offline)).await;
    }
    leaks in_one_of_two { leaks::in_one_of_two("a", true).await }
    leaks engine { leaks::Engine::start("a", Duration::from_millis(10)).stop().await }
    leaks fleet {
        let mut fleet = leaks::Fleet::default();
        fleet.add("a");
        fleet.stop().await
    }
    leaks restarted {
        let offline = Notify::new();
        let mut restarted = leaks::Restarted::start("a");
        after(|| offline.notify_one(), restarted.stop(&offline)).await;
    }
    counts 1 connection_under_a_timeout {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let guest = TcpStream::connect(listener.local_addr().expect("an address")).await.expect("a connection");
        leaks::connection_under_a_timeout(&listener).await.expect("it is accepted");
        crate::settle().await;
        let alive = crate::alive();
        drop(guest);
        alive
    }
    leaks watch_for_a_while { leaks::watch_for_a_while("a").await }
    leaks poll_until_told {
        let (offline, closing) = (Notify::new(), Notify::new());
        after(|| closing.notify_one(), leaks::poll_until_told("a", &offline, &closing)).await;
    }
    leaks supervisor_is_aborted {
        let session = leaks::Session::open("a");
        crate::settle().await;
        drop(session);
    }
    leaks follower {
        let mut follower = leaks::Follower::default();
        ["a", "b", "c"].map(|device| follower.follow(device));
        follower
    }
    leaks door {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let door = leaks::Door::new(listener);
        let _ = timeout(Duration::from_millis(50), async {
            let guests = (TcpStream::connect(address).await, TcpStream::connect(address).await);
            tokio::join!(door.serve(), pending::<()>());
            drop(guests);
        }).await;
        door.close();
    }
    leaks feed {
        let (again_in, again) = mpsc::channel(2);
        for feed in ["a", "b"] {
            again_in.send(feed.to_owned()).await.expect("there is room");
        }
        drop(again_in);
        leaks::Feed::new(again).run().await;
    }

    ends sound_engine { sound::Engine::start("a", Duration::from_millis(10)).stop().await }
    ends told { sound::Told::start("a").stop().await }
    ends sound_in_one_of_two { sound::in_one_of_two("a", true).await }
    ends aborted_when_late { sound::aborted_when_late("a").await }
    ends abort_handle_taken_before { sound::abort_handle_taken_before("a").await }
    ends aborted_on_drop { sound::aborted_on_drop("a").await }
    ends aborted_in_the_other_arm {
        let (leave, gone) = oneshot::channel::<()>();
        after(|| drop(leave), sound::aborted_in_the_other_arm("a", gone)).await
    }
    ends loser_is_given_back { sound::loser_is_given_back("a").await }
    ends short_work_under_a_timeout { sound::short_work_under_a_timeout("/nowhere".to_owned()).await }
    ends service { sound::Service::start("a").shut_down().await }
    ends signalled_before_the_bounded_wait { sound::signalled_before_the_bounded_wait("a").await }
    ends a_plain_future { sound::a_plain_future("a").await }
    ends guarded_for_a_while { sound::guarded_for_a_while("a").await }
    ends follower_that_looks {
        let mut follower = sound::Follower::default();
        follower.follow("a");
        follower.follow("b");
        follower.follow_after_stop("c");
        follower.follow_if_idle("d");
        follower
    }
    ends guarded_field {
        let mut guarded = sound::Guarded::default();
        ["a", "b", "c"].map(|device| guarded.follow(device));
        guarded
    }
    ends fixed { sound::Fixed::new("a") }
    ends replaced {
        let mut replaced = sound::Replaced::default();
        ["a", "b", "c"].map(|device| replaced.follow(device));
        replaced
    }
}
