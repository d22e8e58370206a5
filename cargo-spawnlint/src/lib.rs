//! The shell of cargo-spawnlint: cargo, files, parsing, outputs and the command line.
//!
//! [`engine`] is the one pipeline, from a [`project`] to a [`report`]; [`run`] is the command line around it.

pub mod baseline;
pub mod beside;
pub mod cache;
pub mod changed;
pub mod cli;
pub mod config;
pub mod engine;
pub mod fingerprint;
pub mod fix;
pub mod git;
pub mod inventory;
pub mod levels;
pub mod lower;
pub mod lsp;
pub mod output;
pub mod programs;
pub mod project;
pub mod read;
pub mod report;
pub mod select;
pub mod statistics;
pub mod suppress;

pub use cli::{Exit, Io, Terminal, run, run_with};
