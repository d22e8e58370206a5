//! Every fixture of one file, compiled against the real crates.
//!
//! Fixtures show what not to write, so the compiler's own lints are off.
#![allow(warnings)]

include!(concat!(env!("OUT_DIR"), "/fixtures.rs"));
