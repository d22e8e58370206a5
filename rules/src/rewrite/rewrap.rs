//! Whether a handle may be wrapped where it is made: what everybody does with it then, and which written types change.

mod field;
mod print;

pub use field::rewrap_field;
pub use print::print_rewraps;

use crate::rewrite::places::{self, JOIN_HANDLE, WrittenName};
use spawnlint_analysis::{
    catalogue::{self, Call, Does, Function, Macro},
    facts::{Expr, ExprId, Visibility},
    questions::{Def, ExprRef, Origin, PatRef, Place, Program, Type, TypeRef, Value},
};
use std::collections::BTreeSet;

/// What changes with a handle that is wrapped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rewrap {
    /// Expressions that give a handle and have to be wrapped.
    pub handles: Vec<ExprRef>,
    /// Where the type's name is written.
    pub types: Vec<WrittenName>,
    /// Whether it is awaited or raced somewhere, by value or by reference.
    pub is_awaited: bool,
}

/// What else has to change if `handle`, an expression of the type `JoinHandle`, is wrapped into an owner that has
/// the same output and methods but another type; `None` if somebody needs the old type, or it is not known.
pub fn rewrap(program: &Program, handle: ExprRef) -> Option<Rewrap> {
    let mut walk = Walk { program, found: Rewrap::default(), fields: Vec::new(), seen: BTreeSet::new() };
    walk.gives(handle)?;
    walk.found.handles.sort();
    walk.found.types.sort();
    Some(walk.found)
}

struct Walk<'a> {
    program: &'a Program,
    found: Rewrap,
    fields: Vec<(TypeRef, String)>,
    /// What was followed.
    seen: BTreeSet<ExprRef>,
}

impl Walk<'_> {
    /// An expression that gives a handle: it is wrapped, and followed from there.
    fn gives(&mut self, handle: ExprRef) -> Option<()> {
        if self.found.handles.contains(&handle) {
            return Some(());
        }
        self.found.handles.push(handle);
        self.follow(handle)
    }

    /// What the code around a handle, or around something that holds it, does with it.
    fn follow(&mut self, here: ExprRef) -> Option<()> {
        if !self.seen.insert(here) {
            return Some(());
        }
        let program = self.program;
        let file = program.file(here.file);
        let outer = program.parent(here)?;
        match file[outer.id] {
            Expr::Await(_) => {
                self.found.is_awaited = true;
                Some(())
            }
            Expr::Ref { .. } | Expr::Unary { .. } | Expr::Index { .. } | Expr::Tuple(_) | Expr::Array(_) => {
                self.follow(outer)
            }
            Expr::Block { kind, stmts, has_tail, .. } => {
                match has_tail && file.list(stmts).next_back() == Some(here.id) {
                    false => Some(()),
                    true if kind == spawnlint_analysis::facts::BlockKind::Plain && program.parent(outer).is_some() => {
                        self.follow(outer)
                    }
                    true => None,
                }
            }
            Expr::Local { pat, ty, init: Some(init), .. } if init == here.id => {
                if let Some(ty) = ty {
                    self.renames(outer, ty)?;
                }
                self.binds(outer, outer.with(pat))
            }
            Expr::Let { pat, expr } if expr == here.id => self.binds(outer, outer.with(pat)),
            Expr::For { pat, iter, .. } if iter == here.id => self.binds(outer, outer.with(pat)),
            Expr::Match { scrutinee, arms } if scrutinee == here.id => {
                file.list(arms).try_for_each(|arm| self.binds(outer, outer.with(file[arm].pat)))
            }
            Expr::MethodCall { receiver, method, .. } if receiver == here.id => self.asks(outer, &file[method]),
            Expr::MethodCall { receiver, method, .. } => match catalogue::method(&file[method]) {
                known if known.does(Does::UntilCancelled) => {
                    self.found.is_awaited = true;
                    Some(())
                }
                known if known.puts() && program.called_fn(&Value::bare(outer)).is_none() => {
                    self.goes_into(outer.with(receiver))
                }
                _ => None,
            },
            Expr::Call { callee, args } => {
                let at = file.list(args).position(|arg| arg == here.id)?;
                self.is_passed(outer, callee, at)
            }
            Expr::Select(id) => {
                self.found.is_awaited = true;
                file.list(file[id].arms).any(|arm| file[arm].future == Some(here.id)).then_some(())
            }
            Expr::Macro(id) => match file.macro_of(id) {
                Some(Macro::Joins | Macro::Pins) => {
                    self.found.is_awaited = true;
                    Some(())
                }
                _ => None,
            },
            // `parts.map(|part| tokio::spawn(part))`
            Expr::Closure { body, .. } if body == here.id => {
                let call = program.parent(outer)?;
                let Expr::MethodCall { receiver, method, .. } = file[call.id] else { return None };
                let maps = catalogue::method(&file[method]).does(Does::Maps) && receiver != outer.id;
                (maps && program.called_fn(&Value::bare(call)).is_none()).then(|| self.follow(call)).flatten()
            }
            Expr::Assign { lhs, .. } if lhs == here.id => Some(()),
            Expr::Assign { lhs, .. } => self.goes_into(outer.with(lhs)),
            Expr::FieldInit { name, .. } => {
                let literal = program.parent(outer)?;
                let Expr::Struct { path, .. } = file[literal.id] else { return None };
                match program.resolve_in(here.file, program.place(here)?, path) {
                    Def::Type(owner) => self.field(owner, &file[name]),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// A pattern that takes the handle.
    fn binds(&mut self, near: ExprRef, pat: PatRef) -> Option<()> {
        let file = self.program.file(pat.file);
        let mut bound = Vec::new();
        file.each_binding(pat.id, &mut |binding, _| bound.push(binding));
        let body = self.program.body(self.program.place(near)?);
        bound.into_iter().flat_map(|pat| body.uses(pat).to_vec()).try_for_each(|used| self.follow(near.with(used)))
    }

    /// `handle.abort()`, `handles.pop()`: a method of a handle or of what holds it.
    fn asks(&mut self, call: ExprRef, method: &str) -> Option<()> {
        let known = catalogue::method(method);
        if known.does_any(&[Does::OwnerHas, Does::AsksState, Does::Counts, Does::Clears]) {
            return Some(());
        }
        let leads_to_handle = known.sees_through()
            || known.does_any(&[Does::Takes, Does::Pops, Does::Drains, Does::Iterates, Does::Recovers, Does::Gathers]);
        leads_to_handle.then(|| self.follow(call)).flatten()
    }

    /// A place that gets the handle: a local without a value of its own, a collection, or a field.
    fn goes_into(&mut self, place: ExprRef) -> Option<()> {
        let program = self.program;
        let mut here = place;
        for _ in 0..8 {
            let file = program.file(here.file);
            here = match file[here.id] {
                Expr::Unary { expr: inner, .. } | Expr::Ref { expr: inner, .. } | Expr::Await(inner) => {
                    here.with(inner)
                }
                Expr::MethodCall { receiver, method, .. } if catalogue::method(&file[method]).sees_through() => {
                    here.with(receiver)
                }
                Expr::Field { base, name } => {
                    let owner = program.type_of(&Value::bare(here.with(base))).pointee().item()?;
                    return self.field(owner, &file[name]);
                }
                Expr::Path(_) => {
                    let (pat, binding) = program.local(here)?;
                    if let Some(ty) = binding.ty {
                        self.renames(here, ty)?;
                    }
                    let is_fresh = match binding.origin {
                        Origin::Unset => true,
                        Origin::Value(init) => is_empty(program, here.with(init)),
                        _ => false,
                    };
                    if !is_fresh {
                        return None;
                    }
                    // Other values go in the same way, and come by here themselves.
                    return self.follow_all(here, pat);
                }
                _ => return None,
            };
        }
        None
    }

    fn follow_all(&mut self, near: ExprRef, pat: PatRef) -> Option<()> {
        for used in self.program.uses_of(near, pat) {
            let file = self.program.file(used.file);
            let outer = self.program.parent(used)?;
            match file[outer.id] {
                // `handles.push(tokio::spawn(f))`
                Expr::MethodCall { receiver, method, args, .. }
                    if receiver == used.id && catalogue::method(&file[method]).does(Does::Appends) =>
                {
                    self.comes_from(outer.with(file.at(args, 0)?))?;
                }
                Expr::Assign { lhs, rhs, .. } if lhs == used.id => self.comes_from(outer.with(rhs))?,
                _ => self.follow(used)?,
            }
        }
        Some(())
    }

    /// A value that is put where the handle is: it has to be wrapped, too.
    fn comes_from(&mut self, value: ExprRef) -> Option<()> {
        let program = self.program;
        let file = program.file(value.file);
        if program.type_of(&Value::bare(value)).is(JOIN_HANDLE) {
            return match file[value.id] {
                Expr::Path(_) => match program.local(value)?.1.origin {
                    Origin::Value(init) => self.gives(value.with(init)),
                    _ => None,
                },
                Expr::Call { .. } | Expr::MethodCall { .. } => self.gives(value),
                _ => None,
            };
        }
        match file[value.id] {
            Expr::Call { callee, args } => match program.callee(value.with(callee)) {
                Def::External(path) if catalogue::function(&path).is_some_and(Function::holds) => {
                    file.list(args).try_for_each(|arg| self.comes_from(value.with(arg)))
                }
                _ => is_empty(program, value).then_some(()),
            },
            _ => is_empty(program, value).then_some(()),
        }
    }

    fn is_passed(&mut self, call: ExprRef, callee: ExprId, at: usize) -> Option<()> {
        let program = self.program;
        match program.callee(call.with(callee)) {
            Def::External(path) if catalogue::wait(&path).is_some() => {
                self.found.is_awaited = true;
                Some(())
            }
            Def::External(path) if &*path == "std::mem::drop" => Some(()),
            Def::External(path) if catalogue::function(&path).is_some_and(Function::holds) => self.follow(call),
            Def::Fn(function) if places::is_called_once(program, function) => {
                let item = program.function(function);
                let param = item.params.get(at.checked_sub(usize::from(item.self_param.is_some()))?)?;
                let module = program.module_of(Place::Fn(function));
                let name = places::name_in_type(program, function.file, param.ty, module, JOIN_HANDLE)?;
                self.found.types.push(name);
                self.binds(function.with(item.body?), function.with(param.pat))
            }
            _ => None,
        }
    }

    /// A field: its declaration is written anew, with all that is put into it and all that is done with it.
    fn field(&mut self, owner: TypeRef, field: &str) -> Option<()> {
        let program = self.program;
        let key = (owner, field.to_owned());
        if self.fields.contains(&key) {
            return Some(());
        }
        self.fields.push(key);
        let file = program.file(owner.file);
        let declared = program.declared_field(owner, field)?;
        let is_open = declared.visibility == Visibility::Public && file[owner.id].visibility == Visibility::Public;
        if is_open || !program.field_patterns(owner, field).is_empty() || !self.is_derivable(owner) {
            return None;
        }
        self.found.types.push(places::name_in_type(
            program,
            owner.file,
            declared.ty,
            file[owner.id].module,
            JOIN_HANDLE,
        )?);
        for init in program.inits_of(owner, field) {
            self.comes_from(init)?;
        }
        for used in program.fields_named(field).to_vec() {
            let Expr::Field { base, .. } = program.file(used.file)[used.id] else { continue };
            match program.type_of(&Value::bare(used.with(base))).pointee() {
                Type::Item(found, _) if found == owner => {}
                Type::Unknown => return None,
                _ => continue,
            }
            match self.assigned(used) {
                Some(value) => self.comes_from(value)?,
                None => self.follow(used)?,
            }
        }
        Some(())
    }

    /// What is assigned to a field, through locks and dereferences.
    fn assigned(&self, field: ExprRef) -> Option<ExprRef> {
        let mut here = field;
        for _ in 0..8 {
            let outer = self.program.parent(here)?;
            let file = self.program.file(outer.file);
            match file[outer.id] {
                Expr::Assign { op: None, lhs, rhs } if lhs == here.id => return Some(outer.with(rhs)),
                Expr::Unary { .. } | Expr::Await(_) | Expr::MethodCall { .. } => here = outer,
                _ => return None,
            }
        }
        None
    }

    /// Whether what the type derives can be derived with the owner in it: that has `Debug`, and no more.
    fn is_derivable(&self, owner: TypeRef) -> bool {
        let file = self.program.file(owner.file);
        file.list(file[owner.id].derives).all(|name| catalogue::is_derivable_with_owner(&file[name]))
    }

    /// An annotation: the name in it changes.
    fn renames(&mut self, near: ExprRef, ty: spawnlint_analysis::facts::TyId) -> Option<()> {
        let program = self.program;
        if program.file(near.file)[ty] == spawnlint_analysis::facts::Ty::Infer {
            return Some(());
        }
        let name = places::name_in_type(program, near.file, ty, program.module_around(near)?, JOIN_HANDLE)?;
        if !self.found.types.contains(&name) {
            self.found.types.push(name);
        }
        Some(())
    }
}

/// `None`, `Vec::new()`, `Default::default()`, `vec![]`: there is no handle in it.
fn is_empty(program: &Program, value: ExprRef) -> bool {
    let file = program.file(value.file);
    match file[value.id] {
        Expr::Path(path) => file.last_segment(path) == "None",
        Expr::Call { callee, args } => {
            let is_new = matches!(file[callee], Expr::Path(path)
                if catalogue::call_does(file.last_segment(path), Call::MakesEmpty));
            let is_foreign = matches!(program.callee(value.with(callee)), Def::External(_));
            is_new
                && is_foreign
                && file
                    .list(args)
                    .all(|arg| !matches!(file[arg], Expr::Call { .. }) || is_empty(program, value.with(arg)))
        }
        Expr::Macro(id) => file.macro_of(id) == Some(Macro::Collects) && file[id].args.is_empty(),
        _ => false,
    }
}
