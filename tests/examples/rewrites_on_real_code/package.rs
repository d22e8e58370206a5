//! A copy of a published crate that can be built.

use anyhow::{Context, Result, bail, ensure};
use cargo_metadata::{Message, diagnostic::DiagnosticLevel};
use cargo_spawnlint::project::Cargo;
use spawnlint_rules::finding::Need;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A crate in the scratch folder.
pub(crate) struct Package {
    /// Its name and version, or what its folder is called.
    pub(crate) name: String,
    pub(crate) root: PathBuf,
    target: PathBuf,
    features: String,
}

/// What the compiler said.
#[derive(Default)]
pub(crate) struct Said {
    /// As printed, each once.
    pub(crate) errors: Vec<String>,
    pub(crate) warnings: usize,
}

impl Package {
    /// Copies a crate, and builds it.
    pub(crate) fn copy(from: &Path, features: &str, scratch: &Path) -> Result<Package> {
        let name = from.file_name().context("no folder")?.to_string_lossy().into_owned();
        let root = scratch.join("crates").join(&name);
        if root.exists() {
            fs::remove_dir_all(&root)?;
        }
        copy(from, &root)?;
        // Today's dependencies, which several crates share; and this toolchain.
        for left in ["Cargo.lock", "rust-toolchain", "rust-toolchain.toml", ".cargo-checksum.json"] {
            fs::remove_file(root.join(left)).ok();
        }
        let root = root.canonicalize()?;
        let package = Package { name, root, target: scratch.canonicalize()?.join("target"), features: features.into() };
        let said = package.check()?;
        if let Some(first) = said.errors.first() {
            bail!("it does not build: {}", first.lines().next().unwrap_or_default());
        }
        Ok(package)
    }

    pub(crate) fn cargo(&self) -> Cargo {
        Cargo { program: program(), cwd: self.root.clone(), target_dir: None }
    }

    /// Builds the library and the programs.
    pub(crate) fn check(&self) -> Result<Said> {
        let output = Command::new(program())
            .args(["check", "--lib", "--bins", "--quiet", "--message-format", "json", "--features", &self.features])
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .output()?;
        let mut said = Said::default();
        for message in Message::parse_stream(output.stdout.as_slice()) {
            let Ok(Message::CompilerMessage(message)) = message else { continue };
            if !message.target.src_path.as_std_path().starts_with(&self.root) {
                continue;
            }
            let text = message.message.rendered.unwrap_or(message.message.message);
            match message.message.level {
                DiagnosticLevel::Error | DiagnosticLevel::Ice if !text.starts_with("error: aborting due") => {
                    said.errors.push(text);
                }
                DiagnosticLevel::Warning => said.warnings += 1,
                _ => {}
            }
        }
        if !output.status.success() && said.errors.is_empty() {
            said.errors.push(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        Ok(said)
    }

    /// Adds dependencies to the copy's manifest.
    pub(crate) fn add(&self, needs: &[Need]) -> Result<()> {
        for need in needs {
            let line = cargo_spawnlint::fix::cargo_add(need, None);
            let args = line.split(' ').skip(1);
            let output = Command::new(program()).args(args).arg("--quiet").current_dir(&self.root).output()?;
            ensure!(output.status.success(), "`{line}`: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }
}

fn program() -> PathBuf {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()).into()
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() && ![".git", ".cargo", "target"].iter().any(|it| entry.file_name() == *it) {
            copy(&entry.path(), &to)?;
        } else if kind.is_file() {
            // A vendored file may be read-only.
            fs::write(to, fs::read(entry.path())?)?;
        }
    }
    Ok(())
}
