//! Writers of the inventory by type, one for each format.

pub mod human;
pub mod json;
