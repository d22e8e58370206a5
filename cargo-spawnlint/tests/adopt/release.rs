//! What a tag publishes is what `cargo binstall` looks for.

use crate::{
    documents::{read, text, yaml},
    scratch::{Scratch, ran},
};
use serde_json::Value;
use std::{fs, os::unix::fs::PermissionsExt as _, process::Command};

/// The script of a step.
fn script(workflow: &Value, job: &str, name: &str) -> String {
    let steps = workflow["jobs"][job]["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["name"] == name).unwrap_or_else(|| panic!("no step {name}"));
    let script = text(step, "/run").to_owned();
    assert!(!script.contains("${{"), "{script}");
    script
}

/// In the place of gh: says what it was asked to do. `RELEASED` is the release that is there.
const GH: &str = r#"#!/bin/sh
if [ "$1 $2" = "release view" ]; then [ "$3" = "${RELEASED-}" ]; exit; fi
echo gh "$@"
"#;

/// Runs a script of the release with a stand-in for the program that talks to GitHub.
fn run(scratch: &Scratch, script: &str, variables: &[(&str, &str)]) -> (i32, String) {
    let gh = scratch.path("stand-in/gh");
    fs::write(&gh, GH).unwrap();
    fs::set_permissions(&gh, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = scratch.command("bash", "stand-in");
    command.args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script]).envs(variables.iter().copied());
    let ran = ran(&mut command);
    (ran.code, ran.stdout + &ran.stderr)
}

#[test]
fn binstall_looks_for_what_the_release_has() {
    let manifest: toml::Value = toml::from_str(&read("cargo-spawnlint/Cargo.toml")).unwrap();
    let binstall = &manifest["package"]["metadata"]["binstall"];
    let filled = |key: &str, target: &str| {
        let exe = if target.contains("windows") { ".exe" } else { "" };
        let mut text = binstall[key].as_str().unwrap().to_owned();
        for (name, value) in [
            ("repo", "https://example.org/spawnlint"),
            ("version", env!("CARGO_PKG_VERSION")),
            ("name", env!("CARGO_PKG_NAME")),
            ("bin", "cargo-spawnlint"),
            ("target", target),
            ("binary-ext", exe),
        ] {
            text = text.replace(&format!("{{ {name} }}"), value);
        }
        assert!(!text.contains(['{', '}']), "{text}");
        text
    };
    assert_eq!(binstall["pkg-fmt"].as_str(), Some("tgz"));

    let workflow = yaml(&read(".github/workflows/release.yml"));
    assert_eq!(workflow["on"]["push"]["tags"][0], "v*");
    assert_eq!(workflow["permissions"]["contents"], "write");
    let scratch = Scratch::new();
    let [pack, upload] = ["Pack", "Upload"].map(|name| script(&workflow, "build", name));
    let known = ran(Command::new("rustc").args(["--print", "target-list"])).stdout;
    let tag = concat!("v", env!("CARGO_PKG_VERSION"));
    let builds = workflow.pointer("/jobs/build/strategy/matrix/include").unwrap().as_array().unwrap();
    assert!(builds.len() >= 5);
    for build in builds {
        let target = text(build, "/target");
        assert!(known.lines().any(|it| it == target), "{target}");
        let program = filled("bin-dir", target);
        let folder = scratch.project().join("target").join(target).join("release");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(&program), target).unwrap();
        let variables = [("TARGET", target), ("GITHUB_REF_NAME", tag)];
        assert_eq!(run(&scratch, &pack, &variables), (0, String::new()));
        let url = filled("pkg-url", target);
        let (path, file) = url.rsplit_once('/').unwrap();
        assert_eq!(path, format!("https://example.org/spawnlint/releases/download/{tag}"));
        assert_eq!(run(&scratch, &upload, &variables), (0, format!("gh release upload --clobber {tag} {file}\n")));
        let listed = scratch.sh(&format!("tar -tzf {file} && tar -xzOf {file} {program}"));
        assert_eq!(listed.stdout, format!("{program}\n{target}"), "{}", listed.stderr);
    }
}

#[test]
fn the_tag_is_that_of_the_version() {
    let workflow = yaml(&read(".github/workflows/release.yml"));
    let draft = script(&workflow, "draft", "Draft the release");
    let scratch = Scratch::new();
    scratch.write("Cargo.toml", read("Cargo.toml"));
    let tag = concat!("v", env!("CARGO_PKG_VERSION"));
    let (code, told) = run(&scratch, &draft, &[("GITHUB_REF_NAME", tag)]);
    assert_eq!(code, 0, "{told}");
    assert!(told.starts_with(&format!("gh release create {tag} --draft --verify-tag ")), "{told}");
    // Run once more, after something went wrong later on.
    let again = [("GITHUB_REF_NAME", tag), ("RELEASED", tag)];
    assert_eq!(run(&scratch, &draft, &again), (0, String::new()));
    let (code, told) = run(&scratch, &draft, &[("GITHUB_REF_NAME", "v99.0.0")]);
    let version = env!("CARGO_PKG_VERSION");
    let error = format!("::error::The tag v99.0.0 does not match version {version} in Cargo.toml.\n");
    assert_eq!((code, told), (1, error));
}

#[test]
fn nothing_is_published_before_all_is_built() {
    let workflow = yaml(&read(".github/workflows/release.yml"));
    assert_eq!(
        (&workflow["jobs"]["build"]["needs"], &workflow["jobs"]["publish"]["needs"]),
        (&"draft".into(), &"build".into())
    );
    let publish = script(&workflow, "publish", "Publish the release");
    assert!(publish.contains("--draft=false"), "{publish}");
    let build = script(&workflow, "build", "Build");
    assert!(build.contains("--locked --package cargo-spawnlint"), "{build}");
}
