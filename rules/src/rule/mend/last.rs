//! The last choice: to say in a comment that nobody has to end the task.

use super::super::Evidenced;
use crate::{
    finding::{Applicability::HasPlaceholders, Rewrite},
    rewrite::Draft,
};

impl Evidenced<'_> {
    /// `// spawnlint: allow(rule): ..` above the statement that starts the task.
    pub fn explicit_detach(&self, rule: &str) -> Option<Rewrite> {
        let statement = self.program.statement_around(self.task.site)?;
        let title = "leave it running, and say why";
        let comment = format!("// spawnlint: allow({rule}): <who or what ends this task, or why nobody has to>\n");
        Draft::new(title, HasPlaceholders).before(statement.at, comment).finish()
    }
}
