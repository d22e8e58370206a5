//! Tasks that loop for ever while nobody can end them.

use futures::{FutureExt, StreamExt, stream::FuturesUnordered};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncWriteExt, DuplexStream},
    net::{TcpListener, UdpSocket},
    sync::{broadcast, mpsc, watch},
    task::JoinHandle,
    time::{interval, sleep},
};
use tokio_stream::wrappers::IntervalStream;

/// Sessions by name, with the time when they were last seen.
#[derive(Default)]
pub struct Sessions {
    seen: Mutex<HashMap<String, Instant>>,
}

impl Sessions {
    fn sweep(&self) {
        self.seen.lock().unwrap().retain(|_, seen| seen.elapsed() < Duration::from_secs(30));
    }

    async fn sweep_for_ever(&self) {
        loop {
            sleep(Duration::from_secs(1)).await;
            self.sweep();
        }
    }

    // The loop stands in a method, the spawn in a constructor.
    pub fn start() -> Arc<Self> {
        let sessions = Arc::new(Self::default());
        let sweeper = sessions.clone();
        tokio::spawn(async move { sweeper.sweep_for_ever().await }); //~ unbounded_task_loop
        sessions
    }
}

/// Whoever has it takes the sweeping to be its own.
pub struct Sweeper {
    pub sessions: Arc<Sessions>,
}

impl Sweeper {
    pub fn start(sessions: Arc<Sessions>) -> Sweeper {
        let swept = sessions.clone();
        tokio::spawn(async move { swept.sweep_for_ever().await }); //~ unbounded_task_loop
        Sweeper { sessions }
    }
}

pub fn ticks(sessions: Arc<Sessions>) {
    tokio::spawn(async move {
        //~^ unbounded_task_loop
        let mut tick = interval(Duration::from_secs(5));
        loop {
            tick.tick().await;
            sessions.sweep();
        }
    });
}

pub fn never_reads_the_error(socket: Arc<UdpSocket>) {
    let _heartbeat = tokio::spawn(heartbeat(socket)); //~ unbounded_task_loop
}

async fn heartbeat(socket: Arc<UdpSocket>) {
    loop {
        if let Err(error) = socket.send(b"alive").await {
            eprintln!("no heartbeat: {error}");
            continue;
        }
        sleep(Duration::from_secs(10)).await;
    }
}

pub fn loop_two_calls_away(sessions: Arc<Sessions>) {
    tokio::spawn(maintain(sessions)); //~ unbounded_task_loop
}

async fn maintain(sessions: Arc<Sessions>) {
    sessions.sweep();
    maintain_for_ever(&sessions).await
}

async fn maintain_for_ever(sessions: &Sessions) {
    sessions.sweep_for_ever().await
}

// No `loop` keyword.

pub fn while_true(sessions: Arc<Sessions>) {
    tokio::spawn(async move {
        //~^ unbounded_task_loop
        while true {
            sleep(Duration::from_secs(1)).await;
            sessions.sweep();
        }
    });
}

pub fn interval_as_stream(sessions: Arc<Sessions>) {
    tokio::spawn(async move {
        //~^ unbounded_task_loop
        let mut ticks = IntervalStream::new(interval(Duration::from_secs(1)));
        while ticks.next().await.is_some() {
            sessions.sweep();
        }
    });
}

pub fn over_an_endless_range(sessions: Arc<Sessions>) {
    tokio::spawn(async move {
        //~^ unbounded_task_loop
        for turn in 0u64.. {
            sleep(Duration::from_secs(1)).await;
            println!("turn {turn}");
            sessions.sweep();
        }
    });
}

pub fn holds_a_guard_for_ever(sessions: Arc<Sessions>) {
    tokio::spawn(async move {
        //~^ unbounded_task_loop
        let _kept = sessions;
        std::future::pending::<()>().await
    });
}

pub fn accepts_for_ever(listener: TcpListener) {
    tokio::spawn(async move {
        //~^ unbounded_task_loop
        while let Ok((stream, peer)) = listener.accept().await {
            println!("{peer} came and went");
            drop(stream);
        }
    });
}

// What looks like an exit and is none.

pub fn arm_that_hides_the_close(mut names: mpsc::Receiver<String>, sessions: Arc<Sessions>) {
    tokio::spawn(async move {
        //~^ ignored_close
        let mut tick = interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                Some(name) = names.recv() => {
                    sessions.seen.lock().unwrap().insert(name, Instant::now());
                }
                _ = tick.tick() => sessions.sweep(),
            }
        }
    });
}

pub fn else_beside_a_timer(mut names: mpsc::Receiver<String>, sessions: Arc<Sessions>) {
    tokio::spawn(async move {
        //~^ ignored_close
        let mut tick = interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                Some(name) = names.recv() => println!("{name}"),
                _ = tick.tick() => sessions.sweep(),
                else => break,
            }
        }
    });
}

pub fn if_let_spins(mut names: mpsc::Receiver<String>) {
    tokio::spawn(async move {
        //~^ ignored_close
        loop {
            if let Some(name) = names.recv().await {
                println!("{name}");
            }
        }
    });
}

pub fn arm_that_only_logs(mut stop: broadcast::Receiver<()>, sessions: Arc<Sessions>) {
    tokio::spawn(async move {
        //~^ ignored_close
        loop {
            tokio::select! {
                _ = stop.recv() => println!("asked to stop"),
                _ = sleep(Duration::from_secs(1)) => sessions.sweep(),
            }
        }
    });
}

pub fn breaks_the_inner_loop(sessions: Arc<Sessions>) {
    tokio::spawn(async move {
        //~^ unbounded_task_loop
        loop {
            for attempt in 0..3 {
                if sessions.seen.try_lock().is_ok() {
                    println!("free after {attempt}");
                    break;
                }
            }
            sleep(Duration::from_secs(1)).await;
        }
    });
}

pub fn ignores_a_failed_send(counts: mpsc::Sender<usize>, sessions: Arc<Sessions>) {
    tokio::spawn(async move {
        //~^ ignored_close
        loop {
            sleep(Duration::from_millis(5)).await;
            let count = sessions.seen.lock().unwrap().len();
            let _ = counts.send(count).await;
        }
    });
}

pub fn holds_its_own_sender(sessions: Arc<Sessions>) -> mpsc::Sender<String> {
    let (again, mut names) = mpsc::channel::<String>(16);
    let caller = again.clone();
    tokio::spawn(async move {
        //~^ forgotten_channel
        while let Some(name) = names.recv().await {
            if sessions.seen.lock().unwrap().remove(&name).is_none() {
                let _ = again.try_send(name);
            }
        }
    });
    caller
}

/// A cache that refreshes itself as long as it is there: and the task keeps it there.
#[derive(Default)]
pub struct Cache {
    entries: Mutex<HashMap<String, String>>,
}

impl Cache {
    pub fn start(self: Arc<Self>) {
        let weak = Arc::downgrade(&self);
        tokio::spawn(async move {
            //~^ self_sustaining_task
            let _keep = self;
            loop {
                let Some(cache) = Weak::upgrade(&weak) else { return };
                cache.entries.lock().unwrap().clear();
                drop(cache);
                sleep(Duration::from_secs(1)).await;
            }
        });
    }
}

// The handle is kept where nothing ends the task.

/// Nobody reads `task` again.
pub struct Reporter {
    level: watch::Sender<u8>,
    task: Option<JoinHandle<()>>,
}

impl Reporter {
    pub fn new() -> Self {
        Reporter { level: watch::Sender::new(0), task: None }
    }

    pub fn start(&mut self, sessions: Arc<Sessions>) {
        let level = self.level.subscribe();
        let task = tokio::spawn(async move {
            //~^ task_outlives_owner
            loop {
                sleep(Duration::from_secs(1)).await;
                println!("level {}: {} sessions", *level.borrow(), sessions.seen.lock().unwrap().len());
            }
        });
        self.task = Some(task);
    }

    pub fn stop(&mut self) {
        self.task.take();
    }
}

/// A panic in one turn must not end the next, but somebody should.
pub fn survives_panics(sessions: Arc<Sessions>) {
    tokio::spawn(
        //~^ unbounded_task_loop
        std::panic::AssertUnwindSafe(async move {
            let mut pending = FuturesUnordered::new();
            loop {
                pending.push(sleep(Duration::from_secs(1)));
                pending.next().await;
                sessions.sweep();
            }
        })
        .catch_unwind(),
    );
}

/// Each schedule ends the one before. The last one keeps the conductor alive, and nobody ends it.
#[derive(Default)]
pub struct Conductor {
    schedule: Mutex<Option<JoinHandle<()>>>,
    beats: AtomicU64,
}

impl Conductor {
    fn set_schedule(&self, next: JoinHandle<()>) {
        let mut schedule = self.schedule.lock().unwrap();
        if let Some(before) = &*schedule {
            before.abort();
        }
        *schedule = Some(next);
    }

    pub fn schedule(self: Arc<Self>, period: Duration) {
        let conductor = self.clone();
        self.set_schedule(tokio::spawn(async move {
            //~^ unbounded_task_loop
            let mut beat = interval(period);
            loop {
                beat.tick().await;
                conductor.beats.fetch_add(1, Ordering::Relaxed);
            }
        }));
    }
}

/// A service that the controller knows.
pub struct Registered {
    pub name: String,
}

impl Registered {
    pub fn known(name: &str) -> Registered {
        Registered { name: name.to_owned() }
    }

    // Registering waits, too, and is over long before the service is: the task has to go on with what it gives.
    pub async fn register(sessions: Arc<Sessions>) -> std::io::Result<Registered> {
        let name = String::from("sweeper");
        if !name.is_empty() {
            tokio::spawn(async move {
                //~^ unbounded_task_loop
                loop {
                    sleep(Duration::from_millis(10)).await;
                    sessions.sweep();
                }
            });
        }
        sleep(Duration::from_millis(1)).await;
        Ok(Registered { name })
    }

    // So is this one, once its answer is out.
    pub async fn answer(&self, sessions: Arc<Sessions>, mut out: DuplexStream) -> std::io::Result<()> {
        tokio::spawn(async move { sessions.sweep_for_ever().await }); //~ unbounded_task_loop
        out.write_all(self.name.as_bytes()).await
    }
}

/// The flag that would end the loop is only ever set to go on.
pub struct Heartbeat {
    started: Arc<AtomicBool>,
    sessions: Arc<Sessions>,
}

impl Heartbeat {
    pub fn new(sessions: Arc<Sessions>) -> Heartbeat {
        Heartbeat { started: Arc::new(AtomicBool::new(false)), sessions }
    }

    pub fn start(&self) {
        let started = self.started.clone();
        if started.compare_exchange(false, true, Ordering::AcqRel, Ordering::Acquire).is_err() {
            return;
        }
        let sessions = Arc::clone(&self.sessions);
        tokio::spawn(async move {
            //~^ unbounded_task_loop
            while started.load(Ordering::Acquire) {
                sessions.sweep();
                sleep(Duration::from_millis(5)).await;
            }
        });
    }
}

/// Its only way out is a panic of the work in it, which nobody gives as a sign.
pub fn leaves_only_after_a_panic(sessions: Arc<Sessions>) {
    tokio::spawn(async move {
        //~^ unbounded_task_loop
        loop {
            sleep(Duration::from_millis(10)).await;
            let swept = Arc::clone(&sessions);
            match tokio::task::spawn_blocking(move || swept.sweep()).await {
                Ok(()) => println!("swept"),
                Err(error) => {
                    eprintln!("sweeping failed: {error}");
                    break;
                }
            }
        }
    });
}

// The same, with a `?`.
async fn sweep_until_a_panic(sessions: Arc<Sessions>) -> Result<(), tokio::task::JoinError> {
    loop {
        sleep(Duration::from_millis(10)).await;
        let swept = Arc::clone(&sessions);
        tokio::task::spawn_blocking(move || swept.sweep()).await?;
    }
}

pub fn fails_only_after_a_panic(sessions: Arc<Sessions>) {
    tokio::spawn(sweep_until_a_panic(sessions)); //~ unbounded_task_loop
}
