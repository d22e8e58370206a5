//! The handle, the guard, the `Drop` and the program's `main` stand in different files and crates.

//- /rt/src/lib.rs crate:rt deps:tokio
//! What the services share.

use std::time::Duration;
use tokio::task::JoinHandle;

/// Ends its task when it is dropped.
pub struct Guarded {
    handle: JoinHandle<()>,
}

impl Guarded {
    pub fn new(handle: JoinHandle<()>) -> Guarded {
        Guarded { handle }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.handle.abort();
    }
}

/// Looks like it, and only names the task.
pub struct Named {
    handle: JoinHandle<()>,
    name: String,
}

impl Named {
    pub fn new(name: &str, handle: JoinHandle<()>) -> Named {
        Named { handle, name: name.to_owned() }
    }

    pub fn describe(&self) -> String {
        format!("{} {}", self.name, self.handle.is_finished())
    }
}

/// Calls `job` for ever.
pub fn every(period: Duration, job: impl Fn() + Send + 'static) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(period).await;
            job();
        }
    })
}

//- /app/src/lib.rs crate:app deps:rt,tokio
//! A library with two kinds of owners.

pub mod leases;

use rt::{Guarded, Named, every};
use std::time::Duration;

pub struct Mirror {
    _sync: Guarded,
}

impl Mirror {
    pub fn new() -> Mirror {
        Mirror { _sync: Guarded::new(every(Duration::from_secs(1), || println!("sync"))) }
    }
}

pub struct Index {
    compaction: Named,
}

impl Index {
    pub fn open() -> Index {
        let compaction = every(Duration::from_secs(1), || println!("compact")); //~ task_outlives_owner
        Index { compaction: Named::new("compaction", compaction) }
    }

    pub fn describe(&self) -> String {
        self.compaction.describe()
    }
}

//- /app/src/leases.rs
//! The struct is here, its `Drop` in another file.

mod cleanup;

use rt::every;
use std::time::Duration;
use tokio::task::JoinHandle;

pub struct Lease {
    renewal: JoinHandle<()>,
    audit: Option<JoinHandle<()>>,
}

impl Lease {
    pub fn take() -> Lease {
        let renewal = every(Duration::from_secs(1), || println!("renew"));
        let audit = Some(every(Duration::from_secs(1), || println!("audit"))); //~ task_outlives_owner
        Lease { renewal, audit }
    }

    pub fn is_audited(&self) -> bool {
        self.audit.is_some()
    }
}

//- /app/src/leases/cleanup.rs
use super::Lease;

impl Drop for Lease {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

//- /daemon/src/main.rs crate:daemon deps:rt,tokio
//! What is made once per process may live as long.

use rt::every;
use std::{sync::OnceLock, time::Duration};
use tokio::task::JoinHandle;

struct Daemon {
    housekeeping: JoinHandle<()>,
}

impl Daemon {
    fn start() -> Daemon {
        Daemon { housekeeping: every(Duration::from_secs(1), || println!("tidy")) }
    }
}

struct Registry {
    sweeper: JoinHandle<()>,
}

static REGISTRY: OnceLock<Registry> = OnceLock::new();

fn registry() -> &'static Registry {
    REGISTRY.get_or_init(|| Registry { sweeper: every(Duration::from_secs(1), || println!("sweep")) })
}

/// One for each request that comes.
struct Request {
    log: JoinHandle<()>,
}

impl Request {
    fn begin() -> Request {
        let log = every(Duration::from_secs(1), || println!("still there")); //~ task_outlives_owner
        Request { log }
    }
}

#[tokio::main]
async fn main() {
    let daemon = Daemon::start();
    loop {
        let request = Request::begin();
        println!("{}", request.log.is_finished());
        if daemon.housekeeping.is_finished() || registry().sweeper.is_finished() {
            break;
        }
    }
}
