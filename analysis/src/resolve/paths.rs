//! Values as ways through fields from something that has a name: what `self.hub.tx` and `hub.tx` have in common.

use super::{ConstRef, ExprRef, FnRef, PatRef, Resolve, Type, TypeRef, Value, body::Origin, names::Def};
use crate::{
    catalogue::{self, Does, Function, WrapperKind},
    facts::{BlockKind, Expr, ExprId, Pat, PatId, UnaryOp},
};

/// Where a way begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Root {
    /// A parameter, or a local that is made from something else.
    Local(PatRef),
    /// A static.
    Static(ConstRef),
}

/// A value, as fields of something that has a name. Clones, references, locks and `Option`s are passed through.
#[derive(Debug, Clone)]
pub(crate) struct AccessPath {
    /// Where it begins.
    pub(crate) root: Root,
    /// The fields, outermost first.
    pub(crate) fields: Vec<String>,
    /// The type that has the last field.
    pub(crate) owner: Option<TypeRef>,
}

impl AccessPath {
    /// A way without fields.
    fn to(root: Root) -> AccessPath {
        AccessPath { root, fields: Vec::new(), owner: None }
    }

    /// Whether both are the same thing.
    pub(crate) fn is_same(&self, other: &AccessPath) -> bool {
        self.root == other.root && self.fields == other.fields
    }

    /// The last field, with the type that has it.
    pub(crate) fn last_field(&self) -> Option<(TypeRef, &str)> {
        Some((self.owner?, self.fields.last()?))
    }

    /// Whether what is here has the other inside, or is it.
    pub(crate) fn contains(&self, other: &AccessPath) -> bool {
        self.root == other.root && other.fields.starts_with(&self.fields)
    }
}

impl Resolve {
    /// The way to a value, if the text shows one.
    pub(crate) fn access_path(&self, value: &Value) -> Option<AccessPath> {
        self.steps.step();
        let file = self.file(value.expr.file);
        let go = |next: &Value| self.access_path(next);
        match self.expr(value) {
            Expr::Path(path) => match self.local(value.expr) {
                Some((pat, binding)) => {
                    let further = match binding.origin {
                        Origin::Value(init) if binding.root == pat.id => go(&value.at(init)),
                        // `let Self { hub, .. } = self;`
                        Origin::Value(init) => self.taken_apart(value, binding.root, pat).and_then(|taken| {
                            let mut path = go(&value.at(init))?;
                            path.owner = taken.last().map(|(owner, _)| *owner).or(path.owner);
                            path.fields.extend(taken.into_iter().map(|(_, name)| name));
                            Some(path)
                        }),
                        Origin::Param(_) | Origin::SelfParam | Origin::ClosureParam(..) if binding.root == pat.id => {
                            self.passed(value, binding.root).and_then(|passed| go(&passed))
                        }
                        _ => None,
                    };
                    Some(further.unwrap_or(AccessPath::to(Root::Local(pat))))
                }
                None => {
                    let Def::Const(item) = self.resolve_in(value.expr.file, self.place(value.expr)?, path) else {
                        return None;
                    };
                    let is_static = self.file(item.file).consts[item.index as usize].is_static;
                    is_static.then_some(AccessPath::to(Root::Static(item)))
                }
            },
            Expr::Field { base, name } => {
                let mut path = go(&value.at(base))?;
                path.fields.push(file[name].to_owned());
                path.owner = self.type_of(&value.at(base)).innermost().item();
                Some(path)
            }
            Expr::Ref { expr, .. }
            | Expr::Unary { op: UnaryOp::Deref, expr }
            | Expr::Cast { expr, .. }
            | Expr::Await(expr)
            | Expr::Try(expr) => go(&value.at(expr)),
            Expr::Block { stmts, has_tail: true, kind: BlockKind::Plain, .. } => {
                go(&value.at(file.list(stmts).next_back()?))
            }
            Expr::MethodCall { receiver, method, args, .. } => match self.called_fn(value) {
                Some(function) if self.clones_members(function) => go(&value.at(receiver)),
                Some(function) => self.tail_path(value, function),
                None => gives_itself(&file[method], args.len).then(|| go(&value.at(receiver))).flatten(),
            },
            Expr::Call { .. } => match self.called_fn(value) {
                Some(function) => self.tail_path(value, function),
                None => {
                    let next = self.origin(value);
                    (next.expr != value.expr).then(|| go(&next)).flatten()
                }
            },
            _ => None,
        }
    }

    /// The fields, outermost first, that lead from a value that a pattern takes apart to one of its bindings;
    /// `None` unless there is nothing but structs on the way.
    fn taken_apart(&self, value: &Value, root: PatId, pat: PatRef) -> Option<Vec<(TypeRef, String)>> {
        let file = self.file(pat.file);
        match file[root] {
            _ if root == pat.id => Some(Vec::new()),
            Pat::Ref(sub) | Pat::Typed { pat: sub, .. } => self.taken_apart(value, sub, pat),
            // `let Some(hub) = &self.hub else { .. }`: an `Option` is passed through.
            Pat::TupleStruct { path, pats }
                if pats.len == 1
                    && catalogue::variant(file.last_segment(path)).is_some_and(catalogue::Variant::is_success) =>
            {
                self.taken_apart(value, file.at(pats, 0)?, pat)
            }
            Pat::Struct { path, fields } => {
                let Def::Type(owner) = self.resolve_in(pat.file, self.place(value.expr)?, path) else { return None };
                file.list(fields).find_map(|field| {
                    let Pat::Field { name, pat: sub } = file[field] else { return None };
                    let mut below = self.taken_apart(value, sub, pat)?;
                    below.insert(0, (owner, file[name].to_owned()));
                    Some(below)
                })
            }
            _ => None,
        }
    }

    /// Whether a method is a `Clone` by hand that clones what stands in each field: `Self { hub: self.hub.clone() }`.
    fn clones_members(&self, function: FnRef) -> bool {
        let item = self.function(function);
        let (Some(param), Some(body)) = (item.self_param, item.body) else { return false };
        let Some(tail) = self.tail(function.with(body)).filter(|_| self.function_name(function) == "clone") else {
            return false;
        };
        let file = self.file(function.file);
        let Expr::Struct { fields, base: None, .. } = file[tail] else { return false };
        file.list(fields).all(|field| {
            let Expr::FieldInit { name, value } = file[field] else { return false };
            let path = self.access_path(&Value::bare(function.with(value)));
            path.is_some_and(|path| {
                path.root == Root::Local(function.with(param.pat)) && path.fields == [file[name].to_owned()]
            })
        })
    }

    /// What an accessor gives: `fn hub(&self) -> &Hub { &self.hub }`. One that calls itself gives nothing.
    fn tail_path(&self, call: &Value, function: FnRef) -> Option<AccessPath> {
        let body = self.function(function).body?;
        let tail = self.tail(function.with(body))?;
        let find = || self.access_path(&Value { expr: function.with(tail), frame: self.enter(call, function) });
        self.memo.tail_paths.get(call.key(), || None, find)
    }

    /// Where a value is made, looked for inside of the functions of the workspace that give it: of
    /// `self.link.states()` that is `self.state.subscribe()`.
    pub(crate) fn made(&self, value: &Value) -> Value {
        let mut here = self.origin(value);
        let mut entered = Vec::new();
        loop {
            self.steps.step();
            let mut call = here.clone();
            while let Expr::Await(inner) | Expr::Try(inner) = self.expr(&call) {
                call = self.origin(&call.at(inner));
            }
            let Some(function) = self.called_fn(&call).filter(|function| !entered.contains(function)) else {
                return here;
            };
            let Some(given) = self.only_value(function) else { return here };
            entered.push(function);
            here = self.origin(&Value { expr: given, frame: self.enter(&call, function) });
            // `Ok(receiver)`: what a `?` takes out again.
            while let Expr::Call { callee, args } = self.expr(&here)
                && matches!(self.callee(here.expr.with(callee)), Def::External(path)
                    if catalogue::function(&path) == Some(Function::Carries))
                && let Some(inner) = self.file(here.expr.file).at(args, 0)
            {
                here = self.origin(&here.at(inner));
            }
        }
    }

    /// The expression that is all that a function gives: it has no other way out with a value.
    pub(crate) fn only_value(&self, function: FnRef) -> Option<ExprRef> {
        let body = function.with(self.function(function).body?);
        let mut leaves = false;
        self.walk(body, &mut |_, expr| {
            leaves |= matches!(expr, Expr::Return(Some(_)));
            !leaves && !matches!(expr, Expr::Closure { .. })
        });
        (!leaves).then(|| self.tail(body)).flatten().map(|tail| body.with(tail))
    }

    /// The values that a task takes along, each at its first use: the arguments of the call that makes the
    /// future, and what its async blocks and closures name. Fields are taken alone where the text shows that.
    pub(crate) fn taken_values(&self, task: ExprRef) -> Vec<ExprRef> {
        let mut found = Vec::new();
        self.take_values(task, &mut found);
        found
    }

    fn take_values(&self, expr: ExprRef, found: &mut Vec<ExprRef>) {
        let file = self.file(expr.file);
        match file[expr.id] {
            Expr::Call { args, .. } => {
                file.list(args).for_each(|arg| self.take_argument(expr.with(arg), found));
            }
            // `self.clone().run(rx)` takes what it is called on.
            Expr::MethodCall { receiver, args, .. } => {
                let parts = std::iter::once(receiver).chain(file.list(args));
                parts.for_each(|part| self.take_argument(expr.with(part), found));
            }
            _ => self.take_argument(expr, found),
        }
    }

    /// What an argument takes along: the value itself, or the parts of a literal or container. What another call
    /// makes of its arguments is not known, and a task borrows nothing.
    fn take_argument(&self, expr: ExprRef, found: &mut Vec<ExprRef>) {
        let file = self.file(expr.file);
        match file[expr.id] {
            Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } | Expr::Closure { .. } => {
                self.take_captures(expr, found);
            }
            Expr::Path(_) | Expr::Field { .. } => found.push(expr),
            Expr::MethodCall { method, args, .. } if gives_itself(&file[method], args.len) => found.push(expr),
            Expr::Call { .. } if self.access_path(&Value::bare(expr)).is_some() => found.push(expr),
            Expr::Call { args, .. } if self.called_fn(&Value::bare(expr)).is_none() => {
                file.list(args).for_each(|arg| self.take_argument(expr.with(arg), found));
            }
            Expr::Struct { .. } | Expr::FieldInit { .. } | Expr::Tuple(_) | Expr::Array(_) | Expr::Block { .. } => {
                file.each_child(expr.id, &mut |child| self.take_argument(expr.with(child), found));
            }
            _ => {}
        }
    }

    /// What an async block or closure names of what is made outside of it.
    fn take_captures(&self, block: ExprRef, found: &mut Vec<ExprRef>) {
        let Some(place) = self.place(block) else { return };
        let body = self.body(place);
        let first = self.first_below(block);
        let inside = |id: ExprId| first <= id && id <= block.id;
        let named = body.binding_of.within(first..=block.id);
        let outer = named.filter(|(_, pat)| !body.bindings[*pat].at.is_some_and(inside));
        found.extend(outer.map(|(used, _)| self.taken_field(block.with(*used))));
    }

    /// Of `self.name` in an async block only the field is taken, unless a pointer stands between.
    fn taken_field(&self, used: ExprRef) -> ExprRef {
        let mut here = used;
        loop {
            let parent = self.parents(here.file).parent(here.id);
            let is_pointer = || {
                let ty = self.type_of(&Value::bare(here));
                ty.external().and_then(catalogue::wrapper_kind) == Some(WrapperKind::Pointer)
            };
            match parent.map(|at| self.file(here.file)[at]) {
                Some(Expr::Field { .. }) if !is_pointer() => here = here.with(parent.expect("just seen")),
                _ => return here,
            }
        }
    }

    /// What a task runs, where it stands: of a block that a wrapper puts around the future it is given, that future.
    pub(crate) fn runs(&self, future: &Value) -> ExprRef {
        self.given_future(future).unwrap_or(self.origin(future).expr)
    }

    fn given_future(&self, future: &Value) -> Option<ExprRef> {
        let origin = self.origin(future);
        origin.frame.as_ref()?;
        let Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. } = self.expr(&origin) else { return None };
        let mut found = None;
        self.walk(origin.expr, &mut |expr, kind| {
            if found.is_none()
                && matches!(kind, Expr::Path(_))
                && let Some((_, binding)) = self.local(expr)
                && let Some(passed) = self.passed(&origin.at(expr.id), binding.root)
            {
                let given = self.origin(&passed);
                let is_block = |kind| matches!(kind, Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. });
                let is_future = is_block(self.expr(&given)) || matches!(self.type_of(&given), Type::Future(_));
                if given.expr != origin.expr && is_future {
                    found = Some(self.given_future(&given).unwrap_or(given.expr));
                }
            }
            found.is_none()
        });
        found
    }

    /// Whether a value is shared: an `Arc`, or something that is reached through one.
    pub(crate) fn is_shared(&self, value: &Value) -> bool {
        let is_arc = |value: &Value| self.type_of(value).is("std::sync::Arc");
        is_arc(value) || is_arc(&self.origin(value))
    }

    /// Whether a pointer that is shared stands on the way from what is taken to what it has at `path`, be it the
    /// first thing or a field: a clone of `struct Client(Arc<Inner>)` shares all of `Inner`.
    pub(crate) fn shares(&self, taken: ExprRef, path: &AccessPath) -> bool {
        let taken = Value::bare(taken);
        if self.is_shared(&taken) {
            return true;
        }
        let Some(from) = self.access_path(&taken).filter(|from| from.contains(path)) else { return false };
        let mut ty = self.type_of(&taken);
        path.fields[from.fields.len()..].iter().any(|field| {
            ty = ty.innermost().item().map_or(Type::Unknown, |owner| self.field_type(owner, field));
            ty.is("std::sync::Arc")
        })
    }

    /// Two ways in one function that meet in each of its callers: `init(&self.context, self.clone())`.
    pub(crate) fn contains_for_callers(&self, outer: &AccessPath, inner: &AccessPath) -> bool {
        let (Root::Local(a), Root::Local(b)) = (outer.root, inner.root) else { return false };
        let (Some(from), Some(to)) = (self.parameter_of(a), self.parameter_of(b)) else { return false };
        if from.0 != to.0 || a.file != b.file {
            return false;
        }
        let function = from.0;
        let callers = self.callers(function);
        !callers.is_empty()
            && self.value_uses(function).is_empty()
            && callers.into_iter().all(|call| {
                let call = Value::bare(call);
                let frame = self.enter(&call, function);
                let at = |path: &AccessPath, pat: PatRef| {
                    let frame = frame.clone()?;
                    let passed = frame.passed(pat)?;
                    let mut found = self.access_path(&passed)?;
                    found.fields.extend(path.fields.iter().cloned());
                    Some(found)
                };
                matches!((at(outer, a), at(inner, b)), (Some(outer), Some(inner)) if outer.contains(&inner))
            })
    }

    /// The function whose parameter a pattern is.
    pub(crate) fn parameter_of(&self, pat: PatRef) -> Option<(FnRef, PatRef)> {
        let file = self.file(pat.file);
        let at = file.functions.iter().position(|function| {
            function.self_param.is_some_and(|param| param.pat == pat.id)
                || function.params.iter().any(|param| param.pat == pat.id)
        })?;
        Some((FnRef::from_index(pat.file, at), pat))
    }
}

/// Methods that hand on what they are called on: another pointer to it, or what stands behind a lock.
fn gives_itself(method: &str, args: u32) -> bool {
    let known = catalogue::method(method);
    match known.does(Does::Unwraps) {
        true => args == u32::from(method == "expect"),
        false => args == 0 && (known.gives_same() || known.does_any(&[Does::Loads, Does::Takes]) || method == "get"),
    }
}
