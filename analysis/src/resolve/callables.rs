//! Functions and closures as values: what a name that is called stands for, and which calls run a value.

use super::{At, ConstRef, Def, ExprRef, FnRef, Origin, PatRef, Place, Resolve, TypeRef, Value, body::Binding};
use crate::{
    catalogue::{self, Does},
    facts::{BlockKind, Expr, ExprId, FileSummary, Name, Pat, PatId, Visibility},
    span::FileId,
};
use rustc_hash::FxHashSet;
use std::rc::Rc;

/// Something that can be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Callable {
    /// What has a path; what cannot be told is [`Def::Unknown`].
    Def(Def),
    /// A closure.
    Closure(ExprRef),
}

/// The calls that run a function value.
#[derive(Debug, Default)]
pub(crate) struct ValueCalls {
    /// Those that the workspace shows.
    pub(crate) calls: Vec<ExprRef>,
    /// Those in functions that it is passed to: what else these are passed, they run there, too.
    pub(crate) calls_of_parameters: Vec<ExprRef>,
    /// Whether it goes where the text does not show who calls it.
    pub(crate) escapes: bool,
}

impl Resolve {
    /// What a path that stands for itself means, `Self` and type-qualified names seen through.
    pub(crate) fn named(&self, path: ExprRef) -> Def {
        let Expr::Path(id) = self.file(path.file)[path.id] else { return Def::Unknown };
        if self.local(path).is_some() {
            return Def::Unknown;
        }
        let Some(place) = self.place(path) else { return Def::Unknown };
        self.resolve_in(path.file, place, id)
    }

    /// What the callee of a call means: a path, or what the name stands for that is called.
    pub fn callee(&self, callee: ExprRef) -> Def {
        match self.named(callee) {
            found @ (Def::Unknown | Def::Const(_)) => self.bound_callee(callee).unwrap_or(found),
            found => found,
        }
    }

    /// `let run = tokio::spawn; run(f)`: if the name stands for one thing.
    fn bound_callee(&self, callee: ExprRef) -> Option<Def> {
        if !matches!(self.expr(&Value::bare(callee)), Expr::Path(_)) {
            return None;
        }
        match self.callables(callee).as_slice() {
            [Callable::Def(def)] if *def != Def::Unknown => Some(def.clone()),
            _ => None,
        }
    }

    /// What a callee stands for: through lets, constants and the branches that give it.
    pub(crate) fn callables(&self, callee: ExprRef) -> Vec<Callable> {
        let mut found = Vec::new();
        let mut seen = FxHashSet::default();
        let mut open = vec![callee];
        while let Some(at) = open.pop() {
            if !seen.insert(at) {
                continue;
            }
            self.steps.step();
            let callable = match self.callable_at(at, &mut open) {
                Some(callable) => callable,
                None => continue,
            };
            if !found.contains(&callable) {
                found.push(callable);
            }
        }
        found
    }

    /// One callable, or what has to be looked at instead of it.
    fn callable_at(&self, at: ExprRef, open: &mut Vec<ExprRef>) -> Option<Callable> {
        let file = self.file(at.file);
        let unknown = Some(Callable::Def(Def::Unknown));
        match file[at.id] {
            Expr::Closure { .. } => return Some(Callable::Closure(at)),
            Expr::Path(_) => match self.local(at) {
                Some((pat, binding)) => {
                    let values = self.values_of_binding(at, pat, &binding);
                    if values.is_empty() {
                        return unknown;
                    }
                    open.extend(values);
                }
                None => match self.named(at) {
                    Def::Const(item) => match self.file(item.file).consts[item.index as usize].init {
                        Some(init) => open.push(At::new(item.file, init)),
                        None => return unknown,
                    },
                    def => return Some(Callable::Def(def)),
                },
            },
            Expr::If { then, otherwise: Some(otherwise), .. } => open.extend([at.with(then), at.with(otherwise)]),
            Expr::Match { arms, .. } => open.extend(file.list(arms).map(|arm| at.with(file[arm].body))),
            // A way that does not come back gives nothing.
            Expr::Return(_) | Expr::Break { .. } | Expr::Continue { .. } => {}
            Expr::Block { stmts, kind: BlockKind::Plain, has_tail: true, .. } => {
                let values = file.list(stmts).map(|stmt| at.with(stmt));
                let last = values.clone().next_back();
                open.extend(values.filter(|stmt| Some(*stmt) == last || self.is_alternative_tail(*stmt)));
            }
            _ => match self.step_back(&Value::bare(at)) {
                Some(next) if next.expr != at => open.push(next.expr),
                _ => return unknown,
            },
        }
        None
    }

    /// What a name may have been given: by its `let`, by those of the same name under other cfgs, by assignments.
    fn values_of_binding(&self, used: ExprRef, pat: PatRef, binding: &Binding) -> Vec<ExprRef> {
        let Some(place) = self.place(used) else { return Vec::new() };
        let body = self.body(place);
        let file = self.file(used.file);
        match binding.origin {
            Origin::Value(init) => {
                let given = |init: ExprId, root: PatId, pat: PatId| {
                    self.component(&Value::bare(used.with(init)), root, pat).map(|value| value.expr)
                };
                let Some(own) = given(init, binding.root, pat.id) else { return Vec::new() };
                let earlier = self.shadowed_alternatives(pat, place).into_iter().filter_map(|other| {
                    match body.bindings.get(&other.id)?.origin {
                        Origin::Value(init) => given(init, body.bindings.get(&other.id)?.root, other.id),
                        _ => None,
                    }
                });
                std::iter::once(own).chain(earlier).collect()
            }
            Origin::Unset => {
                let parents = self.parents(used.file);
                let assigned = body.uses(pat.id).iter().filter_map(|used| match file[parents.parent(*used)?] {
                    Expr::Assign { op: None, lhs, rhs } if lhs == *used => Some(pat.with(rhs)),
                    _ => None,
                });
                assigned.collect()
            }
            _ => Vec::new(),
        }
    }

    /// The calls that run a function or closure, followed from where it is made or named: through lets, constants,
    /// fields, arguments and results.
    pub(crate) fn calls_of_value(&self, value: ExprRef) -> ValueCalls {
        let mut track = Track {
            resolve: self,
            found: ValueCalls::default(),
            open: vec![value],
            passed: Vec::new(),
            is_passed: false,
        };
        let mut seen = FxHashSet::default();
        while let Some(at) = track.next() {
            if seen.insert(at) {
                self.steps.step();
                if track.follow(at).is_none() {
                    track.found.escapes = true;
                }
            }
        }
        let mut found = track.found;
        for calls in [&mut found.calls, &mut found.calls_of_parameters] {
            calls.sort();
            calls.dedup();
        }
        found
    }

    /// Whether a statement is a plain block with a value, of which something stands behind.
    pub(crate) fn is_alternative_tail(&self, stmt: ExprRef) -> bool {
        matches!(self.file(stmt.file)[stmt.id], Expr::Block { kind: BlockKind::Plain, has_tail: true, label: None, .. })
    }

    /// A later `let` of the same name in the same block. Nobody writes `let h = ..; let h = ..; h` for one
    /// build: each is compiled under another cfg.
    pub(crate) fn shadowed_by(&self, pat: PatRef, place: Place) -> Option<PatRef> {
        self.lets_of_same_name(pat, place).into_iter().find(|other| other.id > pat.id)
    }

    /// Earlier lets of the same name in the same block that nobody uses.
    fn shadowed_alternatives(&self, pat: PatRef, place: Place) -> Vec<PatRef> {
        let body = self.body(place);
        let mut earlier = self.lets_of_same_name(pat, place);
        earlier.retain(|other| other.id < pat.id && body.uses(other.id).is_empty());
        earlier
    }

    fn lets_of_same_name(&self, pat: PatRef, place: Place) -> Vec<PatRef> {
        let body = self.body(place);
        let file = self.file(pat.file);
        let Some(own) = body.bindings.get(&pat.id) else { return Vec::new() };
        let Some(block) = own.at.and_then(|at| self.parents(pat.file).parent(at)) else { return Vec::new() };
        let all = self.named_lets(file, pat.file, place);
        let first = all.partition_point(|(name, at, _)| (*name, *at) < (own.name, block));
        let same = all[first..].iter().take_while(|(name, at, _)| (*name, *at) == (own.name, block));
        same.filter(|(_, _, other)| *other != pat.id).map(|(_, _, other)| pat.with(*other)).collect()
    }

    /// The lets of a body by name and block.
    fn named_lets(&self, file: &FileSummary, id: FileId, place: Place) -> Rc<[NamedLet]> {
        if let Some(known) = self.memo.named_lets.borrow().get(&place) {
            return Rc::clone(known);
        }
        let body = self.body(place);
        let parents = self.parents(id);
        self.steps.take(body.bindings.len());
        let lets = body.bindings.iter().filter_map(|(pat, binding)| {
            let at = binding.at.filter(|at| matches!(file[*at], Expr::Local { .. }))?;
            Some((binding.name, parents.parent(at)?, *pat))
        });
        let mut all: Vec<NamedLet> = lets.collect();
        all.sort_unstable();
        let all: Rc<[NamedLet]> = all.into();
        self.memo.named_lets.borrow_mut().insert(place, Rc::clone(&all));
        all
    }
}

/// A name, the block of the `let`, and what is bound.
pub(super) type NamedLet = (Name, ExprId, PatId);

/// Follows a function value to its calls.
struct Track<'a> {
    resolve: &'a Resolve,
    found: ValueCalls,
    /// Expressions whose value it is.
    open: Vec<ExprRef>,
    /// Those that name a parameter.
    passed: Vec<ExprRef>,
    /// Whether those are being followed.
    is_passed: bool,
}

impl Track<'_> {
    /// What is to be followed next: what is passed on comes last, so that a call is told from one of a parameter.
    fn next(&mut self) -> Option<ExprRef> {
        self.open.pop().or_else(|| {
            self.is_passed = true;
            self.passed.pop()
        })
    }

    /// Takes one step from an expression outwards. `None` if the text does not show who calls the value.
    fn follow(&mut self, at: ExprRef) -> Option<()> {
        let resolve = self.resolve;
        let Some(parent) = resolve.parents(at.file).parent(at.id) else { return self.end_of_body(at) };
        let file = resolve.file(at.file);
        let outer = at.with(parent);
        match file[parent] {
            Expr::Call { callee, .. } if callee == at.id => match self.is_passed {
                true => self.found.calls_of_parameters.push(outer),
                false => self.found.calls.push(outer),
            },
            Expr::Call { callee, args } => {
                let index = file.list(args).position(|arg| arg == at.id)?;
                self.argument(outer, outer.with(callee), index)?;
            }
            Expr::MethodCall { receiver, method, args, .. } if receiver == at.id => {
                let known = catalogue::method(&file[method]);
                if !(args.is_empty() && known.does_any(&[Does::Clones, Does::Views, Does::Unwraps])) {
                    return None;
                }
                self.open.push(outer);
            }
            Expr::MethodCall { method, args, .. } => {
                let index = file.list(args).position(|arg| arg == at.id)?;
                let called = resolve.called_fns(&Value::bare(outer));
                match called.is_empty() {
                    true if catalogue::method(&file[method]).does(Does::Defaults) => self.open.push(outer),
                    true => return None,
                    false => called.iter().try_for_each(|function| self.parameter(*function, index))?,
                }
            }
            Expr::Local { pat, .. } => self.bound(at, outer.with(pat))?,
            Expr::Assign { op: None, lhs, rhs } if rhs == at.id => self.assigned(outer.with(lhs))?,
            // It is set to something else.
            Expr::Assign { lhs, .. } if lhs == at.id => {}
            Expr::Block { kind: BlockKind::Plain, stmts, has_tail, .. } => {
                let is_tail = has_tail && file.list(stmts).next_back() == Some(at.id);
                if is_tail || resolve.is_alternative_tail(at) {
                    self.open.push(outer);
                }
            }
            Expr::Ref { .. } | Expr::Cast { .. } | Expr::Unary { .. } => self.open.push(outer),
            Expr::If { cond, .. } if cond != at.id => self.open.push(outer),
            Expr::Match { scrutinee, .. } if scrutinee != at.id => self.open.push(outer),
            Expr::FieldInit { name, .. } => {
                let literal = at.with(resolve.parents(at.file).parent(parent)?);
                let Expr::Struct { path, .. } = file[literal.id] else { return None };
                match resolve.resolve_in(at.file, resolve.place(at)?, path) {
                    Def::Type(owner) => self.field(owner, &file[name])?,
                    _ => return None,
                }
            }
            Expr::Return(_) => self.returned(at)?,
            _ => return None,
        }
        Some(())
    }

    /// The value of a whole body.
    fn end_of_body(&mut self, at: ExprRef) -> Option<()> {
        match self.resolve.place(at)? {
            Place::Fn(_) => self.returned(at),
            Place::Const(item) => self.constant(item),
        }
    }

    /// What a function gives back.
    fn returned(&mut self, at: ExprRef) -> Option<()> {
        let resolve = self.resolve;
        let file = resolve.file(at.file);
        let is_inside = resolve.parents(at.file).ancestors(at.id).any(|at| {
            matches!(file[at], Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. })
        });
        let function = resolve.enclosing_fn(at).filter(|_| !is_inside)?;
        let item = resolve.function(function);
        item.ret?;
        let calls = resolve.named_callers(function);
        match item.is_async {
            false => self.open.extend(calls),
            true => self.open.extend(calls.into_iter().filter_map(|call| {
                let parent = resolve.parents(call.file).parent(call.id)?;
                matches!(resolve.file(call.file)[parent], Expr::Await(_)).then(|| call.with(parent))
            })),
        }
        // Others may call it, too.
        (item.visibility != Visibility::Public).then_some(())
    }

    /// What a constant or static holds.
    fn constant(&mut self, item: ConstRef) -> Option<()> {
        let resolve = self.resolve;
        let file = resolve.file(item.file);
        let mentions = resolve.mentions_of(&file[file.consts[item.index as usize].name]);
        self.open.extend(mentions.iter().filter(|at| resolve.named(**at) == Def::Const(item)));
        Some(())
    }

    /// A name that gets the value.
    fn bound(&mut self, at: ExprRef, pat: PatRef) -> Option<()> {
        let resolve = self.resolve;
        let file = resolve.file(pat.file);
        match file[pat.id] {
            Pat::Wild => Some(()),
            Pat::Typed { pat: inner, .. } => self.bound(at, pat.with(inner)),
            Pat::Bind { sub: None, .. } => {
                let place = resolve.place(at)?;
                let body = resolve.body(place);
                let uses = body.uses(pat.id);
                self.open.extend(uses.iter().map(|used| pat.with(*used)));
                if uses.is_empty()
                    && let Some(later) = resolve.shadowed_by(pat, place)
                {
                    return self.bound(at, later);
                }
                Some(())
            }
            _ => None,
        }
    }

    fn assigned(&mut self, lhs: ExprRef) -> Option<()> {
        let resolve = self.resolve;
        match resolve.file(lhs.file)[lhs.id] {
            Expr::Path(_) => {
                let (pat, _) = resolve.local(lhs)?;
                self.bound(lhs, pat)
            }
            Expr::Field { base, name } => {
                let owner = resolve.type_of(&Value::bare(lhs.with(base))).pointee().item()?;
                self.field(owner, &resolve.file(lhs.file)[name])
            }
            Expr::Underscore => Some(()),
            _ => None,
        }
    }

    /// Where a field is read that holds the value.
    fn field(&mut self, owner: TypeRef, field: &str) -> Option<()> {
        let resolve = self.resolve;
        let mut is_known = true;
        for read in resolve.fields_named(field) {
            let Expr::Field { base, .. } = resolve.file(read.file)[read.id] else { continue };
            match resolve.type_of(&Value::bare(read.with(base))).innermost() {
                super::Type::Item(item, _) if item == owner => self.open.push(*read),
                super::Type::Unknown => is_known = false,
                _ => {}
            }
        }
        let file = resolve.file(owner.file);
        let declared = file[owner.id].fields.iter().find(|it| &file[it.name] == field);
        let is_public = declared.is_none_or(|it| it.visibility == Visibility::Public);
        let is_taken_apart = !resolve.patterns_named(&file[file[owner.id].name]).is_empty();
        (is_known && !is_public && !is_taken_apart).then_some(())
    }

    /// An argument of a call.
    fn argument(&mut self, call: ExprRef, callee: ExprRef, index: usize) -> Option<()> {
        let resolve = self.resolve;
        match resolve.callee(callee) {
            Def::Fn(_) => {
                let called = resolve.called_fns(&Value::bare(call));
                called.iter().try_for_each(|function| {
                    let shift = usize::from(resolve.function(*function).self_param.is_some());
                    self.parameter(*function, index.checked_sub(shift)?)
                })
            }
            Def::Type(owner) => self.field(owner, &index.to_string()),
            Def::External(path) => {
                let known = catalogue::function(&path)?;
                (known.gives_same() || known.holds()).then(|| self.open.push(call))
            }
            _ => {
                let closures = resolve.callables(callee);
                closures.iter().try_for_each(|callable| {
                    let Callable::Closure(closure) = *callable else { return None };
                    let file = resolve.file(closure.file);
                    let Expr::Closure { params, .. } = file[closure.id] else { return None };
                    self.bound(closure, closure.with(file.at(params, index)?))
                })
            }
        }
    }

    /// What a function does with a parameter.
    fn parameter(&mut self, function: FnRef, index: usize) -> Option<()> {
        let item = self.resolve.function(function);
        let param = item.params.get(index)?;
        let body = function.with(item.body?);
        let before = self.open.len();
        let found = self.bound(body, function.with(param.pat));
        self.passed.extend(self.open.drain(before..));
        found
    }
}
