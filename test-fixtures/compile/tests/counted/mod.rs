//! What the drivers count, for the harness.
//!
//! What is counted is written into the folder that `SPAWNLINT_COUNTED` names: name, count, and the counts that may be
//! once the shape is mended, or none if it must stay the same. With `SPAWNLINT_MENDED` the fixtures are those that rewrites were applied to, and nothing
//! is compared here: the harness judges the counts.

use std::{env, fs, path::PathBuf};

/// Whether rewrites were applied to the fixtures.
pub fn is_mended() -> bool {
    env::var_os("SPAWNLINT_MENDED").is_some()
}

/// What one test counts.
pub struct Counts {
    suite: &'static str,
    rows: String,
}

impl Counts {
    /// Nothing is counted yet. The suite is a file name.
    pub fn new(suite: &'static str) -> Counts {
        Counts { suite, rows: String::new() }
    }

    /// A shape of which `counted` is known, or that hangs. An empty `mended` says: the same as now.
    pub fn add(&mut self, name: &str, counted: Option<usize>, mended: &[usize]) {
        let counted = counted.map_or_else(|| "hangs".to_owned(), |counted| counted.to_string());
        let mended: Vec<String> = mended.iter().map(usize::to_string).collect();
        self.rows += &format!("{name}\t{counted}\t{}\n", mended.join(","));
    }

    /// Writes them down, if somebody wants to know.
    pub fn finish(self) {
        if let Some(folder) = env::var_os("SPAWNLINT_COUNTED") {
            fs::write(PathBuf::from(folder).join(self.suite), self.rows).expect("the counts can be written");
        }
    }
}
