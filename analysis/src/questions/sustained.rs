//! Tasks that keep alive what would end them: who owns the handle, the token or the sender, and whether the
//! task has that owner too.

use super::{Act, Def, Ending, ExprRef, Fate, FieldUse, OpenReason, Program, Task, Type, TypeRef, Value};
use crate::{
    catalogue::{self, Does, Function, Handle},
    facts::{Expr, Visibility::Public},
    span::Span,
};

/// A task whose owner would end it by being dropped, and which keeps that owner alive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sustained {
    /// The owner's type.
    pub owner: TypeRef,
    /// The field that holds the handle.
    pub field: String,
    /// Where the handle is put there.
    pub stored_at: Span,
    /// The `Drop`, or the declaration of the field, that would end the task.
    pub ended_by: Span,
    /// How the task names the owner.
    pub taken: String,
    /// Where the task takes the owner along.
    pub taken_at: Span,
}

/// A task that keeps alive what its starter gives to the caller, for as long as a stream from elsewhere lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outliving {
    /// How the task names it.
    pub taken: String,
    /// Where the task takes it along.
    pub taken_at: Span,
    /// Where the starter gives it.
    pub given_at: Span,
    /// Where the task waits for the stream.
    pub stream_at: Span,
}

impl Program {
    /// Whether a task has a strong pointer to what the function that starts it returns, and ends only with a stream of
    /// which nobody here knows when it does: that the caller drops what it got ends nothing.
    pub fn outliving(&self, task: &Task, ending: &Ending) -> Option<Outliving> {
        let (why, stream_at) = ending.open_reason()?;
        let is_stream = why == OpenReason::UnknownStream || self.takes_next(stream_at);
        if !is_stream || !ending.signals.is_empty() || ending.has_peer {
            return None;
        }
        let starter = self.enclosing_fn(task.site)?;
        let body = starter.with(self.function(starter).body?);
        let given = self.inside_result(body.with(self.tail(body)?));
        let (root, _) = self.root_binding(&Value::bare(given))?;
        let is_it = |taken: &ExprRef| {
            let value = Value::bare(*taken);
            self.is_shared(&value)
                && self.type_of(&value).innermost().item().is_some()
                && self.root_binding(&value).is_some_and(|(pat, _)| pat == root)
        };
        let taken = self.taken_values(self.runs(&task.future)).into_iter().find(is_it)?;
        let name = self.text_of(self.without_clone(taken));
        Some(Outliving { taken: name, taken_at: self.span(taken), given_at: self.span(given), stream_at })
    }

    /// `feed.next()`, at a place.
    fn takes_next(&self, at: Span) -> bool {
        let call = self.expr_at(at, |expr| matches!(expr, Expr::MethodCall { .. }));
        call.is_some_and(|call| match self.file(call.file)[call.id] {
            Expr::MethodCall { method, .. } => {
                catalogue::method(&self.file(call.file)[method]).does(Does::Nexts)
                    && self.called_fn(&Value::bare(call)).is_none()
            }
            _ => false,
        })
    }

    /// What stands in `Ok(..)` or `Some(..)`.
    fn inside_result(&self, value: ExprRef) -> ExprRef {
        let file = self.file(value.file);
        let Expr::Call { callee, args } = file[value.id] else { return value };
        let carries = matches!(self.callee(value.with(callee)), Def::External(path)
            if catalogue::function(&path) == Some(Function::Carries));
        file.at(args, 0).filter(|_| carries).map_or(value, |inner| self.inside_result(value.with(inner)))
    }

    /// Whether only the drop of an owner ends a task, and the task itself keeps that owner alive.
    pub fn sustained(&self, task: &Task, fate: &Fate) -> Option<Sustained> {
        let (base, field, stored_at) = self.kept_in(task, fate)?;
        let Type::Item(owner, _) = self.type_of(&Value::bare(base)).innermost() else { return None };
        let ended_by = self.ended_only_by_drop(owner, &field)?;
        let path = self.access_path(&Value::bare(base))?;
        let runs = self.runs(&task.future);
        // `Arc<Mutex<Guard>>` in a field: each clone of the owner has the same guard.
        let is_shared_guard = self.field_type(owner, &field).is("std::sync::Arc")
            && self.ends_task_on_drop(&self.field_type(owner, &field)).is_some();
        let taken = self.takes(&path, runs).filter(|taken| is_shared_guard || self.shares(*taken, &path))?;
        let (name, taken_at) = (self.text_of(self.without_clone(taken)), self.span(taken));
        Some(Sustained { owner, field, stored_at, ended_by, taken: name, taken_at })
    }

    /// The field that a handle, a guard around it, or the set that owns the task stands in: what is before the
    /// dot, the name, and where it is put there.
    fn kept_in(&self, task: &Task, fate: &Fate) -> Option<(ExprRef, String, Span)> {
        match fate {
            // `self.task = Some(AbortOnDropHandle::new(spawn(..)))`, or any other guard around the handle.
            Fate::AbortOnDrop(_) | Fate::Stored { .. } if let Some(guard) = self.guard_around(task.site) => {
                match self.fate_of(guard) {
                    Fate::Stored { field, at, .. } => Some((self.field_within(at, &field)?, field, at)),
                    _ => None,
                }
            }
            Fate::Stored { field, at, use_: FieldUse::Kept(_), .. } => {
                let base = self.field_within(*at, field)?;
                Some((base, field.clone(), *at))
            }
            // `self.tasks.spawn(..)` on a set.
            Fate::Owned if task.handle == Handle::Owned => {
                let Expr::MethodCall { receiver, .. } = self.file(task.site.file)[task.site.id] else { return None };
                let receiver = task.site.with(receiver);
                let (base, field) = self.field_below(receiver)?;
                Some((base, field, self.span(receiver)))
            }
            _ => None,
        }
    }

    /// What stands before the dot of `x.field` within a place, or behind the local that the place names:
    /// `let mut task = x.field.lock(); *task = Some(..);`.
    fn field_within(&self, at: Span, field: &str) -> Option<ExprRef> {
        let named = self.fields_named(field).iter().find_map(|used| {
            let span = self.span(*used);
            let Expr::Field { base, .. } = self.file(used.file)[used.id] else { return None };
            (span.file == at.file && at.range.contains(span.range)).then(|| used.with(base))
        });
        named.or_else(|| {
            let (base, found) = self.field_below(self.expr_at(at, |expr| matches!(expr, Expr::Unary { .. }))?)?;
            (found == field).then_some(base)
        })
    }

    /// The call that wraps a handle into what ends the task when it is dropped.
    pub(super) fn guard_around(&self, handle: ExprRef) -> Option<ExprRef> {
        let parents = self.parents(handle.file);
        let file = self.file(handle.file);
        let mut named = vec![handle.id];
        if let Some(Expr::Local { pat, .. }) = parents.parent(handle.id).map(|at| file[at])
            && let Some(place) = self.place(handle)
        {
            named.extend(self.body(place).uses(pat));
        }
        named.into_iter().find_map(|used| {
            let around = parents
                .ancestors(used)
                .take_while(|at| matches!(file[*at], Expr::Call { .. } | Expr::MethodCall { .. }));
            let ends = |at: &crate::facts::ExprId| {
                let ty = self.type_of(&Value::bare(handle.with(*at)));
                self.ends_task_on_drop(&ty).is_some()
            };
            around.into_iter().find(ends).map(|at| handle.with(at))
        })
    }

    /// Where a field's task is ended by the drop of its owner, if nothing else in the workspace ends it.
    fn ended_only_by_drop(&self, owner: TypeRef, field: &str) -> Option<Span> {
        let declared = self.declared_field(owner, field)?;
        let by_type = self.ends_task_on_drop(&self.declared_type(owner, declared)).is_some();
        let by_drop = self.drop_functions(owner);
        let mut ended_by = by_type.then(|| declared.range.in_file(owner.file));
        for used in self.field_acts(owner, field) {
            let is_in_drop = used.by.is_some_and(|by| self.runs_only_in_drop(by, &by_drop));
            match used.act {
                Act::Looks | Act::Replaces => {}
                act if is_in_drop && act.keeps() => {
                    ended_by.get_or_insert(used.at);
                }
                _ if is_in_drop => {}
                // Of a guard, letting go is ending.
                Act::Clears if !by_type => {}
                // Somebody ends it, gives it away, or cannot be followed; a method that nobody calls does nothing.
                _ if used.by.is_none_or(|by| self.may_run(by)) => return None,
                _ => {}
            }
        }
        let item = &self.file(owner.file)[owner.id];
        let is_open = item.visibility == Public && declared.visibility == Public && self.is_library(owner.file);
        ended_by.filter(|_| !is_open)
    }
}
