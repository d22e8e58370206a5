//! Who could keep each task, as text.

use super::{LostForm, Output};
use crate::{
    program::{Program, Statement, Task},
    span::{Sources, Span},
};
use std::fmt::Write;

impl Program {
    /// Every task that is lost, with who could keep it.
    pub fn print_keepers(&self, sources: &Sources) -> String {
        let mut out = String::new();
        for (task, _, ending, _) in self.answers() {
            let Some(lost) = self.given_value(task.site).and_then(|value| self.lost_value(value)) else { continue };
            let form = match &lost.form {
                LostForm::Alone => "alone".to_owned(),
                LostForm::Named { name, given_up: None, .. } => format!("named {name}"),
                LostForm::Named { name, given_up: Some(_), .. } => format!("named {name} and given up"),
                LostForm::Used { name } => format!("used as {name}"),
                LostForm::Within => "within its statement".to_owned(),
                LostForm::Several { name, holder, .. } => {
                    format!("several in {holder:?} {}", name.as_deref().unwrap_or("_"))
                }
            };
            let _ = writeln!(out, "{}: {form}", line(sources, self.span(task.site)));
            let _ = writeln!(out, "  gives {}", self.output_words(sources, task));
            self.print_places(&mut out, lost.statement);
            for close in &ending.ignored {
                let leaving = self.leaving(close).map(|it| format!("{it:?}"));
                let word = leaving.as_deref().and_then(|it| it.split([' ', '(', '{']).next()).unwrap_or("nothing");
                let _ = writeln!(out, "  could leave by {word}");
            }
        }
        out
    }

    fn output_words(&self, sources: &Sources, task: &Task) -> String {
        match self.task_output(task) {
            Some(Output::Unit) => "()".to_owned(),
            Some(Output::Written(at)) => {
                sources.get(at.file).text[at.range.start as usize..at.range.end as usize].to_owned()
            }
            None => "what cannot be written".to_owned(),
        }
    }

    fn print_places(&self, out: &mut String, statement: Statement) {
        if let Some(built) = self.built_struct(statement) {
            let _ = writeln!(out, "  field of {}, {} other literals", self.type_name(built.owner), built.others.len());
        }
        if self.lives_on_in_block(statement) {
            let _ = writeln!(out, "  scope");
        }
        if let Some(result) = self.result_place(statement) {
            let beside = match result.ty {
                None => "alone",
                Some(ty) if ty.is_unit => "in place of ()",
                Some(_) => "beside what it gives",
            };
            let optional = if result.returns.is_empty() { "" } else { ", or none" };
            let name = self.function_name(result.function);
            let _ = writeln!(out, "  result of {name} {beside}{optional}, {} calls", result.callers.len());
        }
        if let Some((_, repeats)) = self.outer_statement(statement) {
            let _ = writeln!(out, "  set{}", if repeats { " that is drained" } else { "" });
        }
    }
}

fn line(sources: &Sources, at: Span) -> u32 {
    sources.get(at.file).line_column(at.range.start).0
}
