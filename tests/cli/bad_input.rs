//! Whatever is wrong with the input: one clear message with the path, the rest is still checked, and the
//! exit code says so.

use crate::{
    probes::PANICS,
    support::{Folder, MANIFEST, Run},
};
use cargo_spawnlint::{
    Exit,
    engine::{Engine, Options, Texts},
    output::{Detail, Style, human},
    project::{Cargo, discover},
};
use std::{fs, io, path::Path};

const LEAK: &str = "src/lib.rs:1:4: warning[spawnlint::leaky_name]: `leak` of `demo` is called `leak`\n";

#[test]
fn invalid_utf8_is_told_and_the_rest_is_checked() {
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {}\nmod bad;\n")]);
    folder.write("src/bad.rs", b"fn a() {}\nfn \xff() {}\n");
    let out = folder.run(&["--message-format", "short"]);
    let problem = "src/bad.rs: error: this file is not UTF-8: line 2 has the byte 0xff, at offset 13\n";
    assert_eq!(out.stdout, format!("{LEAK}{problem}"));
    assert_eq!(out.exit, Exit::Incomplete);
}

#[test]
fn a_syntax_error_is_told_with_its_place_and_the_rest_is_checked() {
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {}\nmod bad;\n"), ("src/bad.rs", "fn a() {}\nfn() {}\n")]);
    let out = folder.run(&["--message-format", "short"]);
    assert!(out.stdout.starts_with(LEAK), "{}", out.stdout);
    assert!(out.stdout.contains("src/bad.rs:2:"), "{}", out.stdout);
    assert_eq!(out.stdout.lines().count(), 2, "{}", out.stdout);
    assert_eq!(out.exit, Exit::Incomplete);
}

#[test]
fn the_edition_of_the_package_decides_what_parses() {
    let old = "pub type Action = Fn(&str) + Send;\npub trait T { fn f(&self, u8); }\nfn leak() {}\n";
    let run = |edition: &str| {
        let folder = Folder::package(&[("src/lib.rs", old)]);
        folder.write("Cargo.toml", MANIFEST.replace("2024", edition));
        // What is in the cache must not say less.
        folder.run(&["--message-format", "short"]);
        folder.run(&["--message-format", "short"])
    };
    let finding = "src/lib.rs:3:4: warning[spawnlint::leaky_name]: `leak` of `demo` is called `leak`\n";
    let out = run("2015");
    assert_eq!((out.stdout.as_str(), out.exit), (finding, Exit::Clean));
    for (edition, problem) in [
        (
            "2018",
            "src/lib.rs:2:27: error: cannot parse this file: a parameter of a trait's method needs a name since edition 2018\n",
        ),
        (
            "2021",
            "src/lib.rs:2:27: error: cannot parse this file: a parameter of a trait's method needs a name since edition 2018\n",
        ),
    ] {
        let out = run(edition);
        assert_eq!((out.stdout, out.exit), (format!("{finding}{problem}"), Exit::Incomplete), "{edition}");
    }
    // Of a file without a package nobody says the edition.
    let folder = Folder::new(&[("lib.rs", "type Action = Fn(&str) + Send;\n")]);
    let out = folder.run(&["--message-format", "short", "."]);
    assert_eq!((out.stdout.as_str(), out.exit), ("", Exit::Clean));
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_an_unreadable_file() {
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {}\n")]);
    std::os::unix::fs::symlink("nowhere.rs", folder.path().join("src/link.rs")).unwrap();
    let out = folder.run(&["--message-format", "short"]);
    assert_eq!((out.stdout.as_str(), out.exit), (LEAK, Exit::Clean));
    assert!(out.stderr.starts_with("note: 1 file that no `mod` reaches could not"), "{}", out.stderr);
    let out = folder.run(&["--message-format", "short", "src/link.rs", "src/lib.rs"]);
    let problem = "src/link.rs: error: cannot read this file: no such file or directory\n";
    assert_eq!(out.stdout, format!("{LEAK}{problem}"));
    assert_eq!(out.exit, Exit::Incomplete);
}

#[test]
fn a_file_that_vanishes_between_walk_and_read_is_told() {
    let folder = Folder::package(&[("src/lib.rs", "mod gone;\nfn leak() {}\n"), ("src/gone.rs", "")]);
    let cargo = Cargo { program: env!("CARGO").into(), cwd: folder.path(), target_dir: None };
    let project = discover(&cargo, &folder.path().join("Cargo.toml"));
    fs::remove_file(folder.path().join("src/gone.rs")).unwrap();
    let report = Engine::open(project, Options::new(crate::probes::PROBES)).unwrap().check();
    let problems: Vec<_> = report.problems.iter().map(|it| (it.path.as_str(), it.message.as_str())).collect();
    assert_eq!(problems, [("src/gone.rs", "cannot read this file: no such file or directory")]);
    assert_eq!(report.diagnostics.len(), 1);
    assert!(!report.is_complete());
}

#[test]
fn a_file_that_changes_before_its_text_is_shown_is_told() {
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {}\n")]);
    let cargo = Cargo { program: env!("CARGO").into(), cwd: folder.path(), target_dir: None };
    let project = discover(&cargo, &folder.path().join("Cargo.toml"));
    let options = Options { texts: Texts::Reported, ..Options::new(crate::probes::PROBES) };
    let mut engine = Engine::open(project, options).unwrap();
    assert!(engine.check().is_complete());
    folder.write("src/lib.rs", "");
    let report = engine.check();
    let problems: Vec<_> = report.problems.iter().map(|it| (it.path.as_str(), it.message.as_str())).collect();
    assert_eq!(problems, [("src/lib.rs", "this file changed while it was being checked; its locations may be wrong")]);
    let mut out = Vec::new();
    human::write(&report, Style::plain(Detail::Full), &mut out).unwrap();
    assert!(String::from_utf8(out).unwrap().contains("leaky_name"));
}

#[test]
fn a_folder_with_the_name_of_a_file_is_just_a_folder() {
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {}\nmod x;\n"), ("src/x.rs/mod.rs", "")]);
    let out = folder.run(&["--message-format", "short"]);
    assert_eq!((out.stdout.as_str(), out.exit), (LEAK, Exit::Clean));
}

#[cfg(unix)]
#[test]
fn links_that_lead_back_to_themselves_end() {
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {}\nmod a;\n"), ("src/a.rs", "mod again;\n")]);
    std::os::unix::fs::symlink(".", folder.path().join("src/loop")).unwrap();
    std::os::unix::fs::symlink("..", folder.path().join("src/a")).unwrap();
    folder.write("again.rs", "#[path = \"src/a/src/a.rs\"]\nmod b;\n#[path = \"src/loop/loop/lib.rs\"]\nmod c;\n");
    let out = folder.run(&["--message-format", "short"]);
    assert_eq!((out.stdout.as_str(), out.exit), (LEAK, Exit::Clean));
}

#[test]
fn a_root_that_does_not_exist_is_told() {
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {}\n")]);
    folder.write("Cargo.toml", format!("{MANIFEST}[[bin]]\nname = \"tool\"\npath = \"src/tool.rs\"\n"));
    let out = folder.run(&["--message-format", "short"]);
    let problem = "src/tool.rs: error: the root file of `tool` (demo) does not exist\n";
    assert_eq!(out.stdout, format!("{LEAK}{problem}"));
    assert_eq!(out.exit, Exit::Incomplete);
}

#[test]
fn a_root_that_nobody_asks_for_need_not_exist() {
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {}\n")]);
    let roots: Vec<String> = ["example", "test", "bench"]
        .iter()
        .map(|kind| format!("[[{kind}]]\nname = \"a_{kind}\"\npath = \"gone/{kind}.rs\"\n"))
        .collect();
    folder.write("Cargo.toml", format!("{MANIFEST}{}", roots.concat()));
    let out = folder.run(&["--message-format", "short"]);
    assert_eq!((out.stdout.as_str(), out.exit), (LEAK, Exit::Clean));
    let test = "gone/test.rs: error: the root file of `a_test` (demo) does not exist\n";
    let out = folder.run(&["--message-format", "short", "--tests"]);
    assert_eq!((out.stdout, out.exit), (format!("{LEAK}{test}"), Exit::Incomplete));
    let out = folder.run(&["--message-format", "short", "--all-targets"]);
    assert_eq!(out.stdout.matches("does not exist").count(), 3, "{}", out.stdout);
    // Who asks for one file gets an answer about it.
    let out = folder.run(&["--message-format", "short", "--tests", "src/lib.rs"]);
    assert_eq!((out.stdout, out.exit), (format!("{LEAK}{}", test.replace("error", "warning")), Exit::Clean));
}

#[test]
fn files_that_no_crate_needs_are_one_note() {
    let folder = Folder::package(&[
        ("src/lib.rs", "fn leak() {}\nconst A: u8 = include!(\"number.rs\");\nmod good;\n"),
        ("src/good.rs", ""),
        ("src/number.rs", "1 + 2\n"),
        ("templates/app/{{name}}.rs", "{{#if a}}\nfn f() {}\n"),
        ("ui/fail.rs", "fn f() { let = ; }\n"),
    ]);
    let out = folder.run(&["--message-format", "short"]);
    assert_eq!((out.stdout.as_str(), out.exit), (LEAK, Exit::Clean));
    let note = "note: 3 files that no `mod` reaches could not be read as Rust and were left out";
    assert_eq!(out.notes(), format!("{note}; -v names them\n"));
    assert_eq!(folder.run(&["--message-format", "short", "-q"]).stderr, "");
    let told = folder.run(&["--message-format", "short", "-v"]).notes();
    let (_, told) = told.split_once(&format!("{note}\n")).unwrap();
    let names: Vec<&str> = told.lines().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(names, ["  src/number.rs", "  templates/app/{{name}}.rs", "  ui/fail.rs"]);
    // Who names a file means it, and a folder is everything below it.
    assert_eq!(folder.run(&["ui/fail.rs"]).exit, Exit::Incomplete);
    assert_eq!(folder.run(&["ui"]).exit, Exit::Clean);
}

#[test]
fn no_manifest() {
    let folder = Folder::new(&[("lib.rs", "fn leak() {}\n")]);
    let out = folder.run(&[]);
    assert_eq!(out.exit, Exit::Usage);
    assert!(out.stderr.starts_with("error: no Cargo.toml found in "), "{}", out.stderr);
    let out = folder.run(&["--manifest-path", "nowhere/Cargo.toml"]);
    assert_eq!(out.exit, Exit::Usage);
    assert!(out.stderr.starts_with("error: no such file: `nowhere/Cargo.toml`"), "{}", out.stderr);
    let out = folder.run(&["--manifest-path", "."]);
    assert!(out.stderr.starts_with("error: `.` is a folder; --manifest-path takes"), "{}", out.stderr);
    let out = folder.run(&["--manifest-path", "lib.rs"]);
    assert!(out.stderr.starts_with("error: `lib.rs` is not named Cargo.toml; --manifest-path"), "{}", out.stderr);
    assert_eq!(out.exit, Exit::Usage);
}

#[cfg(unix)]
#[test]
fn cargo_is_asked_for_no_backtrace() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::package(&[("src/lib.rs", "")]);
    let script = "#!/bin/sh\necho \"error: no: ${RUST_BACKTRACE-unset} ${RUST_LIB_BACKTRACE-unset}\" >&2\nexit 101\n";
    folder.write("cargo.sh", script);
    let cargo = folder.path().join("cargo.sh");
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    let run = Run::default().env("CARGO", cargo.to_str().unwrap()).args(&["--message-format", "short"]);
    let out = run.run_in(&folder.path());
    assert_eq!(out.exit, Exit::Incomplete);
    assert!(out.stdout.ends_with("Cargo.toml: error: cargo cannot read this workspace: no: 0 0\n"), "{}", out.stdout);
}

#[test]
fn a_workspace_of_members_that_do_not_exist() {
    let folder = Folder::new(&[("Cargo.toml", "[workspace]\nmembers = [\"gone\"]\n")]);
    let out = folder.run(&["--message-format", "short"]);
    assert!(out.stdout.contains("gone"), "{}", out.stdout);
    assert_eq!((out.stdout.lines().count(), out.exit), (1, Exit::Incomplete));
}

#[test]
fn no_rust() {
    let folder = Folder::new(&[("readme.md", "")]);
    let out = folder.run(&["."]);
    assert_eq!(out.exit, Exit::Usage);
    assert!(out.stderr.starts_with("error: no Rust files found in "), "{}", out.stderr);
}

#[test]
fn a_path_that_does_not_exist() {
    let folder = Folder::package(&[("src/lib.rs", "")]);
    let out = folder.run(&["src/nothing.rs"]);
    assert_eq!((out.exit, out.stderr.as_str()), (Exit::Usage, "error: no such file or folder: `src/nothing.rs`\n"));
    let out = folder.run(&["src/lob.rs"]);
    let near = "error: no such file or folder: `src/lob.rs`; did you mean `src/lib.rs`?\n";
    assert_eq!((out.exit, out.stderr.as_str()), (Exit::Usage, near));
    let out = folder.run(&["lint"]);
    let near = "error: no such file or folder: `lint`; the commands are `check`, `baseline`, `tasks`, `owners`, `config`, `lsp`, `rules`, `explain`, `completions`, `man`\n";
    assert_eq!((out.exit, out.stderr.as_str()), (Exit::Usage, near));
    let out = folder.run(&["explian"]);
    let near = "error: no such file or folder: `explian`; did you mean the command `explain`?\n";
    assert_eq!((out.exit, out.stderr.as_str()), (Exit::Usage, near));
}

#[test]
fn unknown_rules_and_flags() {
    let folder = Folder::package(&[("src/lib.rs", "")]);
    let out = folder.run(&["-D", "leaky-nme"]);
    let near = "error: unknown rule or group `leaky-nme`; did you mean `leaky_name`?\n";
    assert_eq!((out.exit, out.stderr.as_str()), (Exit::Usage, near));
    let out = folder.run(&["--quite"]);
    assert_eq!(out.exit, Exit::Usage);
    assert!(out.stderr.contains("'--quiet'"), "{}", out.stderr);
    let out = folder.run(&["--foo"]);
    assert_eq!(out.exit, Exit::Usage);
    assert!(out.stderr.starts_with("error: unexpected argument '--foo' found\n\nUsage: "), "{}", out.stderr);
    let out = folder.run(&["-q", "check"]);
    assert_eq!(out.exit, Exit::Usage);
    assert_eq!(out.stderr, "error: commands go before flags: `cargo spawnlint check [OPTIONS]`\n");
    for jobs in ["0", "x", "-1"] {
        let out = folder.run(&[&format!("--jobs={jobs}")]);
        assert_eq!(out.exit, Exit::Usage);
        assert!(out.stderr.contains("--jobs <N>': write a number of at least 1, or omit the flag"), "{}", out.stderr);
    }
    let out = folder.run(&["sarif"]);
    let commands = "`check`, `baseline`, `tasks`, `owners`, `config`, `lsp`, `rules`, `explain`, `completions`, `man`";
    let told = format!("error: no such file or folder: `sarif`; the commands are {commands}\n");
    assert_eq!((out.exit, out.stderr), (Exit::Usage, told));
}

#[test]
fn files_that_are_no_rust() {
    let files = [("src/lib.rs", ""), ("README.md", "# Demo\n"), ("LICENSE", ""), ("src/tool", "fn leak() {}\n")];
    let package = Folder::package(&files);
    package.write("Cargo.toml", format!("{MANIFEST}[[bin]]\nname = \"tool\"\npath = \"src/tool\"\n"));
    for folder in [&Folder::new(&files), &package] {
        for name in ["README.md", "LICENSE"] {
            let out = folder.run(&["src/lib.rs", name]);
            let told = format!("error: `{name}` is not a Rust file; name files that end in `.rs`, ");
            assert!(out.exit == Exit::Usage && out.stderr.starts_with(&told), "{}", out.stderr);
        }
    }
    // A manifest says that it is.
    assert_eq!(package.short(&["src/tool"]).lines().count(), 1);
}

#[test]
fn how_to_build_says_nothing_to_whoever_only_reads() {
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {}\n")]);
    let flags = "--locked --frozen --offline --features a,b -F c --all-features --no-default-features --target x \
                 --release --profile y --keep-going";
    let flags: Vec<&str> = flags.split_whitespace().collect();
    for command in ["check", "tasks", "baseline"] {
        let out = folder.run(&[&[command], flags.as_slice()].concat());
        assert_eq!(out.exit, Exit::Clean, "{}", out.stderr);
    }
    assert_eq!(folder.short(&flags), folder.short(&[]));
    let help = folder.run(&["--help"]).stdout;
    assert!(flags.iter().filter(|it| it.starts_with("--")).all(|flag| help.contains(flag)), "{help}");
}

#[test]
fn unknown_packages() {
    let folder = Folder::package(&[("src/lib.rs", "")]);
    for flag in ["-p", "--exclude"] {
        let out = folder.run(&[flag, "demon"]);
        assert_eq!(out.exit, Exit::Usage);
        assert!(out.stderr.ends_with("has no package `demon`; did you mean `demo`?\n"), "{}", out.stderr);
    }
}

pub(crate) struct Full;

impl io::Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_report_that_cannot_be_written_is_told() {
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {}\n")]);
    let (exit, told) = Run::default().run_into(&folder.path(), &mut Full);
    assert_eq!((exit, told.as_str()), (Exit::Incomplete, "error: cannot write the report: no storage space\n"));
}

pub(crate) struct Closed;

impl io::Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {}\n")]);
    for format in ["human", "short", "json", "sarif", "github", "junit"] {
        let run = Run::default().args(&["--message-format", format, "-D", "warnings"]);
        assert_eq!(run.run_into(&folder.path(), &mut Closed), (Exit::Findings, String::new()));
    }
    for command in [&["rules"][..], &["explain", "leaky-name"]] {
        let run = Run::default().args(command);
        assert_eq!(run.run_into(&folder.path(), &mut Closed), (Exit::Clean, String::new()));
    }
}

#[test]
fn escapes_and_bidi_overrides_are_shown_and_harmless() {
    let text = "fn leak(/* \u{1b}[31m\u{202e} \u{9b}2J\x07 */) {}\r\n";
    let folder = Folder::new(&[("a\u{1b}[1m.rs", text)]);
    for format in ["human", "short"] {
        let out = folder.run(&["--message-format", format, "."]).stdout;
        assert!(out.contains("leaky_name"), "{out}");
        assert!(!out.contains(|it: char| it.is_control() && it != '\n'), "{out:?}");
        assert!(!out.contains('\u{202e}'), "{out:?}");
    }
    let out = folder.run(&["."]).stdout;
    assert!(out.contains("fn leak(/* ␛[31m� �2J␇ */) {}\n"), "{out}");
    assert!(out.contains("a␛[1m.rs:1:4"), "{out}");
}

#[test]
fn a_long_line_is_cut_around_the_finding() {
    let text = format!("/* {} */ fn leak() {{}} /* {} */", "ä".repeat(100_000), "b".repeat(100_000));
    let folder = Folder::new(&[("a.rs", &format!("fn leak() {{}}\n{text}\n"))]);
    let out = folder.run(&["."]).stdout;
    assert!(out.len() < 5_000, "{} bytes", out.len());
    assert!(out.contains("a.rs:1:4"), "{out}");
}

#[test]
fn a_rule_that_fails_is_told_and_the_others_judge() {
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {}\n")]);
    let out = Run::default().rules(PANICS).args(&["--message-format", "short"]).run_in(&folder.path());
    let bug = "error: the rule `failing` failed: on purpose; every other rule was checked\n";
    assert_eq!(out.stdout, format!("{LEAK}{bug}"));
    assert_eq!(out.exit, Exit::Incomplete);
}

#[test]
fn standard_input_that_is_not_text() {
    let out = Run::default().args(&["-"]).stdin(b"\xff").run_in(Path::new("/"));
    assert_eq!(out.exit, Exit::Usage);
    assert_eq!(out.stderr, "error: standard input is not UTF-8; rustc reads only UTF-8\n");
    let out = Run::default().args(&["-", "src"]).run_in(Path::new("/"));
    assert_eq!(out.exit, Exit::Usage);
}

#[test]
fn what_cannot_be_read_outranks_what_was_found() {
    let folder = Folder::package(&[("src/lib.rs", "fn leak() {}\nmod bad;\n")]);
    folder.write("src/bad.rs", b"\xff");
    assert_eq!(folder.run(&["-D", "warnings"]).exit, Exit::Incomplete);
}
