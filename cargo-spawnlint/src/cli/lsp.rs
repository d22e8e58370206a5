//! `cargo spawnlint lsp`: the language server, with the streams of this process.

use super::{
    args::Lsp,
    input::cargo_program,
    io::{Exit, Io},
};
use crate::{
    lsp::{self, End},
    project::{Cargo, absolute},
};
use anyhow::Result;
use spawnlint_rules::rule::Rule;

pub(super) fn serve(rules: &'static [&'static Rule], args: &Lsp, io: &mut Io<'_>) -> Result<Exit> {
    let log = args.log.as_ref().map(|path| absolute(&io.cwd, path));
    let cargo = Cargo { program: cargo_program(io), cwd: io.cwd.clone(), target_dir: (io.env)("CARGO_TARGET_DIR") };
    let end = lsp::serve(rules, cargo, log.as_deref(), io.stdout)?;
    // The protocol has these two codes.
    Ok(if end == End::Orderly { Exit::Clean } else { Exit::Findings })
}
