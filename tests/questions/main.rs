//! What the linked program answers about tasks: each question on small sources, by its printed answer.

mod aborts;
mod circles;
mod closes;
mod deep;
mod durations;
mod endings;
mod failures;
mod fates;
mod guards;
mod imports;
mod inventory;
mod keepers;
mod kinds;
mod names;
mod owners;
mod paths;
mod races;
mod reach;
mod rewraps;
mod sets;
mod signals;
mod spans;
mod sustained;
mod unknown;
mod wrappers;

use expect_test::Expect;
use spawnlint_tests::{fixture::Fixture, pipeline};
use std::path::Path;

/// Links `text` (with `//- path crate: deps:` headers for several files), prints its tasks, and compares
/// the lines that name a task or begin with one of `words`.
fn check_lines(text: &str, words: &[&str], expect: Expect) {
    let fixture = Fixture::of_text(Path::new("q/lib.rs"), text.to_owned());
    let printed = pipeline::print_tasks(&fixture);
    let kept = printed.lines().filter(|line| {
        let text = line.trim_start();
        !line.starts_with(' ') || words.iter().any(|word| text.starts_with(word))
    });
    expect.assert_eq(&kept.map(|line| format!("{line}\n")).collect::<String>());
}
