//! When a task ends: what it runs, with what it was given.

use super::{Task, Tasks};
use crate::{
    catalogue::Runs,
    effects::{Asking, Ending},
    facts::Expr,
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

    /// Whether a task goes round a bare `loop` until a condition of its own holds, and nothing else can end that.
    pub fn goes_round_until_done(&self, ending: &Ending) -> bool {
        let bare = |at| self.expr_at(at, |expr| matches!(expr, Expr::Loop { .. })).is_some();
        ending.repeats() && ending.open_loop.is_some_and(bare)
    }
}
