//! Proofs by building: fixtures compile and leak, and what is rewritten compiles and leaks no more. They take minutes, so
//! they need the feature `proofs`.

mod compile;
mod demonstration;
mod rewrites;
