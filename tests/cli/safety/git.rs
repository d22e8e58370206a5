//! What git could be made to run: the repository names a program wherever git takes one, and nothing of it ever runs.
//!
//! Each stage first lets git itself do what people do, to see that the program would run.

// The programs are shell scripts.
#![cfg(unix)]

use crate::support::{Folder, MANIFEST, Output, Run, git, git_command, git_in};
use cargo_spawnlint::Exit;
use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

const LIB: &str = "fn leak_1() {}\n\nfn leak_2() {\n    first();\n}\n\nfn safe_x() {}\n";

/// A package in a repository, and outside of it a program that leaves a witness.
struct Stage {
    folder: Folder,
    outside: Folder,
}

impl Stage {
    /// All is committed, in two steps.
    fn new() -> Stage {
        let folder = Folder::package(&[("src/lib.rs", "mod net;\n"), ("src/net.rs", ""), (".gitignore", "target\n")]);
        git(&folder, &["init", "-q"]);
        let stage = Stage { folder, outside: Folder::new(&[]) };
        stage.commit();
        stage.folder.write("src/lib.rs", format!("mod net;\n{LIB}"));
        stage.folder.write("src/net.rs", "fn leak_net() {}\n".repeat(9));
        stage.commit();
        // A clean filter that changes nothing, and a server that does not answer.
        for (name, last) in [("program", "cat"), ("server", "exit 1")] {
            let script = format!("#!/bin/sh\necho \"$@\" >> '{}'\n{last}\n", stage.witness().display());
            stage.outside.write(name, script);
            fs::set_permissions(stage.outside.path().join(name), fs::Permissions::from_mode(0o755)).unwrap();
        }
        stage
    }

    fn commit(&self) {
        git(&self.folder, &["add", "-A"]);
        git(&self.folder, &["commit", "-q", "-m", "all"]);
    }

    fn program(&self) -> String {
        self.outside.path().join("program").to_string_lossy().into_owned()
    }

    fn witness(&self) -> std::path::PathBuf {
        self.outside.path().join("witness")
    }

    fn config(&self, name: &str, value: &str) {
        git(&self.folder, &["config", name, value]);
    }

    /// As after an editor that has saved what was there: git has to look whether anything changed.
    fn touch(&self, files: &[&str]) {
        files.iter().for_each(|file| {
            let text = fs::read(self.folder.path().join(file)).unwrap();
            self.folder.write(file, text);
        });
    }

    /// Gives files a time of some hours ago.
    fn age(&self, files: &[&str], hours: u64) {
        let time = std::time::SystemTime::now() - std::time::Duration::from_secs(hours * 3600);
        files.iter().for_each(|file| {
            let file = fs::File::options().append(true).open(self.folder.path().join(file)).unwrap();
            file.set_modified(time).unwrap();
        });
    }

    /// Lets git itself do something, after which the witness is there.
    fn would_run(&self, cwd: &Path, args: &[&str]) {
        git_command().args(args).current_dir(cwd).output().unwrap();
        assert!(self.witness().exists(), "git {args:?} runs nothing, so this tests nothing");
        fs::remove_file(self.witness()).unwrap();
    }

    /// Everything that asks git, from a folder. What is changed last is `--fix`, whose output this is.
    fn all_ways(&self, cwd: &Path) -> Output {
        let mut last = None;
        for args in [
            &["--since", "HEAD"][..],
            &["--since", "HEAD~1"],
            &["--staged"],
            &["--diff"],
            &["--add-suppressions", "known"],
            &["--fix", "--allow-dirty"],
            &["--fix"],
        ] {
            last = Some(Run::default().args(args).run_in(cwd));
            let told = fs::read_to_string(self.witness()).unwrap_or_default();
            assert_eq!(told, "", "a program of the repository has run for {args:?}");
        }
        last.unwrap()
    }
}

#[test]
fn filters_do_not_run() {
    // Those of a checkout never run for a reader, which 0.1 was; the others did.
    for (key, runs) in [("clean", true), ("process", true), ("smudge", false)] {
        let stage = Stage::new();
        let program = stage.program();
        stage.config(&format!("filter.f.{key}"), &program);
        stage.config("filter.f.required", "true");
        stage.folder.write(".git/info/attributes", "*.rs filter=f diff=f\n");
        stage.touch(&["src/lib.rs", "src/net.rs"]);
        if runs {
            stage.would_run(&stage.folder.path(), &["diff", "--quiet"]);
        }
        stage.touch(&["src/lib.rs", "src/net.rs"]);
        stage.all_ways(&stage.folder.path());
    }
}

#[test]
fn filters_that_are_configured_elsewhere_do_not_run() {
    let stages: [(&str, &[&[&str]]); 3] = [
        ("more", &[&["config", "include.path", "more"]]),
        ("more", &[&["config", "includeIf.onbranch:main.path", "more"]]),
        ("config.worktree", &[&["config", "extensions.worktreeConfig", "true"]]),
    ];
    for (file, settings) in stages {
        let stage = Stage::new();
        settings.iter().for_each(|args| git(&stage.folder, args));
        // Names may have anything in them.
        let filter = format!("[filter \"a=b\\\" c.d\"]\n\tclean = {}\n", stage.program());
        stage.folder.write(&format!(".git/{file}"), filter);
        stage.folder.write(".git/attributes", "*.rs filter=a=b\\\"\n* filter=F\n");
        let filter = format!("[filter \"F\"]\n\tclean = {}\n", stage.program());
        stage.folder.write(&format!(".git/{file}"), filter);
        stage.config("core.attributesFile", ".git/attributes");
        stage.touch(&["src/lib.rs"]);
        stage.would_run(&stage.folder.path(), &["diff", "--quiet"]);
        stage.touch(&["src/lib.rs"]);
        stage.all_ways(&stage.folder.path());
    }
}

#[test]
fn filters_do_not_run_where_renames_are_looked_for() {
    let stage = Stage::new();
    git(&stage.folder, &["mv", "src/net.rs", "src/wire.rs"]);
    stage.folder.write("src/wire.rs", "fn leak_net() {}\n".repeat(8) + "fn leak_wire() {}\n");
    git(&stage.folder, &["add", "-A"]);
    stage.config("filter.f.clean", &stage.program());
    stage.folder.write(".gitattributes", "*.rs filter=f\n");
    stage.touch(&["src/wire.rs", "src/lib.rs"]);
    stage.would_run(&stage.folder.path(), &["status"]);
    stage.touch(&["src/wire.rs", "src/lib.rs"]);
    stage.all_ways(&stage.folder.path());
}

/// A folder that looks like a repository, with its own configuration: part of any clone.
fn embed(stage: &Stage) -> std::path::PathBuf {
    let sub = stage.folder.path().join("sub");
    fs::create_dir_all(&sub).unwrap();
    let config = "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n";
    let filter = format!("[filter \"f\"]\n\tclean = {0}\n\tprocess = {0}\n", stage.program());
    let more = format!("[core]\n\tfsmonitor = {0}\n[diff]\n\texternal = {0}\n", stage.program());
    stage.folder.write("sub/config", format!("{config}{filter}{more}"));
    stage.folder.write("sub/Cargo.toml", format!("{MANIFEST}[workspace]\n"));
    stage.folder.write("sub/src/lib.rs", LIB);
    stage.folder.write("sub/.gitattributes", "*.rs filter=f\n");
    stage.folder.write("sub/HEAD", "ref: refs/heads/main\n");
    stage.folder.write("sub/refs/heads/.keep", "");
    stage.folder.write("sub/objects/.keep", "");
    let quiet = ["-c", "filter.f.clean=", "-c", "filter.f.process=", "-c", "core.fsmonitor=false"];
    git_in(&sub, &[&quiet[..], &["add", "-A", "src", "Cargo.toml"]].concat());
    git_in(&sub, &[&quiet[..], &["commit", "-q", "-m", "embedded"]].concat());
    stage.commit();
    sub
}

#[test]
fn an_embedded_repository_is_none() {
    let stage = Stage::new();
    let sub = embed(&stage);
    // Whoever clones the one around it has it.
    let clone = Folder::new(&[]);
    git(&clone, &["clone", "-q", &stage.folder.path().to_string_lossy(), "."]);
    let inside = clone.path().join("sub");
    // As long as before, so that git has to look.
    clone.write("sub/src/lib.rs", LIB.replace("first", "third"));
    git_command().args(["status"]).current_dir(&inside).output().unwrap();
    assert!(stage.witness().exists(), "git runs nothing, so this tests nothing");
    fs::remove_file(stage.witness()).unwrap();
    for cwd in [&inside, &inside.join("src")] {
        let out = Run::default().args(&["--message-format", "short", "--since", "HEAD"]).run_in(cwd);
        // The change is one of the repository around it.
        assert_eq!(out.stdout.lines().count(), 1, "{}{}", out.stdout, out.stderr);
        stage.all_ways(cwd);
    }
    stage.all_ways(&clone.path());
    let out = Run::default().args(&["--fix", "--manifest-path", "sub/Cargo.toml"]).run_in(&clone.path());
    assert!(out.stderr.contains("sub/src/lib.rs (dirty"), "{}", out.stderr);
    assert!(!stage.witness().exists());
    // Nor where there is no other one around it.
    let lonely = Folder::new(&[]);
    let to = lonely.path().join("sub");
    assert!(std::process::Command::new("cp").arg("-r").arg(&sub).arg(&to).status().unwrap().success());
    let out = stage.all_ways(&to);
    assert!(out.stderr.contains(" is not under version control, "), "{}", out.stderr);
}

#[test]
fn other_programs_do_not_run() {
    let stage = Stage::new();
    let program = stage.program();
    for name in [
        // These ran in 0.1.
        "filter.f.clean",
        "filter.f.process",
        // These did not, and are to stay that way.
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "core.sshCommand",
        "core.gitProxy",
        "core.askPass",
        "core.alternateRefsCommand",
        "credential.helper",
        "diff.external",
        "diff.f.command",
        "diff.f.textconv",
        "difftool.f.cmd",
        "diff.tool",
        "filter.f.smudge",
        "gpg.program",
        "gpg.ssh.program",
        "merge.f.driver",
        "pager.diff",
        "pager.ls-files",
        "pager.rev-parse",
        "sequence.editor",
        "trailer.f.command",
        "uploadpack.packObjectsHook",
    ] {
        stage.config(name, &program);
    }
    for command in ["cat-file", "diff", "diff-index", "hash-object", "ls-files", "merge-base", "rev-parse", "status"] {
        stage.config(&format!("alias.{command}"), &format!("!{program}"));
    }
    stage.config("log.showSignature", "true");
    stage.config("core.untrackedCache", "true");
    stage.config("core.splitIndex", "true");
    let hooks = [".git/hooks", "hooks"].map(|it| stage.folder.path().join(it));
    for folder in &hooks {
        fs::create_dir_all(folder).unwrap();
        for name in ["post-index-change", "reference-transaction", "fsmonitor-watchman", "query-watchman", "pre-commit"]
        {
            fs::copy(&program, folder.join(name)).unwrap();
        }
    }
    stage.config("core.hooksPath", "hooks");
    stage.folder.write(".gitattributes", "*.rs filter=f diff=f merge=f\n");
    stage.touch(&["src/lib.rs", "src/net.rs"]);
    stage.would_run(&stage.folder.path(), &["status"]);
    stage.touch(&["src/lib.rs", "src/net.rs"]);
    stage.all_ways(&stage.folder.path());
    git(&stage.folder, &["config", "--unset", "core.hooksPath"]);
    stage.all_ways(&stage.folder.path());
}

#[test]
fn nothing_is_fetched() {
    let stage = Stage::new();
    git(&stage.folder, &["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", stage.folder.path().display());
    let program = stage.outside.path().join("server").to_string_lossy().into_owned();
    let settings: [&[(&str, &str)]; 4] = [
        &[("remote.origin.uploadpack", &program)],
        &[("remote.origin.url", &format!("ext::{program} x")), ("protocol.ext.allow", "always")],
        &[("remote.origin.url", "ssh://nowhere.invalid/x"), ("core.sshCommand", &program)],
        &[("remote.origin.url", "git://nowhere.invalid/x"), ("core.gitProxy", &program)],
    ];
    for settings in settings {
        let clone = Folder::new(&[]);
        git(&clone, &["clone", "-q", "--filter=blob:none", &url, "."]);
        settings.iter().for_each(|(name, value)| git(&clone, &["config", name, value]));
        git(&clone, &["config", "protocol.allow", "always"]);
        stage.would_run(&clone.path(), &["diff", "HEAD~1"]);
        // 0.1 resisted where git knows GIT_NO_LAZY_FETCH, since 2.45.
        stage.all_ways(&clone.path());
        let out = Run::default().args(&["--since", "HEAD~1"]).run_in(&clone.path());
        assert!(out.stderr.contains("this clone is partial and lacks the old contents of files"), "{}", out.stderr);
    }
}

#[test]
fn submodules_run_nothing_of_theirs() {
    let stage = Stage::new();
    let origin = Folder::package(&[("src/lib.rs", LIB)]);
    git(&origin, &["init", "-q"]);
    git(&origin, &["add", "-A"]);
    git(&origin, &["commit", "-q", "-m", "all"]);
    stage
        .folder
        .write("Cargo.toml", format!("{}[workspace]\nmembers = [\"inner\"]\n", MANIFEST.replace("demo", "outer")));
    git(&stage.folder, &["submodule", "--quiet", "add", &origin.path().to_string_lossy(), "inner"]);
    stage.commit();
    let inner = stage.folder.path().join("inner");
    git_in(&inner, &["config", "filter.f.clean", &stage.program()]);
    stage.folder.write(".git/modules/inner/info/attributes", "*.rs filter=f\n");
    // As long as before, so that git has to look.
    stage.folder.write("inner/src/lib.rs", LIB.replace("first", "third"));
    stage.would_run(&stage.folder.path(), &["status"]);
    stage.folder.write("inner/src/lib.rs", LIB.replace("first", "other"));
    for cwd in [&stage.folder.path(), &inner] {
        let out = stage.all_ways(cwd);
        assert_eq!(out.exit, Exit::Usage, "{}", out.stderr);
    }
}

#[test]
fn a_work_tree_elsewhere_is_refused() {
    let stage = Stage::new();
    stage.outside.write("secret.rs", "");
    stage.config("core.worktree", &stage.outside.path().to_string_lossy());
    // 0.1 took whatever lies there for files of the repository, and said so.
    for args in [&["--since", "HEAD"][..], &["--staged"], &["--fix"]] {
        let out = Run::default().args(args).run_in(&stage.folder.path());
        assert_eq!(out.exit, Exit::Usage, "{}", out.stderr);
        assert!(out.stderr.contains("`core.worktree` in its configuration points to "), "{}", out.stderr);
        assert!(!out.stderr.contains("secret"), "{}", out.stderr);
    }
}

#[test]
fn an_index_that_leads_out_is_not_followed() {
    let stage = Stage::new();
    let id = git_in(&stage.folder.path(), &["rev-parse", "HEAD:src/lib.rs"]);
    let entry = format!("100644 {} 0\tlinks/secret.rs\n", id.trim());
    let mut child = git_command();
    child.args(["update-index", "--index-info"]).current_dir(stage.folder.path()).stdin(std::process::Stdio::piped());
    let mut child = child.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), entry.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    // git itself refuses to make one, so the name is put in afterwards, with the checksum left out of account.
    let file = stage.folder.path().join(".git/index");
    let mut index = fs::read(&file).unwrap();
    let at = index.windows(15).position(|it| it == b"links/secret.rs").unwrap();
    index[at..at + 15].copy_from_slice(b"../a/secrets.rs");
    let end = index.len() - 20;
    index[end..].fill(0);
    fs::write(&file, index).unwrap();
    stage.config("index.skipHash", "true");
    for args in [&["--since", "HEAD"][..], &["--staged"], &["--fix"]] {
        let out = Run::default().args(args).run_in(&stage.folder.path());
        assert_ne!(out.exit, Exit::Incomplete, "{}", out.stderr);
    }
}

#[test]
fn what_a_filter_would_do_is_told() {
    let stage = Stage::new();
    stage.config("filter.upper.clean", "tr a-z A-Z");
    stage.folder.write(".gitattributes", "src/net.rs filter=upper\n*.png filter=upper\n");
    stage.folder.write("a.png", "picture");
    stage.age(&["a.png", "src/net.rs"], 3);
    git(&stage.folder, &["add", "--renormalize", "."]);
    // Stored in capitals, and small on disk. git has noted that these belong together.
    stage.commit();
    assert_eq!(git_in(&stage.folder.path(), &["show", "HEAD:a.png"]), "PICTURE");
    let top = stage.folder.path();
    let since = || Run::default().args(&["--message-format", "short", "--since", "HEAD"]).run_in(&top);
    let fixed = || {
        let out = Run::default().args(&["--fix"]).run_in(&top);
        stage.folder.write("src/lib.rs", format!("mod net;\n{LIB}"));
        out
    };
    assert_eq!(fixed().exit, Exit::Clean);
    assert_eq!((since().stdout, since().notes()), (String::new(), String::new()));
    // Once they were touched, only the filter could tell that nothing has changed.
    stage.age(&["a.png", "src/net.rs"], 2);
    let out = fixed();
    let told =
        "(dirty, unless only the git filter `upper` makes the difference; it is not run, and `git status` may help)";
    assert_eq!((out.exit, out.stderr.matches(told).count()), (Exit::Usage, 2), "{}", out.stderr);
    let note = "note: src/net.rs would go through the git filter `upper`, which is not run; lines that it would change count as changed\n";
    let out = since();
    assert_eq!((out.stdout.lines().count(), out.notes().as_str()), (9, note), "{}", out.stdout);
    // It does.
    git(&stage.folder, &["status"]);
    assert_eq!((fixed().exit, since().stdout), (Exit::Clean, String::new()));
    stage.folder.write("src/net.rs", "fn leak_new() {}\n");
    git(&stage.folder, &["add", "src/net.rs"]);
    let out = Run::default().args(&["--message-format", "short", "--staged"]).run_in(&top);
    assert_eq!((out.stdout.lines().count(), out.notes().as_str()), (1, note), "{}", out.stdout);
}
