//! What a function gives back, as a place for one more thing, and what its callers do with it.

use crate::rewrite::{
    keepers,
    places::{self, Statement},
};
use spawnlint_analysis::{
    catalogue,
    facts::{BlockKind, Expr, Owner, Pat, PatId, TyId},
    questions::{At, ExprRef, FnRef, Program, Value},
    span::{Span, TextRange},
};

/// What a caller does with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenValue {
    /// `let x = f();`
    Bound {
        /// `x`
        pat: Span,
        /// The statement.
        statement: Statement,
        /// Whether it is only used by reference, so that it ends with its block.
        stays: bool,
    },
    /// `f().x()`, by reference.
    CalledOn(Span),
    /// `let (x, y) = f();`
    Parts {
        /// `(x, y)`
        pat: Span,
        /// `y`
        last: Span,
        /// The statement.
        statement: Statement,
    },
}

/// What a function gives back, as a place to put one more thing into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultPlace {
    /// The function.
    pub function: FnRef,
    /// Where `-> T` may be written, if there is none yet.
    pub params_end: Span,
    /// The type that it gives now: the whole, or what is inside of its `Result` or `Option`.
    pub ty: Option<ResultType>,
    /// The block.
    pub body: ExprRef,
    /// The value at the end that has that type; `None` if the function gives nothing.
    pub tail: Option<Span>,
    /// The last member of that, if it is written as a tuple.
    pub tail_member: Option<Span>,
    /// `return;`, in the order in which they stand, and whether the value is there already.
    pub returns: Vec<(Span, bool)>,
    /// What the values that are given early stand in: `Ok`.
    pub returned_in: Option<&'static str>,
    /// All calls of it, those of tests too.
    pub callers: Vec<ExprRef>,
}

/// What a function gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResultType {
    /// Where it is written.
    pub at: Span,
    /// Whether it is `()`.
    pub is_unit: bool,
    /// The last member, if it is a tuple of several.
    pub member: Option<Span>,
}

/// What a call gives, where its caller does something with it.
pub fn taken_value(program: &Program, call: ExprRef) -> Option<TakenValue> {
    let value = keepers::given_value(program, call)?;
    let file = program.file(call.file);
    let parent = program.parents(call.file).parent(value.id)?;
    match file[parent] {
        Expr::Local { pat, ty: None, otherwise: None, init: Some(init) } if init == value.id => {
            let statement = places::statement_around(program, value)?;
            if let Pat::Tuple(parts) = file[pat] {
                let last = file.list(parts).next_back()?;
                let at = |pat| file.pat_range(pat).in_file(call.file);
                return Some(TakenValue::Parts { pat: at(pat), last: at(last), statement });
            }
            matches!(file[pat], Pat::Bind { sub: None, .. } | Pat::Wild).then(|| TakenValue::Bound {
                pat: file.pat_range(pat).in_file(call.file),
                statement,
                stays: stays_here(program, call.with(pat), statement),
            })
        }
        // `open().join()`: what it is called on is dropped with the statement.
        Expr::MethodCall { receiver, .. } if receiver == value.id => {
            let method = program.called_fn(&Value::bare(call.with(parent)))?;
            let by_reference = program.function(method).self_param.is_some_and(|it| it.is_ref);
            by_reference.then(|| TakenValue::CalledOn(program.span(value)))
        }
        _ => None,
    }
}

/// The result of the function around a call, if it gives what the call gives, as it is: of a `Result` or `Option`,
/// what is inside.
pub fn passed_on(program: &Program, call: ExprRef) -> Option<ResultPlace> {
    let value = program.given_expr(call)?;
    let statement = places::statement_around(program, value).filter(|it| it.is_tail && it.stmt == value)?;
    let function = places::is_body(program, statement.block)?;
    let item = program.function(function);
    let file = program.file(function.file);
    let is_free = match item.owner {
        Owner::Module => true,
        Owner::Trait(_) => false,
        Owner::Impl(block) => file[block].trait_path.is_none(),
    };
    let returns = !program.ways_out(statement.block).returns.is_empty();
    let is_main = item.attrs.is_entry
        || item.attrs.is_exported
        || item.attrs.is_test
        || program.function_name(function) == "main";
    if returns || !is_free || is_main || !program.value_uses(function).is_empty() {
        return None;
    }
    let mut ty = item.ret?;
    if let spawnlint_analysis::facts::Ty::Path(path) = file[ty]
        && catalogue::is_fallible_type(file.last_segment(path))
    {
        ty = file.at(file[path].args, 0)?;
    }
    Some(ResultPlace {
        function,
        params_end: TextRange::new(item.params_end, item.params_end).in_file(function.file),
        ty: Some(result_type(program, function, ty)),
        body: statement.block,
        tail: None,
        tail_member: None,
        returns: Vec::new(),
        returned_in: None,
        callers: all_callers(program, function),
    })
}

fn result_type(program: &Program, function: FnRef, ty: TyId) -> ResultType {
    let file = program.file(function.file);
    let at = |ty: TyId| file.ty_range(ty).in_file(function.file);
    let member = match file[ty] {
        spawnlint_analysis::facts::Ty::Tuple(members) if members.len > 1 => file.list(members).next_back().map(at),
        _ => None,
    };
    ResultType {
        at: at(ty),
        is_unit: matches!(file[ty], spawnlint_analysis::facts::Ty::Tuple(members) if members.is_empty()),
        member,
    }
}

/// Whether a local is only used by reference.
fn stays_here(program: &Program, pat: At<PatId>, statement: Statement) -> bool {
    let file = program.file(pat.file);
    let Some(place) = program.place(statement.stmt) else { return false };
    let parents = program.parents(pat.file);
    let is_borrowed = |used: &spawnlint_analysis::facts::ExprId| {
        let takes_along = parents.ancestors(*used).any(|at| match file[at] {
            Expr::Closure { is_move, .. } => is_move,
            Expr::Block { kind, .. } => kind == BlockKind::AsyncMove,
            _ => false,
        });
        let by_reference = parents.parent(*used).is_some_and(|at| match file[at] {
            Expr::MethodCall { receiver, .. } => {
                let method = program.called_fn(&Value::bare(pat.with(at)));
                let is_ref = method.and_then(|it| program.function(it).self_param).is_some_and(|it| it.is_ref);
                receiver == *used && is_ref
            }
            Expr::Ref { .. } | Expr::Macro(_) | Expr::Field { .. } => true,
            _ => false,
        });
        by_reference && !takes_along
    };
    program.body(place).uses(pat.id).iter().all(is_borrowed)
}

/// The result of the function in whose body a statement stands, if one more thing can be given back there.
pub fn result_place(program: &Program, statement: Statement) -> Option<ResultPlace> {
    let function = places::is_body(program, statement.block)?;
    let item = program.function(function);
    let file = program.file(function.file);
    let is_of_trait = match item.owner {
        Owner::Module => false,
        // A method that every implementation takes as it is.
        Owner::Trait(_) => !program.implementations(function).is_empty(),
        Owner::Impl(block) => file[block].trait_path.is_some(),
    };
    let is_called_by_others = item.attrs.is_entry
        || item.attrs.is_exported
        || item.attrs.is_test
        || program.function_name(function) == "main";
    if is_of_trait || is_called_by_others || !program.value_uses(function).is_empty() {
        return None;
    }
    let last = places::last_statement(program, statement.block)?;
    let is_open_ended = matches!(file[last.id], Expr::Loop { .. } | Expr::Return(_));
    let Expr::Block { has_tail, .. } = file[statement.block.id] else { return None };
    let ways_out = program.ways_out(statement.block);
    let returns = &ways_out.returns;
    let gives_early = returns.iter().any(|at| matches!(file[at.id], Expr::Return(Some(_))));
    let place = |ty, tail: Option<ExprRef>, returns: &[ExprRef]| ResultPlace {
        function,
        params_end: TextRange::new(item.params_end, item.params_end).in_file(function.file),
        ty,
        body: statement.block,
        tail: tail.map(|tail| program.span(tail)),
        tail_member: tail.and_then(|tail| match file[tail.id] {
            Expr::Tuple(members) => file.list(members).next_back().map(|it| program.span(tail.with(it))),
            _ => None,
        }),
        returns: (returns.iter().map(|at| program.span(*at)))
            .map(|at| (at, at.range.start >= statement.at.range.end))
            .collect(),
        returned_in: None,
        callers: all_callers(program, function),
    };
    let Some(ty) = item.ret else {
        return (!is_open_ended).then(|| place(None, None, returns));
    };
    if !has_tail {
        return None;
    }
    let result_type = |ty: TyId| result_type(program, function, ty);
    // `Ok(x)` of a `Result<X, E>`: what goes wrong is given back without the task.
    if let spawnlint_analysis::facts::Ty::Path(path) = file[ty]
        && let wrapper = file.last_segment(path)
        && catalogue::is_fallible_type(wrapper)
        && let Some(inner) = file.at(file[path].args, 0)
        && let good = if wrapper == "Option" { "Some" } else { "Ok" }
        && let Some(tail) = given_in(program, last, good)
    {
        let is_bad = |at: &ExprRef| match file[at.id] {
            Expr::Return(Some(value)) => {
                given_in(program, at.with(value), good).is_none() && is_bad_end(program, at.with(value))
            }
            _ => false,
        };
        let ty = result_type(inner);
        if ty.is_unit {
            // `return Ok(());` gives back that there is none.
            let is_nothing = |at: &ExprRef| match file[at.id] {
                Expr::Return(Some(value)) => {
                    given_in(program, at.with(value), good).is_some_and(|it| is_unit(program, it))
                }
                _ => false,
            };
            let (early, others): (Vec<ExprRef>, Vec<ExprRef>) = returns.iter().copied().partition(is_nothing);
            return others
                .iter()
                .all(is_bad)
                .then(|| ResultPlace { returned_in: Some(good), ..place(Some(ty), Some(tail), &early) });
        }
        return returns.iter().all(is_bad).then(|| place(Some(ty), Some(tail), &[]));
    }
    // A `Result` beside something else is none that `?` could be asked of.
    let is_result =
        matches!(file[ty], spawnlint_analysis::facts::Ty::Path(path) if file.last_segment(path).ends_with("Result"));
    if ways_out.tries
        || is_result
        || matches!(file[ty], spawnlint_analysis::facts::Ty::Never)
        || gives_early
        || !returns.is_empty()
        || is_open_ended
    {
        return None;
    }
    Some(place(Some(result_type(ty)), Some(last), &[]))
}

/// `x` of `Ok(x)`.
fn given_in(program: &Program, expr: ExprRef, variant: &str) -> Option<ExprRef> {
    let file = program.file(expr.file);
    let Expr::Call { callee, args } = file[expr.id] else { return None };
    let Expr::Path(path) = file[callee] else { return None };
    (file.last_segment(path) == variant && args.len == 1).then(|| expr.with(file.at(args, 0).expect("there is one")))
}

fn is_unit(program: &Program, expr: ExprRef) -> bool {
    matches!(program.file(expr.file)[expr.id], Expr::Tuple(members) if members.is_empty())
}

/// `Err(..)`, `None`.
fn is_bad_end(program: &Program, expr: ExprRef) -> bool {
    let file = program.file(expr.file);
    match file[expr.id] {
        Expr::Path(path) => file.last_segment(path) == "None",
        _ => given_in(program, expr, "Err").is_some(),
    }
}

/// Calls of a function, those in tests too.
pub(super) fn all_callers(program: &Program, function: FnRef) -> Vec<ExprRef> {
    let name = program.function_name(function);
    let names = program.aliases(name).iter().map(String::as_str).chain([name]);
    let mut found: Vec<ExprRef> = names
        .flat_map(|name| program.calls_named(name))
        .copied()
        .filter(|call| program.calls_fn(*call, function))
        .collect();
    found.sort();
    found.dedup();
    found
}
