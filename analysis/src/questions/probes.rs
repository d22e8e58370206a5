//! Timeouts that only look whether something fails at once.

use super::{ExprRef, Program, Race, RaceKind, Value};
use crate::facts::{Expr, ExprId, Id};
use std::time::Duration;

/// Nobody waits so short a time for work to be done: what is started is meant to go on, and a failure at once is told.
const PROBE: Duration = Duration::from_millis(5);

impl Program {
    /// Whether a timeout is so short that its waiter only looks whether the task fails at once.
    pub fn is_probe(&self, race: &Race) -> bool {
        let file = self.file(race.at.file);
        let is_call = |at: &ExprRef| self.call_head(*at) == race.at;
        race.kind == RaceKind::Timeout
            && (0..file.exprs.len())
                .map(|at| ExprRef::new(race.at.file, ExprId::from_index(at)))
                .filter(|at| matches!(file[at.id], Expr::Call { .. } | Expr::MethodCall { .. }))
                .find(is_call)
                .and_then(|call| {
                    let (Expr::Call { args, .. } | Expr::MethodCall { args, .. }) = file[call.id] else { return None };
                    self.duration(&Value::bare(call.with(file.at(args, 0)?)))
                })
                .is_some_and(|length| length <= PROBE)
    }
}
