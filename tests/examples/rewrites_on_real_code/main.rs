//! Applies every rewrite that is offered on published crates, one at a time on a copy, and asks the compiler.
//!
//! ```sh
//! cargo run -p spawnlint-tests --example rewrites_on_real_code -- --scratch /tmp/rewrites ../vendor/poem:tokio-metrics ..
//! ```
//!
//! Each crate is a folder, with the features to switch on behind a colon; without a colon it is built with its default
//! features. It is copied to the scratch folder and built there; what does not build untouched is passed over. A
//! finding counts only if the compiler sees its place, which an error that is put there tells. A rewrite that needs a
//! dependency is tried with that dependency added. Everything is built into one target folder below the scratch
//! folder; patches and the first errors are left beside it, to be read. It builds code from the registry, which runs
//! build scripts: use a machine where that does no harm.

mod package;
mod table;
mod trial;

use package::Package;
use std::{fs, path::PathBuf};
use table::Row;

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1).peekable();
    let mut scratch = std::env::temp_dir().join("rewrites-on-real-code");
    if args.next_if_eq("--scratch").is_some() {
        scratch = PathBuf::from(args.next().unwrap_or_default());
    }
    fs::create_dir_all(scratch.join("patches"))?;
    let mut rows: Vec<Row> = Vec::new();
    for asked in args {
        let (folder, features) = asked.split_once(':').unwrap_or((&asked, ""));
        match Package::copy(folder.as_ref(), features, &scratch) {
            Ok(package) => {
                let tried = trial::all(&package, &scratch.join("patches"))?;
                tried.iter().for_each(|row| println!("{row}"));
                rows.extend(tried);
            }
            Err(error) => println!("{folder}: passed over: {error}"),
        }
    }
    println!("\n{}", table::table(&rows));
    Ok(())
}
