//! What becomes of the handle of a task: as its spawn, and the wrappers on the way, hand it out.

use super::{ExprRef, Fate, FnRef, MovedInto, OpenReason, Task, Tasks, Via, Wrapper};
use crate::{catalogue::Handle, flow::DropHow};

impl Tasks {
    /// What becomes of a task's handle.
    pub fn fate(&self, task: &Task) -> Fate {
        self.lost_half_way(task.site, self.plain_fate(task))
    }

    /// The same, as if every future ran to its end.
    pub(crate) fn plain_fate(&self, task: &Task) -> Fate {
        let found = self.inner_fate(task.inner, task.handle);
        match &task.via {
            Via::Direct => found,
            Via::Wrapper(_) => self.fate_through(found, task),
        }
    }

    fn inner_fate(&self, site: ExprRef, handle: Handle) -> Fate {
        let site = match self.given_expr(site) {
            Some(site) => site,
            None => return Fate::Moved { into: MovedInto::GivingFuture, at: self.span(site) },
        };
        let gone = |how| Fate::Dropped { how, at: self.span(site) };
        match handle {
            Handle::Unknown => Fate::Unknown(OpenReason::SpawnReceiver),
            Handle::Owned => Fate::Owned,
            Handle::Nothing => gone(DropHow::NoHandle),
            Handle::Detach | Handle::ResultDetach => self.fate_of(site),
            Handle::Cancel => match self.fate_of(site) {
                Fate::Dropped { how: DropHow::Detach, at } => Fate::Dropped { how: DropHow::Detach, at },
                fate if fate.is_dropped() => Fate::Cancelled,
                fate => fate,
            },
        }
    }

    /// The fate at the outermost call, if each wrapper on the way hands the handle out.
    fn fate_through(&self, inner: Fate, task: &Task) -> Fate {
        let mut fate = inner;
        // From the innermost wrapper outwards.
        for it in task.way().iter().rev() {
            let is_handed_out = match (&fate, it.by) {
                (Fate::Returned { .. }, _) => true,
                (Fate::Moved { into: MovedInto::ClosureResult, at }, Wrapper::Closure(closure)) => {
                    *at == self.span(closure)
                }
                _ => false,
            };
            if !is_handed_out {
                return fate;
            }
            fate = self.inner_fate(it.call, task.handle);
        }
        fate
    }

    /// The call of one function in the body of another.
    pub fn call_between(&self, caller: FnRef, callee: FnRef) -> Option<ExprRef> {
        self.callers(callee).into_iter().find(|call| self.enclosing_fn(*call) == Some(caller))
    }
}
