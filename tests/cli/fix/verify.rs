//! What does not build is taken back. These tests build packages without dependencies.

use super::{fix, text};
use crate::support::{Folder, MANIFEST};
use cargo_spawnlint::Exit;

/// Public functions, so that nothing warns.
fn verified(folder: &Folder, args: &[&str]) -> (Exit, String) {
    let out = fix(folder, &[&["--unsafe-fixes", "--offline"], args].concat());
    (out.exit, out.stderr)
}

#[test]
fn a_file_that_does_not_build_is_changed_back() {
    let folder = Folder::package(&[
        ("src/lib.rs", "pub mod a;\npub mod b;\n"),
        ("src/a.rs", "pub fn maybe_a() {}\n"),
        ("src/b.rs", "pub fn broken_b() {}\n\npub fn safe_c() {}\n"),
    ]);
    let (exit, told) = verified(&folder, &[]);
    assert_eq!(text(&folder, "src/a.rs"), "pub fn done_a() {}\n");
    assert_eq!(text(&folder, "src/b.rs"), "pub fn broken_b() {}\n\npub fn safe_c() {}\n");
    assert!(told.starts_with("verifying with `cargo check --all-targets --keep-going --offline -p demo` before and after, which runs build scripts and procedural macros; --no-verify skips the build\n"), "{told}");
    let error = "warning: src/b.rs was reverted, since it did not build:\n    error[E0308]: mismatched types\n";
    assert!(told.contains(error), "{told}");
    assert!(told.contains("\nnot applied: src/b.rs:1:8: call it done [fixable_name]\n"), "{told}");
    assert!(told.contains("\napplied 1 fix to 1 file\n"), "{told}");
    assert_eq!(exit, Exit::Clean);
    // The next time, too.
    let (_, told) = verified(&folder, &[]);
    assert!(told.contains(error) && told.contains("\nnothing was applied\n"), "{told}");
}

#[test]
fn without_a_build_it_stays() {
    let folder = Folder::package(&[("src/lib.rs", "pub fn broken_b() {}\n")]);
    let (_, told) = verified(&folder, &["--no-verify"]);
    assert_eq!(text(&folder, "src/lib.rs"), "pub fn done_b() {}\nconst WRONG: u8 = \"\";\n");
    assert!(!told.contains("cargo check") && !folder.path().join("target/debug").exists(), "{told}");
    // Machine-applicable ones are built only if asked for.
    let folder = Folder::package(&[("src/lib.rs", "pub fn safe_b() {}\n")]);
    assert!(!fix(&folder, &[]).stderr.contains("cargo check"));
    folder.write("src/lib.rs", "pub fn safe_b() {}\n");
    let told = fix(&folder, &["--verify", "--offline", "--all-features", "--profile", "dev", "--keep-going"]).stderr;
    let built = "`cargo check --all-targets --keep-going --offline --all-features --profile=dev -p demo`";
    assert!(told.contains(built), "{told}");
}

#[test]
fn an_error_in_another_package_is_traced_to_its_cause() {
    let member = |name: &str, rest: &str| format!("{}{rest}", MANIFEST.replace("demo", name));
    let folder = Folder::new(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"base\", \"user\"]\nresolver = \"3\"\n"),
        ("base/Cargo.toml", &member("base", "")),
        ("base/src/lib.rs", "pub mod a;\npub mod b;\n"),
        ("base/src/a.rs", "pub fn maybe_a() {}\n"),
        ("base/src/b.rs", "pub fn maybe_b() {}\n"),
        ("user/Cargo.toml", &member("user", "[dependencies]\nbase = { path = \"../base\" }\n")),
        ("user/tests/it.rs", "#[test]\nfn it() {\n    base::b::maybe_b();\n}\n"),
        ("user/src/lib.rs", ""),
    ]);
    let (exit, told) = verified(&folder, &["--workspace"]);
    assert_eq!(text(&folder, "base/src/a.rs"), "pub fn done_a() {}\n");
    assert_eq!(text(&folder, "base/src/b.rs"), "pub fn maybe_b() {}\n", "{told}");
    assert!(told.contains("warning: base/src/b.rs was reverted, since it did not build:\n"), "{told}");
    assert!(told.contains("user/tests/it.rs:3"), "{told}");
    assert_eq!(exit, Exit::Clean);
}

#[test]
fn a_build_that_was_broken_before_is_told() {
    let folder = Folder::package(&[
        ("src/lib.rs", "pub mod a;\npub mod b;\npub const OLD: u8 = \"\";\n"),
        ("src/a.rs", "pub fn maybe_a() {}\n"),
        ("src/b.rs", "pub fn broken_b() {}\n"),
    ]);
    let (_, told) = verified(&folder, &[]);
    assert!(
        told.contains("warning: this does not build as it is (1 error), so only new errors can be recognized"),
        "{told}"
    );
    assert_eq!(text(&folder, "src/a.rs"), "pub fn done_a() {}\n");
    assert_eq!(text(&folder, "src/b.rs"), "pub fn broken_b() {}\n");
}

#[test]
fn what_cannot_be_built_at_all_is_not_changed() {
    let folder = Folder::package(&[("src/lib.rs", "pub fn maybe_a() {}\n")]);
    folder.write("Cargo.toml", format!("{MANIFEST}[dependencies]\nno-such-package-anywhere = {{ path = \"gone\" }}\n"));
    let out = fix(&folder, &["--unsafe-fixes", "--offline"]);
    assert_eq!(out.exit, Exit::Usage);
    assert!(out.stderr.contains("error: nothing was changed, because the verification build failed; --no-verify skips the build: `cargo check` fails: "), "{}", out.stderr);
    assert_eq!(text(&folder, "src/lib.rs"), "pub fn maybe_a() {}\n");
}
