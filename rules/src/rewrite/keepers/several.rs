//! Values that are thrown away together: pushed into a collection, or mapped.

use super::{Each, LostForm, LostValue, Several};
use crate::rewrite::places::{self, JOIN_HANDLE, Statement};
use spawnlint_analysis::{
    catalogue::{self, Does},
    facts::{Expr, Pat, TyId},
    questions::{Def, ExprRef, Program, Type, Value},
    span::{Span, TextRange},
};

/// A value that is thrown away with others of its kind.
pub(super) fn lost_among_several(program: &Program, value: ExprRef) -> Option<LostValue> {
    pushed_and_lost(program, value).or_else(|| mapped_and_lost(program, value))
}

/// `tasks.push(spawn(f));`, on a local that holds nothing else.
fn pushed_and_lost(program: &Program, value: ExprRef) -> Option<LostValue> {
    let file = program.file(value.file);
    let parent = program.parents(value.file).parent(value.id)?;
    let Expr::MethodCall { receiver, method, args, .. } = file[parent] else { return None };
    if receiver == value.id || args.len != 1 || &file[method] != "push" {
        return None;
    }
    let (pat, binding) = program.local(value.with(receiver))?;
    let made = binding.at.filter(|_| binding.root == pat.id)?;
    let Expr::Local { init: Some(init), ty, .. } = file[made] else { return None };
    let is_new =
        program.call_name(value.with(init)).is_some_and(|name| name == "Vec::new" || name == "Vec::with_capacity");
    let body = program.body(program.place(value)?);
    let pushes = body.uses(pat.id).iter().filter(|used| {
        let parent = program.parents(value.file).parent(**used);
        parent.is_some_and(|at| {
            matches!(file[at], Expr::MethodCall { receiver, method, .. }
            if receiver == **used && &file[method] == "push")
        })
    });
    if !is_new || pushes.count() != 1 {
        return None;
    }
    let handle_type = match ty {
        Some(ty) => Some(handle_in_type(program, value, ty)?),
        None => None,
    };
    let statement = places::statement_around(program, value.with(made))?;
    let name = Some(file[binding.name].to_owned());
    let form = LostForm::Several { name, handle_type, holder: Several::Vec, each: Each::Value };
    Some(LostValue { value, statement, form })
}

/// `jobs.map(|job| spawn(job)).collect()` and `flag.then(|| spawn(f))`, as a statement or under a name.
fn mapped_and_lost(program: &Program, value: ExprRef) -> Option<LostValue> {
    let file = program.file(value.file);
    let parents = program.parents(value.file);
    let (mut here, each) = match file[value.id] {
        // The task is what the iterator yields: `.map(tokio::spawn)`.
        Expr::MethodCall { method, args, .. }
            if &file[method] == "map"
                && file.at(args, 0).is_some_and(|arg| matches!(program.callee(value.with(arg)), Def::External(_))) =>
        {
            let end = file.range(value.id).end;
            (value, Each::Behind(TextRange::new(end, end).in_file(value.file)))
        }
        _ => {
            let closure = parents.parent(value.id)?;
            if !matches!(file[closure], Expr::Closure { body, .. } if body == value.id) {
                return None;
            }
            let mapped = parents.parent(closure)?;
            let Expr::MethodCall { method, .. } = file[mapped] else { return None };
            if !catalogue::method(&file[method]).does(Does::Maps) {
                return None;
            }
            (value.with(mapped), Each::Value)
        }
    };
    let mut holder = holder_of(program, here)?;
    if let Some(parent) = parents.parent(here.id)
        && let Expr::MethodCall { receiver, method, .. } = file[parent]
        && receiver == here.id
        && &file[method] == "collect"
    {
        holder = Several::Vec;
        here = here.with(parent);
    } else if holder == Several::Vec {
        return None;
    }
    let statement: Statement = places::statement_around(program, here)?;
    let (name, handle_type) = match file[statement.stmt.id] {
        _ if statement.stmt == here && !statement.is_tail => (None, None),
        Expr::Local { pat, ty, init: Some(init), otherwise: None } if init == here.id => match file[pat] {
            Pat::Bind { name, sub: None } => {
                let handle_type = ty.and_then(|ty| handle_in_type(program, value, ty));
                (Some(file[name].to_owned()), handle_type)
            }
            _ => return None,
        },
        _ => return None,
    };
    let form = LostForm::Several { name, handle_type, holder, each };
    Some(LostValue { value, statement, form })
}

/// What `x.map(..)` and `x.then(..)` give: an option, or something to be collected.
fn holder_of(program: &Program, mapped: ExprRef) -> Option<Several> {
    let file = program.file(mapped.file);
    let Expr::MethodCall { receiver, method, .. } = file[mapped.id] else { return None };
    if &file[method] == "then" {
        return Some(Several::Option);
    }
    match program.type_of(&Value::bare(mapped.with(receiver))) {
        Type::External(path, _) if &*path == "std::option::Option" => Some(Several::Option),
        _ => Some(Several::Vec),
    }
}

/// `JoinHandle` in the type of a local.
fn handle_in_type(program: &Program, near: ExprRef, ty: TyId) -> Option<Span> {
    places::name_in_type(program, near.file, ty, program.module_around(near)?, JOIN_HANDLE).map(|name| name.at)
}
