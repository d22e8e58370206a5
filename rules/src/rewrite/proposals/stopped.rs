//! Types that end a task in a method: their `Drop` does what the method does.

use super::{accept::accept_at, stored::add_drop};
use crate::{
    evidence::Evidenced,
    finding::{
        Applicability::{HasPlaceholders, MaybeIncorrect},
        Piece, Rewrite,
    },
    rewrite::{
        Draft,
        keepers::{self, DropPlace, Strong},
        places,
    },
};
use spawnlint_analysis::{
    catalogue::{self, Does, Macro},
    facts::Expr,
    questions::{Def, ExprRef, FnRef, PatRef, Program, Stop, TypeRef},
    span::{Span, TextRange},
};

impl Evidenced<'_> {
    /// Rewrites for a type that ends the task only in a method, best first.
    pub fn stop_keepers(&self, stop: &Stop, rule: &str) -> Vec<Rewrite> {
        let mut found: Vec<Rewrite> = Vec::new();
        if self.program.keeps_alive(self.task, stop.dropped) {
            // What the task itself keeps alive is never dropped.
            found.extend(self.weaken(None, Strong::Pointer));
        } else {
            found.extend(stop.is_handle.then(|| self.wrap_field(stop.owner, &stop.field)).flatten());
            let dropped = self.drop_like_stop(stop);
            let is_own = stop.is_handle && stop.owner == stop.dropped && dropped.is_none();
            found.extend(dropped);
            found.extend(is_own.then(|| self.abort_in_drop(stop.owner, &stop.field)).flatten());
            found.sort_by_key(|rewrite| !rewrite.needs.is_empty());
        }
        if found.is_empty() && !self.program.keeps_alive(self.task, stop.owner) {
            found.extend(if stop.is_handle { self.wrapped_here() } else { self.guard_beside_token(stop) });
        }
        if found.is_empty() {
            let by = self.program.function_name(stop.by);
            found.extend(self.drop_to_fill_in(stop.dropped, &format!("as `{by}` does, without waiting")));
        }
        found.extend(accept_at(self.program, rule, self.task.site));
        found
    }

    /// `impl Drop for Session { fn drop(&mut self) { self.stop.cancel(); } }`, with the statement of `close`.
    fn drop_like_stop(&self, stop: &Stop) -> Option<Rewrite> {
        let program = self.program;
        let place = keepers::drop_place(program, stop.dropped)?;
        let name = program.type_name(stop.dropped);
        let by = program.function_name(stop.by);
        let text = match (statement_of_self(program, stop), call_of(program, stop)) {
            (Some(at), _) => vec![Piece::Kept(at)],
            (None, Some(call)) => vec![Piece::New(call)],
            (None, None) => vec![Piece::Kept(beginning_of(program, stop)?)],
        };
        let title = format!("end the task in the `Drop` of `{name}`, as `{by}` does");
        add_drop(Draft::new(title, MaybeIncorrect), &place, name, text).finish_in(program)
    }

    /// A `Drop` that is to be finished by hand. `how` says how the task ends.
    pub(super) fn drop_to_fill_in(&self, owner: TypeRef, how: &str) -> Option<Rewrite> {
        let program = self.program;
        let file = program.file(owner.file);
        let item = &file[owner.id];
        let name = program.type_name(owner);
        let todo = format!("// <end the task {how}>");
        let end = item.range.in_file(owner.file).end();
        let is_copied = program.derives(owner, catalogue::is_copying_trait);
        let new = |text: String| vec![Piece::New(text)];
        let draft = match keepers::drop_place(program, owner) {
            // What is dropped often ends nothing: its copies share what ends with the last of them.
            // A type with a `Drop` cannot be taken apart: a field has it instead.
            None if is_copied || !item.is_generic => {
                let title = match is_copied {
                    true => format!("end the task when the last clone of `{name}` is dropped"),
                    false => format!("end the task in the `Drop` of a field of `{name}`"),
                };
                let holder = if is_copied { format!("std::sync::Arc<{name}Task>") } else { format!("{name}Task") };
                let guard = places::free_item(program, owner.file, &format!("{name}Task"));
                let text = format!(
                    "\n\n/// Ends the task of the `{name}` that holds it in a field of the type `{holder}`.\nstruct {guard}(<what ends the task>);\n\nimpl Drop for {guard} {{\n    fn drop(&mut self) {{\n        \
                     {todo}\n    }}\n}}"
                );
                Draft::new(title, HasPlaceholders).replace(end, new(text))
            }
            place => {
                let title = format!("end the task in the `Drop` of `{name}`");
                let name = if item.is_generic { format!("{name}<<its generics>>") } else { name.to_owned() };
                let place = place.unwrap_or(DropPlace::New(end));
                add_drop(Draft::new(title, HasPlaceholders), &place, &name, new(todo))
            }
        };
        draft.finish_in(program)
    }
}

/// The statement of a method that ends the task, if a `Drop` of the same type can have it as it stands: it names nothing
/// but `self` and what every function knows, does not wait, and does not leave.
fn statement_of_self(program: &Program, stop: &Stop) -> Option<Span> {
    if program.self_type(stop.by) != Some(stop.dropped) {
        return None;
    }
    let takes_value = !takes_reference(program, stop.by);
    let call = program.expr_at(stop.at, |_| true)?;
    let mut statement = places::statement_around(program, call)?;
    // `if let Some(task) = self.task.take() { task.abort(); }`: the outermost that can stand alone.
    let mut found = None;
    loop {
        if can_stand_in_drop(program, statement.stmt) && !(takes_value && moves_self(program, statement.stmt)) {
            let is_closed = statement.at.range.end > program.span(statement.stmt).range.end
                || !places::needs_semicolon(program, statement.stmt);
            found = is_closed.then_some(statement.at);
        }
        if places::is_body(program, statement.block).is_some() {
            return found;
        }
        statement = places::statement_around(program, statement.block)?;
    }
}

/// The statements with which a method begins, if the one that ends the task is among them and none of them waits,
/// leaves, or names what only the method knows.
fn beginning_of(program: &Program, stop: &Stop) -> Option<Span> {
    if program.self_type(stop.by) != Some(stop.dropped) || !takes_reference(program, stop.by) {
        return None;
    }
    let body = stop.by.with(program.function(stop.by).body?);
    let mut known: Vec<PatRef> = Vec::new();
    let mut found: Option<Span> = None;
    for stmt in places::statements(program, body) {
        let file = program.file(stmt.file);
        let at = places::statement_around(program, stmt)?.at;
        let logs = matches!(file[stmt.id], Expr::Macro(id) if file.macro_of(id).is_some_and(Macro::peeks));
        if logs && found.is_none() {
            continue;
        }
        if !names_only(program, stmt, &known) {
            break;
        }
        if let Expr::Local { pat, .. } = file[stmt.id] {
            file.each_binding(pat, &mut |binding, _| known.push(stmt.with(binding)));
        }
        found = Some(found.map_or(at, |first| TextRange::new(first.range.start, at.range.end).in_file(at.file)));
    }
    found.filter(|found| found.range.contains(stop.at.range))
}

/// Whether a statement may move `self`, or a field out of it.
fn moves_self(program: &Program, statement: ExprRef) -> bool {
    let mut moves = false;
    program.walk(statement, &mut |expr, kind| {
        let file = program.file(expr.file);
        let is_self = matches!(kind, Expr::Path(path) if file.segments(path).next() == Some("self"));
        if is_self {
            let field = program.parent(expr).filter(|it| matches!(file[it.id], Expr::Field { .. }));
            let used = field.and_then(|field| Some((field, program.parent(field)?)));
            moves |= !used.is_some_and(|(field, outer)| match file[outer.id] {
                Expr::MethodCall { receiver, method, .. } => {
                    let method = &file[method];
                    receiver == field.id
                        && !method.starts_with("into")
                        && !catalogue::method(method).does(Does::Consumes)
                }
                Expr::Ref { .. } => true,
                _ => false,
            });
        }
        true
    });
    moves
}

fn takes_reference(program: &Program, function: FnRef) -> bool {
    program.function(function).self_param.is_some_and(|it| it.is_ref)
}

fn can_stand_in_drop(program: &Program, statement: ExprRef) -> bool {
    // What is bound there is used by the statements behind it.
    if matches!(program.file(statement.file)[statement.id], Expr::Local { .. }) {
        return false;
    }
    names_only(program, statement, &[])
}

/// Whether a statement names nothing but `self`, what it binds itself, what is `known`, and what every function knows,
/// and neither waits nor leaves.
fn names_only(program: &Program, statement: ExprRef, known: &[PatRef]) -> bool {
    let own = program.span(statement).range;
    let mut can = true;
    program.walk(statement, &mut |expr, kind| {
        let file = program.file(expr.file);
        can &= match kind {
            Expr::Await(_) | Expr::Try(_) | Expr::Return(_) | Expr::Break { .. } | Expr::Continue { .. } => false,
            Expr::Closure { .. } | Expr::Macro(_) | Expr::Select(_) => false,
            Expr::Path(path) => match program.local(expr) {
                // Bound by the statement itself, or `self`.
                Some((pat, _)) => {
                    let is_self = file.segments(path).next() == Some("self");
                    is_self || own.contains(file.pat_range(pat.id)) || known.contains(&pat)
                }
                None => !matches!(program.callee(expr), Def::Unknown) || file[path].segments.len > 1,
            },
            _ => true,
        };
        can
    });
    can
}

/// `self.close();`, of a method that waits for nothing and needs nothing.
fn call_of(program: &Program, stop: &Stop) -> Option<String> {
    let item = program.function(stop.by);
    if item.is_async
        || !item.params.is_empty()
        || program.self_type(stop.by) != Some(stop.dropped)
        || !takes_reference(program, stop.by)
    {
        return None;
    }
    let gives = if item.ret.is_some() { "let _ = " } else { "" };
    Some(format!("{gives}self.{}();", program.function_name(stop.by)))
}
