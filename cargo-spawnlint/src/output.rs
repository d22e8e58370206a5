//! Writers, one for each format. None knows another's layout; what they share is how to print text that
//! may be hostile.

pub mod checkstyle;
pub mod github;
pub mod gitlab;
pub mod human;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod owners;
pub mod patch;
pub mod rdjson;
pub mod sarif;
pub mod short;
pub mod statistics;
pub mod tasks;

mod closing;
mod excerpt;
mod facts;
mod located;
mod page;
mod rewrites;
mod style;
mod visible;
mod xml;

pub use closing::{closing_line, given_up, hints, unfollowed};
pub use page::fill;
pub use rewrites::title as rewrite_title;
pub use style::{Color, Detail, Style};
pub(crate) use tasks::words as task_words;
pub use visible::{line as printable_line, lines as printable};
