//! The room for rewrites: where text may go, what it may say there, and the edits that cure a finding.
//!
//! It asks the program, and nothing of the program knows of it. Places are asked for as functions: of statements and
//! names ([`places`]), of whoever could keep a task ([`keepers`]), of handles that get another type ([`rewrap`]), of
//! tracing layers ([`layers`]). From the answers [`proposals`] makes rewrites for the rules.

mod abort_guard;
mod draft;
mod imports;
pub mod keepers;
pub mod layers;
pub mod places;
pub mod proposals;
pub mod rewrap;
mod toolbox;

pub use abort_guard::AbortGuard;
pub use draft::Draft;
pub use toolbox::{
    ABORT_HANDLE, ABORT_HANDLE_ON_DROP, ABORT_ON_DROP, ABORTABLE, ABORTABLE_HANDLE, CANCELLATION_TOKEN, DROP_GUARD,
    FUTURE_EXT, JOIN_SET, MAKE_ABORTABLE, REMOTE_HANDLE, SELECT, SMOL_TASK, SPAN, SPAWN, SPAWN_BLOCKING, STREAM_EXT,
    TIMEOUT, Tool, Toolbox, YIELD_NOW,
};
