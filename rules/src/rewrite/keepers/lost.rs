//! How a handle that nobody keeps is written down to be lost.

use crate::rewrite::{
    keepers,
    places::{self, Statement},
};
use spawnlint_analysis::{
    catalogue::{self, Does, Function},
    facts::{Expr, Pat, PatId},
    questions::{At, Def, ExprRef, FnRef, Place, Program, Task, Type, Value},
    span::Span,
};

/// How a value is thrown away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LostForm {
    /// `spawn(f);`, `let _ = spawn(f);`, `drop(spawn(f));`: what stands around the value can go.
    Alone,
    /// `let task = spawn(f);`, and the name is not used.
    Named {
        /// The name.
        name: String,
        /// Where it is bound.
        pat: Span,
        /// `drop(task);`, if that is the end of it.
        given_up: Option<Statement>,
    },
    /// `let task = spawn(f);`, and uses of the name that keep nothing.
    Used {
        /// The name.
        name: String,
    },
    /// `if spawn(f).is_finished() {`: the statement does something with the value.
    Within,
    /// Several values, or perhaps one, that a name holds: `tasks.push(spawn(f));`, `let tasks = jobs.map(|it| spawn(it))
    /// .collect();`, `flag.then(|| spawn(f));`.
    Several {
        /// The name, if there is one.
        name: Option<String>,
        /// In its written type the name of each handle's: `JoinHandle`.
        handle_type: Option<Span>,
        /// What holds them.
        holder: Several,
        /// How each handle is reached: through the value itself, or as a function that is handed on.
        each: Each,
    },
}

/// What holds several values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Several {
    /// `Vec`.
    Vec,
    /// `Option`.
    Option,
}

/// How one of several values comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Each {
    /// The value itself stands there.
    Value,
    /// `.map(tokio::spawn)`: behind this call.
    Behind(Span),
}

/// A value that is thrown away, with the statement that does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostValue {
    /// The expression that gives it.
    pub value: ExprRef,
    /// The statement.
    pub statement: Statement,
    /// How.
    pub form: LostForm,
}

/// The expression whose value a call of a task's function gives: of an async one, the `.await` around it, and of
/// one that may fail, what takes the error away.
pub fn given_value(program: &Program, call: ExprRef) -> Option<ExprRef> {
    let mut here = program.given_expr(call)?;
    let file = program.file(call.file);
    while let Some(parent) = program.parents(call.file).parent(here.id) {
        let takes_error_away = match file[parent] {
            Expr::Try(_) => true,
            Expr::MethodCall { receiver, method, .. } => {
                receiver == here.id && catalogue::method(&file[method]).does(Does::Unwraps)
            }
            _ => false,
        };
        if !takes_error_away {
            break;
        }
        here = call.with(parent);
    }
    Some(here)
}

/// The calls inside of the wrappers through which a task is started, outermost first, if nothing else than lost tasks
/// of the same kind comes through them.
pub fn calls_on_the_way(program: &Program, task: &Task) -> Vec<ExprRef> {
    let chain: Option<Vec<FnRef>> = task.way().iter().map(|it| it.by.function()).collect();
    let Some(chain) = chain else { return Vec::new() };
    let is_lost = |call: &ExprRef| {
        program.answers().any(|(other, fate, ending, _)| other.site == *call && fate.is_dropped() && !ending.is_short())
    };
    let mut found = Vec::new();
    for (at, wrapper) in chain.iter().enumerate() {
        let is_next = |call: &ExprRef| match at {
            0 => is_lost(call),
            _ => program.enclosing_fn(*call) == Some(chain[at - 1]),
        };
        if !program.callers(*wrapper).iter().all(is_next) {
            break;
        }
        found.extend(match chain.get(at + 1) {
            Some(next) => program.call_between(*wrapper, *next),
            None => Some(task.inner),
        });
    }
    found
}

/// How a value is thrown away, if the statement around it shows that.
pub fn lost_value(program: &Program, value: ExprRef) -> Option<LostValue> {
    if let Some(several) = keepers::lost_among_several(program, value) {
        return Some(several);
    }
    let statement = places::statement_around(program, value)?;
    let file = program.file(value.file);
    let stmt = statement.stmt;
    // What is behind an expression that needs a semicolon, and has none where one is looked for, is not seen.
    let is_closed = statement.is_tail
        || matches!(file[stmt.id], Expr::Local { .. })
        || statement.at.range.end > file.range(stmt.id).end
        || matches!(
            file[stmt.id],
            Expr::If { .. }
                | Expr::Match { .. }
                | Expr::For { .. }
                | Expr::While { .. }
                | Expr::Loop { .. }
                | Expr::Block { .. }
                | Expr::Macro(_)
        );
    if !is_closed {
        return None;
    }
    let form = lost_form(program, value, statement)?;
    Some(LostValue { value, statement, form })
}

fn lost_form(program: &Program, value: ExprRef, statement: Statement) -> Option<LostForm> {
    let file = program.file(value.file);
    let stmt = statement.stmt;
    let here = file.range(value.id);
    // ` = ` and nothing else between two places: no comment, no parenthesis.
    let is_assigned_after = |end: u32| end + 3 == here.start;
    if stmt == value {
        return Some(LostForm::Alone);
    }
    match file[stmt.id] {
        Expr::Local { pat, ty, init: Some(init), otherwise: None } if init == value.id => {
            let pat_range = file.pat_range(pat);
            let is_plain = is_assigned_after(ty.map_or(pat_range.end, |ty| file.ty_range(ty).end))
                && statement.at.range.end == here.end + 1;
            match file[pat] {
                _ if !is_plain => None,
                Pat::Wild => Some(LostForm::Alone),
                Pat::Bind { name, sub: None } if ty.is_none() => {
                    let name = file[name].to_owned();
                    let at = pat_range.in_file(value.file);
                    Some(named_form(program, name, value.with(pat), at, statement))
                }
                _ => None,
            }
        }
        // `smol::spawn(f).detach();`
        Expr::MethodCall { receiver, method, args, .. }
            if receiver == value.id && args.is_empty() && catalogue::method(&file[method]).does(Does::Detaches) =>
        {
            Some(LostForm::Alone)
        }
        Expr::Assign { op: None, lhs, rhs } if rhs == value.id && file[lhs] == Expr::Underscore => {
            is_assigned_after(file.range(lhs).end).then_some(LostForm::Alone)
        }
        Expr::Call { callee, args }
            if args.len == 1
                && file.at(args, 0) == Some(value.id)
                && is_throwing_away(program, stmt.with(callee))
                && file.range(callee).end + 1 == here.start
                && file.range(stmt.id).end == here.end + 1 =>
        {
            Some(LostForm::Alone)
        }
        _ => is_always_run(program, value, stmt).then_some(LostForm::Within),
    }
}

/// `drop`, `std::mem::forget`.
fn is_throwing_away(program: &Program, callee: ExprRef) -> bool {
    matches!(program.callee(callee), Def::External(path) if matches!(catalogue::function(&path), Some(Function::Drops | Function::Forgets)))
}

fn named_form(program: &Program, name: String, pat: At<PatId>, at: Span, statement: Statement) -> LostForm {
    let Some(place) = program.place(statement.stmt) else { return LostForm::Used { name } };
    let body = program.body(place);
    let file = program.file(pat.file);
    match body.uses(pat.id) {
        [] => LostForm::Named { name, pat: at, given_up: None },
        [only] => {
            let used = places::statement_around(program, pat.with(*only)).filter(|used| {
                used.block == statement.block
                    && match file[used.stmt.id] {
                        // `poller;`
                        _ if used.stmt.id == *only => true,
                        Expr::Call { callee, args } => {
                            file.at(args, 0) == Some(*only) && is_throwing_away(program, pat.with(callee))
                        }
                        Expr::MethodCall { receiver, method, args, .. } => {
                            receiver == *only
                                && args.is_empty()
                                && catalogue::method(&file[method]).does(Does::Detaches)
                        }
                        Expr::Assign { op: None, lhs, rhs } => rhs == *only && file[lhs] == Expr::Underscore,
                        _ => false,
                    }
            });
            match used {
                Some(used) => LostForm::Named { name, pat: at, given_up: Some(used) },
                None => LostForm::Used { name },
            }
        }
        _ => LostForm::Used { name },
    }
}

/// Whether an expression is evaluated whenever its statement is, and before anything else of it that matters.
fn is_always_run(program: &Program, expr: ExprRef, stmt: ExprRef) -> bool {
    let file = program.file(expr.file);
    let mut here = expr.id;
    for parent in program.parents(expr.file).ancestors(expr.id) {
        let is_run = match file[parent] {
            Expr::If { cond, .. } => cond == here,
            Expr::Match { scrutinee, .. } => scrutinee == here,
            Expr::For { iter, .. } => iter == here,
            Expr::Binary { lhs, op, .. } => {
                lhs == here
                    || !matches!(op, spawnlint_analysis::facts::BinaryOp::And | spawnlint_analysis::facts::BinaryOp::Or)
            }
            Expr::Block { .. } | Expr::Closure { .. } | Expr::While { .. } | Expr::Loop { .. } | Expr::Let { .. } => {
                false
            }
            Expr::Select(_) => false,
            _ => true,
        };
        if !is_run {
            return false;
        }
        if parent == stmt.id {
            return true;
        }
        here = parent;
    }
    false
}

/// Whether what a call is given to run may give `()`: a wrapper can ask for something else.
pub fn may_run_unit(program: &Program, call: ExprRef, future: ExprRef) -> bool {
    let Some(function) = program.called_fn(&Value::bare(call)) else { return true };
    let file = program.file(call.file);
    let (Expr::Call { args, .. } | Expr::MethodCall { args, .. }) = file[call.id] else { return true };
    let holds = |arg| file.range(arg).contains(file.range(future.id));
    let Some(at) = file.list(args).position(holds) else { return true };
    let item = program.function(function);
    // A path call of a method has its receiver first.
    let is_method_by_path = matches!(file[call.id], Expr::Call { .. }) && item.self_param.is_some();
    let Some(param) = item.params.get(at - usize::from(is_method_by_path && at > 0)) else { return true };
    match program.lower_ty(function.file, Place::Fn(function), param.ty).pointee() {
        Type::Future(output) => match &*output {
            Type::Tuple(members) => members.is_empty(),
            other => *other == Type::Unknown,
        },
        _ => true,
    }
}

/// The argument of a call that is the future to be run, if there is exactly one.
pub fn future_argument(program: &Program, call: ExprRef) -> Option<ExprRef> {
    let file = program.file(call.file);
    let (Expr::Call { args, .. } | Expr::MethodCall { args, .. }) = file[call.id] else { return None };
    let is_future = |arg: &ExprRef| matches!(program.type_of(&Value::bare(*arg)).pointee(), Type::Future(_));
    let futures: Vec<ExprRef> = file.list(args).map(|arg| call.with(arg)).filter(is_future).collect();
    let found = match (futures.as_slice(), file.at(args, 0)) {
        ([only], _) => *only,
        // A future of another crate.
        ([], Some(only))
            if args.len == 1 && !matches!(file[only], Expr::Closure { .. }) && may_run_argument(program, call) =>
        {
            call.with(only)
        }
        _ => return None,
    };
    // `Box::pin(work)`: the work.
    match file[found.id] {
        Expr::Call { callee, args } => match program.callee(found.with(callee)) {
            Def::External(path) if &*path == "std::boxed::Box::pin" => Some(found.with(file.at(args, 0)?)),
            _ => Some(found),
        },
        _ => Some(found),
    }
}

/// Whether what a call runs may take a future as its first argument.
fn may_run_argument(program: &Program, call: ExprRef) -> bool {
    let called = program.called_fns(&Value::bare(call));
    called.is_empty() || called.iter().any(|function| program.is_runnable_parameter(*function, 0))
}

/// `tokio::spawn` of `tokio::spawn(f)`.
pub fn spawn_callee(program: &Program, call: ExprRef) -> Option<Span> {
    let Expr::Call { callee, .. } = program.file(call.file)[call.id] else { return None };
    match program.callee(call.with(callee)) {
        Def::External(path) if &*path == "tokio::spawn" => Some(program.span(call.with(callee))),
        _ => None,
    }
}
