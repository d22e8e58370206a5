//! How long a duration, and how large a number, is at most: a backoff whose attempts nobody counts has a cap.

use super::{
    Resolve, Value,
    consts::{Measure, duration_call, written},
    names::Def,
};
use crate::{
    catalogue::{self, Arithmetic, Does},
    facts::{BinaryOp, BlockKind, Expr, ExprId},
};
use std::{iter::once, time::Duration};

impl Resolve {
    /// What a duration cannot be longer than, if the text shows that.
    pub(crate) fn longest(&self, value: &Value) -> Option<Duration> {
        let seconds = self.most(value, Measure::MostSeconds)?;
        Some(Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX))
    }

    /// What a value of that measure cannot be larger than.
    pub(super) fn most(&self, value: &Value, measure: Measure) -> Option<f64> {
        self.steps.step();
        let exact = match measure {
            Measure::MostSeconds => self.seconds(value),
            _ => self.number(value),
        };
        if exact.is_some() {
            return exact;
        }
        let file = self.file(value.expr.file);
        let go = |expr: ExprId| self.most(&value.at(expr), measure);
        let number = |expr: ExprId| self.most(&value.at(expr), Measure::MostOf);
        match self.expr(value) {
            Expr::Binary { op, lhs, rhs } => match op {
                BinaryOp::Add => Some(go(lhs)? + go(rhs)?),
                BinaryOp::Sub => go(lhs),
                BinaryOp::Mul if measure == Measure::MostSeconds => match go(lhs) {
                    Some(duration) => Some(duration * number(rhs)?),
                    None => Some(number(lhs)? * go(rhs)?),
                },
                BinaryOp::Mul => Some(go(lhs)? * go(rhs)?),
                BinaryOp::Div => Some(go(lhs)? / self.number(&value.at(rhs)).unwrap_or(1.0)),
                BinaryOp::Rem => go(rhs),
                BinaryOp::Shl => Some(go(lhs)? * 2f64.powf(number(rhs)?)),
                _ => None,
            },
            Expr::MethodCall { receiver, method, args, .. } => {
                let args: Vec<ExprId> = file.list(args).collect();
                self.most_of_method(value, (receiver, &file[method], &args), measure)
            }
            Expr::Call { callee, args } => {
                let args: Vec<ExprId> = file.list(args).collect();
                match self.callee(value.expr.with(callee)) {
                    Def::Fn(_) => self.most_of_result(value, measure),
                    Def::External(path) if path.ends_with("::cmp::min") => {
                        args.into_iter().filter_map(go).reduce(f64::min)
                    }
                    Def::External(path) if measure == Measure::MostSeconds => duration_call(&path, &args, &number),
                    // `u64::from(x)`
                    Def::External(path) if path.ends_with("::from") => go(*args.first()?),
                    Def::Unknown if measure == Measure::MostSeconds => {
                        duration_call(&written(file, callee)?, &args, &number)
                    }
                    _ => None,
                }
            }
            Expr::Path(_) => self.named_constant(value, measure),
            Expr::If { then, otherwise, .. } => Some(go(then)?.max(go(otherwise?)?)),
            Expr::Match { arms, .. } => largest(file.list(arms).map(|arm| go(file[arm].body))),
            Expr::Block { kind: BlockKind::Plain, stmts, has_tail: true, .. } => go(file.list(stmts).next_back()?),
            Expr::Cast { expr, .. } | Expr::Ref { expr, .. } | Expr::Unary { expr, .. } | Expr::Try(expr) => go(expr),
            _ => None,
        }
    }

    fn most_of_method(
        &self,
        value: &Value,
        (receiver, method, args): (ExprId, &str, &[ExprId]),
        measure: Measure,
    ) -> Option<f64> {
        let file = self.file(value.expr.file);
        let go = |expr: ExprId| self.most(&value.at(expr), measure);
        let number = |expr: ExprId| self.most(&value.at(expr), Measure::MostOf);
        if catalogue::method(method).does_any(&[Does::Unwraps, Does::Converts, Does::Clones]) {
            return go(receiver);
        }
        if let Some(unit) = catalogue::number_unit(method) {
            return Some(number(receiver)? * unit);
        }
        let first = args.first().copied();
        match catalogue::arithmetic(method) {
            Some(Arithmetic::Add) => Some(go(receiver)? + go(first?)?),
            Some(Arithmetic::Sub) => go(receiver),
            Some(Arithmetic::Mul) => Some(go(receiver)? * number(first?)?),
            Some(Arithmetic::Div) => Some(go(receiver)? / self.number(&value.at(first?)).unwrap_or(1.0)),
            // One bound is enough.
            Some(Arithmetic::Min) => once(receiver).chain(first).filter_map(go).reduce(f64::min),
            Some(Arithmetic::Max) => Some(go(receiver)?.max(go(first?)?)),
            Some(Arithmetic::Clamp) => go(*args.get(1)?),
            Some(Arithmetic::Draw) => match file[first?] {
                Expr::Range { end: Some(end), .. } => go(end),
                _ => None,
            },
            Some(Arithmetic::Power) => Some(go(receiver)?.powf(number(first?)?)),
            None => self.most_of_result(value, measure),
        }
    }

    /// What a function of the workspace gives at most, whichever way it is left.
    fn most_of_result(&self, call: &Value, measure: Measure) -> Option<f64> {
        let function = self.called_fn(call)?;
        let body = self.function(function).body?;
        self.memo.constants.get(
            (call.key(), measure),
            || None,
            || {
                let body = Value { expr: function.with(body), frame: self.enter(call, function) };
                let returns = self.ways_out(body.expr);
                let early = returns.returns.iter().map(|at| match self.file(at.file)[at.id] {
                    Expr::Return(Some(given)) => self.most(&body.at(given), measure),
                    _ => None,
                });
                let is_left_early_only = matches!(self.expr(&body), Expr::Block { has_tail: false, .. });
                let last = (!is_left_early_only).then(|| self.most(&body, measure));
                largest(early.chain(last))
            },
        )
    }
}

/// The largest of some, if all are known.
fn largest(all: impl IntoIterator<Item = Option<f64>>) -> Option<f64> {
    all.into_iter().reduce(|a, b| Some(a?.max(b?))).flatten()
}
