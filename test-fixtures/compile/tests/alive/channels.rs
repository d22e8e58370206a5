//! Channels that cannot close, closes that nobody notices, owners that their tasks keep.

use futures::StreamExt;
use spawnlint_fixtures::{
    forgotten_channel as forgotten, ignored_close as ignored, self_sustaining_task as sustaining,
};
use std::sync::Arc;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

fn stats() -> Arc<ignored::leaks::Stats> {
    Arc::default()
}

fn sound_stats() -> Arc<ignored::sound::Stats> {
    Arc::default()
}

/// Waits until a task has put its sender there, and drops it.
async fn emptied<T: Default>(pending: &std::sync::Mutex<T>) {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    *pending.lock().unwrap() = T::default();
}

crate::cases! {
    leaks requeues_what_failed { forgotten::leaks::requeues_what_failed() }
    leaks sender_in_the_context { forgotten::leaks::hands_the_sender_in_with_the_context() }
    leaks follows_a_static { forgotten::leaks::follows_a_static("client".to_owned()) }
    leaks opens_the_audit_log { forgotten::leaks::opens_the_audit_log() }
    leaks forgets_the_sender { forgotten::leaks::forgets_the_sender("task".to_owned()) }
    leaks leaks_the_sender { forgotten::leaks::leaks_the_sender() }
    leaks bus { forgotten::leaks::Bus::new().echo() }
    leaks room { forgotten::leaks::Room::new("room").record() }
    leaks drains_in_a_function { forgotten::leaks::drains_in_a_function("queue".to_owned()) }
    leaks prints_with_a_context { forgotten::leaks::prints_with_a_context() }
    leaks house { forgotten::leaks::House::new("house").open() }
    leaks heartbeat { forgotten::circles::Client::open() }
    leaks passes_round { forgotten::circles::passes_round("word".to_owned()).await }
    leaks follows_a_value { forgotten::circles::follows_a_value() }
    leaks asks_and_answers { forgotten::circles::asks_and_answers() }
    // Of the two one is handed out; what the other waits for comes no more.
    counts 2 => 0 | 1 waits_for_each_other {
        crate::end(forgotten::circles::waits_for_each_other());
        crate::settle().await;
        crate::alive()
    }
    // Of the two one is handed out; what the other waits for comes no more.
    counts 2 => 0 | 1 tells_when_it_is_done {
        crate::end(forgotten::circles::tells_when_it_is_done());
        crate::settle().await;
        crate::alive()
    }
    leaks retries { forgotten::leaks::Client::new(forgotten::leaks::OnTokio).start_retries() }

    ends hands_the_sender_out { forgotten::sound::hands_the_sender_out() }
    ends beats_weakly { forgotten::sound::Beating::weakly() }
    ends beats_until_cancelled {
        let stop = CancellationToken::new();
        let beating = forgotten::sound::Beating::until_cancelled(stop.clone());
        stop.cancel();
        beating
    }
    ends beats_until_told {
        let beating = forgotten::sound::Beating::until_told();
        beating.out.send(7).await.expect("the task listens");
    }
    ends passes_along { forgotten::sound::passes_along() }
    ends counts_down { forgotten::sound::counts_down() }
    ends fills_a_queue { forgotten::sound::fills_a_queue() }
    ends greets_first { forgotten::sound::greets_first() }
    ends requeues_weakly { forgotten::sound::requeues_weakly() }
    ends lets_go_first { forgotten::sound::lets_go_first() }
    ends ends_by_a_message {
        let jobs = forgotten::sound::ends_by_a_message();
        jobs.send(forgotten::sound::Job::Stop).await.expect("the task listens");
    }
    ends until_cancelled {
        let stop = CancellationToken::new();
        forgotten::sound::follows_a_static_until_cancelled(stop.clone());
        stop.cancel();
    }
    ends closed_log {
        let log = Arc::new(forgotten::sound::Log::new("log"));
        log.follow();
        log.close();
    }
    ends sound_house { forgotten::sound::House::new("house").open() }
    ends printer { forgotten::sound::Client::new(forgotten::sound::OnTokio).start_printer() }
    ends only_the_name { forgotten::sound::Bus::new().print() }
    ends asks { forgotten::sound::asks(mpsc::channel(1).0) }
    ends asks_in_a_struct { forgotten::sound::asks_in_a_struct(mpsc::channel(1).0, "picture".to_owned()) }
    ends asks_with_a_struct { forgotten::sound::asks_in_a_struct_made_outside(mpsc::channel(1).0, "picture".to_owned()) }
    ends asks_in_a_variant { forgotten::sound::asks_in_a_variant(mpsc::channel(1).0) }
    ends asks_in_a_tuple_variant { forgotten::sound::asks_in_a_tuple_variant(mpsc::channel(1).0) }
    ends asks_in_a_tuple { forgotten::sound::asks_in_a_tuple(mpsc::channel(1).0, 1) }
    ends asks_by_a_closure { forgotten::sound::asks_by_a_closure(mpsc::channel(1).0) }
    ends asks_a_closure { forgotten::sound::asks_a_closure() }
    ends asks_through_a_map { forgotten::sound::asks_through_a_map(Arc::default(), mpsc::channel(1).0, 1) }
    ends waits_for_its_turn {
        let pending = Arc::default();
        forgotten::sound::waits_for_its_turn(Arc::clone(&pending));
        emptied(&pending).await;
    }
    ends asks_a_function { forgotten::sound::asks_a_function(1) }
    ends joins_both_halves { forgotten::sound::joins_both_halves(3) }
    ends joins_both_functions { forgotten::sound::joins_both_functions(3) }
    ends answers_itself { forgotten::sound::answers_itself(Some(1)) }
    ends delivers_the_order { forgotten::sound::delivers_the_order(mpsc::channel(1).0, "picture".to_owned()) }
    ends exchange {
        let pending = Arc::default();
        forgotten::sound::Exchange::new().start(1, Arc::clone(&pending));
        emptied(&pending).await;
    }
    ends takes_the_order_apart {
        let pending = Arc::default();
        forgotten::sound::takes_the_order_apart(Arc::clone(&pending), 1, "picture".to_owned());
        emptied(&pending).await;
    }
    ends sends_off {
        let pending = Arc::default();
        forgotten::sound::Filed::send_off("picture".to_owned(), 1, Arc::clone(&pending));
        emptied(&pending).await;
    }
    ends registered_stream {
        forgotten::sound::registers_a_stream(1);
        forgotten::sound::ends_a_stream(1);
    }
    ends flushed_connection { forgotten::sound::Connection::new().flush() }

    counts 1 spins_until_another {
        let (viewers_in, viewers) = mpsc::channel(1);
        ignored::leaks::spins_until_another(mpsc::channel(1).1, viewers);
        crate::settle().await;
        let alive = crate::alive();
        drop(viewers_in);
        alive
    }
    counts 1 works_for_nobody {
        let (words_in, words) = mpsc::channel(1);
        drop(ignored::leaks::works_for_nobody(words));
        let _ = words_in.send("first".to_owned()).await;
        crate::settle().await;
        let alive = crate::alive();
        drop(words_in);
        alive
    }
    leaks stop_can_never_come { ignored::leaks::stop_can_never_come(mpsc::channel(1).1, stats()) }
    leaks logs_every_error { ignored::leaks::logs_every_error(1, broadcast::channel(1).1, oneshot::channel().0) }
    leaks continues { ignored::leaks::continues(mpsc::unbounded_channel().1, stats()) }
    leaks waits_a_bit { ignored::leaks::waits_a_bit_and_tries_again(mpsc::channel(1).1, stats()) }
    leaks discards_the_change { ignored::leaks::discards_the_change(watch::channel(1).1, stats()) }
    leaks an_arm_goes_dead { ignored::leaks::an_arm_goes_dead(mpsc::channel(1).1, stats()) }
    leaks under_a_timeout { ignored::leaks::under_a_timeout(mpsc::channel(1).1, stats()) }
    leaks begins_again { ignored::leaks::begins_again(mpsc::channel(1).1, stats()) }
    leaks polls { ignored::leaks::polls(mpsc::channel(1).1, stats()) }
    leaks discards_the_failed_send { ignored::leaks::discards_the_failed_send(mpsc::channel(1).0, stats()) }
    leaks logs_the_failed_send { ignored::leaks::logs_the_failed_send(mpsc::unbounded_channel().0) }
    leaks turns_pages_for_nobody { ignored::leaks::turns_pages_for_nobody(Arc::default()) }
    leaks has_an_empty_arm { ignored::leaks::has_an_empty_arm(mpsc::channel(1).1, stats()) }

    ends ends_with_the_channel { ignored::sound::ends_with_the_channel(mpsc::channel(1).1, sound_stats()) }
    ends what_was_missed { ignored::sound::passes_over_what_was_missed(broadcast::channel(1).1) }
    ends asks_what_it_is { ignored::sound::asks_what_it_is(broadcast::channel(1).1) }
    ends a_token_beside {
        let stop = CancellationToken::new();
        ignored::sound::a_token_beside(mpsc::channel(1).1, stop.clone(), sound_stats());
        stop.cancel();
    }
    ends all_arms_go_dead { ignored::sound::all_arms_go_dead(mpsc::channel(1).1, mpsc::channel(1).1) }
    ends connects_anew { ignored::sound::connects_anew("host".to_owned(), 3) }
    ends replaces_the_channel {
        ignored::sound::replaces_the_channel(mpsc::channel(1).1, "host".to_owned(), watch::channel(true).1);
    }
    ends ends_with_the_receiver { ignored::sound::ends_with_the_receiver(mpsc::channel(1).0) }
    ends idles_out { ignored::sound::idles_out(mpsc::channel(1).1, sound_stats()) }
    ends poller { ignored::sound::Poller::start(mpsc::channel(1).1, sound_stats()) }
    ends gives_up { ignored::sound::gives_up(mpsc::channel(1).1, mpsc::channel(1).1) }
    ends ends_when_nobody_reads { ignored::sound::ends_when_nobody_reads(Arc::default()) }
    ends collects_its_own { ignored::sound::collects_its_own(3) }

    leaks cache { Arc::new(sustaining::leaks::Cache::default()).start() }
    leaks pinger { Arc::new(sustaining::leaks::Pinger::default()).start() }
    leaks pool { sustaining::leaks::Pool::new("pool").grow() }
    leaks settings { sustaining::leaks::Settings::new().save_changes() }
    leaks queue { sustaining::leaks::Queue::new().start() }
    leaks monitor { sustaining::leaks::Monitor::new().start() }
    leaks feed { sustaining::leaks::Feed::open("feed") }
    leaks asks_a_weak { sustaining::leaks::asks_a_weak(Arc::default()) }
    leaks node_client { sustaining::leaks::NodeClient::default().use_nodes(vec!["a".to_owned()]) }
    leaks discovery { sustaining::leaks::Discovery::default().announce("node".to_owned()) }

    leaks subscriptions { sustaining::leaks::Subscriptions::new().resubscribe_on_reconnect() }
    leaks store { sustaining::leaks::Store::open(std::time::Duration::from_millis(5)) }
    leaks meter { sustaining::leaks::Meter::new().start() }
    leaks caster {
        let feed = futures::stream::repeat(1).then(|group| async move {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            group
        });
        sustaining::leaks::Caster::new(Box::pin(feed))
    }
    ends sound_closable { sustaining::sound::Closable::open(std::time::Duration::from_millis(5)).close() }
    ends sound_subscriptions { sustaining::sound::Subscriptions::new().resubscribe_on_reconnect() }
    ends sound_store { sustaining::sound::Store::open(std::time::Duration::from_millis(5)) }
    ends sound_store_beside { sustaining::sound::Store::beside(std::time::Duration::from_millis(5)) }
    ends sound_cache { Arc::new(sustaining::sound::Cache::default()).start() }
    ends sound_node_client { sustaining::sound::NodeClient::connect(std::time::Duration::from_millis(5)) }
    ends sound_discovery { sustaining::sound::Discovery::default().announce("node".to_owned()) }
    ends client { sustaining::sound::Client::connect() }
    ends stopped_pinger {
        let pinger = Arc::new(sustaining::sound::Pinger::default());
        pinger.start();
        pinger.stop();
    }
    ends sound_pool { sustaining::sound::Pool::new("pool").grow() }
    ends closed_monitor {
        let monitor = sustaining::sound::Monitor::new();
        monitor.start();
        monitor.close();
    }
    ends closed_feed { sustaining::sound::Feed::open("feed").close() }
    ends closed_queue {
        let queue = sustaining::sound::Queue::new();
        queue.start();
        queue.close();
    }
}
