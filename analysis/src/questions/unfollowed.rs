//! Calls whose name says that they start something, and that lead nowhere: where the inventory is blind.

use super::{Def, ExprRef, Program, Value};
use crate::{
    facts::{Expr, ExprId, Id, Name},
    span::{FileId, Span},
};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

impl Program {
    /// The calls outside of tests that say that they spawn, are no task of the inventory, and are neither the standard
    /// library's nor of a function whose body can be read; by crate, each by what stands before its arguments.
    pub fn unfollowed_spawns(&self, is_selected: &dyn Fn(FileId) -> bool) -> BTreeMap<String, Vec<Span>> {
        let tasks = self.tasks().iter();
        let known: FxHashSet<ExprRef> = tasks
            .flat_map(|task| [task.site, task.inner].into_iter().chain(task.way().iter().map(|it| it.call)))
            .collect();
        let mut calls: BTreeMap<String, Vec<Span>> = BTreeMap::new();
        for file in (0..self.crates.files.len()).map(|at| FileId(at as u32)).filter(|file| is_selected(*file)) {
            let names = &self.file(file).names;
            let says: FxHashSet<Name> = names
                .iter()
                .enumerate()
                .filter(|(_, name)| says_spawn(name))
                .map(|(at, _)| Name::from_index(at))
                .collect();
            if says.is_empty() {
                continue;
            }
            for call in (0..self.file(file).exprs.len()).map(|at| ExprRef::new(file, ExprId::from_index(at))) {
                let is_blind = self.says_spawn(call, &says)
                    && !known.contains(&call)
                    && !self.in_test(call)
                    && self.ask(None, || self.leads_nowhere(call)).unwrap_or(true);
                if is_blind {
                    calls.entry(self.crate_name(file).to_owned()).or_default().push(self.call_head(call));
                }
            }
        }
        calls
    }

    /// Whether a call has one of some names, and is given something to run.
    fn says_spawn(&self, call: ExprRef, names: &FxHashSet<Name>) -> bool {
        let file = self.file(call.file);
        match file[call.id] {
            Expr::Call { callee, args } => {
                let Expr::Path(path) = file[callee] else { return false };
                args.len > 0 && file.list(file[path].segments).last().is_some_and(|name| names.contains(&name))
            }
            Expr::MethodCall { method, args, .. } => args.len > 0 && names.contains(&method),
            Expr::Macro(id) => {
                let segments = file[file[id].path].segments;
                file.macro_of(id).is_none() && file.list(segments).last().is_some_and(|name| names.contains(&name))
            }
            _ => false,
        }
    }

    fn leads_nowhere(&self, call: ExprRef) -> bool {
        let value = Value::bare(call);
        let is_known = |path: &str| path.starts_with("std::") || path.starts_with("core::");
        match self.file(call.file)[call.id] {
            Expr::Call { callee, .. } => match self.callee(call.with(callee)) {
                Def::External(path) => !is_known(&path),
                Def::Unknown => true,
                _ => false,
            },
            Expr::MethodCall { receiver, .. } => {
                let ty = self.type_of(&value.at(receiver));
                self.called_fns(&value).is_empty() && !ty.pointee().external().is_some_and(is_known)
            }
            _ => true,
        }
    }
}

/// `spawn`, `spawn_named`, `try_spawn`, but not `respawn_count` or `Spawned`.
fn says_spawn(name: &str) -> bool {
    name.split('_').any(|part| part == "spawn")
}
