//! The language server from outside: the real binary, and a client that knows the protocol and nothing of the server.

#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage has failed")]

mod actions;
mod bad_input;
mod client;
mod configuration;
mod diagnostics;
mod edits;
mod knowledge;
mod lifecycle;
mod pull;
