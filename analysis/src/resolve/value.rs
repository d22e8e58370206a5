//! Values: an expression together with the calls through which it was reached.

use super::{At, Def, ExprRef, FnRef, Origin, PatRef, Place, Resolve, body::Binding};
use crate::{
    catalogue::{self, Does, Function, Macro},
    facts::{Expr, ExprId, Id, MacroShape, Pat, PatId, UnaryOp},
};
use std::rc::Rc;

/// How many lets, parameters and adaptors are followed from a use back to where a value is made.
const MAX_STEPS: usize = 40;
/// How many calls deep arguments are bound.
pub(crate) const MAX_FRAMES: u32 = 8;

/// An expression, and what the parameters around it stand for.
#[derive(Debug, Clone)]
pub struct Value {
    /// The expression.
    pub expr: ExprRef,
    /// The call that the expression is part of; `None` if nothing is known of the caller.
    pub(crate) frame: Option<Rc<Frame>>,
}

/// A call whose arguments are known.
#[derive(Debug)]
pub(crate) struct Frame {
    /// Frames with the same number are the same.
    pub(crate) id: u32,
    /// Parameter patterns and what was passed.
    args: Vec<(PatRef, Value)>,
    /// Frames below this one.
    pub(crate) depth: u32,
}

/// An expression, and the number of the frame that it stands in.
pub(super) type Key = (ExprRef, Option<u32>);

/// What makes a frame: its depth, and the parameters with what was passed, in which frames.
pub(super) type FrameKey = (u32, Box<[(PatRef, ExprRef, Option<u32>)]>);

impl Frame {
    /// What was passed for a parameter, by its pattern.
    pub(crate) fn passed(&self, param: PatRef) -> Option<Value> {
        self.args.iter().find(|(pat, _)| *pat == param).map(|(_, value)| value.clone())
    }

    /// Whether an expression was passed to this call, or to one around it.
    pub(crate) fn was_given(&self, expr: ExprRef) -> bool {
        self.args
            .iter()
            .any(|(_, value)| value.expr == expr || value.frame.as_ref().is_some_and(|outer| outer.was_given(expr)))
    }
}

impl Value {
    /// The expression alone, with nothing known of callers.
    pub fn bare(expr: ExprRef) -> Value {
        Value { expr, frame: None }
    }

    /// Another expression of the same body.
    pub(crate) fn at(&self, expr: ExprId) -> Value {
        Value { expr: self.expr.with(expr), frame: self.frame.clone() }
    }

    /// What tells it from other values.
    pub(crate) fn key(&self) -> Key {
        (self.expr, self.frame.as_ref().map(|frame| frame.id))
    }

    /// How many calls deep it is.
    pub(crate) fn depth(&self) -> u32 {
        self.frame.as_ref().map_or(0, |frame| frame.depth)
    }
}

impl Resolve {
    /// The expression of a value.
    pub(crate) fn expr(&self, value: &Value) -> Expr {
        self.file(value.expr.file)[value.expr.id]
    }

    /// The binding that an expression names, if it is a plain identifier of a local.
    pub fn local(&self, expr: ExprRef) -> Option<(PatRef, Binding)> {
        let body = self.body(self.place(expr)?);
        let pat = *body.binding_of.get(&expr.id)?;
        Some((expr.with(pat), *body.bindings.get(&pat)?))
    }

    /// What was passed for a parameter.
    pub(crate) fn passed(&self, value: &Value, root: PatId) -> Option<Value> {
        let key = value.expr.with(root);
        let mut frame = value.frame.clone();
        while let Some(here) = frame {
            if let Some((_, value)) = here.args.iter().find(|(pat, _)| *pat == key) {
                return Some(value.clone());
            }
            // Closures and async blocks see the parameters of the bodies around them.
            frame = here.args.first().and_then(|(_, value)| value.frame.clone());
        }
        None
    }

    /// One step back from a use towards where the value is made.
    pub(super) fn step_back(&self, value: &Value) -> Option<Value> {
        let file = self.file(value.expr.file);
        match self.expr(value) {
            Expr::Path(_) => {
                let (pat, binding) = self.local(value.expr)?;
                match binding.origin {
                    Origin::Value(init) => self.component(&value.at(init), binding.root, pat.id),
                    Origin::Param(_) | Origin::SelfParam | Origin::ClosureParam(..) => {
                        let passed = self.passed(value, binding.root)?;
                        (binding.root == pat.id || self.is_typed(value.expr.with(binding.root), pat.id))
                            .then_some(passed)
                    }
                    Origin::Unset => self.only_assignment(value, pat),
                    Origin::Element(_) | Origin::Output(_) => None,
                }
            }
            Expr::Ref { expr, .. } | Expr::Unary { op: UnaryOp::Deref, expr } | Expr::Cast { expr, .. } => {
                Some(value.at(expr))
            }
            Expr::MethodCall { receiver, method, args, .. } => {
                let known = catalogue::method(&file[method]);
                let keeps = match known.does_any(&[Does::Clones, Does::Views, Does::Wraps]) {
                    true => args.is_empty(),
                    false => {
                        known.does_any(&[Does::Dresses, Does::Inspects, Does::ChangesError])
                            && self.is_future(&value.at(receiver))
                    }
                };
                keeps.then(|| value.at(receiver))
            }
            Expr::Call { callee, args } => {
                let first = file.at(args, 0)?;
                let keeps = match self.callee(value.expr.with(callee)) {
                    Def::External(path) => catalogue::function(&path).is_some_and(Function::gives_same),
                    _ => false,
                };
                keeps.then(|| value.at(first))
            }
            Expr::Macro(id) if file[id].shape == MacroShape::Exprs && file.macro_of(id) == Some(Macro::Pins) => {
                file.at(file[id].args, 0).map(|arg| value.at(arg))
            }
            Expr::Block { stmts, has_tail: true, kind: crate::facts::BlockKind::Plain, .. } => {
                file.list(stmts).next_back().map(|tail| value.at(tail))
            }
            _ => None,
        }
    }

    fn is_typed(&self, root: PatRef, pat: PatId) -> bool {
        matches!(self.file(root.file)[root.id], Pat::Typed { pat: inner, .. } if inner == pat)
    }

    /// The part of a value that one binding of a pattern gets, where the text shows it.
    pub(super) fn component(&self, value: &Value, root: PatId, pat: PatId) -> Option<Value> {
        if root == pat {
            return Some(value.clone());
        }
        let file = self.file(value.expr.file);
        match (file[root], self.expr(value)) {
            (Pat::Tuple(pats), Expr::Tuple(exprs)) => {
                file.list(pats).zip(file.list(exprs)).find_map(|(sub, expr)| self.component(&value.at(expr), sub, pat))
            }
            (Pat::Ref(sub), _) | (Pat::Typed { pat: sub, .. }, _) => self.component(value, sub, pat),
            _ => None,
        }
    }

    /// The value of `let x; x = ..;` if it is assigned once.
    fn only_assignment(&self, value: &Value, pat: PatRef) -> Option<Value> {
        let body = self.body(self.place(value.expr)?);
        let parents = self.parents(value.expr.file);
        let mut found = None;
        for used in body.uses(pat.id) {
            if let Some(Expr::Assign { op: None, lhs, rhs }) = parents.parent(*used).map(|at| self.file(pat.file)[at])
                && lhs == *used
                && found.replace(rhs).is_some()
            {
                return None;
            }
        }
        found.map(|rhs| value.at(rhs))
    }

    /// Where a value is made: through lets, parameters, clones and wrappers, as far as the text shows.
    pub fn origin(&self, value: &Value) -> Value {
        let mut here = value.clone();
        for _ in 0..MAX_STEPS {
            match self.step_back(&here) {
                Some(next) if next.expr != here.expr => here = next,
                _ => break,
            }
        }
        here
    }

    /// The binding behind a value: the last local before its origin, clones followed.
    /// `tx.clone()` and `tx` are told apart by their bindings only if a `let` stands between.
    pub(crate) fn root_binding(&self, value: &Value) -> Option<(PatRef, Value)> {
        let mut here = value.clone();
        let mut last = None;
        for _ in 0..MAX_STEPS {
            if let Some((pat, _)) = self.local(here.expr) {
                last = Some((pat, here.clone()));
            }
            match self.step_back(&here) {
                Some(next) if next.expr != here.expr => here = next,
                _ => break,
            }
        }
        last
    }

    /// The frame in which the body of a called function runs.
    pub(crate) fn enter(&self, call: &Value, function: FnRef) -> Option<Rc<Frame>> {
        if call.depth() >= MAX_FRAMES {
            return None;
        }
        let file = self.file(call.expr.file);
        let item = self.function(function);
        let (receiver, args) = match self.expr(call) {
            Expr::Call { args, .. } => (None, args),
            Expr::MethodCall { receiver, args, .. } => (Some(receiver), args),
            _ => return None,
        };
        let mut values: Vec<Value> = receiver.into_iter().chain(file.list(args)).map(|arg| call.at(arg)).collect();
        let mut bound = Vec::new();
        if let Some(param) = item.self_param
            && !values.is_empty()
        {
            bound.push((function.with(param.pat), values.remove(0)));
        } else if receiver.is_some() && item.self_param.is_none() {
            return None;
        }
        bound.extend(item.params.iter().map(|param| function.with(param.pat)).zip(values));
        Some(self.frame(bound, call.depth() + 1))
    }

    /// The frame in which the body of a closure runs, called with these arguments.
    pub(crate) fn enter_closure(&self, closure: &Value, args: Vec<Value>, depth: u32) -> Option<Rc<Frame>> {
        let Expr::Closure { params, .. } = self.expr(closure) else { return None };
        if depth >= MAX_FRAMES {
            return None;
        }
        let file = self.file(closure.expr.file);
        let mut bound: Vec<_> = file.list(params).map(|pat| closure.expr.with(pat)).zip(args).collect();
        // What the closure captured is known where it was made.
        bound.insert(0, (closure.expr.with(PatId::from_index(u32::MAX as usize - 2)), closure.clone()));
        Some(self.frame(bound, depth + 1))
    }

    /// The one frame with these arguments.
    fn frame(&self, args: Vec<(PatRef, Value)>, depth: u32) -> Rc<Frame> {
        let key: FrameKey =
            (depth, args.iter().map(|(pat, it)| (*pat, it.expr, it.frame.as_ref().map(|outer| outer.id))).collect());
        // It is kept for as long as the program is.
        self.steps.take(1 + args.len());
        let mut frames = self.memo.frames.borrow_mut();
        let id = frames.len() as u32;
        Rc::clone(frames.entry(key).or_insert_with(|| Rc::new(Frame { id, args, depth })))
    }

    /// Calls `visit` for an expression and everything below it, from the outside in.
    /// `visit` says whether to go below.
    pub fn walk(&self, root: ExprRef, visit: &mut dyn FnMut(ExprRef, Expr) -> bool) {
        let file = self.file(root.file);
        if visit(root, file[root.id]) {
            file.each_child(root.id, &mut |child| self.walk(root.with(child), visit));
        }
    }

    /// The place of the call that an expression makes, for labels: name of function or method.
    pub fn call_name(&self, expr: ExprRef) -> Option<String> {
        let file = self.file(expr.file);
        match file[expr.id] {
            Expr::Call { callee, .. } => match file[callee] {
                Expr::Path(path) => Some(file.path_text(path)),
                _ => None,
            },
            Expr::MethodCall { method, .. } => Some(file[method].to_owned()),
            _ => None,
        }
    }

    /// Resolves a path where it stands, `Self` included.
    pub fn resolve_in(&self, file: crate::span::FileId, place: Place, path: crate::facts::PathId) -> Def {
        let summary = self.file(file);
        let mut segments = summary.segments(path);
        if summary[path].qself.is_none() && segments.next() == Some("Self") {
            let Some(owner) = self.self_def(place) else { return Def::Unknown };
            let rest: Vec<&str> = segments.collect();
            return match (owner, rest.as_slice()) {
                (owner, []) => owner,
                (Def::Type(item), [name]) => self.associated(item, name),
                (Def::External(path), rest) => {
                    Def::External(catalogue::canonical(&format!("{path}::{}", rest.join("::"))).into())
                }
                _ => Def::Unknown,
            };
        }
        if let Some(qself) = summary[path].qself {
            // `<T>::f` and `<T as Trait>::f`.
            let ty = self.lower_ty(file, place, qself);
            let last = summary.last_segment(path);
            return match ty.item() {
                Some(item) => self.associated(item, last),
                None => match ty.external() {
                    Some(path) => Def::External(catalogue::canonical(&format!("{path}::{last}")).into()),
                    None => Def::Unknown,
                },
            };
        }
        match self.view().resolve_path(file, self.module_of(place), path) {
            Def::Unknown => self.of_generic(place, path),
            found => found,
        }
    }

    /// `A::run(..)` where `A` is a generic type that is bound by a trait of the workspace.
    fn of_generic(&self, place: Place, path: crate::facts::PathId) -> Def {
        use crate::facts::Owner;
        let Place::Fn(function) = place else { return Def::Unknown };
        let file = self.file(function.file);
        let item = self.function(function);
        let segments: Vec<&str> = file.segments(path).collect();
        let [name, method] = segments.as_slice() else { return Def::Unknown };
        let of_owner = match item.owner {
            Owner::Impl(block) => file[block].generics.as_slice(),
            Owner::Trait(owner) => file[owner].generics.as_slice(),
            Owner::Module => &[],
        };
        let generic = item.generics.iter().chain(of_owner).find(|generic| &file[generic.name] == *name);
        let found = generic.into_iter().flat_map(|generic| file.list(generic.bounds)).find_map(|bound| {
            match self.view().resolve_path(function.file, item.module, bound) {
                Def::Type(owner) => self.method_of(&super::Type::Item(owner, Rc::from([])), method),
                _ => None,
            }
        });
        found.map_or(Def::Unknown, Def::Fn)
    }

    pub(crate) fn associated(&self, item: super::TypeRef, name: &str) -> Def {
        let methods = self.names.methods(item, name);
        let with_body = methods.iter().find(|method| self.function(**method).body.is_some());
        if let Some(method) = with_body.or(methods.first()) {
            return Def::Fn(*method);
        }
        let file = self.file(item.file);
        if file.list(file[item.id].variants).any(|variant| &file[variant] == name) {
            return Def::Variant(item, name.to_owned());
        }
        let module = At::new(item.file, file[item.id].module);
        self.view().resolve(module, &[&file[file[item.id].name], name], false, 0)
    }

    /// What `Self` means in a body.
    pub fn self_def(&self, place: Place) -> Option<Def> {
        use crate::facts::Owner;
        let owner = match place {
            Place::Fn(function) => match self.function(function).owner {
                Owner::Module => return None,
                Owner::Impl(item) => function.with(item),
                Owner::Trait(item) => return Some(Def::Type(function.with(item))),
            },
            Place::Const(item) => {
                let owner = self.file(item.file).consts[item.index as usize].owner?;
                At::new(item.file, owner)
            }
        };
        Some(self.names.impl_type(owner))
    }
}
