//! The rows that the user adds to the catalogue, and what they say of calls and types.

use super::{At, FnRef, ModRef, Resolve, Type, TypeRef, Value, names::Def};
use crate::{
    catalogue::{self, Call, ExtraSpawn, Handle, OWN, OnDrop},
    facts::{Expr, ExprId, Id, Owner},
};
use std::rc::Rc;

/// What an added row says of a call.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ExtraCall<'a> {
    /// It starts a task that runs this argument.
    Spawns(&'a ExtraSpawn, ExprId),
    /// Its future is ready when the task is to stop.
    Stop,
    /// Its future is this argument, with something around it.
    Wraps(ExprId),
}

impl Resolve {
    /// What the user's rows say of a call.
    pub(crate) fn extra_call(&self, call: &Value) -> Option<ExtraCall<'_>> {
        let extra = &self.options.extra;
        if extra.is_empty() {
            return None;
        }
        let file = self.file(call.expr.file);
        let args = match self.expr(call) {
            Expr::Call { args, .. } | Expr::MethodCall { args, .. } => args,
            _ => return None,
        };
        let path = self.path_of_call(call)?;
        if let Some(row) = extra.spawn(&path) {
            return Some(ExtraCall::Spawns(row, file.at(args, row.arg)?));
        }
        if let Some(row) = extra.wrapper(&path) {
            return Some(ExtraCall::Wraps(file.at(args, row.arg)?));
        }
        extra.is_stop(&path).then_some(ExtraCall::Stop)
    }

    /// The path of what a call runs: of a library, or of the workspace.
    fn path_of_call(&self, call: &Value) -> Option<String> {
        match self.expr(call) {
            Expr::Call { callee, .. } => match self.callee(call.expr.with(callee)) {
                Def::External(path) => Some(path.to_string()),
                Def::Fn(function) => Some(self.path_of_fn(function)),
                _ => None,
            },
            Expr::MethodCall { receiver, method, .. } => match self.called_fn(call) {
                Some(function) => Some(self.path_of_fn(function)),
                None => {
                    let ty = self.type_of(&call.at(receiver)).pointee();
                    let method = &self.file(call.expr.file)[method];
                    ty.external().map(|path| format!("{path}::{method}"))
                }
            },
            _ => None,
        }
    }

    /// Whether the user's rows say that a function of the workspace starts a task.
    pub(crate) fn is_extra_spawn(&self, function: FnRef) -> bool {
        let extra = &self.options.extra;
        !extra.spawns.is_empty() && extra.spawn(&self.path_of_fn(function)).is_some()
    }

    /// What the user's rows say of a method of a foreign type.
    pub(crate) fn extra_method_spawn(&self, path: &str, method: &str) -> Option<&ExtraSpawn> {
        let extra = &self.options.extra;
        if extra.spawns.is_empty() {
            return None;
        }
        extra.spawn(&format!("{path}::{method}"))
    }

    /// What dropping a value of a foreign type does to tasks, if it does anything.
    pub(crate) fn foreign_on_drop(&self, path: &str) -> Option<OnDrop> {
        catalogue::on_drop(path).or_else(|| self.options.extra.on_drop(path))
    }

    /// What the user's rows say of dropping a value of a type of the workspace.
    pub(crate) fn own_on_drop(&self, item: TypeRef) -> Option<OnDrop> {
        let extra = &self.options.extra;
        if extra.owners.is_empty() {
            return None;
        }
        let module = self.file(item.file)[item.id].module;
        extra.on_drop(&format!("{}::{}", self.path_of_module(item.with(module)), self.type_name(item)))
    }

    /// Whether a call takes a handle and gives a value whose drop ends the task: `AbortOnDropHandle::new(handle)`.
    pub(crate) fn makes_owner(&self, path: &str) -> bool {
        let Some((owner, made_by)) = path.rsplit_once("::") else { return false };
        catalogue::call_does(made_by, Call::Constructs) && self.foreign_on_drop(owner) == Some(OnDrop::Ends)
    }

    /// Last segments of all functions and methods that start a task.
    pub(crate) fn spawn_names(&self) -> impl Iterator<Item = &str> + '_ {
        let known = catalogue::spawn_names().map(|name| -> &str { name });
        known.chain(self.options.extra.spawn_names())
    }

    /// Where a function of the workspace is declared, with a mark that no path of a library has.
    fn path_of_fn(&self, function: FnRef) -> String {
        let item = self.function(function);
        let name = self.function_name(function);
        let owner = match item.owner {
            Owner::Module => None,
            Owner::Impl(_) => self.self_def(super::Place::Fn(function)).and_then(|def| match def {
                Def::Type(item) => Some(item),
                _ => None,
            }),
            Owner::Trait(item) => Some(function.with(item)),
        };
        match owner {
            Some(owner) => {
                let module = self.file(owner.file)[owner.id].module;
                format!("{}::{}::{name}", self.path_of_module(owner.with(module)), self.type_name(owner))
            }
            None => format!("{}::{name}", self.path_of_module(function.with(item.module))),
        }
    }

    /// The crate and the modules of an item.
    fn path_of_module(&self, module: ModRef) -> String {
        let mut segments: Vec<&str> = Vec::new();
        let mut at = Some(module);
        while let Some(here) = at {
            let file = self.file(here.file);
            let item = &file.modules[here.id.index()];
            segments.extend(item.name.map(|name| &file[name]));
            let above = || self.crates.files.get(here.file.index()).and_then(|place| place.parent);
            at = match item.parent {
                Some(parent) => Some(here.with(parent)),
                None => above().map(|(file, module)| At::new(file, module)),
            };
        }
        let place = self.crates.files.get(module.file.index());
        let krate = place.and_then(|place| self.crates.crates.get(place.krate.index()));
        segments.extend(krate.map(|krate| krate.name.as_str()));
        segments.reverse();
        format!("{OWN}{}", segments.join("::"))
    }
}

/// The type of what a library's spawn gives back, by what its row says.
pub(super) fn handle_type(row: &ExtraSpawn) -> Type {
    match row.handle {
        Handle::Cancel => Type::foreign("async_task::Task"),
        Handle::Detach => Type::foreign("tokio::task::JoinHandle"),
        Handle::Nothing => Type::Tuple(Rc::from([])),
        Handle::ResultDetach | Handle::Owned | Handle::Unknown => Type::Unknown,
    }
}
