//! Comments that allow findings: which are wrong, and `--add-suppressions`.

use crate::support::{Folder, MANIFEST, Output, Run};
use cargo_spawnlint::Exit;
use expect_test::expect;
use spawnlint_rules::rules::RULES;
use std::{fs, process::Command};

/// What is told of a file, in short.
fn told(text: &str, args: &[&str]) -> String {
    Folder::package(&[("src/lib.rs", text)]).short(args)
}

#[test]
fn comments_that_silence_nothing_are_found() {
    let text = "// spawnlint: allow(leaky_name): used\nfn leak() {}\n\
                // spawnlint: allow(leaky_name, wasteful_name): one of two\nfn leak_2() {}\n\
                fn fine() {} // spawnlint: allow(leak): nothing leaks\n";
    expect![[r#"
        src/lib.rs:3:33: warning[spawnlint::unused_suppression]: `wasteful_name` finds nothing here, so there is nothing to suppress
        src/lib.rs:5:34: warning[spawnlint::unused_suppression]: `leak` finds nothing here, so there is nothing to suppress
    "#]]
    .assert_eq(&told(text, &[]));
    assert_eq!(told(text, &["-A", "unused-suppression"]), "");
    assert_eq!(told(&format!("//! spawnlint: allow(unused_suppression): old code\n{text}"), &[]), "");
}

#[test]
fn a_comment_is_of_no_use_only_where_all_was_judged() {
    let quiet = [
        // The rule is off.
        "fn fine() {} // spawnlint: allow(listed_name): for later",
        // So are tests.
        "#[cfg(test)]\nmod tests {\n    // spawnlint: allow(leaky_name): a test\n    fn leak() {}\n}",
        "#[test]\nfn test() {\n    // spawnlint: allow(leaky_name): a test\n    fn leak() {}\n}",
        "// spawnlint: allow(leaky_name): a test\n#[cfg(test)]\nmod tests {}",
    ];
    for text in quiet {
        let told = told(text, &[]);
        assert!(!told.contains("unused_suppression"), "{text}\n{told}");
    }
    assert!(told(quiet[0], &["-W", "audit"]).contains("unused_suppression"));
    // What does not parse has no findings.
    let broken = told("fn fine() {} // spawnlint: allow(leaky_name): why\nfn (", &[]);
    assert!(!broken.contains("unused_suppression"), "{broken}");
    // A comment for everything does not hide that it is of no use.
    assert!(told("//! spawnlint: allow(all): generated\n", &[]).contains("unused_suppression"));
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {} // spawnlint: allow(leaky_name): why")]);
    let out = folder.run(&["-A", "leak"]);
    assert_eq!((out.stdout.as_str(), out.exit), ("", Exit::Clean));
}

#[test]
fn a_reason_is_needed_where_it_says_so() {
    let text = "fn leak() {} // spawnlint: allow(leaky_name)\n";
    assert_eq!(told(text, &[]), "");
    expect![[r#"
        src/lib.rs:1:14: error[spawnlint::suppression_without_reason]: this comment does not say why the finding is suppressed
    "#]]
    .assert_eq(&told(text, &["-D", "warnings"]));
    assert!(told(text, &["-D", "leak"]).contains("warning[spawnlint::suppression_without_reason]"));
    assert_eq!(told(text, &["-D", "waste"]), "");
    for (setting, is_told) in [("true", true), ("false", false)] {
        let folder = Folder::package(&[
            ("src/lib.rs", text),
            ("spawnlint.toml", &format!("require-reason = {setting}\nlevels.leaky_name = \"deny\"")),
        ]);
        assert_eq!(folder.short(&[]).contains("suppression_without_reason"), is_told, "{setting}");
    }
    let empty = "fn leak() {} // spawnlint: allow(leaky_name):  \n";
    assert!(told(empty, &["-D", "leak"]).contains("suppression_without_reason"));
}

#[test]
fn damaged_comments_are_found() {
    for (comment, message) in [
        ("allow(leaky_name", "the `)` is missing"),
        ("alow(leaky_name): x", "found `alow`"),
        ("allow(leeky_name): x", "did you mean `leaky_name`?"),
        ("allow(): x", "no rule is named"),
        ("", "found ``"),
    ] {
        let out = told(&format!("fn leak() {{}} // spawnlint: {comment}\n"), &[]);
        assert_eq!(out.lines().count(), 2, "{out}");
        assert!(out.contains("[spawnlint::leaky_name]"), "{out}");
        assert!(out.contains("[spawnlint::invalid_suppression]") && out.contains(message), "{out}");
    }
}

#[test]
fn the_fix_for_a_comment_of_no_use_is_to_remove_it() {
    let text = "// spawnlint: allow(leak): old\nfn fine() {}\nfn good() {} // spawnlint: allow(waste): old\n";
    let folder = Folder::package(&[("src/lib.rs", text)]);
    let out = folder.run(&["--fix", "--allow-no-vcs"]);
    let new = fs::read_to_string(folder.path().join("src/lib.rs")).unwrap();
    assert_eq!(new, "fn fine() {}\nfn good() {}\n", "{}", out.stderr);
}

#[test]
fn the_rules_about_comments_are_explained() {
    let folder = Folder::package(&[("src/lib.rs", "")]);
    let out = folder.run(&["explain", "unused-suppression"]);
    let head = "spawnlint::unused_suppression (group comment, warn by default)\n\n\
                A comment suppresses a finding that does not exist.\n";
    assert!(out.stdout.starts_with(head), "{}", out.stdout);
}

const REASON: &str = "known before 2.0, see #812";

fn add(folder: &Folder) -> Output {
    let args = ["--add-suppressions", REASON, "--allow-no-vcs", "--no-cache"];
    Run::default().rules(RULES).args(&args).run_in(&folder.path())
}

/// Spawns in all the places where a comment is not easily put.
const SHAPES: &str = r##"use std::time::Duration;

async fn tick() {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

pub struct Service {
    runtime: tokio::runtime::Handle,
    text: &'static str,
}

impl Service {
    pub fn statement(&self) {
        tokio::spawn(tick());
        let _unused = tokio::spawn(tick());
    }

    pub fn chain(&self) {
        self.runtime
            .clone()
            .spawn(tick());
    }

    pub fn branches(&self, kind: u8) {
        match kind {
            0 => drop(tokio::spawn(tick())),
            1 => {
                tokio::spawn(tick());
            }
            _ => tokio::spawn(async { tick().await }).abort(),
        }
        if kind > 3 { tokio::spawn(tick()); } else { tokio::spawn(tick()); }
        if kind > 2 {
            return;
        } else if tokio::spawn(tick()).is_finished() {
            return;
        }
    }

    pub fn argument(&mut self) {
        std::mem::drop(
            tokio::spawn(tick()),
        );
        self.text = "several
lines"; tokio::spawn(tick());
    }

    pub fn closure(&self) {
        (0..3).for_each(|_| { tokio::spawn(tick()); });
    }

    /// The tail.
    #[inline]
    pub fn tail(&self) { tokio::spawn(tick()); }
}
"##;

fn shapes() -> Folder {
    let manifest = format!("{MANIFEST}[dependencies]\ntokio = \"1\"\n");
    Folder::new(&[("Cargo.toml", &manifest), ("src/lib.rs", SHAPES)])
}

fn text(folder: &Folder) -> String {
    fs::read_to_string(folder.path().join("src/lib.rs")).unwrap()
}

fn rustfmt(folder: &Folder) {
    let file = folder.path().join("src/lib.rs");
    let status = Command::new("rustfmt").args(["--edition", "2024"]).arg(file).status().unwrap();
    assert!(status.success());
}

/// What is told of the file, as it is on the disk.
fn left(folder: &Folder) -> String {
    let args = ["--message-format", "short", "-D", "warnings", "--no-cache"];
    Run::default().rules(RULES).args(&args).run_in(&folder.path()).stdout
}

#[test]
fn comments_are_written_for_everything_there_is() {
    let folder = shapes();
    let before = left(&folder);
    assert!(before.lines().count() >= 11, "{before}");
    let out = add(&folder);
    assert_eq!((out.exit, out.stdout.as_str()), (Exit::Clean, ""), "{}", out.stderr);
    let once = text(&folder);
    expect![[r#"
        use std::time::Duration;

        async fn tick() {
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }

        pub struct Service {
            runtime: tokio::runtime::Handle,
            text: &'static str,
        }

        impl Service {
            pub fn statement(&self) {
                // spawnlint: allow(unbounded_task_loop): known before 2.0, see #812
                tokio::spawn(tick());
                // spawnlint: allow(unbounded_task_loop): known before 2.0, see #812
                let _unused = tokio::spawn(tick());
            }

            pub fn chain(&self) {
                // spawnlint: allow(unbounded_task_loop): known before 2.0, see #812
                self.runtime
                    .clone()
                    .spawn(tick());
            }

            pub fn branches(&self, kind: u8) {
                match kind {
                    // spawnlint: allow(unbounded_task_loop): known before 2.0, see #812
                    0 => drop(tokio::spawn(tick())),
                    1 => {
                        // spawnlint: allow(unbounded_task_loop): known before 2.0, see #812
                        tokio::spawn(tick());
                    }
                    _ => tokio::spawn(async { tick().await }).abort(),
                }
                // spawnlint: allow(unbounded_task_loop): known before 2.0, see #812
                if kind > 3 { tokio::spawn(tick()); } else { tokio::spawn(tick()); }
                // spawnlint: allow(unbounded_task_loop): known before 2.0, see #812
                if kind > 2 {
                    return;
                } else if tokio::spawn(tick()).is_finished() {
                    return;
                }
            }

            pub fn argument(&mut self) {
                std::mem::drop(
                    // spawnlint: allow(unbounded_task_loop): known before 2.0, see #812
                    tokio::spawn(tick()),
                );
                self.text = "several
        lines"; tokio::spawn(tick()); // spawnlint: allow(unbounded_task_loop): known before 2.0, see #812
            }

            pub fn closure(&self) {
                // spawnlint: allow(unbounded_task_loop): known before 2.0, see #812
                (0..3).for_each(|_| { tokio::spawn(tick()); });
            }

            /// The tail.
            #[inline]
            // spawnlint: allow(unbounded_task_loop): known before 2.0, see #812
            pub fn tail(&self) { tokio::spawn(tick()); }
        }
    "#]]
    .assert_eq(&once);
    assert_eq!(left(&folder), "");
    // Nothing but comments came in.
    let code = |text: &str| {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("// spawnlint"));
        lines.map(|line| line.split(" // spawnlint").next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(code(&once), code(SHAPES));
    let out = add(&folder);
    assert_eq!((out.exit, out.stderr.lines().next()), (Exit::Clean, Some("no file was changed")));
    assert_eq!(text(&folder), once);
}

#[test]
fn rustfmt_leaves_the_comments_where_they_are() {
    // The code is formatted when the comments are written.
    let folder = shapes();
    rustfmt(&folder);
    add(&folder);
    let once = text(&folder);
    rustfmt(&folder);
    assert_eq!(text(&folder), once);
    assert_eq!(left(&folder), "");
    // It is formatted only then.
    let folder = shapes();
    add(&folder);
    rustfmt(&folder);
    assert_eq!(left(&folder), "", "{}", text(&folder));
}

#[test]
fn comments_keep_line_ends_and_tabs() {
    let manifest = format!("{MANIFEST}[dependencies]\ntokio = \"1\"\n");
    let old = "async fn tick() {\r\n\tloop {\r\n\t\ttokio::time::sleep(std::time::Duration::from_secs(1)).await;\r\n\t}\r\n}\r\n\
               pub fn f() {\r\n\ttokio::spawn(tick());\r\n}\r\n";
    let folder = Folder::new(&[("Cargo.toml", &manifest), ("src/lib.rs", old)]);
    let out = add(&folder);
    let comment = format!("\t// spawnlint: allow(unbounded_task_loop): {REASON}\r\n\ttokio::spawn");
    assert_eq!(text(&folder), old.replace("\ttokio::spawn", &comment), "{}", out.stderr);
    assert_eq!(out.stderr.lines().next(), Some("wrote comments for 1 finding into 1 file"));
}

#[test]
fn what_cannot_be_commented_is_told() {
    let folder = shapes();
    for (args, message) in [
        (&["--add-suppressions", " "][..], "needs a reason"),
        (&["--add-suppressions", "a\nb"], "cannot contain line breaks"),
        (&["--add-suppressions", "why", "-"], "standard input cannot be changed"),
        (&["--add-suppressions", "why", "--fix"], "cannot be used with"),
        (&["--add-suppressions", "why", "--baseline", "known.json"], "cannot be used with"),
        (&["--add-suppressions", "why"], "is not under version control"),
    ] {
        let out = folder.run(args);
        assert!(out.exit == Exit::Usage && out.stderr.contains(message), "{args:?}: {}", out.stderr);
    }
    assert_eq!(text(&folder), SHAPES);
    let file = folder.path().join("src/lib.rs");
    let mut permissions = fs::metadata(&file).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&file, permissions).unwrap();
    let out = add(&folder);
    assert!(out.stderr.starts_with("error: src/lib.rs was not changed: it is read-only\n"), "{}", out.stderr);
    assert_eq!((out.exit, text(&folder).as_str()), (Exit::Incomplete, SHAPES));
}

#[test]
fn two_statements_of_one_line_are_both_commented() {
    let folder = Folder::package(&[("src/lib.rs", "pub fn a() {\n    fn leak_x() {} fn leak_y() {}\n}\n")]);
    let add = || folder.run(&["--add-suppressions", "known", "--allow-no-vcs"]);
    add();
    let text = std::fs::read_to_string(folder.path().join("src/lib.rs")).unwrap();
    assert_eq!(folder.short(&[]), "", "{text}");
    add();
    assert_eq!(std::fs::read_to_string(folder.path().join("src/lib.rs")).unwrap(), text);
}
