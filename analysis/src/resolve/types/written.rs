//! Types as they are written: in signatures, declarations and annotations.

use super::Type;
use crate::{
    facts::{ModuleId, Owner, PathId, Ty, TyId, TypeKind},
    resolve::{FnRef, Place, Resolve, TypeRef, names::Def, steps::Provisional},
    span::FileId,
};
use std::rc::Rc;

/// Where a type is written, and what the names in it stand for.
pub(super) struct Scope {
    pub(super) file: FileId,
    pub(super) module: ModuleId,
    /// The function whose generic types may be named.
    pub(super) function: Option<FnRef>,
    /// What `Self` means.
    pub(super) self_def: Option<Def>,
    /// What the generic types of the item behind `self_def` stand for, where that is known.
    pub(super) args: Rc<[Type]>,
}

/// What a type that is made from an alias counts for.
const STEPS_OF_TYPE: usize = 20;

/// What a type may stand for in itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::resolve) enum Written {
    /// `type Nested<T> = Nested<Vec<T>>;`
    Alias(TypeRef),
    /// `fn run<F: Future<Output = F>>(..)`
    Output(FileId, TyId),
}

impl Resolve {
    /// A written type, where it stands.
    pub fn lower_ty(&self, file: FileId, place: Place, ty: TyId) -> Type {
        let function = match place {
            Place::Fn(function) => Some(function),
            Place::Const(_) => None,
        };
        let (module, self_def) = (self.module_of(place), self.self_def(place));
        self.ty(&Scope { file, module, function, self_def, args: Rc::from([]) }, ty)
    }

    /// A written type of an item that is no part of a body.
    pub(crate) fn type_in(&self, file: FileId, module: crate::facts::ModuleId, ty: TyId) -> Type {
        self.ty(&Scope { file, module, function: None, self_def: None, args: Rc::from([]) }, ty)
    }

    /// A type that is written in the declaration of an item.
    pub(super) fn declared_ty(&self, owner: TypeRef, args: &Rc<[Type]>, ty: TyId) -> Type {
        let module = self.file(owner.file)[owner.id].module;
        let self_def = Some(Def::Type(owner));
        self.ty(&Scope { file: owner.file, module, function: None, self_def, args: Rc::clone(args) }, ty)
    }

    pub(super) fn ty(&self, scope: &Scope, ty: TyId) -> Type {
        self.steps.step();
        let Scope { file, module, .. } = *scope;
        let summary = self.file(file);
        let go = |ty| self.ty(scope, ty);
        match summary[ty] {
            Ty::Ref(inner) | Ty::Pointer(inner) => go(inner),
            Ty::Slice(inner) | Ty::Array(inner) => Type::External("std::vec::Vec".into(), Rc::from([go(inner)])),
            Ty::Tuple(list) => Type::Tuple(summary.list(list).map(go).collect()),
            Ty::Impl(bounds) | Ty::Dyn(bounds) => {
                let future = summary.list(bounds).find_map(|bound| self.future_bound(file, bound, &go));
                future.unwrap_or_else(|| {
                    let first = summary.list(bounds).next();
                    match first.map(|bound| self.view().resolve_path(file, module, bound)) {
                        Some(Def::Type(item)) => Type::Item(item, Rc::from([])),
                        _ => Type::Unknown,
                    }
                })
            }
            Ty::Path(path) => {
                let args: Rc<[Type]> = (summary.list(summary[path].args))
                    .filter(|arg| !matches!(summary[*arg], Ty::Binding { .. }))
                    .map(go)
                    .collect();
                match summary.as_ident(path) {
                    Some("Self") => return scope.self_def.clone().map_or(Type::Unknown, |def| Type::of(def, args)),
                    Some(name) => {
                        if let Some(bound) = self.generic(scope, name, &go) {
                            return bound;
                        }
                    }
                    None => {}
                }
                match self.view().resolve_path(file, module, path) {
                    Def::Type(item) => self.alias(item, args),
                    Def::External(path) => Type::foreign_future(&path, args),
                    _ => Type::Unknown,
                }
            }
            Ty::Fn { .. } | Ty::Never | Ty::Infer | Ty::Binding { .. } | Ty::Args(_) | Ty::Unknown => Type::Unknown,
        }
    }

    /// A type that has a name, aliases seen through.
    pub(super) fn alias(&self, item: TypeRef, args: Rc<[Type]>) -> Type {
        let TypeKind::Alias(ty) = self.file(item.file)[item.id].kind else { return Type::Item(item, args) };
        match args.is_empty() {
            true => self.memo.aliases.get(item, || Type::Unknown, || self.alias_with(item, &args, ty)),
            false => self.not_in_itself(Written::Alias(item), || self.alias_with(item, &args, ty)),
        }
    }

    fn alias_with(&self, item: TypeRef, args: &Rc<[Type]>, ty: TyId) -> Type {
        // With arguments a type is made anew each time, and an alias may name another twice.
        self.steps.take(if args.is_empty() { 1 } else { STEPS_OF_TYPE });
        let scope = Scope {
            file: item.file,
            module: self.file(item.file)[item.id].module,
            function: None,
            self_def: Some(Def::Type(item)),
            args: Rc::clone(args),
        };
        match self.ty(&scope, ty) {
            Type::External(path, own) if own.iter().all(|ty| *ty == Type::Unknown) && !args.is_empty() => {
                Type::External(path, Rc::clone(args))
            }
            found => found,
        }
    }

    /// What `find` says, unless that is being found: what stands for itself stands for nothing.
    fn not_in_itself(&self, written: Written, find: impl FnOnce() -> Type) -> Type {
        if self.memo.written_types.borrow().contains_key(&written) {
            return Type::Unknown;
        }
        let _asked = Provisional::put(&self.memo.written_types, written, ());
        find()
    }

    fn future_bound(&self, file: FileId, bound: PathId, go: &dyn Fn(TyId) -> Type) -> Option<Type> {
        let summary = self.file(file);
        if summary.last_segment(bound) != "Future" {
            return None;
        }
        let output = summary.list(summary[bound].args).find_map(|arg| match summary[arg] {
            Ty::Binding { ty, .. } => Some(self.not_in_itself(Written::Output(file, ty), || go(ty))),
            _ => None,
        });
        Some(Type::Future(Rc::new(output.unwrap_or(Type::Unknown))))
    }

    /// A generic parameter: what it stands for, a future if its bound says so, or a trait of the workspace.
    fn generic(&self, scope: &Scope, name: &str, go: &dyn Fn(TyId) -> Type) -> Option<Type> {
        let (file, generic) = match scope.function {
            Some(function) => {
                let file = self.file(function.file);
                let item = self.function(function);
                let of_owner = match item.owner {
                    Owner::Impl(block) => file[block].generics.as_slice(),
                    Owner::Trait(owner) => file[owner].generics.as_slice(),
                    Owner::Module => &[],
                };
                (function.file, item.generics.iter().chain(of_owner).find(|generic| &file[generic.name] == name)?)
            }
            None => {
                let Some(Def::Type(owner)) = scope.self_def else { return None };
                let file = self.file(owner.file);
                let generics = &file[owner.id].generics;
                let at = generics.iter().position(|generic| &file[generic.name] == name)?;
                if generics.len() == scope.args.len() && scope.args[at] != Type::Unknown {
                    return Some(scope.args[at].clone());
                }
                (owner.file, &generics[at])
            }
        };
        let bounds = || self.file(file).list(generic.bounds);
        let future = bounds().find_map(|bound| self.future_bound(file, bound, go));
        let bound = future.or_else(|| {
            bounds().find_map(|bound| match self.view().resolve_path(file, scope.module, bound) {
                Def::Type(item) => Some(Type::Item(item, Rc::from([]))),
                _ => None,
            })
        });
        Some(bound.unwrap_or(Type::Unknown))
    }

    /// Declared type of a field.
    pub fn field_type(&self, owner: TypeRef, name: &str) -> Type {
        self.field_type_in(owner, &Rc::from([]), name)
    }

    /// Type of a field, where the generic types of its owner stand for `args`.
    pub(super) fn field_type_in(&self, owner: TypeRef, args: &Rc<[Type]>, name: &str) -> Type {
        let file = self.file(owner.file);
        let field = file[owner.id].fields.iter().find(|field| &file[field.name] == name);
        field.map_or(Type::Unknown, |field| self.declared_ty(owner, args, field.ty))
    }

    /// Type of a field, by its declaration.
    pub fn declared_type(&self, owner: TypeRef, field: &crate::facts::Field) -> Type {
        self.declared_ty(owner, &Rc::from([]), field.ty)
    }

    /// What a function gives when it is called: of an `async fn`, a future.
    pub fn return_type(&self, function: FnRef) -> Type {
        // While a type is being read, what it stands for in itself is not known yet.
        if self.memo.aliases.depth() > 0 || !self.memo.written_types.borrow().is_empty() {
            return self.find_return_type(function);
        }
        if let Some(known) = self.memo.return_types.borrow().get(&function) {
            return known.clone();
        }
        let found = self.shared_type(self.find_return_type(function));
        self.memo.return_types.borrow_mut().insert(function, found.clone());
        found
    }

    fn find_return_type(&self, function: FnRef) -> Type {
        let item = self.function(function);
        let place = Place::Fn(function);
        let ty = item.ret.map_or_else(|| Type::Tuple(Rc::from([])), |ty| self.lower_ty(function.file, place, ty));
        if item.is_async { Type::Future(Rc::new(ty)) } else { ty }
    }
}
