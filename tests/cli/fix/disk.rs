//! Files that cannot be written, or that are no longer what was read: they are told, and everything else goes on.

use super::{MENDS, fix, run, text, told};
use crate::support::{Folder, Run};
use cargo_spawnlint::{
    Exit,
    engine::{Engine, Options, Texts},
    fix::{Policy, Refusal, Why, mend, replace},
    project::{Cargo, discover},
};
use std::fs;

const TWO: [(&str, &str); 2] = [("src/lib.rs", "mod a;\nfn safe_x() {}\n"), ("src/a.rs", "fn safe_y() {}\n")];

#[test]
fn a_read_only_file() {
    let folder = Folder::package(&TWO);
    let path = folder.path().join("src/a.rs");
    let mut permissions = path.metadata().unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    let out = fix(&folder, &[]);
    assert_eq!(text(&folder, "src/lib.rs"), "mod a;\nfn done_x() {}\n");
    assert_eq!(text(&folder, "src/a.rs"), "fn safe_y() {}\n");
    assert!(path.metadata().unwrap().permissions().readonly());
    assert_eq!(
        told(&out),
        "error: src/a.rs was not changed: it is read-only\n\
         applied: src/lib.rs:2:4: call it done [fixable_name]\n\
         not applied: src/a.rs:1:4: call it done [fixable_name]\n\
         applied 1 fix to 1 file\n"
    );
    assert!(out.stdout.contains("`safe_y` can be mended"), "it is still there: {}", out.stdout);
    assert_eq!(out.exit, Exit::Incomplete);
    assert_eq!(fix(&folder, &["-q"]).stderr, "error: src/a.rs was not changed: it is read-only\n");
}

#[cfg(unix)]
#[test]
fn a_read_only_folder() {
    use std::os::unix::fs::PermissionsExt as _;
    let files = [("src/lib.rs", "mod a;\nfn safe_x() {}\n"), ("src/a/mod.rs", "fn safe_y() {}\n")];
    let folder = Folder::package(&files);
    let path = folder.path().join("src/a");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o555)).unwrap();
    let out = fix(&folder, &[]);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(text(&folder, "src/lib.rs"), "mod a;\nfn done_x() {}\n");
    assert_eq!(text(&folder, "src/a/mod.rs"), "fn safe_y() {}\n");
    assert!(out.stderr.starts_with("error: src/a/mod.rs was not changed: its folder is read-only\n"), "{}", out.stderr);
    assert_eq!(out.exit, Exit::Incomplete);
    assert_eq!(path.read_dir().unwrap().count(), 1, "nothing is left behind");
}

#[test]
fn files_that_share_a_rewrite_change_together_or_not_at_all() {
    let files =
        [("src/lib.rs", "mod a;\nmod b;\n"), ("src/a.rs", "fn pair_x() {}\n"), ("src/b.rs", "fn safe_y() {}\n")];
    let folder = Folder::package(&files);
    fix(&folder, &[]);
    // The first file is the first by name.
    assert_eq!(text(&folder, "src/a.rs"), "// paired\nfn done_x() {}\n");
    let folder = Folder::package(&[
        ("src/lib.rs", "mod a;\nmod b;\nfn pair_x() {}\n"),
        ("src/a.rs", "fn plain() {}\n"),
        ("src/b.rs", "fn safe_y() {}\n"),
    ]);
    let path = folder.path().join("src/lib.rs");
    let mut permissions = path.metadata().unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    let out = fix(&folder, &[]);
    assert_eq!(text(&folder, "src/a.rs"), "fn plain() {}\n");
    assert_eq!(text(&folder, "src/b.rs"), "fn done_y() {}\n");
    let why = "error: src/a.rs was not changed: its fix also has to change a file that could not be changed\n";
    assert!(out.stderr.contains(why), "{}", out.stderr);
    assert_eq!(out.exit, Exit::Incomplete);
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = Folder::package(&[("src/lib.rs", "mod link;\n"), ("other/real.rs", "fn safe_x() {}\n")]);
    symlink("../other/real.rs", folder.path().join("src/link.rs")).unwrap();
    let real = folder.path().join("other/real.rs");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    fix(&folder, &[]);
    assert_eq!(text(&folder, "other/real.rs"), "fn done_x() {}\n");
    assert_eq!(real.metadata().unwrap().permissions().mode() & 0o777, 0o640);
    assert!(folder.path().join("src/link.rs").is_symlink());
    assert_eq!(folder.path().join("other").read_dir().unwrap().count(), 1);
}

#[test]
fn a_text_that_is_no_longer_what_was_read_is_not_replaced() {
    let folder = Folder::package(&TWO);
    let path = folder.path().join("src/a.rs");
    let refusal = replace(&path, "fn safe_z() {}\n", "fn done_z() {}\n");
    assert!(matches!(refusal, Err(Refusal::Changed)), "{refusal:?}");
    assert_eq!(text(&folder, "src/a.rs"), "fn safe_y() {}\n");
    let refusal = replace(&folder.path().join("src/gone.rs"), "", "fn done_z() {}\n");
    assert!(matches!(refusal, Err(Refusal::Io(_))), "{refusal:?}");
    assert_eq!(folder.path().join("src").read_dir().unwrap().count(), 2);
}

#[test]
fn a_file_that_changes_between_reading_and_checking_is_left_alone() {
    let folder = Folder::package(&TWO);
    let cargo = Cargo { program: env!("CARGO").into(), cwd: folder.path(), target_dir: None };
    let project = discover(&cargo, &folder.path().join("Cargo.toml"));
    let options = Options { texts: Texts::Reported, ..Options::new(MENDS) };
    let mut engine = Engine::open(project, options).unwrap();
    folder.write("src/a.rs", "fn safe_other() {}\n");
    let mended = mend(&mut engine, Policy { unsafe_fixes: true, nth: 0 });
    let changed: Vec<&str> = mended.changes.iter().map(|it| it.shown.as_str()).collect();
    assert_eq!(changed, ["src/lib.rs"]);
    let left: Vec<String> = mended.left.iter().map(|(told, why)| format!("{}: {why}", told.at.path)).collect();
    assert_eq!(left, ["src/a.rs: the file changed since it was read"]);
    assert!(matches!(mended.left[0].1, Why::Unresolved(_)));
    assert!(!mended.report.is_complete(), "and the report says so");
}

/// The program that is taken for cargo writes to a file while it checks.
#[cfg(unix)]
#[test]
fn a_file_that_changes_between_checking_and_writing_is_left_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::package(&TWO);
    let cargo = env!("CARGO");
    let script = format!("#!/bin/sh\n[ \"$1\" = check ] && echo 'fn mine() {{}}' > src/a.rs\nexec {cargo} \"$@\"\n");
    folder.write("cargo.sh", script);
    let path = folder.path().join("cargo.sh");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let run = Run::default().rules(MENDS).args(&["--fix", "--verify", "--allow-no-vcs", "--offline"]);
    let out = run.env("CARGO", path.to_str().unwrap()).run_in(&folder.path());
    assert_eq!(text(&folder, "src/a.rs"), "fn mine() {}\n", "nothing is lost");
    assert_eq!(text(&folder, "src/lib.rs"), "mod a;\nfn done_x() {}\n");
    let why = "error: src/a.rs was not changed: it changed on disk since it was read\n";
    assert!(out.stderr.contains(why), "{}", out.stderr);
    assert_eq!(out.exit, Exit::Incomplete);
    // What is told to be left is what is there now.
    assert!(!out.stdout.contains("safe_y"), "{}", out.stdout);
}

#[test]
fn a_patch_changes_nothing() {
    let folder = Folder::package(&TWO);
    let out = run(&folder, &["--diff"]);
    assert_eq!(text(&folder, "src/lib.rs"), "mod a;\nfn safe_x() {}\n");
    assert!(out.stdout.contains("+fn done_x() {}\n"), "{}", out.stdout);
    assert!(out.stderr.contains("would apply 2 fixes to 2 files\n"), "{}", out.stderr);
}

struct Closed;

impl std::io::Write for Closed {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_closed_pipe_keeps_nobody_from_knowing_what_changed() {
    let folder = Folder::package(&[("src/lib.rs", "fn safe_x() {}\nfn maybe_y() {}\n")]);
    let run = Run::default().rules(MENDS).args(&["--fix", "--allow-no-vcs"]);
    let (exit, told) = run.run_into(&folder.path(), &mut Closed);
    assert_eq!(text(&folder, "src/lib.rs"), "fn done_x() {}\nfn maybe_y() {}\n");
    assert!(told.starts_with("applied: src/lib.rs:1:4: "), "{told}");
    assert_eq!(exit, Exit::Clean);
}
