//! Handles in fields: what is written into a field, and how the type that has it could end the task.

use crate::{
    program::{Act, ExprRef, Program, Type, TypeRef, Value, body::Origin, names::Def},
    span::{FileId, Span, TextRange},
    summary::{Expr, MacroShape, Pat, Ty, TyId, TypeKind},
};

/// What puts a value into a collection, cell or option.
const PUTS: &[&str] = &["push", "push_back", "push_front", "insert", "replace", "get_or_insert", "set"];

/// How deep a value that is written is looked into.
const MAX_DEPTH: u32 = 8;

/// A field that holds handles, all of which are seen to come from spawns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredHandle {
    /// `JoinHandle<`, as it is written in the field's type, up to its argument.
    pub handle_type: Span,
    /// What gives the handles: each call of a spawn, or of a wrapper.
    pub sources: Vec<ExprRef>,
}

/// Where a type may get, or has, its `Drop`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DropPlace {
    /// It has none: behind the type itself.
    New(Span),
    /// It has one: behind its last statement.
    Old(Span),
}

impl Program {
    /// The field that holds a task's handle, if its type can become one that ends the task.
    pub fn stored_handle(&self, owner: TypeRef, field: &str) -> Option<StoredHandle> {
        let declared = self.declared_field(owner, field)?;
        let handle_type = self.written_handle(owner, declared.ty)?;
        // What is done with it must be something that the other type can do too.
        let knows = |used: &super::super::FieldAct| {
            matches!(used.act, Act::Looks | Act::Clears | Act::Aborts | Act::Replaces) && !self.asks_for_id(used.at)
        };
        if !self.field_acts(owner, field).iter().all(knows) {
            return None;
        }
        let mut sources = Vec::new();
        for value in self.written_into(owner, field)? {
            self.handles_in(value, &mut sources, 0)?;
        }
        sources.sort();
        sources.dedup();
        (!sources.is_empty()).then_some(StoredHandle { handle_type, sources })
    }

    /// `JoinHandle<` in a written type.
    fn written_handle(&self, owner: TypeRef, ty: TyId) -> Option<Span> {
        let file = self.file(owner.file);
        match file[ty] {
            Ty::Path(path) => {
                let module = file[owner.id].module;
                if self.type_in(owner.file, module, ty).is("tokio::task::JoinHandle") {
                    let argument = file.at(file[path].args, 0)?;
                    let start = file[path].range.start;
                    return Some(TextRange::new(start, file.ty_range(argument).start).in_file(owner.file));
                }
                file.list(file[path].args).find_map(|arg| self.written_handle(owner, arg))
            }
            Ty::Tuple(members) => file.list(members).find_map(|member| self.written_handle(owner, member)),
            Ty::Array(inner) | Ty::Slice(inner) => self.written_handle(owner, inner),
            _ => None,
        }
    }

    /// `handle.id()`, which only a `JoinHandle` has.
    fn asks_for_id(&self, used: Span) -> bool {
        let Some(used) = self.expr_at(used, |expr| matches!(expr, Expr::Field { .. })) else { return false };
        let file = self.file(used.file);
        self.parents(used.file)
            .ancestors(used.id)
            .take_while(|at| !matches!(file[*at], Expr::Block { .. }))
            .any(|at| matches!(file[at], Expr::MethodCall { method, .. } if &file[method] == "id"))
    }

    /// Every value that is written into a field; `None` if some of them are not seen.
    fn written_into(&self, owner: TypeRef, field: &str) -> Option<Vec<ExprRef>> {
        let file = self.file(owner.file);
        let item = &file[owner.id];
        let (variant, name) = field.rsplit_once('.').map_or((None, field), |(variant, name)| (Some(variant), name));
        let mut found = Vec::new();
        if let Ok(at) = name.parse::<usize>() {
            // `Name(..)` and `Kind::Variant(..)`.
            for call in self.calls_named(variant.unwrap_or(&file[item.name])).iter().chain(self.calls_named("Self")) {
                let Expr::Call { callee, args } = self.file(call.file)[call.id] else { continue };
                let is_own = match self.callee(call.with(callee)) {
                    Def::Type(found) => variant.is_none() && found == owner,
                    Def::Variant(found, name) => variant == Some(name.as_str()) && found == owner,
                    _ => false,
                };
                if is_own {
                    found.push(call.with(self.file(call.file).at(args, at)?));
                }
            }
        } else {
            for init in self.field_inits_named(name) {
                let Expr::FieldInit { value, .. } = self.file(init.file)[init.id] else { continue };
                let literal = self.parents(init.file).parent(init.id).map(|at| init.with(at))?;
                let Expr::Struct { path, .. } = self.file(init.file)[literal.id] else { continue };
                let is_own = match self.resolve_in(init.file, self.place(*init)?, path) {
                    Def::Type(found) => found == owner || self.view().behind_alias(found, 0) == Def::Type(owner),
                    Def::Variant(found, _) => found == owner,
                    _ => false,
                };
                if is_own {
                    found.push(init.with(value));
                }
            }
        }
        if item.kind == TypeKind::Struct {
            for used in self.fields_named(name) {
                let Expr::Field { base, .. } = self.file(used.file)[used.id] else { continue };
                if self.type_of(&Value::bare(used.with(base))).innermost().item() == Some(owner) {
                    found.extend(self.put_through(*used));
                }
            }
        }
        Some(found)
    }

    /// Whether some code puts a new value over the one in a field.
    pub fn is_assigned(&self, owner: TypeRef, field: &str) -> bool {
        self.fields_named(field).iter().any(|used| {
            let file = self.file(used.file);
            let Expr::Field { base, .. } = file[used.id] else { return false };
            let parent = self.parents(used.file).parent(used.id);
            parent.is_some_and(|at| matches!(file[at], Expr::Assign { op: None, lhs, .. } if lhs == used.id))
                && matches!(self.type_of(&Value::bare(used.with(base))).innermost().item(), Some(found) if found == owner)
        })
    }

    /// `x` of `self.field = x` and `self.field.lock().unwrap().push(x)`.
    fn put_through(&self, used: ExprRef) -> Vec<ExprRef> {
        let file = self.file(used.file);
        let mut here = used.id;
        for parent in self.parents(used.file).ancestors(used.id) {
            match file[parent] {
                Expr::Assign { op: None, lhs, rhs } if lhs == here => return vec![used.with(rhs)],
                Expr::MethodCall { receiver, method, args, .. } if receiver == here => {
                    if PUTS.contains(&&file[method]) {
                        return file.list(args).map(|arg| used.with(arg)).collect();
                    }
                }
                Expr::Await(_) | Expr::Try(_) | Expr::Unary { .. } | Expr::Ref { .. } | Expr::Index { .. } => {}
                // `let mut tasks = self.tasks.lock().unwrap(); tasks.push(x);`
                Expr::Local { pat, .. } => {
                    let Some(place) = self.place(used) else { return Vec::new() };
                    let Pat::Bind { .. } = file[pat] else { return Vec::new() };
                    let body = self.body(place);
                    return body.uses(pat).iter().flat_map(|at| self.put_through(used.with(*at))).collect();
                }
                _ => return Vec::new(),
            }
            here = parent;
        }
        Vec::new()
    }

    /// The spawns whose handles a value has; `None` if it has a handle that comes from elsewhere.
    fn handles_in(&self, value: ExprRef, found: &mut Vec<ExprRef>, depth: u32) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        if self.tasks().iter().any(|task| self.given_value(task.site) == Some(value)) {
            found.push(value);
            return Some(());
        }
        let file = self.file(value.file);
        let ty = self.type_of(&Value::bare(value));
        match file[value.id] {
            Expr::Path(_) => match self.local(value) {
                Some((pat, binding)) => match binding.origin {
                    Origin::Value(init) if binding.root == pat.id && binding.ty.is_none() => {
                        self.handles_in(value.with(init), found, depth + 1)
                    }
                    // What is beside the handle: a key, a name.
                    _ => (ty != Type::Unknown && !self.stands_for_task(&ty, 0)).then_some(()),
                },
                // `None`, a constant.
                None => Some(()),
            },
            Expr::Call { args, .. } if args.is_empty() => Some(()),
            Expr::MethodCall { .. } if ty != Type::Unknown && !self.stands_for_task(&ty, 0) => Some(()),
            Expr::Call { callee, args } => {
                let hands_on = match self.callee(value.with(callee)) {
                    Def::External(path) => {
                        &*path == "std::option::Option::Some"
                            || path.ends_with("::new") && !path.starts_with("tokio_util::")
                            || &*path == "std::convert::From::from"
                    }
                    _ => false,
                };
                match hands_on {
                    true => file.list(args).try_for_each(|arg| self.handles_in(value.with(arg), found, depth + 1)),
                    false => (ty != Type::Unknown && !self.stands_for_task(&ty, 0)).then_some(()),
                }
            }
            Expr::Tuple(members) | Expr::Array(members) => {
                file.list(members).try_for_each(|member| self.handles_in(value.with(member), found, depth + 1))
            }
            Expr::Macro(call)
                if file[call].shape == MacroShape::Exprs && file.last_segment(file[call].path) == "vec" =>
            {
                file.list(file[call].args).try_for_each(|arg| self.handles_in(value.with(arg), found, depth + 1))
            }
            Expr::Lit(_) => Some(()),
            _ => (ty != Type::Unknown && !self.stands_for_task(&ty, 0)).then_some(()),
        }
    }

    /// Where the `Drop` of a type may end a task: a type that is not generic, and out of which nothing is moved.
    pub fn drop_place(&self, owner: TypeRef) -> Option<DropPlace> {
        let file = self.file(owner.file);
        let item = &file[owner.id];
        let own: Vec<_> = (self.names.methods(owner, "drop").iter().copied())
            .filter(|function| self.is_drop_function(*function))
            .collect();
        if let [only] = own.as_slice() {
            let body = only.with(self.function(*only).body?);
            let range = self.span(body).range;
            return Some(DropPlace::Old(TextRange::new(range.end - 1, range.end - 1).in_file(only.file)));
        }
        let copies = file.list(item.derives).any(|derive| matches!(&file[derive], "Copy" | "Clone"));
        if !own.is_empty() || item.is_generic || item.kind != TypeKind::Struct || copies || self.is_taken_apart(owner) {
            return None;
        }
        let end = TextRange::new(item.range.end, item.range.end).in_file(owner.file);
        Some(DropPlace::New(end))
    }

    /// Whether some code moves a field out of a value of that type, which a `Drop` forbids.
    fn is_taken_apart(&self, owner: TypeRef) -> bool {
        let file = self.file(owner.file);
        let item = &file[owner.id];
        let is_struct = |at: &crate::program::PatRef| match self.file(at.file)[at.id] {
            Pat::Struct { path, .. } | Pat::TupleStruct { path, .. } => {
                self.file(at.file).last_segment(path) == &file[item.name]
                    || self.file(at.file).last_segment(path) == "Self"
            }
            _ => false,
        };
        if self.patterns_named(&file[item.name]).iter().chain(self.patterns_named("Self")).any(is_struct) {
            return true;
        }
        // `Name { a, ..other }` moves out of the other.
        let has_base = |(at, other): (usize, &std::sync::Arc<crate::summary::FileSummary>)| {
            other.exprs.iter().enumerate().any(|(id, kind)| {
                matches!(kind, Expr::Struct { base: Some(_), .. })
                    && self.literal_type(ExprRef::from_index(FileId(at as u32), id)) == Some(owner)
            })
        };
        if self.files.iter().enumerate().any(has_base) {
            return true;
        }
        item.fields.iter().any(|field| {
            self.fields_named(&file[field.name]).iter().any(|used| {
                let Expr::Field { base, .. } = self.file(used.file)[used.id] else { return false };
                let ty = self.type_of(&Value::bare(used.with(base)));
                (ty == Type::Unknown || ty.item() == Some(owner)) && self.may_move(*used)
            })
        })
    }

    /// Whether an expression `x.field` may move the field out of `x`.
    fn may_move(&self, used: ExprRef) -> bool {
        let file = self.file(used.file);
        let Expr::Field { base, .. } = file[used.id] else { return false };
        // Nothing is moved out of a reference.
        if let Some((_, binding)) = self.local(used.with(base))
            && matches!(binding.origin, Origin::SelfParam)
            && self.enclosing_fn(used).is_some_and(|it| self.function(it).self_param.is_some_and(|it| it.is_ref))
        {
            return false;
        }
        let Some(parent) = self.parents(used.file).parent(used.id) else { return true };
        match file[parent] {
            Expr::Ref { .. } | Expr::Field { .. } | Expr::Index { .. } | Expr::Binary { .. } | Expr::Macro(_) => false,
            Expr::Unary { .. } => false,
            Expr::Assign { lhs, .. } => lhs != used.id,
            Expr::MethodCall { receiver, method, .. } if receiver == used.id => {
                let method = &file[method];
                method.starts_with("into")
                    || matches!(method, "unwrap" | "expect" | "join" | "map" | "drop_guard" | "and_then")
            }
            _ => true,
        }
    }
}
