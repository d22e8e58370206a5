//! `--since` and `--staged`, in real repositories: what counts as changed, and what git cannot tell.

use crate::support::{Folder, MANIFEST, Output, Run, git, git_in};
use cargo_spawnlint::Exit;
use std::{fs, path::Path};

const LIB: &str = "mod net;\n\nfn leak_1() {}\n\nfn leak_2() {\n    first();\n    second();\n}\n\nfn leak_3() {}\n";
const NET: &str = "fn leak_net() {}\n";

/// A repository on a branch `main`, with everything committed.
fn repository() -> Folder {
    let folder = Folder::package(&[("src/lib.rs", LIB), ("src/net.rs", NET), (".gitignore", "target\nignored*\n")]);
    git(&folder, &["init", "-q"]);
    commit(&folder);
    folder
}

fn commit(folder: &Folder) {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "-m", "all"]);
}

fn run(cwd: &Path, args: &[&str]) -> Output {
    Run::default().args(&["-D", "warnings", "--message-format", "short"]).args(args).run_in(cwd)
}

fn names(out: &Output) -> String {
    let names: Vec<&str> = out.stdout.lines().map(|line| line.split('`').nth(1).unwrap_or(line)).collect();
    assert_eq!(out.exit, if names.is_empty() { Exit::Clean } else { Exit::Findings }, "{}", out.stderr);
    names.join(" ")
}

/// The functions that are told, by name.
fn since(folder: &Folder, revision: &str) -> String {
    let out = run(&folder.path(), &["--since", revision]);
    assert_eq!(out.notes(), "");
    names(&out)
}

fn staged(folder: &Folder) -> String {
    names(&run(&folder.path(), &["--staged"]))
}

fn refused(cwd: &Path, args: &[&str]) -> String {
    let out = run(cwd, args);
    assert_eq!((out.exit, out.stdout.as_str()), (Exit::Usage, ""), "{}", out.stderr);
    out.stderr
}

#[test]
fn lines_that_changed_are_told() {
    let folder = repository();
    assert_eq!(since(&folder, "HEAD"), "");
    let out = folder.run(&["--since", "main"]);
    assert!(out.stderr.contains(": 0 findings, 4 more in unchanged code"), "{}", out.stderr);
    // The label is the whole function.
    folder.write("src/lib.rs", LIB.replace("second", "third"));
    assert_eq!(since(&folder, "HEAD"), "leak_2");
    commit(&folder);
    assert_eq!(since(&folder, "HEAD"), "");
    assert_eq!(since(&folder, "HEAD~1"), "leak_2");
    // Without an end of the last line.
    folder.write("src/lib.rs", LIB.trim_end());
    assert_eq!(since(&folder, "HEAD"), "leak_2 leak_3");
}

#[test]
fn lines_that_went_change_their_neighbours() {
    let folder = repository();
    folder.write("src/lib.rs", LIB.replace("    second();\n", ""));
    assert_eq!(since(&folder, "HEAD"), "leak_2");
    folder.write("src/lib.rs", LIB.replace("fn leak_1() {}\n\n", "fn leak_1() {}\n"));
    assert_eq!(since(&folder, "HEAD"), "");
    folder.write("src/lib.rs", LIB.replace("fn leak_3", "// spawnlint: allow(all): known\nfn leak_3"));
    commit(&folder);
    folder.write("src/lib.rs", LIB);
    assert_eq!(since(&folder, "HEAD"), "leak_3");
    folder.write("src/lib.rs", "");
    assert_eq!(since(&folder, "HEAD"), "");
}

#[test]
fn a_branch_is_measured_from_where_it_left() {
    let folder = repository();
    git(&folder, &["checkout", "-q", "-b", "topic"]);
    folder.write("src/net.rs", format!("{NET}fn leak_topic() {{}}\n"));
    commit(&folder);
    git(&folder, &["checkout", "-q", "main"]);
    folder.write("src/lib.rs", LIB.replace("leak_1", "leak_main"));
    commit(&folder);
    git(&folder, &["tag", "-a", "v1", "-m", "v1"]);
    git(&folder, &["checkout", "-q", "topic"]);
    assert_eq!([since(&folder, "main"), since(&folder, "v1")], ["leak_topic", "leak_topic"]);
    assert_eq!(since(&folder, "main^{commit}"), "leak_topic");
}

// Other systems have no such names.
#[cfg(unix)]
#[test]
fn new_and_renamed_files() {
    let folder = repository();
    // Not in the index, nor ignored.
    folder.write("src/new.rs", "fn leak_new() {}\n");
    folder.write("src/ignored.rs", "fn leak_ignored() {}\n");
    let odd = "src/ä \t\"odd\" b.rs";
    folder.write(odd, "fn leak_odd() {}\n\nfn leak_odder() {}\n\nfn leak_oddest() {}\n");
    assert_eq!(since(&folder, "HEAD"), "leak_new leak_odd leak_odder leak_oddest");
    commit(&folder);
    git(&folder, &["mv", odd, "src/as b c.rs"]);
    git(&folder, &["mv", "src/net.rs", "src/wire.rs"]);
    assert_eq!(since(&folder, "HEAD"), "");
    folder.write("src/as b c.rs", "fn leak_odd() {}\n\nfn leak_odder() {}\n\nfn leak_changed() {}\n");
    assert_eq!(since(&folder, "HEAD"), "leak_changed");
    fs::rename(folder.path().join("src/as b c.rs"), folder.path().join("src/z.rs")).unwrap();
    // To git, a file that is not in the index is no renamed one.
    assert_eq!(since(&folder, "HEAD"), "leak_odd leak_odder leak_changed");
}

#[test]
fn lines_that_look_like_headers() {
    let folder = repository();
    folder.write("src/lib.rs", format!("{LIB}/*\n-- a/src/net.rs\n++ b/src/net.rs\n@@ -1 +1 @@\n*/\n"));
    commit(&folder);
    folder.write("src/lib.rs", format!("{LIB}/*\n++ b/src/net.rs\n@@ -1 +1,9 @@\n+fn leak_1() {{}}\n*/\n"));
    assert_eq!(since(&folder, "HEAD"), "");
}

#[test]
fn settings_of_the_repository_do_not_matter() {
    let folder = repository();
    let settings = [
        ("diff.noprefix", "true"),
        ("diff.mnemonicPrefix", "true"),
        ("diff.context", "9"),
        ("diff.interHunkContext", "9"),
        ("diff.external", "false"),
        ("diff.relative", "true"),
        ("diff.renames", "false"),
        ("diff.submodule", "log"),
        ("diff.suppressBlankEmpty", "true"),
        ("color.diff", "always"),
        ("color.ui", "always"),
        ("core.quotePath", "false"),
        ("core.pager", "false"),
        ("core.fsmonitor", "/bin/false"),
        ("status.relativePaths", "true"),
    ];
    settings.iter().for_each(|(name, value)| git(&folder, &["config", name, value]));
    git(&folder, &["mv", "src/net.rs", "src/wäre.rs"]);
    folder.write("src/lib.rs", LIB.replace("first", "zeroth"));
    assert_eq!(since(&folder, "HEAD"), "leak_2");
    // A file that is said to be binary has lines all the same.
    folder.write(".gitattributes", "*.rs -diff\n");
    assert_eq!(since(&folder, "HEAD"), "leak_2");
}

#[test]
fn how_lines_end_is_no_change() {
    let folder = repository();
    for (name, value) in [("core.autocrlf", "true"), ("core.safecrlf", "false")] {
        git(&folder, &["config", name, value]);
    }
    folder.write("src/lib.rs", LIB.replace('\n', "\r\n"));
    assert_eq!([since(&folder, "HEAD"), staged(&folder)], ["", ""]);
    folder.write("src/lib.rs", LIB.replace("second", "third").replace('\n', "\r\n"));
    assert_eq!(since(&folder, "HEAD"), "leak_2");
    git(&folder, &["add", "-A"]);
    assert_eq!(staged(&folder), "leak_2");
    // In the repository, too.
    git(&folder, &["config", "core.autocrlf", "false"]);
    commit(&folder);
    folder.write("src/lib.rs", LIB.replace("second", "fourth").replace('\n', "\r\n"));
    commit(&folder);
    folder.write("src/lib.rs", LIB.replace("second", "fifth"));
    assert_eq!([since(&folder, "HEAD"), since(&folder, "HEAD~1")], ["leak_2", "leak_2"]);
}

#[test]
fn sparse_checkouts() {
    let folder = Folder::package(&[("src/lib.rs", LIB), ("src/net.rs", NET), ("other/a.rs", "fn leak_a() {}\n")]);
    git(&folder, &["init", "-q"]);
    commit(&folder);
    git(&folder, &["sparse-checkout", "set", "--cone", "--sparse-index", "src"]);
    assert!(!folder.path().join("other").exists());
    assert_eq!([since(&folder, "HEAD"), staged(&folder)], ["", ""]);
    folder.write("src/lib.rs", LIB.replace("second", "third"));
    assert_eq!(since(&folder, "HEAD"), "leak_2");
    git(&folder, &["add", "src"]);
    assert_eq!([since(&folder, "HEAD"), staged(&folder)], ["leak_2", "leak_2"]);
    git(&folder, &["sparse-checkout", "reapply", "--no-sparse-index"]);
    git(&folder, &["update-index", "--split-index"]);
    assert_eq!([since(&folder, "HEAD"), staged(&folder)], ["leak_2", "leak_2"]);
    // A file of which git has been told that it does not change.
    git(&folder, &["update-index", "--assume-unchanged", "src/net.rs"]);
    folder.write("src/net.rs", "fn leak_other() {}\n");
    assert_eq!(since(&folder, "HEAD"), "leak_2");
}

#[test]
fn a_file_that_is_only_announced_is_new() {
    let folder = repository();
    folder.write("src/new.rs", "fn leak_new() {}\n");
    git(&folder, &["add", "--intent-to-add", "src/new.rs"]);
    assert_eq!([since(&folder, "HEAD"), staged(&folder)], ["leak_new", ""]);
}

#[test]
fn worktrees_of_a_bare_repository() {
    let folder = repository();
    let place = Folder::new(&[]);
    git(&place, &["clone", "-q", "--bare", &folder.path().to_string_lossy(), "bare"]);
    git(&place, &["--git-dir=bare", "worktree", "add", "-q", "tree"]);
    let tree = place.path().join("tree");
    assert_eq!(names(&run(&tree, &["--since", "main"])), "");
    place.write("tree/src/lib.rs", LIB.replace("second", "third"));
    assert_eq!(names(&run(&tree, &["--since", "main"])), "leak_2");
    git_in(&tree, &["add", "-A"]);
    assert_eq!(names(&run(&tree.join("src"), &["--staged"])), "leak_2");
}

// Other systems have links of other kinds.
#[cfg(unix)]
#[test]
fn a_link_that_leads_elsewhere_is_new() {
    let folder = repository();
    folder.write("other.rs", NET);
    std::os::unix::fs::symlink("../other.rs", folder.path().join("src/link.rs")).unwrap();
    commit(&folder);
    assert_eq!(since(&folder, "HEAD"), "");
    fs::remove_file(folder.path().join("src/net.rs")).unwrap();
    std::os::unix::fs::symlink("../other.rs", folder.path().join("src/net.rs")).unwrap();
    commit(&folder);
    assert_eq!(since(&folder, "HEAD"), "");
    // What it leads to did not change.
    assert_eq!(since(&folder, "HEAD~1"), "");
}

#[test]
fn a_workspace_below_the_top_of_the_repository() {
    let folder =
        Folder::new(&[("back end/Cargo.toml", MANIFEST), ("back end/src/lib.rs", LIB), ("back end/src/net.rs", "")]);
    git(&folder, &["init", "-q"]);
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-q", "-m", "all"]);
    folder.write("back end/src/lib.rs", LIB.replace("leak_3", "leak_4"));
    folder.write("back end/src/net.rs", NET);
    git(&folder, &["add", "back end/src/net.rs"]);
    let inside = folder.path().join("back end/src");
    assert_eq!(names(&run(&inside, &["--since", "HEAD"])), "leak_4 leak_net");
    assert_eq!(names(&run(&inside, &["--staged"])), "leak_net");
    assert_eq!(names(&run(&folder.path(), &["--since", "main", "back end/src/lib.rs"])), "leak_4");
}

#[test]
fn what_is_staged() {
    let folder = repository();
    folder.write("src/lib.rs", LIB.replace("second", "third"));
    assert_eq!(staged(&folder), "");
    git(&folder, &["add", "-A"]);
    assert_eq!(staged(&folder), "leak_2");
    // More changes below, above, and in the same place.
    folder.write("src/lib.rs", format!("// more\n\n{}", LIB.replace("second", "third").replace("leak_3", "leak_4")));
    let out = run(&folder.path(), &["--staged"]);
    assert_eq!(out.notes(), "note: src/lib.rs has unstaged changes, which were included\n");
    assert_eq!(names(&out), "leak_2");
    folder.write("src/lib.rs", LIB.replace("second", "fourth"));
    assert_eq!(staged(&folder), "");
    git(&folder, &["mv", "src/net.rs", "src/wire.rs"]);
    folder.write("src/new.rs", "fn leak_new() {}\n");
    git(&folder, &["add", "src/new.rs"]);
    assert_eq!(staged(&folder), "leak_new");
    assert_eq!(since(&folder, "HEAD"), "leak_2 leak_new");
}

#[test]
fn the_first_commit() {
    let folder = Folder::package(&[("src/lib.rs", LIB), ("src/net.rs", NET)]);
    git(&folder, &["init", "-q"]);
    git(&folder, &["add", "src/net.rs"]);
    assert_eq!(staged(&folder), "leak_net");
    let said = refused(&folder.path(), &["--since", "HEAD"]);
    assert!(said.contains("has no commits yet, so every line is new; run without --since"), "{said}");
}

#[test]
fn with_a_baseline() {
    let folder = repository();
    assert_eq!(folder.run(&["baseline"]).exit, Exit::Clean);
    commit(&folder);
    // A second one of the same name stands above the known one, and is the new one all the same.
    folder.write(
        "src/lib.rs",
        LIB.replace("fn leak_3", "#[cfg(unix)]\nfn leak_3() {}\n\nfn leak_3").replace("second", "third"),
    );
    let out = run(&folder.path(), &["--since", "HEAD", "--baseline", "spawnlint-baseline.json"]);
    assert_eq!((names(&out).as_str(), out.stdout.contains("src/lib.rs:11:")), ("leak_3", true), "{}", out.stdout);
    let out = folder.run(&["--since", "HEAD", "--baseline", "spawnlint-baseline.json"]);
    assert!(
        out.stderr.contains(": 1 finding, 4 more in the baseline;")
            || out.stderr.contains(": 1 finding, 4 more in the baseline\n"),
        "{}",
        out.stderr
    );
}

#[test]
fn wrong_comments_elsewhere_are_not_told() {
    let folder = repository();
    folder.write("src/lib.rs", "// spawnlint: allow(leeky_name): typo\nmod net;\n\nfn g() {}\n");
    commit(&folder);
    folder.write("src/lib.rs", "// spawnlint: allow(leeky_name): typo\nmod net;\n\nfn h() {}\n");
    assert_eq!(since(&folder, "HEAD"), "");
    let out = run(&folder.path(), &["--since", "HEAD~1"]);
    assert_eq!((out.stdout.lines().count(), out.exit), (1, Exit::Findings));
    // What cannot be read is told wherever it is.
    folder.write("src/net.rs", "fn (\n");
    commit(&folder);
    assert_eq!(run(&folder.path(), &["--since", "HEAD"]).exit, Exit::Incomplete);
}

/// A repository with a workspace whose member `inner` is a submodule.
fn with_submodule() -> Folder {
    let folder = Folder::new(&[
        ("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"inner\"]\n"),
        ("origin/Cargo.toml", MANIFEST),
        ("origin/src/lib.rs", LIB),
        ("origin/src/net.rs", NET),
        (".gitignore", "origin\ntarget\n"),
    ]);
    let origin = folder.path().join("origin");
    for args in [&["init", "-q"][..], &["add", "-A"], &["commit", "-q", "-m", "all"]] {
        git_in(&origin, args);
    }
    git(&folder, &["init", "-q"]);
    commit(&folder);
    git(&folder, &["submodule", "--quiet", "add", "./origin", "inner"]);
    commit(&folder);
    folder
}

#[test]
fn submodules() {
    let folder = with_submodule();
    assert_eq!(since(&folder, "HEAD"), "");
    let inner = folder.path().join("inner");
    folder.write("inner/src/lib.rs", LIB.replace("second", "third"));
    folder.write("inner/src/new.rs", "fn leak_new() {}\n");
    assert_eq!(since(&folder, "HEAD"), "leak_2 leak_new");
    git(&folder, &["config", "diff.ignoreSubmodules", "all"]);
    assert_eq!(since(&folder, "HEAD"), "leak_2 leak_new");
    git_in(&inner, &["add", "-A"]);
    git_in(&inner, &["commit", "-q", "-m", "more"]);
    assert_eq!(since(&folder, "HEAD"), "leak_2 leak_new");
    assert_eq!(staged(&folder), "");
    git(&folder, &["add", "-A"]);
    folder.write("inner/src/lib.rs", LIB.replace("second", "third").replace("leak_3", "leak_4"));
    assert_eq!(staged(&folder), "leak_2 leak_new");
    assert_eq!(since(&folder, "HEAD"), "leak_2 leak_4 leak_new");
    // Its own history counts for who asks within it.
    assert_eq!(names(&run(&inner, &["--since", "HEAD"])), "leak_2 leak_4 leak_new");
    git(&folder, &["commit", "-q", "-m", "all"]);
    assert_eq!(since(&folder, "HEAD"), "leak_4");
    // A submodule that is new is new as a whole.
    assert_eq!(since(&folder, "HEAD~2"), "leak_1 leak_2 leak_4 leak_net leak_new");
}

#[test]
fn a_submodule_without_its_history() {
    let folder = with_submodule();
    folder.write("origin/src/lib.rs", LIB.replace("second", "third"));
    let origin = folder.path().join("origin");
    git_in(&origin, &["commit", "-q", "-a", "-m", "more"]);
    let inner = folder.path().join("inner");
    git_in(&inner, &["pull", "-q"]);
    git(&folder, &["commit", "-q", "-a", "-m", "more"]);
    assert_eq!(since(&folder, "HEAD~1"), "leak_2");
    let url = format!("file://{}", folder.path().display());
    let clone = Folder::new(&[]);
    git(&clone, &["clone", "-q", "--recurse-submodules", "--shallow-submodules", &url, "."]);
    let out = run(&clone.path(), &["--since", "HEAD~1"]);
    assert_eq!(names(&out), "leak_1 leak_2 leak_3 leak_net");
    assert!(out.notes().starts_with("note: the submodule "), "{}", out.stderr);
    assert!(out.stderr.contains("all of it counts as changed; `git -C "), "{}", out.stderr);
}

#[test]
fn shallow_clones() {
    let folder = repository();
    git(&folder, &["checkout", "-q", "-b", "topic"]);
    folder.write("src/lib.rs", LIB.replace("second", "third"));
    commit(&folder);
    git(&folder, &["checkout", "-q", "main"]);
    folder.write("src/net.rs", NET.replace("net", "main"));
    commit(&folder);
    let url = format!("file://{}", folder.path().display());
    let clone = Folder::new(&[]);
    git(&clone, &["clone", "-q", "--depth", "1", "--branch", "topic", &url, "."]);
    let said = refused(&clone.path(), &["--since", "origin/main"]);
    let help = "this clone is shallow: `git fetch --unshallow origin '+refs/heads/*:refs/remotes/origin/*'` fetches it with its history (`fetch-depth: 0` for actions/checkout, `GIT_DEPTH: 0` for GitLab)\n";
    assert!(said.contains("has no revision `origin/main`; ") && said.ends_with(help), "{said}");
    let said = refused(&clone.path(), &["--since", "HEAD~1"]);
    assert!(said.contains("this clone is shallow: `git fetch --unshallow` fetches the rest"), "{said}");
    git(&clone, &["fetch", "-q", "--depth", "1", "origin", "main:refs/remotes/origin/main"]);
    let said = refused(&clone.path(), &["--since", "origin/main"]);
    assert!(said.contains("its history ends before the commit where `origin/main` and HEAD diverge"), "{said}");
    // What is told to help helps.
    git(&clone, &["fetch", "-q", "--unshallow", "origin", "+refs/heads/*:refs/remotes/origin/*"]);
    assert_eq!(since(&clone, "origin/main"), "leak_2");
}

#[test]
fn partial_clones() {
    let folder = repository();
    folder.write("src/lib.rs", LIB.replace("second", "third"));
    commit(&folder);
    git(&folder, &["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", folder.path().display());
    let clone = Folder::new(&[]);
    git(&clone, &["clone", "-q", "--filter=blob:none", &url, "."]);
    let out = run(&clone.path(), &["--since", "HEAD~1"]);
    if out.exit == Exit::Usage {
        assert!(out.stderr.contains("this clone is partial and lacks the old contents of files"), "{}", out.stderr);
        git(&clone, &["diff", "--quiet", "HEAD", "HEAD"]);
        git(&clone, &["diff", "--stat", "HEAD~1"]);
    }
    assert_eq!(since(&clone, "HEAD~1"), "leak_2");
}

#[test]
fn revisions_that_git_does_not_know() {
    let folder = repository();
    let said = |revision: &str| {
        let said = refused(&folder.path(), &[&format!("--since={revision}")]);
        said.replace(&folder.path().display().to_string(), "TOP")
    };
    assert_eq!(said("mian"), "error: the repository at TOP has no revision `mian`; did you mean `main`?\n");
    let nowhere = "error: the repository at TOP has no revision `0123456789`; --since takes a branch, tag or commit of this clone";
    assert_eq!(said("0123456789"), format!("{nowhere}\n"));
    assert!(said("HEAD..main").starts_with("error: `HEAD..main` is a range; --since takes one revision"));
    let no_revision = "is not a revision; --since takes a branch, tag or commit: `--since origin/main`\n";
    assert_eq!(said(""), format!("error: `` {no_revision}"));
    assert_eq!(said("--output=x"), format!("error: `--output=x` {no_revision}"));
    assert!(said("HEAD:src").starts_with("error: the repository at TOP has no revision `HEAD:src`"));
    assert!(said("a\u{1b}[31m").contains("no revision `a"), "{}", said("a\u{1b}[31m"));
    git(&folder, &["remote", "add", "upstream", "/nowhere"]);
    let fetch = "`git fetch upstream next/2:refs/remotes/upstream/next/2` fetches it, if upstream has such a branch\n";
    assert!(said("upstream/next/2").ends_with(fetch), "{}", said("upstream/next/2"));
    let fetch = ": `git fetch upstream main`, then `--since upstream/main`\n";
    assert_eq!(said("0123456789"), format!("{nowhere}{fetch}"));
    git(&folder, &["checkout", "-q", "--orphan", "other"]);
    folder.write("src/lib.rs", "");
    commit(&folder);
    assert_eq!(said("main"), "error: `main` and HEAD have no commit in common, so it is unknown which lines changed\n");
}

#[test]
fn where_there_is_no_repository() {
    let folder = Folder::package(&[("src/lib.rs", LIB), ("src/net.rs", NET)]);
    for args in [&["--since", "main"][..], &["--staged"]] {
        let said = refused(&folder.path(), args);
        assert!(said.starts_with("error: no git repository contains "), "{said}");
        assert!(said.ends_with("or keep old findings in a baseline: `cargo spawnlint baseline`\n"), "{said}");
    }
    folder.write(".git", "gitdir: nowhere\n");
    let said = refused(&folder.path(), &["--staged"]);
    assert!(said.starts_with("error: git cannot read the repository that contains "), "{said}");
    assert!(refused(&folder.path(), &["--staged", "-"]).contains("standard input has no history"));
    assert!(refused(&folder.path(), &["--staged", "--since", "x"]).contains("cannot be used with"));
    assert!(refused(&folder.path(), &["--fix", "--staged"]).contains("cannot be used with"));
}

#[test]
fn during_a_merge() {
    let folder = repository();
    git(&folder, &["checkout", "-q", "-b", "topic"]);
    folder.write("src/net.rs", "fn leak_theirs() {}\n");
    commit(&folder);
    git(&folder, &["checkout", "-q", "main"]);
    folder.write("src/net.rs", "fn leak_ours() {}\n");
    commit(&folder);
    assert!(std::panic::catch_unwind(|| git(&folder, &["merge", "-q", "topic"])).is_err());
    // Somebody has taken the marks out, and has not told git yet.
    folder.write("src/net.rs", "fn leak_both() {}\n");
    assert_eq!(since(&folder, "HEAD"), "leak_both");
    assert_eq!(staged(&folder), "leak_both");
}
