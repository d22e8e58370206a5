//! How a task may fail: the errors that it returns and the panics that are written in it.

use super::{FnRef, Origin, Program, Task, Type, Value};
use crate::{
    catalogue::{self, Does, Macro, Runs, Variant},
    facts::{BlockKind, Expr, ExprId},
    span::Span,
};

/// A way in which a task ends that only its handle would tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It returns an error.
    Error {
        /// The first place from which it does, or the call whose result it passes on.
        at: Span,
        /// The function that declares it, if there is one.
        function: Option<FnRef>,
    },
    /// It panics.
    Panic {
        /// `unwrap`, `expect`, `panic!`, ..
        at: Span,
        /// Its name.
        what: String,
    },
}

impl Program {
    /// How a task may fail so that only its handle would tell; `None` if no way is seen, or if it looks at its
    /// errors itself.
    pub fn failure(&self, task: &Task) -> Option<Failure> {
        match (task.runs, self.expr(&task.future)) {
            (Runs::Future, _) => self.future_failure(&task.future),
            (Runs::FutureFn, Expr::Closure { body, .. }) => self.future_failure(&task.future.at(body)),
            (Runs::Blocking, Expr::Closure { body, .. }) => self.body_failure(&task.future.at(body)),
            _ => None,
        }
    }

    fn future_failure(&self, value: &Value) -> Option<Failure> {
        self.steps.step();
        let file = self.file(value.expr.file);
        let go = |id: ExprId| self.future_failure(&value.at(id));
        match self.expr(value) {
            Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } => self.body_failure(value),
            Expr::Block { stmts, has_tail: true, .. } => file.list(stmts).next_back().and_then(go),
            Expr::Call { args, .. } => match self.called_fn(value) {
                Some(function) => self.function_failure(value, function, &mut Vec::new()),
                None => {
                    let is_pin = self.call_name(value.expr).is_some_and(|name| name.ends_with("Box::pin"));
                    file.at(args, 0).filter(|_| is_pin).and_then(go)
                }
            },
            Expr::MethodCall { receiver, method, .. } => match self.called_fn(value) {
                Some(function) => self.function_failure(value, function, &mut Vec::new()),
                // Others look at the result: `.map(log)`, `.inspect_err(..)`, `.unwrap_or_else(..)`.
                None => {
                    let passes = catalogue::method(&file[method]).does_any(&[Does::Wraps, Does::Dresses]);
                    passes.then(|| go(receiver)).flatten()
                }
            },
            Expr::Path(_) => {
                let (pat, binding) = self.local(value.expr)?;
                match binding.origin {
                    Origin::Value(init) if binding.root == pat.id => go(init),
                    Origin::Param(_) => self.future_failure(&self.passed(value, binding.root)?),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// How a call may fail. `asked` are the functions whose value is that of this call.
    fn function_failure(&self, call: &Value, function: FnRef, asked: &mut Vec<FnRef>) -> Option<Failure> {
        let item = self.function(function);
        let output = match self.return_type(function) {
            Type::Future(output) => (*output).clone(),
            // A hand-written future, or one in a box: what it gives is not known.
            _ => return None,
        };
        let body = item.body.map(|body| Value { expr: function.with(body), frame: self.enter(call, function) });
        if is_result(&output) {
            // `#[instrument(err)]` logs it.
            let is_logged = item.attrs.instrument.is_some_and(|it| it.logs_error);
            let fails = body.is_none_or(|body| !item.is_async || self.first_error(&body, asked).is_some());
            return (fails && !is_logged)
                .then(|| Failure::Error { at: self.span(call.expr), function: Some(function) });
        }
        if output == Type::Unknown {
            return None;
        }
        body.filter(|_| item.is_async).and_then(|body| self.first_panic(&body))
    }

    /// A block, or the body of a blocking closure.
    fn body_failure(&self, body: &Value) -> Option<Failure> {
        let gives_result = match self.type_of(body) {
            Type::Future(output) => is_result(&output),
            ty => is_result(&ty),
        } || self.tail(body.expr).is_some_and(|tail| self.is_outcome(&body.at(tail)));
        match gives_result {
            true => self.first_error(body, &mut Vec::new()).map(|at| Failure::Error { at, function: None }),
            false => self.first_panic(body),
        }
    }

    /// `Ok(..)`, `Err(..)`, in whatever turbofish.
    fn is_outcome(&self, value: &Value) -> bool {
        matches!(self.expr(value), Expr::Call { .. })
            && self.call_name(value.expr).is_some_and(|name| {
                let last = name.rsplit("::").find(|part| !part.starts_with('<')).unwrap_or(&name);
                catalogue::variant(last).is_some_and(Variant::is_of_result)
            })
    }

    /// The first place from which a body returns an error: a `?` whose error nobody looks at, an `Err(..)` that is
    /// returned, a result that is passed on as its value.
    fn first_error(&self, body: &Value, asked: &mut Vec<FnRef>) -> Option<Span> {
        let file = self.file(body.expr.file);
        let mut found = None;
        self.each_of_own(body, &mut |value, expr| {
            let at = match expr {
                Expr::Try(inner) if !self.is_looked_at(&value.at(inner)) => Some(value.expr.id),
                Expr::Return(Some(result)) if !self.is_success(&value.at(result)) => Some(result),
                _ => None,
            };
            found = found.or(at);
        });
        let tail = self.tail(body.expr).filter(|tail| {
            let tail = body.at(*tail);
            let gives = is_result(&self.type_of(&tail)) || self.is_outcome(&tail);
            gives && !self.is_success(&tail) && !self.is_looked_at(&tail) && !self.only_succeeds(&tail, asked)
        });
        found.or(tail).map(|at| file.range(at).in_file(body.expr.file))
    }

    /// `run().await`, where `run` is an `async fn` of the workspace that only ever says `Ok`.
    fn only_succeeds(&self, value: &Value, asked: &mut Vec<FnRef>) -> bool {
        let Expr::Await(call) = self.expr(value) else { return false };
        let call = value.at(call);
        let function = self.called_fn(&call).filter(|function| self.function(*function).is_async);
        // One that gives its own value has not been seen to say `Ok`.
        function.filter(|function| self.function(*function).body.is_some() && !asked.contains(function)).is_some_and(
            |function| {
                asked.push(function);
                self.function_failure(&call, function, asked).is_none()
            },
        )
    }

    fn is_success(&self, value: &Value) -> bool {
        self.is_outcome(value) && self.call_name(value.expr).is_some_and(|name| name.contains("Ok"))
    }

    /// Whether an error is told on its way: `.inspect_err(..)`, or a `map_err` whose closure logs.
    fn is_looked_at(&self, value: &Value) -> bool {
        let file = self.file(value.expr.file);
        let Expr::MethodCall { receiver, method, args, .. } = self.expr(value) else { return false };
        match &file[method] {
            "inspect_err" => true,
            method if catalogue::method(method).does(Does::HandlesError) => {
                file.list(args).any(|arg| self.logs(&value.at(arg)))
            }
            _ => self.is_looked_at(&value.at(receiver)),
        }
    }

    fn logs(&self, value: &Value) -> bool {
        let mut found = false;
        self.walk(value.expr, &mut |at, expr| {
            if let Expr::Macro(id) = expr {
                found |= self.file(at.file).macro_of(id).is_some_and(Macro::logs);
            }
            !found
        });
        found
    }

    /// The first panic that is written in a body.
    fn first_panic(&self, body: &Value) -> Option<Failure> {
        let file = self.file(body.expr.file);
        let mut found = None;
        self.each_of_own(body, &mut |value, expr| {
            if found.is_some() {
                return;
            }
            let what = match expr {
                Expr::MethodCall { receiver, method, args, .. } => match (&file[method], args.len) {
                    (method, 0 | 1)
                        if catalogue::method(method).does(Does::Panics) && self.may_fail(&value.at(receiver)) =>
                    {
                        Some(format!(".{method}()"))
                    }
                    _ => None,
                },
                Expr::Macro(id) => {
                    let panics = matches!(file.macro_of(id), Some(Macro::Panics | Macro::Asserts));
                    panics.then(|| format!("{}!", file.last_segment(file[id].path)))
                }
                _ => None,
            };
            found = what.map(|what| Failure::Panic { at: self.call_head(value.expr), what });
        });
        found
    }

    /// Whether an `unwrap` of a value may panic for a reason of its own: a lock is only poisoned by another panic,
    /// what is made of literals was seen when it was written, and a variable that was used before was looked at.
    fn may_fail(&self, value: &Value) -> bool {
        let file = self.file(value.expr.file);
        match self.expr(value) {
            Expr::MethodCall { method, args, receiver, .. } => match (&file[method], args.len) {
                (method, 0) if catalogue::method(method).does(Does::OnlyPoisoned) => false,
                ("parse", 0) => !matches!(self.expr(&value.at(receiver)), Expr::Lit(_)),
                (method, _) if catalogue::method(method).does(Does::AsksClock) => false,
                _ => true,
            },
            Expr::Path(_) => {
                let place = self.place(value.expr).map(|place| self.body(place));
                let (Some(body), Some((pat, _))) = (place, self.local(value.expr)) else { return true };
                !body.uses(pat.id).iter().any(|used| *used < value.expr.id)
            }
            Expr::Call { args, .. } => {
                let mut args = file.list(args);
                args.len() == 0 || !args.all(|arg| matches!(file[arg], Expr::Lit(_)))
            }
            Expr::Macro(id) => file.macro_of(id) != Some(Macro::Writes),
            _ => true,
        }
    }

    /// Calls `visit` for what runs as part of a body, closures and async blocks in it excluded.
    fn each_of_own(&self, body: &Value, visit: &mut dyn FnMut(&Value, Expr)) {
        self.walk(body.expr, &mut |at, expr| {
            let is_other = matches!(
                expr,
                Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. }
            );
            if at != body.expr && is_other {
                return false;
            }
            visit(&Value { expr: at, frame: body.frame.clone() }, expr);
            true
        });
    }
}

/// Whether a type is a result whose error can happen.
fn is_result(ty: &Type) -> bool {
    match ty {
        Type::External(path, args) => {
            path.rsplit("::").next() == Some("Result")
                && !args.get(1).is_some_and(|error| error.is("std::convert::Infallible"))
        }
        _ => false,
    }
}
