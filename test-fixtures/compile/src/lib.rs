//! Every fixture of one file, compiled against the real crates.
#![allow(warnings, reason = "fixtures show what not to write")]

include!(concat!(env!("OUT_DIR"), "/fixtures.rs"));
