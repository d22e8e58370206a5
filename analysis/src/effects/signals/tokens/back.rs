//! Where a token comes from.

use super::{MayBeCancelled, Seen, Spot, Trace, hands_on, listens};
use crate::{
    catalogue::{self, Function, Variant},
    effects::{Def, ExprRef, FnRef, Origin, PatRef, Type, TypeRef, Value},
    facts::{BlockKind, Expr, ExprId, Pat, PatId, TypeKind, UnaryOp},
};

impl Trace<'_> {
    /// Back to where a token is made. Every name on the way is looked at for what else is done with it.
    pub(super) fn back(&mut self, value: &Value) -> Seen {
        if !self.asked.insert(value.key()) {
            return Ok(());
        }
        let program = self.program;
        let file = program.file(value.expr.file);
        match program.expr(value) {
            Expr::Path(path) => match program.local(value.expr) {
                Some((pat, binding)) => {
                    let place = program.place(value.expr).ok_or(MayBeCancelled)?;
                    self.follow(Spot::Local(pat, place))?;
                    self.back_from_binding(value, pat, binding.root, binding.origin)
                }
                None => {
                    let place = program.place(value.expr).ok_or(MayBeCancelled)?;
                    match program.resolve_in(value.expr.file, place, path) {
                        Def::Const(item) => {
                            let summary = program.file(item.file);
                            let it = &summary.consts[item.index as usize];
                            self.follow(Spot::Static(item))?;
                            let init = it.init.filter(|_| it.is_static).ok_or(MayBeCancelled)?;
                            self.back(&Value::bare(ExprRef { file: item.file, id: init }))
                        }
                        _ => Err(MayBeCancelled),
                    }
                }
            },
            Expr::Field { base, name } => match program.type_of(&value.at(base)).pointee() {
                Type::Item(owner, _) => self.back_from_field(owner, &file[name]),
                _ => Err(MayBeCancelled),
            },
            Expr::Ref { expr, .. } | Expr::Unary { op: UnaryOp::Deref, expr } => self.back(&value.at(expr)),
            Expr::Block { stmts, has_tail: true, kind: BlockKind::Plain, .. } => {
                let tail = file.list(stmts).next_back().ok_or(MayBeCancelled)?;
                self.back(&value.at(tail))
            }
            Expr::MethodCall { receiver, method, .. } => {
                let known = catalogue::method(&file[method]);
                if let Some(function) = program.called_fn(value) {
                    return self.back_from_call(value, function);
                }
                let is_token = known.gives_same() || listens(known);
                if is_token { self.back(&value.at(receiver)) } else { Err(MayBeCancelled) }
            }
            Expr::Call { callee, args } => match program.callee(value.expr.with(callee)) {
                Def::External(path) => match (catalogue::function(&path), file.at(args, 0)) {
                    (Some(Function::MakesToken), None) => {
                        self.made.get_or_insert(program.span(value.expr));
                        self.forward(value.expr)
                    }
                    (_, Some(first)) if hands_on(&path) => self.back(&value.at(first)),
                    (Some(Function::SharesToken), Some(first)) => self.back(&value.at(first)),
                    _ => Err(MayBeCancelled),
                },
                Def::Fn(function) => self.back_from_call(value, program.with_body(function)),
                _ => Err(MayBeCancelled),
            },
            _ => Err(MayBeCancelled),
        }
    }

    fn back_from_binding(&mut self, value: &Value, pat: PatRef, root: PatId, origin: Origin) -> Seen {
        let program = self.program;
        match origin {
            Origin::Value(init) if root == pat.id => self.back(&value.at(init)),
            // `if let Some(token) = &self.token`, `let (stop, _) = ..`.
            Origin::Value(init) => match self.part_of(value, root, pat, init) {
                Some(part) => self.back(&part),
                None => Err(MayBeCancelled),
            },
            Origin::Param(_) | Origin::ClosureParam(..) | Origin::SelfParam if root != pat.id => Err(MayBeCancelled),
            Origin::Param(_) | Origin::ClosureParam(..) | Origin::SelfParam => {
                if let Some(passed) = program.passed(value, root) {
                    return self.back(&passed);
                }
                let Some(function) = program.enclosing_fn(value.expr).filter(|_| matches!(origin, Origin::Param(_)))
                else {
                    return Err(MayBeCancelled);
                };
                let callers = program.callers(function);
                if callers.is_empty() || program.has_unseen_callers(function) {
                    return Err(MayBeCancelled);
                }
                for call in callers {
                    if !self.calls.insert(call) {
                        continue;
                    }
                    let frame = program.enter_once(&Value::bare(call), function);
                    let inside = Value { expr: value.expr, frame };
                    let passed = program.passed(&inside, root).ok_or(MayBeCancelled)?;
                    self.back(&passed)?;
                }
                Ok(())
            }
            Origin::Unset => {
                let origin = program.origin(value);
                if origin.expr == value.expr { Err(MayBeCancelled) } else { self.back(&origin) }
            }
            Origin::Element(_) | Origin::Output(_) => Err(MayBeCancelled),
        }
    }

    /// What a pattern takes out of a value that is a token, or a tuple with one.
    fn part_of(&self, value: &Value, root: PatId, pat: PatRef, init: ExprId) -> Option<Value> {
        let file = self.program.file(pat.file);
        match file[root] {
            Pat::TupleStruct { path, pats }
                if catalogue::variant(file.last_segment(path)).is_some_and(Variant::is_success) =>
            {
                (file.at(pats, 0) == Some(pat.id)).then(|| value.at(init))
            }
            Pat::Tuple(_) | Pat::Typed { .. } | Pat::Ref(_) => {
                let origin = self.program.origin(value);
                (origin.expr != value.expr).then_some(origin)
            }
            _ => None,
        }
    }

    /// What a function of the workspace gives back.
    fn back_from_call(&mut self, call: &Value, function: FnRef) -> Seen {
        let program = self.program;
        let Some(body) = program.function(function).body else { return Err(MayBeCancelled) };
        self.follow(Spot::Result(function))?;
        let frame = program.enter_once(call, function);
        let mut results = Vec::new();
        program.walk(function.with(body), &mut |_, kind| {
            if let Expr::Return(Some(value)) = kind {
                results.push(value);
            }
            !matches!(kind, Expr::Closure { .. })
        });
        results.push(program.tail(function.with(body)).ok_or(MayBeCancelled)?);
        results
            .into_iter()
            .try_for_each(|result| self.back(&Value { expr: function.with(result), frame: frame.clone() }))
    }

    /// All values that the workspace gives to a field.
    fn back_from_field(&mut self, owner: TypeRef, name: &str) -> Seen {
        let program = self.program;
        self.follow(Spot::Field(owner, name.to_owned()))?;
        if !self.fields.insert((owner, name.to_owned())) {
            return Ok(());
        }
        let file = program.file(owner.file);
        let declared = program.declared_field(owner, name).ok_or(MayBeCancelled)?;
        let mut given = program.inits_of(owner, name);
        if let Ok(at) = name.parse::<usize>() {
            given.extend(program.literals_of(owner).into_iter().filter_map(|call| {
                let Expr::Call { args, .. } = program.file(call.file)[call.id] else { return None };
                program.file(call.file).at(args, at).map(|arg| call.with(arg))
            }));
        }
        for used in program.fields_named(name) {
            let file = program.file(used.file);
            let parent = program.parents(used.file).parent(used.id);
            if let Some(Expr::Assign { lhs, rhs, .. }) = parent.map(|at| file[at])
                && lhs == used.id
                && !program.in_test(*used)
                && self.may_be_of(*used, owner)
            {
                given.push(used.with(rhs));
            }
        }
        if given.is_empty() {
            // `#[derive(Default)]` makes one with the rest.
            let is_default = (program.calls_named("default").iter())
                .any(|call| program.type_of(&Value::bare(*call)).pointee().item() == Some(owner));
            if !is_default || file[owner.id].kind != TypeKind::Struct {
                return Err(MayBeCancelled);
            }
            self.made.get_or_insert(declared.range.in_file(owner.file));
        }
        given.into_iter().try_for_each(|value| self.back(&Value::bare(value)))
    }

    /// Whether `x.field` is, or may be, the field of that type.
    pub(super) fn may_be_of(&self, used: ExprRef, owner: TypeRef) -> bool {
        let Expr::Field { base, .. } = self.program.file(used.file)[used.id] else { return false };
        match self.program.type_of(&Value::bare(used.with(base))).innermost() {
            Type::Item(found, _) => found == owner,
            Type::Unknown => true,
            _ => false,
        }
    }
}
