//! Types, as far as annotations, constructors and signatures show them. References are gone.

mod methods;
mod written;

pub(super) use written::Written;

use super::{
    ExprRef, Place, Resolve, TypeRef, Value,
    body::{Binding, Origin},
    extra,
    frames::Ask,
    names::Def,
};
use crate::{
    catalogue::{self, Macro, Variant, WrapperKind},
    facts::{BlockKind, Expr, ExprId, MacroShape, Pat, PatId, PathId, UnaryOp},
    fixpoint::Answer,
    span::FileId,
};
use std::rc::Rc;

/// A type without references and lifetimes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    /// Cannot be told.
    Unknown,
    /// A type of the workspace.
    Item(TypeRef, Rc<[Type]>),
    /// A foreign type, by canonical path.
    External(Rc<str>, Rc<[Type]>),
    /// A tuple; `()` is the empty one.
    Tuple(Rc<[Type]>),
    /// Something that is awaited, with its output.
    Future(Rc<Type>),
    /// A closure.
    Closure(ExprRef),
}

/// What is found stays.
impl Answer for Type {
    fn improve(&mut self, found: Type) -> bool {
        let is_better = *self == Type::Unknown && found != Type::Unknown;
        if is_better {
            *self = found;
        }
        is_better
    }
}

impl Type {
    /// A foreign type without arguments.
    pub(crate) fn foreign(path: &str) -> Type {
        Type::External(path.into(), Rc::from([]))
    }

    /// The canonical path of a foreign type.
    pub fn external(&self) -> Option<&str> {
        match self {
            Type::External(path, _) => Some(path),
            _ => None,
        }
    }

    /// The item of a type of the workspace.
    pub fn item(&self) -> Option<TypeRef> {
        match self {
            Type::Item(item, _) => Some(*item),
            _ => None,
        }
    }

    /// Whether it is the foreign type of that path.
    pub fn is(&self, path: &str) -> bool {
        self.external() == Some(path)
    }

    pub(crate) fn args(&self) -> &[Type] {
        match self {
            Type::Item(_, args) | Type::External(_, args) => args,
            _ => &[],
        }
    }

    /// The last generic argument: what is inside of a pointer, cell, option or collection.
    pub fn inner(&self) -> Type {
        self.inside()
    }

    /// The last generic argument that can hold a value: `V` of `HashMap<K, V>`, `T` of `Result<T, E>`.
    pub fn inside(&self) -> Type {
        let args = self.args();
        match self.external() {
            Some("std::result::Result") => args.first().cloned().unwrap_or(Type::Unknown),
            _ => args.last().cloned().unwrap_or(Type::Unknown),
        }
    }

    /// The type below `Box`, `Arc`, `Pin` and their like.
    pub fn pointee(&self) -> Type {
        let mut here = self.clone();
        while here.external().and_then(catalogue::wrapper_kind) == Some(WrapperKind::Pointer)
            || here.is("std::sync::LazyLock")
        {
            here = here.inside();
        }
        here
    }

    /// The innermost type below pointers, cells, options and collections.
    pub fn innermost(&self) -> Type {
        let mut here = self.clone();
        while here.external().and_then(catalogue::wrapper_kind).is_some() {
            here = here.inside();
        }
        here
    }
}

impl Resolve {
    /// Type of a value.
    ///
    /// What is known without the caller holds with it too; only where that is nothing, arguments are looked at.
    pub fn type_of(&self, value: &Value) -> Type {
        self.steps.step();
        match (self.remembered_type(&Value::bare(value.expr)), &value.frame) {
            (Type::Unknown, Some(_)) => self.remembered_type(value),
            (bare, _) => bare,
        }
    }

    /// What a collection holds may hang on itself: `all.push(all.clone())`.
    fn remembered_type(&self, value: &Value) -> Type {
        self.memo.types.get(value.key(), || Type::Unknown, || self.shared_type(self.type_here(value)))
    }

    /// The same type, which others may have, too.
    pub(super) fn shared_type(&self, ty: Type) -> Type {
        let mut shared = self.memo.shared_types.borrow_mut();
        match shared.get(&ty) {
            Some(known) => known.clone(),
            None => {
                shared.insert(ty.clone());
                ty
            }
        }
    }

    fn type_here(&self, value: &Value) -> Type {
        let file = self.file(value.expr.file);
        let go = |expr: ExprId| self.type_of(&value.at(expr));
        match self.expr(value) {
            Expr::Path(path) => match self.local(value.expr) {
                Some((pat, binding)) => self.binding_type(value, pat.id, &binding),
                None => self.item_type(value, path),
            },
            Expr::Ref { expr, .. } | Expr::Unary { op: UnaryOp::Deref, expr } => go(expr),
            Expr::Cast { ty, .. } => {
                self.place(value.expr).map_or(Type::Unknown, |place| self.lower_ty(value.expr.file, place, ty))
            }
            Expr::Field { base, name } => {
                let base = go(base).pointee();
                match &base {
                    Type::Item(item, args) => self.field_type_in(*item, args, &file[name]),
                    Type::Tuple(members) => {
                        let at = file[name].parse::<usize>().ok();
                        at.and_then(|at| members.get(at)).cloned().unwrap_or(Type::Unknown)
                    }
                    _ => Type::Unknown,
                }
            }
            Expr::Index { base, .. } => go(base).pointee().inside(),
            Expr::Await(inner) => awaited(go(inner)),
            Expr::Try(inner) => go(inner).inside(),
            Expr::Call { callee, args } => self.call_type(value, callee, args.len),
            Expr::MethodCall { receiver, method, .. } => self.method_type(value, receiver, &file[method]),
            Expr::Struct { path, .. } => match self.place(value.expr) {
                Some(place) => match self.resolve_in(value.expr.file, place, path) {
                    Def::Variant(item, _) => Type::Item(item, Rc::from([])),
                    def => Type::of(def, Rc::from([])),
                },
                None => Type::Unknown,
            },
            Expr::Block { kind: BlockKind::Plain, stmts, has_tail: true, .. } => {
                file.list(stmts).next_back().map_or(Type::Unknown, go)
            }
            Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, stmts, has_tail, .. } => {
                let tail = file.list(stmts).next_back().filter(|_| has_tail);
                Type::Future(Rc::new(tail.map_or(Type::Tuple(Rc::from([])), go)))
            }
            Expr::If { then, otherwise, .. } => match go(then) {
                Type::Unknown => otherwise.map_or(Type::Unknown, go),
                found => found,
            },
            Expr::Match { arms, .. } => {
                let bodies = file.list(arms).map(|arm| go(file[arm].body));
                bodies.into_iter().find(|ty| *ty != Type::Unknown).unwrap_or(Type::Unknown)
            }
            Expr::Tuple(list) => Type::Tuple(file.list(list).map(go).collect()),
            Expr::Array(list) => Type::External("std::vec::Vec".into(), file.list(list).take(1).map(go).collect()),
            Expr::Macro(id) => match (file.macro_of(id), file[id].shape) {
                (Some(Macro::Collects), MacroShape::Exprs) => {
                    Type::External("std::vec::Vec".into(), file.list(file[id].args).take(1).map(go).collect())
                }
                (Some(Macro::Pins), MacroShape::Exprs) => file.at(file[id].args, 0).map_or(Type::Unknown, go),
                _ => Type::Unknown,
            },
            Expr::Closure { .. } => Type::Closure(value.expr),
            _ => Type::Unknown,
        }
    }

    fn item_type(&self, value: &Value, path: PathId) -> Type {
        let Some(place) = self.place(value.expr) else { return Type::Unknown };
        match self.resolve_in(value.expr.file, place, path) {
            Def::Const(item) => {
                let file = self.file(item.file);
                let constant = &file.consts[item.index as usize];
                match constant.ty {
                    Some(ty) => self.lower_ty(item.file, Place::Const(item), ty),
                    None => Type::Unknown,
                }
            }
            Def::Type(item) => Type::Item(item, Rc::from([])),
            Def::Variant(item, _) => Type::Item(item, Rc::from([])),
            _ => Type::Unknown,
        }
    }

    fn binding_type(&self, value: &Value, pat: PatId, binding: &Binding) -> Type {
        let Some(place) = self.place(value.expr) else { return Type::Unknown };
        let declared = binding.ty.map(|ty| self.lower_ty(value.expr.file, place, ty));
        let whole = match (declared, binding.origin) {
            (Some(ty), _) if ty != Type::Unknown => ty,
            (_, Origin::SelfParam) => self.self_def(place).map_or(Type::Unknown, |def| Type::of(def, Rc::from([]))),
            (_, Origin::Value(init)) => match self.type_of(&value.at(init)) {
                // `Vec::new()`: of what, its first `push` shows.
                Type::External(path, args)
                    if args.is_empty()
                        && binding.root == pat
                        && catalogue::wrapper_kind(&path) == Some(WrapperKind::Many) =>
                {
                    match self.pushed_type(value) {
                        Type::Unknown => Type::External(path, args),
                        element => Type::External(path, Rc::from([element])),
                    }
                }
                found => found,
            },
            (_, Origin::Element(iter)) => {
                let ty = self.type_of(&value.at(iter)).pointee();
                match ty.external().and_then(catalogue::wrapper_kind) {
                    Some(WrapperKind::Many) => ty.inside(),
                    _ => Type::Unknown,
                }
            }
            (_, Origin::Output(future)) => awaited(self.type_of(&value.at(future))),
            (_, Origin::Param(_)) => {
                let passed = self.look_up(value, binding.root, Ask::Type);
                passed.map_or(Type::Unknown, |passed| self.type_of(&passed))
            }
            (_, Origin::ClosureParam(closure, at)) => match self.look_up(value, binding.root, Ask::Type) {
                Some(passed) => self.type_of(&passed),
                None => self.closure_param(value, closure, at),
            },
            (_, Origin::Unset) => Type::Unknown,
        };
        self.part(value.expr.file, place, binding.root, pat, &whole).unwrap_or(Type::Unknown)
    }

    /// The type of one binding of a pattern whose whole has the type `ty`.
    fn part(&self, file: FileId, place: Place, root: PatId, pat: PatId, ty: &Type) -> Option<Type> {
        if root == pat {
            return Some(ty.clone());
        }
        let summary = self.file(file);
        let go = |sub, ty: &Type| self.part(file, place, sub, pat, ty);
        match summary[root] {
            Pat::Bind { sub, .. } => sub.and_then(|sub| go(sub, ty)),
            Pat::Tuple(pats) => {
                let members: &[Type] = match ty {
                    Type::Tuple(members) => members,
                    _ => &[],
                };
                let mut members = members.iter();
                summary.list(pats).find_map(|sub| go(sub, members.next().unwrap_or(&Type::Unknown)))
            }
            Pat::TupleStruct { path, pats } => {
                let inner = match (ty.external().and_then(catalogue::wrapper_kind), summary.last_segment(path)) {
                    (Some(WrapperKind::Maybe), "Err") => Type::Unknown,
                    (Some(WrapperKind::Maybe), _) => ty.inside(),
                    // The catalogue names what a fallible constructor gives, not the `Result` around it.
                    (_, name)
                        if catalogue::variant(name).is_some_and(Variant::is_success) && ty.external().is_some() =>
                    {
                        ty.clone()
                    }
                    _ => Type::Unknown,
                };
                let variant = summary.last_segment(path);
                summary.list(pats).enumerate().find_map(|(at, sub)| {
                    let ty = match ty.pointee().item() {
                        Some(item) => self.variant_field_type(item, variant, &at.to_string()),
                        None => inner.clone(),
                    };
                    go(sub, &ty)
                })
            }
            Pat::Struct { path, fields } => {
                let owner = match self.resolve_in(file, place, path) {
                    Def::Type(item) => Some(item),
                    Def::Variant(item, _) => Some(item),
                    _ => ty.item(),
                };
                summary.list(fields).find_map(|field| match summary[field] {
                    Pat::Field { name, pat: sub } => {
                        let ty = owner.map_or(Type::Unknown, |owner| self.field_type(owner, &summary[name]));
                        go(sub, &ty)
                    }
                    _ => None,
                })
            }
            Pat::Or(pats) => summary.list(pats).find_map(|sub| go(sub, ty)),
            Pat::Ref(sub) => go(sub, ty),
            Pat::Typed { pat: sub, ty: written } => go(sub, &self.lower_ty(file, place, written)),
            Pat::Slice(pats) => summary.list(pats).find_map(|sub| go(sub, &ty.inside())),
            _ => None,
        }
    }

    fn variant_field_type(&self, owner: TypeRef, variant: &str, name: &str) -> Type {
        let file = self.file(owner.file);
        let item = &file[owner.id];
        let field = item
            .fields
            .iter()
            .find(|field| &file[field.name] == name && field.variant.is_none_or(|of| &file[of] == variant));
        field.map_or(Type::Unknown, |field| self.declared_ty(owner, &Rc::from([]), field.ty))
    }

    fn call_type(&self, value: &Value, callee: ExprId, args: u32) -> Type {
        let file = self.file(value.expr.file);
        let first = || match self.expr(value) {
            Expr::Call { args, .. } => file.at(args, 0).map_or(Type::Unknown, |arg| self.type_of(&value.at(arg))),
            _ => Type::Unknown,
        };
        match self.callee(value.expr.with(callee)) {
            Def::Fn(function) => self.return_type(function),
            Def::Variant(item, _) => Type::Item(item, Rc::from([])),
            Def::Type(item) => self.alias(item, Rc::from([])),
            Def::External(path) => self.foreign_call_type(&path, args, first),
            _ => self.derived_constructor(value.expr.with(callee)).unwrap_or(Type::Unknown),
        }
    }

    /// `Type::default`, `Args::parse`, where the type derives it, so that no function of that name is written.
    fn derived_constructor(&self, callee: ExprRef) -> Option<Type> {
        let file = self.file(callee.file);
        let Expr::Path(path) = file[callee.id] else { return None };
        let place = self.place(callee)?;
        let segments: Vec<&str> = file.segments(path).collect();
        let (name, owner) = segments.split_last()?;
        let may_fail = catalogue::derived_constructor(name)?.may_fail();
        let found = match owner {
            [] => return None,
            ["Self"] => self.self_def(place)?,
            owner => self.view().resolve(callee.with(self.module_of(place)), owner, file[path].global),
        };
        let Def::Type(item) = found else { return None };
        let made = self.alias(item, Rc::from([]));
        Some(match may_fail {
            true => Type::External("std::result::Result".into(), Rc::from([made, Type::Unknown])),
            false => made,
        })
    }

    fn foreign_call_type(&self, path: &str, args: u32, first: impl Fn() -> Type) -> Type {
        if let Some(row) = catalogue::spawn(path) {
            return match row.handle {
                catalogue::Handle::Cancel => Type::foreign("async_task::Task"),
                catalogue::Handle::Detach => Type::foreign(row.runtime.detached_handle()),
                _ => Type::Tuple(Rc::from([])),
            };
        }
        if let Some(row) = self.options.extra.spawn(path) {
            return extra::handle_type(row);
        }
        if let Some(returned) = catalogue::returns(path) {
            return match returned.as_slice() {
                [one] => Type::foreign(one),
                many => Type::Tuple(many.iter().map(|path| Type::foreign(path)).collect()),
            };
        }
        let Some((owner, last)) = path.rsplit_once("::") else { return Type::Unknown };
        match (owner, last) {
            ("std::option::Option", "Some") => return Type::External(owner.into(), Rc::from([first()])),
            ("std::result::Result", "Ok") => return Type::External(owner.into(), Rc::from([first(), Type::Unknown])),
            ("std::result::Result", "Err") => return Type::External(owner.into(), Rc::from([])),
            ("std::sync::Arc", "downgrade") => {
                return Type::External("std::sync::Weak".into(), Rc::from([first().inside()]));
            }
            (_, "clone") => return first(),
            _ => {}
        }
        let is_type = owner.rsplit("::").next().is_some_and(|name| name.starts_with(char::is_uppercase));
        if is_type {
            let wraps = matches!(catalogue::wrapper_kind(owner), Some(WrapperKind::Pointer | WrapperKind::Cell));
            return match wraps && args == 1 {
                true => Type::External(owner.into(), Rc::from([first()])),
                false => Type::foreign(owner),
            };
        }
        // A tuple struct's constructor: `AssertUnwindSafe(f)`.
        if last.starts_with(char::is_uppercase) {
            Type::External(path.into(), Rc::from([first()]))
        } else {
            Type::Unknown
        }
    }
}

impl Type {
    fn of(def: Def, args: Rc<[Type]>) -> Type {
        match def {
            Def::Type(item) => Type::Item(item, args),
            Def::External(path) => Type::External(path, args),
            _ => Type::Unknown,
        }
    }

    /// `BoxFuture<'_, T>` and `LocalBoxFuture` are futures; anything else is itself.
    fn foreign_future(path: &Rc<str>, args: Rc<[Type]>) -> Type {
        match catalogue::is_boxed_future(path) {
            true => Type::Future(Rc::new(args.first().cloned().unwrap_or(Type::Unknown))),
            false => Type::External(Rc::clone(path), args),
        }
    }
}

/// What awaiting a value of that type gives.
fn awaited(ty: Type) -> Type {
    match ty.pointee() {
        Type::Future(output) => (*output).clone(),
        Type::External(path, args) if &*path == "tokio::task::JoinHandle" => {
            Type::External("std::result::Result".into(), args)
        }
        _ => Type::Unknown,
    }
}
