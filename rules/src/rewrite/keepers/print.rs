//! Who could keep each task, as text.

use super::{LostForm, Output};
use crate::rewrite::{
    keepers,
    places::{self, Statement},
};
use spawnlint_analysis::{
    questions::{Program, Task},
    span::{Sources, Span},
};
use std::fmt::Write;

/// Every task that is lost, with who could keep it.
pub fn print_keepers(program: &Program, sources: &Sources) -> String {
    let mut out = String::new();
    for (task, _, ending, _) in program.answers() {
        let Some(lost) = keepers::given_value(program, task.site).and_then(|value| keepers::lost_value(program, value))
        else {
            continue;
        };
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
        let _ = writeln!(out, "{}: {form}", line(sources, program.span(task.site)));
        let _ = writeln!(out, "  gives {}", output_words(program, sources, task));
        print_places(program, &mut out, lost.statement);
        for close in &ending.ignored {
            let leaving = keepers::leaving(program, close).map(|it| format!("{it:?}"));
            let word = leaving.as_deref().and_then(|it| it.split([' ', '(', '{']).next()).unwrap_or("nothing");
            let _ = writeln!(out, "  could leave by {word}");
        }
    }
    out
}

fn output_words(program: &Program, sources: &Sources, task: &Task) -> String {
    match keepers::task_output(program, task) {
        Some(Output::Unit) => "()".to_owned(),
        Some(Output::Written(at)) => {
            sources.get(at.file).text[at.range.start as usize..at.range.end as usize].to_owned()
        }
        None => "what cannot be written".to_owned(),
    }
}

fn print_places(program: &Program, out: &mut String, statement: Statement) {
    if let Some(built) = keepers::built_struct(program, statement) {
        let _ = writeln!(out, "  field of {}, {} other literals", program.type_name(built.owner), built.others.len());
    }
    if keepers::lives_on_in_block(program, statement) {
        let _ = writeln!(out, "  scope");
    }
    if let Some(result) = keepers::result_place(program, statement) {
        let beside = match result.ty {
            None => "alone",
            Some(ty) if ty.is_unit => "in place of ()",
            Some(_) => "beside what it gives",
        };
        let optional = if result.returns.is_empty() { "" } else { ", or none" };
        let name = program.function_name(result.function);
        let _ = writeln!(out, "  result of {name} {beside}{optional}, {} calls", result.callers.len());
    }
    if let Some((_, repeats)) = places::outer_statement(program, statement) {
        let _ = writeln!(out, "  set{}", if repeats { " that is drained" } else { "" });
    }
}

fn line(sources: &Sources, at: Span) -> u32 {
    sources.get(at.file).line_column(at.range.start).0
}
