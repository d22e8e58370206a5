//! Every `cargo spawnlint` command of the documents is run in a scratch project.

use crate::run_in;
use cargo_spawnlint::Exit;
use spawnlint_tests::{fixture::entries, root, words::plainer};
use std::{fs, path::Path, process::Command};

/// A package with a leak, in a repository with one commit.
fn scratch() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    write("Cargo.toml", "[package]\nname = \"server\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    write("src/lib.rs", "pub mod net;\n\npub fn start() {\n    tokio::spawn(async { loop { tick().await } });\n}\n");
    write("src/net.rs", "");
    git(folder.path(), &["init", "-q", "-b", "main"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "Begin"]);
    git(folder.path(), &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    folder
}

fn git(folder: &Path, args: &[&str]) {
    let nobody = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.org"];
    let status = Command::new("git").current_dir(folder).args(nobody).args(args).status();
    assert!(status.is_ok_and(|it| it.success()), "git {args:?}");
}

/// The commands in the shell blocks of a document, as words behind `cargo`.
fn commands(page: &str) -> Vec<Vec<String>> {
    let blocks = page.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines = blocks.flat_map(str::lines).filter_map(|line| line.strip_prefix("cargo "));
    lines.filter(|line| line.starts_with("spawnlint")).map(words).collect()
}

/// The words of a shell command, up to a comment or to what it is piped into.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for letter in line.chars() {
        match (letter, quote) {
            (_, Some(it)) if it == letter => quote = None,
            ('"' | '\'', None) => quote = Some(letter),
            ('#' | '|' | '<' | '>' | '&', None) => break,
            (' ', None) => words.push(String::new()),
            _ => words.last_mut().expect("there is one").push(letter),
        }
    }
    words.retain(|it| !it.is_empty());
    words
}

#[test]
fn words_end_at_comments_and_pipes() {
    assert_eq!(words("spawnlint -p 'web-*'  # by a pattern"), ["spawnlint", "-p", "web-*"]);
    assert_eq!(words("spawnlint tasks | dot"), ["spawnlint", "tasks"]);
}

#[test]
fn commands_of_the_documents_run() {
    let pages = entries(&root().join("docs")).into_iter().chain([root().join("README.md")]);
    let mut count = 0;
    for page in pages.filter(|path| path.extension().is_some_and(|it| it == "md")) {
        for mut args in commands(&fs::read_to_string(&page).expect("a page")) {
            let folder = scratch();
            let placeholders = [("RULE", "double_spawn"), ("SHELL", "bash")];
            for word in &mut args {
                if let Some((_, value)) = placeholders.iter().find(|(name, _)| name == word) {
                    *word = (*value).to_owned();
                }
            }
            if args.iter().any(|it| it == "spawnlint-baseline.json") {
                run_in(folder.path(), ["spawnlint", "baseline"].map(str::to_owned));
            }
            let (exit, _, stderr) = run_in(folder.path(), args.clone());
            let is_fine = [Exit::Clean, Exit::Findings].contains(&exit);
            assert!(is_fine, "{}: cargo {}: {exit:?}\n{stderr}", page.display(), args.join(" "));
            count += 1;
        }
    }
    assert!(count > 20, "only {count} commands were found");
}

#[test]
fn the_manual_keeps_the_words() {
    let (exit, manual, stderr) = run_in(&root(), ["spawnlint", "man"].map(str::to_owned));
    assert_eq!(exit, Exit::Clean, "{stderr}");
    assert!(manual.len() > 5_000, "all commands and flags");
    assert_eq!(plainer(&manual), None);
}
