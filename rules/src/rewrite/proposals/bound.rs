//! A bound for work that nobody can end: what a `Drop` starts.

use crate::{
    evidence::Evidenced,
    finding::{Applicability::MaybeIncorrect, Rewrite},
    rewrite::{Draft, TIMEOUT, keepers},
};

impl Evidenced<'_> {
    /// `timeout(Duration::from_secs(5), f)`, for clean-up that a `Drop` starts.
    pub(super) fn bounded(&self) -> Option<Rewrite> {
        let future = keepers::future_argument(self.program, self.task.site)?;
        // A timer of tokio's panics on another runtime.
        if self.task.wrapper().is_some_and(|it| self.program.is_of_trait(it)) {
            return None;
        }
        let tools = self.toolbox();
        let before = format!("{}(std::time::Duration::from_secs(5), ", tools.path(TIMEOUT));
        let draft = Draft::new("give the cleanup a time limit", MaybeIncorrect);
        let draft = draft.around(self.program.span(future), before, ")").needs(tools.lacks(TIMEOUT));
        draft.finish_in(self.program)
    }
}
