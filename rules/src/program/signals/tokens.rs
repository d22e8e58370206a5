//! Cancellation tokens, and whether anybody cancels them.
//!
//! A token is followed from where a task waits for it back to where it is made, and from there forwards to
//! everything that is done with it: through lets, clones, fields, statics, parameters and results, in whatever
//! file they stand. It is dead if all of that is seen and nothing cancels it. Whatever is not understood may.

use crate::{
    program::{
        ConstRef, Dead, DeadCause, ExprRef, FnRef, PatRef, Place, Program, Type, TypeRef, Value, body::Origin,
        fate::is_peek_macro, names::Def,
    },
    span::{FileId, Span},
    summary::{BlockKind, Expr, ExprId, MacroShape, Owner, Pat, PatId, TypeKind, UnaryOp, Visibility},
};
use rustc_hash::FxHashSet;

/// How many places a token may come to before it is given up.
const MAX_STEPS: usize = 400;
/// What cancels a token, or makes something that does.
const CANCELS: &[&str] = &["cancel", "drop_guard", "drop_guard_ref"];
/// What only listens to it. A child can be cancelled alone, which says nothing to its parent.
const LISTENS: &[&str] = &[
    "cancelled",
    "cancelled_owned",
    "is_cancelled",
    "run_until_cancelled",
    "run_until_cancelled_owned",
    "child_token",
    "is_some",
    "is_none",
];
/// What gives the same token again, or what holds it.
const SAME: &[&str] = &[
    "clone", "cloned", "to_owned", "as_ref", "as_mut", "as_deref", "borrow", "unwrap", "expect", "lock", "read",
    "write",
];

/// Where a token can stand.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Spot {
    /// A binding of a body.
    Local(PatRef, Place),
    /// A field of a type; of an enum with the variant before its name.
    Field(TypeRef, String),
    /// A static.
    Static(ConstRef),
    /// What a function gives back.
    Result(FnRef),
}

/// Why a token is given up: it is cancelled, or it may be.
struct MayBeCancelled;
type Seen = Result<(), MayBeCancelled>;

struct Trace<'a> {
    program: &'a Program,
    /// Spots whose uses are seen.
    used: FxHashSet<Spot>,
    /// Values and fields whose origins are seen.
    asked: FxHashSet<ExprRef>,
    fields: FxHashSet<(TypeRef, String)>,
    steps: usize,
    made: Option<Span>,
}

impl Program {
    /// Why nobody cancels the token that a task waits for, if the text proves it.
    pub(super) fn dead_token(&self, source: &Value) -> Option<Dead> {
        let mut trace = Trace {
            program: self,
            used: FxHashSet::default(),
            asked: FxHashSet::default(),
            fields: FxHashSet::default(),
            steps: 0,
            made: None,
        };
        trace.back(source).ok()?;
        let at = trace.made?;
        let why = format!("nothing ever cancels `{}`", self.text_of(source.expr));
        Some(Dead { cause: DeadCause::NeverCancelled, why, at: Some(at), is_silent: false })
    }

    /// Whether code outside of the workspace may call a function, or the text does not show who does.
    fn is_open(&self, function: FnRef) -> bool {
        let item = self.function(function);
        let is_of_trait = match item.owner {
            Owner::Module => false,
            Owner::Trait(_) => true,
            Owner::Impl(block) => self.file(function.file)[block].trait_path.is_some(),
        };
        let is_public = item.visibility == Visibility::Public && self.is_library(function.file);
        is_of_trait || is_public || !self.value_uses(function).is_empty()
    }
}

impl Trace<'_> {
    fn step(&mut self) -> Seen {
        self.steps += 1;
        if self.steps > MAX_STEPS { Err(MayBeCancelled) } else { Ok(()) }
    }

    /// Back to where a token is made. Every name on the way is looked at for what else is done with it.
    fn back(&mut self, value: &Value) -> Seen {
        self.step()?;
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
                            self.once(&Value::bare(ExprRef { file: item.file, id: init }))
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
                let method = &file[method];
                if let Some(function) = program.called_fn(value) {
                    return self.back_from_call(value, function);
                }
                let is_token = SAME.contains(&method) || LISTENS.contains(&method);
                if is_token { self.back(&value.at(receiver)) } else { Err(MayBeCancelled) }
            }
            Expr::Call { callee, args } => match program.callee(value.expr.with(callee)) {
                Def::External(path) => match (&*path, file.at(args, 0)) {
                    (
                        "tokio_util::sync::CancellationToken::new"
                        | "tokio_util::sync::CancellationToken::default"
                        | "std::default::Default::default",
                        None,
                    ) => {
                        self.made.get_or_insert(program.span(value.expr));
                        self.forward(value.expr)
                    }
                    (path, Some(first)) if hands_on(path) => self.back(&value.at(first)),
                    (
                        "tokio_util::sync::CancellationToken::child_token"
                        | "tokio_util::sync::CancellationToken::clone",
                        Some(first),
                    ) => self.back(&value.at(first)),
                    _ => Err(MayBeCancelled),
                },
                Def::Fn(function) => self.back_from_call(value, program.with_body(function)),
                _ => Err(MayBeCancelled),
            },
            _ => Err(MayBeCancelled),
        }
    }

    /// [`Trace::back`] for what does not depend on the caller: each expression once.
    fn once(&mut self, value: &Value) -> Seen {
        if self.asked.insert(value.expr) { self.back(value) } else { Ok(()) }
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
                if callers.is_empty() || program.is_open(function) {
                    return Err(MayBeCancelled);
                }
                for call in callers {
                    if !self.asked.insert(call) {
                        continue;
                    }
                    let frame = program.enter(&Value::bare(call), function);
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
            Pat::TupleStruct { path, pats } if matches!(file.last_segment(path), "Some" | "Ok") => {
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
        let frame = program.enter(call, function);
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
        given.into_iter().try_for_each(|value| self.once(&Value::bare(value)))
    }

    /// Whether `x.field` is, or may be, the field of that type.
    fn may_be_of(&self, used: ExprRef, owner: TypeRef) -> bool {
        let Expr::Field { base, .. } = self.program.file(used.file)[used.id] else { return false };
        match self.program.type_of(&Value::bare(used.with(base))).innermost() {
            Type::Item(found, _) => found == owner,
            Type::Unknown => true,
            _ => false,
        }
    }

    /// Everything that is done with what stands somewhere.
    fn follow(&mut self, spot: Spot) -> Seen {
        if !self.used.insert(spot.clone()) {
            return Ok(());
        }
        self.step()?;
        let program = self.program;
        match spot {
            Spot::Local(pat, place) => {
                let name = program.binding_name(pat).ok_or(MayBeCancelled)?;
                self.not_in_macros(&name)?;
                let body = program.body(place);
                body.uses(pat.id).iter().try_for_each(|used| self.forward(pat.with(*used)))
            }
            Spot::Field(owner, key) => self.follow_field(owner, &key),
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
                if callers.is_empty() || program.is_open(function) {
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
        if self.program.is_done_in_macro_rules(name, CANCELS) { Err(MayBeCancelled) } else { Ok(()) }
    }

    /// What the expression around a token does with it.
    fn forward(&mut self, expr: ExprRef) -> Seen {
        self.step()?;
        let program = self.program;
        let file = program.file(expr.file);
        // A name in a macro that is not understood, or in a format string.
        if let Expr::Macro(call) | Expr::Select(call) = file[expr.id] {
            return if is_peek_macro(file.last_segment(file[call].path)) { Ok(()) } else { Err(MayBeCancelled) };
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
                None if matches!(&file[method], "with_cancellation_token" | "with_cancellation_token_owned") => Ok(()),
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
                    Def::Type(owner) => match program.view().behind_alias(owner, 0) {
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
            Expr::Macro(call) => match file.last_segment(file[call].path) {
                "pin" | "dbg" if file[call].shape == MacroShape::Exprs => self.forward(outer),
                name if is_peek_macro(name) => Ok(()),
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
        if CANCELS.contains(&method) {
            // `self.stop.cancel()` in a method that nobody calls cancels nothing.
            let file = program.file(call.file);
            let is_of_field = matches!(file[call.id], Expr::MethodCall { receiver, .. }
                if matches!(file[receiver], Expr::Field { .. }));
            let is_dead_code = program.enclosing_fn(call).is_some_and(|function| !program.may_run(function));
            return if is_of_field && is_dead_code { Ok(()) } else { Err(MayBeCancelled) };
        }
        if LISTENS.contains(&method) {
            return Ok(());
        }
        if SAME.contains(&method) {
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
        let is_of_trait = match item.owner {
            Owner::Impl(block) => program.file(function.file)[block].trait_path.is_some(),
            Owner::Trait(_) => true,
            Owner::Module => false,
        };
        let bodies = program.bodies_named(program.function_name(function));
        if item.body.is_none() || (is_of_trait && bodies > 1) {
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
            Pat::TupleStruct { path, pats } if matches!(file.last_segment(path), "Some" | "Ok") => {
                match file.at(pats, 0) {
                    Some(sub) => self.given_to_pattern(pat.with(sub), value),
                    None => Err(MayBeCancelled),
                }
            }
            _ => Err(MayBeCancelled),
        }
    }

    fn local(&mut self, pat: PatRef, value: ExprRef) -> Seen {
        let place = self.program.place(value).ok_or(MayBeCancelled)?;
        self.follow(Spot::Local(pat, place))
    }
}

/// Functions of the libraries that give what they are given, in a wrapper or not.
fn hands_on(path: &str) -> bool {
    matches!(
        path,
        "std::option::Option::Some"
            | "std::result::Result::Ok"
            | "std::boxed::Box::new"
            | "std::sync::Arc::new"
            | "std::rc::Rc::new"
            | "std::sync::Arc::clone"
            | "std::rc::Rc::clone"
            | "std::clone::Clone::clone"
            | "std::sync::Mutex::new"
            | "std::sync::RwLock::new"
            | "tokio::sync::Mutex::new"
            | "tokio::sync::RwLock::new"
            | "std::sync::LazyLock::new"
    )
}
