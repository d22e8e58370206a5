//! How long a value of a type lives, next to a task whose handle it holds.

use crate::{
    span::FileId,
    tasks::{Reach, Task, Tasks, Type, TypeRef},
};

/// How many fields deep a type is looked for.
const MAX_DEPTH: u32 = 4;

impl Tasks {
    /// Whether the task itself keeps a value of that type alive: it took along an `Arc` of it, or of what holds it.
    /// Such a value does not go before the task does.
    pub fn keeps_alive(&self, task: &Task, owner: TypeRef) -> bool {
        self.captures(task).iter().any(|(_, ty, _)| self.contains(ty, owner, 0))
    }

    /// Whether a value of a type holds one of another.
    fn contains(&self, ty: &Type, wanted: TypeRef, depth: u32) -> bool {
        self.steps.step();
        if depth > MAX_DEPTH {
            return false;
        }
        match ty.innermost() {
            Type::Tuple(members) => members.iter().any(|member| self.contains(member, wanted, depth + 1)),
            Type::Item(item, _) => {
                let fields = &self.file(item.file)[item.id].fields;
                item == wanted
                    || fields.iter().any(|field| self.contains(&self.declared_type(item, field), wanted, depth + 1))
            }
            _ => false,
        }
    }

    /// Whether every value of a type that the workspace makes is made once per process: in `main`, or for a static.
    pub fn lives_with_process(&self, owner: TypeRef) -> bool {
        let is_in_static = (self.files.iter().enumerate())
            .flat_map(|(at, file)| file.consts.iter().map(move |item| (at, item)))
            .filter(|(_, item)| item.is_static && !item.is_test)
            .any(|(at, item)| {
                let ty = item.ty.map(|ty| self.type_in(FileId(at as u32), item.module, ty));
                ty.is_some_and(|ty| self.contains(&ty, owner, 0))
            });
        let made = self.literals_of(owner);
        is_in_static || (!made.is_empty() && made.iter().all(|made| self.reach_of(*made) == Reach::Process))
    }
}
