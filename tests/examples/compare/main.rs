//! Runs two builds over many folders and prints where their findings and their lists of tasks differ.
//!
//! ```sh
//! cargo run -p spawnlint-tests --example compare -- OLD NEW --jobs 2 --keep-old /tmp/old ../vendor/poem @folders.txt
//! ```
//!
//! A folder is a workspace, a package, or has Rust files and no Cargo.toml; `@FILE` names a file with one folder a line.
//! Nothing is built. What both sides say of a place is compared: the rule and level of a finding; the reach, ending,
//! fate, owner and verdict of a task. A folder where a side fails or takes too long is told and not compared.
//! It exits with 1 if anything differs, and with 2 if nothing could be compared.

mod compare;
mod read;
mod run;
mod totals;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use rayon::{ThreadPoolBuilder, prelude::*};
use run::{Asked, Side};
use std::{fs, num::NonZeroUsize, path::PathBuf, process::ExitCode, time::Duration};
use totals::{Folder, Totals};

/// Compare the findings and tasks of two builds of cargo-spawnlint
#[derive(Parser)]
struct Args {
    /// The `cargo-spawnlint` that is right until shown otherwise
    old: PathBuf,
    /// The one that is compared with it
    new: PathBuf,
    /// Workspaces, packages, plain folders, and `@FILE` with one of these a line
    #[arg(required = true)]
    folders: Vec<String>,
    /// Flags for both, such as "-W all --all-targets"; levels are not handed to `tasks`, which knows none
    #[arg(long, default_value = "", allow_hyphen_values = true, hide_default_value = true)]
    flags: String,
    /// Seconds that one run may take
    #[arg(long, default_value_t = 60)]
    limit: u64,
    /// How many folders are looked at side by side
    #[arg(long, default_value = "1")]
    jobs: NonZeroUsize,
    /// Do not list tasks
    #[arg(long)]
    findings_only: bool,
    /// Tell where only the text of a finding differs, too
    #[arg(long)]
    words: bool,
    /// Keep what the old build says in this folder, and do not run it again where nothing has changed
    #[arg(long, value_name = "DIR")]
    keep_old: Option<PathBuf>,
}

fn main() -> Result<ExitCode> {
    let args = Args::parse();
    let folders = folders(&args.folders)?;
    let asked = Asked {
        flags: args.flags.split_whitespace().map(str::to_owned).collect(),
        limit: Duration::from_secs(args.limit),
        tasks: !args.findings_only,
    };
    let old = Side::new("old", &args.old, args.keep_old)?;
    let new = Side::new("new", &args.new, None)?;
    let pool = ThreadPoolBuilder::new().num_threads(args.jobs.get()).build()?;
    let compare = |folder: &PathBuf| Folder::compare(old.run(folder, &asked), new.run(folder, &asked));
    let mut totals = Totals::new(args.words);
    // A run over hundreds of folders takes minutes: what is known is printed every now and then.
    for some in folders.chunks(args.jobs.get() * 8) {
        let compared: Vec<Folder> = pool.install(|| some.par_iter().map(compare).collect());
        some.iter().zip(&compared).for_each(|(path, folder)| print!("{}", totals.add(path, folder)));
    }
    print!("{totals}");
    Ok(totals.exit_code())
}

/// The folders that were asked for, each once, in that order.
fn folders(asked: &[String]) -> Result<Vec<PathBuf>> {
    let mut folders: Vec<PathBuf> = Vec::new();
    let mut add = |folder: &str| -> Result<()> {
        let path = fs::canonicalize(folder).with_context(|| format!("cannot read the folder {folder}"))?;
        ensure!(path.is_dir(), "{folder} is not a folder");
        if !folders.contains(&path) {
            folders.push(path);
        }
        Ok(())
    };
    for asked in asked {
        match asked.strip_prefix('@') {
            Some(list) => {
                let text = fs::read_to_string(list).with_context(|| format!("cannot read the list {list}"))?;
                text.lines().map(str::trim).filter(|line| !line.is_empty()).try_for_each(&mut add)?;
            }
            None => add(asked)?,
        }
    }
    Ok(folders)
}
