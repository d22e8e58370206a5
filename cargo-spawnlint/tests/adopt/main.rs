//! What a project needs to adopt the linter: the documents' recipes, the action, the templates. Each is read as the
//! service behind it would read it, and its scripts are run in a scratch repository.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage has failed")]

mod action;
mod documents;
mod gitlab;
mod hooks;
mod path;
mod release;
mod scratch;
mod strangers;
