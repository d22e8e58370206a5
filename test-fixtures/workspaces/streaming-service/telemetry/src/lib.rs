//! Layers for `tracing`.

mod open;
mod tree;

pub use open::OpenSpans;
pub use tree::TreeLayer;
