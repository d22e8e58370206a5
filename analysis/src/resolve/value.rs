//! Values: an expression together with the calls through which it was reached.

use super::{
    At, Def, ExprRef, Origin, PatRef, Place, Resolve,
    body::Binding,
    frames::{Ask, Frame},
};
use crate::{
    catalogue::{self, Does, Function, Macro},
    facts::{Expr, ExprId, MacroShape, Pat, PatId, UnaryOp},
};
use std::rc::Rc;

/// From how many steps on a way back is remembered: shorter ones are gone again sooner than looked up.
const LONG: usize = 16;

/// An expression, and what the parameters around it stand for.
#[derive(Debug, Clone)]
pub struct Value {
    /// The expression.
    pub expr: ExprRef,
    /// The call that the expression is part of; `None` if nothing is known of the caller.
    pub(crate) frame: Option<Rc<Frame>>,
}

/// An expression, and the number of the frame that it stands in.
pub(super) type Key = (ExprRef, Option<u32>);

/// What is found on the way from a use back to where a value is made.
#[derive(Debug, Clone)]
pub(super) struct Way {
    /// Where it is made.
    origin: Value,
    /// The last local before that.
    last: Option<(PatRef, Value)>,
    /// The first value on the way that stands in another frame than the use: what the function around it was given.
    given: Option<Value>,
}

/// A [`Value`] by numbers: what answers carry along that leave the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ValueId {
    /// The expression.
    pub expr: ExprRef,
    pub(crate) frame: Option<u32>,
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
        (self.expr, self.frame_id())
    }

    /// The same in numbers.
    pub(crate) fn id(&self) -> ValueId {
        ValueId { expr: self.expr, frame: self.frame_id() }
    }

    pub(super) fn frame_id(&self) -> Option<u32> {
        self.frame.as_ref().map(|frame| frame.id)
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

    /// One step back from a use towards where the value is made: to what stands before it in the body, or inside of
    /// it, or out of the body. So there is an end to going back.
    pub(super) fn step_back(&self, value: &Value) -> Option<Value> {
        self.step_back_asking(value, Ask::Value)
    }

    fn step_back_asking(&self, value: &Value, ask: Ask) -> Option<Value> {
        let file = self.file(value.expr.file);
        match self.expr(value) {
            Expr::Path(_) => {
                let (pat, binding) = self.local(value.expr)?;
                match binding.origin {
                    Origin::Value(init) => self.component(&value.at(init), binding.root, pat.id),
                    Origin::Param(_) | Origin::SelfParam | Origin::ClosureParam(..) => {
                        let passed = self.look_up(value, binding.root, ask)?;
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
        // Nothing is used before it is assigned.
        found.filter(|rhs| *rhs < value.expr.id).map(|rhs| value.at(rhs))
    }

    /// Where a value is made: through lets, parameters, clones and wrappers, as far as the text shows.
    pub fn origin(&self, value: &Value) -> Value {
        self.follow_back(value, Ask::Value, &mut |_| ()).unwrap_or_else(|| self.long_way(value).origin)
    }

    /// The binding behind a value: the last local before its origin, clones followed.
    /// `tx.clone()` and `tx` are told apart by their bindings only if a `let` stands between.
    pub(crate) fn root_binding(&self, value: &Value) -> Option<(PatRef, Value)> {
        let mut last = None;
        let origin = self.follow_back(value, Ask::Value, &mut |here| {
            if let Some((pat, _)) = self.local(here.expr) {
                last = Some((pat, here.clone()));
            }
        });
        if origin.is_some() { last } else { self.long_way(value).last }
    }

    /// What was given to the function around a value, if the value is that and nothing was made of it, for a frame.
    pub(super) fn given(&self, value: &Value, ask: Ask) -> Option<Value> {
        let (own, mut given) = (value.frame_id(), None);
        let origin = self.follow_back(value, ask, &mut |here| {
            if given.is_none() && here.frame_id() != own {
                given = Some(here.clone());
            }
        });
        if origin.is_some() { given } else { self.long_way(value).given }
    }

    /// Follows a way back, if it is not long: the value where it ends.
    fn follow_back(&self, value: &Value, ask: Ask, visit: &mut dyn FnMut(&Value)) -> Option<Value> {
        let mut here = value.clone();
        for _ in 0..LONG {
            visit(&here);
            match self.step_back_asking(&here, ask) {
                Some(next) if next.expr != here.expr => here = next,
                _ => return Some(here),
            }
        }
        None
    }

    /// A way back of any length: each value on it is gone through once, whoever asks.
    fn long_way(&self, value: &Value) -> Way {
        let mut steps: Vec<Value> = Vec::new();
        let mut next = Some(value.clone());
        let mut way = loop {
            let Some(here) = next.clone() else {
                let origin = steps.last().expect("a way begins with a value").clone();
                break Way { origin, last: None, given: None };
            };
            if let Some(known) = self.memo.ways.borrow().get(&here.key()) {
                break known.clone();
            }
            next = self.step_back(&here).filter(|next| next.expr != here.expr);
            steps.push(here);
        };
        for step in steps.into_iter().rev() {
            if way.last.is_none() {
                way.last = self.local(step.expr).map(|(pat, _)| (pat, step.clone()));
            }
            if let Some(next) = next.filter(|next| next.frame_id() != step.frame_id()) {
                way.given = Some(next);
            }
            self.memo.ways.borrow_mut().insert(step.key(), way.clone());
            next = Some(step);
        }
        way
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
        self.view().resolve(module, &[&file[file[item.id].name], name], false)
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
            Place::Const(item) => match self.file(item.file).consts[item.index as usize].owner {
                Owner::Module => return None,
                Owner::Impl(owner) => At::new(item.file, owner),
                Owner::Trait(owner) => return Some(Def::Type(At::new(item.file, owner))),
            },
        };
        Some(self.names.impl_type(owner))
    }
}
