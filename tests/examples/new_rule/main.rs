//! Lays down the files of a new rule and says what is left to do.
//!
//! ```sh
//! cargo run -p spawnlint-tests --example new_rule -- leaked_interval --group leak
//! ```
//!
//! The rule compiles and reports nothing until it is written: `WRITE:` marks each place, and the tests look for what is
//! left of them. Nothing is written if the name will not do.

mod lay_down;
mod left_to_do;
mod name;

use clap::{Parser, ValueEnum};
use spawnlint_tests::root;
use std::process::ExitCode;

/// Lay down the files of a new rule
#[derive(Parser)]
struct Args {
    /// What is wrong, in snake_case, so that it reads well after the word "allow": `dropped_join_handle`
    name: String,
    /// What it is switched on and off with
    #[arg(long, value_enum, default_value = "leak")]
    group: Group,
}

/// The groups that rules of the core may be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Group {
    /// Memory or tasks that grow without end; on by default
    Leak,
    /// Work that serves nobody; on by default
    Waste,
    /// Tasks without an owner whose drop ends them: the strict suite; off by default
    Ownership,
    /// Inventories for teams that want them; off by default
    Audit,
}

fn main() -> ExitCode {
    let Args { name, group } = Args::parse();
    match lay_down::lay_down(&root(), &name, group) {
        Ok(written) => {
            written.iter().for_each(|path| println!("wrote {path}"));
            println!("\n{}", left_to_do::left_to_do(&name, group));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}
