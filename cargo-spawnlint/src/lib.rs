//! The shell of cargo-spawnlint: cargo, files, parsing, outputs and the command line.

pub mod lower;
