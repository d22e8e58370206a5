//! The environment of the real binary, and of what it starts, stays where it is.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage has failed")]

use std::{fs, os::unix::fs::symlink, path::Path, process::Command};

const CANARY: &str = "canary_51c2";

const ENVIRON: &str = "/proc/self/environ";

const MANIFEST: &str =
    "[package]\nname = \"demo\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\nmembers = [\"a\"]\n";

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Whatever is a link to the environment, nothing of it is told.
#[test]
fn the_environment_is_not_told() {
    for link in [
        "spawnlint.toml",
        "a/.spawnlint.toml",
        "a/src/spawnlint.toml",
        "Cargo.toml",
        "a/Cargo.toml",
        "a/src/lib.rs",
        "a/build.rs",
        "src/found.rs",
        ".cargo/config.toml",
        "rust-toolchain.toml",
        "spawnlint-baseline.json",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        write(folder, "Cargo.toml", MANIFEST);
        write(folder, "src/lib.rs", "mod found;\n#[path = \"/proc/self/environ\"]\nmod named;\n");
        write(folder, "src/found.rs", "");
        write(folder, "a/Cargo.toml", "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        write(folder, "a/src/lib.rs", "");
        fs::create_dir_all(folder.join(link).parent().unwrap()).unwrap();
        fs::remove_file(folder.join(link)).ok();
        symlink(ENVIRON, folder.join(link)).unwrap();
        for args in [
            &["--all-targets", "--workspace", "-v"][..],
            &["--message-format", "short,json=out.json,sarif=out.sarif", "--workspace", "--all-targets"],
            &["--baseline", "spawnlint-baseline.json"],
            &["baseline"],
            &["tasks", "--format", "json"],
            &["config", "a"],
            &["--fix", "--allow-no-vcs"],
        ] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-spawnlint"));
            command.arg("spawnlint").args(args).current_dir(folder);
            // It comes first, so that the first line of the environment has it.
            command.env_clear().env("AA_SECRET", CANARY);
            for name in ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"] {
                command.envs(std::env::var_os(name).map(|value| (name, value)));
            }
            let out = command.output().unwrap();
            let told = [&out.stdout[..], &out.stderr].concat();
            let mut told = String::from_utf8_lossy(&told).into_owned();
            for name in ["out.json", "out.sarif", "spawnlint-baseline.json"] {
                if fs::symlink_metadata(folder.join(name)).is_ok_and(|it| it.is_file()) {
                    told += &fs::read_to_string(folder.join(name)).unwrap();
                }
            }
            assert!(!told.contains(CANARY) && !told.contains("AA_SECRET"), "{link} {args:?}: {told}");
        }
    }
}
