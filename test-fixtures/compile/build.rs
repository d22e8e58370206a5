//! Lists every single-file fixture as a module, so that rustc reads it.

use std::{env, error::Error, fmt::Write as _, fs, path::Path, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let fixtures = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("..").canonicalize()?;
    println!("cargo::rerun-if-changed={}", fixtures.display());
    let mut modules = String::new();
    for folder in sorted(&fixtures)? {
        let name = name(&folder);
        if !folder.is_dir() || ["compile", "workspaces"].contains(&name.as_str()) {
            continue;
        }
        writeln!(modules, "/// Fixtures of `{name}`.\npub mod {name} {{")?;
        for file in sorted(&folder)?.iter().filter(|file| file.extension().is_some_and(|ending| ending == "rs")) {
            println!("cargo::rerun-if-changed={}", file.display());
            // Fixtures of several files are written out as workspaces of their own.
            if !fs::read_to_string(file)?.lines().any(|line| line.starts_with("//- ")) {
                writeln!(modules, "    #[path = {file:?}]\n    pub mod {};", self::name(file))?;
            }
        }
        modules.push_str("}\n");
    }
    fs::write(Path::new(&env::var("OUT_DIR")?).join("fixtures.rs"), modules)?;
    Ok(())
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, std::io::Error>>()?;
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
