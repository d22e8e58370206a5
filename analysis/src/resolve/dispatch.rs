//! Which functions a call may run: of a method that a trait declares, what all its implementations write.

use super::{Def, ExprRef, FnRef, Resolve, Type, TypeRef, Value};
use crate::{
    catalogue::{self, Does},
    facts::{Expr, Owner, TypeKind, UnaryOp},
    span::FileId,
};
use rustc_hash::FxHashMap;
use std::rc::Rc;

impl Resolve {
    /// The function that a call runs: by path, or by method and receiver type. Of a method of a trait that several
    /// types implement it is the trait's own, mostly without body: [`Resolve::called_fns`] has them all.
    pub fn called_fn(&self, value: &Value) -> Option<FnRef> {
        // What is named in front of the arguments means the same for all callers.
        let key = match self.expr(value) {
            Expr::Call { .. } => (value.expr, None),
            Expr::MethodCall { .. } => value.key(),
            _ => return None,
        };
        if let Some(known) = self.memo.called.borrow().get(&key) {
            return *known;
        }
        let found = self.find_called_fn(value);
        self.memo.called.borrow_mut().insert(key, found);
        found
    }

    fn find_called_fn(&self, value: &Value) -> Option<FnRef> {
        let file = self.file(value.expr.file);
        match self.expr(value) {
            Expr::Call { callee, .. } => match self.callee(value.expr.with(callee)) {
                Def::Fn(function) => Some(self.with_body(function)),
                _ => None,
            },
            Expr::MethodCall { receiver, method, args, .. } => {
                self.method(&value.at(receiver), &file[method], args.len as usize)
            }
            _ => None,
        }
    }

    /// All functions that a call may run, as far as the workspace shows them.
    pub fn called_fns(&self, call: &Value) -> Rc<[FnRef]> {
        match self.called_fn(call) {
            None => Rc::from([]),
            Some(function) if self.is_dispatched(call, function) => self.dispatched(function),
            Some(function) => Rc::from([function]),
        }
    }

    /// Whether the type of a receiver decides at run time, or in each instance of a generic function, which function
    /// a call of a trait's method runs.
    pub(super) fn is_dispatched(&self, call: &Value, function: FnRef) -> bool {
        if !matches!(self.function(function).owner, Owner::Trait(_)) {
            return false;
        }
        match self.expr(call) {
            Expr::MethodCall { receiver, .. } => {
                !self.is_of_one_type(&self.type_of(&call.at(receiver)), self.function_name(function))
            }
            _ => true,
        }
    }

    /// Whether the method comes to a receiver from a type of its own, and not from a bound or `dyn`.
    fn is_of_one_type(&self, receiver: &Type, method: &str) -> bool {
        match receiver.pointee() {
            Type::Item(item, _) => {
                self.file(item.file)[item.id].kind != TypeKind::Trait && self.item_method(item, method).is_some()
            }
            _ => false,
        }
    }

    /// The functions that a method of a trait stands for: what its implementations write, and its own body where one
    /// of them leaves it at that. The method itself, if there is none.
    pub(crate) fn dispatched(&self, function: FnRef) -> Rc<[FnRef]> {
        if let Some(known) = self.memo.dispatched.borrow().get(&function) {
            return Rc::clone(known);
        }
        let found = self.find_dispatched(function);
        self.memo.dispatched.borrow_mut().insert(function, Rc::clone(&found));
        found
    }

    fn find_dispatched(&self, function: FnRef) -> Rc<[FnRef]> {
        let written = self.written(function);
        let own = self.function(function).body.is_some() && self.is_inherited(function, written.len());
        // One that hands the call on to what is inside runs what that one runs.
        let mut found: Vec<FnRef> = own.then_some(function).into_iter().collect();
        let all_forward = written.iter().all(|body| self.only_forwards(*body));
        found.extend(written.iter().copied().filter(|body| all_forward || !self.only_forwards(*body)));
        if found.is_empty() { Rc::from([function]) } else { found.into() }
    }

    /// Of a trait method without body, the only implementation, if there is one.
    pub(crate) fn with_body(&self, function: FnRef) -> FnRef {
        let item = self.function(function);
        if !matches!(item.owner, Owner::Trait(_)) || item.body.is_some() {
            return function;
        }
        match *self.written(function) {
            [only] => only,
            _ => function,
        }
    }

    /// The bodies that implementations outside tests give to a trait method.
    fn written(&self, function: FnRef) -> Rc<[FnRef]> {
        if let Some(known) = self.memo.written.borrow().get(&function) {
            return Rc::clone(known);
        }
        let found: Rc<[FnRef]> = self.implementations(function).into();
        self.memo.written.borrow_mut().insert(function, Rc::clone(&found));
        found
    }

    /// Whether an implementation outside tests leaves a method at what the trait says, or there is none at all.
    fn is_inherited(&self, function: FnRef, written: usize) -> bool {
        let Owner::Trait(owner) = self.function(function).owner else { return false };
        let blocks = self.memo.implemented.get_or_init(|| self.count_implementations());
        blocks.get(&function.with(owner)).is_none_or(|blocks| *blocks > written)
    }

    /// How many impl blocks outside tests each trait has.
    fn count_implementations(&self) -> FxHashMap<TypeRef, usize> {
        let mut found: FxHashMap<TypeRef, usize> = FxHashMap::default();
        for (at, file) in self.files.iter().enumerate() {
            let id = FileId(at as u32);
            for block in file.impls.iter().filter(|block| !block.is_test && !self.crates.files[at].is_test) {
                if let Some(path) = block.trait_path
                    && let Def::Type(owner) = self.view().resolve_path(id, block.module, path)
                {
                    *found.entry(owner).or_default() += 1;
                }
            }
        }
        found
    }

    /// The method of a trait of the workspace that a function of an impl block writes.
    pub(crate) fn trait_method_of(&self, function: FnRef) -> Option<FnRef> {
        let file = self.file(function.file);
        let Owner::Impl(block) = self.function(function).owner else { return None };
        let path = file[block].trait_path?;
        match self.view().resolve_path(function.file, file[block].module, path) {
            Def::Type(owner) => self.names.methods(owner, self.function_name(function)).first().copied(),
            _ => None,
        }
    }

    /// The function that names lead to in place of another one of the same name, type and trait: each is compiled under
    /// another cfg, or for other generic arguments.
    pub(crate) fn twin_of(&self, function: FnRef) -> Option<FnRef> {
        let name = self.function_name(function);
        let found = match self.function(function).owner {
            Owner::Module => {
                let module = function.with(self.function(function).module);
                self.names.function_in(module, name).filter(|found| *found != function).or_else(|| {
                    let named = self.view().named_module(module)?;
                    self.names.function_in(named, name)
                })?
            }
            Owner::Trait(_) => return None,
            Owner::Impl(block) => {
                let Def::Type(owner) = self.names.impl_type(function.with(block)) else { return None };
                self.same_method(function, owner).filter(|found| *found != function).or_else(|| {
                    let item = &self.file(owner.file)[owner.id];
                    let named = self.view().named_module(owner.with(item.module))?;
                    self.same_method(function, self.names.type_in(named, self.type_name(owner))?)
                })?
            }
        };
        (found != function).then_some(found)
    }

    /// The first method of a type that has the name of a method, and is of the same trait or of none, too.
    fn same_method(&self, function: FnRef, owner: TypeRef) -> Option<FnRef> {
        let own_trait = self.trait_method_of(function);
        let is_inherent = |function: FnRef| match self.function(function).owner {
            Owner::Impl(block) => self.file(function.file)[block].trait_path.is_none(),
            _ => false,
        };
        let is_same = |other: &FnRef| match is_inherent(*other) {
            true => is_inherent(function),
            false => {
                matches!(self.function(*other).owner, Owner::Impl(_))
                    && own_trait.is_some()
                    && self.trait_method_of(*other) == own_trait
                    && self.function(*other).body.is_some()
            }
        };
        self.names.methods(owner, self.function_name(function)).iter().copied().find(is_same)
    }

    /// The bodies that implementations outside tests give to a trait method.
    pub fn implementations(&self, function: FnRef) -> Vec<FnRef> {
        let Owner::Trait(owner) = self.function(function).owner else { return Vec::new() };
        let owner = function.with(owner);
        let is_impl_of = |other: &FnRef| {
            let file = self.file(other.file);
            let Owner::Impl(block) = self.function(*other).owner else { return false };
            let block = &file[block];
            let path = block.trait_path.filter(|_| !self.is_test(*other));
            path.is_some_and(|path| self.view().resolve_path(other.file, block.module, path) == Def::Type(owner))
        };
        let named = self.names.methods_named(self.function_name(function)).iter().copied();
        named.filter(|other| self.function(*other).body.is_some()).filter(is_impl_of).collect()
    }

    /// How many methods of that name have a body, outside of tests.
    pub(crate) fn bodies_named(&self, name: &str) -> usize {
        let named = self.names.methods_named(name).iter();
        named.filter(|method| self.function(**method).body.is_some() && !self.is_test(**method)).count()
    }

    /// Whether a method does nothing but call the same method on what is inside: `fn spawn(&self, f: F) {
    /// (**self).spawn(f) }` of an `Arc`, `self.0.spawn(f)` of a wrapper. What it asks a library to do is done here.
    /// Only what is declared is looked at: which methods forward decides what types are.
    pub(crate) fn only_forwards(&self, function: FnRef) -> bool {
        let Some(body) = self.function(function).body else { return false };
        let file = self.file(function.file);
        let Expr::Block { stmts, .. } = file[body] else { return false };
        let Some(mut only) = file.list(stmts).next().filter(|_| stmts.len == 1) else { return false };
        while let Expr::Await(inner) | Expr::Try(inner) = file[only] {
            only = inner;
        }
        let Expr::MethodCall { receiver, method, .. } = file[only] else { return false };
        if file[method] != *self.function_name(function) {
            return false;
        }
        match file[self.peeled(function.with(receiver)).id] {
            Expr::Path(path) => file.as_ident(path) == Some("self"),
            Expr::Field { base, name } => {
                let is_own = matches!(file[base], Expr::Path(path) if file.as_ident(path) == Some("self"));
                let Owner::Impl(block) = self.function(function).owner else { return false };
                let declared = match self.names.impl_type(function.with(block)) {
                    Def::Type(owner) => self.field_type(owner, &file[name]).pointee(),
                    _ => Type::Unknown,
                };
                let is_asked =
                    declared.external().is_some_and(|path| catalogue::method_spawn(path, &file[method]).is_some());
                is_own && !is_asked
            }
            _ => false,
        }
    }

    /// What is left without `&`, `*`, `.deref()` and their kin.
    fn peeled(&self, expr: ExprRef) -> ExprRef {
        let file = self.file(expr.file);
        match file[expr.id] {
            Expr::Ref { expr: inner, .. } | Expr::Unary { op: UnaryOp::Deref, expr: inner } => {
                self.peeled(expr.with(inner))
            }
            Expr::MethodCall { receiver, method, args, .. }
                if args.is_empty() && catalogue::method(&file[method]).does_any(&[Does::Clones, Does::Views]) =>
            {
                self.peeled(expr.with(receiver))
            }
            _ => expr,
        }
    }
}
