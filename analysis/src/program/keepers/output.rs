//! What a task gives when it ends, as a type that can be written down.

use crate::{
    catalogue::{self, Does, Macro},
    facts::{BlockKind, Expr, Ty, TyId},
    program::{Def, ExprRef, Program, Task, Type, Value},
    span::Span,
};

/// What a task gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// `()`.
    Unit,
    /// As it is written in this place.
    Written(Span),
}

impl Program {
    /// What a task gives, if it can be written in the file of its spawn.
    pub fn task_output(&self, task: &Task) -> Option<Output> {
        self.output_at(task, task.site)
    }

    /// The same, at the call of the library or at that of a wrapper.
    pub fn output_at(&self, task: &Task, call: ExprRef) -> Option<Output> {
        if call != task.site {
            return self.output_of(self.future_argument(call)?, 0);
        }
        // A wrapper that says what it gives.
        if let Type::External(path, args) = self.type_of(&Value::bare(task.site))
            && &*path == "tokio::task::JoinHandle"
            && args.first().is_some_and(is_unit)
        {
            return Some(Output::Unit);
        }
        if !task.is_direct() {
            let argument = self.future_argument(task.site)?;
            return self.output_of(argument, 0);
        }
        self.output_of(task.future.expr, 0)
    }

    fn output_of(&self, future: ExprRef, depth: u32) -> Option<Output> {
        if depth > 8 {
            return None;
        }
        if self.changes_output(future) {
            return None;
        }
        let origin = self.origin(&Value::bare(future));
        let file = self.file(origin.expr.file);
        match file[origin.expr.id] {
            Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, stmts, has_tail, .. } => {
                let tail = file.list(stmts).next_back().filter(|_| has_tail);
                match tail {
                    None => Some(Output::Unit),
                    Some(tail) => self.value_of(origin.expr.with(tail), depth + 1),
                }
            }
            Expr::Call { .. } | Expr::MethodCall { .. } => self.given_by(origin.expr, future),
            // `.map(poll)`: a function that makes the future.
            Expr::Path(_) if self.local(origin.expr).is_none() => match self.callee(origin.expr) {
                Def::Fn(function) => match self.return_type(function) {
                    Type::Future(output) if is_unit(&output) => Some(Output::Unit),
                    _ => None,
                },
                _ => None,
            },
            _ => match self.type_of(&origin) {
                Type::Future(output) if is_unit(&output) => Some(Output::Unit),
                _ => None,
            },
        }
    }

    /// Whether an adaptor gives something else than the future inside of it.
    fn changes_output(&self, future: ExprRef) -> bool {
        let mut found = false;
        self.walk(future, &mut |expr, kind| {
            if let Expr::MethodCall { method, .. } = kind {
                let file = self.file(expr.file);
                found |= catalogue::method(&file[method]).does_any(&[Does::ChangesError, Does::ChangesValue]);
            }
            !matches!(kind, Expr::Block { .. } | Expr::Closure { .. })
        });
        found
    }

    /// What a call of an async function gives when it is awaited.
    fn given_by(&self, call: ExprRef, near: ExprRef) -> Option<Output> {
        if let Type::Future(output) = self.type_of(&Value::bare(call))
            && is_unit(&output)
        {
            return Some(Output::Unit);
        }
        let function = self.called_fn(&Value::bare(call))?;
        let item = self.function(function);
        let ty = item.ret.filter(|_| item.is_async)?;
        let is_near = function.file == near.file && item.module == self.module_of(self.place(near)?);
        (is_near && self.means_the_same_everywhere(function, ty, 0))
            .then(|| Output::Written(self.file(function.file).ty_range(ty).in_file(function.file)))
    }

    /// Whether a type names nothing that only its function or impl knows.
    fn means_the_same_everywhere(&self, function: crate::program::FnRef, ty: TyId, depth: u32) -> bool {
        let file = self.file(function.file);
        let go = |ty| self.means_the_same_everywhere(function, ty, depth + 1);
        match file[ty] {
            _ if depth > 6 => false,
            Ty::Path(path) => {
                let is_known = |name: &str| {
                    let item = self.function(function);
                    let of_impl = match item.owner {
                        crate::facts::Owner::Impl(block) => file[block].generics.as_slice(),
                        crate::facts::Owner::Trait(owner) => file[owner].generics.as_slice(),
                        crate::facts::Owner::Module => &[],
                    };
                    name != "Self" && !item.generics.iter().chain(of_impl).any(|generic| &file[generic.name] == name)
                };
                file.segments(path).next().is_some_and(is_known) && file.list(file[path].args).all(go)
            }
            Ty::Tuple(members) => file.list(members).all(go),
            _ => false,
        }
    }

    /// The value of an expression, if that is `()`.
    fn value_of(&self, expr: ExprRef, depth: u32) -> Option<Output> {
        let file = self.file(expr.file);
        let inner = |id| self.value_of(expr.with(id), depth + 1);
        match file[expr.id] {
            _ if depth > 8 => None,
            Expr::Loop { .. } | Expr::While { .. } | Expr::For { .. } | Expr::Assign { .. } => Some(Output::Unit),
            Expr::If { otherwise: None, .. } => Some(Output::Unit),
            Expr::If { then, otherwise: Some(otherwise), .. } => inner(then).or_else(|| inner(otherwise)),
            Expr::Block { kind: BlockKind::Plain, stmts, has_tail, .. } => match file.list(stmts).next_back() {
                Some(tail) if has_tail => inner(tail),
                _ => Some(Output::Unit),
            },
            Expr::Match { arms, .. } => file.list(arms).find_map(|arm| inner(file[arm].body)),
            Expr::Select(call) => file.list(file[call].arms).find_map(|arm| inner(file[arm].body)),
            Expr::Macro(call) => file.macro_of(call).is_some_and(Macro::logs).then_some(Output::Unit),
            Expr::Tuple(members) => members.is_empty().then_some(Output::Unit),
            Expr::Await(future) => self.output_of(expr.with(future), depth + 1),
            Expr::Call { .. } | Expr::MethodCall { .. } => {
                is_unit(&self.type_of(&Value::bare(expr))).then_some(Output::Unit)
            }
            _ => None,
        }
    }
}

fn is_unit(ty: &Type) -> bool {
    matches!(ty, Type::Tuple(members) if members.is_empty())
}
