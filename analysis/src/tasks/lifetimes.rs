//! How long a value of a type lives, next to a task whose handle it holds.

use crate::{
    span::FileId,
    tasks::{ExprRef, Reach, Task, Tasks, Type, TypeRef},
};
use rustc_hash::FxHashSet;

impl Tasks {
    /// Whether the task itself keeps a value of that type alive: it took along an `Arc` of it, or of what holds it.
    /// Such a value does not go before the task does.
    pub fn keeps_alive(&self, task: &Task, owner: TypeRef) -> bool {
        self.captures(task).iter().any(|(_, ty, _)| self.contains(ty, owner, &mut FxHashSet::default()))
    }

    /// Whether a value of a type holds one of another, in whatever depth. `seen` are the types that were looked at.
    fn contains(&self, ty: &Type, wanted: TypeRef, seen: &mut FxHashSet<TypeRef>) -> bool {
        self.steps.step();
        match ty.innermost() {
            Type::Tuple(members) => members.iter().any(|member| self.contains(member, wanted, seen)),
            Type::Item(item, _) if item == wanted => true,
            Type::Item(item, _) if seen.insert(item) => {
                let fields = &self.file(item.file)[item.id].fields;
                fields.iter().any(|field| self.contains(&self.declared_type(item, field), wanted, seen))
            }
            _ => false,
        }
    }

    /// Whether every value of a type that the workspace makes is made once per process: in `main`, or for a static.
    pub fn lives_with_process(&self, owner: TypeRef) -> bool {
        let made = self.literals_of(owner);
        self.is_in_static(owner) || (!made.is_empty() && made.iter().all(|made| self.reach_of(*made) == Reach::Process))
    }

    /// Whether a value of a type has a strong pointer to something with a state of its own, of which the workspace shows
    /// that it is made more often than once per process: as long as the value lives, no other owner can let that go.
    pub fn shares_state(&self, ty: &Type) -> bool {
        self.finds_shared_state(ty, &mut FxHashSet::default())
    }

    /// `seen` are the types that were looked into.
    fn finds_shared_state(&self, ty: &Type, seen: &mut FxHashSet<TypeRef>) -> bool {
        if ty.is("std::sync::Arc") {
            let shared = ty.inside();
            return shared.innermost().item().is_some_and(|item| self.comes_and_goes(item)) && !self.is_light(&shared);
        }
        match ty.innermost() {
            Type::Tuple(members) => members.iter().any(|member| self.finds_shared_state(member, seen)),
            Type::Item(item, _) if seen.insert(item) => {
                let file = self.file(item.file);
                let fields = file[item.id].fields.iter();
                let mut types = fields.map(|field| self.field_type(item, &file[field.name]));
                types.any(|ty| self.finds_shared_state(&ty, seen))
            }
            _ => false,
        }
    }

    /// Whether a value of a type is made for each owner, or each request.
    fn comes_and_goes(&self, item: TypeRef) -> bool {
        let is_made_often = |made: &ExprRef| matches!(self.reach_of(*made), Reach::Owner | Reach::Request);
        !self.is_in_static(item) && self.literals_of(item).iter().any(is_made_often)
    }

    fn is_in_static(&self, owner: TypeRef) -> bool {
        (self.files.iter().enumerate())
            .flat_map(|(at, file)| file.consts.iter().map(move |item| (at, item)))
            .filter(|(_, item)| item.is_static && !item.is_test)
            .any(|(at, item)| {
                let ty = item.ty.map(|ty| self.type_in(FileId(at as u32), item.module, ty));
                ty.is_some_and(|ty| self.contains(&ty, owner, &mut FxHashSet::default()))
            })
    }
}
