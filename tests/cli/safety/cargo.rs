//! What cargo and rustup could be made to run, and workspaces that cargo does not describe. The real binary meets
//! toolchains and configurations in `cargo-spawnlint/tests/cargo.rs`.

use crate::support::{Folder, MANIFEST, Output, Run};
use cargo_spawnlint::{
    Exit,
    project::{Cargo, Project, discover},
};
use spawnlint_tests::root;
use std::{fs, path::Path};

const LEAK: &str = "fn leak() {}\n";

/// A workspace as cargo describes it, and as its manifests do.
fn both(root: &Path) -> [Project; 2] {
    [env!("CARGO"), "no-such-cargo"].map(|program| {
        let cargo = Cargo { program: program.into(), cwd: root.to_owned(), target_dir: None };
        discover(&cargo, &root.join("Cargo.toml"))
    })
}

fn assert_same(root: &Path) {
    let [told, read] = both(root);
    let name = root.display();
    assert_eq!(told.problems, [], "{name}");
    let problems: Vec<_> = read.problems.iter().map(|it| (it.path.as_str(), it.message.as_str())).collect();
    let why = "cargo was not run for this workspace: no `no-such-cargo` found on the PATH";
    assert_eq!(problems, [("Cargo.toml", why)], "{name}");
    assert_eq!((&told.root, &told.cache_dir, &told.files), (&read.root, &read.cache_dir, &read.files), "{name}");
    let (told, read) = (format!("{:#?}", told.packages), format!("{:#?}", read.packages));
    let differ = told.lines().zip(read.lines()).find(|(told, read)| told != read);
    assert_eq!(differ, None, "{name}");
    assert_eq!(told, read, "{name}");
}

#[test]
fn manifests_say_what_cargo_says() {
    assert_same(&root());
    let workspaces = root().join("test-fixtures/workspaces").read_dir().unwrap();
    workspaces.for_each(|workspace| assert_same(&workspace.unwrap().path()));
}

#[test]
fn manifests_of_every_shape_say_what_cargo_says() {
    let package = |name: &str, more: &str| format!("{}{more}", MANIFEST.replace("demo", name));
    let workspace = r#"
[workspace]
resolver = "2"
members = ["crates/*", "deep/**/[ac]", "./odd/../plain", "[x-z]1", "out/kept"]
exclude = ["crates/left-out", "out"]
default-members = ["crates/*", "."]
[workspace.package]
version = "3.2.1"
edition = "2021"
[workspace.dependencies]
tokio = { version = "1.30", features = ["rt"] }
inner = { path = "crates/inner", package = "the-inner" }
serde = "1"
[package]
name = "root-package"
version.workspace = true
edition.workspace = true
[dependencies]
tokio = { workspace = true, features = ["time", "rt"] }
inner.workspace = true
serde = { workspace = true, optional = true }
by-path = { path = "taken/along" }
[target.'cfg(unix)'.dependencies]
libc = { version = ">=0.2.1, <0.3", features = ["std"] }
[target.x86_64-pc-windows-msvc.build-dependencies]
cc = "1"
[dev-dependencies]
the-inner = { path = "crates/inner" }
rt = { package = "tokio", version = "1", features = ["macros"] }
[build-dependencies]
tokio = "*"
[[bin]]
name = "tool"
path = "tools/tool.rs"
required-features = ["serde"]
[[bin]]
name = "second"
[[test]]
name = "api"
harness = false
[[example]]
name = "plug"
crate-type = ["cdylib"]
[features]
default = []
"#;
    let folder = Folder::new(&[
        ("Cargo.toml", workspace),
        ("src/lib.rs", LEAK),
        ("src/main.rs", "fn main() {}\n"),
        ("src/bin/second.rs", "fn main() {}\n"),
        ("src/bin/third/main.rs", "fn main() {}\n"),
        ("src/bin/third/part.rs", ""),
        ("src/bin/no-program/part.rs", ""),
        ("src/bin/.hidden.rs", ""),
        ("tools/tool.rs", "fn main() {}\n"),
        ("tests/api/main.rs", ""),
        ("tests/api/other.rs", ""),
        ("tests/more.rs", ""),
        ("examples/plug.rs", ""),
        ("examples/show/main.rs", ""),
        ("benches/speed.rs", ""),
        ("build.rs", "fn main() {}\n"),
        (
            "crates/inner/Cargo.toml",
            &package(
                "the-inner",
                "[lib]\nname = \"inside\"\npath = \"inside.rs\"\ncrate-type = [\"rlib\", \"cdylib\"]\ndoctest = false\n",
            ),
        ),
        ("crates/inner/inside.rs", ""),
        (
            "crates/macros/Cargo.toml",
            &package("macros", "build = \"make.rs\"\nautotests = false\n[lib]\nproc-macro = true\n"),
        ),
        ("crates/macros/src/lib.rs", ""),
        ("crates/macros/make.rs", "fn main() {}\n"),
        ("crates/macros/build.rs", "fn main() {}\n"),
        ("crates/macros/tests/it.rs", ""),
        ("crates/left-out/Cargo.toml", &package("left-out", "")),
        ("crates/left-out/src/lib.rs", ""),
        ("deep/a/Cargo.toml", &package("a", "build = false\nautobins = false\n")),
        ("deep/a/src/lib.rs", ""),
        ("deep/a/src/main.rs", "fn main() {}\n"),
        ("deep/a/build.rs", "fn main() {}\n"),
        (
            "deep/a/b/c/Cargo.toml",
            &package("c", "autolib = false\n[dependencies]\nby-path = { path = \"../../../../taken/along\" }\n"),
        ),
        ("deep/a/b/c/src/lib.rs", ""),
        ("deep/a/b/c/src/main.rs", "fn main() {}\n"),
        ("plain/Cargo.toml", &package("plain", "")),
        ("plain/src/main.rs", "fn main() {}\n"),
        (
            "y1/Cargo.toml",
            "[package]\nname = \"old\"\nversion = \"0.0.1-alpha.1+build\"\n[[test]]\nname = \"one\"\n[[bin]]\nname = \"old\"\n[dev_dependencies]\nlibc = \"0.2\"\n",
        ),
        ("y1/src/main.rs", "fn main() {}\n"),
        ("y1/src/bin/also.rs", "fn main() {}\n"),
        ("y1/tests/one.rs", ""),
        ("y1/tests/two.rs", ""),
        (
            "taken/along/Cargo.toml",
            &package(
                "by-path",
                "[dependencies]\nplain = { path = \"../../plain\" }\nfurther = { path = \"../further\" }\n",
            ),
        ),
        ("taken/along/src/lib.rs", ""),
        ("taken/further/Cargo.toml", &package("further", "")),
        ("taken/further/src/lib.rs", ""),
        ("out/kept/Cargo.toml", &package("kept", "")),
        ("out/kept/src/lib.rs", ""),
        ("out/other/Cargo.toml", &package("other", "")),
        ("out/other/src/lib.rs", ""),
    ]);
    #[cfg(unix)]
    {
        folder.write("elsewhere/linked/Cargo.toml", package("linked", ""));
        folder.write("elsewhere/linked/src/lib.rs", "");
        std::os::unix::fs::symlink("../elsewhere/linked", folder.path().join("crates/linked")).unwrap();
    }
    assert_same(&folder.path());
    for inside in ["crates/inner", "plain", "taken/further", "out/other", "out/kept", "crates/left-out", "deep/a/b/c"] {
        let [told, read] = both(&folder.path().join(inside));
        assert_eq!(
            (told.root, told.packages.len(), told.files),
            (read.root, read.packages.len(), read.files),
            "{inside}"
        );
    }
}

/// Whether a run finds the leak in `src/lib.rs`, and tells that something is not known.
#[track_caller]
fn assert_still_read(out: &Output, path: &str, why: &str) {
    let lines: Vec<&str> = out.stdout.lines().collect();
    let told = format!("{path}: error: {why}");
    assert!(lines.iter().any(|line| line.starts_with(&told)), "{told}:\n{}{}", out.stdout, out.stderr);
    assert_eq!(lines.iter().filter(|line| line.contains(": error: ")).count(), 1, "{}", out.stdout);
    let found = lines.iter().filter(|line| line.contains("src/lib.rs:1:4: warning[spawnlint::leaky_name]"));
    assert_eq!(found.count(), 1, "{}{}", out.stdout, out.stderr);
    assert_eq!(out.exit, Exit::Incomplete);
}

#[test]
fn what_cargo_refuses_is_read_as_text() {
    let refused = "cargo cannot read this workspace: ";
    let manifests = [
        ("[package\nname = 1", "unclosed table, expected `]` ("),
        ("[package]\nname = \"demo\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\ntokio = {", ""),
        ("[package]\nname = \"demo\"\nedition = \"2099\"\n", "failed to parse manifest at "),
        ("[package]\nname = \"demo\"\nedition = 2024\n", ""),
        ("[package]\nname = \"\"\nedition = \"2024\"\n", ""),
        ("[package]\nname = \"demo\"\nversion = \"one\"\n", ""),
        ("[package]\nname = \"demo\"\nedition.workspace = true\nversion.workspace = true\n", ""),
        ("[package]\nname = \"demo\"\nedition = \"2024\"\nresolver = \"9\"\n", ""),
        ("cargo-features = [\"no-such\"]\n[package]\nname = \"demo\"\nedition = \"2024\"\n", ""),
        ("[package]\nname = \"demo\"\nedition = \"2024\"\n[features]\na = [\"b\"]\n", ""),
        (
            "[package]\nname = \"demo\"\nedition = \"2024\"\n[dependencies]\nx = { version = \"a.b\" }\ny.workspace = true\n",
            "",
        ),
        ("[package]\nname = \"demo\"\nedition = \"2024\"\n[[bin]]\nname = \"gone\"\n", ""),
        ("[package]\nname = \"demo\"\nedition = \"2024\"\n[workspace]\nmembers = [\"gone\"]\n", ""),
        ("[package]\nname = \"demo\"\nedition = \"2024\"\nworkspace = \"../no/such\"\n", ""),
        ("name = \"demo\"\n", ""),
        ("", ""),
    ];
    for (manifest, why) in manifests {
        let folder = Folder::new(&[("Cargo.toml", manifest), ("src/lib.rs", LEAK)]);
        let out = folder.run(&["--message-format", "short"]);
        assert_still_read(&out, "Cargo.toml", &format!("{refused}{why}"));
        assert!(!out.stdout.contains(&format!("{refused}it fails")), "{}", out.stdout);
    }
}

#[test]
fn members_that_cargo_refuses_leave_the_others_as_they_are() {
    let app = format!("{}[dependencies]\ncore = {{ path = \"../core\" }}\n", MANIFEST.replace("demo", "app"));
    let folder = Folder::new(&[
        ("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"app\", \"core\", \"gone\"]\n"),
        ("app/Cargo.toml", &app),
        ("app/src/lib.rs", LEAK),
        ("core/Cargo.toml", "[package]\nname = \"core\"\nedition = \"2021\"\n[[[\n"),
        ("core/src/lib.rs", "fn safe() {}\n"),
    ]);
    for (args, place) in [
        (&["-p", "app"][..], "app"),
        (&["app"], "app"),
        (&["--workspace"], "app"),
        (&["-p", "core", "-p", "app"], "app"),
    ] {
        let out = folder.run(&[&["--message-format", "short"], args].concat());
        assert_still_read(&out, "Cargo.toml", "cargo cannot read this workspace: ");
        assert!(out.stdout.contains(&format!("{place}/src/lib.rs")), "{}", out.stdout);
    }
    // One that is told to be in a workspace and is not is one by itself.
    folder.write("Cargo.toml", "[workspace]\nmembers = [\"core\"]\n");
    let out = Run::default().args(&["--message-format", "short"]).run_in(&folder.path().join("app"));
    assert_still_read(&out, "Cargo.toml", "cargo cannot read this workspace: ");
}

#[test]
fn every_command_says_that_cargo_has_no_answer() {
    let folder = Folder::new(&[("Cargo.toml", "[package\nname = 1"), ("src/lib.rs", LEAK)]);
    for command in ["check", "tasks", "config", "baseline"] {
        let out = folder.run(&[command]);
        let told = format!("{}{}", out.stdout, out.stderr);
        assert_eq!(
            (told.matches("cargo cannot read this workspace").count(), out.exit),
            (1, Exit::Incomplete),
            "{told}"
        );
    }
    let out = folder.run(&["--message-format", "json"]);
    assert!(out.stdout.contains("cargo cannot read this workspace"), "{}", out.stdout);
}

#[test]
fn settings_in_a_manifest_that_is_no_toml_still_hold() {
    let settings = "[package.metadata.spawnlint.levels]\nleaky_name = \"allow\"\n";
    let folder = Folder::new(&[("Cargo.toml", &format!("{MANIFEST}{settings}[x\n")), ("src/lib.rs", LEAK)]);
    let out = folder.run(&["--message-format", "short"]);
    assert!(!out.stdout.contains("leaky_name"), "{}", out.stdout);
    assert_eq!(out.exit, Exit::Incomplete);
}

#[test]
fn without_cargo_the_manifests_are_read() {
    let folder = Folder::package(&[("src/lib.rs", LEAK)]);
    for (cargo, why) in [
        ("no-such-cargo", "no `no-such-cargo` found on the PATH"),
        ("/no/such/cargo", "cannot run `/no/such/cargo`: no such file or directory"),
        ("bin/cargo", "CARGO is `bin/cargo`, which is neither an absolute path nor a plain name"),
    ] {
        let out = Run::default().env("CARGO", cargo).args(&["--message-format", "short"]).run_in(&folder.path());
        assert_still_read(&out, "Cargo.toml", &format!("cargo was not run for this workspace: {why}"));
        let out = Run::default().env("CARGO", cargo).run_in(&folder.path());
        assert!(out.stdout.contains("help: install cargo (https://rustup.rs), or set CARGO to "), "{}", out.stdout);
    }
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn manifests_that_are_not_for_reading_are_not_read() {
        const CANARY: &str = "the-canary";
        let outside = Folder::new(&[("secret", CANARY), ("crate/src/lib.rs", "fn leak_outside() {}\n")]);
        outside.write("crate/Cargo.toml", MANIFEST.replace("demo", CANARY));
        let pipe = |path: &Path| {
            let made = std::process::Command::new("mkfifo").arg(path).status().unwrap();
            assert!(made.success());
        };
        let links = "it is a link to `";
        type Make<'a> = &'a dyn Fn(&Path);
        let kinds: [(Make<'_>, &str); 7] = [
            (&|path| symlink(outside.path().join("secret"), path).unwrap(), links),
            (&|path| symlink("/proc/self/environ", path).unwrap(), links),
            (&|path| symlink("/dev/zero", path).unwrap(), links),
            (&pipe, "it is not a regular file"),
            (&|path| fs::create_dir(path).unwrap(), "it is not a regular file"),
            (&|path| fs::write(path, format!("{MANIFEST}#{}", "x".repeat(1 << 20))).unwrap(), "it is too large: "),
            (&|path| symlink(outside.path().join("crate/Cargo.toml"), path).unwrap(), links),
        ];
        for (make, why) in kinds {
            for (member, is_root) in [("app", false), ("", true)] {
                let folder = Folder::new(&[("src/lib.rs", LEAK), ("app/src/lib.rs", "fn safe() {}\n")]);
                if !is_root {
                    folder.write("Cargo.toml", format!("{MANIFEST}[workspace]\nmembers = [\"app\"]\n"));
                }
                let path = folder.path().join(member).join("Cargo.toml");
                make(&path);
                let out = folder.run(&["--message-format", "short"]);
                let shown = if is_root { "Cargo.toml" } else { "app/Cargo.toml" };
                assert_still_read(&out, shown, &format!("cannot read this manifest: {why}"));
                assert!(!format!("{}{}", out.stdout, out.stderr).contains(CANARY), "{}{}", out.stdout, out.stderr);
            }
        }
    }

    #[test]
    fn a_crate_behind_a_link_is_read_inside_of_the_repository_only() {
        let outside = Folder::package(&[("src/lib.rs", "fn leak_outside() {}\n")]);
        let folder = Folder::package(&[("src/lib.rs", LEAK)]);
        folder.write("Cargo.toml", format!("{MANIFEST}[workspace]\nmembers = [\"linked\"]\n"));
        symlink(outside.path(), folder.path().join("linked")).unwrap();
        let out = folder.run(&["--message-format", "short", "--workspace"]);
        assert_still_read(&out, "linked/Cargo.toml", "cannot read this manifest: `linked` is a link to `");
    }

    #[test]
    fn patterns_that_mean_the_whole_machine_end() {
        let folder = Folder::package(&[("src/lib.rs", LEAK)]);
        symlink(".", folder.path().join("again")).unwrap();
        symlink(".", folder.path().join("and-again")).unwrap();
        let stars = ["*"; 60].join("/");
        let members = format!("members = [\"gone\", \"/**\", \"../**\", \"**/**/**\", \"{stars}\", \"/*/*/*\"]\n");
        folder.write("Cargo.toml", format!("{MANIFEST}[workspace]\n{members}"));
        let out = Run::default().env("CARGO", "none").args(&["--message-format", "short"]).run_in(&folder.path());
        assert_still_read(&out, "Cargo.toml", "cargo was not run for this workspace: ");
    }
}
