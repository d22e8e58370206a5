//! Which method a call runs, and what it gives.

use super::{Type, written::Scope};
use crate::{
    catalogue::{self, Does, Peel, WrapperKind},
    facts::{Expr, ExprId, Owner, TypeKind},
    resolve::{FnRef, Resolve, TypeRef, Value, names::Def},
};
use rustc_hash::FxHashSet;
use std::rc::Rc;

impl Resolve {
    pub(super) fn method_type(&self, value: &Value, receiver: ExprId, method: &str) -> Type {
        let base = self.type_of(&value.at(receiver));
        if let Some(function) = self.method_of(&base, method) {
            return self.return_type(function);
        }
        let target = base.pointee();
        if method == "accept" && target.is("tokio::net::TcpListener") {
            let pair =
                Type::Tuple(Rc::from([Type::foreign("tokio::net::TcpStream"), Type::foreign("std::net::SocketAddr")]));
            let result = Type::External("std::result::Result".into(), Rc::from([pair, Type::Unknown]));
            return Type::Future(Rc::new(result));
        }
        if let Some(path) = target.external() {
            if let Some(row) = self.extra_method_spawn(path, method) {
                return super::extra::handle_type(row);
            }
            if let Some(returned) = catalogue::method_returns(path, method) {
                return Type::foreign(returned);
            }
            if let Some(row) = catalogue::method_spawn(path, method) {
                return match row.handle {
                    catalogue::Handle::Detach => Type::foreign(row.runtime.detached_handle()),
                    catalogue::Handle::Cancel => Type::foreign("async_task::Task"),
                    catalogue::Handle::ResultDetach => Type::External(
                        "std::result::Result".into(),
                        Rc::from([Type::foreign(row.runtime.detached_handle()), Type::Unknown]),
                    ),
                    catalogue::Handle::Owned => Type::foreign("tokio::task::AbortHandle"),
                    catalogue::Handle::Nothing => Type::Tuple(Rc::from([])),
                    catalogue::Handle::Unknown => Type::Unknown,
                };
            }
        }
        let kind = target.external().and_then(catalogue::wrapper_kind);
        let args = match self.expr(value) {
            Expr::MethodCall { args, .. } => args,
            _ => return Type::Unknown,
        };
        let first = self.file(value.expr.file).at(args, 0).map(|arg| value.at(arg));
        match (method, first) {
            // What the `pin_project` macros write.
            (name, None) if catalogue::method(name).does(Does::Projects) && target.item().is_some() => return target,
            // The halves of a sink that is a stream too.
            ("split", None)
                if matches!(target, Type::Unknown) || target.external().is_some_and(catalogue::is_duplex) =>
            {
                let halves =
                    [Type::foreign("futures::stream::SplitSink"), Type::foreign("futures::stream::SplitStream")];
                return Type::Tuple(Rc::from(halves));
            }
            ("enumerate", None) if kind == Some(WrapperKind::Many) => {
                return many(Type::Tuple(Rc::from([Type::foreign("std::primitive"), target.inside()])));
            }
            ("map", Some(given)) => {
                let result = match self.expr(&given) {
                    Expr::Closure { body, .. } => self.type_of(&given.at(body)),
                    // `.map(Arc::clone)`
                    Expr::Path(_) => match self.callee(given.expr) {
                        Def::External(path) if path.ends_with("::clone") => target.inside(),
                        Def::Fn(function) => self.return_type(function),
                        _ => Type::Unknown,
                    },
                    _ => Type::Unknown,
                };
                match (kind, target) {
                    (Some(WrapperKind::Many), _) => return many(result),
                    (Some(WrapperKind::Maybe), Type::External(path, _)) => {
                        return Type::External(path, Rc::from([result]));
                    }
                    (_, Type::Future(_)) => return Type::Future(Rc::new(result)),
                    _ => return Type::Unknown,
                }
            }
            ("and_then", Some(given)) if kind == Some(WrapperKind::Maybe) => {
                return match self.expr(&given) {
                    Expr::Closure { body, .. } => self.type_of(&given.at(body)),
                    _ => Type::Unknown,
                };
            }
            _ => {}
        }
        match (catalogue::peel(method), kind) {
            // `arc.deref()` is what the `Arc` points to, which may have a method that the `Arc` has too.
            _ if catalogue::method(method).does(Does::DerefsPointer) && is_pointer(&base) => base.inside(),
            // `arc.clone()` keeps the `Arc`, `mutex.lock()` looks through it.
            (Some(Peel::Same), _) => base,
            (Some(Peel::Inside), Some(_)) => match (catalogue::method(method), target.external()) {
                (known, Some(path)) if known.does(Does::Locks) && path.starts_with("std::") => {
                    Type::External("std::result::Result".into(), Rc::from([target.inside(), Type::Unknown]))
                }
                (known, _) if known.does(Does::Locks) => Type::Future(Rc::new(target.inside())),
                (known, _) if known.does(Does::GivesOption) => {
                    Type::External("std::option::Option".into(), Rc::from([target.inside()]))
                }
                _ => target.inside(),
            },
            // `pin.get_mut()`, where what is pinned has no such method.
            (Some(Peel::Inside), None) if is_pointer(&base) && target.item().is_some() => target,
            (Some(Peel::Inside), None) if target.is("std::sync::Weak") => Type::External(
                "std::option::Option".into(),
                Rc::from([Type::External("std::sync::Arc".into(), Rc::from([target.inside()]))]),
            ),
            // Guards of foreign locks are transparent: `lock().unwrap()` on what `lock()` already gave.
            (Some(Peel::Inside), None) if catalogue::method(method).does(Does::Unwraps) => base,
            _ => Type::Unknown,
        }
    }

    /// The type of what a closure is called with: `.map(|x| ..)`, `.for_each(|x| ..)`.
    pub(super) fn closure_param(&self, value: &Value, closure: ExprId, at: usize) -> Type {
        let file = self.file(value.expr.file);
        let Some(call) = self.parents(value.expr.file).parent(closure) else { return Type::Unknown };
        match file[call] {
            Expr::MethodCall { receiver, method, .. }
                if at == 0 && receiver != closure && catalogue::method(&file[method]).does(Does::GivesElement) =>
            {
                let ty = self.type_of(&value.at(receiver)).pointee();
                match ty.external().and_then(catalogue::wrapper_kind) {
                    Some(WrapperKind::Many | WrapperKind::Maybe) => ty.inside(),
                    _ => Type::Unknown,
                }
            }
            _ => Type::Unknown,
        }
    }

    /// The type of what is put into a collection that is made empty: `let mut all = Vec::new(); all.push(x);`
    pub(super) fn pushed_type(&self, collection: &Value) -> Type {
        let Some((pat, _)) = self.local(collection.expr) else { return Type::Unknown };
        let Some(place) = self.place(collection.expr) else { return Type::Unknown };
        let file = self.file(collection.expr.file);
        let parents = self.parents(collection.expr.file);
        let puts = self.body(place).uses(pat.id).iter().find_map(|used| match file[parents.parent(*used)?] {
            Expr::MethodCall { receiver, method, args, .. }
                if receiver == *used && catalogue::method(&file[method]).does(Does::Appends) =>
            {
                file.at(args, 0)
            }
            _ => None,
        });
        puts.map_or(Type::Unknown, |put| self.type_of(&collection.at(put)))
    }

    /// The method that a call on a receiver of that type runs.
    pub(crate) fn method_of(&self, receiver: &Type, method: &str) -> Option<FnRef> {
        let mut here = receiver.clone();
        let mut seen = Vec::new();
        loop {
            if let Type::Item(item, _) = &here {
                if let Some(found) = self.item_method(*item, method) {
                    return Some(found);
                }
                if seen.contains(item) {
                    return None;
                }
                seen.push(*item);
                if let Some(target) = self.deref_target(*item) {
                    here = target;
                    continue;
                }
            }
            // `spawn(f).abort_on_drop()`: the workspace's own trait, implemented for a foreign type.
            let extension = |here: &Type| here.external().and_then(|path| self.extension_method(path, method));
            let below = match here.external().and_then(catalogue::wrapper_kind) {
                Some(WrapperKind::Pointer) => here.inside(),
                _ if here.is("std::sync::LazyLock") => here.inside(),
                _ => return extension(&here),
            };
            if let Some(found) = extension(&here) {
                return Some(found);
            }
            here = below;
        }
    }

    /// The method of that name that an impl of the workspace gives to a foreign type.
    fn extension_method(&self, path: &str, method: &str) -> Option<FnRef> {
        let is_for = |function: &FnRef| match self.function(*function).owner {
            Owner::Impl(block) => {
                matches!(self.names.impl_type(function.with(block)), Def::External(found) if &*found == path)
            }
            _ => false,
        };
        // What the standard library and the catalogue know by that name is theirs.
        let is_known = catalogue::peel(method).is_some() || catalogue::method_wait(path, method).is_some();
        // Of a pointer that only forwards the call, what it points to is asked.
        let mut found = self.names.methods_named(method).iter().copied().filter(|_| !is_known);
        found.find(|function| is_for(function) && !self.only_forwards(*function))
    }

    pub(in crate::resolve) fn item_method(&self, item: TypeRef, method: &str) -> Option<FnRef> {
        self.item_method_unless(item, method, &mut FxHashSet::from_iter([item]))
    }

    /// The same, but for traits that were looked at.
    fn item_method_unless(&self, item: TypeRef, method: &str, seen: &mut FxHashSet<TypeRef>) -> Option<FnRef> {
        let found = self.names.methods(item, method);
        let inherent = found.iter().find(|function| match self.function(**function).owner {
            Owner::Impl(block) => self.file(function.file)[block].trait_path.is_none(),
            _ => false,
        });
        let with_body = found.iter().find(|function| self.function(**function).body.is_some());
        if let Some(found) = inherent.or(with_body).or(found.first()) {
            return Some(self.with_body(*found));
        }
        let file = self.file(item.file);
        if file[item.id].kind == TypeKind::Trait {
            // A method of a trait that it builds on.
            let own = file[item.id].generics.iter().find(|generic| &file[generic.name] == "Self")?;
            return file.list(own.bounds).find_map(|bound| {
                match self.view().resolve_path(item.file, file[item.id].module, bound) {
                    Def::Type(below) if seen.insert(below) => self.item_method_unless(below, method, seen),
                    _ => None,
                }
            });
        }
        // A default method of a trait that the type implements.
        self.names.impls_of(item).iter().find_map(|block| {
            let file = self.file(block.file);
            let path = file[block.id].trait_path?;
            match self.view().resolve_path(block.file, file[block.id].module, path) {
                Def::Type(owner) => self.names.methods(owner, method).first().copied(),
                _ => None,
            }
        })
    }

    /// The type whose method a call runs: of a type of the workspace without such a method, what it derefs to.
    pub(crate) fn type_with_method(&self, receiver: Type, method: &str) -> Type {
        let mut here = receiver.clone();
        let mut seen = Vec::new();
        while let Type::Item(item, _) = here {
            if self.item_method(item, method).is_some() || seen.contains(&item) {
                return receiver;
            }
            seen.push(item);
            match self.deref_target(item) {
                Some(target) => here = target.pointee(),
                None => return receiver,
            }
        }
        here
    }

    fn deref_target(&self, item: TypeRef) -> Option<Type> {
        self.names.impls_of(item).iter().find_map(|block| {
            let file = self.file(block.file);
            let path = file[block.id].trait_path?;
            if file.last_segment(path) != "Deref" {
                return None;
            }
            let target = file.types.iter().find(|it| it.owner == Some(block.id) && &file[it.name] == "Target")?;
            match target.kind {
                TypeKind::Alias(ty) => {
                    let self_def = Some(Def::Type(item));
                    let args = Rc::from([]);
                    let scope = Scope { file: block.file, module: target.module, function: None, self_def, args };
                    Some(self.ty(&scope, ty))
                }
                _ => None,
            }
        })
    }

    /// The method that a call runs, by the type of its receiver; on an unknown receiver, the only
    /// method of the workspace with that name and number of arguments, unless a library has one too.
    pub(crate) fn method(&self, receiver: &Value, method: &str, args: usize) -> Option<FnRef> {
        if self.names.methods_named(method).is_empty() {
            return None;
        }
        let ty = self.type_of(receiver);
        if let Some(found) = self.method_of(&ty, method) {
            return Some(found);
        }
        let open = match ty.pointee() {
            Type::Unknown | Type::Future(_) => true,
            Type::Item(item, _) => self.file(item.file)[item.id].kind == TypeKind::Trait,
            _ => false,
        };
        if !open || catalogue::peel(method).is_some() || catalogue::method_wait_by_name(method, args).is_some() {
            return None;
        }
        if catalogue::method(method).does_any(&[Does::Common, Does::Collects]) {
            return None;
        }
        self.only_method(method, args)
    }

    /// The only method of a name with that number of arguments, or the one that all of them implement.
    fn only_method(&self, method: &str, args: usize) -> Option<FnRef> {
        let sym = self.names.lookup(method)?;
        if let Some(known) = self.memo.only_methods.borrow().get(&(sym, args)) {
            return *known;
        }
        let mut found = self.names.methods_named(method).iter().copied().filter(|function| {
            let it = self.function(*function);
            it.self_param.is_some() && it.params.len() == args && it.body.is_some() && !self.is_test(*function)
        });
        let declared = |function: FnRef| match self.function(function).owner {
            Owner::Trait(_) => Some(function),
            _ => self.trait_method_of(function),
        };
        let only = match (found.next(), found.next()) {
            (Some(only), None) => Some(only),
            (Some(first), Some(second)) => {
                let shared = declared(first).filter(|shared| declared(second) == Some(*shared));
                shared.filter(|shared| found.all(|other| declared(other) == Some(*shared))).map(|it| self.with_body(it))
            }
            _ => None,
        };
        self.memo.only_methods.borrow_mut().insert((sym, args), only);
        only
    }

    /// Whether a value is a future, as far as the text shows; what is unknown counts as one
    /// only where an adaptor of futures alone is called on it.
    pub(crate) fn is_future(&self, value: &Value) -> bool {
        !matches!(self.type_of(value), Type::External(path, _) if catalogue::is_handle(&path))
    }
}

fn is_pointer(ty: &Type) -> bool {
    ty.external().and_then(catalogue::wrapper_kind) == Some(WrapperKind::Pointer)
}

fn many(element: Type) -> Type {
    Type::External("std::vec::Vec".into(), Rc::from([element]))
}
