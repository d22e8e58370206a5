//! From flags to a project: what a command looks at.

use super::{
    args::{Args, Look},
    io::Io,
};
use crate::{
    levels::nearest,
    lower::MAX_BYTES,
    project::{self, Cargo, Project, absolute, discover, discover_loose, find_manifest, manifests_among},
    read::ensure_no_link_out,
    select::{self, Selection, Targets},
};
use anyhow::{Context, Result, bail};
use clap::CommandFactory;
use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

/// What a run is about.
pub(super) struct Input {
    pub(super) project: Project,
    /// How cargo is called.
    pub(super) cargo: Cargo,
    /// Files and folders that findings are told for; absolute.
    pub(super) paths: Vec<PathBuf>,
    /// The text of standard input.
    pub(super) text: Option<String>,
}

pub(super) fn input(args: &Look, io: &mut Io<'_>) -> Result<Input> {
    let cargo = Cargo { program: cargo_program(io), cwd: io.cwd.clone(), target_dir: (io.env)("CARGO_TARGET_DIR") };
    if args.paths.iter().any(|path| path.as_os_str() == "-") {
        return stdin(args, cargo, io);
    }
    let paths: Vec<PathBuf> = args.paths.iter().map(|path| existing(&io.cwd, path)).collect::<Result<_>>()?;
    let manifest = match &args.manifest_path {
        Some(path) => Some(given_manifest(&io.cwd, path)?),
        None => find_manifest(paths.first().unwrap_or(&io.cwd)),
    };
    let Some(manifest) = manifest else {
        if paths.is_empty() {
            bail!(
                "there is no Cargo.toml in {} or any folder above it; go to a cargo project, name one with --manifest-path, or name files and folders to check",
                io.cwd.display()
            );
        }
        return loose(cargo, paths);
    };
    let mut project = discover(&cargo, &manifest);
    project.is_cache_chosen = cargo.target_dir.is_some();
    project.stay_inside();
    let in_project = |path: &&PathBuf| is_in_project(&project, path);
    let strangers: Vec<&PathBuf> = paths.iter().filter(|path| !in_project(path)).collect();
    match strangers.first() {
        None => {}
        Some(_) if strangers.len() == paths.len() && args.manifest_path.is_none() => return loose(cargo, paths),
        Some(path) => bail!(
            "{} belongs to no package of the workspace at {}; check it in a run of its own",
            path.display(),
            project.root.display()
        ),
    }
    ensure_named_rust(&cargo.cwd, &project, &paths)?;
    for path in paths.iter().filter(|path| path.is_file()) {
        project.add_file(path.clone());
    }
    ensure_rust(&project, &project.root)?;
    Ok(Input { project, cargo, paths, text: None })
}

fn stdin(args: &Look, cargo: Cargo, io: &mut Io<'_>) -> Result<Input> {
    if args.paths.len() > 1 {
        bail!("`-` stands for one file on standard input, and cannot be combined with other paths");
    }
    let mut bytes = Vec::new();
    // Lowering refuses what is longer, and some streams have no end.
    io.stdin.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).context("cannot read standard input")?;
    let text = String::from_utf8(bytes).ok().context("standard input is not UTF-8; rustc reads only UTF-8")?;
    Ok(Input { project: project::stdin(), cargo, paths: Vec::new(), text: Some(text) })
}

/// The path without links, as the files of a project are known.
fn existing(cwd: &Path, path: &Path) -> Result<PathBuf> {
    let absolute = absolute(cwd, path);
    if let Err(why) = ensure_no_link_out(&absolute) {
        bail!("cannot check {}: {why}", path.display());
    }
    if let Ok(real) = absolute.canonicalize() {
        return Ok(real);
    }
    if absolute.is_symlink() {
        // It leads nowhere; reading it says so.
        return Ok(absolute);
    }
    let text = path.to_string_lossy();
    let commands = Args::command();
    let commands: Vec<&str> = commands.get_subcommands().map(|it| it.get_name()).collect();
    match nearest(&text, commands.iter().copied()) {
        Some(command) if command == text => {
            bail!("a command comes before its flags: `cargo spawnlint {command} [OPTIONS]`")
        }
        Some(command) => bail!("there is no file or folder `{text}`; did you mean the command `{command}`?"),
        None => bail!("there is no file or folder `{text}`{}", what_else(&absolute, path, &commands)),
    }
}

/// What somebody may have meant by a path that does not exist: its neighbour, or a command.
fn what_else(absolute: &Path, given: &Path, commands: &[&str]) -> String {
    let entries = absolute.parent().and_then(|folder| folder.read_dir().ok()).into_iter().flatten().flatten();
    // Of two that are equally near, the same one every time.
    let mut neighbours: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    neighbours.sort();
    let name = given.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    if let Some(near) = nearest(&name, neighbours.iter().map(String::as_str)) {
        return format!("; did you mean `{}`?", given.with_file_name(near).display());
    }
    let is_word = name.chars().all(|it| it.is_alphanumeric() || it == '-') && given.components().count() == 1;
    if is_word {
        let commands: Vec<String> = commands.iter().map(|it| format!("`{it}`")).collect();
        format!("; the commands are {}", commands.join(", "))
    } else {
        String::new()
    }
}

fn given_manifest(cwd: &Path, path: &Path) -> Result<PathBuf> {
    let manifest = absolute(cwd, path);
    if manifest.is_dir() {
        bail!("`{}` is a folder; --manifest-path takes the path of a Cargo.toml", path.display());
    }
    if !manifest.exists() {
        bail!("there is no `{}`; --manifest-path takes the path of a Cargo.toml", path.display());
    }
    if manifest.file_name().is_none_or(|it| it != "Cargo.toml") {
        bail!("`{}` is not called Cargo.toml; --manifest-path takes the path of a Cargo.toml", path.display());
    }
    Ok(manifest)
}

/// cargo sets CARGO for its subcommands, to the path of the one that runs.
fn cargo_program(io: &Io<'_>) -> PathBuf {
    (io.env)("CARGO").filter(|it| !it.is_empty()).map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

/// A folder is in the project if packages are in it, or it is in one.
fn is_in_project(project: &Project, path: &Path) -> bool {
    if path.is_dir() && project.packages.iter().any(|package| package.dir.starts_with(path)) {
        return true;
    }
    // The nearest manifest must be that of a package of this workspace.
    let manifest = find_manifest(path);
    let folder = manifest.as_deref().and_then(Path::parent);
    let is_member = folder.is_some_and(|folder| project.packages.iter().any(|package| package.dir == folder));
    is_member || project.files.binary_search_by(|file| file.as_path().cmp(path)).is_ok()
}

fn loose(cargo: Cargo, paths: Vec<PathBuf>) -> Result<Input> {
    ensure_named_rust(&cargo.cwd, &Project::default(), &paths)?;
    let project = discover_loose(&cargo.cwd, &paths)?;
    let place = paths.first().unwrap_or(&cargo.cwd);
    ensure_rust(&project, place)?;
    Ok(Input { project, cargo, paths, text: None })
}

/// Of a file that is no Rust the parser would say a lot, and nothing that helps. A manifest may name the root of a crate
/// as it likes.
fn ensure_named_rust(cwd: &Path, project: &Project, paths: &[PathBuf]) -> Result<()> {
    let is_root = |path: &Path| project.packages.iter().flat_map(|it| &it.targets).any(|it| it.root == path);
    let is_rust = |path: &Path| path.extension().is_some_and(|it| it == "rs") || is_root(path);
    if let Some(path) = paths.iter().find(|path| path.is_file() && !is_rust(path)) {
        let path = project::shown(&cwd.canonicalize().unwrap_or_else(|_| cwd.to_owned()), path);
        bail!("`{path}` is not a Rust file; name files that end in `.rs`, or folders with such files in them");
    }
    Ok(())
}

/// Without its manifest nobody knows what a package depends on, and what `tokio` means in it.
pub(super) fn manifest_hint(cwd: &Path, input: &Input) -> Option<String> {
    let manifests = manifests_among(&input.project, &input.paths);
    let cwd = cwd.canonicalize().unwrap_or_else(|_| cwd.to_owned());
    let first = project::shown(&cwd, manifests.first()?);
    let (what, each) = match manifests.len() {
        1 => ("a cargo package or workspace was".to_owned(), ""),
        many => (format!("{many} cargo packages or workspaces were"), ", one run for each,"),
    };
    Some(format!(
        "hint: {what} read as plain files, so nothing is known of dependencies; `--manifest-path {first}`{each} gives better answers"
    ))
}

fn ensure_rust(project: &Project, place: &Path) -> Result<()> {
    if project.files.is_empty() && project.problems.is_empty() && project.packages.is_empty() {
        bail!("there are no Rust files in {}", place.display());
    }
    Ok(())
}

pub(super) fn selection(args: &Look, input: &Input) -> Result<Selection> {
    let project = &input.project;
    // Who names paths means these, whatever package they are in.
    let everywhere = args.workspace || (!input.paths.is_empty() && args.package.is_empty());
    let targets = Targets {
        lib: args.lib || args.tests || args.all_targets || !args.bins,
        bins: args.bins || args.tests || args.all_targets || !args.lib,
        tests: args.tests || args.all_targets,
        others: args.all_targets,
    };
    Ok(Selection {
        packages: select::packages(project, &args.package, everywhere, &args.exclude)?,
        targets,
        paths: input.paths.clone(),
    })
}
