//! What the user may set about linking: plain data.

use super::Bounds;
use crate::{catalogue::Extra, span::FileId};
use std::time::Duration;

/// What the user may set about linking.
#[derive(Debug, Clone)]
pub struct LinkOptions {
    /// From which duration on a wait counts as long. Default: 60 s.
    pub long_wait: Duration,
    /// Whether tasks in tests, benches and examples are judged too. Default: no.
    pub include_tests: bool,
    /// Rows that are asked beside the catalogue.
    pub extra: Extra,
    /// What is set for some files only, by [`FileId`]; may be shorter than the list of files.
    pub by_file: Vec<FileOptions>,
    /// How much work questions may take.
    pub bounds: Bounds,
}

/// What may be set for one file.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct FileOptions {
    /// From which duration on a wait in this file counts as long.
    pub long_wait: Option<Duration>,
    /// What tasks that are started in this file cost.
    pub cost: Option<Cost>,
}

/// What an abandoned task costs: figures that the code does not show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// How many tasks are started in a second.
    pub arrivals_per_second: f64,
    /// The share of them whose client goes before they are done, from 0 to 1.
    pub abandoned: f64,
    /// How many bytes one of them keeps alive.
    pub bytes_per_task: Option<u64>,
}

impl Default for LinkOptions {
    fn default() -> LinkOptions {
        LinkOptions {
            long_wait: Duration::from_secs(60),
            include_tests: false,
            extra: Extra::default(),
            by_file: Vec::new(),
            bounds: Bounds::default(),
        }
    }
}

impl LinkOptions {
    /// From which duration on a wait in a file counts as long.
    pub fn long_wait_in(&self, file: FileId) -> Duration {
        self.by_file.get(file.index()).and_then(|it| it.long_wait).unwrap_or(self.long_wait)
    }

    /// What tasks that are started in a file cost, if somebody says so.
    pub fn cost_in(&self, file: FileId) -> Option<Cost> {
        self.by_file.get(file.index()).and_then(|it| it.cost)
    }
}
