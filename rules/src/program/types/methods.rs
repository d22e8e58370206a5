//! Which method a call runs, and what it gives.

use super::Type;
use crate::{
    apis::{self, Peel, WrapperKind},
    program::{FnRef, Program, TypeRef, Value, names::Def},
    summary::{ExprId, Owner, TypeKind},
};
use std::rc::Rc;

impl Program {
    pub(super) fn method_type(&self, value: &Value, receiver: ExprId, method: &str, depth: u32) -> Type {
        let base = self.type_at(&value.at(receiver), depth + 1);
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
            if let Some(returned) = apis::method_returns(path, method) {
                return Type::foreign(returned);
            }
            if let Some(row) = apis::method_spawn(path, method) {
                return match row.handle {
                    apis::Handle::Detach => Type::foreign("tokio::task::JoinHandle"),
                    apis::Handle::Cancel => Type::foreign("async_task::Task"),
                    apis::Handle::ResultDetach => Type::External(
                        "std::result::Result".into(),
                        Rc::from([Type::foreign("tokio::task::JoinHandle"), Type::Unknown]),
                    ),
                    apis::Handle::Owned => Type::foreign("tokio::task::AbortHandle"),
                    apis::Handle::Nothing => Type::Tuple(Rc::from([])),
                    apis::Handle::Unknown => Type::Unknown,
                };
            }
        }
        let kind = target.external().and_then(apis::wrapper_kind);
        match (apis::peel(method), kind) {
            // `arc.clone()` keeps the `Arc`, `mutex.lock()` looks through it.
            (Some(Peel::Same), _) => base,
            (Some(Peel::Inside), Some(_)) => match (method, target.external()) {
                ("lock" | "write" | "read", Some(path)) if path.starts_with("std::") => {
                    Type::External("std::result::Result".into(), Rc::from([target.inside(), Type::Unknown]))
                }
                ("lock" | "write" | "read", _) => Type::Future(Rc::new(target.inside())),
                ("pop" | "pop_front" | "pop_back" | "remove" | "first" | "last" | "get" | "next" | "upgrade", _) => {
                    Type::External("std::option::Option".into(), Rc::from([target.inside()]))
                }
                _ => target.inside(),
            },
            (Some(Peel::Inside), None) if target.is("std::sync::Weak") => Type::External(
                "std::option::Option".into(),
                Rc::from([Type::External("std::sync::Arc".into(), Rc::from([target.inside()]))]),
            ),
            // Guards of foreign locks are transparent: `lock().unwrap()` on what `lock()` already gave.
            (Some(Peel::Inside), None) if matches!(method, "unwrap" | "expect") => base,
            _ => Type::Unknown,
        }
    }

    /// The method that a call on a receiver of that type runs.
    pub(crate) fn method_of(&self, receiver: &Type, method: &str) -> Option<FnRef> {
        let mut here = receiver.clone();
        for _ in 0..8 {
            if let Type::Item(item, _) = &here {
                if let Some(found) = self.item_method(*item, method) {
                    return Some(found);
                }
                if let Some(target) = self.deref_target(*item) {
                    here = target;
                    continue;
                }
            }
            // `spawn(f).abort_on_drop()`: the workspace's own trait, implemented for a foreign type.
            if let Some(found) = here.external().and_then(|path| self.extension_method(path, method)) {
                return Some(found);
            }
            let below = match here.external().and_then(apis::wrapper_kind) {
                Some(WrapperKind::Pointer) => here.inside(),
                _ if here.is("std::sync::LazyLock") => here.inside(),
                _ => return None,
            };
            here = below;
        }
        None
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
        let is_known = apis::peel(method).is_some() || apis::method_wait(path, method).is_some();
        self.names.methods_named(method).iter().copied().filter(|_| !is_known).find(is_for)
    }

    fn item_method(&self, item: TypeRef, method: &str) -> Option<FnRef> {
        let found = self.names.methods(item, method);
        let inherent = found.iter().find(|function| match self.function(**function).owner {
            Owner::Impl(block) => self.file(function.file)[block].trait_path.is_none(),
            _ => false,
        });
        let with_body = found.iter().find(|function| self.function(**function).body.is_some());
        if let Some(found) = inherent.or(with_body).or(found.first()) {
            return Some(self.with_body(*found));
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

    fn deref_target(&self, item: TypeRef) -> Option<Type> {
        self.names.impls_of(item).iter().find_map(|block| {
            let file = self.file(block.file);
            let path = file[block.id].trait_path?;
            if file.last_segment(path) != "Deref" {
                return None;
            }
            let target = file.types.iter().find(|it| it.owner == Some(block.id) && &file[it.name] == "Target")?;
            match target.kind {
                TypeKind::Alias(ty) => Some(self.ty(block.file, target.module, None, Some(Def::Type(item)), ty, 0)),
                _ => None,
            }
        })
    }

    /// The method that a call runs, by the type of its receiver; on an unknown receiver, the only
    /// method of the workspace with that name and number of arguments, unless a library has one too.
    pub(crate) fn method(&self, receiver: &Value, method: &str, args: usize) -> Option<FnRef> {
        let ty = self.type_of(receiver);
        if let Some(found) = self.method_of(&ty, method) {
            return Some(found);
        }
        let open = match ty.pointee() {
            Type::Unknown | Type::Future(_) => true,
            Type::Item(item, _) => self.file(item.file)[item.id].kind == TypeKind::Trait,
            _ => false,
        };
        if !open || apis::peel(method).is_some() || apis::method_wait_by_name(method, args).is_some() {
            return None;
        }
        const COMMON: &[&str] =
            &["send", "next", "spawn", "run_until", "wait", "close", "push", "write", "read", "get"];
        if COMMON.contains(&method) {
            return None;
        }
        let mut found = self.names.methods_named(method).iter().filter(|function| {
            let it = self.function(**function);
            it.self_param.is_some() && it.params.len() == args && it.body.is_some() && !self.is_test(**function)
        });
        match (found.next(), found.next()) {
            (Some(only), None) => Some(*only),
            _ => None,
        }
    }

    /// Whether a value is a future, as far as the text shows; what is unknown counts as one
    /// only where an adaptor of futures alone is called on it.
    pub(crate) fn is_future(&self, value: &Value) -> bool {
        !matches!(self.type_of(value), Type::External(path, _) if apis::is_handle(&path))
    }
}
