//! Rewrites that several rules propose for a task.

mod aborts;
mod accept;
mod beside;
mod bind;
mod bound;
mod chores;
mod collected;
mod given;
mod growing;
mod guards;
mod handles;
mod holder;
mod joined;
mod keep;
mod layers;
mod leave;
mod own;
mod place;
mod reader;
mod result;
mod single;
mod sketch;
mod spans;
mod stopped;
mod stopped_token;
mod stored;
mod told;
mod weaken;
mod wrap;

pub use aborts::rewrites_of_call;
pub use growing::rewrites_of_growing_set;
pub use guards::rewrites_of_guard;
pub use layers::rewrites_of_growth;
pub use single::rewrites_of_set;
pub use spans::rewrites_of_span;

use crate::{
    evidence::Evidenced,
    finding::{Applicability::MaybeIncorrect, Rewrite},
    rewrite::{Toolbox, keepers::Strong},
};
use accept::accept_at;
use spawnlint_analysis::questions::{Fate, Value};

impl Evidenced<'_> {
    /// What there is for a rewrite where the task is started.
    pub fn toolbox(&self) -> Toolbox<'_> {
        Toolbox::new(self.program, self.task.site)
    }

    /// Whether the spawn has the value of tokio's `JoinHandle`.
    pub fn gives_join_handle(&self) -> bool {
        self.program.type_of(&Value::bare(self.task.site)).is("tokio::task::JoinHandle")
    }

    /// Rewrites for a task that nobody holds, best first: somebody keeps what ends it. The last choice is to say
    /// that it is meant.
    pub fn keepers(&self, rule: &str) -> Vec<Rewrite> {
        let mut found = match self.fate {
            Fate::PartlyDropped { .. } => {
                let title = "abort the task on every path that drops the handle";
                self.wrap_everywhere(title, MaybeIncorrect).or_else(|| self.wrapped_here()).into_iter().collect()
            }
            Fate::Stored { owner, field, .. } => return self.stored_keepers(*owner, field, rule),
            // A wait that is the work itself must not be cut off.
            Fate::Dropped { .. } if self.is_started_by_drop() && !self.reportable_waits().is_empty() => Vec::new(),
            Fate::Dropped { .. } if self.is_started_by_drop() => self.bounded().into_iter().collect(),
            Fate::Dropped { .. } => self.raced_with_reader().into_iter().chain(self.kept_elsewhere()).collect(),
            _ => Vec::new(),
        };
        // A loop that has its owner in hand can end with it.
        if found.is_empty() {
            found.extend(self.weaken(None, Strong::Pointer));
        }
        if found.is_empty() && self.fate.is_dropped() {
            found.extend(self.sketched());
        }
        found.extend(accept_at(self.program, rule, self.task.site));
        found
    }
}
