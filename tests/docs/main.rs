//! What the documents say is what the program does.

mod configuration;
mod links;
mod readme;
mod syntax;
mod tables;

use std::fs;

/// The text of a file of the repository.
fn read(path: &str) -> String {
    fs::read_to_string(spawnlint_tests::root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
