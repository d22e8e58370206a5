//! Writers of the inventory, one for each format.

pub mod dot;
pub mod human;
pub mod json;
pub mod mermaid;

mod graph;
pub(crate) mod words;
