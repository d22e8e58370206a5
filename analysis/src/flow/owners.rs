//! Which types end a task when they are dropped, and what a type does with each of its fields.

mod acts;

pub(crate) use acts::FieldPlace;
pub use acts::{Act, FieldAct};

use super::{Def, ExprRef, Flow, FnRef, Place, Type, TypeRef, Value};
use crate::{
    catalogue::{self, OnDrop, WrapperKind},
    facts::{Expr, TypeKind},
    span::Span,
};

/// Why dropping a value ends a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerEvidence {
    /// Where the text shows it: in a `Drop`, or at the declaration of a field. `None` for a type of a library.
    pub at: Option<Span>,
    /// What the drop does.
    pub does: OnDrop,
    /// What does it: the type of a library, or the type and its field.
    pub how: String,
    /// Whether the value is shared (`Arc`, `Rc`), so that only the last drop does it.
    pub is_shared: bool,
}

impl Flow {
    /// Whether dropping a value of that type ends a task, or gives the sign to end it; and why.
    pub fn ends_task_on_drop(&self, ty: &Type) -> Option<OwnerEvidence> {
        match ty {
            Type::External(path, _) => {
                if let Some(does) = self.foreign_on_drop(path) {
                    return Some(OwnerEvidence { at: None, does, how: path.to_string(), is_shared: false });
                }
                // Nobody drops what is in there.
                if &**path == "std::mem::ManuallyDrop" || catalogue::wrapper_kind(path).is_none() {
                    return None;
                }
                let is_map = catalogue::wrapper_kind(path) == Some(WrapperKind::Many);
                let inner = match ty.args() {
                    [key, _] if is_map => self.ends_task_on_drop(key),
                    _ => None,
                };
                let found = inner.or_else(|| self.ends_task_on_drop(&ty.inside()))?;
                let is_shared = found.is_shared || catalogue::is_shared_pointer(path);
                Some(OwnerEvidence { is_shared, ..found })
            }
            Type::Tuple(members) => members.iter().find_map(|member| self.ends_task_on_drop(member)),
            Type::Item(owner, _) => self.item_ends_on_drop(*owner),
            Type::Unknown | Type::Future(_) | Type::Closure(_) => None,
        }
    }

    /// A type of the workspace: by its own `Drop`, or by that of one of its fields.
    fn item_ends_on_drop(&self, owner: TypeRef) -> Option<OwnerEvidence> {
        let file = self.file(owner.file);
        let item = &file[owner.id];
        if item.kind != TypeKind::Struct && item.kind != TypeKind::Enum {
            return None;
        }
        if let Some(does) = self.own_on_drop(owner) {
            let how = self.type_name(owner).to_owned();
            return Some(OwnerEvidence { at: None, does, how, is_shared: false });
        }
        self.owners.get(owner, || None, || self.ended_by_drop(owner).or_else(|| self.ended_by_fields(owner)))
    }

    /// What the drop of a type's fields ends.
    fn ended_by_fields(&self, owner: TypeRef) -> Option<OwnerEvidence> {
        let file = self.file(owner.file);
        let item = &file[owner.id];
        item.fields.iter().find_map(|field| {
            let found = self.ends_task_on_drop(&self.declared_type(owner, field))?;
            let name = format!("{}.{}", &file[item.name], self.field_key(owner, field));
            let at = found.at.or(Some(field.range.in_file(owner.file)));
            Some(OwnerEvidence { at, how: name, ..found })
        })
    }

    /// What the `Drop` of a type ends: it aborts a task, or gives a signal, through what stands in a field.
    fn ended_by_drop(&self, owner: TypeRef) -> Option<OwnerEvidence> {
        let mut found: Option<OwnerEvidence> = None;
        for function in self.drop_functions(owner) {
            let Some(body) = self.function(function).body else { continue };
            self.walk(function.with(body), &mut |expr, kind| {
                if let Expr::Field { name, .. } = kind
                    && let Some(does) = self.ended_through(expr, owner)
                    && found.as_ref().is_none_or(|known| does < known.does)
                {
                    let file = self.file(expr.file);
                    let item = self.file(owner.file);
                    let how = format!("{}.{}", &item[item[owner.id].name], &file[name]);
                    found = Some(OwnerEvidence { at: Some(self.span(expr)), does, how, is_shared: false });
                }
                true
            });
        }
        found
    }

    /// What a use of a field in a `Drop` does to a task.
    fn ended_through(&self, used: ExprRef, owner: TypeRef) -> Option<OnDrop> {
        let act = self.act_of(used);
        let ty = match (self.type_of(&Value::bare(used)), self.file(used.file)[used.id]) {
            // What is projected out of a pin: `this.task`, `self.project().task`.
            (Type::Unknown, Expr::Field { name, .. }) => self.field_type(owner, &self.file(used.file)[name]),
            (ty, _) => ty,
        };
        match act {
            Act::Aborts if self.stands_for_task(&ty) => Some(OnDrop::Ends),
            Act::Aborts | Act::Signals if gives_signal(&ty.innermost()) => Some(OnDrop::Signals),
            _ => None,
        }
    }

    /// Whether a value of that type is a handle of a task, or holds one: what can be aborted through it.
    pub fn stands_for_task(&self, ty: &Type) -> bool {
        match ty.innermost() {
            Type::External(path, _) => {
                catalogue::is_handle(&path)
                    || self.foreign_on_drop(&path) == Some(OnDrop::Ends)
                    || catalogue::is_abort_handle(&path)
            }
            Type::Tuple(members) => members.iter().any(|member| self.stands_for_task(member)),
            Type::Item(owner, _) => {
                let fields = &self.file(owner.file)[owner.id].fields;
                let is_there = || fields.iter().any(|field| self.stands_for_task(&self.declared_type(owner, field)));
                self.stand_for_tasks.get(owner, || false, is_there)
            }
            _ => false,
        }
    }

    /// The `drop` of a type, `PinnedDrop`'s too, and the functions of the type that it calls, directly or not.
    pub fn drop_functions(&self, owner: TypeRef) -> Vec<FnRef> {
        let drops = self.names.methods(owner, "drop").iter().copied();
        self.called_within(drops.filter(|it| self.is_drop_function(*it) && !self.is_test(*it)).collect(), owner)
    }

    /// Some functions of a type and those of the same type that they call, directly or not.
    pub(crate) fn called_within(&self, functions: Vec<FnRef>, owner: TypeRef) -> Vec<FnRef> {
        let mut found = functions;
        let mut at = 0;
        while at < found.len() {
            let function = found[at];
            at += 1;
            let Some(body) = self.function(function).body else { continue };
            self.walk(function.with(body), &mut |expr, kind| {
                if matches!(kind, Expr::MethodCall { .. } | Expr::Call { .. })
                    && let Some(called) = self.called_fn(&Value::bare(expr))
                    && self.self_type(called) == Some(owner)
                    && !found.contains(&called)
                {
                    found.push(called);
                }
                true
            });
        }
        found
    }

    /// The type whose method a function is.
    pub fn self_type(&self, function: FnRef) -> Option<TypeRef> {
        match self.self_def(Place::Fn(function))? {
            Def::Type(owner) => Some(owner),
            _ => None,
        }
    }

    /// Whether a method is the `drop` of an `impl Drop`.
    pub fn is_drop_function(&self, function: FnRef) -> bool {
        let crate::facts::Owner::Impl(block) = self.function(function).owner else { return false };
        let file = self.file(function.file);
        let of_drop = file[block].trait_path.map(|path| file.last_segment(path));
        of_drop.is_some_and(catalogue::is_drop_trait) && self.function_name(function) == "drop"
    }
}

/// Whether something of that foreign type tells tasks to stop: a token, a sender, a notification.
pub(crate) fn gives_signal(ty: &Type) -> bool {
    ty.external().is_some_and(catalogue::is_stopping)
}
