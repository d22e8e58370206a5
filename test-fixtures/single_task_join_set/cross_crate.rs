//! The set comes from a re-export; where it goes to another crate it may hold more.

//- /rt/src/lib.rs crate:rt deps:tokio
pub use tokio::task::JoinSet;
pub mod sets {
    pub use tokio::task::JoinSet as TaskSet;
}

/// Adds the tasks that every set of this project has.
pub fn add_common(set: &mut JoinSet<u32>) {
    for number in 0..3 {
        set.spawn(async move { number });
    }
}

//- /app/src/lib.rs crate:app deps:rt,tokio
use rt::{JoinSet, sets::TaskSet};

pub async fn by_reexport() -> Option<u32> {
    let mut set = JoinSet::new(); //~ single_task_join_set
    set.spawn(async { 1 });
    set.join_next().await?.ok()
}

pub async fn by_renamed_reexport() -> Option<u32> {
    let mut set: TaskSet<u32> = TaskSet::new(); //~ single_task_join_set
    set.spawn(async { 2 });
    set.join_next().await?.ok()
}

// Sound neighbours.

pub async fn filled_elsewhere() -> usize {
    let mut set = JoinSet::new();
    set.spawn(async { 3 });
    rt::add_common(&mut set);
    set.join_all().await.len()
}

pub async fn given_away() -> JoinSet<u32> {
    let mut set = TaskSet::new();
    set.spawn(async { 4 });
    set
}
