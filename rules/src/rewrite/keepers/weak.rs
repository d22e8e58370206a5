//! How a task could hold what it shares with its owner, or a sender of its own, only weakly.

use crate::rewrite::{
    keepers,
    places::{self, Statement},
};
use spawnlint_analysis::{
    catalogue,
    facts::{BlockKind, Expr, ExprId, Pat, PatId, Ty},
    questions::{ExprRef, FnRef, Origin, PatRef, Place, Program, Task, Value},
    span::{Span, TextRange},
};

/// What a task holds strongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strong {
    /// An `Arc`.
    Pointer,
    /// A sender of a channel of tokio.
    Sender,
}

/// A name that a task takes along, and where it could be made weak, and strong again for as long as it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weakened {
    /// What it is.
    pub strong: Strong,
    /// The name.
    pub name: String,
    /// Where it becomes weak.
    pub from: WeakFrom,
    /// Where it is used.
    pub uses: Vec<StrongUse>,
}

/// Where a strong name becomes weak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeakFrom {
    /// `let name = x.clone();`: the value, and `x`; of `Arc::clone(&x)`, the argument.
    Clone {
        /// The value.
        value: Span,
        /// What is cloned.
        of: Span,
        /// Whether a reference stands there.
        is_reference: bool,
    },
    /// Before the statement that starts the task.
    Before(Span),
}

/// A place in which a weak name has to be strong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StrongUse {
    /// From this statement of a loop's body on.
    From(Span),
    /// In this arm of `select!`.
    Arm(Span),
    /// In this statement alone.
    Statement(Span),
    /// `self`, which has to be called by another name.
    SelfPath(Span),
}

/// A function that a task runs, and that could take a pointer weakly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeakCallee {
    /// The parameter's name.
    pub name: String,
    /// What is passed, without the `clone()` around it.
    pub passed: Span,
    /// Whether a reference stands there.
    pub is_reference: bool,
    /// How the call and the parameter change.
    pub change: WeakChange,
    /// Where it is used.
    pub uses: Vec<StrongUse>,
}

/// How a call and its parameter change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeakChange {
    /// `run(pointer: Arc<T>)`: the argument, and `Arc<`.
    Parameter {
        /// The argument.
        argument: Span,
        /// `Arc<`
        pointer: Span,
    },
    /// `run(self: Arc<Self>)`: the call, and the whole parameter.
    Receiver {
        /// The call.
        call: Span,
        /// The function.
        function: FnRef,
        /// `self: Arc<Self>`
        parameter: Span,
    },
}

/// How the function that a task runs could take a pointer weakly, if nobody else calls it.
pub fn weakened_callee(program: &Program, task: &Task) -> Option<WeakCallee> {
    let future = match task.is_direct() {
        true => task.future.expr,
        false => keepers::future_argument(program, task.site)?,
    };
    let call = program.origin(&Value::bare(future)).expr;
    let function = program.called_fn(&Value::bare(call))?;
    let item = program.function(function);
    let body = function.with(item.body?);
    if program.is_of_trait(function)
        || !item.is_async
        || keepers::all_callers(program, function) != [call]
        || !program.value_uses(function).is_empty()
    {
        return None;
    }
    let file = program.file(call.file);
    let callee = program.file(function.file);
    let uses_of = |pat: PatId| -> Option<Vec<ExprRef>> {
        let body = program.body(program.place(body)?);
        Some(body.uses(pat).iter().map(|used| function.with(*used)).collect())
    };
    if let (Some(param), Expr::MethodCall { receiver, args, .. }) = (item.self_param, file[call.id]) {
        let is_own = program.self_def(program.place(call)?) == program.self_def(program.place(body)?);
        if !args.is_empty() || !is_own || !is_arc_of_self(program, function.with(param.pat)) {
            return None;
        }
        let uses = uses_of(param.pat)?;
        if uses.iter().any(|used| !matches!(callee[used.id], Expr::Path(_))) {
            return None;
        }
        let mut all = pointer_uses(program, body, &uses)?;
        all.extend(uses.iter().map(|used| StrongUse::SelfPath(program.span(*used))));
        let (passed, is_reference) = without_clone_of(program, call.with(receiver));
        let start = callee.pat_range(param.pat).start;
        let parameter = TextRange::new(start, callee.ty_range(param.ty?).end).in_file(function.file);
        let change = WeakChange::Receiver { call: program.span(call), function, parameter };
        return Some(WeakCallee { name: "self".to_owned(), passed, is_reference, change, uses: all });
    }
    let (Expr::Call { args, .. } | Expr::MethodCall { args, .. }) = file[call.id] else { return None };
    let is_pointer = |ty| program.lower_ty(function.file, Place::Fn(function), ty).is("std::sync::Arc");
    let mut pointers = item.params.iter().enumerate().filter(|(_, param)| is_pointer(param.ty));
    let (at, param) = pointers.next()?;
    if pointers.next().is_some() {
        return None;
    }
    let Pat::Bind { name, sub: None } = callee[param.pat] else { return None };
    let Ty::Path(path) = callee[param.ty] else { return None };
    let inner = callee.at(callee[path].args, 0)?;
    let pointer = TextRange::new(callee[path].range.start, callee.ty_range(inner).start).in_file(function.file);
    let argument = call.with(file.at(args, at)?);
    let (passed, is_reference) = without_clone_of(program, argument);
    let uses = pointer_uses(program, body, &uses_of(param.pat)?)?;
    let change = WeakChange::Parameter { argument: program.span(argument), pointer };
    Some(WeakCallee { name: callee[name].to_owned(), passed, is_reference, change, uses })
}

/// `x` of `x.clone()`, and `&x` of `Arc::clone(&x)`: whether that is a reference.
fn without_clone_of(program: &Program, value: ExprRef) -> (Span, bool) {
    match cloned_value(program, value) {
        Some(WeakFrom::Clone { of, is_reference, .. }) => (of, is_reference),
        _ => (program.span(value), false),
    }
}

/// How a task could hold weakly what it takes along at a place.
pub fn weakened(program: &Program, task: &Task, taken: Option<Span>, strong: Strong) -> Option<Weakened> {
    let future = match task.is_direct() {
        true => task.future.expr,
        false => keepers::future_argument(program, task.site)?,
    };
    let block = program.origin(&Value::bare(future)).expr;
    let file = program.file(block.file);
    if !matches!(file[block.id], Expr::Block { kind: BlockKind::AsyncMove, .. }) || block.file != task.site.file {
        return None;
    }
    let body = program.body(program.place(block)?);
    let first = program.first_below(block);
    let is_inside = |id: ExprId| first <= id && id <= block.id;
    let mut names: Vec<PatRef> = Vec::new();
    program.walk(block, &mut |expr, _| {
        if let Some(pat) = body.binding_of.get(&expr.id)
            && body.bindings.get(pat).is_some_and(|it| !it.at.is_some_and(is_inside))
            && !names.contains(&expr.with(*pat))
            && is_strong(program, expr, strong)
        {
            names.push(expr.with(*pat));
        }
        true
    });
    let is_taken = |pat: &PatRef| {
        let Some(taken) = taken else { return false };
        let init = match body.bindings.get(&pat.id).map(|it| it.origin) {
            Some(Origin::Value(init)) => Some(file.range(init)),
            _ => None,
        };
        let holds = |range: TextRange| taken.file == pat.file && range.contains(taken.range);
        init.is_some_and(holds) || body.uses(pat.id).iter().any(|used| holds(file.range(*used)))
    };
    let pat = match names.as_slice() {
        [only] => *only,
        several => *several.iter().find(|pat| is_taken(pat))?,
    };
    let binding = body.bindings.get(&pat.id)?;
    let uses: Vec<ExprRef> =
        body.uses(pat.id).iter().copied().filter(|used| is_inside(*used)).map(|used| pat.with(used)).collect();
    let is_own = matches!(binding.origin, Origin::SelfParam);
    let found = match strong {
        Strong::Pointer => pointer_uses(program, block, &uses)?,
        Strong::Sender => sender_uses(program, &uses)?,
    };
    let outside = body.uses(pat.id).iter().filter(|used| !is_inside(**used)).count();
    let from = match binding.origin {
        Origin::Value(init) if outside == 0 && binding.root == pat.id => {
            cloned_value(program, pat.with(init)).unwrap_or(WeakFrom::Before(start_of_statement(program, task.site)?))
        }
        _ => WeakFrom::Before(start_of_statement(program, task.site)?),
    };
    let mut all = found;
    if is_own {
        // `self` cannot be bound again.
        if uses.iter().any(|used| !matches!(file[used.id], Expr::Path(_))) {
            return None;
        }
        all.extend(uses.iter().map(|used| StrongUse::SelfPath(program.span(*used))));
    }
    Some(Weakened { strong, name: file[binding.name].to_owned(), from, uses: all })
}

fn start_of_statement(program: &Program, expr: ExprRef) -> Option<Span> {
    let at = places::statement_around(program, expr)?.at;
    Some(at.start())
}

fn is_strong(program: &Program, expr: ExprRef, strong: Strong) -> bool {
    let ty = program.type_of(&Value::bare(expr));
    match strong {
        Strong::Pointer => {
            ty.is("std::sync::Arc")
                || program.local(expr).is_some_and(|(pat, binding)| {
                    matches!(binding.origin, Origin::SelfParam) && is_arc_of_self(program, pat)
                })
        }
        Strong::Sender => ty.external().is_some_and(catalogue::is_weakened_sender),
    }
}

/// `self: Arc<Self>`
fn is_arc_of_self(program: &Program, pat: PatRef) -> bool {
    let file = program.file(pat.file);
    file.functions.iter().any(|function| {
        function.self_param.is_some_and(|it| {
            it.pat == pat.id
                && it.ty.is_some_and(
                    |ty| matches!(file[ty], spawnlint_analysis::facts::Ty::Path(path) if file.last_segment(path) == "Arc"),
                )
        })
    })
}

/// `x.clone()`, `Arc::clone(&x)`.
fn cloned_value(program: &Program, value: ExprRef) -> Option<WeakFrom> {
    let file = program.file(value.file);
    match file[value.id] {
        Expr::MethodCall { receiver, method, args, .. } if &file[method] == "clone" && args.is_empty() => {
            let of = program.span(value.with(receiver));
            Some(WeakFrom::Clone { value: program.span(value), of, is_reference: false })
        }
        Expr::Call { args, .. }
            if args.len == 1 && program.call_name(value).is_some_and(|name| name.ends_with("::clone")) =>
        {
            let of = program.span(value.with(file.at(args, 0)?));
            Some(WeakFrom::Clone { value: program.span(value), of, is_reference: true })
        }
        _ => None,
    }
}

/// Where a pointer has to be strong: in the one loop around its uses, from the first of them on, if nothing waits there.
fn pointer_uses(program: &Program, block: ExprRef, uses: &[ExprRef]) -> Option<Vec<StrongUse>> {
    let file = program.file(block.file);
    let parents = program.parents(block.file);
    let loop_around = |used: &ExprRef| {
        let mut loops = parents.ancestors(used.id).take_while(|at| *at != block.id).filter(|at| {
            matches!(file[*at], Expr::Loop { .. } | Expr::While { .. } | Expr::For { .. } | Expr::Closure { .. })
        });
        let found = loops.next()?;
        loops.next().is_none().then_some(found)
    };
    let looped = loop_around(uses.first()?)?;
    if !uses.iter().all(|used| loop_around(used) == Some(looped)) {
        return None;
    }
    let (Expr::Loop { body, .. } | Expr::While { body, .. } | Expr::For { body, .. }) = file[looped] else {
        return None;
    };
    let stmts = places::statements(program, block.with(body));
    let holds = |stmt: &ExprRef, used: &ExprRef| file.range(stmt.id).contains(file.range(used.id));
    // A use in the condition stands in no statement.
    if !uses.iter().all(|used| stmts.iter().any(|stmt| holds(stmt, used))) {
        return None;
    }
    let first = stmts.iter().position(|stmt| uses.iter().any(|used| holds(stmt, used)))?;
    if !stmts[first..].iter().any(|stmt| places::waits_in(program, *stmt)) {
        let at = file.range(stmts[first].id).start;
        return Some(vec![StrongUse::From(TextRange::new(at, at).in_file(block.file))]);
    }
    // `select! { .. = wait => use(pointer) }`
    let [only] = stmts.as_slice() else { return None };
    let Expr::Select(call) = file[only.id] else { return None };
    let arms: Vec<ExprRef> = file.list(file[call].arms).map(|arm| only.with(file[arm].body)).collect();
    let mut found = Vec::new();
    for used in uses {
        let arm = arms.iter().find(|arm| file.range(arm.id).contains(file.range(used.id)))?;
        let place = StrongUse::Arm(program.span(*arm));
        if places::waits_in(program, *arm) {
            return None;
        }
        if !found.contains(&place) {
            found.push(place);
        }
    }
    Some(found)
}

/// Where a sender has to be strong: in each statement that sends.
fn sender_uses(program: &Program, uses: &[ExprRef]) -> Option<Vec<StrongUse>> {
    let mut found = Vec::new();
    for used in uses {
        let file = program.file(used.file);
        let parent = program.parents(used.file).parent(used.id)?;
        let Expr::MethodCall { receiver, .. } = file[parent] else { return None };
        let statement: Statement = places::statement_around(program, *used)?;
        let binds = match file[statement.stmt.id] {
            Expr::Local { pat, .. } => !matches!(file[pat], Pat::Wild),
            _ => false,
        };
        if receiver != used.id || binds || statement.is_tail {
            return None;
        }
        let place = StrongUse::Statement(statement.at);
        if !found.contains(&place) {
            found.push(place);
        }
    }
    (!found.is_empty()).then_some(found)
}
