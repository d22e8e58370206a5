//! Writes what the fuzzers start from: `cargo run -p spawnlint-tests --example fuzz_seeds -- FOLDER` makes a folder for
//! each target in FOLDER.

use spawnlint_tests::fuzzing::{TARGETS, seeds};
use std::{env, fs, io, path::Path};

fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1).ok_or_else(|| io::Error::other("which folder? name it behind `--`"))?;
    for (target, _) in TARGETS {
        let folder = Path::new(&folder).join(target);
        fs::create_dir_all(&folder)?;
        for (at, seed) in seeds(target).into_iter().enumerate() {
            fs::write(folder.join(format!("seed-{at:03}")), seed)?;
        }
    }
    Ok(())
}
