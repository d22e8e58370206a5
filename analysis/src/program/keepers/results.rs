//! What a function gives back, as a place for one more thing, and what its callers do with it.

use crate::{
    catalogue,
    facts::{BlockKind, Expr, Owner, Pat, PatId, TyId},
    program::{At, ExprRef, FnRef, Program, Statement, Value},
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

impl Program {
    /// What a call gives, where its caller does something with it.
    pub fn taken_value(&self, call: ExprRef) -> Option<TakenValue> {
        let value = self.given_value(call)?;
        let file = self.file(call.file);
        let parent = self.parents(call.file).parent(value.id)?;
        match file[parent] {
            Expr::Local { pat, ty: None, otherwise: None, init: Some(init) } if init == value.id => {
                let statement = self.statement_around(value)?;
                matches!(file[pat], Pat::Bind { sub: None, .. } | Pat::Wild).then(|| TakenValue::Bound {
                    pat: file.pat_range(pat).in_file(call.file),
                    statement,
                    stays: self.stays_here(call.with(pat), statement),
                })
            }
            // `open().join()`: what it is called on is dropped with the statement.
            Expr::MethodCall { receiver, .. } if receiver == value.id => {
                let method = self.called_fn(&Value::bare(call.with(parent)))?;
                let by_reference = self.function(method).self_param.is_some_and(|it| it.is_ref);
                by_reference.then(|| TakenValue::CalledOn(self.span(value)))
            }
            _ => None,
        }
    }

    /// The result of the function around a call, if it gives what the call gives, as it is: of a `Result` or `Option`,
    /// what is inside.
    pub fn passed_on(&self, call: ExprRef) -> Option<ResultPlace> {
        let value = self.given_expr(call)?;
        let statement = self.statement_around(value).filter(|it| it.is_tail && it.stmt == value)?;
        let function = self.is_body(statement.block)?;
        let item = self.function(function);
        let file = self.file(function.file);
        let is_free = match item.owner {
            Owner::Module => true,
            Owner::Trait(_) => false,
            Owner::Impl(block) => file[block].trait_path.is_none(),
        };
        let mut returns = false;
        self.walk(statement.block, &mut |_, kind| {
            returns |= matches!(kind, Expr::Return(_));
            !matches!(kind, Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. })
        });
        let is_main = item.attrs.is_entry || item.attrs.is_test || self.function_name(function) == "main";
        if returns || !is_free || is_main || !self.value_uses(function).is_empty() {
            return None;
        }
        let mut ty = item.ret?;
        if let crate::facts::Ty::Path(path) = file[ty]
            && catalogue::is_fallible_type(file.last_segment(path))
        {
            ty = file.at(file[path].args, 0)?;
        }
        Some(ResultPlace {
            function,
            params_end: TextRange::new(item.params_end, item.params_end).in_file(function.file),
            ty: Some(self.result_type(function, ty)),
            body: statement.block,
            tail: None,
            tail_member: None,
            returns: Vec::new(),
            callers: self.all_callers(function),
        })
    }

    fn result_type(&self, function: FnRef, ty: TyId) -> ResultType {
        let file = self.file(function.file);
        let at = |ty: TyId| file.ty_range(ty).in_file(function.file);
        let member = match file[ty] {
            crate::facts::Ty::Tuple(members) if members.len > 1 => file.list(members).next_back().map(at),
            _ => None,
        };
        ResultType {
            at: at(ty),
            is_unit: matches!(file[ty], crate::facts::Ty::Tuple(members) if members.is_empty()),
            member,
        }
    }

    /// Whether a local is only used by reference.
    fn stays_here(&self, pat: At<PatId>, statement: Statement) -> bool {
        let file = self.file(pat.file);
        let Some(place) = self.place(statement.stmt) else { return false };
        let parents = self.parents(pat.file);
        let is_borrowed = |used: &crate::facts::ExprId| {
            let takes_along = parents.ancestors(*used).any(|at| match file[at] {
                Expr::Closure { is_move, .. } => is_move,
                Expr::Block { kind, .. } => kind == BlockKind::AsyncMove,
                _ => false,
            });
            let by_reference = parents.parent(*used).is_some_and(|at| match file[at] {
                Expr::MethodCall { receiver, .. } => {
                    let method = self.called_fn(&Value::bare(pat.with(at)));
                    let is_ref = method.and_then(|it| self.function(it).self_param).is_some_and(|it| it.is_ref);
                    receiver == *used && is_ref
                }
                Expr::Ref { .. } | Expr::Macro(_) | Expr::Field { .. } => true,
                _ => false,
            });
            by_reference && !takes_along
        };
        self.body(place).uses(pat.id).iter().all(is_borrowed)
    }

    /// The result of the function in whose body a statement stands, if one more thing can be given back there.
    pub fn result_place(&self, statement: Statement) -> Option<ResultPlace> {
        let function = self.is_body(statement.block)?;
        let item = self.function(function);
        let file = self.file(function.file);
        let is_of_trait = match item.owner {
            Owner::Module => false,
            // A method that every implementation takes as it is.
            Owner::Trait(_) => !self.implementations(function).is_empty(),
            Owner::Impl(block) => file[block].trait_path.is_some(),
        };
        let is_called_by_others = item.attrs.is_entry || item.attrs.is_test || self.function_name(function) == "main";
        if is_of_trait || is_called_by_others || !self.value_uses(function).is_empty() {
            return None;
        }
        let stmts = self.statements(statement.block);
        let last = *stmts.last()?;
        let is_open_ended = matches!(file[last.id], Expr::Loop { .. } | Expr::Return(_));
        let Expr::Block { has_tail, .. } = file[statement.block.id] else { return None };
        let mut returns = Vec::new();
        let mut gives_early = false;
        let mut tries = false;
        self.walk(statement.block, &mut |expr, kind| {
            tries |= matches!(kind, Expr::Try(_));
            if let Expr::Return(value) = kind {
                gives_early |= value.is_some();
                returns.push(expr);
            }
            !matches!(kind, Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. })
        });
        let place = |ty, tail: Option<ExprRef>, returns: Vec<ExprRef>| ResultPlace {
            function,
            params_end: TextRange::new(item.params_end, item.params_end).in_file(function.file),
            ty,
            body: statement.block,
            tail: tail.map(|tail| self.span(tail)),
            tail_member: tail.and_then(|tail| match file[tail.id] {
                Expr::Tuple(members) => file.list(members).next_back().map(|it| self.span(tail.with(it))),
                _ => None,
            }),
            returns: (returns.into_iter().map(|at| self.span(at)))
                .map(|at| (at, at.range.start >= statement.at.range.end))
                .collect(),
            callers: self.all_callers(function),
        };
        let Some(ty) = item.ret else {
            return (!is_open_ended).then(|| place(None, None, returns));
        };
        if !has_tail {
            return None;
        }
        let result_type = |ty: TyId| self.result_type(function, ty);
        // `Ok(x)` of a `Result<X, E>`: what goes wrong is given back without the task.
        if let crate::facts::Ty::Path(path) = file[ty]
            && let wrapper = file.last_segment(path)
            && catalogue::is_fallible_type(wrapper)
            && let Some(inner) = file.at(file[path].args, 0)
            && let good = if wrapper == "Result" { "Ok" } else { "Some" }
            && let Some(tail) = self.given_in(last, good)
        {
            let is_bad = |at: &ExprRef| match file[at.id] {
                Expr::Return(Some(value)) => {
                    self.given_in(at.with(value), good).is_none() && self.is_bad_end(at.with(value))
                }
                _ => false,
            };
            return returns.iter().all(is_bad).then(|| place(Some(result_type(inner)), Some(tail), Vec::new()));
        }
        // A `Result` beside something else is none that `?` could be asked of.
        let is_result = matches!(file[ty], crate::facts::Ty::Path(path) if file.last_segment(path) == "Result");
        if tries
            || is_result
            || matches!(file[ty], crate::facts::Ty::Never)
            || gives_early
            || !returns.is_empty()
            || is_open_ended
        {
            return None;
        }
        Some(place(Some(result_type(ty)), Some(last), Vec::new()))
    }

    /// `x` of `Ok(x)`.
    fn given_in(&self, expr: ExprRef, variant: &str) -> Option<ExprRef> {
        let file = self.file(expr.file);
        let Expr::Call { callee, args } = file[expr.id] else { return None };
        let Expr::Path(path) = file[callee] else { return None };
        (file.last_segment(path) == variant && args.len == 1)
            .then(|| expr.with(file.at(args, 0).expect("there is one")))
    }

    /// `Err(..)`, `None`.
    fn is_bad_end(&self, expr: ExprRef) -> bool {
        let file = self.file(expr.file);
        match file[expr.id] {
            Expr::Path(path) => file.last_segment(path) == "None",
            _ => self.given_in(expr, "Err").is_some(),
        }
    }

    /// Calls of a function, those in tests too.
    pub(super) fn all_callers(&self, function: FnRef) -> Vec<ExprRef> {
        let name = self.function_name(function);
        let names = self.aliases(name).iter().map(String::as_str).chain([name]);
        let mut found: Vec<ExprRef> = names
            .flat_map(|name| self.calls_named(name))
            .copied()
            .filter(|call| self.calls_fn(*call, function))
            .collect();
        found.sort();
        found.dedup();
        found
    }
}
