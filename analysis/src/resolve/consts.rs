//! Constants: integers, floats and durations, through `const`, `static`, immutable `let` and arithmetic.

use super::{ConstRef, Place, Resolve, Type, Value, names::Def};
use crate::{
    catalogue::{self, Arithmetic, Does, canonical},
    facts::{BinaryOp, Expr, ExprId, FileSummary, Lit},
};
use std::time::Duration;

/// A duration that is as good as endless: the runtimes clamp or ignore it.
pub(crate) const FOREVER: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

/// What a constant is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Measure {
    Seconds,
    Number,
    /// Not more seconds than that.
    MostSeconds,
    /// Not more than that.
    MostOf,
}

impl Resolve {
    /// The value of a duration, or `None` if the text does not show it. Overflowing ones are as good as endless, 30 years.
    pub fn duration(&self, value: &Value) -> Option<Duration> {
        self.seconds(value).map(|seconds| {
            let bounded = seconds.max(0.0).min(FOREVER.as_secs_f64());
            Duration::from_secs_f64(bounded)
        })
    }

    /// The longest duration that the workspace's own struct literals give to a field, tests left out:
    /// an estimate for a setting. `None` if none can be told.
    pub(crate) fn usual_duration(&self, value: &Value) -> Option<Duration> {
        let origin = self.origin(value);
        let Expr::Field { base, name } = self.expr(&origin) else { return self.passed_duration(value) };
        let Type::Item(owner, _) = self.type_of(&origin.at(base)).pointee() else { return None };
        let inits = self.inits_of(owner, &self.file(origin.expr.file)[name]);
        inits.into_iter().filter_map(|init| self.duration(&Value::bare(init))).max()
    }

    /// The longest duration that callers in the workspace pass, where the duration hangs on a parameter.
    fn passed_duration(&self, value: &Value) -> Option<Duration> {
        let function = self.enclosing_fn(value.expr).filter(|_| value.frame.is_none())?;
        let calls = self.callers(function).into_iter().map(Value::bare);
        let passed = calls.filter_map(|call| {
            let frame = self.enter(&call, function);
            self.duration(&Value { expr: value.expr, frame })
        });
        passed.max()
    }

    /// How far from now a deadline lies: `Instant::now() + d`.
    pub fn deadline(&self, value: &Value) -> Option<Duration> {
        let value = self.origin(value);
        let file = self.file(value.expr.file);
        match self.expr(&value) {
            Expr::Binary { op: BinaryOp::Add, lhs, rhs } if self.is_now(&value.at(lhs)) => {
                self.duration(&value.at(rhs))
            }
            Expr::MethodCall { receiver, method, args, .. } => match &file[method] {
                method if catalogue::method(method).does_any(&[Does::Unwraps, Does::Converts]) => {
                    self.deadline(&value.at(receiver))
                }
                method
                    if catalogue::arithmetic(method) == Some(Arithmetic::Add) && self.is_now(&value.at(receiver)) =>
                {
                    file.at(args, 0).and_then(|arg| self.duration(&value.at(arg)))
                }
                _ => None,
            },
            Expr::Call { args, .. } => file.at(args, 0).and_then(|arg| self.deadline(&value.at(arg))),
            _ => None,
        }
    }

    fn is_now(&self, value: &Value) -> bool {
        let value = self.origin(value);
        match self.expr(&value) {
            Expr::Call { callee, .. } => match self.callee(value.expr.with(callee)) {
                Def::External(path) => path.ends_with("Instant::now"),
                _ => false,
            },
            _ => false,
        }
    }

    /// The value that a constant, a `let` or a parameter stands for.
    fn constant(&self, value: &Value) -> Option<Value> {
        let origin = self.origin(value);
        if origin.expr != value.expr {
            return Some(origin);
        }
        let Expr::Path(path) = self.expr(value) else { return None };
        if self.local(value.expr).is_some() {
            return None;
        }
        let place = self.place(value.expr)?;
        match self.resolve_in(value.expr.file, place, path) {
            Def::Const(item) => self.const_value(item),
            _ => None,
        }
    }

    fn const_value(&self, item: ConstRef) -> Option<Value> {
        let init = self.file(item.file).consts[item.index as usize].init?;
        Some(Value::bare(super::At::new(item.file, init)))
    }

    /// What a name stands for. Constants that are made of one another have no value.
    pub(super) fn named_constant(&self, value: &Value, measure: Measure) -> Option<f64> {
        let find = || {
            let constant = self.constant(value)?;
            match measure {
                Measure::Seconds => self.seconds(&constant),
                Measure::Number => self.number(&constant),
                Measure::MostSeconds | Measure::MostOf => self.most(&constant, measure),
            }
        };
        self.memo.constants.get((value.key(), measure), || None, find)
    }

    pub(super) fn seconds(&self, value: &Value) -> Option<f64> {
        self.steps.step();
        let file = self.file(value.expr.file);
        let go = |expr: ExprId| self.seconds(&value.at(expr));
        let number = |expr: ExprId| self.number(&value.at(expr));
        match self.expr(value) {
            Expr::Binary { op, lhs, rhs } => match op {
                BinaryOp::Add => Some(go(lhs)? + go(rhs)?),
                BinaryOp::Sub => Some((go(lhs)? - go(rhs)?).max(0.0)),
                BinaryOp::Mul => match go(lhs) {
                    Some(duration) => Some(duration * number(rhs)?),
                    None => Some(number(lhs)? * go(rhs)?),
                },
                BinaryOp::Div => Some(go(lhs)? / number(rhs)?),
                _ => None,
            },
            Expr::MethodCall { receiver, method, args, .. } => {
                let first = file.at(args, 0);
                let method = &file[method];
                if catalogue::method(method).does_any(&[Does::Unwraps, Does::Converts, Does::Clones]) {
                    return go(receiver);
                }
                if let Some(unit) = catalogue::number_unit(method) {
                    return Some(number(receiver)? * unit);
                }
                let arg = first?;
                Some(match catalogue::arithmetic(method)? {
                    Arithmetic::Add => go(receiver)? + go(arg)?,
                    Arithmetic::Sub => (go(receiver)? - go(arg)?).max(0.0),
                    Arithmetic::Mul => go(receiver)? * number(arg)?,
                    Arithmetic::Div => go(receiver)? / number(arg)?,
                    Arithmetic::Min => go(receiver)?.min(go(arg)?),
                    Arithmetic::Max => go(receiver)?.max(go(arg)?),
                    Arithmetic::Clamp | Arithmetic::Draw | Arithmetic::Power => return None,
                })
            }
            Expr::Call { callee, args } => {
                let path = match self.callee(value.expr.with(callee)) {
                    Def::External(path) => path.to_string(),
                    // `use std::time::Duration` may be missing from the text (macros, preludes):
                    // a type of that name which nobody else defines is the standard one.
                    Def::Unknown => written(file, callee)?,
                    _ => return None,
                };
                let args: Vec<ExprId> = file.list(args).collect();
                duration_call(&path, &args, &number)
            }
            Expr::Path(path) => {
                let name = file.path_text(path);
                match name.rsplit_once("::") {
                    Some((owner, "MAX")) if owner.ends_with("Duration") => Some(FOREVER.as_secs_f64()),
                    Some((owner, "ZERO")) if owner.ends_with("Duration") => Some(0.0),
                    _ => self.named_constant(value, Measure::Seconds),
                }
            }
            Expr::Ref { .. } | Expr::Block { .. } | Expr::Cast { .. } | Expr::Unary { .. } => {
                let origin = self.origin(value);
                (origin.expr != value.expr).then(|| self.seconds(&origin)).flatten()
            }
            Expr::Try(inner) => go(inner),
            _ => None,
        }
    }

    pub(super) fn number(&self, value: &Value) -> Option<f64> {
        self.steps.step();
        let file = self.file(value.expr.file);
        let go = |expr: ExprId| self.number(&value.at(expr));
        match self.expr(value) {
            Expr::Lit(Lit::Int(found)) => found.map(|it| it as f64),
            Expr::Lit(Lit::Float(text)) => file[text].parse().ok(),
            Expr::Binary { op, lhs, rhs } => {
                let (a, b) = (go(lhs)?, go(rhs)?);
                Some(match op {
                    BinaryOp::Add => a + b,
                    BinaryOp::Sub => a - b,
                    BinaryOp::Mul => a * b,
                    BinaryOp::Div if b != 0.0 => (a / b).trunc(),
                    BinaryOp::Rem if b != 0.0 => a % b,
                    BinaryOp::Shl => a * 2f64.powf(b),
                    BinaryOp::Shr => (a / 2f64.powf(b)).trunc(),
                    _ => return None,
                })
            }
            Expr::MethodCall { receiver, method, args, .. } if &file[method] == "pow" => {
                Some(go(receiver)?.powf(go(file.at(args, 0)?)?))
            }
            Expr::MethodCall { receiver, method, .. }
                if catalogue::method(&file[method]).does_any(&[Does::Converts, Does::Clones]) =>
            {
                go(receiver)
            }
            Expr::Call { args, .. } if args.len == 1 => {
                // `u64::from(x)`.
                let is_from = self.call_name(value.expr).is_some_and(|name| name.ends_with("::from"));
                if is_from { go(file.at(args, 0)?) } else { None }
            }
            Expr::Path(path) => match catalogue::is_largest_number(&file.path_text(path)) {
                true => Some(FOREVER.as_secs_f64()),
                false => self.named_constant(value, Measure::Number),
            },
            Expr::Cast { expr, .. } => go(expr),
            Expr::Ref { .. } | Expr::Block { .. } | Expr::Unary { .. } => {
                let origin = self.origin(value);
                (origin.expr != value.expr).then(|| self.number(&origin)).flatten()
            }
            _ => None,
        }
    }

    /// How an expression reads, for messages: paths, fields and calls without arguments.
    pub(crate) fn text_of(&self, expr: super::ExprRef) -> String {
        let file = self.file(expr.file);
        match file[expr.id] {
            Expr::Path(path) => file.path_text(path),
            Expr::Field { base, name } => format!("{}.{}", self.text_of(expr.with(base)), &file[name]),
            Expr::MethodCall { receiver, method, .. } => {
                format!("{}.{}()", self.text_of(expr.with(receiver)), &file[method])
            }
            Expr::Call { callee, args } => {
                let args: Vec<String> = file.list(args).map(|arg| self.text_of(expr.with(arg))).collect();
                format!("{}({})", self.text_of(expr.with(callee)), args.join(", "))
            }
            Expr::Ref { expr: inner, .. } | Expr::Unary { expr: inner, .. } | Expr::Cast { expr: inner, .. } => {
                self.text_of(expr.with(inner))
            }
            Expr::Lit(Lit::Int(Some(number))) => number.to_string(),
            _ => "..".to_owned(),
        }
    }

    /// The name of a function with that of its type: `Session::start`.
    pub fn qualified_name(&self, function: super::FnRef) -> String {
        let name = self.function_name(function);
        match self.self_def(Place::Fn(function)) {
            Some(Def::Type(item)) => {
                let file = self.file(item.file);
                format!("{}::{name}", &file[file[item.id].name])
            }
            _ => name.to_owned(),
        }
    }

    /// Name of a type.
    pub fn type_name(&self, item: super::TypeRef) -> &str {
        let file = self.file(item.file);
        &file[file[item.id].name]
    }

    /// The name of the function or constant around a place, for messages: `start`, `Session::start`.
    pub fn place_name(&self, place: Place) -> String {
        match place {
            Place::Fn(function) => self.qualified_name(function),
            Place::Const(item) => {
                let file = self.file(item.file);
                file[file.consts[item.index as usize].name].to_owned()
            }
        }
    }
}

pub(super) fn written(file: &FileSummary, callee: ExprId) -> Option<String> {
    let Expr::Path(path) = file[callee] else { return None };
    let text = canonical(&file.path_text(path));
    text.starts_with("Duration::").then(|| format!("std::time::{text}"))
}

pub(super) fn duration_call(path: &str, args: &[ExprId], number: &dyn Fn(ExprId) -> Option<f64>) -> Option<f64> {
    let (owner, name) = path.rsplit_once("::")?;
    if !owner.ends_with("Duration") && !owner.ends_with("TimeDelta") {
        return None;
    }
    let first = || number(*args.first()?);
    let unit = match name.trim_start_matches("try_") {
        "default" if args.is_empty() => return Some(0.0),
        "new" => return Some(first()? + number(*args.get(1)?)? * 1e-9),
        _ => catalogue::constructor_unit(name)?,
    };
    Some(first()? * unit)
}
