//! Spawns that macros of the workspace write: in functions that they define, and where they are called.

//- /rt/src/lib.rs crate:rt deps:tokio
//! A runtime for each kind of work.

use std::{future::Future, sync::OnceLock};
use tokio::{runtime::Runtime, task::JoinHandle};

/// Starts work under a name, and forgets it.
#[macro_export]
macro_rules! spawn_named {
    ($name:literal, $($work:tt)*) => {{
        println!("starting {}", $name);
        $crate::spawn_background(async move { $($work)* });
    }};
}

/// What macros of other crates call, too.
#[macro_export]
macro_rules! until {
    ($stop:ident, $every:expr, $do:block) => {
        loop {
            tokio::select! {
                _ = $stop.changed() => break,
                _ = tokio::time::sleep($every) => $do
            }
        }
    };
}

macro_rules! runtimes {
    ($($static:ident: $get:ident, $spawn:ident;)*) => {
        $(
            static $static: OnceLock<Runtime> = OnceLock::new();

            fn $get() -> &'static Runtime {
                $static.get_or_init(|| Runtime::new().unwrap())
            }

            /// Starts work on this runtime.
            pub fn $spawn<F>(future: F) -> JoinHandle<F::Output>
            where
                F: Future + Send + 'static,
                F::Output: Send + 'static,
            {
                $get().spawn(future)
            }
        )*
    };
}

runtimes! {
    GLOBAL: global, spawn_global;
    BACKGROUND: background, spawn_background;
}

//- /app/src/lib.rs crate:app deps:rt,tokio
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
};

const EVERY: Duration = Duration::from_secs(1);

/// Nothing more can be told to it.
pub struct Cache {
    asked: Notify,
}

impl Cache {
    fn evict(&self) {}
}

pub fn by_defined_function(cache: Arc<Cache>) {
    rt::spawn_global(async move { cache.asked.notified().await }); //~ dropped_join_handle
}

pub fn by_body_of_other_crate(cache: Arc<Cache>) {
    rt::spawn_named!("evict", cache.asked.notified().await); //~ dropped_join_handle
}

macro_rules! detached {
    ($($cache:ident),* => $work:expr) => {
        $(let $cache = Arc::clone(&$cache);)*
        let _task = tokio::spawn($work);
    };
}

pub fn by_own_macro(cache: Arc<Cache>) {
    detached!(cache => async move { cache.asked.notified().await }); //~ dropped_join_handle
}

/// The same functions and macros, used soundly.
pub async fn awaited(cache: Arc<Cache>) {
    rt::spawn_global(async move { cache.asked.notified().await }).await.unwrap();
}

pub fn returned(cache: Arc<Cache>) -> JoinHandle<()> {
    rt::spawn_background(async move { cache.asked.notified().await })
}

pub fn stopped(cache: Arc<Cache>, mut stop: watch::Receiver<bool>) {
    rt::spawn_global(async move { rt::until!(stop, EVERY, { cache.evict() }) });
}

pub fn short(cache: Arc<Cache>) {
    rt::spawn_named!("evict", cache.evict());
}
