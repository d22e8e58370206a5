//! `cargo spawnlint`.

fn main() {}
