//! `cargo spawnlint config`: what holds here, and who says so.

use super::{
    args::{Config as Args, Look},
    input::input,
    io::{Exit, Io},
    run,
};
use crate::{
    config::{schema, show},
    levels::Levels,
    output::{Detail, Style, human},
    project::shown,
};
use anyhow::Result;
use spawnlint_analysis::{questions::LinkOptions, span::Sources};

pub(super) fn config(levels: &Levels, args: &Args, io: &mut Io<'_>) -> Result<Exit> {
    if args.schema {
        return io.print(&schema());
    }
    let look = Look {
        manifest_path: args.manifest_path.clone(),
        paths: args.path.iter().cloned().collect(),
        ..Look::default()
    };
    let input = input(&look, io)?;
    let config = run::config(&input.project, &args.settings, levels)?;
    let cwd = io.cwd.canonicalize().unwrap_or_else(|_| io.cwd.clone());
    let here = match input.paths.first() {
        Some(path) => path.clone(),
        None if cwd.starts_with(&input.project.root) => cwd,
        None => input.project.root.clone(),
    };
    let root = &input.project.root;
    let package = input.project.package_of(&here).map(|at| input.project.packages[at].dir.as_path());
    let default = LinkOptions::default().long_wait;
    let text = show(&config, levels, default, &here, package, &|path| shown(root, path));
    let exit = io.print(&format!("# configuration for {} in {}\n{}", shown(root, &here), root.display(), text))?;
    for problem in &input.project.problems {
        human::write_problem(&Sources::default(), problem, Style::plain(Detail::Brief), io.stderr).ok();
    }
    // A package that is not known may have settings of its own.
    Ok(if input.project.problems.is_empty() { exit } else { Exit::Incomplete })
}
