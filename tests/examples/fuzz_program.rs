//! Writes the program that an input of the `link` fuzzer stands for: `cargo run -p spawnlint-tests --example fuzz_program
//! -- INPUT FOLDER`.

use spawnlint_tests::fuzzing::files;
use std::{env, fs, path::Path};

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [input, folder] = args.as_slice() else { anyhow::bail!("name an input and a folder") };
    for (path, text) in files(&mut arbitrary::Unstructured::new(&fs::read(input)?))? {
        let path = Path::new(folder).join(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
        fs::write(path, text)?;
    }
    Ok(())
}
