//! The command line from end to end, with rules of its own: what is printed where, and how a run ends.

#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage has failed")]

mod bad_input;
mod cache;
mod fix;
mod formats;
mod levels;
mod probes;
mod selection;
mod support;
mod tasks;
mod tree;
