//! `--fix` begins only where version control could bring back what it changes.

use super::{run, text};
use crate::support::{Folder, git, git_in};
use cargo_spawnlint::Exit;
use std::fs;

const OLD: &str = "fn safe_x() {}\n";
const NEW: &str = "fn done_x() {}\n";

/// A repository in which everything is committed.
fn repository() -> Folder {
    let folder = Folder::package(&[("src/lib.rs", OLD), (".gitignore", "/ignored\n")]);
    git(&folder, &["init", "-q"]);
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-q", "-m", "all"]);
    folder
}

fn refused(folder: &Folder, args: &[&str]) -> String {
    let out = run(folder, &[&["--fix"], args].concat());
    assert_eq!((out.exit, out.stdout.as_str()), (Exit::Usage, ""), "{}", out.stderr);
    assert_eq!(text(folder, "src/lib.rs"), OLD);
    out.stderr
}

fn fixed(folder: &Folder, args: &[&str]) {
    let out = run(folder, &[&["--fix"], args].concat());
    assert_eq!((out.exit, text(folder, "src/lib.rs").as_str()), (Exit::Clean, NEW), "{}", out.stderr);
}

#[test]
fn what_is_committed_may_change() {
    let folder = repository();
    fixed(&folder, &[]);
}

#[test]
fn what_the_program_itself_leaves_behind_does_not_count() {
    let folder = repository();
    // There is no `target` in this one's .gitignore.
    assert_eq!(run(&folder, &[]).exit, Exit::Clean);
    assert!(folder.path().join("target").exists());
    fixed(&folder, &[]);
}

#[test]
fn outside_of_version_control() {
    let folder = Folder::package(&[("src/lib.rs", OLD)]);
    let said = refused(&folder, &[]);
    assert!(said.contains(" is not under version control, "), "{said}");
    let asked = ", so the changes by --fix could not be undone; pass --allow-no-vcs to continue anyway, or look at --diff first\n";
    assert!(said.ends_with(asked), "{said}");
    refused(&folder, &["--allow-dirty", "--allow-staged"]);
    assert!(!folder.path().join("target").exists(), "not even a cache is written");
    fixed(&folder, &["--allow-no-vcs"]);
}

#[test]
fn what_is_not_committed() {
    let folder = repository();
    folder.write("notes.md", "mine");
    folder.write("Cargo.toml", text(&folder, "Cargo.toml") + "# a remark\n");
    let said = refused(&folder, &[]);
    let list = "commit them first, or pass --allow-dirty:\n  * Cargo.toml (dirty)\n  * notes.md (dirty)\n";
    let told = "error: there are uncommitted changes, so those by --fix could not be reviewed or undone separately; ";
    assert_eq!(said, format!("{told}{list}"));
    refused(&folder, &["--allow-staged"]);
    fixed(&folder, &["--allow-dirty"]);
}

#[test]
fn what_is_staged() {
    let folder = repository();
    folder.write("notes.md", "mine");
    git(&folder, &["add", "notes.md"]);
    let said = refused(&folder, &[]);
    assert!(said.ends_with("commit them first, or pass --allow-staged:\n  * notes.md (staged)\n"), "{said}");
    fixed(&folder, &["--allow-staged"]);
    let folder = repository();
    folder.write("notes.md", "mine");
    git(&folder, &["add", "notes.md"]);
    fixed(&folder, &["--allow-dirty"]);
}

#[test]
fn how_lines_end_does_not_count() {
    let folder = repository();
    git(&folder, &["config", "core.autocrlf", "true"]);
    folder.write("Cargo.toml", text(&folder, "Cargo.toml").replace('\n', "\r\n"));
    fixed(&folder, &[]);
}

#[test]
fn files_that_went_or_have_become_others() {
    let folder = repository();
    for name in ["gone", "link", "moved"] {
        folder.write(name, name);
    }
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-q", "-m", "more"]);
    fs::remove_file(folder.path().join("gone")).unwrap();
    fs::remove_file(folder.path().join("link")).unwrap();
    fs::create_dir(folder.path().join("link")).unwrap();
    git(&folder, &["mv", "moved", "there"]);
    let list = "pass --allow-dirty:\n  * gone (dirty)\n  * link (dirty)\n  * moved (staged)\n  * there (staged)\n";
    let said = refused(&folder, &[]);
    assert!(said.ends_with(list), "{said}");
}

#[test]
fn what_is_not_committed_in_a_submodule() {
    let (folder, inner, deep) = (repository(), repository(), repository());
    git(&inner, &["submodule", "--quiet", "add", &deep.path().to_string_lossy(), "deep"]);
    git(&inner, &["commit", "-q", "-m", "deep"]);
    git(&folder, &["submodule", "--quiet", "add", &inner.path().to_string_lossy(), "inner"]);
    git(&folder, &["commit", "-q", "-m", "inner"]);
    git(&folder, &["submodule", "--quiet", "update", "--init", "--recursive"]);
    let list = "commit them first, or pass --allow-dirty:\n  * inner (dirty)\n";
    folder.write("inner/deep/notes.md", "mine");
    let said = refused(&folder, &[]);
    assert!(said.ends_with(list), "{said}");
    fs::remove_file(folder.path().join("inner/deep/notes.md")).unwrap();
    folder.write("inner/notes.md", "mine");
    git_in(&folder.path().join("inner"), &["add", "-A"]);
    assert!(refused(&folder, &[]).ends_with(list));
    // Another commit than the one that it is said to be at.
    git_in(&folder.path().join("inner"), &["commit", "-q", "-m", "more"]);
    assert!(refused(&folder, &[]).ends_with(list));
    git(&folder, &["commit", "-q", "-a", "-m", "more"]);
    fixed(&folder, &[]);
}

#[test]
fn what_git_is_told_to_ignore_is_under_no_version_control() {
    let outer = repository();
    fs::create_dir(outer.path().join("ignored")).unwrap();
    outer.write("ignored/Cargo.toml", crate::support::MANIFEST.to_owned() + "[workspace]\n");
    outer.write("ignored/src/lib.rs", OLD);
    let out = run(&outer, &["--fix", "--manifest-path", "ignored/Cargo.toml"]);
    assert_eq!(out.exit, Exit::Usage);
    assert!(out.stderr.contains("is not under version control"), "{}", out.stderr);
}

#[test]
fn other_version_control_counts_by_being_there() {
    let folder = Folder::package(&[("src/lib.rs", OLD), (".hg/requires", "")]);
    fixed(&folder, &[]);
}

#[test]
fn a_repository_that_git_cannot_read() {
    let folder = Folder::package(&[("src/lib.rs", OLD), (".git/config", "[broken")]);
    let said = refused(&folder, &[]);
    assert!(said.contains("git cannot tell whether everything is committed: "), "{said}");
    fixed(&folder, &["--allow-no-vcs"]);
}

#[test]
fn comments_are_written_where_they_could_be_taken_back() {
    let refused = |folder: &Folder| {
        let out = run(folder, &["--add-suppressions", "known"]);
        assert_eq!((out.exit, text(folder, "src/lib.rs").as_str()), (Exit::Usage, OLD));
        out.stderr
    };
    let folder = repository();
    folder.write("notes.md", "mine");
    let told = "error: there are uncommitted changes, so those by --add-suppressions could not be reviewed or undone separately; commit them first, or pass --allow-dirty:\n  * notes.md (dirty)\n";
    assert_eq!(refused(&folder), told);
    let told = refused(&Folder::package(&[("src/lib.rs", OLD)]));
    // There is no --diff for it.
    let asked = ", so the changes by --add-suppressions could not be undone; pass --allow-no-vcs to continue anyway\n";
    assert!(told.ends_with(asked), "{told}");
}
