//! The harness of the end-to-end tests.

pub mod fixture;
pub mod fuzzing;
pub mod mutants;
pub mod ordeal;
pub mod pipeline;
pub mod shapes;
pub mod subject;
pub mod words;

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// The folder of the project's Cargo.toml.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package stands below the root").to_owned()
}

/// Compares a file with what it should say, or writes that into it if `UPDATE_EXPECT=1` is set.
/// Says what is wrong.
///
/// # Errors
/// If the file says something else.
pub fn expect_file(path: &Path, text: &str) -> Result<(), String> {
    let old = fs::read_to_string(path).unwrap_or_default();
    if old == text {
        return Ok(());
    }
    if env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1") {
        let folder = path.parent().expect("a file stands in a folder");
        return fs::create_dir_all(folder).and_then(|()| fs::write(path, text)).map_err(|error| error.to_string());
    }
    let mut lines = old.lines().zip(text.lines()).enumerate();
    let different =
        lines.find(|(_, (old, new))| old != new).map_or(old.lines().count().min(text.lines().count()), |it| it.0);
    let old_line = old.lines().nth(different).unwrap_or("<end>");
    let new_line = text.lines().nth(different).unwrap_or("<end>");
    Err(format!(
        "{} is out of date from line {} on; UPDATE_EXPECT=1 rewrites it\n  - {old_line}\n  + {new_line}",
        path.display(),
        different + 1
    ))
}

/// Copies a folder, without what cargo built in it.
///
/// # Panics
/// If something cannot be read or written.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder can be made");
    for entry in fs::read_dir(from).expect("the folder can be read") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("entries have names"));
        if path.is_dir() {
            if !path.ends_with("target") {
                copy_folder(&path, &target);
            }
        } else {
            fs::copy(&path, &target).expect("the file can be copied");
        }
    }
}
