//! From flags to a project: what a command looks at.

use super::{
    args::Look,
    io::Io,
    named::{Lines, Named, named, package_called},
};
use crate::{
    lower::MAX_BYTES,
    project::{self, Cargo, Project, absolute, discover, discover_loose, find_manifest, manifests_among},
    read::ensure_no_link_out,
    select::{self, Selection, Targets},
};
use anyhow::{Context, Result, bail};
use spawnlint_analysis::crates::CrateKind;
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
    /// Lines in them.
    pub(super) lines: Lines,
    /// The text of standard input.
    pub(super) text: Option<String>,
}

pub(super) fn input(args: &Look, io: &mut Io<'_>) -> Result<Input> {
    let given = args.target_dir.as_ref().map(|folder| absolute(&io.cwd, folder).to_string_lossy().into_owned());
    let target_dir = given.or_else(|| (io.env)("CARGO_TARGET_DIR"));
    let cargo = Cargo { program: cargo_program(io), cwd: io.cwd.clone(), target_dir };
    if let Some(file) = &args.stdin_filename {
        return stdin_as(args, file, cargo, io);
    }
    if args.paths.iter().any(|path| path.as_os_str() == "-") {
        return stdin(args, cargo, io);
    }
    let Named { paths, lines } = match named(&io.cwd, &args.paths) {
        Ok(named) => named,
        Err(error) => return Err(with_package(args, &cargo, error)),
    };
    let manifest = match &args.manifest_path {
        Some(path) => Some(given_manifest(&io.cwd, path)?),
        None => find_manifest(paths.first().unwrap_or(&io.cwd)),
    };
    let Some(manifest) = manifest else {
        if paths.is_empty() {
            bail!(
                "no Cargo.toml found in {} or any folder above it; go to a cargo project, pass --manifest-path, or name files and folders to check",
                io.cwd.display()
            );
        }
        return loose(cargo, paths, lines);
    };
    let mut project = discover(&cargo, &manifest);
    project.is_cache_chosen = cargo.target_dir.is_some();
    project.stay_inside();
    let in_project = |path: &&PathBuf| is_in_project(&project, path);
    let strangers: Vec<&PathBuf> = paths.iter().filter(|path| !in_project(path)).collect();
    match strangers.first() {
        None => {}
        Some(_) if strangers.len() == paths.len() && args.manifest_path.is_none() => return loose(cargo, paths, lines),
        Some(path) => bail!(
            "{} does not belong to a package of the workspace at {}; check it in a separate run",
            path.display(),
            project.root.display()
        ),
    }
    ensure_named_rust(&cargo.cwd, &project, &paths)?;
    for path in paths.iter().filter(|path| path.is_file()) {
        project.add_file(path.clone());
    }
    ensure_rust(&project, &project.root)?;
    Ok(Input { project, cargo, paths, lines, text: None })
}

/// A package may have been meant by a path that is none: whoever names it gets to know the flag.
fn with_package(args: &Look, cargo: &Cargo, error: anyhow::Error) -> anyhow::Error {
    let manifest = match &args.manifest_path {
        Some(path) => given_manifest(&cargo.cwd, path).ok(),
        None => find_manifest(&cargo.cwd),
    };
    let Some(manifest) = manifest else { return error };
    let project = discover(cargo, &manifest);
    let mut absent = args.paths.iter().filter(|path| !absolute(&cargo.cwd, path).exists());
    match absent.find_map(|path| package_called(&project, path)) {
        Some(name) => anyhow::anyhow!("no such file or folder: `{name}`; for the package, write `-p {name}`"),
        None => error,
    }
}

/// One file of a project, with the text that an editor has of it.
fn stdin_as(args: &Look, file: &Path, cargo: Cargo, io: &mut Io<'_>) -> Result<Input> {
    if args.paths.iter().any(|path| path.as_os_str() != "-") {
        bail!("--stdin-filename names the one file that is checked, and cannot be combined with other paths");
    }
    let path = absolute(&io.cwd, file);
    if let Err(why) = ensure_no_link_out(&path) {
        bail!("cannot check {}: {why}", file.display());
    }
    // A file that is new to the editor is not there yet, but its folder is.
    let folder = path.parent().unwrap_or(Path::new("/"));
    let Ok(folder) = folder.canonicalize() else { bail!("no such folder: `{}`", folder.display()) };
    let path = path.canonicalize().unwrap_or_else(|_| folder.join(path.file_name().unwrap_or_default()));
    let text = text_of_stdin(io)?;
    let manifest = match &args.manifest_path {
        Some(manifest) => Some(given_manifest(&io.cwd, manifest)?),
        None => find_manifest(&folder),
    };
    let mut project = match manifest {
        Some(manifest) => discover(&cargo, &manifest),
        None => {
            Project { root: cargo.cwd.canonicalize()?, loose: vec![path.clone()], on_disk: true, ..Project::default() }
        }
    };
    project.is_cache_chosen = cargo.target_dir.is_some();
    project.stay_inside();
    project.add_file(path.clone());
    Ok(Input { project, cargo, paths: vec![path], lines: Lines::default(), text: Some(text) })
}

fn text_of_stdin(io: &mut Io<'_>) -> Result<String> {
    let mut bytes = Vec::new();
    // Lowering refuses what is longer, and some streams have no end.
    io.stdin.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).context("cannot read standard input")?;
    String::from_utf8(bytes).ok().context("standard input is not UTF-8; rustc reads only UTF-8")
}

fn stdin(args: &Look, cargo: Cargo, io: &mut Io<'_>) -> Result<Input> {
    if args.paths.len() > 1 {
        bail!("`-` stands for one file on standard input, and cannot be combined with other paths");
    }
    let text = text_of_stdin(io)?;
    Ok(Input { project: project::stdin(), cargo, paths: Vec::new(), lines: Lines::default(), text: Some(text) })
}

fn given_manifest(cwd: &Path, path: &Path) -> Result<PathBuf> {
    let manifest = absolute(cwd, path);
    if manifest.is_dir() {
        bail!("`{}` is a folder; --manifest-path takes the path to a Cargo.toml", path.display());
    }
    if !manifest.exists() {
        bail!("no such file: `{}`; --manifest-path takes the path to a Cargo.toml", path.display());
    }
    if manifest.file_name().is_none_or(|it| it != "Cargo.toml") {
        bail!("`{}` is not named Cargo.toml; --manifest-path takes the path to a Cargo.toml", path.display());
    }
    Ok(manifest)
}

/// cargo sets CARGO for its subcommands, to the path of the one that runs.
pub(super) fn cargo_program(io: &Io<'_>) -> PathBuf {
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

fn loose(cargo: Cargo, paths: Vec<PathBuf>, lines: Lines) -> Result<Input> {
    ensure_named_rust(&cargo.cwd, &Project::default(), &paths)?;
    let project = discover_loose(&cargo.cwd, &paths)?;
    let place = paths.first().unwrap_or(&cargo.cwd);
    ensure_rust(&project, place)?;
    Ok(Input { project, cargo, paths, lines, text: None })
}

/// Of a file that is no Rust the parser would say a lot, and nothing that helps. A manifest may name the root of a crate
/// as it likes.
fn ensure_named_rust(cwd: &Path, project: &Project, paths: &[PathBuf]) -> Result<()> {
    let is_root = |path: &Path| project.packages.iter().flat_map(|it| &it.targets).any(|it| it.root == path);
    let is_rust = |path: &Path| path.extension().is_some_and(|it| it == "rs") || is_root(path);
    if let Some(path) = paths.iter().find(|path| path.is_file() && !is_rust(path)) {
        let path = project::shown(&cwd.canonicalize().unwrap_or_else(|_| cwd.to_owned()), path);
        bail!("`{path}` is not a Rust file; name files that end in `.rs`, or folders that contain such files");
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
        "hint: {what} read as plain files, without their dependencies; `--manifest-path {first}`{each} gives better results"
    ))
}

fn ensure_rust(project: &Project, place: &Path) -> Result<()> {
    if project.files.is_empty() && project.problems.is_empty() && project.packages.is_empty() {
        bail!("no Rust files found in {}", place.display());
    }
    Ok(())
}

pub(super) fn selection(args: &Look, input: &Input) -> Result<Selection> {
    let project = &input.project;
    // Who names paths means these, whatever package they are in.
    let everywhere = args.workspace || (!input.paths.is_empty() && args.package.is_empty());
    let all = args.all_targets || args.stdin_filename.is_some();
    let by_name = [
        (CrateKind::Bin, &args.bin),
        (CrateKind::Test, &args.test),
        (CrateKind::Example, &args.example),
        (CrateKind::Bench, &args.bench),
    ];
    let kinds = [args.lib, args.bins, args.tests, args.examples, args.benches, all];
    let is_any = kinds.contains(&true) || by_name.iter().any(|(_, names)| !names.is_empty());
    let targets = Targets {
        lib: args.lib || args.tests || all || !is_any,
        bins: args.bins || args.tests || all || !is_any,
        tests: args.tests || all,
        examples: args.examples || all,
        benches: args.benches || all,
        build_scripts: all,
    };
    let packages = select::packages(project, &args.package, everywhere, &args.exclude)?;
    let named = by_name.into_iter().flat_map(|(kind, names)| names.iter().map(move |name| (kind, name.as_str())));
    Ok(Selection {
        named: select::targets(project, packages.as_deref(), named)?,
        packages,
        targets,
        paths: input.paths.clone(),
    })
}
