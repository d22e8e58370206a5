//! `cargo spawnlint lsp`: the language server.
//!
//! Three threads: one reads what the client sends, one (`server`) answers, and one (`worker`) has the programs in
//! memory and checks them. The thread that calls [`serve`] writes. Nothing waits for the client.

mod actions;
mod client;
mod diagnostics;
mod documents;
mod hover;
mod log;
mod publish;
mod requests;
mod server;
mod settings;
mod snapshot;
mod text;
mod transport;
mod uri;
mod worker;
mod workspace;

use crate::project::Cargo;
use anyhow::{Context as _, Result};
use log::Log;
use server::Server;
use spawnlint_rules::rule::Rule;
use std::{io::Write, path::Path, thread};

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With `exit` after `shutdown`.
    Orderly,
    /// In any other way: with `exit` alone, or with a pipe that was closed.
    Abrupt,
}

/// Serves a client that writes to the standard input of this process and reads from `out`, until it leaves.
///
/// # Errors
/// If the log cannot be written, or the threads cannot be started.
pub fn serve(rules: &'static [&'static Rule], cargo: Cargo, log: Option<&Path>, out: &mut dyn Write) -> Result<End> {
    let log = Log::open(log)?;
    let (outgoing, messages) = crossbeam_channel::unbounded();
    let incoming = transport::reader().context("cannot start the thread that reads")?;
    let worker = worker::start(rules, cargo, log.clone()).context("cannot start the thread that checks")?;
    let of_server = log.clone();
    let serve = move || Server::new(rules, outgoing, worker, of_server).run(&incoming);
    let thread = thread::Builder::new().name("server".to_owned()).spawn(serve);
    let thread = thread.context("cannot start the thread that answers")?;
    if let Err(error) = transport::write_all(&messages, out) {
        log.write(&format!("the client reads no more: {error}"));
        return Ok(End::Abrupt);
    }
    Ok(thread.join().unwrap_or(End::Abrupt))
}
