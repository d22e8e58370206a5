//! What the server tells of itself: lines in a file, if the user wants them.

use anyhow::{Context as _, Result};
use std::{
    fs::{File, OpenOptions},
    io::Write as _,
    path::Path,
    sync::{Arc, Mutex},
    time::Instant,
};

/// A log, or none.
#[derive(Debug, Clone)]
pub(super) struct Log {
    file: Option<Arc<Mutex<File>>>,
    start: Instant,
}

impl Log {
    pub(super) fn open(path: Option<&Path>) -> Result<Log> {
        let open = |path: &Path| {
            let file = OpenOptions::new().create(true).append(true).open(path);
            file.with_context(|| format!("cannot write the log `{}`", path.display()))
        };
        let file = path.map(open).transpose()?;
        Ok(Log { file: file.map(|file| Arc::new(Mutex::new(file))), start: Instant::now() })
    }

    /// Writes a line. A log that cannot be written stops nothing.
    pub(super) fn write(&self, text: &str) {
        let Some(file) = &self.file else { return };
        let time = self.start.elapsed().as_secs_f64();
        let line = format!("{time:10.3} {}\n", crate::output::printable_line(text));
        if let Ok(mut file) = file.lock() {
            file.write_all(line.as_bytes()).ok();
        }
    }
}
