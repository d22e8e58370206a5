//! Puts mutants of real code through everything that spawnlint does: check, inventory, fixes, comments, and again.
//!
//! ```sh
//! cargo run --release -p spawnlint-tests --example mutants -- --count 20000 ~/.cargo/registry/src/*/tokio-1.54.1/src
//! ```
//!
//! Without a folder the mutants are of the fixtures. `--seed` says where to begin, and `--failures` where the texts of
//! those that fail are left; a run of `--count 1 --seed N` shows one of them again.

use anyhow::{Context, Result, bail};
use spawnlint_tests::{
    ordeal::{Figures, Mutant},
    subject::Pool,
};
use std::{
    fs,
    path::PathBuf,
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

/// After so long, a mutant is taken to hang.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let (mut count, mut first) = (1000, 0);
    let mut failures = std::env::temp_dir().join("spawnlint-mutants");
    let mut folders: Vec<PathBuf> = Vec::new();
    while let Some(arg) = args.next() {
        let mut value = || args.next().with_context(|| format!("{arg} needs a value"));
        match arg.as_str() {
            "--count" => count = value()?.parse()?,
            "--seed" => first = value()?.parse()?,
            "--failures" => failures = value()?.into(),
            _ if arg.starts_with('-') => bail!("unknown flag {arg}"),
            _ => folders.push(arg.into()),
        }
    }
    let pools: Vec<Pool> = match &folders[..] {
        [] => vec![Pool::of_fixtures()],
        folders => folders.iter().map(|it| Pool::of_folder(it)).collect(),
    };
    fs::create_dir_all(&failures)?;
    let pools = Arc::new(pools);
    let mut figures = Figures::default();
    let (mut failed, mut slowest) = (0, (Duration::ZERO, 0));
    for seed in first..first + count {
        let start = Instant::now();
        match outcome(&pools, seed) {
            Ok(of_one) => figures.add(of_one),
            Err(why) => {
                failed += 1;
                println!("seed {seed}: {why}");
                let mutant = Mutant::new(&pools[seed as usize % pools.len()], seed);
                fs::write(failures.join(format!("{seed}.txt")), format!("{}\n{why}\n", mutant.print()))?;
            }
        }
        slowest = slowest.max((start.elapsed(), seed));
        if (seed + 1 - first) % 500 == 0 {
            println!("{figures}; {failed} failed");
        }
    }
    println!("{figures}; {failed} failed; the slowest took {:.1} s, seed {}", slowest.0.as_secs_f32(), slowest.1);
    if failed > 0 {
        bail!("the texts of those that failed are in {}", failures.display());
    }
    Ok(())
}

/// What became of a mutant. One that hangs goes on by itself, since no thread can be stopped.
fn outcome(pools: &Arc<Vec<Pool>>, seed: u64) -> Result<Figures, String> {
    let (send, receive) = mpsc::channel();
    let pools = Arc::clone(pools);
    thread::spawn(move || send.send(Mutant::new(&pools[seed as usize % pools.len()], seed).undergo()));
    match receive.recv_timeout(PATIENCE) {
        Ok(outcome) => outcome,
        Err(mpsc::RecvTimeoutError::Timeout) => Err(format!("takes more than {} s", PATIENCE.as_secs())),
        Err(mpsc::RecvTimeoutError::Disconnected) => Err("panicked".to_owned()),
    }
}
