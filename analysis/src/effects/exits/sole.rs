//! Whether an exit opens by its sign alone: by the close of a channel, and not by a message, a full queue or a timer.

use super::{Scan, is_failure, is_refutable};
use crate::{
    catalogue::{self, Does, Variant, Wait},
    effects::{Effects, ExprRef, Origin, Type, Value},
    facts::{Expr, ExprId, Pat, PatId, UnaryOp},
};

impl Scan<'_> {
    /// Whether the exit at `id` opens by nothing but the sign that `source` gives.
    pub(super) fn is_sole(&self, id: ExprId, source: ExprRef) -> bool {
        let file = self.file();
        let program = self.program;
        let here = |expr: ExprId| self.looped.expr.with(expr);
        let opens = |found: Option<ExprRef>| found == Some(source);
        match file[id] {
            Expr::Try(inner) if opens(program.failing(here(inner))) => return true,
            _ if opens(program.failing_iterator(self.looped.expr, id)) => return true,
            _ => {}
        }
        let parents = program.parents(self.looped.expr.file);
        let mut child = id;
        for at in parents.ancestors(id) {
            let sign = match file[at] {
                Expr::While { cond, .. } if cond == child => program.sign_of(here(cond), false),
                Expr::If { cond, then, .. } if cond != child => program.sign_of(here(cond), then == child),
                Expr::Match { scrutinee, arms } if scrutinee != child => {
                    let arm = file.list(arms).find(|arm| file[*arm].body == child);
                    let fails = arm.is_some_and(|arm| program.is_close(here(scrutinee), file[arm].pat));
                    fails.then(|| program.failing(here(scrutinee))).flatten()
                }
                Expr::Local { pat, init: Some(init), otherwise, .. } if otherwise == Some(child) => {
                    program.takes_all_else(here(init), pat).then(|| program.failing(here(init))).flatten()
                }
                Expr::Select(call) => {
                    let arm = file.list(file[call].arms).find(|arm| file[*arm].body == child);
                    arm.and_then(|arm| {
                        let (pat, future) = (file[arm].pat, here(file[arm].future?));
                        let found = program.failing(future)?;
                        (program.never_brings(future) || program.is_close(future, pat)).then_some(found)
                    })
                }
                _ => None,
            };
            if opens(sign) {
                return true;
            }
            if at == self.looped.expr.id {
                break;
            }
            child = at;
        }
        false
    }
}

impl Effects {
    /// What gives the sign without which a condition does not become `wanted`.
    fn sign_of(&self, cond: ExprRef, wanted: bool) -> Option<ExprRef> {
        let file = self.file(cond.file);
        match file[cond.id] {
            Expr::Let { pat, expr } => {
                let expr = cond.with(expr);
                let fails = if wanted { self.is_close(expr, pat) } else { self.takes_all_else(expr, pat) };
                fails.then(|| self.failing(expr)).flatten()
            }
            Expr::Unary { op: UnaryOp::Not, expr } => self.sign_of(cond.with(expr), !wanted),
            Expr::MethodCall { receiver, method, .. } => {
                let known = catalogue::method(&file[method]);
                match known.asks_failure() {
                    Some(asks) => (asks == wanted).then(|| self.failing(cond.with(receiver))).flatten(),
                    None => (wanted && known.does(Does::TellsClosed) && self.called_fn(&Value::bare(cond)).is_none())
                        .then(|| cond.with(receiver)),
                }
            }
            Expr::Path(_) => match self.local(cond)? {
                (pat, binding) if binding.root == pat.id => match binding.origin {
                    Origin::Value(init) => self.sign_of(cond.with(init), wanted),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }

    /// What gives the sign without which a value is no failure, or a wait does not come back.
    fn failing(&self, expr: ExprRef) -> Option<ExprRef> {
        let file = self.file(expr.file);
        match file[expr.id] {
            Expr::Await(inner) | Expr::Ref { expr: inner, .. } => self.failing(expr.with(inner)),
            Expr::MethodCall { receiver, method, .. } => {
                let value = Value::bare(expr);
                if self.called_fn(&value).is_some() {
                    return None;
                }
                let known = catalogue::method(&file[method]);
                let is_send = known.does(Does::Sends) && !known.does(Does::FailsWhenFull);
                let is_wait = matches!(self.wait_of_method(&value), Some((Wait::Recv | Wait::Token | Wait::Closed, _)));
                match known {
                    _ if is_send || is_wait || known.does(Does::Upgrades) => Some(expr.with(receiver)),
                    _ if known.does(Does::FailsAlike) => self.failing(expr.with(receiver)),
                    _ => None,
                }
            }
            Expr::Path(_) => match self.local(expr)? {
                (pat, binding) if binding.root == pat.id => match binding.origin {
                    Origin::Value(init) | Origin::Output(init) => self.failing(expr.with(init)),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }

    /// The receiver that a `for` goes over.
    fn failing_iterator(&self, looped: ExprRef, id: ExprId) -> Option<ExprRef> {
        let Expr::For { iter, is_await: false, .. } = self.file(looped.file)[looped.id] else { return None };
        let ty: Type = self.type_of(&Value::bare(looped.with(iter)));
        (iter == id && super::causes::is_receiver(&ty)).then(|| looped.with(iter))
    }

    /// Whether a wait comes back for its sign alone, whatever it gives: `token.cancelled()`, `tx.closed()`.
    fn never_brings(&self, future: ExprRef) -> bool {
        matches!(self.wait_of_method(&Value::bare(future)), Some((Wait::Token | Wait::Closed, _)))
    }

    /// Whether a pattern takes only what a closed channel gives.
    fn is_close(&self, of: ExprRef, pat: PatId) -> bool {
        let file = self.file(of.file);
        match file[pat] {
            Pat::TupleStruct { path, pats } => {
                let is_later = |inner: PatId| match file[inner] {
                    Pat::TupleStruct { path, .. } | Pat::Path(path) | Pat::Struct { path, .. } => {
                        catalogue::variant(file.last_segment(path)) == Some(Variant::NotNow)
                    }
                    _ => false,
                };
                catalogue::variant(file.last_segment(path)) == Some(Variant::Err)
                    && !file.at(pats, 0).is_some_and(is_later)
            }
            _ => is_failure(file, pat),
        }
    }

    /// Whether a pattern takes all but what a closed channel gives.
    fn takes_all_else(&self, of: ExprRef, pat: PatId) -> bool {
        let file = self.file(of.file);
        match file[pat] {
            Pat::TupleStruct { path, pats } => {
                catalogue::variant(file.last_segment(path)).is_some_and(Variant::is_success)
                    && !file.at(pats, 0).is_some_and(|inner| is_refutable(file, inner))
            }
            _ => false,
        }
    }
}
