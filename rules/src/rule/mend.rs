//! Rewrites that several rules propose for a task.

mod aborts;
mod accept;
mod chores;
mod growing;
mod guards;
mod handles;
mod layers;
mod single;
mod spans;

pub use aborts::rewrites_of_call;
pub use accept::{accept, accept_at};
pub use growing::rewrites_of_growing_set;
pub use guards::rewrites_of_guard;
pub use handles::wrap_from;
pub use layers::rewrites_of_growth;
pub use single::rewrites_of_set;
pub use spans::rewrites_of_span;
mod bound;
mod holder;
mod keep;
mod last;
mod leave;
mod place;
mod stored;
mod weaken;

use super::Evidenced;
use crate::{
    finding::{Applicability, Rewrite},
    program::{Fate, FieldUse, Strong, Value},
    rewrite::{ABORT_ON_DROP, Draft, Toolbox},
};

impl Evidenced<'_> {
    /// What there is for a rewrite where the task is started.
    pub fn toolbox(&self) -> Toolbox<'_> {
        Toolbox::new(self.program, self.task.site)
    }

    /// Whether the spawn has the value of tokio's `JoinHandle`.
    pub fn gives_join_handle(&self) -> bool {
        self.program.type_of(&Value::bare(self.task.site)).is("tokio::task::JoinHandle")
    }

    /// `tokio::spawn(f)` becomes `AbortOnDropHandle::new(tokio::spawn(f))`: whoever drops the handle ends the task.
    pub fn wrap_handle(&self, title: &str, applicability: Applicability) -> Option<Rewrite> {
        if !self.gives_join_handle() {
            return None;
        }
        let tools = self.toolbox();
        let before = format!("{}::new(", tools.path(ABORT_ON_DROP));
        let at = self.program.span(self.task.site);
        Draft::new(title, applicability).around(at, before, ")").needs(tools.lacks(ABORT_ON_DROP)).finish()
    }

    /// Rewrites for a task that nobody holds, best first: somebody keeps what ends it. The last choice is to say
    /// that nobody has to.
    pub fn keepers(&self, rule: &str) -> Vec<Rewrite> {
        let mut found = match self.fate {
            Fate::PartlyDropped { .. } => self.held_on_every_way(),
            Fate::Stored { owner, field, use_: FieldUse::Nothing, .. } => {
                return self.stored_keepers(*owner, field, rule);
            }
            // A wait that is the work itself must not be cut off.
            Fate::Dropped { .. } if self.is_started_by_drop() && !self.reportable_waits().is_empty() => Vec::new(),
            Fate::Dropped { .. } if self.is_started_by_drop() => self.bounded().into_iter().collect(),
            Fate::Dropped { .. } => self.kept_elsewhere(),
            _ => Vec::new(),
        };
        // A loop that has its owner in hand can end with it.
        if found.is_empty() {
            found.extend(self.weaken(None, Strong::Pointer));
        }
        found.extend(self.explicit_detach(rule));
        found
    }
}
