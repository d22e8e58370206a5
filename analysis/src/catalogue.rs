//! The catalogue: what the functions and types of the async ecosystem do.
//!
//! Tables of rows, looked up by canonical path. A path that a crate re-exports is brought to its
//! canonical form by [`canonical`] first, so every function stands here once.

mod durations;
mod extra;
mod flags;
mod functions;
mod installs;
mod macros;
mod methods;
mod names;
mod owners;
mod polls;
mod spans;
mod spawns;
mod types;
mod waits;

pub use durations::{Arithmetic, arithmetic, constructor_unit, number_unit};
pub(crate) use extra::OWN;
pub use extra::{Extra, ExtraOwner, ExtraSpawn, ExtraWrapper};
pub use flags::{FlagUse, flag_use};
pub use functions::{
    Call, Derived, Function, Variant, call_does, calls_that, derived_constructor, ends_process, function, variant,
};
pub use installs::{Install, installs, makes_global};
pub use macros::{Macro, macro_named, reads_as_log};
pub use methods::{Does, Method, method, methods_that};
pub use names::{
    is_bounded_collection, is_callable_trait, is_copying_trait, is_derivable_with_owner, is_derivable_with_shared_set,
    is_drop_trait, is_fallible_type, is_growing_collection, is_largest_number, is_news, is_stop_signal, makes_ready,
    opens_connection, reads_command_line, says_end, sets_going, sets_up, unfolds,
};
pub use owners::{OnDrop, TaskHold, on_drop, task_hold};
pub use polls::{Poll, poll};
pub use spans::{collects_events, is_layer_callback, is_layer_trait, is_span, serves, tells_routine};
pub use spawns::{
    Handle, NamedSpawn, Runs, Runtime, SpawnRow, method_spawn, names as spawn_names, spawn, spawn_by_name,
};
pub use types::{
    Peel, WrapperKind, brings_messages, fails_by_panic, is_abort_handle, is_boxed_future, is_cancelled_future,
    is_dressed_future, is_duplex, is_handle, is_keyed, is_known_crate, is_light, is_mpsc_receiver, is_oneshot_receiver,
    is_poisonable, is_pool, is_queue_sender, is_receiver, is_sender, is_shared_pointer, is_stopping,
    is_weakened_sender, keeps_task, method_returns, peel, prelude, returns, sends_once, wakes_thread, wrapper_kind,
};
pub use waits::{Wait, WaitRow, foreign_wait_by_name, method_wait, method_wait_by_name, wait};

/// Prefixes that mean another path. The first that fits wins.
const REEXPORTS: &[(&str, &str)] = &[
    ("core::", "std::"),
    ("alloc::", "std::"),
    ("tokio::prelude::", "tokio::"),
    ("tokio::time::Duration", "std::time::Duration"),
    ("tokio::task::join_set::JoinSet", "tokio::task::JoinSet"),
    ("tokio::sync::mpsc::unbounded::", "tokio::sync::mpsc::"),
    ("n0_future::task::AbortOnDropHandle", "tokio_util::task::AbortOnDropHandle"),
    ("n0_future::task::", "tokio::task::"),
    ("n0_future::time::Duration", "std::time::Duration"),
    ("n0_future::time::", "tokio::time::"),
    ("tokio_with_wasm::alias::", "tokio::"),
    ("actix_rt::time::", "tokio::time::"),
    ("actix_rt::task::", "tokio::task::"),
    ("actix_rt::net::", "tokio::net::"),
    ("actix_web::rt::", "actix_rt::"),
    ("actix::spawn", "actix_rt::spawn"),
    ("futures_util::", "futures::"),
    ("futures_core::", "futures::"),
    ("futures_executor::", "futures::executor::"),
    ("futures_channel::", "futures::channel::"),
    ("futures::prelude::", "futures::"),
    ("futures_lite::", "futures::"),
    ("futures::stream::AbortHandle", "futures::future::AbortHandle"),
    ("smol::Executor", "async_executor::Executor"),
    ("smol::LocalExecutor", "async_executor::LocalExecutor"),
    ("smol::Timer", "async_io::Timer"),
    ("smol::Task", "async_task::Task"),
    ("async_executor::Task", "async_task::Task"),
    ("async_global_executor::Task", "async_task::Task"),
    ("futures::future::remote_handle::", "futures::future::"),
    ("tokio_util::task::abort_on_drop::", "tokio_util::task::"),
    ("tokio_util::task::join_map::", "tokio_util::task::"),
    ("compio::runtime::task::", "compio::runtime::"),
    ("smol::unblock", "blocking::unblock"),
    ("smol::channel::", "async_channel::"),
    ("smol::lock::", "async_lock::"),
    ("smol::future::", "futures::future::"),
    ("smol::stream::", "futures::stream::"),
    ("smol::io::", "futures::io::"),
    ("async_std::channel::", "async_channel::"),
    ("js_sys::futures::spawn_local", "wasm_bindgen_futures::spawn_local"),
    ("tokio_util::sync::cancellation_token::", "tokio_util::sync::"),
    ("tracing_subscriber::layer::Layer", "tracing_subscriber::Layer"),
    ("tracing_subscriber::prelude::", "tracing_subscriber::layer::"),
    ("parking_lot::", "std::sync::"),
    ("once_cell::sync::OnceCell", "std::sync::OnceLock"),
    ("once_cell::sync::Lazy", "std::sync::LazyLock"),
];

/// Whole paths that mean another.
const EXACT: &[(&str, &str)] = &[
    ("core", "std"),
    ("alloc", "std"),
    ("tokio::task::spawn", "tokio::spawn"),
    ("tokio_with_wasm::alias", "tokio"),
    ("webrtc_util::Buffer", "webrtc_util::buffer::Buffer"),
    ("webrtc_util::vnet::Net", "webrtc_util::vnet::net::Net"),
    ("n0_future::task", "tokio::task"),
    ("n0_future::time", "tokio::time"),
    ("actix_rt::time", "tokio::time"),
    ("actix_web::rt", "actix_rt"),
    ("futures_util", "futures"),
    ("futures_core", "futures"),
    ("futures_executor", "futures::executor"),
    ("futures_channel", "futures::channel"),
    ("futures_lite", "futures"),
    ("futures::prelude", "futures"),
    ("futures::FutureExt", "futures::future::FutureExt"),
    ("futures::StreamExt", "futures::stream::StreamExt"),
    ("smol::lock", "async_lock"),
    ("smol::channel", "async_channel"),
    ("smol::future", "futures::future"),
    ("smol::stream", "futures::stream"),
    ("smol::io", "futures::io"),
    ("parking_lot", "std::sync"),
];

/// The one path under which the tables know an item.
pub fn canonical(path: &str) -> String {
    let mut path = path.to_owned();
    // Re-exports of re-exports: a few rounds are enough, and a cycle in the table would end here.
    for _ in 0..4 {
        if let Some((_, to)) = EXACT.iter().find(|(from, _)| *from == path) {
            path = (*to).to_owned();
            continue;
        }
        let Some((from, to)) = REEXPORTS.iter().find(|(from, _)| path.starts_with(from)) else { break };
        path = format!("{to}{}", &path[from.len()..]);
    }
    path
}

/// Whether a table knows the path: as a function, as a type, or as the module of one.
pub fn is_known(path: &str) -> bool {
    spawn(path).is_some()
        || wait(path).is_some()
        || types::is_type(path)
        || owners::is_owner(path)
        || returns(path).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reexport_has_one_canonical_path() {
        assert_eq!(canonical("tokio::task::spawn"), "tokio::spawn");
        assert_eq!(canonical("n0_future::task::spawn"), "tokio::spawn");
        assert_eq!(canonical("tokio::time::Duration::from_secs"), "std::time::Duration::from_secs");
        assert_eq!(canonical("actix_web::rt::spawn"), "actix_rt::spawn");
        assert_eq!(canonical("futures_util::future::abortable"), "futures::future::abortable");
        assert_eq!(canonical("smol::spawn"), "smol::spawn");
    }
}
