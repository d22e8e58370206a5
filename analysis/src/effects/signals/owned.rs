//! Signs that nobody but the drop of an owner gives, which the task itself keeps alive.

use super::{Dead, DeadCause};
use crate::{
    effects::{Act, Effects, ExprRef, FnRef, Type, Value},
    facts::{Expr, Visibility::Public},
};

impl Effects {
    /// Whether a function is a `drop`, or a method that nobody but one calls.
    pub(crate) fn runs_only_in_drop(&self, function: FnRef, by_drop: &[FnRef]) -> bool {
        let calls_it = |call: &ExprRef| self.enclosing_fn(*call).is_some_and(|by| by_drop.contains(&by));
        self.is_drop_function(function)
            || (by_drop.contains(&function)
                && !self.is_public_api(function)
                && self.value_uses(function).is_empty()
                && self.callers(function).iter().all(calls_it))
    }

    /// A token in a field of an owner that the task keeps alive, cancelled by nothing but that owner's drop.
    pub(super) fn cancelled_only_by_owner(&self, source: &Value, task: ExprRef) -> Option<Dead> {
        let origin = self.made(source);
        let Expr::Field { base, name } = self.expr(&origin) else { return None };
        let field = self.file(origin.expr.file)[name].to_owned();
        let base = origin.at(base);
        let Type::Item(owner, _) = self.type_of(&base).innermost() else { return None };
        let by_drop = self.drop_functions(owner);
        let own = self.span(origin.expr);
        let mut cancelled_at = None;
        for used in self.field_acts(owner, &field).into_iter().filter(|used| used.at != own) {
            match used.act {
                Act::Looks => {}
                Act::Signals if used.by.is_some_and(|by| self.runs_only_in_drop(by, &by_drop)) => {
                    cancelled_at = Some(used.at)
                }
                _ => return None,
            }
        }
        cancelled_at?;
        let declared = self.declared_field(owner, &field)?;
        if declared.visibility == Public && self.is_library(owner.file) {
            return None;
        }
        // A token that was made elsewhere may be cancelled there.
        let inits = self.inits_of(owner, &field);
        let is_new = |init: &ExprRef| {
            let made = self.origin(&Value::bare(*init));
            matches!(self.expr(&made), Expr::Call { args, .. } if args.len == 0)
        };
        if inits.is_empty() || !inits.iter().all(is_new) {
            return None;
        }
        let path = self.access_path(&base)?;
        let taken = self.takes(&path, task).filter(|taken| self.shares(*taken, &path))?;
        let name = self.text_of(self.without_clone(taken));
        let why = format!("only dropping `{name}` cancels the token, and the task itself keeps `{name}` alive");
        Some(Dead { cause: DeadCause::SharedOwner, why, at: Some(self.span(taken)), is_silent: true })
    }
}
