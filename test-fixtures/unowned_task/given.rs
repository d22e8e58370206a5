//! Functions that give a struct to their caller, which could own the task that they start.
//! enable: unowned_task

use std::{
    future::Future,
    sync::{Arc, Mutex},
};
use tokio::{sync::mpsc, task::JoinHandle};

pub type Journal = Mutex<Vec<u64>>;

/// Built before the task is started.
pub struct Mailbox {
    letters: mpsc::Sender<u64>,
}

impl Mailbox {
    pub fn open<F: Future<Output = u64> + Send + 'static>(first: F, journal: Arc<Journal>) -> Mailbox {
        let (letters, _received) = mpsc::channel(8);
        let mailbox = Mailbox { letters };
        tokio::spawn(async move {
            //~^ unowned_task
            let letter = first.await;
            journal.lock().expect("nobody panics").push(letter);
        });
        mailbox
    }

    pub fn is_open(&self) -> bool {
        !self.letters.is_closed()
    }
}

/// Built by another function, and copied.
#[derive(Clone, Debug)]
pub struct Peer {
    requests: mpsc::Sender<u64>,
}

impl Peer {
    fn new(requests: mpsc::Sender<u64>) -> Peer {
        Peer { requests }
    }

    pub fn is_connected(&self) -> bool {
        !self.requests.is_closed()
    }
}

pub fn connect<F: Future<Output = u64> + Send + 'static>(greeting: F, journal: Arc<Journal>) -> Option<Peer> {
    let (requests, served) = mpsc::channel(8);
    tokio::spawn(async move {
        //~^ unowned_task
        let greeted = greeting.await;
        journal.lock().expect("nobody panics").push(greeted);
        drop(served);
    });
    Some(Peer::new(requests))
}

/// One task or none, or one for each job.
pub struct Group {
    journal: Arc<Journal>,
}

impl Group {
    pub fn join<F: Future<Output = u64> + Send + 'static>(keep_alive: Option<F>, journal: Arc<Journal>) -> Group {
        let group = Group { journal };
        if let Some(beat) = keep_alive {
            let journal = group.journal.clone();
            tokio::spawn(async move {
                //~^ unowned_task
                let beat = beat.await;
                journal.lock().expect("nobody panics").push(beat);
            });
        }
        group
    }

    pub fn of<F: Future<Output = u64> + Send + 'static>(jobs: Vec<F>, journal: Arc<Journal>) -> Group {
        let group = Group { journal };
        for job in jobs {
            let journal = group.journal.clone();
            tokio::spawn(async move {
                //~^ unowned_task
                let done = job.await;
                journal.lock().expect("nobody panics").push(done);
            });
        }
        group
    }

    pub fn size(&self) -> usize {
        self.journal.lock().expect("nobody panics").len()
    }
}

/// Has nothing to do with the task.
pub struct Answer {
    number: u64,
}

impl Answer {
    fn new(number: u64) -> Answer {
        Answer { number }
    }

    pub fn number(&self) -> u64 {
        self.number
    }
}

pub fn answer<F: Future<Output = u64> + Send + 'static>(question: u64, report: F, journal: Arc<Journal>) -> Answer {
    tokio::spawn(async move {
        //~^ unowned_task
        let reported = report.await;
        journal.lock().expect("nobody panics").push(reported);
    });
    Answer::new(question)
}

// Nothing to do is no error, and gives nothing that could end.

pub fn report<F: Future<Output = u64> + Send + 'static>(
    enabled: bool,
    numbers: F,
    journal: Arc<Journal>,
) -> Result<(), String> {
    if !enabled {
        return Ok(());
    }
    if Arc::strong_count(&journal) > 9 {
        return Err("too many readers".to_owned());
    }
    tokio::spawn(async move {
        //~^ unowned_task
        let number = numbers.await;
        journal.lock().expect("nobody panics").push(number);
    });
    Ok(())
}

// A pair that is taken apart has room for one more part.

fn halves<F: Future<Output = u64> + Send + 'static>(work: F, journal: Arc<Journal>) -> (usize, usize) {
    let size = journal.lock().expect("nobody panics").len();
    tokio::spawn(async move {
        let number = work.await;
        journal.lock().expect("nobody panics").push(number);
    });
    (7, size)
}

pub async fn whole<F: Future<Output = u64> + Send + 'static>(work: F, journal: Arc<Journal>) -> usize {
    let (number, size) = halves(work, journal); //~ unowned_task
    std::future::pending::<()>().await;
    size + number
}

// Others are aborted with the struct already.

pub struct Club {
    members: Vec<JoinHandle<()>>,
}

impl Club {
    pub fn found<F: Future<Output = ()> + Send + 'static>(treasurer: F, clown: Option<F>, guest: F) -> Club {
        let treasurer = tokio::spawn(treasurer);
        if let Some(clown) = clown {
            tokio::spawn(clown); //~ unowned_task
        }
        tokio::spawn(async move { guest.await }); //~ unowned_task
        Club { members: Vec::from([treasurer]) }
    }
}

impl Drop for Club {
    fn drop(&mut self) {
        for member in self.members.drain(..) {
            member.abort();
        }
    }
}

/// Has no others.
pub struct Alarm {
    name: &'static str,
}

impl Alarm {
    pub fn set<F: Future<Output = ()> + Send + 'static>(name: &'static str, bell: Option<F>) -> Alarm {
        if let Some(bell) = bell {
            tokio::spawn(bell); //~ unowned_task
        }
        Alarm { name }
    }

    pub fn name(&self) -> &'static str {
        self.name
    }
}
