//! What cargo and rustup could be made to run.
