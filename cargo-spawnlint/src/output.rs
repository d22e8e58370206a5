//! Writers, one for each format. None knows another's layout; what they share is how to print text that
//! may be hostile.

pub mod human;
pub mod json;
pub mod short;

mod excerpt;
mod visible;

pub use visible::lines as printable;
