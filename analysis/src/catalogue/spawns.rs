//! Functions and methods that start a task.

/// What a spawn hands back, and what dropping that does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Handle {
    /// A handle whose drop detaches the task.
    Detach,
    /// A handle whose drop cancels the task.
    Cancel,
    /// Nothing: the task is detached from the start.
    Nothing,
    /// Nothing that matters: the receiver (a set, a scope) owns the task and ends it with itself.
    Owned,
    /// `Result` of a handle whose drop detaches.
    ResultDetach,
    /// Cannot be told: a method on a receiver whose type is not known.
    Unknown,
}

/// What the spawned argument is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Runs {
    /// A future.
    Future,
    /// A closure that returns the future.
    FutureFn,
    /// A closure on a thread for blocking work.
    Blocking,
}

/// What runs a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Runtime {
    /// tokio
    Tokio,
    /// actix-rt, on tokio
    Actix,
    /// async-std
    AsyncStd,
    /// smol, and the executors below it
    Smol,
    /// monoio
    Monoio,
    /// compio
    Compio,
    /// glommio
    Glommio,
    /// ntex
    Ntex,
    /// The event loop of a browser
    Wasm,
    /// The executors of futures
    Futures,
    /// A scope, on whatever runtime polls it
    Scope,
}

impl Runtime {
    /// The type of the handle that its functions give, if its drop lets the task go on.
    pub fn detached_handle(self) -> &'static str {
        match self {
            Runtime::AsyncStd => "async_std::task::JoinHandle",
            _ => "tokio::task::JoinHandle",
        }
    }
}

/// One function or method that spawns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpawnRow {
    /// Canonical path of the function, or of the method's type.
    pub path: &'static str,
    /// Method name; empty for a function.
    pub method: &'static str,
    /// What runs the task.
    pub runtime: Runtime,
    /// Place of the spawned argument.
    pub arg: usize,
    /// What it is.
    pub runs: Runs,
    /// What comes back.
    pub handle: Handle,
    /// Whether the task ends with the value that the method is called on.
    pub ends_with_receiver: bool,
}

const fn function(runtime: Runtime, path: &'static str, runs: Runs, handle: Handle) -> SpawnRow {
    SpawnRow { path, method: "", runtime, arg: 0, runs, handle, ends_with_receiver: false }
}

const fn method(runtime: Runtime, path: &'static str, method: &'static str, runs: Runs, handle: Handle) -> SpawnRow {
    SpawnRow { path, method, runtime, arg: 0, runs, handle, ends_with_receiver: false }
}

const fn scoped(runtime: Runtime, path: &'static str, method: &'static str, runs: Runs, handle: Handle) -> SpawnRow {
    SpawnRow { path, method, runtime, arg: 0, runs, handle, ends_with_receiver: true }
}

const fn keyed(path: &'static str, method: &'static str) -> SpawnRow {
    SpawnRow {
        path,
        method,
        runtime: Runtime::Tokio,
        arg: 1,
        runs: Runs::Future,
        handle: Handle::Owned,
        ends_with_receiver: true,
    }
}

use Handle::{Cancel, Detach, Nothing, Owned, ResultDetach, Unknown};
use Runs::{Blocking, Future, FutureFn};
use Runtime::{Actix, AsyncStd, Compio, Futures, Glommio, Monoio, Ntex, Scope, Smol, Tokio, Wasm};

/// Functions, by canonical path.
const FUNCTIONS: &[SpawnRow] = &[
    function(Tokio, "tokio::spawn", Future, Detach),
    function(Tokio, "tokio::task::spawn_local", Future, Detach),
    function(Tokio, "tokio::task::spawn_blocking", Blocking, Detach),
    function(Actix, "actix_rt::spawn", Future, Detach),
    function(AsyncStd, "async_std::task::spawn", Future, Detach),
    function(AsyncStd, "async_std::task::spawn_local", Future, Detach),
    function(AsyncStd, "async_std::task::spawn_blocking", Blocking, Detach),
    function(Smol, "smol::spawn", Future, Cancel),
    function(Smol, "async_global_executor::spawn", Future, Cancel),
    function(Smol, "async_global_executor::spawn_local", Future, Cancel),
    function(Smol, "async_global_executor::spawn_blocking", Blocking, Cancel),
    function(Smol, "blocking::unblock", Blocking, Cancel),
    function(Wasm, "wasm_bindgen_futures::spawn_local", Future, Nothing),
    function(Wasm, "wasm_bindgen_futures::future_to_promise", Future, Nothing),
    function(Monoio, "monoio::spawn", Future, Detach),
    function(Compio, "compio::runtime::spawn", Future, Cancel),
    function(Glommio, "glommio::spawn_local", Future, Cancel),
    function(Ntex, "ntex::rt::spawn", Future, Detach),
];

/// Methods, by canonical path of the receiver's type.
const METHODS: &[SpawnRow] = &[
    method(Tokio, "tokio::runtime::Handle", "spawn", Future, Detach),
    method(Tokio, "tokio::runtime::Handle", "spawn_blocking", Blocking, Detach),
    scoped(Tokio, "tokio::runtime::Runtime", "spawn", Future, Detach),
    scoped(Tokio, "tokio::runtime::Runtime", "spawn_blocking", Blocking, Detach),
    scoped(Tokio, "tokio::runtime::LocalRuntime", "spawn_local", Future, Detach),
    scoped(Tokio, "tokio::task::LocalSet", "spawn_local", Future, Detach),
    method(Tokio, "tokio::task::Builder", "spawn", Future, ResultDetach),
    method(Tokio, "tokio::task::Builder", "spawn_on", Future, ResultDetach),
    method(Tokio, "tokio::task::Builder", "spawn_local", Future, ResultDetach),
    method(Tokio, "tokio::task::Builder", "spawn_local_on", Future, ResultDetach),
    method(Tokio, "tokio::task::Builder", "spawn_blocking", Blocking, ResultDetach),
    scoped(Tokio, "tokio::task::JoinSet", "spawn", Future, Owned),
    scoped(Tokio, "tokio::task::JoinSet", "spawn_on", Future, Owned),
    scoped(Tokio, "tokio::task::JoinSet", "spawn_local", Future, Owned),
    scoped(Tokio, "tokio::task::JoinSet", "spawn_local_on", Future, Owned),
    scoped(Tokio, "tokio::task::JoinSet", "spawn_blocking", Blocking, Owned),
    scoped(Tokio, "tokio::task::JoinSet", "spawn_blocking_on", Blocking, Owned),
    keyed("tokio_util::task::JoinMap", "spawn"),
    keyed("tokio_util::task::JoinMap", "spawn_on"),
    keyed("tokio_util::task::JoinMap", "spawn_local"),
    scoped(Tokio, "tokio_util::task::JoinQueue", "spawn", Future, Owned),
    method(Tokio, "tokio_util::task::TaskTracker", "spawn", Future, Detach),
    method(Tokio, "tokio_util::task::TaskTracker", "spawn_on", Future, Detach),
    method(Tokio, "tokio_util::task::TaskTracker", "spawn_local", Future, Detach),
    method(Tokio, "tokio_util::task::TaskTracker", "spawn_blocking", Blocking, Detach),
    method(Tokio, "tokio_util::task::LocalPoolHandle", "spawn_pinned", FutureFn, Detach),
    method(Actix, "actix_rt::Arbiter", "spawn", Future, Nothing),
    method(Actix, "actix_rt::ArbiterHandle", "spawn", Future, Nothing),
    method(Actix, "actix_rt::Runtime", "spawn", Future, Detach),
    method(Tokio, "tokio_graceful::Shutdown", "spawn_task", Future, Detach),
    method(Tokio, "tokio_graceful::ShutdownGuard", "spawn_task", Future, Detach),
    method(Tokio, "tokio_graceful::Shutdown", "spawn_task_fn", FutureFn, Detach),
    method(Tokio, "tokio_graceful::ShutdownGuard", "spawn_task_fn", FutureFn, Detach),
    method(Tokio, "tokio_graceful::ShutdownGuard", "into_spawn_task_fn", FutureFn, Detach),
    scoped(Smol, "async_executor::Executor", "spawn", Future, Cancel),
    scoped(Smol, "async_executor::LocalExecutor", "spawn", Future, Cancel),
    method(Futures, "futures::executor::ThreadPool", "spawn_ok", Future, Nothing),
    method(Futures, "futures::executor::ThreadPool", "spawn", Future, Nothing),
    method(Futures, "futures::executor::ThreadPool", "spawn_with_handle", Future, Cancel),
    scoped(Futures, "futures::executor::LocalSpawner", "spawn", Future, Nothing),
    scoped(Futures, "futures::executor::LocalSpawner", "spawn_local", Future, Nothing),
    scoped(Scope, "moro::Scope", "spawn", Future, Owned),
    scoped(Scope, "async_scoped::Scope", "spawn", Future, Owned),
    method(AsyncStd, "async_std::task::Builder", "spawn", Future, ResultDetach),
];

impl SpawnRow {
    /// Whether the task stays on the thread that starts it, so that its future need not be `Send`.
    pub fn stays_on_thread(&self) -> bool {
        const LOCAL: &[&str] = &["spawn_local", "spawn_local_on"];
        let name =
            if self.method.is_empty() { self.path.rsplit("::").next().unwrap_or(self.path) } else { self.method };
        LOCAL.contains(&name) || (self.runtime == Actix && self.method.is_empty())
    }
}

/// The row of a function.
pub fn spawn(path: &str) -> Option<&'static SpawnRow> {
    FUNCTIONS.iter().find(|row| row.path == path)
}

/// The row of a method of a type.
pub fn method_spawn(path: &str, method: &str) -> Option<&'static SpawnRow> {
    METHODS.iter().find(|row| row.path == path && row.method == method)
}

/// What a spawn says by its name, on whatever receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedSpawn {
    /// What it is given.
    pub runs: Runs,
    /// What comes back.
    pub handle: Handle,
    /// Whether other things have that name, too: only what is given something that is surely async starts a task.
    pub only_async: bool,
}

const fn named(runs: Runs, handle: Handle, only_async: bool) -> NamedSpawn {
    NamedSpawn { runs, handle, only_async }
}

const BY_NAME: &[(&str, NamedSpawn)] = &[
    ("spawn_with_handle", named(Future, Cancel, false)),
    ("spawn_local_with_handle", named(Future, Cancel, false)),
    ("spawn_ok", named(Future, Nothing, false)),
    ("spawn", named(Future, Unknown, true)),
    ("spawn_local", named(Future, Unknown, true)),
    ("spawn_on", named(Future, Unknown, true)),
    ("spawn_blocking", named(Blocking, Unknown, false)),
];

/// The row of a function or method of that name, whose path or receiver is not known.
pub fn spawn_by_name(name: &str) -> Option<NamedSpawn> {
    BY_NAME.iter().find(|(known, _)| *known == name).map(|(_, row)| *row)
}

/// Last segments of all rows: calls of any other name spawn only through a wrapper.
pub fn names() -> impl Iterator<Item = &'static str> {
    let functions = FUNCTIONS.iter().filter_map(|row| row.path.rsplit("::").next());
    functions.chain(METHODS.iter().map(|row| row.method)).chain(["spawn_with_handle"])
}
