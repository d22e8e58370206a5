//! Writers, one for each format. None knows another's layout; what they share is how to print text that
//! may be hostile.

pub mod human;
pub mod json;
pub mod patch;
pub mod short;
pub mod tasks;

mod excerpt;
mod rewrites;
mod visible;

pub use human::Color;
pub use visible::{line as printable_line, lines as printable};
