//! Rows that a project adds to the tables: what its own functions and types do, where the code does not show it.

use super::{Handle, OnDrop, Runs};

/// Rows beside those of the tables. A path is canonical: `my_runtime::spawn`, `my_runtime::Pool::spawn`; one that
/// begins with `crate::` is meant in each crate of the workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extra {
    /// Functions and methods that start a task.
    pub spawns: Vec<ExtraSpawn>,
    /// Types that end a task when they are dropped, or give the sign to end it.
    pub owners: Vec<ExtraOwner>,
    /// Functions and methods whose future is ready when the task is to stop.
    pub stops: Vec<String>,
    /// Functions and methods whose future is one of their arguments with something around it.
    pub wrappers: Vec<ExtraWrapper>,
}

/// A function or method that starts a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtraSpawn {
    /// Its path.
    pub path: String,
    /// Place of the spawned argument; the receiver of a method is not counted.
    pub arg: usize,
    /// What that is.
    pub runs: Runs,
    /// What comes back, and what dropping it does.
    pub handle: Handle,
}

/// A type that stands for a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtraOwner {
    /// Its path.
    pub path: String,
    /// What its drop does.
    pub does: OnDrop,
}

/// A function that runs a future that it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtraWrapper {
    /// Its path.
    pub path: String,
    /// Place of the future among the arguments; the receiver of a method is not counted.
    pub arg: usize,
}

impl Extra {
    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        *self == Extra::default()
    }

    /// Last segments of all spawns, to look for.
    pub fn spawn_names(&self) -> impl Iterator<Item = &str> {
        self.spawns.iter().map(|row| last(&row.path))
    }

    /// The spawn of that path.
    pub fn spawn(&self, path: &str) -> Option<&ExtraSpawn> {
        self.spawns.iter().find(|row| is_same(&row.path, path))
    }

    /// What the drop of the type of that path does.
    pub fn on_drop(&self, path: &str) -> Option<OnDrop> {
        self.owners.iter().find(|row| is_same(&row.path, path)).map(|row| row.does)
    }

    /// Whether what is at that path is ready when the task is to stop.
    pub fn is_stop(&self, path: &str) -> bool {
        self.stops.iter().any(|row| is_same(row, path))
    }

    /// The wrapper of that path.
    pub fn wrapper(&self, path: &str) -> Option<&ExtraWrapper> {
        self.wrappers.iter().find(|row| is_same(&row.path, path))
    }
}

fn last(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// Whether a row speaks of a path. `crate::` in a row stands for any crate, and so is only asked of the workspace's own
/// items, whose paths begin with a `crate::` too, or in full.
fn is_same(row: &str, path: &str) -> bool {
    match row.strip_prefix("crate::") {
        Some(rest) => path.strip_prefix(OWN).and_then(|path| path.split_once("::")).is_some_and(|it| it.1 == rest),
        None => row == path.strip_prefix(OWN).unwrap_or(path),
    }
}

/// Stands before the path of an item of the workspace, which no path of a library begins with.
pub(crate) const OWN: &str = "<own>::";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_speaks_of_a_path() {
        assert!(is_same("rt::spawn", "rt::spawn") && is_same("rt::spawn", "<own>::rt::spawn"));
        assert!(is_same("crate::rt::spawn", "<own>::server::rt::spawn"));
        assert!(!is_same("crate::rt::spawn", "other::rt::spawn"));
        assert!(!is_same("crate::spawn", "<own>::server::rt::spawn"));
    }
}
