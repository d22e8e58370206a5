//! The set lives in one crate, and the loop that fills it in another.

//- /pool/src/lib.rs crate:pool deps:tokio
use std::future::Future;
use tokio::task::JoinSet;

/// Tasks that end with their pool.
#[derive(Default)]
pub struct Tasks {
    running: JoinSet<()>,
}

impl Tasks {
    pub fn add(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        self.running.spawn(work); //~ undrained_task_set
    }

    pub async fn close(&mut self) {
        while self.running.join_next().await.is_some() {}
    }
}

/// Tasks that are taken out when they are over.
#[derive(Default)]
pub struct Swept {
    running: JoinSet<()>,
}

impl Swept {
    pub fn add(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        self.sweep();
        self.running.spawn(work);
    }

    fn sweep(&mut self) {
        while self.running.try_join_next().is_some() {}
    }
}

//- /app/src/lib.rs crate:app deps:pool,tokio
use pool::{Swept, Tasks};
use tokio::net::{TcpListener, TcpStream};

async fn serve(stream: TcpStream) {
    let _ = stream.readable().await;
}

pub struct App {
    tasks: Tasks,
    swept: Swept,
}

impl App {
    pub fn new() -> App {
        App { tasks: Tasks::default(), swept: Swept::default() }
    }

    pub async fn run(&mut self, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            self.admit(stream);
        }
        self.tasks.close().await;
    }

    fn admit(&mut self, stream: TcpStream) {
        self.tasks.add(serve(stream));
        self.swept.add(async {});
    }
}
