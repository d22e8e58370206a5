//! Endless loops.

use spawnlint_fixtures::unbounded_task_loop::{by_value, cases_kept, cases_to_know, indirect, leaks, sound, wrappers};
use std::{sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, UdpSocket},
    sync::{broadcast, mpsc, oneshot, watch},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

fn sessions() -> Arc<leaks::Sessions> {
    Arc::default()
}

fn sound_sessions() -> Arc<sound::Sessions> {
    Arc::default()
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a port")
}

crate::cases! {
    leaks constructor { leaks::Sessions::start() }
    leaks sweeper { leaks::Sweeper::start(sessions()) }
    leaks ticks { leaks::ticks(sessions()) }
    leaks heartbeat {
        leaks::never_reads_the_error(Arc::new(UdpSocket::bind("127.0.0.1:0").await.expect("a port")))
    }
    leaks loop_two_calls_away { leaks::loop_two_calls_away(sessions()) }
    leaks while_true { leaks::while_true(sessions()) }
    leaks interval_as_stream { leaks::interval_as_stream(sessions()) }
    leaks over_an_endless_range { leaks::over_an_endless_range(sessions()) }
    leaks holds_a_guard_for_ever { leaks::holds_a_guard_for_ever(sessions()) }
    leaks accepts_for_ever { leaks::accepts_for_ever(listener().await) }
    leaks arm_that_hides_the_close { leaks::arm_that_hides_the_close(mpsc::channel(1).1, sessions()) }
    leaks else_beside_a_timer { leaks::else_beside_a_timer(mpsc::channel(1).1, sessions()) }
    leaks if_let_spins { leaks::if_let_spins(mpsc::channel(1).1) }
    leaks arm_that_only_logs {
        let (_stop, stopped) = broadcast::channel(1);
        leaks::arm_that_only_logs(stopped, sessions());
    }
    leaks breaks_the_inner_loop { leaks::breaks_the_inner_loop(sessions()) }
    leaks ignores_a_failed_send { leaks::ignores_a_failed_send(mpsc::channel(1).0, sessions()) }
    leaks holds_its_own_sender { leaks::holds_its_own_sender(sessions()) }
    leaks client { indirect::Client::new() }
    leaks cache { Arc::new(leaks::Cache::default()).start() }
    leaks reporter {
        let mut reporter = leaks::Reporter::new();
        reporter.start(sessions());
        reporter.stop();
    }
    leaks survives_panics { leaks::survives_panics(sessions()) }
    leaks register { leaks::Registered::register(sessions()).await }
    leaks answer {
        let known = leaks::Registered::known("sweeper");
        known.answer(sessions(), tokio::io::duplex(64).0).await
    }

    leaks leaves_only_after_a_panic { leaks::leaves_only_after_a_panic(sessions()) }
    leaks fails_only_after_a_panic { leaks::fails_only_after_a_panic(sessions()) }
    ends leaves_when_the_work_fails { sound::leaves_when_the_work_fails(sound_sessions(), "/no/such/file".into()) }

    leaks flag_that_is_never_cleared { leaks::Heartbeat::new(sessions()).start() }
    ends flag_that_is_cleared { sound::Heartbeat::new().start(sound_sessions()) }

    leaks spawn_under_a_cfg { by_value::under_a_cfg() }
    leaks spawn_in_a_branch { by_value::in_a_branch(true) }
    leaks spawn_by_a_constant { by_value::by_a_constant() }
    leaks spawn_by_a_field { by_value::by_a_field() }
    leaks spawn_by_an_argument { by_value::by_an_argument() }
    leaks function_by_a_name { by_value::of_the_project() }
    ends spawn_waited_for { by_value::waited_for().await }
    ends function_aborted { by_value::aborted() }
    leaks through_a_closure { by_value::through_a_closure() }
    leaks handed_out_by_a_closure { by_value::handed_out_by_a_closure() }
    leaks one_of_two_transports { by_value::serve(&(Arc::new(by_value::Events) as _)) }
    ends the_other_transport { by_value::serve(&(Arc::new(by_value::Pipe) as _)) }
    leaks transport_in_another { by_value::serve(&(Arc::new(by_value::Logged(by_value::Events)) as _)) }
    ends transport_for_a_while { by_value::serve_for_a_while(&(Arc::new(by_value::Events) as _)) }
    ends kept_by_tasks { by_value::kept_by(&mut by_value::Tasks::default()) }

    counts 6 paths {
        cases_to_know::paths();
        crate::settle().await;
        crate::alive()
    }
    counts 3 asked_and_lost {
        cases_to_know::asked_and_lost();
        crate::settle().await;
        crate::alive()
    }
    counts 9 written_down_and_lost {
        cases_to_know::written_down_and_lost();
        crate::settle().await;
        crate::alive()
    }
    leaks in_an_inner_function { cases_to_know::in_an_inner_function() }
    // Longer than a bound that clean-up may have.
    counts 1 in_drop {
        drop(cases_to_know::Peer(7));
        tokio::time::sleep(Duration::from_millis(5200)).await;
        crate::alive()
    }
    leaks service {
        let mut service = cases_to_know::Service::default();
        service.start();
        service.stop();
    }
    leaks one_arm_of_two { cases_to_know::one_arm_of_two(false).await }
    counts 2 closures_of_std {
        cases_to_know::closures_of_std(true, Some(1));
        crate::settle().await;
        crate::alive()
    }
    counts 6 collections {
        cases_to_know::collections(vec![1, 2]);
        crate::settle().await;
        crate::alive()
    }
    leaks second_of_two { cases_to_know::second_of_two().await }
    leaks bound_earlier { cases_to_know::bound_earlier(Arc::default()) }
    leaks boxed { cases_to_know::boxed() }

    counts 4 detaching_wrappers {
        wrappers::detaching(Arc::default());
        crate::settle().await;
        crate::alive()
    }
    // The ninth is what the function waits for; only this driver gives that up.
    counts 3 => 1 returning {
        let _ = tokio::time::timeout(Duration::from_millis(20), wrappers::returning()).await;
        crate::settle().await;
        crate::alive()
    }
    leaks poller { wrappers::Poller::start(12) }
    leaks wrapper_of_a_wrapper { wrappers::detaching_from_afar() }
    leaks every { wrappers::periodic() }
    leaks every_few_minutes { wrappers::periodic_in_minutes(2) }
    leaks conductor { std::sync::Arc::new(leaks::Conductor::default()).schedule(std::time::Duration::from_millis(5)) }
    ends kept_by_the_caller {
        let (_guarded, started) = wrappers::kept_by_the_caller();
        started.abort();
    }
    ends racing_wrappers {
        let (_shutdown, receiver) = watch::channel(false);
        let stop = CancellationToken::new();
        let mut tasks = wrappers::Tasks::default();
        wrappers::racing(receiver, &stop, &mut tasks);
        stop.cancel();
        tasks.stop();
    }
    leaks executor { wrappers::Service::new(wrappers::Executor::current()).run(1) }
    ends executor_gives_the_handle { wrappers::Service::new(wrappers::Executor::current()).watch(1).abort() }

    ends token {
        let stop = CancellationToken::new();
        sound::token(sound_sessions(), stop.clone());
        sound::token_as_condition(sound_sessions(), stop.child_token());
        stop.cancel();
        tokio::time::sleep(Duration::from_millis(1000)).await;
    }
    ends follows_its_clients { drop(sound::follows_its_clients()) }
    ends follows_its_clients_by_a_condition { drop(sound::follows_its_clients_by_a_condition()) }
    ends leaves_by_a_macro { drop(sound::leaves_by_a_macro()) }
    ends drop_guard { sound::drop_guard(sound_sessions()) }
    ends whole_loop_raced {
        let (_stop, stopped) = oneshot::channel();
        sound::whole_loop_raced(sound_sessions(), stopped)
    }
    ends watched { sound::watched(sound_sessions()) }
    ends broadcast_or_closed { sound::broadcast_or_closed(sound_sessions(), broadcast::channel(1).1) }
    ends while_let_with_a_caller { sound::while_let_with_a_caller() }
    ends close_leaves_a_loop { sound::close_leaves_a_loop() }
    ends failed_send_leaves {
        drop(sound::failed_send_leaves(sound_sessions()));
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    ends listener_is_gone { sound::listener_is_gone(sound_sessions(), mpsc::channel(1).0) }
    ends flag {
        let sessions = sound_sessions();
        sound::flag(sessions.clone());
        sound::flag_and_notify(sessions.clone());
        tokio::task::yield_now().await;
        sessions.stop();
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    ends weak { sound::weak(&sound_sessions()) }
    ends while_let_weak { sound::while_let_weak(&sound_sessions()) }
    ends error_leaves { sound::error_leaves(sound_sessions()) }
    ends question_mark_leaves {
        sound::question_mark_leaves(Arc::new(UdpSocket::bind("127.0.0.1:0").await.expect("a port")))
    }
    ends outer_label { sound::outer_label(sound_sessions(), mpsc::channel(1).1) }
    ends sound_reporter { sound::Reporter::start(sound_sessions()) }
    ends restartable {
        let tasks = sound::Restartable::default();
        tasks.start(sound_sessions());
        tasks.start(sound_sessions());
        tasks
    }
    ends abortable { sound::abortable(sound_sessions()).abort() }
    ends server { sound::Server::start(sound_sessions(), listener().await) }
    ends abort_on_drop { sound::abort_on_drop(sound_sessions()) }
    ends tracked {
        let stop = CancellationToken::new();
        sound::tracked(sound_sessions(), &TaskTracker::new(), stop.clone());
        stop.cancel();
    }
    ends local_set { sound::local_set_ends_with_the_call(sound_sessions()).await }

    ends aborted { cases_kept::aborted() }
    ends aborted_later {
        let (done_in, done) = oneshot::channel();
        drop(done_in);
        cases_kept::aborted_later(done).await
    }
    ends aborted_one_by_one { cases_kept::aborted_one_by_one(3).await }
    ends mentioned_in_a_macro { cases_kept::mentioned_in_a_macro() }
    ends kept_by_owner { cases_kept::owned().await }
    ends newtype { cases_kept::newtype() }
    ends newtype_in_a_field { cases_kept::newtype_in_a_field() }
    ends deferred { cases_kept::deferred().await }
    ends guarded_token { cases_kept::guarded_token().await }
    ends set_of_the_function { cases_kept::set_of_the_function().await }
}
