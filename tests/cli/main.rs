//! The command line from end to end, with rules of its own: what is printed where, and how a run ends.

mod bad_input;
mod cache;
mod formats;
mod levels;
mod probes;
mod selection;
mod support;
mod tree;
