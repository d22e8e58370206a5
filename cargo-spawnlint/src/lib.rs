//! The shell of cargo-spawnlint: cargo, files, parsing, outputs and the command line.
//!
//! [`engine`] is the one pipeline, from a [`project`] to a [`report`]; [`run`] is the command line around it.

pub mod cache;
pub mod cli;
pub mod engine;
pub mod fix;
pub mod inventory;
pub mod levels;
pub mod lower;
pub mod output;
pub mod project;
pub mod report;
pub mod select;
pub mod suppress;

pub use cli::{Exit, Io, run, run_with};
