//! What a task gives when it ends, as a type that can be written down.

use crate::rewrite::keepers;
use spawnlint_analysis::{
    catalogue::{self, Does, Macro},
    facts::{BlockKind, Expr, Ty, TyId},
    questions::{Def, ExprRef, FnRef, Program, Task, Type, Value},
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

/// What a task gives, if it can be written in the file of its spawn.
pub fn task_output(program: &Program, task: &Task) -> Option<Output> {
    output_at(program, task, task.site)
}

/// The same, at the call of the library or at that of a wrapper.
pub fn output_at(program: &Program, task: &Task, call: ExprRef) -> Option<Output> {
    if call != task.site {
        return output_of(program, keepers::future_argument(program, call)?);
    }
    // A wrapper that says what it gives.
    if let Type::External(path, args) = program.type_of(&Value::bare(task.site))
        && &*path == "tokio::task::JoinHandle"
        && args.first().is_some_and(is_unit)
    {
        return Some(Output::Unit);
    }
    if !task.is_direct() {
        let argument = keepers::future_argument(program, task.site)?;
        return output_of(program, argument);
    }
    output_of(program, task.future.expr)
}

fn output_of(program: &Program, future: ExprRef) -> Option<Output> {
    if changes_output(program, future) {
        return None;
    }
    let origin = program.origin(&Value::bare(future));
    let file = program.file(origin.expr.file);
    match file[origin.expr.id] {
        Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, stmts, has_tail, .. } => {
            let tail = file.list(stmts).next_back().filter(|_| has_tail);
            match tail {
                None => Some(Output::Unit),
                Some(tail) => value_of(program, origin.expr.with(tail)),
            }
        }
        Expr::Call { .. } | Expr::MethodCall { .. } => given_by(program, origin.expr, future),
        // `.map(poll)`: a function that makes the future.
        Expr::Path(_) if program.local(origin.expr).is_none() => match program.callee(origin.expr) {
            Def::Fn(function) => match program.return_type(function) {
                Type::Future(output) if is_unit(&output) => Some(Output::Unit),
                _ => None,
            },
            _ => None,
        },
        _ => match program.type_of(&origin) {
            Type::Future(output) if is_unit(&output) => Some(Output::Unit),
            _ => None,
        },
    }
}

/// Whether an adaptor gives something else than the future inside of it.
fn changes_output(program: &Program, future: ExprRef) -> bool {
    let mut found = false;
    program.walk(future, &mut |expr, kind| {
        if let Expr::MethodCall { method, .. } = kind {
            let file = program.file(expr.file);
            found |= catalogue::method(&file[method]).does_any(&[Does::ChangesError, Does::ChangesValue]);
        }
        !matches!(kind, Expr::Block { .. } | Expr::Closure { .. })
    });
    found
}

/// What a call of an async function gives when it is awaited.
fn given_by(program: &Program, call: ExprRef, near: ExprRef) -> Option<Output> {
    if let Type::Future(output) = program.type_of(&Value::bare(call))
        && is_unit(&output)
    {
        return Some(Output::Unit);
    }
    let function = program.called_fn(&Value::bare(call))?;
    let item = program.function(function);
    let ty = item.ret.filter(|_| item.is_async)?;
    let is_near = function.file == near.file && item.module == program.module_of(program.place(near)?);
    (is_near && means_the_same_everywhere(program, function, ty))
        .then(|| Output::Written(program.file(function.file).ty_range(ty).in_file(function.file)))
}

/// Whether a type names nothing that only its function or impl knows.
fn means_the_same_everywhere(program: &Program, function: FnRef, ty: TyId) -> bool {
    let file = program.file(function.file);
    let go = |ty| means_the_same_everywhere(program, function, ty);
    match file[ty] {
        Ty::Path(path) => {
            let is_known = |name: &str| {
                let item = program.function(function);
                let of_impl = match item.owner {
                    spawnlint_analysis::facts::Owner::Impl(block) => file[block].generics.as_slice(),
                    spawnlint_analysis::facts::Owner::Trait(owner) => file[owner].generics.as_slice(),
                    spawnlint_analysis::facts::Owner::Module => &[],
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
fn value_of(program: &Program, expr: ExprRef) -> Option<Output> {
    let file = program.file(expr.file);
    let inner = |id| value_of(program, expr.with(id));
    match file[expr.id] {
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
        Expr::Await(future) => output_of(program, expr.with(future)),
        Expr::Call { .. } | Expr::MethodCall { .. } => {
            is_unit(&program.type_of(&Value::bare(expr))).then_some(Output::Unit)
        }
        _ => None,
    }
}

fn is_unit(ty: &Type) -> bool {
    matches!(ty, Type::Tuple(members) if members.is_empty())
}
