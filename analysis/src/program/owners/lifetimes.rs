//! How long a value of a type lives, next to a task whose handle it holds.

use crate::{
    facts::Expr,
    program::{Def, ExprRef, FnRef, Program, Reach, Task, Type, TypeRef},
    span::{FileId, Span},
};

/// How many fields deep a type is looked for.
const MAX_DEPTH: u32 = 4;

impl Program {
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
        is_in_static || (!made.is_empty() && made.iter().all(|made| self.reach_of(*made, 0) == Reach::Process))
    }

    /// Where values of a type are put together, outside of tests: its literals by one of their fields, and the
    /// calls of its constructors.
    pub(crate) fn literals_of(&self, owner: TypeRef) -> Vec<ExprRef> {
        let file = self.file(owner.file);
        let item = &file[owner.id];
        let mut found = Vec::new();
        for field in &item.fields {
            found.extend(self.inits_of(owner, &file[field.name]));
        }
        let own = &file[item.name];
        let variants = file.list(item.variants).map(|variant| &file[variant]);
        for name in [own, "Self"].into_iter().chain(variants).chain(self.aliases(own).iter().map(String::as_str)) {
            let calls = self.calls_named(name).iter().copied().filter(|call| !self.in_test(*call));
            found.extend(calls.filter(|call| {
                let Expr::Call { callee, .. } = self.file(call.file)[call.id] else { return false };
                matches!(self.callee(call.with(callee)), Def::Type(made) | Def::Variant(made, _) if made == owner)
            }));
        }
        found
    }

    /// Where the name of a function stands in its item.
    pub fn name_span(&self, function: FnRef) -> Span {
        self.function(function).name_range.in_file(function.file)
    }

    /// The place of a field's declaration.
    pub fn field_span(&self, owner: TypeRef, key: &str) -> Option<Span> {
        Some(self.declared_field(owner, key)?.range.in_file(owner.file))
    }
}
