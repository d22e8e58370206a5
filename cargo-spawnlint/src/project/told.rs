//! What cargo says of manifests and configurations, without what stands in those that lead out of the repository: it
//! shows lines of whatever it cannot read.

use crate::read::{Refusal, Territory};
use std::path::{Path, PathBuf};

/// What cargo said when it was run in `cwd` about the workspace of `manifest`, as far as that may be told.
pub(super) fn tellable(said: &str, manifest: &Path, cwd: &Path) -> String {
    let territory = Territory::around(manifest.parent().unwrap_or(cwd));
    let paths = paths(said, cwd);
    for path in &paths {
        match territory.admit(path) {
            Ok(_) | Err(Refusal::Io(_)) => {}
            Err(why) => return format!("what it says of {} is not shown: {why}", path.display()),
        }
    }
    // If nobody knows where lines come from, they are left out.
    let lines = said.lines().filter(|line| !paths.is_empty() || !is_quoted(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// The files that a message is about.
fn paths(said: &str, cwd: &Path) -> Vec<PathBuf> {
    let arrows = said.lines().filter_map(|line| line.trim_start().strip_prefix("--> "));
    // `a/Cargo.toml:1:9`
    let shown = arrows.map(|place| place.trim_end_matches(|it: char| it == ':' || it.is_ascii_digit()));
    let quoted = ['`', '\''].into_iter().flat_map(|mark| said.split(mark).skip(1).step_by(2));
    let files = shown.chain(quoted.filter(|text| Path::new(text).is_absolute())).map(|text| cwd.join(text));
    files.map(|path| if path.is_dir() { path.join("Cargo.toml") } else { path }).collect()
}

/// `12 | text`
fn is_quoted(line: &str) -> bool {
    let line = line.trim_start();
    let text = line.trim_start_matches(|it: char| it.is_ascii_digit());
    text.len() < line.len() && text.trim_start().starts_with('|')
}
