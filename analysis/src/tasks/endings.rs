//! When a task ends: what it runs, with what it was given.

use super::{Task, Tasks};
use crate::{
    catalogue::Runs,
    effects::{Asking, Ending},
};

impl Tasks {
    /// When a task ends by itself.
    pub fn ending(&self, task: &Task) -> Ending {
        let origin = self.origin(&task.future);
        let blocking = task.runs == Runs::Blocking;
        let asking = Asking::new(Some(self.runs(&task.future)), blocking);
        match task.runs {
            Runs::Future => self.future_ending(&task.future, &asking),
            Runs::FutureFn | Runs::Blocking => self.closure_ending(&origin, &asking),
        }
    }
}
