//! `cargo spawnlint`.

use cargo_spawnlint::{Io, run};
use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(Io::with_process(|io| run(std::env::args_os(), io)) as u8)
}
