//! Types: which wrap which, what functions and methods return.

use super::Does;

/// How a type stands to the one inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WrapperKind {
    /// Owns or shares the value and gives its methods through: `Box`, `Arc`, `Pin`.
    Pointer,
    /// Holds it behind a call: `Mutex`, `RwLock`, `RefCell`, `OnceLock`.
    Cell,
    /// May hold it: `Option`, `Result`.
    Maybe,
    /// Holds many: `Vec`, `VecDeque`, maps.
    Many,
}

/// Types that hold another one, by canonical path.
const WRAPPERS: &[(&str, WrapperKind)] = &[
    ("std::boxed::Box", WrapperKind::Pointer),
    ("std::rc::Rc", WrapperKind::Pointer),
    ("std::sync::Arc", WrapperKind::Pointer),
    ("std::pin::Pin", WrapperKind::Pointer),
    ("std::borrow::Cow", WrapperKind::Pointer),
    ("std::mem::ManuallyDrop", WrapperKind::Pointer),
    ("std::panic::AssertUnwindSafe", WrapperKind::Pointer),
    ("std::sync::Mutex", WrapperKind::Cell),
    ("std::sync::RwLock", WrapperKind::Cell),
    ("std::sync::OnceLock", WrapperKind::Cell),
    ("std::sync::LazyLock", WrapperKind::Cell),
    ("std::cell::RefCell", WrapperKind::Cell),
    ("std::cell::Cell", WrapperKind::Cell),
    ("std::cell::OnceCell", WrapperKind::Cell),
    ("tokio::sync::Mutex", WrapperKind::Cell),
    ("tokio::sync::RwLock", WrapperKind::Cell),
    ("tokio::sync::OnceCell", WrapperKind::Cell),
    ("async_lock::Mutex", WrapperKind::Cell),
    ("async_lock::RwLock", WrapperKind::Cell),
    ("futures::lock::Mutex", WrapperKind::Cell),
    ("std::option::Option", WrapperKind::Maybe),
    ("std::result::Result", WrapperKind::Maybe),
    ("std::vec::Vec", WrapperKind::Many),
    ("std::collections::VecDeque", WrapperKind::Many),
    ("std::collections::HashMap", WrapperKind::Many),
    ("std::collections::BTreeMap", WrapperKind::Many),
    ("std::collections::HashSet", WrapperKind::Many),
    ("std::collections::BTreeSet", WrapperKind::Many),
    ("std::collections::LinkedList", WrapperKind::Many),
    ("smallvec::SmallVec", WrapperKind::Many),
    ("dashmap::DashMap", WrapperKind::Many),
    ("dashmap::DashSet", WrapperKind::Many),
    ("indexmap::IndexMap", WrapperKind::Many),
    ("futures::stream::FuturesUnordered", WrapperKind::Many),
    ("futures::stream::FuturesOrdered", WrapperKind::Many),
];

/// Other types that the analysis asks for by name.
const TYPES: &[&str] = &[
    "tokio::task::JoinHandle",
    "tokio::task::AbortHandle",
    "tokio::task::JoinSet",
    "tokio::task::LocalSet",
    "tokio::runtime::Handle",
    "tokio::runtime::Runtime",
    "tokio::sync::Notify",
    "tokio::sync::Semaphore",
    "tokio::time::Interval",
    "tokio::time::Instant",
    "tokio::net::TcpListener",
    "tokio::net::TcpStream",
    "tokio_util::task::AbortOnDropHandle",
    "tokio_util::task::AbortOnDrop",
    "tokio_util::task::TaskTracker",
    "tokio_util::sync::CancellationToken",
    "tokio_util::sync::DropGuard",
    "async_std::task::JoinHandle",
    "async_task::Task",
    "std::sync::Weak",
    "std::time::Duration",
    "std::time::Instant",
    "tracing_subscriber::Layer",
    "webrtc_util::vnet::net::Net",
    "webrtc_util::buffer::Buffer",
];

/// Whether the catalogue knows a type of that path.
pub(super) fn is_type(path: &str) -> bool {
    TYPES.contains(&path)
        || WRAPPERS.iter().any(|(known, _)| *known == path)
        || RETURNS.iter().any(|(_, returned)| *returned == path)
}

/// How a foreign type stands to the one inside it.
pub fn wrapper_kind(path: &str) -> Option<WrapperKind> {
    WRAPPERS.iter().find(|(known, _)| *known == path).map(|(_, kind)| *kind)
}

/// Whether a collection has one entry for each key.
pub fn is_keyed(path: &str) -> bool {
    wrapper_kind(path) == Some(WrapperKind::Many) && (path.ends_with("Map") || path.ends_with("Set"))
}

/// Whether a type is the handle of a task that may be detached by dropping it.
pub fn is_handle(path: &str) -> bool {
    matches!(
        path,
        "tokio::task::JoinHandle" | "async_std::task::JoinHandle" | "monoio::task::JoinHandle" | "async_task::Task"
    )
}

/// Whether a handle gives an error only if its task panics or is aborted.
pub fn fails_by_panic(path: &str) -> bool {
    path == "tokio::task::JoinHandle"
}

/// Whether a type aborts a task that it is told to, and may be dropped without that.
pub fn is_abort_handle(path: &str) -> bool {
    matches!(path, "tokio::task::AbortHandle" | "futures::future::AbortHandle")
}

/// Whether a value of a type keeps what tokio or async-std has of a task, for as long as it lives. The `AbortHandle` of
/// futures does not: it only shares a flag with the future.
pub fn keeps_task(path: &str) -> bool {
    is_handle(path)
        || matches!(
            path,
            "tokio::task::AbortHandle" | "tokio_util::task::AbortOnDropHandle" | "tokio_util::task::AbortOnDrop"
        )
}

/// Whether a pointer shares its value with others.
pub fn is_shared_pointer(path: &str) -> bool {
    matches!(path, "std::sync::Arc" | "std::rc::Rc")
}

/// Whether a type is a future in a box.
pub fn is_boxed_future(path: &str) -> bool {
    matches!(path, "futures::future::BoxFuture" | "futures::future::LocalBoxFuture")
}

/// Whether a type is the future of a token's cancellation.
pub fn is_cancelled_future(path: &str) -> bool {
    matches!(path, "tokio_util::sync::WaitForCancellationFuture" | "tokio_util::sync::WaitForCancellationFutureOwned")
}

/// Whether a type is the receiver of one message, which is awaited itself.
pub fn is_oneshot_receiver(path: &str) -> bool {
    matches!(path, "tokio::sync::oneshot::Receiver" | "futures::channel::oneshot::Receiver")
}

/// Whether a type is a lock that is poisoned when a thread panics that holds it.
pub fn is_poisonable(path: &str) -> bool {
    matches!(path, "std::sync::Mutex" | "std::sync::RwLock")
}

/// Whether a type is a future that does what the one inside of it does.
pub fn is_dressed_future(path: &str) -> bool {
    matches!(path, "futures::future::Shared" | "futures::future::Fuse")
}

/// Whether a type is a receiver whose `recv` gives `None` when its channel is closed.
pub fn is_mpsc_receiver(path: &str) -> bool {
    matches!(path, "tokio::sync::mpsc::Receiver" | "tokio::sync::mpsc::UnboundedReceiver")
}

/// Whether a type is the receiving half of a channel, of whatever library.
pub fn is_receiver(path: &str) -> bool {
    path.ends_with("::Receiver") || path.ends_with("::UnboundedReceiver")
}

/// Whether a type is the sending half of a channel, of whatever library.
pub fn is_sender(path: &str) -> bool {
    path.ends_with("::Sender") || path.ends_with("::UnboundedSender")
}

/// Whether a type is a sender whose receiver, once gone, does not come back: not of `broadcast` and not of `watch`, which
/// can be subscribed to again.
pub fn is_queue_sender(path: &str) -> bool {
    (is_sender(path) || path.ends_with("::SyncSender"))
        && !path.contains("::broadcast::")
        && !path.contains("::watch::")
}

/// Whether a type is a sender to code that blocks its thread until something comes.
pub fn wakes_thread(path: &str) -> bool {
    path.starts_with("std::sync::mpsc::") || path.starts_with("crossbeam_channel::")
}

/// Whether a type is the stream of what a client sends.
pub fn brings_messages(path: &str) -> bool {
    matches!(
        path,
        "tokio_tungstenite::WebSocketStream"
            | "futures::stream::SplitStream"
            | "tokio_util::codec::Framed"
            | "quinn::Connection"
            | "h2::server::Connection"
            | "soketto::Receiver"
            | "soketto::connection::Receiver"
    )
}

/// Whether a type is a sender of one message.
pub fn sends_once(path: &str) -> bool {
    is_sender(path) && path.contains("::oneshot::")
}

/// Whether a type is a sender that has a weak form.
pub fn is_weakened_sender(path: &str) -> bool {
    matches!(
        path,
        "tokio::sync::mpsc::Sender" | "tokio::sync::mpsc::UnboundedSender" | "tokio::sync::broadcast::Sender"
    )
}

/// Whether something of that type tells tasks to stop: a token, a sender, a notification.
pub fn is_stopping(path: &str) -> bool {
    matches!(path, "tokio_util::sync::CancellationToken" | "tokio_util::sync::DropGuard" | "tokio::sync::Notify")
        || is_sender(path)
}

/// Whether a type is a sink and a stream of messages.
pub fn is_duplex(path: &str) -> bool {
    matches!(path, "tokio_tungstenite::WebSocketStream" | "tokio_util::codec::Framed")
}

/// Whether a type runs the futures that are put into it, and gives their results as a stream.
pub fn is_pool(path: &str) -> bool {
    matches!(path, "futures::stream::FuturesUnordered" | "futures::stream::FuturesOrdered")
}

/// Whether a value of a foreign type keeps next to nothing alive.
pub fn is_light(path: &str) -> bool {
    let last = path.rsplit("::").next().unwrap_or(path);
    matches!(path, "std::primitive" | "std::str" | "std::string::String")
        || matches!(
            last,
            "Sender"
                | "UnboundedSender"
                | "WeakSender"
                | "CancellationToken"
                | "DropGuard"
                | "Weak"
                | "Notify"
                | "Duration"
                | "Instant"
                | "SystemTime"
                | "OwnedSemaphorePermit"
                | "SemaphorePermit"
                | "AbortHandle"
                | "AtomicBool"
                | "AtomicUsize"
                | "AtomicU64"
                | "SocketAddr"
                | "Span"
        )
}

/// Names that need no import.
pub fn prelude(name: &str) -> Option<&'static str> {
    Some(match name {
        "Box" => "std::boxed::Box",
        "Vec" => "std::vec::Vec",
        "Option" => "std::option::Option",
        "Some" => "std::option::Option::Some",
        "None" => "std::option::Option::None",
        "Result" => "std::result::Result",
        "Ok" => "std::result::Result::Ok",
        "Err" => "std::result::Result::Err",
        "String" => "std::string::String",
        "drop" => "std::mem::drop",
        "str" => "std::str",
        "usize" | "u8" | "u16" | "u32" | "u64" | "u128" | "isize" | "i8" | "i16" | "i32" | "i64" | "i128" | "f32"
        | "f64" | "bool" | "char" => "std::primitive",
        "Future" => "std::future::Future",
        "Send" | "Sync" | "Sized" | "Unpin" | "Copy" | "Clone" | "Debug" => "std::marker",
        "Iterator" => "std::iter::Iterator",
        "Drop" => "std::ops::Drop",
        "Fn" | "FnMut" | "FnOnce" => "std::ops::Fn",
        _ => return None,
    })
}

/// Whether a crate is named in the tables, so that `name::..` needs no dependency row to be believed
/// (loose files have none).
pub fn is_known_crate(name: &str) -> bool {
    const CRATES: &[&str] = &[
        "std",
        "core",
        "alloc",
        "tokio",
        "tokio_util",
        "tokio_stream",
        "futures",
        "futures_util",
        "futures_core",
        "futures_channel",
        "futures_executor",
        "futures_lite",
        "futures_timer",
        "async_std",
        "smol",
        "async_executor",
        "async_global_executor",
        "async_io",
        "async_channel",
        "async_lock",
        "async_task",
        "abort_on_drop",
        "blocking",
        "actix_rt",
        "actix_web",
        "wasm_bindgen_futures",
        "js_sys",
        "monoio",
        "glommio",
        "compio",
        "embassy_time",
        "embassy_executor",
        "n0_future",
        "tracing",
        "tracing_subscriber",
        "flume",
        "parking_lot",
        "dashmap",
        "once_cell",
        "smallvec",
        "indexmap",
        "hyper",
        "tokio_postgres",
        "rayon",
        "crossbeam",
        "crossbeam_channel",
        "tokio_graceful",
        "moro",
        "async_scoped",
        "scopeguard",
        "h2",
        "gloo_timers",
        "chrono",
        "humantime",
    ];
    CRATES.contains(&name)
}

/// Functions whose result's type is not just the type in front of the last `::`.
/// Channel constructors return pairs: `(sender, receiver)` stand as two rows.
const RETURNS: &[(&str, &str)] = &[
    ("tokio::sync::mpsc::channel", "tokio::sync::mpsc::Sender"),
    ("tokio::sync::mpsc::channel", "tokio::sync::mpsc::Receiver"),
    ("tokio::sync::mpsc::unbounded_channel", "tokio::sync::mpsc::UnboundedSender"),
    ("tokio::sync::mpsc::unbounded_channel", "tokio::sync::mpsc::UnboundedReceiver"),
    ("tokio::sync::broadcast::channel", "tokio::sync::broadcast::Sender"),
    ("tokio::sync::broadcast::channel", "tokio::sync::broadcast::Receiver"),
    ("tokio::sync::watch::channel", "tokio::sync::watch::Sender"),
    ("tokio::sync::watch::channel", "tokio::sync::watch::Receiver"),
    ("tokio::sync::oneshot::channel", "tokio::sync::oneshot::Sender"),
    ("tokio::sync::oneshot::channel", "tokio::sync::oneshot::Receiver"),
    ("futures::channel::mpsc::channel", "futures::channel::mpsc::Sender"),
    ("futures::channel::mpsc::channel", "futures::channel::mpsc::Receiver"),
    ("futures::channel::mpsc::unbounded", "futures::channel::mpsc::UnboundedSender"),
    ("futures::channel::mpsc::unbounded", "futures::channel::mpsc::UnboundedReceiver"),
    ("futures::channel::oneshot::channel", "futures::channel::oneshot::Sender"),
    ("futures::channel::oneshot::channel", "futures::channel::oneshot::Receiver"),
    ("async_channel::bounded", "async_channel::Sender"),
    ("async_channel::bounded", "async_channel::Receiver"),
    ("async_channel::unbounded", "async_channel::Sender"),
    ("async_channel::unbounded", "async_channel::Receiver"),
    ("flume::bounded", "flume::Sender"),
    ("flume::bounded", "flume::Receiver"),
    ("flume::unbounded", "flume::Sender"),
    ("flume::unbounded", "flume::Receiver"),
    ("std::sync::mpsc::channel", "std::sync::mpsc::Sender"),
    ("std::sync::mpsc::channel", "std::sync::mpsc::Receiver"),
    ("std::sync::mpsc::sync_channel", "std::sync::mpsc::SyncSender"),
    ("std::sync::mpsc::sync_channel", "std::sync::mpsc::Receiver"),
    ("tokio::time::interval", "tokio::time::Interval"),
    ("tokio::time::interval_at", "tokio::time::Interval"),
    ("async_std::stream::interval", "async_std::stream::Interval"),
    ("tokio::signal::unix::signal", "tokio::signal::unix::Signal"),
    ("tokio::runtime::Handle::current", "tokio::runtime::Handle"),
    ("tokio::runtime::Handle::try_current", "tokio::runtime::Handle"),
    ("actix_rt::Arbiter::current", "actix_rt::ArbiterHandle"),
    ("actix_rt::Arbiter::new", "actix_rt::Arbiter"),
    ("futures::future::AbortHandle::new_pair", "futures::future::AbortHandle"),
    ("futures::future::AbortHandle::new_pair", "futures::future::AbortRegistration"),
    ("futures::future::abortable", "futures::future::Abortable"),
    ("futures::future::abortable", "futures::future::AbortHandle"),
];

/// What a function returns: nothing known, one type, or a pair.
pub fn returns(path: &str) -> Option<Vec<&'static str>> {
    let found: Vec<_> = RETURNS.iter().filter(|(known, _)| *known == path).map(|(_, returned)| *returned).collect();
    (!found.is_empty()).then_some(found)
}

/// What a method of a foreign type returns.
pub fn method_returns(path: &str, method: &str) -> Option<&'static str> {
    Some(match (path, method) {
        ("tokio::task::JoinHandle", "abort_handle") | ("tokio_util::task::AbortOnDropHandle", "abort_handle") => {
            "tokio::task::AbortHandle"
        }
        ("tokio_util::sync::CancellationToken", "child_token") => "tokio_util::sync::CancellationToken",
        ("tokio_util::sync::CancellationToken", "drop_guard" | "drop_guard_ref") => "tokio_util::sync::DropGuard",
        ("tokio::runtime::Runtime", "handle") => "tokio::runtime::Handle",
        ("tokio::runtime::Builder", "build") => "tokio::runtime::Runtime",
        ("tokio::runtime::Builder", _) => "tokio::runtime::Builder",
        ("tokio::task::Builder", "name") => "tokio::task::Builder",
        ("tokio::sync::broadcast::Sender", "subscribe") => "tokio::sync::broadcast::Receiver",
        ("tokio::sync::watch::Sender", "subscribe") => "tokio::sync::watch::Receiver",
        ("tokio::sync::mpsc::Sender", "downgrade") => "tokio::sync::mpsc::WeakSender",
        _ => return None,
    })
}

/// What a method does with the value inside a wrapper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peel {
    /// Gives the same type: `clone`, `as_ref`.
    Same,
    /// Gives what is inside one layer: `unwrap`, `lock`, `take`.
    Inside,
}

/// Methods of the standard library that hand a value on.
pub fn peel(method: &str) -> Option<Peel> {
    let method = super::method(method);
    match method.does(Does::KeepsType) {
        true => Some(Peel::Same),
        false => method.does(Does::GivesInside).then_some(Peel::Inside),
    }
}
