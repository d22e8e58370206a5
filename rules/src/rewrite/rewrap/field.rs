//! Fields that hold handles: all that is written into them, if it comes from spawns.

use super::Rewrap;
use crate::rewrite::{
    keepers,
    places::{self, JOIN_HANDLE},
};
use spawnlint_analysis::{
    catalogue::{self, Function, Macro},
    facts::{Expr, MacroShape, Pat, TypeKind},
    questions::{Act, Def, ExprRef, FieldAct, Origin, Program, Type, TypeRef, Value},
    span::Span,
};

/// What changes with a field that holds handles, all of which are seen to come from spawns, if its type can become
/// one that ends the task. Unlike [`rewrap`](super::rewrap) it knows what is put into collections, tuples and variants,
/// and in return that nobody takes the handles out.
pub fn rewrap_field(program: &Program, owner: TypeRef, field: &str) -> Option<Rewrap> {
    let declared = program.declared_field(owner, field)?;
    let name =
        places::name_in_type(program, owner.file, declared.ty, places::module_of_type(program, owner), JOIN_HANDLE)?;
    // What is done with it must be something that the other type can do too.
    let knows = |used: &FieldAct| {
        matches!(used.act, Act::Looks | Act::Clears | Act::Aborts | Act::Replaces) && !asks_for_id(program, used.at)
    };
    if !program.field_acts(owner, field).iter().all(knows) {
        return None;
    }
    let mut sources = Vec::new();
    for value in written_into(program, owner, field)? {
        handles_in(program, value, &mut sources)?;
    }
    sources.sort();
    sources.dedup();
    (!sources.is_empty()).then(|| Rewrap { handles: sources, types: vec![name], is_awaited: false })
}

/// `handle.id()`, which only a `JoinHandle` has.
fn asks_for_id(program: &Program, used: Span) -> bool {
    let Some(used) = program.expr_at(used, |expr| matches!(expr, Expr::Field { .. })) else { return false };
    let file = program.file(used.file);
    program
        .parents(used.file)
        .ancestors(used.id)
        .take_while(|at| !matches!(file[*at], Expr::Block { .. }))
        .any(|at| matches!(file[at], Expr::MethodCall { method, .. } if &file[method] == "id"))
}

/// Every value that is written into a field; `None` if some of them are not seen.
fn written_into(program: &Program, owner: TypeRef, field: &str) -> Option<Vec<ExprRef>> {
    let file = program.file(owner.file);
    let item = &file[owner.id];
    let (variant, name) = field.rsplit_once('.').map_or((None, field), |(variant, name)| (Some(variant), name));
    let mut found = Vec::new();
    if let Ok(at) = name.parse::<usize>() {
        // `Name(..)` and `Kind::Variant(..)`.
        for call in program.calls_named(variant.unwrap_or(&file[item.name])).iter().chain(program.calls_named("Self")) {
            let Expr::Call { callee, args } = program.file(call.file)[call.id] else { continue };
            let is_own = match program.callee(call.with(callee)) {
                Def::Type(found) => variant.is_none() && found == owner,
                Def::Variant(found, name) => variant == Some(name.as_str()) && found == owner,
                _ => false,
            };
            if is_own {
                found.push(call.with(program.file(call.file).at(args, at)?));
            }
        }
    } else {
        found.extend(program.all_inits_of(owner, name).iter());
    }
    if item.kind == TypeKind::Struct {
        found.extend(program.all_uses_of(owner, name).iter().flat_map(|used| put_through(program, *used)));
    }
    Some(found)
}

/// `x` of `self.field = x` and `self.field.lock().unwrap().push(x)`.
fn put_through(program: &Program, used: ExprRef) -> Vec<ExprRef> {
    let file = program.file(used.file);
    let mut here = used.id;
    for parent in program.parents(used.file).ancestors(used.id) {
        match file[parent] {
            Expr::Assign { op: None, lhs, rhs } if lhs == here => return vec![used.with(rhs)],
            Expr::MethodCall { receiver, method, args, .. } if receiver == here => {
                if catalogue::method(&file[method]).puts() {
                    return file.list(args).map(|arg| used.with(arg)).collect();
                }
            }
            Expr::Await(_) | Expr::Try(_) | Expr::Unary { .. } | Expr::Ref { .. } | Expr::Index { .. } => {}
            // `let mut tasks = self.tasks.lock().unwrap(); tasks.push(x);`
            Expr::Local { pat, .. } => {
                let Some(place) = program.place(used) else { return Vec::new() };
                let Pat::Bind { .. } = file[pat] else { return Vec::new() };
                let body = program.body(place);
                return body.uses(pat).iter().flat_map(|at| put_through(program, used.with(*at))).collect();
            }
            _ => return Vec::new(),
        }
        here = parent;
    }
    Vec::new()
}

/// The spawns whose handles a value has; `None` if it has a handle that comes from elsewhere.
fn handles_in(program: &Program, value: ExprRef, found: &mut Vec<ExprRef>) -> Option<()> {
    program.step();
    // The value is the call that starts the task, or what stands around it.
    let mut tasks = program.tasks_within(program.span(value)).iter();
    if tasks.any(|task| keepers::given_value(program, task.site) == Some(value)) {
        found.push(value);
        return Some(());
    }
    let file = program.file(value.file);
    let ty = program.type_of(&Value::bare(value));
    match file[value.id] {
        Expr::Path(_) => match program.local(value) {
            Some((pat, binding)) => match binding.origin {
                Origin::Value(init) if binding.root == pat.id && binding.ty.is_none() => {
                    handles_in(program, value.with(init), found)
                }
                // What is beside the handle: a key, a name.
                _ => (ty != Type::Unknown && !program.stands_for_task(&ty)).then_some(()),
            },
            // `None`, a constant.
            None => Some(()),
        },
        Expr::Call { args, .. } if args.is_empty() => Some(()),
        Expr::MethodCall { .. } if ty != Type::Unknown && !program.stands_for_task(&ty) => Some(()),
        Expr::Call { callee, args } => {
            let hands_on = match program.callee(value.with(callee)) {
                Def::External(path) => {
                    matches!(catalogue::function(&path), Some(Function::Carries | Function::Converts))
                        || path.ends_with("::new") && !path.starts_with("tokio_util::")
                }
                _ => false,
            };
            match hands_on {
                true => file.list(args).try_for_each(|arg| handles_in(program, value.with(arg), found)),
                false => (ty != Type::Unknown && !program.stands_for_task(&ty)).then_some(()),
            }
        }
        Expr::Tuple(members) | Expr::Array(members) => {
            file.list(members).try_for_each(|member| handles_in(program, value.with(member), found))
        }
        Expr::Macro(call) if file[call].shape == MacroShape::Exprs && file.macro_of(call) == Some(Macro::Collects) => {
            file.list(file[call].args).try_for_each(|arg| handles_in(program, value.with(arg), found))
        }
        Expr::Lit(_) => Some(()),
        _ => (ty != Type::Unknown && !program.stands_for_task(&ty)).then_some(()),
    }
}
