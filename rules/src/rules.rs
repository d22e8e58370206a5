//! Every rule, one file each.

use crate::rule::Rule;

/// All rules, in the order in which they are listed.
pub static RULES: &[&Rule] = &[];
