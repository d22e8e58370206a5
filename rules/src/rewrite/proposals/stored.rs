//! Rewrites for a handle in a field: another type for the field, or a `Drop` that aborts.

use super::accept::accept_at;
use crate::{
    evidence::Evidenced,
    finding::{Applicability::MaybeIncorrect, Piece, Rewrite},
    rewrite::{
        Draft,
        keepers::{self, DropPlace, Strong},
    },
};
use spawnlint_analysis::questions::{Act, Type, TypeRef};

impl Evidenced<'_> {
    /// Rewrites for a task whose handle stands in a field that nobody touches, best first.
    pub fn stored_keepers(&self, owner: TypeRef, field: &str, rule: &str) -> Vec<Rewrite> {
        let mut found: Vec<Rewrite> = Vec::new();
        if self.program.keeps_alive(self.task, owner) {
            // What the task itself keeps alive is never dropped.
            found.extend(self.weaken(None, Strong::Pointer));
        } else {
            found.extend(self.wrap_field(owner, field));
            found.extend(self.drop_that_aborts(owner, field));
        }
        if found.is_empty() {
            let short = field.rsplit('.').next().unwrap_or(field);
            found.extend(self.drop_to_fill_in(owner, &format!("through what `{short}` holds")));
        }
        found.sort_by_key(|rewrite| !rewrite.needs.is_empty());
        found.extend(accept_at(self.program, rule, self.task.site));
        found
    }

    /// `impl Drop for Owner { fn drop(&mut self) { self.stop.cancel(); } }`
    pub(super) fn cancelled_by_drop(&self, owner: TypeRef, field: &str) -> Option<Rewrite> {
        let program = self.program;
        let is_token = keepers::field_type_of(program, owner, field)?.is("tokio_util::sync::CancellationToken");
        if !is_token || program.keeps_alive(self.task, owner) {
            return None;
        }
        let place = keepers::drop_place(program, owner)?;
        let name = program.type_name(owner);
        let draft = Draft::new(format!("cancel the token in the `Drop` of `{name}`"), MaybeIncorrect);
        add_drop(draft, &place, name, vec![Piece::New(format!("self.{field}.cancel();"))]).finish_in(program)
    }

    /// `impl Drop for Owner { fn drop(&mut self) { self.task.abort(); } }`
    fn drop_that_aborts(&self, owner: TypeRef, field: &str) -> Option<Rewrite> {
        let program = self.program;
        // What is thrown out of the field before is gone.
        let keeps = |act: Act| matches!(act, Act::Looks | Act::Aborts | Act::Replaces);
        if !program.field_acts(owner, field).iter().all(|used| keeps(used.act)) {
            return None;
        }
        // One that is written over is gone as well.
        let is_ended_before = program.field_acts(owner, field).iter().any(|used| used.act == Act::Replaces);
        if keepers::is_assigned(program, owner, field) && !is_ended_before {
            return None;
        }
        self.abort_in_drop(owner, field)
    }

    /// The same, whatever is done with the field.
    pub(super) fn abort_in_drop(&self, owner: TypeRef, field: &str) -> Option<Rewrite> {
        let program = self.program;
        if field.contains('.') {
            return None;
        }
        let place = keepers::drop_place(program, owner)?;
        let abort = abort_in(&keepers::field_type_of(program, owner, field)?, &format!("self.{field}"), 0)?;
        let name = program.type_name(owner);
        let draft = Draft::new(format!("abort the task in the `Drop` of `{name}`"), MaybeIncorrect);
        add_drop(draft, &place, name, vec![Piece::New(abort)]).finish_in(self.program)
    }
}

/// Adds a statement to the `Drop` of a type.
pub(super) fn add_drop(draft: Draft, place: &DropPlace, name: &str, statement: Vec<Piece>) -> Draft {
    let (at, depth, before, after) = match place {
        DropPlace::Old { at, .. } => (*at, "    ", "    ".to_owned(), "\n".to_owned()),
        DropPlace::New(at) => {
            let head = format!("\n\nimpl Drop for {name} {{\n    fn drop(&mut self) {{\n        ");
            (*at, "        ", head, "\n    }\n}".to_owned())
        }
    };
    let draft = match place {
        DropPlace::Old { open: Some(open), .. } => draft.after(*open, ";"),
        _ => draft,
    };
    let deeper = |piece: Piece| match piece {
        Piece::New(text) => Piece::New(text.replace('\n', &format!("\n{depth}"))),
        kept => kept,
    };
    let text = [Piece::New(before)].into_iter().chain(statement.into_iter().map(deeper)).chain([Piece::New(after)]);
    draft.replace(at, text.collect())
}

/// The statement that aborts what stands in a field of that type.
fn abort_in(ty: &Type, place: &str, depth: u32) -> Option<String> {
    let inner = |place: &str| abort_in(&ty.inner(), place, depth + 1);
    let indented = |text: String| text.replace('\n', "\n    ");
    match ty.external()? {
        "tokio::task::JoinHandle" | "tokio::task::AbortHandle" => Some(format!("{place}.abort();")),
        "std::option::Option" => {
            let text = indented(inner("task")?);
            let reference = if depth == 0 { "&" } else { "" };
            let by = if depth == 0 { "" } else { ".as_ref()" };
            Some(format!("if let Some(task) = {reference}{place}{by} {{\n    {text}\n}}"))
        }
        "std::vec::Vec" | "std::collections::VecDeque" => {
            let text = indented(inner("task")?);
            let (reference, by) = if depth == 0 { ("&", "") } else { ("", ".iter()") };
            Some(format!("for task in {reference}{place}{by} {{\n    {text}\n}}"))
        }
        "std::collections::HashMap" | "std::collections::BTreeMap" => {
            let text = indented(inner("task")?);
            Some(format!("for task in {place}.values() {{\n    {text}\n}}"))
        }
        "std::sync::Arc" if depth == 0 => abort_in(&ty.inner(), place, depth),
        "std::sync::Mutex" if depth == 0 => {
            let text = indented(inner("tasks")?);
            Some(format!("if let Ok(tasks) = {place}.lock() {{\n    {text}\n}}"))
        }
        _ => None,
    }
}
