//! What a program does with its tasks: from the facts of each file to answers about the whole. Pure: no I/O, no
//! parser, no output format.

pub mod catalogue;
pub mod crates;
pub mod effects;
pub mod facts;
mod fixpoint;
pub mod flow;
pub mod questions;
pub mod reasons;
pub mod resolve;
pub mod span;
pub mod tasks;
