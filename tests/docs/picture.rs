//! The picture at the top of the README is what the program prints to a terminal.

use crate::run_in;
use cargo_spawnlint::Exit;
use spawnlint_tests::{expect_file, root};

/// What is typed, in the folder of the service that ships with the project.
const COMMAND: &str = "cargo spawnlint session/src/player.rs";

#[test]
fn the_picture_is_fresh() {
    let folder = root().join("test-fixtures/workspaces/streaming-service");
    let args = COMMAND.split(' ').skip(1).chain(["--no-cache", "--color", "always"]);
    let (exit, report, closing) = run_in(&folder, args.map(str::to_owned));
    assert_eq!(exit, Exit::Clean, "{closing}");
    let closing = crate::readme::timeless(&closing);
    // Of the lines at the end the first two are enough.
    let closing: Vec<&str> = closing.lines().take(2).collect();
    let screen = format!("\u{1b}[1m$ {COMMAND}\u{1b}[0m\n{report}{}\n", closing.join("\n"));
    let picture = anstyle_svg::Term::new().palette(anstyle_svg::WIN10_CONSOLE).render_svg(&screen);
    if let Err(problem) = expect_file(&root().join("docs/demonstration.svg"), &picture) {
        panic!("{problem}");
    }
}
