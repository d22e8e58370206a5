//! The command line from end to end, with rules of its own: what is printed where, and how a run ends.

#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage has failed")]

mod bad_input;
mod baseline;
mod cache;
mod changed;
mod config;
mod fingerprints;
mod fix;
mod flags;
mod formats;
mod levels;
mod owners;
mod probes;
mod reports;
mod safety;
mod selection;
mod shells;
mod support;
mod suppressions;
mod tasks;
mod terminal;
mod tree;
