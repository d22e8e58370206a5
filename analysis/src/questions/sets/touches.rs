//! What one use of a set does to it.

use super::is_filling;
use crate::{
    catalogue::{self, Does, Macro, Method},
    facts::{Expr, Owner, Pat, PatId},
    questions::{ExprRef, FnRef, PatRef, Place, Program, Value},
    span::Span,
};
use rustc_hash::FxHashSet;

/// What a use does to a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Touch {
    /// Puts something in.
    Fills,
    /// Takes nothing out: `len` in a log line, `abort_all`, a walk over references.
    Looks,
    /// Takes something out, or does what is not known; where.
    Other(Span),
}

/// Methods between a set and a use of it.
pub(super) fn is_guard(method: &str) -> bool {
    let known = catalogue::method(method);
    known.gives_same() || known.does(Does::Recovers)
}

/// Whether a method takes nothing out.
fn looks(method: Method) -> bool {
    method.does_any(&[Does::AbortsAll, Does::AsksContent, Does::Reserves, Does::Iterates, Does::Finds])
}

impl Program {
    /// What the code around a set does with it. `seen` are the names for it whose uses were looked at.
    pub(super) fn touch(&self, set: ExprRef, seen: &mut FxHashSet<PatRef>) -> Touch {
        let other = Touch::Other(self.span(set));
        let file = self.file(set.file);
        // A macro that names it in a format string.
        if let Expr::Macro(id) = file[set.id] {
            return match file.macro_of(id).is_some_and(only_tells) {
                true => Touch::Looks,
                false => other,
            };
        }
        let Some(parent) = self.parents(set.file).parent(set.id) else { return other };
        let outer = set.with(parent);
        match file[parent] {
            Expr::MethodCall { receiver, method, .. } if receiver == set.id => match &file[method] {
                method if is_filling(catalogue::method(method)) => Touch::Fills,
                method if looks(catalogue::method(method)) => Touch::Looks,
                method if catalogue::method(method).does(Does::Counts) => self.measured(outer),
                // A clone of a shared set is another name for it.
                "clone" => other,
                method if is_guard(method) => self.touch(outer, seen),
                _ => match self.called_fn(&Value::bare(outer)) {
                    Some(_) => other,
                    None => Touch::Other(self.span(outer)),
                },
            },
            Expr::MethodCall { args, .. } | Expr::Call { args, .. } => {
                let at = file.list(args).position(|arg| arg == set.id);
                at.map_or(other, |at| self.touch_of_argument(outer, at, seen))
            }
            Expr::Ref { .. } => match self.parents(set.file).parent(parent).map(|above| file[above]) {
                // `for task in &tasks`
                Some(Expr::For { iter, .. }) if iter == parent => Touch::Looks,
                _ => self.touch(outer, seen),
            },
            Expr::Unary { .. } | Expr::Await(_) | Expr::Try(_) => self.touch(outer, seen),
            Expr::Block { has_tail, stmts, .. } => {
                let is_value = has_tail && file.list(stmts).next_back() == Some(set.id);
                if is_value { other } else { Touch::Looks }
            }
            Expr::Macro(id) if file.macro_of(id).is_some_and(only_tells) => Touch::Looks,
            Expr::Local { pat, .. } => self.touch_of_binding(set, pat, seen),
            _ => other,
        }
    }

    /// `set.len()`: in a log line it only tells, in a condition it is a bound.
    fn measured(&self, call: ExprRef) -> Touch {
        let file = self.file(call.file);
        let parents = self.parents(call.file);
        for above in parents.ancestors(call.id) {
            match file[above] {
                Expr::Macro(id) if file.macro_of(id).is_some_and(only_tells) => return Touch::Looks,
                Expr::MethodCall { .. } | Expr::Field { .. } | Expr::Cast { .. } | Expr::Ref { .. } => {}
                Expr::Block { .. } => return Touch::Looks,
                _ => break,
            }
        }
        Touch::Other(self.span(call))
    }

    /// `let mut guard = set.lock().await;`: what is done with the guard is done with the set.
    fn touch_of_binding(&self, init: ExprRef, pat: PatId, seen: &mut FxHashSet<PatRef>) -> Touch {
        let other = Touch::Other(self.span(init));
        let file = self.file(init.file);
        let (Pat::Bind { sub: None, .. }, Some(place)) = (file[pat], self.place(init)) else { return other };
        self.worst(init.with(pat), place, seen)
    }

    fn touch_of_argument(&self, call: ExprRef, at: usize, seen: &mut FxHashSet<PatRef>) -> Touch {
        let other = Touch::Other(self.span(call));
        let Some(function) = self.called_fn(&Value::bare(call)) else { return other };
        let item = self.function(function);
        let is_path_call = matches!(self.file(call.file)[call.id], Expr::Call { .. });
        let shift = usize::from(item.self_param.is_some() && is_path_call);
        let Some(param) = at.checked_sub(shift).and_then(|at| item.params.get(at)) else { return other };
        let (Some(_), Pat::Bind { .. }) = (item.body, self.file(function.file)[param.pat]) else { return other };
        match self.worst(function.with(param.pat), Place::Fn(function), seen) {
            Touch::Other(_) => other,
            found => found,
        }
    }

    /// What is done by a name for the set; nothing more, if that was looked at before.
    fn worst(&self, name: PatRef, place: Place, seen: &mut FxHashSet<PatRef>) -> Touch {
        let mut found = Touch::Looks;
        if !seen.insert(name) {
            return found;
        }
        for used in self.body(place).uses(name.id) {
            match self.touch(name.with(*used), seen) {
                Touch::Looks => {}
                Touch::Fills => found = Touch::Fills,
                other => return other,
            }
        }
        found
    }

    /// Whether code runs only when the owner of a set is closed: in a `Drop`, in a method that takes its owner
    /// by value, or in one whose name says so and that no loop calls.
    pub(super) fn is_at_the_end(&self, expr: ExprRef) -> bool {
        let Some(function) = self.enclosing_fn(expr) else { return false };
        let item = self.function(function);
        if self.is_drop(expr) || item.self_param.is_some_and(|it| !it.is_ref && it.ty.is_none()) {
            return !self.is_in_loop_of_caller(function);
        }
        let name = self.function_name(function);
        let is_method = matches!(item.owner, Owner::Impl(_));
        let says_so = catalogue::says_end(name);
        is_method && says_so && !self.is_in_loop_of_caller(function)
    }

    fn is_in_loop_of_caller(&self, function: FnRef) -> bool {
        self.callers(function).into_iter().any(|call| self.is_in_loop(call))
    }
}

/// Whether a macro takes nothing out of what is named in it.
fn only_tells(known: Macro) -> bool {
    known.tells() || matches!(known, Macro::Writes | Macro::DebugAsserts)
}
