//! Writers, one for each format. None knows another's layout; what they share is how to print text that
//! may be hostile.

pub mod checkstyle;
pub mod github;
pub mod gitlab;
pub mod human;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod patch;
pub mod rdjson;
pub mod sarif;
pub mod short;
pub mod statistics;
pub mod tasks;

mod excerpt;
mod facts;
mod rewrites;
mod visible;
mod xml;

pub use human::Color;
pub use visible::{line as printable_line, lines as printable};
