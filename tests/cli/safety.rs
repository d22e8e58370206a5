//! What a hostile repository tries, and that nothing comes of it: `docs/security.md` has the promises.

mod cargo;
mod ends;
mod git;
mod mutants;
mod reading;
mod writing;
