//! Cancellation tokens, and whether anybody cancels them.
//!
//! A token is followed from where a task waits for it back to where it is made, and from there forwards to
//! everything that is done with it: through lets, clones, fields, statics, parameters and results, in whatever
//! file they stand. It is dead if all of that is seen and nothing cancels it. Whatever is not understood may.

mod back;
mod forward;

use crate::{
    catalogue::{self, Does, Function, Method},
    effects::{ConstRef, Dead, DeadCause, Effects, ExprRef, FnRef, PatRef, Place, TypeRef, Value},
    span::Span,
};
use rustc_hash::FxHashSet;

/// Whether a method only listens to a token. A child can be cancelled alone, which says nothing to its parent.
fn listens(method: Method) -> bool {
    method.does_any(&[Does::Listens, Does::UntilCancelled, Does::AsksState])
}

/// Where a token can stand.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::effects) enum Spot {
    /// A binding of a body.
    Local(PatRef, Place),
    /// A field of a type; of an enum with the variant before its name.
    Field(TypeRef, String),
    /// A static.
    Static(ConstRef),
    /// What a function gives back.
    Result(FnRef),
}

/// Why a token is given up: it is cancelled, or it may be.
struct MayBeCancelled;
type Seen = Result<(), MayBeCancelled>;

struct Trace<'a> {
    program: &'a Effects,
    /// Spots whose uses are seen.
    used: FxHashSet<Spot>,
    /// Values and fields whose origins are seen, and calls whose arguments are.
    asked: FxHashSet<(ExprRef, Option<u32>)>,
    fields: FxHashSet<(TypeRef, String)>,
    calls: FxHashSet<ExprRef>,
    made: Option<Span>,
    /// What is cancelled in there is not: it comes too late.
    late: Option<Late>,
}

/// What a task does behind a wait, if it ever gets there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Late {
    /// The task.
    pub(super) task: Span,
    /// What it waits for first.
    pub(super) behind: Span,
}

impl Late {
    fn has(self, place: Span) -> bool {
        let is_in_task = place.file == self.task.file && self.task.range.contains(place.range);
        is_in_task && self.behind.file == place.file && self.behind.range.end <= place.range.start
    }
}

impl Effects {
    /// Why nobody cancels the token that a task waits for, if the text proves it.
    pub(super) fn dead_token(&self, source: &Value) -> Option<Dead> {
        self.uncancelled(source, None)
    }

    /// Why nobody cancels it before a task has waited for something else.
    pub(super) fn cancelled_late(&self, source: &Value, late: Late) -> Option<Dead> {
        let dead = self.uncancelled(source, Some(late))?;
        let why = "only the other task cancels the token, after that task's own wait has ended".to_owned();
        Some(Dead { why, at: Some(late.task), ..dead })
    }

    fn uncancelled(&self, source: &Value, late: Option<Late>) -> Option<Dead> {
        let mut trace = Trace {
            program: self,
            used: FxHashSet::default(),
            asked: FxHashSet::default(),
            fields: FxHashSet::default(),
            calls: FxHashSet::default(),
            made: None,
            late,
        };
        trace.back(source).ok()?;
        if late.is_none() {
            // All that is done with these is seen.
            self.memo.tokens.borrow_mut().extend(trace.used.drain().map(|spot| (spot, false)));
        }
        let at = trace.made?;
        let why = format!("nothing ever cancels `{}`", self.text_of(source.expr));
        Some(Dead { cause: DeadCause::NeverCancelled, why, at: Some(at), is_silent: false })
    }
}

/// Functions of the libraries that give what they are given, in a wrapper or not.
fn hands_on(path: &str) -> bool {
    catalogue::function(path).is_some_and(|known| known.holds() || known.gives_same() || known == Function::Defers)
}
