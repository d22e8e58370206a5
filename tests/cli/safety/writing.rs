//! Files that are not for writing: `--fix` and `--add-suppressions` stay in the repository, and ask the repository of each
//! file.

use super::super::fix::mends::MENDS;
use crate::support::{Folder, MANIFEST, Output, Run, git_in};
use cargo_spawnlint::Exit;
use std::{
    fs,
    os::unix::fs::{MetadataExt as _, symlink},
    path::{Path, PathBuf},
};

const OLD: &str = "fn safe_x() {}\n";
const NEW: &str = "fn done_x() {}\n";

/// A committed package in `repo`, with things beside it.
struct Stage {
    folder: Folder,
    repo: PathBuf,
}

impl Stage {
    fn new(files: &[(&str, &str)]) -> Stage {
        let folder = Folder::new(&[]);
        folder.write("repo/Cargo.toml", MANIFEST);
        folder.write("repo/.gitignore", "/target\n");
        files.iter().for_each(|(path, text)| folder.write(path, text));
        let repo = folder.path().join("repo");
        Stage { folder, repo }
    }

    fn commit(self) -> Stage {
        git_in(&self.repo, &["init", "-q"]);
        commit(&self.repo);
        self
    }

    fn link(self, to: &str, path: &str) -> Stage {
        symlink(to, self.folder.path().join(path)).unwrap();
        self
    }

    fn run(&self, args: &[&str]) -> Output {
        Run::default().rules(MENDS).args(args).run_in(&self.repo)
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.folder.path().join(path)).unwrap()
    }
}

fn commit(repository: &Path) {
    git_in(repository, &["add", "-A"]);
    git_in(repository, &["commit", "-q", "-m", "all"]);
}

#[test]
fn nothing_outside_is_changed() {
    let lib = "fn safe_x() {}\n#[path = \"../../outside/a.rs\"]\nmod a;\nmod b;\nmod c;\n";
    for args in [&["--fix"][..], &["--fix", "--unsafe-fixes", "--no-verify"], &["--add-suppressions", "why"]] {
        let stage = Stage::new(&[
            ("repo/src/lib.rs", lib),
            ("outside/a.rs", OLD),
            ("outside/b.rs", OLD),
            ("outside/c/mod.rs", OLD),
        ]);
        let stage = stage.link("../../outside/b.rs", "repo/src/b.rs").link("../../outside/c", "repo/src/c").commit();
        let out = stage.run(args);
        assert_eq!(out.exit, Exit::Incomplete, "{}", out.stderr);
        for path in ["outside/a.rs", "outside/b.rs", "outside/c/mod.rs"] {
            assert_eq!(stage.text(path), OLD, "{args:?}");
        }
        assert_ne!(stage.text("repo/src/lib.rs"), lib, "what lies inside is changed: {}", out.stderr);
        let (repo, told) = (stage.repo.display(), &out.stdout);
        for why in [
            format!("it is outside {repo}"),
            format!("it is a link to `../../outside/b.rs`, which points outside {repo}"),
            format!("`src/c` is a link to `../../outside/c`, which points outside {repo}"),
        ] {
            assert!(told.contains(&format!("cannot read this file: {why}")), "{why}: {told}");
        }
    }
}

#[test]
fn a_member_elsewhere_is_read_and_not_changed() {
    let root = format!("[workspace]\nmembers = [\"../other\"]\n{MANIFEST}");
    let other = MANIFEST.replace("demo", "other") + "workspace = \"../repo\"\n";
    let stage = Stage::new(&[
        ("repo/Cargo.toml", &root),
        ("repo/src/lib.rs", OLD),
        ("other/Cargo.toml", &other),
        ("other/src/lib.rs", OLD),
    ]);
    let stage = stage.commit();
    let out = stage.run(&["--fix", "--workspace"]);
    let (other, repo) = (stage.folder.path().join("other/src/lib.rs"), stage.repo.display());
    let said = format!("error: {} was not changed: it is outside {repo}\n", other.display());
    assert!(out.stderr.contains(&said), "{}", out.stderr);
    assert_eq!((stage.text("other/src/lib.rs"), stage.text("repo/src/lib.rs")), (OLD.to_owned(), NEW.to_owned()));
    assert_eq!(out.exit, Exit::Incomplete);
    let out = stage.run(&["--add-suppressions", "why", "--workspace", "--allow-dirty"]);
    assert!(out.stderr.contains(&said), "{}", out.stderr);
    assert_eq!(stage.text("other/src/lib.rs"), OLD);
}

#[test]
fn links_inside_are_followed() {
    let stage = Stage::new(&[("repo/src/lib.rs", "mod a;\nmod b;\n"), ("repo/x/a.rs", OLD), ("repo/x/b/mod.rs", OLD)]);
    let stage = stage.link("../x/a.rs", "repo/src/a.rs").link("../x/b", "repo/src/b").commit();
    let out = stage.run(&["--fix"]);
    assert_eq!(out.exit, Exit::Clean, "{}", out.stderr);
    assert_eq!((stage.text("repo/x/a.rs"), stage.text("repo/x/b/mod.rs")), (NEW.to_owned(), NEW.to_owned()));
    assert!(stage.repo.join("src/a.rs").is_symlink() && stage.repo.join("src/b").is_symlink());
}

#[test]
fn another_name_of_a_file_keeps_the_old_text() {
    let stage = Stage::new(&[("repo/src/lib.rs", OLD)]).commit();
    let other = stage.folder.path().join("other.rs");
    fs::hard_link(stage.repo.join("src/lib.rs"), &other).unwrap();
    assert_eq!(other.metadata().unwrap().nlink(), 2);
    assert_eq!(stage.run(&["--fix"]).exit, Exit::Clean);
    assert_eq!((stage.text("repo/src/lib.rs"), stage.text("other.rs")), (NEW.to_owned(), OLD.to_owned()));
}

#[test]
fn the_repository_of_each_file_is_asked() {
    for args in [&["--fix"][..], &["--add-suppressions", "why"]] {
        // The one around it has nothing to say of a folder that it ignores.
        let files = [
            ("repo/src/lib.rs", "fn safe_x() {}\n#[path = \"../nested/a.rs\"]\nmod a;\n"),
            ("repo/.gitignore", "/target\n/nested\n"),
            ("repo/nested/a.rs", "fn plain() {}\n"),
        ];
        let stage = Stage::new(&files).commit();
        let nested = stage.repo.join("nested");
        git_in(&nested, &["init", "-q"]);
        commit(&nested);
        stage.folder.write("repo/nested/a.rs", OLD);
        let out = stage.run(args);
        assert_eq!(out.exit, Exit::Usage, "{}", out.stderr);
        assert!(out.stderr.contains("there are uncommitted changes") && out.stderr.contains("a.rs"), "{}", out.stderr);
        assert_eq!(stage.text("repo/nested/a.rs"), OLD);
        assert_eq!(stage.text("repo/src/lib.rs"), files[0].1, "nothing is changed");
        commit(&nested);
        let out = stage.run(args);
        assert!(out.exit == Exit::Clean, "{}", out.stderr);
        assert_ne!(stage.text("repo/nested/a.rs"), OLD);
    }
}

#[test]
fn no_report_is_written_through_a_link_that_leads_out() {
    let files = [("repo/src/lib.rs", OLD), ("outside/x", "mine")];
    let stage = Stage::new(&files).link("../outside/x", "repo/report").link("../outside", "repo/folder").commit();
    let stage = stage.link("../outside/new", "repo/dangling");
    let repo = stage.repo.display();
    for (path, link) in [
        ("report", "it is a link to `../outside/x`".to_owned()),
        ("dangling", "it is a link to `../outside/new`".to_owned()),
        ("folder/new", format!("`{repo}/folder` is a link to `../outside`")),
    ] {
        for args in [["--output", path], ["--message-format", &format!("sarif={path}")]] {
            let out = stage.run(&args);
            let said = format!("error: `{path}` is not written: {link}, which points outside {repo}\n");
            assert_eq!((out.exit, out.stderr), (Exit::Usage, said));
        }
        let out = stage.run(&["baseline", "--output", path]);
        assert_eq!(out.exit, Exit::Usage);
        assert!(out.stderr.contains(&format!("{link}, which points outside {repo}\n")), "{}", out.stderr);
    }
    assert_eq!(stage.text("outside/x"), "mine");
    assert_eq!(stage.folder.path().join("outside").read_dir().unwrap().count(), 1);
    // The user may write anywhere.
    let elsewhere = stage.folder.path().join("outside/new");
    assert_eq!(stage.run(&["--output", elsewhere.to_str().unwrap()]).exit, Exit::Clean);
    assert!(elsewhere.exists());
}

#[test]
fn nothing_of_version_control_is_changed() {
    let lib = "#[path = \"../.git/hooks/x.rs\"]\nmod x;\n";
    let stage = Stage::new(&[("repo/src/lib.rs", lib)]).commit();
    stage.folder.write("repo/.git/hooks/x.rs", OLD);
    let out = stage.run(&["--fix"]);
    assert_eq!((out.exit, stage.text("repo/.git/hooks/x.rs").as_str()), (Exit::Incomplete, OLD));
}
