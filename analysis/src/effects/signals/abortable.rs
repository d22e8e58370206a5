//! Futures that an abort handle ends, and whether somebody has that handle.

use super::{Dead, DeadCause};
use crate::{
    effects::{Def, Effects, Fate, FieldUse, Origin, PatRef, Value},
    facts::{Expr, ExprId, Pat, PatId},
    flow::Steps,
    span::Span,
};

impl Effects {
    /// Why nobody aborts an `Abortable`: given the call of `Abortable::new`, or the future of `abortable(..)`.
    pub(crate) fn dead_abort(&self, value: &Value) -> Option<(Dead, Span)> {
        let (made, handle) = match self.expr(value) {
            Expr::Call { args, .. } => {
                let registration = self.file(value.expr.file).at(args, 1)?;
                self.pair_of(&value.at(registration), "futures::future::AbortHandle::new_pair", 0)?
            }
            _ => self.pair_of(value, "futures::future::abortable", 1)?,
        };
        let fate = self.pattern_use(made.expr, handle, false, Steps::NONE);
        let is_lost = match &fate {
            None => true,
            Some(fate) => fate.is_dropped() || matches!(fate, Fate::Stored { use_: FieldUse::Nothing, .. }),
        };
        let at = self.file(handle.file).pat_range(handle.id).in_file(handle.file);
        let why = "the abort handle is only dropped, which aborts nothing".to_owned();
        is_lost.then_some((Dead { cause: DeadCause::NeverAborted, why, at: Some(at), is_silent: false }, at))
    }

    /// Of a value that is one of a pair: the call that made the pair, and the pattern of the other one.
    pub(crate) fn pair_of(&self, half: &Value, made_by: &str, other: usize) -> Option<(Value, PatRef)> {
        let (root, at) = self.root_binding(half)?;
        let binding = *self.body(self.place(at.expr)?).bindings.get(&root.id)?;
        let file = self.file(root.file);
        let Origin::Value(init) = binding.origin else { return None };
        let (Pat::Tuple(pats), Expr::Call { callee, .. }) = (file[binding.root], file[init]) else { return None };
        let Def::External(path) = self.callee(root.with(callee)) else { return None };
        let other: PatId = file.at(pats, other)?;
        (&*path == made_by).then(|| (at.at(init), root.with(other)))
    }

    /// The future inside of `let (work, stop) = abortable(..);`, given `work`.
    pub(crate) fn inside_abortable(&self, value: &Value) -> Option<Value> {
        let (made, _) = self.pair_of(value, "futures::future::abortable", 1)?;
        let Expr::Call { args, .. } = self.expr(&made) else { return None };
        let inner: ExprId = self.file(made.expr.file).at(args, 0)?;
        Some(made.at(inner))
    }
}
