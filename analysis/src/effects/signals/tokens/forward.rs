//! What is done with a token.

use super::{MayBeCancelled, Seen, Spot, Trace, hands_on, listens};
use crate::{
    catalogue::{self, Does, Macro, Variant},
    effects::{Def, ExprRef, FnRef, PatRef, Place, Type, TypeRef, Value},
    facts::{BlockKind, Expr, MacroShape, Pat, PatId, TypeKind, UnaryOp, Visibility},
    span::FileId,
};

impl Trace<'_> {
    /// Everything that is done with what stands somewhere.
    pub(super) fn follow(&mut self, spot: Spot) -> Seen {
        let known = self.program.memo.tokens.borrow().get(&spot).copied();
        match known {
            Some(true) if self.late.is_none() => return Err(MayBeCancelled),
            Some(false) => return Ok(()),
            _ if !self.used.insert(spot.clone()) => return Ok(()),
            _ => {}
        }
        let seen = self.uses(&spot);
        if seen.is_err() && self.late.is_none() {
            self.program.memo.tokens.borrow_mut().insert(spot, true);
        }
        seen
    }

    fn uses(&mut self, spot: &Spot) -> Seen {
        let program = self.program;
        match *spot {
            Spot::Local(pat, place) => {
                let name = program.binding_name(pat).ok_or(MayBeCancelled)?;
                self.not_in_macros(&name)?;
                let body = program.body(place);
                body.uses(pat.id).iter().try_for_each(|used| self.forward(pat.with(*used)))
            }
            Spot::Field(owner, ref key) => self.follow_field(owner, key),
            Spot::Static(item) => {
                let file = program.file(item.file);
                let name = &file[file.consts[item.index as usize].name];
                self.not_in_macros(name)?;
                if program.is_library(item.file) {
                    // Whether it is public is not known here.
                    return Err(MayBeCancelled);
                }
                for (at, file) in program.files.iter().enumerate() {
                    for id in 0..file.exprs.len() {
                        let used = ExprRef::from_index(FileId(at as u32), id);
                        let Expr::Path(path) = file[used.id] else { continue };
                        if file.last_segment(path) == name && !program.in_test(used) && program.local(used).is_none() {
                            self.forward(used)?;
                        }
                    }
                }
                Ok(())
            }
            Spot::Result(function) => {
                let callers = program.callers(function);
                if callers.is_empty() || program.has_unseen_callers(function) {
                    return Err(MayBeCancelled);
                }
                callers.into_iter().try_for_each(|call| self.forward(call))
            }
        }
    }

    fn follow_field(&mut self, owner: TypeRef, key: &str) -> Seen {
        let program = self.program;
        let file = program.file(owner.file);
        let name = key.rsplit('.').next().unwrap_or(key);
        let item = &file[owner.id];
        let declared = program.declared_field(owner, key).ok_or(MayBeCancelled)?;
        let is_public = item.visibility == Visibility::Public
            && (declared.visibility == Visibility::Public || declared.variant.is_some());
        if is_public && program.is_library(owner.file) {
            return Err(MayBeCancelled);
        }
        self.not_in_macros(name)?;
        if item.kind != TypeKind::Enum {
            for used in program.fields_named(name) {
                if !program.in_test(*used) && self.may_be_of(*used, owner) {
                    self.forward(*used)?;
                }
            }
        }
        for (pat, function) in program.field_patterns(owner, key) {
            let file = program.file(pat.file);
            let mut bound = Vec::new();
            file.each_binding(pat.id, &mut |pat, _| bound.push(pat));
            for binding in bound {
                self.follow(Spot::Local(pat.with(binding), Place::Fn(function)))?;
            }
        }
        Ok(())
    }

    /// What a `macro_rules!` does with a name is not seen.
    fn not_in_macros(&self, name: &str) -> Seen {
        let cancels = |done: &str| catalogue::method(done).does(Does::Cancels);
        if self.program.is_done_in_macro_rules(name, cancels) { Err(MayBeCancelled) } else { Ok(()) }
    }

    /// What the expression around a token does with it.
    pub(super) fn forward(&mut self, expr: ExprRef) -> Seen {
        let program = self.program;
        let file = program.file(expr.file);
        // A name in a macro that is not understood, or in a format string.
        if let Expr::Macro(call) | Expr::Select(call) = file[expr.id] {
            return if file.macro_of(call).is_some_and(Macro::peeks) { Ok(()) } else { Err(MayBeCancelled) };
        }
        let Some(parent) = program.parents(expr.file).parent(expr.id) else { return self.end_of_body(expr) };
        let outer = expr.with(parent);
        match file[parent] {
            Expr::Block { kind, stmts, has_tail, .. } => {
                let is_tail = has_tail && file.list(stmts).next_back() == Some(expr.id);
                match (is_tail, kind) {
                    (false, _) => Ok(()),
                    (true, BlockKind::Plain) => self.forward(outer),
                    (true, _) => Err(MayBeCancelled),
                }
            }
            Expr::Local { pat, .. } | Expr::Let { pat, .. } => self.given_to_pattern(expr.with(pat), expr),
            Expr::Match { scrutinee, arms } if scrutinee == expr.id => {
                let pats: Vec<PatId> = file.list(arms).map(|arm| file[arm].pat).collect();
                pats.into_iter().try_for_each(|pat| self.given_to_pattern(expr.with(pat), expr))
            }
            Expr::Assign { op: None, lhs, rhs } if rhs == expr.id => match file[lhs] {
                Expr::Path(_) => match program.local(expr.with(lhs)) {
                    Some((pat, _)) => self.local(pat, expr),
                    None => Err(MayBeCancelled),
                },
                Expr::Field { base, name } => self.given_to_field(expr.with(base), &file[name]),
                Expr::Underscore => Ok(()),
                _ => Err(MayBeCancelled),
            },
            // `self.token = ..`: what is given to the field is asked where the field is.
            Expr::Assign { lhs, .. } if lhs == expr.id && !matches!(file[lhs], Expr::Unary { .. }) => Ok(()),
            Expr::Ref { .. } | Expr::Await(_) | Expr::Unary { op: UnaryOp::Deref, .. } => self.forward(outer),
            Expr::If { cond, .. } if cond != expr.id => self.forward(outer),
            Expr::Match { .. } => self.forward(outer),
            Expr::Return(_) => match program.enclosing_fn(expr) {
                Some(function) if !self.is_in_closure(expr) => self.follow(Spot::Result(function)),
                _ => Err(MayBeCancelled),
            },
            Expr::MethodCall { receiver, method, .. } if receiver == expr.id => {
                self.through_method(outer, &file[method])
            }
            Expr::MethodCall { method, args, .. } => match program.called_fn(&Value::bare(outer)) {
                Some(function) => {
                    let at = file.list(args).position(|arg| arg == expr.id).ok_or(MayBeCancelled)?;
                    self.given_as_parameter(function, at)
                }
                None if catalogue::method(&file[method]).does(Does::TakesToken) => Ok(()),
                None => Err(MayBeCancelled),
            },
            Expr::Call { callee, args } => {
                let at = file.list(args).position(|arg| arg == expr.id).ok_or(MayBeCancelled)?;
                match program.callee(expr.with(callee)) {
                    Def::Fn(function) => {
                        let function = program.with_body(function);
                        match (program.function(function).self_param, at) {
                            (Some(_), 0) => Err(MayBeCancelled),
                            (Some(_), at) => self.given_as_parameter(function, at - 1),
                            (None, at) => self.given_as_parameter(function, at),
                        }
                    }
                    Def::Type(owner) => self.follow(Spot::Field(owner, at.to_string())),
                    Def::Variant(owner, variant) => self.follow(Spot::Field(owner, format!("{variant}.{at}"))),
                    Def::External(path) if hands_on(&path) => self.forward(outer),
                    Def::External(path) if &*path == "std::mem::drop" => Ok(()),
                    _ => Err(MayBeCancelled),
                }
            }
            Expr::FieldInit { name, .. } => {
                let literal = program.parents(expr.file).parent(parent).ok_or(MayBeCancelled)?;
                let Expr::Struct { path, .. } = file[literal] else { return Err(MayBeCancelled) };
                let place = program.place(expr).ok_or(MayBeCancelled)?;
                match program.resolve_in(expr.file, place, path) {
                    Def::Type(owner) => match program.view().behind_alias(owner) {
                        Def::Type(owner) => self.follow(Spot::Field(owner, file[name].to_owned())),
                        _ => Err(MayBeCancelled),
                    },
                    Def::Variant(owner, variant) => {
                        self.follow(Spot::Field(owner, format!("{variant}.{}", &file[name])))
                    }
                    _ => Err(MayBeCancelled),
                }
            }
            Expr::Tuple(members) => {
                let at = file.list(members).position(|member| member == expr.id).ok_or(MayBeCancelled)?;
                match program.parents(expr.file).parent(parent).map(|at| file[at]) {
                    Some(Expr::Local { pat, .. }) if let Pat::Tuple(pats) = file[pat] => {
                        let sub = file.at(pats, at).ok_or(MayBeCancelled)?;
                        self.given_to_pattern(expr.with(sub), expr)
                    }
                    _ => Err(MayBeCancelled),
                }
            }
            Expr::Macro(call) => match file.macro_of(call) {
                Some(Macro::Pins | Macro::Shows) if file[call].shape == MacroShape::Exprs => self.forward(outer),
                Some(known) if known.peeks() => Ok(()),
                _ => Err(MayBeCancelled),
            },
            Expr::Binary { .. } => Ok(()),
            _ => Err(MayBeCancelled),
        }
    }

    /// The value of a whole body.
    fn end_of_body(&mut self, expr: ExprRef) -> Seen {
        match self.program.place(expr) {
            Some(Place::Fn(function)) if self.program.function(function).ret.is_some() => {
                self.follow(Spot::Result(function))
            }
            Some(Place::Fn(_)) => Ok(()),
            Some(Place::Const(item)) => self.follow(Spot::Static(item)),
            None => Err(MayBeCancelled),
        }
    }

    fn is_in_closure(&self, expr: ExprRef) -> bool {
        let file = self.program.file(expr.file);
        self.program.parents(expr.file).ancestors(expr.id).any(|at| {
            matches!(file[at], Expr::Closure { .. } | Expr::Block { kind: BlockKind::Async | BlockKind::AsyncMove, .. })
        })
    }

    fn through_method(&mut self, call: ExprRef, method: &str) -> Seen {
        let program = self.program;
        let known = catalogue::method(method);
        if known.does(Does::Cancels) {
            // `self.stop.cancel()` in a method that nobody calls cancels nothing.
            let file = program.file(call.file);
            let is_of_field = matches!(file[call.id], Expr::MethodCall { receiver, .. }
                if matches!(file[receiver], Expr::Field { .. }));
            let is_dead_code = program.enclosing_fn(call).is_some_and(|function| !program.may_run(function));
            let is_late = self.late.is_some_and(|late| late.has(program.span(call)));
            return if is_late || (is_of_field && is_dead_code) { Ok(()) } else { Err(MayBeCancelled) };
        }
        if listens(known) {
            return Ok(());
        }
        if known.gives_same() {
            return self.forward(call);
        }
        // A method that the workspace gives to tokens.
        match program.called_fn(&Value::bare(call)) {
            Some(function) => match program.function(function).self_param {
                Some(param) if program.function(function).body.is_some() => {
                    self.follow(Spot::Local(function.with(param.pat), Place::Fn(function)))
                }
                _ => Err(MayBeCancelled),
            },
            None => Err(MayBeCancelled),
        }
    }

    fn given_as_parameter(&mut self, function: FnRef, at: usize) -> Seen {
        let program = self.program;
        let item = program.function(function);
        let param = item.params.get(at).ok_or(MayBeCancelled)?;
        // Which implementation of a trait runs is known only if there is one.
        let bodies = program.bodies_named(program.function_name(function));
        if item.body.is_none() || (program.is_of_trait(function) && bodies > 1) {
            return Err(MayBeCancelled);
        }
        match program.file(function.file)[param.pat] {
            Pat::Bind { sub: None, .. } => self.follow(Spot::Local(function.with(param.pat), Place::Fn(function))),
            Pat::Wild => Ok(()),
            _ => Err(MayBeCancelled),
        }
    }

    fn given_to_field(&mut self, base: ExprRef, name: &str) -> Seen {
        match self.program.type_of(&Value::bare(base)).innermost() {
            Type::Item(owner, _) => self.follow(Spot::Field(owner, name.to_owned())),
            _ => Err(MayBeCancelled),
        }
    }

    fn given_to_pattern(&mut self, pat: PatRef, value: ExprRef) -> Seen {
        let file = self.program.file(pat.file);
        match file[pat.id] {
            Pat::Bind { sub: None, .. } => self.local(pat, value),
            Pat::Wild | Pat::Path(_) => Ok(()),
            Pat::Typed { pat: sub, .. } | Pat::Ref(sub) => self.given_to_pattern(pat.with(sub), value),
            Pat::TupleStruct { path, pats }
                if catalogue::variant(file.last_segment(path)).is_some_and(Variant::is_success) =>
            {
                match file.at(pats, 0) {
                    Some(sub) => self.given_to_pattern(pat.with(sub), value),
                    None => Err(MayBeCancelled),
                }
            }
            _ => Err(MayBeCancelled),
        }
    }

    pub(super) fn local(&mut self, pat: PatRef, value: ExprRef) -> Seen {
        let place = self.program.place(value).ok_or(MayBeCancelled)?;
        self.follow(Spot::Local(pat, place))
    }
}
