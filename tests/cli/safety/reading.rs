//! Files that are not for reading: what a repository brings along leads nowhere else, blocks nothing, and prints nothing
//! that is not its own.

use crate::support::{Folder, MANIFEST, Output, Run, git_in};
use cargo_spawnlint::Exit;
use std::{
    fs,
    os::unix::{fs::symlink, net::UnixListener},
    path::{Path, PathBuf},
    process::Command,
};

/// Stands in every file outside, and must stand nowhere else.
const CANARY: &str = "canary_7f3a";

const LEAK: &str = "src/lib.rs:1:4: warning[spawnlint::leaky_name]: `leak` of `demo` is called `leak`\n";

const FORMATS: [&str; 10] =
    ["human", "short", "json", "sarif", "github", "gitlab", "junit", "rdjson", "checkstyle", "markdown"];

/// A package in a repository, `repo`, and a secret beside it.
struct Stage {
    folder: Folder,
    repo: PathBuf,
}

impl Stage {
    fn new(files: &[(&str, &str)]) -> Stage {
        let folder = Folder::new(&[]);
        folder.write("outside/secret", format!("{CANARY}\n"));
        folder.write("outside/secret.rs", format!("fn leak_{CANARY}() {{}}\nfn {CANARY}(\n"));
        folder.write("outside/mod.rs", format!("fn leak_{CANARY}() {{}}\nfn {CANARY}(\n"));
        folder.write("outside/Cargo.toml", format!("{MANIFEST}[package.metadata.spawnlint]\n{CANARY} = 1\n"));
        folder.write("repo/Cargo.toml", MANIFEST);
        folder.write("repo/src/lib.rs", "fn leak() {}\n");
        files.iter().for_each(|(path, text)| folder.write(&format!("repo/{path}"), text));
        let repo = folder.path().join("repo");
        git_in(&repo, &["init", "-q"]);
        Stage { folder, repo }
    }

    fn link(&self, to: impl AsRef<Path>, path: &str) {
        let path = self.repo.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if path.is_dir() && !path.is_symlink() {
            fs::remove_dir_all(&path).unwrap();
        } else {
            fs::remove_file(&path).ok();
        }
        symlink(to, path).unwrap();
    }

    fn run(&self, args: &[&str]) -> Output {
        let out = Run::default().args(args).run_in(&self.repo);
        self.assert_silent(args, &out);
        out
    }

    /// The report in short lines, or what is wrong.
    fn told(&self) -> String {
        let out = self.run(&["--message-format", "short"]);
        if out.exit == Exit::Usage { out.stderr } else { out.stdout }
    }

    /// Nothing of what lies outside is told or written in any format or by any command.
    fn assert_nothing_leaks(&self) {
        for format in FORMATS {
            self.run(&["--message-format", &format!("{format},json=report.out"), "--all-targets", "-v"]);
            fs::remove_file(self.repo.join("report.out")).ok();
        }
        for args in [&["tasks", "--format", "json"][..], &["config"], &["baseline"], &["--diff", "--unsafe-fixes"]] {
            self.run(args);
        }
        fs::remove_file(self.repo.join("spawnlint-baseline.json")).ok();
        self.run(&["--add-suppressions", "why", "--allow-dirty"]);
    }

    fn assert_silent(&self, args: &[&str], out: &Output) {
        let told = format!("{}{}", out.stdout, out.stderr);
        assert!(!told.contains(CANARY), "{args:?}: {told}");
        let mut folders = vec![self.repo.clone()];
        while let Some(folder) = folders.pop() {
            for entry in folder.read_dir().unwrap().map(Result::unwrap) {
                let kind = entry.file_type().unwrap();
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() && entry.metadata().unwrap().len() < 1 << 20 {
                    let bytes = fs::read(entry.path()).unwrap();
                    let text = String::from_utf8_lossy(&bytes);
                    assert!(!text.contains(CANARY), "{args:?}: {}", entry.path().display());
                }
            }
        }
    }
}

/// What is put in the place of a file, beside links.
fn put_special(path: &Path, kind: &str) {
    match kind {
        "pipe" => assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
        "socket" => drop(UnixListener::bind(path).unwrap()),
        "large" => fs::File::create(path).unwrap().set_len(2 << 30).unwrap(),
        other => unreachable!("{other}"),
    }
}

#[test]
fn a_configuration_that_leads_out_is_refused() {
    for to in ["../outside/secret", "/proc/self/environ", "/dev/zero", "first"] {
        for name in ["spawnlint.toml", ".spawnlint.toml", "src/spawnlint.toml"] {
            let stage = Stage::new(&[]);
            stage.link("../outside/secret", "first");
            let up = if name.starts_with("src/") && !to.starts_with('/') { "../" } else { "" };
            stage.link(format!("{up}{to}"), name);
            let repo = stage.repo.display();
            let said = format!(
                "error: {name}: cannot read this file: it is a link to `{up}{to}`, which points outside {repo}\n"
            );
            for args in [&["check"][..], &["tasks"], &["config"], &["--fix"], &["--add-suppressions", "why"]] {
                let out = stage.run(args);
                assert_eq!((out.exit, out.stderr.as_str()), (Exit::Usage, said.as_str()), "{args:?}");
            }
        }
    }
}

#[test]
fn a_configuration_is_a_regular_file_of_bounded_size() {
    let line = "# what is said here is said at length\n";
    for (kind, why) in [
        ("pipe", "it is not a regular file"),
        ("socket", "it is not a regular file"),
        ("large", "it is too large: 2147483648 bytes; at most 1048576"),
    ] {
        let stage = Stage::new(&[]);
        put_special(&stage.repo.join("spawnlint.toml"), kind);
        assert_eq!(stage.told(), format!("error: spawnlint.toml: cannot read this file: {why}\n"), "{kind}");
    }
    let stage = Stage::new(&[("spawnlint.toml", &line.repeat((1 << 20) / line.len()))]);
    assert_eq!(stage.told(), LEAK, "a megabyte is room enough");
    let stage = Stage::new(&[]);
    stage.folder.write("repo/spawnlint.toml", line.repeat((1 << 20) / line.len() + 1));
    assert!(stage.told().contains("it is too large: "), "{}", stage.told());
}

#[test]
fn a_configuration_may_be_a_link_inside() {
    let stage = Stage::new(&[("etc/lint.toml", "levels.leak = \"deny\"\n")]);
    stage.link("etc", "folder");
    stage.link("folder/lint.toml", "spawnlint.toml");
    assert_eq!(stage.told(), LEAK.replace("warning", "error"));
}

#[test]
fn sources_that_lead_out_are_refused() {
    let stage = Stage::new(&[
        (
            "src/lib.rs",
            "fn leak() {}\nmod linked;\nmod chained;\nmod folder;\n#[path = \"../../outside/secret.rs\"]\nmod named;\n\
             #[path = \"/proc/self/environ\"]\nmod environ;\n#[path = \"/dev/zero\"]\nmod zero;\n\
             #[path = \"../.git/config\"]\nmod git;\n",
        ),
        ("src/bin/tool.rs", "fn main() {}\n"),
    ]);
    stage.link("../../outside/secret.rs", "src/linked.rs");
    stage.link("linked.rs", "src/chained.rs");
    stage.link("../../outside", "src/folder");
    stage.link("../../../outside/secret.rs", "src/bin/tool.rs");
    let (repo, root) = (stage.repo.display(), stage.folder.path());
    let root = root.display();
    let refused = |path: &str, why: &str| format!("{path}: error: cannot read this file: {why}\n");
    let link = |to: &str| format!("it is a link to `{to}`, which points outside {repo}");
    let outside = format!("it is outside {repo}");
    let mut expected = [
        LEAK.to_owned(),
        refused("src/linked.rs", &link("../../outside/secret.rs")),
        refused("src/chained.rs", &link("linked.rs")),
        refused(
            "src/folder/mod.rs",
            &format!("`src/folder` is a link to `../../outside`, which points outside {repo}"),
        ),
        refused("src/bin/tool.rs", &link("../../../outside/secret.rs")),
        refused(&format!("{root}/outside/secret.rs"), &outside),
        refused("/proc/self/environ", &outside),
        refused("/dev/zero", &outside),
        refused(".git/config", "it is in a folder of the version control system"),
    ];
    expected.sort();
    let told = stage.told();
    let mut lines: Vec<&str> = told.split_inclusive('\n').collect();
    lines.sort_unstable();
    assert_eq!(lines.concat(), expected.concat());
    assert_eq!(stage.run(&[]).exit, Exit::Incomplete);
    stage.assert_nothing_leaks();
}

#[test]
fn roots_that_lead_out_are_refused() {
    let targets = "[lib]\npath = \"../outside/secret.rs\"\n[[bin]]\nname = \"a\"\npath = \"/proc/self/environ\"\n\
                   [[bin]]\nname = \"b\"\npath = \"b/main.rs\"\n";
    let stage = Stage::new(&[("Cargo.toml", &format!("{MANIFEST}{targets}"))]);
    stage.link("../outside/secret.rs", "b/main.rs");
    fs::remove_dir_all(stage.repo.join("b")).unwrap();
    stage.link("../../outside/secret.rs", "b/main.rs");
    let (repo, root) = (stage.repo.display(), stage.folder.path());
    let told = stage.told();
    for line in [
        format!("{}/outside/secret.rs: error: cannot read this file: it is outside {repo}\n", root.display()),
        format!("/proc/self/environ: error: cannot read this file: it is outside {repo}\n"),
        format!(
            "b/main.rs: error: cannot read this file: it is a link to `../../outside/secret.rs`, which points outside {repo}\n"
        ),
    ] {
        assert!(told.contains(&line), "{line}{told}");
    }
    stage.assert_nothing_leaks();
}

#[test]
fn a_source_is_a_regular_file() {
    let stage = Stage::new(&[("src/lib.rs", "fn leak() {}\nmod pipe;\nmod socket;\nmod large;\nmod folder;\n")]);
    ["pipe", "socket", "large"].iter().for_each(|it| put_special(&stage.repo.join(format!("src/{it}.rs")), it));
    fs::create_dir(stage.repo.join("src/folder.rs")).unwrap();
    let irregular = "error: cannot read this file: it is not a regular file\n";
    let expected = format!(
        "src/large.rs: error: this file is too large: 2147483648 bytes; at most 16777216\n\
         {LEAK}src/pipe.rs: {irregular}src/socket.rs: {irregular}"
    );
    let told = stage.told();
    let mut lines: Vec<&str> = told.split_inclusive('\n').collect();
    lines.sort_unstable();
    assert_eq!(lines.concat(), expected);
}

#[test]
fn modules_may_lead_out_of_the_package() {
    let stage = Stage::new(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"a\", \"linked\"]\nresolver = \"3\"\n"),
        ("a/Cargo.toml", &MANIFEST.replace("demo", "a")),
        ("a/src/lib.rs", "#[path = \"../../shared/x.rs\"]\nmod x;\nmod y;\n"),
        ("shared/x.rs", "fn leak_x() {}\n"),
        ("shared/y.rs", "fn leak_y() {}\n"),
        ("crates/b/Cargo.toml", &MANIFEST.replace("demo", "b")),
        ("crates/b/src/lib.rs", "fn leak_b() {}\n"),
        ("build/target/.keep", ""),
    ]);
    stage.link("crates/b", "linked");
    stage.link("../../shared/y.rs", "a/src/y.rs");
    stage.link("build/target", "target");
    let told = stage.told();
    let found: Vec<&str> = told.lines().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(found, ["crates/b/src/lib.rs", "shared/x.rs", "shared/y.rs"], "{told}");
    let kept = stage.repo.join("build/target/spawnlint/cache");
    assert!(kept.is_dir(), "a target folder that is a link inside is one like any other");
}

#[test]
fn without_version_control_the_workspace_is_the_limit() {
    let folder = Folder::new(&[
        ("ws/Cargo.toml", "[workspace]\nmembers = [\"a\"]\nresolver = \"3\"\n"),
        ("ws/a/Cargo.toml", MANIFEST),
        ("ws/a/src/lib.rs", "#[path = \"../../x.rs\"]\nmod x;\n#[path = \"../../../y.rs\"]\nmod y;\n"),
        ("ws/x.rs", "fn leak_x() {}\n"),
        ("y.rs", "fn leak_y() {}\n"),
    ]);
    let path = folder.path();
    let out = Run::default().args(&["--message-format", "short"]).run_in(&path.join("ws"));
    let path = path.display();
    let refused = format!("{path}/y.rs: error: cannot read this file: it is outside {path}/ws\n");
    let found = "x.rs:1:4: warning[spawnlint::leaky_name]: `leak_x` of `demo` is called `leak`\n";
    assert_eq!((out.stdout, out.exit), (format!("{found}{refused}"), Exit::Incomplete));
}

#[test]
fn plain_files_stay_where_they_were_named() {
    let folder = Folder::new(&[
        ("in/a.rs", "fn leak() {}\nmod out;\n#[path = \"../secret.rs\"]\nmod up;\n"),
        ("secret.rs", &format!("fn {CANARY}(")),
    ]);
    symlink("../secret.rs", folder.path().join("in/out.rs")).unwrap();
    let out = folder.run(&["--message-format", "short", "in"]);
    assert_eq!(out.exit, Exit::Incomplete);
    let path = folder.path().join("in");
    let lines = [
        format!(
            "in/out.rs: error: cannot read this file: it is a link to `../secret.rs`, which points outside {}\n",
            path.display()
        ),
        format!("secret.rs: warning: cannot read this file: it is outside {}\n", path.display()),
    ];
    assert!(lines.iter().all(|line| out.stdout.contains(line)), "{}", out.stdout);
    assert!(!out.stdout.contains(CANARY) && !out.stderr.contains(CANARY), "{}", out.stdout);
}

#[test]
fn members_behind_links_that_lead_out_are_left_out() {
    let stage = Stage::new(&[(
        "Cargo.toml",
        &format!("[workspace]\nmembers = [\"linked\"]\n{MANIFEST}[dependencies]\nx = {{ path = \"linked\" }}\n"),
    )]);
    stage.folder.write("outside/crate/Cargo.toml", MANIFEST.replace("demo", "x"));
    stage.folder.write("outside/crate/src/lib.rs", format!("fn leak_{CANARY}() {{}}\nfn {CANARY}(\n"));
    stage.folder.write("outside/crate/spawnlint.toml", format!("{CANARY} = 1"));
    stage.link("../outside/crate", "linked");
    let problem = format!(
        "linked/Cargo.toml: error: cannot read this manifest: `linked` is a link to `../outside/crate`, which points outside {}; so cargo was not run for this workspace\n",
        stage.repo.display()
    );
    assert_eq!(stage.told(), format!("{LEAK}{problem}"));
    stage.assert_nothing_leaks();
}

#[test]
fn members_elsewhere_that_agree_are_read() {
    let stage = Stage::new(&[("Cargo.toml", &format!("[workspace]\nmembers = [\"../other\"]\n{MANIFEST}"))]);
    let manifest = MANIFEST.replace("demo", "other") + "workspace = \"../repo\"\n";
    stage.folder.write("other/Cargo.toml", manifest);
    stage.folder.write("other/src/lib.rs", "fn leak_other() {}\n");
    let out = stage.run(&["--message-format", "short", "--workspace"]);
    assert!(out.exit == Exit::Clean && out.stdout.contains("leak_other"), "{}{}", out.stdout, out.stderr);
}

#[test]
fn manifests_that_lead_out_are_refused() {
    let stage = Stage::new(&[]);
    stage.link("../outside/secret", "Cargo.toml");
    let why = format!("it is a link to `../outside/secret`, which points outside {}", stage.repo.display());
    let said = format!("Cargo.toml: error: cannot read this manifest: {why}; so cargo was not run");
    for args in [&["--message-format", "short"][..], &["--message-format", "short", "--manifest-path", "Cargo.toml"]] {
        let out = stage.run(args);
        assert!(out.exit == Exit::Incomplete && out.stdout.contains(&said), "{}{}", out.stdout, out.stderr);
    }
    fs::remove_file(stage.repo.join("Cargo.toml")).unwrap();
    put_special(&stage.repo.join("Cargo.toml"), "pipe");
    assert!(stage.told().contains("Cargo.toml: error: cannot read this manifest: it is not a regular file"));
    stage.assert_nothing_leaks();
}

#[test]
fn what_cargo_says_of_manifests_that_lead_out_is_not_told() {
    for to in ["secret", "secret-table", "secret-type"] {
        for (member, uses) in [("a", "members = [\"a\"]"), ("m/b", "members = [\"m/*\"]")] {
            let stage = Stage::new(&[("Cargo.toml", &format!("[workspace]\n{uses}\n{MANIFEST}"))]);
            stage.folder.write("outside/secret-table", format!("[{CANARY}\n"));
            stage.folder.write("outside/secret-type", format!("[package]\nname = \"x\"\nedition = \"{CANARY}\"\n"));
            let up = "../".repeat(member.split('/').count() + 1);
            stage.link(format!("{up}outside/{to}"), &format!("{member}/Cargo.toml"));
            let out = stage.run(&[]);
            assert_eq!(out.exit, Exit::Incomplete, "{}{}", out.stdout, out.stderr);
            assert!(out.stdout.contains("which points outside "), "{}", out.stdout);
            stage.assert_nothing_leaks();
        }
    }
}

#[test]
fn named_files_are_not_links_out_of_a_repository() {
    let stage = Stage::new(&[]);
    stage.link("../../outside/secret.rs", "src/a.rs");
    stage.link("../outside", "folder");
    let repo = stage.repo.display();
    for (path, why) in [
        ("src/a.rs", "it is a link to `../../outside/secret.rs`".to_owned()),
        ("folder", "it is a link to `../outside`".to_owned()),
        ("folder/secret.rs", format!("`{repo}/folder` is a link to `../outside`")),
    ] {
        let out = stage.run(&[path]);
        let said = format!("error: cannot check {path}: {why}, which points outside {repo}\n");
        assert_eq!((out.exit, out.stderr), (Exit::Usage, said));
    }
    // The user may name what lies anywhere.
    let elsewhere = Folder::new(&[("x.rs", "fn leak() {}\n")]);
    let path = elsewhere.path().join("x.rs");
    assert!(stage.run(&["--message-format", "short", path.to_str().unwrap()]).stdout.contains("`leak`"));
}

#[test]
fn a_baseline_that_leads_out_is_refused() {
    let stage = Stage::new(&[]);
    stage.folder.write("outside/real.json", "{\n  \"version\": 1,\n  \"findings\": []\n}\n");
    let why = |to: &str| format!("it is a link to `{to}`, which points outside {}", stage.repo.display());
    for to in ["../outside/secret", "/proc/self/environ", "/dev/zero", "/dev/stdin", "../outside/real.json"] {
        stage.link(to, "spawnlint-baseline.json");
        for args in [&["--baseline", "spawnlint-baseline.json"][..], &["baseline"]] {
            let out = stage.run(args);
            let said = format!("error: cannot use the baseline `spawnlint-baseline.json`: {}\n", why(to));
            assert_eq!((out.exit, out.stderr), (Exit::Usage, said), "{args:?}");
        }
    }
    // What the user names may lie anywhere, and may be a pipe where no repository is.
    let real = stage.folder.path().join("outside/real.json");
    assert_eq!(stage.run(&["--baseline", real.to_str().unwrap()]).exit, Exit::Clean);
    fs::remove_file(stage.repo.join("spawnlint-baseline.json")).unwrap();
    for (kind, why) in
        [("pipe", "it is not a regular file"), ("large", "it is too large: 2147483648 bytes; at most 67108864")]
    {
        let path = stage.repo.join(format!("{kind}.json"));
        put_special(&path, kind);
        let out = stage.run(&["--baseline", path.to_str().unwrap()]);
        assert_eq!(out.exit, Exit::Usage);
        let said = format!("error: cannot read the baseline `{kind}.json`: {why}\n");
        assert_eq!(out.stderr, said);
    }
}

#[test]
fn a_cache_that_leads_out_is_not_used() {
    let is_empty = |folder: &Path| folder.read_dir().unwrap().count() == 0;
    for link in ["target", "target/spawnlint", "target/spawnlint/cache"] {
        let stage = Stage::new(&[]);
        let place = stage.folder.path().join("place");
        fs::create_dir(&place).unwrap();
        stage.link(&place, link);
        assert_eq!(stage.told(), LEAK);
        assert_eq!(stage.told(), LEAK);
        assert!(is_empty(&place), "{link}");
    }
    // A folder of things that can be made anew, as cargo marks it, is one to keep a cache in.
    let stage = Stage::new(&[]);
    let tag = "Signature: 8a477f597d28d172789f06886806bc55\n";
    stage.folder.write("scratch/CACHEDIR.TAG", tag);
    stage.link("../scratch", "target");
    assert_eq!(stage.told(), LEAK);
    assert!(stage.folder.path().join("scratch/spawnlint/cache").is_dir());
    // So is one that the user chooses; the project's own configuration is nobody.
    let stage = Stage::new(&[(".cargo/config.toml", "[build]\ntarget-dir = \"../chosen\"\n")]);
    assert_eq!(stage.told(), LEAK);
    let chosen = stage.folder.path().join("chosen");
    assert!(!chosen.exists());
    let run = Run::default().env("CARGO_TARGET_DIR", chosen.to_str().unwrap());
    run.run_in(&stage.repo);
    assert!(chosen.join("spawnlint/cache").is_dir());
}

#[test]
fn a_pack_is_a_regular_file_of_bounded_size() {
    for kind in ["pipe", "large", "link"] {
        let stage = Stage::new(&[]);
        stage.told();
        let cache = stage.repo.join("target/spawnlint/cache");
        let find = || {
            let mut entries = cache.read_dir().unwrap().map(|it| it.unwrap().path());
            entries.find(|path| path.extension().is_some_and(|it| it == "pack")).unwrap()
        };
        let pack = find();
        fs::remove_file(&pack).unwrap();
        let tag = cache.join("CACHEDIR.TAG");
        fs::remove_file(&tag).unwrap();
        let outside = stage.folder.path().join("outside");
        symlink(outside.join("new"), &tag).unwrap();
        match kind {
            "link" => symlink(outside.join("secret"), &pack).unwrap(),
            kind => put_special(&pack, kind),
        }
        assert_eq!(stage.told(), LEAK);
        assert!(find().symlink_metadata().unwrap().is_file(), "it was made anew");
        assert_eq!(fs::read_to_string(outside.join("secret")).unwrap(), format!("{CANARY}\n"));
        assert!(!outside.join("new").exists());
    }
}
