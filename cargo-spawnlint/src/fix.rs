//! Rewrites become edits: resolved against the text, shown, applied, written and verified.
//!
//! A rule proposes places and pieces; [`resolve`] makes byte ranges and texts of them. [`mend`] applies these to the
//! texts in memory, checks again, takes back what did not help, and goes on until nothing changes. Only then [`replace`] touches files, one at a
//! time and each as a whole, and [`verify`] takes back what does not build.

mod allow;
mod changes;
mod diff;
mod history;
mod measure;
mod mend;
mod replace;
mod resolve;
mod round;
mod vcs;
mod verify;

pub use allow::{Added, Extent, Placed, add_suppressions, comment_for};
pub use changes::{Change, Mended, Place, Told};
pub use diff::{Region, Side, regions, unified};
pub use mend::{mend, mend_some};
pub use replace::{Refusal, put, replace};
pub use resolve::{Replacement, Suggestion, Unresolved, resolve};
pub use round::{Policy, TakenBack, Why, patched, sure};
pub use vcs::{Allowed, ensure_restorable};
pub use verify::{Site, Verified, verify};

use spawnlint_rules::finding::Need;

/// The command that gives a package what new text needs: `cargo add tokio-util@0.7.12 --features rt -p demo`.
pub fn cargo_add(need: &Need, package: Option<&str>) -> String {
    let mut line = format!("cargo add {}@{}", need.package, need.version);
    if !need.features.is_empty() {
        line += &format!(" --features {}", need.features.join(","));
    }
    if let Some(package) = package {
        line += &format!(" -p {package}");
    }
    line
}
